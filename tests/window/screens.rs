//! The main screens, in both sizes and themes: each shows what it is there for. What is drawn beside that is
//! judged by the harness, which panics at a control without a name and at a glyph without a font.

use egui::{Key, Modifiers, Role, Theme};
use grantscope::gui::model::{Side, ThemeChoice};

use crate::backend::{Browser, FakeBackend};
use crate::window::{Row, SMALL, USUAL, Window};

type Scene = fn(&mut Window);

/// What leads to a screen, and words that it shows.
const SCENES: [(Scene, &str); 15] = [
    (|_| {}, "Start"),
    (|window| window.walk_to("Sign in for me as alice"), "code_challenge"),
    (
        |window| {
            window.walk_to("Sign in for me as alice");
            window.backend().browser = Browser::Idle;
            window.press("Open the browser");
        },
        "Waiting",
    ),
    (|window| window.walk_to("Send the token request"), "code_verifier"),
    (|window| window.walk_to("Get UserInfo"), "access_token"),
    (|window| window.press("Run to end"), "/api/me"),
    (
        |window| {
            window.walk_to("Send the token request");
            window.press_role(Role::Switch, "Show secrets");
            window.fill("Value of code_verifier", &"x".repeat(43));
            window.press_role(Role::Switch, "Show secrets");
            window.next();
        },
        "invalid_grant",
    ),
    (
        |window| {
            window.press("Run to end");
            window.key(Modifiers::COMMAND, Key::E);
        },
        "Why it matters",
    ),
    (
        |window| {
            window.press("Run to end");
            window.key(Modifiers::COMMAND, Key::J);
        },
        "Signature verified",
    ),
    (
        |window| {
            window.app().model_mut().settings_open = Some(true);
            window.run();
            window.fill("issuer", "");
        },
        "issuer is needed",
    ),
    (|window| window.key(Modifiers::SHIFT, Key::Questionmark), "Show or hide the settings"),
    (
        |window| {
            window.press("Run to end");
            window.tab(Row::Top, "Server");
        },
        "Tokens in force",
    ),
    (
        |window| {
            window.press("Run to end");
            window.tab(Row::Top, "Server");
            window.app().model_mut().server.side = Some(Side::Discovery);
            window.run();
        },
        "token_endpoint",
    ),
    (
        |window| {
            window.press("Run to end");
            window.key(Modifiers::COMMAND, Key::H);
        },
        "Keep runs",
    ),
    (
        |window| {
            window.walk_to("Get UserInfo");
            window.key(Modifiers::COMMAND, Key::P);
        },
        "the same nonce",
    ),
];

#[test]
fn every_main_screen_shows_what_it_is_there_for() {
    for (size, choice, theme) in [(USUAL, ThemeChoice::Dark, Theme::Dark), (SMALL, ThemeChoice::Light, Theme::Light)] {
        for (prepare, words) in SCENES {
            let mut window = Window::open_with(size, FakeBackend::new());
            window.app().model_mut().theme = choice;
            window.run();
            prepare(&mut window);
            window.assert_says(words);
            assert_eq!(window.harness.ctx.theme(), theme, "{words}");
        }
    }
}
