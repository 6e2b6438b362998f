//! The client metadata that settings make (RFC 7591 section 2), and what is typed beside them.

use url::Url;

use crate::base::http::is_loopback;
use crate::base::json::{Json, Members, text};
use crate::client::assertion::{self, AssertionError};
use crate::client::authentication::certificate;
use crate::client::certificate::{CertificateError, describe};
use crate::client::settings::{Settings, is_used};
use crate::jose::jwe::DecryptionKey;
use crate::jose::jwk::{Jwk, KeyError};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;

/// The name for people that a client has unless another one is typed.
const CLIENT_NAME: &str = "Grantscope";

/// Why there are no metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// `client_metadata` is no JSON object.
    #[error("client_metadata is not a JSON object: {0}")]
    Typed(String),
    /// The public key cannot be made.
    #[error(transparent)]
    Key(#[from] AssertionError),
    /// What is encrypted to cannot be read.
    #[error("decryption_key cannot be used: {0}")]
    DecryptionKey(KeyError),
    /// The key of the certificate is of a type that is not known here.
    #[error("the key of tls_client_certificate cannot be registered: {0}")]
    CertificateKey(KeyError),
    /// The subject of the certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl MetadataError {
    /// The setting to look at.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Typed(_) => "client_metadata",
            Self::Key(_) => "private_key",
            Self::DecryptionKey(_) => "decryption_key",
            Self::CertificateKey(_) | Self::Certificate(_) => "tls_client_certificate",
        }
    }
}

/// The metadata of a client with these settings that runs this grant; `redirect_uri` is where its answers come.
///
/// # Errors
/// When a key or a certificate cannot be read, or what is typed is no JSON object.
pub fn of_settings(settings: &Settings, grant: Grant, redirect_uri: Option<&str>) -> Result<Json, MetadataError> {
    let mut made = Made(vec![("client_name".to_owned(), text(CLIENT_NAME))]);
    add_grant(&mut made, settings, grant, redirect_uri);
    add_authentication(&mut made, settings, grant)?;
    add_protection(&mut made, settings);
    add_encryption(&mut made, settings, grant);
    add_addresses(&mut made, settings);
    made.text("software_statement", settings.registration.software_statement.expose());
    overlay(made.0, &settings.registration.client_metadata)
}

/// Members that are there when there is something to say.
struct Made(Members);

impl Made {
    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0.push((name.to_owned(), text(value)));
        }
    }

    fn list(&mut self, name: &str, values: Vec<&str>) {
        self.0.push((name.to_owned(), Json::Array(values.into_iter().map(text).collect())));
    }

    fn switch(&mut self, name: &str, is_on: bool) {
        if is_on {
            self.0.push((name.to_owned(), Json::Bool(true)));
        }
    }
}

fn add_grant(made: &mut Made, settings: &Settings, grant: Grant, redirect_uri: Option<&str>) {
    if let Some(redirect_uri) = redirect_uri {
        made.list("redirect_uris", vec![redirect_uri]);
        made.text("application_type", application_type(redirect_uri));
    }
    made.list("grant_types", grant_types(grant));
    // Left out it would be code (section 2), which is not asked for without a browser.
    let asked = settings.request.response_type.as_str();
    made.list("response_types", if redirect_uri.is_some() { vec![asked] } else { Vec::new() });
    made.text("scope", &settings.request.scope);
}

/// An app on a device has its answers come to loopback or to a scheme of its own (OIDC Registration section 2).
fn application_type(redirect_uri: &str) -> &'static str {
    let is_web = |url: Url| url.scheme() == "https" && !is_loopback(&url);
    if Url::parse(redirect_uri).is_ok_and(is_web) { "web" } else { "native" }
}

