//! The first start, and a whole login with nothing but Ctrl+Enter.

use egui::{Key, Modifiers, Role};
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;
use grantscope::gui::model::{InspectorTab, Tab};

use crate::backend::FakeBackend;
use crate::window::{Row, USUAL, Window};

const CTRL: Modifiers = Modifiers::COMMAND;

#[test]
fn the_first_start_is_ready_on_the_practice_server() {
    let mut window = Window::open();
    for (role, label) in [
        (Role::ComboBox, "Provider"),
        (Role::Tab, "Authorization code"),
        (Role::Tab, "JWT"),
        (Role::Button, "Start"),
        (Role::Button, "Run to end"),
    ] {
        assert!(window.has(role, label), "no {role:?} {label}");
    }
    assert_eq!(window.value("client_id"), "practice-web");
    assert_eq!(window.value("URL"), "http://127.0.0.1:9400/.well-known/openid-configuration");
    assert_eq!(window.state_of("Discovery"), "ready");
    assert_eq!(window.state_of("Keys"), "locked");
    for words in ["Practice server", "Ready to be sent", "Why this step?", "No checks yet"] {
        window.assert_says(words);
    }
    window.assert_silent("is needed");
    window.assert_silent("unsaved");
    assert!(window.backend().sent.is_empty(), "nothing leaves before Start");
}

/// Each step: what the button says, where it leads, and what is shown then.
#[test]
fn ctrl_enter_walks_to_tokens_userinfo_and_the_api() {
    let mut window = Window::open();
    for (button, done, shows) in [
        ("Start", "Discovery", "GET /jwks"),
        ("Fetch the keys", "Keys", "200 1 key"),
        ("Sign in for me as alice", "Redirect", "redirect  code=…&state=…&iss=…"),
        ("Send the token request", "Tokens", "Decode id_token"),
        ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
        ("Call the API", "API", "200 the API's answer"),
    ] {
        assert!(window.has(Role::Button, button), "no button {button}");
        window.next();
        assert_eq!(window.state_of(done), "done", "{done} after {button}");
        window.assert_says(shows);
    }
    assert!(matches!(window.model().run.next, Next::Finished));
    assert!(window.has(Role::Button, "Run again"));
    let sent: Vec<String> = window.backend().sent.iter().map(|request| request.url.path().to_owned()).collect();
    assert_eq!(sent, ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo", "/api/me"]);
    assert!(!window.model().run.flow.has_failed_check());
}

#[test]
fn the_step_that_is_next_shows_its_own_lesson() {
    let mut window = Window::open();
    for lesson in ["The client knows only the issuer", "Tokens are signed", "authorization", "code_verifier"] {
        window.assert_says("Why this step?");
        window.assert_says(lesson);
        window.next();
    }
}

#[test]
fn run_to_end_finishes_by_itself() {
    let mut window = Window::open();
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished));
    assert_eq!(window.model().run.flow.session.tokens.len(), 1);
    assert!(!window.model().run.to_end && window.model().run.running.is_none());
}

#[test]
fn run_to_end_stops_at_a_refusal() {
    let mut backend = FakeBackend::new();
    backend.pair.decision = "deny";
    let mut window = Window::open_with(USUAL, backend);
    window.press("Run to end");
    window.assert_says("The server refused the authorization request: access_denied");
    assert!(!window.model().run.to_end);
}

#[test]
fn a_finished_run_goes_on_with_a_refresh_and_another_call() {
    let mut window = Window::finished();
    let before = window.model().run.flow.session.refresh_token().cloned();
    window.press("Refresh the tokens");
    assert_eq!(window.state_of("Refresh"), "ready");
    assert!(window.has(Role::Button, "Refresh the tokens"), "{:?}", window.texts());
    window.next();
    assert_eq!(window.state_of("Refresh"), "done");
    assert_eq!(window.model().run.inspector, InspectorTab::Tokens);
    assert_ne!(window.model().run.flow.session.refresh_token().cloned(), before);
    window.press("More");
    window.press("Call the API again");
    window.next();
    let last = window.model().run.flow.trace.exchanges.last().cloned().expect("an exchange");
    assert_eq!((last.stage, last.response().map(|response| response.status)), (Stage::Resource, Some(200)));
}

