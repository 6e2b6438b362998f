//! What servers do by themselves while the browser is away: a request object that is fetched, a logout that is told.

use egui::Role;
use grantscope::flow::Next;

use crate::backend::FakeBackend;
use crate::window::Window;

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
