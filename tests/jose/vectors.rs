//! What the specifications print, verified.

use grantscope::base::json::Json;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{self, Form};
use grantscope::jose::verify::{NotVerified, verify};

use super::{json, jwk, vector};

pub fn rfc(id: &str) -> Json {
    let all = json(&vector("rfc-vectors.json"));
    let vectors = all.get("vectors").expect("vectors").elements();
    vectors.iter().find(|vector| vector.text("id") == Some(id)).unwrap_or_else(|| panic!("no vector {id}")).clone()
}

fn verifies(token: &str, keys: &[Jwk]) -> bool {
    verify(&jwt::decode(token), keys).verified_by.is_some()
}

/// jsonwebtoken panics at run time unless exactly one of its crypto backends is compiled in.
#[test]
fn an_rs256_token_verifies_with_the_one_crypto_backend() {
    let vector = rfc("rfc7515-A.2");
    assert!(verifies(vector.text("jws").expect("a token"), &[jwk(vector.get("jwk").expect("a key"))]));
}

#[test]
fn the_signatures_of_the_rfcs_verify() {
    for id in ["rfc7515-A.1", "rfc7515-A.2", "rfc7515-A.3", "rfc7515-A.4", "rfc8037-A.4", "rfc7519-3.1"] {
        let vector = rfc(id);
        let token = vector.text("jws").or_else(|| vector.text("jwt")).expect("a token");
        let key = jwk(vector.get("jwk").expect("a key"));
        assert!(verifies(token, &[key.public(), key.clone()]), "{id}");
    }
}

#[test]
fn json_serializations_verify_by_their_first_signature() {
    let general = rfc("rfc7515-A.6");
    let keys: Vec<Jwk> = general.get("jwks").expect("keys").elements().iter().map(jwk).collect();
    assert!(verifies(&general.get("jws_json").expect("a token").to_string(), &keys));
    let flattened = rfc("rfc7515-A.7");
    let decoded = jwt::decode(&flattened.get("jws_json").expect("a token").to_string());
    assert_eq!((decoded.form, decoded.kid()), (Form::JsonSerialization, Some("e9bc097a-ce51-4036-9562-d2ade882db0d")));
    assert!(verify(&decoded, &[jwk(flattened.get("jwk").expect("a key"))]).verified_by.is_some());
}

#[test]
fn unsecured_tokens_are_recognised_and_never_verified() {
    for id in ["rfc7515-A.5", "rfc7519-6.1", "rfc7515-E"] {
        let vector = rfc(id);
        let decoded = jwt::decode(vector.text("jws").or_else(|| vector.text("jwt")).expect("a token"));
        assert_eq!(decoded.form, Form::UnsecuredJws, "{id}");
        let report = verify(&decoded, &[jwk(rfc("rfc7515-A.1").get("jwk").expect("a key"))]);
        assert_eq!(report.attempts[0].outcome, Err(NotVerified::Unsecured), "{id}");
    }
}

#[test]
fn encrypted_tokens_show_their_header_and_stay_closed() {
    for id in ["rfc7516-A.1", "rfc7516-A.2", "rfc7516-A.3", "rfc7519-A.1", "rfc7519-A.2"] {
        let vector = rfc(id);
        let decoded = jwt::decode(vector.text("jwe").or_else(|| vector.text("jwt")).expect("a token"));
        assert_eq!((decoded.form, decoded.parts.len()), (Form::Jwe, 5), "{id}");
        assert!(decoded.alg().is_some() && decoded.claims.is_none(), "{id}");
        assert!(decoded.findings.iter().any(|check| check.rule.id == "jwt.encrypted"), "{id}");
    }
    for id in ["rfc7516-A.4", "rfc7516-A.5"] {
        let decoded = jwt::decode(&rfc(id).get("jwe_json").expect("a token").to_string());
        assert_eq!(decoded.form, Form::JsonSerialization, "{id}");
        assert!(decoded.alg().is_some(), "{id}");
    }
}

#[test]
fn thumbprints_are_those_of_the_rfcs() {
    for id in ["rfc7638-3.1", "rfc8037-A.1-3", "rfc9449-fig9-jkt"] {
        let vector = rfc(id);
        assert_eq!(jwk(vector.get("jwk").expect("a key")).thumbprint().as_deref(), vector.text("expect"), "{id}");
    }
    let set = JwkSet::from_json(rfc("rfc7517-A.1").get("jwks").expect("a set")).expect("a set");
    assert_eq!(set.keys[1].thumbprint().as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
}

#[test]
fn the_dpop_proofs_of_rfc_9449_verify_with_the_key_they_are_bound_to() {
    for id in ["rfc9449-fig2", "rfc9449-fig7", "rfc9449-fig13"] {
        let decoded = jwt::decode(rfc(id).text("proof").expect("a proof"));
        let key = decoded.header.as_ref().and_then(|header| header.get("jwk")).map(jwk).expect("a key");
        assert!(verify(&decoded, &[key]).verified_by.is_some(), "{id}");
    }
}

#[test]
fn the_examples_of_rfc_7520_verify_in_every_serialization() {
    for id in ["rfc7520-4.1", "rfc7520-4.2", "rfc7520-4.3", "rfc7520-4.4", "rfc7520-4.6", "rfc7520-4.7"] {
        let vector = rfc(id);
        let key = jwk(vector.get("jwk").expect("a key"));
        let forms = ["jws", "jws_json", "jws_json_flat"].into_iter().filter_map(|form| vector.get(form));
        let tokens: Vec<String> =
            forms.map(|token| token.as_str().map_or_else(|| token.to_string(), str::to_owned)).collect();
        assert!(tokens.len() >= 2, "{id}");
        for token in tokens {
            assert!(verifies(&token, std::slice::from_ref(&key)), "{id} {token}");
        }
    }
}

#[test]
fn the_first_of_several_signatures_of_rfc_7520_verifies() {
    let vector = rfc("rfc7520-4.8");
    let keys: Vec<Jwk> = vector.get("jwks").expect("keys").elements().iter().map(jwk).collect();
    assert!(verifies(&vector.get("jws_json").expect("a token").to_string(), &keys));
}

#[test]
fn detached_content_verifies_once_it_is_put_back() {
    let vector = rfc("rfc7520-4.5");
    let (token, key) = (vector.text("jws").expect("a token"), jwk(vector.get("jwk").expect("a key")));
    assert!(!verifies(token, std::slice::from_ref(&key)));
    let whole = token.replace("..", &format!(".{}.", vector.text("payload_b64u").expect("a payload")));
    assert!(verifies(&whole, &[key]));
}
