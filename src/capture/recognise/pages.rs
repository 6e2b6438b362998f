//! Pages of the provider between two messages, and signing out.

use url::Url;

use super::{Beside, NEAR, Phase, Recogniser};
use crate::capture::exchange::{Resource, Seen, place};
use crate::capture::login::StageName;
use crate::jose::jwt::decode;

impl Recogniser<'_> {
    /// The logout request and the way back (OIDC RP-Initiated Logout).
    pub(super) fn logout(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        if let Some(login) = self.logged_out(entry) {
            self.tracks[login].phase = Phase::LoggedOut;
            self.put(login, StageName::LogoutReturn, at);
            return true;
        }
        let is_endpoint = self.endpoints.is("end_session_endpoint", &entry.place);
        let asks = entry.param("id_token_hint").is_some() || entry.param("post_logout_redirect_uri").is_some();
        let has_response_type = entry.param("response_type").is_some();
        if !(is_endpoint || asks) || has_response_type || !entry.it.is_page() {
            return false;
        }
        let Some(login) = self.login_of_logout(entry) else {
            self.found.beside[at] = Some(Beside::Untied);
            return true;
        };
        let back = entry.param("post_logout_redirect_uri").and_then(|uri| Url::parse(uri).ok());
        let track = &mut self.tracks[login];
        track.phase = Phase::LoggingOut;
        track.after_logout = back.map(|uri| place(&uri));
        if track.enter(&entry.origin) {
            self.ties.by_origin.entry(entry.origin.clone()).or_default().push(login);
        }
        if let Some(hint) = entry.param("id_token_hint") {
            let hint = hint.to_owned();
            self.keep(login, &hint);
        }
        self.put(login, StageName::EndSessionRequest, at);
        true
    }

    /// The login that is back from signing out with this entry.
    fn logged_out(&self, entry: &Seen<'_>) -> Option<usize> {
        let before = self.login_before(entry);
        let is_due = |login: &usize| {
            let track = &self.tracks[*login];
            track.phase == Phase::LoggingOut && track.after_logout.as_deref() == Some(entry.place.as_str())
        };
        let near: Vec<usize> =
            self.tracks.iter().enumerate().rev().take(NEAR).map(|(login, _)| login).filter(is_due).collect();
        // Two that come to one address at once are told apart by their tabs.
        let on_page = near.iter().copied().find(|login| self.is_on_page(*login, entry));
        let before = before.filter(is_due).filter(|login| on_page.is_none() || self.is_on_page(*login, entry));
        let found = before.or(on_page).or_else(|| near.first().copied());
        found.filter(|_| entry.it.is_page())
    }

    /// By the hint itself, by what it says, by the client, by who was signed in here last.
    fn login_of_logout(&self, entry: &Seen<'_>) -> Option<usize> {
        let hint = entry.param("id_token_hint");
        if let Some(login) = hint.and_then(|hint| self.ties.by_id_token.get(hint)) {
            return Some(*login);
        }
        let claims = hint.and_then(|hint| decode(hint).claims);
        let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name));
        let by_nonce = claim("nonce").and_then(|nonce| nonce.as_str()).and_then(|nonce| self.ties.by_nonce.get(nonce));
        if let Some(login) = by_nonce {
            return Some(*login);
        }
        let audience: Vec<&str> = claim("aud").map(|aud| aud.strings()).unwrap_or_default();
        let clients = audience.into_iter().chain(entry.param("client_id"));
        let of_client = clients.take(NEAR).filter_map(|client| self.ties.by_client.get(client));
        let of_client = of_client.flat_map(|logins| logins.iter().rev().take(NEAR)).copied();
        // Who signs in on another device has tokens, and nothing that came back.
        let is_back = |login: &usize| self.tracks[*login].phase != Phase::Open || self.has_token_stage(*login);
        let newest = of_client.filter(is_back).max_by_key(|login| self.tracks[*login].last);
        newest.or_else(|| {
            let here = self.ties.by_origin.get(&entry.origin)?;
            here.iter().rev().take(NEAR).copied().find(is_back)
        })
    }

    /// Takes in a page of the provider that a login is at.
    pub(super) fn pages(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let Some(login) = self.login_at(entry) else { return false };
        let track = &mut self.tracks[login];
        let stage = match track.phase {
            Phase::Open => StageName::LoginPages,
            Phase::LoggingOut => StageName::EndSessionPages,
            _ => return false,
        };
        if track.enter(&entry.origin) {
            self.ties.by_origin.entry(entry.origin.clone()).or_default().push(login);
        }
        self.put(login, stage, at);
        true
    }

    /// The login whose pages this entry is one of: by the chain of redirects, the page before, the place, the tab.
    fn login_at(&self, entry: &Seen<'_>) -> Option<usize> {
        use super::Leg;
        let is_here = |login: usize| self.tracks[login].origins.contains(&entry.origin);
        let is_there = |login: &usize| matches!(self.tracks[*login].phase, Phase::Open | Phase::LoggingOut);
        if let Some(login) = self.answered_by(entry).filter(|login| is_here(*login)) {
            return Some(login);
        }
        let by_chain = self.login_before(entry).filter(is_there);
        let is_left = |login: &usize| self.is_left(*login, &entry.origin);
        let by_place = || self.visited_above(entry).filter(is_there).filter(|it| is_here(*it) && !is_left(it));
        let tied = by_chain.or_else(by_place);
        let is_passive = matches!(entry.it.resource, Resource::Fetch | Resource::Beacon);
        // 3 for the place, 1 for a tie, 1 for a password, 2 against what a script asks for.
        if is_passive && !(tied.is_some() && entry.it.has_password)
            || entry.it.leg == Leg::BackChannel && tied.is_none()
        {
            return None;
        }
        if let Some(login) = tied.filter(|login| is_here(*login) || self.may_lead_on(*login, entry)) {
            return Some(login);
        }
        let near: Vec<usize> =
            self.ties.by_origin.get(&entry.origin)?.iter().rev().take(NEAR).copied().filter(is_there).collect();
        let on_page = near.iter().copied().find(|login| self.is_on_page(*login, entry));
        let is_other_tab = |login: &usize| {
            let page = &self.tracks[*login].page;
            self.recorder.has_tabs && page.is_some() && entry.it.page.is_some() && *page != entry.it.page
        };
        on_page.or_else(|| {
            near.into_iter().filter(|login| !is_other_tab(login)).max_by_key(|login| self.tracks[*login].last)
        })
    }

    /// The open login whose response this entry sends to the app, by a state that no other has.
    fn answered_by(&self, entry: &Seen<'_>) -> Option<usize> {
        let location = entry.it.location.as_ref()?;
        let params = super::returned::params_of(location);
        let known = self.ties.by_state.get(params.get("state")?)?;
        let is_due = |login: &&usize| {
            let track = &self.tracks[**login];
            track.phase == Phase::Open && track.target.as_deref() == Some(place(location).as_str())
        };
        let mut due = known.iter().rev().take(NEAR).filter(is_due);
        let login = due.next()?;
        due.next().is_none().then_some(*login)
    }

    /// Whether a login that is signing out was left for one that began here since: its pages are those of the new one.
    fn is_left(&self, login: usize, origin: &str) -> bool {
        let near = self.ties.by_origin.get(origin).map(Vec::as_slice).unwrap_or_default().iter().rev().take(NEAR);
        let (phase, last) = (self.tracks[login].phase, self.tracks[login].last);
        let began_since = |other: &usize| self.tracks[*other].phase == Phase::Open && self.tracks[*other].last > last;
        phase == Phase::LoggingOut && near.copied().any(|other| began_since(&other))
    }

    /// Notes where an entry of a login was, and in which tab where tabs are told.
    pub(super) fn visit(&mut self, at: usize, entry: &Seen<'_>) {
        let of_tab = self.in_tab(&entry.place, entry);
        self.visited.extend(of_tab.into_iter().chain([entry.place.clone()]).map(|place| (place, at)));
    }

    /// The entry of a login that last was at this place: in the tab of this entry, else in any.
    pub(super) fn visited_at(&self, place: &str, entry: &Seen<'_>) -> Option<usize> {
        let of_tab = self.in_tab(place, entry).and_then(|place| self.visited.get(&place));
        of_tab.or_else(|| self.visited.get(place)).copied()
    }

    fn in_tab(&self, place: &str, entry: &Seen<'_>) -> Option<String> {
        let tab = entry.it.page.as_ref().filter(|_| self.recorder.has_tabs);
        tab.map(|tab| format!("{tab}\n{place}"))
    }

    /// The login that was at this place, or at one it lies below: `/interaction/abc/login` below `/interaction/abc`.
    fn visited_above(&self, entry: &Seen<'_>) -> Option<usize> {
        let above =
            entry.place.rsplit_once('/').map(|(above, _)| above).filter(|above| above.len() > entry.origin.len());
        let places = [Some(entry.place.as_str()), above];
        let at = places.into_iter().flatten().find_map(|place| self.visited_at(place, entry))?;
        self.owner[at].map(|(login, _)| login)
    }

    /// Whether a provider may send the browser on to another host of its own: not to where the app is.
    fn may_lead_on(&self, login: usize, entry: &Seen<'_>) -> bool {
        let known = &self.found.logins[login];
        let app = known.redirect_uri().and_then(super::origin_of);
        let is_app = app.as_deref() == Some(entry.origin.as_str());
        let began = known.requested_at.and_then(|at| self.found.led[at]).map(|led| &self.seen[led].origin);
        entry.it.is_page() && !is_app && began != Some(&entry.origin)
    }
}
