//! From what came on a socket to a request with an absolute URL.
//!
//! What two readers could understand differently is refused (RFC 9112 section 3.2): two `Host` fields, one with a user
//! name, and a target that names another host. A target that names this one counts for more than `Host` (section 3.2.2).

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Request, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::{Limits, Peer};
use crate::base::http::{Headers, HttpRequest, Tls, is_loopback};

/// A request that is not handed on.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::io) struct Refused {
    /// The status to answer with.
    pub(in crate::io) status: StatusCode,
    /// What is wrong, for people.
    pub(in crate::io) why: &'static str,
}

pub(in crate::io) const fn bad(why: &'static str) -> Refused {
    Refused { status: StatusCode::BAD_REQUEST, why }
}

/// The request, whole.
///
/// # Errors
/// When it does not say clearly what it is for, or its body is too large, ends early or is late.
pub(super) async fn read(peer: Peer, request: Request<Incoming>, limits: &Limits) -> Result<HttpRequest, Refused> {
    let (scheme, certificate) = match peer {
        Peer::Plain => ("http", None),
        Peer::Tls(certificate) => ("https", certificate),
    };
    let (head, body) = request.into_parts();
    let url = url(&head, scheme)?;
    let body = read_body(body, limits).await?;
    let (method, mut headers) = (head.method.to_string(), from_map(&head.headers));
    if let Some(named) = head.uri.authority() {
        headers.set(HOST.as_str(), named.as_str());
    }
    Ok(HttpRequest { method, url, headers, body, tls: Tls { certificate, authorities: None }, referred: None })
}

async fn read_body(body: Incoming, limits: &Limits) -> Result<Vec<u8>, Refused> {
    let late = Refused { status: StatusCode::REQUEST_TIMEOUT, why: "its body was not complete in time" };
    match timeout(limits.body, Limited::new(body, limits.body_size).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Refused { status: StatusCode::PAYLOAD_TOO_LARGE, why: "its body is too large" })
        }
        Ok(Err(_)) => Err(bad("its body cannot be read to its end")),
        Err(_) => Err(late),
    }
}

/// Where the request goes (RFC 9112 sections 3.2 and 3.3): a target with a host says it whatever `Host` says, which has to
/// be there all the same.
pub(in crate::io) fn url(head: &Parts, scheme: &str) -> Result<Url, Refused> {
    let host = host(&head.headers)?;
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    if !target.starts_with('/') {
        return Err(bad("its target is not a path"));
    }
    let named = head.uri.authority().map(Authority::as_str);
    let at = named.unwrap_or(host);
    let url = Url::parse(&format!("{scheme}://{at}{target}")).map_err(|_| bad("its Host is no host"))?;
    // This is no proxy.
    let is_here =
        named.is_none_or(|named| !named.contains('@') && head.uri.scheme_str() == Some(scheme) && is_loopback(&url));
    if is_here { Ok(url) } else { Err(bad("its target is on another host")) }
}

/// The one `Host`: a host and perhaps a port.
fn host(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut fields = headers.get_all(HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (Some(field), None) => field,
        (None, _) => return Err(bad("it has no Host")),
        _ => return Err(bad("it has two Host fields")),
    };
    let host = field.to_str().map_err(|_| bad("its Host is not text"))?;
    match host.parse::<Authority>() {
        Ok(_) if host.contains('@') => Err(bad("its Host holds a user name")),
        Ok(_) => Ok(host),
        Err(_) => Err(bad("its Host is no host")),
    }
}

/// Header fields as they came.
pub(in crate::io) fn from_map(map: &HeaderMap) -> Headers {
    let lossy = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Headers(map.iter().map(|(name, value)| (name.as_str().to_owned(), lossy(value))).collect())
}
