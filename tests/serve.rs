//! The practice server's sockets: plain, with TLS and certificates, and the pings it sends.

use std::convert::Infallible;
use std::net::TcpStream as BlockingStream;
use std::sync::Arc;
use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{Headers, HttpRequest, HttpResponse, Tls};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::certificate::{describe, from_pem};
use grantscope::io::machine::{Machine, UserAgent};
use grantscope::io::mock::{AsyncMockServer, MockServer};
use grantscope::io::serve::{Limits, Port, Ports, ServedTls, Server};
use grantscope::io::sign_in::{User, approve};
use grantscope::io::transport::{Transport, TransportOptions};
use grantscope::io::{TlsFault, TransportError};
use grantscope::jose::jwt;
use grantscope::practice::{Config, Entry, Login};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const FREE: Ports = Ports::local(Port::Exactly(0), Port::Exactly(0));

fn transport() -> Transport {
    Transport::new(TransportOptions::default()).expect("a transport")
}

async fn serve(change: impl FnOnce(&mut Config)) -> Server {
    let configure = |issuer| {
        let mut config = Config::practice(issuer);
        change(&mut config);
        Ok::<_, Infallible>(config)
    };
    let server = Server::practice(FREE, Entropy::from_seed([7; 32]), transport(), configure, |_| {});
    server.await.expect("two free ports")
}

fn with_tls(server: &Server) -> &ServedTls {
    server.served().tls.as_ref().expect("a TLS origin")
}

/// What a client brings: its certificate if it has one, and trust in the server.
fn brought(served: &ServedTls, client_id: &str) -> Tls {
    let pem = served.certificates.client(client_id);
    let certificate = pem.map(|pem| Arc::new(from_pem(pem.expose()).expect("a certificate")));
    Tls { certificate, authorities: Some(served.certificates.authority.as_str().into()) }
}

fn post(url: &Url, path: &str, form: &[(&str, &str)]) -> HttpRequest {
    let form: Params = form.iter().copied().collect();
    HttpRequest::post_form(url.join(path).expect("a URL"), &form)
}

async fn send(request: HttpRequest) -> HttpResponse {
    transport().send(&request).await.expect("an answer").response
}

fn json(response: &HttpResponse) -> Json {
    Json::parse(&response.body).expect("JSON")
}

const GRANT: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "profile")];

async fn token(served: &ServedTls, client_id: &str, tls: Tls) -> HttpResponse {
    let form = [&GRANT[..], &[("client_id", client_id)]].concat();
    send(HttpRequest { tls, ..post(&served.origin, "/token", &form) }).await
}

