//! The signature of a JWT that the server makes for this client alone: its response (JARM section 2.4), its logout token
//! (OIDC Back-Channel Logout section 2.6).

use crate::base::check::{Check, Rule};
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form};
use crate::jose::verify::verify;

/// Whether it is signed by the server, as this rule wants it: with the secret that both sides share, or a key of the
/// server. Skipped as long as these are not known.
pub fn judge(rule: &'static Rule, token: &Decoded, client_secret: Option<&Jwk>, jwks: Option<&JwkSet>) -> Check {
    if token.form != Form::Jws {
        return rule.broken("a signed JWT", "no signature");
    }
    let keys: Vec<Jwk> = match (token.is_mac(), client_secret, jwks) {
        (true, Some(secret), _) => vec![secret.clone()],
        (true, None, _) => return rule.skipped("it is made with client_secret, which is not filled in"),
        (false, _, Some(jwks)) => jwks.keys.clone(),
        (false, _, None) => return rule.skipped("the server's keys are not known"),
    };
    let report = verify(token, &keys);
    match report.verified() {
        Some(attempt) => rule.pass(format!("verified with {}", attempt.key)),
        None if report.is_cut_short() => rule.skipped("there are more keys than are tried"),
        None => rule.broken("a key of the server", "no key of it fits"),
    }
}
