//! The JWT tab: three verdicts, never one.

use egui::{Key, Modifiers, Role};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::practice::Fault;
use serde_json::{Map, json};

use crate::backend::FakeBackend;
use crate::window::{Row, USUAL, Window};

const TOKEN: &str = "Token to decode";
const SECRET: &str = "a secret with thirty-two characters";

fn hs256() -> String {
    let key = SigningKey::from_secret(&SECRET.into(), "HS256").expect("a key");
    key.sign(&Map::new(), &json!({"sub": "alice", "iat": 1_795_429_700, "exp": 1_795_430_400, "tenant": "blue"}))
        .expect("a token")
}

fn bench() -> Window {
    bench_with(FakeBackend::new())
}

fn bench_with(backend: FakeBackend) -> Window {
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "JWT");
    window
}

#[test]
fn an_empty_bench_asks_for_a_token() {
    let window = bench();
    window.assert_says("Paste a token");
    window.assert_says("never sent anywhere");
}

#[test]
fn a_pasted_token_gets_three_verdicts() {
    let mut window = bench();
    window.fill(TOKEN, &hs256());
    for title in ["Format", "Signature not verified", "Claims"] {
        assert!(window.has(Role::Status, title), "no verdict {title}");
    }
    for words in
        ["a signed JWT in three parts", "Times and types are in order", "alice", "tenant", "blue", "expires in 10 min"]
    {
        window.assert_says(words);
    }
    window.assert_says("the run has not fetched the server's keys yet");
}

#[test]
fn a_secret_verifies_and_a_wrong_one_says_why_not() {
    let mut window = bench();
    window.fill(TOKEN, &hs256());
    window.tab(Row::Keys, "Secret");
    window.assert_says("type the shared secret");
    window.fill("Shared secret", "another secret of thirty-two characters");
    assert!(window.has(Role::Alert, "Signature not valid"));
    window.assert_says("the signature is not by this key");
    window.fill("Shared secret", SECRET);
    assert!(window.has(Role::Status, "Signature verified"));
    window.assert_says("HS256 with");
    window.assert_silent(SECRET);
}

#[test]
fn a_token_of_the_run_is_verified_with_the_keys_of_the_run() {
    let mut window = Window::at("Get UserInfo");
    window.press("Decode id_token");
    assert_eq!(window.selected_tab(Row::Top), "JWT");
    assert!(window.has(Role::Status, "Signature verified"));
    window.assert_says("ES256 with kid");
    window.press("Take access_token");
    window.assert_says("at+jwt");
    window.press("JSON");
    assert!(window.has(Role::Button, "Table"));
}

#[test]
fn the_tab_begins_with_the_newest_id_token_and_keeps_what_was_pasted() {
    let mut window = Window::finished();
    window.tab(Row::Top, "JWT");
    window.assert_says("Signature verified");
    window.fill(TOKEN, "junk");
    window.tab(Row::Top, "Checks");
    window.tab(Row::Top, "JWT");
    assert_eq!(window.value(TOKEN), "junk");
}

#[test]
fn the_tab_follows_the_run_until_another_token_is_put_there() {
    let mut window = Window::finished();
    window.tab(Row::Top, "JWT");
    let first = window.value(TOKEN);
    window.backend().pair.practice.set(Fault::ExpiredIdToken, true);
    window.tab(Row::Top, "Authorization code");
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.tab(Row::Top, "JWT");
    assert_ne!(window.value(TOKEN), first);
    assert!(window.has(Role::Alert, "Claims"), "it has expired");
    window.fill(TOKEN, &first);
    window.tab(Row::Top, "Authorization code");
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.tab(Row::Top, "JWT");
    assert_eq!(window.value(TOKEN), first, "what was pasted stays");
}

/// This program took the signature out of a run that it has kept: that is no fault of the token.
#[test]
fn a_signature_that_is_hidden_is_no_fault_of_the_form() {
    let token = hs256();
    let (unsigned, _) = token.rsplit_once('.').expect("three parts");
    for number in 1..5 {
        let mut window = bench();
        window.fill(TOKEN, &format!("{unsigned}.REDACTED-id_token-{number}"));
        assert!(window.has(Role::Status, "Format") && !window.has(Role::Alert, "Format"), "{number}");
        window.assert_says("The signature of this token is hidden (REDACTED)");
        window.assert_silent("Cleaned.");
        window.assert_silent("1 failed");
    }
}

#[test]
fn keys_come_from_a_url_a_jwk_and_pem() {
    let key = SigningKey::generate("ES256", "one").expect("a key");
    let token = key.sign(&Map::new(), &json!({"sub": "alice", "exp": 1_795_430_400})).expect("a token");
    let jwks = json!({"keys": [key.public_jwk()]}).to_string();
    let mut backend = FakeBackend::new();
    backend.keys = Ok(jwks.clone());
    let mut window = bench_with(backend);
    window.fill(TOKEN, &token);
    window.tab(Row::Keys, "JWK");
    window.assert_says("paste a JWK or a JWKS");
    for text in [jwks.as_str(), &key.public_jwk().to_string()] {
        window.fill("JWK or JWKS", text);
        assert!(window.has(Role::Status, "Signature verified"), "{text}");
    }
    window.tab(Row::Keys, "JWKS URL");
    window.assert_says("fetch the keys first");
    window.fill("jwks_uri", "https://as.example/jwks");
    window.press("Fetch keys");
    assert!(window.has(Role::Status, "Signature verified"));
    window.tab(Row::Keys, "PEM");
    window.assert_says("paste a public key in PEM");
    window.fill("PEM public key", "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----");
    assert!(window.has(Role::Status, "Signature not verified"));
}

