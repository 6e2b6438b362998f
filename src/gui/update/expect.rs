//! What runs are expected to be: pinned, changed, judged, and kept in files beside the presets.

use std::path::{Path, PathBuf};

use super::{NO_RUN, ask, compare, toast};
use crate::base::text::counted;
use crate::expect::{Expectation, Expectations, so_far};
use crate::gui::backend::{Backend, Job, OpenFor, Saved, ToSave};
use crate::gui::expect_key::ExpectKey;
use crate::gui::language::t;
use crate::gui::model::{ExpectCommand, Model, PresetSource, Retyped, Seen, Tab};
use crate::gui::opened::{Opened, ReadExpectations};
use crate::terms::grant::Grant;

/// What the name of a file of expectations ends with.
const ENDING: &str = "expect.toml";

/// Carries out what is done with expectations.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: ExpectCommand) {
    match command {
        ExpectCommand::Pin(key, one) => {
            pin(model, &key, one);
            compare::judge_again(model, backend);
        }
        ExpectCommand::Begin(key, one) => {
            model.expect.pinned_mut(&key).all.put(one.clone());
            let at = model.expect.list(&key).iter().position(|it| *it == one);
            if key == model.run.expect_key() {
                model.tab = Tab::Checks;
                select(model, at);
            }
            compare::judge_again(model, backend);
        }
        ExpectCommand::Select(at) => select(model, Some(at)),
        ExpectCommand::Type(kind, text) => model.expect.retyped = Some(Retyped { kind, text, error: None }),
        ExpectCommand::Apply => apply(model),
        ExpectCommand::Remove(at) => remove(model, at),
        ExpectCommand::Open => ask::for_file(model, backend, OpenFor::Expect),
        ExpectCommand::Save(key) => save(model, backend, &key),
    }
}

/// Once more takes it back.
fn pin(model: &mut Model, key: &ExpectKey, one: Expectation) {
    let words = one.to_string();
    let all = &mut model.expect.pinned_mut(key).all;
    let said = match all.list.iter().position(|it| *it == one) {
        Some(at) => {
            all.list.remove(at);
            t!("No longer expected: {words}", words)
        }
        None => {
            all.put(one);
            t!("Expected: {words}", words)
        }
    };
    (model.expect.selected, model.expect.retyped) = (None, None);
    toast(model, crate::base::text::visible(&said).into_owned());
}

fn select(model: &mut Model, at: Option<usize>) {
    let one = at.and_then(|at| model.expect.list(&model.run.expect_key()).get(at));
    let retyped = one.map(|one| {
        let condition = &one.condition;
        Retyped { kind: condition.kind(), text: condition.typed(), error: None }
    });
    (model.expect.selected, model.expect.retyped) = (at.filter(|_| retyped.is_some()), retyped);
}

/// Another check is looked at.
pub fn look_away(model: &mut Model) {
    select(model, None);
}

fn apply(model: &mut Model) {
    let key = model.run.expect_key();
    let (Some(at), Some(retyped)) = (model.expect.selected, model.expect.retyped.clone()) else { return };
    let Some(one) = model.expect.list(&key).get(at) else { return };
    match one.retyped(retyped.kind, &retyped.text) {
        Err(why) => model.expect.retyped = Some(Retyped { error: Some(why), ..retyped }),
        Ok(one) => {
            let all = &mut model.expect.pinned_mut(&key).all;
            // Of two that exclude each other the one that was changed stays.
            let other = all.place_of(&one).filter(|other| *other != at);
            all.list[at] = one;
            if let Some(other) = other {
                all.list.remove(other);
            }
            select(model, Some(at - usize::from(other.is_some_and(|other| other < at))));
        }
    }
}

fn remove(model: &mut Model, at: usize) {
    let all = &mut model.expect.pinned_mut(&model.run.expect_key()).all;
    if at < all.list.len() {
        let gone = all.list.remove(at);
        toast(model, crate::base::text::visible(&t!("No longer expected: {gone}", gone)).into_owned());
    }
    select(model, None);
}

/// Before each frame: judges the run that is shown where something has come since, and looks for a file beside a preset
/// that was chosen.
pub fn look(model: &mut Model, backend: &mut dyn Backend) {
    look_beside(model, backend);
    let seen = Seen::of(&model.run, model.expect.version());
    if model.expect.seen.as_ref() == Some(&seen) {
        return;
    }
    if model.expect.seen.as_ref().is_some_and(|before| before.run != seen.run) {
        look_away(model);
    }
    let expected = model.expect.pinned(&model.run.expect_key()).map(|pinned| pinned.all.clone()).unwrap_or_default();
    let run = &model.run;
    model.expect.met = so_far(&expected, &run.flow, &run.next, run.known.redactor());
    model.expect.seen = Some(seen);
}

/// Expectations stand beside the preset: `work.expect.toml` beside `work.toml`. Those of another grant than the preset's
/// name it: `work.device-code.expect.toml`.
fn beside(model: &Model, grant: Grant) -> Option<PathBuf> {
    let PresetSource::File(path) = &model.preset.source else { return None };
    let stem = path.file_stem()?.to_string_lossy();
    let own = model.preset.preset.known_grant().unwrap_or(Grant::AuthorizationCode);
    Some(path.with_file_name(file_name(&stem, (grant != own).then_some(grant))))
}

