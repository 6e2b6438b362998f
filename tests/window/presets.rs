//! Opening and saving presets: files in a map, dialogs that may be absent.

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, Role, ViewportCommand, ViewportEvent, ViewportId};
use grantscope::base::http::HttpResponse;
use grantscope::flow::Next;
use grantscope::flow::transport_error::TransportError;
use grantscope::gui::remember::Remembered;

use crate::backend::{Dialogs, FakeBackend};
use crate::pair::Fault;
use crate::window::{Row, USUAL, Window};

const GOOD: &str = r#"
version = 1
name = "Work"

[server]
issuer = "https://login.example.com"

[client]
client_id = "debugger"
redirect_uri = "http://127.0.0.1:0/callback"

[request]
grant = "authorization_code"
scope = "openid"
"#;

const SECRET: &str = "sentinel-0123456789-0123456789-0123456789";

fn with_file(path: &str, text: &str) -> FakeBackend {
    let mut backend = FakeBackend::new();
    backend.files.insert(PathBuf::from(path), text.to_owned());
    backend.dialogs = Dialogs::Choose(PathBuf::from(path));
    backend
}

fn saved(window: &mut Window, path: &str) -> String {
    window.backend().files.get(Path::new(path)).cloned().unwrap_or_else(|| panic!("{path} was not written"))
}

/// Chooses in the list of providers.
fn choose(window: &mut Window, provider: &str) {
    window.press_role(Role::ComboBox, "Provider");
    window.get(Role::Button, provider).scroll_to_me();
    window.run();
    window.get(Role::Button, provider).click();
    window.run();
}

#[test]
fn a_chosen_file_is_opened_with_its_settings() {
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", GOOD));
    window.press("Open...");
    assert_eq!(window.value("client_id"), "debugger");
    assert_eq!(window.value("issuer"), "https://login.example.com");
    window.assert_says("Work (work.toml)");
    window.assert_says("Opened Work");
    window.assert_silent("unsaved");
}

#[test]
fn the_grant_of_a_file_chooses_the_tab_also_when_it_is_remembered() {
    let text = GOOD.replace("\"authorization_code\"", "\"client_credentials\"");
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", &text));
    window.press("Open...");
    assert_eq!(window.selected_tab(Row::Top), "Client credentials");
    window.assert_silent("unsaved");

    let remembered = Remembered::of(&window.harness.ctx, window.model(), 1.0);
    let mut later = Window::open_with(USUAL, with_file("/presets/work.toml", &text));
    let ctx = later.harness.ctx.clone();
    later.app().recall(&ctx, &remembered);
    later.run();
    assert_eq!(later.selected_tab(Row::Top), "Client credentials");
    assert_eq!(later.value("client_id"), "debugger");
    later.tab(Row::Top, "Device");
    later.press("Save");
    assert!(saved(&mut later, "/presets/work.toml").contains("grant = \"device_code\""), "the tab it was saved from");
}

#[test]
fn a_closed_dialog_changes_nothing_and_can_be_opened_again() {
    let mut window = Window::open();
    for _ in 0..2 {
        window.key(Modifiers::COMMAND, Key::O);
        assert_eq!(window.value("client_id"), "practice-web");
        assert!(!window.model().asking_for_file && window.model().dialog.is_none());
    }
}

#[test]
fn without_file_dialogs_a_path_is_typed() {
    let mut backend = with_file("/presets/work.toml", GOOD);
    backend.dialogs = Dialogs::Absent;
    let mut window = Window::open_with(USUAL, backend);
    window.press("Open...");
    window.assert_says("This system shows no file dialog");
    assert!(window.is_disabled("Open"));
    window.fill("Path", " /presets/work.toml ");
    window.press("Open");
    assert!(window.model().dialog.is_none());
    assert_eq!(window.value("client_id"), "debugger");
}

#[test]
fn escape_closes_the_dialog() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Absent;
    let mut window = Window::open_with(USUAL, backend);
    window.press("Open...");
    window.key(Modifiers::NONE, Key::Escape);
    assert!(window.model().dialog.is_none());
    assert_eq!(window.value("client_id"), "practice-web");
}

