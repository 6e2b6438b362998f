//! Checks, theme, presentation, keys, sizes, and a long run.

use std::sync::Arc;

use egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::base::check::{Tally, Verdict};
use grantscope::flow::stage::Stage;
use grantscope::gui::acts::ACTS;
use grantscope::gui::language::Language;
use grantscope::gui::model::Tab;
use grantscope::gui::remember::Remembered;

use crate::backend::FakeBackend;
use crate::window::{Row, SMALL, USUAL, Window};

#[test]
fn the_checks_tab_lists_verdicts_and_shows_one_in_full() {
    let mut window = Window::open();
    window.tab(Row::Top, "Checks");
    window.assert_says("No verdicts yet");
    window.tab(Row::Top, "Authorization code");
    window.press("Run to end");
    window.press_like(Role::Button, "Checks: ");
    assert_eq!(window.selected_tab(Row::Top), "Checks");
    let notes = Tally::of(window.model().run.flow.checks()).count(Verdict::Note);
    window.press(&format!("Show only {notes} notes"));
    window.press_role(Role::ListBoxOption, "note: PKCE plain is not offered, metadata.pkce_plain");
    for words in ["Why it matters", "What to do", "plain shows the verifier in the authorization request.", "RFC 9700"]
    {
        window.assert_says(words);
    }
}

#[test]
fn a_failed_check_is_counted_on_the_tab() {
    let mut window = Window::at("Sign in for me as alice");
    window.fill("Value of nonce", "12345");
    window.fill("Value of code_challenge_method", "plain");
    window.next();
    assert!(window.says("1 failed"), "{:?}", window.texts());
    window.tab(Row::Top, "Checks");
    window.assert_says("authorization_request.entropy");
    window.press_like(Role::ListBoxOption, "fail: state and nonce cannot be guessed");
}

#[test]
fn the_theme_goes_round_and_the_picture_with_it() {
    let mut window = Window::open();
    window.press("Theme: system");
    assert_eq!(window.harness.ctx.theme(), Theme::Dark);
    window.press("Theme: dark");
    assert_eq!(window.harness.ctx.theme(), Theme::Light);
    window.press("Theme: light");
    assert!(window.has(Role::Button, "Theme: system"));
}

#[test]
fn a_presentation_is_larger_and_shows_no_settings() {
    let mut window = Window::open();
    let before = window.size_of("Browser");
    window.key(Modifiers::COMMAND, Key::P);
    assert!(window.size_of("Browser") > 1.4 * before);
    assert!(!window.has(Role::TextInput, "client_id"));
    window.press("leave");
    assert_eq!(window.size_of("Browser"), before);
    assert!(window.has(Role::TextInput, "client_id"));
}

/// The system's window keeps its pixels; only what is drawn in it grows.
#[test]
fn neither_zoom_nor_a_presentation_changes_the_size_that_is_remembered() {
    let mut window = Window::open();
    let ctx = window.harness.ctx.clone();
    for (zoom, presents) in [(1.0, false), (0.8, false), (1.5, false), (1.0, true)] {
        ctx.set_zoom_factor(zoom);
        window.run();
        if presents {
            window.key(Modifiers::COMMAND, Key::P);
        }
        window.harness.set_size(egui::vec2(1440.0, 900.0) / ctx.zoom_factor());
        window.run();
        let remembered = Remembered::of(&ctx, window.model(), zoom);
        let [width, height] = remembered.size;
        assert!((width - 1440.0).abs() < 1.0 && (height - 900.0).abs() < 1.0, "{zoom} {presents}: {width} {height}");
    }
}

#[test]
fn a_presentation_shows_no_token_that_works() {
    let mut window = Window::finished();
    let token = window.model().run.flow.session.tokens[0].response.access_token.clone().expect("a token");
    window.go_to("Tokens");
    window.tab(Row::Inspector, "Tokens");
    window.press("Decode access_token");
    let signature = token.expose().rsplit('.').next().expect("three parts").to_owned();
    window.assert_says(&signature);
    window.key(Modifiers::COMMAND, Key::P);
    window.key(Modifiers::COMMAND, Key::J);
    window.assert_silent(&signature);
    window.assert_says("Signature verified");
    window.key(Modifiers::NONE, Key::Escape);
    assert_eq!((window.model().present, window.model().tab), (false, Tab::Jwt));
    window.assert_says(&signature);
}

