//! `jwt-bearer`: the client signs a statement about a user.

use grantscope::base::json::Json;
use grantscope::jose::jwt;
use grantscope::jose::key;
use serde_json::{Map, Value, json};

use crate::world::{self, Drop, ISSUER, Set, World, assert_refused, signed, with, with_web};

fn good(world: &World) -> Value {
    json!({
        "iss": "practice-web", "sub": "alice", "aud": ISSUER,
        "iat": world.now.seconds(), "exp": world.now.seconds() + 60, "jti": "one",
    })
}

fn redeem(world: &mut World, assertion: &str, edits: &[world::Edit]) -> grantscope::base::http::HttpResponse {
    let form = with_web(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", assertion),
        ("scope", "openid profile offline_access"),
    ]);
    world.ask("/token", &form, edits)
}

#[test]
fn an_assertion_becomes_an_access_token_of_its_subject() {
    let mut world = World::new();
    for claims in [good(&world), with(&good(&world), &json!({"jti": null, "aud": [format!("{ISSUER}/token"), "x"]}))] {
        let tokens = world::json(&redeem(&mut world, &signed(&json!({}), &claims), &[]));
        let names: Vec<&str> = tokens.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["access_token", "token_type", "expires_in", "scope"]);
        assert_eq!(tokens.text("scope"), Some("profile"));
        let token = jwt::decode(tokens.text("access_token").unwrap());
        let claim = |name: &str| token.claim(name).and_then(Json::as_str);
        assert_eq!((claim("sub"), claim("client_id")), (Some("alice"), Some("practice-web")));
        assert_eq!(world.call("/api/me", &token.text).status, 200);
    }
}

#[test]
fn a_bad_assertion_is_told_what_is_wrong() {
    let world = World::new();
    let at = |seconds: i64| world.now.seconds() + seconds;
    let good = good(&world);
    let claims = |edits: Value| signed(&json!({}), &with(&good, &edits));
    let forged = {
        let token = claims(json!({}));
        format!("{}AAAA", &token[..token.len() - 4])
    };
    for (assertion, says) in [
        ("junk".to_owned(), "it is no JWT"),
        (key::unsecured(&Map::new(), &good), "alg is none"),
        (forged, "signature does not verify"),
        (signed(&json!({"crit": ["x"], "x": 1}), &good), "crit"),
        (signed(&json!({"alg": "ES256K"}), &good), "alg is ES256K"),
        (signed(&json!({"alg": "HS256"}), &good), "HS256 needs a secret of 32 bytes, that of practice-web has 15"),
        (claims(json!({"iss": null})), "iss is missing"),
        (claims(json!({"iss": "https://idp.example"})), "its iss is https://idp.example"),
        (claims(json!({"sub": null})), "sub is missing"),
        (claims(json!({"sub": ["alice"]})), "sub is of type array"),
        (claims(json!({"sub": "mallory"})), "no such user"),
        (claims(json!({"aud": null})), "aud is missing"),
        (claims(json!({"aud": "https://as.example"})), "aud is https://as.example, it has to be http://127.0.0.1:9400"),
        (claims(json!({"exp": null})), "exp is missing"),
        (claims(json!({"exp": "soon"})), "exp is 'soon', which is no number"),
        (claims(json!({"exp": at(0)})), "it expired 0 ms ago"),
        (claims(json!({"exp": at(2 * 86_400)})), "exp is 2 days ahead, at most 1 day is taken"),
        (claims(json!({"nbf": at(61)})), "nbf is 1 min 1 s ahead"),
        (claims(json!({"iat": at(61)})), "iat is 1 min 1 s ahead"),
        (claims(json!({"jti": 7})), "jti is of type number"),
    ] {
        assert_refused(&redeem(&mut World::new(), &assertion, &[]), 400, "invalid_grant", says);
    }
    for edits in [json!({"nbf": at(8)}), json!({"iat": at(8)}), json!({"exp": at(86_400)})] {
        assert_eq!(redeem(&mut World::new(), &claims(edits), &[]).status, 200, "clocks may differ a little");
    }
}

#[test]
fn an_assertion_works_once_and_is_not_used_up_by_a_refusal() {
    let mut world = World::new();
    let assertion = signed(&json!({}), &good(&world));
    assert_refused(&redeem(&mut world, &assertion, &[Set("scope", "magic")]), 400, "invalid_scope", "magic");
    assert_refused(&redeem(&mut world, &assertion, &[Set("resource", "x")]), 400, "invalid_target", "x");
    assert_eq!(redeem(&mut world, &assertion, &[]).status, 200);
    world.pass(59);
    assert_refused(&redeem(&mut world, &assertion, &[]), 400, "invalid_grant", "used before");
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("assertion")][..], 400, "invalid_request", "assertion is missing"),
        (&[Drop("client_secret")], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_id", "practice-service")], 400, "unauthorized_client", "jwt-bearer"),
    ] {
        let mut world = World::new();
        let assertion = signed(&json!({}), &good(&world));
        assert_refused(&redeem(&mut world, &assertion, edits), status, error, says);
    }
    let mut world = World::with(|config| config.clients[0].jwks.clear());
    let assertion = signed(&json!({}), &good(&world));
    assert_refused(&redeem(&mut world, &assertion, &[]), 400, "invalid_grant", "no key registered");
}
