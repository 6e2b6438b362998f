//! Every rule about tokens is broken once and kept once. (Those about key sets are beside their code.)

use std::collections::BTreeSet;
use std::time::Duration;

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

const NOW: i64 = 1_795_394_200;
const GOOD: &str = r#"{"sub":"alice"}"#;
const EPK: &str = r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#;
const EPK_OFF_CURVE: &str = r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}}"#;
const HS256: &str = r#"{"alg":"HS256"}"#;

fn worst(checks: &[Check], id: &str) -> Option<Check> {
    checks.iter().filter(|check| check.rule.id == id).min_by_key(|check| check.verdict).cloned()
}

/// Asserts that `bad` breaks the rule with words that contain `says`, and that `good` does not.
fn judge(id: &str, bad: &[Check], says: &str, good: &[Check]) {
    let broken = worst(bad, id).unwrap_or_else(|| panic!("{id} is not judged: {says}"));
    assert!(broken.verdict < Verdict::Pass, "{id} passed: {broken:?}");
    let actual = broken.actual.unwrap_or_default();
    assert!(actual.contains(says), "{id}: '{actual}' does not say '{says}'");
    let kept = worst(good, id).map_or(Verdict::Pass, |check| check.verdict);
    assert!(kept >= Verdict::Pass, "{id} is broken by the good case ({says}): {:?}", worst(good, id));
}

fn format(text: &str) -> Vec<Check> {
    jwt::decode(text).findings
}

fn with_header(header: &str) -> Vec<Check> {
    format(&token(header, GOOD))
}

fn times(payload: &str) -> Vec<Check> {
    claims::time_claims(&jwt::decode(&token(HS256, payload)), Timestamp::from_seconds(NOW), Duration::from_secs(60))
}

