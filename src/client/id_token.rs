//! ID token validation, rule by rule in the order of OpenID Connect Core section 3.1.3.7.
//!
//! All rules run; none stops the others, because the second wrong claim is often what explains the first.

use std::time::Duration;

use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::rules::id_token as rule;
use crate::jose::claims::numeric_date;
use crate::jose::hash::half_hash;
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form};
use crate::jose::verify::{SignatureReport, verify};
use crate::terms::scope;

/// How far two clocks may differ.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What the ID token is held against. `None` means "not known" or "not asked", and skips the rule.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer that was asked.
    pub issuer: Option<&'a str>,
    /// This client.
    pub client_id: &'a str,
    /// The nonce that was sent.
    pub nonce: Option<&'a str>,
    /// The `max_age` that was sent, in seconds.
    pub max_age: Option<i64>,
    /// The `acr_values` that were sent.
    pub acr_values: Option<&'a str>,
    /// The access token that came beside it.
    pub access_token: Option<&'a str>,
    /// The code that came beside it in the front channel.
    pub code: Option<&'a str>,
    /// Algorithms of the metadata.
    pub algs: Option<&'a [&'a str]>,
    /// Whether the token came through the browser, where its hashes are required.
    pub front_channel: bool,
    /// The server's keys.
    pub jwks: Option<&'a JwkSet>,
    /// The client secret, for HS256 and its kin.
    pub client_secret: Option<&'a Jwk>,
}

/// Applies every rule to a token. The order is the specification's.
pub fn validate(token: &Decoded, expected: Expected<'_>, now: Timestamp) -> Vec<Check> {
    if !matches!(token.form, Form::Jws | Form::UnsecuredJws) || token.claims.is_none() {
        return vec![rule::FORMAT.broken("a signed JWT", format(token))];
    }
    let tried = tried(token, expected);
    vec![
        rule::FORMAT.pass("a signed JWT"),
        iss(token, expected.issuer),
        aud(token, expected.client_id),
        aud_trusted(token, expected.client_id),
        azp(token, expected.client_id),
        signature(token, tried.as_ref()),
        kid(token, tried.as_ref()),
        alg(token, expected.algs),
        exp(token, now),
        iat(token, now),
        sub(token),
        nonce(token, expected.nonce),
        acr(token, expected.acr_values),
        auth_time(token, expected.max_age, now),
        hash(&rule::AT_HASH, "at_hash", token, expected.access_token, expected.front_channel),
        hash(&rule::C_HASH, "c_hash", token, expected.code, expected.front_channel),
    ]
}

/// What the ID tokens of both channels of a hybrid flow must share (OIDC Core section 3.3.3.6).
pub fn compare_channels(back: &Decoded, front: &Decoded) -> Vec<Check> {
    let text = |token: &Decoded, name| token.claim(name).map(shown).unwrap_or_else(|| "absent".to_owned());
    vec![
        rule::FRONT_ISS.equal(&text(front, "iss"), &text(back, "iss")),
        rule::FRONT_SUB.equal(&text(front, "sub"), &text(back, "sub")),
    ]
}

/// What a refreshed ID token must keep (OIDC Core section 12.2).
pub fn validate_refreshed(fresh: &Decoded, first: &Decoded, client_id: &str) -> Vec<Check> {
    let text = |token: &Decoded, name| token.claim(name).map(shown).unwrap_or_else(|| "absent".to_owned());
    let keeps_client = fresh.claim("aud").is_some_and(|aud| aud.strings().contains(&client_id));
    vec![
        rule::REFRESHED_ISS.equal(&text(first, "iss"), &text(fresh, "iss")),
        rule::REFRESHED_SUB.equal(&text(first, "sub"), &text(fresh, "sub")),
        rule::REFRESHED_AUD.holds(keeps_client, client_id, text(fresh, "aud")),
    ]
}

fn format(token: &Decoded) -> &'static str {
    match token.form {
        Form::Jwe => "an encrypted token (JWE)",
        Form::JsonSerialization => "a JWS in JSON, which is no JWT",
        Form::Opaque => "text that is no JWT",
        Form::Jws | Form::UnsecuredJws => "a payload that is no JSON object",
    }
}

fn shown(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    visible(&text).into_owned()
}

fn iss(token: &Decoded, issuer: Option<&str>) -> Check {
    match (issuer, token.claim("iss")) {
        (None, _) => rule::ISS.skipped("the issuer is not known; run discovery or fill in issuer"),
        (Some(issuer), None) => rule::ISS.broken(issuer, "absent"),
        (Some(issuer), Some(iss)) => rule::ISS.equal(issuer, &shown(iss)),
    }
}

