//! Signing out at a practice server in another process, and what the client is told of it.

use std::net::TcpListener;

use grantscope::base::json::Json;

use crate::Served;
use crate::grants::{WEB, settings};

#[test]
fn signing_out_without_a_way_back_ends_the_run() {
    let served = Served::start();
    let done = served.run("authorization-code", &WEB, &["--sign-in", "alice", "--then", "logout"]);
    done.assert_success();
    let json = done.json();
    let last = json.get("exchanges").expect("exchanges").elements().last().expect("an exchange");
    assert_eq!(last.get("visited").and_then(Json::as_bool), Some(true));
    assert!(!last.get("request").and_then(|it| it.text("url")).expect("a URL").contains("&state="));
}

/// At a port of its own, and at that of the way back.
#[test]
fn the_frames_of_a_logout_are_loaded_and_judged() {
    let served = Served::start();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    for way_back in ["http://127.0.0.1:0/signed-out".to_owned(), format!("http://127.0.0.1:{port}/signed-out")] {
        let at = format!("http://127.0.0.1:{port}/bye");
        let own = [
            ("dynamic_client_registration", "true"),
            ("frontchannel_logout_uri", at.as_str()),
            ("frontchannel_logout_session_required", "true"),
            ("post_logout_redirect_uri", way_back.as_str()),
        ];
        let settings = settings(&WEB, &own, "", "");
        let done = served.run("authorization-code", &settings, &["--sign-in", "alice", "--then", "logout"]);
        done.assert_success();
        let json = done.json();
        let checks = json.get("checks").expect("checks").elements();
        let sid = checks.iter().find(|check| check.text("rule") == Some("flo.sid")).expect("a frame came");
        assert_eq!(sid.text("verdict"), Some("pass"), "{way_back}");
    }
}

/// Without a way back nothing but these ends the run, and they end it at once.
#[test]
fn what_is_told_of_a_logout_without_a_way_back_is_heard() {
    let served = Served::start();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let [told, framed] = ["told", "framed"].map(|path| format!("http://127.0.0.1:{port}/{path}"));
    let own = [
        ("dynamic_client_registration", "true"),
        ("backchannel_logout_uri", told.as_str()),
        ("frontchannel_logout_uri", framed.as_str()),
        ("frontchannel_logout_session_required", "true"),
    ];
    for grant in ["authorization-code", "hybrid"] {
        let done = served.run(grant, &settings(&WEB, &own, "", ""), &["--sign-in", "alice", "--then", "logout"]);
        done.assert_success();
        let json = done.json();
        let checks = json.get("checks").expect("checks").elements();
        for rule in ["blo.sent", "blo.signature", "blo.session", "flo.sent", "flo.sid"] {
            let check = checks.iter().rfind(|check| check.text("rule") == Some(rule)).expect("it is judged");
            assert_eq!(check.text("verdict"), Some("pass"), "{grant}: {rule}");
        }
        let last = json.get("exchanges").expect("exchanges").elements().last().cloned().expect("an exchange");
        assert_eq!(last.get("visited").and_then(Json::as_bool), Some(true));
        assert_eq!(last.get("meanwhile").map(|came| came.elements().len()), Some(2), "{last}");
        for words in ["what was told of the logout, in ", "/told after ", "/framed after ", "answered 200"] {
            assert!(done.story.contains(words), "{grant}: {words}: {}", done.story);
        }
    }
}
