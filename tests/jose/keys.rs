//! Keys that must not be used, made from good ones when the tests run (RFC 7517, RFC 7518 section 6, RFC 8725).
//!
//! The kinds of cases:
//! - a set: the key found by its `kid`, a damaged token refused, two keys with one `kid`, secrets beside public keys
//! - `use`, `key_ops` and `alg` that speak of something else, an `alg` that does not exist or that the curve cannot do
//! - another `kty`, another `crv`, a point that is not on the curve, or at the origin
//! - coordinates with a leading zero, without theirs, of zero length, of another type, or not base64url
//! - RSA: 1024 bits, exponents of 0, 1 and an even one, the fingerprint of ROCA, no modulus
//! - secrets: empty, one byte too short for each hash, longer than the hash
//! - a key for AES

use grantscope::jose::base64url;
use grantscope::jose::jwk::JwkSet;
use grantscope::jose::key::SigningKey;
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use super::{accepts, json as parsed, rsa_key, with_another_signature};

fn signed(key: &SigningKey) -> String {
    key.sign(&Map::new(), &json!({"sub": "alice"})).expect("a token")
}

fn set(keys: &[&Value]) -> JwkSet {
    JwkSet::from_json(&(&json!({ "keys": keys })).into()).expect("a set")
}

fn private(key: &SigningKey) -> Value {
    Value::from(&parsed(key.private_jwk().expose()))
}

fn changed(key: &Value, member: &str, value: Value) -> Value {
    let mut key = key.clone();
    key[member] = value;
    key.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    key
}

fn generated(alg: &str, kid: &str) -> SigningKey {
    SigningKey::generate(alg, kid).expect("a key")
}

#[test]
fn a_key_is_found_in_a_set_by_its_kid_alone() {
    for alg in ["HS256", "ES256", "EdDSA"] {
        let (one, two) = (generated(alg, "one"), generated(alg, "two"));
        let (first, second) = (private(&one), private(&two));
        for key in [&one, &two] {
            assert!(accepts(&signed(key), &set(&[&first, &second])), "{alg}");
            assert!(!accepts(&with_another_signature(&signed(key)), &set(&[&first, &second])), "{alg}: damaged");
        }
        let same = changed(&second, "kid", json!("one"));
        assert!(!accepts(&signed(&one), &set(&[&first, &same])), "{alg}: two keys with one kid");
        assert!(!accepts(&signed(&one), &set(&[&second])), "{alg}: no key with the kid");
    }
}

/// A set that mixes secrets and public keys is for its owner to judge; each key is used for its own algorithm alone.
#[test]
fn secrets_beside_public_keys_are_used_for_what_they_are() {
    let (secret, pair) = (generated("HS256", "secret"), generated("ES256", "pair"));
    let mixed = set(&[&private(&secret), &pair.public_jwk()]);
    assert!(accepts(&signed(&secret), &mixed) && accepts(&signed(&pair), &mixed));
}

#[test]
fn a_key_that_is_for_something_else_is_refused() {
    let signers = ["ES256", "EdDSA", "RS256", "HS256"].map(|alg| match alg {
        "RS256" => SigningKey::from_jwk(&rsa_key(), Some(alg)).expect("a key"),
        _ => generated(alg, "one"),
    });
    for key in &signers {
        let good = private(key);
        assert!(accepts(&signed(key), &set(&[&good])), "{}", key.alg());
        let verifies = changed(&good, "key_ops", json!(["verify"]));
        assert!(accepts(&signed(key), &set(&[&verifies])), "{}: key_ops", key.alg());
        for (member, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["encrypt", "decrypt"])),
            ("key_ops", json!(["deriveKey"])),
            ("alg", json!("ES521")),
            ("alg", json!("ES224")),
            ("alg", json!("A256GCM")),
            ("alg", json!("A256KW")),
            ("alg", json!("none")),
            ("kty", json!("XYZ")),
            ("kty", Value::Null),
        ] {
            let other = changed(&changed(&good, "use", Value::Null), member, value);
            assert!(!accepts(&signed(key), &set(&[&other])), "{}: {other}", key.alg());
        }
        for kty in ["RSA", "EC", "OKP", "oct"].into_iter().filter(|kty| good["kty"] != *kty) {
            let other = changed(&good, "kty", json!(kty));
            assert!(!accepts(&signed(key), &set(&[&other])), "{} as {kty}", key.alg());
        }
    }
}

