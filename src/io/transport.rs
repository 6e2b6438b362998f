//! Sends one request and brings back one answer, exactly as it came.
//!
//! Redirects are never followed (the 3xx is the answer), nothing is retried, every exchange has its own
//! connection, and a body is counted after decompression while it streams.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, redirect, retry};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::Url;

use crate::base::http::{ClientCertificate, Headers, HttpRequest, HttpResponse, Tls, is_loopback};
use crate::base::text::{elided, visible};
use crate::flow::transport_error::{HeadFault, TlsFault, TransportError};
use crate::io::trust::{SystemTrust, Trust, certificates, client_config};

/// Sent as `User-Agent` unless the request has its own.
pub const USER_AGENT: &str = concat!("grantscope/", env!("CARGO_PKG_VERSION"));

/// Most header fields of an answer over HTTP/1.1.
const FIELD_LIMIT: usize = 1_000;

/// For how many different [`Tls`] clients are kept.
const CACHED: usize = 8;

/// Limits and trust of a transport. The default is what trust in strangers allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportOptions {
    /// For the connection, TLS included.
    pub connect_limit: Duration,
    /// For the whole exchange.
    pub total_limit: Duration,
    /// Largest body in bytes, after decompression.
    pub body_limit: usize,
    /// Certificates of further authorities, or of servers themselves, as PEM; each text may hold several.
    pub certificate_authorities: Vec<String>,
    /// Skips every check of server certificates. Never a default.
    pub danger_accept_invalid_certs: bool,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            connect_limit: Duration::from_secs(10),
            total_limit: Duration::from_secs(30),
            body_limit: 20 * 1024 * 1024,
            certificate_authorities: Vec::new(),
            danger_accept_invalid_certs: false,
        }
    }
}

/// What came back, and how long it took from the first byte out to the last byte in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// As it came, decompressed.
    pub response: HttpResponse,
    /// Connecting included.
    pub took: Duration,
}

/// A way to send requests. Cheap to clone; belongs to no runtime.
#[derive(Clone)]
pub struct Transport {
    /// For requests whose TLS is the usual.
    usual: Clients,
    /// For the others, the one used last at the end.
    others: Arc<Mutex<Vec<(Tls, Clients)>>>,
    /// Which requests go through which proxy, as [`Clients::outward`] decides it too.
    proxies: Arc<Matcher>,
    /// Those of the options, read once.
    authorities: Arc<[CertificateDer<'static>]>,
    system: SystemTrust,
    options: TransportOptions,
}

/// Two clients with the same certificate and trust.
#[derive(Clone)]
struct Clients {
    /// For this machine: never through a proxy.
    direct: Client,
    /// For everything else: through the proxy of the environment, if there is one.
    outward: Client,
}

impl Transport {
    /// Sets up TLS and limits.
    ///
    /// # Errors
    /// [`TransportError::Setup`] when a certificate authority is not a PEM certificate.
    pub fn new(options: TransportOptions) -> Result<Self, TransportError> {
        let read = options.certificate_authorities.iter().map(|pem| certificates(pem));
        let authorities = read.collect::<Result<Vec<_>, _>>()?.concat();
        let system = SystemTrust::default();
        let trust = Trust::new(system.clone(), authorities.clone(), options.danger_accept_invalid_certs)?;
        let usual = Clients::build(&options, trust, None)?;
        let proxies = Arc::new(Matcher::from_system());
        Ok(Self { usual, others: Arc::default(), proxies, authorities: authorities.into(), system, options })
    }

    /// Sends a request as it stands; adds `Host`, `Content-Length`, and where absent `User-Agent`, `Accept`
    /// and `Accept-Encoding: gzip`.
    ///
    /// # Errors
    /// When no complete answer came. An HTTP error status is an answer. [`TransportError::Setup`] when the request's
    /// certificate, its key or an authority cannot be used.
    pub async fn send(&self, request: &HttpRequest) -> Result<Answer, TransportError> {
        let started = Instant::now();
        let clients = self.clients(&request.tls)?;
        let (client, proxy) = self.route(&clients, &request.url);
        let exchange = Exchange { at: host_and_port(&request.url), proxy, options: &self.options };
        let sent = client.execute(to_reqwest(request)?).await;
        let response = exchange.read(sent.map_err(|error| exchange.explain(&error))?).await?;
        Ok(Answer { response, took: started.elapsed() })
    }

