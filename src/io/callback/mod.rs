//! The loopback redirect listener (RFC 8252 sections 7.3 and 8.3): waits at the redirect URI for one
//! authorization response and turns everything else away.
//!
//! ```text
//! accept -> reader (bytes to a request) -> desk (what it is) -> page (the answer) -> written
//!                                            |
//!                              callback, stray, or neither -> wait
//! ```
//! One stray request never ends a login: it is answered, reported and forgotten, up to a cap.

mod desk;
mod page;
mod reader;
mod sockets;
mod tls;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use url::{Host, Url};

use self::desk::{Desk, Outcome};
use self::reader::Unreadable;
use self::sockets::Sockets;
use crate::base::entropy::Entropy;
use crate::base::http::ClientCertificate;
use crate::base::text::{elided_between_words, visible};
use crate::base::time::{Timestamp, spoken};
use crate::flow::Event;
use crate::flow::callback::{Awaiting, Callback, Stray};
use crate::flow::joint;
use crate::io::storage::why;
use crate::io::{clock, random};

/// How long and how much a listener puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections served at the same time; the oldest gives way to a further one.
    pub connections: usize,
    /// For one connection, from its first byte to the last byte of its answer.
    pub conversation: Duration,
    /// Request line and header fields, in bytes.
    pub head: usize,
    /// Request body, in bytes.
    pub body: usize,
    /// Requests turned away before the wait is given up.
    pub strays: usize,
    /// For the last page, after the response has been delivered.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            conversation: Duration::from_secs(10),
            head: 16 * 1024,
            body: 64 * 1024,
            strays: 50,
            farewell: Duration::from_secs(2),
        }
    }
}

/// Why nothing listens at a redirect URI.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The redirect URI leads elsewhere.
    #[error("{0} is not this machine, which is 127.0.0.1, [::1] or localhost")]
    NotLoopback(String),
    /// Other schemes belong to other programs.
    #[error("a listener on this machine speaks http and https, not {0}")]
    NotHttp(String),
    /// Another program listens there.
    #[error("port {0} is taken by another program")]
    PortTaken(u16),
    /// The system keeps low ports for itself.
    #[error("port {0} is reserved by the system; those above 1023 are not")]
    PortReserved(u16),
    /// `https` cannot be spoken with this certificate.
    #[error("the certificate of the listener cannot be shown: {0}")]
    Certificate(#[source] io::Error),
    /// Anything else, as [`why`] says it.
    #[error("cannot listen: {error}", error = why(.0))]
    Io(#[source] io::Error),
}

/// Whether an application of the user's own is at this redirect URI: it has the certificate that `https` needs, and what
/// comes to it can be pasted.
pub fn is_served_elsewhere(redirect_uri: &Url, error: &ListenError) -> bool {
    redirect_uri.scheme() == "https" && matches!(error, ListenError::PortTaken(_))
}

/// Why a wait ended without a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// The time given is over.
    #[error("no response came within {}", spoken(*.0))]
    TimedOut(Duration),
    /// Something floods the redirect URI.
    #[error("{0} other requests came instead of the response")]
    TooManyStrays(usize),
    /// The program is shutting down.
    #[error("the listener was stopped")]
    Stopped,
}

/// A bound socket at a redirect URI. Bound before the authorization URL is built, so that the URL names the real
/// port; accepts nothing until [`Listener::wait`].
pub struct Listener {
    redirect_uri: Url,
    sockets: Sockets,
    /// With `https`.
    acceptor: Option<TlsAcceptor>,
    limits: Limits,
    entropy: Entropy,
    farewell: watch::Sender<()>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("redirect_uri", &self.redirect_uri.as_str()).finish_non_exhaustive()
    }
}

impl Listener {
    /// Binds exactly the address of `redirect_uri`; `localhost` binds 127.0.0.1 and, where there is one, `[::1]`.
    /// Port 0 becomes any free port, and no port is that of the scheme (RFC 9110 section 4.2.1). With `https` it shows
    /// a certificate made for it.
    ///
    /// # Errors
    /// When the URI is not `http` or `https` on this machine, or its port cannot be had. There is no fallback.
    pub async fn bind(redirect_uri: &Url) -> Result<Self, ListenError> {
        Self::bind_showing(redirect_uri, None).await
    }

