//! Sends one request and brings back one answer, exactly as it came.
//!
//! Redirects are never followed (the 3xx is the answer), nothing is retried, every exchange has its own
//! connection, and a body is counted after decompression while it streams.

mod names;
mod why;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, redirect, retry};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::Url;

use self::names::Names;
use self::why::{innermost, shown};
use crate::base::http::{ClientCertificate, Headers, HttpRequest, HttpResponse, Tls, is_loopback};
use crate::flow::transport_error::TransportError;
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
        .dns_resolver(Arc::new(Names))
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
