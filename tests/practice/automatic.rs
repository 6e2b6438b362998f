//! Nobody at the page, clients that nobody registered, and the names by which the server is called.

use grantscope::base::http::HttpRequest;
use grantscope::base::json::Json;
use grantscope::jose::jwt;
use grantscope::practice::{Config, Consent, Login, Pattern};
use url::Url;

use crate::world::{
    Drop, Set, VERIFIER, World, assert_refused, good_authorization, json, location, outcome, sent_back, url, with_web,
};

fn auto(change: impl FnOnce(&mut Config)) -> World {
    World::with(|config| {
        config.login = Login::Auto;
        change(config);
    })
}

fn consent(config: &mut Config, consent: Consent) {
    config.clients.iter_mut().find(|client| client.client_id == "practice-web").unwrap().consent = Some(consent);
}

/// The ID token of an authorization response with a code.
fn id_token(world: &mut World, code: &str) -> jwt::Decoded {
    jwt::decode(json(&world.token(code, &[])).text("id_token").unwrap())
}

#[test]
fn an_authorization_request_is_answered_at_once() {
    let mut world = auto(|config| config.login_user = Some("bob".to_owned()));
    for (edits, sub) in [
        (&[][..], "bob"),
        (&[Set("login_hint", "alice")][..], "alice"),
        (&[Set("login_hint", "alice@example.com")][..], "alice"),
        (&[Set("prompt", "login")][..], "bob"),
        (&[Set("prompt", "consent")][..], "bob"),
    ] {
        world.cookie = None;
        let answer = world.authorize(edits);
        let code = sent_back(&answer).get("code").expect("a code").to_owned();
        let token = id_token(&mut world, &code);
        assert_eq!(token.claim("sub").and_then(Json::as_str), Some(sub), "{edits:?}");
        let entries = world.practice.log();
        let asked = entries.iter().rfind(|entry| entry.path == "/authorize").unwrap();
        assert!(asked.words().contains("nobody was asked"), "{}", asked.words());
    }
    let refused = sent_back(&world.authorize(&[Set("login_hint", "zed"), Set("prompt", "login")]));
    assert_eq!(refused.get("error"), Some("login_required"));
    assert!(refused.get("error_description").unwrap().contains("only alice, bob"));
}

#[test]
fn prompt_none_max_age_and_acr_values_mean_what_they_mean() {
    let mut world = auto(|_| {});
    let none = [Set("prompt", "none")];
    assert_eq!(outcome(&world.authorize(&none)), "login_required", "nobody is signed in yet");
    let code = sent_back(&world.authorize(&[])).get("code").unwrap().to_owned();
    let first = id_token(&mut world, &code).claim("auth_time").and_then(Json::as_i64).unwrap();
    assert_eq!(outcome(&world.authorize(&none)), "code");
    world.pass(100);
    assert_eq!(outcome(&world.authorize(&[Set("prompt", "none"), Set("max_age", "60")])), "login_required");
    for (edits, since, acr) in [
        (&[Set("max_age", "600")][..], 0, "urn:practice:basic"),
        (&[Set("max_age", "60")][..], 100, "urn:practice:basic"),
        (&[Set("acr_values", "urn:practice:strong")][..], 100, "urn:practice:strong"),
    ] {
        let code = sent_back(&world.authorize(edits)).get("code").unwrap().to_owned();
        let token = id_token(&mut world, &code);
        let at = token.claim("auth_time").and_then(Json::as_i64).unwrap();
        assert_eq!((at - first, token.claim("acr").and_then(Json::as_str)), (since, Some(acr)), "{edits:?}");
    }
}

#[test]
fn consent_is_asked_remembered_or_skipped() {
    for (login, wanted, first, again, prompted) in [
        (Login::Auto, None, "code", "code", "code"),
        (Login::Auto, Some(Consent::Skip), "code", "code", "code"),
        (Login::Auto, Some(Consent::Remember), "consent page", "code", "consent page"),
        (Login::Auto, Some(Consent::Ask), "consent page", "consent page", "consent page"),
        (Login::Page, Some(Consent::Skip), "code", "code", "consent page"),
        (Login::Page, Some(Consent::Ask), "consent page", "consent page", "consent page"),
    ] {
        let mut world = World::with(|config| {
            config.login = login;
            if let Some(wanted) = wanted {
                consent(config, wanted);
            }
        });
        let mut answer = world.authorize(&[]);
        if login == Login::Page {
            answer = world.choose(&answer, "alice");
        }
        assert_eq!(outcome(&answer), first, "{login:?} {wanted:?}");
        if first == "consent page" {
            world.decide(&answer, "allow");
        }
        assert_eq!(outcome(&world.authorize(&[])), again, "{login:?} {wanted:?}");
        assert_eq!(outcome(&world.authorize(&[Set("prompt", "consent")])), prompted, "{login:?} {wanted:?}");
    }
}

