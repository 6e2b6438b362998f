//! `jwt`: tokens taken apart and verified.

use super::*;
use grantscope::jose::base64url;
use grantscope::jose::jwe::{Recipient, encrypt};
use grantscope::jose::jwk::Jwk;

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
    let folder = folder();
    let file = file(&folder, "token.jwt", &format!("{token}\n"));
    assert_eq!(run(&["jwt", "decode", &format!("@{file}")]).code, 0);
    let done = run(&["run", "client-credentials", "--set", &format!("password={file}")]);
    assert!(done.story.contains("password=@FILE reads"), "{}", done.story);
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

fn check<'a>(json: &'a Json, part: &str, id: &str) -> Option<&'a Json> {
    json.get(part)?.get("checks")?.elements().iter().find(|check| check.text("rule") == Some(id))
}

/// A whole token response, the address of a browser, a header field: the token is found and named.
#[test]
fn a_token_is_found_in_what_was_copied_with_it() {
    let folder = folder();
    let key = SigningKey::generate("ES256", "one").expect("a key");
    let jwk = file(&folder, "key.json", &key.public_jwk().to_string());
    let token = signed(&key, &json!({"sub": "alice", "exp": 4_102_444_800_u64}));
    let other = signed(&key, &json!({"sub": "bob"}));
    for (pasted, says) in [
        (format!("{{\"access_token\":\"opaque\",\"id_token\":\"{token}\"}}"), "taken from what is around it: id_token"),
        (format!("{{\"id_token\":\"{token}\",\"access_token\":\"{other}\"}}"), "also there: access_token"),
        (format!("https://app.example/cb#id_token={token}&state=a"), "taken from what is around it: id_token"),
        (format!("Authorization: Bearer {token}"), "the word Bearer"),
        (format!("'{token}'"), "the quotes '"),
        (
            format!("curl -H 'Authorization: Bearer {token}' https://api.example"),
            "taken from what is around it: Bearer",
        ),
    ] {
        for arguments in [&["jwt", "decode", &pasted][..], &["jwt", "verify", &pasted, "--key", &jwk]] {
            let done = run(arguments);
            assert_eq!(done.code, 0, "{pasted}: {}", done.story);
            assert_eq!(done.json().get("payload").and_then(|claims| claims.text("sub")), Some("alice"), "{pasted}");
            assert!(done.story.contains(says), "{pasted}: {}", done.story);
        }
    }
    let done = run(&["jwt", "decode", "{\"access_token\":\"opaque\"}"]);
    assert!(done.code == 1 && done.story.contains("its access_token is opaque"), "{}", done.story);
}

/// A secret is bytes: as text, encoded, with the line end of its file, or no text at all. The reading that fits is named.
#[test]
fn a_shared_secret_is_read_in_the_way_that_fits() {
    let folder = folder();
    let path = folder.path().join("secret");
    let bytes: Vec<u8> = (180..220).collect();
    let jwk = json!({"kty": "oct", "k": base64url::encode(&bytes)});
    let key = SigningKey::from_jwk(&Json::from(&jwk), Some("HS256")).expect("a key");
    let token = signed(&key, &json!({"exp": 4_102_444_800_u64}));
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for (written, how) in [
        (bytes.clone(), None),
        ([bytes.clone(), b"\n".to_vec()].concat(), None),
        (base64url::encode(&bytes).into_bytes(), Some("read as base64url")),
        (hexadecimal.into_bytes(), Some("read as hexadecimal")),
    ] {
        std::fs::write(&path, written).expect("written");
        let done = run(&["jwt", "verify", "--secret-file", path.to_str().expect("UTF-8"), &token]);
        assert_eq!(done.code, 0, "{how:?}: {}", done.story);
        let json = done.json();
        let said = check(&json, "signature", "jwt.secret_reading").and_then(|check| check.text("actual"));
        assert_eq!(said.is_some(), how.is_some(), "{said:?}");
        assert!(how.is_none_or(|how| said.is_some_and(|said| said.contains(how)) && done.story.contains(how)));
    }
    std::fs::write(&path, "another secret").expect("written");
    assert_eq!(run(&["jwt", "verify", "--secret-file", path.to_str().expect("UTF-8"), &token]).code, 1);
}

