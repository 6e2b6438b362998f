//! What was opened, dropped or pasted goes where it belongs, by what it is.

use std::path::PathBuf;

use super::{NO_RUN, capture, compare, expect, history, import, jwt, lessons, preset};
use crate::compare::Kind;
use crate::gui::backend::{Backend, Job, OpenFor};
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::model::{Dialog, Model, Tab};
use crate::gui::opened::Opened;

/// A typed path, for what its dialog was opened for.
pub fn path(model: &mut Model, backend: &mut dyn Backend, path: &str) {
    let wanted = match model.dialog.take() {
        Some(Dialog::OpenPath { wanted, .. }) => wanted,
        _ => OpenFor::Use,
    };
    backend.start(NO_RUN, Job::Read(PathBuf::from(path.trim()), wanted));
}

/// A file was dropped onto the window.
pub fn dropped(model: &mut Model, backend: &mut dyn Backend, path: PathBuf) {
    model.dialog = None;
    let wanted = if model.tab == Tab::Capture { OpenFor::Recording } else { OpenFor::Unasked };
    backend.start(NO_RUN, Job::Read(path, wanted));
}

/// A text was pasted into no field. In the Capture tab a command is a login that others made.
pub fn pasted(model: &Model, backend: &mut dyn Backend, text: String) {
    let wanted = if model.tab == Tab::Capture { OpenFor::Recording } else { OpenFor::Pasted };
    backend.start(NO_RUN, Job::ReadText(text, wanted));
}

/// Without a file dialog on this system a path can be typed.
pub fn no_dialog(model: &mut Model, wanted: OpenFor) {
    model.asking_for_file = false;
    model.dialog = Some(Dialog::OpenPath { path: String::new(), wanted });
}

/// Takes in what was read.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, path: PathBuf, wanted: OpenFor, opened: Opened) {
    if wanted == OpenFor::Beside {
        return expect::beside_came(model, path, opened);
    }
    (model.asking_for_file, model.notice) = (false, None);
    if wanted == OpenFor::Pasted && import::stays(model, &opened) {
        return;
    }
    if let OpenFor::Compare(half) = wanted {
        return compare::file_came(model, backend, half, &path, opened);
    }
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let place = said(&path.display().to_string()).to_owned();
    match opened {
        Opened::Expectations(read) => expect::opened(model, backend, path, wanted != OpenFor::Pasted, read),
        _ if wanted == OpenFor::Expect => expect::is_none(model, &path),
        Opened::Notes(notes) => model.audience.notes = notes,
        Opened::Lesson(read) => lessons::opened(model, backend, &path, read.map(|lesson| *lesson)),
        Opened::Course(read) => lessons::course_opened(model, backend, &path, read),
        _ if wanted == OpenFor::Lesson => lessons::is_none(model, backend, &path),
        Opened::Run(run) => history::opened(model, backend, &path, run),
        Opened::Recording(recording) => capture::opened(model, backend, name, recording),
        Opened::Import(import) => import::came(model, name, *import),
        Opened::Token(token) => jwt::decode(model, token),
        Opened::Document(subject) => {
            let what = if subject.kind() == Kind::Keys { t!("a key set") } else { t!("a metadata document") };
            tell(
                model,
                t!("{name} is {what}. It can be compared with another one: History, Compare with a file.", name, what),
            );
        }
        Opened::Unknown(why) => tell(model, t!("{place} cannot be opened: {why}.", place, why)),
        // What is lost is asked once, and what was read is not read again.
        Opened::Preset(Ok(preset)) if wanted != OpenFor::Use && model.is_unsaved() => {
            let again = Command::TakePreset(path, preset);
            model.dialog = Some(Dialog::Unsaved(Box::new(again)));
        }
        Opened::Preset(read) => preset::opened(model, backend, path, read),
    }
}

/// Says why nothing was opened, where it is seen.
fn tell(model: &mut Model, why: String) {
    match model.tab {
        Tab::Capture => model.capture.error = Some(why),
        _ => failed(model, why),
    }
}

/// Puts away what went wrong beside the run that is shown, or beside all.
pub fn put_away(model: &mut Model) {
    if model.run.notice.take().is_none() {
        model.notice = None;
    }
}

/// Says what went wrong beside all runs. Before an audience there is no place for a notice.
pub fn failed(model: &mut Model, why: String) {
    match model.tab {
        Tab::Grant(_) if model.present => model.alarm = Some(why),
        _ => model.notice = Some(why),
    }
}
