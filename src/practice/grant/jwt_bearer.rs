//! `urn:ietf:params:oauth:grant-type:jwt-bearer`: a signed statement about a user for tokens of that user (RFC 7523
//! sections 2.1 and 3). The issuers trusted here are the client itself, with its registered keys, and, for an ID-JAG, the
//! other servers at this origin.

use serde_json::Value;

use super::{id_jag, invalid_grant};
use crate::base::time::Timestamp;
use crate::jose::jwt::Decoded;
use crate::practice::Practice;
use crate::practice::assertion;
use crate::practice::authorization::{SCOPE, resources};
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::details;
use crate::practice::fields::Fields;
use crate::practice::store::Approval;
use crate::practice::token;
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 2] = [ACCEPTED, SCOPE];
const ACCEPTED: &str = "assertion is accepted";

/// Answers with an access token of the user that the assertion names. No ID token, as nobody signed in; no
/// refresh token, as the client can make another assertion (RFC 7521 section 4.1).
///
/// # Errors
/// `invalid_grant` that says what is wrong with the assertion.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    let refuse = |why: String| invalid_grant(format!("the assertion is not accepted: {why}"));
    let token = assertion::read(form.require("assertion")?).map_err(refuse)?;
    let (sub, scope, resource) = match token.typ() {
        Some(id_jag::TYP) => {
            let about = |sub: &String| format!("an ID-JAG about {sub}");
            let sub = practice.why.found(ACCEPTED, about, id_jag::judge(practice, caller, &token, now))?;
            let (scope, resource) = id_jag::allowed(practice, &token, form)?;
            (sub, scope, resource)
        }
        _ => of_client(practice, client, &token, form, now)?,
    };
    let approval = Approval {
        authorization_details: details::read(form)?,
        client_id: client.client_id.clone(),
        scope,
        resource,
        sub,
        login: None,
        act: None,
        approved_at: now,
    };
    let issue = token::approve(practice, approval);
    token::issue(practice, caller, &issue, now)
}

/// What a statement allows that the client itself has signed: about whom, for what, and where.
fn of_client(
    practice: &mut Practice,
    client: &Client,
    token: &Decoded,
    form: &Fields,
    now: Timestamp,
) -> Result<(String, String, Vec<String>), OAuthError> {
    let refuse = |why: String| invalid_grant(format!("the assertion is not accepted: {why}"));
    let about = |sub: &String| format!("about {sub}");
    let sub = practice.why.found(ACCEPTED, about, judge(practice, client, token, now).map_err(refuse))?;
    let (scope, resource) = (super::scope_without_sign_in(practice, form)?, resources(form)?);
    if token.claim("jti").is_some() {
        let jti = assertion::text(token, "jti").map_err(refuse)?;
        assertion::use_once(practice, &client.client_id, jti, now).map_err(refuse)?;
    }
    Ok((sub, scope, resource))
}

/// The user it is about.
fn judge(practice: &Practice, client: &Client, token: &Decoded, now: Timestamp) -> Result<String, String> {
    let iss = assertion::text(token, "iss")?;
    if iss != client.client_id {
        return Err(format!("its iss is {iss}; trusted here is the client itself, {}", client.client_id));
    }
    assertion::verify(token, client)?;
    assertion::check_audience(token, &practice.config)?;
    assertion::check_times(token, now)?;
    let sub = assertion::text(token, "sub")?;
    let user = practice.config.user(sub).ok_or_else(|| format!("its sub is {sub}; there is no such user"))?;
    Ok(user.sub.clone())
}
