//! Asking whether a token is active (RFC 7662).

use url::Url;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, content_type, refusal, without_error};
use crate::client::body::{self, Body};
use crate::client::endpoint::token;
use crate::client::rules::management as rule;
use crate::client::seal::Draft;
use crate::client::server_signature;
use crate::client::settings::Settings;
use crate::jose::claims::{not_ahead, not_over, numeric_date};
use crate::jose::jwk::JwkSet;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::jose::verify::verify;

/// Media type of an answer that is a JWT (RFC 9701 section 5).
pub const SIGNED: &str = "application/token-introspection+jwt";
/// The claim of that JWT in which the answer is.
const CONTENT: &str = "token_introspection";
/// `typ` of that JWT.
const TYP: &str = "token-introspection+jwt";

/// Drafts the request (RFC 7662 section 2.1); asks for a JWT where the settings want one signed (RFC 9701 section 4).
pub fn request(endpoint: Url, token: &Secret, hint: &str, settings: &Settings) -> Draft {
    let mut draft = token::about(endpoint, token, hint, settings);
    match settings.request.introspection_accept.as_str() {
        "" if wants_signed(settings) => draft.message.headers.set("Accept", SIGNED),
        "" => {}
        typed => draft.message.headers.set("Accept", typed),
    }
    draft
}

fn wants_signed(settings: &Settings) -> bool {
    !settings.request.introspection_signed_response_alg.is_empty()
}

/// What a signed answer is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The server's issuer.
    pub issuer: Option<&'a str>,
    /// The server's keys.
    pub jwks: Option<&'a JwkSet>,
    /// Who asked, and whether for a JWT.
    pub settings: &'a Settings,
}

/// What an answer says, as JSON or inside a JWT; `None` when it is neither.
pub fn said(response: &HttpResponse) -> Option<Json> {
    let text = response.text();
    let in_jwt = || decode(text.trim()).claim(CONTENT).cloned();
    Json::parse(&response.body).ok().or_else(in_jwt)
}

/// What of an answer is signed: all of it, or what the server adds to its JSON.
pub fn signed(response: &HttpResponse) -> String {
    let added = Json::parse(&response.body).ok().and_then(|json| json.text("jwt").map(str::to_owned));
    added.unwrap_or_else(|| response.text().into_owned())
}

/// Reads the response: JSON (RFC 7662 section 2.2), or JSON in a JWT (RFC 9701 section 5).
pub fn accept_as_asked(response: &HttpResponse, expected: Expected<'_>) -> Accepted<Json> {
    let may_be_jwt = !expected.settings.request.introspection_accept.is_empty() && body::is_token(response);
    if !wants_signed(expected.settings) && !may_be_jwt {
        let mut accepted = unasked(response).unwrap_or_else(|| accept(response));
        accepted.checks.extend(added(&accepted.outcome, expected.jwks));
        return accepted;
    }
    let text = response.text();
    let token = decode(text.trim());
    let is_one =
        response.is_success() && matches!(token.form, Form::Jws | Form::UnsecuredJws) && token.claims.is_some();
    let Some(said) = said_in(&token).filter(|_| response.is_success()) else {
        if is_one {
            let mut checks = vec![content(&token)];
            checks.extend(of_jwt(response, &token, expected));
            return Accepted { outcome: Outcome::Unreadable(WITHOUT.to_owned()), checks };
        }
        let mut accepted = accept(response);
        // A refusal is JSON in either case.
        accepted.checks.push(match response.is_success() {
            true => rule::SIGNED.broken(SIGNED, content_type_of(response)),
            false => rule::SIGNED.skipped("the server refused"),
        });
        return accepted;
    };
    let inner = HttpResponse::new(200, "application/json", said.to_string());
    let mut accepted = accept(&inner);
    accepted.checks.retain(|check| check.rule.id != rule::INTROSPECTION_TYPE.id);
    accepted.checks.push(content(&token));
    accepted.checks.extend(of_jwt(response, &token, expected));
    accepted
}

/// That a JWT came and says nothing of the token.
const WITHOUT: &str = "a JWT without an object token_introspection, in which the answer is";

/// What the JWT says of the token (RFC 9701 section 5).
fn said_in(token: &Decoded) -> Option<Json> {
    token.claim(CONTENT).filter(|said| said.is_object()).cloned()
}

fn content(token: &Decoded) -> Check {
    let saw = token.claim(CONTENT).map_or("absent", Json::a_kind);
    rule::SIGNED_CONTENT.holds(said_in(token).is_some(), "an object", saw)
}

