//! The only writer of the model: one arm per command, each a call to the file of its concern.

mod ask;
mod between;
mod browser;
mod capture;
mod client_document;
mod compare;
mod driver;
mod edit;
mod expect;
mod export;
mod finding;
mod history;
mod home;
mod identities;
mod import;
mod jwt;
mod key;
mod lessons;
mod open;
mod palette;
mod present;
mod preset;
mod profiles;
mod run;
mod runs;
mod server;

use self::driver::Driver;
use super::backend::{Backend, Job, OpenFor, Outcome, Report};
use super::command::Command;
use super::model::{Dialog, InspectorTab, LessonsCommand, Model, PASTE, Palette, PresetAnswers, Run, Tab, Target};
use crate::gui::language::{said, t};

pub use compare::follow;
pub use expect::look as look_at_expected;
pub use history::keep;
pub use preset::first_model;

/// The number of jobs that belong to no run.
pub const NO_RUN: u64 = 0;

/// Takes in what stands elsewhere, before each frame.
pub fn look(model: &mut Model, backend: &mut dyn Backend) {
    server::look(model, backend);
    between::look(model);
    client_document::look(model, backend);
    profiles::look(model);
    present::mask_again(model);
}

/// Carries out one command.
///
/// What would lose unsaved settings asks first.
pub fn update(model: &mut Model, backend: &mut dyn Backend, command: Command) {
    let replaces_settings = matches!(command, Command::ChoosePreset(_) | Command::OpenPreset | Command::AskIssuer);
    if replaces_settings && model.is_unsaved() {
        model.dialog = Some(Dialog::Unsaved(Box::new(command)));
        return;
    }
    carry_out(model, backend, command);
}

fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: Command) {
    // Nobody means to send something from where a recording is read, or a lesson is taken.
    if command.is_of_run() && matches!(model.tab, Tab::Capture | Tab::Lessons) {
        if let Some(meant) = present::meant(&command).filter(|_| model.slide().is_some()) {
            present::act(model, backend, meant);
        } else if let Some(meant) = lessons::meant(&command).filter(|_| model.tab == Tab::Lessons) {
            lessons::carry_out(model, backend, meant);
        }
        return;
    }
    // Nor from where the checks of a login that others made are read.
    if command.is_of_run() && model.run.told.is_some() && !matches!(model.tab, Tab::Grant(_)) {
        return;
    }
    // Who does something else has no more to do with two users.
    if command.is_of_run() || matches!(command, Command::Stop) {
        model.pair = None;
    }
    if command.is_of_run() && !matches!(model.tab, Tab::Grant(_)) {
        model.tab = Tab::Grant(model.run.flow.grant);
    }
    match command {
        Command::Stop => Driver::of(model, backend).stop(),
        Command::Retry => Driver::of(model, backend).retry(),
        Command::WaitAgain => Driver::of(model, backend).wait_again(),
        Command::GoOnAnyway => Driver::of(model, backend).go_on_anyway(),
        Command::OpenBrowser => Driver::of(model, backend).open_browser(),
        Command::CopyLink => Driver::of(model, backend).copy_link(),
        Command::BeginPolling => Driver::of(model, backend).go_elsewhere(),
        Command::ResetDraft => Driver::of(model, backend).reset_draft(),
        Command::SealNow => Driver::of(model, backend).seal_now(),
        Command::Append(stage) => Driver::of(model, backend).append(stage),
        Command::SignIn(username) => Driver::of(model, backend).sign_in(username),
        Command::PasteRedirect(text) => {
            Driver::of(model, backend).paste_redirect(&text);
            if model.run.paste_error.is_some() {
                model.wants_keyboard = Some(said(PASTE));
            }
        }
        Command::EditDraft(draft) => Driver::of(model, backend).edit_draft(*draft),
        Command::EditSeals(edits) => Driver::of(model, backend).edit_seals(*edits),
        Command::Next => runs::next(model, backend),
        Command::RunToEnd => runs::run_to_end(model, backend),
        Command::Back => runs::back(model, backend),
        Command::StartOver => runs::start_over(model, backend),
        Command::Mend(cure) => finding::mend(model, backend, &cure),
        Command::MendServer(fault) => finding::mend_server(model, backend, fault),
        Command::CopyFinding => finding::copy(model),
        Command::ShowFinding => finding::show(model, backend),
        Command::ShowRun(id) => runs::choose(model, backend, id),
        Command::EditPaste(text) => model.run.paste = text,
        Command::EditFilling(text) => model.run.filling = text,
        Command::FillIn(name) => edit::fill_in(model, backend, name),
        Command::Select(target) => select(&mut model.run, target, None),
        Command::SelectRow(row, target) => select(&mut model.run, target, Some(row)),
        Command::Inspect(tab) => model.run.inspector = tab,
        Command::TogglePolls => model.run.polls_open = !model.run.polls_open,
        Command::SelectCheck(at) => {
            model.run.selected_check = Some(at);
            expect::look_away(model);
        }
        Command::EditSettings(settings) => edit::edit_settings(model, backend, *settings),
        other => carry_out_beside(model, backend, other),
    }
}

