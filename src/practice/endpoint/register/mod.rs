//! `/register`: where a client makes itself known (RFC 7591), and where its registration is managed (RFC 7592).

mod registration;

use serde_json::{Map, Value};

use self::registration::{SIZE_LIMIT, invalid};
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::time::Timestamp;
use crate::practice::answer::{REALM, error_members, json};
use crate::practice::fault::Fault;
use crate::practice::store::Registration;
use crate::practice::{Practice, answer};
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
const PLAN: [&str; 2] = [ALLOWED, FIT];
const ALLOWED: &str = "registration is allowed";
const FIT: &str = "metadata can be registered";

/// Registers a client, or reads, changes and deletes a registration.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    practice.why.plan(&PLAN);
    let answered = match request.method.as_str() {
        "POST" => register(practice, request, now),
        method => managed(practice, request).and_then(|it| manage(practice, method, it, request, now)),
    };
    answered.unwrap_or_else(|error| refusal(practice, &error))
}

fn register(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<HttpResponse, OAuthError> {
    let allowed = may_register(practice, request);
    practice.why.check(ALLOWED, "by anybody, or with the initial access token", allowed)?;
    let made = metadata(request).and_then(|asked| registration::register(practice, asked, now));
    let told = practice.why.check(FIT, "client metadata", made)?;
    practice.why.say("a client registered itself");
    Ok(json(if practice.is_faulty(Fault::RegistrationStatus) { 200 } else { 201 }, &told))
}

/// Whoever is to register has the token that is configured; without one, everybody may (RFC 7591 section 3.1).
fn may_register(practice: &Practice, request: &HttpRequest) -> Result<(), OAuthError> {
    match (&practice.config.initial_access_token, bearer(request)) {
        (None, _) => Ok(()),
        (Some(wanted), Some(token)) if wanted.expose() == token => Ok(()),
        (Some(_), Some(_)) => Err(invalid_token("the initial access token is another one")),
        (Some(_), None) => Err(invalid_token("an initial access token is needed to register here")),
    }
}

/// The registration that the query names, for whoever has its token.
fn managed(practice: &Practice, request: &HttpRequest) -> Result<Registration, OAuthError> {
    let query = request.query();
    let client_id = query.get("client_id").unwrap_or_default();
    let known = bearer(request).and_then(|token| registration::of_token(practice, client_id, token));
    let unknown = || invalid_token("no registration has this registration_access_token");
    practice.why.check(ALLOWED, "by its registration_access_token", known.ok_or_else(unknown))
}

fn manage(
    practice: &mut Practice,
    method: &str,
    known: Registration,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<HttpResponse, OAuthError> {
    practice.why.client(&known.client_id);
    match method {
        "PUT" => {
            let made = metadata(request).and_then(|asked| registration::replace(practice, known, asked, now));
            Ok(json(200, &practice.why.check(FIT, "client metadata", made)?))
        }
        "DELETE" => {
            registration::delete(practice, &known);
            practice.why.say("the registration is deleted");
            Ok(HttpResponse { status: 204, headers: Default::default(), body: Vec::new() })
        }
        _ => Ok(json(200, &registration::read(practice, &known))),
    }
}

/// The members of the body.
fn metadata(request: &HttpRequest) -> Result<Map<String, Value>, OAuthError> {
    if request.headers.content_type().as_deref() != Some(JSON) {
        return Err(invalid("the body is not application/json"));
    }
    if request.body.len() > SIZE_LIMIT {
        return Err(invalid(format!("the metadata are longer than {SIZE_LIMIT} bytes")));
    }
    serde_json::from_slice(&request.body).map_err(|error| invalid(format!("the body is no JSON object: {error}")))
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers.get("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn invalid_token(what: &str) -> OAuthError {
    OAuthError::new("invalid_token", what)
}

/// A token that is wanted is asked for as an API does (RFC 6750 section 3).
fn refusal(practice: &Practice, error: &OAuthError) -> HttpResponse {
    if error.error != "invalid_token" {
        return answer::refusal(practice, error);
    }
    practice.why.refused(error);
    let challenge = format!("Bearer realm=\"{REALM}\", error=\"{}\"", error.error);
    json(401, &Value::Object(error_members(error))).with_header("WWW-Authenticate", challenge)
}
