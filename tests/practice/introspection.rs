//! Introspection: what a token is, told to those who may know.

use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::jose::{jwt, verify};

use crate::world::{Add, Drop, ISSUER, SCOPE, Set, World, assert_refused, edited, json, url, with_web};

#[test]
fn an_access_token_is_described() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let told = world.introspect(tokens.text("access_token").unwrap());
    let token = jwt::decode(tokens.text("access_token").unwrap());
    for claim in ["sub", "client_id", "scope", "aud", "iss", "exp", "iat", "jti"] {
        assert_eq!(told.get(claim), token.claim(claim), "{claim}");
    }
    assert_eq!(told.get("active").and_then(Json::as_bool), Some(true));
    assert_eq!((told.text("token_type"), told.text("username")), (Some("Bearer"), Some("alice")));
    assert_eq!(told.get("auth_time").and_then(Json::as_i64), Some(world.now.seconds()));
}

#[test]
fn a_refresh_token_is_described_until_it_is_used() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let refresh_token = tokens.text("refresh_token").unwrap();
    let told = world.introspect(refresh_token);
    assert_eq!((told.text("scope"), told.text("token_type")), (Some(SCOPE), None));
    assert_eq!(told.get("exp").and_then(Json::as_i64), Some(world.now.seconds() + 86_400));
    world.refresh(refresh_token, &[]);
    assert_eq!(world.introspect(refresh_token).to_string(), r#"{"active":false}"#);
}

#[test]
fn an_opaque_token_is_a_token_all_the_same() {
    let mut world = World::new();
    let tokens = world.tokens_of("practice-opaque");
    let token = tokens.text("access_token").unwrap();
    assert_eq!(token.len(), 43);
    let form = [("client_id", "practice-opaque"), ("client_secret", "practice-secret"), ("token", token)];
    let told = json(&world.ask("/introspect", &form, &[]));
    assert_eq!((told.text("sub"), told.text("aud")), (Some("alice"), Some(format!("{ISSUER}/api").as_str())));
    assert_eq!(told.get("jti"), None);
    assert_eq!(json(&world.call("/api/me", token)).text("sub"), Some("alice"));
    world.pass(605);
    assert!(world.call("/api/me", token).text().contains("expired 5.0 s ago"));

    let tokens = world.tokens(&[Set("prompt", "login consent")]);
    let token = jwt::decode(tokens.text("access_token").unwrap());
    let jti = token.claim("jti").and_then(Json::as_str).unwrap();
    assert_eq!(world.call("/api/me", jti).status, 401, "the name of a JWT is not the JWT");
}

#[test]
fn an_api_asks_with_a_client_of_its_own() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let token = tokens.text("access_token").unwrap();
    let ask = |world: &mut World, token: &str| {
        let form = [("client_id", "practice-service"), ("client_secret", "practice-secret"), ("token", token)];
        let told = json(&world.ask("/introspect", &form, &[]));
        (told.get("active").and_then(Json::as_bool), world.practice.last_entry().unwrap().words())
    };
    let (is_active, words) = ask(&mut world, token);
    assert_eq!(is_active, Some(true));
    assert!(words.contains("issued to practice-web for \"http://127.0.0.1:9400/api\""), "{words}");
    let (is_active, words) = ask(&mut world, tokens.text("refresh_token").unwrap());
    assert_eq!(is_active, Some(false));
    assert!(words.contains("issued to practice-web, and is not for this client to know"), "{words}");
    assert!(ask(&mut world, tokens.text("id_token").unwrap()).1.contains("is this the ID token?"));
    assert!(ask(&mut world, "junk").1.contains("not a token of this server"));
    world.pass(605);
    assert!(ask(&mut world, token).1.contains("not active: the access token expired 5.0 s ago"));
}