#[test]
fn bad_key_sources_are_explained() {
    let mut window = bench();
    window.fill(TOKEN, &hs256());
    window.tab(Row::Keys, "JWK");
    for (text, says) in [("{", "this is not JSON"), ("{}", "neither"), ("{\"keys\":[]}", "there is no key in it")] {
        window.fill("JWK or JWKS", text);
        window.assert_says(says);
    }
    window.tab(Row::Keys, "JWKS URL");
    window.fill("jwks_uri", "not a url");
    window.press("Fetch keys");
    window.assert_says("this is not a URL");
    window.fill("jwks_uri", "https://as.example/jwks");
    window.press("Fetch keys");
    window.assert_says("the server answered 404 Not Found");
}

#[test]
fn junk_is_decoded_as_far_as_it_goes() {
    let whole = hs256();
    let mut window = bench();
    let two_parts = whole.rsplit_once('.').expect("dots").0.to_owned();
    for (text, says) in [
        ("junk".to_owned(), "not a JWT"),
        (" ".to_owned(), "Paste a token"),
        (two_parts, "2 parts"),
        (format!("Bearer {whole}"), "Use the cleaned text"),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), "not signed at all"),
        ("{\"payload\":\"e30\",\"signatures\":[]}".to_owned(), "which is no JWT"),
        ("..".to_owned(), "Format"),
        ("\u{202e}\u{0}é".to_owned(), "not a JWT"),
        (unsecured(&Map::new(), &json!({"exp": "soon", "sub": "a\u{202e}b"})), "anyone can write"),
    ] {
        window.fill(TOKEN, &text);
        window.assert_says(says);
    }
}

#[test]
fn the_cleaned_text_takes_the_place_of_the_pasted_one() {
    let mut window = bench();
    window.fill(TOKEN, &format!("Authorization: Bearer {}\n", hs256()));
    window.press("Use the cleaned text");
    assert_eq!(window.value(TOKEN), hs256());
    window.assert_silent("Use the cleaned text");
}

#[test]
fn a_token_that_has_expired_is_said_to_have() {
    let mut window = bench();
    window.backend().pair.wait(std::time::Duration::from_secs(3600));
    window.fill(TOKEN, &hs256());
    assert!(window.has(Role::Alert, "Claims"));
    window.assert_says("expired 50 min ago");
}

#[test]
fn a_token_of_the_run_carries_the_verdict_of_the_run_beside_each_claim() {
    let mut window = Window::finished();
    window.tab(Row::Top, "JWT");
    assert!(window.has(Role::Status, "This run's ID token"));
    window.assert_says("Its signature: passed, id_token.signature.");
    for claim in [
        "iss: http://127.0.0.1:9400, passed, id_token.iss: iss equals the issuer",
        "aud: practice-web, passed, id_token.aud: aud holds this client_id",
    ] {
        assert!(window.has(Role::ListItem, claim), "{claim}");
    }
    for claim in ["nonce", "exp", "at_hash", "kid"] {
        window.assert_says(&format!(", passed, id_token.{claim}"));
    }
}

#[test]
fn a_broken_rule_stands_beside_its_claim_in_the_tab_and_on_the_card() {
    const AUD: &str = "aud: another-client, failed, id_token.aud: expected practice-web, saw another-client";
    let mut window = Window::open();
    window.backend().pair.practice.set(Fault::WrongAud, true);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.tab(Row::Inspector, "Tokens");
    assert!(window.has(Role::ListItem, "aud: another-client, failed, id_token.aud: expected practice-web"));
    assert!(window.has(Role::Label, "Do not use"));
    window.assert_says("signature: ES256, passed: A key");
    window.tab(Row::Top, "JWT");
    assert!(window.has(Role::Alert, "This run's ID token"));
    assert!(window.has(Role::ListItem, AUD));
}

#[test]
fn a_token_of_nobody_is_not_judged() {
    let mut window = Window::finished();
    window.tab(Row::Top, "JWT");
    window.fill(TOKEN, &hs256());
    assert!(window.has(Role::Status, "Not judged by this run."));
    window.assert_says("exp: 1795430400, not judged: no check of this run is about it");
    window.assert_silent("passed, id_token.");
    window.assert_says("tenant: blue");
    window.assert_silent("tenant: blue, not judged");
}

#[test]
fn only_claims_in_sight_cost_anything() {
    let key = SigningKey::from_secret(&SECRET.into(), "HS256").expect("a key");
    let claims: Map<String, serde_json::Value> = (0..10_000).map(|at| (format!("claim_{at}"), json!("v"))).collect();
    let mut window = bench();
    let before = window.nodes();
    window.fill(TOKEN, &key.sign(&Map::new(), &claims.into()).expect("a token"));
    window.assert_says("claims, 10000 rows");
    window.assert_says("claim_0: v");
    assert!(window.nodes() < before + 400, "{} nodes, {before} without a token", window.nodes());
}

#[test]
fn a_placeholder_is_known_as_what_it_is() {
    let mut window = Window::open();
    window.tab(Row::Top, "JWT");
    window.fill("Token to decode", "REDACTED-access_token-1");
    window.assert_says("a placeholder: the token is hidden (REDACTED)");
    window.assert_says("The signature of this token is hidden (REDACTED), so it cannot be verified.");
    window.assert_silent("1 part");
}

/// The banner says what is wrong with the token, in the words of the finding.
#[test]
fn the_verdict_of_the_run_names_the_claim() {
    let backend = FakeBackend::new();
    backend.pair.practice.set(Fault::WrongAud, true);
    let mut window = Window::open_with(USUAL, backend);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.tab(Row::Top, "JWT");
    assert!(window.has(Role::Alert, "This run's ID token"));
    window.assert_says("aud is another-client, this client is practice-web.");
}
