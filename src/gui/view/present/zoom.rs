//! One value in the middle, and what it is made of, step under step.

use egui::{Align, FontId, Label, Layout, Rect, RichText, TextStyle, Ui, UiBuilder, vec2};

use crate::base::text::visible;
use crate::gui::handed::Derivation;
use crate::gui::language::t;
use crate::gui::masking;
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, size, text};

/// Letters of the wire's font are this wide, in parts of their height.
const LETTER: f32 = 0.6;
/// At 1280 x 720: what stands above the values, and a value with its name.
const HEAD: f32 = 90.0;
const LINE: f32 = 140.0;
/// A longer value is cut, in characters.
const LONGEST: usize = 400;

/// Draws the value of this number into the room there is.
pub fn show(ui: &mut Ui, model: &Model, at: usize, scale: f32) {
    let values = super::values(ui, model);
    let all = &values.derivations;
    let Some(derivation) = all.get(at) else { return };
    let room = ui.available_rect_before_wrap();
    super::card(ui, room);
    let inside = room.shrink2(vec2(40.0, 30.0) * scale);
    let builder = UiBuilder::new().max_rect(inside).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        let height = (derivation.lines.len() as f32).mul_add(LINE, HEAD) * scale;
        ui.add_space(((inside.height() - height) / 2.0).max(0.0));
        if all.len() > 1 {
            let at = at + 1;
            ui.label(text::note(match at == all.len() {
                true => t!("{at} of {all}, Z closes this", at, all = all.len()),
                false => t!("{at} of {all}, Z shows the next", at, all = all.len()),
            }));
        }
        ui.add(Label::new(text::title(&derivation.formula).color(ui.tokens().strong)).wrap());
        lines(ui, model, derivation, inside, scale);
    });
}

fn lines(ui: &mut Ui, model: &Model, derivation: &Derivation, room: Rect, scale: f32) {
    let left = room.bottom() - ui.cursor().top();
    let each = left / derivation.lines.len().max(1) as f32;
    ui.add_space((0.12 * left).min(30.0 * scale));
    for (at, line) in derivation.lines.iter().enumerate() {
        let top = ui.cursor().top();
        let mask = model.mask();
        let is_masked = line.is_secret && !mask.is_off();
        let value = if is_masked { masking::hint(&line.value).into() } else { mask.text(&line.value) };
        let shown = crate::base::text::elided(&visible(&value), LONGEST).into_owned();
        let what = if at == 0 { line.what.clone() } else { format!("↓  {}", line.what) };
        ui.label(RichText::new(what).text_style(TextStyle::Body).color(ui.tokens().dim));
        let fits = room.width() / (shown.chars().count().max(1) as f32 * LETTER);
        let height = fits.clamp(size::AUDIENCE_SMALL * scale, size::AUDIENCE_CODE * scale);
        let font = FontId::new(height, text::mono_strong_style().resolve(ui.style()).family);
        ui.add(Label::new(RichText::new(shown).font(font).color(ui.tokens().strong)).wrap());
        let used = ui.cursor().top() - top;
        ui.add_space((each.min(LINE * scale) - used - 12.0 * scale).max(4.0 * scale));
    }
}
