//! What runs are expected to be: pinned from values, judged beside the checks, changed, kept in files, held against both
//! sides of a comparison.

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::backend::{Dialogs, FakeBackend};
use crate::compare::two_runs;
use crate::window::{Row, SMALL, USUAL, Window};

const FILE: &str = "version = 1\nfinding = \"none\"\n[stage.token]\nstatus = 201\nscope = \"openid\"\n";

const PRESET: &str = "version = 1\nname = \"Work\"\n[server]\nissuer = \"http://127.0.0.1:9400\"\n[client]\n\
    client_id = \"practice-web\"\nclient_secret = { plain = \"practice-secret\" }\nredirect_uri = \"http://127.0.0.1:0/callback\"\n\
    [request]\ngrant = \"authorization_code\"\nscope = \"openid profile email offline_access\"\n";

/// A finished run at the answer of its token request.
fn at_tokens() -> Window {
    let mut window = Window::finished();
    window.go_to("Tokens");
    window.tab(Row::Inspector, "Response");
    window
}

/// Opens the menu of a value and chooses what to expect.
fn expect(window: &mut Window, value: &str, choice: &str) {
    window.press(&format!("Expect {value}"));
    window.press(choice);
}

/// The last of these buttons: the preset has one, too, which comes before.
fn save(window: &mut Window) {
    window.harness.query_all_by_role_and_label(Role::Button, "Save").last().expect("a button").click_accesskit();
    window.run();
}

fn is_told(window: &Window, words: &str) -> bool {
    window.has(Role::ListBoxOption, words)
}

#[test]
fn what_one_sees_is_expected_from_its_menu_and_judged_beside_the_checks() {
    let mut window = at_tokens();
    expect(&mut window, "status", "status is 200");
    window.assert_says("Expected: token status is 200");
    window.tab(Row::Inspector, "Tokens");
    expect(&mut window, "scope", "scope has openid profile email offline_access");
    expect(&mut window, "aud", "id_token claim aud is \"practice-web\"");
    expect(&mut window, "nonce", "id_token claim nonce is present");
    window.tab(Row::Inspector, "Checks");
    window.assert_says("met: token status is 200");
    expect(&mut window, "id_token.aud", "rule id_token.aud is \"pass\"");
    window.tab(Row::Top, "Checks");
    window.press("Add");
    window.press("finding is \"none\"");
    window.assert_says("Expected: 6 met");
    for words in ["met: token status is 200", "met: rule id_token.aud is \"pass\"", "met: finding is \"none\""] {
        assert!(is_told(&window, words), "{words}: {:?}", window.texts());
    }
}

#[test]
fn members_of_an_answer_are_reached_by_keys_and_hold_no_credential() {
    let mut window = at_tokens();
    for (member, is_there, is_not) in [
        ("expires_in", "answer expires_in is 300 to 1200", "REDACTED"),
        ("token_type", "answer token_type is \"Bearer\"", "REDACTED"),
        ("access_token", "answer access_token is present", "answer access_token is \""),
    ] {
        window.press_like(Role::TreeItem, member);
        assert!(window.focused().starts_with(member), "{member}: {}", window.focused());
        window.key(Modifiers::NONE, Key::Tab);
        assert_eq!(window.focused(), format!("Expect {member}"));
        window.key(Modifiers::NONE, Key::Enter);
        assert!(window.has(Role::Button, is_there), "{:?}", window.texts());
        window.assert_silent(is_not);
        window.press(is_there);
    }
    window.tab(Row::Top, "Checks");
    window.assert_says("Expected: 3 met");
}

#[test]
fn what_was_sent_and_what_came_in_the_browser_and_in_a_token_has_such_a_menu_too() {
    let mut window = Window::finished();
    window.go_to("Request");
    expect(&mut window, "response_type", "request response_type is the set code");
    window.press("Expect state");
    window.assert_says("request state is present");
    window.assert_silent("request state is \"");
    window.press("request state is present");
    window.go_to("Code");
    expect(&mut window, "iss", "answer iss is \"http://127.0.0.1:9400\"");
    window.go_to("Tokens");
    window.open_fold("5 header fields");
    expect(&mut window, "Content-Type", "header field content-type is \"application/json\"");
    window.get(Role::Button, "Expect Content-Type").focus();
    window.run();
    window.key(Modifiers::NONE, Key::F1);
    assert!(window.model().dialog.is_none(), "F1 tells of the field");
    window.assert_says("Esc closes this");
    window.key(Modifiers::NONE, Key::F1);
    window.tab(Row::Inspector, "Tokens");
    window.press("Decode id_token");
    expect(&mut window, "alg", "id_token header alg is \"ES256\"");
    expect(&mut window, "kid", "id_token header kid is present");
    expect(&mut window, "sub", "id_token claim sub is of type string");
    window.tab(Row::Top, "Checks");
    window.assert_says("Expected: 7 met");
}

