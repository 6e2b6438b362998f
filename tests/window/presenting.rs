//! A presentation by keys alone: on, back, a look elsewhere, from the beginning, nothing at all, and out.

use egui::{Key, Modifiers, Role};
use grantscope::flow::Next;
use grantscope::gui::model::Beat;

use crate::backend::FakeBackend;
use crate::window::{Row, SMALL, USUAL, Window};

fn presenting(size: [f32; 2]) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    window.key(Modifiers::COMMAND, Key::P);
    window
}

fn press(window: &mut Window, key: Key) {
    window.key(Modifiers::NONE, key);
}

/// Presses the key that leads on until the message that is next is the one this button sends.
fn go_on_to(window: &mut Window, primary: &str) {
    for _ in 0..40 {
        if window.has(Role::Button, primary) {
            return;
        }
        press(window, Key::ArrowRight);
    }
    panic!("no key leads to {primary}");
}

fn exchanges(window: &Window) -> usize {
    window.model().run.flow.trace.exchanges.len()
}

#[test]
fn a_whole_run_is_presented_by_one_key_in_three_beats() {
    for (size, key) in [(USUAL, Key::ArrowRight), (SMALL, Key::Space), (USUAL, Key::PageDown)] {
        let mut window = presenting(size);
        for primary in ["Start", "Fetch the keys", "Sign in for me as alice", "Send the token request", "Get UserInfo"]
        {
            assert!(window.has(Role::Button, primary), "{primary}");
            window.assert_says("Why this step?");
            let before = exchanges(&window);
            press(&mut window, key);
            assert_eq!((exchanges(&window), window.model().run.beat()), (before + 1, Beat::Came), "{primary}");
            window.assert_silent("Why this step?");
            press(&mut window, key);
            assert_eq!((exchanges(&window), window.model().run.beat()), (before + 1, Beat::Explained), "{primary}");
            window.assert_says("Why this step?");
            press(&mut window, key);
        }
        for _ in 0..5 {
            press(&mut window, key);
        }
        assert!(matches!(window.model().run.next, Next::Finished));
        assert!(window.is_disabled("The end"));
        window.assert_says("9 of 9");
    }
}

#[test]
fn what_came_is_shown_before_it_is_explained() {
    let mut window = presenting(USUAL);
    go_on_to(&mut window, "Send the token request");
    assert_eq!(window.selected_tab(Row::Inspector), "Request");
    press(&mut window, Key::ArrowRight);
    assert_eq!(window.selected_tab(Row::Inspector), "Tokens");
    assert!(window.has(Role::Button, "Explain"));
}

#[test]
fn back_takes_a_message_back() {
    for key in [Key::ArrowLeft, Key::PageUp] {
        let mut window = presenting(USUAL);
        go_on_to(&mut window, "Send the token request");
        assert_eq!(exchanges(&window), 3);
        press(&mut window, Key::ArrowRight);
        press(&mut window, Key::ArrowRight);
        assert_eq!((exchanges(&window), window.model().run.beat()), (4, Beat::Explained));
        press(&mut window, key);
        assert_eq!((exchanges(&window), window.model().run.beat()), (4, Beat::Came));
        press(&mut window, key);
        assert!(window.has(Role::Button, "Send the token request"));
        assert_eq!((exchanges(&window), window.model().run.flow.session.tokens.len()), (3, 0));
        for _ in 0..20 {
            press(&mut window, key);
        }
        assert_eq!(exchanges(&window), 0);
        assert!(window.has(Role::Button, "Start"));
    }
}

#[test]
fn a_look_at_other_messages_changes_nothing() {
    let mut window = presenting(USUAL);
    go_on_to(&mut window, "Send the token request");
    let before = window.selected_row().rect();
    for _ in 0..3 {
        press(&mut window, Key::ArrowUp);
    }
    assert_eq!(window.model().run.beat(), Beat::Elsewhere);
    assert_ne!(window.selected_row().rect(), before);
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowRight);
    assert_eq!(exchanges(&window), 3, "nothing is sent that is not looked at");
    assert!(window.has(Role::Button, "Send the token request"));
}

#[test]
fn home_starts_over_b_blanks_and_esc_leaves() {
    let mut window = presenting(USUAL);
    go_on_to(&mut window, "Send the token request");
    press(&mut window, Key::Home);
    assert!(window.has(Role::Button, "Start") && window.model().run.is_fresh());
    press(&mut window, Key::B);
    window.assert_says("Nothing is shown.");
    window.assert_silent("Start");
    press(&mut window, Key::ArrowRight);
    assert!(window.has(Role::Button, "Start") && window.model().run.is_fresh(), "the key shows the window again");
    press(&mut window, Key::B);
    press(&mut window, Key::B);
    assert!(window.has(Role::Button, "Start"));
    press(&mut window, Key::Escape);
    assert!(!window.model().present);
    assert!(window.has(Role::TextInput, "client_id"));
    press(&mut window, Key::ArrowRight);
    assert!(window.model().run.is_fresh(), "the keys are those of a presentation alone");
}

#[test]
fn a_value_that_is_missing_is_filled_in_where_it_is_missed() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.app().model_mut().settings_open = Some(true);
        window.run();
        window.fill("issuer", "");
        window.key(Modifiers::COMMAND, Key::P);
        window.assert_says("issuer is needed");
        assert!(window.has(Role::Button, "Fill in issuer"));
        press(&mut window, Key::ArrowRight);
        assert_eq!(window.focused(), "issuer", "{size:?}");
        window.harness.event(egui::Event::Text("http://127.0.0.1:9400".to_owned()));
        window.run();
        press(&mut window, Key::Enter);
        assert_eq!(window.model().run.flow.settings.server.issuer, "http://127.0.0.1:9400");
        assert!(window.has(Role::Button, "Start"));
        press(&mut window, Key::ArrowRight);
        assert_eq!(exchanges(&window), 1);
    }
}