/// What a run of this grant uses, with the refresh that may follow.
fn grant_types(grant: Grant) -> Vec<&'static str> {
    let login = if grant.has_code() { Some(Grant::AuthorizationCode.grant_type()) } else { None };
    let implicit = if grant == Grant::Hybrid { Some(Grant::Implicit.grant_type()) } else { None };
    let refresh = grant.has_user() && grant != Grant::Implicit;
    let refresh = refresh.then_some(Grant::RefreshToken.grant_type());
    let mut types: Vec<&str> = Vec::new();
    for name in login.into_iter().chain([grant.grant_type()]).chain(implicit).chain(refresh) {
        if !types.contains(&name) {
            types.push(name);
        }
    }
    types
}

fn add_authentication(made: &mut Made, settings: &Settings, grant: Grant) -> Result<(), MetadataError> {
    let client = &settings.client;
    made.text("token_endpoint_auth_method", &client.token_endpoint_auth_method);
    made.text("token_endpoint_auth_signing_alg", &client.token_endpoint_auth_signing_alg);
    let method = settings.auth_method();
    let has_key = !client.private_key.is_empty() && is_used("private_key", grant, settings);
    let mut keys = encryption_keys(settings, grant)?;
    if has_key || method == Some(ClientAuthMethod::PrivateKeyJwt) {
        let key = assertion::key_for(settings, None, "the registration of a client with a key")?;
        keys.push(Json::from(&key.public_jwk()));
    }
    // Such a client is known by the certificate in its keys (RFC 8705 section 2.2).
    if let (Some(ClientAuthMethod::SelfSignedTlsClientAuth), Some(shown)) = (method, certificate(settings)?) {
        let own =
            shown.chain.first().map(|der| Jwk::certified(der)).transpose().map_err(MetadataError::CertificateKey)?;
        keys.extend(own.map(|key| key.json));
    }
    if !keys.is_empty() {
        made.0.push(("jwks".to_owned(), Json::Object(vec![("keys".to_owned(), Json::Array(keys))])));
    }
    if let (Some(ClientAuthMethod::TlsClientAuth), Some(shown)) = (method, certificate(settings)?) {
        made.text("tls_client_auth_subject_dn", &describe(&shown)?.subject.to_string());
    }
    Ok(())
}

/// What answers are to be encrypted to. Beside keys that sign, each says what it is for (OIDC Registration section 2,
/// jwks).
fn encryption_keys(settings: &Settings, grant: Grant) -> Result<Vec<Json>, MetadataError> {
    let key = &settings.client.decryption_key;
    if !is_used("decryption_key", grant, settings) {
        return Ok(Vec::new());
    }
    if key.is_empty() {
        return Ok(signing_for_encryption(settings));
    }
    let keys = DecryptionKey::public(key.expose()).map_err(MetadataError::DecryptionKey)?;
    Ok(keys.into_iter().map(|jwk| for_encryption(&jwk)).collect())
}

/// The key that signs, where it opens answers as well: once more, as servers look for a key of that use. One of another type
/// than they are encrypted to opens nothing.
fn signing_for_encryption(settings: &Settings) -> Vec<Json> {
    let (client, protection) = (&settings.client, &settings.protection);
    let algs = [
        &client.id_token_encrypted_response_alg,
        &client.userinfo_encrypted_response_alg,
        &protection.authorization_encrypted_response_alg,
    ];
    let is_fit = |key: &Jwk| {
        let family = if key.kty == "RSA" { "RSA" } else { "ECDH" };
        algs.iter().any(|alg| alg.starts_with(family))
    };
    let keys = DecryptionKey::public(client.private_key.expose()).unwrap_or_default();
    let of_signing = ["use", "alg", "key_ops"];
    let bare = |key: Jwk| {
        let members = key.json.members().iter().filter(|(name, _)| !of_signing.contains(&name.as_str()));
        let mut members: Members = members.cloned().collect();
        members.push(("use".to_owned(), text("enc")));
        Json::Object(members)
    };
    keys.into_iter().filter(is_fit).map(bare).collect()
}

fn for_encryption(jwk: &Jwk) -> Json {
    let mut members = jwk.json.members().to_vec();
    if jwk.key_use.is_none() {
        members.push(("use".to_owned(), text("enc")));
    }
    Json::Object(members)
}

