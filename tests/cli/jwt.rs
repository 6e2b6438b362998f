//! `jwt`: tokens taken apart and verified.

use super::*;

fn signed(key: &SigningKey, claims: &serde_json::Value) -> String {
    key.sign(&Map::new(), claims).expect("signed")
}

#[test]
fn a_token_is_shown_without_being_believed() {
    let key = SigningKey::from_secret(&"a shared secret of enough length".into(), "HS256").expect("a key");
    let token =
        signed(&key, &json!({"iss": "https://as.example", "exp": 4_102_444_800_u64, "sub": "\u{1b}[31m\u{202e}"}));
    for done in [run(&["jwt", "decode", &token]), fed(&["jwt", "decode", "-"], &format!("{token}\n"))] {
        assert_eq!(done.code, 0, "{}", done.story);
        let json = done.json();
        assert_eq!(json.get("signature").and_then(|signature| signature.text("verdict")), Some("not verified"));
        assert_eq!(json.get("header").and_then(|header| header.text("alg")), Some("HS256"));
        assert_eq!(json.get("payload").and_then(|payload| payload.text("sub")), Some("\u{1b}[31m\u{202e}"));
        let exp = json.get("times").and_then(|times| times.get("exp")).expect("a time");
        assert_eq!(exp.text("utc"), Some("2100-01-01T00:00:00Z"));
        for text in [&done.out, &done.story] {
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        }
        assert!(done.story.contains("not verified") && done.story.contains("Who made the token"), "{}", done.story);
    }
    assert_eq!(run(&["jwt", "decode", "opaque"]).code, 1);
}

#[test]
fn a_token_is_verified_with_every_kind_of_key() {
    let folder = folder();
    let secret = "a shared secret of enough length";
    let (good, late) = (json!({"exp": 4_102_444_800_u64}), json!({"exp": 1_300_819_380}));
    let symmetric = SigningKey::from_secret(&secret.into(), "HS256").expect("a key");
    let token = signed(&symmetric, &good);
    assert_eq!(fed(&["jwt", "verify", "--secret-stdin", &token], &format!("{secret}\n")).code, 0);
    let done = fed(&["jwt", "verify", "--secret-stdin", &token], "another secret of enough length!");
    assert_eq!((done.code, done.json().get("signature").and_then(|it| it.text("verdict"))), (1, Some("fail")));
    let expired = signed(&symmetric, &late);
    let done = fed(&["jwt", "verify", "--secret-stdin", &expired], secret);
    assert_eq!((done.code, done.json().get("claims").and_then(|it| it.text("verdict"))), (1, Some("fail")));

    let key = SigningKey::generate("ES256", "one").expect("a key");
    let token = signed(&key, &good);
    let jwk = file(&folder, "key.json", &key.public_jwk().to_string());
    let set = file(&folder, "set.json", &json!({"keys": [key.public_jwk()]}).to_string());
    for (option, path) in [("--key", &jwk), ("--jwks", &set)] {
        let done = run(&["jwt", "verify", option, path, &token]);
        assert_eq!(done.code, 0, "{option}: {}", done.story);
        assert_eq!(done.json().get("signature").and_then(|it| it.text("verdict")), Some("pass"));
    }
}
