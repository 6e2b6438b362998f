//! `authorization_code`: a code for tokens, once (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use serde_json::Value;

use super::invalid_grant;
use crate::base::time::{Timestamp, spoken};
use crate::practice::Practice;
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::details;
use crate::practice::fault::Fault;
use crate::practice::fields::Fields;
use crate::practice::pkce::{self, CodeChallenge};
use crate::practice::store::Code;
use crate::practice::token::{self, Issue};
use crate::practice::why::Compared;
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 4] = [KNOWN, REDIRECT_URI, VERIFIER, FRESH];
const KNOWN: &str = "code is known and of this client";
const REDIRECT_URI: &str = "redirect_uri equals that of the request";
const VERIFIER: &str = "code_verifier fits";
/// A code is bound by a name or by the proof of a pushed request (RFC 9449 sections 10 and 10.1).
const OTHER_KEY: &str = "the code is bound to the key that its authorization request named in dpop_jkt or was pushed with, and another was proven";
const KEY: &str = "key is that of the authorization request";
const FRESH: &str = "code is not used and not over";

/// Exchanges a code. A refused request leaves the code as it was, so that a mistake can be mended.
///
/// # Errors
/// `invalid_grant` that says which of the things the code is bound to does not fit.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    let name = form.require("code")?;
    let age = |code: &Code| format!("issued {} ago", spoken(now.since(code.issued_at)));
    let code = practice.why.found(KNOWN, age, known(practice, name, client))?;
    same_redirect_uri(practice, &code, form.get("redirect_uri"))?;
    fitting_verifier(practice, &code, form.get("code_verifier"))?;
    same_key(practice, &code, caller)?;
    let fresh = fresh(practice, &code, now);
    practice.why.check(FRESH, format!("it lives {}", spoken(practice.config.code_lifetime)), fresh)?;
    let approval = token::approval(practice, &code.approval)?;
    let (scope, resource) = (approval.scope.clone(), token::narrowed_resource(form, approval)?);
    let authorization_details = details::narrowed(form, approval.authorization_details.as_ref())?;
    if let Some(code) = practice.store.codes.get_mut(name) {
        code.used_at = Some(now);
    }
    let issue =
        Issue { approval: code.approval, scope, resource, authorization_details, nonce: code.nonce, kept: None };
    token::issue(practice, caller, &issue, now)
}

fn known(practice: &Practice, name: &str, client: &Client) -> Result<Code, OAuthError> {
    let unknown = || {
        let usual = "this code is unknown: mistyped, cut off, of another server, or long gone";
        invalid_grant(practice.store.codes.pushed_out(name, "code").unwrap_or_else(|| usual.to_owned()))
    };
    let code = practice.store.codes.get(name).ok_or_else(unknown)?;
    same_client(code, client)?;
    Ok(code.clone())
}

fn same_client(code: &Code, client: &Client) -> Result<(), OAuthError> {
    if code.client_id == client.client_id {
        return Ok(());
    }
    Err(invalid_grant(format!("the code was issued to {}, not to {}", code.client_id, client.client_id)))
}

fn same_redirect_uri(practice: &Practice, code: &Code, sent: Option<&str>) -> Result<(), OAuthError> {
    let first = &code.redirect_uri;
    let differ = || {
        let came = ("redirect_uri of this request", sent.unwrap_or("absent"));
        Some(Compared::new(came, ("of the authorization request", first)))
    };
    let verdict = match sent {
        Some(sent) if sent == first => Ok(()),
        Some(sent) => Err(invalid_grant(format!(
            "redirect_uri differs: the code was asked for with {first}, this request has {sent}"
        ))),
        None => Err(invalid_grant(format!("redirect_uri is missing: the code was asked for with {first}"))),
    };
    practice.why.compare(REDIRECT_URI, first, differ, verdict)
}

fn fitting_verifier(practice: &Practice, code: &Code, sent: Option<&str>) -> Result<(), OAuthError> {
    let challenge = code.code_challenge.as_ref();
    let saw = challenge.map_or("the authorization request had no code_challenge", CodeChallenge::rule);
    practice.why.compare(VERIFIER, saw, || challenge?.compared(sent?), pkce::verify(challenge, sent))
}

/// RFC 9449 section 10
fn same_key(practice: &Practice, code: &Code, caller: &Caller) -> Result<(), OAuthError> {
    let Some(named) = &code.dpop_jkt else { return Ok(()) };
    let proven = caller.binding.key.as_deref();
    let differ = || {
        let came = ("key of this request", proven.unwrap_or("no proof"));
        Some(Compared::new(came, ("key that the authorization request named or was pushed with", named)))
    };
    let fits = if proven == Some(named.as_str()) { Ok(()) } else { Err(()) };
    let verdict = fits.map_err(|()| invalid_grant(OTHER_KEY));
    practice.why.compare(KEY, named, differ, verdict)
}

fn fresh(practice: &mut Practice, code: &Code, now: Timestamp) -> Result<(), OAuthError> {
    match code.used_at {
        Some(_) if practice.is_faulty(Fault::ReusableCode) => alive(practice, code, now),
        Some(used_at) => Err(reused(practice, code, used_at, now)),
        None => alive(practice, code, now),
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
