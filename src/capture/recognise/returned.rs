//! The authorization response: by query, by form, or by the fragment of the Location before, which no request carries.

use url::Url;

use super::{NEAR, Phase, Recogniser};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::capture::exchange::{Leg, Seen};
use crate::capture::login::StageName;
use crate::capture::placeholder;
use crate::jose::jwt::decode;
use crate::terms::response::ResponseMode;

/// What a response has one of.
const MARKS: [&str; 5] = ["code", "error", "id_token", "access_token", "response"];

/// So many members of a response as a JWT are read.
pub(super) const MEMBERS: usize = 200;

/// A response on its way, before it is known whose it is.
struct Coming {
    /// What came, and what stands within it.
    params: Params,
    /// How many of them came as such.
    bare: usize,
    mode: ResponseMode,
}

impl Coming {
    /// What came, and what stands within it.
    fn parts(mut self) -> (Params, Params) {
        let within = self.params.0.split_off(self.bare);
        (self.params, Params(within))
    }
}

/// Parameters of a place that the browser is sent to: its query, and its fragment.
pub(super) fn params_of(location: &Url) -> Params {
    let query = Params::parse(location.query().unwrap_or_default().as_bytes());
    let fragment = Params::parse(location.fragment().unwrap_or_default().as_bytes());
    Params(query.0.into_iter().chain(fragment.0).collect())
}

fn has_mark(params: &Params) -> bool {
    MARKS.iter().any(|name| params.get(name).is_some_and(|value| !value.is_empty()))
}

/// A response as it came; one that is a JWT (JARM) is opened.
fn opened(params: Params, mode: ResponseMode) -> Coming {
    let claims = params.get("response").and_then(|response| decode(response).claims);
    let texts = claims.iter().flat_map(|claims| claims.members()).take(MEMBERS);
    let within: Vec<_> = texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let bare = params.0.len();
    Coming { params: Params(params.0.into_iter().chain(within).collect()), bare, mode }
}

