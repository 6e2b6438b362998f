//! Clients of a configuration file, and what of them cannot work.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Table;
use url::Url;

use super::super::assertion;
use super::super::certificates;
use super::super::client::METHODS;
use super::super::grant::GRANTS;
use super::super::pattern::Pattern;
use super::super::redirect_uri::{is_beside, is_of_browser, is_plain};
use super::super::response_type::RESPONSE_TYPES;
use super::super::token::{ACCESS_TOKEN_CLAIMS, ID_TOKEN_CLAIMS};
use super::encryption::{self, Algorithms, Encryption};
use super::federated::FederatedCredential;
use super::{AccessTokenFormat, Client, Consent};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::x509::{self, CertificateError};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::scope::same;

/// What tokens may be signed with.
pub const SIGNING_ALGS: [&str; 4] = ["ES256", "RS256", "PS256", "EdDSA"];
/// Longer than any run; keeps sums of times within the calendar.
pub const LONGEST: u64 = 10 * 365 * 24 * 3600;
/// The least that HS256 allows (RFC 7518 section 3.2).
const HMAC_SECRET: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientTable {
    pub client_id: String,
    client_name: Option<String>,
    client_secret: Option<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    jwks: Option<Table>,
    #[serde(default)]
    federated_identity_credentials: Vec<FederatedCredential>,
    jwks_uri: Option<String>,
    tls_client_auth_subject_dn: Option<String>,
    tls_client_auth_san_dns: Option<String>,
    tls_client_certificate: Option<String>,
    #[serde(default)]
    tls_client_certificate_bound_access_tokens: bool,
    #[serde(default)]
    dpop_bound_access_tokens: bool,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    #[serde(default)]
    any_loopback_redirect: bool,
    #[serde(default)]
    redirect_patterns: Vec<String>,
    consent: Option<String>,
    id_token_signed_response_alg: Option<String>,
    userinfo_signed_response_alg: Option<String>,
    id_token_encrypted_response_alg: Option<String>,
    id_token_encrypted_response_enc: Option<String>,
    userinfo_encrypted_response_alg: Option<String>,
    userinfo_encrypted_response_enc: Option<String>,
    authorization_encrypted_response_alg: Option<String>,
    authorization_encrypted_response_enc: Option<String>,
    backchannel_token_delivery_mode: Option<String>,
    backchannel_client_notification_endpoint: Option<String>,
    backchannel_logout_uri: Option<String>,
    frontchannel_logout_uri: Option<String>,
    #[serde(default)]
    frontchannel_logout_session_required: bool,
    #[serde(default)]
    backchannel_user_code_parameter: bool,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    #[serde(default)]
    require_signed_request_object: bool,
    request_object_signing_alg: Option<String>,
    backchannel_authentication_request_signing_alg: Option<String>,
    access_token_format: Option<String>,
    #[serde(default)]
    access_token_claims: Table,
    #[serde(default)]
    id_token_claims: Table,
    access_token_lifetime: Option<u64>,
    refresh_token_lifetime: Option<u64>,
    id_token_lifetime: Option<u64>,
}

