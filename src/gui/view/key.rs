//! What stands under the field of a key: what the key is, and where another one comes from.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use egui::{Id, Ui};

use super::Commands;
use crate::base::text::visible;
use crate::client::assertion::saml_xml;
use crate::client::certificate;
use crate::client::settings::Settings;
use crate::gui::command::Command;
use crate::gui::theme::text;
use crate::gui::widgets::Button;
use crate::jose::key::SigningKey;

/// The line about the key, and its buttons.
pub fn show(ui: &mut Ui, name: &'static str, value: &str, settings: &Settings, out: &mut Commands) {
    if !value.trim().is_empty() {
        ui.label(text::note(described(ui, name, value, settings)));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.add(Button::secondary(&format!("Read {name} from a file")).small()).clicked() {
            out.push(Command::AskKeyFile(name));
        }
        if name != "private_key" {
            return;
        }
        if ui.add(Button::secondary("Make a new key").small()).clicked() {
            out.push(Command::MakeKey);
        }
        if !value.trim().is_empty() && ui.add(Button::secondary("Copy the public key").small()).clicked() {
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
    let said = match name {
        "private_key" => of_key(value, settings),
        "tls_client_certificate" => of_certificate(value),
        _ => of_assertion(value),
    };
    ui.data_mut(|data| data.insert_temp(id, said.clone()));
    said
}

fn of_key(value: &str, settings: &Settings) -> String {
    let client = &settings.client;
    let alg = Some(client.token_endpoint_auth_signing_alg.as_str()).filter(|alg| !alg.is_empty());
    let kid = Some(client.kid.as_str()).filter(|kid| !kid.is_empty());
    match SigningKey::read(value, alg, kid) {
        Ok(key) => match key.kid() {
            Some(kid) => format!("Signs with {}, kid {}", key.alg(), visible(kid)),
            None => format!("Signs with {}, without a kid", key.alg()),
        },
        Err(error) => format!("Cannot be used: {error}"),
    }
}

fn of_certificate(pem: &str) -> String {
    let read = certificate::from_pem(pem).and_then(|certificate| certificate::describe(&certificate));
    match read {
        Ok(said) => format!("{}, until {}", visible(&said.subject.to_string()), said.not_after.to_utc()),
        Err(error) => format!("Cannot be used: {error}"),
    }
}

fn of_assertion(value: &str) -> String {
    match value.trim() {
        text if text.starts_with('<') => "SAML as XML; it is sent as base64url".to_owned(),
        text if saml_xml(text).is_some() => "SAML, encoded".to_owned(),
        text if text.matches('.').count() == 2 => "A JWT, sent as it is".to_owned(),
        _ => "Neither a JWT nor SAML; it is sent as it is".to_owned(),
    }
}
