//! `client_credentials`: a client on its own behalf.

use grantscope::base::json::Json;
use grantscope::jose::jwt;

use crate::world::{Add, Drop, ISSUER, Set, World, assert_denied, assert_refused, json};

const GOOD: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", "practice-service"),
    ("client_secret", "practice-secret"),
    ("scope", "profile email"),
];

#[test]
fn a_client_gets_an_access_token_about_itself_and_nothing_else() {
    let mut world = World::new();
    let tokens = json(&world.ask("/token", &GOOD, &[]));
    let names: Vec<&str> = tokens.members().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["access_token", "token_type", "expires_in", "scope"]);
    let token = jwt::decode(tokens.text("access_token").unwrap());
    let claim = |name: &str| token.claim(name).and_then(Json::as_str);
    assert_eq!((claim("sub"), claim("client_id")), (Some("practice-service"), Some("practice-service")));
    assert_eq!(claim("aud"), Some(format!("{ISSUER}/api").as_str()));
    let me = json(&world.call("/api/me", &token.text));
    assert_eq!((me.text("sub"), me.get("name")), (Some("practice-service"), Some(&Json::Null)));
}

#[test]
fn what_has_to_do_with_a_user_is_not_granted() {
    for (scope, granted) in [("openid profile offline_access", "profile"), ("email unknown", "email"), ("", "profile")]
    {
        let tokens = json(&World::new().ask("/token", &GOOD, &[Set("scope", scope)]));
        assert_eq!(tokens.text("scope"), Some(granted), "{scope}");
        assert_eq!((tokens.get("id_token"), tokens.get("refresh_token")), (None, None));
    }
    let mut world = World::new();
    let web = [Set("client_id", "practice-web"), Set("scope", "openid offline_access email")];
    let tokens = json(&world.ask("/token", &GOOD, &web));
    assert_eq!((tokens.text("scope"), tokens.get("refresh_token")), (Some("email"), None));
    let userinfo = world.call("/userinfo", tokens.text("access_token").unwrap());
    assert_denied(&userinfo, 403, Some("insufficient_scope"), "openid");
}

#[test]
fn resource_and_audience_name_the_audience() {
    let aud = |edits: &[crate::world::Edit]| {
        let tokens = json(&World::new().ask("/token", &GOOD, edits));
        jwt::decode(tokens.text("access_token").unwrap()).claim("aud").unwrap().to_string()
    };
    assert_eq!(aud(&[Add("resource", "https://a.example")]), "\"https://a.example\"");
    assert_eq!(aud(&[Add("audience", "orders")]), "\"orders\"");
    let both = [Add("audience", "orders"), Add("audience", "stock"), Add("resource", "urn:a")];
    assert_eq!(aud(&both), "[\"urn:a\",\"orders\",\"stock\"]");
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("client_secret")][..], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_secret", "wrong")], 401, "invalid_client", "wrong"),
        (&[Set("client_id", "practice-native"), Drop("client_secret")], 400, "unauthorized_client", "practice-native"),
        (&[Set("scope", "openid offline_access")], 400, "invalid_scope", "a user who signs in"),
        (&[Set("scope", "magic")], 400, "invalid_scope", "magic"),
        (&[Add("scope", "email")], 400, "invalid_request", "more than once: scope"),
        (&[Add("resource", "a#b")], 400, "invalid_target", "a#b"),
    ] {
        assert_refused(&World::new().ask("/token", &GOOD, edits), status, error, says);
    }
}

#[test]
fn a_public_client_is_refused_even_when_registered() {
    let mut world = World::with(|config| config.clients[1].grant_types.push("client_credentials".to_owned()));
    let edits = [Set("client_id", "practice-native"), Drop("client_secret")];
    assert_refused(&world.ask("/token", &GOOD, &edits), 400, "unauthorized_client", "public client");
}