/// How answers are to be encrypted (OIDC Registration section 2, JARM section 3), as far as there will be such answers.
fn add_encryption(made: &mut Made, settings: &Settings, grant: Grant) {
    let (client, protection) = (&settings.client, &settings.protection);
    for (name, value) in [
        ("id_token_encrypted_response_alg", &client.id_token_encrypted_response_alg),
        ("id_token_encrypted_response_enc", &client.id_token_encrypted_response_enc),
        ("userinfo_encrypted_response_alg", &client.userinfo_encrypted_response_alg),
        ("userinfo_encrypted_response_enc", &client.userinfo_encrypted_response_enc),
        ("authorization_encrypted_response_alg", &protection.authorization_encrypted_response_alg),
        ("authorization_encrypted_response_enc", &protection.authorization_encrypted_response_enc),
    ] {
        if is_used(name, grant, settings) {
            made.text(name, value);
        }
    }
}

fn add_protection(made: &mut Made, settings: &Settings) {
    let (client, protection) = (&settings.client, &settings.protection);
    for (name, value) in [
        ("id_token_signed_response_alg", &client.id_token_signed_response_alg),
        ("userinfo_signed_response_alg", &client.userinfo_signed_response_alg),
        ("request_object_signing_alg", &protection.request_object_signing_alg),
        ("backchannel_authentication_request_signing_alg", &protection.backchannel_authentication_request_signing_alg),
        ("authorization_signed_response_alg", &protection.authorization_signed_response_alg),
    ] {
        made.text(name, value);
    }
    for (name, is_on) in [
        ("require_pushed_authorization_requests", protection.require_pushed_authorization_requests),
        ("dpop_bound_access_tokens", protection.dpop_bound_access_tokens),
        ("tls_client_certificate_bound_access_tokens", protection.tls_client_certificate_bound_access_tokens),
    ] {
        made.switch(name, is_on);
    }
}

fn add_addresses(made: &mut Made, settings: &Settings) {
    let client = &settings.client;
    if !client.post_logout_redirect_uri.is_empty() {
        made.list("post_logout_redirect_uris", vec![&any_port(&client.post_logout_redirect_uri)]);
    }
    made.text("backchannel_logout_uri", &client.backchannel_logout_uri);
    if !client.frontchannel_logout_uri.is_empty() {
        made.text("frontchannel_logout_uri", &client.frontchannel_logout_uri);
        made.switch("frontchannel_logout_session_required", client.frontchannel_logout_session_required);
    }
    if !settings.protection.request_uris.is_empty() {
        made.list("request_uris", vec![&any_port(&settings.protection.request_uris)]);
    }
    made.text("backchannel_token_delivery_mode", &client.backchannel_token_delivery_mode);
    made.text("backchannel_client_notification_endpoint", &client.backchannel_client_notification_endpoint);
}

/// An address on this machine whose port is taken anew at each run, as it is registered: without one, since servers take
/// any then (RFC 8252 section 7.3).
pub fn any_port(typed: &str) -> String {
    match Url::parse(typed).ok().filter(|url| is_loopback(url) && url.port() == Some(0)) {
        Some(mut url) => {
            url.set_port(None).ok();
            url.into()
        }
        None => typed.to_owned(),
    }
}

/// Members with those that are typed in their place; `null` takes one away.
///
/// # Errors
/// When what is typed is no JSON object.
fn overlay(members: Members, typed: &str) -> Result<Json, MetadataError> {
    let mut all = placed(members, read(typed)?);
    all.retain(|(_, value)| *value != Json::Null);
    Ok(Json::Object(all))
}

/// What is registered, with what is typed in its place. What was taken from the first request stays as the server has it
/// now: an update that leaves it out would delete it (RFC 7592 section 2.2).
///
/// # Errors
/// When what is typed is no JSON object.
pub fn changed(registered: Members, typed: &str) -> Result<Json, MetadataError> {
    let mut typed = read(typed)?;
    typed.retain(|(_, value)| *value != Json::Null);
    Ok(Json::Object(placed(registered, typed)))
}

