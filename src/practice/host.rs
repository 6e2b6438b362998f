//! Several practice servers at one origin, told apart by the path of their issuers. Each has its own keys, clients,
//! users, codes, tokens, browsers, faults and log; what one of them made is unknown to the others, and their logs say
//! whose it is.

use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::endpoint::ENDPOINTS;
use super::foreign::Foreign;
use super::grant::id_jag;
use super::handle::PracticeHandle;
use super::journal::Entry;
use super::place::{base, own_path};
use super::token::ACCESS_TOKEN_TYP;
use super::{Certificates, Practice, PracticeError, WantedDocument};
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::jose::jwt;

/// Parameters that bring what some server made, or what was made for one.
const BROUGHT: [&str; 12] = [
    "code",
    "refresh_token",
    "access_token",
    "token",
    "subject_token",
    "actor_token",
    "device_code",
    "auth_req_id",
    "user_code",
    "id_token_hint",
    "assertion",
    "client_assertion",
];

/// The servers of one origin behind any number of handles, the first one first.
#[derive(Clone, Debug)]
pub struct PracticeHost(Vec<PracticeHandle>);

impl PracticeHost {
    /// The server that is configured, and those further ones that stand beside it.
    ///
    /// # Errors
    /// As for [`Practice::new`], and when two of them would answer at the same path.
    pub fn new(mut config: Config, mut entropy: Entropy) -> Result<Self, PracticeError> {
        let further = std::mem::take(&mut config.further);
        let configs: Vec<Config> = std::iter::once(config).chain(further).collect();
        let mut servers = Vec::new();
        for (at, config) in configs.iter().enumerate() {
            if configs[..at].iter().any(|other| is_in_the_way(other, config) || is_in_the_way(config, other)) {
                return Err(PracticeError::Taken(config.issuer.clone()));
            }
            let entropy = if configs.len() == 1 { entropy.clone() } else { Entropy::from_seed(entropy.bytes()) };
            servers.push(PracticeHandle::new(Practice::new(config.clone(), entropy)?));
        }
        Ok(Self(servers))
    }

    /// Sets the clock of all of them, as [`Practice::set_clock`].
    pub fn set_clock(&self, to: Timestamp, now: Timestamp) {
        self.0.iter().for_each(|server| server.set_clock(to, now));
    }

    /// All of them.
    pub fn servers(&self) -> &[PracticeHandle] {
        &self.0
    }

    /// The one that answers where no other does.
    pub fn first(&self) -> &PracticeHandle {
        self.0.first().expect("new makes at least one")
    }

    /// The server that a path belongs to.
    pub fn of_path(&self, path: &str) -> &PracticeHandle {
        if let [only] = &self.0[..] {
            return only;
        }
        let fits = self.0.iter().filter(|server| own_path(&server.issuer(), path).is_some());
        fits.max_by_key(|server| base(&server.issuer()).len()).unwrap_or_else(|| self.first())
    }

    /// The answer of the server that is asked.
    pub fn handle(&self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        let server = self.of_path(request.url.path());
        server.handle_knowing(request, &self.foreign(server, request), now)
    }

    /// The newest entry of the log of the server that a path belongs to.
    pub fn last_entry(&self, path: &str) -> Option<Arc<Entry>> {
        self.of_path(path).last_entry()
    }

    /// As [`Practice::take_delay`].
    pub fn take_delay(&self) -> Duration {
        self.0.iter().map(PracticeHandle::take_delay).max().unwrap_or_default()
    }

    /// As [`Practice::take_cut`].
    pub fn take_cut(&self) -> bool {
        self.0.iter().filter(|server| server.take_cut()).count() > 0
    }

    /// As [`Practice::wanted_document`], of the server that is asked.
    pub fn wanted_document(&self, request: &HttpRequest, now: Timestamp) -> Option<WantedDocument> {
        self.of_path(request.url.path()).wanted_document(request, now)
    }

