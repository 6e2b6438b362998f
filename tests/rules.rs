//! Every rule of the client's side is broken once by one change to a good message, and kept by the good one.
//! (Those of the ID token are in `tests/id_token.rs`, those of keys and tokens as such in `tests/jose`.)

use std::collections::BTreeSet;
use std::time::Duration;

use grantscope::base::check::Verdict::{Fail, Note, Pass, Warn};
use grantscope::base::check::{Check, Verdict};
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::client::answer::slow;
use grantscope::client::endpoint::authorization::{self, Arrived, AuthorizationRequest, Drawn, Expected};
use grantscope::client::endpoint::token::TokenResponse;
use grantscope::client::endpoint::{discovery, jwks, resource, token, userinfo};
use grantscope::client::rules;
use grantscope::client::settings::Settings;
use grantscope::terms::metadata::ServerMetadata;
use grantscope::terms::response::ResponseMode;
use url::Url;

/// 256 random bits, as good servers and clients draw them.
const RANDOM: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const OTHER: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ISSUER: &str = "https://as.example";
const REDIRECT: &str = "http://127.0.0.1:8912/callback";

/// A rule, what breaks it, and what the check says it saw.
struct Case {
    id: &'static str,
    verdict: Verdict,
    saw: &'static str,
    broken: Vec<Check>,
    kept: Vec<Check>,
}

impl Case {
    fn judge(&self) {
        let id = self.id;
        let broken = found(&self.broken, id).unwrap_or_else(|| panic!("{id} was not applied to '{}'", self.saw));
        assert_eq!(broken.verdict, self.verdict, "{id}: {broken:?}");
        let actual = broken.actual.as_deref().unwrap_or_default();
        assert!(actual.contains(self.saw), "{id} saw '{actual}', not '{}'", self.saw);
        let kept = found(&self.kept, id).unwrap_or_else(|| panic!("{id} was not applied to the good message"));
        assert_eq!(kept.verdict, Pass, "{id}: {kept:?}");
    }
}

fn found<'a>(checks: &'a [Check], id: &str) -> Option<&'a Check> {
    checks.iter().find(|check| check.rule.id == id)
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// A confidential client that does everything right.
fn settings() -> Settings {
    let mut settings = Settings::default();
    for (name, value) in [
        ("client_id", "web"),
        ("client_secret", RANDOM),
        ("redirect_uri", "http://127.0.0.1:0/callback"),
        ("scope", "openid"),
        ("prompt", "login"),
    ] {
        settings.set(name, value).expect("a setting");
    }
    settings
}

/// The authorization request of these settings, its parameters edited, held against its rules.
fn request(edit: fn(&mut Settings, &mut Params)) -> Vec<Check> {
    let mut settings = settings();
    let drawn = Drawn { state: RANDOM.to_owned(), nonce: OTHER.to_owned(), code_verifier: RANDOM.into() };
    let mut sent = authorization::request(url("https://as.example/authorize"), &settings, REDIRECT, &drawn);
    let mut params = sent.query();
    edit(&mut settings, &mut params);
    sent.url.set_query(Some(&params.encode()));
    authorization::lint(&AuthorizationRequest::in_url(&sent.url), &sent.url, &settings)
}