#[test]
fn back_goes_to_before_the_last_step_and_the_run_goes_on_from_there() {
    let mut window = Window::at("Send the token request");
    assert_eq!(window.model().run.flow.trace.exchanges.len(), 3);
    window.press("Back");
    assert!(window.has(Role::Button, "Sign in for me as alice"));
    assert_eq!(window.model().run.flow.trace.exchanges.len(), 2);
    assert_eq!(window.state_of("Request"), "ready");
    window.key(CTRL, Key::Backspace);
    assert!(window.has(Role::Button, "Fetch the keys"));
    window.key(CTRL | Modifiers::SHIFT, Key::Enter);
    assert!(matches!(window.model().run.next, Next::Finished));
}

#[test]
fn back_in_a_text_field_belongs_to_the_field() {
    let mut window = Window::at("Send the token request");
    window.get(Role::TextInput, "login_hint").focus();
    window.run();
    window.key(CTRL, Key::Backspace);
    assert!(window.has(Role::Button, "Send the token request"));
    assert_eq!(window.model().run.flow.trace.exchanges.len(), 3);
}

#[test]
fn run_again_begins_a_new_run_and_back_brings_the_old_one() {
    let mut window = Window::finished();
    let drawn = window.model().run.flow.own.drawn.clone();
    window.press("Run again");
    assert!(window.has(Role::Button, "Fetch the keys"), "its first step is done");
    assert_eq!(window.model().run.flow.trace.exchanges.len(), 1);
    window.press("Back");
    window.press("Back");
    assert!(window.has(Role::Button, "Run again"));
    assert_eq!(window.model().run.flow.own.drawn, drawn);
}

#[test]
fn start_over_forgets_the_run_and_keeps_the_settings() {
    let mut window = Window::at("Send the token request");
    let drawn = window.model().run.flow.own.drawn.clone();
    window.fill("login_hint", "alice@example.com");
    window.press("Start over");
    assert!(window.has(Role::Button, "Start"));
    assert!(window.model().run.flow.trace.exchanges.is_empty());
    assert_eq!(window.value("login_hint"), "alice@example.com");
    window.walk_to("Send the token request");
    assert_ne!(window.model().run.flow.own.drawn, drawn, "new random values");
}

#[test]
fn a_click_on_the_rail_and_on_the_diagram_shows_that_message() {
    let mut window = Window::finished();
    window.go_to("Keys");
    assert_eq!(window.model().run.inspector, InspectorTab::Response);
    window.assert_says("kid: \"es256-");
    window.go_to("Code");
    window.row("6  POST /token");
    assert_eq!(window.selected_tab(Row::Inspector), "Request");
    window.assert_says("its SHA-256 is the request's code_challenge");
    window.row("redirect  code");
    assert_eq!(window.selected_tab(Row::Inspector), "Response");
    window.assert_says("Came by query to");
}

#[test]
fn a_step_that_has_not_come_says_so() {
    let mut window = Window::open();
    window.go_to("UserInfo");
    window.assert_says("UserInfo has not come yet");
}

#[test]
fn every_side_of_every_message_can_be_shown() {
    let mut window = Window::finished();
    for at in 0..window.model().run.flow.steps().len() {
        let title = window.model().run.flow.steps()[at].step.title;
        window.go_to(title);
        for side in ["Request", "Response", "Tokens", "Checks", "cURL", "Raw"] {
            window.tab(Row::Inspector, side);
            assert_eq!(window.selected_tab(Row::Inspector), side);
        }
    }
    window.go_to("Code");
    window.row("6  POST /token");
    window.tab(Row::Inspector, "cURL");
    window.assert_says("curl");
    window.tab(Row::Inspector, "Raw");
    window.assert_says("POST /token HTTP/1.1");
}

#[test]
fn without_a_practice_server_the_window_opens_and_says_why() {
    let mut backend = FakeBackend::new();
    backend.practice = Err("no port is free".to_owned());
    let window = Window::open_with(USUAL, backend);
    window.assert_says("The practice server does not run: no port is free");
    assert_eq!(window.model().tab, Tab::Grant(window.model().run.flow.grant));
}

#[test]
fn a_practice_server_on_another_port_is_what_the_run_talks_to() {
    let mut backend = FakeBackend::new();
    backend.practice = Ok("http://127.0.0.1:41233".parse().expect("a URL"));
    let window = Window::open_with(USUAL, backend);
    assert_eq!(window.value("issuer"), "http://127.0.0.1:41233");
    assert_eq!(window.value("api_url"), "http://127.0.0.1:41233/api/me");
    assert!(!window.model().is_unsaved());
}
