//! The token endpoint: codes, client authentication, PKCE.

use grantscope::base::http::HttpRequest;
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::jose::{base64url, jwt};

use crate::world::{
    Add, CHALLENGE, Drop, ISSUER, Set, VERIFIER, WEB_BASIC, World, assert_denied, assert_refused, edited,
    good_token_request, json, strict, url,
};

#[test]
fn a_bad_token_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("grant_type")][..], 400, "invalid_request", "grant_type is missing"),
        (&[Set("grant_type", "magic")], 400, "unsupported_grant_type", "magic"),
        (&[Drop("code")], 400, "invalid_request", "code is missing"),
        (&[Set("code", "")], 400, "invalid_request", "code is missing"),
        (&[Set("code", "guess")], 400, "invalid_grant", "unknown"),
        (&[Add("code", "again")], 400, "invalid_request", "more than once: code"),
        (&[Add("unknown", "1"), Add("unknown", "2")], 400, "invalid_request", "more than once: unknown"),
        (
            &[Set("redirect_uri", "http://127.0.0.1:1/x")],
            400,
            "invalid_grant",
            "asked for with http://127.0.0.1:8912/callback, this request has http://127.0.0.1:1/x",
        ),
        (
            &[Drop("redirect_uri")],
            400,
            "invalid_grant",
            "redirect_uri is missing: the code was asked for with http://127.0.0.1:8912/callback",
        ),
        (&[Drop("code_verifier")], 400, "invalid_grant", "code_verifier is missing"),
        (
            &[Set("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")],
            400,
            "invalid_grant",
            "does not fit: its S256 transform is",
        ),
        (&[Set("code_verifier", CHALLENGE)], 400, "invalid_grant", "the code_challenge was E9Mel"),
        (&[Set("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX")], 400, "invalid_grant", "42 characters"),
        (
            &[Set("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX!")],
            400,
            "invalid_grant",
            "other than letters",
        ),
        (&[Set("resource", "no-uri")], 400, "invalid_target", "no-uri"),
        (
            &[Set("resource", "https://c.example")],
            400,
            "invalid_target",
            "did not ask for https://c.example, only for https://a.example urn:b",
        ),
        (&[Set("client_secret", "practice-secret")], 400, "invalid_request", "two ways"),
        (&[Set("client_assertion", "eyJ")], 400, "invalid_request", "two ways"),
        (
            &[Set("client_id", "practice-native")],
            400,
            "invalid_request",
            "of client practice-web, the body of client practice-native",
        ),
    ] {
        let mut world = World::new();
        let code = world.code(&[Set("resource", "https://a.example"), Add("resource", "urn:b")]);
        assert_refused(&world.token(&code, edits), status, error, says);
        assert_eq!(world.token(&code, &[]).status, 200, "{edits:?} used the code up");
    }
}

#[test]
fn client_authentication_is_strict() {
    let basic = |text: &str| format!("Basic {}", base64_standard(text));
    let good = basic("practice-web:practice-secret");
    let bearer = "Bearer abc".to_owned();
    for (header, form, status, error, says) in [
        (None, &[][..], 401, "invalid_client", "no client_id"),
        (
            None,
            &[("client_id", "practice-web")],
            401,
            "invalid_client",
            "has to authenticate with client_secret_basic or client_secret_post, the request used none",
        ),
        (None, &[("client_id", "practice-web"), ("client_secret", "")], 401, "invalid_client", "the request used none"),
        (
            None,
            &[("client_id", "practice-web"), ("client_secret", "wrong")],
            401,
            "invalid_client",
            "client_secret of practice-web is wrong",
        ),
        (None, &[("client_id", "nobody"), ("client_secret", "x")], 401, "invalid_client", "there is no client nobody"),
        (
            None,
            &[("client_id", "practice-native"), ("client_secret", "x")],
            401,
            "invalid_client",
            "practice-native has to authenticate with none",
        ),
        (
            None,
            &[("client_id", "practice-web"), ("client_assertion", "eyJ")],
            400,
            "invalid_request",
            "client_assertion_type is missing",
        ),
        (Some(basic("practice-web:wrong")), &[], 401, "invalid_client", "is wrong"),
        (Some(basic("practice-web:")), &[], 401, "invalid_client", "is wrong"),
        (Some(basic("practice-web")), &[], 401, "invalid_client", "not base64 of"),
        (Some(basic("practice-native:")), &[], 401, "invalid_client", "the request used client_secret_basic"),
        (Some("Basic ???".to_owned()), &[], 401, "invalid_client", "not base64"),
        (Some("Basic".to_owned()), &[], 401, "invalid_client", "not base64"),
        (Some(bearer), &[], 401, "invalid_client", "another scheme than Basic"),
        (Some(good.clone()), &[("client_secret", "practice-secret")], 400, "invalid_request", "two ways"),
        (
            Some(basic("practice-strict:a+b%2Bc%3Ad%25")),
            &[],
            401,
            "invalid_client",
            "practice-strict has to authenticate with client_secret_post",
        ),
        (Some(good), &[("client_id", "practice-web")], 400, "invalid_grant", "unknown"),
        (Some(basic("practice%2Dweb:practice%2dsecret")), &[], 400, "invalid_grant", "unknown"),
        (None, &[("client_id", "practice-web"), ("client_secret", "practice-secret")], 400, "invalid_grant", "unknown"),
        (None, &[("client_id", "practice-native")], 400, "invalid_grant", "unknown"),
        (None, &[("client_id", "practice-strict"), ("client_secret", "a b+c:d%")], 400, "invalid_grant", "unknown"),
    ] {
        let mut params = edited(&good_token_request("guess"), &[]);
        form.iter().for_each(|(name, value)| params.push(*name, *value));
        let mut request = HttpRequest::post_form(url("/token"), &params);
        if let Some(header) = &header {
            request = request.with_header("Authorization", header);
        }
        let answer = strict().send(request);
        assert_refused(&answer, status, error, says);
        assert_eq!(answer.headers.get("www-authenticate").is_some(), status == 401, "{header:?} {form:?}");
    }
}

