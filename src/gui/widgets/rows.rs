//! Rows of any height, of which only those in sight are laid out, so that a thousand cost no more than twenty: neither
//! time nor nodes for a screen reader.

use egui::{Rangef, Ui};

use crate::base::text::counted;
use crate::gui::language::t;

/// So many are laid out wherever they are.
const FEW: usize = 40;
/// Rows so near to what is in sight are laid out, too, so that the Tab key leads on to them.
const MARGIN: f32 = 60.0;

/// What the rows were measured to be, at this width.
#[derive(Clone, Default)]
struct Measured {
    width: f32,
    heights: Vec<f32>,
}

impl Measured {
    fn fits(&self, width: f32, count: usize) -> bool {
        self.width == width && self.heights.len() == count
    }
}

/// `claims, 1 row`: what a list is called.
pub fn rows_of(name: &str, count: usize) -> String {
    format!("{name}, {}", counted(count, t!("row"), t!("rows")))
}

/// Draws `count` rows below each other. `name` tells them from others; `usual` is the height of a row that has not been in
/// sight yet.
pub fn rows(ui: &mut Ui, name: &str, count: usize, usual: f32, mut row: impl FnMut(&mut Ui, usize)) {
    ui.push_id(("rows", name), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if count <= FEW {
            return (0..count).for_each(|index| _ = ui.push_id(index, |ui| row(ui, index)));
        }
        let (id, width) = (ui.scope_id(), ui.available_width());
        let known = ui.data_mut(|data| data.remove_temp::<Measured>(id)).filter(|known| known.fits(width, count));
        let mut measured = known.unwrap_or_else(|| Measured { width, heights: vec![usual; count] });
        let sight = ui.clip_rect().y_range().expand(MARGIN);
        let mut skipped = 0.0;
        for (index, height) in measured.heights.iter_mut().enumerate() {
            let top = ui.cursor().top() + skipped;
            if !sight.intersects(Rangef::new(top, top + *height)) {
                skipped += *height;
                continue;
            }
            ui.add_space(std::mem::take(&mut skipped));
            let top = ui.cursor().top();
            ui.push_id(index, |ui| row(ui, index));
            *height = ui.cursor().top() - top;
        }
        ui.add_space(skipped);
        ui.data_mut(|data| data.insert_temp(id, measured));
    });
}
