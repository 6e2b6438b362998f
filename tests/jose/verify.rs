//! Which keys verify a token and why others do not, and what a token is by its looks. (Its rules, broken and kept, are
//! in `tests/rules/jwt.rs`.)

use grantscope::base::check::{Check, Verdict};
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt::{self, Form};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::jose::verify::{NotVerified, SignatureReport, verify};
use grantscope::jose::{base64url, claims};
use serde_json::{Map, Value, json};

use super::{token, vector};

const GOOD: &str = r#"{"sub":"alice"}"#;
const HS256: &str = r#"{"alg":"HS256"}"#;

fn worst(checks: &[Check], id: &str) -> Option<Check> {
    checks.iter().filter(|check| check.rule.id == id).min_by_key(|check| check.verdict).cloned()
}

fn secret_key(secret: &str) -> SigningKey {
    SigningKey::from_secret(&Secret::new(secret), "HS256").expect("a key")
}

fn signed(key: &SigningKey, header: Value) -> String {
    let Value::Object(header) = header else { panic!("a header is an object") };
    key.sign(&header, &json!({"sub": "alice"})).expect("a token")
}

fn public(key: &SigningKey, change: impl FnOnce(&mut Map<String, Value>)) -> Jwk {
    let mut value = key.public_jwk();
    change(value.as_object_mut().expect("an object"));
    Jwk::from_json(&(&value).into()).expect("a key")
}

fn report(token: &str, keys: &[Jwk]) -> SignatureReport {
    verify(&jwt::decode(token), keys)
}

#[test]
fn a_public_key_as_hmac_secret_is_found_in_every_encoding_and_never_verifies() {
    for file in ["rsa-public", "ec-public", "ed25519-public", "rsa-public-pkcs1", "rsa-certificate"] {
        let pem = vector(&format!("pem/{file}.pem"));
        let mut key = Jwk::from_pem(&pem).expect("a key");
        if file.ends_with("certificate") {
            let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            let mut value = Value::from(&key.json);
            value["x5c"] = json!([body]);
            key = Jwk::from_json(&(&value).into()).expect("a key");
        }
        for secret in [pem.clone(), pem.trim_end().to_owned(), pem.replace('\n', "\r\n"), key.json.to_string()] {
            let report = report(&signed(&secret_key(&secret), json!({})), std::slice::from_ref(&key));
            assert_eq!(report.verified_by, None, "{file}");
            let found = worst(&report.findings, "jwt.algorithm_confusion").expect("a finding");
            assert_eq!(found.verdict, Verdict::Fail, "{file} {secret}");
        }
    }
}

#[test]
fn each_key_says_why_it_did_not_verify() {
    let signer = SigningKey::generate("ES256", "one").expect("a key");
    let token = signed(&signer, json!({}));
    let outcome = |keys: &[Jwk]| report(&token, keys).attempts[0].outcome.clone().map_err(|error| error.to_string());
    let changed = |member: &'static str, value: Value| {
        public(&signer, |key| {
            key.insert(member.to_owned(), value);
        })
    };
    let rsa = Jwk::from_pem(&vector("pem/rsa-public.pem")).expect("a key");
    for (key, says) in [
        (rsa, "ES256 needs an EC key on P-256, this is RSA 2048"),
        (Jwk::from_secret(&Secret::new("s")), "ES256 needs an EC key on P-256, this is oct 8 bit"),
        (
            changed("use", json!("enc")),
            "the key is not for signatures (use is enc); the signature is by this key all the same",
        ),
        (changed("key_ops", json!(["encrypt"])), "the key is not for signatures (key_ops is encrypt); the signature"),
        (
            changed("alg", json!("ES256K")),
            "the key is for ES256K only, the token says ES256; the signature is by this key",
        ),
        (public(&SigningKey::generate("ES256", "one").expect("a key"), |_| {}), "the signature is not by this key"),
    ] {
        let error = outcome(&[key]).expect_err(says);
        assert!(error.starts_with(says), "'{error}' is not '{says}'");
    }
    assert_eq!(
        outcome(&[changed("kid", json!("two"))]),
        Ok(()),
        "a key with another kid is tried when none has the token's"
    );
}

#[test]
fn keys_with_the_kid_of_the_token_come_first_and_others_do_not_count() {
    let (one, two) =
        (SigningKey::generate("ES256", "one").expect("a key"), SigningKey::generate("ES256", "two").expect("a key"));
    let keys = [public(&two, |_| {}), public(&one, |_| {})];
    let found = report(&signed(&one, json!({})), &keys);
    assert_eq!((found.attempts.len(), found.verified_by, found.attempts[0].index), (1, Some(0), 1));
    assert_eq!(found.verified().map(|attempt| attempt.key.as_str()), Some("kid one, EC P-256"));

    let swapped = report(&signed(&one, json!({"kid": "two"})), &keys);
    assert_eq!(swapped.verified_by, None);
    let NotVerified::KidDiffers { fits, .. } = swapped.attempts[1].outcome.clone().expect_err("another kid") else {
        panic!("{:?}", swapped.attempts)
    };
    assert!(fits);
}

