//! Clients that register themselves (RFC 7591), and what they do with their registration later (RFC 7592).

use serde_json::{Map, Value, json};
use url::Url;

use crate::base::http::is_loopback;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::jose::jwt::Decoded;
use crate::practice::config::newcomer;
use crate::practice::config::{CLIENT_METADATA, Client};
use crate::practice::fault::Fault;
use crate::practice::store::Registration;
use crate::practice::{Practice, assertion, client, redirect_uri, scope};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;
use crate::terms::response::has;

/// Clients that are remembered; the oldest gives way.
const MANY: usize = 1000;
/// Most bytes of metadata that are kept.
pub const SIZE_LIMIT: usize = 16 * 1024;

/// Metadata that people read, which are kept and change nothing.
const FOR_PEOPLE: [&str; 10] = [
    "application_type",
    "client_uri",
    "contacts",
    "logo_uri",
    "policy_uri",
    "scope",
    "software_id",
    "software_statement",
    "software_version",
    "tos_uri",
];
/// Claims of a software statement that are about the statement itself (RFC 7519 section 4.1).
const OF_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// What the server issues: a client that changes its registration does not send it (RFC 7592 section 2.2).
const ISSUED: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// Registers a client with what is in effect of these metadata.
///
/// # Errors
/// Those of RFC 7591 section 3.2.2.
pub fn register(practice: &mut Practice, asked: Map<String, Value>, now: Timestamp) -> Result<Value, OAuthError> {
    let client_id = practice.entropy.token();
    let metadata = in_effect(practice, asked, now)?;
    let client = client_of(practice, &client_id, &metadata, None)?;
    let registration = Registration { client_id, token: practice.draw(), metadata, issued_at: now };
    let answer = told(practice, &registration, &client);
    practice.why.client(&registration.client_id);
    practice.config.clients.push(client);
    practice.store.registrations.push_back(registration);
    if practice.store.registrations.len() > MANY {
        let oldest = practice.store.registrations.pop_front().map(|oldest| oldest.client_id);
        practice.config.clients.retain(|client| Some(&client.client_id) != oldest.as_ref());
    }
    Ok(answer)
}

/// The registration that a token is for.
pub fn of_token(practice: &Practice, client_id: &str, token: &str) -> Option<Registration> {
    let is_it = |known: &&Registration| known.client_id == client_id && known.token.expose() == token;
    practice.store.registrations.iter().find(is_it).cloned()
}

/// What the server says of a registration; one without a client was deleted.
pub fn read(practice: &Practice, registration: &Registration) -> Value {
    match practice.config.client(&registration.client_id) {
        Some(client) => told(practice, registration, client),
        None => told(practice, registration, &Client::new(&registration.client_id)),
    }
}

/// Replaces a registration by what is in effect of these metadata.
///
/// # Errors
/// As for [`register`], and for what a client must not send here.
pub fn replace(
    practice: &mut Practice,
    mut registration: Registration,
    mut asked: Map<String, Value>,
    now: Timestamp,
) -> Result<Value, OAuthError> {
    if let Some(name) = ISSUED.into_iter().find(|name| asked.contains_key(*name)) {
        return Err(invalid(format!("{name} is issued by the server and not sent by a client (RFC 7592 section 2.2)")));
    }
    if !asked.contains_key("client_id") {
        return Err(invalid("an update names its client_id (RFC 7592 section 2.2)"));
    }
    let before = practice.config.client(&registration.client_id).cloned();
    for (name, known) in [
        ("client_id", Some(registration.client_id.as_str())),
        ("client_secret", before.as_ref().and_then(|client| client.client_secret.as_ref()).map(Secret::expose)),
    ] {
        if asked.shift_remove(name).is_some_and(|sent| sent.as_str() != known) {
            return Err(invalid(format!("{name} is another one than was issued")));
        }
    }
    registration.metadata = in_effect(practice, asked, now)?;
    let secret = before.and_then(|client| client.client_secret);
    let client = client_of(practice, &registration.client_id, &registration.metadata, secret)?;
    let mut answer = told(practice, &registration, &client);
    if practice.is_faulty(Fault::ChangedClientId) {
        answer["client_id"] = json!(practice.entropy.token());
    }
    practice.config.clients.retain(|known| known.client_id != client.client_id);
    practice.config.clients.push(client);
    practice.store.registrations.retain(|known| known.client_id != registration.client_id);
    practice.store.registrations.push_back(registration);
    Ok(answer)
}

