//! What holds for every answer to every request.

use grantscope::base::entropy::Entropy;
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::practice::{Config, Practice};
use proptest::prelude::*;
use url::Url;

use crate::world::{CALLBACK, Drop, ISSUER, Set, World, edited, good_authorization, json, policy, url};

#[test]
fn only_its_own_address_paths_and_methods_are_answered() {
    for (method, target, status, allow) in [
        ("GET", "http://127.0.0.1:9400/", 200, None),
        ("GET", "http://localhost:9400/", 200, None),
        ("GET", "http://127.0.0.1:9401/", 200, None),
        ("GET", "http://rebound.example:9400/jwks", 421, None),
        ("GET", "http://127.0.0.1:9400/nothing", 404, None),
        ("GET", "http://127.0.0.1:9400/jwks/", 404, None),
        ("GET", "http://127.0.0.1:9400/token", 405, Some("POST")),
        ("HEAD", "http://127.0.0.1:9400/authorize", 405, Some("GET, POST")),
        ("HEAD", "http://127.0.0.1:9400/jwks", 200, None),
        ("OPTIONS", "http://127.0.0.1:9400/authorize", 405, Some("GET, POST")),
        ("GET", "http://127.0.0.1:9400/login", 405, Some("POST")),
        ("DELETE", "http://127.0.0.1:9400/jwks", 405, Some("GET")),
        ("get", "http://127.0.0.1:9400/jwks", 405, Some("GET")),
    ] {
        let mut request = HttpRequest::get(Url::parse(target).unwrap());
        request.method = method.to_owned();
        let answer = World::new().send(request);
        assert_eq!((answer.status, answer.headers.get("allow")), (status, allow), "{method} {target}");
    }
}

#[test]
fn every_answer_is_hardened() {
    let mut world = World::new();
    let code = world.code(&[]);
    let login = world.authorize(&[Set("prompt", "login")]);
    let answers = [
        world.get("/"),
        world.get("/.well-known/openid-configuration"),
        world.get("/jwks"),
        world.get("/nothing"),
        world.authorize(&[Drop("client_id")]),
        world.authorize(&[Drop("response_type")]),
        world.authorize(&[Set("response_mode", "form_post")]),
        world.token(&code, &[]),
        world.token(&code, &[]),
        world.call("/api/me", "junk"),
        world.choose(&login, "alice"),
        login,
    ];
    for answer in &answers {
        for (name, value) in [
            ("cache-control", "no-store"),
            ("pragma", "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.headers.get(name), Some(value));
        }
        assert_eq!(answer.headers.get("access-control-allow-origin"), None);
        assert_ne!(answer.status, 307);
        if answer.headers.content_type().as_deref() == Some("text/html") {
            assert!(policy(answer).starts_with("default-src 'none'; style-src 'sha256-"));
            assert!(policy(answer).contains("frame-ancestors 'none'"));
            assert!(!answer.text().contains("{{"));
            assert_eq!(answer.text().contains("<script"), policy(answer).contains("; script-src 'sha256-"));
        }
    }
}

#[test]
fn the_forms_may_end_at_the_client() {
    for (redirect_uri, source) in [
        (CALLBACK, "'self' http://127.0.0.1:8912;"),
        // CSP has no way to write an IPv6 address.
        ("http://[::1]:8912/callback", "'self' http:;"),
    ] {
        let form: Params = edited(&good_authorization(), &[Drop("redirect_uri")]);
        let query: Params = [("redirect_uri", redirect_uri)].into_iter().collect();
        let page = World::new().get(&format!("/authorize?{}&{}", form.encode(), query.encode()));
        assert!(policy(&page).contains(&format!("form-action {source}")), "{}", policy(&page));
    }
}

#[test]
fn a_server_without_a_plain_issuer_or_a_key_is_not_made() {
    for issuer in ["ftp://as.example", "http://127.0.0.1:9400/a//b", "http://a@127.0.0.1/"] {
        let config = Config::practice(Url::parse(issuer).unwrap());
        assert!(Practice::new(config, Entropy::from_seed([7; 32])).is_err(), "{issuer}");
    }
    let mut config = Config::practice(Url::parse(ISSUER).unwrap());
    config.signing_alg = "none".to_owned();
    assert!(Practice::new(config, Entropy::from_seed([7; 32])).is_err());
}

#[test]
fn debug_shows_no_credential() {
    let mut world = World::new();
    let code = world.code(&[]);
    let tokens = json(&world.token(&code, &[]));
    world.authorize(&[Set("prompt", "login")]);
    let shown = format!("{:?}", world.practice);
    let cookie = world.cookie.unwrap().replace("practice_session=", "");
    for credential in [code.as_str(), tokens.text("refresh_token").unwrap(), &cookie, "-of-32-bytes-or-more"] {
        assert!(!shown.contains(credential), "{credential}");
    }
}

const PATHS: [&str; 18] = [
    "/",
    "/.well-known/openid-configuration",
    "/jwks",
    "/authorize",
    "/login",
    "/consent",
    "/token",
    "/device",
    "/verify",
    "/bc-authorize",
    "/ciba",
    "/introspect",
    "/revoke",
    "/end_session",
    "/logout",
    "/userinfo",
    "/api/me",
    "/other",
];

const NAMES: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "max_age",
    "login_hint",
    "acr_values",
    "resource",
    "code_challenge",
    "code_challenge_method",
    "id_token_hint",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "client_secret",
    "transaction",
    "username",
    "decision",
    "access_token",
    "token",
    "post_logout_redirect_uri",
    "logout",
    "user_code",
    "subject_token",
    "actor_token",
    "assertion",
    "login_hint_token",
    "binding_message",
    "request",
    "device_code",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_request_panics(
        method in prop_oneof![Just("GET".to_owned()), Just("POST".to_owned()), ".{0,8}"],
        path in prop::sample::select(&PATHS[..]),
        edits in prop::collection::vec((0..NAMES.len(), ".{0,40}"), 0..8),
        header in prop_oneof![Just("Authorization"), Just("Cookie"), Just("Content-Type")],
        value in prop_oneof![Just("application/x-www-form-urlencoded".to_owned()), ".{0,40}", "(Basic|Bearer) [A-Za-z0-9+/=.]{0,60}"],
        body in prop::option::of(prop::collection::vec(any::<u8>(), 0..64)),
        millis in any::<i64>(),
    ) {
        let mut params: Params = good_authorization().into_iter().collect();
        edits.iter().for_each(|(name, value)| params.set(NAMES[*name], value.as_str()));
        let mut target = url(path);
        target.set_query(Some(&params.encode()));
        let mut request = HttpRequest::post_form(target, &params).with_header(header, value);
        request.method = method;
        request.body = body.unwrap_or(request.body);
        let answer = World::new().practice.handle(&request, Timestamp::from_millis(millis));
        prop_assert!((200..500).contains(&answer.status));
        prop_assert!(answer.headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])));
    }
}
