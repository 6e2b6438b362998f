//! What the calls take and answer, as far as it is said by what reads it (JSON Schema 2020-12).

use serde_json::{Map, Value, json};

use super::super::client::METHODS;
use super::super::config::{LONGEST, SIGNING_ALGS};
use super::super::faults::FaultEntry;
use super::super::grant::GRANTS;
use super::super::response_type::RESPONSE_TYPES;
use crate::jose::jwe::{ALGS, ENCS};

/// What is wrong.
pub(super) fn error() -> Value {
    let sentence = json!({ "type": "string", "description": "what is wrong, in one sentence" });
    json!({ "type": "object", "required": ["error"], "properties": { "error": sentence } })
}

/// A fault with its parameter, as the command line takes it.
pub(super) fn fault() -> Value {
    json!({
        "type": "string",
        "pattern": FaultEntry::pattern(),
        "description": "one of grantscope serve --list-faults",
        "examples": ["status=503", "slow_answer=500ms", "error=access_denied"],
    })
}

/// A client by the keys of a configuration file. What has to fit together beyond that is told where it does not.
pub(super) fn client() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let uris = json!({ "type": "array", "items": { "type": "string", "format": "uri" } });
    let flag = json!({ "type": "boolean" });
    let object = json!({ "type": "object" });
    let credentials = json!({ "type": "array", "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["issuer", "subject", "audiences"],
        "properties": { "issuer": text, "subject": text, "audiences": texts },
    } });
    let seconds = json!({ "type": "integer", "minimum": 0, "maximum": LONGEST });
    let (alg, enc, signed) = (one_of(ALGS), one_of(ENCS), one_of(SIGNING_ALGS));
    let grant_types = GRANTS.iter().map(|grant| grant.name).chain(["implicit"]);
    let keys = [
        ("client_name", &text),
        ("client_secret", &text),
        ("token_endpoint_auth_method", &one_of(METHODS.map(|method| method.name()))),
        ("grant_types", &some_of(grant_types)),
        ("response_types", &some_of(RESPONSE_TYPES)),
        ("jwks", &object),
        ("federated_identity_credentials", &credentials),
        ("jwks_uri", &json!({ "type": "string", "format": "uri" })),
        ("tls_client_auth_subject_dn", &text),
        ("tls_client_auth_san_dns", &json!({ "type": "string", "format": "hostname" })),
        ("tls_client_certificate", &text),
        ("tls_client_certificate_bound_access_tokens", &flag),
        ("dpop_bound_access_tokens", &flag),
        ("redirect_uris", &uris),
        ("post_logout_redirect_uris", &uris),
        ("any_loopback_redirect", &flag),
        ("redirect_patterns", &texts),
        ("consent", &one_of(["ask", "remember", "skip"])),
        ("id_token_signed_response_alg", &signed),
        ("userinfo_signed_response_alg", &signed),
        ("id_token_encrypted_response_alg", &alg),
        ("id_token_encrypted_response_enc", &enc),
        ("userinfo_encrypted_response_alg", &alg),
        ("userinfo_encrypted_response_enc", &enc),
        ("authorization_encrypted_response_alg", &alg),
        ("authorization_encrypted_response_enc", &enc),
        ("backchannel_token_delivery_mode", &one_of(["poll", "ping", "push"])),
        ("backchannel_client_notification_endpoint", &text),
        ("backchannel_user_code_parameter", &flag),
        ("backchannel_logout_uri", &text),
        ("frontchannel_logout_uri", &text),
        ("frontchannel_logout_session_required", &flag),
        ("require_pushed_authorization_requests", &flag),
        ("require_signed_request_object", &flag),
        ("request_object_signing_alg", &text),
        ("backchannel_authentication_request_signing_alg", &text),
        ("access_token_format", &one_of(["jwt", "opaque"])),
        ("access_token_claims", &object),
        ("id_token_claims", &object),
        ("access_token_lifetime", &seconds),
        ("refresh_token_lifetime", &seconds),
        ("id_token_lifetime", &seconds),
    ];
    let properties: Map<String, Value> = keys.into_iter().map(|(key, kind)| (key.to_owned(), kind.clone())).collect();
    json!({
        "type": "object",
        "description": "as [[clients]] of a configuration file; client_id stands in the path",
        "additionalProperties": false,
        "properties": properties,
        "anyOf": [
            { "required": ["redirect_uris"], "properties": { "redirect_uris": { "minItems": 1 } } },
            { "required": ["redirect_patterns"], "properties": { "redirect_patterns": { "minItems": 1 } } },
            { "required": ["any_loopback_redirect"], "properties": { "any_loopback_redirect": { "const": true } } },
            { "required": ["grant_types"] },
        ],
    })
}

fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "enum": names.into_iter().collect::<Vec<_>>() })
}

fn some_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "type": "array", "items": one_of(names) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::practice::config::client_from_json;

    #[test]
    fn a_client_is_described_by_every_key_that_is_read() {
        let unknown = json!({ "no_such_key": 1 }).as_object().expect("an object").clone();
        let told = client_from_json("a", unknown).expect_err("no such key");
        let read = told.split('`').skip(1).step_by(2).filter(|key| !["no_such_key", "client_id"].contains(key));
        let described = client();
        let described = described["properties"].as_object().expect("properties").keys();
        assert_eq!(described.map(String::as_str).collect::<BTreeSet<_>>(), read.collect());
    }
}
