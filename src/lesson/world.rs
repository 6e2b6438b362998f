//! What surrounds the app of a lesson: the practice servers, the user's browser, what somebody is about to do to the next
//! response, and a clock that moves only when something happens. All in memory.

use std::time::Duration;

use url::Url;

use super::browser::{Arrived, Browser, TOOK};
use super::document::{self, Document};
use super::{ATTACKER, ISSUER, SECOND_ISSUER};
use crate::base::entropy::Entropy;
use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::flow::callback::{Awaited, Awaiting, Callback, Errand, Via};
use crate::flow::transport_error::TransportError;
use crate::flow::world::World;
use crate::flow::{Action, Event, Failure};
use crate::practice::{Config, Fault, FaultEntry, PracticeError, PracticeHost, ServedTls, TlsOrigin, User};

/// Where clients that show a certificate go.
const TLS_ORIGIN: &str = "https://127.0.0.1:9443/";
/// Where the app has its users come back to after a logout.
const SIGNED_OUT: &str = "http://127.0.0.1/signed-out";
/// The port that the app listens at.
const PORT: u16 = 8912;
/// When every lesson begins: 2026-11-23T10:30:00Z.
const START: Timestamp = Timestamp::from_seconds(1_795_429_800);
/// How long an app waits for a response that does not come.
const PATIENCE: Duration = Duration::from_secs(300);

/// What somebody does to the next authorization response, or to the request before it.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    /// Somebody reads it.
    pub is_read: bool,
    /// It does not arrive.
    pub is_caught: bool,
    /// Its code is replaced by this one.
    pub code: Option<Secret>,
    /// This one arrives in its place.
    pub link: Option<Params>,
    /// The second server sends the request on to the first.
    pub is_sent_on: bool,
}

/// Both servers, the user, and the time.
#[derive(Debug)]
pub struct LessonWorld {
    /// The servers.
    pub host: PracticeHost,
    /// The user's.
    pub browser: Browser,
    /// What is about to happen.
    pub ahead: Ahead,
    /// The response that somebody read or caught.
    pub seen: Option<Params>,
    /// The time now.
    pub now: Timestamp,
    /// What the app has published of itself.
    pub document: Option<Document>,
    /// Whether a server has fetched it.
    pub is_fetched: bool,
    request: Option<HttpRequest>,
}

impl LessonWorld {
    /// A world in which nothing has happened, with what the first server does wrong.
    ///
    /// # Errors
    /// When no server can be made.
    pub fn new(user: &str, faults: &[Fault], has_tls: bool) -> Result<Self, PracticeError> {
        let mut config = configured(ISSUER);
        config.faults = faults.iter().copied().map(FaultEntry::from).collect();
        config.further = vec![configured(SECOND_ISSUER)];
        if has_tls {
            let url = Url::parse(TLS_ORIGIN).expect("a URL");
            config.tls_origin = Some(TlsOrigin { url, made_at: START });
        }
        Ok(Self {
            host: PracticeHost::new(config, Entropy::from_seed([1; 32]))?,
            browser: Browser::of(user),
            ahead: Ahead::default(),
            seen: None,
            now: START,
            document: None,
            is_fetched: false,
            request: None,
        })
    }

    /// What a client that shows a certificate needs.
    pub fn tls(&self) -> Option<ServedTls> {
        let origin = Url::parse(TLS_ORIGIN).expect("a URL");
        self.host.certificates().map(|certificates| ServedTls { origin, certificates })
    }

    /// The answer of the servers, which are nowhere else.
    pub fn send(&mut self, request: &HttpRequest) -> Event {
        self.now = self.now + TOOK;
        let origins = [ISSUER, TLS_ORIGIN].map(|url| Url::parse(url).expect("a URL").origin());
        if !origins.contains(&request.url.origin()) {
            let reason = "a lesson happens on the practice server, and there is nothing else".to_owned();
            return Event::Failed { error: TransportError::BadUrl { reason }.into(), took: TOOK };
        }
        self.fetch_for(request);
        let response = self.host.handle(request, self.now);
        let delay = self.host.take_delay();
        self.now = self.now + delay;
        Event::Answered { response, took: TOOK + delay }
    }

    /// What a server has to know before it answers: it fetches the document of the app.
    pub fn fetch_for(&mut self, request: &HttpRequest) {
        let Some(wanted) = self.host.wanted_document(request, self.now) else { return };
        let found = self.document.as_ref().filter(|document| document.is_at(&wanted.name)).map(Document::answer);
        self.is_fetched |= found.is_some();
        let came = found.ok_or_else(|| "nobody answers there".to_owned());
        self.host.take_document(request.url.path(), &wanted, came, self.now);
    }

