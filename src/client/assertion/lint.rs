//! The rules of the assertions in a request that has left.

use std::time::Duration;

use crate::base::check::{Check, Rule};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::{quoted, visible};
use crate::base::time::{Timestamp, spoken};
use crate::client::rules::assertion as rule;
use crate::client::settings::Settings;
use crate::jose::base64url;
use crate::jose::claims::{not_ahead, numeric_date};
use crate::jose::jwt::{Decoded, decode};

/// How far the end of an assertion may be ahead.
const LONGEST: Duration = Duration::from_secs(3600);

/// Whom an assertion may be for (RFC 7523 section 3).
#[derive(Clone, Copy, Debug)]
pub struct Audiences<'a> {
    /// The issuer, which is best; `None` when it is not known.
    pub issuer: Option<&'a str>,
    /// What older servers want: the token endpoint, and the URL that the request goes to.
    pub endpoints: &'a [&'a str],
}

/// Where an assertion comes from, and whom it may be for.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    /// Of what the client makes itself.
    pub audiences: Audiences<'a>,
    /// What somebody else has signed to say who the client is: how it names client and server is between those two.
    pub finished: Vec<&'a Secret>,
}

/// Rules for the assertions of a request as it leaves, at `now`.
pub fn lint(sent: &HttpRequest, settings: &Settings, made: &Made<'_>, now: Timestamp) -> Vec<Check> {
    let form = sent.form().unwrap_or_default();
    let mut checks = Vec::new();
    let audiences = made.audiences;
    if let Some(assertion) = form.get("client_assertion") {
        let token = decode(assertion);
        if made.finished.iter().any(|finished| finished.expose().trim() == assertion) {
            checks.extend(of_another(&token, now));
        } else {
            checks.extend(of_jwt(&token, audiences, now));
            checks.push(names_client(&token, &settings.client.client_id));
            let jti = token.claim("jti").is_some();
            checks.push(rule::JTI.holds(jti, "jti", if jti { "present" } else { "absent" }));
            checks.extend(secret_length(&token, settings));
        }
    }
    if let Some(assertion) = form.get("assertion") {
        match form.get("grant_type").is_some_and(|name| name.ends_with("saml2-bearer")) {
            false => checks.extend(of_jwt(&decode(assertion), audiences, now)),
            true => {
                let is_plain = |c: char| !c.is_whitespace() && c != '=';
                let plain: String = assertion.chars().filter(|c| is_plain(*c)).collect();
                let sound = base64url::decode(&plain).is_ok();
                let saw = if sound { "base64url" } else { "other characters" };
                checks.push(rule::SAML_BASE64URL.holds(sound, "base64url", saw));
                let neither = plain.len() == assertion.len();
                let saw = if neither { "neither" } else { "padding or line breaks" };
                checks.push(rule::SAML_PLAIN.holds(neither, "neither", saw));
            }
        }
    }
    checks
}

fn of_jwt(token: &Decoded, audiences: Audiences<'_>, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![claims(token), audience_named(token, audiences), lifetime(token, now), alg(token)];
    checks.extend(begins(token, now));
    checks
}

/// An assertion of the client by another issuer, which the server trusts for this subject and audience (RFC 7523 section 3).
fn of_another(token: &Decoded, now: Timestamp) -> Vec<Check> {
    let said = |name| {
        let texts = token.claim(name).map(Json::strings).unwrap_or_default();
        quoted(&texts.join(", ")).into_owned()
    };
    let trust = |rule: &'static Rule| {
        rule.skipped(format!("{} for {}: whether that is trusted, the server's policy says", said("iss"), said("sub")))
    };
    let for_whom = rule::AUDIENCE.skipped(format!("{}, as the server's policy has it", said("aud")));
    let mut checks = vec![claims(token), for_whom, lifetime(token, now), alg(token), trust(&rule::CLIENT)];
    checks.extend(begins(token, now));
    checks
}

