//! `password`: the grant that nobody should use any more.

use crate::world::{Drop, Set, World, assert_refused, json};

const GOOD: [(&str, &str); 6] = [
    ("grant_type", "password"),
    ("client_id", "practice-web"),
    ("client_secret", "practice-secret"),
    ("username", "alice"),
    ("password", "practice"),
    ("scope", "openid email offline_access"),
];

#[test]
fn a_password_becomes_the_tokens_of_its_user() {
    let mut world = World::new();
    let tokens = json(&world.ask("/token", &GOOD, &[]));
    assert_eq!(tokens.text("scope"), Some("openid email offline_access"));
    assert!(tokens.text("id_token").is_some());
    let userinfo = json(&world.call("/userinfo", tokens.text("access_token").unwrap()));
    assert_eq!(userinfo.text("email"), Some("alice@example.com"));
    let refreshed = json(&world.refresh(tokens.text("refresh_token").unwrap(), &[]));
    assert_eq!(refreshed.text("scope"), Some("openid email offline_access"));

    let legacy = [Set("client_id", "practice-legacy"), Drop("client_secret"), Set("username", "bob")];
    let tokens = json(&world.ask("/token", &GOOD, &legacy));
    assert_eq!(json(&world.call("/userinfo", tokens.text("access_token").unwrap())).text("sub"), Some("bob"));
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("username")][..], 400, "invalid_request", "username is missing"),
        (&[Drop("password")], 400, "invalid_request", "password is missing"),
        (&[Set("password", "")], 400, "invalid_request", "password is missing"),
        (&[Set("username", "mallory")], 400, "invalid_grant", "no user mallory"),
        (&[Set("password", "Practice")], 400, "invalid_grant", "not that of alice"),
        (&[Set("scope", "magic")], 400, "invalid_scope", "magic"),
        (&[Set("client_secret", "wrong")], 401, "invalid_client", "wrong"),
        (&[Set("client_id", "practice-native"), Drop("client_secret")], 400, "unauthorized_client", "grant password"),
    ] {
        assert_refused(&World::new().ask("/token", &GOOD, edits), status, error, says);
    }
}
