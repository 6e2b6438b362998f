//! The first start: what a new user is offered, and what stands where nothing is yet.

use egui::{Key, Modifiers, Role};

use crate::window::{Row, Window};

#[test]
fn a_new_user_has_three_ways_in_and_one_who_has_begun_none() {
    let mut window = Window::open();
    window.assert_says("A whole login, message by message");
    window.press("Use your own server");
    assert!(window.has(Role::Dialog, "Discover a server"));
    window.key(Modifiers::NONE, Key::Escape);
    window.press("Take a lesson");
    window.assert_says("The code flow, arrow by arrow");
    window.tab(Row::Top, "Authorization code");
    window.press("Run the flow");
    assert!(window.model().run.is_over());
    window.assert_silent("A whole login, message by message");
    window.key(Modifiers::COMMAND, Key::R);
    window.assert_silent("A whole login, message by message");
}

/// Tab and a screen reader meet the ways in as they are seen.
#[test]
fn the_ways_in_are_read_from_left_to_right() {
    let window = Window::open();
    let ways = ["A whole login", "Run the flow", "Take a lesson", "Use your own server"];
    let texts = window.texts();
    let at = ways.map(|way| texts.iter().position(|text| text.starts_with(way)).expect("it is there"));
    assert!(at.is_sorted(), "{at:?}");
    let [run, lesson, own] = [ways[1], ways[2], ways[3]].map(|way| window.place_of(Role::Button, way));
    assert!(run.right() < lesson.left() && lesson.right() < own.left());
}

#[test]
fn where_nothing_is_yet_stands_what_to_do() {
    for tab in ["Checks", "History", "Server"] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.press("Run the flow");
        assert_eq!(window.selected_tab(Row::Top), "Authorization code", "{tab}");
        assert!(window.model().run.is_over(), "{tab}");
    }
}

#[test]
fn beside_a_message_stands_what_its_names_mean_and_who_can_see_it() {
    let mut window = Window::at("Send the token request");
    window.open_fold("What the names mean");
    window.assert_says("The random string behind code_");
    window.open_fold("Who can see this");
    window.assert_says("A request of the client straight to the server");
    window.assert_says("Other apps on the phone");
    window.next();
    window.go_to("Tokens");
    window.assert_says("Tokens, straight to the client");
}
