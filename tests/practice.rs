//! The practice server from outside: raw requests in, raw responses out, no socket and no clock.

use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::jose::jwk::Jwk;
use grantscope::jose::{base64url, hash, jwt, verify};
use grantscope::practice::{Config, Practice};
use grantscope::terms::client_auth::ClientAuthMethod;
use proptest::prelude::*;
use url::Url;

const ISSUER: &str = "http://127.0.0.1:9400";
const CALLBACK: &str = "http://127.0.0.1:8912/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const WEB_BASIC: &str = "Basic cHJhY3RpY2Utd2ViOnByYWN0aWNlLXNlY3JldA==";
const SCOPE: &str = "openid profile email offline_access";

/// How a row of a table differs from a good request.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Set(&'static str, &'static str),
    Drop(&'static str),
    Add(&'static str, &'static str),
}
use Edit::{Add, Drop, Set};

fn edited(good: &[(&str, &str)], edits: &[Edit]) -> Params {
    let mut params: Params = good.iter().copied().collect();
    for edit in edits {
        match *edit {
            Set(name, value) => params.set(name, value),
            Drop(name) => params.remove(name),
            Add(name, value) => params.push(name, value),
        }
    }
    params
}

/// The server, a browser with a cookie jar in front of it, and a clock that only tests move.
struct World {
    practice: Practice,
    now: Timestamp,
    cookie: Option<String>,
}

impl World {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::practice(Url::parse(ISSUER).unwrap());
        change(&mut config);
        let practice = Practice::new(config, Entropy::from_seed([7; 32])).unwrap();
        Self { practice, now: Timestamp::from_seconds(1_800_000_000), cookie: None }
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    fn send(&mut self, request: HttpRequest) -> HttpResponse {
        let request = match &self.cookie {
            Some(cookie) => request.with_header("Cookie", format!("theme=dark; {cookie}")),
            None => request,
        };
        let response = self.practice.handle(&request, self.now);
        if let Some(cookie) = response.headers.get("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    fn get(&mut self, path: &str) -> HttpResponse {
        self.send(HttpRequest::get(url(path)))
    }

    fn post(&mut self, path: &str, form: &Params) -> HttpResponse {
        self.send(HttpRequest::post_form(url(path), form))
    }

    fn authorize(&mut self, edits: &[Edit]) -> HttpResponse {
        self.get(&format!("/authorize?{}", edited(&good_authorization(), edits).encode()))
    }

    /// Signs alice in and allows everything; the parameters that reach the client.
    fn approve(&mut self, edits: &[Edit]) -> Params {
        let page = self.authorize(edits);
        let page = self.choose(&page, "alice");
        let answer = self.decide(&page, "allow");
        sent_back(&answer)
    }

    fn choose(&mut self, login_page: &HttpResponse, username: &str) -> HttpResponse {
        let form = edited(&[("transaction", &transaction(login_page)), ("username", username)], &[]);
        let answer = self.post("/login", &form);
        match answer.headers.get("location") {
            Some(location) if location.starts_with(ISSUER) => {
                let path = location.trim_start_matches(ISSUER).to_owned();
                self.get(&path)
            }
            _ => answer,
        }
    }

    fn decide(&mut self, consent_page: &HttpResponse, decision: &str) -> HttpResponse {
        let form = edited(&[("transaction", &transaction(consent_page)), ("decision", decision)], &[]);
        self.post("/consent", &form)
    }

    fn code(&mut self, edits: &[Edit]) -> String {
        self.approve(edits).get("code").expect("a code").to_owned()
    }

    fn token(&mut self, code: &str, edits: &[Edit]) -> HttpResponse {
        let form = edited(&good_token_request(code), edits);
        let request = HttpRequest::post_form(url("/token"), &form).with_header("Authorization", WEB_BASIC);
        self.practice.handle(&request, self.now)
    }

    /// As `practice-web` with its secret in the body.
    fn refresh(&mut self, refresh_token: &str, edits: &[Edit]) -> HttpResponse {
        let good = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", "practice-web"),
            ("client_secret", "practice-secret"),
        ];
        let request = HttpRequest::post_form(url("/token"), &edited(&good, edits));
        self.practice.handle(&request, self.now)
    }

