//! Claims by rule, keys that are given, and a clock that is set.

use grantscope::base::entropy::Entropy;
use grantscope::base::json::Json;
use grantscope::jose::jwt::{self, Decoded};
use grantscope::practice::{Config, Practice};
use url::Url;

use crate::world::{ISSUER, World, json, with_web};

fn served(text: &str) -> World {
    let config = Config::from_toml(text, Url::parse(ISSUER).unwrap()).unwrap_or_else(|error| panic!("{error}"));
    World { practice: Practice::new(config, Entropy::from_seed([7; 32])).unwrap(), ..World::new() }
}

fn token_for(world: &mut World, more: &[(&str, &str)]) -> Decoded {
    let form = with_web(&[&[("grant_type", "client_credentials"), ("scope", "profile")], more].concat());
    jwt::decode(json(&world.ask("/token", &form, &[])).text("access_token").unwrap())
}

fn words(world: &World, path: &str) -> String {
    world.practice.log().iter().rfind(|entry| entry.path == path).unwrap().words()
}

#[test]
fn what_was_asked_decides_what_an_access_token_says() {
    let mut world = served(
        r#"
        [[rules]]
        tokens = ["access_token"]
        when = { grant_type = "client_credentials", audience = "https://*.orders.test", tenant = ["blue", "green-*"] }
        claims = { tenant = "${tenant}", about = { who = "${client_id} for ${scope}" }, aud = ["x", "y"] }
        "#,
    );
    let audience = ("audience", "https://eu.orders.test");
    for (more, tenant) in [
        (&[audience, ("tenant", "blue")][..], Some("blue")),
        (&[audience, ("tenant", "green-7")][..], Some("green-7")),
        (&[audience, ("tenant", "red")][..], None),
        (&[audience][..], None),
        (&[("audience", "https://orders.test"), ("tenant", "blue")][..], None),
    ] {
        let token = token_for(&mut world, more);
        assert_eq!(token.claim("tenant").and_then(Json::as_str), tenant, "{more:?}");
        let aud = token.claim("aud").unwrap().strings();
        assert_eq!(aud == ["x", "y"], tenant.is_some(), "{aud:?}");
        if tenant.is_some() {
            assert_eq!(token.claim("about").unwrap().text("who"), Some("practice-web for profile"));
            assert!(words(&world, "/token").contains("aud of the access_token overridden by rule 1"));
        }
    }
}

#[test]
fn parameters_of_the_authorization_request_are_known_to_every_token_and_answer() {
    let rule = |tokens: &str, claim: &str| {
        format!("[[rules]]\ntokens = [\"{tokens}\"]\nwhen = {{ nonce = \"the-*\" }}\nclaims = {{ {claim} }}\n")
    };
    let mut world = served(
        &[
            rule("id_token", "in_id = \"${nonce}\", acr = \"high\", auth_time = \"-1h\""),
            rule("access_token", "in_at = \"${nonce}\""),
            rule("userinfo", "in_ui = \"${nonce}\", sub = \"another\""),
            rule("introspection", "in_in = \"${nonce}\""),
        ]
        .concat(),
    );
    let tokens = world.tokens(&[]);
    let id_token = jwt::decode(tokens.text("id_token").unwrap());
    let text = |token: &Decoded, name: &str| token.claim(name).and_then(Json::as_str).map(str::to_owned);
    assert_eq!((text(&id_token, "in_id"), text(&id_token, "in_at")), (Some("the-nonce".to_owned()), None));
    assert_eq!(text(&id_token, "acr").as_deref(), Some("high"));
    assert_eq!(id_token.claim("auth_time").and_then(Json::as_i64), Some(world.now.seconds() - 3600));
    let access_token = tokens.text("access_token").unwrap().to_owned();
    assert_eq!(text(&jwt::decode(&access_token), "in_at").as_deref(), Some("the-nonce"));
    let claims = json(&world.call("/userinfo", &access_token));
    assert_eq!((claims.text("in_ui"), claims.text("sub")), (Some("the-nonce"), Some("another")));
    assert!(words(&world, "/userinfo").contains("sub of the userinfo overridden by rule 3"));
    let told = world.introspect(&access_token);
    assert_eq!((told.text("in_in"), told.text("in_ui")), (Some("the-nonce"), None));
    // Refreshed tokens remember what was asked at first.
    let refreshed = json(&world.refresh(tokens.text("refresh_token").unwrap(), &[]));
    assert_eq!(text(&jwt::decode(refreshed.text("access_token").unwrap()), "in_at").as_deref(), Some("the-nonce"));
}

