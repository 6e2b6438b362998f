//! Implicit and hybrid: tokens straight from the authorization endpoint.

use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::jose::{hash, jwt, verify};

use crate::world::{
    Drop, Edit, ISSUER, Set, World, assert_denied, assert_refused, good_token_request, json, location, sent_back,
};

const LEGACY: [Edit; 3] = [Set("client_id", "practice-legacy"), Drop("code_challenge"), Drop("code_challenge_method")];

fn edits(response_type: &'static str) -> Vec<Edit> {
    let client: &[Edit] = if response_type.contains("code") { &[] } else { &LEGACY };
    [client, &[Set("response_type", response_type)]].concat()
}

fn names(params: &Params) -> Vec<&str> {
    params.iter().map(|(name, _)| name).collect()
}

#[test]
fn each_response_type_brings_its_parts_bound_together() {
    for (response_type, expected) in [
        ("token", &["access_token", "token_type", "expires_in", "scope", "state", "iss"][..]),
        ("id_token", &["id_token", "state", "iss"]),
        ("id_token token", &["access_token", "token_type", "expires_in", "scope", "id_token", "state", "iss"]),
        ("token id_token", &["access_token", "token_type", "expires_in", "scope", "id_token", "state", "iss"]),
        ("code id_token", &["code", "id_token", "state", "iss"]),
        ("code token", &["access_token", "token_type", "expires_in", "scope", "code", "state", "iss"]),
        (
            "code id_token token",
            &["access_token", "token_type", "expires_in", "scope", "code", "id_token", "state", "iss"],
        ),
    ] {
        let mut world = World::new();
        let params = world.approve(&edits(response_type));
        assert_eq!(names(&params), expected, "{response_type}");
        if let Some(id_token) = params.get("id_token") {
            let id_token = jwt::decode(id_token);
            assert!(verify::verify(&id_token, &world.keys()).verified_by.is_some());
            let claim = |name: &str| id_token.claim(name).and_then(Json::as_str).map(str::to_owned);
            let half = |name: &str| hash::half_hash("ES256", params.get(name)?);
            assert_eq!((claim("at_hash"), claim("c_hash")), (half("access_token"), half("code")), "{response_type}");
            assert_eq!(claim("s_hash"), half("state"), "{response_type}");
            assert_eq!((claim("nonce").as_deref(), claim("iss").as_deref()), (Some("the-nonce"), Some(ISSUER)));
            assert_eq!(claim("email").is_some(), response_type == "id_token", "{response_type}");
        }
        if let Some(access_token) = params.get("access_token") {
            assert_eq!(json(&world.call("/api/me", access_token)).text("sub"), Some("alice"));
        }
    }
}

#[test]
fn a_hybrid_code_is_redeemed_as_any_other_and_revokes_all_when_reused() {
    let mut world = World::new();
    let params = world.approve(&edits("code id_token token"));
    let code = params.get("code").unwrap();
    let tokens = json(&world.token(code, &[]));
    let (front, back) = (jwt::decode(params.get("id_token").unwrap()), jwt::decode(tokens.text("id_token").unwrap()));
    for claim in ["iss", "sub", "aud", "nonce", "sid", "auth_time"] {
        assert_eq!(front.claim(claim), back.claim(claim), "{claim}");
    }
    assert!(tokens.text("refresh_token").is_some());
    assert_refused(&world.token(code, &[]), 400, "invalid_grant", "used before");
    let access_token = params.get("access_token").unwrap();
    assert_denied(&world.call("/api/me", access_token), 401, Some("invalid_token"), "revoked");
}

#[test]
fn a_hybrid_request_has_pkce_as_any_other() {
    let mut world = World::new();
    let code = world.approve(&edits("code token")).get("code").unwrap().to_owned();
    let answer = world.token(&code, &[Drop("code_verifier")]);
    assert_refused(&answer, 400, "invalid_grant", "code_verifier is missing");
    let form = [&good_token_request(&code)[..], &[("client_id", "practice-legacy")]].concat();
    assert_refused(&world.ask("/token", &form, &[]), 400, "unauthorized_client", "authorization_code");
}

