//! Tokens that are bound to a key: the switch, the proof before and after it left, a nonce that is asked for, the binding.

use egui::Role;
use grantscope::base::json::Json;
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;
use grantscope::practice::{Config, Fault};
use url::Url;

use crate::afterwards::add;
use crate::backend::FakeBackend;
use crate::pair::{ISSUER, Pair};
use crate::window::{Row, USUAL, Window};

const SWITCH: &str = "dpop_bound_access_tokens";

fn with_nonce() -> Window {
    let mut config = Config::practice(Url::parse(ISSUER).expect("a URL"));
    config.dpop_nonce_required = true;
    let mut backend = FakeBackend::new();
    backend.pair = Pair::with(config);
    Window::open_with(USUAL, backend)
}

#[test]
fn the_proof_is_shown_before_it_leaves_and_can_be_changed() {
    let mut window = Window::open();
    assert!(!window.has_field("dpop_private_key"));
    window.press_role(Role::Switch, SWITCH);
    assert!(window.has_field("dpop_private_key"));
    window.walk_to("Call the API");
    window.go_to("API");
    window.assert_says("Claims of dpop");
    window.assert_says("the hash of the access token");
    window.fill("Value of htu", "http://127.0.0.1:9400/api/you");
    window.next();
    let Next::Stopped(problem) = &window.model().run.next else { panic!("it is taken") };
    assert_eq!(problem.stage, Stage::Resource);
    window.tab(Row::Inspector, "Request");
    window.assert_says("DPoP proof, decoded");
}

#[test]
fn a_nonce_that_is_asked_for_is_answered_by_the_same_step_again() {
    let mut window = with_nonce();
    window.press_role(Role::Switch, SWITCH);
    window.walk_to("Send the token request");
    window.next();
    assert_eq!(window.model().run.flow.stage(), Some(Stage::Token), "the second attempt waits");
    window.go_to("Exchange");
    window.assert_says("use_dpop_nonce");
    window.next();
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
    window.tab(Row::Inspector, "Tokens");
    window.assert_says("cnf.jkt");
}

/// A finished run with bound tokens, at a server with this fault.
fn bound(fault: Option<Fault>) -> Window {
    let mut window = Window::open();
    if let Some(fault) = fault {
        window.backend().pair.practice.set(fault, true);
    }
    window.press_role(Role::Switch, SWITCH);
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    window
}

#[test]
fn what_a_thief_would_try_is_offered_and_its_refusal_is_the_good_end() {
    for (words, button, done, fault, rule) in [
        ("Use the token with another key", "Call with another key", "Other key", Fault::AnyKey, "dpop.key_enforced"),
        ("Use the same proof again", "Send the same proof again", "Replay", Fault::ReplayableProof, "dpop.replay"),
    ] {
        let mut window = bound(None);
        add(&mut window, words);
        assert!(window.has(Role::Button, button), "{words}");
        window.next();
        window.assert_says("401");
        assert_eq!(window.state_of(done), "done", "{words}");
        assert!(matches!(window.model().run.next, Next::Finished) && !window.model().run.flow.has_failed_check());
        let mut lax = bound(Some(fault));
        add(&mut lax, words);
        lax.next();
        lax.tab(Row::Inspector, "Checks");
        lax.assert_says(rule);
        assert_eq!(lax.model().run.flow.has_failed_check(), fault == Fault::AnyKey, "{words}");
    }
    let plain = Window::finished();
    let offered = plain.model().run.appendable();
    assert!(offered.iter().all(|(stage, _)| !matches!(stage, Stage::OtherKey | Stage::Replay | Stage::Unproven)));
}

#[test]
fn the_key_that_is_drawn_shows_the_algorithm_that_the_server_takes() {
    let mut window = Window::open();
    let listed = Json::parse_text(r#"["RS256","PS256"]"#).expect("a list");
    let changed = ("dpop_signing_alg_values_supported", listed);
    window.backend().pair.changes.insert("/.well-known/openid-configuration", changed);
    window.press_role(Role::Switch, SWITCH);
    window.walk_to("Send the token request");
    window.assert_says("made and signed when it leaves, with PS256 and the key of jkt");
}