impl Recogniser<'_> {
    /// Takes in an entry that is an authorization response.
    pub(super) fn returned(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        if !entry.it.is_page() && entry.it.leg == Leg::Browser {
            return false;
        }
        let Some(coming) = self.coming(entry) else { return self.returned_unseen(at, entry) };
        let Some(login) = self.whose(entry, &coming).or_else(|| self.orphan(at, entry, &coming)) else { return false };
        let is_repeated = self.found.logins[login].returned_at.is_some();
        let mode = coming.mode;
        self.tie_response(login, &coming.params);
        self.put(login, StageName::AuthorizationResponse, at);
        let known = &mut self.found.logins[login];
        if !is_repeated {
            known.returned_at = Some(at);
            known.state = known.state.take().or_else(|| coming.params.get("state").map(str::to_owned));
            (known.response, known.within) = coming.parts();
            self.tracks[login].phase = Phase::Returned;
        }
        if let Some(stage) = known.stages.iter_mut().rev().find(|it| it.name == StageName::AuthorizationResponse) {
            (stage.mode, stage.repeated) = (Some(mode), is_repeated);
        }
        true
    }

    /// What the entry brings.
    fn coming(&self, entry: &Seen<'_>) -> Option<Coming> {
        let of_fragment = || {
            let before = || self.led_by(entry).and_then(|led| self.seen[led].it.location.as_ref()?.fragment());
            let fragment = entry.it.request.url.fragment().or_else(before)?;
            Some(Params::parse(fragment.as_bytes()))
        };
        let (params, mode) = match () {
            () if entry.is_post() && has_mark(&entry.form) => (entry.form.clone(), ResponseMode::FormPost),
            () if has_mark(&entry.query) => (entry.query.clone(), ResponseMode::Query),
            () => (of_fragment().filter(has_mark)?, ResponseMode::Fragment),
        };
        Some(opened(params, mode))
    }

    /// The login that a response belongs to: by its code, its state, or where it goes and whence.
    fn whose(&self, entry: &Seen<'_>, coming: &Coming) -> Option<usize> {
        let text = |name: &str| coming.params.get(name).filter(|value| !value.is_empty());
        // The request itself has no response in it, and neither has the token endpoint.
        if text("grant_type").is_some() || text("client_id").is_some() && text("response_type").is_some() {
            return None;
        }
        let by_code = text("code").and_then(|code| self.ties.by_code.get(code).copied());
        // Where the request was pushed elsewhere, its redirect URI is not seen, and the provider's Location tells it.
        let is_due = |login: usize| match &self.tracks[login].target {
            Some(target) => *target == entry.place,
            None => self.is_sent_from(entry, login),
        };
        let is_open = |login: usize| self.tracks[login].phase == Phase::Open;
        let by_code = by_code.filter(|login| !self.is_of_another(*login, &coming.params));
        if let Some(login) = by_code.filter(|login| is_due(*login) || self.is_sent_from(entry, *login)) {
            return Some(login);
        }
        let same_state = text("state").and_then(|state| self.ties.by_state.get(state));
        let fits = |login: &usize| {
            // A code that is new is no repetition of an earlier one.
            let is_same = || self.found.logins[*login].answered("code") == text("code");
            (is_due(*login) || self.is_sent_from(entry, *login)) && (is_open(*login) || is_same())
        };
        if let Some(known) = same_state {
            let near: Vec<usize> = known.iter().rev().take(NEAR).copied().filter(fits).collect();
            let before = self.login_before(entry).filter(|login| near.contains(login));
            return before.or_else(|| near.into_iter().next());
        }
        // A state that nobody sent is not this login's, unless the browser comes straight from it.
        let before = self.login_before(entry).filter(|login| is_open(*login) && is_due(*login));
        if before.is_some() {
            return before;
        }
        let near = self.ties.by_target.get(&entry.place)?.iter().rev().take(NEAR).copied();
        let stateless = |login: &usize| is_open(*login) && self.found.logins[*login].state.is_none();
        let waiting: Vec<usize> = near.filter(stateless).collect();
        let on_page = waiting.iter().copied().find(|login| self.is_on_page(*login, entry));
        on_page.or_else(|| waiting.into_iter().next())
    }

    /// Whether these parameters have the `state` of another login: no chain of redirects outweighs it.
    pub(super) fn is_of_another(&self, login: usize, params: &Params) -> bool {
        let Some(state) = params.get("state").filter(|state| placeholder::is_key(state)) else { return false };
        self.found.logins[login].asked("state") != Some(state) && self.ties.by_state.contains_key(state)
    }

    /// Whether the provider sent the browser here with the response of this login.
    fn is_sent_from(&self, entry: &Seen<'_>, login: usize) -> bool {
        let led = self.led_by(entry);
        led.and_then(|led| self.owner[led]).is_some_and(|(owner, _)| owner == login)
    }

    /// Whether the entry is in the tab that the login is in.
    pub(super) fn is_on_page(&self, login: usize, entry: &Seen<'_>) -> bool {
        self.recorder.has_tabs && entry.it.page.is_some() && self.tracks[login].page == entry.it.page
    }

    /// A response whose request is not in the file: one that names its issuer, or whose code is redeemed later.
    fn orphan(&mut self, at: usize, entry: &Seen<'_>, coming: &Coming) -> Option<usize> {
        let text = |name: &str| coming.params.get(name).filter(|value| !value.is_empty());
        let is_told = text("iss").is_some() || text("session_state").is_some() || text("response").is_some();
        let is_token = text("id_token").is_some_and(|token| decode(token).claims.is_some());
        let is_response = text("state").is_some() && (text("code").is_some() || text("error").is_some());
        if !(is_response && is_told || is_token) || !self.ties.by_state.is_empty() && !is_told {
            return None;
        }
        // An error alone does not say what was asked for.
        let grant = match text("code") {
            Some(_) => Some(super::Grant::AuthorizationCode),
            None => text("error").is_none().then_some(super::Grant::Implicit),
        };
        let request = [("state", text("state").unwrap_or_default()), ("redirect_uri", entry.place.as_str())];
        let login = self.open(grant, request.into_iter().collect(), at);
        self.tie_request(login);
        Some(login)
    }

    /// A response that no recorder shows: a page at the place where it is due, of a login that gets it in the fragment.
    fn returned_unseen(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let Some(near) = self.ties.by_target.get(&entry.place) else { return false };
        let is_due = |login: &&usize| {
            let known = &self.found.logins[**login];
            let of_type = ResponseMode::default_for(known.asked("response_type").unwrap_or("code"));
            let mode = known.asked("response_mode").and_then(ResponseMode::find).unwrap_or(of_type);
            mode == ResponseMode::Fragment && self.tracks[**login].phase == Phase::Open && known.requested_at.is_some()
        };
        let Some(login) = near.iter().rev().take(NEAR).find(is_due).copied() else { return false };
        let referer = entry.it.sent("referer").and_then(super::origin_of);
        let is_from_there = referer.is_some_and(|origin| self.tracks[login].origins.contains(&origin));
        if self.login_before(entry) != Some(login) && !is_from_there {
            return false;
        }
        self.tracks[login].phase = Phase::Returned;
        self.found.logins[login].returned_at = Some(at);
        self.put(login, StageName::AuthorizationResponse, at);
        if let Some(stage) = self.found.logins[login].stages.last_mut() {
            stage.mode = Some(ResponseMode::Fragment);
        }
        true
    }

    /// Notes a page that a code came to, before anything says whose it is.
    pub(super) fn stray(&mut self, at: usize, entry: &Seen<'_>) {
        let code = entry.query.get("code").filter(|code| !code.is_empty() && placeholder::is_key(code));
        if let (Some(code), true, true) = (code, entry.it.is_page(), self.strays.len() < NEAR * NEAR) {
            self.strays.insert(code.to_owned(), at);
        }
    }

    /// Takes in the response whose code a login without a request redeems: the recording began after the browser was sent.
    pub(super) fn returned_before(&mut self, login: usize, code: &str) {
        let Some(at) = self.strays.remove(code) else { return };
        let entry = &self.seen[at];
        self.put(login, StageName::AuthorizationResponse, at);
        let known = &mut self.found.logins[login];
        known.returned_at = Some(at);
        known.state = entry.query.get("state").map(str::to_owned);
        known.response = entry.query.clone();
        if let Some(stage) = known.stages.iter_mut().rev().find(|it| it.name == StageName::AuthorizationResponse) {
            stage.mode = Some(ResponseMode::Query);
        }
    }

    /// Takes a response from the page that answers the request and hands it to the app by a script, as Auth0 and Okta have
    /// it with `response_mode=web_message`.
    pub(super) fn returned_within(&mut self, login: usize, at: usize, entry: &Seen<'_>) {
        let known = &self.found.logins[login];
        let is_asked = known.asked("response_mode").is_some_and(|mode| mode.ends_with("web_message"));
        let (true, Some(state)) = (is_asked && entry.it.status() == Some(200), known.state.clone()) else { return };
        let Some(params) = object_with(&entry.it.text(), &state) else { return };
        self.tie_response(login, &params);
        self.put(login, StageName::AuthorizationResponse, at);
        let known = &mut self.found.logins[login];
        known.returned_at = Some(at);
        known.response = params;
        self.tracks[login].phase = Phase::Returned;
    }

    /// Takes responses from the Location that sends the browser back, for logins whose callback nobody recorded: the
    /// app has a scheme of its own, or the recording ends there.
    pub(super) fn sent_back(&mut self) {
        let mut is_followed = vec![false; self.seen.len()];
        self.found.led.iter().flatten().for_each(|led| is_followed[*led] = true);
        for login in 0..self.found.logins.len() {
            let Some((at, coming)) = self.leaving(login, &is_followed) else { continue };
            let leg = self.seen[at].it.leg;
            let known = &mut self.found.logins[login];
            known.sent_back_at = Some(at);
            known.state = known.state.take().or_else(|| coming.params.get("state").map(str::to_owned));
            known.stage(StageName::AuthorizationResponse, at, leg).mode = Some(coming.mode);
            self.tie_response(login, &coming.params);
            let known = &mut self.found.logins[login];
            (known.response, known.within) = coming.parts();
        }
    }

    /// The last entry of a login that sends the browser to where the response is due, with one, if nothing follows it.
    fn leaving(&self, login: usize, is_followed: &[bool]) -> Option<(usize, Coming)> {
        let known = &self.found.logins[login];
        let target = self.tracks[login].target.as_ref().filter(|_| known.returned_at.is_none())?;
        let entries = known.entries(StageName::AuthorizationRequest).chain(known.entries(StageName::LoginPages));
        let at = entries.filter(|at| self.seen[*at].it.redirects() && !is_followed[*at]).max()?;
        let location = self.seen[at].it.location.as_ref().filter(|location| super::place(location) == *target)?;
        let parse = |part: Option<&str>| Params::parse(part.unwrap_or_default().as_bytes());
        let (query, fragment) = (parse(location.query()), parse(location.fragment()));
        let (params, mode) = match has_mark(&query) {
            true => (query, ResponseMode::Query),
            false => (fragment, ResponseMode::Fragment),
        };
        (has_mark(&params) && !self.is_of_another(login, &params)).then(|| (at, opened(params, mode)))
    }

    /// Notes the keys that a response brings.
    fn tie_response(&mut self, login: usize, params: &Params) {
        let text = |name: &str| params.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        if let Some(code) = text("code") {
            self.keep(login, &code);
        }
        if let Some(code) = text("code").filter(|code| placeholder::is_key(code)) {
            self.ties.by_code.insert(code, login);
        }
        self.tie_tokens(login, &[text("access_token"), text("refresh_token"), text("id_token")]);
    }
}

/// The texts of the first object in a page that has this state and is a response.
fn object_with(page: &str, state: &str) -> Option<Params> {
    const OBJECTS: usize = 40;
    const LONGEST: usize = 16 * 1024;
    page.match_indices('{').take(OBJECTS).find_map(|(from, _)| {
        let rest = page.get(from..from.saturating_add(LONGEST).min(page.len())).unwrap_or(&page[from..]);
        // A response holds no object: it ends with the first brace that makes it whole.
        let ends = rest.match_indices('}').take(4);
        let object = ends.filter_map(|(end, _)| Json::parse(&rest.as_bytes()[..=end]).ok()).next()?;
        let texts = object.members().iter().take(MEMBERS);
        let params: Params =
            texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        (params.get("state") == Some(state) && has_mark(&params)).then_some(params)
    })
}
