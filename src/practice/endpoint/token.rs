//! `/token`: the token endpoint (RFC 6749 section 3.2).

use serde_json::Value;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::fields::Fields;
use crate::practice::grant::{GRANTS, GrantType};
use crate::practice::{Practice, answer, client, mtls};
use crate::terms::error::OAuthError;

/// Answers a token request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match exchange(practice, request, now) {
        Ok(tokens) => answer::json(200, &tokens),
        Err(error) => answer::refusal(&error),
    }
}

fn exchange(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, OAuthError> {
    let form = Fields::of(request)?;
    form.once()?;
    let caller = client::caller(practice, request, &form, now)?;
    let grant = grant_type(form.require("grant_type")?)?;
    client::may_use(&caller.client, grant.name)?;
    mtls::check_binding(practice, &caller, request)?;
    (grant.redeem)(practice, &caller, &form, now)
}

fn grant_type(name: &str) -> Result<&'static GrantType, OAuthError> {
    let known = GRANTS.iter().find(|grant| grant.name == name);
    known.ok_or_else(|| OAuthError::new("unsupported_grant_type", format!("grant_type {name} is not supported here")))
}
