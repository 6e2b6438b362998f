//! `/par`: a client leaves its authorization request here, before the browser comes (RFC 9126 section 2).

use serde_json::{Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::practice::authorization::{AuthorizationRequest, Carrier, Refusal};
use crate::practice::fault::Fault;
use crate::practice::fields::{Fields, invalid_request};
use crate::practice::pushed::{self, LIFETIME};
use crate::practice::request_object::{self, Asked};
use crate::practice::{Practice, answer, client, dpop};
use crate::terms::error::OAuthError;

/// What proves who the client is, and is no part of its request.
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Answers a pushed authorization request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match push(practice, request, now) {
        Ok(reference) => answer::json(if practice.is_faulty(Fault::ParStatus) { 200 } else { 201 }, &reference),
        Err(error) => answer::refusal(practice, &error),
    }
}

/// It is judged as it will be when the browser comes, and nobody is redirected anywhere yet.
fn judge(practice: &Practice, fields: Fields, now: Timestamp) -> Result<Asked, Refusal> {
    let asked = request_object::open(practice, fields, Carrier::Client, now)?;
    AuthorizationRequest::read(&asked, practice)?;
    Ok(asked)
}

fn push(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, OAuthError> {
    practice.why.plan(&client::PLAN);
    let form = Fields::of(request)?;
    form.once()?;
    let client = client::authenticate(practice, request, &form, now)?;
    if form.get("request_uri").is_some() {
        return Err(invalid_request("a pushed request has no request_uri (RFC 9126 section 2.1)"));
    }
    let fields = form.without(&AUTHENTICATION);
    let asked = judge(practice, fields, now).map_err(|refusal| match refusal {
        Refusal::Page(error) | Refusal::Redirect(_, error) => error,
    })?;
    let asked = Asked { fields: dpop::bind_pushed(practice, asked.fields, request, now)?, ..asked };
    let request_uri = pushed::keep(practice, &client.client_id, asked, now);
    practice.why.say(format!("a request_uri for the browser, {}", spoken(LIFETIME)));
    let seconds = LIFETIME.as_secs();
    let expires_in = if practice.is_faulty(Fault::ParExpiresIn) { json!(seconds.to_string()) } else { json!(seconds) };
    Ok(json!({ "request_uri": request_uri, "expires_in": expires_in }))
}
