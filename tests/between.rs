//! Standing between with a gate: messages that are held, changed, dropped, and whose client goes away.

use std::sync::{Arc, Mutex};

use grantscope::base::http::HttpResponse;
use grantscope::flow::trace::ByHand;
use grantscope::io::between::gate::{Decision, Gate, HELD, Held, Message};
use grantscope::io::between::{Place, Stand, Standing, Stood};
use grantscope::io::serve::Port;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use url::Url;

/// A provider that answers with the request it got, and what it got in order.
#[derive(Clone, Default)]
struct Provider(Arc<Mutex<Vec<String>>>);

impl Provider {
    async fn start() -> (Self, String) {
        let (provider, listener) = (Self::default(), TcpListener::bind("127.0.0.1:0").await.expect("a port"));
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let answering = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answering.clone().answer(stream));
            }
        });
        (provider, issuer)
    }

    async fn answer(self, mut stream: TcpStream) {
        let (mut text, mut part) = (String::new(), [0; 4096]);
        while !is_whole(&text) {
            let count = stream.read(&mut part).await.unwrap_or_default();
            if count == 0 {
                return;
            }
            text.push_str(&String::from_utf8_lossy(&part[..count]));
        }
        self.0.lock().expect("nobody panicked").push(text.clone());
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len());
        drop(stream.write_all(answer.as_bytes()).await);
    }

    fn got(&self) -> Vec<String> {
        self.0.lock().expect("nobody panicked").clone()
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0_usize)
}

/// Stands between, with a gate that tells of each change.
struct Between {
    provider: Provider,
    gate: Gate,
    changes: UnboundedReceiver<()>,
    standing: Standing,
    place: Place,
}

impl Between {
    async fn start() -> Self {
        let (provider, issuer) = Provider::start().await;
        let (send, changes) = unbounded_channel();
        let gate = Gate::new(move || _ = send.send(()));
        gate.hold(true);
        let stand = Stand { issuer: &issuer, port: Port::Exactly(0), is_minting: false, authorities: "" };
        let (standing, place) = Standing::start(&stand, gate.clone(), Box::new(|_| {})).await.expect("it stands");
        Self { provider, gate, changes, standing, place }
    }

    async fn connect(&self, request: &str) -> TcpStream {
        let url = Url::parse(&self.place.issuer).expect("a URL");
        let host = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let mut stream = TcpStream::connect(&host).await.expect("it listens");
        let (first, rest) = request.split_once('\n').unwrap_or((request, ""));
        let length = if rest.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", rest.len()) };
        let request = format!("{first} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}\r\n{rest}");
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream
    }

    /// A client that waits for its answer.
    async fn send(&self, request: &str) -> JoinHandle<String> {
        let mut stream = self.connect(request).await;
        tokio::spawn(async move {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("an answer");
            answer
        })
    }

    /// What is held, once that are so many.
    async fn held(&mut self, count: usize) -> Vec<Arc<Held>> {
        loop {
            let held = self.gate.held();
            if held.len() == count {
                return held;
            }
            self.changes.recv().await.expect("the gate is there");
        }
    }

    /// What was not released, once something was not.
    async fn told(&mut self) -> Vec<String> {
        loop {
            let told = self.gate.told();
            if !told.is_empty() {
                return told;
            }
            self.changes.recv().await.expect("the gate is there");
        }
    }

    fn decide(&self, held: &Held, decision: Decision) {
        self.gate.decide(held.number, decision).expect("it can go on");
    }

    async fn finish(self) -> (Stood, Vec<String>) {
        (self.standing.finish().await, self.provider.got())
    }
}

fn answer(held: &Held) -> HttpResponse {
    match &held.message {
        Message::Answer(_, response) => response.clone(),
        Message::Request(request) => panic!("{} is no answer", request.url),
    }
}

