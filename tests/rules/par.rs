//! The pushed authorization request, its response, and what the browser brings then (RFC 9126).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::answer::Outcome;
use grantscope::client::endpoint::authorization::AuthorizationRequest;
use grantscope::client::endpoint::pushed_authorization::{Pushed, accept, ignored, lint, pushed};
use grantscope::terms::error::OAuthError;

use super::{Entry, NOW, RANDOM, entries_of};

const GOOD: &str = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","expires_in":90}"#;
const URI: &str = "urn:ietf:params:oauth:request_uri:dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn answered(status: u16, content_type: &str, body: &str) -> Vec<Check> {
    accept(&HttpResponse::new(status, content_type, body), true).checks
}

/// No client was recognised, with this header field.
fn unauthorized(header: &str) -> Vec<Check> {
    accept(&HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#).with_header(header, "Basic"), true).checks
}

/// What is pushed with these parameters.
fn sent(form: &str) -> AuthorizationRequest {
    let params = Params::parse(form.as_bytes());
    pushed(&HttpRequest::post_form("https://as.example/par".parse().expect("a URL"), &params))
}

/// What the browser brings to a request that was pushed, opened so often before, this long after.
fn brought(query: &str, opened: u32, seconds: i64) -> Vec<Check> {
    let (pushed_at, expires_at) = (Timestamp::from_seconds(NOW), Some(Timestamp::from_seconds(NOW + 90)));
    let pushed =
        Pushed { request: sent("client_id=web&scope=openid"), request_uri: URI.into(), pushed_at, expires_at, opened };
    let query = query.replace("URI", URI);
    pushed.lint(&Params::parse(query.as_bytes()), Timestamp::from_seconds(NOW + seconds))
}

/// What a request that was opened twice brought the second time.
fn used_again(is_granted: bool) -> Vec<Check> {
    let request = sent("client_id=web");
    let pushed =
        Pushed { request, request_uri: URI.into(), pushed_at: Timestamp::default(), expires_at: None, opened: 2 };
    let refused = || Outcome::Refused(OAuthError::new("invalid_request_uri", "it was used before"));
    let outcome = if is_granted { Outcome::Success(()) } else { refused() };
    pushed.used_again(&outcome).into_iter().collect()
}

/// What a server that demands pushed requests made of a plain one.
fn plain(is_granted: bool) -> Vec<Check> {
    let url = "https://as.example/authorize?client_id=web".parse().expect("a URL");
    ignored(true, &AuthorizationRequest::in_url(&url), is_granted).into_iter().collect()
}

pub fn entries() -> Vec<Entry> {
    let rows = [
        ("par.expires_in", Fail, "\"90\"", ("90", "\"90\"")),
        ("par.expires_in", Fail, "0", ("90", "0")),
        ("par.expires_in", Fail, "absent", (",\"expires_in\":90", "")),
        ("par.expires_in", Fail, "1.5", ("90", "1.5")),
        ("par.request_uri", Fail, "absent", ("request_uri\":", "requestUri\":")),
        ("par.request_uri", Fail, "7", (URI, "7")),
        ("par.entropy", Fail, "bits", (RANDOM, "1234")),
    ];
    let spoilt = |(from, to): (&str, &str)| {
        let body = GOOD.replace(from, to).replace("\"7\"", "7");
        answered(201, JSON, &body)
    };
    let mut entries = entries_of(&rows, || answered(201, JSON, GOOD), spoilt);
    let url = "client_id=web&request_uri=URI";
    let kept = || brought(url, 0, 89);
    let pushed_with = |form: &str| lint(&sent(form));
    entries.extend([
        Entry::kept("par.content_type", answered(201, JSON, GOOD)).broken(
            Fail,
            "text/html",
            answered(201, "text/html", GOOD),
        ),
        Entry::kept("par.challenge", unauthorized("WWW-Authenticate")).broken(Fail, "absent", unauthorized("X-Other")),
        Entry::kept("par.status", answered(201, JSON, GOOD)).broken(Fail, "200", answered(200, JSON, GOOD)),
        Entry::kept("par.of_user", answered(400, JSON, r#"{"error":"invalid_request"}"#))
            .broken(Warn, "login_required", answered(400, JSON, r#"{"error":"login_required"}"#))
            .broken(Warn, "access_denied", answered(403, JSON, r#"{"error":"access_denied"}"#)),
        Entry::kept("par.single_use", used_again(false)).broken(Warn, "granted again", used_again(true)),
        Entry::kept("par.ignored", plain(false)).broken(Fail, "granted without", plain(true)),
        Entry::kept("par_request.request_uri", pushed_with("client_id=web&client_secret=x")).broken(
            Fail,
            "urn:a",
            pushed_with("client_id=web&request_uri=urn:a"),
        ),
        Entry::kept("par_request.client_id", kept())
            .broken(Fail, "other", brought("client_id=other&request_uri=URI", 0, 0))
            .broken(Fail, "absent", brought("request_uri=URI", 0, 0)),
        Entry::kept("par_request.outside", kept()).broken(
            Note,
            "scope, state",
            brought("client_id=web&request_uri=URI&scope=a&state=b", 0, 0),
        ),
        Entry::kept("par_request.once", kept()).broken(Fail, "used once before", brought(url, 1, 0)),
        Entry::kept("par_request.expired", kept()).broken(Fail, "over for", brought(url, 0, 90)),
    ]);
    entries
}

#[test]
fn what_a_proxy_says_of_a_large_request_is_no_fault_of_the_server() {
    for status in [411, 413, 414, 431] {
        let checks = answered(status, "text/plain", "too big");
        assert!(checks.iter().all(|check| check.verdict != Fail), "{status}: {checks:?}");
    }
}

#[test]
fn a_member_of_another_type_is_told_as_that() {
    let came = |body: &str| accept(&HttpResponse::new(201, JSON, body), true).outcome;
    let told = |body: &str| match came(body) {
        Outcome::Unreadable(what) => what,
        other => panic!("{body}: {other:?}"),
    };
    assert_eq!(told(r#"{"request_uri":5,"expires_in":60}"#), "JSON whose request_uri is a number, not a string");
    for body in [r#"{"expires_in":60}"#, r#"{"request_uri":""}"#, r#"{"request_uri":null}"#] {
        assert_eq!(told(body), "JSON without request_uri", "{body}");
    }
}
