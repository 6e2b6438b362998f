//! Requests that the client signs: what is shown before they leave and afterwards.

use egui::Role;
use grantscope::flow::Next;

use crate::window::{Row, Window};

const SIGNING: &str = "backchannel_authentication_request_signing_alg";

#[test]
fn a_signed_backchannel_request_is_shown_before_it_leaves_and_decoded_afterwards() {
    let mut window = Window::open();
    assert!(!window.has(Role::ComboBox, SIGNING), "there is no such request");
    window.tab(Row::Top, "CIBA");
    window.choose(SIGNING, "ES256");
    assert!(!window.value("private_key").is_empty(), "the demo client has a key");
    window.walk_to("Send the backchannel request");
    window.assert_says("Claims of request");
    window.next();
    window.go_to("Request");
    window.tab(Row::Inspector, "Request");
    window.assert_says("request, decoded");
    window.assert_says("oauth-authz-req+jwt");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
}