fn by_hand(stood: &Stood) -> Vec<Vec<ByHand>> {
    stood.end.capture.entries.iter().map(|entry| entry.by_hand.clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_and_its_answer_go_on_when_they_are_released() {
    let mut between = Between::start().await;
    let client = between.send("GET /first").await;
    let held = between.held(1).await;
    assert!(matches!(&held[0].message, Message::Request(request) if request.url.path() == "/first"));
    assert!(between.provider.got().is_empty(), "it has not left");
    between.decide(&held[0], Decision::Release);
    let held = between.held(1).await;
    assert_eq!((answer(&held[0]).status, held[0].message.title().as_str()), (200, "200 to GET /first"));
    assert!(!client.is_finished(), "it waits");
    between.decide(&held[0], Decision::Release);
    assert!(client.await.expect("no panic").starts_with("HTTP/1.1 200"));
    let (stood, got) = between.finish().await;
    assert_eq!((by_hand(&stood), got.len()), (vec![vec![]], 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_is_what_goes_on_and_is_marked_and_judged() {
    let mut between = Between::start().await;
    let client = between.send("POST /token\ngrant_type=authorization_code&code=c").await;
    let held = between.held(1).await;
    let Message::Request(mut request) = held[0].message.clone() else { panic!("a request") };
    request.body = b"grant_type=authorization_code&code=another".to_vec();
    request.headers.push("x-by-hand", "yes");
    request.url.set_query(Some("tenant=two"));
    between.decide(&held[0], Decision::Change(Box::new(Message::Request(request))));
    let held = between.held(1).await;
    let mut changed = answer(&held[0]);
    assert!(String::from_utf8_lossy(&changed.body).starts_with("POST /token?tenant=two HTTP/1.1"));
    (changed.status, changed.body) = (418, b"other".to_vec());
    between.decide(&held[0], Decision::Change(Box::new(Message::Answer(held[0].message.request().clone(), changed))));
    let heard = client.await.expect("no panic");
    assert!(heard.starts_with("HTTP/1.1 418") && heard.ends_with("\r\n\r\nother"), "{heard}");
    let (stood, got) = between.finish().await;
    let sent = got[0].to_ascii_lowercase();
    assert!(sent.contains("x-by-hand: yes") && sent.ends_with("code=another"), "{sent}");
    assert_eq!(by_hand(&stood), [[ByHand::RequestChanged, ByHand::AnswerChanged]]);
    let entry = &stood.end.capture.entries[0];
    assert_eq!((entry.status(), entry.request.url.query()), (Some(418), Some("tenant=two")), "as it really left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_leads_to_no_other_server_and_to_no_other_kind_of_message() {
    let mut between = Between::start().await;
    let client = between.send("GET /x").await;
    let held = between.held(1).await;
    let mut request = held[0].message.request().clone();
    request.url = Url::parse("https://evil.example/x").expect("a URL");
    let elsewhere = Decision::Change(Box::new(Message::Request(request.clone())));
    assert!(between.gate.decide(held[0].number, elsewhere).is_err_and(|why| why.contains("no other server")));
    let other = Message::Answer(request, HttpResponse::new(200, "text/plain", ""));
    assert!(between.gate.decide(held[0].number, Decision::Change(Box::new(other))).is_err());
    assert_eq!(between.gate.held().len(), 1, "it is still held");
    between.gate.hold(false);
    assert!(client.await.expect("no panic").starts_with("HTTP/1.1 200"));
    let held_no_more = Decision::Drop;
    assert!(between.gate.decide(held[0].number, held_no_more).is_ok());
    let (_, got) = between.finish().await;
    assert_eq!(got.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_of_what_is_dropped_is_told_so() {
    let mut between = Between::start().await;
    let client = between.send("GET /request").await;
    let held = between.held(1).await;
    between.decide(&held[0], Decision::Drop);
    let heard = client.await.expect("no panic");
    assert!(heard.starts_with("HTTP/1.1 503") && heard.contains("The request did not pass"), "{heard}");
    let client = between.send("GET /answer").await;
    let held = between.held(1).await;
    between.decide(&held[0], Decision::Release);
    let held = between.held(1).await;
    between.decide(&held[0], Decision::Drop);
    let heard = client.await.expect("no panic");
    assert!(heard.starts_with("HTTP/1.1 502") && heard.contains("The answer did not pass"), "{heard}");
    assert_eq!(between.gate.told(), ["GET /request was dropped by hand.", "200 to GET /answer was dropped by hand."]);
    let (stood, got) = between.finish().await;
    assert_eq!((by_hand(&stood), got.len()), (vec![vec![ByHand::AnswerDropped]], 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_client_goes_away_is_dropped_with_the_reason() {
    let mut between = Between::start().await;
    let client = between.connect("GET /request").await;
    between.held(1).await;
    drop(client);
    between.held(0).await;
    let told = between.told().await;
    assert!(told[0].starts_with("GET /request was dropped: its client went away after"), "{told:?}");
    assert!(between.provider.got().is_empty(), "it never left");
    let client = between.connect("GET /answer").await;
    let held = between.held(1).await;
    between.decide(&held[0], Decision::Release);
    between.held(1).await;
    drop(client);
    between.held(0).await;
    let (stood, got) = between.finish().await;
    assert_eq!((by_hand(&stood), got.len()), (vec![vec![ByHand::ClientGone]], 1), "the answer has come");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_leave_in_the_order_in_which_they_are_released() {
    let mut between = Between::start().await;
    let mut clients = Vec::new();
    for (at, path) in ["/a", "/b", "/c"].into_iter().enumerate() {
        clients.push(between.send(&format!("GET {path}")).await);
        between.held(at + 1).await;
    }
    for path in ["/b", "/c", "/a"] {
        let held = between.held(3).await;
        let next = held.iter().find(|held| held.message.request().url.path() == path).expect("it is held");
        between.decide(next, Decision::Release);
        while between.gate.held().iter().all(|held| held.message.title() != format!("200 to GET {path}")) {
            between.changes.recv().await.expect("the gate is there");
        }
    }
    between.gate.hold(false);
    for client in clients {
        assert!(client.await.expect("no panic").starts_with("HTTP/1.1 200"));
    }
    let (_, got) = between.finish().await;
    let paths: Vec<&str> = got.iter().filter_map(|request| request.split(' ').nth(1)).collect();
    assert_eq!(paths, ["/b", "/c", "/a"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_are_held_than_can_be_looked_at_and_the_end_drops_all() {
    let mut between = Between::start().await;
    let mut clients = Vec::new();
    for at in 0..HELD {
        clients.push(between.send(&format!("GET /{at}")).await);
    }
    between.held(HELD).await;
    let refused = between.send("GET /more").await.await.expect("no panic");
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("too many messages are held"), "{refused}");
    assert!(between.told().await[0].contains("GET /more was refused"));
    let (stood, got) = between.finish().await;
    assert!(got.is_empty() && stood.end.capture.entries.is_empty());
    for client in clients {
        assert!(client.await.expect("no panic").starts_with("HTTP/1.1 503"));
    }
}
