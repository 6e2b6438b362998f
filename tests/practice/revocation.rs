//! Revocation: what it ends, and what it leaves alone.

use crate::world::{Add, Drop, Set, World, assert_denied, assert_refused, with_web};

#[test]
fn a_revoked_refresh_token_takes_its_family_along() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    let second = world.refresh(first.text("refresh_token").unwrap(), &[]);
    let second = crate::world::json(&second);
    let refresh_token = second.text("refresh_token").unwrap();
    let answer = world.ask("/revoke", &with_web(&[("token", refresh_token)]), &[]);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.headers.content_type().as_deref(), Some("application/json"), "some clients take no other");
    for tokens in [&first, &second] {
        let access_token = tokens.text("access_token").unwrap();
        for path in ["/userinfo", "/api/me"] {
            assert_denied(&world.call(path, access_token), 401, Some("invalid_token"), "revoked");
        }
        assert_eq!(world.introspect(access_token).to_string(), r#"{"active":false}"#);
    }
    assert_refused(&world.refresh(refresh_token, &[]), 400, "invalid_grant", "revoked");
    assert_eq!(world.introspect(refresh_token).to_string(), r#"{"active":false}"#);
}

#[test]
fn a_used_refresh_token_still_stands_for_its_family() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    let second = crate::world::json(&world.refresh(first.text("refresh_token").unwrap(), &[]));
    world.ask("/revoke", &with_web(&[("token", first.text("refresh_token").unwrap())]), &[]);
    assert_refused(&world.refresh(second.text("refresh_token").unwrap(), &[]), 400, "invalid_grant", "revoked");
}

#[test]
fn a_revoked_access_token_goes_alone_whatever_the_hint() {
    for hint in ["access_token", "refresh_token", "magic", ""] {
        let mut world = World::new();
        let tokens = world.tokens(&[]);
        let access_token = tokens.text("access_token").unwrap();
        let form = with_web(&[("token", access_token), ("token_type_hint", hint)]);
        assert_eq!(world.ask("/revoke", &form, &[]).status, 200, "{hint}");
        assert_denied(&world.call("/userinfo", access_token), 401, Some("invalid_token"), "revoked");
        assert_eq!(world.refresh(tokens.text("refresh_token").unwrap(), &[]).status, 200, "{hint}");
    }
}

#[test]
fn an_opaque_token_can_be_revoked() {
    let mut world = World::new();
    let tokens = world.tokens_of("practice-opaque");
    let token = tokens.text("access_token").unwrap();
    let form = [("client_id", "practice-opaque"), ("client_secret", "practice-secret"), ("token", token)];
    assert_eq!(world.ask("/revoke", &form, &[]).status, 200);
    assert_denied(&world.call("/userinfo", token), 401, Some("invalid_token"), "");
}

#[test]
fn a_token_that_is_not_valid_is_as_good_as_revoked() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let token = tokens.text("access_token").unwrap();
    assert_eq!(world.ask("/revoke", &with_web(&[("token", "junk")]), &[]).status, 200);
    assert_eq!(world.ask("/revoke", &with_web(&[("token", token)]), &[]).status, 200);
    assert_eq!(world.ask("/revoke", &with_web(&[("token", token)]), &[]).status, 200);
    world.pass(3600);
    assert_eq!(world.ask("/revoke", &with_web(&[("token", token)]), &[]).status, 200);
}

#[test]
fn a_client_revokes_only_its_own_tokens() {
    let mut world = World::new();
    let tokens = world.tokens_of("practice-native");
    for name in ["access_token", "refresh_token"] {
        let token = tokens.text(name).unwrap();
        let answer = world.ask("/revoke", &with_web(&[("token", token)]), &[]);
        assert_refused(&answer, 400, "invalid_grant", "issued to practice-native, not to practice-web");
    }
    assert_eq!(world.call("/userinfo", tokens.text("access_token").unwrap()).status, 200);
    let form = [("client_id", "practice-native"), ("token", tokens.text("refresh_token").unwrap())];
    assert_eq!(world.ask("/revoke", &form, &[]).status, 200);
    assert_eq!(world.call("/userinfo", tokens.text("access_token").unwrap()).status, 401);
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let id_token = tokens.text("id_token").unwrap();
    let answer = world.ask("/revoke", &with_web(&[("token", id_token)]), &[]);
    assert_refused(&answer, 400, "unsupported_token_type", "ID token");
    for (edits, status, error, says) in [
        (&[Drop("client_id"), Drop("client_secret")][..], 401, "invalid_client", "no client_id"),
        (&[Drop("client_secret")], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_secret", "wrong")], 401, "invalid_client", "wrong"),
        (&[Drop("token")], 400, "invalid_request", "token is missing"),
        (&[Add("token", "b")], 400, "invalid_request", "more than once: token"),
    ] {
        assert_refused(&world.ask("/revoke", &with_web(&[("token", "a")]), edits), status, error, says);
    }
}
