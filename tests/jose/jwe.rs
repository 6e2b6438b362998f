//! Encrypted tokens: the examples that RFCs print, every algorithm both ways, and what is said of those that stay closed.

use std::sync::LazyLock;

use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::jose::base64url;
use grantscope::jose::jwe::{ALGS, DecryptionKey, ENCS, NotDecrypted, Recipient, decrypt, encrypt};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt;
use grantscope::jose::key::SigningKey;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::vectors::rfc;

fn key(json: &Json) -> DecryptionKey {
    DecryptionKey::from_jwk(json).expect("a key that decrypts")
}

/// A fresh private key of the kind that `alg` needs.
fn drawn(alg: &str, enc: &str) -> Json {
    let generated = |alg| {
        let key = SigningKey::generate(alg, "enc-1").expect("a key");
        Json::parse_text(key.private_jwk().expose()).expect("JSON")
    };
    let octets = |length: usize| {
        let k = base64url::encode(&vec![7; length]);
        Json::parse_text(&json!({ "kty": "oct", "kid": "enc-1", "k": k }).to_string()).expect("JSON")
    };
    let content = [16, 24, 32, 32, 48, 64][ENCS.iter().position(|known| *known == enc).expect("an enc")];
    match alg {
        "A128KW" => octets(16),
        "A256KW" => octets(32),
        "dir" => octets(content),
        rsa if rsa.starts_with("RSA") => generated("RS256"),
        _ => generated("ES384"),
    }
}

fn made(alg: &str, enc: &str, to: &Json) -> String {
    let header = Map::from_iter([("cty".to_owned(), Value::from("JWT"))]);
    let to = Jwk::from_json(to).expect("a key");
    encrypt(header, (alg, enc), Recipient::Key(&to), b"Live long and prosper.").expect("a token")
}

fn why_not(token: &str, keys: &[DecryptionKey]) -> String {
    decrypt(&jwt::decode(token), keys).map(|opened| opened.key).expect_err("closed").to_string()
}

#[test]
fn the_tokens_of_the_rfcs_open() {
    for id in ["rfc7516-A.1", "rfc7516-A.3", "rfc7520-5.2", "rfc7520-5.4", "rfc7520-5.5", "rfc7520-5.6", "rfc7520-5.8"]
    {
        let vector = rfc(id);
        let token = jwt::decode(vector.text("jwe").expect("a token"));
        let opened =
            decrypt(&token, &[key(vector.get("jwk").expect("a key"))]).unwrap_or_else(|why| panic!("{id}: {why}"));
        assert_eq!(std::str::from_utf8(&opened.content), Ok(vector.text("plaintext").expect("a text")), "{id}");
    }
}

#[test]
fn what_is_not_decrypted_says_why() {
    for (id, says) in [
        ("rfc7516-A.2", "RSA1_5 is not decrypted, as its padding tells attackers about the key"),
        ("rfc7519-A.2", "register RSA-OAEP-256 or ECDH-ES"),
        ("rfc7520-5.1", "RSA1_5 is not decrypted"),
        ("rfc7520-5.3", "PBES2-HS512+A256KW is not decrypted: it is made for passwords"),
        ("rfc7520-5.7", "its alg is A256GCMKW, which is not decrypted here"),
        ("rfc7520-5.9", "its content is compressed (zip), which is not unpacked here"),
    ] {
        let vector = rfc(id);
        let token = vector.text("jwe").or_else(|| vector.text("jwt")).expect("a token");
        let said = why_not(token, &[]);
        assert!(said.contains(says), "{id}: {said}");
    }
}

#[test]
fn every_algorithm_opens_what_it_made_and_nothing_else() {
    for alg in ALGS {
        for enc in ENCS {
            let own = drawn(alg, enc);
            let token = made(alg, enc, &own);
            let opened = decrypt(&jwt::decode(&token), &[key(&own)]).unwrap_or_else(|why| panic!("{alg} {enc}: {why}"));
            assert_eq!(&**opened.content, b"Live long and prosper.", "{alg} {enc}");
            assert!(opened.key.starts_with("kid enc-1"), "{}", opened.key);
            // A character before the last in each part, which always counts.
            for part in 0..5 {
                let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
                let Some(at) = parts[part].len().checked_sub(6) else { continue };
                let other = if &parts[part][at..=at] == "A" { "B" } else { "A" };
                parts[part].replace_range(at..=at, other);
                assert!(decrypt(&jwt::decode(&parts.join(".")), &[key(&own)]).is_err(), "{alg} {enc} part {part}");
            }
        }
    }
}