/// What concerns no run, or more than one.
fn carry_out_beside(model: &mut Model, backend: &mut dyn Backend, command: Command) {
    match command {
        Command::CloseNotice => open::put_away(model),
        Command::AskIssuer => model.dialog = Some(Dialog::Issuer(model.own().flow.settings.server.issuer.clone())),
        Command::Discover(issuer) => preset::discover(model, backend, &issuer),
        Command::Discard(command) => discard(model, backend, *command),
        Command::RevealSecrets(reveal) => model.reveal = reveal,
        Command::Show(key, response) => {
            model.shown = Some((key, None));
            backend.start(NO_RUN, Job::Show { key, response, known: model.mask().known() });
        }
        Command::Go(tab) => go(model, backend, tab),
        Command::ChoosePreset(slug) => preset::choose(model, backend, &slug),
        Command::AnswerPlaceholders(answers) => preset::answer(model, backend, answers),
        Command::EditAnswers(answers) => edit_answers(model, answers),
        Command::OpenPreset => ask::for_file(model, backend, OpenFor::Use),
        Command::OpenRecording => ask::for_file(model, backend, OpenFor::Recording),
        Command::OpenPath(path) => open::path(model, backend, &path),
        Command::OpenDropped(path) => open::dropped(model, backend, path),
        Command::TakePreset(path, preset) => preset::opened(model, backend, path, Ok(preset)),
        Command::Paste(text) => open::pasted(model, backend, text),
        Command::ImportFile => ask::for_file(model, backend, OpenFor::Unasked),
        Command::Import(command) => import::carry_out(model, backend, command),
        Command::Identities(command) => identities::carry_out(model, backend, command),
        Command::Between(command) => between::carry_out(model, backend, command),
        Command::ClientDocument(command) => client_document::carry_out(model, backend, command),
        Command::Capture(command) => capture::carry_out(model, backend, command),
        Command::Lessons(LessonsCommand::Present) => present::lesson(model, backend),
        Command::Lessons(command) => lessons::carry_out(model, backend, command),
        Command::Compare(command) => compare::carry_out(model, backend, command),
        Command::Expect(command) => expect::carry_out(model, backend, command),
        Command::Profile(command) => profiles::carry_out_profile(model, backend, command),
        Command::SavePreset => preset::save(model, backend),
        Command::SavePresetAs => preset::save_as(model, backend),
        Command::SavePath(path) => preset::save_path(model, backend, &path),
        Command::KeepSecretInFile(keep) => model.preset.keep_secret = keep,
        Command::AskKeyFile(field) => key::ask(model, field),
        Command::EditKeyFile(file) => model.dialog = Some(Dialog::KeyFile(file)),
        Command::ChooseKeyFile => key::choose(backend),
        Command::ReadKeyFile => key::read(model, backend),
        Command::MakeKey => key::make(model, backend),
        Command::CopyPublicKey => key::copy_public(model),
        Command::EditDialog(text) => edit_dialog(model, text),
        Command::CloseDialog => close_dialog(model),
        Command::ShowHelp => model.dialog = Some(Dialog::Help),
        Command::ShowRule(rule) => model.dialog = Some(Dialog::Rule(rule)),
        Command::ShowPalette => model.dialog = Some(Dialog::Palette(Palette::default())),
        Command::EditPalette(palette) => model.dialog = Some(Dialog::Palette(palette)),
        Command::GoToSetting(name) => palette::go_to_setting(model, backend, name),
        Command::Copy(text, what) => copy(model, text, &what),
        Command::CopySecret(text, what) => {
            backend.start(NO_RUN, Job::CopySecret(text));
            toast(model, t!("Copied {what}", what));
        }
        Command::Theme(theme) => model.theme = theme,
        Command::Zoom(zoom) => model.to_zoom = Some(zoom),
        Command::CloseWindow => model.closes = true,
        Command::Speak(language) => model.language = language,
        Command::ToggleSettings => model.settings_open = Some(!model.shows_settings()),
        Command::SplitAt(share) => model.split = share,
        Command::TogglePresent => present::toggle(model, backend),
        Command::Present(act) => present::act(model, backend, act),
        Command::EditJwt(jwt) => jwt::edit(model, *jwt),
        Command::Decode(token) => jwt::decode(model, token),
        Command::SampleToken(workload) => jwt::sample(model, backend, workload),
        Command::FetchKeys => jwt::fetch_keys(model, backend),
        Command::FilterChecks(verdict) => model.check_filter = verdict,
        Command::SearchChecks(words) => model.check_search = words,
        Command::SaveRun(with_secrets) => history::save(model, backend, with_secrets),
        Command::AskExport(run) => export::ask(model, run),
        Command::ExportSecrets(stay) => export::keep_secrets(model, stay),
        Command::Export(run, format, goes) => export::start(model, backend, run, format, goes),
        Command::History(command) => history::carry_out(model, backend, command),
        Command::Server(act) => server::act(model, backend, act),
        // All others are of the run, and were carried out.
        _ => {}
    }
}

