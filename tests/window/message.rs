//! The message that is shown: a row a parameter, header fields folded, and the room it shares with the diagram.

use egui::{Key, Rect, Role};
use grantscope::gui::remember::Remembered;

use crate::backend::FakeBackend;
use crate::window::{SMALL, USUAL, Window};

const PARAMETERS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

/// What the harness leaves free around the window.
const MARGIN: f32 = 8.0;

fn place(window: &Window, field: &str) -> Rect {
    window.place_of(Role::TextInput, field)
}

#[test]
fn a_request_is_a_line_and_a_row_a_parameter_and_all_of_it_shows_in_a_small_window() {
    for size in [SMALL, USUAL] {
        let mut window = Window::open_with(size.map(|side| side + 2.0 * MARGIN), FakeBackend::new());
        window.walk_to("Sign in for me as alice");
        let (method, url) = (place(&window, "Method"), place(&window, "URL"));
        assert!((method.center().y - url.center().y).abs() < 1.0 && method.right() <= url.left(), "{method} {url}");
        let bar = window.place_of(Role::Button, "Run to end");
        let mut above = url.center().y;
        for name in PARAMETERS {
            let value = place(&window, &format!("Value of {name}"));
            let pitch = value.center().y - above;
            assert!((18.0..30.0).contains(&pitch), "{name} is {pitch} below the row before");
            above = value.center().y;
        }
        // The card ends above the bar.
        assert!(above + 10.0 < bar.top() - 20.0, "{above} of {}", bar.top());
    }
}

#[test]
fn header_fields_are_folded_where_parameters_say_more() {
    let mut window = Window::open();
    assert!(window.has(Role::Button, "Remove Accept"), "a request without parameters shows its header fields");
    window.walk_to("Send the token request");
    assert!(!window.has(Role::Button, "Remove Accept"));
    window.open_fold("Header fields (2)");
    assert!(window.has(Role::Button, "Remove Accept"));
    window.next();
    window.go_to("Exchange");
    window.assert_silent("Content-Type:");
    window.open_fold("Header fields (3)");
    window.assert_says("Content-Type:");
}

#[test]
fn a_masked_parameter_keeps_its_place_and_can_be_left_out_but_not_typed_into() {
    let mut window = Window::at("Send the token request");
    for name in ["code", "code_verifier"] {
        assert!(!window.has_field(&format!("Value of {name}")), "{name}");
    }
    assert!(window.has_field("Name of form parameter 1") && window.has_field("Name of form parameter 3"));
    window.press("Remove code_verifier");
    window.next();
    let form = window.backend().sent.last().and_then(|sent| sent.form()).expect("a form");
    assert!(form.contains("code") && !form.contains("code_verifier"));
    window.press_role(Role::Switch, "Show secrets");
    window.press("Try again");
}

#[test]
fn a_value_is_not_masked_while_it_is_typed() {
    let mut window = Window::at("Send the token request");
    window.press("Add form parameter");
    window.fill("Name of form parameter 5", "client_secret");
    window.get(Role::TextInput, "Value of client_secret").focus();
    window.run();
    for part in ["half", "-and-half"] {
        window.get(Role::TextInput, "Value of client_secret").type_text(part);
        window.run();
    }
    assert_eq!(window.value("Value of client_secret"), "half-and-half");
    window.harness.key_press(Key::Tab);
    window.run();
    assert!(!window.has_field("Value of client_secret"), "it is masked once the keyboard is elsewhere");
    window.next();
    let form = window.backend().sent.last().and_then(|sent| sent.form()).expect("a form");
    assert_eq!(form.get("client_secret"), Some("half-and-half"));
}

#[test]
fn the_splitter_gives_room_by_mouse_and_keys_and_its_place_is_remembered() {
    let mut window = Window::at("Send the token request");
    let high = |window: &Window| splitter(window).top();
    let at_first = high(&window);
    drag(&mut window, -60.0);
    assert!((high(&window) - (at_first - 60.0)).abs() < 2.0, "{} after {at_first}", high(&window));
    window.get(Role::Splitter, "Height of the diagram").focus();
    window.run();
    window.harness.key_press(Key::ArrowDown);
    window.run();
    let put = high(&window);
    assert!((put - (at_first - 40.0)).abs() < 2.0, "{put} after {at_first}");

    window.harness.key_press(Key::End);
    window.run();
    let bar = window.place_of(Role::Button, "Run to end").top();
    assert!((60.0..200.0).contains(&(bar - high(&window))), "End gives the diagram all there is");
    let back = put - high(&window);
    drag(&mut window, back);
    assert!((high(&window) - put).abs() < 1.0);

    let ctx = window.harness.ctx.clone();
    let remembered = Remembered::of(&ctx, window.model(), 1.0).to_json();
    let mut later = Window::open();
    let ctx = later.harness.ctx.clone();
    later.app().recall(&ctx, &Remembered::read(&remembered));
    later.walk_to("Send the token request");
    assert!((high(&later) - put).abs() < 1.0, "{} was {put}", high(&later));
    later.get(Role::Splitter, "Height of the diagram").focus();
    later.run();
    later.harness.key_press(Key::Home);
    later.run();
    assert!((high(&later) - at_first).abs() < 1.0, "Home takes it back");
}

#[test]
fn wherever_the_splitter_is_put_both_parts_stay_in_sight() {
    let mut window = Window::at("Send the token request");
    for by in [-1000.0, 1000.0] {
        drag(&mut window, by);
        let at = splitter(&window);
        let (rail, bar) = (window.stage("Exchange").rect(), window.place_of(Role::Button, "Run to end"));
        assert!(at.top() > rail.bottom() + 60.0 && at.bottom() < bar.top() - 60.0, "{at}");
    }
}

fn splitter(window: &Window) -> Rect {
    window.place_of(Role::Splitter, "Height of the diagram")
}

fn drag(window: &mut Window, by: f32) {
    let from = splitter(window).center();
    window.harness.drag_at(from);
    window.run();
    window.harness.hover_at(from + egui::vec2(0.0, by));
    window.run();
    window.harness.drop_at(from + egui::vec2(0.0, by));
    window.run();
}
