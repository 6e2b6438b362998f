//! `/bc-authorize`: a client asks for a user who is somewhere else (CIBA section 7).

use std::time::Duration;

use serde_json::{Value, json};

use super::decided;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::secret::Secret;
use crate::base::time::{Timestamp, spoken};
use crate::jose::claims::numeric_date;
use crate::practice::authorization::{SCOPE, acr_values, granted_scope, resources};
use crate::practice::config::{Client, User};
use crate::practice::fields::{Fields, invalid_request};
use crate::practice::grant::CIBA;
use crate::practice::pending::{self, INTERVAL, LIFETIME};
use crate::practice::store::{Backchannel, Decision, Notification, Pending};
use crate::practice::token::ID_TOKEN_TYP;
use crate::practice::{Practice, answer, assertion, automatic, bearer, client, details, request_object};
use crate::terms::error::OAuthError;
use crate::terms::scope::contains;

/// As much of a request's name as tells it from the others that wait, in a link that people read.
const SHORT_ID: usize = 8;
/// A hint names somebody who is known here.
const USER: &str = "user is known";
/// The ways to name the user, of which a request has exactly one.
const HINTS: [&str; 3] = ["login_hint", "login_hint_token", "id_token_hint"];
/// Most characters of a binding message: it has to fit on the screen of a phone.
const BINDING_MESSAGE: usize = 64;

/// Answers a backchannel authentication request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match authorize(practice, request, now) {
        Ok(acknowledgement) => answer::json(200, &acknowledgement),
        Err(error) => answer::refusal(practice, &error),
    }
}

fn authorize(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, OAuthError> {
    practice.why.plan(&client::PLAN);
    practice.why.plan(&[client::MAY_USE, USER, SCOPE]);
    let form = Fields::of(request)?;
    form.once()?;
    let client = client::authenticate_confidential(practice, request, &form, now)?;
    client::may_use(practice, &client, CIBA)?;
    let form = request_object::of_backchannel(practice, &client, form, now)?;
    let scope = practice.why.found(SCOPE, String::clone, sign_in_scope(practice, &form))?;
    let user = practice.why.found(USER, |user| user.sub.clone(), hinted_user(practice, &client, &form, now))?;
    let lifetime = lifetime(&form)?;
    let binding_message = binding_message(&form)?;
    check_user_code(&client, user, &form)?;
    let notification_token = notification_token(&client, &form)?;
    let (sub, resource) = (user.sub.clone(), resources(&form)?);
    let auth_req_id = practice.draw();
    let notification = notification_token.map(|token| Notification { token, auth_req_id: auth_req_id.clone() });
    let id = pending::id_of(auth_req_id.expose());
    practice.why.say(format!("{sub} is asked, for {}", spoken(lifetime)));
    let asked = sub.clone();
    let acr_values = acr_values(&form);
    let item = Pending {
        grant_type: CIBA,
        client_id: client.client_id.clone(),
        scope,
        resource,
        authorization_details: details::read(&form)?,
        decision: Decision::Waiting,
        issued_at: now,
        expires_at: now + lifetime,
        interval: INTERVAL,
        polled_at: None,
        asked: practice.facts.params.clone(),
        backchannel: Some(Backchannel { id: id.clone(), sub, acr_values, binding_message, notification }),
    };
    practice.store.pending.put(&id, item, now);
    automatic::decide(practice, &client, &id, Some(&asked), now);
    decided::push_decided(practice, &id, now);
    let mut body = json!({
        "auth_req_id": auth_req_id.expose(),
        "expires_in": lifetime.as_secs(),
        "interval": INTERVAL.as_secs(),
        // In no specification: here the user's phone is a page, and shows this request alone.
        "practice_approval_uri": format!("{}?request={}", practice.config.url("/ciba"), &id[..SHORT_ID]),
    });
    let is_decided =
        practice.store.pending.get(&id).is_some_and(|pending| !matches!(pending.decision, Decision::Waiting));
    // Nobody is waited for where that user was decided for.
    if let (true, Some(members)) = (is_decided, body.as_object_mut()) {
        members.shift_remove("practice_approval_uri");
    }
    // It is for poll and ping mode (CIBA section 7.3).
    if client.is_pushed()
        && let Some(members) = body.as_object_mut()
    {
        members.shift_remove("interval");
    }
    Ok(body)
}

fn sign_in_scope(practice: &Practice, form: &Fields) -> Result<String, OAuthError> {
    form.require("scope")?;
    let scope = granted_scope(form, practice)?;
    if contains(&scope, "openid") {
        return Ok(scope);
    }
    Err(OAuthError::new("invalid_scope", "the scope has no openid, which CIBA section 7.1 asks for"))
}

fn hinted_user<'a>(
    practice: &'a Practice,
    client: &Client,
    form: &Fields,
    now: Timestamp,
) -> Result<&'a User, OAuthError> {
    let hints: Vec<(&str, &str)> = HINTS.iter().filter_map(|name| Some((*name, form.get(name)?))).collect();
    let [(name, hint)] = hints.as_slice() else {
        return Err(invalid_request(format!(
            "exactly one of {} has to be sent, not {}",
            HINTS.join(", "),
            hints.len()
        )));
    };
    let refuse = |why: String| invalid_request(format!("{name} is not accepted: {why}"));
    let who = match *name {
        "login_hint" => (*hint).to_owned(),
        "id_token_hint" => of_id_token(practice, client, hint).map_err(refuse)?,
        _ => {
            let token = assertion::read(hint).map_err(refuse)?;
            assertion::verify(&token, client).map_err(refuse)?;
            let exp = token.claim("exp").and_then(|exp| numeric_date(exp).ok());
            if exp.is_some_and(|exp| exp <= now) {
                return Err(OAuthError::new("expired_login_hint_token", "login_hint_token has expired"));
            }
            assertion::text(&token, "sub").map_err(refuse)?.to_owned()
        }
    };
    let is_meant = |user: &&User| user.sub == who || user.text("email") == Some(&who);
    let unknown = || OAuthError::new("unknown_user_id", format!("there is no user {who}"));
    practice.config.users.iter().find(is_meant).ok_or_else(unknown)
}

