//! What a registration says against what was asked for, and what the server demands unasked (RFC 7591 section 3.2.1).

use super::{ISSUED, METHOD};
use crate::base::check::Check;
use crate::base::json::{Json, Members};
use crate::base::text::{elided, visible};
use crate::client::rules::dcr as rule;
use crate::terms::credential::is_credential;

/// So many characters of a value are told.
pub(super) const TOLD: usize = 120;

/// What a server may demand of each later request without being asked: pushed and signed requests, and tokens that are bound
/// to a key or a certificate (RFC 9126 section 6, RFC 9101 section 10.5, RFC 9449 section 5.2, RFC 8705 section 3.4). With
/// what a client needs for it beside the setting of the same name.
pub(super) const DEMANDED: [(&str, &str); 5] = [
    ("require_pushed_authorization_requests", ""),
    ("require_signed_request_object", ", which needs a private_key that the server knows, or a long client_secret"),
    ("request_object_signing_alg", ""),
    ("dpop_bound_access_tokens", ""),
    ("tls_client_certificate_bound_access_tokens", ", which needs a tls_client_certificate"),
];

/// Members of an answer whose type is not theirs (RFC 7591 section 2). What is `null` is as good as absent.
pub(super) fn types(json: &Json) -> Check {
    let wrong = |(name, value): &(String, Json)| {
        let wanted = match name.as_str() {
            "redirect_uris"
            | "grant_types"
            | "response_types"
            | "contacts"
            | "request_uris"
            | "post_logout_redirect_uris" => "array",
            "client_id_issued_at" => "number",
            "scope"
            | "client_name"
            | "client_secret"
            | "jwks_uri"
            | "registration_access_token"
            | "registration_client_uri" => "string",
            name if name == METHOD || name.ends_with("_alg") || name.ends_with("_enc") => "string",
            name if DEMANDED.iter().any(|(demanded, _)| *demanded == name) => "boolean",
            _ => return None,
        };
        let is_wrong = value.kind() != wanted && *value != Json::Null;
        is_wrong.then(|| format!("{name} is {}, and has to be of type {wanted}", value.a_kind()))
    };
    let wrong: Vec<String> = json.members().iter().filter_map(wrong).collect();
    rule::TYPES.holds(
        wrong.is_empty(),
        "the types of RFC 7591",
        if wrong.is_empty() { "all".to_owned() } else { wrong.join("; ") },
    )
}

/// Every member that came back otherwise than it was asked for, or not at all, and what is demanded unasked.
pub(super) fn effective(json: &Json, asked: &Json) -> Check {
    let differing = |(name, wanted): &(String, Json)| match json.get(name) {
        Some(got) if is_same(got, wanted) => None,
        got => Some(difference(name, wanted, got)),
    };
    let is_asked = |(name, _): &&(String, Json)| !ISSUED.contains(&name.as_str());
    let of_asked = asked.members().iter().filter(is_asked).filter_map(differing);
    let differences: Vec<String> = of_asked.chain(demanded(json, asked)).collect();
    match differences.is_empty() {
        true => rule::EFFECTIVE.pass("as it was asked for"),
        false => rule::EFFECTIVE.broken("what was asked for", visible(&differences.join("; "))),
    }
}

/// What is demanded of this client, and it did not ask for.
fn demanded(json: &Json, asked: &Json) -> Vec<String> {
    let is_unasked = |name: &str| is_demanded(json, name) && asked.get(name).is_none();
    let demanded = DEMANDED.into_iter().filter(|(name, _)| is_unasked(name));
    demanded.map(|(name, needs)| format!("{}{needs}", difference(name, &Json::Null, json.get(name)))).collect()
}

/// Whether an answer says that requests have to be so.
pub(super) fn is_demanded(json: &Json, name: &str) -> bool {
    match json.get(name) {
        Some(Json::Bool(is_on)) => *is_on,
        Some(Json::String(alg)) => !alg.is_empty() && name.ends_with("_alg"),
        _ => false,
    }
}

/// A value that is a credential is not told.
fn difference(name: &str, wanted: &Json, got: Option<&Json>) -> String {
    let told = |json: &Json| {
        if is_credential(name) { "a value".to_owned() } else { elided(&json.to_string(), TOLD).into_owned() }
    };
    let got = got.map_or_else(|| "not registered".to_owned(), |got| format!("registered {}", told(got)));
    let asked = if *wanted == Json::Null { "not asked".to_owned() } else { format!("asked {}", told(wanted)) };
    format!("{name}: {asked}, {got}")
}

/// Lists are compared without their order, and texts of words too: neither means anything (RFC 7591 section 2).
fn is_same(got: &Json, wanted: &Json) -> bool {
    let sorted = |json: &Json| {
        let mut words: Vec<String> = match json {
            Json::Array(elements) => elements.iter().map(|element| ordered(element).to_string()).collect(),
            Json::String(text) => text.split(' ').map(str::to_owned).collect(),
            other => vec![ordered(other).to_string()],
        };
        words.sort();
        words
    };
    got.kind() == wanted.kind() && sorted(got) == sorted(wanted)
}

/// The same with the members of every object in one order, which means nothing (RFC 8259 section 4).
fn ordered(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Members = members.iter().map(|(name, value)| (name.clone(), ordered(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(members)
        }
        Json::Array(elements) => Json::Array(elements.iter().map(ordered).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_makes_no_difference() {
        let json = |text: &str| Json::parse_text(text).expect("JSON");
        let asked = json(r#"{"grant_types":["a","b"],"scope":"x y"}"#);
        let keys = json(r#"{"jwks":{"keys":[{"kty":"EC","crv":"P-256"}]}}"#);
        let turned = json(r#"{"jwks":{"keys":[{"crv":"P-256","kty":"EC"}]}}"#);
        assert_eq!(effective(&turned, &keys).actual.as_deref(), Some("as it was asked for"));
        assert!(
            effective(&json(r#"{"scope":"y x","grant_types":["b","a"]}"#), &asked)
                .actual
                .is_some_and(|saw| saw == "as it was asked for")
        );
        let differs = effective(&json(r#"{"scope":"x","grant_types":["a","b"]}"#), &asked);
        assert_eq!(differs.actual.as_deref(), Some(r#"scope: asked "x y", registered "x""#));
    }
}