/// Forgets a client, what users allowed it, and the token of its registration.
pub fn delete(practice: &mut Practice, registration: &Registration) {
    practice.config.clients.retain(|known| known.client_id != registration.client_id);
    practice.store.approvals.retain(|approval| approval.client_id != registration.client_id);
    if !practice.is_faulty(Fault::LivingRegistration) {
        practice.store.registrations.retain(|known| known.client_id != registration.client_id);
    }
}

/// What is in effect of what is asked for: known members, the usual values of those that are absent (RFC 7591 section 2),
/// and those of a software statement, which win (section 3.1.1).
fn in_effect(
    practice: &mut Practice,
    mut asked: Map<String, Value>,
    now: Timestamp,
) -> Result<Map<String, Value>, OAuthError> {
    asked.extend(stated(practice, &asked, now)?);
    if asked.contains_key("sector_identifier_uri") {
        return Err(invalid("sector_identifier_uri is not fetched here: send what is there"));
    }
    let is_known = |name: &str| CLIENT_METADATA.contains(&name) || FOR_PEOPLE.contains(&name);
    let mut metadata: Map<String, Value> = asked.into_iter().filter(|(name, _)| is_known(name)).collect();
    for (name, usual) in [
        ("token_endpoint_auth_method", json!(ClientAuthMethod::ClientSecretBasic.name())),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
    ] {
        metadata.entry(name).or_insert(usual);
    }
    if let Some(asked) = metadata.get("scope").and_then(Value::as_str) {
        let granted = scope::granted(asked, &practice.config);
        metadata.insert("scope".to_owned(), json!(granted));
    }
    if practice.is_faulty(Fault::ChangedMethod) {
        metadata.insert("token_endpoint_auth_method".to_owned(), json!(ClientAuthMethod::ClientSecretPost.name()));
    }
    Ok(metadata)
}

