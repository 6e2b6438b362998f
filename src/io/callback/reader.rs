//! A small strict reader of one HTTP/1.1 request (RFC 9112), for browsers at the redirect URI.
//!
//! Anything two parsers could understand differently is refused: no chunked bodies, no second
//! `Host` or `Content-Length`, no folded lines, no bare line feeds, no absolute-form targets.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::Limits;
use crate::base::http::Headers;

/// A request as the listener accepts it.
pub struct Request {
    /// An upper-case token.
    pub method: String,
    /// As in the request line, up to the question mark.
    pub path: String,
    /// What follows the question mark; empty when there is none.
    pub query: String,
    /// The one `Host`.
    pub host: String,
    /// In order.
    pub headers: Headers,
    /// As long as `Content-Length` says.
    pub body: Vec<u8>,
}

/// Bytes that are no request as the listener accepts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The status to answer with.
    pub status: u16,
    /// What is wrong, for people.
    pub reason: &'static str,
}

impl Unreadable {
    /// The time was over before the request was complete.
    pub const LATE: Self = Self { status: 408, reason: "it was not complete in time" };
    const CUT: Self = Self { status: 400, reason: "it ended before it was complete" };
    /// It is no request at all.
    pub const TLS: Self = Self { status: 400, reason: "it is a TLS handshake" };
    const HEAD_TOO_LARGE: Self = Self { status: 431, reason: "its header fields are too large" };
    const BODY_TOO_LARGE: Self = Self { status: 413, reason: "its body is too large" };

    const fn bad(reason: &'static str) -> Self {
        Self { status: 400, reason }
    }
}

/// Reads one request. `received` holds what came so far, also when the future is dropped.
/// Bytes after the request are left alone: a connection carries one.
pub async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    received: &mut Vec<u8>,
    limits: &Limits,
) -> Result<Request, Unreadable> {
    let head_end = loop {
        // A handshake record of any version (RFC 8446 section 5.1); what follows has no end that could be read.
        if received.starts_with(&[22, 3]) {
            return Err(Unreadable::TLS);
        }
        match find(received, b"\r\n\r\n") {
            Some(at) if at <= limits.head => break at,
            None if received.len() <= limits.head => read_more(stream, received).await?,
            _ => return Err(Unreadable::HEAD_TOO_LARGE),
        }
    };
    let (mut request, length) = parse_head(&received[..head_end])?;
    if length > limits.body {
        return Err(Unreadable::BODY_TOO_LARGE);
    }
    let body = head_end + 4..head_end + 4 + length;
    while received.len() < body.end {
        read_more(stream, received).await?;
    }
    request.body = received[body].to_vec();
    Ok(request)
}

async fn read_more(stream: &mut (impl AsyncRead + Unpin), received: &mut Vec<u8>) -> Result<(), Unreadable> {
    let mut chunk = [0; 4096];
    match stream.read(&mut chunk).await {
        Ok(0) | Err(_) => Err(Unreadable::CUT),
        Ok(count) => {
            received.extend_from_slice(&chunk[..count]);
            Ok(())
        }
    }
}

/// The request without its body, and how long that is.
fn parse_head(head: &[u8]) -> Result<(Request, usize), Unreadable> {
    let head = std::str::from_utf8(head).map_err(|_| Unreadable::bad("its header fields are not text"))?;
    let mut lines = head.split("\r\n");
    let (method, target) = parse_request_line(lines.next().unwrap_or_default())?;
    let headers = lines.map(parse_field).collect::<Result<_, _>>().map(Headers)?;
    if headers.get("transfer-encoding").is_some() {
        return Err(Unreadable::bad("it has a Transfer-Encoding"));
    }
    let host = single(&headers, "host")?.ok_or(Unreadable::bad("it has no Host"))?.to_owned();
    let length = match single(&headers, "content-length")? {
        Some(digits) => parse_length(digits)?,
        None if method == "POST" => return Err(Unreadable::bad("it has no Content-Length")),
        None => 0,
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
    Ok((Request { method, path, query, host, headers, body: Vec::new() }, length))
}

fn parse_request_line(line: &str) -> Result<(&str, &str), Unreadable> {
    let mut parts = line.split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Unreadable::bad("its first line is not that of HTTP/1.1"));
    };
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Unreadable::bad("its method is not a token"));
    }
    if !target.starts_with('/') || !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(Unreadable::bad("its target is not a path"));
    }
    Ok((method, target))
}

fn parse_field(line: &str) -> Result<(String, String), Unreadable> {
    let (name, value) = line.split_once(':').ok_or(Unreadable::bad("a header field has no colon"))?;
    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return Err(Unreadable::bad("a header field name is not a token"));
    }
    if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return Err(Unreadable::bad("a header field holds a control character"));
    }
    Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
}

/// RFC 9110 section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn single<'a>(headers: &'a Headers, name: &'a str) -> Result<Option<&'a str>, Unreadable> {
    let mut values = headers.all(name);
    let first = values.next();
    match values.next() {
        Some(_) => Err(Unreadable::bad("Host or Content-Length is there twice")),
        None => Ok(first),
    }
}

fn parse_length(digits: &str) -> Result<usize, Unreadable> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unreadable::bad("its Content-Length is not a number"));
    }
    digits.parse().map_err(|_| Unreadable::BODY_TOO_LARGE)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &[u8] = b"POST /cb?a=b HTTP/1.1\r\nHost: h\r\nContent-Type: x\r\nContent-Length: 2\r\n\r\nhi";

    fn read_all(mut bytes: &[u8]) -> Result<Request, Unreadable> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(read(&mut bytes, &mut Vec::new(), &Limits::default()))
    }

    #[test]
    fn a_request_is_read_to_its_last_byte() {
        let request = read_all(GOOD).map_err(|error| error.reason).expect("readable");
        let line = (request.method.as_str(), request.path.as_str(), request.query.as_str());
        assert_eq!(line, ("POST", "/cb", "a=b"));
        assert_eq!((request.host.as_str(), request.body.as_slice()), ("h", b"hi".as_slice()));
    }

    #[test]
    fn a_request_cut_anywhere_is_unreadable() {
        for end in 0..GOOD.len() {
            assert_eq!(read_all(&GOOD[..end]).err(), Some(Unreadable::CUT), "cut at {end}");
        }
    }

    #[test]
    fn a_flipped_bit_changes_a_request_or_makes_it_unreadable() {
        for at in 0..GOOD.len() * 8 {
            let mut bytes = GOOD.to_vec();
            bytes[at / 8] ^= 1 << (at % 8);
            if let Ok(request) = read_all(&bytes) {
                assert!(request.body.len() <= 2, "bit {at}");
                assert!(request.path.starts_with('/'), "bit {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read_all(&bytes);
        }

        #[test]
        fn any_bytes_after_a_good_head_are_survived(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_all(&[b"GET / HTTP/1.1\r\nHost: h\r\n", tail.as_slice(), b"\r\n\r\n"].concat());
        }
    }
}
