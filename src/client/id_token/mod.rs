//! ID token validation, rule by rule in the order of OpenID Connect Core section 3.1.3.7.
//!
//! All rules run; none stops the others, because the second wrong claim is often what explains the first. What the
//! bench finds in a token that no rule here says is told beside them, so that a run accepts nothing that it refuses.

mod asked;
mod compare;
mod times;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::json::Json;
use crate::base::text::{quoted, visible};
use crate::base::time::Timestamp;
use crate::client::rules::id_token as rule;
use crate::jose::claims::{claim_type, order};
use crate::jose::hash::{half_hash, name_of_half};
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form, SIZE_LIMIT};
use crate::jose::verify::{NotVerified, SignatureReport, fitting_reading, verify_with};
use crate::terms::scope;

pub use asked::Asked;
pub use compare::{compare_channels, validate_refreshed};

/// What the ID token is held against. `None` means "not known" or "not asked", and skips the rule.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer that was asked.
    pub issuer: Option<&'a str>,
    /// This client.
    pub client_id: &'a str,
    /// The nonce that was sent.
    pub nonce: Option<&'a str>,
    /// When the token was asked for: when the login began, or the request without one left.
    pub asked_at: Option<Timestamp>,
    /// Whether `prompt` asked for a new sign-in.
    pub login_anew: bool,
    /// The `max_age` that was sent, in seconds.
    pub max_age: Option<i64>,
    /// The `acr_values` that were sent, or those that `claims` asks for.
    pub acr_values: Option<&'a str>,
    /// What was asked of user and login beside that.
    pub asked: Option<&'a Asked>,
    /// The access token that came beside it.
    pub access_token: Option<&'a str>,
    /// The code that came beside it in the front channel, or that it was issued for in the back channel.
    pub code: Option<&'a str>,
    /// The `state` that was sent.
    pub state: Option<&'a str>,
    /// Other parties that may be in `aud`, space-separated.
    pub trusted_audiences: &'a str,
    /// Services that the token was asked for, by `resource` and `audience`.
    pub asked_audiences: &'a [&'a str],
    /// Algorithms of the metadata.
    pub algs: Option<&'a [&'a str]>,
    /// `id_token_signed_response_alg` of this client's registration.
    pub registered_alg: Option<&'a str>,
    /// Whether the token came through the browser, where its hashes are required.
    pub front_channel: bool,
    /// The server's keys.
    pub jwks: Option<&'a JwkSet>,
    /// The client secret, for HS256 and its kin.
    pub client_secret: Option<&'a Jwk>,
    /// Why an encrypted token stayed closed.
    pub closed: Option<&'a str>,
}

/// Applies every rule to a token. The order is the specification's.
pub fn validate(token: &Decoded, expected: Expected<'_>, now: Timestamp) -> Vec<Check> {
    if let (Some(why), true) = (expected.closed, faults(token).is_empty()) {
        let reason = format!("an encrypted token (JWE): {why}");
        return vec![rule::FORMAT.skipped(&*reason), rule::SIGNATURE.skipped(&*reason)];
    }
    if !matches!(token.form, Form::Jws | Form::UnsecuredJws) || token.claims.is_none() {
        return vec![rule::FORMAT.broken("a signed JWT", form_of(token))];
    }
    let tried = tried(token, expected);
    let mut checks = vec![
        format(token),
        iss(token, expected.issuer),
        aud(token, expected.client_id),
        aud_trusted(token, expected),
        azp(token, expected.client_id),
        match is_unsigned_as_registered(token, expected) {
            true => rule::SIGNATURE.note("not signed, as this client registered it; only TLS vouches for the token"),
            false => signature(token, tried.as_ref()),
        },
        kid(token, tried.as_ref()),
        alg(token, expected),
        typ(token),
        times::exp(token, now),
        times::iat(token, now),
        times::age(token, expected.asked_at),
        times::nbf(token, now),
        sub(token),
        asked::sub(token, expected.asked),
        nonce(token, expected.nonce),
        asked::acr(token, expected),
        asked::essential_acr(token, expected.asked),
        times::auth_time(token, expected, now),
        asked::login_anew(token, expected),
        hash(&rule::AT_HASH, "at_hash", token, expected.access_token, expected.front_channel),
        hash(&rule::C_HASH, "c_hash", token, expected.code, expected.front_channel),
    ];
    // OpenID Connect does not know it, and where it is wanted the token of the back channel may leave it out (FAPI 1.0
    // Advanced section 5.2.2.1).
    checks.extend(token.claim("s_hash").map(|_| hash(&rule::S_HASH, "s_hash", token, expected.state, false)));
    // A token that is over is not told to end too early as well.
    let is_over = checks.iter().any(|check| check.rule == &rule::EXP && check.verdict <= Verdict::Warn);
    checks.extend(bench(token, tried.as_ref()));
    checks.extend(order(token).filter(|check| !is_over && check.verdict <= Verdict::Note));
    checks
}

