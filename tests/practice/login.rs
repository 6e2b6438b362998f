//! A whole login, and what it hands out.

use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::jose::{hash, jwt, verify};

use crate::world::{ISSUER, SCOPE, Set, World, edited, good_token_request, json, location, sent_back};

#[test]
fn a_login_goes_from_the_request_to_the_api() {
    let mut world = World::new();
    let login_page = world.authorize(&[]);
    assert_eq!(login_page.status, 200);
    for text in ["Practice web app", "name=\"username\" value=\"alice\"", "name=\"username\" value=\"bob\""] {
        assert!(login_page.text().contains(text), "{text}");
    }
    let consent_page = world.choose(&login_page, "alice");
    for text in ["Alice Adams", "See your name", "name=\"decision\" value=\"allow\"", "value=\"deny\""] {
        assert!(consent_page.text().contains(text), "{text}");
    }
    let answer = world.decide(&consent_page, "allow");
    let params = sent_back(&answer);
    assert_eq!((params.get("state"), params.get("iss")), (Some("the-state"), Some(ISSUER)));

    let answer = world.token(params.get("code").unwrap(), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = json(&answer);
    assert_eq!(tokens.text("token_type"), Some("Bearer"));
    assert_eq!(tokens.text("scope"), Some(SCOPE));
    assert_eq!(tokens.get("expires_in").and_then(Json::as_i64), Some(600));

    let access_token = tokens.text("access_token").unwrap();
    let userinfo = json(&world.call("/userinfo", access_token));
    assert_eq!((userinfo.text("sub"), userinfo.text("email")), (Some("alice"), Some("alice@example.com")));
    let me = json(&world.call("/api/me", access_token));
    assert_eq!(
        (me.text("sub"), me.text("scope"), me.text("client_id")),
        (Some("alice"), Some(SCOPE), Some("practice-web"))
    );
}

#[test]
fn tokens_are_signed_and_say_what_they_are() {
    let mut world = World::new();
    let keys = world.keys();
    let tokens = world.tokens(&[Set("acr_values", "urn:none urn:practice:strong")]);
    let access = jwt::decode(tokens.text("access_token").unwrap());
    let id = jwt::decode(tokens.text("id_token").unwrap());
    for token in [&access, &id] {
        let report = verify::verify(token, &keys);
        assert!(report.verified_by.is_some(), "{report:?}");
        assert_eq!(token.alg(), Some("ES256"));
        assert!(token.kid().is_some_and(|kid| kid.starts_with("es256-")));
    }
    assert_eq!((access.typ(), id.typ()), (Some("at+jwt"), Some("JWT")));
    let names = |token: &jwt::Decoded| -> Vec<String> {
        token.claims.as_ref().unwrap().members().iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&access), ["iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "acr", "auth_time"]);
    assert_eq!(names(&id), ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"]);
    let text = |name: &str| id.claim(name).and_then(Json::as_str);
    assert_eq!((text("iss"), text("aud"), text("nonce")), (Some(ISSUER), Some("practice-web"), Some("the-nonce")));
    assert_eq!(text("acr"), Some("urn:practice:strong"));
    assert_eq!(text("at_hash"), hash::half_hash("ES256", &access.text).as_deref());
}

#[test]
fn a_public_client_needs_no_secret_but_pkce() {
    let mut world = World::new();
    let native = [Set("client_id", "practice-native"), Set("redirect_uri", "http://[::1]:51004/callback")];
    let page = world.authorize(&native);
    let page = world.choose(&page, "bob");
    let answer = world.decide(&page, "allow");
    let (_, query) = location(&answer).split_once('?').unwrap();
    let code = Params::parse(query.as_bytes()).get("code").unwrap().to_owned();
    let form = edited(&good_token_request(&code), &native);
    let tokens = json(&world.post("/token", &form));
    assert_eq!(jwt::decode(tokens.text("id_token").unwrap()).claim("sub").and_then(Json::as_str), Some("bob"));
}

#[test]
fn metadata_is_the_same_at_both_paths_and_names_what_exists() {
    let mut world = World::new();
    let metadata = json(&world.get("/.well-known/openid-configuration"));
    assert_eq!(metadata, json(&world.get("/.well-known/oauth-authorization-server")));
    assert_eq!(metadata.text("issuer"), Some(ISSUER));
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "revocation_endpoint",
        "backchannel_authentication_endpoint",
        "device_authorization_endpoint",
        "end_session_endpoint",
    ] {
        let path = metadata.text(member).unwrap().strip_prefix(ISSUER).unwrap().to_owned();
        assert_ne!(world.get(&path).status, 404, "{member}");
    }
    assert_eq!(metadata.get("id_token_signing_alg_values_supported").unwrap().strings(), ["ES256"]);
    assert_eq!(metadata.get("authorization_response_iss_parameter_supported").and_then(Json::as_bool), Some(true));
}

#[test]
fn another_algorithm_can_be_chosen_and_stands_first_in_the_key_set() {
    let mut world = World::with(|config| config.signing_alg = "EdDSA".to_owned());
    let keys = world.keys();
    assert_eq!(keys.iter().map(|key| key.kty.as_str()).collect::<Vec<_>>(), ["OKP", "EC"]);
    assert!(keys.iter().all(|key| !key.has_private_members()));
    let tokens = world.tokens(&[]);
    let id = jwt::decode(tokens.text("id_token").unwrap());
    assert_eq!(verify::verify(&id, &keys).verified_by, Some(0));
}
