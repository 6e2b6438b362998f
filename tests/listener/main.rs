//! The loopback listener, with raw sockets: one test for each row of its table of promises (RFC 8252 section 8).

mod messages;

use std::time::Duration;

use grantscope::base::http::{ClientCertificate, HttpRequest};
use grantscope::base::params::Params;
use grantscope::base::secret::SecretBytes;
use grantscope::base::time::Timestamp;
use grantscope::client::certificate::from_pem;
use grantscope::flow::Event;
use grantscope::flow::callback::{Awaited, Awaiting, Callback, Refusal, Stray, Via};
use grantscope::io::callback::{Limits, ListenError, Listener, WaitError};
use grantscope::io::transport::{Transport, TransportOptions};
use grantscope::terms::response::ResponseMode;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use url::Url;

/// Far longer than any of these tests takes; only a hanging one reaches it.
const PLENTY: Duration = Duration::from_secs(30);

/// A listener that waits for `state=sent` at `/callback`.
struct Run {
    port: u16,
    waiting: JoinHandle<Result<Callback, WaitError>>,
    strays: UnboundedReceiver<Stray>,
}

impl Run {
    async fn start(mode: ResponseMode) -> Self {
        Self::start_at("http://127.0.0.1:0/callback", mode, Limits::default(), PLENTY).await
    }

    async fn start_at(redirect_uri: &str, response_mode: ResponseMode, limits: Limits, time_limit: Duration) -> Self {
        let listener = Listener::bind(&url(redirect_uri)).await.expect("a free port").with_limits(limits);
        let redirect_uri = listener.redirect_uri().clone();
        let port = redirect_uri.port().expect("the real port");
        let awaiting = Awaiting {
            redirect_uri,
            state: Some("sent".to_owned()),
            response_mode,
            awaited: Awaited::Authorization,
            beside: Vec::new(),
        };
        let (send, strays) = unbounded_channel();
        let on_note = move |event| match event {
            Event::Stray(stray) => drop(send.send(stray)),
            other => panic!("nothing is offered beside it: {other:?}"),
        };
        let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, on_note, time_limit).await });
        Self { port, waiting, strays }
    }

    /// The whole answer to one GET of a browser.
    async fn get(&self, target: &str) -> String {
        self.send(&self.request("GET", target, "")).await
    }

    async fn post(&self, fields: &str, body: &str) -> String {
        let length = format!("Content-Length: {}\r\n", body.len());
        self.send(&(self.request("POST", "/callback", &format!("{fields}{length}")) + body)).await
    }

    fn request(&self, method: &str, target: &str, fields: &str) -> String {
        format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{fields}\r\n", self.port)
    }

    async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        exchange(self.port, bytes.as_ref()).await
    }

    async fn stray(&mut self) -> Stray {
        self.strays.recv().await.expect("a stray")
    }

    async fn callback(self) -> Callback {
        self.waiting.await.expect("no panic").expect("the awaited response")
    }

    /// Sends the awaited response and expects that it was waited for.
    async fn finish(self) {
        assert_status(&self.get("/callback?code=c0de&state=sent").await, 303);
        assert_eq!(self.callback().await.params.get("code"), Some("c0de"));
    }
}

fn clock() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000)
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

async fn exchange(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a listener");
    // The other side may have answered and closed before it read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}

#[track_caller]
fn assert_status(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "expected {status}: {answer}");
}

#[tokio::test]
async fn only_the_web_on_this_machine_is_listened_on() {
    for (uri, sentence) in [
        ("http://0.0.0.0:0/cb", "0.0.0.0 is not this machine"),
        ("http://192.0.2.1:0/cb", "192.0.2.1 is not this machine"),
        ("http://app.example:0/cb", "app.example is not this machine"),
        ("http://localhost.example:0/cb", "localhost.example is not this machine"),
        ("http://[::ffff:7f00:1]:0/cb", "[::ffff:7f00:1] is not this machine"),
        ("https://app.example:0/cb", "app.example is not this machine"),
        ("com.example.app:/cb", "a listener on this machine speaks http and https, not com.example.app"),
    ] {
        let error = Listener::bind(&url(uri)).await.expect_err(uri).to_string();
        assert!(error.starts_with(sentence), "{uri}: {error}");
    }
}