    /// As [`Practice::take_document`], of the server at this path.
    pub fn take_document(
        &self,
        path: &str,
        wanted: &WantedDocument,
        came: Result<HttpResponse, String>,
        now: Timestamp,
    ) {
        self.of_path(path).take_document(wanted, came, now);
    }

    /// As [`Practice::take_notifications`].
    pub fn take_notifications(&self) -> Vec<HttpRequest> {
        self.0.iter().flat_map(PracticeHandle::take_notifications).collect()
    }

    /// As [`Practice::notified`], of the server whose client was told; the new entry of its log.
    pub fn notified(&self, request: &HttpRequest, came: &Result<u16, String>, now: Timestamp) -> Option<Arc<Entry>> {
        self.0.iter().find(|server| server.notified(request, came, now))?.last_entry()
    }

    /// As [`Practice::certificates`]; only the first has a way with TLS.
    pub fn certificates(&self) -> Option<Certificates> {
        self.first().certificates()
    }

    /// What of a request is another server's.
    fn foreign(&self, asked: &PracticeHandle, request: &HttpRequest) -> Foreign {
        if self.0.len() == 1 {
            return Foreign::default();
        }
        let brought = brought(request);
        let others = || self.0.iter().filter(|server| !server.is_same(asked));
        let told = others().flat_map(|server| brought.iter().filter_map(|value| server.claims(value))).collect();
        let assertion = request.form().and_then(|form| form.get("assertion").map(str::to_owned));
        let vouched_by = assertion.and_then(|token| others().find_map(|server| server.has_signed(&token)));
        Foreign { told, vouched_by }
    }
}

/// Whether a server would answer what is below the path of another.
fn is_in_the_way(one: &Config, other: &Config) -> bool {
    let (at, other) = (base(&one.issuer), base(&other.issuer));
    let Some(rest) = other.strip_prefix(at).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return false;
    };
    // At an origin there is room beside the endpoints.
    let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
    rest.is_empty() || !at.is_empty() || ENDPOINTS.iter().any(|endpoint| first(endpoint.path) == first(rest))
}

/// Codes, tokens and assertions that a request brings.
fn brought(request: &HttpRequest) -> Vec<String> {
    let (query, form) = (request.query(), request.form().unwrap_or_default());
    let named = BROUGHT.iter().filter_map(|name| form.get(name).or_else(|| query.get(name)).map(str::to_owned));
    let bearer = request.headers.get("authorization").and_then(|field| field.trim().split_once(' '));
    named.chain(bearer.map(|(_, token)| token.trim().to_owned())).filter(|value| !value.is_empty()).collect()
}

impl Practice {
    /// What this value is here, with the name of this server; nothing where it means nothing here.
    pub(super) fn claims(&self, value: &str) -> Option<String> {
        let issuer = self.config.issuer_text();
        let made = |what: &str| Some(format!("the {what} is of {issuer}"));
        let store = &self.store;
        match () {
            () if store.codes.get(value).is_some() => made("code"),
            () if store.refresh_tokens.get(value).is_some() => made("refresh token"),
            () if store.access_tokens.get(value).is_some() => made("access token"),
            () if store.pending.get(value).is_some() || store.user_codes.get(value).is_some() => made("device code"),
            () => self.claims_token(value, issuer),
        }
    }

    fn claims_token(&self, value: &str, issuer: &str) -> Option<String> {
        if value.bytes().filter(|byte| *byte == b'.').count() != 2 {
            return None;
        }
        if let Some(token) = self.keys.verified(value) {
            let what = match token.typ() {
                Some(ACCESS_TOKEN_TYP) => "access token",
                Some(id_jag::TYP) => "ID-JAG",
                _ => "ID token",
            };
            return Some(format!("the {what} is of {issuer}"));
        }
        let decoded = jwt::decode(value);
        let audience = decoded.claim("aud").map(|aud| aud.strings()).unwrap_or_default();
        let is_for_here = |aud: &str| aud == issuer || aud == self.config.url("/token");
        audience.iter().any(|aud| is_for_here(aud)).then(|| format!("the assertion is for {issuer}"))
    }
}