fn begins(token: &Decoded, now: Timestamp) -> impl Iterator<Item = Check> {
    let begins = [("nbf", &rule::NBF), ("iat", &rule::IAT)];
    begins.into_iter().filter_map(move |(name, rule)| {
        Some(match numeric_date(token.claim(name)?) {
            Ok(start) => not_ahead(rule, start, now),
            Err(what) => rule.broken("seconds since 1970", what),
        })
    })
}

fn claims(token: &Decoded) -> Check {
    let missing: Vec<&str> =
        ["iss", "sub", "aud", "exp"].into_iter().filter(|name| token.claim(name).is_none()).collect();
    let saw = if missing.is_empty() { "all four".to_owned() } else { format!("without {}", missing.join(", ")) };
    rule::CLAIMS.holds(missing.is_empty(), "iss, sub, aud, exp", saw)
}

fn names_client(token: &Decoded, client_id: &str) -> Check {
    let text = |name| token.claim(name).and_then(Json::as_str).unwrap_or("absent");
    let (iss, sub) = (text("iss"), text("sub"));
    // Without one beside it, the assertion names the client (RFC 7521 section 4.2).
    let client_id = if client_id.is_empty() { sub } else { client_id };
    if iss == client_id && sub == client_id && token.claim("sub").is_some() {
        return rule::CLIENT.pass(visible(client_id));
    }
    rule::CLIENT
        .broken(format!("iss {client_id}, sub {client_id}"), format!("iss {}, sub {}", quoted(iss), quoted(sub)))
}

/// An audience that is no endpoint may be the issuer, where that is not known.
fn audience_named(token: &Decoded, Audiences { issuer, endpoints }: Audiences<'_>) -> Check {
    let named = token.claim("aud").map(Json::strings).unwrap_or_default();
    let shown = visible(&named.join(", ")).into_owned();
    let expected: Vec<&str> = issuer.into_iter().chain(endpoints.first().copied()).collect();
    let expected = expected.join(" or ");
    let is_known = |name: &&str| issuer == Some(*name) || endpoints.contains(name);
    match named.as_slice() {
        [] => rule::AUDIENCE.broken(if expected.is_empty() { "the issuer" } else { &expected }, "absent"),
        named if !named.iter().any(is_known) && issuer.is_none() => {
            rule::AUDIENCE.skipped(format!("the issuer is not known, and may be {shown}"))
        }
        named if !named.iter().any(is_known) => rule::AUDIENCE.broken(expected, shown),
        [one] if issuer == Some(*one) => rule::AUDIENCE.pass(shown),
        [_] if issuer.is_none() => rule::AUDIENCE.pass(shown),
        [_] => rule::AUDIENCE.note(format!("{shown}; the issuer is the safer audience")),
        _ => rule::AUDIENCE.warn("this server alone", shown),
    }
}

fn lifetime(token: &Decoded, now: Timestamp) -> Check {
    let Some(exp) = token.claim("exp").and_then(|exp| numeric_date(exp).ok()) else {
        return rule::LIFETIME.broken("seconds since 1970", "no exp that can be read");
    };
    if exp <= now {
        return rule::LIFETIME.broken("a time ahead", format!("over for {}", spoken(now.since(exp))));
    }
    let left = exp.since(now);
    let ahead = format!("in {}", spoken(left));
    if left > LONGEST { rule::LIFETIME.warn("within an hour", ahead) } else { rule::LIFETIME.pass(ahead) }
}

fn alg(token: &Decoded) -> Check {
    let alg = token.alg().unwrap_or("absent");
    rule::ALG.holds(!matches!(alg, "none" | "absent"), "a signature or MAC", visible(alg))
}

fn secret_length(token: &Decoded, settings: &Settings) -> Option<Check> {
    let needed = match token.alg()? {
        "HS256" => 32,
        "HS384" => 48,
        "HS512" => 64,
        _ => return None,
    };
    let length = settings.client.client_secret.expose().len();
    Some(rule::SECRET_LENGTH.holds(length >= needed, format!("{needed} bytes"), format!("{length} bytes")))
}