fn read(typed: &str) -> Result<Members, MetadataError> {
    if typed.trim().is_empty() {
        return Ok(Members::new());
    }
    match Json::parse_text(typed).map_err(|error| MetadataError::Typed(error.to_string()))? {
        Json::Object(members) => Ok(members),
        other => Err(MetadataError::Typed(format!("it is {}", other.a_kind()))),
    }
}

fn placed(mut members: Members, typed: Members) -> Members {
    for (name, value) in typed {
        match members.iter().position(|(known, _)| *known == name) {
            Some(at) => members[at].1 = value,
            None => members.push((name, value)),
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::key::SigningKey;

    fn made(change: impl FnOnce(&mut Settings), grant: Grant, redirect_uri: Option<&str>) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        of_settings(&settings, grant, redirect_uri).expect("metadata").to_string()
    }

    #[test]
    fn each_grant_registers_what_it_uses() {
        let callback = Some("http://127.0.0.1:8912/callback");
        let code =
            made(|settings| "openid".clone_into(&mut settings.request.scope), Grant::AuthorizationCode, callback);
        assert_eq!(
            code,
            r#"{"client_name":"Grantscope","redirect_uris":["http://127.0.0.1:8912/callback"],"application_type":"native","grant_types":["authorization_code","refresh_token"],"response_types":["code"],"scope":"openid"}"#
        );
        let machine = made(|_| {}, Grant::ClientCredentials, None);
        assert_eq!(machine, r#"{"client_name":"Grantscope","grant_types":["client_credentials"],"response_types":[]}"#);
        for (grant, expected) in [
            (Grant::Implicit, vec!["implicit"]),
            (Grant::Hybrid, vec!["authorization_code", "implicit", "refresh_token"]),
            (Grant::RefreshToken, vec!["authorization_code", "refresh_token"]),
            (Grant::JwtBearer, vec!["urn:ietf:params:oauth:grant-type:jwt-bearer"]),
        ] {
            assert_eq!(grant_types(grant), expected, "{grant:?}");
        }
        assert_eq!(application_type("https://app.example/cb"), "web");
        assert_eq!(application_type("com.example.app:/cb"), "native");
    }

    #[test]
    fn an_update_keeps_what_was_taken_from_the_first_request() {
        let Json::Object(registered) = Json::parse_text(r#"{"client_name":"A","scope":"email"}"#).expect("JSON") else {
            panic!("no object")
        };
        let asked = changed(registered, r#"{"scope":null,"client_name":"B"}"#).expect("metadata");
        assert_eq!(asked.to_string(), r#"{"client_name":"B","scope":"email"}"#);
    }

    #[test]
    fn what_is_typed_wins_and_null_takes_a_member_away() {
        let typed = r#"{"client_name":"Mine","scope":null,"contacts":["a@example.com"]}"#;
        let change = |settings: &mut Settings| {
            "openid".clone_into(&mut settings.request.scope);
            typed.clone_into(&mut settings.registration.client_metadata);
        };
        assert_eq!(
            made(change, Grant::ClientCredentials, None),
            r#"{"client_name":"Mine","grant_types":["client_credentials"],"response_types":[],"contacts":["a@example.com"]}"#
        );
        for typed in ["[]", "{", "7"] {
            let error = overlay(Vec::new(), typed).expect_err(typed);
            assert_eq!(error.field(), "client_metadata", "{typed}");
        }
    }

    #[test]
    fn a_key_is_registered_by_its_public_half_alone() {
        let key = SigningKey::generate("ES256", "k1").expect("a key");
        let with_key = |settings: &mut Settings| {
            "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
            settings.client.private_key = key.private_jwk();
        };
        let json = made(with_key, Grant::ClientCredentials, None);
        let json = Json::parse_text(&json).expect("JSON");
        let set = json.get("jwks").and_then(|set| set.get("keys")).expect("keys").elements()[0].clone();
        assert!(set.get("x").is_some() && set.get("d").is_none());
        let mut settings = Settings::default();
        "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
        let error = of_settings(&settings, Grant::ClientCredentials, None).expect_err("no key");
        assert_eq!(error.field(), "private_key");
    }
}