fn file_name(stem: &str, grant: Option<Grant>) -> String {
    match grant {
        Some(grant) => format!("{stem}.{}.{ENDING}", grant.key().replace('_', "-")),
        None => format!("{stem}.{ENDING}"),
    }
}

fn look_beside(model: &mut Model, backend: &mut dyn Backend) {
    let run = &model.run;
    if run.choice != model.choice || run.flow.is_recorded() {
        return;
    }
    let wanted = (run.choice, run.flow.grant);
    if model.expect.looked_for.contains(&wanted) {
        return;
    }
    model.expect.looked_for.insert(wanted);
    if let Some(path) = beside(model, wanted.1) {
        backend.start(NO_RUN, Job::Read(path, OpenFor::Beside));
    }
}

/// What stood beside the preset. What was pinned since and is not saved stays.
pub fn beside_came(model: &mut Model, path: PathBuf, opened: Opened) {
    let key = model.run.expect_key();
    if beside(model, key.grant).as_ref() != Some(&path) {
        return;
    }
    match opened {
        Opened::Expectations(Ok(read)) if !model.expect.pinned(&key).is_some_and(|pinned| pinned.is_unsaved()) => {
            take(model, &key, *read, Some(path));
        }
        Opened::Expectations(Err(error)) => model.notice = Some(unread(&path, &error)),
        _ => {}
    }
}

/// Takes in a file that was opened, dropped or pasted. What was pinned and is not saved stays.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, path: PathBuf, is_file: bool, read: ReadExpectations) {
    let read = match read {
        Ok(read) => *read,
        Err(error) => {
            model.notice = Some(unread(&path, &error));
            return;
        }
    };
    let key = model.run.expect_key();
    let (count, name) = (read.list.len(), path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    match model.expect.pinned(&key).is_some_and(|pinned| pinned.is_unsaved()) {
        true => read.list.into_iter().for_each(|one| model.expect.pinned_mut(&key).all.put(one)),
        false => take(model, &key, read, is_file.then_some(path)),
    }
    model.tab = Tab::Checks;
    look_away(model);
    compare::judge_again(model, backend);
    toast(model, format!("{name}: {}", counted(count, t!("expectation"), t!("expectations"))));
}

/// What is no file of expectations where one was asked for.
pub fn is_none(model: &mut Model, path: &Path) {
    model.notice = Some(t!("{path} is no file of expectations; one begins with version = 1.", path = path.display()));
}

fn unread(path: &Path, error: &crate::expect::ExpectError) -> String {
    let told = t!("{path} holds no expectations that can be read: {error}.", path = path.display(), error);
    // What ends with a question has its mark.
    match told.strip_suffix("?.") {
        Some(asked) => format!("{asked}?"),
        None => told,
    }
}

fn take(model: &mut Model, key: &ExpectKey, read: Expectations, file: Option<PathBuf>) {
    let pinned = model.expect.pinned_mut(key);
    if file.is_some() {
        pinned.saved = read.clone();
    }
    (pinned.all, pinned.file) = (read, file);
}

fn save(model: &mut Model, backend: &mut dyn Backend, key: &ExpectKey) {
    let file = to_save(model, key);
    if let Some(path) = model.expect.pinned(key).and_then(|pinned| pinned.file.clone()) {
        return backend.start(NO_RUN, Job::Write { path, file, replaces: true });
    }
    if !model.asking_for_file {
        model.asking_for_file = true;
        backend.start(NO_RUN, Job::AskToSave { name: suggested_name(model, key.grant), file });
    }
}

fn suggested_name(model: &Model, grant: Grant) -> String {
    if let Some(path) = beside(model, grant) {
        return path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    }
    let stem = match &model.preset.source {
        PresetSource::BuiltIn(slug) if !slug.is_empty() => slug.clone(),
        _ => "expectations".to_owned(),
    };
    file_name(&stem, Some(grant))
}

fn to_save(model: &Model, key: &ExpectKey) -> ToSave {
    let all = model.expect.pinned(key).map(|pinned| pinned.all.clone()).unwrap_or_default();
    ToSave { text: all.to_toml(), what: Saved::Expectations(Box::new((key.clone(), all))) }
}

/// A file was written. Expectations are saved with the preset they stand beside; a file that they did not come from is
/// not replaced unasked.
pub fn saved(model: &mut Model, backend: &mut dyn Backend, path: &Path, what: &Saved) {
    match what {
        Saved::Expectations(written) => {
            let (key, all) = &**written;
            let pinned = model.expect.pinned_mut(key);
            (pinned.saved, pinned.file) = (all.clone(), Some(path.to_owned()));
        }
        Saved::Preset(choice, _) if *choice == model.choice => {
            model.run.flow.grant.key().clone_into(&mut model.preset.preset.grant);
            let provider = model.provider().to_owned();
            let keys: Vec<ExpectKey> = model.expect.unsaved().filter(|key| key.provider == provider).cloned().collect();
            for key in keys {
                let Some(path) = beside(model, key.grant) else { continue };
                let replaces = model.expect.pinned(&key).is_some_and(|pinned| pinned.file.as_ref() == Some(&path));
                backend.start(NO_RUN, Job::Write { path, file: to_save(model, &key), replaces });
            }
        }
        _ => {}
    }
}
