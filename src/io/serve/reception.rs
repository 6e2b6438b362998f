//! Lets connections in, not more than can be served, and ends those that come to nothing.
//!
//! A connection that is silent, or sends a request that never ends, costs a file descriptor: it has a time, and whoever
//! waits without an answer coming makes room for the next.

use std::collections::VecDeque;
use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::{Limits, Peer, tls};

/// Before another connection is accepted where the system has no descriptor for one.
const BREATH: Duration = Duration::from_millis(50);

/// What answers the requests of a connection.
pub(in crate::io) trait Converse: Clone + Send + 'static {
    /// The body of an answer.
    type Body: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// How long and how much is put up with.
    fn limits(&self) -> &Limits;

    /// The answer; `is_coming` is true while it is made, so that the connection is not ended for another.
    fn answer(
        self,
        peer: Peer,
        request: Request<Incoming>,
        is_coming: Arc<AtomicBool>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// In the place of an answer the connection ends.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(in crate::io) struct Cut;

/// An answer that may not be sent.
trait Sent: Sized {
    /// Itself, unless it is marked with [`Cut`].
    fn sent(self) -> Result<Self, Cut>;
}

impl<B> Sent for Response<B> {
    fn sent(self) -> Result<Self, Cut> {
        self.extensions().get::<Cut>().copied().map_or(Ok(self), Err)
    }
}

/// One socket's connections.
pub(in crate::io) struct Reception<C> {
    /// With TLS.
    acceptor: Option<TlsAcceptor>,
    answering: C,
    stop: watch::Receiver<()>,
    conversations: JoinSet<()>,
    /// The same, to end one.
    oldest_first: VecDeque<Conversation>,
}

struct Conversation {
    task: AbortHandle,
    is_answer_coming: Arc<AtomicBool>,
}

impl<C: Converse> Reception<C> {
    /// Goes on until the sender of `stop` is dropped; nothing is ever sent there.
    pub(in crate::io) fn new(acceptor: Option<TlsAcceptor>, answering: C, stop: watch::Receiver<()>) -> Self {
        Self { acceptor, answering, stop, conversations: JoinSet::new(), oldest_first: VecDeque::new() }
    }

    /// Serves until it is stopped, and then until the answers under way are out.
    pub(in crate::io) async fn receive(mut self, listener: TcpListener) {
        loop {
            tokio::select! {
                _ = self.stop.changed() => break,
                Some(_) = self.conversations.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.let_in(stream),
                    // Out of file descriptors, or the peer is gone already.
                    Err(_) => {
                        self.make_room();
                        sleep(BREATH).await;
                    }
                }
            }
        }
        drop(listener);
        while self.conversations.join_next().await.is_some() {}
    }

    fn let_in(&mut self, stream: TcpStream) {
        self.oldest_first.retain(|conversation| !conversation.task.is_finished());
        if self.oldest_first.len() >= self.answering.limits().connections {
            self.make_room();
        }
        let is_answer_coming = Arc::default();
        let talk = Talk {
            answering: self.answering.clone(),
            is_answer_coming: Arc::clone(&is_answer_coming),
            stop: self.stop.clone(),
        };
        let task = match self.acceptor.clone() {
            None => self.conversations.spawn(talk.converse(stream, Peer::Plain)),
            Some(acceptor) => self.conversations.spawn(talk.converse_in_secret(acceptor, stream)),
        };
        self.oldest_first.push_back(Conversation { task, is_answer_coming });
    }

    /// Ends the oldest connection without an answer coming, or the oldest.
    fn make_room(&mut self) {
        let idle = self.oldest_first.iter().position(|one| !one.is_answer_coming.load(Ordering::Relaxed));
        if let Some(oldest) = self.oldest_first.remove(idle.unwrap_or_default()) {
            oldest.task.abort();
        }
    }
}

/// One connection.
struct Talk<C> {
    answering: C,
    is_answer_coming: Arc<AtomicBool>,
    stop: watch::Receiver<()>,
}

impl<C: Converse> Talk<C> {
    /// A peer that is silent or speaks no TLS is left alone.
    async fn converse_in_secret(self, acceptor: TlsAcceptor, stream: TcpStream) {
        if let Ok(Ok(stream)) = timeout(self.answering.limits().head, acceptor.accept(stream)).await {
            let peer = Peer::Tls(tls::shown(&stream));
            self.converse(stream, peer).await;
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, peer: Peer) {
        let Self { answering, is_answer_coming, mut stop } = self;
        let head = answering.limits().head;
        let is_coming = is_answer_coming.clone();
        let service = service_fn(move |request| {
            let answer = answering.clone().answer(peer.clone(), request, is_coming.clone());
            async move { answer.await.sent() }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head);
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stop.changed() => connection.as_mut().graceful_shutdown(),
        }
        // The rest of a request is not waited for, and what goes wrong on a connection concerns its peer alone.
        if is_answer_coming.load(Ordering::Relaxed) {
            let _ = connection.await;
        }
    }
}
