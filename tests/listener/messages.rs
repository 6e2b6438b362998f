//! The kinds of messages that are awaited at the listener, and the ways they come.

use std::sync::Arc;

use grantscope::client::endpoint::frontchannel_logout::Expected;
use grantscope::flow::Event;
use grantscope::flow::beside::{Answers, Beside};
use grantscope::flow::callback::{Awaited, Awaiting, Refusal, Via};
use grantscope::flow::joint::Joint;
use grantscope::io::callback::{Limits, Listener};
use grantscope::terms::response::ResponseMode;
use tokio::sync::mpsc::unbounded_channel;

use super::{PLENTY, Run, assert_status, between, clock, exchange, params, url};

#[tokio::test]
async fn a_response_whose_parameters_are_joined_wrongly_is_taken_and_says_how() {
    for (target, joint) in [
        ("/callback?tenant=x?code=c&state=sent", Joint::SecondMark),
        ("/callback?tenant=x&code=c&amp;state=sent", Joint::Entity),
        ("/callback?tenant=x&code=cstate=sent", Joint::Glued),
        ("/callback?tenant=x&code=c%26state=sent", Joint::EncodedAmpersand),
        ("/callback&code=c&state=sent", Joint::NoMark),
        ("/callback%3Fcode=c&state=sent", Joint::EncodedMark),
    ] {
        let uri = "http://127.0.0.1:0/callback?tenant=x";
        let run = Run::start_at(uri, ResponseMode::Query, Limits::default(), PLENTY).await;
        assert_status(&run.get(target).await, 303);
        let callback = run.callback().await;
        assert_eq!((callback.joint, callback.params), (Some(joint), params("code=c&state=sent")), "{target}");
    }
    // What is turned away is named without what is glued to its path.
    let mut run = Run::start(ResponseMode::Query).await;
    for (target, what) in [
        ("/callback&code=c0de&state=other", "GET /callback…"),
        ("/elsewhere&code=c0de", "GET /elsewhere…"),
        ("/elsewhere%3Fcode=c0de", "GET /elsewhere…"),
    ] {
        assert!(run.get(target).await.starts_with("HTTP/1.1 4"), "{target}");
        let stray = run.stray().await;
        assert_eq!(stray.what, what);
        assert!(!stray.why.to_string().contains("c0de"), "{}", stray.why);
    }
    run.finish().await;
}

#[tokio::test]
async fn a_jwt_is_a_response_only_where_one_was_asked_for() {
    for (awaited, target, status) in [
        (Awaited::Authorization, "/callback?response=x", 400),
        (Awaited::Authorization, "/callback?response=x&state=sent", 400),
        (Awaited::Jwt, "/callback?response=x", 303),
    ] {
        let listener = Listener::bind(&url("http://127.0.0.1:0/callback")).await.expect("a free port");
        let redirect_uri = listener.redirect_uri().clone();
        let port = redirect_uri.port().expect("the real port");
        let (state, response_mode) = (Some("sent".to_owned()), ResponseMode::Query);
        let awaiting = Awaiting { redirect_uri, state, response_mode, awaited, beside: Vec::new() };
        let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, drop, PLENTY).await });
        let get = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        assert_status(&exchange(port, get.as_bytes()).await, status);
        waiting.abort();
    }
}

#[tokio::test]
async fn a_response_that_travels_otherwise_than_asked_is_taken_and_says_how() {
    let run = Run::start(ResponseMode::FormPost).await;
    assert_status(&run.get("/callback?error=access_denied&state=sent").await, 303);
    assert_eq!(run.callback().await.via, Via::Query);

    // A fragment that nobody asked for is looked for, too.
    let mut run = Run::start(ResponseMode::Query).await;
    let page = run.get("/callback").await;
    assert_status(&page, 400);
    assert_eq!(run.stray().await.why, Refusal::NoResponse);
    let value = between(&page, "data-relay=\"", "\"");
    let fields = format!("Content-Type: application/x-www-form-urlencoded\r\nGrantscope-Relay: {value}\r\n");
    assert_status(&run.post(&fields, "code=c&state=sent").await, 204);
    assert_eq!(run.callback().await.via, Via::Fragment);
}

#[tokio::test]
async fn the_query_of_the_redirect_uri_is_not_part_of_the_response() {
    let uri = "http://127.0.0.1:0/callback?tenant=a%20b&code=own";
    let run = Run::start_at(uri, ResponseMode::Query, Limits::default(), PLENTY).await;
    let redirect_uri = format!("http://127.0.0.1:{}/callback?tenant=a%20b&code=own", run.port);
    assert_status(&run.get("/callback?tenant=a%20b&code=own&code=c&state=sent").await, 303);
    let callback = run.callback().await;
    assert_eq!((callback.redirect_uri, callback.params), (redirect_uri, params("code=c&state=sent")));
}