    /// Sends a request with another body, which may still be on its way, and brings the head of its answer: the body of
    /// that is read by who asked, without the limit of this transport.
    pub(in crate::io) async fn open(
        &self,
        request: &HttpRequest,
        body: Option<reqwest::Body>,
    ) -> Result<reqwest::Response, TransportError> {
        let clients = self.clients(&request.tls)?;
        let (client, proxy) = self.route(&clients, &request.url);
        let exchange = Exchange { at: host_and_port(&request.url), proxy, options: &self.options };
        let mut prepared = to_reqwest(request)?;
        *prepared.body_mut() = body;
        client.execute(prepared).await.map_err(|error| exchange.explain(&error))
    }

    /// The clients for this certificate and trust: those of an earlier request, or new ones.
    fn clients(&self, tls: &Tls) -> Result<Clients, TransportError> {
        if tls.is_default() {
            return Ok(self.usual.clone());
        }
        // Nothing in here panics halfway.
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = others.iter().position(|(of, _)| of == tls).map(|at| others.remove(at));
        let (tls, clients) = match known {
            Some(known) => known,
            None => (tls.clone(), self.build(tls)?),
        };
        let superfluous = (others.len() + 1).saturating_sub(CACHED);
        others.drain(..superfluous);
        others.push((tls, clients.clone()));
        Ok(clients)
    }

    fn build(&self, tls: &Tls) -> Result<Clients, TransportError> {
        let mut authorities = self.authorities.to_vec();
        if let Some(pem) = &tls.authorities {
            authorities.extend(certificates(pem)?);
        }
        let trust = Trust::new(self.system.clone(), authorities, self.options.danger_accept_invalid_certs)?;
        Clients::build(&self.options, trust, tls.certificate.as_deref())
    }

    /// The client for a URL, and `host:port` of the proxy it goes through.
    fn route<'a>(&self, clients: &'a Clients, url: &Url) -> (&'a Client, Option<String>) {
        if is_loopback(url) {
            return (&clients.direct, None);
        }
        let proxy = url.as_str().parse().ok().and_then(|uri| self.proxies.intercept(&uri));
        let at = proxy.and_then(|proxy| Some(host_and_port(&Url::parse(&proxy.uri().to_string()).ok()?)));
        (&clients.outward, at)
    }
}

impl fmt::Debug for Transport {
    /// Without the clients and proxies, which may hold a proxy's password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("options", &self.options).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Route {
    Direct,
    Outward,
}

impl Clients {
    fn build(
        options: &TransportOptions,
        trust: Trust,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Self, TransportError> {
        let tls = client_config(trust, certificate)?;
        let client = |route| build(options, tls.clone(), route);
        Ok(Self { direct: client(Route::Direct)?, outward: client(Route::Outward)? })
    }
}

fn build(options: &TransportOptions, tls: ClientConfig, route: Route) -> Result<Client, TransportError> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(0)
        .http1_title_case_headers()
        .http1_max_headers(FIELD_LIMIT)
        .connect_timeout(options.connect_limit)
        .timeout(options.total_limit)
        .tls_backend_preconfigured(tls);
    let builder = if route == Route::Direct { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| TransportError::Setup { reason: innermost(&error) })
}

fn to_reqwest(request: &HttpRequest) -> Result<reqwest::Request, TransportError> {
    let bad = |reason: String| TransportError::BadRequest { reason };
    let mut url = request.url.clone();
    url.set_fragment(None);
    if !matches!(url.scheme(), "http" | "https") {
        return Err(TransportError::BadUrl { reason: format!("{} is not a scheme of the web", url.scheme()) });
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = "it holds a user name or password, which belong in an Authorization header".to_owned();
        return Err(TransportError::BadUrl { reason });
    }
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| bad(format!("{} is not a method", shown(&request.method))))?;
    let mut prepared = reqwest::Request::new(method, url);
    *prepared.headers_mut() = to_header_map(&request.headers)?;
    if !request.body.is_empty() || request.method != "GET" {
        *prepared.body_mut() = Some(request.body.clone().into());
    }
    Ok(prepared)
}

