//! The grant by which one server vouches for a user at another (ID-JAG).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Skipped, Warn};
use grantscope::base::http::HttpRequest;
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::id_jag::{Expected, TOKEN_TYPE, judge, lint, renewal};
use grantscope::client::endpoint::token::TokenResponse;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::terms::grant::Grant;
use serde_json::{Map, Value, json};

use super::authorization::settings;
use super::{Entry, ISSUER, NOW};

const TYP: &str = "oauth-id-jag+jwt";
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
    proven(token, refresh_token, there, key, None)
}

/// The same where a key was proven.
fn proven(token: &str, refresh_token: Option<&str>, there: &str, key: &SigningKey, proven: Option<&str>) -> Vec<Check> {
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
    let expected = Expected { issuer: Some(ISSUER), jwks: Some(&jwks), settings: &settings, proven, now };
    let mut checks = judge(&sent, &tokens, expected);
    checks.push(renewal(&tokens));
    checks
}

/// A grant that is bound to this key, asked for with a proof by `proof`.
fn bound(cnf: &Value, proof: Option<&str>) -> Vec<Check> {
    let key = key();
    let header = Map::from_iter([("typ".to_owned(), json!(TYP)), ("kid".to_owned(), json!("k1"))]);
    let grant = key.sign(&header, &claims(&json!({ "cnf": cnf }))).expect("a token");
    proven(&grant, None, "", &key, proof)
}

/// A request that presents such a grant, with a proof by this key.
fn presented(typ: &str, cnf: &Value, proof: Option<&SigningKey>) -> Vec<Check> {
    let header = Map::from_iter([("typ".to_owned(), json!(typ))]);
    let grant = key().sign(&header, &claims(&json!({ "cnf": cnf }))).expect("a token");
    let form: Params = [("grant_type", Grant::JwtBearer.grant_type()), ("assertion", &grant)].into_iter().collect();
    let mut request = HttpRequest::post_form("https://chat.example/token".parse().expect("a URL"), &form);
    if let Some(key) = proof {
        let header = json!({ "typ": "dpop+jwt", "jwk": key.public_jwk() });
        let header = header.as_object().expect("an object");
        request = request.with_header("DPoP", key.sign(header, &json!({})).expect("a proof"));
    }
    lint(&request).into_iter().collect()
}

fn typed(typ: &str, changed: &Value, there: &str) -> Vec<Check> {
    let key = SigningKey::generate("ES256", "k1").expect("a key");
    let header = Map::from_iter([("typ".to_owned(), json!(typ)), ("kid".to_owned(), json!("k1"))]);
    came(&key.sign(&header, &claims(changed)).expect("a token"), None, there, &key)
}

fn changed(changed: &Value) -> Vec<Check> {
    typed(TYP, changed, "")
}

fn key() -> SigningKey {
    SigningKey::generate("ES256", "k1").expect("a key")
}

pub fn entries() -> Vec<Entry> {
    let good = || changed(&json!({}));
    let with = |name: &str, value: Value| changed(&json!({ name: value }));
    let client = key();
    let jkt = Jwk::from_json(&Json::from(&client.public_jwk())).expect("a key").thumbprint().expect("a thumbprint");
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
            .kept_too(typed(TYP, &json!({"client_id": "web-there"}), "web-there"))
            .broken(Warn, "web-there", with("client_id", json!("web-there")))
            .broken(Fail, "web", typed(TYP, &json!({}), "web-there")),
        Entry::kept("id_jag.exp", good())
            .kept_too(with("nbf", json!(NOW)))
            .kept_too(with("nbf", json!(NOW + 5)))
            .broken(Fail, "2026-11-23", with("exp", json!(NOW - 1)))
            .broken(Fail, "", with("exp", json!("soon")))
            .broken(Fail, "in 1 h", with("nbf", json!(NOW + 3600)))
            .broken(Fail, "nbf is", with("nbf", json!("soon"))),
        Entry::kept("id_jag.resource", good())
            .broken(Note, "none, though one was asked for", with("resource", Value::Null))
            .broken(Fail, "https://other.example", with("resource", json!(["https://other.example"]))),
        Entry::kept("id_jag.scope", good()).broken(Fail, "chat.admin", with("scope", json!("chat.read chat.admin"))),
        Entry::kept("id_jag.signature", good())
            .broken(Fail, "no key of it fits", came(&forged, None, "", &key()))
            .broken(Fail, "no signature", came(&unsecured(&Map::new(), &claims(&json!({}))), None, "", &key())),
        Entry::kept("id_jag.refresh_token", good()).broken(Warn, "one came", came(&forged, Some("r"), "", &key())),
        Entry::kept("id_jag.renewal", good()).broken(Warn, "one came", came(&forged, Some("r"), "", &key())),
        Entry::kept("id_jag.cnf", bound(&json!({"jkt": "k"}), Some("k")))
            .broken(Fail, "other", bound(&json!({"jkt": "other"}), Some("k")))
            .broken(Warn, "no cnf.jkt", bound(&Value::Null, Some("k")))
            .broken(Warn, "no cnf.jkt", bound(&json!("k"), Some("k")))
            .broken(Warn, "cnf.jkt k", bound(&json!({"jkt": "k"}), None)),
        Entry::kept("id_jag.proof", presented(TYP, &json!({ "jkt": jkt }), Some(&client)))
            .broken(Fail, "", presented(TYP, &json!({ "jkt": "other" }), Some(&client)))
            .broken(Fail, "no proof", presented(TYP, &json!({ "jkt": jkt }), None)),
    ]
}

#[test]
fn what_is_bound_to_no_key_needs_no_proof() {
    assert_eq!(presented(TYP, &Value::Null, None), []);
    assert_eq!(presented("JWT", &json!({ "jkt": "k" }), None), [], "another assertion has rules of its own");
    let of_rule = bound(&Value::Null, None).into_iter().find(|check| check.rule.id == "id_jag.cnf");
    assert_eq!(of_rule.expect("it is judged").verdict, Skipped);
}

#[test]
fn a_key_that_is_not_known_yet_makes_no_verdict() {
    let header = Map::from_iter([("kid".to_owned(), json!("k2"))]);
    let token = key().sign(&header, &claims(&json!({}))).expect("a token");
    let checks = came(&token, None, "", &key());
    assert!(checks.iter().any(|check| check.rule.id == "id_jag.signature" && check.verdict == Skipped));
}
