//! Signed authorization requests from outside (RFC 9101): what is taken, what is refused, and where that is said.

use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::practice::PRACTICE_JWT_KEY;
use serde_json::{Map, Value, json};

use crate::world::{ISSUER, WEB_BASIC, World, edited, good_authorization, json, sent_back, url};

fn claims(world: &World) -> Map<String, Value> {
    let now = world.now.seconds();
    let mut claims = Map::new();
    for (name, value) in good_authorization() {
        claims.insert(name.to_owned(), json!(value));
    }
    for (name, value) in [("iss", json!("practice-web")), ("aud", json!(ISSUER)), ("exp", json!(now + 60))] {
        claims.insert(name.to_owned(), value);
    }
    claims
}

fn sign(claims: &Map<String, Value>) -> String {
    let key = SigningKey::read(PRACTICE_JWT_KEY, None, None).unwrap();
    let header = Map::from_iter([("typ".to_owned(), json!("oauth-authz-req+jwt"))]);
    key.sign(&header, &Value::Object(claims.clone())).unwrap()
}

fn object(world: &World, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut claims = claims(world);
    change(&mut claims);
    sign(&claims)
}

fn open(world: &mut World, pairs: &[(&str, &str)]) -> HttpResponse {
    world.get(&format!("/authorize?{}", edited(pairs, &[]).encode()))
}

fn push(world: &mut World, pairs: &[(&str, &str)]) -> HttpResponse {
    let request = HttpRequest::post_form(url("/par"), &edited(pairs, &[])).with_header("Authorization", WEB_BASIC);
    world.practice.handle(&request, world.now)
}

fn error_of(answer: &HttpResponse) -> String {
    match (answer.headers.get("location"), answer.status) {
        (Some(_), _) => sent_back(answer).get("error").unwrap_or("no error").to_owned(),
        (None, 200) => "a page to sign in".to_owned(),
        (None, status) => format!("page {status}"),
    }
}

#[test]
fn a_signed_request_is_taken_and_what_stands_beside_it_ignored() {
    let mut world = World::new();
    let request = object(&world, |_| {});
    for beside in [&[][..], &[("scope", "nothing")], &[("redirect_uri", "https://evil.example/")]] {
        let mut pairs = vec![("client_id", "practice-web"), ("request", request.as_str())];
        pairs.extend(beside);
        assert_eq!(error_of(&open(&mut world, &pairs)), "a page to sign in", "{beside:?}");
    }
    let pushed = push(&mut world, &[("client_id", "practice-web"), ("request", &request)]);
    assert_eq!(pushed.status, 201, "{}", pushed.text());
}

#[test]
fn a_request_that_its_client_did_not_make_for_this_server_is_refused() {
    type Change = fn(&mut Map<String, Value>);
    let rows: [(Change, &str); 9] = [
        (|claims| drop(claims.insert("iss".to_owned(), json!("other"))), "invalid_request_object"),
        (|claims| drop(claims.insert("aud".to_owned(), json!("https://other.example"))), "invalid_request_object"),
        (|claims| drop(claims.insert("exp".to_owned(), json!(1_800_000_000))), "invalid_request_object"),
        (|claims| drop(claims.insert("nbf".to_owned(), json!(1_800_000_060))), "invalid_request_object"),
        (|claims| drop(claims.insert("client_id".to_owned(), json!("other"))), "invalid_request_object"),
        (|claims| drop(claims.insert("request".to_owned(), json!("a.b.c"))), "invalid_request_object"),
        (|claims| drop(claims.insert("scope".to_owned(), json!("nothing"))), "invalid_scope"),
        (|claims| drop(claims.shift_remove("response_type")), "invalid_request"),
        (|claims| drop(claims.insert("redirect_uri".to_owned(), json!("https://evil.example/"))), "page 400"),
    ];
    for (at, (change, error)) in rows.into_iter().enumerate() {
        let mut world = World::new();
        let request = object(&world, change);
        let pairs = [("client_id", "practice-web"), ("request", request.as_str())];
        assert_eq!(error_of(&open(&mut world, &pairs)), error, "row {at}");
        let refused = push(&mut world, &pairs);
        let json_error = if error.starts_with("page") { "invalid_request" } else { error };
        assert_eq!((refused.status, json(&refused).text("error")), (400, Some(json_error)), "row {at}");
    }
}

#[test]
fn what_is_no_signed_request_is_refused() {
    let mut world = World::new();
    let good = object(&world, |_| {});
    let unsigned = unsecured(&Map::new(), &Value::Object(claims(&world)));
    let header = Map::from_iter([("typ".to_owned(), json!("logout+jwt"))]);
    let other = SigningKey::read(PRACTICE_JWT_KEY, None, None).unwrap();
    let other_kind = other.sign(&header, &Value::Object(claims(&world))).unwrap();
    let foreign =
        SigningKey::generate("ES256", "k9").unwrap().sign(&Map::new(), &Value::Object(claims(&world))).unwrap();
    let (body, _) = good.rsplit_once('.').unwrap();
    for text in [unsigned, other_kind, foreign, format!("{body}."), "nonsense".to_owned(), format!("{good}a")] {
        let answer = open(
            &mut world,
            &[("client_id", "practice-web"), ("request", &text), ("redirect_uri", crate::world::CALLBACK)],
        );
        assert_eq!(error_of(&answer), "invalid_request_object", "{text}");
    }
    let both = [("client_id", "practice-web"), ("request", good.as_str()), ("request_uri", "http://127.0.0.1:1/a")];
    assert_eq!(error_of(&open(&mut world, &both)), "invalid_request");
    let without = object(&world, |claims| drop(claims.remove("client_id")));
    let refused = sent_back(&open(&mut world, &[("client_id", "practice-web"), ("request", without.as_str())]));
    assert!(refused.get("error_description").is_some_and(|why| why.contains("client_id is missing in it")));
    let nobody = [("client_id", "nobody"), ("request", good.as_str())];
    assert_eq!(error_of(&open(&mut world, &nobody)), "page 400");
    for uri in ["https://127.0.0.1:1/a", "http://192.0.2.1/a", "urn:a", "file:///etc/passwd"] {
        let pairs = [("client_id", "practice-web"), ("request_uri", uri), ("redirect_uri", crate::world::CALLBACK)];
        assert_eq!(error_of(&open(&mut world, &pairs)), "request_uri_not_supported", "{uri}");
    }
}

#[test]
fn a_pushed_request_object_stands_alone() {
    let mut world = World::new();
    let request = object(&world, |_| {});
    let refused = push(&mut world, &[("client_id", "practice-web"), ("request", &request), ("scope", "openid")]);
    assert_eq!(json(&refused).text("error"), Some("invalid_request"));
}

#[test]
fn a_client_signs_as_it_is_registered_and_where_it_has_to() {
    let mut world = World::with(|config| {
        config.require_signed_request_object = true;
        config.clients.iter_mut().for_each(|client| client.request_object_signing_alg = Some("PS256".to_owned()));
    });
    let published = json(&world.get("/.well-known/openid-configuration"));
    assert_eq!(published.get("require_signed_request_object").and_then(Json::as_bool), Some(true));
    assert_eq!(error_of(&world.authorize(&[])), "invalid_request");
    let request = object(&world, |_| {});
    let answer = open(&mut world, &[("client_id", "practice-web"), ("request", &request)]);
    assert_eq!(error_of(&answer), "invalid_request_object");
}
