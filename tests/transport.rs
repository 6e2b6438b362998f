//! The transport and the practice server's socket, against small servers on this machine.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::TcpStream as BlockingStream;
use std::sync::Arc;
use std::time::Duration;

use grantscope::base::http::{ClientCertificate, HttpRequest, HttpResponse, Tls};
use grantscope::base::params::Params;
use grantscope::base::secret::SecretBytes;
use grantscope::io::serve::{Port, ServeError, Server};
use grantscope::io::transport::{Answer, Transport, TransportOptions, USER_AGENT};
use grantscope::io::{TlsFault, TransportError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn transport() -> Transport {
    Transport::new(TransportOptions::default()).expect("a transport")
}

fn impatient() -> Transport {
    let limit = Duration::from_millis(200);
    let options = TransportOptions { total_limit: limit, ..TransportOptions::default() };
    Transport::new(options).expect("a transport")
}

/// First byte of a client that speaks TLS (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Answers one connection with these bytes once a request's head has come, and closes. Hands back what it read.
async fn canned(answer: impl Into<Vec<u8>>) -> (Url, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let (report, heard) = oneshot::channel();
    let answer = answer.into();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut read = Vec::new();
        let mut chunk = [0; 4096];
        while !read.windows(4).any(|window| window == b"\r\n\r\n") {
            let count = stream.read(&mut chunk).await.expect("bytes");
            read.extend_from_slice(&chunk[..count]);
            if count == 0 || read[0] == TLS_HANDSHAKE {
                break;
            }
        }
        let _ = report.send(String::from_utf8_lossy(&read).into_owned());
        let _ = stream.write_all(&answer).await;
    });
    (url(&format!("http://{at}/path?secret=sentinel")), heard)
}

async fn ask(answer: impl Into<Vec<u8>>) -> Result<Answer, TransportError> {
    let (url, _heard) = canned(answer).await;
    transport().send(&HttpRequest::get(url)).await
}

/// As browsers have it (RFC 6761 section 6.3); the resolver of the system may know no such name.
#[tokio::test]
async fn names_below_localhost_lead_to_this_machine() {
    let (mut url, heard) = canned("HTTP/1.1 204 No Content\r\n\r\n").await;
    url.set_host(Some("auth.localhost")).expect("a host");
    let answer = transport().send(&HttpRequest::get(url.clone())).await.expect("an answer");
    assert_eq!(answer.response.status, 204);
    let port = url.port().expect("a port");
    assert!(heard.await.expect("it was asked").contains(&format!("Host: auth.localhost:{port}")));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn with_body(fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{fields}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn the_answer_is_as_it_came_whatever_it_is() {
    for (raw, status, body) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"[..], 200, "{}"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Hello</h1>", 200, "<h1>Hello</h1>"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 400, ""),
        (b"HTTP/1.1 503 Nope\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n", 503, "busy"),
        (b"HTTP/1.0 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd", 200, "\u{fffd}\u{fffd}\u{fffd}"),
    ] {
        let answer = ask(raw).await.expect("an answer");
        assert_eq!((answer.response.status, answer.response.text().as_ref()), (status, body));
    }
    let twice = ask("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n").await;
    let headers = twice.expect("an answer").response.headers;
    assert_eq!(headers.all("SET-COOKIE").collect::<Vec<_>>(), ["a=1", "b=2"]);
}

#[tokio::test]
async fn a_redirect_is_the_answer() {
    for status in [301, 302, 303, 307, 308] {
        let raw =
            format!("HTTP/1.1 {status} Go\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n");
        let response = ask(raw).await.expect("an answer").response;
        assert_eq!(response.status, status);
        assert_eq!(response.headers.get("location"), Some("http://127.0.0.1:1/elsewhere"));
    }
}

