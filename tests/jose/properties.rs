//! What holds for any bytes.

use std::sync::LazyLock;

use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{self, Form};
use grantscope::jose::key::SigningKey;
use grantscope::jose::x509::{self, Certificate};
use grantscope::jose::{base64url, claims, verify};
use proptest::prelude::*;
use serde_json::{Map, json};

use super::hostile::hostile;
use super::{token, vector};

/// A token and its key for each family of signatures.
static SIGNED: LazyLock<Vec<(String, Jwk)>> = LazyLock::new(|| {
    let rsa = SigningKey::from_pem(&vector("pem/rsa-pkcs8.pem"), "RS256", Some("rsa")).expect("a key");
    let made = ["ES256", "HS256", "EdDSA"].map(|alg| SigningKey::generate(alg, alg).expect("a key"));
    let sign = |key: SigningKey| {
        let token = key.sign(&Map::new(), &json!({"sub": "alice", "exp": 1_795_397_800})).expect("a token");
        let read = Json::parse_text(key.private_jwk().expose()).expect("JSON");
        (token, Jwk::from_json(&read).expect("a key"))
    };
    made.into_iter().chain([rsa]).map(sign).collect()
});

/// Everything that can be done with a text.
fn use_all(text: &str) {
    let decoded = jwt::decode(text);
    let keys: Vec<Jwk> = SIGNED.iter().map(|(_, key)| key.clone()).collect();
    let report = verify::verify(&decoded, &keys);
    assert!(report.attempts.len() <= keys.len());
    let _ = claims::time_claims(&decoded, Timestamp::from_seconds(1_795_394_200));
    assert!(decoded.parts.len() <= 5);
}

/// Everything that is done with a PEM text.
fn use_certificate(text: &str) {
    let _ = Jwk::from_pem(text);
    let (chain, key) = (x509::certificates(text), x509::private_key(text));
    for der in chain.into_iter().flatten() {
        let _ = Certificate::read(&der).map(|certificate| certificate.subject.to_string());
        let _ = key.as_ref().map(|key| x509::is_key_of(&der, key));
    }
}

#[test]
fn one_flipped_bit_never_verifies() {
    for (token, key) in SIGNED.iter() {
        assert!(verify::verify(&jwt::decode(token), std::slice::from_ref(key)).verified_by.is_some());
        for bit in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let flipped = String::from_utf8_lossy(&bytes);
            let report = verify::verify(&jwt::decode(&flipped), std::slice::from_ref(key));
            assert_eq!(report.verified_by, None, "bit {bit} of {token}");
        }
    }
}

#[test]
fn a_truncated_or_lengthened_token_never_verifies() {
    for (token, key) in SIGNED.iter() {
        let longer = ["A", ".", "=", "AAAA", ".AAAA"].map(|more| format!("{token}{more}"));
        for text in (0..token.len()).map(|end| token[..end].to_owned()).chain(longer) {
            let report = verify::verify(&jwt::decode(&text), std::slice::from_ref(key));
            assert_eq!(report.verified_by, None, "{text}");
        }
    }
}

/// How long it takes is a figure of `benches/figures.rs`.
#[test]
fn hostile_sizes_are_taken_apart_and_verify_nothing() {
    for text in hostile() {
        use_all(&text);
        assert_eq!(verify::verify(&jwt::decode(&text), &[SIGNED[0].1.clone()]).verified_by, None);
    }
}

#[test]
fn a_million_dots_are_counted_not_split() {
    let decoded = jwt::decode(&format!("{}{}", token("{\"alg\":\"HS256\"}", "{}"), ".".repeat(1_000_000)));
    assert_eq!((decoded.form, decoded.parts.len()), (Form::Jws, 5));
    assert!(decoded.findings.iter().any(|check| check.actual.as_deref() == Some("1000003 parts")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_taken_apart(text in any::<String>()) {
        use_all(&text);
    }

    #[test]
    fn any_bytes_in_any_parts_are_taken_apart(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..7)) {
        use_all(&parts.iter().map(|part| base64url::encode(part)).collect::<Vec<_>>().join("."));
    }

    #[test]
    fn any_header_and_payload_are_taken_apart(header in any_json(), payload in any_json()) {
        use_all(&token(&header.to_string(), &payload.to_string()));
    }

    #[test]
    fn any_json_is_a_set_of_keys_or_an_error(value in any_json()) {
        let json = Json::from(&value);
        if let Ok(set) = JwkSet::from_json(&json) {
            prop_assert_eq!(set.checks().len(), 12);
        }
        let _ = SigningKey::from_jwk(&json, None);
    }

    #[test]
    fn any_bytes_in_pem_are_a_key_or_an_error(tag in "PUBLIC KEY|PRIVATE KEY|CERTIFICATE|RSA PRIVATE KEY|EC PRIVATE KEY", der in prop::collection::vec(any::<u8>(), 0..300)) {
        use_certificate(&pem::encode(&pem::Pem::new(tag, der)));
    }

    #[test]
    fn a_changed_key_in_pem_is_a_key_or_an_error(at in 0usize..1000, byte in any::<u8>()) {
        for file in ["pem/rsa-pkcs8.pem", "pem/ec-certificate.pem", "pem/ec-pkcs8.pem"] {
            let block = pem::parse(vector(file)).expect("PEM");
            let mut der = block.contents().to_vec();
            let at = at % der.len();
            der[at] = byte;
            let text = pem::encode(&pem::Pem::new(block.tag(), der));
            use_certificate(&text);
            let _ = SigningKey::from_pem(&text, "RS256", None);
        }
    }

    #[test]
    fn base64url_decodes_only_what_it_encodes(text in "[A-Za-z0-9_=+/ -]{0,12}") {
        if let Ok(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes), text);
        }
    }
}

/// Small JSON with names that mean something to JOSE.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "[A-Za-z0-9_-]{0,50}".prop_map(serde_json::Value::from),
        prop::sample::select(vec![
            "HS256", "RS256", "ES256", "none", "EC", "RSA", "OKP", "oct", "P-256", "Ed25519", "AQAB", "../x"
        ])
        .prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    let name = prop::sample::select(vec![
        "alg",
        "kid",
        "typ",
        "crit",
        "b64",
        "jwk",
        "jku",
        "zip",
        "enc",
        "p2c",
        "kty",
        "crv",
        "x",
        "y",
        "n",
        "e",
        "d",
        "k",
        "keys",
        "use",
        "key_ops",
        "exp",
        "nbf",
        "iat",
        "aud",
        "iss",
        "sub",
        "payload",
        "protected",
        "signature",
        "signatures",
        "header",
    ]);
    leaf.prop_recursive(3, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}