/// A client of the file.
///
/// # Errors
/// What cannot work, in words, without its name.
pub(super) fn client(table: ClientTable) -> Result<Client, String> {
    let grant_types =
        table.grant_types.unwrap_or_else(|| vec!["authorization_code".to_owned(), "refresh_token".to_owned()]);
    let read = Algorithms::read;
    let encryption = Encryption {
        id_token: read("id_token", table.id_token_encrypted_response_alg, table.id_token_encrypted_response_enc)?,
        userinfo: read("userinfo", table.userinfo_encrypted_response_alg, table.userinfo_encrypted_response_enc)?,
        authorization: read(
            "authorization",
            table.authorization_encrypted_response_alg,
            table.authorization_encrypted_response_enc,
        )?,
    };
    let jwks = table.jwks.map_or_else(|| Ok(Vec::new()), keys)?;
    // The certificate of such a client is in its keys (RFC 8705 section 2.2).
    let is_self_signed =
        table.token_endpoint_auth_method.as_deref() == Some(ClientAuthMethod::SelfSignedTlsClientAuth.name());
    let of_keys = jwks.iter().find_map(Jwk::certificate).filter(|_| is_self_signed);
    let client = Client {
        encryption,
        client_name: table.client_name.unwrap_or_else(|| table.client_id.clone()),
        client_secret: table.client_secret.filter(|secret| !secret.is_empty()).map(Secret::new),
        grant_types,
        response_types: table.response_types.unwrap_or_else(|| vec!["code".to_owned()]),
        jwks,
        federated_identity_credentials: table.federated_identity_credentials,
        jwks_uri: table.jwks_uri,
        tls_client_auth_subject_dn: table.tls_client_auth_subject_dn,
        tls_client_auth_san_dns: table.tls_client_auth_san_dns,
        tls_client_certificate: table.tls_client_certificate.as_deref().map(certificate).transpose()?.or(of_keys),
        tls_client_certificate_bound_access_tokens: table.tls_client_certificate_bound_access_tokens,
        dpop_bound_access_tokens: table.dpop_bound_access_tokens,
        redirect_uris: table.redirect_uris,
        post_logout_redirect_uris: table.post_logout_redirect_uris,
        any_loopback_redirect: table.any_loopback_redirect,
        redirect_patterns: table.redirect_patterns.into_iter().map(Pattern::new).collect(),
        id_token_signed_response_alg: signing_alg("id_token", table.id_token_signed_response_alg)?,
        userinfo_signed_response_alg: signing_alg("userinfo", table.userinfo_signed_response_alg)?,
        consent: table.consent.as_deref().map(consent).transpose()?,
        backchannel_token_delivery_mode: table.backchannel_token_delivery_mode,
        backchannel_client_notification_endpoint: table.backchannel_client_notification_endpoint,
        backchannel_logout_uri: table.backchannel_logout_uri,
        frontchannel_logout_uri: table.frontchannel_logout_uri,
        frontchannel_logout_session_required: table.frontchannel_logout_session_required,
        backchannel_user_code_parameter: table.backchannel_user_code_parameter,
        require_pushed_authorization_requests: table.require_pushed_authorization_requests,
        require_signed_request_object: table.require_signed_request_object,
        request_object_signing_alg: table.request_object_signing_alg.map(object_alg).transpose()?,
        backchannel_authentication_request_signing_alg: table.backchannel_authentication_request_signing_alg,
        access_token_format: format(table.access_token_format.as_deref())?,
        access_token_claims: claims(table.access_token_claims),
        id_token_claims: claims(table.id_token_claims),
        access_token_lifetime: table.access_token_lifetime.map(seconds).transpose()?,
        refresh_token_lifetime: table.refresh_token_lifetime.map(seconds).transpose()?,
        id_token_lifetime: table.id_token_lifetime.map(seconds).transpose()?,
        ..Client::new(&table.client_id)
    };
    let methods = methods(&client, table.token_endpoint_auth_method.as_deref())?;
    let client = Client { token_endpoint_auth_methods: methods, ..client };
    check(&client).map(|()| client)
}

/// A client as JSON, by the keys of a file; its name stands beside. Claims stay as they are, also where TOML could not
/// write them.
///
/// # Errors
/// What cannot work, in words.
pub fn client_from_json(client_id: &str, mut members: Map<String, Value>) -> Result<Client, String> {
    let [of_access, of_id] = ["access_token_claims", "id_token_claims"].map(|name| object(&mut members, name));
    members.insert("client_id".to_owned(), Value::from(client_id));
    let table = serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())?;
    let client = Client { access_token_claims: of_access?, id_token_claims: of_id?, ..client(table)? };
    check(&client).map(|()| client)
}