fn aud(token: &Decoded, client_id: &str) -> Check {
    let Some(aud) = token.claim("aud") else {
        return rule::AUD.broken(client_id, "absent");
    };
    rule::AUD.holds(aud.strings().contains(&client_id), client_id, shown(aud))
}

fn aud_trusted(token: &Decoded, client_id: &str) -> Check {
    let strings = token.claim("aud").map(Json::strings).unwrap_or_default();
    let others: Vec<&str> = strings.into_iter().filter(|aud| *aud != client_id).collect();
    rule::AUD_TRUSTED.holds(
        others.is_empty(),
        "no other audience",
        if others.is_empty() { "nobody else".to_owned() } else { visible(&others.join(", ")).into_owned() },
    )
}

fn azp(token: &Decoded, client_id: &str) -> Check {
    let several = token.claim("aud").is_some_and(|aud| aud.strings().len() > 1);
    match token.claim("azp") {
        Some(azp) => rule::AZP.equal(client_id, &shown(azp)),
        None if several => rule::AZP.warn(client_id, "absent with several audiences"),
        None => rule::AZP.skipped("absent, and not needed with one audience"),
    }
}

/// The keys that may have signed, and what came of each.
struct Tried {
    keys: Vec<Jwk>,
    report: SignatureReport,
}

impl Tried {
    fn fitting(&self) -> Option<(&Jwk, &str)> {
        let attempt = self.report.verified()?;
        Some((self.keys.get(attempt.index)?, &attempt.key))
    }
}

/// `None` when there is no key to try.
fn tried(token: &Decoded, expected: Expected<'_>) -> Option<Tried> {
    let published = expected.jwks.map(|set| set.keys.as_slice()).unwrap_or_default();
    let keys: Vec<Jwk> = match (is_symmetric(token), expected.client_secret) {
        (true, Some(secret)) => vec![secret.clone()],
        _ => published.to_vec(),
    };
    let nothing_to_try = keys.is_empty() && token.form != Form::UnsecuredJws;
    let report = verify(token, &keys);
    (!nothing_to_try).then_some(Tried { keys, report })
}

fn is_symmetric(token: &Decoded) -> bool {
    token.alg().is_some_and(|alg| alg.starts_with("HS"))
}

fn signature(token: &Decoded, tried: Option<&Tried>) -> Check {
    let Some(tried) = tried else {
        return rule::SIGNATURE.skipped(match is_symmetric(token) {
            true => "no client_secret to verify with",
            false => "the server's keys are not known",
        });
    };
    match tried.fitting() {
        Some((_, key)) => rule::SIGNATURE.pass(format!("{} with {key}", token.alg().unwrap_or_default())),
        None => rule::SIGNATURE.broken("a valid signature", why_not(token, &tried.report)),
    }
}

/// Whether `kid` leads to the key; that another key fits is found out by trying alone.
fn kid(token: &Decoded, tried: Option<&Tried>) -> Check {
    if is_symmetric(token) {
        return rule::KID.skipped("the key is the client secret, which has no name");
    }
    let fitting = tried.and_then(|tried| Some((tried.keys.len(), tried.fitting()?)));
    let Some((count, (key, name))) = fitting else {
        return rule::KID.skipped("no key is known that verifies the signature");
    };
    match token.kid() {
        Some(kid) if key.kid.as_deref() == Some(kid) => rule::KID.pass(visible(kid)),
        Some(kid) => rule::KID.broken("the name of a published key", format!("{}; it is {name}", visible(kid))),
        None if count == 1 => rule::KID.skipped("absent, and not needed with one key"),
        None => rule::KID.broken("the name of the key", format!("absent with {count} keys; it is {name}")),
    }
}

fn why_not(token: &Decoded, report: &SignatureReport) -> String {
    if token.form == Form::UnsecuredJws {
        return "alg none: not signed at all".to_owned();
    }
    let tried: Vec<String> = report
        .attempts
        .iter()
        .filter_map(|attempt| Some(format!("{}: {}", attempt.key, attempt.outcome.as_ref().err()?)))
        .collect();
    if tried.is_empty() { "no key to try".to_owned() } else { tried.join("; ") }
}

/// Whether the set has no key for this token, so that fetching it again may help: keys rotate (OIDC Core section 10.1.1).
pub fn may_need_new_key(token: &Decoded, jwks: &JwkSet) -> bool {
    if token.form != Form::Jws || is_symmetric(token) {
        return false;
    }
    match token.kid() {
        Some(kid) => !jwks.keys.iter().any(|key| key.kid.as_deref() == Some(kid)),
        None => verify(token, &jwks.keys).verified().is_none(),
    }
}