#[test]
fn a_device_and_a_user_elsewhere_are_answered_by_themselves() {
    let mut world = auto(|_| {});
    let device = json(&world.ask("/device", &with_web(&[("scope", "openid")]), &[]));
    let form = with_web(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", device.text("device_code").unwrap()),
    ]);
    // Who comes to the page all the same is told that nobody is waited for.
    let code = [("user_code", device.text("user_code").unwrap())].into_iter().collect();
    let page = world.post("/verify", &code);
    assert_eq!((page.status, page.text().contains("asked nobody")), (200, true), "{}", page.text());
    let tokens = json(&world.ask("/token", &form, &[]));
    assert_eq!(jwt::decode(tokens.text("id_token").unwrap()).claim("sub").and_then(Json::as_str), Some("alice"));
    assert_eq!(world.post("/verify", &code).status, 400, "the code was used");
    let begun = json(&world.ask("/bc-authorize", &with_web(&[("scope", "openid"), ("login_hint", "bob")]), &[]));
    assert_eq!(begun.text("practice_approval_uri"), None, "there is nothing to approve");
    let form = with_web(&[
        ("grant_type", "urn:openid:params:grant-type:ciba"),
        ("auth_req_id", begun.text("auth_req_id").unwrap()),
    ]);
    let tokens = json(&world.ask("/token", &form, &[]));
    assert_eq!(jwt::decode(tokens.text("id_token").unwrap()).claim("sub").and_then(Json::as_str), Some("bob"));
    let mut asked = auto(|config| consent(config, Consent::Ask));
    let begun = json(&asked.ask("/bc-authorize", &with_web(&[("scope", "openid"), ("login_hint", "bob")]), &[]));
    assert!(begun.text("practice_approval_uri").is_some());
    let form = with_web(&[
        ("grant_type", "urn:openid:params:grant-type:ciba"),
        ("auth_req_id", begun.text("auth_req_id").unwrap()),
    ]);
    assert_refused(&asked.ask("/token", &form, &[]), 400, "authorization_pending", "");
}

