//! Two runs side by side: chosen in the history, from the menu of a run and from a file; what differs, and that nothing
//! does.

use egui::Role;

use crate::backend::{Dialogs, FakeBackend};
use crate::capture::recording;
use crate::window::{Row, SMALL, Window};

/// Two runs of this session; the second asks for less.
pub fn two_runs(size: [f32; 2]) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    window.press("Run to end");
    window.press("Start over");
    if !window.has_field("client_id") {
        window.press("Show the settings");
    }
    window.press("Remove email");
    window.press("Run to end");
    window
}

fn stage_like(window: &Window, words: &str) -> bool {
    use egui_kittest::kittest::{AccessKitNode, By, Queryable as _};

    let is_it = |node: &AccessKitNode<'_>| {
        node.role() == Role::ListBoxOption && node.label().is_some_and(|label| label.contains(words))
    };
    window.harness.query_all(By::new().predicate(is_it)).next().is_some()
}

#[test]
fn two_runs_of_the_list_are_compared() {
    let mut window = two_runs(SMALL);
    window.tab(Row::Top, "History");
    window.row("Authorization code");
    assert!(window.is_disabled("Compare"), "two have to be chosen");
    window.press_role(Role::Switch, "Select to compare");
    window.assert_says("Select another run of the list.");
    window.harness.key_press(egui::Key::ArrowDown);
    window.run();
    window.press_role(Role::Switch, "Select to compare");
    window.press("Compare");
    window.assert_says("differences that matter: scope");
    window.assert_says("are folded away");
    assert!(stage_like(&window, "the authorization request: 1 difference"), "{:?}", window.texts());
    assert!(stage_like(&window, "the metadata request: same") || stage_like(&window, ": same"));
    window.press("All runs");
    window.assert_says("2 runs");
}

#[test]
fn what_differs_is_a_row_with_both_values_and_what_is_the_same_is_shown_on_demand() {
    let mut window = two_runs(crate::window::USUAL);
    window.press("Compare with...");
    assert_eq!(window.selected_tab(Row::Top), "History");
    window.assert_says("changed scope in the request: A openid profile email");
    window.assert_silent("same client_id in the request");
    window.assert_says("other values, as they have to be");
    window.press_like(Role::ListBoxOption, "the authorization request");
    window.press_role(Role::Switch, "Show all");
    window.assert_says("same client_id in the request");
    window.assert_says("random state in the request");
    window.assert_silent("practice-secret");
    window.press_role(Role::Switch, "Show all");
    window.press("Copy for an issue");
    window.assert_says("Copied the comparison");
    window.press("Swap A and B");
    window.assert_says("B openid profile email");
}

#[test]
fn a_run_is_compared_with_itself_in_a_file_and_nothing_that_matters_differs() {
    let mut window = Window::finished();
    window.backend().dialogs = Dialogs::Choose("/runs/login.json".into());
    window.press("Save run");
    window.press("Save run...");
    window.press("Compare with...");
    window.assert_says("Choose the other run");
    window.choose("B", "A file...");
    window.assert_says("Nothing that matters differs.");
    window.assert_says("login.json");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let mut window = Window::finished();
    window.backend().files.insert("/a/preset.toml".into(), "version = 1\nname = \"x\"".to_owned());
    window.backend().files.insert("/a/keys.json".into(), "{\"keys\":[]}".to_owned());
    window.press("Compare with...");
    for (file, says) in [
        ("/a/preset.toml", "a preset has no messages that could be compared"),
        ("/a/keys.json", "a run cannot be compared with a key set"),
    ] {
        window.backend().dialogs = Dialogs::Choose(file.into());
        window.choose("B", "A file...");
        window.assert_says(says);
        window.assert_silent("They are being read.");
    }
    window.choose("A", "A file...");
    window.assert_says("Nothing that matters differs.");
}

/// A token as it stands in a header field is one, in a file as on the command line.
#[test]
fn a_token_is_compared_with_the_word_before_it() {
    let mut window = Window::finished();
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.";
    window.backend().files.insert("/a/bare.txt".into(), token.to_owned());
    window.backend().files.insert("/a/bearer.txt".into(), format!("Bearer {token}\n"));
    window.press("Compare with...");
    for (half, file) in [("A", "/a/bare.txt"), ("B", "/a/bearer.txt")] {
        window.backend().dialogs = Dialogs::Choose(file.into());
        window.choose(half, "A file...");
    }
    window.assert_says("Nothing that matters differs.");
    window.backend().dialogs = Dialogs::Choose("/a/bearer.txt".into());
    window.press("Open...");
    assert_eq!(window.selected_tab(Row::Top), "JWT");
}

#[test]
fn each_login_of_a_recording_can_be_a_side() {
    let mut window = Window::finished();
    window.backend().files.insert("/a/shop.har".into(), recording());
    window.press("Compare with...");
    window.backend().dialogs = Dialogs::Choose("/a/shop.har".into());
    window.choose("A", "A file...");
    window.assert_says("shop.har: login 2, web, state lost other host, from entry");
    window.choose("B", "shop.har: login 1, web, signed in, from entry 2");
    window.assert_says("differences that matter");
    window.assert_silent("sentinel-session");
}

#[test]
fn without_a_file_dialog_the_path_of_the_other_is_typed() {
    let mut window = Window::finished();
    window.backend().files.insert("/a/keys.json".into(), "{\"keys\":[]}".to_owned());
    window.backend().dialogs = Dialogs::Absent;
    window.press("Compare with...");
    window.choose("B", "A file...");
    window.fill("Path", "/a/keys.json");
    window.press("Open");
    window.assert_says("a run cannot be compared with a key set");
    assert_eq!(window.selected_tab(Row::Top), "History");
}
