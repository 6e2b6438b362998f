//! The list of checks: what failed first, headings of stages, a search; and the numbers it shares with rail and diagram.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::gui::diagram::Diagram;
use grantscope::practice::Fault;

use crate::window::{Row, Window};

/// A run whose ID token carries another nonce, in the list of its checks.
fn failed() -> Window {
    let mut window = Window::open();
    window.backend().pair.practice.set(Fault::WrongNonce, true);
    window.press("Run to end");
    window.tab(Row::Top, "Checks");
    window
}

/// The lines in sight from the top, headings and checks alike.
fn lines(window: &Window) -> Vec<String> {
    let heads = window
        .harness
        .query_all_by_role(Role::Heading)
        .filter(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with("Stage ")));
    let mut lines: Vec<_> = window.harness.query_all_by_role(Role::ListBoxOption).chain(heads).collect();
    lines.sort_by(|one, next| one.rect().top().total_cmp(&next.rect().top()));
    lines.iter().filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn what_failed_is_on_top_under_the_heading_of_its_stage() {
    let window = failed();
    let lines = lines(&window);
    assert!(lines[0].starts_with("Stage 7 · Tokens: ") && lines[0].contains("failed"), "{lines:?}");
    assert!(lines[1].starts_with("fail: "), "{lines:?}");
    let rank = |line: &String| ["fail", "warn"].iter().position(|word| line.starts_with(word)).unwrap_or(2);
    let checks: Vec<&String> = lines.iter().filter(|line| !line.starts_with("Stage ")).collect();
    assert!(checks.is_sorted_by_key(|line| rank(line)), "{lines:?}");
    assert!(lines.iter().filter(|line| line.starts_with("Stage ")).count() > 1, "{lines:?}");
    window.assert_says("Why it matters");
}

#[test]
fn a_search_leaves_what_says_all_of_its_words() {
    let mut window = failed();
    window.fill("Search", "id_token NONCE");
    let found = lines(&window);
    assert!(found.len() >= 2 && found.iter().all(|line| line.starts_with("Stage ") || line.contains("nonce")));
    window.fill("Search", "no rule says this");
    assert_eq!(lines(&window), Vec::<String>::new());
    window.assert_says("No check says this.");
    window.fill("Search", "discovery");
    assert!(lines(&window)[0].starts_with("Stage 1 · Discovery: "), "a stage is found by its name");
}

#[test]
fn the_finding_leads_to_its_check_whatever_was_searched() {
    let mut window = failed();
    window.fill("Search", "no rule says this");
    window.tab(Row::Top, "Authorization code");
    window.press("Show the check");
    assert_eq!(window.value("Search"), "");
    assert!(lines(&window).iter().any(|line| line.contains("id_token.nonce")));
}

#[test]
fn rail_diagram_and_headings_call_a_step_by_the_same_number() {
    let mut window = Window::open();
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    for (step, label) in [
        ("Discovery", "1  GET /.well-known/openid-configuration"),
        ("Keys", "2  GET /jwks"),
        ("Request", "3  open /authorize"),
        ("Redirect", "4  GET /authorize"),
        ("Code", "5  redirect"),
        ("Exchange", "6  POST /token"),
        ("Tokens", "7  200 access_token"),
        ("UserInfo", "8  GET /userinfo"),
        ("API", "9  GET /api/me"),
    ] {
        let said = window.stage(step).accesskit_node().description().unwrap_or_default();
        let number = label.split_once("  ").map(|(number, _)| number).unwrap_or_default();
        assert!(said.starts_with(&format!("stage {number} of 9")), "{step}: {said}");
        let labels = labels(&window);
        let numbered: Vec<_> = labels.iter().filter(|row| row.starts_with(&format!("{number}  "))).collect();
        assert!(numbered.len() == 1 && numbered[0].starts_with(label), "{step}: {labels:?}");
    }
}

#[test]
fn what_is_to_come_has_its_number_already() {
    for step in ["Start", "Sign in for me as alice", "Send the token request"] {
        let window = Window::at(step);
        let numbers: Vec<String> = labels(&window)
            .iter()
            .filter_map(|row| row.split_once("  ").map(|(number, _)| number.to_owned()))
            .collect();
        assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "{step}");
    }
}

fn labels(window: &Window) -> Vec<String> {
    Diagram::of(window.model()).arrows.into_iter().map(|arrow| arrow.label).collect()
}
