//! The authorization response as one JWT: verified before anything in it is used (JARM section 2.4).

use std::collections::HashSet;
use std::time::Duration;

use super::AuthorizationRequest;
use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::encryption::{Registered, take_off};
use crate::client::rules::jarm as rule;
use crate::client::server_signature;
use crate::client::settings::Settings;
use crate::jose::claims::{begun, not_over, numeric_date};
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, decode};
use crate::terms::response::ResponseMode;

/// What a signed response is held against. `None` means "not known", and skips the rule.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The request as it was really sent.
    pub sent: &'a AuthorizationRequest,
    /// The issuer that was asked.
    pub issuer: Option<&'a str>,
    /// This client.
    pub client_id: &'a str,
    /// `authorization_signed_response_alg` of its registration.
    pub registered_alg: Option<&'a str>,
    /// The server's keys.
    pub jwks: Option<&'a JwkSet>,
    /// The client secret, for HS256 and its kin.
    pub client_secret: Option<&'a Jwk>,
}

/// A response as it counts, and what its wrapping was held to.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The parameters: those in the JWT where there is one.
    pub params: Params,
    /// Whether they stood in a JWT.
    pub is_jwt: bool,
    /// The rules of the JWT.
    pub checks: Vec<Check>,
    /// Why it cannot be looked into, where it cannot.
    pub closed: Option<String>,
}

/// Ten minutes (JARM section 2.1).
const LONGEST: Duration = Duration::from_secs(600);

/// Claims that are about the JWT and no parameters; `iss` is one of the response as well (RFC 9207 section 2).
const OF_JWT: [&str; 5] = ["aud", "exp", "iat", "nbf", "jti"];

/// Takes a response out of its JWT. One that was neither asked for nor came is left as it is, with nothing to say.
pub fn open(
    params: &Params,
    mode: ResponseMode,
    expected: Expected<'_>,
    now: Timestamp,
    settings: &Settings,
) -> Opened {
    let is_asked = expected.sent.asks_for_jwt();
    match params.get("response") {
        Some(text) if is_asked || !has_plain(params) => {
            let mut opened = opened(text, mode, expected, now, is_asked, settings);
            opened.checks.push(beside(params));
            opened
        }
        _ => Opened { params: params.clone(), is_jwt: false, checks: plain(params, is_asked), closed: None },
    }
}

fn has_plain(params: &Params) -> bool {
    params.contains("code") || params.contains("error")
}

/// A server that does not know the mode has no way to answer in it, and says so plainly.
fn plain(params: &Params, is_asked: bool) -> Vec<Check> {
    let check = match is_asked {
        false => return Vec::new(),
        true if params.contains("error") => rule::ASKED.note("an error without a JWT around it"),
        true => rule::ASKED.broken("one JWT in response", "plain parameters"),
    };
    vec![check]
}

fn opened(
    text: &str,
    mode: ResponseMode,
    expected: Expected<'_>,
    now: Timestamp,
    is_asked: bool,
    settings: &Settings,
) -> Opened {
    let unwrapped = take_off(decode(text), Registered::authorization(settings), settings);
    let asked = match is_asked {
        true => rule::ASKED.pass("one JWT"),
        false => rule::ASKED.warn("plain parameters, as was asked", "one JWT"),
    };
    let mut checks = vec![asked];
    checks.extend(unwrapped.checks);
    let shut = |closed: String, check: Check, mut checks: Vec<Check>| {
        checks.push(check);
        Opened { params: Params::new(), is_jwt: true, checks, closed: Some(closed) }
    };
    if let Some(why) = unwrapped.closed {
        return shut(format!("an encrypted response (JWE): {why}"), rule::SIGNATURE.skipped("it is encrypted"), checks);
    }
    if unwrapped.unsigned.is_some() {
        let check = rule::SIGNATURE.broken("a signed JWT, encrypted", "encrypted parameters without a signature");
        return shut("an encrypted response that nobody signed".to_owned(), check, checks);
    }
    let token = unwrapped.token;
    let Some(within) = parameters(&token) else {
        let check = rule::SIGNATURE.broken("a signed JWT", "nothing that can be read");
        return shut("a response that is no JWT".to_owned(), check, checks);
    };
    checks.extend([
        iss(&token, expected.issuer),
        aud(&token, expected.client_id),
        exp(&token, now),
        server_signature::judge(&rule::SIGNATURE, &token, expected.client_secret, expected.jwks),
        alg(&token, expected.registered_alg),
        lifetime(&token, now),
        query(&within, mode, unwrapped.is_encrypted),
    ]);
    checks.extend(begun(&rule::NBF, &token, now));
    checks.extend(token.enveloped());
    Opened { params: within, is_jwt: true, checks, closed: None }
}

