//! Bodies on their way: read up to a limit, and streamed beyond it.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use hyper::{Response, StatusCode};
use tokio::time::timeout;

use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::capture::read::BODY_LIMIT;
use crate::io::serve::request::{Refused, bad};
use crate::io::serve::write;

/// Why a body breaks off.
pub(super) type Broken = Box<dyn Error + Send + Sync>;

/// The body of an answer here.
pub(super) type Body = UnsyncBoxBody<Bytes, Broken>;

/// A body that is there.
pub(super) fn full(body: Full<Bytes>) -> Body {
    body.map_err(|never| match never {}).boxed_unsync()
}

/// What is said of a body that was not read.
pub(super) fn unread(what: &str, path: &str) -> String {
    let limit = BODY_LIMIT / (1024 * 1024);
    let path: String = path.chars().take(100).collect();
    format!("The body of the {what} at {path} is larger than {limit} MB, or has no end, and passed unread.")
}

/// The body of a request: all of it, or its beginning and what is still to come.
pub(super) struct Sent(Option<Beginning<Incoming>>);

impl Sent {
    /// Whether it was too large to be read.
    pub(super) const fn is_unread(&self) -> bool {
        self.0.is_some()
    }

    /// As it leaves.
    pub(super) fn into_body(self, request: &HttpRequest) -> Option<reqwest::Body> {
        match self.0 {
            Some(beginning) => Some(reqwest::Body::wrap(beginning)),
            None if request.body.is_empty() && matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") => None,
            None => Some(request.body.clone().into()),
        }
    }
}

/// Reads the body of a request, up to the limit.
///
/// # Errors
/// When it ends early or is late.
pub(super) async fn sent(mut body: Incoming, limit: Duration) -> Result<(Vec<u8>, Sent), Refused> {
    let mut read = Vec::new();
    let reading = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(bad("its body cannot be read to its end")) };
            if let Ok(data) = frame.into_data() {
                read.extend_from_slice(&data);
            }
            if read.len() > BODY_LIMIT {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let late = Refused { status: StatusCode::REQUEST_TIMEOUT, why: "its body was not complete in time" };
    let is_too_large = timeout(limit, reading).await.unwrap_or(Err(late))?;
    Ok(match is_too_large {
        true => (Vec::new(), Sent(Some(Beginning { first: Some(read.into()), rest: body }))),
        false => (read, Sent(None)),
    })
}

/// Reads an answer, up to the limit; what is beyond it is still to come then. One without an end is not read at all.
///
/// # Errors
/// Says why it breaks off.
pub(super) async fn came(mut response: reqwest::Response) -> Result<(HttpResponse, Option<reqwest::Body>), String> {
    let lossy = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = Headers(response.headers().iter().map(lossy).collect());
    let is_endless = headers.content_type().as_deref() == Some("text/event-stream");
    let mut answer = HttpResponse { status: response.status().as_u16(), headers, body: Vec::new() };
    while !is_endless && answer.body.len() <= BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Ok(None) => return Ok((answer, None)),
            // Its words may hold the URL.
            Err(_) => return Err("its answer broke off".to_owned()),
        }
    }
    Ok((answer, Some(Response::from(response).into_body())))
}

/// The answer here, with what of its body is still to come.
pub(super) fn answer(mut home: HttpResponse, rest: Option<reqwest::Body>, is_head: bool) -> Response<Body> {
    let first = std::mem::take(&mut home.body);
    let written = write(home);
    match rest {
        Some(rest) => written.map(|_| {
            let body = Beginning { first: Some(first.into()), rest };
            body.map_err(Into::into).boxed_unsync()
        }),
        None if is_head => written.map(full),
        None => written.map(|_| full(Full::from(first))),
    }
}

/// What was read of a body, and the rest of it.
struct Beginning<B> {
    first: Option<Bytes>,
    rest: B,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Beginning<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.first.take().filter(|first| !first.is_empty()) {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, |first| first.len() as u64);
        let rest = self.rest.size_hint();
        let mut whole = SizeHint::new();
        whole.set_lower(first + rest.lower());
        if let Some(upper) = rest.upper() {
            whole.set_upper(first + upper);
        }
        whole
    }
}
