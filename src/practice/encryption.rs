//! What is encrypted to a client, as it is registered: ID tokens, claims, signed responses (OIDC Core section 10.2, JARM
//! section 2.2). What is encrypted is signed first, but for claims of a client that wants them encrypted alone.

use serde_json::{Map, Value};

use super::Practice;
use super::fault::Fault;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::jose::base64url;
use crate::jose::jwe::{Recipient, encrypt};
use crate::jose::jwk::{Jwk, KeyError};
use crate::jose::key::SigningKey;
use crate::terms::error::OAuthError;

/// What may be encrypted to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its ID tokens.
    IdToken,
    /// Its claims.
    UserInfo,
    /// Authorization responses that are one JWT.
    Authorization,
}

/// A signed token of this kind as the client gets it: encrypted where it is registered for that.
///
/// # Errors
/// `server_error` when it cannot be encrypted.
pub fn encrypted(practice: &Practice, client_id: &str, kind: Kind, token: String) -> Result<String, OAuthError> {
    let to = practice.config.client(client_id).and_then(|client| client.encryption_of(kind));
    let Some((algorithms, recipient)) = to.filter(|_| !practice.is_faulty(Fault::JwePlain)) else {
        return Ok(token);
    };
    let recipient = recipient.ok_or_else(|| no_key(client_id))?;
    practice.why.say(format!("encrypted to {client_id} with {} and {}", algorithms.0, algorithms.1));
    let made = match () {
        () if practice.is_faulty(Fault::JweUnsigned) => encrypt(Map::new(), algorithms, recipient, &claims_of(&token)),
        () if practice.is_faulty(Fault::JweAnotherKey) => to_another(recipient, algorithms, &token),
        () => encrypt(nested(), algorithms, recipient, token.as_bytes()),
    };
    made.map_err(|error| OAuthError::new("server_error", error.to_string()))
}

/// Claims as JSON, encrypted for a client that has not registered to have them signed (OIDC Registration section 2).
///
/// # Errors
/// As [`encrypted`].
pub fn encrypted_claims(
    practice: &Practice,
    client_id: &str,
    kind: Kind,
    claims: &Map<String, Value>,
) -> Result<String, OAuthError> {
    let to = practice.config.client(client_id).and_then(|client| client.encryption_of(kind));
    let (algorithms, recipient) = to.ok_or_else(|| no_key(client_id))?;
    let recipient = recipient.ok_or_else(|| no_key(client_id))?;
    practice.why.say(format!("encrypted to {client_id} with {} and {}, not signed", algorithms.0, algorithms.1));
    let claims = Value::from(claims.clone()).to_string();
    let made = encrypt(Map::new(), algorithms, recipient, claims.as_bytes());
    made.map_err(|error| OAuthError::new("server_error", error.to_string()))
}

fn no_key(client_id: &str) -> OAuthError {
    OAuthError::new("server_error", format!("no key of {client_id} is known that could be encrypted to"))
}

/// To a key that nobody has.
fn to_another(to: Recipient<'_>, algorithms: (&str, &str), token: &str) -> Result<String, KeyError> {
    let Recipient::Key(key) = to else {
        let secret = Secret::new("of-another-client-ahNgbEMx3rqK");
        return encrypt(nested(), algorithms, Recipient::Secret(&secret), token.as_bytes());
    };
    let drawn = SigningKey::generate(if key.kty == "RSA" { "RS256" } else { "ES256" }, "another-key")?;
    let drawn = Jwk::from_json(&Json::from(&drawn.public_jwk()))?;
    encrypt(nested(), algorithms, Recipient::Key(&drawn), token.as_bytes())
}

/// What is inside is a JWT (RFC 7519 section 5.2).
fn nested() -> Map<String, Value> {
    Map::from_iter([("cty".to_owned(), Value::from("JWT"))])
}

/// The claims of a token without its signature.
fn claims_of(token: &str) -> Vec<u8> {
    token.split('.').nth(1).and_then(|part| base64url::decode(part).ok()).unwrap_or_default()
}
