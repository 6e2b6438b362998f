//! Keys, certificates and assertions in one line: what they are, or why they cannot be used.

use crate::base::text::visible;
use crate::client::assertion::{AssertionError, saml_xml};
use crate::client::certificate;
use crate::client::settings::Settings;
use crate::gui::language::t;
use crate::jose::jwe::DecryptionKey;
use crate::jose::key::{SigningKey, is_private};

/// What the setting of this name holds.
///
/// # Errors
/// Why it cannot be used, as part of a sentence.
pub fn described(name: &str, value: &str, settings: &Settings) -> Result<String, String> {
    match name {
        "private_key" => of_key(value, settings),
        "decryption_key" => of_decryption_key(value),
        "tls_client_certificate" => of_certificate(value),
        "client_assertion" => of_assertion("client_assertion", value),
        _ => of_assertion("assertion", value),
    }
}

fn of_key(value: &str, settings: &Settings) -> Result<String, String> {
    let client = &settings.client;
    let alg = Some(client.token_endpoint_auth_signing_alg.as_str()).filter(|alg| !alg.is_empty());
    let kid = Some(client.kid.as_str()).filter(|kid| !kid.is_empty());
    let key = SigningKey::read(value, alg, kid).map_err(|error| error.to_string())?;
    Ok(match key.kid() {
        Some(kid) => t!("Signs with {alg}, kid {kid}", alg = key.alg(), kid = visible(kid)),
        None => t!("Signs with {alg}, without a kid", alg = key.alg()),
    })
}

fn of_decryption_key(value: &str) -> Result<String, String> {
    let keys = DecryptionKey::read(value).map_err(|error| error.to_string())?;
    let names: Vec<_> = keys.iter().map(|key| visible(&key.name)).collect();
    Ok(t!("Decrypts with {names}", names = names.join("; ")))
}

fn of_certificate(pem: &str) -> Result<String, String> {
    let read = certificate::from_pem(pem).and_then(|certificate| certificate::describe(&certificate));
    let said = read.map_err(|error| error.to_string())?;
    Ok(t!("{subject}, until {to_utc}", subject = visible(&said.subject.to_string()), to_utc = said.not_after.to_utc()))
}

fn of_assertion(name: &'static str, value: &str) -> Result<String, String> {
    let said = match value.trim() {
        text if is_private(text) => return Err(AssertionError::IsKey(name).to_string()),
        text if text.starts_with('<') => t!("SAML as XML; it is sent as base64url"),
        text if saml_xml(text).is_some() => t!("SAML, encoded"),
        text if text.matches('.').count() == 2 => t!("A JWT, sent as it is"),
        _ => t!("Neither a JWT nor SAML; it is sent as it is"),
    };
    Ok(said.to_owned())
}
