//! What introspection says of a token (RFC 7662 section 2.2, RFC 8705 section 3.2).

use serde_json::{Value, json};

use super::Practice;
use super::bearer;
use super::config::{AccessTokenFormat, Client};
use super::fault::Fault;
use super::rules::{self, Target};
use super::store::RefreshToken;
use super::token::{add_configured, add_confirmation, one_or_many};
use crate::base::time::{Timestamp, spoken};

/// The members for a token that is active and that `client` may ask about.
///
/// # Errors
/// In words, why it is not active or not for this client; the answer is `active` false alone then, so that nothing can be
/// learnt about other tokens.
pub fn of(practice: &Practice, client: &Client, token: &str, now: Timestamp) -> Result<Value, String> {
    match practice.store.refresh_tokens.get(token) {
        Some(known) => refresh_token(practice, client, known, now),
        None => access_token(practice, token, now),
    }
}

/// For every client that authenticates: which of them is the API that it came to is not known here, and is left to the
/// server (RFC 7662 section 2.1).
fn access_token(practice: &Practice, token: &str, now: Timestamp) -> Result<Value, String> {
    let access = bearer::read(practice, token, now)?;
    let (token, approval) = (&access.token, &access.approval);
    let mut members = json!({
        "active": true,
        "scope": token.scope,
        "client_id": if practice.is_faulty(Fault::IntrospectsAnother) { "another-client" } else { &approval.client_id },
        "token_type": token.binding.token_type(),
        "exp": token.expires_at.seconds(),
        "iat": token.issued_at.seconds(),
        "sub": approval.sub,
        "aud": one_or_many(&token.audience),
        "iss": practice.config.issuer_text(),
    });
    if token.format == AccessTokenFormat::Jwt {
        members["jti"] = json!(access.name);
    }
    if let Some(user) = practice.config.user(&approval.sub) {
        members["username"] = json!(user.text("preferred_username").unwrap_or(&user.sub));
    }
    if let Some(login) = &approval.login {
        // RFC 9470 section 6.2
        members["acr"] = json!(login.acr);
        members["auth_time"] = json!(login.auth_time.seconds());
    }
    if let Some(act) = &approval.act {
        members["act"] = act.clone();
    }
    add_confirmation(&mut members, practice, token);
    add_configured(&mut members, &practice.config, &approval.client_id);
    rules::apply(practice, Target::Introspection, &access.facts(practice), &mut members, now);
    Ok(members)
}

/// For the client it was issued to alone: nobody else is ever sent one.
fn refresh_token(practice: &Practice, client: &Client, token: &RefreshToken, now: Timestamp) -> Result<Value, String> {
    if token.client_id != client.client_id {
        return Err(format!("the refresh token was issued to {}, and is not for this client to know", token.client_id));
    }
    if let Some(used_at) = token.used_at {
        return Err(format!("the refresh token was used {} ago", spoken(now.since(used_at))));
    }
    let approval = practice.store.approvals.get(&token.approval).ok_or("the refresh token was revoked")?;
    let ends = approval.ends(&practice.config);
    if ends <= now {
        return Err(format!("the refresh token expired {} ago", spoken(now.since(ends))));
    }
    Ok(json!({
        "active": true,
        "scope": approval.scope,
        "client_id": approval.client_id,
        "exp": ends.seconds(),
        "iat": token.issued_at.seconds(),
        "sub": approval.sub,
        "iss": practice.config.issuer_text(),
    }))
}