#[test]
fn of_very_many_keys_the_first_are_tried_and_nothing_is_said_of_the_others() {
    let (one, two) =
        (SigningKey::generate("ES256", "one").expect("a key"), SigningKey::generate("ES256", "two").expect("a key"));
    let mut keys = vec![public(&two, |_| {}); 150];
    keys.push(public(&one, |_| {}));
    assert!(report(&signed(&one, json!({})), &keys).verified_by.is_some(), "the one with its kid comes first");
    let found = report(&signed(&one, json!({"kid": "three"})), &keys);
    assert_eq!((found.verified_by, found.attempts.len(), found.is_cut_short()), (None, 101, true));
    assert_eq!(found.attempts[100].key, "51 more keys");
    assert_eq!(found.findings[0].verdict, Verdict::Skipped);
}

#[test]
fn a_signature_of_the_wrong_shape_says_what_it_is() {
    let key = SigningKey::generate("ES256", "one").expect("a key");
    let token = signed(&key, json!({}));
    let keys = [public(&key, |_| {})];
    let (input, signature) = token.rsplit_once('.').expect("dots");
    let raw = base64url::decode(signature).expect("base64url");
    let order = [&[0xff; 32][..], &raw[32..]].concat();
    for (bytes, says) in [
        (vec![0; 64], "r of the signature is zero (CVE-2022-21449)"),
        (order, "r of the signature is not below the order of the curve"),
        ([&[0x30, 69][..], &raw, &[0; 5]].concat(), "71 bytes, ES256 makes 64 with this key; it looks like DER"),
        (raw[..63].to_vec(), "63 bytes, ES256 makes 64"),
        (Vec::new(), "the signature is empty"),
    ] {
        let found = report(&format!("{input}.{}", base64url::encode(&bytes)), &keys);
        let error = found.attempts[0].outcome.clone().expect_err(says).to_string();
        assert!(error.contains(says), "'{error}' does not say '{says}'");
    }
    let padded = report(&format!("{token}=="), &keys).attempts[0].outcome.clone().expect_err("padding").to_string();
    assert!(padded.contains("padding"), "{padded}");
}

#[test]
fn weak_keys_are_not_used() {
    let weak = Jwk::from_json(&(&json!({"kty": "RSA", "n": base64url::encode(&[0xff; 128]), "e": "AQAB"})).into())
        .expect("a key");
    let empty = Jwk::from_json(&(&json!({"kty": "oct", "k": ""})).into()).expect("a key");
    for (header, key, says) in
        [(r#"{"alg":"RS256"}"#, weak, "RSA with 1024 bits"), (HS256, empty, "the secret is empty")]
    {
        let error = report(&token(header, GOOD), &[key]).attempts[0].outcome.clone().expect_err(says).to_string();
        assert!(error.contains(says), "'{error}' does not say '{says}'");
    }
}

#[test]
fn a_cleaned_copy_is_offered_and_decodes_without_that_finding() {
    let good = token(HS256, GOOD);
    for bad in [
        format!("Bearer {good}\n"),
        format!("\"{good}==\""),
        good.replace('.', "%2E"),
        format!(" {}", good.replace(".e", ".\ne")),
    ] {
        let decoded = jwt::decode(&bad);
        assert_eq!(decoded.cleaned.as_deref(), Some(good.as_str()), "{bad}");
        assert_eq!(decoded.claim("sub").and_then(|sub| sub.as_str()), Some("alice"), "{bad}");
        assert_eq!(decoded.text, bad);
    }
    assert_eq!(jwt::decode(&good).cleaned, None);
}

#[test]
fn debug_shows_neither_the_token_nor_its_claims() {
    let decoded = jwt::decode(&token(HS256, GOOD));
    let shown = format!("{decoded:?}");
    assert!(!shown.contains("eyJ") && !shown.contains("alice"), "{shown}");
}

#[test]
fn numbers_are_shown_exactly_as_sent() {
    let payload = r#"{"a":12345678901234567890123,"b":1e400,"c":-0,"d":1.50}"#;
    assert_eq!(jwt::decode(&token(HS256, payload)).claims.expect("claims").to_string(), payload);
}

#[test]
fn forms_are_told_apart() {
    for (text, form) in [
        (token(HS256, GOOD), Form::Jws),
        (unsecured(&Map::new(), &json!({})), Form::UnsecuredJws),
        (token(r#"{"alg":"NONE"}"#, GOOD), Form::UnsecuredJws),
        ("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA".to_owned(), Form::Jwe),
        (r#"{"payload":"e30","signatures":[]}"#.to_owned(), Form::JsonSerialization),
        (r#"{"ciphertext":"AA"}"#.to_owned(), Form::JsonSerialization),
        (r#"{"error":"invalid_grant"}"#.to_owned(), Form::Opaque),
        ("<html>a.b.c</html>".to_owned(), Form::Opaque),
        ("eyJhbGciOiJIUzI1NiJ9".to_owned(), Form::Jws),
        ("gho_16C7e42F292c6912E7710c838347Ae178B4a".to_owned(), Form::Opaque),
    ] {
        assert_eq!(jwt::decode(&text).form, form, "{text}");
    }
}

#[test]
fn what_has_no_claims_has_no_times() {
    assert!(claims::time_claims(&jwt::decode("opaque"), Timestamp::default()).is_empty());
}
