//! Recordings that others made: opened, dropped and pasted by what they are; their logins as runs that are read only.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{DroppedFile, Event, HoveredFile, Role};

use crate::backend::{Dialogs, FakeBackend};
use crate::har::{APP, har, page};
use crate::logins;
use crate::window::{Row, SMALL, USUAL, Window};

/// A recording in which nobody logs in.
const EMPTY: &str = "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"x\",\"version\":\"1\"},\"entries\":[]}}";

/// A login that came back to another host than its session cookie is of, and a good one.
pub fn recording() -> String {
    let other =
        logins::request(&[("redirect_uri", "https://www.app.example/callback"), ("state", "another-state-0123")]);
    let back = logins::returned(&[("state", "another-state-0123")]).replace(APP, "https://www.app.example");
    let mut entries = logins::of_server();
    entries.extend([
        page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/").to(&other),
        page(&other).to(&back),
        page(&back).status(403).html("<h1>Unable to verify state</h1>"),
    ]);
    entries.push(page("https://news.example/"));
    har("mitmproxy", &entries)
}

pub fn with_file(size: [f32; 2], name: &str, text: String) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    let path = PathBuf::from(format!("/recordings/{name}"));
    window.backend().files.insert(path.clone(), text);
    window.backend().dialogs = Dialogs::Choose(path);
    window
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window reads it itself".to_owned())
    }
}

pub fn drop_file(window: &mut Window, path: &str) {
    window.harness.input_mut().dropped_files.push(Arc::new(Dropped(path.into())));
    window.run();
}

#[test]
fn a_recording_shows_its_logins_the_one_with_a_finding_first() {
    for size in [USUAL, SMALL] {
        let mut window = with_file(size, "shop.har", recording());
        window.tab(Row::Top, "Capture");
        window.assert_says("No recording yet");
        window.press("Open a recording...");
        window.assert_says("Recorded by mitmproxy");
        window.assert_says("2 logins");
        window.assert_says("shop.har");
        let finding = window.model().run.finding.clone().expect("a finding");
        assert_eq!(finding.rule.as_deref(), Some("capture.state_lost_other_host"));
        window.assert_says(&finding.say);
        assert!(finding.evidence.contains("entry "));
        window.assert_silent("sentinel-session");
        window.press_like(Role::ListBoxOption, "web, Authorization code, op.example: signed in");
        assert!(window.model().run.finding.is_none() && window.model().run.flow.is_recorded());
        assert_eq!(window.selected_tab(Row::Top), "Capture");
    }
}

#[test]
fn a_login_is_a_run_in_the_views_of_runs() {
    let mut window = with_file(USUAL, "shop.har", recording());
    window.press("Open...");
    assert_eq!(window.selected_tab(Row::Top), "Capture");
    window.tab(Row::Inspector, "Checks");
    window.tab(Row::Top, "Checks");
    let finding = window.model().run.finding.clone().expect("a finding");
    window.assert_says(&finding.say);
    window.tab(Row::Top, "Capture");
    assert!(window.model().run.flow.is_recorded(), "it is still there");
    window.tab(Row::Top, "Authorization code");
    window.press_role(Role::ComboBox, "Run");
    window.press_like(Role::Button, "Authorization code: state lost other host, shop.har");
    window.assert_says("Read from a file");
    window.press("Export...");
    window.press("Copy Report for a ticket (Markdown)");
    window.assert_says("Copied Report");
}

#[test]
fn a_file_is_recognised_by_what_is_in_it_when_it_is_dropped() {
    let mut window = with_file(USUAL, "misleading.toml", recording());
    window.harness.input_mut().hovered_files =
        vec![HoveredFile { path: Some("/recordings/misleading.toml".into()), ..HoveredFile::default() }];
    // A file that is held there keeps the window awake.
    window.harness.run_steps(2);
    window.assert_says("Drop misleading.toml to open it");
    window.assert_says("Nothing is sent.");
    window.harness.input_mut().hovered_files.clear();
    drop_file(&mut window, "/recordings/misleading.toml");
    assert_eq!(window.selected_tab(Row::Top), "Capture");
    window.assert_says("2 logins");
    window.assert_silent("Drop misleading.toml");
}

#[test]
fn each_kind_of_file_goes_where_it_belongs() {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    for (text, tab, says) in [
        (
            "curl 'https://op.example/auth?client_id=web&response_type=code&state=s'",
            "Authorization code",
            "a cURL command",
        ),
        (token, "JWT", "alice"),
        ("{\"issuer\":\"https://op.example\"}", "Authorization code", "is a metadata document"),
        ("{\"log\":{\"entries\":[]}}", "Capture", "No login is in it"),
        ("{\"log\":{\"entries\":[{", "Capture", ""),
        ("{\"some\":\"thing\"}", "Authorization code", "cannot be opened: it is neither a preset"),
        ("[]", "Authorization code", "cannot be opened"),
        ("", "Authorization code", "it is empty"),
        ("{\"exchanges\":[]}", "Authorization code", "is no run that can be read"),
        ("name = ", "Authorization code", "is no preset that can be read"),
        ("dear diary", "Authorization code", "it is neither a preset, a run, a recording, expectations"),
    ] {
        let mut window = with_file(USUAL, "it", text.to_owned());
        drop_file(&mut window, "/recordings/it");
        assert_eq!(window.selected_tab(Row::Top), tab, "{text}");
        window.assert_says(says);
    }
}

