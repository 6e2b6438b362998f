//! Keys and tokens as people and servers give them: written wrongly, in another form, inside each other, without their
//! payload.

use std::time::Instant;

use grantscope::base::check::{Check, Verdict};
use grantscope::base::time::Timestamp;
use grantscope::jose::base64url;
use grantscope::jose::claims::time_claims;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{self, Form};
use grantscope::jose::key::SigningKey;
use grantscope::jose::verify::{SignatureReport, verify, verify_with};
use serde_json::{Map, Value, json};

use super::vector;

fn key(alg: &str) -> SigningKey {
    SigningKey::generate(alg, "one").expect("a key")
}

fn signed(key: &SigningKey, header: Value) -> String {
    let Value::Object(header) = header else { panic!("a header is an object") };
    key.sign(&header, &json!({"sub": "alice"})).expect("a token")
}

fn set(document: &Value) -> JwkSet {
    JwkSet::from_json(&document.into()).expect("a set")
}

fn tried(token: &str, set: &JwkSet) -> SignatureReport {
    verify_with(&jwt::decode(token), &set.keys, &set.unread())
}

fn verdict(checks: &[Check], id: &str) -> Option<Verdict> {
    checks.iter().filter(|check| check.rule.id == id).map(|check| check.verdict).min()
}

fn rsa() -> (SigningKey, Value) {
    let key = SigningKey::from_pem(&vector("pem/rsa-pkcs8.pem"), "RS256", Some("one")).expect("a key");
    let public = key.public_jwk();
    (key, public)
}

/// What is wrong with a key is told with its reason, and whether the key that was meant made the signature.
#[test]
fn a_key_that_cannot_be_read_is_told_with_what_was_meant() {
    let ((rsa, of_rsa), ec) = (rsa(), key("ES256"));
    let of_ec = ec.public_jwk();
    let changed = |of: &Value, name: &str, value: Value| {
        let mut key = of.clone();
        key[name] = value;
        key
    };
    let text = |of: &Value, name: &str| of[name].as_str().expect("text").to_owned();
    let base64 = text(&of_rsa, "n").replace('-', "+").replace('_', "/");
    let x = base64url::decode(&text(&of_ec, "x")).expect("base64url");
    let padded = base64url::encode(&[&[0], &x[..]].concat());
    let certificate: String = vector("pem/rsa-certificate.pem").lines().filter(|line| !line.starts_with('-')).collect();
    let of_certificate = Jwk::from_pem(&vector("pem/rsa-certificate.pem")).expect("a key");
    let is_its_own = of_certificate.json.text("n") == of_rsa["n"].as_str();
    for (token, key, says) in [
        (signed(&rsa, json!({})), changed(&of_rsa, "n", json!(base64)), "read as base64 it fits and verifies"),
        (signed(&rsa, json!({})), changed(&of_rsa, "e", json!(65537)), "with e written as base64url it fits"),
        (signed(&ec, json!({})), changed(&of_ec, "x", json!(padded)), "with x and y in their full length it fits"),
        (signed(&key("ES256"), json!({})), changed(&of_ec, "x", json!(padded)), "x has 33 bytes instead of 32"),
        (signed(&ec, json!({})), json!({"kty": "EC", "crv": "P-256", "kid": "one"}), "lacks the member x"),
        (
            signed(&rsa, json!({})),
            json!({"kty": "RSA", "kid": "one", "x5c": [certificate]}),
            if is_its_own { "read from its certificate (x5c) it fits" } else { "lacks the member n" },
        ),
    ] {
        let report = tried(&token, &set(&json!({"keys": [key]})));
        assert_eq!((report.verified_by, report.attempts.len()), (None, 1), "{says}");
        assert_eq!(report.attempts[0].key, "keys[0], kid one");
        let reason = report.attempts[0].outcome.clone().expect_err("unreadable").to_string();
        assert!(reason.contains(says), "'{reason}' does not say '{says}'");
        assert_eq!(verdict(&report.findings, "jwt.signature"), Some(Verdict::Fail));
        let selection = report.findings.iter().find(|check| check.rule.id == "jwt.key_selection").expect("told");
        assert!(selection.actual.as_deref().is_some_and(|saw| saw.contains("cannot be read")), "{selection:?}");
    }
}

#[test]
fn a_map_of_names_to_pem_is_read_by_its_names() {
    let (rsa, _) = rsa();
    let map = set(
        &json!({"other": vector("pem/ec-certificate.pem"), "one": vector("pem/rsa-public.pem"), "bad": "-----BEGIN X"}),
    );
    assert_eq!(map.keys.iter().map(|key| key.kid.as_deref()).collect::<Vec<_>>(), [Some("other"), Some("one")]);
    assert_eq!(map.unread().iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["keys[2], kid bad"]);
    let token = signed(&rsa, json!({}));
    assert!(tried(&token, &map).verified().is_some_and(|attempt| attempt.key == "kid one, RSA 2048"));
}

/// SPIFFE writes what a key is for into `use`; keys of its X.509 documents sign no tokens.
#[test]
fn the_use_of_spiffe_is_known() {
    let key = key("ES256");
    for (purpose, verified) in [("jwt-svid", true), ("sig", true), ("x509-svid", false), ("enc", false)] {
        let mut jwk = key.public_jwk();
        jwk["use"] = purpose.into();
        let report = tried(&signed(&key, json!({})), &set(&json!({"keys": [jwk]})));
        assert_eq!(report.verified().is_some(), verified, "{purpose}");
    }
}

#[test]
fn a_key_with_a_broken_exponent_is_not_used() {
    let mut jwk = rsa().1;
    jwk["e"] = "AQ".into();
    let report = tried(&signed(&rsa().0, json!({})), &set(&json!({"keys": [jwk]})));
    let reason = report.attempts[0].outcome.clone().expect_err("not used").to_string();
    assert!(reason.contains("the exponent is 1"), "{reason}");
}