/// Does what was asked about, and loses what is not saved.
fn discard(model: &mut Model, backend: &mut dyn Backend, command: Command) {
    model.dialog = None;
    carry_out(model, backend, command);
}

/// Takes in what jobs report, each by the run it was begun in. What a run has moved on from goes astray. Returns whether
/// there was anything.
pub fn take_reports(model: &mut Model, backend: &mut dyn Backend) -> bool {
    let reports = backend.reports();
    let are_some = !reports.is_empty();
    for Report { generation, outcome } in reports {
        match outcome {
            Outcome::Flow(event) => of_run(model, backend, generation, |run| run.take_event(event)),
            Outcome::TakenIn(read) => of_run(model, backend, generation, |run| run.taken_in(*read)),
            Outcome::Shown(key, shown) => match &mut model.shown {
                Some((asked, made)) if *asked == key => *made = Some(shown),
                // Something else is looked at by now.
                _ => {}
            },
            Outcome::Approved(username) => of_run(model, backend, generation, |run| run.approved(&username)),
            Outcome::SignedIn(signed_in) => of_run(model, backend, generation, |run| run.signed_in(*signed_in)),
            Outcome::SignInFailed(why) => of_run(model, backend, generation, |run| run.sign_in_failed(&why)),
            Outcome::NoBrowser(why) => of_run(model, backend, generation, |run| {
                let notice = t!("The browser could not be started: {why}. Copy the link and open it yourself.", why);
                run.run.notice = Some(notice);
            }),
            Outcome::Opened(path, wanted, opened) => open::opened(model, backend, path, wanted, opened),
            Outcome::LoginRead(of, at, login) => capture::came(model, backend, &of, at, *login),
            Outcome::Lessons(report) => lessons::came(model, backend, report),
            Outcome::Between(report) => between::came(model, backend, generation, report),
            Outcome::ClientDocument(report) => client_document::came(model, backend, generation, report),
            Outcome::Compared(asked, compared) => compare::came(model, asked, *compared),
            Outcome::Saved(path, what) => {
                preset::saved(model, path.clone(), what.clone());
                expect::saved(model, backend, &path, &what);
            }
            Outcome::NotSaved { path, file, why } => preset::not_saved(model, &path, file, why),
            Outcome::DocumentMade { text, format, is_secret } => {
                export::made(model, backend, text, format, is_secret);
            }
            Outcome::FileFailed(why) => {
                model.asking_for_file = false;
                open::failed(model, why);
            }
            Outcome::NoChoice => model.asking_for_file = false,
            Outcome::NoDialogToOpen(wanted) => open::no_dialog(model, wanted),
            Outcome::NoDialogToSave { name, file } => preset::no_dialog_to_save(model, name, file),
            Outcome::KeyFileChosen(path) => key::chosen(model, path),
            Outcome::NoKeyFileDialog => key::no_dialog(model),
            Outcome::KeyFileRead(read) => key::came(model, backend, read),
            Outcome::KeyMade(made) => key::made(model, backend, made),
            Outcome::Keys(keys) => jwt::keys_came(model, keys),
            Outcome::History(report) => history::came(model, backend, report),
            Outcome::CopyFailed(text) => model.to_copy = Some(text),
        }
    }
    if are_some {
        identities::go_on(model, backend);
    }
    are_some
}