/// The metadata of a software statement. This server approves those that it has signed itself.
fn stated(practice: &Practice, asked: &Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, OAuthError> {
    let Some(statement) = asked.get("software_statement") else { return Ok(Map::new()) };
    let wrong = |what: String| OAuthError::new("invalid_software_statement", format!("software_statement: {what}"));
    let text = statement.as_str().ok_or_else(|| wrong("it is no text".to_owned()))?;
    let read = assertion::read(text).map_err(wrong)?;
    let iss = assertion::text(&read, "iss").map_err(wrong)?;
    if iss != practice.config.issuer_text() {
        let what = format!("statements of {iss} are not approved here, only those of this server");
        return Err(OAuthError::new("unapproved_software_statement", what));
    }
    let verified = practice.keys.verified(text).ok_or_else(|| wrong("no key of this server made it".to_owned()))?;
    if verified.claim("exp").and_then(|exp| exp.as_i64()).is_some_and(|exp| exp <= now.seconds()) {
        return Err(wrong("it is over".to_owned()));
    }
    Ok(claims_of(&verified))
}

fn claims_of(statement: &Decoded) -> Map<String, Value> {
    let text = statement.claims.as_ref().map(ToString::to_string).unwrap_or_default();
    let claims: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    claims.into_iter().filter(|(name, _)| !OF_JWT.contains(&name.as_str())).collect()
}

/// The client with these metadata; a secret stays what it was.
fn client_of(
    practice: &mut Practice,
    client_id: &str,
    metadata: &Map<String, Value>,
    secret: Option<Secret>,
) -> Result<Client, OAuthError> {
    check_redirects(metadata)?;
    check_grants(metadata)?;
    let method = metadata.get("token_endpoint_auth_method").and_then(Value::as_str).unwrap_or_default();
    if !client::methods(&practice.config).contains(&method) {
        return Err(invalid(format!("token_endpoint_auth_method {method} is not supported here")));
    }
    let is_of_client = |name: &str| CLIENT_METADATA.contains(&name);
    let mut table: Map<String, Value> =
        metadata.iter().filter(|(name, _)| is_of_client(name)).map(|(name, it)| (name.clone(), it.clone())).collect();
    if method.starts_with("client_secret_") {
        let secret = secret.unwrap_or_else(|| practice.draw());
        table.insert("client_secret".to_owned(), json!(secret.expose()));
    }
    newcomer(practice, client_id, table).map_err(invalid)
}

/// Each an absolute URI without a fragment; http on this machine alone (OIDC Registration section 2, RFC 8252 section 8.3).
fn check_redirects(metadata: &Map<String, Value>) -> Result<(), OAuthError> {
    let has = |grant: &str| {
        let grants = metadata.get("grant_types").and_then(Value::as_array);
        grants.is_some_and(|grants| grants.iter().any(|it| it == grant))
    };
    let uris = metadata.get("redirect_uris").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if uris.is_empty() && (has("authorization_code") || has("implicit")) {
        return Err(invalid_redirect("redirect_uris is missing, and answers of this client go there".to_owned()));
    }
    for uri in uris {
        let text = uri.as_str().unwrap_or_default();
        let url = Url::parse(text).ok().filter(|_| is_plain_uri(text));
        let url = url.ok_or_else(|| invalid_redirect(format!("not an absolute URI without fragment: {uri}")))?;
        if redirect_uri::is_of_browser(text) {
            return Err(invalid_redirect(format!("a browser runs or shows {text} by itself, and no client gets it")));
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(invalid_redirect(format!("http is for addresses of this machine, not for {text}")));
        }
    }
    Ok(())
}

/// Grants and response types that fit each other (RFC 7591 section 2.1). Which grant `none` belongs to is not said, and
/// `code` may be there because nothing was.
fn check_grants(metadata: &Map<String, Value>) -> Result<(), OAuthError> {
    let listed = |name: &str| {
        let list = metadata.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let (grants, types) = (listed("grant_types"), listed("response_types"));
    let gives = |part: &str| types.iter().any(|kind| has(kind, part));
    let (code, tokens) = (gives("code") || gives("none"), gives("token") || gives("id_token"));
    let [by_code, implicit] = ["authorization_code", "implicit"].map(|grant| grants.contains(&grant));
    let wrong = match () {
        () if by_code && !code => "the grant authorization_code needs a response type with code",
        () if implicit && !tokens => "the grant implicit needs a response type with token or id_token",
        () if tokens && !implicit => "response types with token or id_token need the grant implicit",
        () if implicit && !by_code && gives("code") => "response types with code need the grant authorization_code",
        () => return Ok(()),
    };
    Err(invalid(format!("{wrong} (RFC 7591 section 2.1)")))
}

fn is_plain_uri(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) && !text.contains('#')
}

/// The answer to whoever registers, reads or changes (RFC 7591 section 3.2.1, RFC 7592 section 3).
fn told(practice: &Practice, registration: &Registration, client: &Client) -> Value {
    let Registration { client_id, token, metadata, issued_at } = registration;
    let mut answer = Map::new();
    answer.insert("client_id".to_owned(), json!(client_id));
    answer.insert("client_id_issued_at".to_owned(), json!(issued_at.seconds()));
    if let Some(secret) = &client.client_secret {
        answer.insert("client_secret".to_owned(), json!(secret.expose()));
        if !practice.is_faulty(Fault::SecretWithoutExpiry) {
            answer.insert("client_secret_expires_at".to_owned(), json!(0));
        }
    }
    let uri = format!("{}?client_id={client_id}", practice.config.url("/register"));
    answer.insert("registration_client_uri".to_owned(), json!(uri));
    answer.insert("registration_access_token".to_owned(), json!(token.expose()));
    answer.extend(metadata.clone());
    Value::Object(answer)
}

/// RFC 7591 section 3.2.2
pub fn invalid(what: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_client_metadata", what)
}

fn invalid_redirect(what: String) -> OAuthError {
    OAuthError::new("invalid_redirect_uri", what)
}
