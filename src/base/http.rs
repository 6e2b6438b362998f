//! An HTTP request and its answer as plain values: what the flow makes, the user edits,
//! the transport sends, the practice server answers and every export shows.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::json::Json;
use super::params::Params;
use super::secret::SecretBytes;

/// Media type of form bodies.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// Media type of JSON.
pub const JSON: &str = "application/json";

/// Header fields in the order they are sent; names compare without case.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All values of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Appends a field, also when the name is there already.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Replaces every field of this name by one.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.push(name, value);
    }

    /// Fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The media type without parameters, in lower case: `application/json`.
    pub fn content_type(&self) -> Option<String> {
        let value = self.get("content-type")?;
        Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
    }
}

impl fmt::Debug for Headers {
    /// Names only: values may be credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What the TLS connection of one request has besides the usual: what a client brings, or what a server was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The client's certificate (RFC 8705).
    pub certificate: Option<Arc<ClientCertificate>>,
    /// Certificates of further authorities to trust, as PEM.
    pub authorities: Option<Arc<str>>,
}

impl Tls {
    /// Whether the connection is like any other.
    pub const fn is_default(&self) -> bool {
        self.certificate.is_none() && self.authorities.is_none()
    }
}

/// A certificate that a client shows in the TLS handshake.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// DER, the client's own first.
    pub chain: Vec<Vec<u8>>,
    /// Its private key as PKCS#8 in DER; empty on the server's side.
    pub key: SecretBytes,
}

impl fmt::Debug for ClientCertificate {
    /// How many certificates, and whether there is a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("chain", &format_args!("{} certificates", self.chain.len()))
            .field("has_key", &!self.key.is_empty())
            .finish()
    }
}

/// A request exactly as it leaves.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST` or any other token.
    pub method: String,
    /// Absolute URL with its query; a fragment is never sent.
    pub url: Url,
    /// Without `Host` and `Content-Length`, which the transport adds.
    pub headers: Headers,
    /// Empty when there is none.
    pub body: Vec<u8>,
    /// Nothing, but for mutual TLS and servers of a private authority.
    pub tls: Tls,
    /// The document that a parameter refers to, where this program made it: no part of the message, and what it says.
    pub referred: Option<Arc<str>>,
}

impl HttpRequest {
    /// A GET without header fields.
    pub fn get(url: Url) -> Self {
        let (headers, body, tls) = (Headers::default(), Vec::new(), Tls::default());
        Self { method: "GET".to_owned(), url, headers, body, tls, referred: None }
    }

    /// A POST of a form.
    pub fn post_form(url: Url, form: &Params) -> Self {
        let request = Self { method: "POST".to_owned(), body: form.encode().into_bytes(), ..Self::get(url) };
        request.with_header("Content-Type", FORM)
    }

    /// The same request with one more header field.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Parameters of the URL's query.
    pub fn query(&self) -> Params {
        Params::parse(self.url.query().unwrap_or_default().as_bytes())
    }

    /// Parameters of a form body; `None` when the body is not a form.
    pub fn form(&self) -> Option<Params> {
        (self.headers.content_type().as_deref() == Some(FORM)).then(|| Params::parse(&self.body))
    }

    /// The names of what is sent: the parameters of a form, the members of an object in JSON, or the parameters of the URL.
    pub fn names(&self) -> Vec<String> {
        let is_json = self.headers.content_type().as_deref() == Some(JSON);
        if let Some(json) = is_json.then(|| Json::parse(&self.body).ok()).flatten() {
            return json.members().iter().map(|(name, _)| name.clone()).collect();
        }
        let params = self.form().unwrap_or_else(|| self.query());
        params.iter().map(|(name, _)| name.to_owned()).collect()
    }
}

impl fmt::Debug for HttpRequest {
    /// Method, origin and path; query, header values and body may be credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = format_args!("{}{}", self.url.origin().ascii_serialization(), self.url.path()).to_string();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &target)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("tls", &self.tls)
            .finish()
    }
}

/// An answer as it came, after content decoding.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code, 100 to 599.
    pub status: u16,
    /// As received.
    pub headers: Headers,
    /// As received, at most the transport's cap.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// An answer with a text body.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut headers = Headers::default();
        headers.push("Content-Type", content_type);
        Self { status, headers, body: body.into() }
    }

    /// The same answer with one more header field.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for HttpResponse {
    /// Status, header names and size; values may be credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// The reason phrase people know a status by, or an empty text (RFC 9110 section 15).
pub fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// User and password of `Authorization: Basic`, as they stand in the base64 (RFC 7617 section 2). A client's may be
/// form-encoded (RFC 6749 section 2.3.1). `None` for another scheme.
pub fn basic_pair(field: &str) -> Option<(String, String)> {
    let (scheme, encoded) = field.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Whether a host is this machine: a loopback literal or a `localhost` name (RFC 6761 section 6.3).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether a client on this machine can listen at a URL: http on loopback (RFC 8252 section 7.3).
pub fn can_be_listened_at(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_credential() {
        let url = Url::parse("https://as.example/token?code=sentinel").expect("a URL");
        let form: Params = [("client_secret", "sentinel")].into_iter().collect();
        let mut request = HttpRequest::post_form(url, &form).with_header("Authorization", "sentinel");
        let certificate = ClientCertificate { chain: Vec::new(), key: SecretBytes::new(b"sentinel".to_vec()) };
        request.tls.certificate = Some(Arc::new(certificate));
        let response = HttpResponse::new(200, JSON, "sentinel").with_header("Set-Cookie", "sentinel");
        let shown = format!("{request:?}{response:?}");
        assert!(!shown.contains("sentinel") && !shown.contains("115"), "{shown}");
    }

    #[test]
    fn loopback_is_told_by_host_not_by_text() {
        for (url, expected) in [
            ("http://127.0.0.1:9400/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://localhost.example/", false),
            ("http://127.0.0.1.example/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).expect("a URL")), expected, "{url}");
        }
    }
}