    fn tokens(&mut self, edits: &[Edit]) -> Json {
        let code = self.code(edits);
        let answer = self.token(&code, &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        json(&answer)
    }

    fn call(&mut self, path: &str, access_token: &str) -> HttpResponse {
        let request = HttpRequest::get(url(path)).with_header("Authorization", format!("Bearer {access_token}"));
        self.practice.handle(&request, self.now)
    }

    fn keys(&mut self) -> Vec<Jwk> {
        let set = json(&self.get("/jwks"));
        set.get("keys").unwrap().elements().iter().map(|jwk| Jwk::from_json(jwk).unwrap()).collect()
    }
}

fn good_authorization() -> [(&'static str, &'static str); 8] {
    [
        ("response_type", "code"),
        ("client_id", "practice-web"),
        ("redirect_uri", CALLBACK),
        ("scope", SCOPE),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

fn good_token_request(code: &str) -> [(&'static str, &str); 4] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]
}

fn url(path: &str) -> Url {
    Url::parse(ISSUER).unwrap().join(path).unwrap()
}

fn json(response: &HttpResponse) -> Json {
    assert_eq!(response.headers.content_type().as_deref(), Some("application/json"), "{}", response.text());
    Json::parse(&response.body).unwrap()
}

fn transaction(page: &HttpResponse) -> String {
    let text = page.text().into_owned();
    let Some((_, rest)) = text.split_once("name=\"transaction\" value=\"") else { panic!("no form in {text}") };
    rest.split('"').next().unwrap().to_owned()
}

fn location(response: &HttpResponse) -> &str {
    assert_eq!(response.status, 303, "{}", response.text());
    response.headers.get("location").expect("a Location")
}

fn sent_back(response: &HttpResponse) -> Params {
    let location = location(response);
    let query = location.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix('?'));
    Params::parse(query.unwrap_or_else(|| panic!("not the redirect URI: {location}")).as_bytes())
}

fn assert_refused(response: &HttpResponse, status: u16, error: &str, says: &str) {
    assert_eq!(response.status, status, "{}", response.text());
    let body = json(response);
    assert_eq!(body.text("error"), Some(error), "{body}");
    let description = body.text("error_description").unwrap_or_default();
    assert!(description.contains(says), "{description:?} does not say {says:?}");
    assert!(description.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\'), "{description}");
}

// The whole way

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
    assert_eq!(names(&access), ["iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti"]);
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
    for member in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
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

// The authorization endpoint

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
        (&[Set("redirect_uri", "http://user@127.0.0.1:8912/callback")], "not registered"),
        (&[Set("redirect_uri", "http://127.0.0.1:8912/callback#f")], "not registered"),
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

/// A server that also knows a client with one exact redirect URI, for one grant, with one method.
fn strict() -> World {
    World::with(|config| {
        let mut client = config.clients[0].clone();
        client.client_id = "practice-strict".to_owned();
        client.redirect_uris = vec!["https://app.example/cb".to_owned()];
        client.any_loopback_redirect = false;
        client.token_endpoint_auth_methods = vec![ClientAuthMethod::ClientSecretPost];
        client.client_secret = Some(Secret::new("a b+c:d%"));
        client.grant_types = vec!["authorization_code".to_owned()];
        config.clients.push(client);
    })
}

#[test]
fn every_other_error_goes_to_the_client() {
    for (edits, error, says) in [
        (&[Drop("response_type")][..], "invalid_request", "response_type is missing"),
        (&[Set("response_type", "magic")], "unsupported_response_type", "magic"),
        (&[Set("response_mode", "jwt")], "invalid_request", "response_mode jwt"),
        (&[Add("scope", "openid")], "invalid_request", "more than once: scope"),
        (&[Add("x", "1"), Add("x", "2")], "invalid_request", "more than once: x"),
        (&[Set("scope", "everything")], "invalid_scope", "everything"),
        (&[Set("scope", "OpenID")], "invalid_scope", "OpenID"),
        (&[Set("request", "eyJ.e30.")], "request_not_supported", "request"),
        (&[Set("request_uri", "urn:x")], "request_uri_not_supported", "request_uri"),
        (&[Set("registration", "{}")], "registration_not_supported", "registration"),
        (&[Set("prompt", "none login")], "invalid_request", "none beside"),
        (&[Set("prompt", "dance")], "invalid_request", "prompt dance"),
        (&[Set("prompt", "none")], "login_required", "no sign-in"),
        (&[Set("max_age", "-1")], "invalid_request", "max_age"),
        (&[Set("id_token_hint", "junk")], "invalid_request", "id_token_hint"),
        (&[Set("resource", "no-uri")], "invalid_target", "no-uri"),
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

impl World {
    fn approve_or_error(&mut self, edits: &[Edit]) -> Params {
        let answer = self.authorize(edits);
        if answer.status == 303 { sent_back(&answer) } else { self.approve(edits) }
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

    let answer = world.authorize(&[Set("response_type", "id_token")]);
    assert!(location(&answer).starts_with(&format!("{CALLBACK}#error=unsupported_response_type")));

    let page = world.authorize(&[Set("response_mode", "form_post"), Set("state", "\"><b>")]);
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")));
    assert!(text.contains("name=\"code\""));
    assert!(text.contains("name=\"state\" value=\"&quot;&gt;&lt;b&gt;\""));
    assert!(policy(&page).contains("form-action http://127.0.0.1:8912;"));
}

fn policy(page: &HttpResponse) -> &str {
    page.headers.get("content-security-policy").expect("a policy")
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

// The session

#[test]
fn a_signed_in_browser_is_asked_only_what_is_new() {
    for (later, edits, expected) in [
        (0, &[][..], "code"),
        (0, &[Set("prompt", "none")], "code"),
        (0, &[Set("prompt", "login")], "login page"),
        (0, &[Set("prompt", "select_account")], "login page"),
        (0, &[Set("prompt", "consent")], "consent page"),
        (0, &[Set("client_id", "practice-native")], "consent page"),
        (0, &[Set("client_id", "practice-native"), Set("prompt", "none")], "consent_required"),
        (59, &[Set("max_age", "60")], "code"),
        (61, &[Set("max_age", "60")], "login page"),
        (61, &[Set("max_age", "60"), Set("prompt", "none")], "login_required"),
        (0, &[Set("max_age", "0")], "login page"),
        (0, &[Set("login_hint", "alice@example.com"), Set("prompt", "none")], "code"),
        (0, &[Set("login_hint", "bob")], "login page"),
        (0, &[Set("login_hint", "bob"), Set("prompt", "none")], "login_required"),
        (0, &[Set("acr_values", "urn:practice:strong")], "login page"),
        (0, &[Set("acr_values", "urn:practice:strong"), Set("prompt", "none")], "code"),
        (0, &[Set("acr_values", "urn:practice:strong urn:practice:basic")], "code"),
        (9 * 3600, &[Set("prompt", "none")], "login_required"),
    ] {
        let mut world = World::new();
        world.approve(&[]);
        world.pass(later);
        let answer = world.authorize(edits);
        assert_eq!(outcome(&answer), expected, "{edits:?} after {later} s");
    }
}

fn outcome(answer: &HttpResponse) -> String {
    if answer.status == 303 {
        let params = sent_back(answer);
        return params.get("error").unwrap_or("code").to_owned();
    }
    let text = answer.text();
    if text.contains("name=\"username\"") { "login page" } else { "consent page" }.to_owned()
}

#[test]
fn a_wider_scope_is_asked_for_and_then_remembered() {
    let mut world = World::new();
    world.approve(&[Set("scope", "openid")]);
    let page = world.authorize(&[Set("scope", "openid email")]);
    assert_eq!(outcome(&page), "consent page");
    world.decide(&page, "allow");
    assert_eq!(outcome(&world.authorize(&[Set("scope", "openid email")])), "code");
}

#[test]
fn an_id_token_hint_allows_its_user_only() {
    let mut world = World::new();
    let hint = world.tokens(&[]).text("id_token").unwrap().to_owned();
    let ask = |world: &mut World, extra: &str| {
        let params = edited(&good_authorization(), &[]).encode();
        world.get(&format!("/authorize?{params}&id_token_hint={hint}{extra}"))
    };
    world.pass(3600);
    assert_eq!(outcome(&ask(&mut world, "&prompt=none")), "code");
    let page = ask(&mut world, "&prompt=login");
    assert!(page.text().contains("suggested"));
    assert_eq!(outcome(&world.choose(&page, "bob")), "login_required");
    assert_eq!(outcome(&ask(&mut world, "&prompt=none")), "login_required");
}

#[test]
fn the_cookie_is_closed_to_scripts_and_changes_at_sign_in() {
    let mut world = World::new();
    let page = world.authorize(&[]);
    let cookie = page.headers.get("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("practice_session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"));
    let before = world.cookie.clone();
    world.choose(&page, "alice");
    assert_ne!(world.cookie, before);

    let after = std::mem::replace(&mut world.cookie, before);
    assert_eq!(sent_back(&world.authorize(&[Set("prompt", "none")])).get("error"), Some("login_required"));
    world.cookie = after;
    assert_eq!(sent_back(&world.authorize(&[Set("prompt", "none")])).get("error"), Some("consent_required"));
}

#[test]
fn two_tabs_of_one_browser_do_not_disturb_each_other() {
    let mut world = World::new();
    let (one, two) = (world.authorize(&[]), world.authorize(&[]));
    let one = world.choose(&one, "alice");
    let two = world.choose(&two, "alice");
    assert!(sent_back(&world.decide(&two, "allow")).contains("code"));
    assert!(sent_back(&world.decide(&one, "allow")).contains("code"));
}

#[test]
fn a_page_works_only_in_its_own_browser_once_and_in_time() {
    let mut world = World::new();
    let login_page = world.authorize(&[]);
    let cookie = world.cookie.clone();

    for (stranger, says) in
        [(None, "another browser"), (Some("practice_session=guessed".to_owned()), "another browser")]
    {
        world.cookie = stranger;
        let answer = world.choose(&login_page, "alice");
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(says));
    }
    world.cookie = cookie;
    let answer = world.decide(&login_page, "allow");
    assert!(answer.text().contains("Nobody has signed in"), "{}", answer.text());
    assert!(world.choose(&login_page, "mallory").text().contains("no such demo user"));

    let consent_page = world.choose(&login_page, "alice");
    assert!(world.decide(&consent_page, "maybe").text().contains("allow or deny"));
    assert_eq!(world.decide(&consent_page, "allow").status, 303);
    let answer = world.decide(&consent_page, "allow");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("over or took too long"));

    let login_page = world.authorize(&[Set("prompt", "login")]);
    world.pass(15 * 60);
    assert!(world.choose(&login_page, "alice").text().contains("over or took too long"));
}

#[test]
fn waiting_requests_are_bounded() {
    let mut world = World::new();
    let first = world.authorize(&[]);
    let second = world.authorize(&[]);
    for _ in 0..999 {
        world.authorize(&[]);
    }
    assert_eq!(world.choose(&first, "alice").status, 400);
    assert_eq!(world.choose(&second, "alice").status, 200);
}

// The token endpoint

#[test]
fn a_bad_token_request_is_told_what_is_wrong() {
    for (edits, status, error, says) in [
        (&[Drop("grant_type")][..], 400, "invalid_request", "grant_type is missing"),
        (&[Set("grant_type", "password")], 400, "unsupported_grant_type", "password"),
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
            401,
            "invalid_client",
            "client_assertion is not supported",
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
    for later in [0, 30, 600] {
        let mut world = World::new();
        let code = world.code(&[]);
        let tokens = json(&world.token(&code, &[]));
        world.pass(later.min(300));
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

impl World {
    /// Without a page, since the browser is signed in already.
    fn tokens_again(&mut self, edits: &[Edit], token_edits: &[Edit]) -> Json {
        let answer = self.authorize(edits);
        let code = sent_back(&answer).get("code").unwrap().to_owned();
        json(&self.token(&code, token_edits))
    }
}

// Refresh

#[test]
fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    let old = first.text("refresh_token").unwrap();
    world.pass(300);
    let second = json(&world.refresh(old, &[]));
    let new = second.text("refresh_token").unwrap();
    assert_ne!(old, new);
    world.pass(5);
    assert_refused(&world.refresh(old, &[]), 400, "invalid_grant", "used before, 5.0 s ago");
    assert_refused(&world.refresh(new, &[]), 400, "invalid_grant", "revoked");
    for tokens in [&first, &second] {
        assert_eq!(world.call("/userinfo", tokens.text("access_token").unwrap()).status, 401);
    }
}

#[test]
fn a_refreshed_id_token_is_of_the_same_sign_in() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    world.pass(300);
    let second = json(&world.refresh(first.text("refresh_token").unwrap(), &[]));
    let (one, two) = (jwt::decode(first.text("id_token").unwrap()), jwt::decode(second.text("id_token").unwrap()));
    for claim in ["iss", "sub", "aud", "auth_time", "acr", "sid"] {
        assert_eq!(one.claim(claim), two.claim(claim), "{claim}");
    }
    assert_ne!(one.claim("iat"), two.claim("iat"));
    assert_eq!(two.claim("nonce"), None);
}

#[test]
fn a_refresh_request_may_narrow_but_not_widen() {
    for (edits, status, error, says) in [
        (&[Set("scope", "openid address")][..], 400, "invalid_scope", "adds address"),
        (&[Set("resource", "urn:other")], 400, "invalid_target", "urn:other"),
        (&[Set("refresh_token", "guess")], 400, "invalid_grant", "unknown"),
        (&[Drop("refresh_token")], 400, "invalid_request", "refresh_token is missing"),
        (&[Drop("client_secret")], 401, "invalid_client", "has to authenticate"),
        (&[Set("client_id", "practice-native"), Drop("client_secret")], 400, "invalid_grant", "issued to practice-web"),
    ] {
        let mut world = World::new();
        let tokens = world.tokens(&[Set("resource", "urn:mine")]);
        let refresh_token = tokens.text("refresh_token").unwrap();
        assert_refused(&world.refresh(refresh_token, edits), status, error, says);
        assert_eq!(world.refresh(refresh_token, &[]).status, 200, "{edits:?} used the token up");
    }
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let narrow = json(&world.refresh(tokens.text("refresh_token").unwrap(), &[Set("scope", "email")]));
    assert_eq!((narrow.text("scope"), narrow.text("id_token")), (Some("email"), None));
    let wide = json(&world.refresh(narrow.text("refresh_token").unwrap(), &[]));
    assert_eq!(wide.text("scope"), Some(SCOPE));
}

#[test]
fn refresh_tokens_end_a_day_after_the_sign_in_rotated_or_not() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    world.pass(23 * 3600);
    let rotated = json(&world.refresh(tokens.text("refresh_token").unwrap(), &[]));
    world.pass(3600);
    let answer = world.refresh(rotated.text("refresh_token").unwrap(), &[]);
    assert_refused(&answer, 400, "invalid_grant", "expired");
}

// Protected resources

fn assert_denied(answer: &HttpResponse, status: u16, error: Option<&str>, says: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let challenge = answer.headers.get("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with("Bearer realm=\"practice server\""), "{challenge}");
    match error {
        Some(error) => assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}"),
        None => assert!(!challenge.contains("error"), "{challenge}"),
    }
    assert!(challenge.contains(says), "{challenge} does not say {says}");
}

#[test]
fn a_protected_resource_tells_why_it_refuses() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let good = tokens.text("access_token").unwrap().to_owned();
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let id_token = bearer(tokens.text("id_token").unwrap());
    let forged = bearer(&format!("{}{}", &good[..good.len() - 4], "AAAA"));
    let forwarded = world.tokens_again(&[Set("resource", "https://a.example")], &[]);
    let low = world.tokens_again(&[Set("scope", "email")], &[]);
    let low = bearer(low.text("access_token").unwrap());
    let foreign = bearer(forwarded.text("access_token").unwrap());
    for (path, header, form, status, error, says) in [
        ("/userinfo", None, &[][..], 401, None, ""),
        ("/api/me", None, &[], 401, None, ""),
        ("/api/me", Some(WEB_BASIC.to_owned()), &[], 401, None, ""),
        ("/api/me?access_token=abc", None, &[], 401, None, ""),
        ("/api/me", bearer(""), &[], 400, Some("invalid_request"), "empty"),
        ("/api/me", bearer("a b"), &[], 400, Some("invalid_request"), "characters"),
        ("/api/me", bearer("junk"), &[], 401, Some("invalid_token"), "no JWT"),
        ("/api/me", forged, &[], 401, Some("invalid_token"), "signature"),
        ("/api/me", id_token, &[], 401, Some("invalid_token"), "is this the ID token?"),
        ("/api/me", low.clone(), &[], 403, Some("insufficient_scope"), "scope=\"profile\""),
        ("/userinfo", low, &[], 403, Some("insufficient_scope"), "scope=\"openid\""),
        ("/api/me", foreign, &[], 401, Some("invalid_token"), "the token is for https://a.example"),
        ("/userinfo", bearer(&good), &[("access_token", "x")], 400, Some("invalid_request"), "more than one"),
        (
            "/userinfo",
            None,
            &[("access_token", "x"), ("access_token", "x")],
            400,
            Some("invalid_request"),
            "more than one",
        ),
    ] {
        let params: Params = form.iter().copied().collect();
        let mut request =
            if form.is_empty() { HttpRequest::get(url(path)) } else { HttpRequest::post_form(url(path), &params) };
        if let Some(header) = header {
            request = request.with_header("Authorization", header);
        }
        assert_denied(&world.send(request), status, error, says);
    }
    world.pass(612);
    assert_denied(&world.call("/api/me", &good), 401, Some("invalid_token"), "expired 12 s ago");
}

#[test]
fn userinfo_takes_the_token_three_ways_and_tells_what_the_scope_releases() {
    let mut world = World::new();
    let tokens = world.tokens(&[Set("scope", "openid email")]);
    let token = tokens.text("access_token").unwrap();
    let form: Params = [("access_token", token)].into_iter().collect();
    let header = |request: HttpRequest| request.with_header("authorization", format!("bearer {token}"));
    let mut empty_post = HttpRequest::get(url("/userinfo"));
    empty_post.method = "POST".to_owned();
    for request in [
        header(HttpRequest::get(url("/userinfo"))),
        header(empty_post),
        HttpRequest::post_form(url("/userinfo"), &form),
    ] {
        let claims = json(&world.send(request));
        let names: Vec<&str> = claims.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["sub", "email", "email_verified"]);
    }
}

// Every answer

#[test]
fn only_its_own_address_paths_and_methods_are_answered() {
    for (method, target, status, allow) in [
        ("GET", "http://127.0.0.1:9400/", 200, None),
        ("GET", "http://localhost:9400/", 421, None),
        ("GET", "http://127.0.0.1:9401/", 421, None),
        ("GET", "http://rebound.example:9400/jwks", 421, None),
        ("GET", "http://127.0.0.1:9400/nothing", 404, None),
        ("GET", "http://127.0.0.1:9400/jwks/", 404, None),
        ("GET", "http://127.0.0.1:9400/token", 405, Some("POST")),
        ("HEAD", "http://127.0.0.1:9400/authorize", 405, Some("GET, POST")),
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
            assert!(!answer.text().contains("{{") && !answer.text().contains("<script"));
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
fn a_server_that_others_could_reach_is_not_made() {
    for issuer in
        ["http://192.168.1.2:9400", "https://as.example", "http://127.0.0.1:9400/tenant", "http://a@127.0.0.1/"]
    {
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
    for credential in [code.as_str(), tokens.text("refresh_token").unwrap(), &cookie, "practice-secret"] {
        assert!(!shown.contains(credential), "{credential}");
    }
}

const PATHS: [&str; 10] = [
    "/",
    "/.well-known/openid-configuration",
    "/jwks",
    "/authorize",
    "/login",
    "/consent",
    "/token",
    "/userinfo",
    "/api/me",
    "/other",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_request_panics(
        method in prop_oneof![Just("GET".to_owned()), Just("POST".to_owned()), ".{0,8}"],
        path in prop::sample::select(&PATHS[..]),
        edits in prop::collection::vec((0usize..24, ".{0,40}"), 0..8),
        header in prop_oneof![Just("Authorization"), Just("Cookie"), Just("Content-Type")],
        value in prop_oneof![Just("application/x-www-form-urlencoded".to_owned()), ".{0,40}", "(Basic|Bearer) [A-Za-z0-9+/=.]{0,60}"],
        millis in any::<i64>(),
    ) {
        const NAMES: [&str; 24] = [
            "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt",
            "max_age", "login_hint", "acr_values", "resource", "code_challenge", "code_challenge_method",
            "id_token_hint", "grant_type", "code", "code_verifier", "refresh_token", "client_secret",
            "transaction", "username", "decision", "access_token",
        ];
        let mut params: Params = good_authorization().into_iter().collect();
        edits.iter().for_each(|(name, value)| params.set(NAMES[*name], value.as_str()));
        let mut target = url(path);
        target.set_query(Some(&params.encode()));
        let mut request = HttpRequest::post_form(target, &params).with_header(header, value);
        request.method = method;
        let answer = World::new().practice.handle(&request, Timestamp::from_millis(millis));
        prop_assert!((200..500).contains(&answer.status));
        prop_assert!(answer.headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])));
    }
}