fn request_cases() -> Vec<Case> {
    type Edit = fn(&mut Settings, &mut Params);
    let cases: [(&str, Verdict, &str, Edit); 19] = [
        ("authorization_request.required", Fail, "without client_id", |_, sent| sent.remove("client_id")),
        ("authorization_request.required", Fail, "without response_type", |_, sent| sent.set("response_type", "")),
        ("authorization_request.state", Fail, "none of them", |_, sent| {
            ["state", "nonce", "code_challenge"].into_iter().for_each(|name| sent.remove(name));
        }),
        ("authorization_request.openid", Note, "email", |_, sent| sent.set("scope", "email")),
        ("authorization_request.nonce", Note, "nonce absent", |_, sent| sent.remove("nonce")),
        ("settings.implicit", Warn, "id_token token", |_, sent| sent.set("response_type", "id_token token")),
        ("authorization_request.duplicates", Fail, "scope", |_, sent| sent.push("scope", "email")),
        ("authorization_request.entropy", Fail, "state about", |_, sent| sent.set("state", "12345678")),
        ("authorization_request.entropy", Fail, "nonce about", |_, sent| sent.set("nonce", "aaaaaaaaaaaaaaaaaaaaaaa")),
        ("authorization_request.prompt", Fail, "none login", |_, sent| sent.set("prompt", "none login")),
        ("authorization_request.secret", Fail, "present", |_, sent| sent.push("client_secret", "x")),
        ("authorization_request.length", Note, "characters", |_, sent| sent.push("claims", "x".repeat(2000))),
        ("settings.pkce_confidential", Warn, "absent", |_, sent| sent.remove("code_challenge")),
        ("settings.pkce_method", Warn, "plain", |_, sent| sent.set("code_challenge_method", "plain")),
        ("settings.pkce_method", Warn, "absent, which", |_, sent| sent.remove("code_challenge_method")),
        ("settings.redirect_https", Fail, "http://app.example", |_, sent| {
            sent.set("redirect_uri", "http://app.example/callback");
        }),
        ("settings.redirect_literal", Warn, "localhost", |_, sent| sent.set("redirect_uri", "http://localhost:8912/")),
        ("settings.redirect_fragment", Fail, "a fragment", |_, sent| {
            sent.set("redirect_uri", "https://app.example/#x");
        }),
        ("settings.redirect_port", Note, "always 8912", |settings, _| {
            REDIRECT.clone_into(&mut settings.client.redirect_uri);
        }),
    ];
    let case = |(id, verdict, saw, edit): (_, _, _, Edit)| Case {
        id,
        verdict,
        saw,
        broken: request(edit),
        kept: request(|_, _| {}),
    };
    let mut cases: Vec<Case> = cases.into_iter().map(case).collect();
    let no_secret: Edit = |settings, _| settings.client.client_secret = Secret::default();
    cases.push(Case {
        id: "settings.pkce_public",
        verdict: Fail,
        saw: "code_challenge absent",
        broken: request(|settings, sent| {
            settings.client.client_secret = Secret::default();
            sent.remove("code_challenge");
        }),
        kept: request(no_secret),
    });
    cases.push(Case {
        id: "authorization_request.nonce_required",
        verdict: Fail,
        saw: "nonce absent",
        broken: request(|_, sent| {
            sent.set("response_type", "code id_token");
            sent.remove("nonce");
        }),
        kept: request(|_, sent| sent.set("response_type", "code id_token")),
    });
    cases.push(Case {
        id: "settings.redirect_scheme",
        verdict: Fail,
        saw: "myapp",
        broken: request(|_, sent| sent.set("redirect_uri", "myapp:/callback")),
        kept: request(|_, sent| sent.set("redirect_uri", "com.example.app:/callback")),
    });
    cases
}

/// An authorization response on its way back.
struct Back {
    params: Params,
    mode: ResponseMode,
    redirect_uri: String,
}

fn response(edit: fn(&mut Back)) -> Vec<Check> {
    let params = [("response_type", "code"), ("state", RANDOM), ("redirect_uri", REDIRECT)].into_iter().collect();
    let sent = AuthorizationRequest { params };
    let params: Params = [("code", OTHER), ("state", RANDOM), ("iss", ISSUER)].into_iter().collect();
    let mut back = Back { params, mode: ResponseMode::Query, redirect_uri: REDIRECT.to_owned() };
    edit(&mut back);
    let arrived = Arrived { params: &back.params, response_mode: back.mode, redirect_uri: &back.redirect_uri };
    let expected = Expected { sent: &sent, issuer: Some(ISSUER), iss_announced: true };
    authorization::accept(arrived, expected).checks
}

