//! What an audience sees: the run alone, and a bar of the keys that lead through it.

use egui::{CentralPanel, Frame, Response, Sides, Ui};

use super::{Commands, action_bar};
use crate::flow::Next;
use crate::flow::step::StepState;
use crate::gui::command::{Command, PresentAct};
use crate::gui::model::{Beat, Model};
use crate::gui::theme::{TokensExt as _, icons, text};
use crate::gui::widgets::Button;

/// Below this width only what leads on is a button.
const TIGHT: f32 = 820.0;

/// The window.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if !model.is_blank {
        return super::flow(ui, model, out);
    }
    CentralPanel::no_frame().frame(Frame::new().fill(ui.tokens().window)).show(ui, |ui| {
        ui.centered_and_justified(|ui| ui.label(text::dim("Nothing is shown. B shows the window again.")));
    });
}

/// The bar below it.
pub fn bar(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let is_tight = ui.available_width() < TIGHT;
    let mut from_right = Commands::new();
    Sides::new().height(ui.available_height()).shrink_left().show(
        ui,
        |ui| keys(ui, model, is_tight, out),
        |ui| {
            if ui.add(Button::secondary("End presentation").shortcut("Esc")).clicked() {
                from_right.push(Command::TogglePresent);
            }
            ui.label(text::strong(progress(model)));
        },
    );
    out.append(&mut from_right);
}

fn keys(ui: &mut Ui, model: &Model, is_tight: bool, out: &mut Commands) {
    let mut push = |response: Response, act| {
        if response.clicked() {
            out.push(Command::Present(act));
        }
    };
    push(ui.add(Button::secondary("Back").shortcut("←")), PresentAct::Back);
    if let Some(running) = &model.run.running {
        return action_bar::stop(ui, model, out, running);
    }
    let words = on(model);
    ui.add_enabled_ui(words.is_some(), |ui| {
        let words = words.unwrap_or_else(|| at_end(model).to_owned());
        push(ui.add(Button::primary(&words).shortcut("→")), PresentAct::Forward);
    });
    if !is_tight {
        push(ui.add(Button::quiet("Look").shortcut("↑ ↓")), PresentAct::Down);
        push(ui.add(Button::quiet("Blank").shortcut("B")), PresentAct::Blank);
    }
    if let (Next::Stopped(problem), false) = (&model.run.next, model.run.is_over())
        && ui.add(Button::secondary(action_bar::past(problem)).icon(icons::SKIP_FORWARD)).clicked()
    {
        out.push(Command::GoOnAnyway);
    }
}

/// What the key that leads on does; `None` where it does nothing.
fn on(model: &Model) -> Option<String> {
    match model.run.beat() {
        _ if model.run.flow.is_recorded() => Some("Next message".to_owned()),
        Beat::Ready => Some(action_bar::label(model)),
        Beat::Came => Some("Explain".to_owned()),
        Beat::Explained if model.run.is_at_end() => None,
        Beat::Explained => Some("Next message".to_owned()),
        Beat::Elsewhere => Some("To the run".to_owned()),
    }
}

const fn at_end(model: &Model) -> &'static str {
    match model.run.next {
        Next::Finished => "The end",
        _ => "Stopped",
    }
}

/// `5 of 9`
fn progress(model: &Model) -> String {
    let steps = model.run.flow.steps();
    let is_behind = |state| matches!(state, StepState::Done | StepState::Skipped | StepState::Refused);
    let behind = steps.iter().filter(|view| is_behind(view.state)).count();
    format!("{behind} of {}", steps.len())
}
