//! `refresh_token`: new tokens without the user (RFC 6749 section 6), with rotation: each refresh token works
//! once, and the second use of one ends the whole family (RFC 9700 section 4.14.2).

use serde_json::Value;

use super::invalid_grant;
use crate::base::secret::Secret;
use crate::base::time::{Timestamp, spoken};
use crate::practice::Practice;
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::demands::Demand;
use crate::practice::details;
use crate::practice::fault::Fault;
use crate::practice::fields::Fields;
use crate::practice::store::{Approval, RefreshToken};
use crate::practice::token::{self, Issue};
use crate::terms::error::OAuthError;
use crate::terms::scope::{beyond, words};

/// What is looked at, in this order.
pub const PLAN: [&str; 3] = [KNOWN, FRESH, WITHIN];
const KNOWN: &str = "refresh token is known and of this client";
const FRESH: &str = "refresh token is not used and not over";
const WITHIN: &str = "scope is within what was approved";

/// Exchanges a refresh token. A refused request leaves it as it was.
///
/// # Errors
/// `invalid_grant` when it is unknown, of another client, used, expired or revoked; `invalid_scope`
/// and `invalid_target` when more is asked than was approved.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    let name = form.require("refresh_token")?;
    let age = |token: &RefreshToken| format!("issued {} ago", spoken(now.since(token.issued_at)));
    let refresh_token = practice.why.found(KNOWN, age, known(practice, name, caller))?;
    let fresh = fresh(practice, &refresh_token, now);
    let stays = practice.config.demands(Demand::KeptRefreshToken).is_some();
    practice.why.check(FRESH, if stays { "it stays as it is" } else { "each works once" }, fresh)?;
    let approval = token::approval(practice, &refresh_token.approval)?;
    let scope = practice.why.check(WITHIN, &approval.scope, narrowed_scope(form.get("scope"), approval))?;
    let resource = token::narrowed_resource(form, approval)?;
    let authorization_details = details::narrowed(form, approval.authorization_details.as_ref())?;
    // Bound to the client already, so that nothing is won by another one (FAPI 2.0 section 5.3.2.1).
    let is_kept = stays || client.is_public() && practice.is_faulty(Fault::NoRotation);
    if let Some(refresh_token) = practice.store.refresh_tokens.get_mut(name).filter(|_| !is_kept) {
        refresh_token.used_at = Some(now);
    }
    let kept = is_kept.then(|| Secret::new(name));
    // A refreshed ID token should have no nonce (OIDC Core section 12.2).
    let issue = Issue { approval: refresh_token.approval, scope, resource, authorization_details, nonce: None, kept };
    token::issue(practice, caller, &issue, now)
}

fn known(practice: &Practice, name: &str, caller: &Caller) -> Result<RefreshToken, OAuthError> {
    let unknown = || {
        let usual =
            "this refresh token is unknown: mistyped, cut off, of another server, or expired more than a week ago";
        let pushed_out = practice.store.refresh_tokens.pushed_out(name, "refresh token");
        invalid_grant(pushed_out.unwrap_or_else(|| usual.to_owned()))
    };
    let refresh_token = practice.store.refresh_tokens.get(name).ok_or_else(unknown)?;
    same_client(refresh_token, &caller.client)?;
    same_binding(refresh_token, caller)?;
    Ok(refresh_token.clone())
}

fn fresh(practice: &mut Practice, refresh_token: &RefreshToken, now: Timestamp) -> Result<(), OAuthError> {
    if let Some(used_at) = refresh_token.used_at {
        return Err(reused(practice, refresh_token, used_at, now));
    }
    alive(token::approval(practice, &refresh_token.approval)?.ends(&practice.config), now)
}

fn same_client(refresh_token: &RefreshToken, client: &Client) -> Result<(), OAuthError> {
    if refresh_token.client_id == client.client_id {
        return Ok(());
    }
    let issued_to = &refresh_token.client_id;
    Err(invalid_grant(format!("the refresh token was issued to {issued_to}, not to {}", client.client_id)))
}

/// RFC 8705 section 7.1, RFC 9449 section 5
fn same_binding(refresh_token: &RefreshToken, caller: &Caller) -> Result<(), OAuthError> {
    let shown = refresh_token.binding.check_shown(&caller.binding);
    shown.map_err(|why| invalid_grant(format!("the refresh token {why}")))
}

fn reused(practice: &mut Practice, refresh_token: &RefreshToken, used_at: Timestamp, now: Timestamp) -> OAuthError {
    practice.store.approvals.take(&refresh_token.approval);
    let ago = spoken(now.since(used_at));
    invalid_grant(format!(
        "the refresh token was used before, {ago} ago, and replaced by a new one; all tokens of this sign-in are revoked"
    ))
}

fn alive(end: Timestamp, now: Timestamp) -> Result<(), OAuthError> {
    if now < end {
        return Ok(());
    }
    Err(invalid_grant(format!("the refresh token expired {} ago", spoken(now.since(end)))))
}

/// The scope asked for, when it is within the one approved; all of that when none is asked.
fn narrowed_scope(asked: Option<&str>, approval: &Approval) -> Result<String, OAuthError> {
    let Some(asked) = asked else { return Ok(approval.scope.clone()) };
    let wider = beyond(asked, &approval.scope);
    if wider.is_empty() {
        return Ok(words(asked).collect::<Vec<_>>().join(" "));
    }
    Err(OAuthError::new(
        "invalid_scope",
        format!("the user approved {}, the request adds {}", approval.scope, wider.join(" ")),
    ))
}
