//! The widgets by role and label, as the keyboard and screen readers meet them.

#[path = "../examples/gallery/pages.rs"]
mod pages;

use egui_kittest::Harness;
use grantscope::gui::theme;
use pages::{Gallery, PAGES, Page};

/// Renders every page of the gallery in both themes to `target/gallery/`, to be looked at.
/// Does nothing where there is no graphics adapter, not even one in software.
#[test]
fn every_page_of_the_gallery_can_be_drawn() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    std::fs::create_dir_all(&folder).expect("the target folder can be written to");
    for (theme_name, theme) in [("dark", egui::Theme::Dark), ("light", egui::Theme::Light)] {
        for (page, _) in PAGES {
            let mut harness = gallery(page, theme, [1280.0, 800.0]);
            let Ok(image) = harness.render() else { return println!("no graphics adapter: nothing drawn") };
            image.save(folder.join(format!("{page:?}-{theme_name}.png"))).expect("a picture can be saved");
        }
    }
}

fn gallery(page: Page, theme: egui::Theme, size: [f32; 2]) -> Harness<'static, Gallery> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .with_context_setup(theme::install)
        .build_ui_state(|ui, gallery: &mut Gallery| gallery.ui(ui), Gallery::at(page));
    harness.run();
    harness
}
