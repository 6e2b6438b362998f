//! Every page of the gallery in both themes, with popups and dialogs, in small windows and zoomed. The harness
//! panics at a glyph without a font, at an input without a name and at a page that never rests.

#[path = "../examples/gallery/pages.rs"]
mod pages;

use egui::{Key, Role, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::gui::theme;
use pages::{Gallery, Page};

/// The pages and a text of each.
const PAGES: [(Page, &str); 5] = [
    (Page::Flow, "Send the token request"),
    (Page::Device, "WDJB-MJHT"),
    (Page::Jwt, "Signature verified"),
    (Page::Checks, "31 pass"),
    (Page::Parts, "locked"),
];

#[test]
fn every_page_of_the_gallery_is_drawn_in_both_themes() {
    let mut harness = gallery();
    for theme in [Theme::Dark, Theme::Light] {
        harness.ctx.set_theme(theme);
        for (page, text) in PAGES {
            harness.state_mut().page = page;
            harness.run();
            assert!(says(&harness, text), "{page:?} in {theme:?} does not say {text}");
        }
        harness.state_mut().page = Page::Flow;
        for tab in ["Response", "cURL", "Raw", "Checks", "Tokens"] {
            harness.state_mut().inspector = tab;
            harness.run();
            let selected = |node: egui_kittest::Node<'_>| node.accesskit_node().is_selected() == Some(true);
            assert!(harness.query_all_by_role_and_label(Role::Tab, tab).any(selected), "{tab} in {theme:?}");
        }
    }
}

#[test]
fn the_gallery_fits_into_a_small_window_and_a_zoomed_one() {
    for (size, zoom) in [([960.0, 600.0], 1.0), ([1280.0, 800.0], 2.0)] {
        let mut harness = gallery();
        harness.set_size(size.into());
        harness.run();
        harness.ctx.set_zoom_factor(zoom);
        harness.run_ok().expect("the page comes to rest");
        let window = harness.ctx.content_rect();
        let button = harness.get_by_label("Send the token request").rect();
        assert!(window.contains_rect(button), "at {zoom} the button is at {button:?}, outside of {window:?}");
    }
}

#[test]
fn popups_and_dialogs_open_and_close() {
    let mut harness = gallery();
    for (role, opener, inside) in [
        (Role::ComboBox, "prompt", "consent"),
        (Role::Button, "Add to scope", "phone"),
        (Role::Button, "Run to end", "Use this URL"),
    ] {
        assert!(!has(&harness, inside), "{inside} is there before {opener}");
        harness.get_by_role_and_label(role, opener).click();
        harness.run_ok();
        assert!(has(&harness, inside), "{opener} shows no {inside}");
        harness.key_press(Key::Escape);
        harness.run_ok();
        assert!(!has(&harness, inside), "{inside} is there after Escape");
    }
}

#[test]
fn the_keyboard_shows_where_it_is() {
    let mut harness = gallery();
    harness.state_mut().inspector = "Response";
    harness.run();
    for (role, name) in [(Role::Switch, "state"), (Role::Button, "Send the token request")] {
        harness.get_by_role_and_label(role, name).focus();
        harness.run();
        assert!(harness.get_by_role_and_label(role, name).is_focused(), "{name}");
    }
    harness.get_by_label("scope: array, 2 elements").click();
    harness.run();
    assert!(harness.get_by_label("scope: array, 2 elements").is_focused(), "the tree");
}

fn gallery() -> Harness<'static, Gallery> {
    let mut harness = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_context_setup(theme::install)
        .build_ui_state(|ui, gallery: &mut Gallery| gallery.ui(ui), Gallery::default());
    harness.run();
    harness
}

fn has(harness: &Harness<'static, Gallery>, label: &str) -> bool {
    harness.query_all_by_label(label).next().is_some()
}

fn says(harness: &Harness<'static, Gallery>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}
