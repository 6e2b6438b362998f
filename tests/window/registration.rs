//! A client that registers itself: the switch, the step, the request as it is edited, and what came of it in the settings.

use egui::Role;
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;

use crate::window::{Row, Window};

const SWITCH: &str = "dynamic_client_registration";

#[test]
fn a_switch_puts_the_registration_before_the_login_and_its_answer_into_the_settings() {
    let mut window = Window::open();
    assert!(!window.has_field("initial_access_token"));
    window.press_role(Role::Switch, SWITCH);
    assert!(window.has_field("initial_access_token"));
    let before = window.model().run.flow.settings.client.client_id.clone();
    window.walk_to("Register the client");
    window.go_to("Registration");
    window.assert_says("Before a server answers, it must know the client");
    assert_eq!(window.model().run.flow.stage(), Some(Stage::Registration));
    window.next();
    let registered = window.model().run.flow.settings.client.clone();
    assert_ne!(registered.client_id, before);
    assert!(!registered.client_secret.is_empty());
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert_eq!(window.state_of("Registration"), "done", "what the answer brought is no change by the user");
    window.tab(Row::Inspector, "Response");
    let flow = &window.model().run.flow;
    assert!(flow.trace.exchanges.iter().any(|exchange| exchange.stage == Stage::Registration));
    assert!(!flow.has_failed_check());
}

/// A client is registered for its grant: other tabs register their own, and leave that one alone.
#[test]
fn each_grant_registers_a_client_of_its_own() {
    let mut window = Window::open();
    window.press_role(Role::Switch, SWITCH);
    window.press("Run to end");
    let registered = window.model().run.flow.settings.client.client_id.clone();
    window.tab(Row::Top, "Client credentials");
    let flow = &window.model().run.flow;
    assert!(flow.settings.registration.dynamic_client_registration);
    assert_ne!(flow.settings.client.client_id, registered, "that one is of the other run");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert_ne!(window.model().run.flow.settings.client.client_id, registered);
    window.tab(Row::Top, "Authorization code");
    assert_eq!(window.model().run.flow.settings.client.client_id, registered);
    assert_eq!(window.state_of("Registration"), "done");
}