#[tokio::test]
async fn the_address_is_exactly_that_of_the_redirect_uri() {
    let listener = Listener::bind(&url("http://127.0.0.1:0/call%20back/")).await.expect("a free port");
    let port = listener.redirect_uri().port().expect("the real port");
    assert_eq!(listener.redirect_uri().as_str(), format!("http://127.0.0.1:{port}/call%20back/"));
    if cfg!(target_os = "linux") {
        let other = TcpStream::connect(("127.0.0.2", port)).await;
        assert_eq!(other.expect_err("bound to 127.0.0.1 only").kind(), std::io::ErrorKind::ConnectionRefused);
    }
}

#[tokio::test]
async fn localhost_listens_in_both_families() {
    let run = Run::start_at("http://localhost:0/callback", ResponseMode::Query, Limits::default(), PLENTY).await;
    let good = format!("GET /callback?code=c&state=sent HTTP/1.1\r\nHost: LOCALHOST:{}\r\n\r\n", run.port);
    // A machine without IPv6 is reached by the other family.
    match TcpStream::connect(("::1", run.port)).await {
        Err(_) => assert_status(&run.send(good).await, 303),
        Ok(mut stream) => stream.write_all(good.as_bytes()).await.expect("written"),
    }
    run.callback().await;
}

#[tokio::test]
async fn a_certificate_that_is_given_is_the_one_that_is_shown() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("signed");
    let given = from_pem(&format!("{}{}", certificate.pem(), key.serialize_pem())).expect("a certificate and its key");
    let at = url("https://localhost:0/callback");
    let listener = Listener::bind_showing(&at, Some(&given)).await.expect("a free port");
    let port = listener.redirect_uri().port().expect("the real port");
    let awaiting = Awaiting {
        redirect_uri: listener.redirect_uri().clone(),
        state: None,
        response_mode: ResponseMode::Query,
        awaited: Awaited::Authorization,
        beside: Vec::new(),
    };
    let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, drop, PLENTY).await });
    let options = TransportOptions { certificate_authorities: vec![certificate.pem()], ..TransportOptions::default() };
    let browser = Transport::new(options).expect("a transport");
    let request = HttpRequest::get(url(&format!("https://localhost:{port}/callback?code=c")));
    assert_eq!(browser.send(&request).await.expect("trusted").response.status, 303);
    assert_eq!(waiting.await.expect("no panic").expect("the response").params.get("code"), Some("c"));

    let mismatched = ClientCertificate { key: SecretBytes::new(b"junk".to_vec()), ..given };
    let error = Listener::bind_showing(&at, Some(&mismatched)).await.expect_err("no key").to_string();
    assert!(error.starts_with("the certificate of the listener cannot be shown: "), "{error}");
}

#[tokio::test]
async fn a_taken_port_is_named_and_nothing_else_is_tried() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    for host in ["127.0.0.1", "localhost"] {
        let error = Listener::bind(&url(&format!("http://{host}:{port}/cb"))).await.expect_err("taken");
        assert!(matches!(error, ListenError::PortTaken(named) if named == port));
        assert_eq!(error.to_string(), format!("port {port} is taken by another program"));
    }
}

#[tokio::test]
async fn a_foreign_host_is_misdirected() {
    let mut run = Run::start(ResponseMode::Query).await;
    let port = run.port;
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{port}.evil.example"),
        String::new(),
    ] {
        let request = format!("GET /callback?code=c&state=sent HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_status(&run.send(request).await, 421);
        assert_eq!(run.stray().await.why, Refusal::ForeignHost(host));
    }
    run.finish().await;
}

#[tokio::test]
async fn what_is_not_the_awaited_response_is_reported_and_waiting_goes_on() {
    let mut run = Run::start(ResponseMode::Query).await;
    for (target, status, why) in [
        ("/callback?code=c&state=other", 400, Refusal::WrongState),
        ("/callback?code=c", 400, Refusal::NoState),
        ("/callback?error=access_denied", 400, Refusal::NoStateInError("access_denied".to_owned())),
        ("/callback?Code=c&state=sent", 400, Refusal::OtherCase("Code in place of code".to_owned())),
        ("/callback?state=sent", 400, Refusal::NoResponse),
        ("/callback", 400, Refusal::NoResponse),
        ("/favicon.ico", 404, Refusal::OtherPath("/favicon.ico".to_owned())),
        ("/callback/?code=c&state=sent", 404, Refusal::OtherPath("/callback/".to_owned())),
        ("/%63allback?code=c&state=sent", 404, Refusal::OtherPath("/%63allback".to_owned())),
        ("/callback/done", 404, Refusal::OtherPath("/callback/done".to_owned())),
    ] {
        assert_status(&run.get(target).await, status);
        let stray = run.stray().await;
        assert_eq!((stray.why, stray.at), (why, clock()), "{target}");
        assert_eq!(stray.what, format!("GET {}", target.split('?').next().expect("a path")));
    }
    run.finish().await;
}