#[test]
fn how_a_secret_came_to_be_wrong_is_said() {
    for (client_id, secret, sent, says) in [
        ("shop", "a+b/c%41=", "shop:a+b/c%41=", Some("equals the registered one before form decoding")),
        ("shop", "a+b/c%41=", "shop:a%2Bb%2Fc%2541%3D", None),
        ("shop", "plain", "shop:plain\n", Some("it ends in a line break")),
        ("shop", "plain", "shop:plane", Some("the client_secret of shop is wrong")),
        (
            "https://a.example/b",
            "plain",
            "https://a.example/b:plain",
            Some("https://a.example/b has to be form-encoded"),
        ),
        ("https://a.example/b", "plain", "https%3A%2F%2Fa.example%2Fb:plain", None),
    ] {
        let mut world = World::with(|config| {
            let mut client = config.clients[0].clone();
            client.client_id = client_id.to_owned();
            client.client_secret = Some(Secret::new(secret));
            config.clients.push(client);
        });
        let form = edited(&[("grant_type", "client_credentials"), ("scope", "profile")], &[]);
        let request = HttpRequest::post_form(url("/token"), &form)
            .with_header("Authorization", format!("Basic {}", base64_standard(sent)));
        let answer = world.send(request);
        match says {
            Some(says) => assert_refused(&answer, 401, "invalid_client", says),
            None => assert_eq!(answer.status, 200, "{sent}: {}", answer.text()),
        }
    }
}

#[test]
fn a_client_gets_only_the_grants_it_is_registered_for() {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "guess"),
        ("client_id", "practice-strict"),
        ("client_secret", "a b+c:d%"),
    ];
    let answer = strict().post("/token", &edited(&form, &[]));
    assert_refused(&answer, 400, "unauthorized_client", "not registered for the grant refresh_token");
}

fn base64_standard(text: &str) -> String {
    let unpadded = base64url::encode(text.as_bytes()).replace('-', "+").replace('_', "/");
    format!("{unpadded}{}", "=".repeat((4 - unpadded.len() % 4) % 4))
}

#[test]
fn credentials_in_the_url_two_headers_and_other_bodies_are_refused() {
    let mut world = World::new();
    let form = edited(&good_token_request("guess"), &[]);
    let in_url = HttpRequest::post_form(url("/token?client_id=practice-web&client_secret=practice-secret"), &form);
    assert_refused(&world.send(in_url), 400, "invalid_request", "in the URL");
    let post = || HttpRequest::post_form(url("/token"), &form).with_header("Authorization", WEB_BASIC);
    assert_refused(
        &world.send(post().with_header("Authorization", WEB_BASIC)),
        400,
        "invalid_request",
        "two Authorization",
    );
    let mut as_json = post();
    as_json.headers.set("Content-Type", "application/json");
    assert_refused(&world.send(as_json), 400, "invalid_request", "x-www-form-urlencoded");
    let mut long = post();
    long.body = vec![b'a'; 20_000];
    assert_refused(&world.send(long), 400, "invalid_request", "longer than");
}