#[tokio::test]
async fn a_ping_is_taken_only_with_its_token_and_as_json() {
    let listener = Listener::bind(&url("http://127.0.0.1:0/ciba")).await.expect("bound");
    let port = listener.redirect_uri().port().expect("a port");
    let awaiting = Awaiting {
        redirect_uri: listener.redirect_uri().clone(),
        state: None,
        response_mode: ResponseMode::Query,
        awaited: Awaited::Ping("t0k3n".into()),
        beside: Vec::new(),
    };
    let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, drop, PLENTY).await });
    let post = |token: &str, media_type: &str, body: &str| {
        format!(
            "POST /ciba HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let good = r#"{"auth_req_id":"a1"}"#;
    for (request, status) in [
        (post("other", "application/json", good), 401),
        (post("t0k3n", "text/plain", good), 400),
        (post("t0k3n", "application/json", "{"), 400),
        (post("t0k3n", "application/json", "{}"), 400),
        (format!("GET /ciba?auth_req_id=a1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 405),
        (post("t0k3n", "application/json", good), 204),
    ] {
        assert_status(&exchange(port, request.as_bytes()).await, status);
    }
    let callback = waiting.await.expect("no panic").expect("a ping");
    assert_eq!((callback.via, callback.params.get("auth_req_id")), (Via::Ping, Some("a1")));
}

#[tokio::test]
async fn the_way_back_from_a_logout_has_its_state_or_none() {
    let listener = Listener::bind(&url("http://127.0.0.1:0/signed-out")).await.expect("bound");
    let port = listener.redirect_uri().port().expect("a port");
    let awaiting = Awaiting {
        redirect_uri: listener.redirect_uri().clone(),
        state: Some("sent".to_owned()),
        response_mode: ResponseMode::Query,
        awaited: Awaited::Logout,
        beside: Vec::new(),
    };
    let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, drop, PLENTY).await });
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    for (target, status) in [("/elsewhere", 404), ("/signed-out?state=other", 400), ("/signed-out", 303)] {
        assert_status(&exchange(port, get(target).as_bytes()).await, status);
    }
    assert!(waiting.await.expect("no panic").expect("a way back").params.is_empty(), "its rule judges the state");
}

#[tokio::test]
async fn what_is_offered_beside_the_way_back_is_answered_at_its_port() {
    let listener = Listener::bind(&url("http://127.0.0.1:0/signed-out")).await.expect("bound");
    let redirect_uri = listener.redirect_uri().clone();
    let (port, at) = (redirect_uri.port().expect("a port"), redirect_uri.join("/bye").expect("a URL"));
    let expected = Arc::new(Expected { issuer: Some("https://idp.example".to_owned()), ..Expected::default() });
    let elsewhere = Beside { at: url("http://127.0.0.1:1/other"), answers: Answers::LogoutFrames(expected.clone()) };
    let awaiting = Awaiting {
        redirect_uri,
        state: None,
        response_mode: ResponseMode::Query,
        awaited: Awaited::Logout,
        beside: vec![Beside { at, answers: Answers::LogoutFrames(expected) }, elsewhere],
    };
    let (note, mut noted) = unbounded_channel();
    let on_note = move |event| drop(note.send(event));
    let waiting = tokio::spawn(async move { listener.wait(&awaiting, clock, on_note, PLENTY).await });
    let get = |host: &str, target: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    for (host, target, status) in [
        ("127.0.0.1", "/bye?iss=https%3A%2F%2Fidp.example&sid=s1", 200),
        ("127.0.0.1", "/bye?iss=https%3A%2F%2Fother.example&sid=s1", 400),
        ("127.0.0.1", "/other", 404),
        ("evil.example", "/bye", 421),
        ("127.0.0.1", "/signed-out", 303),
    ] {
        assert_status(&exchange(port, get(host, target).as_bytes()).await, status);
    }
    waiting.await.expect("no panic").expect("a way back");
    let mut arrived = Vec::new();
    while let Ok(event) = noted.try_recv() {
        if let Event::Arrived(arrival) = event {
            arrived.push((arrival.request.query().get("sid").map(str::to_owned), arrival.response.status));
        }
    }
    assert_eq!(arrived, [(Some("s1".to_owned()), 200), (Some("s1".to_owned()), 400)]);
}