    /// The same with a certificate for `https` that others trust.
    ///
    /// # Errors
    /// As for [`Listener::bind`], and when the certificate cannot be shown.
    pub async fn bind_showing(
        redirect_uri: &Url,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Self, ListenError> {
        let acceptor = match redirect_uri.scheme() {
            "http" => None,
            "https" => Some(tls::acceptor(certificate, clock::now()).map_err(ListenError::Certificate)?),
            other => return Err(ListenError::NotHttp(other.to_owned())),
        };
        let port = redirect_uri.port_or_known_default().unwrap_or_default();
        let sockets = match redirect_uri.host() {
            Some(Host::Ipv4(ip)) if ip.is_loopback() => Sockets::one(ip.into(), port).await?,
            Some(Host::Ipv6(ip)) if ip.is_loopback() => Sockets::one(ip.into(), port).await?,
            Some(Host::Domain("localhost")) => Sockets::both(port).await?,
            host => return Err(ListenError::NotLoopback(host.map(|host| host.to_string()).unwrap_or_default())),
        };
        let mut redirect_uri = redirect_uri.clone();
        redirect_uri.set_port(Some(sockets.port()?)).expect("a URL of the web takes a port");
        let entropy = random::entropy().map_err(ListenError::Io)?;
        let farewell = watch::Sender::new(());
        Ok(Self { redirect_uri, sockets, acceptor, limits: Limits::default(), entropy, farewell })
    }

    /// The same listener with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The redirect URI with its real port.
    pub const fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// Resolves when the last page has been served or nobody came for it. A program that would exit right after
    /// [`Listener::wait`] awaits it first, or the browser ends at an error page.
    pub fn farewell(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut served = self.farewell.subscribe();
        async move { while served.changed().await.is_ok() {} }
    }

    /// Waits for the awaited response, and answers what is offered beside it at this port. Returns as soon as the browser has
    /// its answer; the page it is sent to is served on in the background for a moment, and what else comes meanwhile is still
    /// noted.
    ///
    /// Dropping the future closes the socket.
    ///
    /// # Errors
    /// When the time is over, or too many other requests came.
    pub async fn wait(
        self,
        awaiting: &Awaiting,
        clock: impl Fn() -> Timestamp + Send + 'static,
        on_note: impl FnMut(Event) + Send + 'static,
        time_limit: Duration,
    ) -> Result<Callback, WaitError> {
        let (deliver, delivered) = oneshot::channel();
        let awaiting = Awaiting { redirect_uri: self.redirect_uri, ..awaiting.clone() };
        let reception = Reception {
            sockets: self.sockets,
            acceptor: self.acceptor,
            limits: self.limits,
            desk: Arc::new(Mutex::new(Desk::new(awaiting, self.entropy))),
            conversations: JoinSet::new(),
            oldest_first: VecDeque::new(),
            clock,
            on_note,
            _farewell: self.farewell,
        };
        tokio::spawn(reception.serve(deliver, time_limit));
        delivered.await.unwrap_or(Err(WaitError::Stopped))
    }
}

/// A connection, plain or with TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A listener at work.
struct Reception<C, S> {
    sockets: Sockets,
    acceptor: Option<TlsAcceptor>,
    limits: Limits,
    desk: Arc<Mutex<Desk>>,
    conversations: JoinSet<Option<Heard>>,
    /// The same, to end one.
    oldest_first: VecDeque<AbortHandle>,
    clock: C,
    on_note: S,
    /// Dropped when all is over, which [`Listener::farewell`] sees.
    _farewell: watch::Sender<()>,
}

/// One request that was answered.
struct Heard {
    /// Method and path.
    what: String,
    outcome: Outcome,
}

impl<C: Fn() -> Timestamp, S: FnMut(Event)> Reception<C, S> {
    async fn serve(mut self, mut deliver: oneshot::Sender<Result<Callback, WaitError>>, time_limit: Duration) {
        let result = tokio::select! {
            result = timeout(time_limit, self.receive()) => result.unwrap_or(Err(WaitError::TimedOut(time_limit))),
            () = deliver.closed() => return,
        };
        let came = result.is_ok();
        let _ = deliver.send(result);
        if came {
            let _ = timeout(self.limits.farewell, self.see_off()).await;
        }
    }

    async fn receive(&mut self) -> Result<Callback, WaitError> {
        let mut strays = 0;
        while strays < self.limits.strays {
            let heard = self.hear().await;
            match heard.outcome {
                Outcome::Delivered(callback) => return Ok(callback),
                Outcome::Refused(_) => strays += 1,
                Outcome::Helped | Outcome::SeenOff | Outcome::Arrived(_) => {}
            }
            self.report(heard);
        }
        Err(WaitError::TooManyStrays(strays))
    }

