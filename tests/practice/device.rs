//! Device authorization: codes, the page where one is typed, and polling by a clock that only tests move.

use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::base::params::Params;

use crate::world::{Add, Drop, ISSUER, Set, World, assert_refused, json};

const GOOD: [(&str, &str); 2] = [("client_id", "practice-device"), ("scope", "openid profile offline_access")];

struct Codes {
    device_code: String,
    user_code: String,
}

fn begin(world: &mut World) -> Codes {
    let answer = json(&world.ask("/device", &GOOD, &[]));
    let text = |name| answer.text(name).unwrap().to_owned();
    Codes { device_code: text("device_code"), user_code: text("user_code") }
}

fn poll(world: &mut World, device_code: &str) -> HttpResponse {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "practice-device"),
        ("device_code", device_code),
    ];
    world.ask("/token", &form, &[])
}

fn type_code(world: &mut World, user_code: &str) -> HttpResponse {
    let form: Params = [("user_code", user_code)].into_iter().collect();
    world.post("/verify", &form)
}

fn decide(world: &mut World, user_code: &str, decision: &str) -> HttpResponse {
    let page = type_code(world, user_code);
    let page = if page.text().contains("name=\"username\"") { world.choose(&page, "alice") } else { page };
    world.decide(&page, decision)
}

