//! The run by a profile: the switch, what stops it, and the settings that a profile wants.

use egui::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::profile::Profile;

use crate::backend::FakeBackend;
use crate::window::{Row, SMALL, Window};

fn judged() -> Window {
    let mut window = Window::finished();
    window.tab(Row::Top, "Checks");
    window
}

/// The pills of the switch.
fn switch(window: &Window) -> Vec<String> {
    let buttons = window.harness.query_all_by_role(Role::Button);
    let labels = buttons.filter_map(|node| node.accesskit_node().label());
    labels.filter_map(|label| label.strip_prefix("Judge by: ").map(str::to_owned)).collect()
}

fn rules(window: &Window) -> Vec<String> {
    let rows = window.harness.query_all_by_role(Role::ListBoxOption);
    rows.filter_map(|node| node.accesskit_node().label()).collect()
}

fn judge_by(window: &mut Window, profile: Profile) {
    let label = switch(window).into_iter().find(|label| label.ends_with(&format!(" {}", profile.name())));
    window.press(&format!("Judge by: {}", label.expect("a pill")));
}

#[test]
fn one_row_says_how_the_run_stands_by_each() {
    let window = judged();
    let switch = switch(&window);
    assert_eq!(switch.len(), 1 + Profile::ALL.len(), "{switch:?}");
    assert!(switch.contains(&"The run passes OAuth 2.0 with RFC 9700".to_owned()), "{switch:?}");
    assert!(switch.iter().any(|words| words.ends_with(" rules stop FAPI 2.0")), "{switch:?}");
}

#[test]
fn what_stops_a_profile_is_listed_with_rule_place_and_reason() {
    let mut window = judged();
    judge_by(&mut window, Profile::Fapi2);
    let found = rules(&window);
    assert!(found.iter().any(|rule| rule.starts_with("fail: ") && rule.ends_with("profile.pushed")), "{found:?}");
    assert!(found.iter().all(|rule| !rule.starts_with("pass: ")), "{found:?}");
    window.assert_says("STOPS IT · THE RUN AS A WHOLE: 3");
    window.press_like(Role::ListBoxOption, "fail: Access tokens are bound");
    for words in ["profile.bound_tokens · MUST", "FAPI 2.0 §5.3.2.1", "token_type Bearer", "What to do"] {
        window.assert_says(words);
    }
    window.press("Judge by: The document of each rule");
    assert!(rules(&window).iter().any(|rule| rule.starts_with("pass: ")), "the usual list");
}

#[test]
fn the_settings_that_a_profile_wants_are_named_and_put_in() {
    let mut window = Window::open();
    window.tab(Row::Top, "Checks");
    window.press_like(Role::Button, "Judge by: Nothing stops FAPI 2.0 so far");
    for words in [
        "token_endpoint_auth_method = private_key_jwt",
        "require_pushed_authorization_requests = true",
        "dpop_bound_access_tokens = true",
    ] {
        window.assert_says(words);
    }
    window.press("Put these in");
    let settings = &window.model().run.flow.settings;
    assert!(settings.protection.dpop_bound_access_tokens && settings.protection.require_pushed_authorization_requests);
    assert_eq!(settings.client.client_id, "practice-jwt", "the demo client that has a key");
    window.press("Run to end");
    window.tab(Row::Top, "Checks");
    assert!(switch(&window).contains(&"The run passes FAPI 2.0".to_owned()), "{:?}", switch(&window));
    assert!(!window.has(Role::Button, "Put these in"), "there is nothing left to change");
}

#[test]
fn a_run_at_its_end_is_followed_by_a_new_one() {
    let mut window = judged();
    let before = window.model().run.id;
    judge_by(&mut window, Profile::Fapi2);
    window.press("Put these in");
    assert_ne!(window.model().run.id, before);
    assert!(window.model().run.is_fresh());
}

#[test]
fn everything_has_its_place_in_the_smallest_window() {
    let mut window = Window::open_with(SMALL, FakeBackend::new());
    window.press("Run to end");
    window.tab(Row::Top, "Checks");
    judge_by(&mut window, Profile::Fapi2MessageSigning);
    assert!(rules(&window).len() > 5, "{:?}", rules(&window));
    window.assert_says("response_mode = jwt");
}