/// What is said of the keys stands beside the verdict on the token, in the result and in the story alike.
#[test]
fn findings_on_the_keys_are_told() {
    let folder = folder();
    let key = SigningKey::generate("ES256", "one").expect("a key");
    let token = signed(&key, &json!({"exp": 4_102_444_800_u64}));
    let private: serde_json::Value = serde_json::from_str(key.private_jwk().expose()).expect("JSON");
    let mut padded = key.public_jwk();
    padded["x"] = format!("{}=", padded["x"].as_str().expect("text")).into();
    let good = key.public_jwk();
    for (document, id, is_verified) in [
        (json!({"keys": [private]}), "jwks.private_members", true),
        (good.clone(), "jwks.set", true),
        (json!([good]), "jwks.set", true),
        (json!({"keys": [padded]}), "jwks.readable", false),
        (json!({"keys": [good, padded]}), "jwks.readable", true),
    ] {
        let path = file(&folder, "set.json", &document.to_string());
        let done = run(&["jwt", "verify", "--jwks", &path, &token]);
        assert_eq!(done.code, 1, "{id}: {}", done.story);
        let json = done.json();
        let signature = json.get("signature").and_then(|signature| signature.text("verdict")).unwrap_or_default();
        assert_eq!(signature != "fail", is_verified, "{id}: {}", done.story);
        assert_eq!(check(&json, "keys", id).and_then(|check| check.text("verdict")), Some("fail"), "{id}");
        assert!(done.story.contains(id), "{}", done.story);
        assert!(is_verified || done.story.contains("read as base64 it fits and verifies"), "{}", done.story);
    }
}

