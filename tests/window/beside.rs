//! What servers do by themselves while the browser is away: a request object that is fetched, a logout that is told.

use egui::Role;
use grantscope::flow::Next;

use crate::backend::{Browser, FakeBackend};
use crate::window::{Row, Window};

#[test]
fn the_request_is_fetched_from_the_run_and_the_diagram_shows_it() {
    let mut window = Window::open_with([1280.0, 1000.0], FakeBackend::new());
    assert!(!window.has_field("request_uris"), "there is nothing to fetch");
    window.choose("request_object_signing_alg", "ES256");
    window.fill("private_key", grantscope::practice::PRACTICE_JWT_KEY);
    window.choose("request_uris", "http://127.0.0.1:0/request.jwt");
    window.walk_to("Send the token request");
    window.assert_says("GET /request.jwt");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
}

#[test]
fn a_logout_that_the_server_tells_of_is_in_the_run() {
    let mut window = Window::open();
    window.choose("backchannel_logout_uri", "http://127.0.0.1:9402/backchannel_logout");
    window.press("Run to end");
    crate::afterwards::add(&mut window, "Sign out at the server");
    window.next();
    assert!(!window.model().run.flow.has_failed_check());
    window.assert_says("POST /backchannel_logout");
}

#[test]
fn a_logout_that_the_browser_tells_of_is_in_the_run() {
    let mut window = Window::open();
    let required = "frontchannel_logout_session_required";
    assert!(!window.has(Role::Switch, required), "there is nothing to ask for");
    window.choose("frontchannel_logout_uri", "http://127.0.0.1:9402/frontchannel_logout");
    assert!(window.has(Role::Switch, required));
    assert_eq!(window.value("client_id"), "practice-frontchannel");
    window.press("Run to end");
    crate::afterwards::add(&mut window, "Sign out at the server");
    window.next();
    assert!(!window.model().run.flow.has_failed_check());
    window.assert_says("GET /frontchannel_logout");
}

/// At a logout that leads nowhere, and is told of here.
fn at_a_logout_without_a_way_back() -> Window {
    let mut window = Window::open_with([1280.0, 1000.0], FakeBackend::new());
    window.choose("backchannel_logout_uri", "http://127.0.0.1:9402/backchannel_logout");
    window.fill("post_logout_redirect_uri", "");
    window.press("Run to end");
    crate::afterwards::add(&mut window, "Sign out at the server");
    window
}

#[test]
fn a_logout_without_a_way_back_is_heard_when_the_program_signs_out() {
    let mut window = at_a_logout_without_a_way_back();
    assert!(window.has(Role::Button, "Sign out for me"));
    window.next();
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
    window.assert_says("POST /backchannel_logout");
    window.tab(Row::Inspector, "Response");
    window.assert_says("Nothing comes back from this logout. What was told of it:");
    window.assert_says("answered with 200");
    assert_eq!((window.state_of("Sign out"), window.state_of("What is told")), ("done".to_owned(), "done".to_owned()));
}

#[test]
fn a_logout_without_a_way_back_is_heard_when_the_browser_signs_out() {
    let mut window = at_a_logout_without_a_way_back();
    window.press("Open the browser");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    window.assert_says("POST /backchannel_logout");
}

#[test]
fn the_wait_for_what_is_told_is_ended_by_a_button() {
    let mut window = at_a_logout_without_a_way_back();
    window.backend().browser = Browser::Idle;
    window.press("Open the browser");
    assert!(window.backend().is_listening());
    for words in ["Listening at", "http://127.0.0.1:9402/backchannel_logout", "Waiting for what is told of the logout"]
    {
        window.assert_says(words);
    }
    assert!(!window.says("redirect with state"), "nothing comes back");
    window.open_fold("If nothing comes back");
    window.assert_says("whether this address is registered there for the client");
    assert!(!window.has_field("Paste the redirect URL"), "there is nothing to paste");
    assert!(!window.has(Role::Button, "Stop"));
    window.backend().pair.wait(std::time::Duration::from_secs(40));
    window.press("End the wait");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.backend().is_listening());
    window.tab(Row::Inspector, "Response");
    window.assert_says("Nothing was told of the logout within 40 s");
    assert_eq!(window.state_of("What is told"), "not judged");
    let run = &window.model().run;
    let sent = run.flow.checks().filter(|check| check.rule.id == "blo.sent").last().expect("a check");
    assert_eq!(sent.actual.as_deref(), Some("none came within 40 s, although the metadata announce it"));
}
