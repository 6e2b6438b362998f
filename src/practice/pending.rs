//! Authorizations that the user gives on another device while the client polls for them (RFC 8628
//! section 3.5, CIBA section 11).

use std::time::Duration;

use serde_json::Value;

use super::Practice;
use super::client::Caller;
use super::config::Client;
use super::store::{Decision, Pending};
use super::token::{self, Issue};
use crate::base::time::{Timestamp, spoken};
use crate::jose::base64url;
use crate::jose::hash::sha256;
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 2] = [KNOWN, DECIDED];
const KNOWN: &str = "code is known and of this client";
const DECIDED: &str = "user has allowed it";

/// How long the user may take, and the longest that a client may ask for.
pub const LIFETIME: Duration = Duration::from_secs(600);
/// What to tell a user who decides about a request that is not open.
pub const TOO_LATE: &str = "This request is decided already, or took too long. Start again from the app.";
/// How long a client waits between two polls, to begin with.
pub const INTERVAL: Duration = Duration::from_secs(5);
/// What one `slow_down` adds to that (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// The name under which pages speak of an authorization; it says nothing about the code that the client polls with.
pub fn id_of(code: &str) -> String {
    base64url::encode(&sha256(code.as_bytes()))
}

/// Answers a client that polls with `code`, which the parameter `name` holds.
///
/// # Errors
/// `authorization_pending` and `slow_down` while the user has not decided, then `access_denied` or `expired_token`;
/// `invalid_grant` for a code that is unknown, used, of another client or another grant.
pub fn poll(
    practice: &mut Practice,
    caller: &Caller,
    (grant_type, name): (&str, &str),
    code: &str,
    now: Timestamp,
) -> Result<Value, OAuthError> {
    let found = practice.store.pending.get_mut(&id_of(code)).filter(|pending| pending.grant_type == grant_type);
    let unknown = || invalid_grant(format!("this {name} is unknown: mistyped, of another server, or long gone"));
    let known = found.ok_or_else(unknown).and_then(|pending| of_client(pending, &caller.client, name));
    let pending = practice.why.check(KNOWN, name, known)?;
    let lives = format!("{} of {}", spoken(now.since(pending.issued_at)), spoken(LIFETIME));
    let approval = practice.why.check(DECIDED, lives, decided(pending, name, now))?;
    pending.decision = Decision::Redeemed;
    let (scope, resource) = (pending.scope.clone(), pending.resource.clone());
    let authorization_details = pending.authorization_details.clone();
    let issue = Issue { approval, scope, resource, authorization_details, nonce: None, kept: None };
    token::issue(practice, caller, &issue, now)
}

fn of_client<'a>(pending: &'a mut Pending, client: &Client, name: &str) -> Result<&'a mut Pending, OAuthError> {
    if pending.client_id == client.client_id {
        return Ok(pending);
    }
    let (issued_to, client_id) = (&pending.client_id, &client.client_id);
    Err(invalid_grant(format!("the {name} was issued to {issued_to}, not to {client_id}")))
}

/// The approval, once there is one.
fn decided(pending: &mut Pending, name: &str, now: Timestamp) -> Result<String, OAuthError> {
    match &pending.decision {
        Decision::Redeemed => Err(invalid_grant(format!("the {name} was used before: it works once"))),
        Decision::Denied => Err(OAuthError::new("access_denied", "the user chose Deny")),
        _ if pending.expires_at <= now => Err(expired(pending, name, now)),
        Decision::Waiting => Err(not_yet(pending, now)),
        Decision::Approved(approval) => Ok(approval.clone()),
    }
}

/// Takes the user's decision, unless there is one already or it comes too late.
///
/// # Errors
/// What to tell the user.
pub fn decide(practice: &mut Practice, id: &str, decision: Decision, now: Timestamp) -> Result<(), &'static str> {
    match practice.store.pending.get_mut(id) {
        Some(pending) if pending.is_open(now) => {
            pending.decision = decision;
            Ok(())
        }
        _ => Err(TOO_LATE),
    }
}

fn not_yet(pending: &mut Pending, now: Timestamp) -> OAuthError {
    let since = pending.polled_at.replace(now).map(|polled_at| now.since(polled_at));
    match since {
        Some(since) if since < pending.interval => {
            pending.interval += SLOWER;
            let (early, wait) = (spoken(since), spoken(pending.interval));
            OAuthError::new(
                "slow_down",
                format!("asked again after {early}; wait {wait} between two requests from now on"),
            )
        }
        _ => OAuthError::new("authorization_pending", "the user has not decided yet"),
    }
}

fn expired(pending: &Pending, name: &str, now: Timestamp) -> OAuthError {
    let (ago, lived) = (spoken(now.since(pending.expires_at)), spoken(pending.expires_at.since(pending.issued_at)));
    OAuthError::new("expired_token", format!("the {name} expired {ago} ago, it lived {lived}; start again"))
}

fn invalid_grant(description: String) -> OAuthError {
    OAuthError::new("invalid_grant", description)
}
