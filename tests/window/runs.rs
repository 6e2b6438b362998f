//! Several runs side by side: what belongs to one stays with it, whatever is looked at meanwhile.

use egui::Role;
use grantscope::flow::Next;
use grantscope::flow::trace::Answer;

use crate::window::{Row, Window};

#[test]
fn an_edit_is_there_after_a_look_at_another_tab() {
    let mut window = Window::at("Sign in for me as alice");
    window.fill("Value of scope", "openid email");
    window.tab(Row::Top, "Device");
    window.tab(Row::Top, "Authorization code");
    assert_eq!(window.value("Value of scope"), "openid email");
    window.assert_says("Edited by hand.");
    window.next();
    let sent = window.model().run.flow.session.authorization.clone().expect("a request");
    assert_eq!(sent.get("scope"), Some("openid email"));
}

#[test]
fn an_edit_of_one_run_never_reaches_the_request_of_another() {
    let mut window = Window::at("Sign in for me as alice");
    window.fill("Value of scope", "openid zzz");
    window.tab(Row::Top, "Device");
    window.fill("client_id", "nobody");
    window.walk_to("Send the device request");
    window.next();
    window.assert_says("invalid_client");
    window.press("Try again");
    window.next();
    for sent in window.backend().sent.iter().filter(|sent| sent.url.path() == "/device") {
        assert_eq!(sent.url.query(), None, "{}", sent.url);
        assert!(sent.form().is_some_and(|form| !form.all("scope").any(|scope| scope.contains("zzz"))));
    }
}

#[test]
fn what_is_under_way_goes_on_while_another_run_is_shown() {
    let mut window = Window::at("Send the token request");
    window.backend().holds = true;
    window.next();
    let last = |window: &Window| window.model().others.last().or(Some(&window.model().run)).cloned().expect("a run");
    assert!(matches!(
        window.model().run.flow.trace.exchanges.last().map(|it| it.answer.clone()),
        Some(Answer::Pending)
    ));
    window.tab(Row::Top, "Device");
    window.backend().release();
    window.run();
    assert_eq!(last(&window).flow.session.tokens.len(), 1, "the tokens came to the run that asked for them");
    window.tab(Row::Top, "Authorization code");
    assert!(window.has(Role::Button, "Get UserInfo"));
}

#[test]
fn what_was_sent_and_stopped_says_so_and_its_code_is_named_before_it_is_sent_again() {
    let mut window = Window::at("Send the token request");
    window.backend().holds = true;
    window.next();
    window.press("Stop");
    window.assert_says("This code was sent");
    window.assert_says("its answer was not awaited");
    window.row("not awaited");
    window.tab(Row::Inspector, "Response");
    window.assert_says("sent, answer not awaited: stopped after");
}

#[test]
fn another_provider_and_another_beginning_keep_the_runs_before() {
    let mut window = Window::finished();
    let first = window.model().run.flow.trace.exchanges.len();
    window.press("Start over");
    window.press_role(Role::ComboBox, "Run");
    window.press_like(Role::Button, "Authorization code: success, Practice server");
    assert_eq!(window.model().run.flow.trace.exchanges.len(), first);
    assert!(matches!(window.model().run.next, Next::Finished));
    window.press_role(Role::ComboBox, "Provider");
    window.get(Role::Button, "Google").scroll_to_me();
    window.run();
    window.press("Google");
    assert!(window.value("issuer").contains("google"));
    assert!(window.model().others.iter().any(|run| run.flow.trace.exchanges.len() == first), "it is kept");
}

#[test]
fn the_provider_is_the_one_of_the_run_that_is_shown() {
    let mut window = Window::finished();
    window.press_role(Role::ComboBox, "Provider");
    window.get(Role::Button, "Google").scroll_to_me();
    window.run();
    window.press("Google");
    let google = window.model().run.flow.settings.server.clone();
    window.press_role(Role::ComboBox, "Run");
    window.press_like(Role::Button, "Authorization code: success, Practice server");
    assert_eq!(window.model().provider(), "Practice server");
    window.tab(Row::Top, "Device");
    assert!(window.model().is_practice() && !window.model().is_unsaved());
    window.press_role(Role::ComboBox, "Run");
    window.press_like(Role::Button, "Authorization code: not begun, Google");
    assert_eq!(window.model().provider(), "Google");
    window.tab(Row::Top, "Device");
    assert_eq!(window.model().run.flow.settings.server, google);
}