#[test]
fn the_answer_has_all_that_a_device_needs() {
    let mut world = World::new();
    let answer = json(&world.ask("/device", &GOOD, &[]));
    let names: Vec<&str> = answer.members().iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"];
    assert_eq!(names, expected);
    let user_code = answer.text("user_code").unwrap();
    let (left, right) = user_code.split_once('-').unwrap();
    assert!(left.len() == 4 && right.len() == 4, "{user_code}");
    assert!(user_code.bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ-".contains(&b)), "{user_code}");
    assert_eq!(answer.text("device_code").unwrap().len(), 43);
    assert_eq!(answer.text("verification_uri"), Some(format!("{ISSUER}/verify").as_str()));
    let complete = format!("{ISSUER}/verify?user_code={user_code}");
    assert_eq!(answer.text("verification_uri_complete"), Some(complete.as_str()));
    assert_eq!(answer.get("expires_in").and_then(Json::as_i64), Some(600));
    assert_eq!(answer.get("interval").and_then(Json::as_i64), Some(5));
}

#[test]
fn a_user_types_the_code_signs_in_and_allows() {
    let mut world = World::new();
    let codes = begin(&mut world);
    assert_refused(&poll(&mut world, &codes.device_code), 400, "authorization_pending", "not decided");
    assert!(world.get("/verify").text().contains("name=\"user_code\""));
    let page = world.get(&format!("/verify?user_code={}", codes.user_code));
    assert!(page.text().contains(&format!("name=\"user_code\" value=\"{}\"", codes.user_code)));
    let page = type_code(&mut world, &codes.user_code);
    assert!(page.text().contains("Sign in to Practice television"));
    let page = world.choose(&page, "alice");
    assert!(page.text().contains("Allow Practice television access?") && page.text().contains(&codes.user_code));
    let done = world.decide(&page, "allow");
    assert!(done.status == 200 && done.text().contains("Device connected"));

    let tokens = json(&poll(&mut world, &codes.device_code));
    assert_eq!(tokens.text("scope"), Some("openid profile offline_access"));
    assert!(tokens.text("id_token").is_some() && tokens.text("refresh_token").is_some());
    assert_eq!(json(&world.call("/api/me", tokens.text("access_token").unwrap())).text("sub"), Some("alice"));
    assert_refused(&poll(&mut world, &codes.device_code), 400, "invalid_grant", "used before");
    assert_eq!(type_code(&mut world, &codes.user_code).status, 400, "the code is of no more use");
}

#[test]
fn a_signed_in_user_is_still_asked() {
    let mut world = World::new();
    for _ in 0..2 {
        let codes = begin(&mut world);
        assert_eq!(poll(&mut world, &codes.device_code).status, 400);
        let answer = decide(&mut world, &codes.user_code, "allow");
        assert!(answer.text().contains("Device connected"));
        assert_eq!(poll(&mut world, &codes.device_code).status, 200);
    }
}

#[test]
fn who_polls_too_fast_is_slowed_down_for_good() {
    let mut world = World::new();
    let codes = begin(&mut world);
    for (seconds, error, says) in [
        (0, "authorization_pending", ""),
        (5, "authorization_pending", ""),
        (4, "slow_down", "after 4.0 s; wait 10 s"),
        (9, "slow_down", "after 9.0 s; wait 15 s"),
        (15, "authorization_pending", ""),
        (14, "slow_down", "wait 20 s"),
        (20, "authorization_pending", ""),
    ] {
        world.pass(seconds);
        assert_refused(&poll(&mut world, &codes.device_code), 400, error, says);
    }
    decide(&mut world, &codes.user_code, "allow");
    assert_eq!(poll(&mut world, &codes.device_code).status, 200, "a decision is not kept back");
}

#[test]
fn a_denial_stays_one() {
    let mut world = World::new();
    let codes = begin(&mut world);
    let page = decide(&mut world, &codes.user_code, "deny");
    assert!(page.text().contains("Access denied"));
    for seconds in [0, 5, 700] {
        world.pass(seconds);
        assert_refused(&poll(&mut world, &codes.device_code), 400, "access_denied", "Deny");
    }
}

#[test]
fn codes_expire_after_ten_minutes_decided_or_not() {
    for is_decided in [false, true] {
        let mut world = World::new();
        let codes = begin(&mut world);
        if is_decided {
            decide(&mut world, &codes.user_code, "allow");
        }
        world.pass(630);
        assert_refused(
            &poll(&mut world, &codes.device_code),
            400,
            "expired_token",
            "expired 30 s ago, it lived 10 min",
        );
        assert_eq!(type_code(&mut world, &codes.user_code).status, 400);
        world.pass(3600);
        assert_refused(&poll(&mut world, &codes.device_code), 400, "invalid_grant", "unknown");
    }
    let mut world = World::new();
    let codes = begin(&mut world);
    let page = type_code(&mut world, &codes.user_code);
    let page = world.choose(&page, "alice");
    world.pass(600);
    let answer = world.decide(&page, "allow");
    assert!(answer.status == 400 && answer.text().contains("took too long"), "{}", answer.text());
}

#[test]
fn the_code_may_be_typed_in_any_way_but_not_guessed() {
    let mut world = World::new();
    let codes = begin(&mut world);
    for typed in [codes.user_code.to_lowercase(), codes.user_code.replace('-', ""), format!(" {} ", codes.user_code)] {
        assert_eq!(type_code(&mut world, &typed).status, 200, "{typed}");
    }
    for _ in 0..10 {
        let page = type_code(&mut world, "BBBB-<b>");
        assert!(page.status == 400 && page.text().contains("No device is waiting"), "{}", page.text());
    }
    assert_eq!(type_code(&mut world, &codes.user_code).status, 429);
    world.pass(60);
    assert_eq!(type_code(&mut world, &codes.user_code).status, 200);
}

#[test]
fn a_bad_device_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("client_id")][..], 401, "invalid_client", "no client_id"),
        (&[Set("client_id", "nobody")], 401, "invalid_client", "no client nobody"),
        (&[Set("client_id", "practice-web")], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_id", "practice-native")], 400, "unauthorized_client", "device_code"),
        (&[Set("scope", "magic")], 400, "invalid_scope", "magic"),
        (&[Add("scope", "openid")], 400, "invalid_request", "more than once: scope"),
        (&[Set("resource", "no-uri")], 400, "invalid_target", "no-uri"),
    ] {
        assert_refused(&World::new().ask("/device", &GOOD, edits), status, error, says);
    }
}

#[test]
fn a_bad_poll_is_told_what_is_wrong() {
    let mut world = World::new();
    let codes = begin(&mut world);
    let good = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "practice-device"),
        ("device_code", codes.device_code.as_str()),
    ];
    for (edits, status, error, says) in [
        (&[Drop("device_code")][..], 400, "invalid_request", "device_code is missing"),
        (&[Set("device_code", "guess")], 400, "invalid_grant", "unknown"),
        (&[Drop("client_id")], 401, "invalid_client", "no client_id"),
        (&[Set("client_id", "practice-native")], 400, "unauthorized_client", "device_code"),
        (
            &[Set("client_id", "practice-web"), Set("client_secret", "practice-secret")],
            400,
            "invalid_grant",
            "issued to practice-device, not to practice-web",
        ),
    ] {
        assert_refused(&world.ask("/token", &good, edits), status, error, says);
    }
}
