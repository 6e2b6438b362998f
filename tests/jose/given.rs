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
use grantscope::jose::verify::{SignatureReport, verify, verify_secret, verify_with};
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

/// A key in another notation is told with the reading that fits, and verifies nothing.
#[test]
fn a_number_in_another_notation_is_told_with_the_reading_that_fits() {
    let ((rsa, of_rsa), ec) = (rsa(), key("ES256"));
    let of_ec = ec.public_jwk();
    let hexadecimal = |of: &Value, name: &str, between: &str| {
        let bytes = base64url::decode(of[name].as_str().expect("text")).expect("base64url");
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!(digits.join(between))
    };
    let with = |of: &Value, name: &str, value: Value| {
        let mut key = of.clone();
        key[name] = value;
        key
    };
    let broken = of_rsa["n"].as_str().map(|n| format!("{}\n{}", &n[..64], &n[64..])).expect("text");
    for (signer, key, says) in [
        (&rsa, with(&of_rsa, "n", hexadecimal(&of_rsa, "n", "")), "read as hexadecimal it fits"),
        (&rsa, with(&of_rsa, "n", hexadecimal(&of_rsa, "n", ":")), "read as hexadecimal it fits"),
        (&ec, with(&of_ec, "x", hexadecimal(&of_ec, "x", "")), "read as hexadecimal it fits"),
        (&rsa, with(&of_rsa, "n", json!(broken)), "read without the line breaks and blanks in it it fits"),
    ] {
        let report = tried(&signed(signer, json!({})), &set(&json!({"keys": [key]})));
        assert_eq!((report.verified_by, report.attempts.len()), (None, 1), "{says}");
        let reason = report.attempts[0].outcome.clone().expect_err("unreadable").to_string();
        assert!(reason.contains(says), "'{reason}' does not say '{says}'");
    }
    // The line break itself stands in the JSON, which no reader takes.
    let document = json!({"keys": [of_rsa]}).to_string();
    let n = of_rsa["n"].as_str().expect("text");
    let text = document.replace(n, &format!("{}\n{}", &n[..64], &n[64..]));
    let read = JwkSet::from_text(&text).expect("a set");
    let report = tried(&signed(&rsa, json!({})), &read);
    let reason = report.attempts[0].outcome.clone().expect_err("unreadable").to_string();
    assert!(reason.contains("a line break stands inside a text of the JSON") && reason.contains("it fits"), "{reason}");
}

#[test]
fn a_map_of_names_to_keys_is_read_and_told() {
    let (one, two) = (key("ES256"), key("EdDSA"));
    let mut of_one = one.public_jwk();
    of_one.as_object_mut().expect("an object").remove("kid");
    let read = set(&json!({"one": of_one, "other": two.public_jwk()}));
    assert!(tried(&signed(&one, json!({})), &read).verified_by.is_some(), "the name stands for the kid");
    let check = read.checks().into_iter().find(|check| check.rule.id == "jwks.set").expect("told");
    assert!(check.verdict <= Verdict::Warn && check.actual.is_some_and(|saw| saw.contains("a map of names to keys")));
}

#[test]
fn two_tokens_one_behind_the_other_are_told_and_the_first_is_tried() {
    let (one, (rsa, _)) = (key("ES256"), rsa());
    let keys = set(&json!({"keys": [one.public_jwk()]}));
    for between in ["", ",", ".", "\n", " "] {
        let first = signed(&one, json!({}));
        let joined = format!("{first}{between}{}", signed(&rsa, json!({})));
        let token = jwt::decode(&joined);
        let parts = token.findings.iter().find(|check| check.rule.id == "jwt.parts").expect("told");
        assert_eq!(parts.verdict, Verdict::Fail, "{between:?}");
        assert!(parts.actual.as_deref().is_some_and(|saw| saw.starts_with("two, one behind")), "{parts:?}");
        assert_eq!((token.form, token.cleaned.as_deref()), (Form::Jws, Some(first.as_str())), "{between:?}");
        assert!(verify(&token, &keys.keys).verified_by.is_some(), "{between:?}");
    }
}

#[test]
fn a_secret_is_found_behind_lines_colons_and_a_mark() {
    let secret: Vec<u8> = (1..=60).collect();
    let key = SigningKey::from_jwk(
        &grantscope::base::json::Json::from(&json!({"kty": "oct", "k": base64url::encode(&secret)})),
        Some("HS256"),
    )
    .expect("a key");
    let token = jwt::decode(&signed(&key, json!({})));
    let plain = base64url::encode(&secret);
    let wrapped = format!("{}\n{}\n", &plain[..40], &plain[40..]);
    let colons: Vec<String> = secret.iter().map(|byte| format!("{byte:02X}")).collect();
    for (written, how) in [
        (wrapped, "read as base64 in several lines"),
        (format!("\u{feff}{plain}"), "read as base64url"),
        (colons.join(":"), "read as hexadecimal"),
    ] {
        let report = verify_secret(&token, &[], &[], written.as_bytes());
        assert!(report.verified_by.is_some(), "{how}");
        let said = report.findings.iter().find(|check| check.rule.id == "jwt.secret_reading").expect("told");
        assert!(said.actual.as_deref().is_some_and(|saw| saw.contains(how)), "{said:?}");
    }
    let text = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
    let token = jwt::decode(&signed(&text, json!({})));
    let report = verify_secret(&token, &[], &[], "\u{feff}a secret of thirty-two characters\n".as_bytes());
    let said = report.findings.iter().find(|check| check.rule.id == "jwt.secret_reading").expect("told");
    assert!(said.actual.as_deref().is_some_and(|saw| saw.contains("without the byte order mark")), "{said:?}");
}

#[test]
fn a_key_in_der_or_in_one_line_is_read() {
    let (rsa, _) = rsa();
    let token = jwt::decode(&signed(&rsa, json!({})));
    let pem = vector("pem/rsa-pkcs8.pem");
    let one_line = pem.trim().replace('\n', "\\n");
    let der = pem::parse(&pem).expect("PEM").into_contents();
    for bytes in [one_line.into_bytes(), der] {
        let read = JwkSet::from_bytes(&bytes).expect("a key");
        assert!(verify(&token, &read.keys).verified_by.is_some());
        assert!(!read.keys[0].has_private_members());
    }
    let error = JwkSet::from_bytes(&[0xff, 0xfe, 0, 1]).expect_err("no key").to_string();
    assert!(error.contains("neither text nor a key or certificate in DER"), "{error}");
}