fn to_header_map(headers: &Headers) -> Result<HeaderMap, TransportError> {
    let bad = |reason: String| TransportError::BadRequest { reason };
    let mut map = HeaderMap::new();
    for (name, value) in headers.iter() {
        let field = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| bad(format!("{} is not a header field name", shown(name))))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| bad(format!("the value of {} holds a control character", shown(name))))?;
        map.try_append(field, value).map_err(|_| bad("it has too many header fields".to_owned()))?;
    }
    Ok(map)
}

/// One request on its way: what its errors name.
struct Exchange<'a> {
    at: String,
    proxy: Option<String>,
    options: &'a TransportOptions,
}

impl Exchange<'_> {
    async fn read(&self, mut response: reqwest::Response) -> Result<HttpResponse, TransportError> {
        let status = response.status().as_u16();
        let lossy = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers = Headers(response.headers().iter().map(lossy).collect());
        let mut answer = HttpResponse { status, headers, body: Vec::new() };
        let limit = self.options.body_limit;
        loop {
            let chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok(answer),
                Err(error) => return Err(self.explain_body(&error, answer)),
            };
            if answer.body.len() + chunk.len() > limit {
                return Err(TransportError::too_large(&self.at, limit, answer, &chunk));
            }
            answer.body.extend_from_slice(&chunk);
        }
    }

    /// Where the connection goes: to the server, or to the proxy before it.
    fn first_hop(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("{proxy} (the proxy for {})", self.at),
            None => self.at.clone(),
        }
    }

    fn explain_body(&self, error: &reqwest::Error, came: HttpResponse) -> TransportError {
        let at = self.at.clone();
        if error.is_timeout() {
            return TransportError::Timeout { at, limit: self.options.total_limit };
        }
        let reason = match find::<hyper::Error>(error) {
            Some(error) if error.is_incomplete_message() => "it ended before its announced length".to_owned(),
            _ => innermost(error),
        };
        TransportError::broken_body(at, reason, came)
    }

    fn explain(&self, error: &reqwest::Error) -> TransportError {
        let at = self.at.clone();
        if error.is_builder() {
            return TransportError::BadUrl { reason: innermost(error) };
        }
        if error.is_timeout() {
            let (connect, total) = (self.options.connect_limit, self.options.total_limit);
            return if error.is_connect() {
                TransportError::ConnectTimeout { at: self.first_hop(), limit: connect }
            } else {
                TransportError::Timeout { at, limit: total }
            };
        }
        if error.is_dns() {
            return TransportError::Dns { at: self.first_hop() };
        }
        if let Some(fault) = find::<rustls::Error>(error) {
            return TransportError::Tls { at, reason: tls_fault(fault) };
        }
        let system = find::<io::Error>(error).map(io::Error::kind);
        let http = find::<hyper::Error>(error);
        match (system, http) {
            (Some(io::ErrorKind::ConnectionRefused), _) => TransportError::Refused { at: self.first_hop() },
            (_, Some(error)) if error.is_parse() => match head_fault(error) {
                Some(reason) => TransportError::BrokenHead { at, reason },
                None => TransportError::NotHttp { at },
            },
            (_, Some(error)) if error.is_incomplete_message() => TransportError::NoAnswer { at },
            (Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof), _) => TransportError::NoAnswer { at },
            _ => TransportError::Other { at, reason: innermost(error) },
        }
    }
}

