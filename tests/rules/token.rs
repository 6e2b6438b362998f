//! The token response and the refresh (RFC 6749 sections 5 and 6).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::secret::Secret;
use grantscope::client::endpoint::token::{self, Asked, TokenResponse};

use super::{Entry, OTHER, RANDOM, entries_of};

/// A good token response, edited.
fn token(edit: fn(&mut HttpResponse)) -> Vec<Check> {
    let body = format!(
        r#"{{"access_token":"{RANDOM}","token_type":"Bearer","expires_in":600,"refresh_token":"{OTHER}","id_token":"a.b.c","scope":"openid email"}}"#
    );
    let mut answer = HttpResponse::new(200, JSON, body).with_header("Cache-Control", "no-store");
    edit(&mut answer);
    token::accept(&answer, Asked { scope: "openid email", grant_type: "authorization_code", is_basic: true }).checks
}

fn refused(edit: fn(&mut HttpResponse)) -> Vec<Check> {
    let mut answer =
        HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#).with_header("WWW-Authenticate", "Basic");
    edit(&mut answer);
    token::accept(&answer, Asked { is_basic: true, ..Asked::default() }).checks
}

fn replace(answer: &mut HttpResponse, from: &str, to: &str) {
    answer.body = answer.text().replacen(from, to, 1).into_bytes();
}

/// Tokens for a code, asked for with these parameters.
fn verified(has_challenge: bool, names: &[&str]) -> Vec<Check> {
    vec![token::accept_verifier(has_challenge, &names.iter().map(|name| (*name, "x")).collect())]
}

pub fn entries() -> Vec<Entry> {
    type Edit = fn(&mut HttpResponse);
    let rows: [(&str, Verdict, &str, Edit); 24] = [
        ("token.cache_control", Warn, "no Cache-Control", |answer| {
            answer.headers.0.retain(|(name, _)| name != "Cache-Control");
        }),
        ("token.cache_control", Note, "public contradicts it", |answer| {
            answer.headers.push("Cache-Control", "public");
        }),
        ("token.cache_control", Warn, "private", |answer| answer.headers.set("Cache-Control", "private")),
        ("token.content_type", Fail, "text/html", |answer| answer.headers.set("Content-Type", "text/html")),
        ("token.content_type", Warn, "application/json and text/html", |answer| {
            answer.headers.push("Content-Type", "text/html");
        }),
        ("token.token_type", Fail, "absent", |answer| replace(answer, "token_type", "type")),
        ("token.token_type", Fail, "mac", |answer| replace(answer, "Bearer", "mac")),
        ("token.token_type", Warn, "bot", |answer| replace(answer, "Bearer", "bot")),
        ("token.access_token", Fail, "absent", |answer| replace(answer, "access_token", "token")),
        ("token.access_token", Fail, "empty", |answer| replace(answer, RANDOM, "")),
        ("token.access_token", Fail, "characters", |answer| replace(answer, "dBjft", "grüße")),
        ("token.expires_in", Warn, "absent", |answer| replace(answer, "expires_in", "expires")),
        ("token.expires_in", Warn, "string", |answer| replace(answer, "600", "\"600\"")),
        ("token.expires_in", Warn, "0", |answer| replace(answer, "600", "0")),
        ("token.expires_in", Warn, "-1", |answer| replace(answer, "600", "-1")),
        ("token.expires_in", Warn, "milliseconds", |answer| replace(answer, "600", "1795394200")),
        ("token.scope", Note, "granted openid, asked", |answer| replace(answer, "openid email", "openid")),
        ("token.scope", Fail, "array openid", |answer| replace(answer, "\"openid email\"", "[\"openid\"]")),
        ("token.scope", Warn, "\"\"", |answer| replace(answer, "openid email", "")),
        ("token.scope", Note, "commas", |answer| replace(answer, "openid email", "openid,email")),
        ("token.id_token", Fail, "absent", |answer| replace(answer, "id_token", "idToken")),
        ("token.duplicates", Fail, "expires_in", |answer| replace(answer, "{", "{\"expires_in\":1,")),
        ("token.entropy", Fail, "access_token", |answer| replace(answer, RANDOM, "12345")),
        ("token.entropy", Fail, "refresh_token", |answer| replace(answer, OTHER, "12345")),
    ];
    let refusals: [(&str, Verdict, &str, Edit); 8] = [
        ("token.error", Fail, "\\u{7}", |answer| replace(answer, "invalid_client", "bad\\u0007")),
        ("token.error", Warn, "scope_invalid", |answer| replace(answer, "invalid_client", "scope_invalid")),
        ("token.error", Fail, "\"", |answer| replace(answer, "invalid_client", "say \\\"no\\\"")),
        ("token.error", Fail, "error is an object", |answer| {
            replace(answer, "\"invalid_client\"", "{\"message\":\"no\"}");
        }),
        ("token.error", Fail, "tokens, and error is", |answer| {
            *answer = HttpResponse::new(200, JSON, r#"{"access_token":"x","error":""}"#);
        }),
        ("token.error", Fail, "there is no error", |answer| replace(answer, "error", "errorCode")),
        ("token.challenge", Fail, "absent", |answer| answer.headers.0.retain(|(name, _)| name != "WWW-Authenticate")),
        ("token.challenge", Fail, "Bearer", |answer| answer.headers.set("WWW-Authenticate", "Bearer")),
    ];
    let mut entries = entries_of(&rows, || token(|_| {}), token);
    entries.extend(entries_of(&refusals, || refused(|_| {}), refused));
    entries.push(
        Entry::kept("token.status", token(|_| {}))
            .kept_too(refused(|_| {}))
            .broken(Fail, "201", token(|answer| answer.status = 201))
            .broken(Fail, "500", refused(|answer| answer.status = 500))
            // A client that is told to wait reads the code, whatever the status (RFC 8628 section 3.5).
            .broken(Warn, "428", refused(|answer| put_off(answer, "authorization_pending", 428)))
            .broken(Warn, "403", refused(|answer| put_off(answer, "slow_down", 403)))
            .broken(Fail, "500", refused(|answer| put_off(answer, "slow_down", 500)))
            .broken(Warn, "403", refused(|answer| put_off(answer, "access_denied", 403)))
            .broken(Fail, "403", refused(|answer| put_off(answer, "invalid_grant", 403)))
            .broken(Warn, "401", refused(|answer| put_off(answer, "invalid_grant", 401)))
            .kept_too(refused(|answer| put_off(answer, "unauthorized_client", 401)))
            .broken(Fail, "400", token(|answer| answer.status = 400)),
    );
    entries.push(
        Entry::unsaid("token.type_understood", token(|_| {}))
            .kept_too(token(|answer| replace(answer, "Bearer", "bot")))
            .kept_too(token(|answer| replace(answer, "Bearer", "N_A")))
            .broken(Fail, "mac", token(|answer| replace(answer, "Bearer", "mac"))),
    );
    entries.extend(refresh_entries());
    entries
}

/// The answer to a poll.
fn put_off(answer: &mut HttpResponse, code: &str, status: u16) {
    replace(answer, "invalid_client", code);
    answer.status = status;
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
        authorization_details: None,
    };
    token::accept_refresh(&fresh, &RANDOM.into(), "a b", true)
}