/// The rules of the JWT around it.
fn of_jwt(response: &HttpResponse, token: &Decoded, expected: Expected<'_>) -> Vec<Check> {
    let is_jwt = response.headers.content_type().as_deref() == Some(SIGNED) && token.typ() == Some(TYP);
    let saw = format!("{}, typ {}", content_type_of(response), visible(token.typ().unwrap_or("absent")));
    let alg = visible(token.alg().unwrap_or("absent")).into_owned();
    let wanted = &expected.settings.request.introspection_signed_response_alg;
    let mut checks = vec![
        rule::SIGNED.holds(is_jwt, format!("{SIGNED}, typ {TYP}"), saw),
        match wanted.is_empty() {
            true => rule::SIGNED_ALG.skipped("introspection_signed_response_alg is not set"),
            false => rule::SIGNED_ALG.equal(wanted, &alg),
        },
        signed_claims(token, expected),
        signature(token, expected.jwks),
    ];
    checks.extend(token.enveloped());
    checks
}

/// What a JWT says that came although none was asked for.
fn unasked(response: &HttpResponse) -> Option<Accepted<Json>> {
    let is_jwt = response.is_success() && body::is_token(response);
    let said = said(response).filter(|said| is_jwt && said.is_object())?;
    let mut accepted = accept(&HttpResponse::new(200, JSON, said.to_string()));
    accepted.checks.retain(|check| check.rule != &rule::INTROSPECTION_TYPE);
    accepted.checks.push(
        rule::INTROSPECTION_TYPE.broken("application/json, as asked", format!("a JWT, {}", content_type_of(response))),
    );
    Some(accepted)
}

/// The signature of a JWT that a server adds to its JSON as the member `jwt`, as Keycloak does.
fn added(outcome: &Outcome<Json>, jwks: Option<&JwkSet>) -> Option<Check> {
    let Outcome::Success(said) = outcome else { return None };
    let token = decode(said.text("jwt")?);
    Some(server_signature::judge(&rule::SIGNED_BY_SERVER, &token, None, jwks))
}

fn content_type_of(response: &HttpResponse) -> String {
    response.headers.content_type().map_or_else(|| "no Content-Type".to_owned(), |name| visible(&name).into_owned())
}

fn signed_claims(token: &Decoded, expected: Expected<'_>) -> Check {
    let client_id = expected.settings.client.client_id.as_str();
    let text = |name: &str| token.claim(name).and_then(Json::as_str).unwrap_or("absent").to_owned();
    let for_us = token.claim("aud").is_some_and(|aud| aud.strings().contains(&client_id));
    let from_server = expected.issuer.is_none_or(|issuer| text("iss") == issuer);
    let holds = for_us && from_server && token.claim("iat").is_some();
    let wanted = format!("iss {}, aud {client_id}, iat", expected.issuer.unwrap_or("of the server"));
    let aud = token.claim("aud").map(Json::strings).unwrap_or_default().join(" ");
    let iat = if token.claim("iat").is_some() { "iat" } else { "no iat" };
    let saw = visible(&format!("iss {}, aud {aud}, {iat}", text("iss"))).into_owned();
    // They would be those of the answer, and are taken for those of the token.
    let of_token: Vec<&str> = ["sub", "exp"].into_iter().filter(|name| token.claim(name).is_some()).collect();
    match holds && !of_token.is_empty() {
        true => rule::SIGNED_CLAIMS.note(format!(
            "{saw}; {} should stand in token_introspection alone, or the JWT may be taken for an access token",
            of_token.join(" and ")
        )),
        false => rule::SIGNED_CLAIMS.holds(holds, wanted, saw),
    }
}

fn signature(token: &Decoded, jwks: Option<&JwkSet>) -> Check {
    let Some(jwks) = jwks else { return rule::SIGNED_BY_SERVER.skipped("the server's keys are not known") };
    let verified = verify(token, &jwks.keys).verified_by.is_some();
    rule::SIGNED_BY_SERVER.holds(verified, "a key of jwks_uri", if verified { "verified" } else { "no key fits" })
}

/// A token that this run got, as it stands when it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The token.
    pub token: &'a str,
    /// Whether it should still be good: it has not expired, and nothing in this run has ended it.
    pub is_in_force: bool,
    /// Who asks.
    pub client_id: &'a str,
    /// The issuer that is asked.
    pub issuer: Option<&'a str>,
}