#[test]
fn a_presentation_is_of_the_run_wherever_it_is_begun_and_leads_back_there() {
    for tab in [Tab::Jwt, Tab::Server, Tab::Checks, Tab::History, Tab::Capture, Tab::Lessons] {
        let mut window = Window::open();
        window.app().model_mut().tab = tab;
        window.run();
        window.key(Modifiers::COMMAND, Key::P);
        assert!(window.has(Role::Button, "leave"), "{tab:?}");
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!((window.model().present, window.model().tab), (false, tab));
    }
}

#[test]
fn settings_hide_and_come_back() {
    let mut window = Window::open();
    window.key(Modifiers::COMMAND, Key::B);
    assert!(!window.has(Role::TextInput, "client_id"));
    window.press("Show the settings");
    assert!(window.has(Role::TextInput, "client_id"));
}

#[test]
fn the_help_lists_every_shortcut_and_escape_closes_it() {
    let mut window = Window::open();
    window.key(Modifiers::SHIFT, Key::Questionmark);
    for act in ACTS.iter().filter(|act| act.keys.is_some()) {
        window.assert_says(&act.keys_text());
        window.assert_says(act.name);
    }
    window.next();
    assert!(window.backend().sent.is_empty(), "keys do nothing behind a dialog");
    window.key(Modifiers::NONE, Key::Escape);
    assert!(window.model().dialog.is_none());
    window.next();
    assert_eq!(window.backend().sent.len(), 1);
}

#[test]
fn shortcuts_go_to_tabs() {
    let mut window = Window::open();
    for (key, tab) in [(Key::J, "JWT"), (Key::E, "Checks"), (Key::Num1, "Authorization code")] {
        window.key(Modifiers::COMMAND, key);
        assert_eq!(window.selected_tab(Row::Top), tab);
    }
    window.key(Modifiers::COMMAND, Key::J);
    window.next();
    assert_eq!(window.selected_tab(Row::Top), "Authorization code", "a step shows the run");
}

#[test]
fn shortcuts_work_while_a_field_has_the_keyboard() {
    let mut window = Window::open();
    window.get(Role::TextInput, "login_hint").focus();
    window.run();
    window.get(Role::TextInput, "login_hint").type_text("bob");
    window.run();
    window.next();
    assert_eq!(window.state_of("Discovery"), "done");
    assert_eq!(window.value("login_hint"), "bob", "what is typed is not swallowed");
}

/// The harness panics at a control without a name, at a glyph without a font and at a screen that never rests.
#[test]
fn every_screen_works_in_both_sizes_and_at_every_zoom() {
    let mut window = Window::open();
    for size in [USUAL, SMALL] {
        for zoom in [0.8, 1.0, 2.0] {
            window.harness.set_size(size.into());
            window.harness.ctx.set_zoom_factor(zoom);
            window.run();
            window.next();
            window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
            window.key(Modifiers::COMMAND, Key::B);
            for key in [Key::J, Key::E, Key::Num1, Key::P] {
                window.key(Modifiers::COMMAND, key);
            }
            assert!(window.has(Role::Button, "leave"), "{size:?} at {zoom}");
            window.press("leave");
            window.key(Modifiers::COMMAND, Key::B);
            window.key(Modifiers::COMMAND, Key::R);
        }
    }
}

#[test]
fn a_narrow_window_hides_the_settings_until_asked() {
    let mut window = Window::open_with(SMALL, FakeBackend::new());
    assert!(!window.has(Role::TextInput, "client_id"));
    window.press("Show the settings");
    window.fill("client_id", "practice-native");
    assert_eq!(window.value("client_id"), "practice-native");
}

#[test]
fn the_tab_key_reaches_the_primary_button() {
    let mut window = Window::open();
    for _ in 0..200 {
        window.harness.key_press(Key::Tab);
        window.run();
        if window.get(Role::Button, "Start").is_focused() {
            window.harness.key_press(Key::Space);
            window.run();
            assert_eq!(window.state_of("Discovery"), "done");
            return;
        }
    }
    panic!("the primary button is not reached by Tab");
}

