//! What introspection says of a token (RFC 7662 section 2.2, RFC 8705 section 3.2).

use serde_json::{Value, json};

use super::Practice;
use super::bearer;
use super::config::{AccessTokenFormat, Client};
use super::fault::Fault;
use super::rules::{self, Target};
use super::token::{add_configured, add_confirmation, one_or_many};
use crate::base::time::Timestamp;

/// The members for a token that is active and that `client` may ask about; `active` false alone otherwise,
/// so that nothing can be learnt about other tokens.
pub fn of(practice: &Practice, client: &Client, token: &str, now: Timestamp) -> Value {
    access_token(practice, client, token, now)
        .or_else(|| refresh_token(practice, client, token, now))
        .unwrap_or_else(|| json!({ "active": false }))
}

/// For the client it was issued to, and for a resource server that it is meant for.
fn access_token(practice: &Practice, client: &Client, token: &str, now: Timestamp) -> Option<Value> {
    let access = bearer::read(practice, token, now).ok()?;
    let (token, approval) = (&access.token, &access.approval);
    if approval.client_id != client.client_id && !token.audience.contains(&client.client_id) {
        return None;
    }
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
    Some(members)
}

fn refresh_token(practice: &Practice, client: &Client, token: &str, now: Timestamp) -> Option<Value> {
    let refresh_token = practice.store.refresh_tokens.get(token)?;
    let approval = practice.store.approvals.get(&refresh_token.approval)?;
    let ends = approval.ends(&practice.config);
    if refresh_token.used_at.is_some() || refresh_token.client_id != client.client_id || ends <= now {
        return None;
    }
    Some(json!({
        "active": true,
        "scope": approval.scope,
        "client_id": approval.client_id,
        "exp": ends.seconds(),
        "iat": refresh_token.issued_at.seconds(),
        "sub": approval.sub,
        "iss": practice.config.issuer_text(),
    }))
}
