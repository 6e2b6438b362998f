//! `authorization_code`: a code for tokens, once (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use serde_json::Value;

use super::invalid_grant;
use crate::base::time::{Timestamp, spoken};
use crate::practice::Practice;
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::fields::Fields;
use crate::practice::pkce;
use crate::practice::store::Code;
use crate::practice::token::{self, Issue};
use crate::terms::error::OAuthError;

/// Exchanges a code. A refused request leaves the code as it was, so that a mistake can be mended.
///
/// # Errors
/// `invalid_grant` that says which of the things the code is bound to does not fit.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    let name = form.require("code")?;
    let Some(code) = practice.store.codes.get(name).cloned() else {
        return Err(invalid_grant("this code is unknown: mistyped, cut off, of another server, or long gone"));
    };
    same_client(&code, client)?;
    same_redirect_uri(&code, form.get("redirect_uri"))?;
    pkce::verify(code.code_challenge.as_ref(), form.get("code_verifier"))?;
    if let Some(used_at) = code.used_at {
        return Err(reused(practice, &code, used_at, now));
    }
    alive(practice, &code, now)?;
    let approval = token::approval(practice, &code.approval)?;
    let (scope, resource) = (approval.scope.clone(), token::narrowed_resource(form, approval)?);
    if let Some(code) = practice.store.codes.get_mut(name) {
        code.used_at = Some(now);
    }
    token::issue(practice, caller, &Issue { approval: code.approval, scope, resource, nonce: code.nonce }, now)
}

fn same_client(code: &Code, client: &Client) -> Result<(), OAuthError> {
    if code.client_id == client.client_id {
        return Ok(());
    }
    Err(invalid_grant(format!("the code was issued to {}, not to {}", code.client_id, client.client_id)))
}

fn same_redirect_uri(code: &Code, sent: Option<&str>) -> Result<(), OAuthError> {
    let first = &code.redirect_uri;
    match sent {
        Some(sent) if sent == first => Ok(()),
        Some(sent) => Err(invalid_grant(format!(
            "redirect_uri differs: the code was asked for with {first}, this request has {sent}"
        ))),
        None => Err(invalid_grant(format!("redirect_uri is missing: the code was asked for with {first}"))),
    }
}

/// All conditions hold, so this is either a client's mistake or a thief with everything in hand: the
/// first user's tokens go too (RFC 6749 section 4.1.2).
fn reused(practice: &mut Practice, code: &Code, used_at: Timestamp, now: Timestamp) -> OAuthError {
    practice.store.approvals.take(&code.approval);
    let ago = spoken(now.since(used_at));
    invalid_grant(format!("the code was used before, {ago} ago; the tokens issued for it are revoked"))
}

fn alive(practice: &Practice, code: &Code, now: Timestamp) -> Result<(), OAuthError> {
    let (age, lifetime) = (now.since(code.issued_at), practice.config.code_lifetime);
    if age < lifetime {
        return Ok(());
    }
    Err(invalid_grant(format!("the code expired: it is {} old and lived {}", spoken(age), spoken(lifetime))))
}