/// What a check of an ID token is about: the name of a claim or of a header member, or `signature`.
pub fn claim_of(check: &Check) -> &'static str {
    match check.member() {
        "aud_trusted" => "aud",
        "asked_sub" => "sub",
        "acr_essential" => "acr",
        "age" => "iat",
        "login_anew" => "auth_time",
        member => ["front_", "refreshed_"].iter().find_map(|kind| member.strip_prefix(kind)).unwrap_or(member),
    }
}

/// What the bench has to say that no rule of OpenID Connect says: [`format`] fails for its faults, these explain them.
fn bench(token: &Decoded, tried: Option<&Tried>) -> Vec<Check> {
    let is_said = |check: &&Check| {
        matches!(check.rule.id, "jwt.signature" | "jwt.key_selection" | "jwt.alg_none" | "jwks.weak_key")
    };
    let keys = tried.map(|tried| tried.report.findings.as_slice()).unwrap_or_default();
    let claims = ["aud", "jti"].iter().filter_map(|name| claim_type(token, name));
    let found = token.findings.iter().chain(keys).filter(|check| !is_said(check)).cloned().chain(claims);
    found.filter(|check| check.verdict <= Verdict::Note).collect()
}

fn faults(token: &Decoded) -> Vec<&Check> {
    token.findings.iter().filter(|check| check.verdict == Verdict::Fail).collect()
}

fn format(token: &Decoded) -> Check {
    let saw = |check: &Check| format!("{}: {}", check.rule.id, check.actual.as_deref().unwrap_or_default());
    let others = faults(token).into_iter().filter(|check| check.rule.id != "jwt.envelope");
    let faults: Vec<String> = token.enveloped().iter().chain(others).map(saw).collect();
    rule::FORMAT.holds(
        faults.is_empty(),
        "a JWT without a fault",
        match faults.as_slice() {
            [] => "a signed JWT".to_owned(),
            faults => faults.join("; "),
        },
    )
}

/// What came where a signed JWT was expected.
fn form_of(token: &Decoded) -> String {
    let payload = token.parts.get(1).and_then(|part| part.json.as_ref());
    match token.form {
        Form::Jwe => "an encrypted token (JWE) without a signed one inside".to_owned(),
        Form::JsonSerialization => "a JWS in JSON, which is no JWT".to_owned(),
        Form::Opaque if token.text.is_empty() => EMPTY.to_owned(),
        Form::Opaque if token.text.len() > SIZE_LIMIT => {
            format!("{} bytes, and at most {SIZE_LIMIT} are taken apart", token.text.len())
        }
        Form::Opaque => "text that is no JWT".to_owned(),
        Form::Jws | Form::UnsecuredJws => match payload {
            Some(payload) => format!("a payload that is {} and no JSON object", payload.a_kind()),
            None => "a payload that is no JSON object".to_owned(),
        },
    }
}

/// An ID token that is there by its name alone.
const EMPTY: &str = "an empty text";

/// As it came: a check compares it so, and escapes what it shows.
fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn iss(token: &Decoded, issuer: Option<&str>) -> Check {
    match (issuer, token.claim("iss")) {
        (None, _) => rule::ISS.skipped("the issuer is not known; run discovery or fill in issuer"),
        (Some(issuer), None) => rule::ISS.broken(issuer, "absent"),
        // A template that no tid has filled names no issuer, whatever the token says.
        (Some(issuer), Some(iss)) if issuer.contains('{') => {
            rule::ISS.broken(format!("{issuer} for the tenant in tid"), format!("{}, without a tid", shown(iss)))
        }
        (Some(issuer), Some(iss)) => rule::ISS.equal(issuer, &shown(iss)),
    }
}

