//! What the specifications and Wycheproof print, verified.

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{self, Form};
use grantscope::jose::verify::{NotVerified, verify};

use super::{json, jwk, vector};

fn rfc(id: &str) -> Json {
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
fn the_examples_of_rfc_7520_verify() {
    for name in
        ["4_1.rsa_v15_signature", "4_2.rsa-pss_signature", "4_3.ecdsa_signature", "4_4.hmac-sha2_integrity_protection"]
    {
        let example = json(&vector(&format!("ietf-jose-cookbook/jws/{name}.json")));
        let key = jwk(example.get("input").and_then(|input| input.get("key")).expect("a key"));
        let output = example.get("output").expect("output");
        assert!(verifies(output.text("compact").expect("compact"), std::slice::from_ref(&key)), "{name}");
        for form in ["json", "json_flat"] {
            assert!(verifies(&output.get(form).expect(form).to_string(), std::slice::from_ref(&key)), "{name} {form}");
        }
    }
}

#[test]
fn unprotected_headers_and_several_signatures_of_rfc_7520_are_read() {
    for (name, form) in [
        ("4_6.protecting_specific_header_fields", "json_flat"),
        ("4_7.protecting_content_only", "json_flat"),
        ("4_8.multiple_signatures", "json"),
    ] {
        let example = json(&vector(&format!("ietf-jose-cookbook/jws/{name}.json")));
        let given = example.get("input").and_then(|input| input.get("key")).expect("a key");
        let keys: Vec<Jwk> = given.elements().iter().chain(given.is_object().then_some(given)).map(jwk).collect();
        assert!(
            verifies(&example.get("output").and_then(|output| output.get(form)).expect(form).to_string(), &keys),
            "{name}"
        );
    }
}

#[test]
fn the_ed25519_example_of_the_cookbook_verifies() {
    let example = json(&vector("ietf-jose-cookbook/curve25519/jws.json"));
    let key = jwk(example.get("input").and_then(|input| input.get("key")).expect("a key"));
    let compact = example.get("output").and_then(|output| output.text("compact")).expect("compact").to_owned();
    assert!(verifies(&compact, &[key]));
}

/// Where this program decides otherwise than Wycheproof, and why.
const DIFFERENT: [(&str, &[&str]); 5] = [
    ("the alg of the key is another one than that of the token, or none that exists", &["346", "347", "350", "351"]),
    ("the secret is all zeros, which HMAC cannot tell from an empty one", &["357", "358", "359"]),
    ("a character outside of base64url was inserted (RFC 7515 section 2)", &["372", "373"]),
    ("the secret is all zeros again", &["376", "377"]),
    ("a set may mix secrets and public keys here; that is for the caller to decide", &["1 in key"]),
];

#[test]
fn wycheproof_signatures_are_accepted_and_refused_as_listed() {
    let (mut judged, mut different) = (0, Vec::new());
    for (file, suffix) in [("signature", ""), ("key", " in key")] {
        let all = json(&vector(&format!("wycheproof/json_web_{file}_test.json")));
        for group in all.get("testGroups").expect("groups").elements() {
            let key = group.get("public").or_else(|| group.get("private")).expect("a key");
            let set = JwkSet::from_json(key).expect("a set");
            for test in group.get("tests").expect("tests").elements() {
                let token = test.get("jws").expect("a token");
                let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
                judged += 1;
                if is_acceptable(&token, &set) != (test.text("result") == Some("valid")) {
                    different.push(format!("{}{suffix}", test.get("tcId").expect("an id")));
                }
            }
        }
    }
    assert_eq!(judged, 427);
    assert_eq!(different, DIFFERENT.map(|(_, ids)| ids).concat().into_iter().collect::<Vec<_>>());
}

/// What a strict verifier accepts: nothing broken, except that the payloads of these vectors are no claims.
fn is_acceptable(token: &str, set: &JwkSet) -> bool {
    let decoded = jwt::decode(token);
    let report = verify(&decoded, &set.keys);
    let keys = set.checks().into_iter().filter(|check| matches!(check.rule.id, "jwks.readable" | "jwks.weak_key"));
    let mut findings = decoded.findings.iter().chain(&report.findings).cloned().chain(keys);
    let sound = findings.all(|check| check.verdict >= Verdict::Note || check.rule.id == "jwt.claims_json");
    sound && decoded.form == Form::Jws && report.verified_by.is_some()
}
