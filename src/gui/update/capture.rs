//! A recording: taken in, and its logins shown as runs that nothing can be sent from.

use std::sync::Arc;

use super::driver::Driver;
use super::{NO_RUN, runs};
use crate::gui::backend::{Backend, Job};
use crate::gui::model::{CaptureCommand, CaptureModel, Model, Run, Tab, Told};
use crate::gui::opened::{RecordedLogin, Recording};

/// Carries out what is done in the tab.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: CaptureCommand) {
    match command {
        CaptureCommand::Show(at) => show(model, backend, at),
        CaptureCommand::Edit(text) => model.capture.text = text,
        CaptureCommand::Read => {
            let text = std::mem::take(&mut model.capture.text);
            read_text(backend, text);
        }
    }
}

/// Has a text read that was pasted.
pub fn read_text(backend: &mut dyn Backend, text: String) {
    backend.start(NO_RUN, Job::ReadText(text));
}

/// Takes in a recording, and shows the first of its logins, which is one with a finding where there is any.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, name: String, read: Result<Arc<Recording>, String>) {
    model.tab = Tab::Capture;
    match read {
        Err(why) => model.capture.error = Some(format!("{name} cannot be read: {why}")),
        Ok(recording) => {
            let first = recording.order.first().copied();
            model.capture = CaptureModel { recording: Some(recording), name, ..CaptureModel::default() };
            if let Some(first) = first {
                show(model, backend, first);
            }
        }
    }
}

/// Shows a login: as the run it was made into, or after it was.
fn show(model: &mut Model, backend: &mut dyn Backend, at: usize) {
    model.capture.selected = Some(at);
    if come_back(model, backend) {
        return;
    }
    if let Some(recording) = &model.capture.recording {
        backend.start(NO_RUN, Job::ReadLogin(Arc::clone(recording), at));
    }
}

/// Shows the run of the login that is looked at, where it is there; whether it is.
pub fn come_back(model: &mut Model, backend: &mut dyn Backend) -> bool {
    let Some(id) = model.capture.run().filter(|id| model.numbered(*id).is_some()) else { return false };
    if model.run.id != id {
        runs::choose(model, backend, id);
        model.tab = Tab::Capture;
    }
    true
}

/// A login was made into a run.
pub fn came(model: &mut Model, backend: &mut dyn Backend, of: &Arc<Recording>, at: usize, login: RecordedLogin) {
    let is_same = model.capture.recording.as_ref().is_some_and(|recording| Arc::ptr_eq(recording, of));
    if !is_same || model.capture.selected != Some(at) {
        return;
    }
    let RecordedLogin { flow, finding } = login;
    let made = runs::make(model, backend, flow.grant, flow.settings.clone());
    let began_at = flow.trace.exchanges.first().map_or(model.now, |first| first.sent_at);
    let provider = model.capture.name.clone();
    let run = Run { provider, flow, told: Some(Told(finding)), began_at, ..made };
    model.capture.runs.insert(at, run.id);
    runs::show(model, backend, run);
    Driver::of(model, backend).refresh();
}