#[test]
fn tokens_come_in_the_fragment_and_errors_too() {
    for (extra, says) in [
        (&[][..], None),
        (&[Set("response_mode", "fragment")], None),
        (&[Set("response_mode", "query")], Some("response_mode query must not be used")),
        (&[Set("response_mode", "web_message")], Some("response_mode web_message is not supported")),
        (&[Drop("nonce")], Some("nonce is missing; response_type code id_token needs it")),
        (&[Set("nonce", "")], Some("nonce is missing")),
        (&[Set("scope", "profile")], Some("the scope has no openid")),
    ] {
        let mut world = World::new();
        let all = [edits("code id_token"), extra.to_vec()].concat();
        let answer = world.authorize(&all);
        let answer = if answer.status == 303 { answer } else { approved(&mut world, &answer) };
        assert!(location(&answer).contains("/callback#"), "{}", location(&answer));
        let params = sent_back(&answer);
        assert_eq!(params.get("error"), says.map(|_| "invalid_request"), "{extra:?}");
        assert!(params.get("error_description").unwrap_or_default().contains(says.unwrap_or_default()), "{params:?}");
    }
}

fn approved(
    world: &mut World,
    login_page: &grantscope::base::http::HttpResponse,
) -> grantscope::base::http::HttpResponse {
    let page = world.choose(login_page, "alice");
    world.decide(&page, "allow")
}

#[test]
fn a_form_may_carry_tokens() {
    let mut world = World::new();
    let page = world.authorize(&[edits("id_token"), vec![Set("response_mode", "form_post")]].concat());
    let page = approved(&mut world, &page);
    assert!(page.text().contains("name=\"id_token\" value=\"eyJ"));
}

#[test]
fn a_nonce_is_needed_only_beside_an_id_token() {
    for response_type in ["token", "code token"] {
        let edits = [edits(response_type), vec![Drop("nonce"), Set("scope", "profile")]].concat();
        assert!(World::new().approve(&edits).contains("access_token"), "{response_type}");
    }
}

#[test]
fn only_registered_clients_get_tokens_this_way() {
    for (client_id, response_type, error) in [
        ("practice-native", "id_token", "unauthorized_client"),
        ("practice-native", "id_token token", "unauthorized_client"),
        ("practice-native", "code id_token", "unauthorized_client"),
        ("practice-native", "token", "unauthorized_client"),
        ("practice-legacy", "code", "unauthorized_client"),
        ("practice-legacy", "code token", "unauthorized_client"),
        ("practice-legacy", "none", "unauthorized_client"),
        ("practice-web", "code none", "unsupported_response_type"),
        ("practice-web", "code code", "unsupported_response_type"),
        ("practice-web", "code magic", "unsupported_response_type"),
    ] {
        let answer = World::new().authorize(&[Set("client_id", client_id), Set("response_type", response_type)]);
        assert_eq!(sent_back(&answer).get("error"), Some(error), "{client_id} {response_type}");
    }
    let mut world = World::with(|config| config.clients[0].grant_types.retain(|grant| grant != "implicit"));
    let answer = world.authorize(&edits("code token"));
    assert_eq!(sent_back(&answer).get("error"), Some("unauthorized_client"));
}

#[test]
fn there_is_no_refresh_token_without_a_code() {
    let edits = [edits("token"), vec![Set("scope", "profile offline_access")]].concat();
    let params = World::new().approve(&edits);
    assert_eq!((params.get("scope"), params.get("refresh_token")), (Some("profile"), None));
    let edits = [self::edits("token"), vec![Set("scope", "offline_access")]].concat();
    assert_eq!(sent_back(&World::new().authorize(&edits)).get("error"), Some("invalid_scope"));
}
