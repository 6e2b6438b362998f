//! What a token is bound to: a key (RFC 9449 section 6) or a certificate (RFC 8705 section 3).

use super::answer::{Accepted, Outcome, status};
use super::dpop::{self, DPOP};
use super::endpoint::token::TokenResponse;
use super::rules::dpop as rule;
use super::settings::Settings;
use crate::base::check::{Check, Rule};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::jose::jwt::{Form, decode};
use crate::jose::x509::thumbprint;
use crate::terms::error::OAuthError;

/// What a token request proved to have, and so what its tokens are to be bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// The thumbprint of the key of its proof, `cnf.jkt`.
    pub jkt: Option<String>,
    /// The hash of the certificate in the handshake, `cnf.x5t#S256`.
    pub x5t: Option<String>,
}

impl Proven {
    /// What this request proves.
    pub fn by(request: &HttpRequest) -> Self {
        let shown = request.tls.certificate.as_ref().and_then(|shown| shown.chain.first());
        Self { jkt: dpop::jkt(request), x5t: shown.map(|der| thumbprint(der)) }
    }

    /// Holds the access token of a response to it.
    pub fn judge(&self, tokens: &TokenResponse, settings: &Settings) -> Vec<Check> {
        // An ID token in its place opens no API (RFC 8693 section 2.2.1).
        let access_token = tokens.access_token.as_ref().filter(|_| !tokens.is_of_type("N_A"));
        let Some(access_token) = access_token else { return Vec::new() };
        let token = decode(access_token.expose());
        // What is no JWT is told by introspection alone.
        let said = token.claims.as_ref().filter(|_| token.form == Form::Jws);
        let is_bound = tokens.is_of_type(DPOP);
        let mut checks = Vec::new();
        if self.jkt.is_some() {
            let of_type = tokens.token_type.as_deref().unwrap_or("none");
            checks.push(match is_bound {
                true => rule::TOKEN_TYPE.pass(of_type),
                false => rule::TOKEN_TYPE.warn(DPOP, visible(of_type)),
            });
        }
        checks.extend(self.jkt.as_ref().map(|jkt| match (is_bound, said) {
            (false, _) => rule::BOUND.skipped("the token is not of type DPoP"),
            (true, None) => rule::BOUND.skipped(OPAQUE),
            (true, Some(said)) => names(&rule::BOUND, said, "jkt", jkt, true),
        }));
        checks.extend(self.x5t.as_ref().map(|x5t| match said {
            None => rule::CERTIFICATE.skipped(OPAQUE),
            Some(said) => names(&rule::CERTIFICATE, said, X5T, x5t, wants_certificate(settings)),
        }));
        checks
    }

    /// Holds what introspection says of an active token to it.
    pub fn judge_said(&self, said: &Json, is_dpop: bool, settings: &Settings) -> Vec<Check> {
        if said.get("active").and_then(Json::as_bool) != Some(true) {
            return Vec::new();
        }
        let key = self.jkt.as_ref().filter(|_| is_dpop).map(|jkt| names(&rule::BOUND, said, "jkt", jkt, true));
        let wanted = wants_certificate(settings);
        let certificate = self.x5t.as_ref().map(|x5t| names(&rule::CERTIFICATE, said, X5T, x5t, wanted));
        key.into_iter().chain(certificate).collect()
    }
}

/// What came of a refresh token that was brought with the key of `bound_to` and is used with that of `proven` (RFC 9449
/// section 5). Nothing is said where the answer is about something else.
pub fn refreshed(
    bound_to: &str,
    proven: Option<&str>,
    is_public: bool,
    outcome: &Outcome<TokenResponse>,
) -> Option<Check> {
    let rule = &rule::REFRESH_KEY;
    if proven == Some(bound_to) {
        return Some(rule.skipped("the same key was proven"));
    }
    let with = if proven.is_some() { "another key" } else { "no proof" };
    let of_proof = |error: &OAuthError| error.error == "invalid_grant" || error.error.contains("dpop");
    Some(match outcome {
        Outcome::Success(_) if is_public => rule.broken("a refusal", format!("new tokens with {with}")),
        Outcome::Success(_) => rule.pass(format!("new tokens with {with}")),
        Outcome::Refused(error) if is_public && of_proof(error) => rule.pass(format!("refused with {with}")),
        // Its tokens may have to be bound to some key, and the refresh token may be over.
        Outcome::Refused(error) if proven.is_some() && error.error.contains("dpop") => {
            rule.broken("new tokens", format!("refused with {with}: {}", visible(&error.error)))
        }
        _ => return None,
    })
}

/// Whether a token says that it works with a key or a certificate alone.
pub fn is_bound(tokens: &TokenResponse) -> bool {
    let names = |token: &Secret| decode(token.expose()).claim("cnf").is_some_and(|cnf| cnf.text(X5T).is_some());
    tokens.is_of_type(DPOP) || tokens.access_token.as_ref().is_some_and(names)
}

/// Reads the answer to a bound token that came alone. Success is a refusal, or what it should have kept back: that breaks
/// the rule (RFC 9449 section 7.2, RFC 8705 section 3).
pub fn accept_unproven(response: &HttpResponse, is_dpop: bool) -> Accepted<()> {
    refusal_of(response, if is_dpop { &rule::ENFORCED } else { &rule::CERTIFICATE_ENFORCED })
}

/// Reads the answer to a token that came with a proof by another key than it is bound to, in the same way (RFC 9449
/// section 7.1).
pub fn accept_other_key(response: &HttpResponse) -> Accepted<()> {
    refusal_of(response, &rule::KEY_ENFORCED)
}

fn refusal_of(response: &HttpResponse, rule: &'static Rule) -> Accepted<()> {
    let said = status(response);
    let (outcome, check) = match response.status {
        200..300 => (Outcome::Success(()), rule.broken("401", format!("taken: {said}"))),
        401 => (Outcome::Success(()), rule.pass(said)),
        400 | 403 => (Outcome::Success(()), rule.warn("401", said)),
        _ => (Outcome::Unreadable(format!("status {said}")), rule.skipped(format!("status {said}"))),
    };
    Accepted { outcome, checks: vec![check] }
}

const X5T: &str = "x5t#S256";
const OPAQUE: &str = "the token is no JWT; introspection says what it is bound to";

/// Whether the client is registered for tokens that are bound to its certificate.
fn wants_certificate(settings: &Settings) -> bool {
    settings.protection.tls_client_certificate_bound_access_tokens
}

/// Whether `cnf` names what was proven. What is not bound breaks the rule only where that was `wanted`.
fn names(rule: &'static Rule, said: &Json, member: &str, proven: &str, wanted: bool) -> Check {
    match said.get("cnf").and_then(|cnf| cnf.text(member)) {
        Some(named) => rule.equal(proven, named),
        None if wanted => rule.broken(format!("cnf.{member} {proven}"), format!("no cnf.{member}")),
        None => rule.skipped("the token is bound to nothing, and nobody asked for it"),
    }
}
