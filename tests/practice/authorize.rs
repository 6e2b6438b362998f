//! The authorization endpoint: what is refused where, and what must not be refused.

use grantscope::jose::base64url;
use grantscope::jose::hash::sha256;

use crate::world::{
    Add, CALLBACK, Drop, ISSUER, Set, VERIFIER, World, edited, good_authorization, location, policy, sent_back, strict,
};

#[test]
fn a_doubtful_client_or_redirect_uri_gets_a_page_and_never_a_redirect() {
    for (edits, says) in [
        (&[Drop("client_id")][..], "client_id is missing"),
        (&[Set("client_id", "")], "client_id is missing"),
        (&[Set("client_id", "nobody<script>")], "there is no client nobody&lt;script&gt;"),
        (&[Drop("redirect_uri")], "redirect_uri is missing"),
        (&[Set("redirect_uri", "https://evil.example/")], "not registered for practice-web"),
        (&[Set("redirect_uri", "http://127.0.0.1.evil.example/callback")], "not registered"),
        (&[Set("redirect_uri", "http://127.0.0.1:8912@evil.example/callback")], "not registered"),
        (&[Set("redirect_uri", "http://user@127.0.0.1:8912/callback")], "it has a user before the host"),
        (&[Set("redirect_uri", "http://127.0.0.1:8912/callback#f")], "it has a fragment"),
        (&[Set("redirect_uri", "http://127.0.0.1:8912/\r\nSet-Cookie: a=b")], "not registered"),
        (&[Set("redirect_uri", "javascript:alert(1)")], "not registered"),
        (&[Add("redirect_uri", "https://evil.example/")], "more than once"),
        (&[Add("client_id", "practice-native")], "more than once"),
        (&[Set("client_id", "practice-strict")], "redirect_uri is not registered"),
        (&[Set("client_id", "practice-strict"), Set("redirect_uri", "https://app.example/cb/")], "not registered"),
        (&[Set("client_id", "practice-strict"), Set("redirect_uri", "https://app.example/cb?x=1")], "not registered"),
    ] {
        let answer = strict().authorize(edits);
        assert_eq!(answer.status, 400, "{edits:?}");
        assert_eq!(answer.headers.get("location"), None, "{edits:?}");
        assert!(answer.text().contains(says), "{edits:?}: {}", answer.text());
    }
}

#[test]
fn every_other_error_goes_to_the_client() {
    for (edits, error, says) in [
        (&[Drop("response_type")][..], "invalid_request", "response_type is missing"),
        (&[Set("response_type", "magic")], "unsupported_response_type", "magic"),
        (&[Set("response_mode", "web_message")], "invalid_request", "response_mode web_message"),
        (&[Add("scope", "openid")], "invalid_request", "more than once: scope"),
        (&[Add("x", "1"), Add("x", "2")], "invalid_request", "more than once: x"),
        (&[Set("scope", "everything")], "invalid_scope", "everything"),
        (&[Set("scope", "OpenID")], "invalid_scope", "OpenID"),
        (&[Set("request", "eyJ.e30.")], "invalid_request_object", "request"),
        (&[Set("request_uri", "urn:x")], "request_uri_not_supported", "request_uri"),
        (&[Set("registration", "{}")], "registration_not_supported", "registration"),
        (&[Set("prompt", "none login")], "invalid_request", "none beside"),
        (&[Set("prompt", "dance")], "invalid_request", "prompt dance"),
        (&[Set("prompt", "none")], "login_required", "no sign-in"),
        (&[Set("max_age", "-1")], "invalid_request", "max_age"),
        (&[Set("id_token_hint", "junk")], "invalid_request", "id_token_hint"),
        (&[Set("resource", "no-uri")], "invalid_target", "no-uri"),
        (&[Set("resource", "https://api.example/a b")], "invalid_target", "a b"),
        (&[Set("resource", "https://api.example/#f")], "invalid_target", "fragment"),
        (&[Set("code_challenge_method", "S512")], "invalid_request", "S512"),
        (&[Drop("code_challenge")], "invalid_request", "without code_challenge"),
        (&[Set("code_challenge", "short")], "invalid_request", "43 characters"),
        (&[Set("code_challenge", "short"), Drop("code_challenge_method")], "invalid_request", "43 to 128"),
        (
            &[Set("client_id", "practice-native"), Drop("code_challenge"), Drop("code_challenge_method")],
            "invalid_request",
            "code challenge required",
        ),
    ] {
        let answer = World::new().authorize(edits);
        let params = sent_back(&answer);
        assert_eq!(params.get("error"), Some(error), "{edits:?}");
        assert!(params.get("error_description").is_some_and(|text| text.contains(says)), "{edits:?}: {params:?}");
        assert_eq!((params.get("state"), params.get("iss")), (Some("the-state"), Some(ISSUER)), "{edits:?}");
        assert_eq!(params.get("code"), None);
    }
}

