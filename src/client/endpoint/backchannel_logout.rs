//! The logout token: how a server tells a client by itself that a session has ended (OIDC Back-Channel Logout sections 2.4
//! to 2.8).

use std::time::Duration;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::renewal;
use crate::client::rules::backchannel_logout as rule;
use crate::client::server_signature;
use crate::jose::claims::{begun, not_ahead, not_over, numeric_date};
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form, decode};

/// The member of `events` that makes a token a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// What a client is signed for that has registered nothing else (OIDC Registration section 2).
const DEFAULT_ALG: &str = "RS256";
/// Its type (section 2.4).
const TYP: &str = "logout+jwt";
/// Two minutes (section 4), with one more for the clocks.
const LONGEST: Duration = Duration::from_secs(180);

/// What a logout token is held against. `None` means "not known", and skips the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The issuer of the login.
    pub issuer: Option<String>,
    /// This client.
    pub client_id: String,
    /// `sub` of the login.
    pub sub: Option<String>,
    /// `sid` of the login.
    pub sid: Option<String>,
    /// `id_token_signed_response_alg` of this client's registration, which logout tokens keep to (section 2.4).
    pub registered_alg: Option<String>,
    /// Algorithms of the metadata.
    pub algs: Option<Vec<String>>,
    /// `alg` of the ID token of the login, which the same parameters govern.
    pub id_token_alg: Option<String>,
    /// The server's keys.
    pub jwks: Option<JwkSet>,
    /// The client secret, for HS256 and its kin.
    pub client_secret: Option<Jwk>,
}

/// The answer to what came to `backchannel_logout_uri` (section 2.8). Nothing of it may be cached.
pub fn answer(request: &HttpRequest, expected: &Expected, now: Timestamp) -> HttpResponse {
    let answer = if is_rejected(&judge(request, expected, now)) {
        HttpResponse::new(400, JSON, r#"{"error":"invalid_request"}"#)
    } else {
        HttpResponse::new(200, "text/plain", "")
    };
    answer.with_header("Cache-Control", "no-store")
}

/// Whether a client has to answer with 400 (section 2.6): one rule of the specification is surely broken.
fn is_rejected(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.verdict == Verdict::Fail)
}

/// The token that came, where there is one.
pub fn token(request: &HttpRequest) -> Option<Decoded> {
    let form = request.form().filter(|_| request.method == "POST")?;
    form.get("logout_token").map(decode)
}

/// The name of the token that came, where it has one.
pub fn jti(request: &HttpRequest) -> Option<String> {
    text(&token(request)?, "jti").map(str::to_owned)
}

/// Whether a token of this name came before (section 2.6, step 8).
pub fn repeated(jti: &str, is_known: bool) -> Check {
    let saw = if is_known { format!("{} once more", visible(jti)) } else { visible(jti).into_owned() };
    rule::REPEATED.holds(!is_known, "a jti of its own", saw)
}

/// Holds what came against its rules.
pub fn judge(request: &HttpRequest, expected: &Expected, now: Timestamp) -> Vec<Check> {
    let form = request.form().filter(|_| request.method == "POST");
    let often = form.as_ref().map_or(0, |form| form.all("logout_token").count());
    let saw = match &form {
        Some(_) if often > 1 => format!("logout_token {often} times"),
        Some(form) if form.contains("logout_token") => "a POST of logout_token".to_owned(),
        Some(_) => "a form without logout_token".to_owned(),
        None => format!("{} without a form", visible(&request.method)),
    };
    let token = form.as_ref().and_then(|form: &Params| form.get("logout_token"));
    let mut checks = vec![rule::REQUEST.holds(often == 1, "a POST of one logout_token", saw)];
    if let Some(token) = token {
        checks.extend(judge_token(&decode(token), expected, now));
    }
    checks
}

fn judge_token(token: &Decoded, expected: &Expected, now: Timestamp) -> Vec<Check> {
    if token.form == Form::Jwe {
        return vec![rule::SIGNATURE.skipped("it is encrypted, and its parts are not judged")];
    }
    if token.claims.is_none() {
        return vec![rule::SIGNATURE.broken("a signed JWT", "nothing that can be read")];
    }
    let mut checks = vec![signature(token, expected), alg(token, expected)];
    checks.extend([
        equal(&rule::ISS, text(token, "iss"), expected.issuer.as_deref(), "the issuer is not known"),
        aud(token, &expected.client_id),
    ]);
    checks.extend(judge_claims(token, now));
    checks.push(session(token, expected));
    checks
}

/// Whether a token says that it is a logout token: by its type, or by the event that makes it one.
pub fn is_logout_token(token: &Decoded) -> bool {
    let is_of_event = || token.claim("events").is_some_and(|events| events.get(EVENT).is_some());
    token.typ().is_some_and(is_typ) || is_of_event()
}

/// Holds what a logout token says against the rules that ask nothing of the login (section 2.4).
pub fn judge_claims(token: &Decoded, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![
        rule::TYP.holds(token.typ().is_some_and(is_typ), TYP, visible(token.typ().unwrap_or("absent"))),
        time(&rule::IAT, token, "iat", |at| not_ahead(&rule::IAT, at, now)),
        time(&rule::EXP, token, "exp", |at| not_over(&rule::EXP, at, now)),
        lifetime(token, now),
        rule::JTI.holds(text(token, "jti").is_some_and(|jti| !jti.is_empty()), "jti", seen(token, "jti")),
        events(token),
        rule::NONCE.holds(token.claim("nonce").is_none(), "no nonce", seen(token, "nonce")),
        subject(token),
    ];
    checks.extend(begun(&rule::NBF, token, now));
    checks
}