#[test]
fn what_is_not_a_plain_token_is_said() {
    let key = SigningKey::generate("ES256", "one").expect("a key");
    let good = signed(&key, &json!({"exp": 4_102_444_800_u64}));
    let broken = good.replacen('.', ".\n", 1);
    let done = run(&["jwt", "decode", &broken]);
    assert_eq!((done.code, done.json().text("cleaned")), (1, Some(good.as_str())), "{}", done.story);
    assert!(done.story.contains("The token alone") && done.story.contains("jwt.envelope"), "{}", done.story);

    let part = |text: &str| base64url::encode(text.as_bytes());
    let text = format!("{}.{}.AAAA", part(r#"{"alg":"ES256","jwk":{}}"#), part("no JSON"));
    let done = run(&["jwt", "decode", &text]);
    assert_eq!(done.json().text("payload"), Some("no JSON"));
    assert!(done.story.contains("no JSON") && done.story.contains("a key the sender brought along"), "{}", done.story);

    let nested = format!("{}.{}.AAAA", part(r#"{"alg":"ES256","cty":"JWT"}"#), part(&good));
    let json = run(&["jwt", "decode", &nested]).json();
    let inside = json.get("within").expect("within").elements().first().expect("a token");
    assert_eq!((inside.text("name"), inside.text("form")), (Some("inside"), Some("JWS")));

    let huge = format!("{good}{}", "A".repeat(4 * 1024 * 1024));
    let done = fed(&["jwt", "decode", "-"], &huge);
    assert_eq!(done.code, 1);
    assert!(done.story.contains(&format!("{} bytes, not decoded", huge.len())), "{}", done.story);
}

#[test]
fn a_token_of_a_workload_is_compared_as_its_cloud_compares() {
    let claims = r#"{"iss":"https://ci.example","sub":"repo:octo/app:environment:prod","aud":"api://x"}"#;
    let token = [r#"{"alg":"ES256"}"#, claims, "s"].map(|part| base64url::encode(part.as_bytes())).join(".");
    let folder = folder();
    let policy = |subject: &str| {
        let policy = json!({"issuer": "https://ci.example", "subject": subject, "audiences": ["api://x"]});
        file(&folder, "policy.json", &policy.to_string())
    };
    let done = run(&["jwt", "trust", &token, "--policy", &policy("repo:octo/app:environment:Prod")]);
    assert_eq!(done.code, 1, "{}", done.story);
    assert_eq!(done.json().text("error"), Some("AADSTS7002138"));
    // The mark stands below the first character that differs.
    let lines: Vec<&str> = done.story.lines().collect();
    let at = lines.iter().position(|line| line.trim_start().starts_with('^')).expect("a mark");
    let mark = lines[at].find('^').expect("a mark");
    assert_eq!((&lines[at - 2][mark..], &lines[at - 1][mark..]), ("Prod", "prod"), "{}", done.story);
    let done = run(&["jwt", "trust", &token, "--policy", &policy("repo:octo/app:environment:prod")]);
    assert_eq!((done.code, done.json().get("taken")), (0, Some(&Json::Bool(true))), "{}", done.story);
    for (arguments, code) in [
        (&["--iss", "https://ci.example"][..], 0),
        (&["--iss", "https://ci.example", "--aud", "api://y"], 1),
        (&[], 2),
        (&["--iss", "x", "--policy", "y"], 2),
    ] {
        assert_eq!(run(&[&["jwt", "trust", &token], arguments].concat()).code, code, "{arguments:?}");
    }
    assert_eq!(run(&["jwt", "trust", "opaque", "--iss", "x"]).code, 2);
}

/// A token encrypted to a key, with the private key in a file.
fn encrypted(folder: &tempfile::TempDir, inside: &str) -> (String, String) {
    let own = SigningKey::generate("ES256", "enc-1").expect("a key");
    let to = Jwk::from_json(&Json::from(&own.public_jwk())).expect("a key");
    let header = Map::from_iter([("cty".to_owned(), json!("JWT"))]);
    let token = encrypt(header, ("ECDH-ES", "A256GCM"), Recipient::Key(&to), inside.as_bytes()).expect("a token");
    (token, file(folder, "own.json", own.private_jwk().expose()))
}

#[test]
fn an_encrypted_token_is_opened_and_what_is_inside_is_judged() {
    let folder = folder();
    let issuer = SigningKey::generate("ES256", "one").expect("a key");
    let (token, own) = encrypted(&folder, &signed(&issuer, &json!({"sub": "alice", "exp": 4_102_444_800_u64})));
    let set = file(&folder, "set.json", &json!({"keys": [issuer.public_jwk()]}).to_string());

    let shut = run(&["jwt", "decode", &token]);
    assert_eq!((shut.code, shut.json().get("payload").map(Json::kind)), (0, Some("null")), "{}", shut.story);
    let done = run(&["jwt", "decode", "--key", &own, &token]);
    assert_eq!(done.code, 0, "{}", done.story);
    let json = done.json();
    let inside = &json.get("within").expect("a list").elements()[0];
    assert_eq!(inside.get("payload").and_then(|payload| payload.text("sub")), Some("alice"));
    assert_eq!(json.get("times").and_then(|times| times.get("exp")?.text("utc")), Some("2100-01-01T00:00:00Z"));
    assert!(done.story.contains("Claims, inside") && done.story.contains("alice"), "{}", done.story);

    let verified = run(&["jwt", "verify", "--key", &own, "--jwks", &set, &token]);
    assert_eq!(verified.code, 0, "{}", verified.story);
    assert_eq!(verified.json().get("signature").and_then(|it| it.text("verdict")), Some("pass"));
    // Who can open it did not sign what is inside.
    let unverified = run(&["jwt", "verify", "--key", &own, &token]);
    assert_eq!(unverified.code, 1, "{}", unverified.story);
    assert_eq!(unverified.json().get("signature").and_then(|it| it.text("verdict")), Some("not verified"));

    let (_, other) = encrypted(&folder, "{}");
    let wrong = run(&["jwt", "verify", "--key", &other, "--jwks", &set, &token]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.story.contains("jwt.decrypted") && wrong.story.contains("authentication tag"), "{}", wrong.story);
    let public = file(&folder, "public.json", &issuer.public_jwk().to_string());
    let misused = run(&["jwt", "decode", "--key", &public, &token]);
    assert!(misused.code == 2 && misused.story.contains("a public key"), "{} {}", misused.code, misused.story);
}

#[test]
fn claims_that_are_encrypted_and_not_signed_are_shown_and_never_verified() {
    let folder = folder();
    let (token, own) = encrypted(&folder, r#"{"sub":"alice"}"#);
    let done = run(&["jwt", "decode", "--key", &own, &token]);
    assert_eq!(done.json().get("payload").and_then(|payload| payload.text("sub")), Some("alice"), "{}", done.story);
    assert_eq!(run(&["jwt", "verify", "--key", &own, &token]).code, 1);
}
