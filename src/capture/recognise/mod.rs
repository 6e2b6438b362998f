//! Which logins are in a recording: every entry by its shape, and what ties it to one of them.
//!
//! No address is known beforehand. Entries are taken in order of time; what one brings (a code, a token, a place that
//! the browser is sent to) is looked up when the next one uses it, so cost is linear. Where several logins are open, a
//! key decides and never which was opened last, as long as there is one.

mod endpoint;
mod issuer;
mod kind;
mod object;
mod pages;
mod registered;
mod rest;
mod returned;
mod tokens;

use std::collections::HashMap;

use self::endpoint::Endpoints;
use self::object::Objects;
use super::exchange::{Leg, Seen, origin, origin_of, place, sent_as};
use super::login::{Login, StageName};
use super::placeholder;
use super::recorder::Recorder;
use crate::base::params::Params;
use crate::terms::grant::Grant;

pub use self::endpoint::Metadata;
pub(super) use self::object::authorization_params;
pub use self::rest::not_recorded;
pub use self::tokens::is_nothing;

/// So many open logins are looked through where no key decides.
const NEAR: usize = 32;

/// What an entry of no login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beside {
    /// A metadata document (RFC 8414, OIDC Discovery).
    Metadata,
    /// A key set (RFC 7517 section 5).
    Jwks,
    /// What CORS asks before a request.
    Preflight,
    /// A page of the app.
    App,
    /// A file that is part of a page.
    Static,
    /// A message of the protocol that no login in the file explains.
    Untied,
    /// Anything else.
    Noise,
}

impl Beside {
    /// The name in the JSON result: `cors_preflight`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Jwks => "jwks",
            Self::Preflight => "cors_preflight",
            Self::App => "app",
            Self::Static => "static",
            Self::Untied => "untied",
            Self::Noise => "noise",
        }
    }
}

/// What was recognised.
#[derive(Debug, Default)]
pub struct Recognised {
    /// Logins in the order they began.
    pub logins: Vec<Login>,
    /// What each entry is that belongs to no login.
    pub beside: Vec<Option<Beside>>,
    /// Metadata and key sets, for those who judge.
    pub documents: Documents,
    /// The entry that sent the browser to each, by its Location.
    pub led: Vec<Option<usize>>,
}

/// Documents that were fetched, by their places among the entries.
#[derive(Debug, Default)]
pub struct Documents {
    /// Metadata.
    pub metadata: Vec<Metadata>,
    /// Key sets.
    pub jwks: Vec<usize>,
}

/// So many documents are kept; an app reads the same again and again.
const DOCUMENTS: usize = 64;

/// How far a login has come, for those who look for the next of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The response has not come.
    Open,
    /// It has.
    Returned,
    /// The browser is at the provider to sign out.
    LoggingOut,
    /// It is back.
    LoggedOut,
}

/// What is known of a login beside what is told of it.
#[derive(Debug)]
struct Track {
    phase: Phase,
    /// Places it was at: origins that showed its pages, and its tab.
    origins: Vec<String>,
    page: Option<String>,
    /// The response's destination, without query.
    target: Option<String>,
    /// Where the browser is to come back to after signing out.
    after_logout: Option<String>,
    /// The last of its entries.
    last: usize,
    /// Where its tokens come from.
    tokens_at: Option<String>,
}

impl Track {
    /// Notes that it is at an origin. `false` where that is known.
    fn enter(&mut self, origin: &str) -> bool {
        let is_new = self.origins.len() < NEAR && !self.origins.iter().any(|known| known == origin);
        if is_new {
            self.origins.push(origin.to_owned());
        }
        is_new
    }
}

/// What is looked up by the values that tie.
#[derive(Default)]
struct Ties {
    by_request_uri: HashMap<String, usize>,
    by_code: HashMap<String, usize>,
    by_challenge: HashMap<String, usize>,
    by_token: HashMap<String, usize>,
    by_refresh: HashMap<String, usize>,
    by_id_token: HashMap<String, usize>,
    by_nonce: HashMap<String, usize>,
    by_poll: HashMap<String, usize>,
    /// Logins with this state, the newest last.
    by_state: HashMap<String, Vec<usize>>,
    /// Logins whose response goes there, the newest last.
    by_target: HashMap<String, Vec<usize>>,
    /// Logins that are at this origin, the newest last.
    by_origin: HashMap<String, Vec<usize>>,
    by_client: HashMap<String, Vec<usize>>,
    /// Clients that were registered, and where.
    registered: HashMap<String, usize>,
    /// Registrations that came to nothing.
    refused: Vec<usize>,
}

