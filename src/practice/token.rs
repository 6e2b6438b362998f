//! What the token endpoint hands out: access tokens (RFC 9068), ID tokens (OIDC Core section 2),
//! refresh tokens (RFC 6749 section 6).

use serde_json::{Map, Value, json};

use super::Practice;
use super::authorization::resources;
use super::config::Config;
use super::fields::Fields;
use super::store::{Approval, RefreshToken};
use crate::base::time::Timestamp;
use crate::jose::hash::half_hash;
use crate::terms::error::OAuthError;
use crate::terms::scope::contains;

/// The media type of access tokens (RFC 9068 section 2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";
/// The media type of ID tokens, which have none of their own.
pub const ID_TOKEN_TYP: &str = "JWT";

/// What a grant came to.
pub struct Issue {
    /// Name of the approval that the tokens hang on.
    pub approval: String,
    /// The scope of the access token.
    pub scope: String,
    /// Where the access token may be used; empty for this server's own API.
    pub resource: Vec<String>,
    /// For the ID token.
    pub nonce: Option<String>,
}

/// The successful answer (RFC 6749 section 5.1).
///
/// # Errors
/// `invalid_grant` when the approval was revoked, `server_error` when nothing can be signed.
pub fn issue(practice: &mut Practice, issue: &Issue, now: Timestamp) -> Result<Value, OAuthError> {
    let approval = approval(practice, &issue.approval)?.clone();
    let access_token = access_token(practice, issue, &approval, now)?;
    let mut answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": practice.config.access_token_lifetime.as_secs(),
        "scope": issue.scope,
    });
    if contains(&issue.scope, "openid") {
        answer["id_token"] = json!(id_token(practice, issue, &approval, &access_token, now)?);
    }
    if offers_refresh(&practice.config, &approval) {
        answer["refresh_token"] = json!(refresh_token(practice, issue, &approval, now));
    }
    Ok(answer)
}

/// The approval of this name.
///
/// # Errors
/// `invalid_grant` when it was revoked.
pub fn approval<'a>(practice: &'a Practice, name: &str) -> Result<&'a Approval, OAuthError> {
    let revoked = || OAuthError::new("invalid_grant", "what the user approved was revoked; sign in again");
    practice.store.approvals.get(name).ok_or_else(revoked)
}

/// The resources of a token request: those approved, or fewer (RFC 8707 section 2.2).
///
/// # Errors
/// `invalid_target` for one that was not approved.
pub fn narrowed_resource(fields: &Fields, approval: &Approval) -> Result<Vec<String>, OAuthError> {
    let asked = resources(fields)?;
    if asked.is_empty() {
        return Ok(approval.resource.clone());
    }
    let approved = |uri: &String| approval.resource.is_empty() || approval.resource.contains(uri);
    match asked.iter().find(|uri| !approved(uri)) {
        Some(uri) => Err(OAuthError::new(
            "invalid_target",
            format!("the authorization request did not ask for {uri}, only for {}", approval.resource.join(" ")),
        )),
        None => Ok(asked),
    }
}

/// The resource that stands for this server's own API, when none was asked for (RFC 9068 section 3).
pub fn own_api(config: &Config) -> String {
    config.url("/api")
}

fn access_token(
    practice: &mut Practice,
    issue: &Issue,
    approval: &Approval,
    now: Timestamp,
) -> Result<String, OAuthError> {
    let jti = practice.entropy.token();
    let config = &practice.config;
    let claims = json!({
        "iss": config.issuer_text(),
        "sub": approval.login.sub,
        "aud": audience(config, &issue.resource),
        "client_id": approval.client_id,
        "scope": issue.scope,
        "iat": now.seconds(),
        "exp": (now + config.access_token_lifetime).seconds(),
        "jti": jti,
    });
    practice.store.access_tokens.put(&jti, issue.approval.clone(), now);
    practice.keys.sign(ACCESS_TOKEN_TYP, &claims)
}

/// One audience is a text, several are an array (RFC 7519 section 4.1.3).
fn audience(config: &Config, resource: &[String]) -> Value {
    match resource {
        [] => json!(own_api(config)),
        [one] => json!(one),
        several => json!(several),
    }
}

fn id_token(
    practice: &Practice,
    issue: &Issue,
    approval: &Approval,
    access_token: &str,
    now: Timestamp,
) -> Result<String, OAuthError> {
    let (config, login) = (&practice.config, &approval.login);
    let claims = json!({
        "iss": config.issuer_text(),
        "sub": login.sub,
        "aud": approval.client_id,
        "exp": (now + config.id_token_lifetime).seconds(),
        "iat": now.seconds(),
        "auth_time": login.auth_time.seconds(),
        "nonce": issue.nonce,
        "acr": login.acr,
        // Nothing was proven, somebody was there (RFC 8176 section 2).
        "amr": ["user"],
        "at_hash": half_hash(practice.keys.alg(), access_token),
        "sid": login.sid,
    });
    practice.keys.sign(ID_TOKEN_TYP, &without_nulls(claims))
}

fn without_nulls(claims: Value) -> Value {
    let Value::Object(members) = claims else { return claims };
    Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

/// Refresh tokens come only with `offline_access` (OIDC Core section 11), to clients registered for them.
fn offers_refresh(config: &Config, approval: &Approval) -> bool {
    contains(&approval.scope, "offline_access")
        && config.client(&approval.client_id).is_some_and(|client| client.may_use("refresh_token"))
}

fn refresh_token(practice: &mut Practice, issue: &Issue, approval: &Approval, now: Timestamp) -> String {
    let token = practice.draw();
    let item = RefreshToken { client_id: approval.client_id.clone(), approval: issue.approval.clone(), used_at: None };
    practice.store.refresh_tokens.put(token.expose(), item, now);
    token.expose().to_owned()
}
