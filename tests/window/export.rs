//! A run as a document for others: every format, into a file and onto the clipboard, without secrets unless they are
//! asked for.

use egui::Role;
use grantscope::gui::model::Dialog;
use grantscope::report::Format;

use crate::backend::{Dialogs, FakeBackend};
use crate::window::{Row, SMALL, USUAL, Window};

fn into_folder(window: &mut Window) {
    window.backend().dialogs = Dialogs::Choose("/documents".into());
}

fn only_file(window: &mut Window) -> (String, String) {
    let files = std::mem::take(&mut window.backend().files);
    assert_eq!(files.len(), 1);
    files.into_iter().map(|(path, text)| (path.display().to_string(), text)).next().expect("a file")
}

fn secrets(window: &Window) -> Vec<String> {
    window.model().run.flow.secrets().map(|secret| secret.expose().to_owned()).collect()
}

#[test]
fn every_format_is_written_without_secrets_and_the_path_is_told() {
    let mut window = Window::finished();
    into_folder(&mut window);
    for format in Format::ALL {
        window.press("Export...");
        window.press(format.title());
        let (path, text) = only_file(&mut window);
        assert!(path.ends_with(&format!(".{}", format.ending())), "{path}");
        window.assert_says(&format!("Saved {path}"));
        for secret in secrets(&window) {
            assert!(!text.contains(&secret), "{}", format.name());
        }
        assert!(text.len() > 100, "{}: {text}", format.name());
    }
}

#[test]
fn secrets_stay_where_that_is_chosen_for_this_one_document() {
    let mut window = Window::finished();
    into_folder(&mut window);
    for (with_secrets, says) in [(true, "This file holds secrets"), (false, "Secrets are out")] {
        window.press("Export...");
        let Some(Dialog::Export(export)) = &window.model().dialog else { panic!("no dialog") };
        assert!(!export.with_secrets, "off again each time");
        if with_secrets {
            window.press_role(Role::Switch, "With secrets");
            window.assert_says("Keep it like a password");
        }
        window.press("Report for a ticket (Markdown)");
        let (_, text) = only_file(&mut window);
        assert!(text.contains(says), "{text}");
        assert_eq!(secrets(&window).iter().any(|secret| text.contains(secret.as_str())), with_secrets);
    }
}

#[test]
fn what_is_pasted_is_copied_and_with_secrets_not_into_the_history_of_the_clipboard() {
    let mut window = Window::finished();
    window.press("Export...");
    for title in ["HTTP archive (HAR)", "Page of the run (HTML)", "Diagram (SVG)"] {
        assert!(!window.has(Role::Button, &format!("Copy {title}")), "{title}");
    }
    window.press("Copy Diagram (Mermaid)");
    window.assert_says("Copied Diagram (Mermaid)");
    assert!(window.backend().copied.is_empty());
    window.press("Export...");
    window.press_role(Role::Switch, "With secrets");
    window.press("Copy Requests as cURL");
    window.assert_says("Copied Requests as cURL, with its secrets");
    assert!(window.backend().copied.concat().contains("This file holds secrets"));
}

#[test]
fn without_a_file_dialog_the_path_is_typed() {
    let mut window = Window::finished();
    window.backend().dialogs = Dialogs::Absent;
    window.press("Export...");
    window.press("Page of the run (HTML)");
    assert!(window.value("Path").ends_with(".html"));
    window.fill("Path", "/tickets/login.html");
    window.harness.key_press(egui::Key::Enter);
    window.run();
    assert_eq!(only_file(&mut window).0, "/tickets/login.html");
}

#[test]
fn a_run_of_an_earlier_session_is_exported_from_the_list() {
    let mut before = Window::finished();
    let mut later = FakeBackend::new();
    later.history.runs = std::mem::take(&mut before.backend().history.runs);
    later.pair.wait(std::time::Duration::from_secs(86_400));
    let mut window = Window::open_with(SMALL, later);
    into_folder(&mut window);
    window.tab(Row::Top, "History");
    window.press_like(Role::ListBoxOption, "Authorization code, Practice server: success");
    window.press("Export...");
    window.assert_says("This run was kept without its secrets");
    assert!(!window.has(Role::Switch, "With secrets"));
    window.press("HTTP archive (HAR)");
    let (path, text) = only_file(&mut window);
    assert!(path.ends_with(".har") && text.contains("/token"), "{path}");
    window.press("Export...");
    window.press("Copy Report for a ticket (Markdown)");
    window.assert_says("Copied Report for a ticket (Markdown)");
}

#[test]
fn the_token_request_is_copied_as_a_program_from_where_its_command_is() {
    let mut window = Window::open_with(USUAL, FakeBackend::new());
    window.press("Run to end");
    window.go_to("Exchange");
    window.tab(Row::Inspector, "cURL");
    window.press("Copy as");
    window.press("Token request in Go");
    window.assert_says("Copied Token request in Go");
    window.go_to("Request");
    window.tab(Row::Inspector, "cURL");
    assert!(!window.has(Role::Button, "Copy as"), "the authorization request is no token request");
}