/// The claims that are parameters. A name that is there twice with one value is one parameter: there are servers that write
/// `iss` as that of the JWT and once more as that of the response.
fn parameters(token: &Decoded) -> Option<Params> {
    let claims = token.claims.as_ref()?.members().iter().filter(|(name, _)| !OF_JWT.contains(&name.as_str()));
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut known = HashSet::new();
    let pairs = claims.map(|(name, value)| (name.clone(), text(value)));
    Some(Params(pairs.filter(|pair| known.insert(pair.clone())).collect()))
}

fn iss(token: &Decoded, issuer: Option<&str>) -> Check {
    let came = token.claim("iss").and_then(Json::as_str);
    match (came, issuer) {
        (_, None) => rule::ISS.skipped("the issuer is not known"),
        (None, Some(issuer)) => rule::ISS.broken(issuer, "absent"),
        (Some(came), Some(issuer)) => rule::ISS.equal(issuer, came),
    }
}

fn aud(token: &Decoded, client_id: &str) -> Check {
    let named = token.claim("aud").map(Json::strings).unwrap_or_default();
    let saw = if named.is_empty() { "absent".to_owned() } else { visible(&named.join(", ")).into_owned() };
    rule::AUD.holds(named.contains(&client_id), client_id, saw)
}

fn exp(token: &Decoded, now: Timestamp) -> Check {
    match token.claim("exp").map(numeric_date) {
        None => rule::EXP.broken("a time ahead", "absent"),
        Some(Err(what)) => rule::EXP.broken("seconds since 1970", what),
        Some(Ok(end)) => not_over(&rule::EXP, end, now),
    }
}

/// Ten minutes from now, with one more for the clocks.
fn lifetime(token: &Decoded, now: Timestamp) -> Check {
    let Some(Ok(end)) = token.claim("exp").map(numeric_date) else {
        return rule::LIFETIME.skipped("no exp to count to");
    };
    let left = end.since(now);
    rule::LIFETIME.holds(left <= LONGEST + Duration::from_secs(60), "ten minutes or less", spoken(left))
}

fn alg(token: &Decoded, registered: Option<&str>) -> Check {
    let came = token.alg().unwrap_or("absent");
    match registered {
        None => rule::ALG.skipped("authorization_signed_response_alg is not filled in"),
        Some(registered) => rule::ALG.equal(registered, came),
    }
}

/// Parameters of a response outside the JWT. Others, such as those of the redirect URI itself, are nobody's claim.
fn beside(params: &Params) -> Check {
    let of_response = ["code", "state", "iss", "error", "error_description", "access_token", "id_token"];
    let outside: Vec<&str> = of_response.into_iter().filter(|name| params.contains(name)).collect();
    match outside.is_empty() {
        true => rule::BESIDE.pass("response alone"),
        false => {
            rule::BESIDE.warn("response alone", format!("{} beside it, unsigned and not used", outside.join(", ")))
        }
    }
}

fn query(within: &Params, mode: ResponseMode, is_encrypted: bool) -> Check {
    let token = ["access_token", "id_token"].into_iter().find(|name| within.contains(name));
    match token.filter(|_| mode == ResponseMode::Query && !is_encrypted) {
        Some(name) => rule::QUERY.broken("no token", format!("{name} in the query, readable")),
        None => rule::QUERY.pass("none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url;

    #[test]
    fn a_claim_that_is_there_twice_with_one_value_is_one_parameter() {
        let token = |claims: &str| [r#"{"alg":"ES256"}"#, claims, "s"].map(|part| base64url::encode(part.as_bytes()));
        for (claims, wanted) in [
            (r#"{"iss":"a","code":"c","iss":"a"}"#, &[("iss", "a"), ("code", "c")][..]),
            (r#"{"iss":"a","iss":"b"}"#, &[("iss", "a"), ("iss", "b")]),
        ] {
            let params = parameters(&decode(&token(claims).join("."))).expect("claims");
            assert_eq!(params.iter().collect::<Vec<_>>(), wanted, "{claims}");
        }
    }
}