/// Holds the answer against what this run knows of the token, with the likeliest reason where it can be seen in a JWT.
pub fn fresh(said: &Json, asked: Asked<'_>) -> Check {
    match (said.get("active").and_then(Json::as_bool), asked.is_in_force) {
        (_, false) => return rule::FRESH.skipped("the token may be over"),
        (None, _) => return rule::FRESH.skipped("the answer does not say"),
        (Some(true), _) => return rule::FRESH.pass("active"),
        (Some(false), true) => {}
    }
    let token = decode(asked.token);
    let text = |name| token.claim(name).and_then(Json::as_str);
    let issuer = text("iss").zip(asked.issuer).filter(|(iss, issuer)| iss != issuer);
    let aud = token.claim("aud").map(Json::strings).filter(|aud| !aud.contains(&asked.client_id));
    let why = match (issuer, aud) {
        (Some((iss, issuer)), _) => format!("not active; it is of {iss}, and {issuer} was asked"),
        (None, Some(aud)) => format!("not active; its aud is {}, and {} asked", aud.join(" "), asked.client_id),
        (None, None) => "not active".to_owned(),
    };
    rule::FRESH.broken("active", visible(&why))
}

/// Holds whom an active token is said to be of against what the token and this run say. Fail is only what a token that can
/// be read contradicts: a server may call a client by another name of its own, and a user differently for each who asks
/// (OIDC Core section 8).
pub fn of_token(said: &Json, asked: Asked<'_>, sub: Option<&str>) -> Check {
    if said.get("active").and_then(Json::as_bool) != Some(true) {
        return rule::OF_TOKEN.skipped("the token is not called active");
    }
    let token = decode(asked.token);
    let inside = |name: &str| token.claim(name).and_then(Json::as_str);
    let known = [
        ("client_id", inside("client_id").or(inside("azp")), Some(asked.client_id)),
        ("iss", inside("iss"), asked.issuer),
        ("sub", inside("sub"), sub),
    ];
    let both = known.into_iter().filter_map(|(name, inside, of_run)| {
        let said = said.text(name).filter(|said| !said.is_empty())?;
        (inside.is_some() || of_run.is_some()).then_some((name, said, inside, of_run))
    });
    let (same, others): (Vec<_>, Vec<_>) =
        both.partition(|(_, said, inside, of_run)| [*inside, *of_run].contains(&Some(*said)));
    let judged = others.iter().map(|(name, said, inside, of_run)| {
        let wanted = format!("{name} {}", visible(inside.or(*of_run).unwrap_or_default()));
        let saw = format!("{name} {}", visible(said));
        match *name {
            "sub" => rule::OF_TOKEN
                .note(format!("{saw}, and {wanted} elsewhere: some servers name a user anew for each client")),
            _ if inside.is_some() && inside == of_run => rule::OF_TOKEN.broken(wanted, saw),
            _ => rule::OF_TOKEN.warn(wanted, saw),
        }
    });
    let names: Vec<&str> = same.iter().map(|(name, ..)| *name).collect();
    let good = || match names.is_empty() {
        true => rule::OF_TOKEN.skipped("the answer names none of them that is known"),
        false => rule::OF_TOKEN.pass(names.join(", ")),
    };
    judged.min_by_key(|check| check.verdict).unwrap_or_else(good)
}

/// Holds what is said of an active token against the clock. A server that knows no end may say 0.
pub fn in_time(said: &Json, now: Timestamp) -> Check {
    if said.get("active").and_then(Json::as_bool) != Some(true) {
        return rule::IN_TIME.skipped("the token is not called active");
    }
    let is_said = |value: &&Json| !matches!(value, Json::Null) && value.as_i64() != Some(0);
    let judged = |name: &str| {
        Some(match numeric_date(said.get(name).filter(is_said)?) {
            Err(error) => rule::IN_TIME.warn("seconds since 1970", format!("{name}: {error}")),
            Ok(end) if name == "exp" => not_over(&rule::IN_TIME, end, now),
            Ok(start) => not_ahead(&rule::IN_TIME, start, now),
        })
    };
    let checks: Vec<Check> = ["exp", "nbf", "iat"].into_iter().filter_map(judged).collect();
    let broken = checks.iter().find(|check| check.verdict != Verdict::Pass);
    broken.or(checks.first()).cloned().unwrap_or_else(|| rule::IN_TIME.pass("no times are said"))
}