#[test]
fn an_unreadable_file_is_explained_and_the_settings_stay() {
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", ""));
    window.fill("login_hint", "typed before");
    for (text, says) in [
        (Some("version = 1\nname = \"Work\"\n[client"), "is no preset that can be read"),
        (Some("\u{0}\u{1}"), "it is neither a preset, a run, a recording"),
        (Some("version = 99\nname = \"Work\"\n"), "99"),
        (None, "could not be read: no such file"),
    ] {
        let files = text.map(|text| (PathBuf::from("/presets/work.toml"), text.to_owned()));
        window.backend().files = files.into_iter().collect();
        window.press("Open...");
        window.press("Discard the changes");
        window.assert_says("/presets/work.toml");
        window.assert_says(says);
        assert_eq!(window.value("client_id"), "practice-web");
        assert_eq!(window.value("login_hint"), "typed before");
        assert!(!window.model().asking_for_file, "another file can be chosen");
    }
}

/// What holds nothing of a preset empties no settings, and what is said of it can be put away.
#[test]
fn a_file_that_is_something_else_changes_nothing() {
    let mut window = Window::open_with(USUAL, with_file("/a/bad.expect.toml", ""));
    for (text, says) in [
        ("version = 1\noutcom = \"success\"\n", "line 2: outcom: this key is not known; did you mean outcome?"),
        ("version = 1\nresult = \"success\"\n", "line 2: result is no key of a preset"),
        ("version = 1\nname = \"x\"\n[[run]]\nname = \"a\"\n", "line 3: run is no key of a preset"),
    ] {
        window.backend().files.insert("/a/bad.expect.toml".into(), text.to_owned());
        window.press("Open...");
        window.assert_says(says);
        assert_eq!(window.value("client_id"), "practice-web");
        assert_eq!(window.model().provider(), "Practice server");
        window.press("Close this notice");
        window.assert_silent(says);
    }
}

#[test]
fn odd_keys_of_a_file_are_named_beside_its_settings() {
    let odd = GOOD.replace("scope =", "scoop = \"x\"\nscope =");
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", &odd));
    window.press("Open...");
    window.assert_says("scoop");
    assert_eq!(window.value("client_id"), "debugger");
}

#[test]
fn placeholders_are_asked_for_before_the_first_use() {
    let mut window = Window::open();
    choose(&mut window, "Keycloak");
    window.assert_says("Values this provider needs before the first use.");
    assert_eq!(window.value("Server URL"), "http://localhost:8080");
    assert!(window.is_disabled("Use this provider"));
    window.fill("Realm", "demo");
    window.press("Use this provider");
    assert!(window.model().dialog.is_none());
    assert_eq!(window.value("issuer"), "http://localhost:8080/realms/demo");
    assert_eq!(window.value("client_id"), "");
}

#[test]
fn closing_the_questions_keeps_the_provider_in_use() {
    let mut window = Window::open();
    choose(&mut window, "Keycloak");
    window.press("Close");
    assert!(window.model().dialog.is_none());
    assert_eq!(window.value("client_id"), "practice-web");
}

#[test]
fn every_shipped_provider_can_be_chosen() {
    let mut window = Window::open();
    for (slug, text) in grantscope::preset::built_in() {
        let (preset, _) = grantscope::preset::Preset::parse(text).expect("a preset");
        choose(&mut window, &preset.name);
        for placeholder in &preset.placeholders {
            window.fill(&placeholder.label, &placeholder.example);
        }
        if !preset.placeholders.is_empty() {
            window.press("Use this provider");
        }
        window.assert_says(&preset.name);
        assert!(window.model().dialog.is_none(), "{slug}");
        assert!(!window.model().is_unsaved(), "{slug} is unsaved at once");
        window.assert_silent("{");
    }
}