/// Takes a member out that is an object; an empty one where there is none.
pub(super) fn object(members: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, String> {
    match members.remove(name) {
        None => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(format!("{name} is no object")),
    }
}

/// The method that is named, or those that fit what the client has.
fn methods(client: &Client, named: Option<&str>) -> Result<Vec<ClientAuthMethod>, String> {
    let Some(named) = named else {
        return Ok(if client.client_secret.is_some() {
            vec![ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost]
        } else if signs(client) {
            vec![ClientAuthMethod::PrivateKeyJwt]
        } else if has_subject(client) {
            vec![ClientAuthMethod::TlsClientAuth]
        } else if client.tls_client_certificate.is_some() {
            vec![ClientAuthMethod::SelfSignedTlsClientAuth]
        } else {
            vec![ClientAuthMethod::None]
        });
    };
    let known = METHODS.into_iter().find(|method| method.name() == named);
    let method = known.ok_or_else(|| format!("token_endpoint_auth_method {named} is not supported here"))?;
    let length = client.client_secret.as_ref().map_or(0, |secret| secret.expose().len());
    let lacks = match method {
        ClientAuthMethod::None if length > 0 => "no client_secret, when there is nothing to authenticate with",
        ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost if length == 0 => "a client_secret",
        ClientAuthMethod::ClientSecretJwt if length < HMAC_SECRET => "a client_secret of 32 bytes or more",
        ClientAuthMethod::PrivateKeyJwt if !signs(client) => {
            "jwks with a key, jwks_uri, or federated_identity_credentials"
        }
        ClientAuthMethod::TlsClientAuth if !has_subject(client) => "tls_client_auth_subject_dn",
        ClientAuthMethod::SelfSignedTlsClientAuth if client.tls_client_certificate.is_none() => {
            "tls_client_certificate, or jwks with a certificate in x5c"
        }
        _ => return Ok(vec![method]),
    };
    Err(format!("token_endpoint_auth_method {named} needs {lacks}"))
}

/// Whether something is known that an assertion of this client can be verified by.
const fn signs(client: &Client) -> bool {
    !client.jwks.is_empty() || client.jwks_uri.is_some() || !client.federated_identity_credentials.is_empty()
}

const fn has_subject(client: &Client) -> bool {
    client.tls_client_auth_subject_dn.is_some() || client.tls_client_auth_san_dns.is_some()
}

/// The subject of a certificate: one name, and one that a certificate can be made for (RFC 8705 section 2.1.2).
fn check_subject(client: &Client) -> Result<(), String> {
    match (&client.tls_client_auth_subject_dn, &client.tls_client_auth_san_dns) {
        (Some(_), Some(_)) => {
            Err("of tls_client_auth_subject_dn and tls_client_auth_san_dns only one can be there".to_owned())
        }
        (Some(dn), None) => {
            certificates::name(dn).map(drop).map_err(|why| format!("tls_client_auth_subject_dn: {why}"))
        }
        (None, Some(name)) if !is_dns_name(name) => Err(format!("tls_client_auth_san_dns is no DNS name: {name}")),
        _ => Ok(()),
    }
}

/// RFC 1034 section 3.5
fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        allowed && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

fn certificate(pem: &str) -> Result<Vec<u8>, String> {
    let unreadable = |why: String| format!("tls_client_certificate: {why}");
    let mut chain = x509::certificates(pem).map_err(|error| unreadable(error.to_string()))?;
    if x509::private_key(pem) != Err(CertificateError::NoKey) {
        return Err(unreadable("only the certificate belongs there, not its private key".to_owned()));
    }
    match chain.len() {
        1 => Ok(chain.remove(0)),
        count => Err(unreadable(format!("it has {count} certificates, and only the client's own belongs there"))),
    }
}

fn check(client: &Client) -> Result<(), String> {
    check_subject(client)?;
    if client.jwks_uri.is_some() && !client.jwks.is_empty() {
        return Err("of jwks and jwks_uri only one can be there (RFC 7591 section 2)".to_owned());
    }
    encryption::check(client)?;
    let known = |name: &String| name == "implicit" || GRANTS.iter().any(|grant| grant.name == name);
    if let Some(unknown) = client.grant_types.iter().find(|name| !known(name)) {
        return Err(format!("grant_type {unknown} is not supported here"));
    }
    let known = |name: &String| RESPONSE_TYPES.iter().any(|known| same(known, name));
    if let Some(unknown) = client.response_types.iter().find(|name| !known(name)) {
        return Err(format!("response_type {unknown} is not supported here"));
    }
    let is_uri = |uri: &String| is_plain(uri) && Url::parse(uri).is_ok();
    let mut uris = client.redirect_uris.iter().chain(&client.post_logout_redirect_uris);
    if let Some(bad) = uris.clone().find(|uri| !is_uri(uri)) {
        return Err(format!("not an absolute URI without fragment: {bad}"));
    }
    if let Some(bad) = uris.find(|uri| is_of_browser(uri)) {
        return Err(format!("a browser runs or shows this by itself, and no client gets it: {bad}"));
    }
    let needs_redirect = client.may_use("authorization_code") || client.may_use("implicit");
    let has_redirect = !client.redirect_uris.is_empty() || !client.redirect_patterns.is_empty();
    if needs_redirect && !has_redirect && !client.any_loopback_redirect {
        return Err("redirect_uris is missing, or any_loopback_redirect = true".to_owned());
    }
    match client.backchannel_token_delivery_mode.as_deref() {
        None | Some("poll") => {}
        Some("ping" | "push") if client.backchannel_client_notification_endpoint.is_some() => {}
        Some("ping" | "push") => return Err("backchannel_client_notification_endpoint is missing".to_owned()),
        Some(other) => return Err(format!("backchannel_token_delivery_mode is {other}, not poll, ping or push")),
    }
    if let Some(uri) = client.frontchannel_logout_uri.as_deref().filter(|uri| !is_beside(client, uri)) {
        return Err(format!("frontchannel_logout_uri has another scheme, domain or port than redirect_uris: {uri}"));
    }
    for (key, claims, own) in [
        ("access_token_claims", &client.access_token_claims, ACCESS_TOKEN_CLAIMS),
        ("id_token_claims", &client.id_token_claims, ID_TOKEN_CLAIMS),
    ] {
        if let Some(name) = own.iter().find(|name| claims.contains_key(**name)) {
            return Err(format!("{key} has {name}, which the server decides"));
        }
    }
    Ok(())
}

fn keys(table: Table) -> Result<Vec<Jwk>, String> {
    public_keys(&Json::from(&Value::Object(claims(table))))
}

/// The keys of a set that a client shows to everybody.
///
/// # Errors
/// When it cannot be read, or has keys that nobody but the client may know, in words.
pub fn public_keys(json: &Json) -> Result<Vec<Jwk>, String> {
    let set = JwkSet::from_json(json).map_err(|error| format!("jwks cannot be read: {error}"))?;
    if let Some((at, error)) = set.unreadable.first() {
        return Err(format!("key {at} of jwks cannot be read: {error}"));
    }
    match set.keys.iter().any(|key| key.has_private_members() || key.kty == "oct") {
        true => Err("jwks has private or symmetric keys; only public ones belong there".to_owned()),
        false => Ok(set.keys),
    }
}

fn signing_alg(kind: &str, named: Option<String>) -> Result<Option<String>, String> {
    match named {
        Some(alg) if !SIGNING_ALGS.contains(&alg.as_str()) => {
            Err(format!("{kind}_signed_response_alg is {alg}, not one of {}", SIGNING_ALGS.join(", ")))
        }
        named => Ok(named),
    }
}

/// An algorithm that request objects are verified by here, which are signed.
fn object_alg(named: String) -> Result<String, String> {
    let known: Vec<&str> = assertion::known_algs().collect();
    match known.contains(&named.as_str()) {
        true => Ok(named),
        false => Err(format!("request_object_signing_alg is {named}, not one of {}", known.join(", "))),
    }
}

fn consent(named: &str) -> Result<Consent, String> {
    match named {
        "ask" => Ok(Consent::Ask),
        "remember" => Ok(Consent::Remember),
        "skip" => Ok(Consent::Skip),
        _ => Err(format!("consent is {named}, not ask, remember or skip")),
    }
}

/// What access tokens look like.
///
/// # Errors
/// For a name that is not known.
pub(super) fn format(named: Option<&str>) -> Result<AccessTokenFormat, String> {
    let Some(named) = named else { return Ok(AccessTokenFormat::Jwt) };
    let known = [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque].into_iter().find(|format| format.name() == named);
    known.ok_or_else(|| format!("access_token_format is {named}, not jwt or opaque"))
}

/// Zero is allowed: something that has expired when it arrives is worth a test.
///
/// # Errors
/// For more than ten years.
pub(super) fn seconds(seconds: u64) -> Result<Duration, String> {
    match seconds {
        0..=LONGEST => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("a lifetime of {seconds} seconds is longer than ten years")),
    }
}

/// One word of a scope (RFC 6749 section 3.3).
///
/// # Errors
/// For anything else.
pub(super) fn scope_word(word: &str) -> Result<String, String> {
    let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    match !word.is_empty() && word.bytes().all(allowed) {
        true => Ok(word.to_owned()),
        false => Err(format!("not one word of a scope: {word}")),
    }
}

/// As JSON; times, which JSON does not have, become text.
pub(super) fn claims(table: Table) -> Map<String, Value> {
    table.into_iter().map(|(name, value)| (name, json(value))).collect()
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(value) => Value::from(value),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(claims(table)),
    }
}
