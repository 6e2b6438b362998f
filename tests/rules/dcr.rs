//! Dynamic client registration and its management (RFC 7591, RFC 7592).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Pass, Skipped, Warn};
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::client::answer::Outcome;
use grantscope::client::endpoint::registration::{
    Registered, accept, accept_deletion, accept_information, accept_proof, accept_update, guard, lint, lint_update,
};

use super::authorization::url;
use super::{Entry, entries_of};

const ASKED: &str = r#"{"client_name":"Shop","redirect_uris":["http://127.0.0.1/cb"],"grant_types":["authorization_code"],
    "response_types":["code"],"token_endpoint_auth_method":"client_secret_basic"}"#;
const GOOD: &str = r#"{"client_id":"c1","client_secret":"s","client_secret_expires_at":0,"client_id_issued_at":1,
    "registration_client_uri":"https://as.example/register/c1","registration_access_token":"t",
    "client_name":"Shop","redirect_uris":["http://127.0.0.1/cb"],"grant_types":["authorization_code"],
    "response_types":["code"],"token_endpoint_auth_method":"client_secret_basic"}"#;

/// When the answers came.
const NOW: Timestamp = Timestamp::from_seconds(1_795_429_800);

fn json(text: &str) -> Json {
    Json::parse_text(text).expect("JSON")
}

fn answered(status: u16, media_type: &str, body: &str) -> Vec<Check> {
    accept(&HttpResponse::new(status, media_type, body), Some(&json(ASKED)), NOW, false).checks
}

