//! `/verify`: the user types the code that the device shows, signs in and decides (RFC 8628 section 3.3).

use std::time::Duration;

use super::device;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::asked_claims::AskedClaims;
use crate::practice::authorization::{AuthorizationRequest, Carrier, Prompt};
use crate::practice::config::Login;
use crate::practice::fields::Fields;
use crate::practice::response_type::ResponseType;
use crate::practice::return_to::ReturnTo;
use crate::practice::store::Decision;
use crate::practice::{Practice, interaction, page};

/// Wrong codes that may be typed within a minute, by all browsers together (RFC 8628 section 5.1).
const WRONG_CODES: usize = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// Shows the page (GET) or takes the code (POST).
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let fields = match Fields::of(request) {
        Ok(fields) => fields,
        Err(_) => return page::problem(practice, 400, "This page sends a form with a code."),
    };
    let code = device::normal(fields.get("user_code").unwrap_or_default());
    if request.method == "GET" {
        practice.why.say("the page that asks for the code of a device");
        return page::verify(&practice.config, &code);
    }
    if is_guessing(practice, now) {
        return page::wrong_code(practice, 429, "Too many wrong codes. Try again in a minute.");
    }
    match asked(practice, &code, now) {
        Some(authorization) => interaction::begin(practice, request, authorization, now),
        // Where nobody sits at the page, it was decided when the device asked.
        None if is_approved(practice, &code) => page::done(
            practice,
            "Connected already",
            "This device was let in when it asked: this server signs in by itself, and asked nobody.",
        ),
        None => {
            practice.store.wrong_codes.push(now);
            page::wrong_code(practice, 400, "No device is waiting with this code. Is it mistyped or too old?")
        }
    }
}

fn is_approved(practice: &Practice, user_code: &str) -> bool {
    let pending = practice.store.user_codes.get(user_code).and_then(|id| practice.store.pending.get(id));
    practice.config.login == Login::Auto
        && pending.is_some_and(|pending| matches!(pending.decision, Decision::Approved(_)))
}

fn is_guessing(practice: &mut Practice, now: Timestamp) -> bool {
    let wrong = &mut practice.store.wrong_codes;
    wrong.retain(|at| now.since(*at) < MINUTE);
    wrong.len() >= WRONG_CODES
}

/// What the device wants, as an authorization request. The user is always asked: the code may have come from a
/// stranger (RFC 8628 section 5.4).
fn asked(practice: &Practice, user_code: &str, now: Timestamp) -> Option<AuthorizationRequest> {
    let id = practice.store.user_codes.get(user_code)?;
    let pending = practice.store.pending.get(id).filter(|pending| pending.is_open(now))?;
    Some(AuthorizationRequest {
        client_id: pending.client_id.clone(),
        response_type: ResponseType::CODE,
        return_to: ReturnTo::Device { pending: id.clone(), user_code: user_code.to_owned() },
        scope: pending.scope.clone(),
        nonce: None,
        code_challenge: None,
        dpop_jkt: None,
        prompt: vec![Prompt::Consent],
        max_age: None,
        login_hint: None,
        hinted_sub: None,
        acr_values: Vec::new(),
        claims: AskedClaims::default(),
        resource: pending.resource.clone(),
        authorization_details: pending.authorization_details.clone(),
        carrier: Carrier::Browser,
        asked: pending.asked.clone(),
    })
}
