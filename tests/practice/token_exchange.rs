//! `token-exchange`: tokens for tokens, in one's own name or another's.

use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::jose::{jwt, verify};

use crate::world::{Add, Drop, Edit, ISSUER, Set, World, assert_refused, edited, json, with_web};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn exchange(world: &mut World, token: &str, token_type: &str, more: &[(&str, &str)], edits: &[Edit]) -> HttpResponse {
    let token_type = format!("urn:ietf:params:oauth:token-type:{token_type}");
    let form = with_web(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", token),
        ("subject_token_type", &token_type),
    ]);
    world.ask("/token", &[&form[..], more].concat(), edits)
}

/// A token of `practice-service` about itself.
fn service_token(world: &mut World) -> String {
    let form =
        [("grant_type", "client_credentials"), ("client_id", "practice-service"), ("client_secret", "practice-secret")];
    json(&world.ask("/token", &form, &[])).text("access_token").unwrap().to_owned()
}

#[test]
fn every_token_of_a_sign_in_can_be_exchanged() {
    for (name, token_type) in [
        ("access_token", "access_token"),
        ("access_token", "jwt"),
        ("refresh_token", "refresh_token"),
        ("id_token", "id_token"),
        ("id_token", "jwt"),
    ] {
        let mut world = World::new();
        let tokens = world.tokens(&[]);
        let token = tokens.text(name).unwrap().to_owned();
        let answer = exchange(&mut world, &token, token_type, &[("audience", "orders"), ("scope", "profile")], &[]);
        assert_eq!(answer.status, 200, "{token_type}: {}", answer.text());
        let answer = json(&answer);
        let names: Vec<&str> = answer.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["access_token", "issued_token_type", "token_type", "expires_in", "scope"]);
        assert_eq!((answer.text("issued_token_type"), answer.text("token_type")), (Some(ACCESS_TOKEN), Some("Bearer")));
        let token = jwt::decode(answer.text("access_token").unwrap());
        let claim = |name: &str| token.claim(name).and_then(Json::as_str);
        assert_eq!((claim("sub"), claim("aud"), claim("scope")), (Some("alice"), Some("orders"), Some("profile")));
        assert_eq!((claim("client_id"), token.claim("act")), (Some("practice-web"), None), "impersonation");
        let refreshed = world.refresh(tokens.text("refresh_token").unwrap(), &[]);
        assert_eq!(refreshed.status, 200, "nothing is used up");
    }
}

#[test]
fn an_opaque_token_is_exchanged_for_a_jwt() {
    let mut world = World::new();
    let tokens = world.tokens_of("practice-opaque");
    let token = tokens.text("access_token").unwrap();
    for (requested, parts) in [(ACCESS_TOKEN, 1), ("urn:ietf:params:oauth:token-type:jwt", 3)] {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("client_id", "practice-opaque"),
            ("client_secret", "practice-secret"),
            ("subject_token", token),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", requested),
        ];
        let answer = json(&world.ask("/token", &form, &[]));
        assert_eq!(answer.text("issued_token_type"), Some(requested));
        assert_eq!(answer.text("access_token").unwrap().split('.').count(), parts);
        assert_eq!(world.call("/api/me", answer.text("access_token").unwrap()).status, 200);
    }
}