fn alg(token: &Decoded, announced: Option<&[&str]>) -> Check {
    let alg = token.alg().unwrap_or("absent");
    match announced {
        None => rule::ALG.skipped(format!("{}; the metadata announces no algorithms", visible(alg))),
        Some(list) => rule::ALG.holds(list.contains(&alg), list.join(", "), visible(alg)),
    }
}

fn exp(token: &Decoded, now: Timestamp) -> Check {
    let Some(value) = token.claim("exp") else {
        return rule::EXP.broken("exp", "absent");
    };
    match numeric_date(value) {
        Err(what) => rule::EXP.broken("a number of seconds", what.to_string()),
        Ok(exp) if exp + CLOCK_SKEW <= now => {
            rule::EXP.broken(format!("later than {now}"), format!("{exp}, {} ago", spoken(now.since(exp))))
        }
        Ok(exp) => rule::EXP.pass(format!("{exp}, in {}", spoken(exp.since(now)))),
    }
}

fn iat(token: &Decoded, now: Timestamp) -> Check {
    let Some(value) = token.claim("iat") else {
        return rule::IAT.broken("iat", "absent");
    };
    match numeric_date(value) {
        Err(what) => rule::IAT.broken("a number of seconds", what.to_string()),
        Ok(iat) if iat > now + CLOCK_SKEW => {
            rule::IAT.broken(format!("not after {now}"), format!("{iat}, {} ahead", spoken(iat.since(now))))
        }
        Ok(iat) => rule::IAT.pass(format!("{iat}, {} ago", spoken(now.since(iat)))),
    }
}

fn sub(token: &Decoded) -> Check {
    match token.claim("sub") {
        Some(Json::String(sub)) if !sub.is_empty() && sub.len() <= 255 && sub.is_ascii() => {
            rule::SUB.pass(visible(sub))
        }
        Some(Json::String(sub)) => rule::SUB.broken("1 to 255 ASCII characters", visible(sub)),
        Some(other) => rule::SUB.broken("text", format!("a {}", other.kind())),
        None => rule::SUB.broken("sub", "absent"),
    }
}

fn nonce(token: &Decoded, sent: Option<&str>) -> Check {
    match (sent, token.claim("nonce")) {
        (None, None) => rule::NONCE.skipped("none was sent"),
        (None, Some(nonce)) => rule::NONCE.warn("no nonce, since none was sent", shown(nonce)),
        (Some(sent), None) => rule::NONCE.broken(sent, "absent"),
        (Some(sent), Some(nonce)) => rule::NONCE.equal(sent, &shown(nonce)),
    }
}

fn acr(token: &Decoded, asked: Option<&str>) -> Check {
    match (asked, token.claim("acr")) {
        (None, _) => rule::ACR.skipped("no acr_values were sent"),
        (Some(asked), None) => rule::ACR.broken(asked, "absent"),
        (Some(asked), Some(acr)) => {
            let acr = shown(acr);
            rule::ACR.holds(scope::contains(asked, &acr), asked, acr)
        }
    }
}

fn auth_time(token: &Decoded, max_age: Option<i64>, now: Timestamp) -> Check {
    let Some(max_age) = max_age else {
        return rule::AUTH_TIME.skipped("no max_age was sent");
    };
    let Some(value) = token.claim("auth_time") else {
        return rule::AUTH_TIME.broken("auth_time", "absent");
    };
    match numeric_date(value) {
        Err(what) => rule::AUTH_TIME.broken("a number of seconds", what.to_string()),
        Ok(signed_in) => {
            let limit = Duration::from_secs(max_age.unsigned_abs()) + CLOCK_SKEW;
            let age = now.since(signed_in);
            rule::AUTH_TIME.holds(age <= limit, format!("at most {max_age} s ago"), format!("{} ago", spoken(age)))
        }
    }
}

fn hash(
    rule: &'static crate::base::check::Rule,
    claim: &str,
    token: &Decoded,
    value: Option<&str>,
    required: bool,
) -> Check {
    match (value, token.claim(claim)) {
        (Some(_), None) if required => rule.broken(claim, "absent, and required in the front channel"),
        (None, _) => rule.skipped("nothing came beside the token to compare with"),
        (Some(_), None) => rule.skipped("absent, and optional here"),
        (Some(value), Some(came)) => match half_hash(token.alg().unwrap_or_default(), value) {
            Some(expected) => rule.equal(&expected, &shown(came)),
            None => rule.skipped("no hash is defined for this alg"),
        },
    }
}
