//! The dialogs: a typed path, a preset's placeholders, a key file.

use egui::{Context, Ui};

use super::{Commands, client_document, export, help, identities, import, palette, rule};
use crate::base::text::counted;
use crate::client::endpoint::discovery::typed_issuer;
use crate::gui::backend::{NotSaved, Saved};
use crate::gui::command::Command;
use crate::gui::language::{said, t, words};
use crate::gui::model::{
    Dialog, HistoryCommand, KeyFile, Model, NO_FILE_DIALOG, OTHER_PATH, PresetAnswers, PresetState, SavePath, TRY_AGAIN,
};
use crate::gui::theme::{size, text};
use crate::gui::widgets::dialog::Dialog as Frame;
use crate::gui::widgets::{Button, Caption, Field, SecretField, Tone, keyboard};

/// Draws the dialog that is open.
pub fn show(ui: &Ui, model: &Model, out: &mut Commands) {
    let ctx = ui.ctx();
    match &model.dialog {
        None => {}
        Some(Dialog::OpenPath { path, .. }) => typed(ctx, &OPEN, path, out),
        Some(Dialog::SavePath(save)) => save_path(ctx, save, out),
        Some(Dialog::Issuer(issuer)) => typed(ctx, &ISSUER, issuer, out),
        Some(Dialog::Unsaved(command)) => unsaved(ctx, command, out),
        Some(Dialog::Placeholders { preset, answers }) => placeholders(ctx, preset, answers, out),
        Some(Dialog::ClientDocument(dialog)) => client_document::show(ctx, model, dialog, out),
        Some(Dialog::KeyFile(file)) => key_file(ctx, file, out),
        Some(Dialog::ImportText(text)) => import::ask(ctx, text, out),
        Some(Dialog::Import(dialog)) => import::preview(ctx, model, dialog, out),
        Some(Dialog::TwoUsers(users)) => identities::show(ctx, users, out),
        Some(Dialog::Export(export)) => export::show(ctx, export, out),
        Some(Dialog::DeleteHistory) => delete_history(ctx, model, out),
        Some(Dialog::Help) => help::show(ctx, model, out),
        Some(Dialog::Rule(about)) => rule::show(ctx, about, out),
        Some(Dialog::Palette(typed)) => palette::show(ctx, model, typed, out),
    }
}