#[tokio::test]
async fn a_certificate_opens_the_token_endpoint_and_then_the_api() {
    let server = serve(|_| {}).await;
    let served = with_tls(&server);
    for client_id in ["practice-tls", "practice-self-signed"] {
        let tls = brought(served, client_id);
        let answer = token(served, client_id, tls.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let tokens = json(&answer);
        let token = tokens.text("access_token").expect("a token");
        let own = describe(tls.certificate.as_deref().expect("a certificate")).expect("X.509").thumbprint;
        let cnf = jwt::decode(token).claim("cnf").cloned().expect("a bound token");
        assert_eq!(cnf.text("x5t#S256"), Some(own.as_str()));
        for (base, certificate, status) in [
            (&served.origin, tls.certificate.clone(), 200),
            (&served.origin, None, 401),
            (server.issuer(), tls.certificate.clone(), 401),
        ] {
            let request = HttpRequest::get(base.join("/api/me").expect("a URL"));
            let mut request = request.with_header("Authorization", format!("Bearer {token}"));
            request.tls = Tls { certificate, ..tls.clone() };
            assert_eq!(send(request).await.status, status, "{base}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_has_to_show_a_certificate_and_the_wrong_one_is_told_so() {
    let server = serve(|_| {}).await;
    let served = with_tls(&server);
    let answer = token(served, "practice-tls", brought(served, "practice-web")).await;
    assert_eq!((answer.status, json(&answer).text("error")), (401, Some("invalid_client")));
    assert!(answer.text().contains("no certificate was shown"), "{}", answer.text());
    let answer = token(served, "practice-tls", brought(served, "practice-self-signed")).await;
    assert!(answer.text().contains("does not come from the authority"), "{}", answer.text());
    let plain = post(server.issuer(), "/token", &[&GRANT[..], &[("client_id", "practice-tls")]].concat());
    assert!(send(plain).await.text().contains("came over plain http"));
    let request = HttpRequest::get(server.issuer().join("/.well-known/openid-configuration").expect("a URL"));
    let metadata = json(&send(request).await);
    let alias = metadata.get("mtls_endpoint_aliases").and_then(|aliases| aliases.text("token_endpoint"));
    assert_eq!(alias, Some(format!("{}token", served.origin).as_str()));
    server.stop().await;
}

#[tokio::test]
async fn who_fails_at_the_handshake_disturbs_nobody() {
    let server = serve(|_| {}).await;
    let served = with_tls(&server);
    let at = ("127.0.0.1", served.origin.port().expect("a port"));
    // More of them than are accepted ahead, silent for as long as the test runs.
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(at).await.expect("a connection"));
    }
    let mut plain = TcpStream::connect(at).await.expect("a connection");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("written");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "no HTTP without TLS");
    let request = HttpRequest::get(served.origin.clone());
    let untrusted = transport().send(&request).await;
    assert!(
        matches!(untrusted, Err(TransportError::Tls { reason: TlsFault::UnknownIssuer, .. })),
        "the authority is no authority of this machine: {untrusted:?}"
    );
    assert_eq!(token(served, "practice-tls", brought(served, "practice-tls")).await.status, 200);
    drop(silent);
    server.stop().await;
}

/// Shows a certificate whose key it does not have.
#[derive(Debug)]
struct Thief(Arc<CertifiedKey>);

impl rustls::client::ResolvesClientCert for Thief {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_certificate_without_its_key_is_refused_in_the_handshake() {
    let server = serve(|_| {}).await;
    let served = with_tls(&server);
    for (certificate_of, succeeds) in [("practice-self-signed", true), ("practice-tls", false)] {
        let pem = |client_id| served.certificates.client(client_id).expect("a certificate").expose().to_owned();
        let chain = CertificateDer::from_pem_slice(pem(certificate_of).as_bytes()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(pem("practice-self-signed").as_bytes()).expect("a key");
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).expect("a key");
        let mut roots = rustls::RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(served.certificates.authority.as_bytes());
        roots.add(authority.expect("a certificate")).expect("an authority");
        let config = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(Thief(Arc::new(CertifiedKey::new(vec![chain], key)))));
        let port = served.origin.port().expect("a port");
        let answered = tokio::task::spawn_blocking(move || {
            use std::io::{Read as _, Write as _};

            let name = "127.0.0.1".try_into().expect("an address");
            let connection = rustls::ClientConnection::new(Arc::new(config), name).expect("a connection");
            let stream = BlockingStream::connect(("127.0.0.1", port)).expect("a connection");
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let written = stream.write_all(b"GET /api/me HTTP/1.1\r\nHost: x\r\n\r\n");
            written.and_then(|()| stream.read(&mut [0; 4])).is_ok_and(|read| read > 0)
        });
        assert_eq!(answered.await.expect("no panic"), succeeds, "{certificate_of}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_ping_arrives_while_the_server_goes_on() {
    let client = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = client.local_addr().expect("an address").port();
    let server = serve(|config| {
        let ping = config.clients.iter_mut().find(|client| client.client_id == "practice-ping").expect("there");
        ping.backchannel_client_notification_endpoint = Some(format!("http://127.0.0.1:{port}/ciba"));
    })
    .await;
    let form = [
        ("client_id", "practice-ping"),
        ("client_secret", "practice-secret"),
        ("scope", "openid"),
        ("login_hint", "alice"),
        ("client_notification_token", "sentinel"),
    ];
    let begun = json(&send(post(server.issuer(), "/bc-authorize", &form)).await);
    let page = send(HttpRequest::get(server.issuer().join("/ciba").expect("a URL"))).await.text().into_owned();
    let (_, rest) = page.split_once("name=\"request\" value=\"").expect("a request on the page");
    let request = rest.split('"').next().expect("its id");
    let decided = send(post(server.issuer(), "/ciba", &[("request", request), ("decision", "allow")])).await;
    assert!(decided.text().contains("Approved"));

    let (mut stream, _) = client.accept().await.expect("a ping");
    let mut read = Vec::new();
    let end = format!("{{\"auth_req_id\":\"{}\"}}", begun.text("auth_req_id").expect("an id"));
    while !read.ends_with(end.as_bytes()) {
        assert!(stream.read_buf(&mut read).await.expect("bytes") > 0, "{}", String::from_utf8_lossy(&read));
    }
    let text = String::from_utf8(read).expect("text");
    assert!(
        text.starts_with("POST /ciba HTTP/1.1\r\n") && text.contains("Authorization: Bearer sentinel\r\n"),
        "{text}"
    );
    // The ping is still without an answer.
    assert_eq!(send(HttpRequest::get(server.issuer().clone())).await.status, 200);
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_is_not_there_for_its_logout_token_is_in_the_log() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let configure = |issuer| {
        let mut config = Config::practice(issuer);
        let web = config.clients.iter_mut().find(|client| client.client_id == "practice-web").expect("there");
        web.backchannel_logout_uri = Some("http://127.0.0.1:9/bye".to_owned());
        config.login = Login::Auto;
        Ok::<_, Infallible>(config)
    };
    let observe = move |entry: &Entry| drop(tell.send((entry.path.clone(), entry.words())));
    let server = Server::practice(FREE, Entropy::from_seed([7; 32]), transport(), configure, observe);
    let server = server.await.expect("two free ports");
    let back = "http://127.0.0.1:1/cb";
    let query: Params =
        [("response_type", "code"), ("client_id", "practice-web"), ("redirect_uri", back), ("scope", "openid")]
            .into_iter()
            .collect();
    let at = server.issuer().join(&format!("/authorize?{}", query.encode())).expect("a URL");
    let answer = send(HttpRequest::get(at)).await;
    let location = Url::parse(answer.headers.get("location").expect("a way back")).expect("a URL");
    let code = location.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", back),
        ("client_id", "practice-web"),
        ("client_secret", "practice-secret"),
    ];
    let tokens = json(&send(post(server.issuer(), "/token", &form)).await);
    let form = [("id_token_hint", tokens.text("id_token").expect("an ID token"))];
    assert_eq!(send(post(server.issuer(), "/end_session", &form)).await.status, 200);
    let words = loop {
        let (path, words) = told.recv().await.expect("an entry");
        if path == "http://127.0.0.1:9/bye" {
            break words;
        }
    };
    assert!(words.starts_with("practice-web could not be sent the logout token: "), "{words}");
    server.stop().await;
}

#[tokio::test]
async fn a_running_server_is_switched_and_looked_at_through_its_handle() {
    let server = serve(|_| {}).await;
    let handle = server.handle().expect("a practice server").clone();
    handle.set("slow_answer=30ms".parse().expect("a fault"), true);
    let form = [&GRANT[..], &[("client_id", "practice-service"), ("client_secret", "practice-secret")]].concat();
    let answer = transport().send(&post(server.issuer(), "/token", &form)).await.expect("an answer");
    assert_eq!(answer.response.status, 200);
    assert!(answer.took >= Duration::from_millis(30), "{:?}", answer.took);
    let entry = handle.last_entry().expect("in the log");
    assert_eq!((entry.client_id.as_deref(), handle.requests()), (Some("practice-service"), 1));
    assert!(entry.words().starts_with("access token for profile, 10 min"), "{}", entry.words());
    let tokens = handle.tokens(entry.at);
    assert_eq!(tokens.len(), 1);
    assert!(handle.end(&tokens[0].id) && handle.tokens(entry.at).is_empty());
    server.stop().await;
}

#[tokio::test]
async fn stopping_ends_both_sockets() {
    let server = serve(|_| {}).await;
    let (issuer, origin) = (server.issuer().clone(), with_tls(&server).origin.clone());
    server.stop().await;
    for url in [issuer, origin] {
        let error = transport().send(&HttpRequest::get(url)).await.expect_err("stopped");
        assert!(matches!(error, TransportError::Refused { .. }), "{error:?}");
    }
}

#[test]
fn the_command_lines_world_has_the_certificates() {
    let mut machine = Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).expect("a machine");
    let configure = |issuer| Ok(Config::practice(issuer));
    let served = machine.serve_practice(Port::Exactly(0), configure, |_| {}).expect("a free port");
    let certificates = served.tls.expect("a TLS origin").certificates;
    assert!(certificates.client("practice-tls").is_some());
    assert!(certificates.authority.starts_with("-----BEGIN CERTIFICATE-----"));
    machine.finish();
}

#[tokio::test]
async fn a_request_that_was_decided_elsewhere_cannot_be_approved_again() {
    let server = serve(|_| {}).await;
    let issuer = server.issuer();
    let device = send(post(issuer, "/device", &[("client_id", "practice-device"), ("scope", "openid")])).await;
    let device = Json::parse(&device.body).expect("JSON");
    let page = device.get("verification_uri_complete").and_then(Json::as_str).expect("a link");
    let page = Url::parse(page).expect("a URL");
    approve(&transport(), &page, &User::named("alice")).await.expect("an open request");
    let error = approve(&transport(), &page, &User::named("alice")).await.expect_err("it is decided").to_string();
    assert!(error.contains("No device is waiting with this code"), "{error}");
    server.stop().await;
}

#[tokio::test]
async fn two_issuers_are_served_at_one_port() {
    let text = "[[issuers]]\npath = \"/blue\"";
    let configure = |issuer| Config::from_toml(text, issuer);
    let server = Server::practice(FREE, Entropy::from_seed([7; 32]), transport(), configure, |_| {});
    let server = server.await.expect("two free ports");
    let issuer = server.issuer().as_str().trim_end_matches('/').to_owned();
    for (path, name) in [
        ("/.well-known/openid-configuration", issuer.clone()),
        ("/.well-known/oauth-authorization-server/blue", format!("{issuer}/blue")),
    ] {
        let url = server.issuer().join(path).expect("a URL");
        let metadata = Json::parse(&send(HttpRequest::get(url)).await.body).expect("JSON");
        assert_eq!(metadata.text("issuer"), Some(name.as_str()));
    }
    assert_eq!(server.host().expect("practice servers").servers().len(), 2);
    server.stop().await;
}

/// Answers with the URL it was asked for.
async fn echo(limits: Limits) -> Server {
    let handler = |_| {
        Ok::<_, Infallible>(|request: &HttpRequest, _| {
            let url = request.url.to_string();
            HttpResponse { status: 200, headers: Headers::default(), body: url.into_bytes() }
        })
    };
    Server::start_within(limits, Port::Exactly(0), handler).await.expect("a free port")
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.issuer().port().expect("a port"))).await.expect("a connection")
}