#[test]
fn a_changed_setting_is_marked_unsaved_until_it_is_saved() {
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", GOOD));
    window.press("Open...");
    window.fill("login_hint", "alice@example.com");
    window.assert_says("unsaved");
    window.key(Modifiers::COMMAND, Key::S);
    window.assert_silent("unsaved");
    window.assert_says("Saved work.toml");
    assert!(saved(&mut window, "/presets/work.toml").contains("alice@example.com"));
    window.fill("login_hint", "bob@example.com");
    window.fill("login_hint", "alice@example.com");
    window.assert_silent("unsaved");
}

#[test]
fn a_shipped_preset_is_saved_as_a_file_of_the_user() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Choose(PathBuf::from("/presets/mine.toml"));
    let mut window = Window::open_with(USUAL, backend);
    window.fill("login_hint", "alice@example.com");
    window.press("Save");
    window.assert_says("(mine.toml)");
    let text = saved(&mut window, "/presets/mine.toml");
    let (preset, warnings) = grantscope::preset::Preset::parse(&text).expect("what was saved opens");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(preset.template.request.login_hint, "alice@example.com");
}

#[test]
fn without_file_dialogs_the_path_to_save_at_is_typed() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Absent;
    let mut window = Window::open_with(USUAL, backend);
    window.press("Save as...");
    assert_eq!(window.value("Path"), "my-practice.toml");
    window.fill("Path", "/presets/mine.toml");
    // The top bar has a button of this name too; it is behind the dialog.
    window.harness.key_press(Key::Enter);
    window.run();
    assert!(window.model().dialog.is_none());
    saved(&mut window, "/presets/mine.toml");
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_a_button_that_says_so() {
    let mut backend = with_file("/presets/mine.toml", GOOD);
    backend.dialogs = Dialogs::Absent;
    let mut window = Window::open_with(USUAL, backend);
    let save_as = |window: &mut Window, path: &str| {
        window.press("Save as...");
        window.fill("Path", path);
        window.get(Role::TextInput, "Path").focus();
        window.run();
        window.harness.key_press(Key::Enter);
        window.run();
    };
    save_as(&mut window, "/presets/mine.toml");
    assert!(window.has(Role::Status, "There is such a file already."), "it is read aloud");
    assert_eq!(window.focused(), "Type another path");
    window.harness.key_press(Key::Enter);
    window.run();
    assert_eq!((window.focused().as_str(), window.value("Path").as_str()), ("Path", "/presets/mine.toml"));
    window.assert_silent("There is such a file already.");
    window.run();
    window.harness.key_press(Key::Enter);
    window.run();
    assert_eq!(saved(&mut window, "/presets/mine.toml"), GOOD, "Enter replaces nothing");
    window.fill("Path", "/presets/other.toml");
    window.assert_silent("There is such a file already.");
    window.press("Close");
    assert_eq!(window.backend().files.len(), 1);
    save_as(&mut window, "/presets/mine.toml");
    window.press("Replace the file");
    assert!(window.model().dialog.is_none());
    assert!(saved(&mut window, "/presets/mine.toml").contains("practice-web"));
    window.assert_says("(mine.toml)");
}

#[test]
fn the_path_of_a_failed_save_is_kept_and_can_be_tried_again() {
    for dialogs in [Dialogs::Absent, Dialogs::Choose(PathBuf::from("/full/mine.toml"))] {
        let mut backend = FakeBackend::new();
        backend.disk_is_full = true;
        let is_typed = matches!(dialogs, Dialogs::Absent);
        backend.dialogs = dialogs;
        let mut window = Window::open_with(USUAL, backend);
        window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
        if is_typed {
            window.fill("Path", "/full/mine.toml");
            window.harness.key_press(Key::Enter);
            window.run();
        }
        window.assert_says("/full/mine.toml could not be saved: no space left");
        assert_eq!(window.value("Path"), "/full/mine.toml");
        assert!(window.has(Role::Alert, "/full/mine.toml could not be saved: no space left"));
        assert_eq!(window.focused(), "Try again");
        window.press("Try again");
        window.assert_says("no space left");
        window.backend().disk_is_full = false;
        window.press("Try again");
        window.assert_says("Saved mine.toml");
        assert!(saved(&mut window, "/full/mine.toml").contains("practice-web"));
    }
}

