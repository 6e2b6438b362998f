//! Rail and diagram tell of each message what became of it: its verdict where it came, and nothing of what is still to come.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::NodeT as _;
use grantscope::gui::diagram::Diagram;
use grantscope::gui::widgets::{Arrow, ArrowState, Tone};
use grantscope::practice::Fault;

use crate::backend::FakeBackend;
use crate::window::{Row, USUAL, Window};

/// A window whose run met this fault.
fn met(fault: Fault) -> Window {
    let backend = FakeBackend::new();
    backend.pair.practice.set(fault, true);
    let mut window = Window::open_with(USUAL, backend);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window
}

/// What a screen reader says of the row whose name contains these words.
fn row(window: &Window, words: &str) -> (String, String) {
    let rows = window.harness.root();
    let found = rows.children_recursive().find(|node| {
        let node = node.accesskit_node();
        node.role() == Role::ListBoxOption && node.label().is_some_and(|label| label.contains(words))
    });
    let node = found.unwrap_or_else(|| panic!("no row says {words}")).accesskit_node();
    (node.label().unwrap_or_default(), node.description().unwrap_or_default())
}

/// The keys come after the token, and with them its verdict: it is told of the token, and not of the keys.
#[test]
fn a_token_carries_its_verdict_where_it_came() {
    for (fault, say, stage, arrow) in [
        (
            Fault::BadSignature,
            "Tokens came. Do not use them: the signature is not by kid ",
            "stopped by a check: A key of the issuer made the signature, 1 failed",
            "stopped by a check, error: A key of the issuer made the signature",
        ),
        (
            Fault::UnknownKid,
            "What came of the token request is not as it should be: the rule 'kid names the key that signed'",
            "done, 1 warning",
            "done, warning: kid names the key that signed",
        ),
    ] {
        let mut window = met(fault);
        window.assert_says(say);
        assert_eq!(window.state_of("Tokens"), stage, "{say}");
        window.go_to("Tokens");
        let (name, state) = row(&window, "200 access_token, id_token");
        assert!(state.contains(arrow), "{name}: {state}");
        assert_eq!(name.contains("  signature, "), fault == Fault::BadSignature, "{name}");
        let diagram = Diagram::of(window.model());
        let keys: Vec<_> = diagram.arrows.iter().filter(|arrow| arrow.label.contains("200 1 key")).collect();
        let is_good = |arrow: &&Arrow| arrow.label.ends_with("200 1 key") && arrow.mark == Some(Tone::Ok);
        assert!(keys.len() == 2 && keys.iter().all(is_good), "{keys:?}");
        if fault == Fault::BadSignature {
            window.press("Go on anyway");
            assert_eq!(window.state_of("Tokens"), stage, "what was wrong stays in sight");
        }
        window.press("Show the check");
        assert_eq!(window.selected_tab(Row::Top), "Checks");
    }
}

#[test]
fn a_request_that_waits_is_one_row_and_its_answer_is_still_to_come() {
    let mut window = Window::open();
    window.backend().holds = true;
    window.press("Start");
    let (name, _) = row(&window, "GET /.well-known");
    assert_eq!(name, "1  GET /.well-known/openid-configuration, client to authorization server");
    let count = |window: &Window, words: &str| {
        Diagram::of(window.model()).arrows.iter().filter(|arrow| arrow.label.contains(words)).count()
    };
    assert_eq!((count(&window, "GET /.well-known"), count(&window, "waiting for the answer")), (1, 1));
    let (name, state) = row(&window, "waiting for the answer");
    assert_eq!((name.as_str(), state.as_str()), ("waiting for the answer, authorization server to client", "to come"));
    let diagram = Diagram::of(window.model());
    assert!(diagram.arrows.iter().all(|arrow| !arrow.label.is_empty()), "every arrow has a name");
    assert!(diagram.arrows[1].mark.is_none(), "what has not come has no verdict");
    window.backend().release();
    window.run();
    assert_eq!((count(&window, "200 metadata"), count(&window, "waiting for the answer")), (1, 0));
}

/// The arrows whose label has these words, each with how it stands and what it is marked with.
fn arrows(window: &Window, words: &str) -> Vec<(ArrowState, Option<Tone>)> {
    let arrows = Diagram::of(window.model()).arrows;
    arrows.iter().filter(|arrow| arrow.label.contains(words)).map(|arrow| (arrow.state, arrow.mark)).collect()
}

/// What is wrong with a logout token is told of the message that brought it, and not of the browser's way back.
#[test]
fn a_logout_token_that_must_be_rejected_is_the_red_arrow() {
    let backend = FakeBackend::new();
    backend.pair.practice.set(Fault::LogoutWrongAud, true);
    let mut window = Window::open_with([1280.0, 1000.0], backend);
    window.choose("backchannel_logout_uri", "http://127.0.0.1:9402/backchannel_logout");
    window.fill("post_logout_redirect_uri", "http://127.0.0.1:8913/");
    window.press("Run to end");
    crate::afterwards::add(&mut window, "Sign out at the server");
    window.next();
    let red = (ArrowState::Failed, Some(Tone::Error));
    assert_eq!(arrows(&window, "POST /backchannel_logout  aud"), [red]);
    assert_eq!(arrows(&window, "400 application/json"), [red]);
    assert_eq!(arrows(&window, "redirect  state=…"), [(ArrowState::Done, Some(Tone::Ok))]);
    window.press("Switch off logout_wrong_aud, run again");
    assert!(window.model().run.finding.is_none(), "{:?}", window.model().run.finding);
    assert_eq!(arrows(&window, "POST /backchannel_logout"), [(ArrowState::Done, None)], "it is signed out again");
}

#[test]
fn a_refused_authorization_came_back_in_red() {
    let mut window = Window::open();
    window.fill("authorization_details", r#"[{"type":"payment","amount":"10"}]"#);
    window.press("Run to end");
    assert_eq!(arrows(&window, "redirect  error=…"), [(ArrowState::Refused, Some(Tone::Error))]);
}

/// The run goes on behind a rule that is broken mildly, and at its end what was found is in sight.
#[test]
fn at_the_end_the_message_is_shown_that_the_finding_is_about() {
    for (fault, shown) in [(Fault::UnknownKid, "200 access_token, id_token"), (Fault::SignedOtherwise, "200 metadata")]
    {
        let window = met(fault);
        let diagram = Diagram::of(window.model());
        let row = diagram.shown(window.model()).expect("a row");
        assert!(diagram.arrows[row].label.contains(shown), "{}", diagram.arrows[row].label);
    }
}

/// What waits for the keys is judged when they come: the message it is about is shown, and not that which brought them.
#[test]
fn where_the_keys_stop_a_run_the_message_is_shown_that_they_judge() {
    for (fault, mode, step) in [(Fault::JarmBadSignature, "jwt", "Code"), (Fault::BadSignature, "", "Tokens")] {
        let backend = FakeBackend::new();
        backend.pair.practice.set(fault, true);
        let mut window = Window::open_with(USUAL, backend);
        if !mode.is_empty() {
            window.choose("response_mode", mode);
        }
        window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
        assert!(window.state_of(step).starts_with("stopped by a check: "), "{fault:?}: {}", window.state_of(step));
        assert_eq!(window.stage(step).accesskit_node().is_selected(), Some(true), "{fault:?}");
        let row = window.selected_row().accesskit_node();
        let stands = row.description().unwrap_or_default();
        assert!(stands.contains("stopped by a check, error: "), "{:?}: {stands}", row.label());
    }
}
