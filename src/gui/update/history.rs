//! The runs that are kept: written as they go, listed, opened, named, pinned and deleted.

use std::path::Path;

use url::Url;

use super::driver::Driver;
use super::{NO_RUN, compare, export, runs};
use crate::base::time::Timestamp;
use crate::client::settings::Settings;
use crate::gui::backend::{Backend, HistoryJob, HistoryReport, Job, Saved, ToSave, Wanted};
use crate::gui::kept::KeptRun;
use crate::gui::language::t;
use crate::gui::model::{Dialog, HistoryCommand, Model, PresetState, Run, RunId, Tab};
use crate::gui::opened::ReadRun;
use crate::io::history::Entry;
use crate::record::{Follower, Record};

/// Hands every run of which something is new to the history. `is_last` when the window closes.
pub fn keep(model: &mut Model, backend: &mut dyn Backend, is_last: bool) {
    if model.history.is_off {
        return;
    }
    let now = model.now;
    for run in model.others.iter_mut().chain([&mut model.run]).filter(|run| !run.flow.is_recorded()) {
        // A run that rests is written at once, one that goes on with pauses.
        let is_resting = run.running.is_none();
        if run.written.is_due(&run.flow, now, is_last || is_resting) {
            backend.start(NO_RUN, Job::History(HistoryJob::Keep(Box::new(kept(run)))));
        }
    }
}

fn kept(run: &Run) -> KeptRun {
    KeptRun {
        id: run.name.clone(),
        provider: run.provider.clone(),
        began_at: run.began_at,
        flow: run.flow.clone(),
        next: run.next.clone(),
        known: run.follower(),
    }
}

/// Carries out what is done in the tab.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: HistoryCommand) {
    let mut job = |job| backend.start(NO_RUN, Job::History(job));
    match command {
        HistoryCommand::Search(text) => {
            model.history.search = text;
            model.history.find();
        }
        HistoryCommand::Select(id) => select(model, id),
        HistoryCommand::Name(name) => model.history.name = name,
        HistoryCommand::Pin(id, pinned) => {
            if let Some(entry) = entry_mut(model, &id) {
                entry.pinned = pinned;
                job(HistoryJob::Change { id, name: entry.name.clone(), pinned });
            }
        }
        HistoryCommand::Rename => {
            let name = model.history.name.trim().to_owned();
            let Some(id) = model.history.selected.clone() else { return };
            if let Some(entry) = entry_mut(model, &id) {
                entry.name.clone_from(&name);
                job(HistoryJob::Change { id, name, pinned: entry.pinned });
                model.history.find();
            }
        }
        HistoryCommand::Delete(id) => {
            model.history.remove(|entry| entry.id == id);
            job(HistoryJob::Delete(vec![id]));
        }
        HistoryCommand::AskDeleteAll => model.dialog = Some(Dialog::DeleteHistory),
        HistoryCommand::DeleteAll => {
            model.dialog = None;
            job(HistoryJob::Delete(model.history.entries.iter().map(|entry| entry.id.clone()).collect()));
            model.history.remove(|_| true);
        }
        HistoryCommand::Keep(keep) => model.history.is_off = !keep,
        HistoryCommand::Limit(limits) => {
            model.history.limits = limits;
            job(HistoryJob::Limit(limits));
        }
        HistoryCommand::Open(id) => open(model, backend, &id, Wanted::ToShow),
        HistoryCommand::RunAgain(id) => open(model, backend, &id, Wanted::ToRunAgain),
    }
}

fn select(model: &mut Model, id: String) {
    let name = model.history.entries.iter().find(|entry| entry.id == id).map(|entry| entry.name.clone());
    model.history.name = name.unwrap_or_default();
    model.history.selected = Some(id);
}

fn entry_mut<'a>(model: &'a mut Model, id: &str) -> Option<&'a mut Entry> {
    model.history.entries.iter_mut().find(|entry| entry.id == id)
}

/// A run of this session is shown as it is; another one is read first.
fn open(model: &mut Model, backend: &mut dyn Backend, id: &str, wanted: Wanted) {
    model.history.error = None;
    match model.named(id).map(|run| run.id) {
        Some(known) => {
            show(model, backend, known);
            if wanted == Wanted::ToRunAgain {
                runs::start_over(model, backend);
            }
        }
        None => {
            backend.start(NO_RUN, Job::History(HistoryJob::Read { id: id.to_owned(), wanted }));
        }
    }
}