#[test]
fn any_client_is_taken_with_any_secret_and_pkce_is_still_checked() {
    let mut world = World::with(|config| {
        (config.any_client, config.clients, config.login) = (true, Vec::new(), Login::Auto);
        config.redirect_patterns = vec![Pattern::new("https://*.test/cb")];
    });
    let form = [("grant_type", "client_credentials"), ("client_id", "a"), ("client_secret", "b"), ("scope", "profile")];
    assert_eq!(world.ask("/token", &form, &[]).status, 200);
    for (redirect_uri, is_taken) in [
        ("https://pr-1.test/cb", true),
        ("http://127.0.0.1:1/x", true),
        ("https://localhost:3000/cb", true),
        ("https://evil.example/cb", false),
    ] {
        let answer = world.authorize(&[Set("client_id", "spa"), Set("redirect_uri", redirect_uri)]);
        assert_eq!(answer.status, if is_taken { 303 } else { 400 }, "{redirect_uri}");
        assert_eq!(answer.text().contains("redirect_patterns let others in"), !is_taken, "{redirect_uri}");
    }
    let answer = world.authorize(&[Set("client_id", "spa")]);
    let code = sent_back(&answer).get("code").unwrap().to_owned();
    let form = [("client_id", "spa"), ("client_secret", "whatever"), ("code_verifier", VERIFIER)];
    let wrong = [Set("code_verifier", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong")];
    let good = crate::world::good_token_request(&code);
    let form: Vec<(&str, &str)> =
        good.iter().copied().filter(|(name, _)| *name != "code_verifier").chain(form).collect();
    assert_refused(&world.ask("/token", &form, &wrong), 400, "invalid_grant", "");
    assert_eq!(world.ask("/token", &form, &[]).status, 200);
    assert_eq!(world.ask("/token", &good, &[Set("code", "x")]).status, 401, "it names no client");
    for at in 0..1100 {
        let client = format!("client-{at}");
        let form = [("grant_type", "client_credentials"), ("client_id", client.as_str()), ("client_secret", "b")];
        world.ask("/token", &form, &[]);
    }
    assert_eq!(world.practice.config().clients.len(), 1000, "the oldest gave way");
}

#[test]
fn what_is_left_out_of_a_scope_is_in_the_log_and_any_client_may_have_any_word() {
    for (any_client, scope, words) in [
        (false, "profile", Some("left out of the scope: orders:read address, not known here (the setting scopes")),
        (true, "profile orders:read address", None),
    ] {
        let mut world = World::with(|config| config.any_client = any_client);
        let form = with_web(&[("grant_type", "client_credentials"), ("scope", "profile orders:read address")]);
        let answer = json(&world.ask("/token", &form, &[]));
        assert_eq!(answer.text("scope"), Some(scope));
        let told = world.practice.last_entry().unwrap().words();
        assert_eq!(told.contains(words.unwrap_or("left out of the scope")), words.is_some(), "{told}");
    }
}

#[test]
fn whatever_name_a_request_came_by_metadata_name_the_issuer() {
    let mut world = World::with(|config| {
        config.issuer = Url::parse("https://idp.test/blue").unwrap();
        config.site.bind = Some("0.0.0.0".parse().unwrap());
        config.site.allow_hosts = vec!["idp".to_owned()];
    });
    for (at, status) in [
        ("http://idp:9400/blue/.well-known/openid-configuration", 200),
        ("https://idp.test/blue/.well-known/openid-configuration", 200),
        ("http://localhost:9400/blue/.well-known/openid-configuration", 421),
        ("http://10.0.0.7:9400/blue/.well-known/openid-configuration", 421),
    ] {
        let answer = world.practice.handle(&HttpRequest::get(Url::parse(at).unwrap()), world.now);
        assert_eq!(answer.status, status, "{at}");
        match status {
            200 => assert_eq!(json(&answer).text("issuer"), Some("https://idp.test/blue")),
            _ => assert!(answer.text().contains("--allow-host"), "{}", answer.text()),
        }
    }
}

#[test]
fn a_sign_in_stays_at_the_name_that_the_browser_came_by() {
    let mut world = World::with(|config| config.issuer = Url::parse("https://idp.test").unwrap());
    let page = world.authorize(&[]);
    assert!(!page.headers.get("set-cookie").unwrap().contains("Secure"), "it came over plain http");
    let form = [("transaction", crate::world::transaction(&page)), ("username", "alice".to_owned())];
    let form = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = world.post("/login", &form);
    assert!(location(&answer).starts_with("/consent?"), "{}", location(&answer));
    let query = crate::world::edited(&good_authorization(), &[Drop("nonce")]);
    let secure = HttpRequest::get(url(&format!("/authorize?{}", query.encode())));
    let mut secure_url = secure.url.clone();
    secure_url.set_scheme("https").unwrap();
    let answer = world.practice.handle(&HttpRequest { url: secure_url, ..secure }, world.now);
    assert!(answer.headers.get("set-cookie").unwrap().contains("; Secure"));
}

#[test]
fn a_style_of_its_own_stands_behind_that_of_the_pages_and_ends_nothing() {
    let mut world = World::with(|config| config.style = Some("h1 { color: red } </style><script>".to_owned()));
    let page = world.authorize(&[]);
    let html = page.text().into_owned();
    assert!(html.contains("<style>h1 { color: red } <\\/style><script></style>"), "{html}");
    assert_eq!(crate::world::policy(&page).matches("'sha256-").count(), 2);
    // What browser tests find the page by.
    assert!(html.contains("<button class=\"choice\" name=\"username\" value=\"alice\">"), "{html}");
    let consent = world.choose(&page, "alice").text().into_owned();
    for button in ["name=\"decision\" value=\"allow\">Allow<", "name=\"decision\" value=\"deny\">Deny<"] {
        assert!(consent.contains(button), "{consent}");
    }
}
