//! Claims that another vouches for (OIDC Core section 5.6.2).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Skipped, Warn};
use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::client::endpoint::claim_sources::{Distributed, Expected, accept, aggregated, distributed, judge};
use grantscope::jose::jwk::JwkSet;
use grantscope::jose::key::{SigningKey, unsecured};
use serde_json::{Map, Value, json};

use super::{Entry, ISSUER};

const OTHER_ISSUER: &str = "https://claims.example";

fn key() -> SigningKey {
    SigningKey::generate("ES256", "k1").expect("a key")
}

fn document(names: &Value, sources: &Value) -> Json {
    Json::from(&json!({"sub": "alice", "_claim_names": names, "_claim_sources": sources}))
}

fn judged(document: &Json, key: &SigningKey) -> Vec<Check> {
    let jwks = JwkSet::from_json(&Json::from(&json!({"keys": [key.public_jwk()]}))).expect("keys");
    judge(document, Expected { issuer: Some(ISSUER), jwks: Some(&jwks), sub: Some("alice") })
}

/// The verdicts on one aggregated claim that comes in this JWT.
fn with(jwt: &str, key: &SigningKey) -> Vec<Check> {
    judged(&document(&json!({"score": "a"}), &json!({"a": {"JWT": jwt}})), key)
}

/// The same, signed by the server that is known.
fn signed(claims: &Value) -> Vec<Check> {
    let key = key();
    with(&key.sign(&Map::new(), claims).expect("a token"), &key)
}

fn listed(names: &Value, sources: &Value) -> Vec<Check> {
    judged(&document(names, sources), &key())
}

fn source() -> Distributed {
    let endpoint = json!({"b": {"endpoint": "https://claims.example/c", "access_token": "t0k3n"}});
    distributed(&document(&json!({"score": "b"}), &endpoint)).pop().expect("a source")
}

fn fetched(body: &str) -> Vec<Check> {
    accept(&HttpResponse::new(200, "application/jwt", body), Some(&source()), Expected::default()).checks
}

pub fn entries() -> Vec<Entry> {
    let good = || signed(&json!({"iss": ISSUER, "score": 7}));
    let elsewhere = json!({"b": {"endpoint": "https://claims.example/c"}});
    let jwt = |claims: Value| key().sign(&Map::new(), &claims).expect("a token");
    vec![
        Entry::kept("claims.names", good())
            .kept_too(listed(&json!({"score": ["a", "b"]}), &json!({"a": {"JWT": "e30.e30."}, "b": elsewhere["b"]})))
            .broken(Fail, "score refers to b, which is not there", listed(&json!({"score": "b"}), &json!({"a": {}})))
            .broken(Fail, "score is a number, no name of a source", listed(&json!({"score": 7}), &json!({})))
            .broken(Fail, "which is not there", listed(&json!({"score": "b"}), &Value::Null)),
        Entry::kept("claims.source", good())
            .kept_too(listed(&json!({"score": "b"}), &elsewhere))
            .broken(Fail, "b has neither", listed(&json!({}), &json!({"b": {"access_token": "t"}})))
            .broken(Fail, "a has neither", listed(&json!({}), &json!({"a": 7})))
            .broken(Fail, "an endpoint that is no text", listed(&json!({}), &json!({"b": {"endpoint": 7}})))
            .broken(Fail, "cannot be used", listed(&json!({}), &json!({"b": {"endpoint": "ftp://claims.example"}}))),
        Entry::unsaid("claims.elsewhere", good()).broken(
            Note,
            "endpoint of b",
            listed(&json!({"score": "b"}), &elsewhere),
        ),
        Entry::kept("claims.jwt", good())
            .kept_too(fetched(&jwt(json!({"score": 7}))))
            .broken(Fail, "a: no JWT", with("7", &key()))
            .broken(Fail, "b: no JWT", fetched(r#"{"score":7}"#)),
        Entry::kept("claims.contained", good())
            .kept_too(fetched(&jwt(json!({"score": 7}))))
            .broken(Fail, "a has no score", signed(&json!({"iss": ISSUER})))
            .broken(Note, "b did not bring score, which is no error", fetched(&jwt(json!({"x": 7})))),
        Entry::kept("claims.iss", good()).broken(Warn, "a has no iss", signed(&json!({"score": 7}))),
        Entry::kept("claims.signature", good())
            .broken(
                Fail,
                "no key of it fits",
                with(&key().sign(&Map::new(), &json!({"iss": ISSUER, "score": 7})).expect("a token"), &key()),
            )
            .broken(
                Warn,
                "a is not signed",
                with(&unsecured(&Map::new(), &json!({"iss": OTHER_ISSUER, "score": 7})), &key()),
            ),
        Entry::kept("claims.sub", good())
            .broken(Warn, "a has mallory", signed(&json!({"iss": ISSUER, "sub": "mallory", "score": 7})))
            .broken(Warn, "_claim_names sends sub", listed(&json!({"sub": "b"}), &elsewhere))
            .kept_too(signed(&json!({"iss": ISSUER, "sub": "alice", "score": 7})))
            .kept_too(signed(&json!({"iss": OTHER_ISSUER, "sub": "a-17", "score": 7})))
            .broken(Note, "the sub at this server", signed(&json!({"iss": OTHER_ISSUER, "sub": "alice", "score": 7}))),
    ]
}

#[test]
fn the_signature_of_another_is_not_judged_and_says_so() {
    for (claims, says) in [
        (json!({"iss": OTHER_ISSUER, "score": 7}), "not judged: key of https://claims.example is not known"),
        (json!({"score": 7}), "not judged: a does not say whose key"),
    ] {
        let checks = signed(&claims);
        let check = checks.iter().find(|check| check.rule.id == "claims.signature").expect("applied");
        assert_eq!(check.verdict, Skipped);
        assert!(check.actual.as_deref().is_some_and(|actual| actual.contains(says)), "{check:?}");
    }
    let unknown = key().sign(&Map::from_iter([("kid".to_owned(), json!("k2"))]), &json!({"iss": ISSUER, "score": 7}));
    let checks = with(&unknown.expect("a token"), &key());
    assert!(checks.iter().any(|check| check.rule.id == "claims.signature" && check.verdict == Skipped));
}

#[test]
fn what_stands_in_one_document_has_no_sources_and_what_is_aggregated_is_read_by_its_names() {
    assert!(judge(&Json::from(&json!({"sub": "alice"})), Expected::default()).is_empty());
    let jwt = key().sign(&Map::new(), &json!({"iss": ISSUER, "score": 7, "other": 8})).expect("a token");
    let sources = json!({"a": {"JWT": jwt}, "b": {"endpoint": "https://claims.example/c"}});
    let said = aggregated(&document(&json!({"score": "a", "more": "b"}), &sources));
    assert_eq!(said, [("a".to_owned(), vec![("score".to_owned(), Json::from(&json!(7)))])]);
}
