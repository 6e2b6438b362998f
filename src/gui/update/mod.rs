//! The only writer of the model: one arm per command, each a call to the file of its concern.

mod browser;
mod edit;
mod jwt;
mod key;
mod preset;
mod run;

use super::backend::{Backend, Job, Outcome, Report};
use super::command::Command;
use super::model::{Dialog, InspectorTab, Model, PresetAnswers, Tab, Target};

pub use preset::first_model;

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
    match command {
        Command::AskIssuer => model.dialog = Some(Dialog::Issuer(model.flow.settings.server.issuer.clone())),
        Command::Discover(issuer) => preset::discover(model, backend, &issuer),
        Command::Discard(command) => {
            model.dialog = None;
            carry_out(model, backend, *command);
        }
        Command::Next => run::next(model, backend),
        Command::RunToEnd => run::run_to_end(model, backend),
        Command::Stop => run::stop(model, backend),
        Command::Back => run::back(model, backend),
        Command::StartOver => run::start_over(model, backend),
        Command::Retry => run::retry(model, backend),
        Command::WaitAgain => browser::wait_again(model, backend),
        Command::GoOnAnyway => run::go_on_anyway(model, backend),
        Command::Append(stage) => run::append(model, backend, stage),
        Command::SignIn(username) => browser::sign_in(model, backend, username),
        Command::OpenBrowser => browser::open_browser(model, backend),
        Command::CopyLink => browser::copy_link(model, backend),
        Command::BeginPolling => browser::go_elsewhere(model, backend),
        Command::PasteRedirect(text) => browser::paste_redirect(model, backend, &text),
        Command::EditPaste(text) => model.paste = text,
        Command::Select(target) => select(model, target),
        Command::Inspect(tab) => model.inspector = tab,
        Command::EditSettings(settings) => edit::edit_settings(model, backend, *settings),
        Command::EditDraft(draft) => edit::edit_draft(model, *draft),
        Command::ResetDraft => edit::reset_draft(model, backend),
        Command::EditSeals(edits) => edit::edit_seals(model, *edits),
        Command::SealNow => edit::seal_now(model),
        Command::RevealSecrets(reveal) => model.reveal = reveal,
        Command::Go(tab) => go(model, backend, tab),
        Command::ChoosePreset(slug) => preset::choose(model, backend, &slug),
        Command::AnswerPlaceholders(answers) => preset::answer(model, backend, answers),
        Command::EditAnswers(answers) => edit_answers(model, answers),
        Command::OpenPreset => preset::ask_to_open(model, backend),
        Command::OpenPath(path) => preset::open_path(model, backend, &path),
        Command::SavePreset => preset::save(model, backend),
        Command::SavePresetAs => preset::save_as(model, backend),
        Command::SavePath(path) => preset::save_path(model, backend, &path),
        Command::KeepSecretInFile(keep) => model.preset.keep_secret = keep,
        Command::AskKeyFile(field) => key::ask(model, field),
        Command::EditKeyFile(file) => model.dialog = Some(Dialog::KeyFile(file)),
        Command::ChooseKeyFile => key::choose(model, backend),
        Command::ReadKeyFile => key::read(model, backend),
        Command::MakeKey => key::make(model, backend),
        Command::CopyPublicKey => key::copy_public(model),
        Command::EditDialog(text) => edit_dialog(model, text),
        Command::CloseDialog => model.dialog = None,
        Command::ShowHelp => model.dialog = Some(Dialog::Help),
        Command::Copy(text, what) => copy(model, text, &what),
        Command::CopySecret(text, what) => {
            backend.start(model.generation, Job::CopySecret(text));
            toast(model, format!("Copied {what}"));
        }
        Command::Theme(theme) => model.theme = theme,
        Command::ToggleSettings => model.settings_open = Some(!model.shows_settings()),
        Command::TogglePresent => model.present = !model.present,
        Command::EditJwt(jwt) => jwt::edit(model, *jwt),
        Command::Decode(token) => jwt::decode(model, token),
        Command::FetchKeys => jwt::fetch_keys(model, backend),
        Command::TogglePolls => model.polls_open = !model.polls_open,
        Command::FilterChecks(verdict) => model.check_filter = verdict,
        Command::SelectCheck(at) => model.selected_check = Some(at),
    }
}

/// Takes in what jobs report. Reports of an earlier run are dropped.
pub fn take_reports(model: &mut Model, backend: &mut dyn Backend) {
    for Report { generation, outcome } in backend.reports() {
        let is_late = generation != model.generation;
        match outcome {
            Outcome::Flow(_) | Outcome::Approved(_) | Outcome::SignInFailed(_) | Outcome::NoBrowser(_) if is_late => {}
            Outcome::Flow(event) => run::take_event(model, backend, event),
            Outcome::NoBrowser(why) => {
                model.notice =
                    Some(format!("The browser could not be started: {why}. Copy the link and open it yourself."));
            }
            Outcome::Approved(username) => browser::approved(model, &username),
            Outcome::SignInFailed(why) => browser::sign_in_failed(model, &why),
            Outcome::Opened(path, text) => preset::opened(model, backend, path, &text),
            Outcome::Saved(path) => preset::saved(model, path),
            Outcome::FileFailed(why) => {
                model.asking_for_file = false;
                model.notice = Some(why);
            }
            Outcome::NoChoice { saving, dialogs } => preset::no_choice(model, saving, dialogs),
            Outcome::KeyFileChosen(path) => key::chosen(model, path),
            Outcome::NoKeyFileDialog => key::no_dialog(model),
            Outcome::KeyFileRead(read) => key::came(model, backend, read),
            Outcome::KeyMade(made) => key::made(model, backend, made),
            Outcome::Keys(keys) => jwt::keys_came(model, keys),
            Outcome::CopyFailed(text) => model.to_copy = Some(text),
        }
    }
}

fn select(model: &mut Model, target: Target) {
    model.selected = Some(target);
    model.inspector = match (target, model.inspector) {
        (Target::Prepared | Target::Request(_) | Target::Step(_), InspectorTab::Response | InspectorTab::Tokens) => {
            InspectorTab::Request
        }
        (Target::Answer(_), InspectorTab::Request) => InspectorTab::Response,
        (_, tab) => tab,
    };
}

fn go(model: &mut Model, backend: &mut dyn Backend, tab: Tab) {
    model.tab = tab;
    if let Tab::Grant(grant) = tab {
        run::switch(model, backend, grant);
    }
    if tab == Tab::Jwt {
        jwt::offer_newest(model);
    }
}

fn edit_dialog(model: &mut Model, text: String) {
    if let Some(Dialog::OpenPath(path) | Dialog::SavePath(path) | Dialog::Issuer(path)) = &mut model.dialog {
        *path = text;
    }
}

fn edit_answers(model: &mut Model, edited: PresetAnswers) {
    if let Some(Dialog::Placeholders { answers, .. }) = &mut model.dialog {
        *answers = edited;
    }
}

fn copy(model: &mut Model, text: String, what: &str) {
    model.to_copy = Some(text);
    toast(model, format!("Copied {what}"));
}

fn toast(model: &mut Model, text: String) {
    model.toasts.push(text);
}
