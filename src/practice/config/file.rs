//! The configuration as a TOML file: strict, so that a misspelt key is no setting that silently does nothing.

use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::{Spanned, Table};
use url::Url;

use super::super::certificates;
use super::super::client::METHODS;
use super::super::fault::FaultError;
use super::super::grant::GRANTS;
use super::super::place::{base, is_plain as is_plain_place};
use super::super::redirect_uri::is_plain;
use super::super::response_type::RESPONSE_TYPES;
use super::super::token::{ACCESS_TOKEN_CLAIMS, ID_TOKEN_CLAIMS};
use super::{AccessTokenFormat, Client, Config, DEMO_PASSWORD, User};
use crate::base::http::is_loopback;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::x509::{self, CertificateError};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::scope::same;

/// What tokens may be signed with.
const SIGNING_ALGS: [&str; 4] = ["ES256", "RS256", "PS256", "EdDSA"];
/// Longer than any run; keeps sums of times within the calendar.
const LONGEST: u64 = 10 * 365 * 24 * 3600;
/// The least that HS256 allows (RFC 7518 section 3.2).
const HMAC_SECRET: usize = 32;

/// What is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ConfigError {
    /// Where, counted from 1.
    pub line: usize,
    /// What, in lower case. Never a secret.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: Option<Spanned<String>>,
    #[serde(default)]
    issuers: Vec<Spanned<File>>,
    #[serde(default)]
    faults: Vec<Spanned<String>>,
    signing_alg: Option<Spanned<String>>,
    code_lifetime: Option<Spanned<u64>>,
    access_token_lifetime: Option<Spanned<u64>>,
    refresh_token_lifetime: Option<Spanned<u64>>,
    id_token_lifetime: Option<Spanned<u64>>,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    #[serde(default)]
    dpop_nonce_required: bool,
    #[serde(default)]
    scopes: Vec<Spanned<String>>,
    clients: Option<Spanned<Vec<Spanned<ClientTable>>>>,
    users: Option<Spanned<Vec<Spanned<UserTable>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientTable {
    client_id: String,
    client_name: Option<String>,
    client_secret: Option<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    jwks: Option<Table>,
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
    backchannel_client_notification_endpoint: Option<String>,
    #[serde(default)]
    backchannel_user_code_parameter: bool,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    access_token_format: Option<String>,
    #[serde(default)]
    access_token_claims: Table,
    #[serde(default)]
    id_token_claims: Table,
    access_token_lifetime: Option<u64>,
    refresh_token_lifetime: Option<u64>,
    id_token_lifetime: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserTable {
    sub: String,
    password: Option<String>,
    #[serde(default)]
    claims: Table,
}

impl Config {
    /// Reads a configuration file. What it leaves out is as in [`Config::practice`]; clients and users
    /// that it names take the place of all others.
    ///
    /// ```toml
    #[doc = include_str!("example.toml")]
    /// ```
    ///
    /// # Errors
    /// For text that is no TOML, unknown keys and values that cannot work, with the line.
    pub fn from_toml(text: &str, issuer: Url) -> Result<Self, ConfigError> {
        let error = |span: Range<usize>, what: String| ConfigError { line: line_of(text, span.start), what };
        let file: File = toml::from_str(text).map_err(|problem| {
            error(problem.span().unwrap_or_default(), problem.message().lines().next().unwrap_or_default().to_owned())
        })?;
        let further = file.issuers.iter().map(|one| one.span()).collect::<Vec<_>>();
        let mut file = file;
        let tables = std::mem::take(&mut file.issuers);
        let origin = issuer.clone();
        let mut config = of_file(file, issuer, &error)?;
        for (one, span) in tables.into_iter().map(Spanned::into_inner).zip(further) {
            if one.path.is_none() {
                return Err(error(span, "an issuer of [[issuers]] needs its path".to_owned()));
            }
            if !one.issuers.is_empty() {
                return Err(error(span, "an issuer has no issuers of its own".to_owned()));
            }
            let one = of_file(one, origin.clone(), &error)?;
            if config.each().any(|known| known.issuer == one.issuer) {
                return Err(error(span, format!("there are two issuers at {}", one.issuer_text())));
            }
            config.further.push(one);
        }
        Ok(config)
    }
}

/// One server of a file, below the path that it names.
fn of_file(
    file: File,
    origin: Url,
    error: &impl Fn(Range<usize>, String) -> ConfigError,
) -> Result<Config, ConfigError> {
    let mut config = Config::practice(place(file.path.as_ref(), origin).map_err(|(span, what)| error(span, what))?);
    if let Some(alg) = file.signing_alg {
        let known = SIGNING_ALGS.contains(&alg.as_ref().as_str());
        let what = || format!("signing_alg is {}, not one of {}", alg.as_ref(), SIGNING_ALGS.join(", "));
        config.signing_alg = known.then(|| alg.as_ref().clone()).ok_or_else(|| error(alg.span(), what()))?;
    }
    for (lifetime, setting) in [
        (file.code_lifetime, &mut config.code_lifetime),
        (file.access_token_lifetime, &mut config.access_token_lifetime),
        (file.refresh_token_lifetime, &mut config.refresh_token_lifetime),
        (file.id_token_lifetime, &mut config.id_token_lifetime),
    ] {
        let Some(lifetime) = lifetime else { continue };
        *setting = seconds(*lifetime.as_ref()).map_err(|what| error(lifetime.span(), what))?;
    }
    config.require_pushed_authorization_requests = file.require_pushed_authorization_requests;
    for word in file.scopes {
        config.scopes.push(scope_word(word.as_ref()).map_err(|what| error(word.span(), what))?);
    }
    if let Some(clients) = file.clients {
        config.clients = each(clients, client, |client: &Client| &client.client_id, error)?;
    }
    if let Some(users) = file.users {
        config.users = each(users, user, |user: &User| &user.sub, error)?;
    }
    config.dpop_nonce_required = file.dpop_nonce_required;
    for name in file.faults {
        let fault = name.as_ref().parse().map_err(|wrong: FaultError| error(name.span(), wrong.to_string()))?;
        config.faults.push(fault);
    }
    Ok(config)
}

/// The issuer of this path.
fn place(path: Option<&Spanned<String>>, origin: Url) -> Result<Url, (Range<usize>, String)> {
    let Some(path) = path else { return Ok(origin) };
    let mut issuer = origin;
    issuer.set_path(path.as_ref());
    let is_as_written = base(&issuer) == path.as_ref() && is_plain_place(&issuer);
    let what = || format!("path is {}, not like /blue: letters, digits, - and _ after each slash", path.as_ref());
    is_as_written.then_some(issuer).ok_or_else(|| (path.span(), what()))
}

/// Reads every table of a list, which must not be empty nor have a name twice.
fn each<T, U>(
    tables: Spanned<Vec<Spanned<T>>>,
    read: impl Fn(T) -> Result<U, String>,
    name: impl Fn(&U) -> &String,
    error: impl Fn(Range<usize>, String) -> ConfigError,
) -> Result<Vec<U>, ConfigError> {
    let span = tables.span();
    let mut items: Vec<U> = Vec::new();
    for table in tables.into_inner() {
        let span = table.span();
        let item = read(table.into_inner()).map_err(|what| error(span.clone(), what))?;
        if name(&item).is_empty() || items.iter().any(|other| name(other) == name(&item)) {
            return Err(error(span, format!("the name is empty or occurs twice: {}", name(&item))));
        }
        items.push(item);
    }
    if items.is_empty() {
        Err(error(span, "the list is empty; leave it out for the usual ones".to_owned()))
    } else {
        Ok(items)
    }
}

fn client(table: ClientTable) -> Result<Client, String> {
    let about = |what: String| format!("{}: {what}", table.client_id);
    let grant_types =
        table.grant_types.unwrap_or_else(|| vec!["authorization_code".to_owned(), "refresh_token".to_owned()]);
    let client = Client {
        client_name: table.client_name.unwrap_or_else(|| table.client_id.clone()),
        client_secret: table.client_secret.filter(|secret| !secret.is_empty()).map(Secret::new),
        grant_types,
        response_types: table.response_types.unwrap_or_else(|| vec!["code".to_owned()]),
        jwks: table.jwks.map_or_else(|| Ok(Vec::new()), keys).map_err(about)?,
        tls_client_auth_subject_dn: table.tls_client_auth_subject_dn,
        tls_client_auth_san_dns: table.tls_client_auth_san_dns,
        tls_client_certificate: table.tls_client_certificate.as_deref().map(certificate).transpose().map_err(about)?,
        tls_client_certificate_bound_access_tokens: table.tls_client_certificate_bound_access_tokens,
        dpop_bound_access_tokens: table.dpop_bound_access_tokens,
        redirect_uris: table.redirect_uris,
        post_logout_redirect_uris: table.post_logout_redirect_uris,
        any_loopback_redirect: table.any_loopback_redirect,
        backchannel_client_notification_endpoint: table.backchannel_client_notification_endpoint,
        backchannel_user_code_parameter: table.backchannel_user_code_parameter,
        require_pushed_authorization_requests: table.require_pushed_authorization_requests,
        access_token_format: format(table.access_token_format.as_deref()).map_err(about)?,
        access_token_claims: claims(table.access_token_claims),
        id_token_claims: claims(table.id_token_claims),
        access_token_lifetime: table.access_token_lifetime.map(seconds).transpose().map_err(about)?,
        refresh_token_lifetime: table.refresh_token_lifetime.map(seconds).transpose().map_err(about)?,
        id_token_lifetime: table.id_token_lifetime.map(seconds).transpose().map_err(about)?,
        ..Client::new(&table.client_id)
    };
    let methods = methods(&client, table.token_endpoint_auth_method.as_deref()).map_err(about)?;
    let client = Client { token_endpoint_auth_methods: methods, ..client };
    check(&client).map_err(about)?;
    Ok(client)
}

/// The method that is named, or those that fit what the client has.
fn methods(client: &Client, named: Option<&str>) -> Result<Vec<ClientAuthMethod>, String> {
    let Some(named) = named else {
        return Ok(if client.client_secret.is_some() {
            vec![ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost]
        } else if !client.jwks.is_empty() {
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
        ClientAuthMethod::PrivateKeyJwt if client.jwks.is_empty() => "jwks with a key",
        ClientAuthMethod::TlsClientAuth if !has_subject(client) => "tls_client_auth_subject_dn",
        ClientAuthMethod::SelfSignedTlsClientAuth if client.tls_client_certificate.is_none() => {
            "tls_client_certificate"
        }
        _ => return Ok(vec![method]),
    };
    Err(format!("token_endpoint_auth_method {named} needs {lacks}"))
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
    if let Some(bad) = uris.find(|uri| !is_uri(uri)) {
        return Err(format!("not an absolute URI without fragment: {bad}"));
    }
    let needs_redirect = client.may_use("authorization_code") || client.may_use("implicit");
    if needs_redirect && client.redirect_uris.is_empty() && !client.any_loopback_redirect {
        return Err("redirect_uris is missing, or any_loopback_redirect = true".to_owned());
    }
    let endpoint = client.backchannel_client_notification_endpoint.as_deref();
    if endpoint.is_some_and(|endpoint| !Url::parse(endpoint).is_ok_and(|url| is_loopback(&url))) {
        return Err("backchannel_client_notification_endpoint is not on this machine".to_owned());
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
    let json = Json::from(&Value::Object(claims(table)));
    let set = JwkSet::from_json(&json).map_err(|error| format!("jwks cannot be read: {error}"))?;
    if let Some((at, error)) = set.unreadable.first() {
        return Err(format!("key {at} of jwks cannot be read: {error}"));
    }
    match set.keys.iter().any(|key| key.has_private_members() || key.kty == "oct") {
        true => Err("jwks has private or symmetric keys; only public ones belong there".to_owned()),
        false => Ok(set.keys),
    }
}

fn user(table: UserTable) -> Result<User, String> {
    if table.claims.contains_key("sub") {
        return Err(format!("{}: sub stands beside claims, not among them", table.sub));
    }
    let password = Secret::new(table.password.unwrap_or_else(|| DEMO_PASSWORD.to_owned()));
    Ok(User { sub: table.sub, password, claims: claims(table.claims) })
}

fn format(named: Option<&str>) -> Result<AccessTokenFormat, String> {
    let Some(named) = named else { return Ok(AccessTokenFormat::Jwt) };
    let known = [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque].into_iter().find(|format| format.name() == named);
    known.ok_or_else(|| format!("access_token_format is {named}, not jwt or opaque"))
}

/// Zero is allowed: something that has expired when it arrives is worth a test.
fn seconds(seconds: u64) -> Result<Duration, String> {
    match seconds {
        0..=LONGEST => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("a lifetime of {seconds} seconds is longer than ten years")),
    }
}

/// RFC 6749 section 3.3
fn scope_word(word: &str) -> Result<String, String> {
    let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    match !word.is_empty() && word.bytes().all(allowed) {
        true => Ok(word.to_owned()),
        false => Err(format!("not one word of a scope: {word}")),
    }
}

/// As JSON; times, which JSON does not have, become text.
fn claims(table: Table) -> Map<String, Value> {
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

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
