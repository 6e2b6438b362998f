//! Clients whose keys are fetched from their `jwks_uri`: when, from where, and what is made of what came.

use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::jose::key::SigningKey;
use grantscope::practice::PRACTICE_JWT_KEY;
use serde_json::{Value, json};

use crate::world::{ISSUER, World, edited, signed, url};

const KEYS: &str = "http://127.0.0.1:8000/jwks";

/// A server that knows a client by its `jwks_uri`.
fn world() -> World {
    World::with(|config| {
        let client = "[[clients]]\nclient_id = \"keyed\"\ngrant_types = [\"client_credentials\"]\njwks_uri = \"http://127.0.0.1:8000/jwks\"\n";
        config.lay(client).expect("a client");
    })
}

fn asking(world: &World, jti: &str) -> HttpRequest {
    let now = world.now.seconds();
    let claims = json!({ "iss": "keyed", "sub": "keyed", "aud": ISSUER, "exp": now + 60, "jti": jti });
    let assertion = signed(&json!({}), &claims);
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "profile"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    HttpRequest::post_form(url("/token"), &edited(&form, &[]))
}

/// The answer of the token endpoint once `came` has come from the address of the keys, and what the log says.
fn answered(world: &mut World, jti: &str, came: HttpResponse) -> (u16, String) {
    let request = asking(world, jti);
    let wanted = world.practice.wanted_document(&request, world.now).expect("its keys");
    assert_eq!(wanted.request.url.as_str(), KEYS);
    world.practice.take_document(&wanted, Ok(came), world.now);
    assert!(world.practice.wanted_document(&request, world.now).is_none(), "once for each request");
    let status = world.practice.handle(&request, world.now).status;
    (status, world.practice.last_entry().expect("an entry").words())
}

fn set(key: &Value) -> HttpResponse {
    HttpResponse::new(200, JSON, json!({ "keys": [key] }).to_string())
}

fn own_key() -> Value {
    let key = SigningKey::from_jwk(&Json::parse_text(PRACTICE_JWT_KEY).expect("JSON"), None).expect("a key");
    key.public_jwk()
}

#[test]
fn a_client_authenticates_by_the_keys_that_are_there_now() {
    let mut world = world();
    let other = SigningKey::generate("ES256", "other").expect("a key").public_jwk();
    for (jti, key, status) in [("one", own_key(), 200), ("two", other, 401), ("three", own_key(), 200)] {
        let (came, words) = answered(&mut world, jti, set(&key));
        assert_eq!(came, status, "{words}");
        assert!(words.contains("the keys of keyed were fetched from its jwks_uri: 1"), "{words}");
    }
}

#[test]
fn what_cannot_be_used_is_said_and_the_keys_of_before_stay() {
    let private: Value = serde_json::from_str(PRACTICE_JWT_KEY).expect("JSON");
    for (came, says) in [
        (HttpResponse::new(404, JSON, ""), "it answers with status 404"),
        (HttpResponse::new(200, JSON, "<html>"), "it is no JSON"),
        (set(&private), "only public ones belong there"),
    ] {
        let mut world = world();
        let (status, words) = answered(&mut world, "one", came.clone());
        assert_eq!(status, 401);
        assert!(words.contains("cannot be had from its jwks_uri") && words.contains(says), "{words}");
        assert_eq!(answered(&mut world, "two", set(&own_key())).0, 200, "it is asked again");
        assert_eq!(answered(&mut world, "three", came).0, 200, "the keys of before stay");
    }
}

#[test]
fn only_who_has_keys_elsewhere_is_fetched_for() {
    let mut world = world();
    let form = edited(&[("grant_type", "client_credentials"), ("client_id", "practice-web")], &[]);
    assert!(world.practice.wanted_document(&HttpRequest::post_form(url("/token"), &form), world.now).is_none());
}
