//! A document that is made from the settings: written on, served here, copied and saved.

use egui::Ui;

use super::judged::{members, verdicts};
use super::{Room, address, columns, push};
use crate::base::text::visible;
use crate::base::web_url::web_url;
use crate::client::client_document::is_of_this_machine;
use crate::client::endpoint::registration::MetadataError;
use crate::gui::command::Command;
use crate::gui::language::{said, sentence, t, words};
use crate::gui::model::{DocumentCommand, DocumentDialog, Model, ServedHere, TO_THE_RUN, Tab as Place};
use crate::gui::theme::{icons, size, text};
use crate::gui::view::{Commands, explained};
use crate::gui::widgets::code::{Language, code_edit_in_room};
use crate::gui::widgets::{Banner, Button, Caption, Picker, Tab, TabRow, Tone, banner, copy, copy_button};

/// The picker beside the address.
const METHOD: f32 = 232.0;
/// How a client proves itself that has no secret.
const METHODS: [&str; 4] = ["none", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];

const ABOUT: &str = words!(
    "A client that nobody has registered: its client_id is the address at which it says who it is, and a server fetches that when a login begins."
);

/// The side of the dialog.
pub fn show(ui: &mut Ui, room: Room, model: &Model, dialog: &DocumentDialog, out: &mut Commands) {
    let mut typed = dialog.typed.clone();
    ui.label(text::dim(said(ABOUT)));
    ui.add_space(size::SPACE);
    ui.horizontal_top(|ui| {
        let width = ui.available_width() - METHOD - 12.0;
        ui.vertical(|ui| {
            ui.set_width(width);
            address(ui, &mut typed.address);
        });
        ui.add_space(4.0);
        ui.vertical(|ui| {
            ui.set_width(METHOD);
            let explained = explained::setting("token_endpoint_auth_method");
            let caption = Caption { explained, ..Caption::new(t!("Method in the document")) };
            Picker::new(caption, &METHODS).show(ui, &mut typed.method);
        });
    });
    ui.add_space(size::SPACE);
    state(ui, model, dialog, out);
    if let Some(why) = &dialog.fault {
        not_made(ui, why, out);
    }
    columns(
        ui,
        room,
        |ui| {
            let tabs = [Tab::new(false, "JSON"), Tab::new(true, t!("Members"))];
            if let Some(shows) = TabRow::new(t!("Document as"), &tabs).compact().show(ui, dialog.shows_members) {
                push(out, DocumentCommand::ShowMembers(shows));
            }
            ui.add_space(6.0);
            match (&dialog.looked.shown, dialog.shows_members) {
                (Some(document), true) => members(ui, document),
                _ => drop(code_edit_in_room(ui, t!("Document"), &mut typed.text, Language::Json)),
            }
        },
        |ui| verdicts(ui, &dialog.looked.judged),
    );
    ui.add_space(12.0);
    acts(ui, model, dialog, out);
    if typed != dialog.typed {
        push(out, DocumentCommand::Edit(typed));
    }
}

/// Whether it is served, and why it is not.
fn state(ui: &mut Ui, model: &Model, dialog: &DocumentDialog, out: &mut Commands) {
    if let Some(served) = &model.client_document.served {
        let is_changed = served.document != dialog.typed.text || served.url != dialog.typed.address;
        serving(ui, served, is_changed, out);
        ui.add_space(size::SPACE);
    }
    if let Some(trouble) = &dialog.trouble {
        Banner::new(Tone::Error, t!("It is not served.")).text(&visible(trouble)).show(ui);
        ui.add_space(size::SPACE);
    }
}

fn serving(ui: &mut Ui, served: &ServedHere, is_changed: bool, out: &mut Commands) {
    let name = t!("Serving at {url}", url = served.url);
    banner(ui, Tone::Ok, &name, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong(t!("Serving at")));
            ui.label(text::mono(visible(&served.url)));
            copy_button(ui, t!("the address"), &served.url);
            if ui.add(Button::danger(t!("Stop")).icon(icons::STOP).small()).clicked() {
                push(out, DocumentCommand::Stop);
            }
        });
        if is_changed {
            ui.label(text::note(t!(
                "What is served is as it was when that began. A server may take it as it was for a while: the practice server does for a minute at the same address."
            )));
        }
    });
}

/// Why the settings make no document, and what to do.
fn not_made(ui: &mut Ui, why: &MetadataError, out: &mut Commands) {
    let (field, words) = (why.field(), sentence(&why.to_string()).into_owned());
    let is_key = field == "private_key";
    let action = if is_key { t!("Make a new key").to_owned() } else { t!("Go to {field}", field) };
    if Banner::new(Tone::Error, t!("The settings make no document.")).text(&visible(&words)).action(&action).show(ui) {
        match is_key {
            true => out.push(Command::MakeKey),
            false => out.extend([Command::CloseDialog, Command::GoToSetting(field)]),
        }
    }
    ui.add_space(size::SPACE);
}

fn acts(ui: &mut Ui, model: &Model, dialog: &DocumentDialog, out: &mut Commands) {
    let typed = &dialog.typed;
    let address = typed.address.trim();
    let has_text = !typed.text.trim().is_empty();
    let is_fit = has_text && web_url(address).is_ok();
    ui.horizontal_wrapped(|ui| {
        let documents = &model.client_document;
        let is_served =
            documents.served.as_ref().is_some_and(|served| served.url == address && served.document == typed.text);
        let act = |ui: &mut Ui, is_fit: bool, button: Button<'_>, hint: &str| {
            let response = ui.add_enabled_ui(is_fit, |ui| ui.add(button)).inner;
            if hint.is_empty() { response.clicked() } else { response.on_hover_text(hint).clicked() }
        };
        if is_served {
            if act(ui, true, Button::primary(said(TO_THE_RUN)), "") {
                out.extend([Command::CloseDialog, Command::Go(Place::Grant(model.run.flow.grant))]);
            }
        } else if is_of_this_machine(address) {
            let words = if documents.served.is_some() {
                t!("Serve it anew and use it")
            } else {
                t!("Serve it here and use it")
            };
            let button = Button::primary(words).icon(icons::PLAY);
            if act(
                ui,
                is_fit && !documents.is_starting,
                button,
                t!("On this machine, until its client_id is used no more"),
            ) {
                push(out, DocumentCommand::Serve);
            }
        } else if act(ui, is_fit, Button::primary(t!("Use as client_id")), t!("Once the document lies at this address"))
        {
            push(out, DocumentCommand::Use);
        }
        if act(ui, has_text, Button::secondary(t!("Copy")).icon(icons::COPY), "") {
            copy(ui.ctx(), t!("the document"), typed.text.as_str());
        }
        if act(ui, has_text, Button::secondary(t!("Save the document...")).icon(icons::FLOPPY_DISK), "") {
            push(out, DocumentCommand::Save);
        }
        if dialog.is_written() && act(ui, true, Button::quiet(t!("Make it anew")), t!("From the settings")) {
            push(out, DocumentCommand::Anew);
        }
    });
}
