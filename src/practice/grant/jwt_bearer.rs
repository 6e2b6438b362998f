//! `urn:ietf:params:oauth:grant-type:jwt-bearer`: a signed statement about a user for tokens of that user (RFC 7523
//! sections 2.1 and 3). The only issuer trusted here is the client itself, with its registered keys.

use serde_json::Value;

use super::invalid_grant;
use crate::base::time::Timestamp;
use crate::jose::jwt::Decoded;
use crate::practice::Practice;
use crate::practice::assertion;
use crate::practice::authorization::{SCOPE, resources};
use crate::practice::client::Caller;
use crate::practice::config::Client;
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
    let sub = practice.why.found(
        ACCEPTED,
        |sub| format!("about {sub}"),
        judge(practice, client, &token, now).map_err(refuse),
    )?;
    let (scope, resource) = (super::scope_without_sign_in(practice, form)?, resources(form)?);
    if token.claim("jti").is_some() {
        let jti = assertion::text(&token, "jti").map_err(refuse)?;
        assertion::use_once(practice, &client.client_id, jti, now).map_err(refuse)?;
    }
    let approval = Approval {
        authorization_details: None,
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