fn aud(token: &Decoded, client_id: &str) -> Check {
    let Some(aud) = token.claim("aud") else {
        return rule::AUD.broken(client_id, "absent");
    };
    rule::AUD.holds(aud.strings().contains(&client_id), client_id, shown(aud))
}

/// Another audience is trusted where the user says so. It may be where this client is the one the token was issued to,
/// or asked for it, which only the user can know.
fn aud_trusted(token: &Decoded, expected: Expected<'_>) -> Check {
    let strings = token.claim("aud").map(Json::strings).unwrap_or_default();
    // A token for somebody else alone has one fault.
    if !strings.is_empty() && !strings.contains(&expected.client_id) {
        return rule::AUD_TRUSTED.skipped("this client is no audience, which id_token.aud says");
    }
    let others: Vec<&str> = strings.into_iter().filter(|aud| *aud != expected.client_id).collect();
    let is_trusted = |aud: &&&str| scope::contains(expected.trusted_audiences, aud);
    let is_party = token.claim("azp").and_then(Json::as_str) == Some(expected.client_id);
    let is_known = |aud: &&str| is_party || expected.asked_audiences.contains(aud);
    let strange: Vec<&str> = others.iter().filter(|aud| !is_trusted(aud)).copied().collect();
    let wanted = "no other audience but trusted_audiences";
    let named = |audiences: &[&str]| audiences.iter().map(|aud| quoted(aud)).collect::<Vec<_>>().join(", ");
    match strange.as_slice() {
        [] if others.is_empty() => rule::AUD_TRUSTED.pass("nobody else"),
        [] => rule::AUD_TRUSTED.pass(format!("{}, trusted", others.join(", "))),
        strange if !strange.iter().all(is_known) => rule::AUD_TRUSTED.broken(wanted, named(strange)),
        strange if is_party => rule::AUD_TRUSTED.warn(wanted, format!("{}; azp is this client", named(strange))),
        strange => rule::AUD_TRUSTED.warn(wanted, format!("{}, which was asked for", named(strange))),
    }
}

fn azp(token: &Decoded, client_id: &str) -> Check {
    // One client that is named twice is one audience.
    let named = token.claim("aud").map(Json::strings).unwrap_or_default();
    let several = named.iter().any(|one| *one != named[0]);
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
    let published = expected.jwks.map(|set| (set.keys.clone(), set.unread())).unwrap_or_default();
    let (keys, unread) = match (token.is_mac(), expected.client_secret) {
        (true, Some(secret)) => (vec![secret.clone()], Vec::new()),
        _ => published,
    };
    // A set that is known to be empty has no key for a token that needs one.
    let is_unknown = token.is_mac() || expected.jwks.is_none();
    let nothing_to_try = is_unknown && keys.is_empty() && unread.is_empty() && token.form != Form::UnsecuredJws;
    let mut report = verify_with(token, &keys, &unread);
    // OIDC Core section 10.1: the key is the client_secret as text, whatever it looks like.
    let reading = expected.client_secret.and_then(|secret| fitting_reading(token, secret));
    if let (Some(how), Some(attempt)) = (reading, report.attempts.first_mut()) {
        attempt.outcome = Err(NotVerified::OtherReading(how));
    }
    (!nothing_to_try).then_some(Tried { keys, report })
}

fn signature(token: &Decoded, tried: Option<&Tried>) -> Check {
    let Some(tried) = tried else {
        return rule::SIGNATURE.skipped(match token.is_mac() {
            true => "no client_secret to verify with",
            false => "the server's keys are not known",
        });
    };
    match tried.fitting() {
        Some((_, key)) => rule::SIGNATURE.pass(format!("{} with {key}", token.alg().unwrap_or_default())),
        None if tried.report.is_cut_short() => {
            rule::SIGNATURE.skipped("the server has more keys than are tried, and none of the first fits")
        }
        None => rule::SIGNATURE.broken("a valid signature", why_not(token, &tried.report)),
    }
}