#[test]
fn a_client_without_the_grant_is_told_so() {
    let mut world = World::with(|config| config.clients[0].grant_types.clear());
    assert_eq!(sent_back(&world.authorize(&[])).get("error"), Some("unauthorized_client"));
}

#[test]
fn what_must_be_accepted_is_accepted() {
    for edits in [
        &[Set("unknown", "parameter")][..],
        &[Set("scope", "email openid unknown profile")],
        &[Set("prompt", "")],
        &[Set("max_age", "")],
        &[Drop("state")],
        &[Drop("nonce")],
        &[Drop("scope")],
        &[Drop("code_challenge"), Drop("code_challenge_method")],
        &[Set("code_challenge", VERIFIER), Set("code_challenge_method", "plain")],
        &[Set("claims", "{\"userinfo\":{}}")],
        &[Set("resource", "https://a.example"), Add("resource", "urn:b")],
        &[Set("ui_locales", "de"), Set("display", "page"), Set("login_hint", "someone@else.example")],
        &[Set("prompt", "login consent"), Set("max_age", "0")],
    ] {
        let params = World::new().approve(edits);
        assert!(params.contains("code"), "{edits:?}");
    }
    let mut world = World::new();
    let page = world.post("/authorize", &edited(&good_authorization(), &[]));
    assert!(page.text().contains("name=\"username\" value=\"alice\""));
}

#[test]
fn state_comes_back_exactly_or_not_at_all() {
    let long = "x".repeat(1024);
    for state in ["a b&c=d%00+\u{e9}\u{1f511}<\"'>", "%2525", long.as_str()] {
        let mut world = World::new();
        let query = edited(&[("state", state)], &[]).encode();
        let rest = edited(&good_authorization(), &[Drop("state"), Set("prompt", "none")]).encode();
        let params = sent_back(&world.get(&format!("/authorize?{query}&{rest}")));
        assert_eq!(params.get("state"), Some(state));
    }
    for edits in [&[Drop("state")][..], &[Set("state", "")], &[Add("state", "other")]] {
        let params = World::new().approve_or_error(edits);
        assert_eq!(params.get("state"), None, "{edits:?}");
    }
}

#[test]
fn the_response_mode_decides_how_the_answer_travels() {
    let mut world = World::new();
    let page = world.authorize(&[Set("response_mode", "fragment"), Set("redirect_uri", "http://localhost:1/cb?a=1")]);
    let page = world.choose(&page, "alice");
    let answer = world.decide(&page, "allow");
    assert!(location(&answer).starts_with("http://localhost:1/cb?a=1#code="), "{}", location(&answer));

    let answer = world.authorize(&[Set("redirect_uri", "http://localhost:1/cb?a=1")]);
    assert!(location(&answer).starts_with("http://localhost:1/cb?a=1&code="), "{}", location(&answer));

    let answer = world.authorize(&[Set("client_id", "practice-native"), Set("response_type", "id_token")]);
    assert!(location(&answer).starts_with(&format!("{CALLBACK}#error=unauthorized_client")));

    let page = world.authorize(&[Set("response_mode", "form_post"), Set("state", "\"><b>")]);
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")));
    assert!(text.contains("name=\"code\""));
    assert!(text.contains("name=\"state\" value=\"&quot;&gt;&lt;b&gt;\""));
    assert!(policy(&page).contains("form-action http://127.0.0.1:8912;"));
    assert!(!policy(&page).contains("unsafe"));
    let script = text.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>")).unwrap().0;
    let source = base64url::encode(&sha256(script.as_bytes())).replace('-', "+").replace('_', "/");
    assert!(policy(&page).ends_with(&format!("; script-src 'sha256-{source}='")), "{}", policy(&page));
}

#[test]
fn deny_is_access_denied() {
    let mut world = World::new();
    let page = world.authorize(&[]);
    let page = world.choose(&page, "alice");
    let params = sent_back(&world.decide(&page, "deny"));
    assert_eq!(params.get("error"), Some("access_denied"));
    assert_eq!(params.get("iss"), Some(ISSUER));
}
