//! Serves a request handler on a loopback socket: the practice server's way to the network.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use crate::base::http::{Headers, HttpRequest, HttpResponse, Tls};
use crate::base::time::Timestamp;
use crate::io::clock;

/// Largest request body, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// How long open connections may take to end when the server stops.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Which port to serve on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// This one or none. 0 is any free one.
    Exactly(u16),
    /// This one, or any free one when it is taken.
    Prefer(u16),
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program listens there.
    #[error("port {0} is taken by another program: stop it or choose another port")]
    PortTaken(u16),
    /// Anything else, in the system's words.
    #[error("cannot listen on 127.0.0.1:{0}: {1}")]
    Io(u16, #[source] io::Error),
    /// What should answer could not be made.
    #[error("the server could not be made: {0}")]
    Handler(#[source] Box<dyn Error + Send + Sync>),
}

/// A running server on 127.0.0.1. Stops when dropped; [`Server::stop`] waits for it.
#[derive(Debug)]
pub struct Server {
    issuer: Url,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
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
        H: FnMut(&HttpRequest, Timestamp) -> HttpResponse + Send + 'static,
    {
        let listener = bind(port).await?;
        let port = listener.local_addr().map_err(|error| ServeError::Io(0, error))?.port();
        let issuer = Url::parse(&format!("http://127.0.0.1:{port}/")).expect("an address and a port make a URL");
        let handler = make(issuer.clone()).map_err(|error| ServeError::Handler(error.into()))?;
        let handler = Arc::new(Mutex::new(handler));
        let router = Router::new().fallback(move |request| answer(handler.clone(), request));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async move { drop(stopped.await) };
            // Accept errors are retried inside; there is no other outcome than the end.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
        });
        Ok(Self { issuer, stop, task })
    }

    /// Where it is reached, with the real port.
    pub const fn issuer(&self) -> &Url {
        &self.issuer
    }

    /// Takes no more requests and waits until those under way are answered, at most two seconds.
    pub async fn stop(self) {
        let Self { stop, mut task, .. } = self;
        drop(stop);
        if tokio::time::timeout(STOP_LIMIT, &mut task).await.is_err() {
            task.abort();
        }
    }
}

async fn bind(port: Port) -> Result<TcpListener, ServeError> {
    let listen = async |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    match port {
        Port::Exactly(port) => listen(port).await.map_err(|error| explain(port, error)),
        Port::Prefer(port) => match listen(port).await {
            Err(_) => listen(0).await.map_err(|error| explain(0, error)),
            Ok(listener) => Ok(listener),
        },
    }
}

fn explain(port: u16, error: io::Error) -> ServeError {
    match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortTaken(port),
        _ => ServeError::Io(port, error),
    }
}

async fn answer<H>(handler: Arc<Mutex<H>>, request: Request) -> Response
where
    H: FnMut(&HttpRequest, Timestamp) -> HttpResponse,
{
    match read(request).await {
        // A handler that panicked once may still answer the next request.
        Ok(request) => write(handler.lock().unwrap_or_else(PoisonError::into_inner)(&request, clock::now())),
        Err(status) => plain(status),
    }
}

async fn read(request: Request) -> Result<HttpRequest, StatusCode> {
    let (head, body) = request.into_parts();
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).ok_or(StatusCode::BAD_REQUEST)?;
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = Url::parse(&format!("http://{host}{target}")).map_err(|_| StatusCode::BAD_REQUEST)?;
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let (method, headers) = (head.method.to_string(), from_map(&head.headers));
    Ok(HttpRequest { method, url, headers, body: body.into(), tls: Tls::default() })
}

fn from_map(map: &HeaderMap) -> Headers {
    let lossy = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Headers(map.iter().map(|(name, value)| (name.as_str().to_owned(), lossy(value))).collect())
}

fn write(response: HttpResponse) -> Response {
    let mut written = Response::new(Body::from(response.body));
    let Ok(status) = StatusCode::from_u16(response.status) else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    };
    *written.status_mut() = status;
    for (name, value) in response.headers.iter() {
        let field = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()));
        let (Ok(name), Ok(value)) = field else {
            return plain(StatusCode::INTERNAL_SERVER_ERROR);
        };
        written.headers_mut().append(name, value);
    }
    written
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::from(status.to_string()));
    *response.status_mut() = status;
    response
}