/// A key that is not known may have come since the set was fetched, so that nobody is refused for it.
fn signature(token: &Decoded, expected: &Expected) -> Check {
    if renewal::names_unknown_key(token, expected.jwks.as_ref()) {
        return rule::SIGNATURE.skipped("not judged: the key that it names is not known");
    }
    server_signature::judge(&rule::SIGNATURE, token, expected.client_secret.as_ref(), expected.jwks.as_ref())
}

fn is_typ(typ: &str) -> bool {
    typ.eq_ignore_ascii_case(TYP) || typ.eq_ignore_ascii_case("application/logout+jwt")
}

fn text<'a>(token: &'a Decoded, name: &str) -> Option<&'a str> {
    token.claim(name).and_then(Json::as_str)
}

fn seen(token: &Decoded, name: &str) -> String {
    token.claim(name).map_or("absent".to_owned(), |value| visible(&value.to_string()).into_owned())
}

fn equal(rule: &'static Rule, came: Option<&str>, expected: Option<&str>, unknown: &'static str) -> Check {
    match (came, expected) {
        (_, None) => rule.skipped(unknown),
        (None, Some(expected)) => rule.broken(expected, "absent"),
        (Some(came), Some(expected)) => rule.equal(expected, came),
    }
}

/// As for ID tokens, and RS256 where nothing is registered (section 2.6, step 3; OIDC Core section 3.1.3.7). A registration
/// that is not known here shows in the ID token of the login.
fn alg(token: &Decoded, expected: &Expected) -> Check {
    let came = token.alg().unwrap_or("absent");
    let said = visible(came);
    match (expected.registered_alg.as_deref(), expected.id_token_alg.as_deref(), &expected.algs) {
        _ if token.form != Form::Jws => rule::ALG.broken("an algorithm that signs", said),
        (Some(registered), ..) => rule::ALG.equal(registered, came),
        (None, Some(alg), _) if alg == came => rule::ALG.pass(format!("{said}, as the ID token")),
        (None, ..) if came == DEFAULT_ALG => rule::ALG.pass(format!("{said}, the default")),
        (None, Some(alg), _) => rule::ALG.warn(format!("{alg}, as the ID token, or {DEFAULT_ALG}"), said),
        (None, None, Some(listed)) if listed.iter().all(|alg| alg != came) => {
            rule::ALG.warn(format!("one of the metadata: {}", listed.join(", ")), said)
        }
        (None, None, _) => rule::ALG.pass(said),
    }
}

fn aud(token: &Decoded, client_id: &str) -> Check {
    let named = token.claim("aud").map(Json::strings).unwrap_or_default();
    let saw = if named.is_empty() { "absent".to_owned() } else { visible(&named.join(", ")).into_owned() };
    rule::AUD.holds(named.contains(&client_id), client_id, saw)
}

fn time(rule: &'static Rule, token: &Decoded, name: &'static str, judge: impl FnOnce(Timestamp) -> Check) -> Check {
    match token.claim(name).map(numeric_date) {
        None => rule.broken(name, "absent"),
        Some(Err(what)) => rule.broken("seconds since 1970", what),
        Some(Ok(at)) => judge(at),
    }
}

fn lifetime(token: &Decoded, now: Timestamp) -> Check {
    let Some(Ok(end)) = token.claim("exp").map(numeric_date) else {
        return rule::LIFETIME.skipped("no exp to count to");
    };
    let left = end.since(now);
    rule::LIFETIME.holds(left <= LONGEST, "two minutes or less", spoken(left))
}

fn events(token: &Decoded) -> Check {
    let is_object = |json: &&Json| matches!(json, Json::Object(_));
    let event = token.claim("events").filter(is_object).and_then(|events| events.get(EVENT)).filter(is_object);
    match event {
        // Its members mean nothing that is known (section 2.4).
        Some(event) if !event.members().is_empty() => {
            rule::EVENTS.note(format!("the member is not an empty object: {}", visible(&event.to_string())))
        }
        _ => {
            rule::EVENTS.holds(event.is_some(), format!("an object with {EVENT}, an object too"), seen(token, "events"))
        }
    }
}

fn subject(token: &Decoded) -> Check {
    let named = || ["sub", "sid"].into_iter().filter_map(|name| Some((name, token.claim(name)?)));
    // Both are strings (RFC 7519 section 4.1.2, OIDC Front-Channel Logout section 3).
    if let Some((name, other)) = named().find(|(_, value)| value.as_str().is_none()) {
        return rule::SUBJECT.broken(format!("{name} as a string"), format!("{name} as {}", other.a_kind()));
    }
    let there: Vec<&str> = named().map(|(name, _)| name).collect();
    let saw = if there.is_empty() { "neither".to_owned() } else { there.join(" and ") };
    rule::SUBJECT.holds(!there.is_empty(), "sub or sid", saw)
}

/// A session that is not known here may well be one of this client elsewhere, so that it is only told.
fn session(token: &Decoded, expected: &Expected) -> Check {
    let known = [("sub", &expected.sub), ("sid", &expected.sid)];
    let both = known.into_iter().filter_map(|(name, known)| Some((name, text(token, name)?, known.as_deref()?)));
    let pairs: Vec<(&str, &str, &str)> = both.collect();
    match pairs.iter().find(|(_, came, known)| came != known) {
        Some((name, came, known)) => rule::SESSION.broken(format!("{name} {}", visible(known)), visible(came)),
        None if pairs.is_empty() => rule::SESSION.skipped("there is nothing in both to compare"),
        None => rule::SESSION.pass(pairs.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(" and ")),
    }
}