struct Recogniser<'s> {
    seen: &'s [Seen<'s>],
    recorder: &'s Recorder,
    found: Recognised,
    tracks: Vec<Track>,
    ties: Ties,
    endpoints: Endpoints,
    objects: Objects,
    /// The login of each entry.
    owner: Vec<Option<(usize, StageName)>>,
    /// The entry that last sent the browser to this URL.
    led: HashMap<String, usize>,
    /// The entry of a login that last was at this place, also by tab.
    visited: HashMap<String, usize>,
    /// Pages that a code came to which no login in the file explains.
    strays: HashMap<String, usize>,
    /// Places for which CORS asked whether Authorization may be sent.
    asked_authorization: Vec<String>,
}

/// Finds the logins in entries that are in order of time.
pub fn recognise(seen: &[Seen<'_>], recorder: &Recorder) -> Recognised {
    let mut recogniser = Recogniser {
        seen,
        recorder,
        found: Recognised { beside: vec![None; seen.len()], led: vec![None; seen.len()], ..Recognised::default() },
        tracks: Vec::new(),
        ties: Ties::default(),
        endpoints: Endpoints::default(),
        objects: Objects::default(),
        owner: vec![None; seen.len()],
        led: HashMap::new(),
        visited: HashMap::new(),
        strays: HashMap::new(),
        asked_authorization: Vec::new(),
    };
    // Metadata name endpoints of messages that came before them as well: an app reads them once and records later.
    for (at, entry) in seen.iter().enumerate() {
        recogniser.endpoints.learn(entry);
        recogniser.objects.learn(at, entry);
    }
    for at in 0..seen.len() {
        recogniser.take(at);
    }
    recogniser.finish()
}

impl<'s> Recogniser<'s> {
    fn take(&mut self, at: usize) {
        let entry = &self.seen[at];
        self.found.led[at] = self.led_by(entry);
        let beside = self.beside(at, entry);
        if beside.is_none() && !self.message(at, entry) && !self.pages(at, entry) {
            self.found.beside[at] = Some(if entry.it.is_page() { Beside::App } else { Beside::Noise });
            self.stray(at, entry);
        } else if beside.is_some() {
            self.found.beside[at] = beside;
        }
        // Who comes here again was not sent by the same redirect.
        self.led.remove(&sent_as(&entry.it.request.url));
        if let Some(location) = &entry.it.location {
            self.led.insert(sent_as(location), at);
        }
    }

    /// What is told from a message of the protocol without knowing any login.
    fn beside(&mut self, at: usize, entry: &Seen<'_>) -> Option<Beside> {
        use super::exchange::Resource;
        if entry.it.resource == Resource::Preflight || entry.it.request.method == "OPTIONS" {
            let asked = entry.it.sent("access-control-request-headers").unwrap_or_default().to_ascii_lowercase();
            if asked.contains("authorization") && self.asked_authorization.len() < NEAR * NEAR {
                self.asked_authorization.push(entry.place.clone());
            }
            return Some(Beside::Preflight);
        }
        if kind::is_metadata(entry) {
            if self.found.documents.metadata.len() < DOCUMENTS {
                self.found.documents.metadata.push(endpoint::metadata(at, entry));
            }
            return Some(Beside::Metadata);
        }
        if kind::is_resource_metadata(entry) {
            return Some(Beside::Metadata);
        }
        if kind::is_jwks(entry) || self.endpoints.is_jwks(&entry.place) {
            if self.found.documents.jwks.len() < DOCUMENTS {
                self.found.documents.jwks.push(at);
            }
            return Some(Beside::Jwks);
        }
        (!matches!(entry.it.request.url.scheme(), "http" | "https")).then_some(Beside::Noise).or_else(|| {
            let is_part = kind::is_static(entry) && !self.led.contains_key(&sent_as(&entry.it.request.url));
            is_part.then_some(Beside::Static)
        })
    }

    /// Takes in an entry that is a message of the protocol by its shape. `false` where it is none.
    fn message(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        self.returned(at, entry)
            || self.token(at, entry)
            || self.pushed(at, entry)
            || self.asked_elsewhere(at, entry)
            || self.managed(at, entry)
            || self.logout(at, entry)
            || self.requested(at, entry)
            || self.bearer(at, entry)
    }

    // The authorization request.

    fn requested(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let is_endpoint = self.endpoints.is_authorization(&entry.place);
        // A page of the provider may have the same parameters once more.
        let is_early = || kind::is_early_request(entry) && self.login_before(entry).is_none();
        if !kind::is_authorization_request(entry, is_endpoint) && !is_early() {
            return false;
        }
        let (params, object_at) = self.asked(entry);
        let pushed = params.get("request_uri").and_then(|uri| self.ties.by_request_uri.get(uri).copied());
        if let Some(login) = pushed.filter(|login| self.found.logins[*login].requested_at.is_none()) {
            let known = &mut self.found.logins[login].request;
            for (name, value) in params.iter() {
                if known.get(name).is_none() {
                    known.push(name, value);
                }
            }
            self.begin(login, at, entry);
            return true;
        }
        if let Some(login) = pushed.or_else(|| self.again(at, entry, &params)) {
            self.put(login, StageName::LoginPages, at);
            return true;
        }
        let login = self.open(grant_of(&params), params, at);
        self.found.logins[login].object_at = object_at;
        self.begin(login, at, entry);
        self.returned_within(login, at, entry);
        true
    }

    /// The open login whose request this is once more, as providers send the browser to it again after the sign-in.
    fn again(&self, at: usize, entry: &Seen<'_>, params: &Params) -> Option<usize> {
        let same = |login: &Login| {
            ["client_id", "state", "nonce", "code_challenge"].iter().all(|name| {
                let value = |params: &'_ Params| params.get(name).filter(|it| !it.is_empty()).map(str::to_owned);
                value(&login.request) == value(params)
            })
        };
        let led = self.led_by(entry).filter(|led| *led < at);
        // Who is sent here by somebody else begins anew, be it with the same values.
        let is_sent_anew = led.is_some_and(|led| self.seen[led].origin != entry.origin && self.owner[led].is_none());
        let near = self.ties.by_client.get(params.get("client_id")?)?;
        let open = |login: &&usize| self.tracks[**login].phase == Phase::Open;
        let found = near.iter().rev().take(NEAR).filter(open).find(|login| {
            let track = &self.tracks[**login];
            let known = &self.found.logins[**login];
            let has_key = known.asked("state").is_some() || known.asked("nonce").is_some();
            let is_here = track.origins.contains(&entry.origin);
            same(known) && is_here && (has_key || self.is_led_from(led, **login)) && known.requested_at.is_some()
        });
        found.copied().filter(|_| !is_sent_anew)
    }

    fn is_led_from(&self, led: Option<usize>, login: usize) -> bool {
        led.and_then(|led| self.owner[led]).is_some_and(|(owner, _)| owner == login)
    }

    fn begin(&mut self, login: usize, at: usize, entry: &Seen<'_>) {
        let track = &mut self.tracks[login];
        track.enter(&entry.origin);
        track.page = entry.it.page.clone();
        self.found.logins[login].requested_at = Some(at);
        self.tie_request(login);
        self.ties.by_origin.entry(entry.origin.clone()).or_default().push(login);
        self.put(login, StageName::AuthorizationRequest, at);
    }

    // Keeping what is found.

    /// A new login that is asked for like this.
    fn open(&mut self, grant: Option<Grant>, request: Params, at: usize) -> usize {
        let text = |name: &str| request.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let login = Login { grant, client_id: text("client_id"), state: text("state"), request, ..Login::default() };
        let number = self.found.logins.len();
        let client_id = login.client_id.clone();
        self.found.logins.push(login);
        self.tracks.push(Track {
            phase: Phase::Open,
            origins: Vec::new(),
            page: None,
            target: None,
            after_logout: None,
            last: at,
            tokens_at: None,
        });
        self.take_registration(number, client_id.as_deref(), at);
        if let Some(client_id) = client_id {
            self.ties.by_client.entry(client_id).or_default().push(number);
        }
        number
    }

    /// Notes the keys that the request of a login brings.
    fn tie_request(&mut self, login: usize) {
        let known = &self.found.logins[login];
        let target = known.redirect_uri().and_then(|uri| url::Url::parse(uri).ok()).map(|uri| place(&uri));
        let text = |name: &str| known.asked(name).map(str::to_owned);
        if let Some(state) = text("state") {
            self.ties.by_state.entry(state).or_default().push(login);
        }
        if let Some(challenge) = text("code_challenge") {
            self.ties.by_challenge.insert(challenge, login);
        }
        if let Some(nonce) = text("nonce") {
            self.ties.by_nonce.insert(nonce, login);
        }
        if let Some(target) = &target {
            self.ties.by_target.entry(target.clone()).or_default().push(login);
        }
        self.tracks[login].target = target;
    }

    /// Puts an entry into a stage of a login.
    fn put(&mut self, login: usize, stage: StageName, at: usize) {
        let entry = &self.seen[at];
        let leg = entry.it.leg;
        self.found.logins[login].stage(stage, at, leg);
        self.owner[at] = Some((login, stage));
        self.found.beside[at] = None;
        self.tracks[login].last = at;
        if leg == Leg::Browser {
            self.visit(at, entry);
            self.note_location(login, entry);
        }
    }

    /// A provider that sends the browser to the app names the code there, before it comes.
    fn note_location(&mut self, login: usize, entry: &Seen<'_>) {
        let Some(location) = &entry.it.location else { return };
        let params = returned::params_of(location);
        let is_own = self.tracks[login].phase == Phase::Open && !self.is_of_another(login, &params);
        if let Some(code) = params.get("code").filter(|code| is_own && placeholder::is_key(code)) {
            self.ties.by_code.insert(code.to_owned(), login);
        }
    }

    /// The entry that sent the browser here.
    fn led_by(&self, entry: &Seen<'_>) -> Option<usize> {
        self.led.get(&sent_as(&entry.it.request.url)).copied()
    }

    /// The login of the entry that sent the browser here, or of the page whose form or link it came by.
    fn login_before(&self, entry: &Seen<'_>) -> Option<usize> {
        let led = self.led_by(entry).and_then(|led| self.owner[led]);
        let referer = || {
            let from = url::Url::parse(entry.it.sent("referer")?).ok()?;
            self.visited_at(&place(&from), entry).and_then(|from| self.owner[from])
        };
        led.or_else(referer).map(|(login, _)| login)
    }

    fn finish(mut self) -> Recognised {
        self.sent_back();
        self.place_refused();
        for login in 0..self.found.logins.len() {
            self.name_issuer(login);
            let known = &mut self.found.logins[login];
            let seen = self.seen;
            known.secrets.sort_by(|one, other| one.expose().cmp(other.expose()));
            known.secrets.dedup();
            known.stages.sort_by_key(|stage| stage.entries.first().copied());
            known.outcome = rest::outcome(known, seen);
            known.not_in_the_recording = not_recorded(known, seen, self.recorder, &self.found.documents);
        }
        // Where a client was registered may be long before the browser is sent.
        self.found.logins.sort_by_key(|login| login.stages.first().and_then(|stage| stage.entries.first().copied()));
        self.found
    }
}

/// The grant by what is asked for.
fn grant_of(params: &Params) -> Option<Grant> {
    let words: Vec<&str> = params.get("response_type").unwrap_or("code").split(' ').collect();
    let has_token = words.contains(&"token") || words.contains(&"id_token");
    Some(match (words.contains(&"code"), has_token) {
        (true, true) => Grant::Hybrid,
        (false, true) => Grant::Implicit,
        _ => Grant::AuthorizationCode,
    })
}
