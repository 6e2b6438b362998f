//! The backchannel authentication request as one signed JWT (CIBA section 7.1.1): what it asks, and its rules.

use crate::base::check::Check;
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::request_object;
use crate::client::rules::backchannel as rule;
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::terms::metadata::ServerMetadata;

/// The parameter that holds it.
const REQUEST: &str = "request";

/// What the metadata list of it (CIBA section 4).
const ALGS: &str = "backchannel_authentication_request_signing_alg_values_supported";

/// Claims without which it is not accepted.
const CLAIMS: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

/// What may stand beside it: what proves who the client is.
const BESIDE: [&str; 5] = [REQUEST, "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// What a request asks: its parameters, or those in the object that it brings.
pub fn asked(sent: &HttpRequest) -> Params {
    let form = sent.form().unwrap_or_default();
    let inside = form.get(REQUEST).and_then(|object| request_object::parameters(&decode(object)));
    inside.unwrap_or(form)
}

/// What an object is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who makes it.
    pub client_id: &'a str,
    /// Whom it is for, where that is known.
    pub issuer: Option<&'a str>,
    /// What the server says that it takes.
    pub metadata: Option<&'a ServerMetadata>,
    /// When it left.
    pub now: Timestamp,
}

/// Rules for the object of a request; none where it brings none.
pub fn lint(sent: &HttpRequest, expected: Expected<'_>) -> Vec<Check> {
    let form = sent.form().unwrap_or_default();
    let Some(object) = form.get(REQUEST).map(decode) else { return Vec::new() };
    let alg = object.alg().unwrap_or("absent");
    let is_asymmetric = object.form == Form::Jws && !alg.starts_with("HS");
    vec![
        rule::SIGNED.holds(is_asymmetric, "a signature by a private key", visible(alg)),
        claims(&object, expected),
        beside(&form),
        supported(alg, expected.metadata),
    ]
}

fn claims(object: &Decoded, expected: Expected<'_>) -> Check {
    let rule = &rule::SIGNED_CLAIMS;
    let missing: Vec<&str> = CLAIMS.into_iter().filter(|name| object.claim(name).is_none()).collect();
    if !missing.is_empty() {
        return rule.broken(CLAIMS.join(", "), format!("without {}", missing.join(", ")));
    }
    let iss = object.claim("iss").and_then(Json::as_str).unwrap_or("no text");
    if iss != expected.client_id {
        return rule.broken(format!("iss {}", expected.client_id), format!("iss {}", visible(iss)));
    }
    let aud = object.claim("aud").map(Json::strings).unwrap_or_default();
    if let Some(issuer) = expected.issuer.filter(|issuer| !aud.contains(issuer)) {
        return rule.broken(format!("aud {issuer}"), format!("aud {}", visible(&aud.join(", "))));
    }
    match object.claim("exp").map(numeric_date) {
        Some(Ok(exp)) if exp > expected.now => rule.pass("all six"),
        Some(Ok(exp)) => rule.broken("an exp ahead", format!("over for {}", spoken(expected.now.since(exp)))),
        _ => rule.broken("an exp ahead", "an exp that is no time"),
    }
}

fn beside(form: &Params) -> Check {
    let names: Vec<&str> = form.iter().map(|(name, _)| name).filter(|name| !BESIDE.contains(name)).collect();
    let saw = if names.is_empty() { "nothing".into() } else { names.join(", ") };
    rule::ALONE.holds(names.is_empty(), "nothing that is asked", visible(&saw))
}

/// Left out means that signed requests are not taken.
fn supported(alg: &str, metadata: Option<&ServerMetadata>) -> Check {
    let Some(metadata) = metadata else { return rule::SIGNING_SUPPORTED.skipped("no metadata") };
    match metadata.supported(ALGS) {
        None => rule::SIGNING_SUPPORTED.broken(ALGS, "not published"),
        Some(listed) => rule::SIGNING_SUPPORTED.holds(listed.contains(&alg), listed.join(", "), visible(alg)),
    }
}