#[test]
fn a_run_of_a_thousand_exchanges_is_drawn() {
    let mut window = Window::finished();
    let flow = &mut window.app().model_mut().run.flow;
    let pattern = flow.trace.exchanges.clone();
    while flow.trace.exchanges.len() < 1000 {
        let next = &pattern[flow.trace.exchanges.len() % pattern.len()];
        flow.trace.exchanges.push(Arc::clone(next));
    }
    window.run();
    window.app().model_mut().run.selected = Some(grantscope::gui::model::Target::Answer(999));
    window.run();
    window.assert_says("7  200 access_token");
    window.tab(Row::Top, "Checks");
    window.assert_says("note");
}

#[test]
fn a_narrow_window_lists_the_tabs_that_have_no_room() {
    let mut window = Window::open_with(SMALL, FakeBackend::new());
    window.press("All tabs");
    window.press("Password");
    assert_eq!(window.selected_tab(Row::Top), "Password");
    let mut wide = Window::open_with([1600.0, 800.0], FakeBackend::new());
    assert!(!wide.has(Role::Button, "All tabs"));
    wide.tab(Row::Top, "Checks");
    assert_eq!(wide.selected_tab(Row::Top), "Checks");
}

#[test]
fn tabs_belong_to_their_row_for_screen_readers() {
    let window = Window::open();
    let tab = window.get(Role::Tab, "Authorization code");
    let parents = std::iter::successors(tab.accesskit_node().parent(), |node| node.parent());
    assert!(parents.into_iter().any(|node| node.role() == Role::TabList), "a tab list holds the tab");
}

#[test]
fn help_stays_within_a_small_window() {
    let mut window = Window::open_with([960.0, 600.0], FakeBackend::new());
    window.key(Modifiers::SHIFT, Key::Questionmark);
    let close = window.get(Role::Button, "Close").rect();
    assert!(close.top() > 0.0, "{close:?}");
}

/// A number alone says nothing to whoever does not know the run by heart.
#[test]
fn every_stage_of_a_long_run_keeps_its_name() {
    const CIRCLE: f32 = 32.0;
    for (size, rows_due) in [(USUAL, 2), (SMALL, 1)] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.press("Run to end");
        for stage in [Stage::Refresh, Stage::Introspection, Stage::Revocation, Stage::RevocationProof, Stage::Logout] {
            window.app().model_mut().run.flow.append(stage);
        }
        window.run();
        let is_stage = |node: &egui_kittest::Node<'_>| {
            node.accesskit_node().description().is_some_and(|said| said.starts_with("stage "))
        };
        let places: Vec<_> =
            window.harness.query_all_by_role(Role::Tab).filter(is_stage).map(|node| node.rect()).collect();
        assert!(places.len() >= 12, "{} stages", places.len());
        let is_named = |place: &egui::Rect| place.width() > CIRCLE + 10.0;
        assert!(places.iter().all(|place| place.right() <= size[0]), "{places:?}");
        // A low window keeps its height for the messages.
        assert!(rows_due == 1 || places.iter().all(is_named), "{places:?}");
        let rows: std::collections::BTreeSet<i64> = places.iter().map(|place| place.top() as i64).collect();
        assert_eq!(rows.len(), rows_due, "{places:?}");
    }
}

/// A key that would do nothing is not offered, and the one that ends it all is offered wherever there is little room.
#[test]
fn the_bar_offers_the_keys_that_do_something_and_always_the_way_out() {
    for (language, zoom, leave, sizes) in [
        (Language::English, "zoom", "leave", [SMALL, [1280.0, 720.0], [1920.0, 1080.0]]),
        (Language::German, "Zoom", "verlassen", [SMALL, [1280.0, 720.0], [1920.0, 1080.0]]),
    ] {
        for size in sizes {
            let mut window = Window::open_with(size, FakeBackend::new());
            window.app().model_mut().language = language;
            window.run();
            window.key(Modifiers::COMMAND, Key::P);
            let mut zooms = 0;
            for _ in 0..17 {
                let place = window.place_of(Role::Button, leave);
                assert!(place.right() <= size[0], "{language:?} {size:?}: {place:?}");
                if window.has(Role::Button, zoom) {
                    zooms += 1;
                    window.key(Modifiers::NONE, Key::Z);
                    assert!(window.model().audience.zoomed.is_some(), "it fills the middle");
                    window.key(Modifiers::NONE, Key::Escape);
                }
                window.key(Modifiers::NONE, Key::ArrowRight);
            }
            assert!(zooms > 0 || size == SMALL, "{language:?} {size:?}");
        }
    }
}