    async fn see_off(&mut self) {
        loop {
            let heard = self.hear().await;
            if matches!(heard.outcome, Outcome::SeenOff) {
                return;
            }
            self.report(heard);
        }
    }

    /// The next request that was answered, while further connections are let in.
    async fn hear(&mut self) -> Heard {
        loop {
            tokio::select! {
                stream = self.sockets.accept() => self.let_in(stream),
                Some(ended) = self.conversations.join_next() => {
                    if let Ok(Some(heard)) = ended {
                        return heard;
                    }
                }
            }
        }
    }

    /// Browsers open connections ahead and say nothing: whoever has had the most time makes room.
    fn let_in(&mut self, stream: TcpStream) {
        self.oldest_first.retain(|conversation| !conversation.is_finished());
        if self.oldest_first.len() >= self.limits.connections
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            oldest.abort();
        }
        let (desk, limits, now) = (self.desk.clone(), self.limits, (self.clock)());
        let conversation = match self.acceptor.clone() {
            None => self.conversations.spawn(converse(stream, desk, limits, now)),
            Some(acceptor) => self.conversations.spawn(converse_in_secret(acceptor, stream, desk, limits, now)),
        };
        self.oldest_first.push_back(conversation);
    }

    fn report(&mut self, heard: Heard) {
        match heard.outcome {
            Outcome::Refused(why) => (self.on_note)(Event::Stray(Stray { at: (self.clock)(), what: heard.what, why })),
            Outcome::Arrived(arrival) => (self.on_note)(Event::Arrived(arrival)),
            Outcome::Delivered(_) | Outcome::Helped | Outcome::SeenOff => {}
        }
    }
}

/// The same behind a handshake.
async fn converse_in_secret(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    desk: Arc<Mutex<Desk>>,
    limits: Limits,
    now: Timestamp,
) -> Option<Heard> {
    match timeout(limits.conversation, acceptor.accept(stream)).await.ok()? {
        Ok(stream) => converse(stream, desk, limits, now).await,
        Err(error) => {
            Some(Heard { what: "TLS handshake".to_owned(), outcome: Outcome::Refused(tls::refusal(&error)?) })
        }
    }
}

/// One connection: one request, one answer, closed. `None` when nothing was said: browsers open connections ahead.
async fn converse(mut stream: impl Stream, desk: Arc<Mutex<Desk>>, limits: Limits, now: Timestamp) -> Option<Heard> {
    let mut received = Vec::new();
    let read = timeout(limits.conversation, reader::read(&mut stream, &mut received, &limits)).await;
    let request = match read.unwrap_or(Err(Unreadable::LATE)) {
        Ok(request) => request,
        Err(_) if received.is_empty() => return None,
        Err(unreadable) => {
            reply(&mut stream, &page::unreadable(unreadable.status)).await;
            drain(&mut stream, &limits).await;
            let what = if unreadable == Unreadable::TLS { "TLS handshake" } else { "unreadable request" };
            return Some(Heard { what: what.to_owned(), outcome: unreadable.into() });
        }
    };
    let (response, outcome) = desk.lock().unwrap_or_else(PoisonError::into_inner).answer(&request, now);
    let mut bytes = page::to_bytes(&response);
    if request.method == "HEAD" {
        bytes.truncate(bytes.len() - response.body.len());
    }
    reply(&mut stream, &bytes).await;
    let what = format!("{} {}", request.method, joint::bare(&request.path));
    Some(Heard { what: visible(&elided_between_words(&what, 120)).into_owned(), outcome })
}

/// A browser that is gone before its answer has still delivered its request.
async fn reply(stream: &mut impl Stream, bytes: &[u8]) {
    let written = async {
        stream.write_all(bytes).await?;
        stream.shutdown().await
    };
    let _ = timeout(Duration::from_secs(1), written).await;
}

/// Reads what is still on its way: closing before would reset the connection and lose the answer.
async fn drain(stream: &mut impl Stream, limits: &Limits) {
    let (mut rest, mut scrap) = (stream.take((limits.head + limits.body) as u64 * 4), Vec::new());
    let _ = timeout(Duration::from_millis(500), rest.read_to_end(&mut scrap)).await;
}
