//! Refresh tokens: rotation, reuse, limits.

use grantscope::jose::jwt;

use crate::world::{Drop, SCOPE, Set, World, assert_refused, json};

#[test]
fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    let old = first.text("refresh_token").unwrap();
    world.pass(300);
    let second = json(&world.refresh(old, &[]));
    let new = second.text("refresh_token").unwrap();
    assert_ne!(old, new);
    world.pass(5);
    assert_refused(&world.refresh(old, &[]), 400, "invalid_grant", "used before, 5.0 s ago");
    assert_refused(&world.refresh(new, &[]), 400, "invalid_grant", "revoked");
    for tokens in [&first, &second] {
        assert_eq!(world.call("/userinfo", tokens.text("access_token").unwrap()).status, 401);
    }
}

#[test]
fn a_refreshed_id_token_is_of_the_same_sign_in() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    world.pass(300);
    let second = json(&world.refresh(first.text("refresh_token").unwrap(), &[]));
    let (one, two) = (jwt::decode(first.text("id_token").unwrap()), jwt::decode(second.text("id_token").unwrap()));
    for claim in ["iss", "sub", "aud", "auth_time", "acr", "sid"] {
        assert_eq!(one.claim(claim), two.claim(claim), "{claim}");
    }
    assert_ne!(one.claim("iat"), two.claim("iat"));
    assert_eq!(two.claim("nonce"), None);
}

#[test]
fn a_refresh_request_may_narrow_but_not_widen() {
    for (edits, status, error, says) in [
        (&[Set("scope", "openid address")][..], 400, "invalid_scope", "adds address"),
        (&[Set("resource", "urn:other")], 400, "invalid_target", "urn:other"),
        (&[Set("refresh_token", "guess")], 400, "invalid_grant", "unknown"),
        (&[Drop("refresh_token")], 400, "invalid_request", "refresh_token is missing"),
        (&[Drop("client_secret")], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_id", "practice-native"), Drop("client_secret")], 400, "invalid_grant", "issued to practice-web"),
    ] {
        let mut world = World::new();
        let tokens = world.tokens(&[Set("resource", "urn:mine")]);
        let refresh_token = tokens.text("refresh_token").unwrap();
        assert_refused(&world.refresh(refresh_token, edits), status, error, says);
        assert_eq!(world.refresh(refresh_token, &[]).status, 200, "{edits:?} used the token up");
    }
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let narrow = json(&world.refresh(tokens.text("refresh_token").unwrap(), &[Set("scope", "email")]));
    assert_eq!((narrow.text("scope"), narrow.text("id_token")), (Some("email"), None));
    let wide = json(&world.refresh(narrow.text("refresh_token").unwrap(), &[]));
    assert_eq!(wide.text("scope"), Some(SCOPE));
}

#[test]
fn refresh_tokens_end_a_day_after_the_sign_in_rotated_or_not() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    world.pass(23 * 3600);
    let rotated = json(&world.refresh(tokens.text("refresh_token").unwrap(), &[]));
    world.pass(3600);
    let answer = world.refresh(rotated.text("refresh_token").unwrap(), &[]);
    assert_refused(&answer, 400, "invalid_grant", "expired");
    world.pass(3600);
    let answer = world.refresh(rotated.text("refresh_token").unwrap(), &[]);
    assert_refused(&answer, 400, "invalid_grant", "expired 1 h");
    world.pass(8 * 24 * 3600);
    let answer = world.refresh(rotated.text("refresh_token").unwrap(), &[]);
    assert_refused(&answer, 400, "invalid_grant", "unknown: mistyped, cut off, of another server, or expired");
}