#[tokio::test]
async fn the_request_leaves_as_it_stands() {
    let (at, heard) = canned("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let mut request = HttpRequest::get(at).with_header("X-Second", "2").with_header("Authorization", "Basic x");
    request.headers.push("A-Last", "\u{e9}");
    request.url.set_fragment(Some("never-sent"));
    transport().send(&request).await.expect("an answer");
    let head = heard.await.expect("a request");
    assert!(head.starts_with("GET /path?secret=sentinel HTTP/1.1\r\n"), "{head}");
    let places: Vec<_> = ["X-Second: 2\r\n", "Authorization: Basic x\r\n", "A-Last: \u{e9}\r\n"]
        .iter()
        .map(|field| head.find(field).unwrap_or_else(|| panic!("no {field} in {head}")))
        .collect();
    assert!(places.is_sorted(), "{head}");
    assert!(head.contains(&format!("User-Agent: {USER_AGENT}\r\n")));
    assert!(!head.contains("never-sent"));
}

#[tokio::test]
async fn a_form_is_posted_with_its_length_and_own_headers_win() {
    let (at, heard) = canned("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let form: Params = [("a", "b c")].into_iter().collect();
    let request = HttpRequest::post_form(at, &form).with_header("User-Agent", "mine").with_header("Accept", "x/y");
    transport().send(&request).await.expect("an answer");
    let head = heard.await.expect("a request");
    for field in
        ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 5", "User-Agent: mine", "Accept: x/y"]
    {
        assert_eq!(head.matches(field).count(), 1, "{field} in {head}");
    }
}

#[tokio::test]
async fn a_content_length_of_the_user_leaves_as_typed_where_it_is_a_number() {
    for (typed, left) in [("1", "1"), ("500", "500"), ("x", "3")] {
        let (at, heard) = canned("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        let request =
            HttpRequest::post_form(at, &[("a", "b")].into_iter().collect()).with_header("Content-Length", typed);
        let (answer, heard) = tokio::join!(async { impatient().send(&request).await }, heard);
        let heard = heard.expect("a request");
        assert!(heard.contains(&format!("\r\nContent-Length: {left}\r\n")), "{typed}: {heard}");
        // Whether the server waits for the rest of a body that is too short is its own affair.
        assert!(answer.is_ok() || typed == "500", "{typed}: {answer:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let error = transport().send(&HttpRequest::get(url(&format!("http://{at}/x?secret=sentinel")))).await;
    assert_eq!(error, Err(TransportError::Refused { at }));
}

#[tokio::test]
async fn an_unknown_name_is_not_found() {
    // No resolver asks anyone for a label of 64 characters (RFC 1035 section 2.3.4).
    let host = format!("{}.invalid", "a".repeat(64));
    let error = transport().send(&HttpRequest::get(url(&format!("http://{host}/x")))).await;
    assert_eq!(error, Err(TransportError::Dns { at: format!("{host}:80") }));
}

/// The proxy comes from the environment, which a test may not change: it runs itself again in one that has it.
#[tokio::test]
async fn a_proxy_that_fails_is_named_and_this_machine_is_reached_without_it() {
    if std::env::var("HTTP_PROXY").as_deref() != Ok("http://user:sentinel@127.0.0.1:1") {
        let name = "a_proxy_that_fails_is_named_and_this_machine_is_reached_without_it";
        let mut again = std::process::Command::new(std::env::current_exe().expect("this test"));
        again.args(["--exact", name]).env("HTTP_PROXY", "http://user:sentinel@127.0.0.1:1");
        let again =
            again.env_remove("http_proxy").env_remove("NO_PROXY").env_remove("no_proxy").output().expect("a run");
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
        return;
    }
    assert!(ask("HTTP/1.1 200 OK\r\n\r\n").await.is_ok());
    let error = transport().send(&HttpRequest::get(url("http://as.example/"))).await.expect_err("no proxy there");
    assert_eq!(error.to_string(), "127.0.0.1:1 (the proxy for as.example:80) refused the connection");
    assert!(!format!("{error:?} {:?}", transport()).contains("sentinel"));
}

#[tokio::test]
async fn silence_ends_with_the_limit() {
    let limit = Duration::from_millis(200);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address").to_string();
    let silent = impatient().send(&HttpRequest::get(url(&format!("http://{at}/")))).await;
    assert_eq!(silent, Err(TransportError::Timeout { at, limit }));

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address").to_string();
    let half = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.read_u8().await.expect("a request");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.expect("written");
        std::future::pending::<()>().await;
    });
    let stalled = impatient().send(&HttpRequest::get(url(&format!("http://{at}/")))).await;
    assert_eq!(stalled, Err(TransportError::Timeout { at, limit }));
    half.abort();
}

#[tokio::test]
async fn the_cap_counts_what_comes_out_of_compression() {
    let limit = TransportOptions::default().body_limit;
    for (raw, fits) in [
        (with_body("", &vec![b'a'; limit]), true),
        (with_body("", &vec![b'a'; limit + 1]), false),
        (with_body("Content-Encoding: gzip\r\n", &gzip(&vec![b'a'; limit])), true),
        (with_body("Content-Encoding: gzip\r\n", &gzip(&vec![b'a'; 8 * limit])), false),
    ] {
        match ask(raw).await {
            Ok(answer) => assert_eq!((answer.response.body.len(), fits), (limit, true)),
            Err(error) => {
                assert!(matches!(error, TransportError::TooLarge { limit: named, .. } if named == limit), "{error}");
                let beginning = error.beginning().expect("what came first");
                assert_eq!((beginning.status, beginning.body.len()), (200, 64 * 1024));
                assert!(!fits);
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_whole_http_answer_is_named() {
    const SHORT: &str = "cannot be read: it ended before its announced length";
    const CHUNKS: &str = "cannot be read: it is not chunked as Transfer-Encoding says";
    const ENCODING: &str = "cannot be read: it is not what Content-Encoding says";
    for (raw, variant) in [
        (b"".to_vec(), "NoAnswer"),
        (b"HTTP/1.1 200 OK\r\nContent-".to_vec(), "NoAnswer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "NotHttp"),
        (b"\x15\x03\x01\x00\x02\x02\x50\r\n\r\n".to_vec(), "NotHttp"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc".to_vec(), "BrokenHead"),
        (b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n".to_vec(), "BrokenHead"),
        (with_body(&"X-A: b\r\n".repeat(1_000), b"{}"), "BrokenHead"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec(), SHORT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(), CHUNKS),
        (with_body("Content-Encoding: gzip\r\n", b"not gzip at all"), ENCODING),
        (with_body("Content-Encoding: gzip\r\n", &gzip(b"cut short")[..15]), ENCODING),
    ] {
        let error = ask(raw).await.expect_err(variant);
        let is_of_body = [SHORT, CHUNKS, ENCODING].contains(&variant);
        assert_eq!(error.beginning().map(|came| came.status), is_of_body.then_some(200), "{variant}");
        assert!(format!("{error:?} {error}").contains(variant), "{variant}: {error:?} {error}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains("sentinel"), "{said}");
        assert!(error.to_string().contains("127.0.0.1:"), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_leaves() {
    let plain = || HttpRequest::get(url("http://127.0.0.1:1/?secret=sentinel"));
    let method = HttpRequest { method: "GE T".to_owned(), ..plain() };
    for (request, sentence) in [
        (method, "this request cannot be sent: GE T is not a method"),
        (plain().with_header("X Y", "1"), "this request cannot be sent: X Y is not a header field name"),
        (
            plain().with_header("X", "sentinel\n"),
            "this request cannot be sent: the value of X holds a control character",
        ),
        (HttpRequest::get(url("ftp://127.0.0.1/")), "this URL cannot be requested: ftp is not a scheme of the web"),
        (
            HttpRequest::get(url("http://u:sentinel@127.0.0.1/")),
            "this URL cannot be requested: it holds a user name or password, which belong in an Authorization header",
        ),
    ] {
        assert_eq!(transport().send(&request).await.expect_err(sentence).to_string(), sentence);
    }
}

/// A TLS server for one connection, and the certificate of the authority behind it.
fn tls_server(names: &[&str], expired: bool) -> (u16, String) {
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let mut authority = rcgen::CertificateParams::new([]).expect("no names");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).expect("signed");
    let issuer = rcgen::Issuer::new(authority, authority_key);

    let key = rcgen::KeyPair::generate().expect("a key");
    let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut certificate = rcgen::CertificateParams::new(names).expect("names");
    if expired {
        certificate.not_after = rcgen::date_time_ymd(2001, 1, 1);
    }
    let certificate = certificate.signed_by(&key, &issuer).expect("signed");
    (showing(&certificate, &key), authority_certificate.pem())
}

/// The port of a TLS server that shows this certificate, for one connection.
fn showing(certificate: &rcgen::Certificate, key: &rcgen::KeyPair) -> u16 {
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .expect("a certificate and its key");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        serve_tls(stream, Arc::new(config));
    });
    port
}

/// Handshake errors are the other side's to report.
fn serve_tls(stream: BlockingStream, config: Arc<rustls::ServerConfig>) {
    use std::io::Read as _;

    let connection = rustls::ServerConnection::new(config).expect("a connection");
    let mut stream = rustls::StreamOwned::new(connection, stream);
    if stream.read(&mut [0; 4096]).is_ok() {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure");
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
}

#[tokio::test]
async fn certificates_are_checked_and_say_why_they_fail() {
    const TRUSTED: bool = true;
    for (names, expired, trusted, fault) in [
        (&["localhost"][..], false, TRUSTED, ""),
        (&["localhost"], false, !TRUSTED, "comes from an authority that is not trusted here"),
        (&["localhost"], true, TRUSTED, "has expired: 2001-01-01T00:00:00Z, "),
        (&["other.example", "127.0.0.2"], false, TRUSTED, "was made for other.example, 127.0.0.2, not for localhost"),
    ] {
        let (port, authority) = tls_server(names, expired);
        let certificate_authorities = if trusted { vec![authority] } else { Vec::new() };
        let options = TransportOptions { certificate_authorities, ..TransportOptions::default() };
        let transport = Transport::new(options).expect("a transport");
        let answer = transport.send(&HttpRequest::get(url(&format!("https://localhost:{port}/")))).await;
        match fault {
            "" => assert_eq!(answer.expect("trusted").response.text(), "secure"),
            fault => {
                let said = answer.expect_err(fault).to_string();
                assert!(said.contains(&format!("to localhost:{port}: the certificate {fault}")), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn a_thousand_header_fields_are_read() {
    let fields = "X-A: b\r\n".repeat(990);
    assert_eq!(ask(with_body(&fields, b"{}")).await.expect("an answer").response.headers.0.len(), 991);
}

/// An authority that was made anew keeps its name and gets another key.
#[tokio::test]
async fn an_authority_of_the_same_name_with_another_key_is_named() {
    let ((_, issuer), (other, _)) = (authority("Example"), authority("Example"));
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let port = showing(&params.signed_by(&key, &issuer).expect("signed"), &key);
    let tls = Tls { certificate: None, authorities: Some(other.pem().into()) };
    let request = HttpRequest { tls, ..HttpRequest::get(url(&format!("https://localhost:{port}/"))) };
    let error = transport().send(&request).await.expect_err("another key");
    assert_eq!(error, TransportError::Tls { at: format!("localhost:{port}"), reason: TlsFault::OtherKey });
}

/// As `openssl req -x509` makes them: signed by itself, and CA:TRUE.
#[tokio::test]
async fn a_certificate_that_was_given_is_trusted_for_its_names_and_times_alone() {
    const OTHER: bool = true;
    let early = rcgen::date_time_ymd(2001, 1, 1);
    let late = rcgen::date_time_ymd(2999, 1, 1);
    for (name, from, to, given, fault) in [
        ("localhost", early, late, Some(!OTHER), ""),
        ("localhost", early, late, Some(OTHER), "an authority (CA:TRUE) as its own"),
        ("localhost", early, late, None, "an authority (CA:TRUE) as its own"),
        ("other.example", early, late, Some(!OTHER), "was made for other.example, not for localhost"),
        ("localhost", early, early, Some(!OTHER), "has expired: 2001-01-01T00:00:00Z, "),
        ("localhost", late, late, Some(!OTHER), "is not valid before 2999-01-01T00:00:00Z, in "),
    ] {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        (params.not_before, params.not_after) = (from, to);
        let certificate = params.self_signed(&key).expect("signed");
        // With the same key and the same names, and still not the same.
        params.serial_number = Some(7.into());
        let other = params.self_signed(&key).expect("signed");
        let port = showing(&certificate, &key);
        let authorities = given.map(|is_other| if is_other { other.pem() } else { certificate.pem() });
        let tls = Tls { certificate: None, authorities: authorities.map(Into::into) };
        let request = HttpRequest { tls, ..HttpRequest::get(url(&format!("https://localhost:{port}/"))) };
        let answer = transport().send(&request).await;
        match fault {
            "" => assert_eq!(answer.expect("trusted").response.text(), "secure"),
            fault => {
                let said = answer.expect_err(fault).to_string();
                assert!(said.contains(fault), "{said}");
            }
        }
    }
}

/// An authority, and the way it issues certificates.
fn authority(name: &str) -> (rcgen::Certificate, rcgen::Issuer<'static, rcgen::KeyPair>) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new([]).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let certificate = params.self_signed(&key).expect("signed");
    (certificate, rcgen::Issuer::new(params, key))
}

fn issued(issuer: &rcgen::Issuer<'_, rcgen::KeyPair>, name: &str) -> (Vec<u8>, Vec<u8>) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
    (params.signed_by(&key, issuer).expect("signed").der().to_vec(), key.serialize_der())
}

/// A TLS server for so many connections that takes nobody without a certificate of its authority.
fn demanding_server(connections: usize) -> (u16, rcgen::Certificate, rcgen::Issuer<'static, rcgen::KeyPair>) {
    let (certificate, issuer) = authority("server");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).expect("an authority");
    let verifier = rustls::server::WebPkiClientVerifier::builder(roots.into()).build().expect("a verifier");
    let (chain, key) = issued(&issuer, "localhost");
    let config = rustls::ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![chain.into()], rustls::pki_types::PrivatePkcs8KeyDer::from(key).into())
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for _ in 0..connections {
            let (stream, _) = listener.accept().expect("a connection");
            serve_tls(stream, config.clone());
        }
    });
    (port, certificate, issuer)
}

fn shown_by(client: (Vec<u8>, Vec<u8>), trusting: &str) -> Tls {
    let certificate = ClientCertificate { chain: vec![client.0], key: SecretBytes::new(client.1) };
    Tls { certificate: Some(Arc::new(certificate)), authorities: Some(trusting.into()) }
}

#[tokio::test]
async fn a_request_brings_its_certificate_and_its_authority() {
    let (port, authority_certificate, issuer) = demanding_server(5);
    let pem = authority_certificate.pem();
    let transport = transport();
    let ask = async |tls: Tls| {
        let request = HttpRequest { tls, ..HttpRequest::get(url(&format!("https://localhost:{port}/"))) };
        transport.send(&request).await
    };
    let own = shown_by(issued(&issuer, "client.example"), &pem);
    for _ in 0..2 {
        assert_eq!(ask(own.clone()).await.expect("known").response.text(), "secure");
    }
    let tls = |reason| Err(TransportError::Tls { at: format!("localhost:{port}"), reason });
    let none = Tls { certificate: None, authorities: Some(pem.as_str().into()) };
    assert_eq!(ask(none).await, tls(TlsFault::ClientCertificate));
    let stranger = shown_by(issued(&authority("stranger").1, "client.example"), &pem);
    assert_eq!(ask(stranger).await, tls(TlsFault::ClientCertificate));
    assert_eq!(ask(Tls { authorities: None, ..own }).await, tls(TlsFault::UnknownIssuer));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named() {
    let issuer = authority("stranger").1;
    let (a, b) = (issued(&issuer, "a.example"), issued(&issuer, "b.example"));
    let pem = authority("server").0.pem();
    let nothing = |chain| Tls {
        certificate: Some(Arc::new(ClientCertificate { chain, key: SecretBytes::default() })),
        authorities: None,
    };
    for (tls, says) in [
        (shown_by((a.0.clone(), b.1), &pem), "the client certificate"),
        (shown_by((a.0.clone(), b"junk".to_vec()), &pem), "the client certificate"),
        (nothing(vec![a.0.clone()]), "the client certificate: it has no private key"),
        (nothing(Vec::new()), "the client certificate: there is none"),
        (shown_by(a, "no PEM"), "a certificate authority is not a PEM certificate"),
    ] {
        let request = HttpRequest { tls, ..HttpRequest::get(url("https://localhost:1/")) };
        let error = transport().send(&request).await.expect_err(says);
        assert!(matches!(error, TransportError::Setup { .. }), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn any_certificate_is_accepted_only_when_asked_for() {
    let (port, _) = tls_server(&["other.example"], true);
    let options = TransportOptions { danger_accept_invalid_certs: true, ..TransportOptions::default() };
    let transport = Transport::new(options).expect("a transport");
    let answer = transport.send(&HttpRequest::get(url(&format!("https://localhost:{port}/")))).await;
    assert_eq!(answer.expect("accepted").response.text(), "secure");
}

#[tokio::test]
async fn https_to_a_plain_port_says_so() {
    let (mut at, _heard) = canned("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    at.set_scheme("https").expect("a web scheme");
    let error = transport().send(&HttpRequest::get(at)).await.expect_err("no TLS there");
    assert!(matches!(error, TransportError::Tls { reason: TlsFault::NotTls, .. }), "{error:?}");
}

#[test]
fn an_authority_that_is_no_certificate_is_refused() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
        let options = TransportOptions { certificate_authorities: vec![pem.to_owned()], ..TransportOptions::default() };
        assert!(matches!(Transport::new(options), Err(TransportError::Setup { .. })), "{pem}");
    }
}

#[tokio::test]
async fn a_handler_is_served_with_what_was_sent() {
    let server = Server::start(Port::Exactly(0), |issuer| {
        Ok::<_, Infallible>(move |request: &HttpRequest, _now| {
            assert!(request.url.as_str().starts_with(issuer.as_str()));
            let form = request.form().map(|form| form.encode()).unwrap_or_default();
            let said = format!("{} {}?{} {form}", request.method, request.url.path(), request.query().encode());
            HttpResponse::new(418, "text/x-tea", said).with_header("Set-Cookie", "a=1").with_header("Set-Cookie", "b=2")
        })
    })
    .await
    .expect("a free port");
    let form: Params = [("x", "y z")].into_iter().collect();
    let request = HttpRequest::post_form(server.issuer().join("/a/b?c=d").expect("a URL"), &form);
    let response = transport().send(&request).await.expect("an answer").response;
    assert_eq!((response.status, response.text().as_ref()), (418, "POST /a/b?c=d x=y+z"));
    assert_eq!(response.headers.content_type().as_deref(), Some("text/x-tea"));
    assert_eq!(response.headers.all("set-cookie").count(), 2);

    let large = HttpRequest { body: vec![b'a'; 256 * 1024 + 1], ..request.clone() };
    assert_eq!(transport().send(&large).await.expect("an answer").response.status, 413);
    let refused =
        Server::start(Port::Exactly(request.url.port().expect("a port")), |_| Ok::<_, Infallible>(|_: &_, _| never()))
            .await;
    assert!(matches!(refused, Err(ServeError::PortTaken(_))));
    let beside =
        Server::start(Port::Prefer(request.url.port().expect("a port")), |_| Ok::<_, Infallible>(|_: &_, _| never()))
            .await;
    assert_ne!(beside.expect("any free port").issuer(), server.issuer());

    let unmade = Server::start(Port::Exactly(0), |_| Err::<fn(&_, _) -> _, _>("no keys")).await;
    assert_eq!(unmade.expect_err("no handler").to_string(), "the server could not be made: no keys");

    server.stop().await;
    let error = transport().send(&request).await.expect_err("stopped");
    assert!(matches!(error, TransportError::Refused { .. }), "{error:?}");
}

fn never() -> HttpResponse {
    HttpResponse::new(500, "text/plain", "")
}
