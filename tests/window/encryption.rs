//! Answers that are encrypted to the client: the settings, the card, the answer taken apart, the JWT tab.

use egui::Role;
use grantscope::base::json::Json;
use grantscope::flow::Next;
use grantscope::jose::jwe::{Recipient, encrypt};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::SigningKey;
use serde_json::{Map, json};

use crate::window::{Row, Window};

const ALG: &str = "id_token_encrypted_response_alg";

#[test]
fn a_run_with_encryption_takes_the_demo_client_and_its_key() {
    let mut window = Window::open();
    assert!(!window.has_field("decryption_key"));
    window.choose(ALG, "ECDH-ES+A128KW");
    assert_eq!(window.value("client_id"), "practice-encrypted");
    assert!(window.has_field("decryption_key"));
    window.assert_says("Decrypts with kid practice-enc-1, EC P-256");
    window.choose("id_token_encrypted_response_enc", "A128GCM");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
    window.tab(Row::Inspector, "Tokens");
    window.assert_says("Encrypted; opened with kid practice-enc-1, EC P-256");
    window.go_to("UserInfo");
    window.tab(Row::Inspector, "Response");
    window.assert_says("Header inside of the answer");
    window.tab(Row::Inspector, "Tokens");
    window.press("Decode id_token");
    window.assert_says("an encrypted token (JWE), opened");
    assert!(window.has(Role::Status, "Signature verified"));
    for words in ["Header inside", "alice", "This run's ID token"] {
        window.assert_says(words);
    }
}

#[test]
fn without_encryption_the_usual_client_comes_back() {
    let mut window = Window::open();
    window.choose(ALG, "ECDH-ES");
    window.choose(ALG, "(not known)");
    assert_eq!(window.value("client_id"), "practice-web");
    assert!(!window.has_field("decryption_key"));
}

#[test]
fn a_pasted_token_opens_with_a_pasted_key() {
    let own = SigningKey::generate("ES256", "enc-1").expect("a key");
    let issuer = SigningKey::generate("ES256", "one").expect("a key");
    let signed = issuer.sign(&Map::new(), &json!({ "sub": "carol" })).expect("signed");
    let to = Jwk::from_json(&Json::from(&own.public_jwk())).expect("a key");
    let token = encrypt(Map::new(), ("ECDH-ES", "A128GCM"), Recipient::Key(&to), signed.as_bytes()).expect("a token");
    let mut window = Window::open();
    window.tab(Row::Top, "JWT");
    window.fill("Token to decode", &token);
    window.assert_says("its content needs the key");
    window.assert_silent("carol");
    window.tab(Row::Keys, "JWK");
    window.fill("JWK or JWKS", own.private_jwk().expose());
    window.assert_says("carol");
    window.assert_says("the run has not fetched the server's keys yet");
}
