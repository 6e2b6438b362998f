//! What a new user is offered: one sentence, and three ways in.

use egui::{Label, Sides, Ui};

use super::Commands;
use crate::gui::command::Command;
use crate::gui::language::{said, t, words};
use crate::gui::model::{Model, Tab};
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::{Button, card_frame};

/// The button that leads to the lessons.
const LESSON: &str = words!("Take a lesson");

/// A line above the first run, gone once something has left.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if !model.is_first_start() {
        return;
    }
    let mut pushed = Commands::new();
    card_frame(ui).inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        Sides::new().shrink_left().show(
            ui,
            |ui| {
                let words = t!("A whole login, message by message, on a server inside this program.");
                ui.add(Label::new(text::strong(words)).truncate());
            },
            |ui| {
                // From the right.
                if ui
                    .add(Button::secondary(t!("Use your own server")))
                    .on_hover_text(t!("Begin with its issuer"))
                    .clicked()
                {
                    pushed.push(Command::AskIssuer);
                }
                if ui
                    .add(Button::secondary(said(LESSON)))
                    .on_hover_text(t!("Broken, then mended, with questions"))
                    .clicked()
                {
                    pushed.push(Command::Go(Tab::Lessons));
                }
                if ui.add(Button::secondary(t!("Run the flow")).icon(icons::PLAY)).clicked() {
                    pushed.push(Command::RunToEnd);
                }
            },
        );
    });
    ui.add_space(size::SPACE);
    out.append(&mut pushed);
}