#[test]
fn a_point_that_is_not_on_its_curve_or_written_otherwise_is_refused() {
    let key = generated("ES256", "one");
    let good = key.public_jwk();
    let coordinate = |name: &str| base64url::decode(good[name].as_str().expect("text")).expect("base64url");
    let (x, y) = (coordinate("x"), coordinate("y"));
    let text = |bytes: &[u8]| json!(base64url::encode(bytes));
    let flipped: Vec<u8> = y.iter().enumerate().map(|(at, byte)| if at == 31 { byte ^ 1 } else { *byte }).collect();
    assert!(accepts(&signed(&key), &set(&[&good])));
    for (member, value) in [
        ("y", text(&flipped)),
        ("y", text(&x)),
        ("x", text(&[0; 32])),
        ("x", text(&[&[0], x.as_slice()].concat())),
        ("y", text(&[y.as_slice(), &[0]].concat())),
        ("x", text(&x[1..])),
        ("x", text(&[0xff; 32])),
        ("x", json!("")),
        ("x", Value::Null),
        ("x", json!(7)),
        ("x", json!([good["x"]])),
        ("x", json!(format!("{}=", good["x"].as_str().expect("text")))),
        ("x", json!(format!("{} ", good["x"].as_str().expect("text")))),
        ("x", json!(format!("-{}", good["x"].as_str().expect("text")))),
        ("crv", json!("P-384")),
        ("crv", json!("P-521")),
        ("crv", json!("secp256k1")),
        ("crv", json!("p-256")),
        ("crv", Value::Null),
    ] {
        let other = changed(&good, member, value);
        assert!(!accepts(&signed(&key), &set(&[&other])), "{other}");
    }
    let origin = changed(&changed(&good, "x", text(&[0; 32])), "y", text(&[0; 32]));
    assert!(!accepts(&signed(&key), &set(&[&origin])), "the origin");
}

#[test]
fn a_weak_rsa_key_is_refused() {
    let whole = Value::from(&rsa_key());
    let key = SigningKey::from_jwk(&rsa_key(), Some("RS256")).expect("a key");
    let token = signed(&key);
    let good = key.public_jwk();
    assert!(accepts(&token, &set(&[&good])));
    let bytes = |number: &BigUint| json!(base64url::encode(&number.to_bytes_be()));
    // A power of 65537 has the fingerprint of the keys of CVE-2017-15361, and is odd.
    let roca = BigUint::from(65537u32).pow(128);
    for (member, value) in [
        ("n", json!(base64url::encode(&[0xff; 128]))),
        ("n", bytes(&roca)),
        ("n", whole["p"].clone()),
        ("n", json!("")),
        ("n", json!("AA")),
        ("n", Value::Null),
        ("e", json!("AQ")),
        ("e", json!("AA")),
        ("e", json!("")),
        ("e", json!("Ag")),
        ("e", json!("AQAC")),
        ("e", Value::Null),
        ("e", json!("AQAB=")),
        ("e", json!(65537)),
    ] {
        let other = changed(&good, member, value);
        assert!(!accepts(&token, &set(&[&other])), "{member}: {other}");
    }
    // A multiple of the modulus is no key of this signature either.
    let n = BigUint::from_bytes_be(&base64url::decode(good["n"].as_str().expect("text")).expect("base64url"));
    assert!(!accepts(&token, &set(&[&changed(&good, "n", bytes(&(n * 11u8)))])));
}

#[test]
fn a_secret_is_at_least_as_long_as_the_hash() {
    for (alg, least) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        for (length, is_enough) in [(least - 1, false), (least, true), (least + 1, true), (200, true)] {
            let bytes: Vec<u8> = (0..length).map(|byte| u8::try_from(byte).expect("small")).collect();
            let jwk = json!({"kty": "oct", "kid": "k", "alg": alg, "k": base64url::encode(&bytes)});
            let key = SigningKey::from_jwk(&(&jwk).into(), None).expect("a key");
            assert_eq!(accepts(&signed(&key), &set(&[&jwk])), is_enough, "{alg} with {length} bytes");
        }
        let empty = json!({"kty": "oct", "kid": "k", "alg": alg, "k": ""});
        let token = signed(&generated(alg, "k"));
        assert!(!accepts(&token, &set(&[&empty])), "{alg} with nothing");
    }
}
