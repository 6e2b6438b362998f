//! A presentation by keys: on and back through the run, and a look at other messages, which changes nothing.

use super::driver::Driver;
use super::{carry_out, runs, select};
use crate::gui::backend::Backend;
use crate::gui::command::{Command, PresentAct};
use crate::gui::diagram::Diagram;
use crate::gui::model::{Beat, Model};

/// Begins or ends it.
pub const fn toggle(model: &mut Model) {
    model.present = !model.present;
    model.is_blank = false;
    model.run.explained = false;
}

/// Does what a key of a presentation says. While nothing is shown, each of them shows the window again.
pub fn act(model: &mut Model, backend: &mut dyn Backend, act: PresentAct) {
    if std::mem::take(&mut model.is_blank) {
        return;
    }
    match act {
        PresentAct::Blank => model.is_blank = true,
        PresentAct::Leave => toggle(model),
        PresentAct::Begin => carry_out(model, backend, Command::StartOver),
        PresentAct::Up => look(model, false),
        PresentAct::Down => look(model, true),
        // Nothing can be sent from a recording, so that its messages are the steps.
        PresentAct::Forward if model.run.flow.is_recorded() => look(model, true),
        PresentAct::Back if model.run.flow.is_recorded() => look(model, false),
        PresentAct::Forward => forward(model, backend),
        PresentAct::Back => back(model, backend),
    }
}

/// What is ready is sent, what came is explained, and then the next message is shown.
fn forward(model: &mut Model, backend: &mut dyn Backend) {
    if model.run.running.is_some() {
        return;
    }
    match model.run.beat() {
        Beat::Ready => runs::next(model, backend),
        Beat::Came => model.run.explained = true,
        Beat::Explained if model.run.is_at_end() => {}
        Beat::Explained | Beat::Elsewhere => Driver::of(model, backend).show_next(),
    }
}

/// The way back through the same steps; a message that has left is taken back.
fn back(model: &mut Model, backend: &mut dyn Backend) {
    match model.run.beat() {
        Beat::Elsewhere => Driver::of(model, backend).show_next(),
        Beat::Explained => model.run.explained = false,
        Beat::Ready if model.run.running.is_none() => Driver::of(model, backend).show_last(),
        Beat::Ready | Beat::Came if model.run.history.is_empty() => {}
        Beat::Ready | Beat::Came => Driver::of(model, backend).back(),
    }
}

/// Shows the message above or below the one that is shown.
fn look(model: &mut Model, down: bool) {
    let diagram = Diagram::of(model);
    let at = diagram.row_of(model.run.shown());
    let next = match (at, down) {
        (None, _) => Some(0),
        (Some(at), true) => Some(at + 1),
        (Some(at), false) => at.checked_sub(1),
    };
    if let Some(target) = next.and_then(|at| diagram.targets.get(at)) {
        select(&mut model.run, *target);
    }
}