#[tokio::test]
async fn only_get_and_post_carry_a_response() {
    let mut run = Run::start(ResponseMode::Query).await;
    for method in ["HEAD", "OPTIONS", "PUT", "DELETE"] {
        let answer = run.send(run.request(method, "/callback?code=c&state=sent", "")).await;
        assert_status(&answer, 405);
        assert!(answer.contains("\r\nAllow: GET, POST\r\n"));
        assert_eq!(answer.ends_with("\r\n\r\n"), method == "HEAD", "a body for {method}");
        assert_eq!(run.stray().await.why, Refusal::OtherMethod(method.to_owned()));
    }
    for field in ["Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch"] {
        let prefetch = run.request("GET", "/callback?code=c&state=sent", &format!("{field}\r\n"));
        assert_status(&run.send(prefetch).await, 400);
        assert!(matches!(run.stray().await.why, Refusal::BadRequest(_)));
    }
    run.finish().await;
}

#[tokio::test]
async fn fifty_strays_end_the_wait_and_forty_nine_do_not() {
    let run = Run::start(ResponseMode::Query).await;
    for _ in 0..49 {
        run.get("/").await;
    }
    run.finish().await;

    let run = Run::start(ResponseMode::Query).await;
    for _ in 0..50 {
        run.get("/").await;
    }
    assert_eq!(run.waiting.await.expect("no panic"), Err(WaitError::TooManyStrays(50)));
}

#[tokio::test]
async fn the_first_response_wins_and_later_ones_are_told_and_reported() {
    let mut run = Run::start(ResponseMode::Query).await;
    assert_status(&run.get("/callback?code=first&state=sent").await, 303);
    for target in ["/callback?code=second&state=sent", "/callback?code=first&state=sent", "/callback"] {
        let answer = run.get(target).await;
        assert_status(&answer, 400);
        assert!(answer.contains("Already used"));
        assert_eq!(run.stray().await.why, Refusal::AlreadyUsed);
    }
    assert_eq!(run.callback().await.params.get("code"), Some("first"));
}

#[tokio::test]
async fn silent_and_slow_connections_hold_nobody_up() {
    let limits = Limits { conversation: Duration::from_millis(50), ..Limits::default() };
    let mut run = Run::start_at("http://127.0.0.1:0/callback", ResponseMode::Query, limits, PLENTY).await;
    let mut open = Vec::new();
    for _ in 0..40 {
        open.push(TcpStream::connect(("127.0.0.1", run.port)).await.expect("a listener"));
    }
    let slow = open.last_mut().expect("connections");
    slow.write_all(b"GET /callback").await.expect("written");
    assert_status(&run.get("/callback?code=c&state=other").await, 400);
    let mut why = vec![run.stray().await.why, run.stray().await.why];
    why.sort_by_key(|why| *why == Refusal::WrongState);
    assert_eq!(why, [Refusal::BadRequest("it was not complete in time".to_owned()), Refusal::WrongState]);
    run.finish().await;
}

#[tokio::test]
async fn any_number_of_silent_connections_delays_nobody() {
    let roomy = Limits { conversation: PLENTY, ..Limits::default() };
    for (limits, silent) in [(roomy, 100), (Limits { connections: 4, ..roomy }, 100)] {
        let run = Run::start_at("http://127.0.0.1:0/callback", ResponseMode::Query, limits, PLENTY).await;
        let mut open = Vec::new();
        for _ in 0..silent {
            open.push(TcpStream::connect(("127.0.0.1", run.port)).await.expect("a listener"));
        }
        run.finish().await;
    }
}

#[tokio::test]
async fn tls_at_a_plain_port_is_told_at_once() {
    let mut run = Run::start(ResponseMode::Query).await;
    let mut stream = TcpStream::connect(("127.0.0.1", run.port)).await.expect("a listener");
    stream.write_all(&[22, 3, 1, 2, 0, 1]).await.expect("written");
    let stray = run.stray().await;
    assert_eq!((stray.what.as_str(), stray.why), ("TLS handshake", Refusal::SpokeTls));
    run.finish().await;
}

