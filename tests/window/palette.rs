//! The search of everything, with the keyboard alone.

use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::NodeT as _;
use grantscope::client::settings::FIELDS;
use grantscope::gui::acts::ACTS;
use grantscope::gui::language::Language;

use crate::capture::drop_file;
use crate::window::{Row, Window};

const FIELD: &str = "Command, setting, provider, stage, lesson, check, run, fault or rule";

const GERMAN_FIELD: &str = "Befehl, Einstellung, Anbieter, Schritt, Lektion, Prüfung, Lauf, Fehler oder Regel";

/// Opens the search and types.
fn search(window: &mut Window, words: &str) {
    window.key(Modifiers::COMMAND, Key::K);
    window.harness.event(Event::Text(words.to_owned()));
    window.run();
}

/// What is chosen, as a screen reader says it.
fn chosen(window: &Window) -> String {
    window.get(Role::TextInput, FIELD).accesskit_node().description().unwrap_or_default()
}

#[test]
fn each_kind_of_thing_is_found_and_leads_there() {
    let mut window = Window::finished();
    for (words, found, shows) in [
        ("jwt", "JWT, Command, Ctrl+J", "Format"),
        ("qqq", "", ""),
        ("device", "Device, Grant, Ctrl+2", "device_authorization_endpoint"),
        ("google", "Google, Provider", "Google"),
    ] {
        search(&mut window, words);
        let rows: Vec<String> = vec![chosen(&window)];
        if found.is_empty() {
            window.assert_says("Nothing is called that.");
            window.key(Modifiers::NONE, Key::Escape);
            continue;
        }
        assert!(rows[0].starts_with(found), "{words}: {rows:?}");
        window.key(Modifiers::NONE, Key::Enter);
        assert!(window.model().dialog.is_none() || words == "google");
        window.assert_says(shows);
        window.key(Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn a_setting_gets_the_keyboard_and_else_it_goes_back_to_where_it_was() {
    let mut window = Window::open();
    window.key(Modifiers::COMMAND, Key::B);
    search(&mut window, "redirect_uri");
    assert!(chosen(&window).starts_with("redirect_uri, Setting"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.focused(), "redirect_uri");
    search(&mut window, "nothing");
    window.key(Modifiers::NONE, Key::Escape);
    assert!(window.model().dialog.is_none());
    assert_eq!(window.focused(), "redirect_uri");
}

#[test]
fn stages_checks_lessons_and_runs_are_found() {
    let mut window = Window::finished();
    search(&mut window, "stage tokens");
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.selected_tab(Row::Inspector), "Response");
    search(&mut window, "check nonce");
    assert!(chosen(&window).contains("nonce"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.selected_tab(Row::Top), "Checks");
    search(&mut window, "arrow by arrow");
    window.key(Modifiers::NONE, Key::Enter);
    window.assert_says("The code flow, arrow by arrow");
    window.key(Modifiers::COMMAND, Key::R);
    search(&mut window, "run of this session");
    window.key(Modifiers::NONE, Key::Enter);
    assert!(!window.model().run.is_fresh(), "the run before is shown");
}

/// By its name or by what it does, and taken once more it is off.
#[test]
fn a_fault_of_the_practice_server_is_switched() {
    let mut window = Window::open();
    let about = grantscope::practice::Fault::WrongNonce.about();
    search(&mut window, "wrong_nonce");
    assert!(chosen(&window).starts_with("wrong_nonce, Fault"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    window.assert_says(&format!("wrong_nonce is on: {about}"));
    assert_eq!(window.model().faults_on(), 1);
    search(&mut window, about);
    assert!(chosen(&window).contains("switch it off"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    window.assert_says("wrong_nonce is off");
    assert_eq!(window.model().faults_on(), 0);
}

/// Before a run is held to it, too; then its id leads to the verdict.
#[test]
fn a_rule_is_found_by_its_id_and_explained() {
    let rule = grantscope::client::rules::catalogue().find(|rule| rule.id == "id_token.nonce").expect("a rule");
    let mut window = Window::open();
    search(&mut window, rule.id);
    assert!(chosen(&window).contains(", Rule"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.has(Role::Dialog, rule.title));
    for words in [rule.why, rule.fix, rule.id] {
        window.assert_says(words);
    }
    window.key(Modifiers::NONE, Key::Escape);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    search(&mut window, rule.id);
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.selected_tab(Row::Top), "Checks");
    window.assert_says(rule.why);
}

/// Every setting of the panel gets the keyboard; of the others it is said why not.
#[test]
fn every_setting_is_found_by_its_name() {
    let mut window = Window::open();
    for field in FIELDS {
        search(&mut window, &format!("setting {}", field.name));
        let found = chosen(&window);
        assert!(found.starts_with(&format!("{}, ", field.name)), "{}: {found}", field.name);
        if found.contains("makes no use of it") {
            window.key(Modifiers::NONE, Key::Escape);
            continue;
        }
        window.key(Modifiers::NONE, Key::Enter);
        assert!(window.model().dialog.is_none(), "{}", field.name);
        assert!(window.focused().contains(field.name), "{}: {}", field.name, window.focused());
        assert_eq!(window.region(), "Settings", "{}", field.name);
    }
}

/// In German by German words, and by those of the specifications and of the English window.
#[test]
fn german_and_english_words_find_the_same_in_the_german_window() {
    let mut window = Window::open();
    window.app().model_mut().language = Language::German;
    window.run();
    for (german, english, found) in [
        ("Verlauf", "history", "Verlauf, Befehl"),
        ("Prüfungen", "checks", "Prüfungen, Befehl"),
        ("Lauf exportieren", "export the run", "Lauf exportieren"),
        ("nonce einer anderen", "wrong_nonce", "wrong_nonce, Fehler"),
        ("id_token.nonce", "id_token nonce rule", ""),
        ("Einstellung scope", "setting scope", "scope, Einstellung"),
        ("Client Credentials", "grant client credentials", "Client"),
        ("gestohlener Code", "stolen code", "Ein gestohlener Code"),
    ] {
        for words in [german, english] {
            search(&mut window, words);
            let chosen = window.get(Role::TextInput, GERMAN_FIELD).accesskit_node().description().unwrap_or_default();
            assert!(chosen.starts_with(found) && !chosen.is_empty(), "{words}: {chosen}");
            window.key(Modifiers::NONE, Key::Escape);
        }
    }
}

#[test]
fn own_lessons_are_found_once_they_were_read() {
    let own = grantscope::lesson::find("stolen_code").expect("shipped");
    let own = own.replacen("A stolen code, without PKCE and with it", "My own lesson", 1);
    let mut window = Window::open();
    search(&mut window, "my own lesson");
    window.assert_says("Nothing is called that.");
    window.key(Modifiers::NONE, Key::Escape);
    window.backend().files.insert("/mine/own.md".into(), own);
    drop_file(&mut window, "/mine/own.md");
    window.key(Modifiers::COMMAND, Key::J);
    search(&mut window, "my own lesson");
    assert!(chosen(&window).starts_with("My own lesson, Lesson"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.selected_tab(Row::Top), "Lessons");
    assert_eq!(window.model().lessons.selected.as_deref(), Some("/mine/own.md"));
}

#[test]
fn what_lessons_and_an_audience_need_is_found() {
    let mut window = Window::open();
    for (words, why) in
        [("handout markdown", "both sides of a lesson"), ("second window", "nothing is presented"), ("zoom in", "")]
    {
        search(&mut window, words);
        assert!(chosen(&window).contains(why) && !chosen(&window).is_empty(), "{words}: {}", chosen(&window));
        window.key(Modifiers::NONE, Key::Escape);
    }
    search(&mut window, "zoom out");
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.harness.ctx.zoom_factor() < 1.0, "{}", window.harness.ctx.zoom_factor());
    search(&mut window, "quiz");
    assert!(chosen(&window).starts_with("Quiz, Command"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.model().lessons.quiz.is_some());
    assert_eq!(window.selected_tab(Row::Top), "Lessons");
}

#[test]
fn what_cannot_be_done_says_why_and_is_not_done() {
    let mut window = Window::open();
    search(&mut window, "export the run");
    assert!(chosen(&window).contains("nothing has left yet"), "{}", chosen(&window));
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.has(Role::TextInput, FIELD), "it stays open");
}

#[test]
fn it_is_a_dialog_with_a_list_of_every_command() {
    let mut window = Window::open();
    window.key(Modifiers::COMMAND, Key::K);
    assert!(window.has(Role::Dialog, "Search everything"));
    let first = chosen(&window);
    window.key(Modifiers::NONE, Key::ArrowDown);
    assert_ne!(chosen(&window), first);
    window.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(chosen(&window), first);
    window.key(Modifiers::NONE, Key::Escape);
    for act in ACTS {
        search(&mut window, act.name);
        assert!(chosen(&window).starts_with(act.name), "{}: {}", act.name, chosen(&window));
        window.key(Modifiers::NONE, Key::Escape);
    }
}

/// F1 explains what has the keyboard, in each part of the window, and Esc leaves the keyboard where it is.
#[test]
fn f1_explains_what_has_the_keyboard() {
    let mut window = Window::open();
    window.get(Role::TextInput, "client_id").focus();
    window.run();
    window.key(Modifiers::NONE, Key::F1);
    window.assert_says("Names the client to the authorization server");
    assert!(window.model().dialog.is_none());
    window.key(Modifiers::NONE, Key::Escape);
    window.assert_silent("Esc closes this");
    assert_eq!(window.focused(), "client_id");
    window.stage("Discovery").focus();
    window.run();
    window.key(Modifiers::NONE, Key::F1);
    window.assert_says("Esc closes this");
    window.key(Modifiers::NONE, Key::F1);
    window.assert_silent("Esc closes this");
    window.walk_to("Send the token request");
    window.get(Role::TextInput, "Value of grant_type").focus();
    window.run();
    window.key(Modifiers::NONE, Key::F1);
    window.assert_says("Esc closes this");
    window.assert_says("What the client hands in ");
}

#[test]
fn f1_shows_the_keys_where_nothing_has_the_keyboard() {
    let mut window = Window::open();
    window.key(Modifiers::NONE, Key::F1);
    window.assert_says("Here: Authorization code");
    window.key(Modifiers::NONE, Key::Escape);
    window.key(Modifiers::COMMAND, Key::J);
    window.key(Modifiers::SHIFT, Key::Questionmark);
    window.assert_says("Here: JWT");
    window.assert_says("Everywhere");
}

#[test]
fn each_tab_tells_its_own_keys() {
    let mut window = Window::open();
    for (tab, words) in [
        ("Server", "Close the request that is open"),
        ("Checks", "Show the run, and do its next step"),
        ("History", "Show the run, and do its next step"),
        ("Capture", "take apart the login that was copied"),
        ("Lessons", "Run both sides again"),
    ] {
        window.tab(Row::Top, tab);
        window.key(Modifiers::SHIFT, Key::Questionmark);
        window.assert_says(&format!("Here: {tab}"));
        window.assert_says(words);
        window.key(Modifiers::NONE, Key::Escape);
    }
}
