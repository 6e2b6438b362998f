//! The grant by which one server vouches for a user at another (ID-JAG).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Skipped, Warn};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::id_jag::{Expected, TOKEN_TYPE, judge};
use grantscope::client::endpoint::token::TokenResponse;
use grantscope::jose::jwk::JwkSet;
use grantscope::jose::key::{SigningKey, unsecured};
use serde_json::{Map, Value, json};

use super::authorization::settings;
use super::{Entry, ISSUER, NOW};

const THERE: &str = "https://chat.example";

fn claims(changed: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "alice", "aud": THERE, "client_id": "web", "jti": "j1", "iat": NOW, "exp": NOW + 300,
        "resource": "https://api.chat.example/", "scope": "chat.read",
    });
    for (name, value) in changed.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

/// What came, where the client is known there under this name.
fn came(token: &str, refresh_token: Option<&str>, there: &str, key: &SigningKey) -> Vec<Check> {
    let mut sent: Params = [
        ("requested_token_type", TOKEN_TYPE),
        ("audience", THERE),
        ("scope", "chat.read chat.write"),
        ("resource", "https://api.chat.example/"),
    ]
    .into_iter()
    .collect();
    sent.push("subject_token", "t");
    let jwks = JwkSet::from_json(&Json::from(&json!({"keys": [key.public_jwk()]}))).expect("keys");
    let mut settings = settings();
    settings.set("client_id", "web").expect("a setting");
    settings.set("resource_client_id", there).expect("a setting");
    let tokens = TokenResponse {
        access_token: Some(token.into()),
        token_type: Some("N_A".to_owned()),
        expires_in: Some(300),
        refresh_token: refresh_token.map(Into::into),
        scope: None,
        id_token: None,
        authorization_details: None,
    };
    let now = Timestamp::from_seconds(NOW);
    judge(&sent, &tokens, Expected { issuer: Some(ISSUER), jwks: Some(&jwks), settings: &settings, now })
}

fn typed(typ: &str, changed: &Value, there: &str) -> Vec<Check> {
    let key = SigningKey::generate("ES256", "k1").expect("a key");
    let header = Map::from_iter([("typ".to_owned(), json!(typ)), ("kid".to_owned(), json!("k1"))]);
    came(&key.sign(&header, &claims(changed)).expect("a token"), None, there, &key)
}

fn changed(changed: &Value) -> Vec<Check> {
    typed("oauth-id-jag+jwt", changed, "")
}

fn key() -> SigningKey {
    SigningKey::generate("ES256", "k1").expect("a key")
}

pub fn entries() -> Vec<Entry> {
    let good = || changed(&json!({}));
    let with = |name: &str, value: Value| changed(&json!({ name: value }));
    let forged = key().sign(&Map::new(), &claims(&json!({}))).expect("a token");
    vec![
        Entry::kept("id_jag.typ", good())
            .kept_too(typed("application/OAuth-ID-JAG+JWT", &json!({}), ""))
            .broken(Fail, "JWT", typed("JWT", &json!({}), ""))
            .broken(Fail, "no JWT that can be read", came("opaque", None, "", &key())),
        Entry::kept("id_jag.claims", good())
            .kept_too(changed(&json!({"scope": null, "resource": null})))
            .broken(Fail, "jti missing", with("jti", Value::Null))
            .broken(Fail, "sub, exp missing", changed(&json!({"sub": null, "exp": null}))),
        Entry::kept("id_jag.iss", good()).broken(Fail, "other.example", with("iss", json!("https://other.example"))),
        Entry::kept("id_jag.aud", good())
            .kept_too(with("aud", json!([THERE])))
            .broken(Fail, "other.example", with("aud", json!("https://other.example")))
            .broken(Fail, "https://chat.example/", with("aud", json!("https://chat.example/")))
            .broken(Fail, "b.example", with("aud", json!([THERE, "https://b.example"]))),
        Entry::kept("id_jag.client_id", good())
            .kept_too(typed("oauth-id-jag+jwt", &json!({"client_id": "web-there"}), "web-there"))
            .broken(Warn, "web-there", with("client_id", json!("web-there")))
            .broken(Fail, "web", typed("oauth-id-jag+jwt", &json!({}), "web-there")),
        Entry::kept("id_jag.exp", good()).broken(Fail, "2026-11-23", with("exp", json!(NOW - 1))).broken(
            Fail,
            "",
            with("exp", json!("soon")),
        ),
        Entry::kept("id_jag.resource", good())
            .broken(Note, "none, though one was asked for", with("resource", Value::Null))
            .broken(Fail, "https://other.example", with("resource", json!(["https://other.example"]))),
        Entry::kept("id_jag.scope", good()).broken(Fail, "chat.admin", with("scope", json!("chat.read chat.admin"))),
        Entry::kept("id_jag.signature", good())
            .broken(Fail, "no key of it fits", came(&forged, None, "", &key()))
            .broken(Fail, "no signature", came(&unsecured(&Map::new(), &claims(&json!({}))), None, "", &key())),
        Entry::kept("id_jag.refresh_token", good()).broken(Warn, "one came", came(&forged, Some("r"), "", &key())),
    ]
}

#[test]
fn a_key_that_is_not_known_yet_makes_no_verdict() {
    let header = Map::from_iter([("kid".to_owned(), json!("k2"))]);
    let token = key().sign(&header, &claims(&json!({}))).expect("a token");
    let checks = came(&token, None, "", &key());
    assert!(checks.iter().any(|check| check.rule.id == "id_jag.signature" && check.verdict == Skipped));
}