#[test]
fn a_client_secret_serves_for_shared_keys() {
    let secret = Secret::new("a secret that client and server share");
    for alg in ["dir", "A128KW", "A256KW"] {
        for enc in ENCS {
            let token = encrypt(Map::new(), (alg, enc), Recipient::Secret(&secret), b"{}").expect("a token");
            let open = |secret: &Secret| decrypt(&jwt::decode(&token), &[DecryptionKey::from_client_secret(secret)]);
            assert_eq!(open(&secret).expect("open").key, "client_secret", "{alg} {enc}");
            assert!(open(&Secret::new("another secret")).is_err(), "{alg} {enc}");
        }
    }
}

#[test]
fn each_failure_has_its_own_words() {
    let (rsa, ec) = (drawn("RSA-OAEP", "A128GCM"), drawn("ECDH-ES", "A128GCM"));
    let other = Json::parse_text(SigningKey::generate("ES384", "enc-2").expect("a key").private_jwk().expose());
    let other = other.expect("JSON");
    let short = Json::parse_text(r#"{"kty":"oct","k":"BwcHBwcHBwcHBwcHBwcHBw"}"#).expect("JSON");
    let of = |alg, to: &Json| made(alg, "A128CBC-HS256", to);
    let changed = |token: String, part: usize, text: &str| {
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[part] = text;
        parts.join(".")
    };
    let headed = |header: &str| changed(of("ECDH-ES", &ec), 0, &base64url::encode(header.as_bytes()));
    for (token, keys, says) in [
        (of("ECDH-ES", &ec), vec![], "there is no key to decrypt it with"),
        (of("ECDH-ES", &ec), vec![&rsa], "ECDH-ES needs an EC key"),
        (of("RSA-OAEP", &rsa), vec![&ec], "RSA-OAEP needs an RSA key"),
        (of("A256KW", &drawn("A256KW", "A128GCM")), vec![&short], "A256KW needs a shared key of 256 bit (oct)"),
        (of("ECDH-ES", &ec), vec![&other], "its kid is enc-1, which is that of no key here: kid enc-2"),
        (of("ECDH-ES", &ec), vec![&other], "the authentication tag does not fit"),
        (of("ECDH-ES+A128KW", &ec), vec![&other], "the token is encrypted to another key"),
        (
            made("dir", "A128GCM", &short),
            vec![&drawn("dir", "A256GCM")],
            "the content key has 256 bit, A128GCM needs 128",
        ),
        (changed(of("RSA-OAEP", &rsa), 1, ""), vec![&rsa], "it brings no encrypted key, which RSA-OAEP needs"),
        (changed(of("ECDH-ES", &ec), 1, "AAAA"), vec![&ec], "it brings an encrypted key, and ECDH-ES has none"),
        (
            changed(of("ECDH-ES", &ec), 2, "AAAA"),
            vec![&ec],
            "its initialization vector has 3 bytes, A128CBC-HS256 needs 16",
        ),
        (
            changed(of("ECDH-ES", &ec), 4, "AAAA"),
            vec![&ec],
            "its authentication tag has 3 bytes, A128CBC-HS256 needs 16",
        ),
        (changed(of("RSA-OAEP", &rsa), 1, &"A".repeat(4000)), vec![&rsa], "its encrypted key has 3000 bytes"),
        (headed(r#"{"alg":"ECDH-ES","enc":"A128GCM"}"#), vec![&ec], "its epk is missing"),
        (headed(r#"{"alg":"ECDH-ES","enc":"X"}"#), vec![&ec], "its enc is X, which is not known here"),
        (headed(r#"{"alg":"ECDH-ES"}"#), vec![&ec], "its header has no enc"),
        (headed(r#"{"enc":"A128GCM"}"#), vec![&ec], "its header has no alg"),
        (headed(r#"{"alg":"dir","enc":"A128GCM","crit":["x"],"x":1}"#), vec![&ec], "its crit names extensions"),
        (format!("{}.AAAA", of("ECDH-ES", &ec)), vec![&ec], "jwt.parts: 6 parts"),
        (changed(of("ECDH-ES", &ec), 3, "!"), vec![&ec], "jwt.base64url: ciphertext"),
        ("a.b.c".to_owned(), vec![&ec], "it is not an encrypted token"),
    ] {
        let keys: Vec<DecryptionKey> = keys.into_iter().map(key).collect();
        let said = why_not(&token, &keys);
        assert!(said.contains(says), "{said}\n  does not say\n{says}");
    }
}

#[test]
fn an_ephemeral_key_of_another_curve_or_off_it_is_refused() {
    let ec = drawn("ECDH-ES", "A128GCM");
    let p256 = SigningKey::generate("ES256", "x").expect("a key").public_jwk();
    let off = json!({ "kty": "EC", "crv": "P-256", "x": p256["x"], "y": p256["x"] });
    for (epk, says) in [(&p256, "its epk is EC P-256, and this key is on P-384"), (&off, "the point is not on P-256")] {
        let header = json!({ "alg": "ECDH-ES", "enc": "A128GCM", "epk": epk }).to_string();
        let token = format!("{}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA", base64url::encode(header.as_bytes()));
        let said = why_not(&token, &[key(&ec)]);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn keys_are_read_as_people_have_them() {
    let (ec, rsa) = (drawn("ECDH-ES", "A128GCM"), drawn("RSA-OAEP", "A128GCM"));
    let set = format!(r#"{{"keys":[{ec},{rsa},{{"kty":"OKP","crv":"X25519","x":"AA"}}]}}"#);
    let names: Vec<String> = DecryptionKey::read(&set).expect("keys").into_iter().map(|key| key.name).collect();
    assert_eq!(names, ["kid enc-1, EC P-384", "kid enc-1, RSA 2048"]);
    let public = Jwk::from_json(&ec).expect("a key").public().json.to_string();
    for (text, says) in [
        (public.as_str(), "a public key"),
        (r#"{"keys":[]}"#, "no private key"),
        (r#"{"kty":"OKP","crv":"X25519","x":"AA","d":"AA"}"#, "OKP X25519"),
        ("nonsense", "-----BEGIN"),
        ("{", "EOF"),
    ] {
        let said = DecryptionKey::read(text).expect_err(text).to_string();
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn no_more_keys_are_tried_than_a_few() {
    let ec = drawn("ECDH-ES", "A128GCM");
    let many: Vec<DecryptionKey> = (0..100).map(|_| key(&drawn("dir", "A128GCM"))).chain([key(&ec)]).collect();
    let token = jwt::decode(&made("ECDH-ES", "A128GCM", &ec));
    // All of them have the token's kid, so the one that fits is not among the first.
    match decrypt(&token, &many) {
        Err(NotDecrypted::Tried(tried)) => assert_eq!(tried.len(), 20),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes in any part are refused, and quickly.
    #[test]
    fn what_nobody_encrypted_is_refused(
        alg in select(&ALGS[..]),
        enc in select(&ENCS[..]),
        parts in prop::array::uniform4(prop::collection::vec(any::<u8>(), 0..80)),
    ) {
        let own = drawn_once(alg, enc);
        let public = Value::from(&Jwk::from_json(&own).expect("a key").public().json);
        let header = json!({ "alg": alg, "enc": enc, "epk": public }).to_string();
        let encoded = parts.map(|part| base64url::encode(&part)).join(".");
        let token = format!("{}.{encoded}", base64url::encode(header.as_bytes()));
        prop_assert!(decrypt(&jwt::decode(&token), &[key(&own)]).is_err());
    }
}

/// As [`drawn`], with one RSA and one EC key for all.
fn drawn_once(alg: &str, enc: &str) -> Json {
    static RSA: LazyLock<Json> = LazyLock::new(|| drawn("RSA-OAEP", "A128GCM"));
    static EC: LazyLock<Json> = LazyLock::new(|| drawn("ECDH-ES", "A128GCM"));
    match alg {
        rsa if rsa.starts_with("RSA") => RSA.clone(),
        ec if ec.starts_with("ECDH") => EC.clone(),
        shared => drawn(shared, enc),
    }
}
