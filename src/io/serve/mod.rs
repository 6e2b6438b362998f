//! Serves a request handler on sockets, on loopback unless another address is wanted: the practice server's way to the
//! network, plain and with TLS.
//!
//! ```text
//! accept -> reception (how many, how long) -> request (bytes to a request) -> handler -> written
//! ```

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

use self::observed::Observed;
pub use self::ports::{ControlPort, Port, Ports};
use self::reception::{Converse, Cut};
use self::request::Refused;
use crate::base::entropy::Entropy;
use crate::base::http::{ClientCertificate, HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::io::clock;
use crate::io::storage::why;
use crate::io::transport::Transport;
pub use crate::practice::ServedTls;
use crate::practice::{Config, Control, Entry, PracticeHandle, PracticeHost, Site, TlsOrigin, WantedDocument};

mod observed;
mod ports;
pub(super) mod reception;
pub(super) mod request;
mod tls;

/// The practice server's port, unless it is taken.
pub const PRACTICE_PORT: u16 = 9400;
/// Its port with TLS, unless it is taken.
pub const PRACTICE_TLS_PORT: u16 = 9443;

/// Largest body of a call at the control port.
const CONTROL_BODY: usize = 1024 * 1024;

/// How long open connections may take to end when the server stops.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// How long and how much a socket puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; the oldest that has no answer coming gives way to a further one.
    pub connections: usize,
    /// For a handshake, and for the whole head of a request: from when it is awaited to its last byte.
    pub head: Duration,
    /// For the whole body of a request.
    pub body: Duration,
    /// Largest body of a request, in bytes.
    pub body_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let (head, body) = (Duration::from_secs(10), Duration::from_secs(10));
        Self { connections: 64, head, body, body_size: 256 * 1024 }
    }
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program listens there.
    #[error("port {0} is taken by another program: stop it or choose another port")]
    PortTaken(u16),
    /// The system keeps low ports for itself.
    #[error("port {0} is reserved by the system; those above 1023 are not")]
    PortReserved(u16),
    /// Anything else, as [`why`] says it.
    #[error("cannot listen on {0}: {error}", error = why(.1))]
    Io(SocketAddr, #[source] io::Error),
    /// What should answer could not be made.
    #[error("the server could not be made: {0}")]
    Handler(#[source] Box<dyn Error + Send + Sync>),
}

/// What answers requests.
pub trait Handle: Send + 'static {
    /// The answer to one request.
    fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> HttpResponse;

    /// What has to be fetched before this request can be answered.
    fn wanted_document(&mut self, _request: &HttpRequest, _now: Timestamp) -> Option<WantedDocument> {
        None
    }

    /// Takes what came of it, before the request that wants it is answered.
    fn take_document(
        &mut self,
        _request: &HttpRequest,
        _wanted: &WantedDocument,
        _came: Result<HttpResponse, String>,
        _now: Timestamp,
    ) {
    }

    /// Requests that it wants to be sent, where it may send to.
    fn take_notifications(&mut self) -> Vec<HttpRequest> {
        Vec::new()
    }

    /// Takes the status that came of one of them, or why none did.
    fn notified(&mut self, _request: &HttpRequest, _came: &Result<u16, String>, _now: Timestamp) {}

    /// How long the answer is held back.
    fn take_delay(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Whether the connection ends in the place of the answer.
    fn take_cut(&mut self) -> bool {
        false
    }
}

impl<F> Handle for F
where
    F: FnMut(&HttpRequest, Timestamp) -> HttpResponse + Send + 'static,
{
    fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        self(request, now)
    }
}

/// Where a server is, and what clients need there.
#[derive(Clone, Debug)]
pub struct Served {
    /// Where this machine reaches it, with the real port: `http://127.0.0.1:9400/`.
    pub issuer: Url,
    /// The same server with TLS.
    pub tls: Option<ServedTls>,
    /// Where it is controlled.
    pub control: Option<Url>,
}

/// A running server. Stops when dropped; [`Server::stop`] waits for it.
#[derive(Debug)]
pub struct Server {
    served: Served,
    practice: Option<PracticeHost>,
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Binds the port, then makes the handler for the issuer that results from it (`http://127.0.0.1:9400/`).
    ///
    /// The handler gets absolute URLs, made from the `Host` header as it came.
    ///
    /// # Errors
    /// When the port cannot be had, or the handler cannot be made.
    pub async fn start<H, E>(port: Port, make: impl FnOnce(Url) -> Result<H, E>) -> Result<Self, ServeError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
        H: Handle,
    {
        Self::start_within(Limits::default(), port, make).await
    }