#[test]
fn what_cannot_be_opened_is_said_in_whatever_tab() {
    for tab in ["JWT", "Server", "Checks", "History", "Capture", "Device"] {
        let mut window = with_file(USUAL, "it", "{\"some\":\"thing\"}".to_owned());
        window.tab(Row::Top, tab);
        drop_file(&mut window, "/recordings/it");
        window.assert_says("it cannot be opened: it is neither a preset");
        window.tab(Row::Top, tab);
        drop_file(&mut window, "/recordings/gone");
        window.assert_says("/recordings/gone could not be read");
    }
}

#[test]
fn nothing_is_sent_from_where_a_recording_is_read() {
    let mut window = with_file(USUAL, "shop.har", recording());
    window.press("Open...");
    for keys in [egui::Modifiers::COMMAND, egui::Modifiers::COMMAND | egui::Modifiers::SHIFT] {
        window.key(keys, egui::Key::Enter);
        assert_eq!(window.selected_tab(Row::Top), "Capture");
    }
    assert!(window.backend().sent.is_empty() && window.model().run.flow.is_recorded());
}

#[test]
fn a_preset_that_is_opened_as_a_recording_or_dropped_asks_before_settings_are_lost() {
    let mut window = with_file(USUAL, "mine.toml", "version = 1\nname = \"Mine\"\n".to_owned());
    window.fill("client_id", "typed");
    drop_file(&mut window, "/recordings/mine.toml");
    window.assert_says("Unsaved settings");
    window.press("Close");
    window.tab(Row::Top, "Capture");
    window.press("Open a recording...");
    window.assert_says("Unsaved settings");
    window.press("Discard the changes");
    window.assert_says("Opened Mine");
}

#[test]
fn a_text_is_pasted_into_no_field_or_typed_into_its_own() {
    let command = "curl 'https://op.example/auth?client_id=web&response_type=code&state=s'";
    let mut window = Window::open();
    window.tab(Row::Top, "Capture");
    window.harness.input_mut().events.push(Event::Paste(command.to_owned()));
    window.run();
    assert_eq!(window.selected_tab(Row::Top), "Capture");
    window.assert_says("1 login");
    let mut window = Window::open();
    window.tab(Row::Top, "Capture");
    assert!(window.is_disabled("Read it"));
    window.fill("Or paste a cURL command", command);
    window.press("Read it");
    window.assert_says("1 login");
    window.harness.input_mut().events.push(Event::Paste("{\"some\":\"thing\"}".to_owned()));
    window.run();
    window.assert_says("cannot be opened: it is neither a preset, a run, a recording");
}

#[test]
fn a_recording_changes_nothing_but_its_tab() {
    let mut window = with_file(USUAL, "shop.har", recording());
    window.fill("client_id", "mine");
    let before = window.model().run.flow.settings.clone();
    window.tab(Row::Top, "Capture");
    window.press("Open a recording...");
    assert!(window.model().run.flow.is_recorded());
    for tab in ["Checks", "JWT", "Capture"] {
        window.tab(Row::Top, tab);
        assert!(window.model().run.flow.is_recorded(), "{tab}");
        if tab != "Capture" {
            window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
            assert_eq!(window.selected_tab(Row::Top), tab);
        }
    }
    window.tab(Row::Top, "Authorization code");
    assert_eq!(window.model().run.flow.settings, before);
    window.tab(Row::Top, "Capture");
    window.press_like(Role::ListBoxOption, "web, Authorization code, op.example: signed in");
    window.tab(Row::Top, "Device");
    let settings = &window.model().run.flow.settings;
    assert_eq!((&settings.server, settings.client.client_id.as_str()), (&before.server, "mine"));
    assert_eq!(window.model().provider(), "Practice server");
    assert!(window.backend().sent.is_empty());
}

#[test]
fn a_recording_without_a_login_leaves_nothing_of_the_one_before() {
    let mut window = with_file(USUAL, "shop.har", recording());
    window.press("Open...");
    assert_eq!(window.model().provider(), "shop.har");
    window.backend().files.insert("/recordings/none.har".into(), EMPTY.to_owned());
    drop_file(&mut window, "/recordings/none.har");
    assert_eq!(window.selected_tab(Row::Top), "Capture");
    window.assert_says("No login is in it");
    assert_eq!(window.model().provider(), "Practice server");
    assert!(window.model().run.told.is_none() && window.model().run.finding.is_none());
}

#[test]
fn a_run_file_keeps_its_settings_to_itself() {
    let mut other = Window::finished();
    let run = &mut other.app().model_mut().run;
    run.flow.settings.server.issuer = "https://as.example".to_owned();
    run.flow.settings.client.client_id = "theirs".to_owned();
    let text = grantscope::record::Record::of(&run.flow, &run.next).to_text(None);
    let mut window = with_file(USUAL, "run.json", text);
    let before = window.model().run.flow.settings.clone();
    window.press("Open...");
    assert_eq!((window.model().provider(), window.value("issuer").as_str()), ("as.example", "https://as.example"));
    assert!(!window.model().is_unsaved());
    window.tab(Row::Top, "Device");
    assert_eq!(window.model().run.flow.settings.server, before.server);
    assert_eq!(window.model().provider(), "Practice server");
    window.tab(Row::Top, "Authorization code");
    assert_eq!(window.model().run.flow.settings, before);
}

#[test]
fn a_command_has_an_answer_that_is_not_in_it() {
    let mut window = with_file(
        USUAL,
        "token.txt",
        "curl https://op.example/token -d grant_type=authorization_code -d code=c -d client_id=web".to_owned(),
    );
    window.tab(Row::Top, "Capture");
    window.press("Open a recording...");
    window.row("not in the recording");
    window.assert_silent("no answer");
    window.assert_says("entry 0");
}
