//! How a client learns that its user has decided: by a ping (CIBA section 10.2), or with the tokens themselves (section
//! 10.3).

use serde_json::{Map, Value, json};
use url::Url;

use crate::base::time::Timestamp;
use crate::practice::binding::Binding;
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::fault::{Fault, OF_ANOTHER_LOGIN};
use crate::practice::notification::{keep, posted};
use crate::practice::store::{Decision, Login, Notification, Pending};
use crate::practice::token::{self, IdToken, Issue};
use crate::practice::{Practice, answer};
use crate::terms::error::OAuthError;

/// What binds a pushed ID token to its request and to the refresh token (CIBA section 10.3.1).
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

/// Tells of a request that was decided, if its client wants to be told: by a ping, or with what comes of it. It goes to this
/// machine and to hosts that are listed for it.
pub fn push(practice: &mut Practice, id: &str, now: Timestamp) {
    let Some((pending, notification, client, url)) = wanted(practice, id) else { return };
    let body = match client.is_pushed() {
        true => pushed(practice, id, &pending, client, &notification, now),
        false => json!({ "auth_req_id": notification.auth_req_id.expose() }),
    };
    keep(practice, [posted(url, &notification.token, &body)]);
}

/// The same for a client that gets its tokens pushed, of a request that needed no user.
pub fn push_decided(practice: &mut Practice, id: &str, now: Timestamp) {
    let is_decided = practice.store.pending.get(id).is_some_and(|it| !matches!(it.decision, Decision::Waiting));
    if is_decided && wanted(practice, id).is_some_and(|(_, _, client, _)| client.is_pushed()) {
        push(practice, id, now);
    }
}

/// What is to be told, to whom, and where.
fn wanted(practice: &Practice, id: &str) -> Option<(Pending, Notification, Client, Url)> {
    let pending = practice.store.pending.get(id)?.clone();
    let notification = pending.backchannel.as_ref()?.notification.clone()?;
    let client = practice.config.client(&pending.client_id)?.clone();
    let url = Url::parse(client.backchannel_client_notification_endpoint.as_deref()?).ok()?;
    practice.config.may_send_to(&url).then_some((pending, notification, client, url))
}

/// The tokens, or the error in their place (CIBA section 12).
fn pushed(
    practice: &mut Practice,
    id: &str,
    pending: &Pending,
    client: Client,
    notification: &Notification,
    now: Timestamp,
) -> Value {
    let tokens = match &pending.decision {
        Decision::Approved(approval) => tokens(practice, pending, approval, client, notification, now),
        _ => Err(OAuthError::new("access_denied", "the user chose Deny")),
    };
    if let Some(pending) = practice.store.pending.get_mut(id).filter(|_| tokens.is_ok()) {
        pending.decision = Decision::Redeemed;
    }
    let mut body = tokens.unwrap_or_else(|error| Value::Object(answer::error_members(&error)));
    body["auth_req_id"] = json!(notification.auth_req_id.expose());
    body
}

fn tokens(
    practice: &mut Practice,
    pending: &Pending,
    approval: &str,
    client: Client,
    notification: &Notification,
    now: Timestamp,
) -> Result<Value, OAuthError> {
    let (client_id, binding) = (client.client_id.clone(), Binding::default());
    let (scope, resource) = (pending.scope.clone(), pending.resource.clone());
    let (approval_name, authorization_details) = (approval.to_owned(), pending.authorization_details.clone());
    let issue = Issue { approval: approval_name, scope, resource, authorization_details, nonce: None, kept: None };
    let mut made = token::issue(practice, &Caller { client, binding }, &issue, now)?;
    let login = token::approval(practice, approval)?.login.clone();
    if let Some(login) = login.filter(|_| made["id_token"].is_string()) {
        made["id_token"] = json!(bound(practice, &client_id, &login, &made, notification, now)?);
    }
    Ok(made)
}

/// The ID token once more, with what binds it to all that is pushed with it.
fn bound(
    practice: &Practice,
    client_id: &str,
    login: &Login,
    made: &Value,
    notification: &Notification,
    now: Timestamp,
) -> Result<String, OAuthError> {
    let is_of_another = practice.is_faulty(Fault::PushWrongRequest);
    let auth_req_id = if is_of_another { OF_ANOTHER_LOGIN } else { notification.auth_req_id.expose() };
    let text = |name: &str| made[name].as_str();
    let hashed = |token: &'static str| {
        if practice.is_faulty(Fault::PushWrongRtHash) { Some(OF_ANOTHER_LOGIN) } else { text(token) }
    };
    let refresh_token = text("refresh_token").and_then(|_| hashed("refresh_token")).map(|token| (RT_HASH, token));
    let hashes: Vec<(&str, &str)> =
        text("access_token").map(|token| ("at_hash", token)).into_iter().chain(refresh_token).collect();
    let claims = Map::from_iter([(AUTH_REQ_ID.to_owned(), json!(auth_req_id))]);
    token::id_token(practice, &IdToken { client_id, login, nonce: None, bound: &hashes, claims }, now)
}