#[test]
fn a_run_whose_place_was_not_given_is_not_written_in_place_of_a_preset() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Absent;
    let mut window = Window::open_with(USUAL, backend);
    window.next();
    window.press("Save run");
    window.press("Save run...");
    window.assert_says("Save the run");
    window.press("Close");
    window.press("Save as...");
    window.assert_says("Save the preset");
    window.fill("Path", "/presets/mine.toml");
    window.harness.key_press(Key::Enter);
    window.run();
    assert!(saved(&mut window, "/presets/mine.toml").contains("version = 1"));
}

#[test]
fn a_failed_save_is_said_and_nothing_typed_is_lost() {
    let mut backend = with_file("/presets/work.toml", GOOD);
    backend.disk_is_full = true;
    let mut window = Window::open_with(USUAL, backend);
    window.press("Open...");
    window.fill("login_hint", "alice@example.com");
    window.press("Save");
    window.assert_says("/presets/work.toml could not be saved: no space left");
    window.assert_says("unsaved");
    assert_eq!(window.value("login_hint"), "alice@example.com");
}

#[test]
fn a_secret_is_in_the_file_only_when_the_user_says_so() {
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", GOOD));
    window.press("Open...");
    window.fill("client_secret", SECRET);
    window.press("Save");
    let text = saved(&mut window, "/presets/work.toml");
    assert!(!text.contains(SECRET) && text.contains("client_secret = \"ask\""), "{text}");
    window.press_role(Role::Switch, "Save the secret in clear");
    window.press("Save");
    assert!(saved(&mut window, "/presets/work.toml").contains(SECRET));
}

#[test]
fn the_secret_of_the_practice_server_gives_no_leave_to_save_another() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Choose(PathBuf::from("/presets/mine.toml"));
    let mut window = Window::open_with(USUAL, backend);
    window.fill("client_secret", SECRET);
    window.press("Save");
    assert!(!saved(&mut window, "/presets/mine.toml").contains(SECRET));
}

#[test]
fn a_secret_from_the_environment_stays_a_reference() {
    let text = GOOD.replace("client_id =", "client_secret = \"env:WORK_SECRET\"\nclient_id =");
    let mut backend = with_file("/presets/work.toml", &text);
    backend.environment.insert("WORK_SECRET".to_owned(), SECRET.to_owned());
    let mut window = Window::open_with(USUAL, backend);
    window.press("Open...");
    assert_eq!(window.model().run.flow.settings.client.client_secret.expose(), SECRET);
    window.press("Save");
    let text = saved(&mut window, "/presets/work.toml");
    assert!(!text.contains(SECRET) && text.contains("env:WORK_SECRET"), "{text}");
}

/// What the window is told when its close button is pressed.
fn close(window: &mut Window) -> Vec<ViewportCommand> {
    let root = window.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    window.harness.step();
    window.harness.output().viewport_output[&ViewportId::ROOT].commands.clone()
}

#[test]
fn what_is_typed_and_not_saved_is_asked_about_before_the_window_closes() {
    let mut window = Window::open();
    window.fill("login_hint", "alice@example.com");
    assert!(!close(&mut window).contains(&ViewportCommand::CancelClose), "nothing of the practice server is missed");
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", GOOD));
    window.press("Open...");
    assert!(!close(&mut window).contains(&ViewportCommand::CancelClose), "nothing was typed");
    window.fill("client_id", "my-client");
    assert!(close(&mut window).contains(&ViewportCommand::CancelClose));
    window.run();
    window.assert_says("They end with the window.");
    window.press("Close");
    assert!(close(&mut window).contains(&ViewportCommand::CancelClose), "it is asked each time");
    window.run();
    assert!(!close(&mut window).contains(&ViewportCommand::CancelClose), "who insists is not kept");
    window.press("Discard the changes");
    assert!(window.model().closes);
    assert!(!close(&mut window).contains(&ViewportCommand::CancelClose));
}