fn response_cases() -> Vec<Case> {
    type Edit = fn(&mut Back);
    let cases: [(&str, Verdict, &str, Edit); 13] = [
        ("authorization_response.state", Fail, OTHER, |back| back.params.set("state", OTHER)),
        ("authorization_response.state", Fail, "no state", |back| back.params.remove("state")),
        ("authorization_response.iss", Fail, "https://evil.example", |back| {
            back.params.set("iss", "https://evil.example");
        }),
        ("authorization_response.iss", Fail, "https://as.example/", |back| {
            back.params.set("iss", "https://as.example/");
        }),
        ("authorization_response.iss", Fail, "no iss", |back| back.params.remove("iss")),
        ("authorization_response.error", Fail, "both", |back| back.params.push("error", "access_denied")),
        ("authorization_response.error", Fail, "neither", |back| back.params.remove("code")),
        ("authorization_response.error", Warn, "oh_no", |back| {
            back.params.remove("code");
            back.params.push("error", "oh_no");
        }),
        ("authorization_response.duplicates", Fail, "code", |back| back.params.push("code", RANDOM)),
        ("authorization_response.token_in_query", Fail, "access_token", |back| back.params.push("access_token", OTHER)),
        ("authorization_response.parts", Fail, "without code", |back| back.params.remove("code")),
        ("authorization_response.mode", Fail, "fragment", |back| back.mode = ResponseMode::Fragment),
        ("authorization_response.entropy", Fail, "bits", |back| back.params.set("code", "000042")),
    ];
    let case = |(id, verdict, saw, edit): (_, _, _, Edit)| Case {
        id,
        verdict,
        saw,
        broken: response(edit),
        kept: response(|_| {}),
    };
    let mut cases: Vec<Case> = cases.into_iter().map(case).collect();
    cases.push(Case {
        id: "authorization_response.redirect_uri",
        verdict: Fail,
        saw: "http://127.0.0.1:8913/callback",
        broken: response(|back| back.redirect_uri = "http://127.0.0.1:8913/callback".to_owned()),
        kept: response(|_| {}),
    });
    let with_token: Edit = |back| {
        back.params.push("access_token", OTHER);
        back.params.push("token_type", "bearer");
    };
    cases.push(Case {
        id: "authorization_response.token_type",
        verdict: Fail,
        saw: "absent",
        broken: response(|back| back.params.push("access_token", OTHER)),
        kept: response(with_token),
    });
    cases
}

const METADATA: &str = r#"{"issuer":"https://as.example","authorization_endpoint":"https://as.example/a",
    "token_endpoint":"https://as.example/t","response_types_supported":["code"],
    "grant_types_supported":["authorization_code"],"code_challenge_methods_supported":["S256"],
    "authorization_response_iss_parameter_supported":true}"#;

fn metadata(content_type: &str, document: &str) -> Vec<Check> {
    discovery::accept(&HttpResponse::new(200, content_type, document), ISSUER).checks
}

