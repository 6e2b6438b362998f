//! `client_credentials`: tokens for the client itself (RFC 6749 section 4.4). No user, so no ID token; no refresh token
//! either, since the client can ask again at any time.

use serde_json::Value;

use crate::base::time::Timestamp;
use crate::practice::Practice;
use crate::practice::authorization::{SCOPE, resources};
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::fields::Fields;
use crate::practice::store::Approval;
use crate::practice::{details, token};
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 2] = [CONFIDENTIAL, SCOPE];
const CONFIDENTIAL: &str = "client is no public one";

/// Answers with an access token whose subject is the client.
///
/// # Errors
/// `unauthorized_client` for public clients, `invalid_scope` and `invalid_target`.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    practice.why.check(CONFIDENTIAL, &client.client_id, confidential(client))?;
    let approval = Approval {
        authorization_details: details::read(form)?,
        client_id: client.client_id.clone(),
        scope: super::scope_without_sign_in(practice, form)?,
        resource: resources(form)?,
        sub: client.client_id.clone(),
        login: None,
        act: None,
        approved_at: now,
    };
    let issue = token::approve(practice, approval);
    token::issue(practice, caller, &issue, now)
}

fn confidential(client: &Client) -> Result<(), OAuthError> {
    if !client.is_public() {
        return Ok(());
    }
    let why = format!("{} is a public client: anybody could get these tokens in its name", client.client_id);
    Err(OAuthError::new("unauthorized_client", why))
}
