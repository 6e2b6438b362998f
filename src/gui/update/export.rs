//! A run as a document for others: asked for, made by the backend, on its way into a file or onto the clipboard.

use super::NO_RUN;
use crate::gui::backend::{Backend, HistoryJob, Job, Wanted};
use crate::gui::document::{Document, Goes, Secrets};
use crate::gui::language::{said, t};
use crate::gui::model::{Dialog, ExportDialog, Exported, Model, Run};
use crate::record::Record;
use crate::report::Format;
use crate::terms::grant::Grant;

/// Shows what a run can be written as. One of the list that is open in this session is exported as it is here.
pub fn ask(model: &mut Model, run: Exported) {
    let run = match run {
        Exported::Kept(id) => model.named(&id).map_or(Exported::Kept(id), |run| Exported::Run(run.id)),
        run @ Exported::Run(_) => run,
    };
    model.dialog = Some(Dialog::Export(ExportDialog { run, with_secrets: false }));
}

/// What becomes of the secrets in the next document. It is asked anew each time.
pub fn keep_secrets(model: &mut Model, stay: bool) {
    if let Some(Dialog::Export(export)) = &mut model.dialog {
        export.with_secrets = stay;
    }
}

/// Has a document made.
pub fn start(model: &mut Model, backend: &mut dyn Backend, run: Exported, format: Format, goes: Goes) {
    let with_secrets = match model.dialog.take() {
        Some(Dialog::Export(export)) => export.with_secrets,
        _ => false,
    };
    if goes == Goes::ToFile {
        if model.asking_for_file {
            return;
        }
        model.asking_for_file = true;
    }
    let job = match run {
        Exported::Kept(id) => Job::History(HistoryJob::Read { id, wanted: Wanted::ToExport(format, goes) }),
        Exported::Run(id) => {
            let Some(run) = model.numbered(id) else { return model.asking_for_file = false };
            Job::Export(Box::new(of_run(run, format, with_secrets)), goes)
        }
    };
    backend.start(NO_RUN, job);
}

fn of_run(run: &Run, format: Format, with_secrets: bool) -> Document {
    let mut record = Record::of(&run.flow, &run.next);
    record.preset = Some(run.provider.clone());
    let secrets = match with_secrets {
        true => Secrets::Stay,
        false => Secrets::HiddenBy(Box::new(run.follower().redactor().clone())),
    };
    Document { record, name: name_of(run.flow.grant, &run.name), format, secrets }
}

/// What a run is called as a file, without an ending.
pub fn name_of(grant: Grant, name: &str) -> String {
    format!("{}-{name}", grant.slug())
}

/// A run that was read for it. Its secrets were left out when it was kept; what is none and looks like one is, too.
pub fn of_kept(backend: &mut dyn Backend, id: &str, record: Record, format: Format, goes: Goes) {
    let name = name_of(record.grant, id);
    let document = Document { record, name, format, secrets: Secrets::Hidden };
    backend.start(NO_RUN, Job::Export(Box::new(document), goes));
}

/// A document for the clipboard is there.
pub fn made(model: &mut Model, backend: &mut dyn Backend, text: String, format: Format, is_secret: bool) {
    if !is_secret {
        return super::copy(model, text, said(format.title()));
    }
    backend.start(NO_RUN, Job::CopySecret(text));
    super::toast(model, t!("Copied {title}, with its secrets", title = said(format.title())));
}
