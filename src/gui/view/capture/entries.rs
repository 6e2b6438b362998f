//! Entries of a recording beside each other, as they were recorded.

use egui::{Rect, ScrollArea, Ui, vec2};

use super::super::Commands;
use super::push;
use crate::gui::entries::ShownEntry;
use crate::gui::language::t;
use crate::gui::model::CaptureCommand;
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::code::{CodeView, Language};
use crate::gui::widgets::{Button, Tone, badge, card_in, group_head, nested, region, separator};

/// Below this width one stands below the other.
const BESIDE: f32 = 560.0;
const GAP: f32 = 10.0;

/// The entries, and a way back to the login.
pub(super) fn show(ui: &mut Ui, entries: &[ShownEntry], out: &mut Commands) {
    region(ui, t!("Entries"), |ui| {
        ui.horizontal(|ui| {
            if ui.add(Button::secondary(t!("Back to the login")).icon(icons::ARROW_LEFT)).clicked() {
                push(out, CaptureCommand::Entries(Vec::new()));
            }
            ui.label(text::note(t!("As they passed, without credentials.")));
        });
        ui.add_space(size::SPACE);
        let room = ui.available_rect_before_wrap();
        let is_beside = room.width() >= BESIDE;
        let count = entries.len() as f32;
        let each = match is_beside {
            true => vec2((room.width() - GAP * (count - 1.0)) / count, room.height()),
            false => vec2(room.width(), (room.height() - GAP * (count - 1.0)) / count),
        };
        for (at, shown) in entries.iter().enumerate() {
            let step = at as f32;
            let shift = if is_beside { vec2(step * (each.x + GAP), 0.0) } else { vec2(0.0, step * (each.y + GAP)) };
            entry(ui, Rect::from_min_size(room.min + shift, each), at, shown);
        }
    });
}

fn entry(ui: &mut Ui, room: Rect, at: usize, shown: &ShownEntry) {
    card_in(ui, ("entry", at), room, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.label(text::strong(&shown.title));
            for place in &shown.places {
                badge(ui, Tone::Error, place);
            }
        });
        separator(ui);
        let area = ScrollArea::both().id_salt(("text of entry", at)).auto_shrink(false);
        nested(ui, |ui| {
            area.show(ui, |ui| {
                egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
                    group_head(ui, t!("Request"));
                    CodeView::new(t!("request of the entry"), &shown.request, Language::Http).show(ui);
                    ui.add_space(size::SPACE);
                    group_head(ui, t!("Answer"));
                    CodeView::new(t!("answer of the entry"), &shown.answer, Language::Http).show(ui);
                });
            })
        });
    });
}
