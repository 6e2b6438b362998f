//! Keys and certificates: read from files, made, and their public half given to whoever registers the client.

use serde_json::{Value, json};

use super::NO_RUN;
use crate::base::secret::Secret;
use crate::client::assertion::new_key_alg;
use crate::client::settings::{FIELDS, Settings, Slot};
use crate::gui::backend::{Backend, Job};
use crate::gui::language::{said, t};
use crate::gui::material;
use crate::gui::model::{Dialog, KeyFile, Model, NO_FILE_DIALOG};
use crate::jose::key::SigningKey;

/// Opens the dialog for a file of this setting.
pub fn ask(model: &mut Model, field: &'static str) {
    model.dialog = Some(Dialog::KeyFile(KeyFile { field, ..KeyFile::default() }));
}

/// Has the system ask for the file.
pub fn choose(backend: &mut dyn Backend) {
    backend.start(NO_RUN, Job::AskForKeyFile);
}

/// The system's answer goes into the dialog's field.
pub fn chosen(model: &mut Model, chosen: Option<String>) {
    if let (Some(Dialog::KeyFile(file)), Some(path)) = (&mut model.dialog, chosen) {
        file.path = path;
        file.error = None;
        model.wants_keyboard = Some(t!("Read"));
    }
}

/// Without a dialog of the system the path is typed.
pub fn no_dialog(model: &mut Model) {
    if let Some(Dialog::KeyFile(file)) = &mut model.dialog {
        file.error = Some(said(NO_FILE_DIALOG).to_owned());
    }
}

/// Reads the file of the dialog.
pub fn read(model: &Model, backend: &mut dyn Backend) {
    let Some(Dialog::KeyFile(file)) = &model.dialog else { return };
    let (path, password) = (file.path.trim().into(), file.password.clone());
    backend.start(NO_RUN, Job::ReadKeyFile { path, password });
}

/// What was read goes into its setting; what could not be read, or is something else, is said in the dialog, and what
/// was there stays.
pub fn came(model: &mut Model, backend: &mut dyn Backend, read: Result<Secret, String>) {
    let Some(Dialog::KeyFile(file)) = &mut model.dialog else { return };
    let field = file.field;
    // Judged by itself: the algorithm of the settings may be meant to change with the key.
    let fit = read.and_then(|secret| {
        material::described(field, secret.expose(), &Settings::default())
            .map_err(|why| t!("This file cannot be used as {field}: {why}", field, why))?;
        Ok(secret)
    });
    match fit {
        Err(why) => {
            file.error = Some(why);
            model.wants_keyboard = Some(t!("Path"));
        }
        Ok(secret) => {
            model.dialog = None;
            put(model, backend, field, secret);
        }
    }
}

/// Has a key made for the algorithm of the settings, or for one that the server takes.
pub fn make(model: &Model, backend: &mut dyn Backend) {
    let flow = &model.run.flow;
    let (client, protection) = (&flow.settings.client, &flow.settings.protection);
    let typed = [
        &client.token_endpoint_auth_signing_alg,
        &protection.request_object_signing_alg,
        &protection.backchannel_authentication_request_signing_alg,
    ];
    let of_key = |alg: &&&String| !matches!(alg.as_str(), "" | "none") && !alg.starts_with("HS");
    let metadata = flow.session.metadata.as_ref();
    let listed = metadata.and_then(|metadata| metadata.supported("token_endpoint_auth_signing_alg_values_supported"));
    let usual = || new_key_alg(listed.as_deref()).unwrap_or("ES256");
    let alg = typed.iter().find(of_key).map_or_else(usual, |alg| alg.as_str());
    backend.start(NO_RUN, Job::MakeKey(alg.to_owned()));
}

/// The new key.
pub fn made(model: &mut Model, backend: &mut dyn Backend, made: Result<Secret, String>) {
    match made {
        Ok(key) => {
            put(model, backend, "private_key", key);
            super::client_document::made_anew(model);
            super::toast(model, t!("Made a new private_key. Register its public half at the server").to_owned());
        }
        Err(why) => model.notice = Some(t!("No key could be made: {why}", why)),
    }
}

/// The public half as a JWK Set, as registration takes it (RFC 7591 section 2).
pub fn copy_public(model: &mut Model) {
    let settings = &model.run.flow.settings;
    match public_set(settings) {
        Some(set) => super::copy(model, set.to_string(), t!("the public key")),
        None => model.notice = Some(t!("private_key cannot be read, so there is no public half to copy.").to_owned()),
    }
}

fn public_set(settings: &Settings) -> Option<Value> {
    let client = &settings.client;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (alg, kid) = (given(&client.token_endpoint_auth_signing_alg), given(&client.kid));
    let key = SigningKey::read(client.private_key.expose(), alg.as_deref(), kid.as_deref()).ok()?;
    Some(json!({ "keys": [key.public_jwk()] }))
}

fn put(model: &mut Model, backend: &mut dyn Backend, name: &str, secret: Secret) {
    let mut settings = model.run.flow.settings.clone();
    let field = FIELDS.iter().find(|field| field.name == name);
    if let Some(Slot::Secret(slot)) = field.map(|field| (field.slot)(&mut settings)) {
        *slot = secret;
        super::edit::edit_settings(model, backend, settings);
    }
}
