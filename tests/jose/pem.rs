//! Keys in the formats people have them in.

use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt;
use grantscope::jose::key::SigningKey;
use grantscope::jose::verify::verify;
use serde_json::{Map, json};

use super::vector;

#[test]
fn every_format_of_a_key_is_the_same_public_key() {
    for (description, files) in [
        (
            "EC P-256",
            &["ec-public", "ec-public-compressed", "ec-pkcs8", "ec-sec1-with-parameters", "ec-certificate"][..],
        ),
        ("RSA 2048", &["rsa-public", "rsa-public-pkcs1", "rsa-pkcs8", "rsa-pkcs1", "rsa-certificate"]),
        ("OKP Ed25519", &["ed25519-public", "ed25519-pkcs8", "ed25519-certificate"]),
        ("EC P-521", &["p521-public"]),
    ] {
        let read = |file: &&str| {
            Jwk::from_pem(&vector(&format!("pem/{file}.pem"))).unwrap_or_else(|error| panic!("{file}: {error}"))
        };
        let keys: Vec<Jwk> = files.iter().map(read).collect();
        for (key, file) in keys.iter().zip(files) {
            assert_eq!(key.describe(), description, "{file}");
            assert_eq!(key.thumbprint(), keys[0].thumbprint(), "{file}");
            assert!(!key.has_private_members(), "{file}");
        }
    }
}

#[test]
fn private_keys_in_pem_sign() {
    for (file, alg) in [
        ("ec-pkcs8", "ES256"),
        ("ec-sec1-with-parameters", "ES256"),
        ("rsa-pkcs8", "RS256"),
        ("rsa-pkcs1", "PS512"),
        ("ed25519-pkcs8", "EdDSA"),
    ] {
        let pem = vector(&format!("pem/{file}.pem"));
        let key = SigningKey::from_pem(&pem, alg, Some("k")).unwrap_or_else(|error| panic!("{file}: {error}"));
        let token = key.sign(&Map::new(), &json!({"sub": "alice"})).expect("a token");
        let report = verify(&jwt::decode(&token), &[Jwk::from_pem(&pem).expect("a key")]);
        assert!(report.verified_by.is_some(), "{file} {report:?}");
    }
}

#[test]
fn what_cannot_sign_is_refused_with_the_reason() {
    for (file, alg, says) in [
        ("ec-public", "ES256", "this is a public key"),
        ("rsa-certificate", "RS256", "this is a certificate"),
        ("ec-encrypted", "ES256", "encrypted private key"),
        ("ec-pkcs8", "RS256", "RS256 needs an RSA key, this is EC P-256"),
        ("ec-pkcs8", "ES384", "ES384 needs an EC key on P-384"),
    ] {
        let error = SigningKey::from_pem(&vector(&format!("pem/{file}.pem")), alg, None).expect_err(file).to_string();
        assert!(error.contains(says), "{file}: {error}");
    }
}