#[test]
fn what_is_typed_while_a_file_is_being_saved_stays_unsaved() {
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", GOOD));
    window.press("Open...");
    window.fill("login_hint", "alice@example.com");
    window.backend().holds_files = true;
    window.press("Save as...");
    window.fill("login_hint", "bob@example.com");
    window.backend().release();
    window.run();
    assert!(saved(&mut window, "/presets/work.toml").contains("alice@example.com"));
    window.assert_says("unsaved");
}

#[test]
fn a_file_saved_after_another_provider_was_chosen_does_not_take_its_place() {
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", GOOD));
    window.backend().holds_files = true;
    window.press("Save as...");
    choose(&mut window, "GitHub");
    window.backend().release();
    window.run();
    window.assert_says("Saved work.toml");
    window.assert_silent("GitHub (work.toml)");
}

#[test]
fn only_what_can_be_an_issuer_is_discovered() {
    let mut window = Window::open();
    window.press("Discover...");
    window.fill("Issuer", "foo bar");
    window.assert_says("Neither the address of a server");
    assert!(window.is_disabled("Discover"));
    window.fill("Issuer", " login.example.com");
    window.assert_silent("Neither the address of a server");
    window.press("Discover");
    assert_eq!(window.model().run.flow.settings.server.issuer, "https://login.example.com");
}

#[test]
fn a_preset_that_asks_for_its_secret_puts_the_cursor_there_and_says_so() {
    const ASKED: &str = "The preset asks for it. What is typed here is kept in memory only";
    let text = GOOD.replace("[client]", "[client]\nclient_secret = \"ask\"");
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", &text));
    window.press("Open...");
    assert_eq!((window.focused().as_str(), window.value("client_secret").as_str()), ("client_secret", ""));
    window.assert_says(ASKED);
    assert!(window.model().run.flow.settings.client.client_secret.is_empty(), "the word itself is no secret");
    window.harness.event(egui::Event::Text("typed".to_owned()));
    window.run();
    assert_eq!(window.model().run.flow.settings.client.client_secret.expose(), "typed");
    window.assert_silent(ASKED);
}

#[test]
fn the_request_that_needs_a_secret_does_not_leave_without_it() {
    let text = GOOD.replace("[client]", "[client]\nclient_secret = \"ask\"");
    let text = text.replace("https://login.example.com", "http://127.0.0.1:9400");
    let mut window = Window::open_with(USUAL, with_file("/presets/work.toml", &text));
    window.press("Open...");
    window.tab(Row::Top, "Client credentials");
    window.press("Run to end");
    window.press("Fill in client_secret");
    assert_eq!(window.focused(), "client_secret");
    let sent = |window: &mut Window| window.backend().sent.iter().filter(|request| request.method == "POST").count();
    assert_eq!(sent(&mut window), 0, "no token request has left");
    window.fill("client_secret", SECRET);
    window.press("Send the token request");
    assert_eq!(sent(&mut window), 1);
}

/// A search ends where something was found, or with what came of each place it may be at.
#[test]
fn discovery_tries_every_place_and_says_what_came_of_it() {
    let dead: Fault = |_| Err(TransportError::Refused { at: "127.0.0.1:1".to_owned() });
    let empty: Fault = |_| Ok(HttpResponse::new(404, "text/plain", "not found"));
    // Who is not there at one place is at no other one.
    for (fault, asked) in [(dead, 1), (empty, 2)] {
        let mut backend = FakeBackend::new();
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            backend.pair.faults.insert(path, fault);
        }
        let mut window = Window::open_with(USUAL, backend);
        window.press("Discover...");
        window.fill("Issuer", "http://127.0.0.1:1");
        window.press("Discover");
        assert_eq!(window.backend().sent.len(), asked);
        window.assert_says("No usable answer to discovery");
        assert!(matches!(window.model().run.next, Next::Stopped(_)));

        window.backend().pair.faults.clear();
        window.press("Try again");
        assert!(window.backend().sent.len() < asked + 2, "who tries again goes step by step");
    }
}
