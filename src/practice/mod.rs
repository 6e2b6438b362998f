//! The practice server: a strict authorization server with an API behind it, all in memory, as one
//! pure function from a request to a response.
//!
//! It reads requests itself and comes to its own verdicts. It shares words (`terms`) and keys
//! (`jose`) with the client side and nothing else, or one mistake would be on both ends unseen.
//!
//! ```text
//!  browser                    practice server                        client
//!     |                              |                                  |
//!     |  GET /authorize              |   authorization: is this a request that may be answered?
//!     |----------------------------->|   interaction: who is this browser, what to ask the user?
//!     |  login page  + cookie        |   store: the request waits as a Transaction
//!     |<-----------------------------|                                  |
//!     |  POST /login    alice        |                                  |
//!     |----------------------------->|   a new cookie, the browser is signed in
//!     |  303 /consent                |                                  |
//!     |<-----------------------------|                                  |
//!     |  GET /consent                |                                  |
//!     |----------------------------->|                                  |
//!     |  consent page                |                                  |
//!     |<-----------------------------|                                  |
//!     |  POST /consent  allow        |                                  |
//!     |----------------------------->|   store: an Approval, and a Code that refers to it
//!     |  303 redirect_uri?code&state&iss                                |
//!     |<-----------------------------|                                  |
//!     |----------------------------------------------------------------->|
//!                                    |  POST /token   code, verifier    |
//!                                    |<---------------------------------|
//!       client: who is it?           |                                  |
//!       grant: does the code fit?    |                                  |
//!       token: sign                  |  access_token, id_token          |
//!                                    |--------------------------------->|
//!                                    |  GET /api/me   Bearer            |
//!                                    |<---------------------------------|
//!       bearer: what does it allow?  |  alice                           |
//!                                    |--------------------------------->|
//! ```
//!
//! Another endpoint is a file in `endpoint` and a line in its table; another grant is a file in
//! `grant` and a line in its table.

mod answer;
mod any_client;
mod asked_claims;
mod assertion;
mod authorization;
mod authorization_response;
mod automatic;
mod bearer;
mod binding;
mod certificates;
mod client;
mod client_document;
mod client_keys;
mod config;
mod control;
mod cors;
mod demands;
mod details;
mod dpop;
mod encryption;
mod endpoint;
mod error;
mod facts;
mod fault;
mod faults;
mod fetched;
mod fields;
mod foreign;
mod grant;
mod handle;
mod host;
mod interaction;
mod introspection;
mod jarm;
mod journal;
mod keys;
mod mtls;
mod notification;
mod outage;
mod page;
mod pattern;
mod pending;
mod pkce;
mod place;
mod profile;
mod pushed;
mod redirect_uri;
mod reference;
mod request_object;
mod response_type;
mod return_to;
mod rules;
mod scope;
mod shelf;
mod store;
mod template;
mod token;
mod told;
mod view;
mod wanted;
mod why;
mod workload;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use self::client_document::Fetched;
use self::endpoint::ENDPOINTS;
use self::facts::Facts;
use self::fields::Fields;
use self::foreign::Foreign;
use self::journal::{Journal, Recorded};
use self::keys::Keys;
use self::reference::Referred;
use self::store::Store;
use self::why::Why;
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::jose::jwk::KeyError;

pub use self::certificates::{Certificates, IssuedCertificate, ServedTls};
pub use self::config::{
    AccessTokenFormat, Algorithms, Client, Config, ConfigError, Consent, Converted, Cors, DEMO_PASSWORD, Encryption,
    KEYS, Kind, Login, PRACTICE_ENCRYPTION_KEY, PRACTICE_JWT_KEY, RESOURCE_SERVER, Site, TlsOrigin, User,
    WORKLOAD_AUDIENCE, convert,
};
pub use self::control::Control;
pub use self::error::PracticeError;
pub use self::fault::{Fault, FaultError};
pub use self::faults::{EntryError, FaultEntry, Faults};
pub use self::grant::SAML_ISSUER;
pub use self::handle::PracticeHandle;
pub use self::host::PracticeHost;
pub use self::journal::Entry;
pub use self::pattern::Pattern;
pub use self::rules::{ClaimRule, Target};
pub use self::view::{Session, TokenInForce};
pub use self::wanted::WantedDocument;
pub use self::why::{Compared, Outcome, Reason};
pub use self::workload::Workload;

/// The server and all it remembers.
#[derive(Debug)]
pub struct Practice {
    config: Config,
    entropy: Entropy,
    keys: Keys,
    certificates: Option<Certificates>,
    store: Store,
    notifications: Vec<HttpRequest>,
    faults: Faults,
    why: Why,
    journal: Journal,
    delay: Duration,
    /// Whether the last answer is not to be sent.
    is_cut: bool,
    /// What is asked, below the server's own path.
    at: String,
    /// Who asks, as the request says it.
    named: Option<String>,
    /// Whom the next sign-ins are of, though nobody sits at the page.
    next_users: VecDeque<String>,
    /// What the next authorization codes are.
    next_codes: VecDeque<Secret>,
    /// What the tokens of this request are asked for.
    facts: Facts,
    /// How far its clock is ahead of the one that it is asked with, in milliseconds.
    ahead: i64,
    /// Clients that were unknown before, the oldest first.
    adopted: VecDeque<String>,
    /// Clients that are known by their documents, the oldest first.
    documents: VecDeque<Fetched>,
    /// The client_id of the present request whose document cannot be used, and why.
    refused_document: Option<(String, String)>,
    /// Request objects that were fetched for requests that come.
    referred: VecDeque<Referred>,
    /// The other server at this origin that has signed the assertion of the present request.
    vouched_by: Option<String>,
    /// When the request came that is answered.
    now: Timestamp,
}