#[test]
fn a_rule_may_change_header_form_and_end_of_a_token() {
    let mut world = served(
        r#"
        [[rules]]
        when = { audience = "https://legacy.test" }
        access_token_format = "opaque"

        [[rules]]
        when = { audience = "https://other.test" }
        typ = "JWT"
        kid = "another"
        claims = { exp = "-60s" }
        "#,
    );
    let opaque =
        with_web(&[("grant_type", "client_credentials"), ("scope", "profile"), ("audience", "https://legacy.test")]);
    let opaque = json(&world.ask("/token", &opaque, &[])).text("access_token").unwrap().to_owned();
    assert!(!opaque.contains('.') && world.introspect(&opaque).text("sub") == Some("practice-web"));
    let token = token_for(&mut world, &[("audience", "https://other.test")]);
    assert_eq!((token.typ(), token.kid()), (Some("JWT"), Some("another")));
    assert_eq!(token.claim("exp").and_then(Json::as_i64), Some(world.now.seconds() - 60));
    let said = words(&world, "/token");
    for what in ["typ of the access_token", "kid of the access_token", "exp of the access_token"] {
        assert!(said.contains(&format!("{what} overridden by rule 2")), "{said}");
    }
}

#[test]
fn a_rule_that_cannot_work_is_refused_with_its_line() {
    for (text, says) in [
        ("[[rules]]\nclaims = { iss = \"x\" }", "claims has iss, which the server decides"),
        ("[[rules]]\ntokens = [\"jwt\"]", "tokens has jwt, and may have id_token, access_token"),
        ("[[rules]]\nwhen = { tenant = 1 }", "when: tenant is held against a text"),
        ("[[rules]]\nclaims = { exp = \"soon\" }", "not a number of seconds since 1970, nor a span"),
        ("[[rules]]\nclaims = { a = \"${client_secret}\" }", "client_secret is a credential"),
        ("[[rules]]\nclaims = { a = \"${code}\" }", "code is a credential"),
        ("[[rules]]\nwhen = { assertion = \"*\" }", "assertion is a credential"),
        ("[[rules]]\nset = {}", "unknown field `set`"),
    ] {
        let error = Config::from_toml(text, Url::parse(ISSUER).unwrap()).expect_err(text);
        assert!(error.what.contains(says), "{text}: {error}");
    }
}

#[test]
fn each_client_has_its_id_tokens_signed_as_it_wants() {
    let mut world = World::with(|config| {
        config.signing_algs = vec!["RS256".to_owned()];
        config.clients[0].id_token_signed_response_alg = Some("EdDSA".to_owned());
    });
    let tokens = world.tokens(&[]);
    assert_eq!(jwt::decode(tokens.text("id_token").unwrap()).alg(), Some("EdDSA"));
    assert_eq!(jwt::decode(tokens.text("access_token").unwrap()).alg(), Some("ES256"));
    let metadata = json(&world.get("/.well-known/openid-configuration"));
    assert_eq!(metadata.get("id_token_signing_alg_values_supported").unwrap().strings(), ["ES256", "RS256", "EdDSA"]);
}

#[test]
fn a_key_that_is_given_signs_and_a_clock_that_is_set_is_followed() {
    let mut world = World::with(|config| config.keys = vec![grantscope::practice::PRACTICE_JWT_KEY.into()]);
    let kids: Vec<String> = world.keys().iter().filter_map(|key| key.kid.clone()).collect();
    assert_eq!(kids, ["practice-jwt-1"]);
    let later = grantscope::base::time::Timestamp::from_seconds(1_900_000_000);
    world.practice.set_clock(later, world.now);
    let token = token_for(&mut world, &[]);
    assert_eq!(token.claim("iat").and_then(Json::as_i64), Some(later.seconds()));
    assert_eq!(token.kid(), Some("practice-jwt-1"));
    let form = with_web(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    let issued = json(&world.ask("/token", &form, &[])).text("access_token").unwrap().to_owned();
    assert_eq!(world.call("/api/me", &issued).status, 200);
    world.practice.set_clock(later + std::time::Duration::from_secs(601), world.now);
    assert!(world.call("/api/me", &issued).text().contains("expired"));
}