/// Reads the response (RFC 7662 section 2.2). Success is the whole document, active or not.
pub fn accept(response: &HttpResponse) -> Accepted<Json> {
    let mut checks = vec![content_type(&rule::INTROSPECTION_TYPE, response)];
    let json = match body::read(response) {
        Ok(Body { json, check }) => {
            checks.push(check);
            json
        }
        Err(what) => return Accepted { outcome: Outcome::Unreadable(what), checks },
    };
    if let Some(error) = refusal(response, &json) {
        return Accepted { outcome: Outcome::Refused(error), checks };
    }
    if !response.is_success() {
        let what = without_error(response, &json);
        return Accepted { outcome: Outcome::Unreadable(what), checks };
    }
    let active = json.get("active").and_then(Json::as_bool);
    checks.push(match (active, json.get("active")) {
        (Some(active), _) => rule::ACTIVE.pass(active.to_string()),
        (None, Some(other)) => rule::ACTIVE.broken("true or false", other.described()),
        (None, None) => rule::ACTIVE.broken("true or false", "absent"),
    });
    checks.push(member_types(&json));
    let more = json.members().len() > 1;
    checks.push(match active {
        Some(false) => {
            rule::INACTIVE_SILENT.holds(!more, "active alone", if more { "more members" } else { "active alone" })
        }
        _ => rule::INACTIVE_SILENT.skipped("the token is active"),
    });
    Accepted { outcome: Outcome::Success(json), checks }
}

/// Members that are text (RFC 7662 section 2.2).
const TEXTS: [&str; 7] = ["client_id", "iss", "jti", "scope", "sub", "token_type", "username"];

/// Holds the members of an answer to their types. What is `null`, and a list of nobody, counts as left out.
fn member_types(said: &Json) -> Check {
    let is_aud = |aud: &Json| match aud {
        Json::Array(list) => list.iter().all(|one| one.as_str().is_some()),
        other => other.as_str().is_some(),
    };
    let wrong = said.members().iter().filter_map(|(name, value)| {
        let fits = match name.as_str() {
            _ if matches!(value, Json::Null) => true,
            "aud" => is_aud(value),
            name if TEXTS.contains(&name) => value.as_str().is_some(),
            _ => true,
        };
        (!fits).then(|| format!("{name} is {}", value.a_kind()))
    });
    let wrong: Vec<String> = wrong.collect();
    // What was meant is plain, and many resource servers read it.
    match wrong.is_empty() {
        true => rule::MEMBER_TYPES.pass("all known members"),
        false => rule::MEMBER_TYPES.warn("the types of RFC 7662", wrong.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    #[test]
    fn a_jwt_that_nobody_asked_for_is_read_and_told_as_one() {
        let settings = Settings::default();
        let expected = Expected { issuer: None, jwks: None, settings: &settings };
        let jwt = format!("{}.{}.AA", "eyJhbGciOiJFUzI1NiJ9", "eyJ0b2tlbl9pbnRyb3NwZWN0aW9uIjp7ImFjdGl2ZSI6dHJ1ZX19");
        let accepted = accept_as_asked(&HttpResponse::new(200, SIGNED, jwt), expected);
        assert!(matches!(accepted.outcome, Outcome::Success(said) if said.text("active").is_none()));
        let told = accepted.checks.iter().find(|check| check.rule == &rule::INTROSPECTION_TYPE).expect("the rule");
        assert_eq!(
            (told.verdict, told.actual.as_deref()),
            (Verdict::Fail, Some("a JWT, application/token-introspection+jwt"))
        );
        let other =
            accept_as_asked(&HttpResponse::new(200, "application/jwt", "eyJhbGciOiJFUzI1NiJ9.e30.AA"), expected);
        assert!(matches!(other.outcome, Outcome::Unreadable(what) if what.ends_with("with a JWT instead of JSON")));
    }

    #[test]
    fn an_answer_is_read_whether_it_keeps_the_rules_or_not() {
        let mut settings = Settings::default();
        let jwt = format!("{}.{}.", "eyJhbGciOiJub25lIn0", "eyJ0b2tlbl9pbnRyb3NwZWN0aW9uIjp7ImFjdGl2ZSI6dHJ1ZX19");
        for (alg, body) in [("", r#"{"active":"true"}"#), ("ES256", r#"{"active":true}"#), ("ES256", &jwt)] {
            alg.clone_into(&mut settings.request.introspection_signed_response_alg);
            let expected = Expected { issuer: None, jwks: None, settings: &settings };
            let accepted = accept_as_asked(&HttpResponse::new(200, "text/plain", body), expected);
            assert!(matches!(accepted.outcome, Outcome::Success(_)), "{body}");
            assert!(accepted.checks.iter().any(|check| check.verdict == Verdict::Fail), "{body}");
        }
    }

    #[test]
    fn without_the_keys_of_the_server_its_signature_is_not_judged() {
        assert_eq!(signature(&decode("a.b.c"), None).verdict, Verdict::Skipped);
    }
}