fn metadata_cases() -> Vec<Case> {
    let cases = [
        ("metadata.issuer", Fail, "https://as.example/", "https://as.example\"", "https://as.example/\""),
        ("metadata.issuer", Fail, "no issuer", "\"issuer\"", "\"Issuer\""),
        ("metadata.issuer_form", Fail, "http://as.example", "\"https://as.example\"", "\"http://as.example\""),
        ("metadata.issuer_form", Fail, "?x", "\"https://as.example\"", "\"https://as.example?x\""),
        ("metadata.endpoint_form", Fail, "token_endpoint http://", "https://as.example/t", "http://as.example/t"),
        ("metadata.endpoint_form", Fail, "/t#x", "https://as.example/t", "https://as.example/t#x"),
        ("metadata.endpoint_origin", Note, "https://b.example", "https://as.example/t", "https://b.example/t"),
        ("metadata.required", Fail, "response_types_supported", "\"response_types_supported\"", "\"x\""),
        ("metadata.types", Fail, "response_types_supported is a string", "[\"code\"]", "\"code\""),
        ("metadata.pkce", Warn, "plain", "[\"S256\"]", "[\"plain\"]"),
        ("metadata.pkce", Warn, "not published", "\"code_challenge_methods_supported\"", "\"x\""),
        ("metadata.pkce_plain", Note, "S256, plain", "[\"S256\"]", "[\"S256\",\"plain\"]"),
        ("metadata.iss_parameter", Warn, "false", "true", "false"),
        ("metadata.removed_grants", Warn, "implicit", "\"grant_types_supported\"", "\"x\""),
        ("metadata.removed_grants", Warn, "password", "[\"authorization_code\"]", "[\"password\"]"),
        (
            "metadata.alg_none",
            Warn,
            "id_token_signing_alg",
            "{",
            "{\"id_token_signing_alg_values_supported\":[\"none\"],",
        ),
        ("metadata.duplicates", Warn, "issuer", "{", "{\"issuer\":\"https://as.example\","),
    ];
    let case = |(id, verdict, saw, from, to): (_, _, _, &str, &str)| Case {
        id,
        verdict,
        saw,
        broken: metadata(JSON, &METADATA.replacen(from, to, 1)),
        kept: metadata(JSON, METADATA),
    };
    let mut cases: Vec<Case> = cases.into_iter().map(case).collect();
    cases.push(Case {
        id: "metadata.content_type",
        verdict: Fail,
        saw: "text/html",
        broken: metadata("text/html", METADATA),
        kept: metadata(JSON, METADATA),
    });
    cases
}

fn keys(content_type: &str, document: &str) -> Vec<Check> {
    jwks::accept(&HttpResponse::new(200, content_type, document)).checks
}

