//! The authorization response as one signed JWT (JARM section 2), encrypted to those registered for it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Practice;
use super::answer;
use super::encryption::{Kind, encrypted};
use super::fault::{ANOTHER_ISSUER, Fault};
use super::token::with_other_signature;
use crate::base::params::Params;

/// From now to `exp`; a client uses it at once.
const LIFETIME: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);

/// The one parameter of a signed response: everything that would have been parameters, with who speaks, to whom and until
/// when.
pub fn response(practice: &Practice, client_id: &str, params: &Params) -> Params {
    let issuer = practice.config.issuer_text();
    let iss = if practice.is_faulty(Fault::JarmWrongIss) { ANOTHER_ISSUER } else { issuer };
    let aud = if practice.is_faulty(Fault::JarmWrongAud) { "another-client" } else { client_id };
    let seconds = match () {
        () if practice.is_faulty(Fault::JarmExpired) => practice.now.seconds() - 3600,
        () if practice.is_faulty(Fault::JarmLong) => (practice.now + AN_HOUR).seconds(),
        () => (practice.now + LIFETIME).seconds(),
    };
    let mut claims: Map<String, Value> = [("iss", json!(iss)), ("aud", json!(aud)), ("exp", json!(seconds))]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for (name, value) in params.iter() {
        // What is a number in a token response is one here (JARM section 2.1).
        let value =
            if name == "expires_in" { value.parse::<u64>().map_or(json!(value), |n| json!(n)) } else { json!(value) };
        claims.insert(name.to_owned(), value);
    }
    let signed = practice
        .keys
        .sign("JWT", &Value::Object(claims))
        .map(|token| if practice.is_faulty(Fault::JarmBadSignature) { with_other_signature(&token) } else { token });
    match signed.and_then(|token| encrypted(practice, client_id, Kind::Authorization, token)) {
        Ok(token) => of("response", &token),
        // Nothing can be signed, so nothing that was to be in it is told.
        Err(error) => of("error", &answer::wire_text(&error.error)),
    }
}

fn of(name: &str, value: &str) -> Params {
    [(name, value)].into_iter().collect()
}