#[test]
fn rules_about_the_token_as_a_whole() {
    let good = token(HS256, GOOD);
    let bytes = |header: &[u8]| format!("{}.e30.AAAA", base64url::encode(header));
    let payload =
        |payload: &[u8]| format!("{}.{}.AAAA", base64url::encode(HS256.as_bytes()), base64url::encode(payload));
    for (id, bad, says) in [
        ("jwt.size", "a".repeat(jwt::SIZE_LIMIT + 1), "1048577 bytes, not decoded"),
        ("jwt.envelope", format!("Bearer {good}"), "the word Bearer"),
        ("jwt.envelope", good.replace('.', ".\n"), "2 blank or invisible characters inside"),
        ("jwt.envelope", good.replace('.', "%2E"), "%2E for '.'"),
        ("jwt.parts", good.rsplit_once('.').expect("dots").0.to_owned(), "2 parts"),
        ("jwt.parts", format!("{good}.AAAA"), "4 parts"),
        ("jwt.parts", "ya29.a0AfH6SMBx".to_owned(), "not a JWT"),
        ("jwt.parts", "2YotnFZFEjr1zCsicMWpAA".to_owned(), "1 part: not a JWT"),
        ("jwt.parts", String::new(), "not a JWT"),
        ("jwt.base64url", format!("{good}="), "signature: padding '=' at position 4"),
        ("jwt.base64url", format!("{good}+/"), "signature: '+' at position 4"),
        ("jwt.base64url", format!("{good}A"), "signature: 5 characters"),
        ("jwt.base64url", format!("{good}AB"), "unused bits"),
        ("jwt.base64url", good.replace(".eyJ", ".eyJ\u{fe0f}"), "payload: '\\u{fe0f}' at position 3"),
        ("jwt.signature_part", good.replace("AAAA", ""), "none, although"),
        ("jwt.signature_part", format!("{}AAAA", unsecured(&Map::new(), &json!({}))), "3 bytes"),
        (
            "jwt.encrypted",
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA".to_owned(),
            "dir and A256GCM, not decrypted here yet",
        ),
        (
            "jwt.compact",
            r#"{"payload":"e30","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA"}"#.to_owned(),
            "a JWS as JSON",
        ),
        (
            "jwt.compact",
            r#"{"payload":"e30","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA","a":"b.c.d"}"#.to_owned(),
            "split at its dots",
        ),
        ("jwt.header_json", bytes(b"\xef\xbb\xbf{}"), "byte order mark"),
        ("jwt.header_json", bytes(b"{\0}\0"), "looks like UTF-16"),
        ("jwt.header_json", bytes(b"{\"alg\":\"\xff\"}"), "not UTF-8 from byte 8"),
        ("jwt.header_json", bytes(b"{\"alg\""), "EOF"),
        ("jwt.claims_json", payload(b"hello"), "it is not JSON"),
        ("jwt.claims_json", payload(b""), "may travel apart"),
        ("jwt.claims_json", payload(b"[1]"), "it is of type array"),
        ("jwt.claims_json", payload(b"{\"a\":\"\\ud800\"}"), "hex escape"),
        (
            "jwt.claims_json",
            payload(format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes()),
            "nested deeper than 128",
        ),
        (
            "jwt.duplicate_member",
            token(r#"{"alg":"none","\u0061lg":"HS256"}"#, GOOD),
            r#"header alg: "none" and "HS256""#,
        ),
        ("jwt.duplicate_member", token(HS256, r#"{"a":{"b":1,"b":2}}"#), "claims a.b"),
        ("jwt.hidden_characters", token(HS256, r#"{"name":"a\u202eb"}"#), "claims.name: a\\u{202e}b"),
        ("jwt.hidden_characters", token(HS256, r#"{"a\u0000":1}"#), "the name a\\u{0}"),
    ] {
        judge(id, &format(&bad), says, &format(&good));
    }
}

#[test]
fn rules_about_the_header() {
    let good = |header: &'static str| token(header, GOOD);
    let plain = good(r#"{"alg":"ES256","kid":"2026-01"}"#);
    for (id, bad, says, kept) in [
        ("jwt.alg", r#"{"typ":"JWT"}"#, "no alg", plain.clone()),
        ("jwt.alg", r#"{"alg":7}"#, "of type number", plain.clone()),
        ("jwt.alg", r#"{"alg":"es256"}"#, "which is not ES256", plain.clone()),
        ("jwt.alg", r#"{"alg":"XY"}"#, "XY", plain.clone()),
        ("jwt.alg_none", r#"{"alg":"none"}"#, "anyone can write", plain.clone()),
        ("jwt.alg_none", r#"{"alg":"nOnE"}"#, "a probe", plain.clone()),
        ("jwt.alg_none", r#"{"alg":"none\u200b"}"#, "none\\\\u{200b}", plain.clone()),
        ("jwt.alg_current", r#"{"alg":"RSA1_5","enc":"A256GCM"}"#, "RSA1_5", plain.clone()),
        ("jwt.alg_current", r#"{"alg":"EdDSA"}"#, "RFC 9864", good(r#"{"alg":"Ed25519"}"#)),
        ("jwt.crit", r#"{"alg":"ES256","crit":["x"],"x":1}"#, "not understood", plain.clone()),
        ("jwt.crit", r#"{"alg":"ES256","crit":["x"]}"#, "not in the header", plain.clone()),
        ("jwt.crit", r#"{"alg":"ES256","crit":["alg"]}"#, "defined by RFC 7515", plain.clone()),
        ("jwt.crit", r#"{"alg":"ES256","crit":[]}"#, "empty", plain.clone()),
        ("jwt.crit", r#"{"alg":"ES256","crit":"x"}"#, "of type string", plain.clone()),
        ("jwt.crit", r#"{"alg":"ES256","crit":[1]}"#, "not everything", plain.clone()),
        (
            "jwt.crit",
            r#"{"alg":"ES256","crit":["b64","b64"],"b64":true}"#,
            "twice",
            good(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#),
        ),
        ("jwt.b64", r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, "false", plain.clone()),
        ("jwt.b64", r#"{"alg":"ES256","b64":false}"#, "not listed in crit", plain.clone()),
        ("jwt.b64", r#"{"alg":"ES256","b64":0}"#, "neither", plain.clone()),
        ("jwt.embedded_key", r#"{"alg":"ES256","jku":"https://evil.example/k"}"#, "nothing is fetched", plain.clone()),
        ("jwt.embedded_key", r#"{"alg":"ES256","jwk":{}}"#, "never used to verify", plain.clone()),
        ("jwt.embedded_key", r#"{"alg":"ES256","x5c":["AA"]}"#, "x5c", plain.clone()),
        (
            "jwt.public_jwk",
            r#"{"alg":"ES256","jwk":{"kty":"EC","d":"AA"}}"#,
            "it has d",
            good(r#"{"alg":"ES256","jwk":{"kty":"EC"}}"#),
        ),
        ("jwt.kid", r#"{"alg":"ES256","kid":7}"#, "of type number", plain.clone()),
        ("jwt.kid", r#"{"alg":"ES256","kid":"../../dev/null"}"#, "a path", plain.clone()),
        ("jwt.kid", r#"{"alg":"ES256","kid":"x' UNION SELECT 'k"}"#, "a query", plain.clone()),
        ("jwt.kid", r#"{"alg":"ES256","kid":"|sleep 9"}"#, "a command", plain.clone()),
        ("jwt.kid", r#"{"alg":"ES256","kid":"a\r\nb"}"#, "a\\r\\nb", plain.clone()),
        ("jwt.typ", r#"{"alg":"ES256","typ":1}"#, "of type number", good(r#"{"alg":"ES256","typ":"at+jwt"}"#)),
        ("jwt.zip", r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#, "DEF", plain.clone()),
        (
            "jwt.p2c",
            r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2147483648}"#,
            "2147483648",
            good(r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":600000}"#),
        ),
        ("jwt.p2c", r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":1}"#, "1", plain.clone()),
        ("jwt.p2c", r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":-1}"#, "-1", plain.clone()),
        ("jwt.p2c", r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM"}"#, "no p2c", plain),
        ("jwt.epk", EPK_OFF_CURVE, "not on P-256", good(EPK)),
        (
            "jwt.replicated_claims",
            r#"{"alg":"ES256","sub":"bob"}"#,
            "sub differs",
            good(r#"{"alg":"ES256","sub":"alice"}"#),
        ),
    ] {
        judge(id, &with_header(bad), says, &format(&kept));
    }
}

#[test]
fn rules_about_claims() {
    for (id, bad, says, good) in [
        ("jwt.claim_type", r#"{"sub":["alice"]}"#, "sub is", GOOD),
        ("jwt.claim_type", r#"{"aud":[]}"#, "aud is []", r#"{"aud":["a"]}"#),
        ("jwt.claim_type", r#"{"aud":7}"#, "aud is 7", r#"{"aud":"a"}"#),
        ("jwt.numeric_date", r#"{"exp":"1795397800"}"#, "which is no number", r#"{"exp":1795397800}"#),
        ("jwt.numeric_date", r#"{"nbf":null}"#, "nbf is null", r#"{"nbf":1}"#),
        ("jwt.numeric_date", r#"{"iat":true}"#, "iat is true", r#"{"iat":1795394200.5}"#),
        ("jwt.numeric_date", r#"{"exp":1e400}"#, "beyond any time: 1e400", r#"{"exp":1.795397800e9}"#),
        ("jwt.numeric_date", r#"{"exp":12345678901234567890123}"#, "12345678901234567890123", GOOD),
        ("jwt.numeric_date", r#"{"exp":-5}"#, "before 1970: -5", r#"{"iat":0}"#),
        ("jwt.numeric_date", r#"{"exp":1795397800000}"#, "milliseconds instead of seconds: 1795397800000", GOOD),
        ("jwt.numeric_date", r#"{"exp":9999999999}"#, "more than 50 years ahead", GOOD),
        ("jwt.exp", r#"{"exp":1795390600}"#, "2026-11-22T23:36:40Z, 1 h ago", r#"{"exp":1795397800}"#),
        ("jwt.exp", r#"{"exp":1795394170}"#, "within the 1 min that clocks may differ", r#"{"exp":1795394201}"#),
        ("jwt.exp", r#"{"exp":"never"}"#, "cannot be read", r#"{"exp":1795397800}"#),
        ("jwt.exp", "{}", "never expires", r#"{"exp":1795397800}"#),
        ("jwt.nbf", r#"{"nbf":1795397800}"#, "in 1 h", r#"{"nbf":1795394260}"#),
        ("jwt.iat", r#"{"iat":1795397800}"#, "in 1 h", r#"{"iat":1795394200}"#),
        ("jwt.time_order", r#"{"iat":1795394200,"exp":1795394200}"#, "0 ms", r#"{"iat":1795394200,"exp":1795397800}"#),
    ] {
        judge(id, &times(bad), says, &times(good));
    }
    assert!(claims::time_claims(&jwt::decode("opaque"), Timestamp::default(), Duration::ZERO).is_empty());
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
fn rules_about_signatures_and_keys() {
    let (one, two) =
        (SigningKey::generate("ES256", "one").expect("a key"), SigningKey::generate("ES256", "two").expect("a key"));
    let (key, other) = (public(&one, |_| {}), public(&two, |_| {}));
    let token = signed(&one, json!({}));
    let good = report(&token, &[other.clone(), key.clone()]).findings;
    let unknown = signed(&one, json!({"kid": "three"}));
    let long = secret_key("a secret with thirty-two characters or more");
    let hs = |secret: &str| {
        report(&signed(&secret_key(secret), json!({})), &[Jwk::from_secret(&Secret::new(secret))]).findings
    };
    let rsa = Jwk::from_pem(&vector("pem/rsa-public.pem")).expect("a key");
    let forged = signed(&secret_key(&vector("pem/rsa-public.pem")), json!({}));
    for (id, bad, says, good) in [
        (
            "jwt.signature",
            report(&token, std::slice::from_ref(&other)).findings,
            "kid two, EC P-256: the signature is not by this key",
            &good,
        ),
        (
            "jwt.signature",
            report(&unsecured(&Map::new(), &json!({})), std::slice::from_ref(&key)).findings,
            "not signed",
            &good,
        ),
        (
            "jwt.key_selection",
            report(&unknown, &[key.clone(), other.clone()]).findings,
            "no key has the kid three",
            &good,
        ),
        ("jwt.key_selection", report(&token, &[key.clone(), key.clone()]).findings, "2 keys have the kid one", &good),
        ("jwt.hmac_secret", hs("short"), "5 bytes", &hs("a secret with thirty-two characters or more")),
        ("jwt.hmac_secret", hs("your-256-bit-secret"), "tutorials", &good),
        (
            "jwt.algorithm_confusion",
            report(&forged, std::slice::from_ref(&rsa)).findings,
            "forged: signed with the public key as secret (PEM of RSA 2048",
            &good,
        ),
        (
            "jwt.algorithm_confusion",
            report(&signed(&long, json!({})), std::slice::from_ref(&rsa)).findings,
            "the token says HS256",
            &good,
        ),
    ] {
        judge(id, &bad, says, good);
    }
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
fn every_rule_is_named_once_and_says_why_and_how_to_mend_it() {
    let mut ids = BTreeSet::new();
    for rule in grantscope::jose::rules() {
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        assert!(rule.id.starts_with("jwt.") || rule.id.starts_with("jwks."), "{}", rule.id);
        for text in [rule.title, rule.why, rule.fix] {
            assert!(text.len() > 10, "{}: '{text}'", rule.id);
        }
        assert!(rule.spec.url().is_some(), "{}", rule.id);
    }
    // The tables above, by their source: a rule without a case is found here.
    let cases = include_str!("rules.rs");
    for id in ids.iter().filter(|id| id.starts_with("jwt.")) {
        assert!(cases.contains(&format!("\"{id}\"")), "no case for {id}");
    }
}
