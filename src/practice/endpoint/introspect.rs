//! `/introspect`: what is this token? (RFC 7662), answered in JSON or as a signed JWT (RFC 9701).

use serde_json::{Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::config::Client;
use crate::practice::fields::Fields;
use crate::practice::{Practice, answer, client, introspection};
use crate::terms::error::OAuthError;

/// The media type that asks for a JWT (RFC 9701 section 4).
const JWT: &str = "application/token-introspection+jwt";
/// `typ` of that JWT (RFC 9701 section 5).
const TYP: &str = "token-introspection+jwt";

/// Answers an introspection request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    introspect(practice, request, now).unwrap_or_else(|error| answer::refusal(practice, &error))
}

fn introspect(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<HttpResponse, OAuthError> {
    practice.why.plan(&client::PLAN);
    let form = Fields::of(request)?;
    form.once()?;
    let client = client::authenticate_confidential(practice, request, &form, now)?;
    let told = introspection::of(practice, &client, form.require("token")?, now);
    practice.why.say(match &told {
        Ok(members) => {
            let text = |name: &str| members[name].as_str().unwrap_or_default();
            let (sub, issued_to) = (text("sub"), text("client_id"));
            format!("active: {sub} for {}, issued to {issued_to} for {}", members["scope"], members["aud"])
        }
        Err(why) => format!("not active: {why}"),
    });
    let members = told.unwrap_or_else(|_| json!({ "active": false }));
    match accepts_jwt(request) {
        true => signed(practice, &client, &members, now),
        false => Ok(answer::json(200, &members)),
    }
}

fn accepts_jwt(request: &HttpRequest) -> bool {
    let mut types = request.headers.all("accept").flat_map(|accept| accept.split(','));
    types.any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JWT))
}

fn signed(practice: &Practice, client: &Client, members: &Value, now: Timestamp) -> Result<HttpResponse, OAuthError> {
    let claims = json!({
        "iss": practice.config.issuer_text(),
        "aud": client.client_id,
        "iat": now.seconds(),
        "token_introspection": members,
    });
    Ok(HttpResponse::new(200, JWT, practice.keys.sign(TYP, &claims)?))
}
