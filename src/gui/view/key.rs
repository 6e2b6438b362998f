//! What stands under the field of a key: what the key is, and where another one comes from.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use egui::{Id, Ui};

use super::Commands;
use crate::client::settings::Settings;
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::material;
use crate::gui::theme::text;
use crate::gui::widgets::Button;

/// The line about the key, and its buttons.
pub fn show(ui: &mut Ui, name: &'static str, value: &str, settings: &Settings, out: &mut Commands) {
    if !value.trim().is_empty() {
        ui.label(text::note(described(ui, name, value, settings)));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.add(Button::secondary(&t!("Read {name} from a file", name)).small()).clicked() {
            out.push(Command::AskKeyFile(name));
        }
        if name != "private_key" {
            return;
        }
        if ui.add(Button::secondary(t!("Make a new key")).small()).clicked() {
            out.push(Command::MakeKey);
        }
        if !value.trim().is_empty() && ui.add(Button::secondary(t!("Copy the public key")).small()).clicked() {
            out.push(Command::CopyPublicKey);
        }
    });
}

/// In one line. Read anew only when the text changes.
fn described(ui: &Ui, name: &str, value: &str, settings: &Settings) -> String {
    let mut hasher = DefaultHasher::new();
    (name, value, &settings.client.token_endpoint_auth_signing_alg, &settings.client.kid).hash(&mut hasher);
    let id = Id::unique(("key", hasher.finish()));
    if let Some(known) = ui.data(|data| data.get_temp(id)) {
        return known;
    }
    let said = match material::described(name, value, settings) {
        Ok(said) => said,
        Err(why) => t!("Cannot be used: {why}", why),
    };
    ui.data_mut(|data| data.insert_temp(id, said.clone()));
    said
}
