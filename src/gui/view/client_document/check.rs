//! A document that is published somewhere: fetched, and judged as a server would.

use egui::{Key, Ui};

use super::judged::{head, members, verdicts};
use super::{Room, address, columns, push};
use crate::base::text::visible;
use crate::base::web_url::web_url;
use crate::client::client_document::Fate;
use crate::gui::client_document::Looked;
use crate::gui::language::t;
use crate::gui::model::{CheckedDocument, DocumentCommand};
use crate::gui::theme::{icons, size, text};
use crate::gui::view::Commands;
use crate::gui::widgets::{Banner, Button, Tone};

/// The side of the dialog.
pub fn show(ui: &mut Ui, room: Room, check: &CheckedDocument, out: &mut Commands) {
    let mut url = check.url.clone();
    ui.label(text::dim(t!("It is fetched as a server does it: without credentials, and no redirect is followed.")));
    ui.add_space(size::SPACE);
    let is_fit = |url: &str| web_url(url.trim()).is_ok();
    let enter = address(ui, &mut url).lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    ui.add_space(size::SPACE);
    let is_fit = is_fit(&url) && check.asked.is_none();
    ui.horizontal(|ui| {
        let clicked = ui.add_enabled_ui(is_fit, |ui| ui.add(Button::primary(t!("Fetch and judge"))).clicked()).inner;
        if is_fit && (clicked || enter) {
            push(out, DocumentCommand::Check);
        }
        if check.asked.is_some() {
            ui.label(icons::HOURGLASS.text(13.0));
            ui.label(text::dim(t!("Waiting for the document")));
            if ui.add(Button::secondary(t!("Stop"))).clicked() {
                push(out, DocumentCommand::Leave);
            }
        }
    });
    if url != check.url {
        push(out, DocumentCommand::Type(url));
    }
    ui.add_space(12.0);
    match &check.came {
        None => {}
        Some(Err(why)) => {
            Banner::new(Tone::Error, t!("There is no answer.")).text(&visible(why)).show(ui);
        }
        Some(Ok(looked)) => came(ui, room, looked, out),
    }
}

fn came(ui: &mut Ui, room: Room, looked: &Looked, out: &mut Commands) {
    let judged = &looked.judged;
    columns(
        ui,
        room,
        |ui| {
            head(ui, t!("Document"));
            match &looked.shown {
                Some(document) => members(ui, document),
                None => drop(ui.label(text::dim(t!("There is no document that could be read.")))),
            }
        },
        |ui| verdicts(ui, judged),
    );
    let Some(document) = &judged.document else { return };
    ui.add_space(12.0);
    ui.horizontal_wrapped(|ui| {
        let button = match judged.fate() {
            Fate::Taken | Fate::TakenHere => Button::primary(t!("Use as client_id")),
            Fate::Refused | Fate::RefusedByMany { .. } => Button::secondary(t!("Use as client_id")),
        };
        if ui.add(button).clicked() {
            push(out, DocumentCommand::UseChecked);
        }
        if document.text("token_endpoint_auth_method") == Some("private_key_jwt") {
            ui.label(text::note(t!(
                "It proves itself by a key: private_key has to be the one that belongs to its jwks."
            )));
        }
    });
}