/// What an answer to a newer refresh token says, after an old one has come again.
fn family(status: u16, body: &str, is_public: bool) -> Vec<Check> {
    let asked = Asked { scope: "a", grant_type: "refresh_token", is_basic: false };
    let outcome = token::accept(&HttpResponse::new(status, JSON, body), asked).outcome;
    token::accept_family(&outcome, is_public).into_iter().collect()
}

fn refresh_entries() -> [Entry; 5] {
    let kept = |rule| Entry::kept(rule, refreshed(Some(OTHER), "a"));
    let reused = |status, body: &str| token::accept_reuse(&HttpResponse::new(status, JSON, body), true).checks;
    let tokens = r#"{"access_token":"a","token_type":"Bearer"}"#;
    [
        kept("token.rotation").broken(Fail, "the same one", refreshed(Some(RANDOM), "a")).broken(
            Fail,
            "the same one",
            refreshed(None, "a"),
        ),
        kept("token.scope_wider").broken(Fail, "also c", refreshed(Some(OTHER), "a b c")),
        Entry::kept("token.verifier", verified(true, &["code", "code_verifier"])).broken(
            Fail,
            "no code_verifier was sent",
            verified(true, &["code"]),
        ),
        Entry::kept("refresh.family", family(400, r#"{"error":"invalid_grant"}"#, true))
            .broken(Warn, "new tokens", family(200, tokens, true))
            .broken(Note, "goes on working for the thief", family(200, tokens, false)),
        Entry::kept("refresh.reuse", reused(400, r#"{"error":"invalid_grant"}"#))
            .broken(Fail, "", reused(200, tokens))
            .broken(Warn, "refused with invalid_request", reused(400, r#"{"error":"invalid_request"}"#))
            .broken(Warn, "refused with 400", reused(400, ""))
            .broken(Warn, "invalid_grant with status 200", reused(200, r#"{"error":"invalid_grant"}"#)),
    ]
}
