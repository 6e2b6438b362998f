//! What the server says it supports, against what each grant and each extension needs.

use egui::{Layout, Rect, ScrollArea, Ui, UiBuilder, vec2};

use super::{PAD, cell, flow, heading, mark, panel, rule, short, title};
use crate::base::text::visible;
use crate::client::support::{self, Standing, Support};
use crate::gui::language::{said, sentence, t};
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, icons, text};
use crate::gui::widgets::{EmptyState, Tone};

const ROW: f32 = 51.0;

/// The card.
pub fn show(ui: &mut Ui, room: Rect, model: &Model) {
    panel(ui, "support", room, |ui| {
        title(ui, 45.0, |ui| heading(ui, t!("Supported against needed")), |_| {});
        let Some(metadata) = &flow(model).session.metadata else {
            EmptyState::new(icons::FILE_TEXT, t!("No metadata"))
                .text(t!("Nothing says what this server supports."))
                .show(ui);
            return;
        };
        let all = support::of(metadata);
        ScrollArea::vertical().id_salt("support").auto_shrink(false).show_rows(ui, ROW, all.len(), |ui, range| {
            for one in &all[range] {
                ui.push_id(one.name, |ui| row(ui, one));
            }
        });
    });
}

fn row(ui: &mut Ui, one: &Support) {
    let tokens = ui.tokens();
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    rule(ui, rect);
    let (icon, tone) = match one.standing {
        Standing::Supported => (icons::CHECK, Tone::Ok),
        Standing::NotNamed => (icons::MINUS, Tone::Neutral),
        Standing::Required => (icons::INFO, Tone::Note),
        Standing::Discouraged => (icons::WARNING, Tone::Warn),
    };
    let inside = rect.shrink2(vec2(PAD, 6.0));
    let top = inside.with_max_y(inside.top() + 20.0);
    let below = inside.with_min_y(inside.top() + 20.0).with_min_x(inside.left() + 25.0);
    cell(ui, top.with_max_x(top.right() - 90.0), |ui| {
        mark(ui, icon, tone.ink(tokens), said(one.standing.word()));
        ui.spacing_mut().item_spacing.x = 9.0;
        short(ui, text::strong(said(one.name)));
    });
    let builder = UiBuilder::new().max_rect(top).layout(Layout::right_to_left(egui::Align::Center));
    ui.scope_builder(builder, |ui| ui.label(egui::RichText::new(said(one.standing.word())).color(tone.ink(tokens))));
    let reason = visible(&sentence(&one.reason)).into_owned();
    cell(ui, below, |ui| short(ui, text::note(reason)));
}
