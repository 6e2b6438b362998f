//! The sockets of standing between: requests come to a port of this machine, go on to one provider, and the answers come
//! back. What becomes of them is decided in [`crate::capture::between`].
//!
//! It is no proxy for others: it listens on 127.0.0.1 alone, takes requests that name this very port as their `Host`,
//! refuses CONNECT and absolute targets, and sends to the origin of the issuer and nowhere else.

mod passing;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use self::passing::{Body, Sent, full};
use super::machine::interrupted;
use super::serve::reception::{Converse, Reception};
use super::serve::request::{Refused, bad, from_map, url};
use super::serve::{Limits, Peer, Port, ServeError, bind, refuse, write};
use super::transport::{Transport, TransportOptions};
use super::{clock, random};
use crate::base::http::{HttpRequest, HttpResponse, Tls};
use crate::capture::between::live::{End, Live, News, Passed};
use crate::capture::between::returned::returned;
use crate::capture::between::{Between, Mint};
use crate::capture::exchange::Came;

/// The port, unless it is taken.
pub const BETWEEN_PORT: u16 = 9500;

/// For a whole exchange with the provider: some of them hold an answer back until the user decides.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(120);

/// How long open connections may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// For whom to stand where.
#[derive(Debug)]
pub struct Stand<'a> {
    /// The issuer of the provider, as it writes it.
    pub issuer: &'a str,
    /// Where to listen.
    pub port: Port,
    /// Whether to be an issuer of its own, that signs ID tokens anew.
    pub is_minting: bool,
    /// Certificates to trust beside those of the system, as PEM; may be empty.
    pub authorities: &'a str,
}

/// What is told of a message, as it passes.
pub type Observe = Box<dyn FnMut(&News) + Send>;

/// What all connections share.
struct Shared {
    between: Between,
    live: Live,
    observe: Observe,
    /// Of bodies that passed unread.
    notes: Vec<String>,
}

/// A server on 127.0.0.1 that stands for a provider.
pub struct Standing {
    runtime: Runtime,
    shared: Arc<Mutex<Shared>>,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").finish_non_exhaustive()
    }
}

/// What is left of it.
#[derive(Debug)]
pub struct Stood {
    /// What passed, taken apart.
    pub end: End,
    /// What went past, or passed as it was.
    pub notes: Vec<String>,
    /// How many ID tokens were signed anew; `None` where none are.
    pub minted: Option<usize>,
}

/// Where it stands, for those who are told to go there.
#[derive(Clone, Debug)]
pub struct Place {
    /// The issuer that an app is to be given.
    pub issuer: String,
    /// Where its metadata are.
    pub metadata: String,
    /// The origin that everything goes to.
    pub upstream: String,
}

impl Standing {
    /// Listens, and passes on what comes. `observe` is told of each message.
    ///
    /// # Errors
    /// When the issuer is none, the port cannot be had, or keys or trust cannot be set up.
    pub fn start(stand: &Stand<'_>, observe: Observe) -> Result<(Self, Place), ServeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| ServeError::Handler(error.into()))?;
        let mut entropy = random::entropy().map_err(|error| ServeError::Handler(error.into()))?;
        let (listener, here) = runtime.block_on(bind(stand.port, "http"))?;
        let name = format!("{:08x}", u32::from_le_bytes(entropy.bytes()));
        let mint = stand.is_minting.then(|| Mint::new(&name)).transpose();
        let mint = mint.map_err(|error| ServeError::Handler(error.into()))?;
        let between = Between::new(stand.issuer, &here, mint).map_err(|error| ServeError::Handler(error.into()))?;
        let authorities = Some(stand.authorities.to_owned()).filter(|pem| !pem.trim().is_empty());
        let options = TransportOptions {
            total_limit: EXCHANGE_LIMIT,
            certificate_authorities: authorities.into_iter().collect(),
            ..TransportOptions::default()
        };
        let transport = Transport::new(options).map_err(|error| ServeError::Handler(error.into()))?;
        let place = Place {
            issuer: between.issuer().to_owned(),
            metadata: between.metadata_url(),
            upstream: between.upstream().to_owned(),
        };
        let live = Live::new(entropy.bytes());
        let shared = Arc::new(Mutex::new(Shared { between, live, observe, notes: Vec::new() }));
        let host = here.authority().to_owned().into();
        let passing = Passing { shared: Arc::clone(&shared), transport, host, limits: Limits::default() };
        let stop = watch::Sender::new(());
        let task = runtime.spawn(Reception::new(None, passing, stop.subscribe()).receive(listener));
        Ok((Self { runtime, shared, stop, task }, place))
    }

    /// Waits until the user or the system wants the program to end.
    pub fn until_interrupted(&self) {
        self.runtime.block_on(interrupted());
    }