/// What comes until the server ends the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}

#[tokio::test]
async fn a_request_for_more_than_one_host_or_another_one_is_refused() {
    let server = echo(Limits::default()).await;
    let port = server.issuer().port().expect("a port");
    for (request, status) in [
        ("GET /a HTTP/1.1\r\nHost: 127.0.0.1:PORT", "200"),
        ("GET http://127.0.0.1:PORT/a HTTP/1.1\r\nHost: 127.0.0.1:PORT", "200"),
        ("GET http://LOCALHOST:PORT/a HTTP/1.1\r\nHost: localhost:PORT", "200"),
        ("GET /a HTTP/1.1\r\nHost: tunnel.example", "200"),
        ("GET http://127.0.0.1:PORT/a HTTP/1.1\r\nHost: localhost:PORT", "200"),
        ("GET http://127.0.0.1:PORT/a HTTP/1.1\r\nHost: tunnel.example", "200"),
        ("GET http://127.0.0.1:PORT/a HTTP/1.1", "400"),
        ("GET http://127.0.0.1:PORT/a HTTP/1.1\r\nHost: a.example\r\nHost: b.example", "400"),
        ("GET /a HTTP/1.1", "400"),
        ("GET /a HTTP/1.0", "400"),
        ("GET /a HTTP/1.1\r\nHost:", "400"),
        ("GET /a HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT", "400"),
        ("GET /a HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nhost: evil.example", "400"),
        ("GET /a HTTP/1.1\r\nHost: alice:pass@127.0.0.1:PORT", "400"),
        ("GET /a HTTP/1.1\r\nHost: evil.example/127.0.0.1:PORT", "400"),
        ("GET /a HTTP/1.1\r\nHost: evil.example?127.0.0.1", "400"),
        ("GET /a HTTP/1.1\r\nHost: \u{fc}.example", "400"),
        ("GET http://evil.example/a HTTP/1.1\r\nHost: 127.0.0.1:PORT", "400"),
        ("GET http://evil.example/a HTTP/1.1\r\nHost: evil.example", "400"),
        ("GET http://alice@127.0.0.1:PORT/a HTTP/1.1\r\nHost: 127.0.0.1:PORT", "400"),
        ("GET https://127.0.0.1:PORT/a HTTP/1.1\r\nHost: 127.0.0.1:PORT", "400"),
        ("CONNECT 127.0.0.1:PORT HTTP/1.1\r\nHost: 127.0.0.1:PORT", "400"),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost", "400"),
    ] {
        let mut stream = connect(&server).await;
        let sent = format!("{request}\r\nConnection: close\r\n\r\n").replace("PORT", &port.to_string());
        stream.write_all(sent.as_bytes()).await.expect("written");
        let answer = rest(stream).await;
        assert_eq!(answer.get(9..12), Some(status), "{request}: {answer}");
        // The target counts for more than `Host`.
        let is_named = request.starts_with("GET http://127.0.0.1") && status == "200";
        assert!(!is_named || answer.ends_with(&format!("http://127.0.0.1:{port}/a")), "{request}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn half_a_request_is_ended() {
    let soon = Duration::from_millis(1);
    let server = echo(Limits { head: soon, body: soon, ..Limits::default() }).await;
    for (half, status) in [
        ("", None),
        ("G", None),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: ", None),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n1", Some("408")),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n1", Some("408")),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT", Some("200")),
    ] {
        let mut stream = connect(&server).await;
        stream.write_all(half.as_bytes()).await.expect("written");
        assert_eq!(rest(stream).await.get(9..12), status, "{half}");
    }
    server.stop().await;
}

