//! What the words of a server want is a button: pressed, the run has it and goes through.

use egui::Role;
use grantscope::base::check::Verdict;
use grantscope::base::http::{FORM, HttpResponse, JSON};
use grantscope::flow::Next;

use crate::pair::Fault;
use crate::window::Window;

const TOKENS: &str = r#"{"access_token":"a-token-of-this-run-0001","token_type":"Bearer","expires_in":60}"#;

fn tokens() -> HttpResponse {
    HttpResponse::new(200, JSON, TOKENS).with_header("Cache-Control", "no-store")
}

/// As it would be filled in before the run begins.
fn change(window: &mut Window, setting: &str, value: &str) {
    let model = window.app().model_mut();
    model.run.flow.settings.set(setting, value).expect("a setting");
    window.run();
}

/// A window whose run asks for no ID token, with an API that takes every token.
fn without_openid(at_token: Fault) -> Window {
    let mut window = Window::open();
    change(&mut window, "scope", "profile");
    window.backend().pair.faults.insert("/token", at_token);
    window.backend().pair.faults.insert("/api/me", |_| Ok(HttpResponse::new(200, JSON, "{}")));
    window
}

fn verdict(window: &Window) -> Option<Verdict> {
    window.model().run.finding.as_ref().map(|finding| finding.verdict)
}

#[test]
fn tokens_that_come_as_a_form_are_asked_for_as_json() {
    let mut window = without_openid(|request| {
        let form = "access_token=a-token-of-this-run-0001&token_type=bearer&expires_in=60";
        let asks = request.headers.get("accept") == Some(JSON);
        Ok(if asks { tokens() } else { HttpResponse::new(200, FORM, form) })
    });
    change(&mut window, "token_request.headers.Accept", "*/*");
    window.press("Run to end");
    window.assert_says("The tokens came as a form");
    window.press("Ask for JSON");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert_ne!(verdict(&window), Some(Verdict::Fail));
    assert!(!window.has(Role::Button, "Ask for JSON"));
}

#[test]
fn a_scope_that_an_api_names_in_its_body_is_a_button() {
    let mut window = Window::open();
    window.backend().pair.faults.insert("/api/me", |_| {
        Ok(HttpResponse::new(403, JSON, r#"{"error":"insufficient_scope","scope":"orders:read"}"#))
    });
    window.press("Run to end");
    window.assert_says("The scope orders:read is wanted");
    window.press("Ask for orders:read");
    assert!(window.model().run.flow.settings.request.scope.ends_with(" orders:read"));
    assert!(window.model().run.flow.trace.exchanges.is_empty(), "a token is asked for anew");
}

#[test]
fn a_run_that_a_button_mended_is_not_red() {
    let mut window = without_openid(|request| {
        let is_mended = request.form().is_some_and(|form| form.contains("client_secret"));
        Ok(if is_mended { tokens() } else { HttpResponse::new(403, JSON, r#"{"error":"invalid_client"}"#) })
    });
    window.press("Run to end");
    assert_eq!(verdict(&window), Some(Verdict::Fail));
    window.press("Use client_secret_post");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert_eq!(verdict(&window), Some(Verdict::Warn));
    window.assert_says("The run went through. A try of the token request before that");
}
