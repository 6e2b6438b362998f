//! A link as a QR code, to be opened on another device. Always black on white (ISO/IEC 18004), with
//! the quiet zone around it.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::epaint::Mesh;
use egui::{Color32, Rect, Response, Role, Sense, Shape, Ui, WidgetInfo, vec2};
use qrcode::{Color, EcLevel, QrCode};

use crate::gui::theme::size;

/// Modules of white around the code that scanners need.
const QUIET: usize = 4;

/// The modules of a code, row by row; `true` is dark.
#[derive(Debug, PartialEq, Eq)]
struct Modules {
    side: usize,
    dark: Vec<bool>,
}

#[derive(Default)]
struct Encoder;

impl egui::cache::ComputerMut<&str, Option<Arc<Modules>>> for Encoder {
    fn compute(&mut self, text: &str) -> Option<Arc<Modules>> {
        encode(text).map(Arc::new)
    }
}

type Codes = egui::cache::FrameCache<Option<Arc<Modules>>, Encoder>;

fn encode(text: &str) -> Option<Modules> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    Some(Modules { side: code.width(), dark })
}

/// Draws the code about `side` points wide. `alt` is what it leads to, in words. Nothing is drawn
/// for a text too long for a QR code (some 2,300 bytes); `None` then.
pub fn qr(ui: &mut Ui, text: &str, side: f32, alt: &str) -> Option<Response> {
    let modules = ui.memory_mut(|memory| memory.caches.cache::<Codes>().get(text).clone())?;
    let count = modules.side + 2 * QUIET;
    // Whole pixels, or scanners see grey seams.
    let pixels = ui.pixels_per_point();
    let module = ((side * pixels / count as f32).round().max(1.0)) / pixels;
    let whole = module * count as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(whole, whole), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, alt));
    ui.painter().rect_filled(rect, size::RADIUS, Color32::WHITE);
    let start = rect.min.round_to_pixels(pixels) + vec2(module, module) * QUIET as f32;
    let mut mesh = Mesh::default();
    for at in (0..modules.dark.len()).filter(|at| modules.dark[*at]) {
        let (column, row) = (at % modules.side, at / modules.side);
        let min = start + vec2(column as f32, row as f32) * module;
        mesh.add_colored_rect(Rect::from_min_size(min, vec2(module, module)), Color32::BLACK);
    }
    ui.painter().add(Shape::mesh(mesh));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_square_with_finder_patterns() {
        let modules = encode("http://127.0.0.1:9400/verify?user_code=WDJB-MJHT").expect("short enough");
        assert_eq!(modules.dark.len(), modules.side * modules.side);
        assert!(modules.dark[..7].iter().all(|dark| *dark), "upper left finder pattern");
        assert_eq!(encode(&"x".repeat(3000)), None);
    }
}