fn show(model: &mut Model, backend: &mut dyn Backend, id: RunId) {
    if model.run.id == id {
        model.tab = Tab::Grant(model.run.flow.grant);
    } else {
        runs::choose(model, backend, id);
    }
}

/// Takes in what the history says.
pub fn came(model: &mut Model, backend: &mut dyn Backend, report: HistoryReport) {
    match report {
        HistoryReport::Listed(entries) => model.history.list(entries),
        HistoryReport::Kept(entry, gone) => {
            model.history.put(entry);
            model.history.forget(&gone);
        }
        HistoryReport::Gone(gone) => model.history.forget(&gone),
        HistoryReport::Failed(why) => model.history.error = Some(why),
        HistoryReport::Read { id, wanted, record } => {
            let named = model.history.entries.iter().find(|entry| entry.id == id).map(|entry| entry.provider.clone());
            match (record, wanted) {
                (Ok(mut record), Wanted::ToExport(format, goes)) => {
                    record.preset = named.or(record.preset);
                    export::of_kept(backend, &id, *record, format, goes);
                }
                (record, Wanted::ToCompare(half)) => compare::kept_came(model, backend, half, &id, record),
                (Ok(record), wanted) => {
                    show_record(model, backend, (&id, named), &record, wanted == Wanted::ToRunAgain);
                }
                (Err(why), wanted) => {
                    if let Wanted::ToExport(..) = wanted {
                        model.asking_for_file = false;
                    }
                    model.history.error = Some(t!("this run cannot be read: {why}", why));
                }
            }
        }
    }
}

/// Asks for a place for the file of the run that is shown.
pub fn save(model: &mut Model, backend: &mut dyn Backend, with_secrets: bool) {
    if model.asking_for_file {
        return;
    }
    model.asking_for_file = true;
    let run = &model.run;
    let mut record = Record::of(&run.flow, &run.next);
    record.preset = Some(run.provider.clone());
    let text = record.to_text((!with_secrets).then(|| run.follower()).as_ref().map(Follower::redactor));
    let file = ToSave { text, what: Saved::Run };
    backend.start(NO_RUN, Job::AskToSave { name: name_of_file(run), file });
}

/// What the file of a run is called, unless it gets another name.
fn name_of_file(run: &Run) -> String {
    format!("{}.json", export::name_of(run.flow.grant, &run.name))
}

/// Shows the run of a file that was opened.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, path: &Path, run: ReadRun) {
    match run {
        Ok(record) => {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            show_record(model, backend, (&name, None), &record, false);
        }
        Err(error) => {
            model.notice = Some(t!("{path} is no run that can be read: {error}", path = path.display(), error));
        }
    }
}

/// What the provider of a run is called that does not say it: by its server, or else as its file.
fn server_of(settings: &Settings, name: &str) -> String {
    let host = Url::parse(&settings.server.issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| name.to_owned())
}

/// Shows a run that was read from a file, which nothing can be sent from, or a new one with its settings.
pub fn show_record(
    model: &mut Model,
    backend: &mut dyn Backend,
    (name, provider): (&str, Option<String>),
    record: &Record,
    begins_anew: bool,
) {
    let grant = record.grant;
    let mut settings = record.settings();
    let provider = provider.or_else(|| record.preset.clone()).unwrap_or_else(|| server_of(&settings, name));
    if begins_anew {
        runs::equip_anew(model, &provider, &mut settings, grant);
    }
    let choice = match begins_anew {
        true => runs::choice_for(model, &provider, &settings),
        false => runs::choice_of(model, PresetState::unsaved(provider.clone())),
    };
    let made = runs::make(model, backend, grant, settings);
    let mut run = Run { provider, choice, ..made };
    if !begins_anew {
        name.clone_into(&mut run.name);
        run.flow = record.flow();
        run.began_at = run.flow.trace.exchanges.first().map_or(Timestamp::default(), |first| first.sent_at);
    }
    model.tab = Tab::Grant(grant);
    runs::show(model, backend, run);
    Driver::of(model, backend).refresh();
}