#[tokio::test]
async fn whoever_waits_longest_makes_room() {
    let server = echo(Limits { connections: 4, ..Limits::default() }).await;
    let mut waiting = Vec::new();
    for _ in 0..200 {
        let mut stream = connect(&server).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await.expect("written");
        waiting.push(stream);
    }
    let latest = waiting.pop().expect("a connection");
    // All but the last four are ended, and the last one is served.
    for stream in waiting.drain(..waiting.len() - 4) {
        assert_eq!(rest(stream).await, "");
    }
    let (mut stream, end) = (latest, b"localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(end).await.expect("written");
    assert!(rest(stream).await.ends_with("http://localhost/"));
    server.stop().await;
}

#[tokio::test]
async fn silent_connections_leave_room_with_tls_too() {
    let server = serve(|_| {}).await;
    let served = with_tls(&server);
    let at = ("127.0.0.1", served.origin.port().expect("a port"));
    let mut silent = Vec::new();
    for _ in 0..2 * Limits::default().connections {
        silent.push(TcpStream::connect(at).await.expect("a connection"));
    }
    assert_eq!(token(served, "practice-tls", brought(served, "practice-tls")).await.status, 200);
    assert_eq!(rest(silent.swap_remove(0)).await, "", "the oldest gave way");
    server.stop().await;
}

#[test]
fn a_guard_serves_as_long_as_it_lives() {
    let server = MockServer::with(|config| config.login = Login::Auto).expect("a free port");
    let at = server.issuer().trim_start_matches("http://").to_owned();
    let asked = || {
        use std::io::{Read as _, Write as _};

        let mut stream = BlockingStream::connect(&at).ok()?;
        stream.write_all(b"GET /jwks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer).filter(|answer| !answer.is_empty())
    };
    let before = asked().expect("an answer");
    server.handle().rotate_keys().expect("a key");
    assert!(asked().expect("an answer").len() > before.len(), "one key more");
    assert_eq!(server.handle().requests(), 2);
    drop(server);
    assert_eq!(asked(), None);
}

#[tokio::test]
async fn a_guard_in_a_runtime_has_the_same_handle() {
    let server = AsyncMockServer::start().await.expect("a free port");
    let jwks = Url::parse(&format!("{}/jwks", server.issuer())).expect("a URL");
    assert_eq!(send(HttpRequest::get(jwks)).await.status, 200);
    assert_eq!(server.handle().log()[0].path, "/jwks");
    server.stop().await;
}
