//! CIBA: users asked on their phones, clients that poll or are pinged.

use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::jose::jwt;
use serde_json::json;

use crate::world::{Add, Drop, Edit, Set, World, assert_refused, json, signed, with_web};

fn begin(world: &mut World, edits: &[Edit]) -> HttpResponse {
    let form = with_web(&[("scope", "openid profile"), ("login_hint", "alice"), ("binding_message", "W4SCT")]);
    world.ask("/bc-authorize", &form, edits)
}

fn auth_req_id(world: &mut World, edits: &[Edit]) -> String {
    let answer = begin(world, edits);
    json(&answer).text("auth_req_id").unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

fn poll(world: &mut World, auth_req_id: &str, edits: &[Edit]) -> HttpResponse {
    let form = with_web(&[("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", auth_req_id)]);
    world.ask("/token", &form, edits)
}

/// Presses a button below the first request on the page.
fn decide(world: &mut World, path: &str, decision: &str) -> HttpResponse {
    let page = world.get(path).text().into_owned();
    let (_, rest) = page.split_once("name=\"request\" value=\"").unwrap_or_else(|| panic!("no request on {page}"));
    let form: Params = [("request", rest.split('"').next().unwrap()), ("decision", decision)].into_iter().collect();
    world.post("/ciba", &form)
}

#[test]
fn a_user_approves_on_the_phone_and_the_client_gets_tokens() {
    let mut world = World::new();
    let answer = json(&begin(&mut world, &[Set("acr_values", "urn:practice:strong")]));
    let names: Vec<&str> = answer.members().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["auth_req_id", "expires_in", "interval", "practice_approval_uri"]);
    assert_eq!(answer.get("expires_in").and_then(Json::as_i64), Some(600));
    let id = answer.text("auth_req_id").unwrap().to_owned();
    assert_refused(&poll(&mut world, &id, &[]), 400, "authorization_pending", "");

    assert!(world.get("/ciba?user=bob").text().contains("Nothing is waiting"));
    let page = world.get("/ciba");
    for text in ["Alice Adams", "Practice web app wants: openid profile", "W4SCT"] {
        assert!(page.text().contains(text), "{text}");
    }
    assert!(!page.text().contains(&id), "what the client polls with is on no page");
    world.pass(30);
    assert!(decide(&mut world, "/ciba?user=alice", "allow").text().contains("Approved"));
    let tokens = json(&poll(&mut world, &id, &[]));
    let id_token = jwt::decode(tokens.text("id_token").unwrap());
    let claim = |name: &str| id_token.claim(name).and_then(Json::as_str);
    assert_eq!((claim("sub"), claim("acr")), (Some("alice"), Some("urn:practice:strong")));
    assert_eq!(id_token.claim("auth_time").and_then(Json::as_i64), Some(world.now.seconds()));
    assert_eq!(world.call("/api/me", tokens.text("access_token").unwrap()).status, 200);
    assert_refused(&poll(&mut world, &id, &[]), 400, "invalid_grant", "used before");
    assert!(world.practice.take_notifications().is_empty());
}