#[test]
fn the_second_button_of_the_pointer_opens_the_menu_anywhere_in_a_row() {
    let mut window = at_tokens();
    let row = window.harness.query_all_by_role(Role::TreeItem).find(|row| said(row).starts_with("expires_in"));
    row.expect("a row").click_secondary();
    window.run();
    window.press("answer expires_in is 600");
    window.assert_says("Expected: token answer expires_in is 600");
}

fn said(node: &egui_kittest::Node<'_>) -> String {
    node.accesskit_node().label().unwrap_or_default()
}

#[test]
fn expectations_stay_for_the_next_run_of_the_tab_and_are_open_until_it_has_come_so_far() {
    let mut window = at_tokens();
    expect(&mut window, "status", "status is 200");
    window.press("Run again");
    window.tab(Row::Top, "Checks");
    window.assert_says("not judged yet: token status is 200");
    window.tab(Row::Top, "Authorization code");
    window.press("Run to end");
    window.tab(Row::Top, "Checks");
    window.assert_says("met: token status is 200");
    window.tab(Row::Top, "Client credentials");
    window.press("Run to end");
    window.tab(Row::Top, "Checks");
    window.assert_says("Expected: nothing yet");
}

#[test]
fn one_is_changed_and_removed_and_a_wrong_one_says_why() {
    let mut window = at_tokens();
    expect(&mut window, "status", "status is 200");
    window.tab(Row::Top, "Checks");
    window.row("met: token status is 200");
    assert_eq!(window.value("expectations as TOML").trim(), "version = 1\n\n[stage.token]\nstatus = 200");
    window.fill("Value", "201");
    window.press("Apply");
    window.assert_says("not met: token status is 201; came: 200");
    window.tab(Row::Top, "Authorization code");
    assert!(window.state_of("Tokens").contains("1 not met"), "{}", window.state_of("Tokens"));
    window.tab(Row::Top, "Checks");
    window.choose("Condition", "is a number within");
    window.fill("Value", "200");
    window.press("Apply");
    window.assert_says("type two whole numbers with two dots between them");
    window.fill("Value", "200..299");
    window.press("Apply");
    window.assert_says("met: token status is 200 to 299");
    window.press("Remove");
    window.assert_says("Expected: nothing yet");
    window.assert_silent("expectations as TOML");
}

#[test]
fn the_menu_shows_what_is_expected_already_and_takes_it_back() {
    let mut window = at_tokens();
    expect(&mut window, "status", "status is 200");
    expect(&mut window, "status", "status is 200");
    window.assert_says("No longer expected: token status is 200");
    expect(&mut window, "status", "Something else...");
    assert_eq!(window.selected_tab(Row::Top), "Checks");
    assert_eq!(window.value("Value"), "200");
}

#[test]
fn a_refusal_and_a_finding_can_be_expected() {
    let mut window = Window::open();
    window.fill("client_secret", "wrong");
    window.press("Run to end");
    window.press("Expect the finding");
    window.press("refusal is \"invalid_client\"");
    expect(&mut window, "the finding", "outcome is \"refused\"");
    window.tab(Row::Top, "Checks");
    window.assert_says("met: refusal is \"invalid_client\"");
    window.assert_says("Expected: 2 met");
}

#[test]
fn a_file_is_known_by_what_is_in_it_and_what_is_wrong_is_told_with_line_and_key() {
    let mut window = Window::finished();
    let path = PathBuf::from("/a/what.txt");
    for (text, says) in [
        (
            FILE.replace("status = 201", "statuss = 201"),
            "line 4: stage.token.statuss: this key is not known; did you mean status?",
        ),
        (FILE.replace("201", "= 201"), "line 4: not TOML"),
    ] {
        window.backend().files.insert(path.clone(), text);
        window.backend().dialogs = Dialogs::Choose(path.clone());
        window.press("Open...");
        window.assert_says("/a/what.txt holds no expectations that can be read");
        window.assert_says(says);
    }
    window.backend().files.insert(path, FILE.to_owned());
    window.press("Open...");
    assert_eq!(window.selected_tab(Row::Top), "Checks");
    window.assert_says("not met: token status is 201; came: 200");
    window.assert_says("Expected: 2 not met, 1 met");
    assert_eq!(window.count(Role::Button, "Save"), 1, "nothing has changed, and the preset has such a button");
}