fn jwks_cases() -> Vec<Case> {
    let good = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
    let kept = keys("application/jwk-set+json", good);
    let case = |id, verdict, saw, broken| Case { id, verdict, saw, broken, kept: kept.clone() };
    vec![
        case("jwks.content_type", Note, "text/plain", keys("text/plain", good)),
        case("jwks.keys", Fail, "", keys(JSON, r#"{"keys":[]}"#)),
        case("jwks.keys", Fail, "not an array", keys(JSON, r#"{"keys":{}}"#)),
        case("jwks.keys", Fail, "neither", keys(JSON, "{}")),
    ]
}

/// A good token response, edited.
fn token(edit: fn(&mut HttpResponse)) -> Vec<Check> {
    let body = format!(
        r#"{{"access_token":"{RANDOM}","token_type":"Bearer","expires_in":600,"refresh_token":"{OTHER}","id_token":"a.b.c","scope":"openid email"}}"#
    );
    let mut answer = HttpResponse::new(200, JSON, body).with_header("Cache-Control", "no-store");
    edit(&mut answer);
    token::accept(&answer, "openid email").checks
}

fn refused(edit: fn(&mut HttpResponse)) -> Vec<Check> {
    let mut answer =
        HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#).with_header("WWW-Authenticate", "Basic");
    edit(&mut answer);
    token::accept(&answer, "").checks
}

fn replace(answer: &mut HttpResponse, from: &str, to: &str) {
    answer.body = answer.text().replacen(from, to, 1).into_bytes();
}

fn token_cases() -> Vec<Case> {
    type Edit = fn(&mut HttpResponse);
    let cases: [(&str, Verdict, &str, Edit); 18] = [
        ("token.status", Fail, "201", |answer| answer.status = 201),
        ("token.cache_control", Warn, "no Cache-Control", |answer| {
            answer.headers.0.retain(|(name, _)| name != "Cache-Control");
        }),
        ("token.cache_control", Warn, "private", |answer| answer.headers.set("Cache-Control", "private")),
        ("token.content_type", Fail, "text/html", |answer| answer.headers.set("Content-Type", "text/html")),
        ("token.token_type", Fail, "absent", |answer| replace(answer, "token_type", "type")),
        ("token.token_type", Fail, "mac", |answer| replace(answer, "Bearer", "mac")),
        ("token.access_token", Fail, "absent", |answer| replace(answer, "access_token", "token")),
        ("token.access_token", Fail, "empty", |answer| replace(answer, RANDOM, "")),
        ("token.access_token", Fail, "characters", |answer| replace(answer, "dBjft", "grüße")),
        ("token.expires_in", Warn, "absent", |answer| replace(answer, "expires_in", "expires")),
        ("token.expires_in", Warn, "string", |answer| replace(answer, "600", "\"600\"")),
        ("token.expires_in", Warn, "-1", |answer| replace(answer, "600", "-1")),
        ("token.expires_in", Warn, "milliseconds", |answer| replace(answer, "600", "1795394200")),
        ("token.scope", Note, "granted openid, asked", |answer| replace(answer, "openid email", "openid")),
        ("token.id_token", Fail, "absent", |answer| replace(answer, "id_token", "idToken")),
        ("token.duplicates", Fail, "expires_in", |answer| replace(answer, "{", "{\"expires_in\":1,")),
        ("token.entropy", Fail, "access_token", |answer| replace(answer, RANDOM, "12345")),
        ("token.entropy", Fail, "refresh_token", |answer| replace(answer, OTHER, "12345")),
    ];
    let case =
        |(id, verdict, saw, edit): (_, _, _, Edit)| Case { id, verdict, saw, broken: token(edit), kept: token(|_| {}) };
    let refusals: [(&str, &str, Edit); 4] = [
        ("token.status", "500", |answer| answer.status = 500),
        ("token.error", "\\u{7}", |answer| replace(answer, "invalid_client", "bad\\u0007")),
        ("token.error", "\"", |answer| replace(answer, "invalid_client", "say \\\"no\\\"")),
        ("token.challenge", "absent", |answer| answer.headers.0.retain(|(name, _)| name != "WWW-Authenticate")),
    ];
    let refusal =
        |(id, saw, edit): (_, _, Edit)| Case { id, verdict: Fail, saw, broken: refused(edit), kept: refused(|_| {}) };
    let mut cases: Vec<Case> = cases.into_iter().map(case).chain(refusals.into_iter().map(refusal)).collect();
    cases.extend(refresh_cases());
    cases
}

/// A refresh of a public client that had the scope `a b`.
fn refreshed(refresh_token: Option<&str>, scope: &str) -> Vec<Check> {
    let fresh = TokenResponse {
        access_token: None,
        token_type: None,
        expires_in: None,
        refresh_token: refresh_token.map(Secret::from),
        scope: Some(scope.to_owned()),
        id_token: None,
    };
    token::accept_refresh(&fresh, &RANDOM.into(), "a b", true)
}

fn refresh_cases() -> [Case; 3] {
    let case = |id, saw, broken| Case { id, verdict: Fail, saw, broken, kept: refreshed(Some(OTHER), "a") };
    [
        case("token.rotation", "the same one", refreshed(Some(RANDOM), "a")),
        case("token.rotation", "the same one", refreshed(None, "a")),
        case("token.scope_wider", "also c", refreshed(Some(OTHER), "a b c")),
    ]
}

/// The choice of client authentication at a server that offers these methods.
fn client_authentication(methods: &str) -> Vec<Check> {
    let json = Json::parse_text(&format!(r#"{{"token_endpoint_auth_methods_supported":{methods}}}"#)).expect("JSON");
    token::lint(&HttpRequest::get(url(ISSUER)), &settings(), Some(&ServerMetadata { json }))
}

fn token_request(grant_type: &str) -> Vec<Check> {
    let form: Params = [("grant_type", grant_type)].into_iter().collect();
    token::lint(&HttpRequest::post_form(url(ISSUER), &form), &settings(), None)
}

fn answer(status: u16, content_type: &str, body: &str) -> HttpResponse {
    HttpResponse::new(status, content_type, body)
}

fn resource_cases() -> Vec<Case> {
    let sent = |query: &str| HttpRequest::get(url(&format!("https://api.example/{query}")));
    let asked = |response: &HttpResponse| resource::accept(response, ()).checks;
    let claims = |response: &HttpResponse| userinfo::accept(response, Some("alice")).checks;
    let alice = || answer(200, JSON, r#"{"sub":"alice"}"#);
    let case = |id, saw, broken, kept| Case { id, verdict: Fail, saw, broken, kept };
    let after = |seconds| vec![slow(Duration::from_secs(seconds))];
    vec![
        Case { verdict: Note, ..case("answer.slow", "5.0 s", after(5), after(4)) },
        case(
            "resource.token_in_url",
            "the query",
            resource::lint(&sent(&format!("?access_token={RANDOM}")), &RANDOM.into()),
            resource::lint(&sent("?q=1"), &RANDOM.into()),
        ),
        case("resource.status", "403", asked(&answer(403, JSON, "{}")), asked(&answer(204, "", ""))),
        case("resource.status", "401", claims(&answer(401, JSON, "{}")), claims(&alice())),
        case(
            "resource.challenge",
            "absent",
            asked(&answer(401, JSON, "{}")),
            asked(&answer(401, JSON, "{}").with_header("WWW-Authenticate", "Bearer")),
        ),
        case("userinfo.sub", "bob", claims(&answer(200, JSON, r#"{"sub":"bob"}"#)), claims(&alice())),
        case("userinfo.sub", "no sub", claims(&answer(200, JSON, "{}")), claims(&alice())),
        case("userinfo.content_type", "text/plain", claims(&answer(200, "text/plain", "{}")), claims(&alice())),
        Case {
            verdict: Warn,
            ..case("settings.password", "password", token_request("password"), token_request("authorization_code"))
        },
        Case {
            verdict: Note,
            ..case(
                "settings.symmetric_auth",
                "client_secret_basic",
                client_authentication(r#"["client_secret_basic","private_key_jwt"]"#),
                client_authentication(r#"["client_secret_basic","none"]"#),
            )
        },
    ]
}

fn cases() -> Vec<Case> {
    [request_cases(), response_cases(), metadata_cases(), jwks_cases(), token_cases(), resource_cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn rules_for_the_authorization_request_and_the_settings_behind_it() {
    request_cases().iter().for_each(Case::judge);
}

#[test]
fn rules_for_the_authorization_response() {
    response_cases().iter().for_each(Case::judge);
}

#[test]
fn rules_for_the_metadata() {
    metadata_cases().iter().for_each(Case::judge);
}

#[test]
fn rules_for_the_key_set() {
    jwks_cases().iter().for_each(Case::judge);
}

#[test]
fn rules_for_the_token_response_and_the_refresh() {
    token_cases().iter().for_each(Case::judge);
}

#[test]
fn rules_for_userinfo_apis_and_client_authentication() {
    resource_cases().iter().for_each(Case::judge);
}

/// Each case breaks its rule and keeps it, so a rule with a case is tested both ways.
#[test]
fn no_rule_is_without_a_case() {
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.id).collect();
    // These are broken and kept beside their messages.
    let elsewhere = [
        "id_token.",
        "device.",
        "introspection.",
        "revocation.",
        "refresh.",
        "assertion.",
        "exchange.",
        "backchannel",
        "logout.",
    ];
    let is_here = |id: &&str| !elsewhere.iter().any(|prefix| id.starts_with(prefix));
    let all: BTreeSet<&str> = rules::all().map(|rule| rule.id).filter(is_here).collect();
    assert_eq!(all.difference(&tested).collect::<Vec<_>>(), Vec::<&&str>::new(), "rules without a case");
    assert_eq!(tested.difference(&all).collect::<Vec<_>>(), Vec::<&&str>::new(), "cases without a rule");
}
