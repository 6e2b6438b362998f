//! `/revoke`: a client gives a token up (RFC 7009).
//!
//! A refresh token takes its whole family along, access tokens included; an access token goes alone.
//! `token_type_hint` is not needed to find a token, and a wrong one must not matter (section 2.1).

use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::time::Timestamp;
use crate::practice::config::Client;
use crate::practice::fields::Fields;
use crate::practice::token::ID_TOKEN_TYP;
use crate::practice::{Practice, answer, bearer, client};
use crate::terms::error::OAuthError;

const OWN: &str = "token is of this client";

/// Answers a revocation request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match revoke(practice, request, now) {
        // Nothing is to be read there (RFC 7009 section 2.2), but some clients take no answer that is of another type.
        Ok(()) => HttpResponse::new(200, JSON, ""),
        Err(error) => answer::refusal(practice, &error),
    }
}

/// A token that is not known or no longer valid is as good as revoked (RFC 7009 section 2.2).
fn revoke(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<(), OAuthError> {
    practice.why.plan(&client::PLAN);
    practice.why.plan(&[OWN]);
    let form = Fields::of(request)?;
    form.once()?;
    let client = client::authenticate(practice, request, &form, now)?;
    let token = form.require("token")?;
    if let Some(refresh_token) = practice.store.refresh_tokens.get(token).cloned() {
        same_client(practice, &refresh_token.client_id, &client)?;
        practice.store.approvals.take(&refresh_token.approval);
        practice.why.say("refresh token and all access tokens of its sign-in ended");
    } else if let Ok(access) = bearer::read(practice, token, now) {
        same_client(practice, &access.approval.client_id, &client)?;
        practice.store.access_tokens.take(&access.name);
        practice.why.say("access token ended");
    } else if is_id_token(practice, token) {
        let why = "this is an ID token, which says who signed in and cannot be taken back";
        return Err(OAuthError::new("unsupported_token_type", why));
    } else {
        practice.why.say("no token that works, so there was nothing to end");
    }
    Ok(())
}

fn same_client(practice: &Practice, issued_to: &str, client: &Client) -> Result<(), OAuthError> {
    let foreign = || {
        let why = format!("the token was issued to {issued_to}, not to {}", client.client_id);
        OAuthError::new("invalid_grant", why)
    };
    let is_own = issued_to == client.client_id;
    practice.why.check(OWN, issued_to, is_own.then_some(()).ok_or_else(foreign))
}

fn is_id_token(practice: &Practice, token: &str) -> bool {
    practice.keys.verified(token).is_some_and(|token| token.typ() == Some(ID_TOKEN_TYP))
}