#[tokio::test]
async fn an_https_redirect_uri_is_listened_at_with_a_certificate_of_its_own() {
    let uri = "https://localhost:0/callback";
    let mut run = Run::start_at(uri, ResponseMode::Query, Limits::default(), PLENTY).await;
    let port = run.port;
    let get = |path: &str| HttpRequest::get(url(&format!("https://localhost:{port}{path}")));
    // A browser that warns, one that is told to go on, and one that speaks http.
    let distrusting = Transport::new(TransportOptions::default()).expect("a transport");
    assert!(distrusting.send(&get("/callback?code=c&state=sent")).await.is_err());
    let options = TransportOptions { danger_accept_invalid_certs: true, ..TransportOptions::default() };
    let trusting = Transport::new(options).expect("a transport");
    let stray = run.stray().await;
    assert_eq!((stray.what.as_str(), stray.why), ("TLS handshake", Refusal::Distrusted));
    run.send("GET /callback?code=c&state=sent HTTP/1.1\r\n\r\n").await;
    assert_eq!(run.stray().await.why, Refusal::SpokeHttp);
    let answer = trusting.send(&get("/callback?code=c&state=sent")).await.expect("trusted").response;
    assert_eq!((answer.status, answer.headers.get("location")), (303, Some("/callback/done")));
    let done = trusting.send(&get("/callback/done")).await.expect("trusted").response;
    assert!(done.text().contains("You can close this window"));
    let callback = run.callback().await;
    assert!(callback.redirect_uri.starts_with("https://localhost:"));
}

#[tokio::test]
async fn an_unused_connection_is_no_stray() {
    let mut run = Run::start(ResponseMode::Query).await;
    assert_eq!(run.send("").await, "");
    run.get("/first-stray").await;
    assert_eq!(run.stray().await.what, "GET /first-stray");
    run.finish().await;
}

#[tokio::test]
async fn the_wait_ends_with_its_time() {
    let limit = Duration::from_millis(1);
    let run = Run::start_at("http://127.0.0.1:0/callback", ResponseMode::Query, Limits::default(), limit).await;
    assert_eq!(run.waiting.await.expect("no panic"), Err(WaitError::TimedOut(limit)));
}

#[tokio::test]
async fn stop_closes_the_port() {
    let run = Run::start(ResponseMode::Query).await;
    run.get("/").await;
    run.waiting.abort();
    assert_closed(run.port).await;
}

#[tokio::test]
async fn the_port_closes_when_the_last_page_was_fetched() {
    let listener = Listener::bind(&url("http://127.0.0.1:0/callback")).await.expect("a free port");
    let (redirect_uri, farewell) = (listener.redirect_uri().clone(), listener.farewell());
    let port = redirect_uri.port().expect("the real port");
    let awaiting = Awaiting {
        redirect_uri,
        state: None,
        response_mode: ResponseMode::Query,
        awaited: Awaited::Authorization,
        beside: Vec::new(),
    };
    let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, drop, PLENTY).await });
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert_status(&exchange(port, get("/callback?error=access_denied").as_bytes()).await, 303);
    assert!(waiting.await.expect("no panic").is_ok());
    assert_status(&exchange(port, get("/callback/done").as_bytes()).await, 200);
    farewell.await;
    assert_closed(port).await;
}

async fn assert_closed(port: u16) {
    let closed = async { while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {} };
    tokio::time::timeout(PLENTY, closed).await.expect("the port is closed");
}