fn of_id_token(practice: &Practice, client: &Client, hint: &str) -> Result<String, String> {
    let token = practice.keys.verified(hint).filter(|token| token.typ() == Some(ID_TOKEN_TYP));
    let token = token.ok_or("it is not an ID token of this server")?;
    let audience = token.claim("aud").and_then(|aud| aud.as_str()).unwrap_or_default();
    if audience != client.client_id {
        return Err(format!("it was issued to {audience}, not to {}", client.client_id));
    }
    assertion::text(&token, "sub").map(str::to_owned)
}

fn lifetime(form: &Fields) -> Result<Duration, OAuthError> {
    let Some(asked) = form.get("requested_expiry") else { return Ok(LIFETIME) };
    match asked.parse() {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds).min(LIFETIME)),
        _ => Err(invalid_request("requested_expiry is not a positive number of seconds")),
    }
}

/// Shown on both devices so that the user can compare, so it has to be short and plain.
fn binding_message(form: &Fields) -> Result<Option<String>, OAuthError> {
    let Some(message) = form.get("binding_message") else { return Ok(None) };
    if message.chars().count() > BINDING_MESSAGE || message.chars().any(char::is_control) {
        let why = format!("binding_message has more than {BINDING_MESSAGE} characters, or some that cannot be shown");
        return Err(OAuthError::new("invalid_binding_message", why));
    }
    Ok(Some(message.to_owned()))
}

/// The user's own code, here the password, so that nobody is bothered by strangers (CIBA section 7.1).
fn check_user_code(client: &Client, user: &User, form: &Fields) -> Result<(), OAuthError> {
    match form.get("user_code") {
        None if client.backchannel_user_code_parameter => {
            let why = format!("user_code is missing; {} has to send the password of the user", client.client_id);
            Err(OAuthError::new("missing_user_code", why))
        }
        Some(code) if code != user.password.expose() => {
            Err(OAuthError::new("invalid_user_code", format!("user_code is not the password of {}", user.sub)))
        }
        _ => Ok(()),
    }
}

/// The token that the server shows when it pings the client; needed in ping mode, ignored otherwise.
fn notification_token(client: &Client, form: &Fields) -> Result<Option<Secret>, OAuthError> {
    let is_polled = client.backchannel_token_delivery_mode.as_deref() == Some("poll");
    if is_polled || client.backchannel_client_notification_endpoint.is_none() {
        return Ok(None);
    }
    let token = form.require("client_notification_token")?;
    if token.len() > 1024 || !bearer::is_b64token(token) {
        return Err(invalid_request("client_notification_token is too long, or has characters no token has"));
    }
    Ok(Some(Secret::new(token)))
}