/// What is wrong with a head that begins as one. `hyper` tells it in words alone.
fn head_fault(error: &hyper::Error) -> Option<HeadFault> {
    let words = error.to_string();
    match () {
        () if error.is_parse_too_large() => Some(HeadFault::TooLarge(FIELD_LIMIT)),
        () if words.contains("content-length") => Some(HeadFault::ContentLength),
        () if words.contains("transfer-encoding") => Some(HeadFault::TransferEncoding),
        () if words.contains("header") => Some(HeadFault::Field),
        () => None,
    }
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    use rustls::{AlertDescription as Alert, CertificateError as Bad, Error as Tls};

    match error {
        Tls::InvalidCertificate(Bad::UnknownIssuer) => TlsFault::UnknownIssuer,
        Tls::InvalidCertificate(Bad::BadSignature) => TlsFault::OtherKey,
        Tls::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => TlsFault::Expired,
        Tls::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => TlsFault::NotYetValid,
        Tls::InvalidCertificate(Bad::NotValidForNameContext { presented, .. }) if presented.is_empty() => {
            TlsFault::NoName
        }
        Tls::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => TlsFault::WrongName,
        Tls::InvalidMessage(_) => TlsFault::NotTls,
        // A server judges no certificate but the client's.
        Tls::AlertReceived(
            Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown,
        ) => TlsFault::ClientCertificate,
        Tls::InvalidCertificate(Bad::Other(other)) => match other.0.downcast_ref::<webpki::Error>() {
            Some(webpki::Error::CaUsedAsEndEntity) => TlsFault::IsAuthority,
            _ => TlsFault::Other("the certificate breaks a rule of X.509".to_owned()),
        },
        Tls::InvalidCertificate(fault) => TlsFault::Other(format!("the certificate is refused: {}", bad(fault))),
        Tls::AlertReceived(alert) => {
            TlsFault::Other(format!("the server ended the handshake with the alert {}", spaced(&format!("{alert:?}"))))
        }
        Tls::PeerIncompatible(_) => {
            TlsFault::Other("the server and this program have no version, cipher or key exchange in common".to_owned())
        }
        Tls::PeerMisbehaved(_) => TlsFault::Other("the server breaks the rules of the handshake".to_owned()),
        Tls::NoCertificatesPresented => TlsFault::Other("the server showed no certificate".to_owned()),
        _ => TlsFault::Other("the handshake failed".to_owned()),
    }
}

/// What is wrong with a certificate, in words.
const fn bad(fault: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Bad;

    match fault {
        Bad::BadEncoding => "it cannot be read",
        Bad::Revoked => "it was revoked",
        Bad::InvalidPurpose | Bad::InvalidPurposeContext { .. } => "it is not made for servers",
        Bad::UnhandledCriticalExtension => "it has a critical extension that is not known here",
        Bad::UnsupportedSignatureAlgorithmContext { .. }
        | Bad::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed in a way that is not taken here"
        }
        _ => "it breaks a rule",
    }
}

/// `HandshakeFailure` as words.
fn spaced(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_uppercase() { format!(" {}", c.to_ascii_lowercase()) } else { c.to_string() };
    name.chars().map(letter).collect::<String>().trim_start().to_owned()
}

/// The errors below `error`, outermost first. An `io::Error` hides the one it wraps from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    })
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    causes(error).filter_map(|error| error.downcast_ref()).last()
}

/// The cause at the bottom, which says most and never holds a URL.
fn innermost(error: &reqwest::Error) -> String {
    let cause = causes(error).skip(1).last();
    cause.map_or_else(|| "unknown reason".to_owned(), |cause| shown(&cause.to_string()))
}

fn shown(text: &str) -> String {
    visible(&elided(text, 200)).into_owned()
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_clients_are_kept_and_those_used_last() {
        let transport = Transport::new(TransportOptions::default()).expect("a transport");
        let certificate =
            rcgen::generate_simple_self_signed(["a.example".to_owned()]).expect("a certificate").cert.pem();
        let tls = |count| Tls { certificate: None, authorities: Some(certificate.repeat(count).into()) };
        for count in 1..=CACHED {
            transport.clients(&tls(count)).expect("clients");
        }
        transport.clients(&tls(1)).expect("clients");
        transport.clients(&tls(CACHED + 1)).expect("clients");
        let kept = transport.others.lock().expect("no panic");
        let kept: Vec<&Tls> = kept.iter().map(|(tls, _)| tls).collect();
        assert_eq!(kept.len(), CACHED);
        assert!(kept.contains(&&tls(1)) && !kept.contains(&&tls(2)), "the one used least goes");
    }
}