#[test]
fn a_token_inside_is_judged_like_one_outside() {
    let (outer, inner) = (SigningKey::generate("ES256", "outer").expect("a key"), key("ES256"));
    let keys = [&outer, &inner].map(|key| Jwk::from_json(&(&key.public_jwk()).into()).expect("a key"));
    let wrap = |text: &str| {
        let header = base64url::encode(br#"{"alg":"ES256","cty":"JWT","kid":"outer"}"#);
        let input = format!("{header}.{}", base64url::encode(text.as_bytes()));
        format!("{input}.{}", outer.signature(&input).expect("signed"))
    };
    let late = inner.sign(&Map::new(), &json!({"sub": "alice", "exp": 1})).expect("a token");
    let good = jwt::decode(&wrap(&late));
    assert_eq!((good.within.len(), good.within[0].token.form), (1, Form::Jws));
    assert!(verify(&good, &keys).verified().is_some());
    let claims = time_claims(&good, Timestamp::from_seconds(1000));
    assert_eq!(verdict(&claims, "jwt.exp"), Some(Verdict::Fail));

    let forged = super::with_another_signature(&late);
    let report = verify(&jwt::decode(&wrap(&forged)), &keys);
    assert_eq!((report.verified_by, verdict(&report.findings, "jwt.signature")), (None, Some(Verdict::Fail)));
    let critical = signed(&inner, json!({"crit": ["x"], "x": 1}));
    let told = jwt::decode(&wrap(&critical)).findings;
    let told = told.iter().find(|check| check.rule.id == "jwt.crit").and_then(|check| check.actual.as_deref());
    assert!(told.is_some_and(|saw| saw.starts_with("inside: x is not understood")), "{told:?}");
    assert!(verify(&jwt::decode(&wrap(&wrap(&late))), &keys).verified().is_some());

    let deep = (0..12).fold(late, |token, _| wrap(&token));
    assert!(jwt::decode(&deep).findings.iter().any(|check| check.verdict == Verdict::Fail));
}

#[test]
fn every_signature_of_a_json_serialization_is_verified() {
    let (one, two) = (key("ES256"), SigningKey::generate("ES256", "two").expect("a key"));
    let keys = [&one, &two].map(|key| Jwk::from_json(&(&key.public_jwk()).into()).expect("a key"));
    let payload = base64url::encode(br#"{"sub":"alice"}"#);
    let by = |key: &SigningKey, kid: &str| {
        let protected = base64url::encode(format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#).as_bytes());
        let signature = key.signature(&format!("{protected}.{payload}")).expect("signed");
        json!({"protected": protected, "signature": signature})
    };
    let document = |signatures: [Value; 2]| json!({"payload": payload, "signatures": signatures}).to_string();
    let both = verify(&jwt::decode(&document([by(&one, "one"), by(&two, "two")])), &keys);
    assert!(both.verified().is_some(), "{both:?}");
    let half = verify(&jwt::decode(&document([by(&one, "one"), by(&one, "two")])), &keys);
    assert_eq!(half.verified_by, None);
    assert!(
        half.findings.iter().any(|check| check.actual.as_deref().is_some_and(|saw| saw.starts_with("signature 2: ")))
    );
}

/// A payload that travels apart is no changed payload.
#[test]
fn content_that_is_not_there_is_said_to_travel_apart() {
    let key = key("ES256");
    let jwk = Jwk::from_json(&(&key.public_jwk()).into()).expect("a key");
    for header in [r#"{"alg":"ES256"}"#, r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#] {
        let header = base64url::encode(header.as_bytes());
        let signature = key.signature(&format!("{header}.the content")).expect("signed");
        let token = jwt::decode(&format!("{header}..{signature}"));
        assert!(token.is_detached());
        let report = verify(&token, std::slice::from_ref(&jwk));
        assert_eq!(verdict(&report.findings, "jwt.signature"), Some(Verdict::Skipped));
        let whole = jwt::decode(&format!("{header}.{}.{signature}", "the content"));
        if header.len() > 40 {
            assert_eq!(whole.text_payload(), Some("the content"), "an unencoded payload keeps its blanks");
            assert!(verify(&whole, std::slice::from_ref(&jwk)).verified().is_some());
        }
    }
    let hello = jwt::decode(&super::token(r#"{"alg":"HS256"}"#, "hello"));
    assert_eq!(hello.text_payload(), Some("hello"));
}

/// Ten times the claims take about ten times as long; a quadratic reader would take a hundred times as long.
#[test]
fn the_time_to_take_a_token_apart_grows_with_its_length_alone() {
    let of = |count: usize| {
        let twice: String = (0..count).map(|at| format!("\"{at:x}\":0,\"{at:x}\":\"\u{202e}\",")).collect();
        super::token(r#"{"alg":"HS256"}"#, &format!("{{\"{}\":{{{twice}\"a\":0}},{twice}\"a\":0}}", "x".repeat(count)))
    };
    let took = |token: &str| {
        let start = Instant::now();
        let decoded = jwt::decode(token);
        assert_eq!(verdict(&decoded.findings, "jwt.duplicate_member"), Some(Verdict::Fail));
        assert!(time_claims(&decoded, Timestamp::default()).len() < 10);
        start.elapsed()
    };
    let (small, large) = (of(1_200), of(12_000));
    assert!(large.len() < jwt::SIZE_LIMIT, "{}", large.len());
    let fastest = |token: &str| (0..3).map(|_| took(token)).min().expect("three");
    assert!(fastest(&large) < fastest(&small) * 40);
}
