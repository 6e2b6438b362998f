//! Introspection and revocation (RFC 7662, RFC 9701, RFC 7009).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Pass, Skipped, Warn};
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::introspection::{self, SIGNED};
use grantscope::client::endpoint::revocation;
use grantscope::client::settings::Settings;
use grantscope::jose::jwk::JwkSet;
use grantscope::jose::key::SigningKey;
use serde_json::{Map, Value, json};

use super::authorization::url;
use super::{Entry, ISSUER};

const TYP: &str = "token-introspection+jwt";

pub fn entries() -> Vec<Entry> {
    plain_entries().into_iter().chain(signed_entries()).chain(revocation_entries()).collect()
}

/// What is said of a token of this issuer and audience that has just been issued to `web`.
fn fresh(iss: &str, aud: &str, active: bool) -> Vec<Check> {
    let part = |text: String| grantscope::jose::base64url::encode(text.as_bytes());
    let claims = format!(r#"{{"iss":"{iss}","aud":"{aud}"}}"#);
    let token = format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#.to_owned()), part(claims), "c2ln".repeat(20));
    let asked = introspection::Asked { token: &token, is_in_force: true, client_id: "web", issuer: Some(ISSUER) };
    vec![introspection::fresh(&Json::parse_text(&format!(r#"{{"active":{active}}}"#)).expect("JSON"), asked)]
}

/// What is said of an active token of `web` and alice that says so itself, or is no JWT.
fn said_of(is_jwt: bool, mut said: Value) -> Vec<Check> {
    let part = |text: String| grantscope::jose::base64url::encode(text.as_bytes());
    let claims = format!(r#"{{"iss":"{ISSUER}","azp":"web","sub":"alice"}}"#);
    let jwt = format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#.to_owned()), part(claims), "c2ln".repeat(20));
    let token = if is_jwt { jwt.as_str() } else { "opaque" };
    let asked = introspection::Asked { token, is_in_force: true, client_id: "web", issuer: Some(ISSUER) };
    said["active"] = json!(true);
    vec![introspection::of_token(&Json::from(&said), asked, Some("alice"))]
}

#[test]
fn what_is_not_said_of_a_token_is_not_judged() {
    for said in [json!({}), json!({"client_id": null, "username": "alice"})] {
        assert_eq!(said_of(true, said)[0].verdict, Skipped);
    }
}

fn plain_entries() -> [Entry; 7] {
    let in_time = |said: &str| {
        vec![introspection::in_time(&Json::parse_text(said).expect("JSON"), Timestamp::from_seconds(1_000_000))]
    };
    let said =
        |content_type: &str, body: &str| introspection::accept(&HttpResponse::new(200, content_type, body)).checks;
    let active = r#"{"active":true,"scope":"a"}"#;
    [
        Entry::kept("introspection.content_type", said(JSON, active)).broken(
            Fail,
            "text/plain",
            said("text/plain", active),
        ),
        Entry::kept("introspection.active", said(JSON, active))
            .broken(Fail, "true", said(JSON, r#"{"active":"true"}"#))
            .broken(Fail, "", said(JSON, "{}")),
        Entry::kept("introspection.types", said(JSON, r#"{"active":true,"scope":"a b","aud":["x"],"iss":null}"#))
            .kept_too(said(JSON, r#"{"active":true,"aud":[]}"#))
            .broken(Warn, "scope is an array", said(JSON, r#"{"active":true,"scope":["a"]}"#))
            .broken(Warn, "client_id is a number", said(JSON, r#"{"active":true,"client_id":7}"#))
            .broken(Warn, "aud is an object", said(JSON, r#"{"active":true,"aud":{}}"#))
            .broken(Warn, "aud is an array", said(JSON, r#"{"active":true,"aud":[7]}"#)),
        Entry::kept("introspection.fresh", fresh(ISSUER, "api", true))
            .broken(Warn, "its aud is api, and web asked", fresh(ISSUER, "api", false))
            .broken(Warn, "it is of https://other.example", fresh("https://other.example", "web", false)),
        Entry::kept("introspection.times", in_time(r#"{"active":true,"exp":1000600,"nbf":999000,"iat":1000030}"#))
            .broken(Fail, "1 h ago", in_time(r#"{"active":true,"exp":996400}"#))
            .broken(Warn, "2 min ago", in_time(r#"{"active":true,"exp":999880,"iat":0}"#))
            .broken(Fail, "in 1 h", in_time(r#"{"active":true,"exp":null,"nbf":1003600}"#))
            .broken(Warn, "exp: ", in_time(r#"{"active":true,"exp":"1000600"}"#)),
        Entry::kept("introspection.token", said_of(true, json!({"client_id": "web", "iss": ISSUER, "sub": "alice"})))
            .kept_too(said_of(false, json!({"client_id": "web", "sub": "alice", "iss": null})))
            .kept_too(said_of(false, json!({"client_id": "web", "sub": ""})))
            .broken(Fail, "client_id other", said_of(true, json!({"client_id": "other"})))
            .broken(Warn, "client_id other", said_of(false, json!({"client_id": "other"})))
            .broken(Fail, "iss https://b.example", said_of(true, json!({"iss": "https://b.example"})))
            .broken(Warn, "iss https://b.example", said_of(false, json!({"iss": "https://b.example", "sub": "bob"})))
            .broken(Note, "sub pairwise-7, and sub alice elsewhere", said_of(true, json!({"sub": "pairwise-7"}))),
        Entry::kept("introspection.inactive_silent", said(JSON, r#"{"active":false}"#)).broken(
            Warn,
            "more members",
            said(JSON, r#"{"active":false,"sub":"alice"}"#),
        ),
    ]
}

/// What `web` is told when it asked for a JWT signed with `alg`.
fn told(alg: &str, answer: &HttpResponse, server: &SigningKey) -> Vec<Check> {
    let jwks = JwkSet::from_text(&server.public_jwk().to_string()).expect("keys");
    let mut settings = Settings::default();
    "web".clone_into(&mut settings.client.client_id);
    alg.clone_into(&mut settings.request.introspection_signed_response_alg);
    let expected = introspection::Expected { issuer: Some(ISSUER), jwks: Some(&jwks), settings: &settings };
    introspection::accept_as_asked(answer, expected).checks
}

fn signed(typ: &str, aud: &str, key: &SigningKey) -> HttpResponse {
    signed_with(typ, &json!({"iss": ISSUER, "aud": aud, "iat": 1, "token_introspection": {"active": true}}), key)
}

fn signed_with(typ: &str, claims: &Value, key: &SigningKey) -> HttpResponse {
    let header = Map::from_iter([("typ".to_owned(), json!(typ))]);
    HttpResponse::new(200, SIGNED, key.sign(&header, claims).expect("a token"))
}

/// JSON with the token as a JWT beside it, as Keycloak answers.
fn with_jwt(key: &SigningKey) -> HttpResponse {
    let jwt = key.sign(&Map::new(), &json!({"sub": "alice"})).expect("a token");
    HttpResponse::new(200, JSON, json!({"active": true, "jwt": jwt}).to_string())
}

#[test]
fn a_jwt_that_is_added_to_an_introspection_is_verified() {
    let key = SigningKey::generate("ES256", "k1").expect("a key");
    let signature = |checks: Vec<Check>| checks.into_iter().find(|check| check.rule.id == "introspection.signature");
    assert_eq!(signature(told("", &with_jwt(&key), &key)).map(|check| check.verdict), Some(Pass));
    let plain = HttpResponse::new(200, JSON, r#"{"active":true}"#);
    assert_eq!(signature(told("", &plain, &key)), None);
}

fn signed_entries() -> [Entry; 5] {
    let [key, stranger] = [(); 2].map(|()| SigningKey::generate("ES256", "k1").expect("a key"));
    let kept = |rule| Entry::kept(rule, told("ES256", &signed(TYP, "web", &key), &key));
    let plain = HttpResponse::new(200, JSON, r#"{"active":true}"#);
    let of = |mut claims: Value| {
        for (name, value) in [("iss", json!(ISSUER)), ("aud", json!("web")), ("iat", json!(1))] {
            claims[name] = value;
        }
        told("ES256", &signed_with(TYP, &claims, &key), &key)
    };
    [
        kept("introspection.signed").broken(Fail, "typ JWT", told("ES256", &signed("JWT", "web", &key), &key)).broken(
            Fail,
            JSON,
            told("ES256", &plain, &key),
        ),
        kept("introspection.signed_alg").broken(Fail, "ES256", told("RS256", &signed(TYP, "web", &key), &key)),
        kept("introspection.signed_claims")
            .broken(Fail, "aud other", told("ES256", &signed(TYP, "other", &key), &key))
            .broken(
                Note,
                "sub and exp should stand",
                of(json!({"sub": "a", "exp": 5, "token_introspection": {"active": true}})),
            ),
        kept("introspection.signed_content").broken(Fail, "absent", of(json!({"active": true}))).broken(
            Fail,
            "a string",
            of(json!({"token_introspection": "{\"active\":true}"})),
        ),
        kept("introspection.signature")
            .broken(Fail, "no key fits", told("ES256", &signed(TYP, "web", &stranger), &key))
            .broken(Fail, "no key of it fits", told("", &with_jwt(&stranger), &key)),
    ]
}

fn revocation_entries() -> [Entry; 2] {
    let answered = |status| revocation::accept(&HttpResponse::new(status, "text/plain", "")).checks;
    let settings = Settings::default();
    let expected = introspection::Expected { issuer: None, jwks: None, settings: &settings };
    let proof = |name: &str, status, body: &str| {
        let sent = HttpRequest::post_form(url(ISSUER), &Params::from_iter([(name, "t0k3n")]));
        revocation::accept_proof(&sent, &HttpResponse::new(status, JSON, body), expected).checks
    };
    [
        Entry::kept("revocation.status", answered(200))
            .broken(Warn, "204", answered(204))
            .broken(Fail, "202", answered(202))
            .broken(Fail, "401", answered(401))
            .broken(
                Fail,
                "an error with 200",
                revocation::accept(&HttpResponse::new(200, JSON, r#"{"error":"unsupported_token_type"}"#)).checks,
            ),
        Entry::kept("revocation.effective", proof("token", 200, r#"{"active":false}"#))
            .kept_too(proof("refresh_token", 400, r#"{"error":"invalid_grant"}"#))
            .broken(Fail, "alive", proof("token", 200, r#"{"active":true}"#))
            .broken(Fail, "alive", proof("refresh_token", 200, r#"{"access_token":"a"}"#)),
    ]
}