#[test]
fn polling_has_the_rules_of_the_device_grant() {
    let mut world = World::new();
    let id = auth_req_id(&mut world, &[Set("requested_expiry", "60")]);
    for (seconds, error) in
        [(0, "authorization_pending"), (4, "slow_down"), (10, "authorization_pending"), (46, "expired_token")]
    {
        world.pass(seconds);
        assert_refused(&poll(&mut world, &id, &[]), 400, error, "");
    }
    let id = auth_req_id(&mut world, &[]);
    assert!(decide(&mut world, "/ciba", "deny").text().contains("Denied"));
    assert_refused(&poll(&mut world, &id, &[]), 400, "access_denied", "");
    let web = [Set("client_id", "practice-opaque")];
    assert_refused(&poll(&mut world, &id, &web), 400, "invalid_grant", "issued to practice-web");
    assert_refused(&poll(&mut world, "guess", &[]), 400, "invalid_grant", "unknown");
    assert_refused(&poll(&mut world, &id, &[Drop("auth_req_id")]), 400, "invalid_request", "auth_req_id is missing");
    let as_device = [Set("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), Add("device_code", "x")];
    assert_refused(&poll(&mut world, &id, &as_device), 400, "invalid_grant", "unknown");
}

#[test]
fn a_decision_is_taken_once_and_in_time() {
    let mut world = World::new();
    auth_req_id(&mut world, &[]);
    let page = world.get("/ciba").text().into_owned();
    let (_, rest) = page.split_once("name=\"request\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    let press = |world: &mut World, decision: &str| {
        let form: Params = [("request", id), ("decision", decision)].into_iter().collect();
        world.post("/ciba", &form)
    };
    assert!(press(&mut world, "maybe").text().contains("allow or deny"));
    assert_eq!(press(&mut world, "allow").status, 200);
    assert_eq!(press(&mut world, "deny").status, 400);
    auth_req_id(&mut world, &[]);
    world.pass(600);
    assert!(world.get("/ciba").text().contains("Nothing is waiting"));
}

#[test]
fn three_hints_name_the_user() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let hint = tokens.text("id_token").unwrap();
    world.pass(3600);
    let exp = world.now.seconds() + 60;
    let token = signed(&json!({}), &json!({"sub": "bob@example.com", "exp": exp}));
    for (name, value, user) in [
        ("login_hint", "bob@example.com", "Bob Brown"),
        ("login_hint_token", token.as_str(), "Bob Brown"),
        ("id_token_hint", hint, "Alice Adams"),
    ] {
        let form = with_web(&[("scope", "openid"), (name, value)]);
        assert_eq!(world.ask("/bc-authorize", &form, &[]).status, 200, "{name}");
        assert!(world.get("/ciba").text().contains(user), "{name}");
        decide(&mut world, "/ciba", "deny");
    }
}

#[test]
fn a_bad_request_is_told_what_is_wrong() {
    let mut world = World::new();
    let native = world.tokens_of("practice-native");
    let foreign: &'static str = native.text("id_token").unwrap().to_owned().leak();
    let expired = signed(&json!({}), &json!({"sub": "bob", "exp": 1})).leak();
    let nobody = signed(&json!({}), &json!({"sub": "mallory"})).leak();
    for (edits, status, error, says) in [
        (&[Drop("client_secret")][..], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_id", "practice-service")], 400, "unauthorized_client", "ciba"),
        (&[Set("client_id", "practice-device"), Drop("client_secret")], 401, "invalid_client", "public client"),
        (&[Drop("scope")], 400, "invalid_request", "scope is missing"),
        (&[Set("scope", "profile")], 400, "invalid_scope", "openid"),
        (&[Set("scope", "magic")], 400, "invalid_scope", "magic"),
        (&[Drop("login_hint")], 400, "invalid_request", "exactly one of login_hint, login_hint_token, id_token_hint"),
        (&[Add("id_token_hint", "x")], 400, "invalid_request", "not 2"),
        (&[Set("login_hint", "mallory")], 400, "unknown_user_id", "mallory"),
        (&[Drop("login_hint"), Add("login_hint_token", nobody)], 400, "unknown_user_id", "mallory"),
        (&[Drop("login_hint"), Add("login_hint_token", "junk")], 400, "invalid_request", "it is no JWT"),
        (&[Drop("login_hint"), Add("login_hint_token", expired)], 400, "expired_login_hint_token", "expired"),
        (&[Drop("login_hint"), Add("id_token_hint", "junk")], 400, "invalid_request", "not an ID token"),
        (&[Drop("login_hint"), Add("id_token_hint", foreign)], 400, "invalid_request", "issued to practice-native"),
        (&[Set("binding_message", "a\nb")], 400, "invalid_binding_message", "cannot be shown"),
        (
            &[Set("binding_message", "01234567890123456789012345678901234567890123456789012345678901234")],
            400,
            "invalid_binding_message",
            "more than 64",
        ),
        (&[Add("user_code", "wrong")], 400, "invalid_user_code", "alice"),
        (&[Add("requested_expiry", "0")], 400, "invalid_request", "requested_expiry"),
        (&[Add("requested_expiry", "soon")], 400, "invalid_request", "requested_expiry"),
        (&[Add("request", "eyJ")], 400, "invalid_request", "scope stands beside request"),
        (
            &[Add("request", "eyJ"), Drop("scope"), Drop("login_hint"), Drop("binding_message")],
            400,
            "invalid_request",
            "the request object is not accepted",
        ),
        (&[Add("resource", "no-uri")], 400, "invalid_target", "no-uri"),
        (&[Add("scope", "openid")], 400, "invalid_request", "more than once: scope"),
        (&[Set("client_id", "practice-ping")], 400, "invalid_request", "client_notification_token is missing"),
        (
            &[Set("client_id", "practice-ping"), Add("client_notification_token", "a b")],
            400,
            "invalid_request",
            "characters no token has",
        ),
    ] {
        assert_refused(&begin(&mut world, edits), status, error, says);
    }
    assert_eq!(begin(&mut world, &[Add("user_code", "practice")]).status, 200);
    let mut world = World::with(|config| config.clients[0].backchannel_user_code_parameter = true);
    assert_refused(&begin(&mut world, &[]), 400, "missing_user_code", "password");
}

#[test]
fn a_client_that_wants_it_is_pinged() {
    let mut world = World::new();
    let edits = [Set("client_id", "practice-ping"), Add("client_notification_token", "secret-for-the-ping")];
    let id = auth_req_id(&mut world, &edits);
    assert!(world.practice.take_notifications().is_empty());
    assert_refused(&poll(&mut world, &id, &edits[..1]), 400, "authorization_pending", "");
    decide(&mut world, "/ciba", "allow");
    let pings = world.practice.take_notifications();
    let [ping] = pings.as_slice() else { panic!("{pings:?}") };
    assert_eq!((ping.method.as_str(), ping.url.as_str()), ("POST", "http://127.0.0.1:9401/ciba"));
    assert_eq!(ping.headers.get("authorization"), Some("Bearer secret-for-the-ping"));
    assert_eq!(Json::parse(&ping.body).unwrap().text("auth_req_id"), Some(id.as_str()));
    assert_eq!(poll(&mut world, &id, &edits[..1]).status, 200);
    assert!(world.practice.take_notifications().is_empty());
}

#[test]
fn nothing_is_sent_to_another_machine() {
    let mut world = World::with(|config| {
        config.clients[0].backchannel_client_notification_endpoint = Some("https://app.example/ping".to_owned());
    });
    auth_req_id(&mut world, &[Add("client_notification_token", "t")]);
    decide(&mut world, "/ciba", "allow");
    assert!(world.practice.take_notifications().is_empty());
}