fn of_run(model: &mut Model, backend: &mut dyn Backend, generation: u64, act: impl FnOnce(&mut Driver<'_>)) {
    if let Some(mut driver) = Driver::find(model, backend, generation) {
        act(&mut driver);
    }
}

fn select(run: &mut Run, target: Target, row: Option<usize>) {
    (run.selected, run.row) = (Some(target), row);
    run.inspector = match (target, run.inspector) {
        (
            Target::Prepared | Target::Request(_) | Target::Trip(_) | Target::Step(_),
            InspectorTab::Response | InspectorTab::Tokens,
        ) => InspectorTab::Request,
        (Target::Answer(_), InspectorTab::Request) => InspectorTab::Response,
        (_, tab) => tab,
    };
}

fn go(model: &mut Model, backend: &mut dyn Backend, tab: Tab) {
    model.tab = tab;
    if let Tab::Grant(grant) = tab {
        runs::switch(model, backend, grant);
    }
    match tab {
        Tab::Jwt => jwt::offer_newest(model),
        Tab::Capture => capture::enter(model, backend),
        Tab::Lessons => lessons::enter(model, backend),
        _ => {}
    }
}

fn close_dialog(model: &mut Model) {
    model.dialog = match model.dialog.take() {
        Some(Dialog::SavePath(save)) => save.over.map(|over| *over),
        _ => None,
    };
}

fn edit_dialog(model: &mut Model, text: String) {
    match &mut model.dialog {
        Some(Dialog::OpenPath { path: typed, .. } | Dialog::Issuer(typed)) => *typed = text,
        Some(Dialog::SavePath(save)) => {
            save.path = text;
            save.problem = None;
        }
        _ => {}
    }
}

fn edit_answers(model: &mut Model, edited: PresetAnswers) {
    if let Some(Dialog::Placeholders { answers, .. }) = &mut model.dialog {
        *answers = edited;
    }
}

fn copy(model: &mut Model, text: String, what: &str) {
    model.to_copy = Some(text);
    toast(model, t!("Copied {what}", what));
}

fn toast(model: &mut Model, text: String) {
    model.toasts.push(text);
}