#[test]
fn a_reused_code_revokes_its_tokens() {
    for later in [0, 30, 300] {
        let mut world = World::new();
        let code = world.code(&[]);
        let tokens = json(&world.token(&code, &[]));
        world.pass(later);
        let access_token = tokens.text("access_token").unwrap();
        assert_eq!(world.call("/userinfo", access_token).status, 200);
        assert_refused(&world.token(&code, &[]), 400, "invalid_grant", "used before");
        assert_denied(&world.call("/userinfo", access_token), 401, Some("invalid_token"), "revoked");
        let refused = world.refresh(tokens.text("refresh_token").unwrap(), &[]);
        assert_refused(&refused, 400, "invalid_grant", "revoked");
        assert_refused(&world.token(&code, &[]), 400, "invalid_grant", "used before");
    }
}

#[test]
fn a_replay_that_would_fail_anyway_revokes_nothing() {
    let mut world = World::new();
    let code = world.code(&[]);
    let tokens = json(&world.token(&code, &[]));
    assert_refused(&world.token(&code, &[Drop("code_verifier")]), 400, "invalid_grant", "code_verifier");
    assert_eq!(world.call("/userinfo", tokens.text("access_token").unwrap()).status, 200);
}

#[test]
fn a_code_lives_a_minute_and_belongs_to_one_client() {
    let mut world = World::new();
    let code = world.code(&[]);
    let other = edited(&good_token_request(&code), &[Set("client_id", "practice-native")]);
    let answer = world.post("/token", &other);
    assert_refused(&answer, 400, "invalid_grant", "issued to practice-web, not to practice-native");
    world.pass(59);
    assert_eq!(world.token(&code, &[]).status, 200);

    let code = world.code(&[Set("prompt", "login consent")]);
    world.pass(75);
    assert_refused(&world.token(&code, &[]), 400, "invalid_grant", "it is 1 min 15 s old and lived 1 min");
    world.pass(7200);
    assert_refused(&world.token(&code, &[]), 400, "invalid_grant", "unknown");
}

#[test]
fn pkce_is_enforced_when_it_was_asked_for_and_only_then() {
    let without = [Drop("code_challenge"), Drop("code_challenge_method")];
    let mut world = World::new();
    let code = world.code(&without);
    assert_refused(&world.token(&code, &[]), 400, "invalid_grant", "had no code_challenge");
    assert_eq!(world.token(&code, &[Drop("code_verifier")]).status, 200);

    let mut world = World::new();
    let code = world.code(&[Set("code_challenge", VERIFIER), Drop("code_challenge_method")]);
    assert_refused(&world.token(&code, &[Set("code_verifier", CHALLENGE)]), 400, "invalid_grant", "method plain");
    assert_eq!(world.token(&code, &[]).status, 200);
}

#[test]
fn what_is_granted_follows_the_scope() {
    for (scope, granted, members) in [
        ("openid", "openid", &["access_token", "token_type", "expires_in", "scope", "id_token"][..]),
        ("profile unknown", "profile", &["access_token", "token_type", "expires_in", "scope"]),
        ("", "profile", &["access_token", "token_type", "expires_in", "scope"]),
        (
            "offline_access profile profile",
            "offline_access profile",
            &["access_token", "token_type", "expires_in", "scope", "refresh_token"],
        ),
    ] {
        let tokens = World::new().tokens(&[Set("scope", scope)]);
        assert_eq!(tokens.text("scope"), Some(granted));
        let names: Vec<&str> = tokens.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, members, "{scope}");
    }
}

#[test]
fn resources_become_the_audience() {
    let aud = |tokens: &Json| jwt::decode(tokens.text("access_token").unwrap()).claim("aud").unwrap().to_string();
    let mut world = World::new();
    assert_eq!(aud(&world.tokens(&[])), format!("\"{ISSUER}/api\""));
    let two = [Set("resource", "https://a.example"), Add("resource", "urn:b")];
    assert_eq!(aud(&world.tokens_again(&two, &[])), "[\"https://a.example\",\"urn:b\"]");
    assert_eq!(aud(&world.tokens_again(&two, &[Set("resource", "urn:b")])), "\"urn:b\"");
    assert_eq!(aud(&world.tokens_again(&[], &[Set("resource", "urn:c")])), "\"urn:c\"");
}

#[test]
fn what_newer_ones_pushed_out_is_told_so() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    let form = crate::world::with_web(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    for _ in 0..10_001 {
        world.ask("/token", &form, &[]);
    }
    let answer = world.call("/userinfo", first.text("access_token").unwrap());
    assert!(answer.text().contains("pushed out by newer ones: no more than 10000"), "{}", answer.text());
}
