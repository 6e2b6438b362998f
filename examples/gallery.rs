//! A window that shows every widget, for looking at them: `cargo run --example gallery`.

#[path = "gallery/pages.rs"]
mod pages;

use grantscope::gui::theme;
use pages::Gallery;

struct Window(Gallery);

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.0.ui(ui);
    }
}

fn main() -> eframe::Result {
    let viewport = egui::ViewportBuilder::default().with_inner_size([1280.0, 800.0]);
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    eframe::run_native(
        "Grantscope widgets",
        options,
        Box::new(|setup| {
            theme::install(&setup.egui_ctx);
            theme::system_fonts::install(&setup.egui_ctx);
            Ok(Box::new(Window(Gallery::default())))
        }),
    )
}
