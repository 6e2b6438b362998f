//! Every page of the gallery in both themes, with popups and dialogs, in small windows and zoomed.
//!
//! With `GALLERY=1` in the environment each is drawn into `target/tmp/gallery/`, to be looked at.
//! Without it the pages are only laid out, which takes a tenth of the time.

#[path = "../examples/gallery/pages.rs"]
mod pages;

use egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use grantscope::gui::theme;
use pages::{Gallery, Page};

const PAGES: [Page; 5] = [Page::Flow, Page::Device, Page::Jwt, Page::Checks, Page::Parts];

/// What is asserted is that every glyph has a font, every input has a name and nothing panics.
#[test]
fn every_page_of_the_gallery_can_be_drawn() {
    let mut harness = gallery();
    for theme in [Theme::Dark, Theme::Light] {
        harness.ctx.set_theme(theme);
        for page in PAGES {
            harness.state_mut().page = page;
            harness.run();
            save(&mut harness, &format!("{page:?}-{theme:?}"));
        }
        harness.state_mut().page = Page::Flow;
        for tab in ["Response", "cURL", "Raw", "Checks", "Tokens"] {
            harness.state_mut().inspector = tab;
            harness.run();
            save(&mut harness, &format!("Flow-{tab}-{theme:?}"));
        }
    }
}

#[test]
fn the_gallery_fits_into_a_small_window() {
    let mut harness = gallery();
    harness.set_size(egui::vec2(960.0, 600.0));
    harness.run();
    save(&mut harness, "Flow-small");
    harness.ctx.set_zoom_factor(2.0);
    harness.run_ok();
    save(&mut harness, "Flow-zoomed");
}

#[test]
fn popups_and_dialogs_can_be_drawn() {
    let mut harness = gallery();
    harness.get_by_role_and_label(egui::Role::ComboBox, "prompt").click();
    harness.run();
    save(&mut harness, "Picker");
    harness.key_press(egui::Key::Escape);
    harness.run();
    harness.get_by_label("Add to scope").click();
    harness.run();
    save(&mut harness, "Chips");
    harness.key_press(egui::Key::Escape);
    harness.run();
    harness.get_all_by_label("Copy redirect_uri").next().expect("the field has one").click();
    harness.run_ok();
    harness.get_by_label("Run to end").click();
    harness.run_ok();
    save(&mut harness, "Dialog");
}

#[test]
fn the_keyboard_shows_where_it_is() {
    let mut harness = gallery();
    harness.state_mut().inspector = "Response";
    harness.run();
    harness.get_by_role_and_label(egui::Role::Switch, "state").focus();
    harness.run();
    save(&mut harness, "Focus-switch");
    harness.get_by_label("Send the token request").focus();
    harness.run();
    save(&mut harness, "Focus-button");
    harness.get_by_label("scope: array, 2 elements").click();
    harness.run();
    save(&mut harness, "Focus-tree");
}

fn gallery() -> Harness<'static, Gallery> {
    let mut harness = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_context_setup(theme::install)
        .build_ui_state(|ui, gallery: &mut Gallery| gallery.ui(ui), Gallery::default());
    harness.run();
    harness
}

/// Nothing is drawn where there is no graphics adapter, not even one in software.
#[expect(clippy::print_stdout, reason = "says why there is no picture")]
fn save(harness: &mut Harness<'static, Gallery>, name: &str) {
    if std::env::var_os("GALLERY").is_none() {
        return;
    }
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    std::fs::create_dir_all(&folder).expect("the target folder can be written to");
    match harness.render() {
        Ok(image) => image.save(folder.join(format!("{name}.png"))).expect("a picture can be saved"),
        Err(reason) => println!("{name} is not drawn: {reason}"),
    }
}
