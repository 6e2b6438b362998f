//! What a new user is offered: one sentence, and three ways in.

use egui::{Align, Label, Layout, Ui, vec2};

use super::Commands;
use crate::gui::command::Command;
use crate::gui::language::{said, t, words};
use crate::gui::model::{Model, Tab};
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::{Button, card_frame};

/// The button that leads to the lessons.
const LESSON: &str = words!("Take a lesson");

/// Room for the buttons, until they were drawn.
const BUTTONS: f32 = 400.0;
/// With less room than this beside them the sentence stands above them.
const SENTENCE: f32 = 200.0;

/// A line above the first run, gone once something has left.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if !model.is_first_start() {
        return;
    }
    card_frame(ui).inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        // The buttons stand on the right and are read after the sentence: as wide as they were in the last frame.
        let known = ui.unique_id().with("ways in");
        let ways_in: f32 = ui.data(|data| data.get_temp(known)).unwrap_or(BUTTONS);
        let words = text::strong(t!("A whole login, message by message, on a server inside this program."));
        if ui.available_width() < ways_in + SENTENCE {
            ui.take_available_width();
            ui.add(Label::new(words).wrap());
            return drop(ui.horizontal_wrapped(|ui| ways(ui, out)));
        }
        let height = ui.spacing().interact_size.y;
        ui.allocate_ui_with_layout(vec2(ui.available_width(), height), Layout::left_to_right(Align::Center), |ui| {
            let room = vec2((ui.available_width() - ways_in - ui.spacing().item_spacing.x).max(80.0), height);
            ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
                ui.set_width(room.x);
                ui.add(Label::new(words).truncate());
            });
            let buttons = ui.scope(|ui| ways(ui, out)).response.rect.width();
            ui.data_mut(|data| data.insert_temp(known, buttons));
            if (buttons - ways_in).abs() > 0.5 {
                ui.ctx().request_repaint();
            }
        });
    });
    ui.add_space(size::SPACE);
}

fn ways(ui: &mut Ui, out: &mut Commands) {
    if ui.add(Button::secondary(t!("Run the flow")).icon(icons::PLAY)).clicked() {
        out.push(Command::RunToEnd);
    }
    if ui.add(Button::secondary(said(LESSON))).on_hover_text(t!("Broken, then mended, with questions")).clicked() {
        out.push(Command::Go(Tab::Lessons));
    }
    if ui.add(Button::secondary(t!("Use your own server"))).on_hover_text(t!("Begin with its issuer")).clicked() {
        out.push(Command::AskIssuer);
    }
}
