//! `/token`: the token endpoint (RFC 6749 section 3.2).

use serde_json::Value;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::authorization::check_resource;
use crate::practice::demands::Demand;
use crate::practice::fields::Fields;
use crate::practice::grant::{GRANTS, GrantType};
use crate::practice::token::ISSUED;
use crate::practice::{Practice, answer, client, dpop, mtls};
use crate::terms::error::OAuthError;

/// Answers a token request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match exchange(practice, request, now) {
        Ok(tokens) => answer::json(200, &tokens),
        Err(error) => answer::refusal(practice, &error),
    }
}

fn exchange(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, OAuthError> {
    let form = Fields::of(request)?;
    form.once()?;
    plan(practice, &form);
    let mut caller = client::caller(practice, request, &form, now)?;
    let grant = grant_type(form.require("grant_type")?)?;
    let unsupported = |what| OAuthError::new("unsupported_grant_type", what);
    practice.demand(Demand::NoPassword, (practice.config.takes_grant(grant.name), grant.name), unsupported)?;
    if ["authorization_code", "refresh_token"].contains(&grant.name) {
        check_resource(practice, &form)?;
    }
    client::may_use(practice, &caller.client, grant.name)?;
    mtls::check_binding(practice, &caller, request)?;
    dpop::bind(practice, &mut caller, request, now)?;
    (grant.redeem)(practice, &caller, &form, now)
}

fn plan(practice: &Practice, form: &Fields) {
    practice.why.plan(&client::PLAN);
    practice.why.plan(&[client::MAY_USE]);
    let grant = form.get("grant_type").and_then(|name| grant_type(name).ok());
    practice.why.plan(grant.map_or(&[], |grant| grant.plan));
    practice.why.plan(&[ISSUED]);
}

fn grant_type(name: &str) -> Result<&'static GrantType, OAuthError> {
    let known = GRANTS.iter().find(|grant| grant.name == name);
    known.ok_or_else(|| OAuthError::new("unsupported_grant_type", format!("grant_type {name} is not supported here")))
}
