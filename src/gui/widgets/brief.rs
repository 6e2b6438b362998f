//! Bars that say less where there is less room: buttons that shrink to their icons, and the most that fits.

use egui::{Response, Ui};

use super::{Button, IconButton};
use crate::gui::theme::{Icon, size};

/// A button with its name, or as an icon where there is little room.
pub fn named(ui: &mut Ui, is_icon: bool, name: &str, icon: Icon) -> Response {
    if is_icon { ui.add(IconButton::new(icon, name).framed()) } else { ui.add(Button::secondary(name).icon(icon)) }
}

/// How wide that is.
pub fn width_of_named(ui: &Ui, is_icon: bool, name: &str, icon: Icon) -> f32 {
    if is_icon { size::BUTTON } else { Button::secondary(name).icon(icon).width(ui) }
}

/// How wide these are in a row.
pub fn width_in_row(ui: &Ui, widths: &[f32]) -> f32 {
    widths.iter().sum::<f32>() + widths.len().saturating_sub(1) as f32 * ui.spacing().item_spacing.x
}

/// The first of these that takes no more than the room there is, and else the last, which takes the least.
pub fn most_that_fits<B: Copy, const N: usize>(ui: &Ui, all: [B; N], needed: impl Fn(B) -> f32) -> B {
    const { assert!(N > 0) }
    let room = ui.available_width();
    all.into_iter().find(|brief| needed(*brief) <= room).unwrap_or(all[N - 1])
}