#[test]
fn delegation_names_the_actor_and_those_before_it() {
    let mut world = World::new();
    let subject = world.tokens(&[]).text("access_token").unwrap().to_owned();
    let actor = service_token(&mut world);
    let as_actor = [("actor_token", actor.as_str()), ("actor_token_type", ACCESS_TOKEN)];
    let first = json(&exchange(&mut world, &subject, "access_token", &as_actor, &[]));
    let token = first.text("access_token").unwrap().to_owned();
    let act = |token: &str| jwt::decode(token).claim("act").unwrap().to_string();
    assert_eq!(act(&token), r#"{"sub":"practice-service"}"#);
    assert_eq!(world.introspect(&token).get("act").unwrap().to_string(), r#"{"sub":"practice-service"}"#);
    assert_eq!(json(&world.call("/api/me", &token)).get("act").unwrap().to_string(), r#"{"sub":"practice-service"}"#);

    let form = with_web(&[("grant_type", "client_credentials")]);
    let web = json(&world.ask("/token", &form, &[])).text("access_token").unwrap().to_owned();
    let as_web = [("actor_token", web.as_str()), ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt")];
    let second = json(&exchange(&mut world, &token, "access_token", &as_web, &[]));
    let chain = r#"{"sub":"practice-web","act":{"sub":"practice-service"}}"#;
    assert_eq!(act(second.text("access_token").unwrap()), chain);
    let third = json(&exchange(&mut world, second.text("access_token").unwrap(), "access_token", &[], &[]));
    assert_eq!(act(third.text("access_token").unwrap()), chain, "who acted is not forgotten");
}

#[test]
fn an_id_token_can_be_asked_for() {
    let mut world = World::new();
    let keys = world.keys();
    let subject = world.tokens(&[]).text("access_token").unwrap().to_owned();
    let requested = ("requested_token_type", "urn:ietf:params:oauth:token-type:id_token");
    let answer = json(&exchange(&mut world, &subject, "access_token", &[requested, ("audience", "partner")], &[]));
    assert_eq!(answer.text("token_type"), Some("N_A"));
    assert_eq!(answer.text("issued_token_type"), Some(requested.1));
    let token = jwt::decode(answer.text("access_token").unwrap());
    assert!(verify::verify(&token, &keys).verified_by.is_some());
    let claim = |name: &str| token.claim(name).and_then(Json::as_str);
    assert_eq!((claim("aud"), claim("sub"), claim("iss")), (Some("partner"), Some("alice"), Some(ISSUER)));

    let service = service_token(&mut world);
    let refused = exchange(&mut world, &service, "access_token", &[requested], &[]);
    assert_refused(&refused, 400, "invalid_request", "no user signed in");
    let two = [requested, ("audience", "a"), ("audience", "b")];
    assert_refused(&exchange(&mut world, &subject, "access_token", &two, &[]), 400, "invalid_target", "one audience");
}

#[test]
fn scope_can_be_narrowed_but_not_widened() {
    for (scope, expected) in [
        (None, Ok("openid profile email")),
        (Some("email"), Ok("email")),
        (Some("email offline_access"), Ok("email")),
        (Some("email address"), Err("adds address")),
    ] {
        let mut world = World::new();
        let subject = world.tokens(&[]).text("access_token").unwrap().to_owned();
        let more: Vec<(&str, &str)> = scope.map(|scope| ("scope", scope)).into_iter().collect();
        let answer = exchange(&mut world, &subject, "access_token", &more, &[]);
        match expected {
            Ok(granted) => assert_eq!(json(&answer).text("scope"), Some(granted)),
            Err(says) => assert_refused(&answer, 400, "invalid_scope", says),
        }
    }
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    let typed = |name: &'static str, token_type: &'static str| Set(name, token_type);
    for (edits, status, error, says) in [
        (&[Drop("subject_token")][..], 400, "invalid_request", "subject_token is missing"),
        (&[Drop("subject_token_type")], 400, "invalid_request", "subject_token_type is missing"),
        (&[typed("subject_token_type", "access_token")], 400, "invalid_request", "no token type of RFC 8693"),
        (
            &[typed("subject_token_type", "urn:ietf:params:oauth:token-type:saml2")],
            400,
            "invalid_request",
            "saml2 is not exchanged here",
        ),
        (
            &[typed("subject_token_type", "urn:ietf:params:oauth:token-type:saml1")],
            400,
            "invalid_request",
            "saml1 is not exchanged here",
        ),
        (
            &[typed("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")],
            400,
            "invalid_request",
            "not an ID token of this server",
        ),
        (
            &[typed("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token")],
            400,
            "invalid_request",
            "unknown or revoked",
        ),
        (&[Set("subject_token", "junk")], 400, "invalid_request", "subject_token is not accepted: this is not a token"),
        (&[Add("actor_token", "junk")], 400, "invalid_request", "actor_token_type is missing"),
        (&[Add("actor_token_type", ACCESS_TOKEN)], 400, "invalid_request", "without actor_token"),
        (
            &[Add("actor_token", "junk"), Add("actor_token_type", ACCESS_TOKEN)],
            400,
            "invalid_request",
            "actor_token is not accepted",
        ),
        (
            &[Add("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")],
            400,
            "invalid_request",
            "refresh_token is refused",
        ),
        (
            &[Add("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")],
            400,
            "invalid_request",
            "is not issued here",
        ),
        (&[Add("resource", "no-uri")], 400, "invalid_target", "no-uri"),
        (&[Set("client_secret", "wrong")], 401, "invalid_client", "wrong"),
        (&[Set("client_id", "practice-service")], 400, "unauthorized_client", "token-exchange"),
    ] {
        let mut world = World::new();
        let subject = world.tokens(&[]).text("access_token").unwrap().to_owned();
        assert_refused(&exchange(&mut world, &subject, "access_token", &[], edits), status, error, says);
    }
}

#[test]
fn tokens_that_are_no_longer_valid_are_not_accepted() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let native = world.tokens_of("practice-native");
    let text = |tokens: &Json, name: &str| tokens.text(name).unwrap().to_owned();
    for name in ["id_token", "refresh_token"] {
        let answer = exchange(&mut world, &text(&native, name), name, &[], &[]);
        assert_refused(&answer, 400, "invalid_request", "practice-native");
    }
    let used = text(&tokens, "refresh_token");
    let rotated = json(&world.refresh(&used, &[]));
    assert_refused(&exchange(&mut world, &used, "refresh_token", &[], &[]), 400, "invalid_request", "was used");
    world.pass(600);
    for name in ["access_token", "id_token"] {
        let answer = exchange(&mut world, &text(&tokens, name), name, &[], &[]);
        assert_refused(&answer, 400, "invalid_request", "expired");
    }
    let fresh = json(&world.refresh(&text(&rotated, "refresh_token"), &[]));
    let form = edited(&with_web(&[("token", fresh.text("refresh_token").unwrap())]), &[]);
    world.post("/revoke", &form);
    for name in ["access_token", "id_token"] {
        let answer = exchange(&mut world, &text(&fresh, name), name, &[], &[]);
        assert_refused(&answer, 400, "invalid_request", "revoked");
    }
}