/// No token was recognised, with this header field.
fn unauthorized(field: &str) -> Vec<Check> {
    let response = HttpResponse::new(401, JSON, r#"{"error":"invalid_token"}"#).with_header(field, "Bearer");
    accept(&response, None, NOW, false).checks
}

fn sent(body: &str) -> HttpRequest {
    let request =
        HttpRequest { body: body.into(), method: "POST".to_owned(), ..HttpRequest::get(url("https://as.example")) };
    request.with_header("Content-Type", JSON)
}

fn asked_with(from: &str, to: &str) -> Vec<Check> {
    lint(&sent(&ASKED.replace(from, to)))
}

/// With these keys in jwks, and what follows.
fn keys(members: &str, after: &str) -> Vec<Check> {
    lint(&sent(&ASKED.replacen('{', &format!(r#"{{"jwks":{{"keys":[{{"kty":"EC",{members}}}]}}{after},"#), 1)))
}

fn registered() -> Registered {
    match accept(&HttpResponse::new(201, JSON, GOOD), None, NOW, false).outcome {
        Outcome::Success(registered) => registered,
        other => panic!("{other:?}"),
    }
}

fn read(status: u16, body: &str) -> Vec<Check> {
    accept_information(&HttpResponse::new(status, JSON, body), Some(&registered()), NOW).checks
}

fn updated(status: u16) -> Vec<Check> {
    accept_update(&HttpResponse::new(status, JSON, GOOD), &sent(ASKED), Some(&registered()), NOW).checks
}

fn deleted(status: u16) -> Vec<Check> {
    accept_deletion(&HttpResponse::new(status, JSON, "")).checks
}

fn proof(status: u16) -> Vec<Check> {
    accept_proof(&HttpResponse::new(status, JSON, "{}")).checks
}

/// Of a client that was registered at `https://as.example`.
fn managed_at(uri: &str) -> Vec<Check> {
    guard(&url(uri), Some(&url("https://as.example/register")))
}

/// An update of what was registered, with one thing changed.
fn update(from: &str, to: &str) -> Vec<Check> {
    let all = ASKED.replacen('{', r#"{"client_id":"c1","#, 1);
    lint_update(&sent(&all.replacen(from, to, 1)), &registered())
}

fn of_answer() -> Vec<Entry> {
    let rows = [
        ("dcr.expiry", Warn, "absent", (r#""client_secret_expires_at":0,"#, "")),
        ("dcr.expiry", Fail, "soon", (r#"_at":0"#, r#"_at":"soon""#)),
        ("dcr.expiry", Fail, "-1", (r#"_at":0"#, r#"_at":-1"#)),
        ("dcr.expiry", Fail, "1970-01-01", (r#"_at":0"#, r#"_at":3600"#)),
        ("dcr.redirect_uris", Warn, "https://a.example/", ("http://127.0.0.1/cb", "https://a.example/")),
        ("dcr.redirect_uris", Warn, "none", (r#""redirect_uris":["http://127.0.0.1/cb"],"#, "")),
        ("dcr.secret", Warn, "no client_secret", (r#""client_secret":"s","#, "")),
        ("dcr.effective", Note, "asked \"client_secret_basic\", registered \"none\"", ("client_secret_basic", "none")),
        ("dcr.effective", Note, "client_name: asked \"Shop\", not registered", (r#""client_name":"Shop","#, "")),
        ("dcr.effective", Note, "[\"https://a.example/\"]", ("http://127.0.0.1/cb", "https://a.example/")),
        (
            "dcr.effective",
            Note,
            "require_pushed_authorization_requests: not asked, registered true",
            ("{", r#"{"require_pushed_authorization_requests":true,"#),
        ),
        (
            "dcr.effective",
            Note,
            "a tls_client_certificate",
            ("{", r#"{"tls_client_certificate_bound_access_tokens":true,"#),
        ),
        (
            "dcr.types",
            Warn,
            "client_id_issued_at is a string",
            (r#""client_id_issued_at":1"#, r#""client_id_issued_at":"x""#),
        ),
        ("dcr.types", Warn, "grant_types is a string", (r#"["authorization_code"]"#, r#""authorization_code""#)),
        ("dcr.types", Warn, "scope is an array", ("{", r#"{"scope":["openid"],"#)),
        ("dcr.management", Fail, "no registration_access_token", (r#","registration_access_token":"t""#, "")),
        ("dcr.management", Fail, "no registration_client_uri", (r#""registration_client_uri":"#, r#""uri":"#)),
    ];
    let spoilt = |(from, to): (&str, &str)| answered(201, JSON, &GOOD.replace(from, to));
    entries_of(&rows, || answered(201, JSON, GOOD), spoilt)
}

pub fn entries() -> Vec<Entry> {
    let other = GOOD.replace(r#""c1","#, r#""c2","#);
    let good = || answered(201, JSON, GOOD);
    let request = || asked_with("", "");
    let of_update = || update("", "");
    let mut entries = of_answer();
    let untold = GOOD.replace(r#","registration_access_token":"t""#, "");
    let told_before = read(200, &untold).into_iter().find(|check| check.rule.id == "dcr.management").expect("judged");
    assert_eq!(told_before.verdict, Skipped, "a read need not repeat it");
    let changed = accept_update(&HttpResponse::new(200, JSON, &*untold), &sent(ASKED), Some(&registered()), NOW).checks;
    let told_again = changed.into_iter().find(|check| check.rule.id == "dcr.management").expect("judged");
    assert_eq!(told_again.verdict, Note, "that of a change is to repeat it");
    entries.extend([
        Entry::kept("dcr.content_type", good()).broken(Fail, "text/html", answered(201, "text/html", GOOD)),
        Entry::kept("dcr.challenge", unauthorized("WWW-Authenticate")).broken(Fail, "absent", unauthorized("X-Other")),
        Entry::kept("dcr.status", good()).broken(Fail, "200", answered(200, JSON, GOOD)).broken(
            Warn,
            "200",
            accept(&HttpResponse::new(200, JSON, GOOD), None, NOW, true).checks,
        ),
        Entry::kept("dcr.protected", managed_at("https://as.example/register/c1"))
            .kept_too(managed_at("http://127.0.0.1:9400/register/c1"))
            .broken(Fail, "http://as.example", managed_at("http://as.example/register/c1")),
        Entry::kept("dcr.same_origin", managed_at("https://as.example:443/register/c1"))
            .broken(Warn, "https://evil.example", managed_at("https://evil.example/c1"))
            .broken(Warn, "https://as.example:444", managed_at("https://as.example:444/c1")),
        Entry::kept("dcr.read", read(200, GOOD)).broken(Fail, "201", read(201, GOOD)),
        Entry::kept("dcr.updated", updated(200)).broken(Fail, "201", updated(201)),
        Entry::kept("dcr.same_client", read(200, GOOD)).broken(Fail, "c2", read(200, &other)),
        Entry::kept("dcr.deleted", deleted(204)).broken(Fail, "200", deleted(200)),
        Entry::kept("dcr.dead", proof(401)).broken(Fail, "200", proof(200)).broken(Fail, "404", proof(404)),
        Entry::kept("dcr_request.metadata", request()).broken(Fail, "no JSON object", lint(&sent("[]"))).broken(
            Fail,
            "no type",
            lint(&HttpRequest { headers: Default::default(), ..sent(ASKED) }),
        ),
        Entry::kept("dcr_request.redirect_uris", request())
            .kept_too(asked_with(r#""authorization_code""#, r#""client_credentials""#))
            .broken(Fail, "none", asked_with(r#""redirect_uris""#, r#""uris""#))
            .kept_too(asked_with("http://127.0.0.1/cb", "com.example.app:/cb"))
            .broken(Fail, "none", lint(&sent("{}")))
            .broken(Fail, "a fragment", asked_with("/cb", "/cb#x"))
            .broken(Fail, "http to another machine", asked_with("127.0.0.1", "app.example")),
        Entry::kept("dcr_request.consistent", request())
            .broken(Warn, "response_types token", asked_with(r#"["code"]"#, r#"["token"]"#))
            .broken(Warn, "grant_types implicit", asked_with(r#"["authorization_code"]"#, r#"["implicit"]"#)),
        Entry::kept("dcr_request.jwks", keys(r#""x":"a""#, "")).broken(
            Fail,
            "jwks and jwks_uri",
            keys(r#""x":"a""#, r#","jwks_uri":"https://a.example/jwks""#),
        ),
        Entry::kept("dcr_request.private_key", keys(r#""x":"a""#, "")).broken(
            Fail,
            "a private or shared key",
            keys(r#""x":"a","d":"b""#, ""),
        ),
        Entry::kept("dcr_update.whole", of_update()).broken(Fail, "client_name", update("client_name", "name")).broken(
            Fail,
            "client_id",
            update("c1", "c2"),
        ),
        Entry::kept("dcr_update.own_members", of_update()).broken(
            Fail,
            "registration_access_token",
            update("{", r#"{"registration_access_token":"t","#),
        ),
    ]);
    entries
}

/// What a server may do without breaking a rule.
#[test]
fn what_healthy_servers_answer_is_taken() {
    let verdict = |checks: Vec<Check>, rule| checks.into_iter().find(|it| it.rule.id == rule).map(|it| it.verdict);
    let ahead = GOOD.replace(r#"_at":0"#, r#"_at":1795433400"#);
    assert_eq!(verdict(answered(201, JSON, &ahead), "dcr.expiry"), Some(Pass));
    // A registration may outlive its secret, which is worth a word.
    let over = GOOD.replace(r#"_at":0"#, r#"_at":3600"#);
    assert_eq!(verdict(answered(201, JSON, &over), "dcr.expiry"), Some(Fail));
    assert_eq!(verdict(read(200, &over), "dcr.expiry"), Some(Warn));
    assert_eq!(verdict(read(200, &ahead), "dcr.expiry"), Some(Pass));
    // A later answer need not tell the secret again (RFC 7592 section 3).
    let unsaid = GOOD.replace(r#""client_secret":"s","client_secret_expires_at":0,"#, "");
    assert_eq!(verdict(read(200, &unsaid), "dcr.secret"), Some(Skipped));
    assert_eq!(verdict(answered(201, JSON, &unsaid), "dcr.secret"), Some(Warn));
    // On loopback any port is as good as the registered one.
    let port = GOOD.replace("http://127.0.0.1/cb", "http://127.0.0.1:8912/cb");
    assert_eq!(verdict(answered(201, JSON, &port), "dcr.redirect_uris"), Some(Pass));
    let empty = unsaid.replace(r#"_method":"client_secret_basic""#, r#"_method":"""#);
    let unasked = accept(&HttpResponse::new(201, JSON, empty.as_str()), None, NOW, false).checks;
    assert_eq!(verdict(unasked, "dcr.secret"), Some(Warn));
}