impl Practice {
    /// A server with new keys that remembers nothing.
    ///
    /// # Errors
    /// When issuer or TLS origin have more than a host, a port and, the issuer, a path of plain words, `signing_alg` is not handled, or a client's name fits in no certificate.
    pub fn new(mut config: Config, mut entropy: Entropy) -> Result<Self, PracticeError> {
        if !matches!(config.issuer.scheme(), "http" | "https") || !place::is_plain(&config.issuer) {
            return Err(PracticeError::Issuer(config.issuer));
        }
        if let Some(what) = config.against_profile() {
            return Err(PracticeError::Profile(what));
        }
        let keys = make_keys(&config, &mut entropy)?;
        let certificates = make_certificates(&mut config, &mut entropy)?;
        let store = Store::new(&config);
        let mut faults = Faults::default();
        for entry in std::mem::take(&mut config.faults) {
            faults.add(entry);
        }
        Ok(Self {
            config,
            entropy,
            keys,
            certificates,
            store,
            notifications: Vec::new(),
            faults,
            why: Why::default(),
            journal: Journal::default(),
            delay: Duration::ZERO,
            is_cut: false,
            at: String::new(),
            named: None,
            next_users: VecDeque::new(),
            next_codes: VecDeque::new(),
            facts: Facts::default(),
            ahead: 0,
            adopted: VecDeque::new(),
            documents: VecDeque::new(),
            refused_document: None,
            referred: VecDeque::new(),
            vouched_by: None,
            now: Timestamp::default(),
        })
    }

