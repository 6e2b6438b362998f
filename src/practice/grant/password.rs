//! `password`: the user's password passes through the client (RFC 6749 section 4.3). RFC 9700 section 2.4 forbids it;
//! it is here to see how it works and why it has to go.

use serde_json::Value;

use super::invalid_grant;
use crate::base::time::Timestamp;
use crate::practice::Practice;
use crate::practice::authorization::{SCOPE, granted_scope, resources};
use crate::practice::client::Caller;
use crate::practice::config::{Config, User};
use crate::practice::details;
use crate::practice::fields::Fields;
use crate::practice::interaction;
use crate::practice::store::Approval;
use crate::practice::token;
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 2] = [OWNER, SCOPE];
const OWNER: &str = "user is known and the password is right";

/// Answers with the tokens of a user whose password the client has.
///
/// # Errors
/// `invalid_grant` when there is no such user or the password is another.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let username = form.get("username").unwrap_or_default();
    let owner = practice.why.check(OWNER, username, resource_owner(&practice.config, form))?;
    let sub = owner.sub.clone();
    let scope = practice.why.found(SCOPE, String::clone, granted_scope(form, practice))?;
    let resource = resources(form)?;
    let login = interaction::login(practice, &sub, &[], now);
    let approval = Approval {
        authorization_details: details::read(form)?,
        client_id: caller.client.client_id.clone(),
        scope,
        resource,
        sub,
        login: Some(login),
        act: None,
        approved_at: now,
    };
    let issue = token::approve(practice, approval);
    token::issue(practice, caller, &issue, now)
}

fn resource_owner<'a>(config: &'a Config, form: &Fields) -> Result<&'a User, OAuthError> {
    let (username, password) = (form.require("username")?, form.require("password")?);
    let Some(user) = config.user(username) else {
        return Err(invalid_grant(format!("there is no user {username}; the first page lists the demo users")));
    };
    if user.password.expose() != password {
        return Err(invalid_grant(format!("the password is not that of {username}; the first page shows it")));
    }
    Ok(user)
}
