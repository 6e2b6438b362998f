//! A recording: taken in, and its logins shown as runs that nothing can be sent from.

use std::sync::Arc;

use super::driver::Driver;
use super::{NO_RUN, runs};
use crate::gui::backend::{Backend, Job, OpenFor};
use crate::gui::between::ToStand;
use crate::gui::language::t;
use crate::gui::model::{CaptureCommand, CaptureSide, Model, PresetState, Run, Tab, Taken, Told};
use crate::gui::opened::{RecordedLogin, Recording};

/// So many entries are shown beside each other.
const BESIDE: usize = 4;

/// Carries out what is done in the tab.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: CaptureCommand) {
    match command {
        CaptureCommand::Side(side) => {
            model.capture.side = side;
            fill_in(model);
            enter(model, backend);
        }
        CaptureCommand::Show(at) => {
            model.capture.between.is_chosen |= model.capture.side == CaptureSide::Between;
            show(model, backend, at);
        }
        CaptureCommand::Entries(entries) => look_at(model, &entries),
        CaptureCommand::Edit(text) => model.capture.text = text,
        CaptureCommand::Read => {
            let text = std::mem::take(&mut model.capture.text);
            backend.start(NO_RUN, Job::ReadText(text, OpenFor::Recording));
        }
    }
}

/// Stands between for the issuer of the run that is shown, where nothing was typed.
fn fill_in(model: &mut Model) {
    let server = model.own().flow.settings.server.clone();
    let asked = &mut model.capture.between.asked;
    if *asked == ToStand::default() {
        (asked.issuer, asked.authorities) = (server.issuer, server.certificate_authority);
    }
}

/// Takes in a recording, and shows the first of its logins, which is one with a finding where there is any.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, name: String, read: Result<Arc<Recording>, String>) {
    model.tab = Tab::Capture;
    model.capture.side = CaptureSide::Recording;
    match read {
        Err(why) => model.capture.error = Some(t!("{name} cannot be read: {why}", name, why)),
        Ok(recording) => {
            let first = recording.order.first().copied();
            model.capture.error = None;
            model.capture.text = String::new();
            model.capture.file = Taken { recording: Some(recording), name, ..Taken::default() };
            match first {
                Some(first) => show(model, backend, first),
                None => leave_login(model, backend),
            }
        }
    }
}

/// A login of another recording is shown no more: provider and checks are those of the user's own run again.
fn leave_login(model: &mut Model, backend: &mut dyn Backend) {
    let own = model.own().id;
    if model.run.told.is_some() && model.run.id != own {
        runs::choose(model, backend, own);
        model.tab = Tab::Capture;
    }
}

/// Shows what is looked at in the tab, which is entered.
pub fn enter(model: &mut Model, backend: &mut dyn Backend) {
    if let Some(at) = model.capture.taken().selected {
        show(model, backend, at);
    }
}

/// Shows a login: as the run it was made into, or after it was. One that goes on is made anew.
fn show(model: &mut Model, backend: &mut dyn Backend, at: usize) {
    let taken = model.capture.taken_mut();
    if taken.selected != Some(at) {
        taken.entries.clear();
    }
    taken.selected = Some(at);
    let is_there = come_back(model, backend);
    if is_there && model.capture.side == CaptureSide::Recording {
        return;
    }
    if let Some(recording) = &model.capture.taken().recording {
        backend.start(NO_RUN, Job::ReadLogin(Arc::clone(recording), at));
    }
}

/// Shows the run of the login that is looked at, where it is there; whether it is.
fn come_back(model: &mut Model, backend: &mut dyn Backend) -> bool {
    let Some(id) = model.capture.run().filter(|id| model.numbered(*id).is_some()) else { return false };
    if model.run.id != id {
        runs::choose(model, backend, id);
        model.tab = Tab::Capture;
    }
    true
}

/// A login was made into a run: a new one, or the one that it was made into before, in which more has come.
pub fn came(model: &mut Model, backend: &mut dyn Backend, of: &Arc<Recording>, at: usize, login: RecordedLogin) {
    let taken = model.capture.taken();
    let is_same = taken.recording.as_ref().is_some_and(|recording| Arc::ptr_eq(recording, of));
    // Who went on to another tab sees it when coming back.
    if !is_same || taken.selected != Some(at) || model.tab != Tab::Capture {
        return;
    }
    let RecordedLogin { flow, finding, outcome } = login;
    let told = Some(Told { finding, outcome });
    if taken.run() == Some(model.run.id) {
        model.run.flow = flow;
        model.run.told = told;
        return Driver::of(model, backend).refresh();
    }
    let provider = taken.name.clone();
    let made = runs::make(model, backend, flow.grant, flow.settings.clone());
    let began_at = flow.trace.exchanges.first().map_or(model.now, |first| first.sent_at);
    let choice = runs::choice_of(model, PresetState::unsaved(provider.clone()));
    let run = Run { provider, choice, flow, told, began_at, ..made };
    model.capture.taken_mut().runs.insert(of.begins(at), run.id);
    runs::show(model, backend, run);
    Driver::of(model, backend).refresh();
}

/// Shows entries as they were recorded, with what of them the finding of the login is told from.
fn look_at(model: &mut Model, entries: &[usize]) {
    let taken = model.capture.taken_mut();
    let Some(recording) = &taken.recording else { return };
    let finding = taken.selected.and_then(|at| recording.capture.logins.get(at)).and_then(|it| it.finding.as_ref());
    taken.entries = entries.iter().take(BESIDE).filter_map(|at| recording.entry(*at, finding)).collect();
}