#[test]
fn where_every_client_is_taken_the_api_may_ask_with_any_secret_and_nobody_without() {
    let mut world = World::with(|config| config.any_client = true);
    let tokens = world.tokens(&[]);
    let form = [("client_id", "my-api"), ("client_secret", "any"), ("token", tokens.text("access_token").unwrap())];
    assert_eq!(json(&world.ask("/introspect", &form, &[])).text("sub"), Some("alice"));
    assert_refused(&world.ask("/introspect", &form, &[Drop("client_secret")]), 401, "invalid_client", "authenticate");
}

#[test]
fn of_every_other_token_nothing_is_told() {
    let mut world = World::new();
    let foreign = world.tokens_of("practice-native");
    let own = world.tokens(&[Set("prompt", "login consent")]);
    let access_token = own.text("access_token").unwrap();
    let forged = format!("{}AAAA", &access_token[..access_token.len() - 4]);
    for token in ["junk", "a.b.c", &forged, own.text("id_token").unwrap(), foreign.text("refresh_token").unwrap()] {
        assert_eq!(world.introspect(token).to_string(), r#"{"active":false}"#, "{token}");
    }
    world.pass(600);
    assert_eq!(world.introspect(access_token).to_string(), r#"{"active":false}"#);
    world.pass(24 * 3600);
    assert_eq!(world.introspect(own.text("refresh_token").unwrap()).to_string(), r#"{"active":false}"#);
}

#[test]
fn the_service_that_a_token_is_meant_for_may_ask() {
    let mut world = World::new();
    let tokens = world.tokens(&[Set("audience", "practice-service")]);
    let token = tokens.text("access_token").unwrap();
    let form = [("client_id", "practice-service"), ("client_secret", "practice-secret"), ("token", token)];
    assert_eq!(json(&world.ask("/introspect", &form, &[])).text("sub"), Some("alice"));
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("client_id"), Drop("client_secret")][..], 401, "invalid_client", "no client_id"),
        (&[Drop("client_secret")], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_secret", "wrong")], 401, "invalid_client", "wrong"),
        (&[Set("client_id", "practice-native"), Drop("client_secret")], 401, "invalid_client", "is a public client"),
        (&[Drop("token")], 400, "invalid_request", "token is missing"),
        (&[Add("token", "b")], 400, "invalid_request", "more than once: token"),
    ] {
        let answer = World::new().ask("/introspect", &with_web(&[("token", "a")]), edits);
        assert_refused(&answer, status, error, says);
    }
}

#[test]
fn the_answer_comes_as_a_jwt_when_that_is_accepted() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let keys = world.keys();
    for (accept, token, active) in [
        ("application/token-introspection+jwt", tokens.text("access_token").unwrap(), true),
        ("application/json;q=0.5, Application/Token-Introspection+JWT;q=1", "junk", false),
    ] {
        let answer = ask_accepting(&mut world, accept, token);
        assert_eq!(answer.headers.content_type().as_deref(), Some("application/token-introspection+jwt"));
        let told = jwt::decode(&answer.text());
        assert!(verify::verify(&told, &keys).verified_by.is_some());
        assert_eq!(told.typ(), Some("token-introspection+jwt"));
        let claim = |name: &str| told.claim(name).and_then(Json::as_str);
        assert_eq!((claim("iss"), claim("aud"), claim("sub")), (Some(ISSUER), Some("practice-web"), None));
        let members = told.claim("token_introspection").unwrap();
        assert_eq!(members.get("active").and_then(Json::as_bool), Some(active));
        assert_eq!(members.members().len() > 1, active);
        assert_eq!(world.call("/api/me", &told.text).status, 401, "it is no access token");
    }
    assert!(ask_accepting(&mut world, "application/json", "junk").text().contains("false"));
}

fn ask_accepting(world: &mut World, accept: &str, token: &str) -> HttpResponse {
    let form = edited(&with_web(&[("token", token)]), &[]);
    world.send(HttpRequest::post_form(url("/introspect"), &form).with_header("Accept", accept))
}