/// Whether `kid` leads to the key; that another key fits is found out by trying alone.
fn kid(token: &Decoded, tried: Option<&Tried>) -> Check {
    if token.is_mac() {
        return rule::KID.skipped("the key is the client secret, which has no name");
    }
    let fitting = tried.and_then(|tried| Some((tried.keys.len(), tried.fitting()?)));
    let Some((count, (key, name))) = fitting else {
        return rule::KID.skipped("no key is known that verifies the signature");
    };
    match token.kid() {
        Some(kid) if key.kid.as_deref() == Some(kid) => rule::KID.pass(visible(kid)),
        Some(kid) => rule::KID.broken("the name of a published key", format!("{}; it is {name}", quoted(kid))),
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
    if tried.is_empty() { "the key set has no key to try".to_owned() } else { tried.join("; ") }
}

/// OIDC Core section 2: `none` only when it was registered, and never through the browser.
fn is_unsigned_as_registered(token: &Decoded, expected: Expected<'_>) -> bool {
    token.alg() == Some("none") && expected.registered_alg == Some("none") && !expected.front_channel
}

/// The registration binds the server. What the metadata list is a promise to nobody: some servers list RS256 alone,
/// whatever they sign with.
fn alg(token: &Decoded, expected: Expected<'_>) -> Check {
    let alg = token.alg().unwrap_or("absent");
    match (expected.registered_alg, expected.algs) {
        (Some(registered), _) if registered != alg => rule::ALG.broken(registered, alg),
        (Some(_), _) if alg == "none" && expected.front_channel => {
            rule::ALG.broken("a signature, as the token came through the browser", alg)
        }
        (Some(_), _) => rule::ALG.pass(format!("{alg}, as registered")),
        (None, _) if token.form == Form::UnsecuredJws => rule::ALG.broken("a signature", alg),
        (None, None) => rule::ALG.skipped(format!("{alg}; none is registered here and the metadata announces none")),
        (None, Some(list)) if list.contains(&alg) => rule::ALG.pass(alg),
        (None, Some(list)) => rule::ALG.warn(list.join(", "), alg),
    }
}

/// Explicit types (RFC 8725 section 3.11): `application/` may be left out, and case does not matter (RFC 7515 section
/// 4.1.9). ID tokens have none of their own.
fn typ(token: &Decoded) -> Check {
    let Some(typ) = token.typ() else { return rule::TYP.skipped("absent, and optional") };
    let lower = typ.to_ascii_lowercase();
    let name = lower.strip_prefix("application/").unwrap_or(&lower);
    match name.strip_suffix("+jwt") {
        Some(kind) if kind != "id_token" && kind != "id-token" => rule::TYP.broken("JWT, or none", typ),
        _ => rule::TYP.pass(typ),
    }
}

fn sub(token: &Decoded) -> Check {
    match token.claim("sub") {
        Some(Json::String(sub)) if !sub.is_empty() && sub.len() <= 255 && sub.is_ascii() => {
            rule::SUB.pass(visible(sub))
        }
        Some(Json::String(sub)) => rule::SUB.broken("1 to 255 ASCII characters", visible(sub)),
        Some(other) => rule::SUB.broken("text", other.a_kind()),
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

fn hash(rule: &'static Rule, claim: &str, token: &Decoded, value: Option<&str>, required: bool) -> Check {
    match (value, token.claim(claim)) {
        (Some(_), None) if required => rule.broken(claim, "absent, and required in the front channel"),
        (None, _) => rule.skipped("nothing came beside the token to compare with"),
        (Some(_), None) => rule.skipped("absent, and optional here"),
        (Some(value), Some(came)) => match half_hash(token.alg().unwrap_or_default(), value) {
            Some(expected) => made_otherwise(rule, &expected, value, came, token)
                .unwrap_or_else(|| rule.equal(&expected, &shown(came))),
            None => rule.skipped("no hash is defined for this alg"),
        },
    }
}

/// A hash of the right value that is made by another function than that of `alg`: nothing was swapped, and a client that
/// compares will refuse it. The name `EdDSA` is of curves with several functions.
fn made_otherwise(rule: &'static Rule, expected: &str, value: &str, came: &Json, token: &Decoded) -> Option<Check> {
    let made_by = name_of_half(came.as_str().filter(|came| *came != expected)?, value)?;
    let wanted = name_of_half(expected, value)?;
    let alg = visible(token.alg().unwrap_or_default()).into_owned();
    let (uses, saw) =
        (format!("{wanted}, which {alg} uses"), format!("{made_by} of the right value in place of {wanted}"));
    Some(if alg == "EdDSA" { rule.warn(uses, saw) } else { rule.broken(uses, saw) })
}