    /// Takes no more requests, and takes apart what passed.
    pub fn finish(self) -> Stood {
        let Self { runtime, shared, stop, mut task } = self;
        drop(stop);
        runtime.block_on(async {
            if tokio::time::timeout(STOP_LIMIT, &mut task).await.is_err() {
                task.abort();
            }
        });
        let mut shared = lock(&shared);
        let live = std::mem::replace(&mut shared.live, Live::new([0; 32]));
        let notes = shared.between.notes().iter().chain(&shared.notes).cloned().collect();
        let minted = shared.between.minted();
        drop(shared);
        runtime.shutdown_background();
        Stood { end: live.end(clock::now()), notes, minted }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // Whoever panicked has not left a message half done.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What answers a request: the provider, by way of this.
#[derive(Clone)]
struct Passing {
    shared: Arc<Mutex<Shared>>,
    transport: Transport,
    /// `127.0.0.1:9500`
    host: Arc<str>,
    limits: Limits,
}

impl Converse for Passing {
    type Body = Body;

    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn answer(self, _: Peer, request: Request<Incoming>, is_coming: Arc<AtomicBool>) -> Response<Body> {
        let answer = match self.taken(request).await {
            Ok((request, body)) => {
                is_coming.store(true, Ordering::Relaxed);
                self.passed(request, body).await
            }
            Err(refused) => refuse(&refused).map(full),
        };
        is_coming.store(false, Ordering::Relaxed);
        answer
    }
}

impl Passing {
    /// A request that is for here, with its body.
    async fn taken(&self, request: Request<Incoming>) -> Result<(HttpRequest, Sent), Refused> {
        let (head, body) = request.into_parts();
        if head.method == Method::CONNECT || head.uri.authority().is_some() {
            return Err(bad("its target is not a path, and this is no proxy for others"));
        }
        let url = url(&head, "http")?;
        if head.headers.get(HOST).is_none_or(|host| host.as_bytes() != self.host.as_bytes()) {
            let why = "its Host is not the address that this server is reached at";
            return Err(Refused { status: StatusCode::MISDIRECTED_REQUEST, why });
        }
        let (body, sent) = passing::sent(body, self.limits.body).await?;
        let (method, headers) = (head.method.to_string(), from_map(&head.headers));
        Ok((HttpRequest { method, url, headers, body, tls: Tls::default() }, sent))
    }

    /// What the provider answers, as it is for here.
    async fn passed(&self, request: HttpRequest, sent: Sent) -> Response<Body> {
        let outward = lock(&self.shared).between.outward(request);
        let request = match outward {
            Ok(request) => request,
            Err(_) => return refuse(&bad("its target is on another host")).map(full),
        };
        let is_head = request.method == "HEAD";
        if sent.is_unread() {
            self.note("request", &request.url);
        }
        let started = clock::now();
        let body = sent.into_body(&request);
        let opened = self.transport.open(&request, body).await;
        let came = match opened {
            Ok(response) => passing::came(response).await,
            Err(error) => Err(error.to_string()),
        };
        let took = clock::now().since(started);
        let (response, rest) = match came {
            Ok(came) => came,
            Err(why) => {
                let told = format!("The provider did not answer: {why}\n");
                self.told(Passed { request, came: Came::Nothing(why), started, took, returned: None });
                let answer = HttpResponse::new(StatusCode::BAD_GATEWAY.as_u16(), "text/plain; charset=utf-8", told);
                return closing(write(answer).map(full));
            }
        };
        if rest.is_some() {
            self.note("answer", &request.url);
        }
        let home = {
            let mut shared = lock(&self.shared);
            let returned = returned(&shared.between, &request.url, &response);
            let kept =
                if rest.is_some() { HttpResponse { body: Vec::new(), ..response.clone() } } else { response.clone() };
            let home = if rest.is_some() {
                // What passes unread stays as it is; its head does not.
                let (head, body) = (HttpResponse { body: Vec::new(), ..response.clone() }, response.body);
                HttpResponse { body, ..shared.between.homeward(head) }
            } else {
                shared.between.homeward(response)
            };
            drop(shared);
            self.told(Passed { request, came: Came::Response(kept), started, took, returned });
            home
        };
        passing::answer(home, rest, is_head)
    }

    fn told(&self, passed: Passed) {
        let mut shared = lock(&self.shared);
        let news = shared.live.take(passed);
        (shared.observe)(&news);
    }

    /// Notes that a body passes unread.
    fn note(&self, what: &str, url: &Url) {
        let note = passing::unread(what, url.path());
        let mut shared = lock(&self.shared);
        if shared.notes.len() < NOTES && !shared.notes.contains(&note) {
            shared.notes.push(note);
        }
    }
}

/// So many remarks are kept.
const NOTES: usize = 20;

fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
