//! The same settings as two users, side by side.

use egui::{Event, Key, Modifiers};

use crate::backend::FakeBackend;
use crate::window::{Row, SMALL, USUAL, Window};

fn users_of(window: &Window) -> Vec<Option<String>> {
    window.model().runs().into_iter().rev().filter_map(|run| run.user.clone().map(Some)).collect()
}

#[test]
fn both_users_run_to_their_end_and_are_compared() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.walk_to("Sign in for me as alice");
        match size == SMALL {
            // Its one line of choices has no room for it; the search of everything has.
            true => {
                window.key(Modifiers::COMMAND, Key::K);
                window.harness.event(Event::Text("two users".to_owned()));
                window.run();
                window.key(Modifiers::NONE, Key::Enter);
            }
            false => window.press("Run as two users..."),
        }
        assert_eq!(window.focused(), "User A");
        window.press("Run as both");
        assert_eq!(users_of(&window), [Some("alice".to_owned()), Some("bob".to_owned())]);
        assert_eq!(window.selected_tab(Row::Top), "History");
        window.assert_says("Authorization code: success, as alice");
        window.assert_says("Authorization code: success, as bob");
        let compare = window.model().compare.clone().expect("a comparison");
        let comparison = compare.comparison.expect("made").expect("comparable");
        assert!(comparison.differences() > 0, "the server says of each who it is");
        window.assert_says("sub");
    }
}

#[test]
fn each_grant_with_a_user_signs_both_in() {
    for tab in ["Device", "CIBA", "Implicit", "Hybrid", "Password", "Refresh"] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
        window.press("Run as two users...");
        window.press("Run as both");
        let subjects: Vec<String> = window
            .model()
            .runs()
            .into_iter()
            .filter(|run| run.user.is_some())
            .map(|run| format!("{}, {:?}", run.title(), run.flow.session.tokens.len()))
            .collect();
        assert_eq!(window.selected_tab(Row::Top), "History", "{tab}: {subjects:?}");
        assert_eq!(subjects.iter().filter(|title| title.contains("success")).count(), 2, "{tab}: {subjects:?}");
    }
}

#[test]
fn two_users_have_to_be_two_and_a_stop_ends_both() {
    let mut window = Window::at("Sign in for me as alice");
    window.press("Run as two users...");
    window.fill("User B", "alice");
    assert!(window.is_disabled("Run as both"));
    window.fill("User B", "bob");
    window.backend().holds = true;
    window.press("Run as both");
    window.press("Stop");
    assert!(window.model().pair.is_none());
    window.backend().release();
    window.run();
    assert_eq!(window.selected_tab(Row::Top), "Authorization code");
    assert!(window.model().compare.is_none());
}

#[test]
fn nobody_is_signed_in_where_no_user_takes_part() {
    let mut window = Window::open();
    window.tab(Row::Top, "Client credentials");
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.assert_silent("Run as two users");
}
