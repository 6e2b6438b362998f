//! Logins of others, which nothing is sent from: of a recording that was opened, or as they pass here.

mod between;
mod entries;
mod held;
mod logins;
mod recording;

use egui::{Label, Ui, vec2};

use super::Commands;
use crate::base::text::visible;
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{BetweenCommand, CaptureCommand, CaptureSide, Model, Standing};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, Tab, TabRow, Tone, ends_in_row};

/// The names of the halves.
const SIDES: f32 = 300.0;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    head(ui, model, out);
    match model.capture.side {
        CaptureSide::Recording => recording::show(ui, model, out),
        CaptureSide::Between => between::show(ui, model, out),
    }
}

fn push(out: &mut Commands, command: CaptureCommand) {
    out.push(Command::Capture(command));
}

fn act(out: &mut Commands, command: BetweenCommand) {
    out.push(Command::Between(command));
}

/// The halves of the tab, and what can be done in the one that is shown.
fn head(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut from_right = Commands::new();
    let halves = |ui: &mut Ui| {
        let mut standing = Tab::new(CaptureSide::Between, t!("Stand between"));
        if model.capture.between.standing == Standing::On {
            standing = standing.badge(Tone::Ok, t!("on"));
        }
        let sides = [Tab::new(CaptureSide::Recording, t!("From a recording")), standing];
        ui.allocate_ui(vec2(SIDES.min(ui.available_width()), size::BUTTON), |ui| {
            ui.set_max_width(SIDES);
            if let Some(side) = TabRow::new(t!("Capture"), &sides).compact().show(ui, model.capture.side) {
                push(out, CaptureCommand::Side(side));
            }
        });
        if let (CaptureSide::Recording, Some(recording)) = (model.capture.side, &model.capture.file.recording) {
            ui.label(text::mono(visible(&model.capture.file.name)).color(ui.tokens().strong));
            let words = recording.clean(&recording.capture.recorder.line());
            ui.add(Label::new(text::dim(&words)).truncate()).on_hover_text(&words);
        }
    };
    ends_in_row(ui, size::BUTTON, halves, |ui| match model.capture.side {
        CaptureSide::Recording if model.capture.file.recording.is_some() => {
            if ui.add(Button::secondary(t!("Open another...")).icon(icons::FOLDER_OPEN)).clicked() {
                from_right.push(Command::OpenRecording);
            }
        }
        CaptureSide::Recording => {}
        CaptureSide::Between => between::acts(ui, model, &mut from_right),
    });
    out.append(&mut from_right);
}