#[tokio::test]
async fn oversize_and_ambiguous_requests_are_refused() {
    let mut run = Run::start(ResponseMode::FormPost).await;
    let port = run.port;
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let post = |fields: &str, body: &str| format!("POST /callback HTTP/1.1\r\n{host}{form}{fields}\r\n{body}");
    let get = |line: &str, fields: &str| format!("{line}\r\n{host}{fields}\r\n");
    let good = "code=c&state=sent";
    let line = "GET /callback?code=c&state=sent HTTP/1.1";
    for (request, status) in [
        (get(line, &format!("X: {}\r\n", "a".repeat(16 * 1024))), 431),
        (get(&format!("GET /{} HTTP/1.1", "a".repeat(20 * 1024)), ""), 431),
        ("a".repeat(20 * 1024), 431),
        (post("Content-Length: 65537\r\n", good), 413),
        (post("Content-Length: 99999999999999999999999\r\n", good), 413),
        (post("Content-Length: 17\r\nContent-Length: 17\r\n", good), 400),
        (post("Content-Length: 17, 17\r\n", good), 400),
        (post("Content-Length: +17\r\n", good), 400),
        (post("Content-Length: -1\r\n", good), 400),
        (post("Content-Length:\r\n", good), 400),
        (post("", good), 400),
        (post("Content-Length: 18\r\n", good), 400),
        (post("Transfer-Encoding: chunked\r\n", "11\r\ncode=c&state=sent\r\n0\r\n\r\n"), 400),
        (post("Transfer-Encoding: identity\r\nContent-Length: 17\r\n", good), 400),
        (get(line, &host), 400),
        (format!("{line}\r\n\r\n"), 400),
        (get(line, " folded: x\r\n"), 400),
        (get(line, "A: b\r\n folded\r\n"), 400),
        (get(line, "A : b\r\n"), 400),
        (get(line, "A\r\n"), 400),
        (get(line, ": b\r\n"), 400),
        (get(line, "A: b\nC: d\r\n"), 400),
        (get(line, "A: \0\r\n"), 400),
        (format!("\r\n{}", get(line, "")), 400),
        (get("GET  /callback?code=c&state=sent HTTP/1.1", ""), 400),
        (get("GET /callback?code=c&state=sent", ""), 400),
        (get("GET /callback?code=c&state=sent HTTP/2.0", ""), 400),
        (get("GET /callback?code=c&state=sent http/1.1", ""), 400),
        (get("get /callback?code=c&state=sent HTTP/1.1", ""), 400),
        (get("GET callback?code=c&state=sent HTTP/1.1", ""), 400),
        (get("GET /callback?code=c&state=sent#f HTTP/1.1", ""), 400),
        (get(&format!("GET http://127.0.0.1:{port}/callback?code=c&state=sent HTTP/1.1"), ""), 400),
        (get("GET /callback?code=\u{e9}&state=sent HTTP/1.1", ""), 400),
        (line.replace("HTTP", "\u{16}\u{3}"), 400),
    ] {
        let answer = run.send(&request).await;
        assert_status(&answer, status);
        let stray = run.stray().await;
        assert!(matches!(stray.why, Refusal::BadRequest(_)), "{request:?}");
        assert_eq!(stray.what, "unreadable request");
    }
    run.finish().await;
}

#[tokio::test]
async fn a_body_over_many_packets_of_the_largest_size_is_read() {
    let run = Run::start(ResponseMode::FormPost).await;
    let good = "code=c&state=sent&pad=";
    let body = format!("{good}{}", "a".repeat(64 * 1024 - good.len()));
    assert_status(&run.post("Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n", &body).await, 303);
    let callback = run.callback().await;
    assert_eq!((callback.via, callback.params.get("code")), (Via::FormPost, Some("c")));
}

#[tokio::test]
async fn a_posted_body_that_is_no_form_is_refused() {
    let mut run = Run::start(ResponseMode::FormPost).await;
    for fields in ["", "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n"] {
        assert_status(&run.post(fields, "code=c&state=sent").await, 400);
        assert_eq!(run.stray().await.why, Refusal::BadRequest("its body is not a form".to_owned()));
    }
    run.finish().await;
}

#[tokio::test]
async fn every_page_is_locked_down_and_repeats_nothing() {
    let mut run = Run::start(ResponseMode::Query).await;
    let script = "%3Cscript%3Esentinel%3C/script%3E";
    let mut answers = vec![
        run.get(&format!("/callback?code={script}&state=sentinel")).await,
        run.get(&format!("/sentinel{script}")).await,
        run.get("/callback?sentinel").await,
        run.send(run.request("PUT", "/sentinel", "")).await,
        run.send("sentinel\r\n\r\n").await,
        run.send("GET /callback HTTP/1.1\r\nHost: sentinel\r\n\r\n").await,
    ];
    for _ in 0..answers.len() {
        run.stray().await;
    }
    answers.push(run.get(&format!("/callback?code={script}&state=sent&sentinel=1")).await);
    answers.push(run.get("/callback?code=sentinel&state=sent").await);
    answers.push(run.get("/callback/done?sentinel").await);
    for answer in answers {
        assert!(!answer.contains("sentinel"), "{answer}");
        for field in [
            "Content-Security-Policy: default-src 'none'",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cache-Control: no-store",
            "Connection: close",
        ] {
            assert!(answer.contains(&format!("\r\n{field}")), "no {field} in {answer}");
        }
        assert!(!answer.contains("unsafe-inline"));
    }
}