    /// The same within these limits.
    ///
    /// # Errors
    /// As for [`Server::start`].
    pub async fn start_within<H, E>(
        limits: Limits,
        port: Port,
        make: impl FnOnce(Url) -> Result<H, E>,
    ) -> Result<Self, ServeError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
        H: Handle,
    {
        let (listener, port) = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port).await?;
        let issuer = Site::default().origin("http", port);
        let handler = make(issuer.clone()).map_err(not_made)?;
        let mut server = Self::idle(Served { issuer, tls: None, control: None });
        server.listen(listener, None, Answering::new(handler, None, limits));
        Ok(server)
    }

    /// Serves the practice server that `configure` describes for its issuer, plain and with TLS. `observe` sees what
    /// the log says of every exchange; pings of CIBA leave through `transport`.
    ///
    /// # Errors
    /// When a port cannot be had, or the server cannot be made.
    pub async fn practice<E>(
        ports: Ports,
        entropy: Entropy,
        transport: Transport,
        configure: impl FnOnce(Url) -> Result<Config, E>,
        observe: impl FnMut(&Entry) + Send + 'static,
    ) -> Result<Self, ServeError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let (plain, port) = bind(ports.address, ports.plain).await?;
        let (with_tls, tls_port) = bind(ports.address, ports.tls).await?;
        let issuer = Site { bind: Some(ports.address), ..Site::default() }.origin("http", port);
        let mut config = configure(issuer.clone()).map_err(not_made)?;
        let origin = config.tls_origin_at(tls_port);
        config.tls_origin = Some(TlsOrigin { url: origin.clone(), made_at: clock::now() });
        let starts_at = config.clock;
        let practice = PracticeHost::new(config, entropy).map_err(not_made)?;
        if let Some(start) = starts_at {
            practice.set_clock(start, clock::now());
        }
        let certificates = practice.certificates().ok_or_else(|| not_made("it has no certificates"))?;
        let acceptor = match ports.certificate.as_deref() {
            Some(given) => tls::acceptor(&given.chain, &given.key),
            None => tls::acceptor(&certificates.chain, &certificates.key),
        };
        let acceptor = acceptor.map_err(not_made)?;
        let observed = Observed { practice: practice.clone(), observe };
        let answering = Answering::new(observed, Some(transport), Limits::default());
        let tls = Some(ServedTls { origin, certificates });
        let mut server = Self::idle(Served { issuer, tls, control: None });
        if let Some(control) = ports.control {
            server.control(control, practice.clone()).await?;
        }
        server.practice = Some(practice);
        server.listen(plain, None, answering.clone());
        server.listen(with_tls, Some(acceptor), answering);
        Ok(server)
    }

    /// Serves at a socket that was bound before: who connected meanwhile has waited.
    pub(super) fn on<H: Handle>(listener: TcpListener, at: Url, handler: H) -> Self {
        let mut server = Self::idle(Served { issuer: at, tls: None, control: None });
        server.listen(listener, None, Answering::new(handler, None, Limits::default()));
        server
    }

    fn idle(served: Served) -> Self {
        Self { served, practice: None, stop: watch::Sender::new(()), tasks: Vec::new() }
    }

    async fn control(&mut self, port: ControlPort, practice: PracticeHost) -> Result<(), ServeError> {
        let (listener, number) = bind(port.address, port.port).await?;
        let control = Control::new(practice, port.token, port.address.is_loopback(), port.shows_secrets);
        self.served.control = Some(Site { bind: Some(port.address), ..Site::default() }.origin("http", number));
        let limits = Limits { body_size: CONTROL_BODY, ..Limits::default() };
        self.listen(listener, None, Answering::new(control, None, limits));
        Ok(())
    }

    fn listen<H: Handle>(&mut self, listener: TcpListener, acceptor: Option<TlsAcceptor>, answering: Answering<H>) {
        let reception = reception::Reception::new(acceptor, answering, self.stop.subscribe());
        self.tasks.push(tokio::spawn(reception.receive(listener)));
    }

    /// Where it is, and what clients need there.
    pub const fn served(&self) -> &Served {
        &self.served
    }

    /// The practice server behind the sockets, when it is one; of several the first.
    pub fn handle(&self) -> Option<&PracticeHandle> {
        self.practice.as_ref().map(PracticeHost::first)
    }

    /// All practice servers behind the sockets.
    pub const fn host(&self) -> Option<&PracticeHost> {
        self.practice.as_ref()
    }

    /// Where it is reached, with the real port.
    pub const fn issuer(&self) -> &Url {
        &self.served.issuer
    }

    /// Takes no more requests and waits until those under way are answered, at most two seconds.
    pub async fn stop(self) {
        let Self { stop, mut tasks, .. } = self;
        drop(stop);
        let all = async {
            for task in &mut tasks {
                let _ = task.await;
            }
        };
        if tokio::time::timeout(STOP_LIMIT, all).await.is_err() {
            tasks.iter().for_each(JoinHandle::abort);
        }
    }
}