    /// Answers one request. Never panics, whatever the request; `now` may stand still or jump.
    pub fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        self.handle_knowing(request, &Foreign::default(), now)
    }

    /// The same, for one that may bring what another server made: what is known of that is in the log.
    fn handle_knowing(&mut self, request: &HttpRequest, foreign: &Foreign, now: Timestamp) -> HttpResponse {
        let now = self.time(now);
        self.store.purge(now);
        self.facts = Facts { params: self.asked(request), ..Facts::default() };
        self.delay = Duration::ZERO;
        self.is_asked(request);
        self.now = now;
        self.vouched_by.clone_from(&foreign.vouched_by);
        foreign.told.iter().for_each(|what| self.why.say(what));
        if self.config.any_client {
            any_client::adopt(self, request);
        }
        let response = cors::preflight(self, request);
        let response = response.unwrap_or_else(|| outage::around(self, |practice| practice.route(request, now)));
        let response = client::challenged(&self.config, request, response);
        let response = dpop::give_nonce(self, request, response, now);
        let response = cors::readable(self, request, response);
        let response = answer::harden(response, self.is_faulty_at(Fault::CachedTokens, "/token", request));
        let notes = self.why.take();
        self.refused_document = None;
        self.store.fetched_keys = None;
        reference::forget(self, request);
        notes.used.iter().for_each(|id| self.faults.used(*id));
        self.journal.push(request, &response, notes, now);
        response
    }

    /// Notes where and by whom it is asked, for the faults that are meant for some.
    fn is_asked(&mut self, request: &HttpRequest) {
        let path = place::own_path(&self.config.issuer, request.url.path()).unwrap_or_default();
        // The pages between belong to the authorization request.
        self.at = if ["/login", "/consent"].contains(&path) { outage::AUTHORIZE } else { path }.to_owned();
        self.named = if self.faults.is_empty() { None } else { any_client::named(request) };
        self.is_cut = false;
    }

    /// Whether the connection ends in the place of the last answer.
    pub fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.is_cut)
    }

    /// How long the last answer is to be held back before it is sent.
    pub fn take_delay(&mut self) -> Duration {
        std::mem::take(&mut self.delay)
    }

    /// Switches a fault on or off.
    pub fn set(&mut self, fault: Fault, is_on: bool) {
        self.faults.set(fault, is_on);
    }

    /// What is wrong with this server on purpose.
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What was asked and answered, the newest last.
    pub fn log(&self) -> Vec<Arc<Entry>> {
        self.journal.entries().cloned().collect()
    }

    /// The same with the parameters of each request, where they are kept.
    fn recorded(&self) -> Vec<Recorded> {
        self.journal.recorded().cloned().collect()
    }

    /// Keeps the parameters of requests from now on.
    fn keep_parameters(&mut self) {
        self.journal.keep_parameters();
    }

    /// Sees to it that something can be signed with this algorithm.
    fn has_key_for(&mut self, alg: &str) -> Result<(), KeyError> {
        match self.keys.of_alg(Some(alg)) {
            Some(_) => Ok(()),
            None => self.keys.add(alg, &mut self.entropy).map(drop),
        }
    }

    /// The newest entry of the log.
    pub fn last_entry(&self) -> Option<Arc<Entry>> {
        self.journal.last().cloned()
    }

    /// Forgets the entries of the log.
    pub fn clear_log(&mut self) {
        self.journal.clear();
    }

    /// How many requests were answered.
    pub const fn requests(&self) -> u64 {
        self.journal.count()
    }

    /// The requests this server has to make since it was asked last: pings of CIBA (section 10.2) and logout tokens, to this
    /// machine and hosts that its configuration lists. Nothing depends on their answers, which [`Practice::notified`] takes.
    pub fn take_notifications(&mut self) -> Vec<HttpRequest> {
        std::mem::take(&mut self.notifications)
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its TLS origin and the clients there need, when there is one.
    pub const fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Its origin, and the path that it is below.
    pub fn issuer(&self) -> &Url {
        &self.config.issuer
    }

    /// What its clock shows when another shows `now`.
    pub const fn time(&self, now: Timestamp) -> Timestamp {
        now.moved(self.ahead)
    }

    /// What the other shows when its clock shows `now`.
    const fn real_time(&self, now: Timestamp) -> Timestamp {
        now.moved(self.ahead.saturating_neg())
    }

    /// From now on its clock shows `to` when another shows `now`.
    pub const fn set_clock(&mut self, to: Timestamp, now: Timestamp) {
        self.ahead = to.millis_after(now);
    }

    /// Moves its clock by so many milliseconds, back where they are negative.
    pub const fn move_clock(&mut self, by: i64) {
        self.ahead = self.ahead.saturating_add(by);
    }

    /// What of a request some rule asks about.
    fn asked(&self, request: &HttpRequest) -> Params {
        let fields =
            Some(request).filter(|_| !self.config.rules.is_empty()).and_then(|request| Fields::of(request).ok());
        fields.map(|fields| facts::asked(&self.config.rules, &fields)).unwrap_or_default()
    }

    fn route(&mut self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        if !self.config.may_be_called(&request.url) {
            let host = request.url.host_str().unwrap_or_default();
            let what = format!(
                "This server does not answer as {host}, only as {}. Allow the name with {}.",
                self.config.names().join(", "),
                self.config.allowing(host)
            );
            return page::problem(self, 421, &what);
        }
        let path = place::own_path(&self.config.issuer, request.url.path());
        let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| Some(endpoint.path) == path) else {
            return page::problem(self, 404, "There is nothing at this path. The first page lists all that is.");
        };
        // RFC 9110 section 9.1: what only reads can be asked for its header alone.
        if request.method == "HEAD" && endpoint.methods == ["GET"] {
            let get = HttpRequest { method: "GET".to_owned(), ..request.clone() };
            let answer = (endpoint.answer)(self, &get, now);
            return HttpResponse { body: Vec::new(), ..answer };
        }
        if !endpoint.methods.contains(&request.method.as_str()) {
            let allowed = endpoint.methods.join(", ");
            let what = format!("{} takes {allowed} and nothing else.", endpoint.path);
            return page::problem(self, 405, &what).with_header("Allow", allowed);
        }
        (endpoint.answer)(self, request, now)
    }

    /// Whether a fault is on that is about to change the answer, which is noted.
    fn is_faulty(&self, fault: Fault) -> bool {
        self.fault(fault).is_some()
    }

    /// As [`Practice::is_faulty`], with the parameter it was switched on with.
    fn fault(&self, fault: Fault) -> Option<Fault> {
        let client_id = self.named.clone().or_else(|| self.why.client_id());
        let (id, on) = self.faults.applying(fault, client_id.as_deref(), &self.at)?;
        self.why.fault(id, on);
        Some(on)
    }

    fn is_faulty_at(&self, fault: Fault, path: &str, request: &HttpRequest) -> bool {
        place::own_path(&self.config.issuer, request.url.path()) == Some(path) && self.is_faulty(fault)
    }

    /// A new name for a code, a token or a session.
    fn draw(&mut self) -> Secret {
        Secret::new(self.entropy.token())
    }
}

fn make_keys(config: &Config, entropy: &mut Entropy) -> Result<Keys, PracticeError> {
    let of_clients = config.clients.iter().flat_map(Client::signing_algs);
    let further = config.signing_algs.iter().map(String::as_str).chain(of_clients);
    Keys::of(&config.keys, &config.signing_alg, further, entropy)
}

fn make_certificates(config: &mut Config, entropy: &mut Entropy) -> Result<Option<Certificates>, PracticeError> {
    let Some(TlsOrigin { url, made_at }) = config.tls_origin.clone() else { return Ok(None) };
    if url.scheme() != "https" || !place::is_origin(&url) {
        return Err(PracticeError::TlsOrigin(url));
    }
    Certificates::make(config, made_at, entropy).map(Some).map_err(PracticeError::Certificates)
}