#[test]
fn they_are_saved_and_nothing_is_replaced_unasked() {
    let mut window = at_tokens();
    expect(&mut window, "status", "status is 200");
    window.tab(Row::Top, "Checks");
    window.backend().files.insert("/a/mine.expect.toml".into(), "theirs".to_owned());
    window.backend().dialogs = Dialogs::Absent;
    window.press("Save as TOML...");
    assert_eq!(window.value("Path"), "practice.authorization-code.expect.toml");
    window.fill("Path", "/a/mine.expect.toml");
    save(&mut window);
    window.assert_says("There is such a file already.");
    window.press("Replace the file");
    let written = window.backend().files[Path::new("/a/mine.expect.toml")].clone();
    assert_eq!(written, "version = 1\n\n[stage.token]\nstatus = 200\n");
    window.row("met: token status is 200");
    window.fill("Value", "201");
    window.press("Apply");
    save(&mut window);
    assert!(window.backend().files[Path::new("/a/mine.expect.toml")].contains("201"));
}

#[test]
fn they_are_kept_beside_the_preset_and_come_back_with_it() {
    let mut backend = FakeBackend::new();
    backend.files.insert("/p/work.toml".into(), PRESET.to_owned());
    backend.files.insert("/p/work.expect.toml".into(), FILE.to_owned());
    backend.dialogs = Dialogs::Choose("/p/work.toml".into());
    let mut window = Window::open_with(USUAL, backend);
    window.press("Open...");
    window.press("Run to end");
    window.tab(Row::Top, "Checks");
    window.assert_says("not met: token status is 201; came: 200");
    window.row("not met: token status is 201");
    window.press("Remove");
    window.key(Modifiers::COMMAND, Key::S);
    let written = window.backend().files[Path::new("/p/work.expect.toml")].clone();
    assert!(!written.contains("status") && written.contains("finding"), "{written}");
}

/// Two runs side by side, the second with another scope.
fn compared(size: [f32; 2]) -> Window {
    let mut window = two_runs(size);
    window.press("Compare with...");
    window
}

#[test]
fn both_sides_of_a_comparison_are_held_to_what_is_expected() {
    let mut window = compared(USUAL);
    window.press_like(Role::ListBoxOption, "the token request");
    window.harness.query_all_by_role_and_label(Role::Button, "Expect scope").next().expect("a row").click_accesskit();
    window.run();
    window.press("scope is the set openid profile email offline_access");
    window.assert_says("token scope is the set openid profile email offline_access: met in A; not met in B, came: openid profile offline_access");
    window.assert_says("1 of 1 not met in B");
    window.backend().dialogs = Dialogs::Choose("/a".into());
    window.press("Save as TOML...");
    let written = window.backend().files[Path::new("/a/practice.authorization-code.expect.toml")].clone();
    assert!(written.contains("set = ["), "{written}");
}

#[test]
fn the_second_is_run_again_and_compared_with_what_comes_of_it() {
    for size in [USUAL, SMALL] {
        let mut window = compared(size);
        window.press("Swap A and B");
        window.press("Run B again");
        assert_eq!(window.selected_tab(Row::Top), "History");
        assert_eq!(window.model().runs().len(), 3);
        window.assert_says("differences that matter: scope");
        assert!(window.model().compare.as_ref().is_some_and(|compare| compare.again.is_none()));
    }
}

#[test]
fn a_run_again_that_needs_the_user_says_so() {
    let mut window = compared(USUAL);
    window.backend().holds = true;
    window.press("Run B again");
    window.assert_says("B is run again.");
    assert!(window.is_disabled("Run B again"));
    window.press("Show the run");
    assert_eq!(window.selected_tab(Row::Top), "Authorization code");
    window.backend().release();
    window.run();
    window.tab(Row::Top, "History");
    window.assert_silent("B is run again.");
}

#[test]
fn the_menu_of_a_row_opens_by_its_keys_and_gives_the_keyboard_back() {
    for (modifiers, key) in [(Modifiers::SHIFT, Key::F10), (Modifiers::NONE, Key::Menu)] {
        let mut window = at_tokens();
        let row = window.harness.query_all_by_role(Role::TreeItem).next().expect("a row");
        row.focus();
        window.run();
        window.key(Modifiers::NONE, Key::ArrowDown);
        let name = window.focused();
        window.key(modifiers, key);
        window.assert_says("Expect this");
        window.key(Modifiers::NONE, Key::Escape);
        window.assert_silent("Expect this");
        assert_eq!(window.focused(), name);
    }
}

#[test]
fn what_is_not_met_comes_first_and_is_counted_in_every_tab() {
    let mut window = at_tokens();
    expect(&mut window, "status", "status is 200");
    window.tab(Row::Inspector, "Tokens");
    expect(&mut window, "aud", "id_token claim aud is absent");
    let marked = |window: &Window, name: &str| {
        let button = window.get(Role::Button, name);
        button.accesskit_node().description().is_some_and(|words| words == "expected")
    };
    assert!(marked(&window, "Expect aud"));
    window.assert_says("1 not met");
    window.tab(Row::Top, "Checks");
    let told = window.harness.query_all_by_role(Role::ListBoxOption).map(|row| said(&row)).collect::<Vec<_>>();
    assert!(told[0].starts_with("not met: "), "{told:?}");
}