/// A dialog with one line to type.
struct Typed {
    title: &'static str,
    about: &'static str,
    field: &'static str,
    placeholder: &'static str,
    /// What is taken, and what to say of everything else.
    takes: (fn(&str) -> bool, &'static str),
    verb: &'static str,
    command: fn(String) -> Command,
}

const ANYTHING: (fn(&str) -> bool, &str) = (|text| !text.trim().is_empty(), "");

static OPEN: Typed = Typed {
    title: words!("Open a file"),
    about: NO_FILE_DIALOG,
    field: words!("Path"),
    placeholder: "/home/you/provider.toml",
    takes: ANYTHING,
    verb: words!("Open"),
    command: Command::OpenPath,
};

static ISSUER: Typed = Typed {
    title: words!("Discover a server"),
    about: words!(
        "Its metadata is fetched, and every URL that was tried is shown. Client and secret begin empty, since they belong to one server. An account may be typed, too, such as alice@example.com: its host is asked which server it belongs to (WebFinger)."
    ),
    field: words!("Issuer"),
    placeholder: "https://login.example.com",
    takes: (
        |text| typed_issuer(text).is_some(),
        words!(
            "Neither the address of a server, such as https://login.example.com, nor an account, such as alice@example.com"
        ),
    ),
    verb: words!("Discover"),
    command: Command::Discover,
};

fn typed(ctx: &Context, dialog: &Typed, text: &str, out: &mut Commands) {
    let mut typed = text.to_owned();
    let response = Frame::new(said(dialog.title)).show(ctx, |ui| {
        ui.label(text::dim(said(dialog.about)));
        ui.add_space(size::SPACE);
        let (is_taken, otherwise) = dialog.takes;
        let mut caption = Caption::new(said(dialog.field));
        if !text.trim().is_empty() && !is_taken(text) {
            caption = caption.note(Tone::Note, otherwise);
        }
        let field = Field::new(caption).placeholder(dialog.placeholder).show(ui, &mut typed);
        ui.add_space(12.0);
        let is_fit = is_taken(&typed);
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let clicked = ui.add_enabled_ui(is_fit, |ui| ui.add(Button::primary(said(dialog.verb))).clicked()).inner;
        is_fit && (clicked || enter)
    });
    if typed != text {
        out.push(Command::EditDialog(typed.clone()));
    }
    if response.inner {
        out.push((dialog.command)(typed));
    } else if response.closed {
        out.push(Command::CloseDialog);
    }
}

/// Where to save. What is there already is replaced by a button that says so, and by no key that says less.
fn save_path(ctx: &Context, save: &SavePath, out: &mut Commands) {
    let mut typed = save.path.clone();
    let (title, example) = match save.file.what {
        Saved::Preset(..) => (t!("Save the preset"), "/home/you/provider.toml"),
        Saved::Expectations(_) => (t!("Save the expectations"), "/home/you/provider.expect.toml"),
        Saved::Run => (t!("Save the run"), "/home/you/run.json"),
        Saved::Document(_) => (t!("Export the run"), "/home/you/run.html"),
        Saved::Handout => (t!("Save the handout"), "/home/you/lesson.html"),
        Saved::ClientDocument => (t!("Save the document"), "/home/you/client.json"),
    };
    let response = Frame::new(title).show(ctx, |ui| {
        let about = if save.problem.is_none() {
            said(NO_FILE_DIALOG)
        } else {
            t!("Nothing was written. Type another path, or:")
        };
        ui.label(text::dim(about));
        ui.add_space(size::SPACE);
        let caption = match &save.problem {
            None => Caption::new(t!("Path")),
            Some(NotSaved::Taken) => Caption::new(t!("Path")).note(Tone::Warn, t!("There is such a file already.")),
            Some(NotSaved::Failed(why)) => Caption::new(t!("Path")).note(Tone::Error, why),
        };
        let field = Field::new(caption).placeholder(example).show(ui, &mut typed);
        ui.add_space(12.0);
        let button = match save.problem {
            None => Button::primary(t!("Save")),
            Some(NotSaved::Taken) => Button::danger(t!("Replace the file")),
            Some(NotSaved::Failed(_)) => Button::primary(said(TRY_AGAIN)),
        };
        let is_fit = !typed.trim().is_empty();
        let clicked = ui.horizontal(|ui| {
            if save.problem == Some(NotSaved::Taken) && ui.add(Button::secondary(said(OTHER_PATH))).clicked() {
                out.push(Command::EditDialog(typed.clone()));
                keyboard::want(ctx, t!("Path"));
            }
            ui.add_enabled_ui(is_fit, |ui| ui.add(button).clicked()).inner
        });
        let clicked = clicked.inner;
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        is_fit && (clicked || (enter && save.problem != Some(NotSaved::Taken)))
    });
    if typed != save.path {
        out.push(Command::EditDialog(typed.clone()));
    }
    if response.inner {
        out.push(Command::SavePath(typed));
    } else if response.closed {
        out.push(Command::CloseDialog);
    }
}

fn unsaved(ctx: &Context, command: &Command, out: &mut Commands) {
    let response = Frame::new(t!("Unsaved settings")).show(ctx, |ui| {
        ui.label(match command {
            Command::CloseWindow => t!("The settings have changed since they were loaded. They end with the window."),
            _ => t!("The settings have changed since they were loaded. Loading others replaces them."),
        });
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            if ui.add(Button::primary(t!("Save as..."))).clicked() {
                out.push(Command::CloseDialog);
                out.push(Command::SavePresetAs);
            }
            if ui.add(Button::danger(t!("Discard the changes"))).clicked() {
                out.push(Command::Discard(Box::new(command.clone())));
            }
        });
    });
    if response.closed {
        out.push(Command::CloseDialog);
    }
}