#[tokio::test]
async fn a_delivery_leaves_no_code_in_the_address_bar() {
    let run = Run::start(ResponseMode::Query).await;
    let answer = run.get("/callback?code=c0de&state=sent").await;
    assert_status(&answer, 303);
    assert!(answer.contains("\r\nLocation: /callback/done\r\n"));
    let page = run.get("/callback/done").await;
    assert_status(&page, 200);
    assert!(page.contains("You can close this window"));
    assert!(page.contains("prefers-color-scheme: light"));
    assert!(!page.contains("c0de"));
    let callback = run.callback().await;
    assert_eq!((callback.via, callback.params), (Via::Query, params("code=c0de&state=sent")));
}

#[tokio::test]
async fn the_relay_page_brings_the_fragment_with_its_one_time_value() {
    let mut run = Run::start(ResponseMode::Fragment).await;
    let page = run.get("/callback").await;
    assert_status(&page, 200);
    assert!(page.contains("Allow JavaScript"));
    let nonce = between(&page, "script-src 'nonce-", "'");
    assert!(page.contains(&format!("<script nonce=\"{nonce}\"")));
    assert_eq!(between(&page, "data-done=\"", "\""), "/callback/done");
    assert_eq!(between(&page, "data-tells=\"", "\""), "yes");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let relay = |value: &str| format!("{form}Grantscope-Relay: {value}\r\n");
    let value = between(&page, "data-relay=\"", "\"");

    let body = "access_token=t&state=sent";
    for (fields, body, why) in [
        (relay("guessed"), body, "BadRequest"),
        (relay(""), body, "BadRequest"),
        (relay(value), "access_token=t&state=other", "WrongState"),
        (relay(value), "", "NoResponse"),
    ] {
        assert_status(&run.post(&fields, body).await, 400);
        assert!(format!("{:?}", run.stray().await.why).starts_with(why));
    }
    assert_status(&run.post(&relay(value), body).await, 204);
    assert_status(&run.post(&relay(value), body).await, 400);
    assert_eq!(run.stray().await.why, Refusal::AlreadyUsed);
    assert_status(&run.get("/callback/done").await, 200);
    let callback = run.callback().await;
    assert_eq!((callback.via, callback.params), (Via::Fragment, params(body)));
}

#[tokio::test]
async fn a_browser_that_leaves_before_its_answer_has_delivered() {
    let run = Run::start(ResponseMode::Query).await;
    let mut stream = TcpStream::connect(("127.0.0.1", run.port)).await.expect("a listener");
    stream.write_all(run.request("GET", "/callback?code=c&state=sent", "").as_bytes()).await.expect("written");
    drop(stream);
    assert_eq!(run.callback().await.params.get("code"), Some("c"));
}

fn params(encoded: &str) -> Params {
    Params::parse(encoded.as_bytes())
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).expect(start);
    rest.split_once(end).expect(end).0
}

/// Requests that are not the awaited response: noise, and damaged copies of it.
fn bad_request() -> impl Strategy<Value = Vec<u8>> {
    const GOOD: &[u8] = b"POST /callback?code=c&state=sent HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\nab";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..600),
        (0..GOOD.len()).prop_map(|end| GOOD[..end].to_vec()),
        (0..GOOD.len(), any::<u8>()).prop_map(|(at, byte)| {
            let mut request = GOOD.to_vec();
            request[at] = byte;
            request
        }),
        "[A-Z]{1,7} /[ -~]{0,40} HTTP/1.[01]\r\n([A-Za-z-]{1,9}: ?[ -~]{0,20}\r\n){0,4}\r\n"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_good_request_is_accepted_after_any_bad_ones(
        bad in proptest::collection::vec(bad_request(), 0..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let run = Run::start(ResponseMode::Query).await;
            for request in bad {
                run.send(request).await;
            }
            run.finish().await;
        });
    }
}