    fn come_back(&mut self, awaiting: &Awaiting) -> Event {
        match awaiting.awaited {
            Awaited::Ping(_) => return self.pinged(awaiting),
            // No lesson listens for a logout.
            Awaited::Told(_) => return Event::Heard,
            _ => {}
        }
        let ahead =
            if awaiting.awaited == Awaited::Logout { Ahead::default() } else { std::mem::take(&mut self.ahead) };
        let Some(mut request) = self.request.take() else { return in_vain() };
        if let Some(params) = ahead.link {
            return called_back(awaiting, Via::Query, params);
        }
        if ahead.is_sent_on {
            request.url.set_path("/authorize");
        }
        self.fetch_for(&request);
        let Arrived::Left { url, via, mut params } = self.browser.visit(&self.host, request, &mut self.now) else {
            return in_vain();
        };
        if ahead.is_read || ahead.is_caught {
            self.seen = Some(params.clone());
        }
        let is_expected = Url::parse(&url).is_ok_and(|url| url.path() == awaiting.redirect_uri.path());
        if ahead.is_caught {
            // The app is still waiting when the attacker goes on.
            return Event::Failed { error: Failure::wait("no response came"), took: Duration::ZERO };
        }
        if !is_expected {
            return in_vain();
        }
        if let (Some(code), true) = (ahead.code, params.contains("code")) {
            params.set("code", code.expose());
        }
        called_back(awaiting, via, params)
    }

    /// What the server told the app of its own accord arrives at its address.
    fn pinged(&mut self, awaiting: &Awaiting) -> Event {
        let pings = self.host.take_notifications();
        let ping = pings.into_iter().find(|ping| ping.url == awaiting.redirect_uri);
        ping.and_then(|ping| Callback::notified(&awaiting.redirect_uri, &ping.body).ok())
            .map_or_else(in_vain, Event::CalledBack)
    }
}

/// With an attacker among the users, who is as good a user as any.
fn configured(issuer: &str) -> Config {
    let mut config = Config::practice(Url::parse(issuer).expect("a URL"));
    let mut attacker: User = config.users[0].clone();
    ATTACKER.clone_into(&mut attacker.sub);
    let said = [("name", "Mallory Moore"), ("given_name", "Mallory"), ("family_name", "Moore")];
    for (claim, value) in said.into_iter().chain([("preferred_username", ATTACKER), ("email", "mallory@example.com")]) {
        attacker.claims.insert(claim.to_owned(), value.into());
    }
    config.users.push(attacker);
    config.site.outgoing_hosts = vec![document::HOST.to_owned()];
    // What is registered counts here, as it does at servers that are in use.
    for client in &mut config.clients {
        client.any_loopback_redirect = false;
        client.post_logout_redirect_uris = vec![SIGNED_OUT.to_owned()];
    }
    config
}

fn called_back(awaiting: &Awaiting, via: Via, params: Params) -> Event {
    let redirect_uri = awaiting.redirect_uri.to_string();
    Event::CalledBack(Callback { redirect_uri, via, params, joint: None, posted: Vec::new(), asked_user: None })
}

fn in_vain() -> Event {
    Event::Failed { error: Failure::wait("no response came within 5 min"), took: PATIENCE }
}

impl World for LessonWorld {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn perform(&mut self, action: &Action, _note: &mut dyn FnMut(Event)) -> Event {
        match action {
            Action::Listen(redirect_uri) => {
                let mut bound = redirect_uri.clone();
                if bound.port() == Some(0) {
                    let _ = bound.set_port(Some(PORT));
                }
                Event::Listening(bound)
            }
            // No lesson has a server that comes by itself.
            Action::Offer(at) => Event::Offered(at.clone()),
            Action::Send(request) => self.send(request),
            Action::Browse(request, errand) => {
                if *errand == Errand::Approval {
                    self.browser.visit(&self.host, request.clone(), &mut self.now);
                }
                self.request = Some(request.clone());
                Event::Browsed
            }
            Action::Await(awaiting) => {
                let event = self.come_back(awaiting);
                if let Event::Failed { took, .. } = &event {
                    self.now = self.now + *took;
                }
                event
            }
            Action::Sleep(until) => {
                self.now = self.now.max(*until);
                Event::Woke
            }
        }
    }
}