fn delete_history(ctx: &Context, model: &Model, out: &mut Commands) {
    let response = Frame::new(t!("Delete all runs")).show(ctx, |ui| {
        let count = model.history.entries.len();
        let kept = counted(count, t!("run is kept"), t!("runs are kept"));
        ui.label(t!("{kept}, pinned ones among them. They cannot be brought back.", kept));
        ui.add_space(12.0);
        if ui.add(Button::danger(t!("Delete all runs"))).clicked() {
            out.push(Command::History(HistoryCommand::DeleteAll));
        }
    });
    if response.closed {
        out.push(Command::CloseDialog);
    }
}

fn placeholders(ctx: &Context, preset: &PresetState, answers: &PresetAnswers, out: &mut Commands) {
    let mut edited = answers.clone();
    let response = Frame::new(&preset.preset.name).show(ctx, |ui| {
        ui.label(text::dim(t!("Values this provider needs before the first use.")));
        for placeholder in &preset.preset.placeholders {
            ui.add_space(size::SPACE);
            let value = edited.entry(placeholder.id.clone()).or_default();
            Field::new(Caption::new(&placeholder.label)).placeholder(&placeholder.example).show(ui, value);
            ui.label(text::note(&placeholder.hint));
        }
        ui.add_space(12.0);
        let complete = preset.preset.settings(&edited, |_| Default::default()).is_ok();
        ui.add_enabled_ui(complete, |ui| ui.add(Button::primary(t!("Use this provider"))).clicked()).inner
    });
    if edited != *answers {
        out.push(Command::EditAnswers(edited.clone()));
    }
    if response.inner {
        out.push(Command::AnswerPlaceholders(edited));
    } else if response.closed {
        out.push(Command::CloseDialog);
    }
}

fn key_file(ctx: &Context, file: &KeyFile, out: &mut Commands) {
    let mut edited = file.clone();
    let title = t!("Read {field} from a file", field = file.field);
    let response = Frame::new(&title).show(ctx, |ui| {
        let what = match file.field {
            "private_key" | "decryption_key" => t!("A private key as PEM, JWK or JWK Set."),
            "tls_client_certificate" => t!("The certificate with its private key, as PEM or PKCS#12."),
            _ => t!("A JWT, or SAML as XML or encoded."),
        };
        ui.label(text::dim(t!("{what} What is read stays in memory.", what)));
        ui.add_space(size::SPACE);
        let mut caption = Caption::new(t!("Path"));
        if let Some(error) = &file.error {
            caption = caption.note(Tone::Error, error);
        }
        let field = Field::new(caption).placeholder("/home/you/client.pem").show(ui, &mut edited.path);
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        ui.add_space(size::SPACE);
        if file.field == "tls_client_certificate" {
            SecretField::new(Caption::new(t!("Password of a PKCS#12 file"))).show(ui, &mut edited.password);
            ui.add_space(size::SPACE);
        }
        ui.horizontal(|ui| {
            let is_filled = !edited.path.trim().is_empty();
            let read = ui.add_enabled_ui(is_filled, |ui| ui.add(Button::primary(t!("Read"))).clicked()).inner;
            if ui.add(Button::secondary(t!("Choose..."))).clicked() {
                out.push(Command::ChooseKeyFile);
            }
            is_filled && (read || enter)
        })
        .inner
    });
    if edited != *file {
        edited.error = None;
        out.push(Command::EditKeyFile(edited));
    }
    if response.inner {
        out.push(Command::ReadKeyFile);
    } else if response.closed {
        out.push(Command::CloseDialog);
    }
}