/// Listens at this address; the port that it is.
pub(super) async fn bind(address: IpAddr, port: Port) -> Result<(TcpListener, u16), ServeError> {
    let listen = async |port| TcpListener::bind((address, port)).await;
    let explained = |port, error| explain((address, port).into(), error);
    let listener = match port {
        Port::Exactly(port) => listen(port).await.map_err(|error| explained(port, error))?,
        Port::Prefer(port) => match listen(port).await {
            Err(_) => listen(0).await.map_err(|error| explained(0, error))?,
            Ok(listener) => listener,
        },
    };
    let port = listener.local_addr().map_err(|error| explained(0, error))?.port();
    Ok((listener, port))
}

fn explain(at: SocketAddr, error: io::Error) -> ServeError {
    match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortTaken(at.port()),
        io::ErrorKind::PermissionDenied => ServeError::PortReserved(at.port()),
        _ => ServeError::Io(at, error),
    }
}

fn not_made(error: impl Into<Box<dyn Error + Send + Sync>>) -> ServeError {
    ServeError::Handler(error.into())
}

/// Who came: over plain HTTP, or over TLS with or without a certificate.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    Plain,
    Tls(Option<Arc<ClientCertificate>>),
}

/// One handler behind all sockets.
struct Answering<H> {
    handler: Arc<Mutex<H>>,
    /// For what the handler wants to be sent.
    transport: Option<Transport>,
    limits: Limits,
}

impl<H> Clone for Answering<H> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone(), transport: self.transport.clone(), limits: self.limits }
    }
}

impl<H: Handle> Converse for Answering<H> {
    type Body = Full<Bytes>;

    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn answer(self, peer: Peer, request: Request<Incoming>, is_coming: Arc<AtomicBool>) -> Response<Self::Body> {
        match request::read(peer, request, &self.limits).await {
            Ok(request) => {
                is_coming.store(true, Ordering::Relaxed);
                self.fetch_for(&request).await;
                let (response, delay, is_cut) = self.handle(&request);
                // Others are answered meanwhile.
                tokio::time::sleep(delay).await;
                is_coming.store(false, Ordering::Relaxed);
                let mut response = write(response);
                if is_cut {
                    response.extensions_mut().insert(Cut);
                }
                response
            }
            Err(refused) => refuse(&refused),
        }
    }
}

impl<H: Handle> Answering<H> {
    fn new(handler: H, transport: Option<Transport>, limits: Limits) -> Self {
        Self { handler: Arc::new(Mutex::new(handler)), transport, limits }
    }

    /// Fetches what this request cannot be answered without, where the handler may send to.
    async fn fetch_for(&self, request: &HttpRequest) {
        let Some(transport) = &self.transport else { return };
        // The document of its client, the keys of that, and its own.
        for _ in 0..3 {
            let Some(wanted) = self.lock().wanted_document(request, clock::now()) else { return };
            let came = transport.send(&wanted.request).await;
            let came = came.map(|answer| answer.response).map_err(|error| error.to_string());
            self.lock().take_document(request, &wanted, came, clock::now());
        }
    }

    /// A handler that panicked once may still answer the next request.
    fn lock(&self) -> MutexGuard<'_, H> {
        self.handler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, how long it is held back, and whether the connection ends in its place.
    fn handle(&self, request: &HttpRequest) -> (HttpResponse, Duration, bool) {
        let mut handler = self.lock();
        let response = handler.handle(request, clock::now());
        let (delay, is_cut, notifications) = (handler.take_delay(), handler.take_cut(), handler.take_notifications());
        drop(handler);
        self.notify(notifications);
        (response, delay, is_cut)
    }

    /// Sends what the handler wants to be sent. Nobody waits for it.
    fn notify(&self, notifications: Vec<HttpRequest>) {
        let Some(transport) = &self.transport else { return };
        for request in notifications {
            let (transport, handler) = (transport.clone(), Arc::clone(&self.handler));
            tokio::spawn(async move {
                let came = transport.send(&request).await;
                let came = came.map(|answer| answer.response.status).map_err(|error| error.to_string());
                let mut handler = handler.lock().unwrap_or_else(PoisonError::into_inner);
                handler.notified(&request, &came, clock::now());
            });
        }
    }
}

pub(super) fn write(response: HttpResponse) -> Response<Full<Bytes>> {
    let mut written = Response::new(Full::from(response.body));
    let Ok(status) = StatusCode::from_u16(response.status) else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "");
    };
    *written.status_mut() = status;
    for (name, value) in response.headers.iter() {
        let field = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()));
        let (Ok(name), Ok(value)) = field else {
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "");
        };
        written.headers_mut().append(name, value);
    }
    written
}

/// What follows on the connection may be the rest of what was refused.
pub(super) fn refuse(refused: &Refused) -> Response<Full<Bytes>> {
    let mut response = plain(refused.status, refused.why);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn plain(status: StatusCode, why: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{status}{}{why}", if why.is_empty() { "" } else { ": " })));
    *response.status_mut() = status;
    response
}
