//! `/device`: a device without a browser asks for a code to show (RFC 8628 section 3.1).

use serde_json::{Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::time::{Timestamp, spoken};
use crate::practice::authorization::{SCOPE, granted_scope, resources};
use crate::practice::fields::Fields;
use crate::practice::grant::DEVICE_CODE;
use crate::practice::pending::{self, INTERVAL, LIFETIME};
use crate::practice::store::{Decision, Pending};
use crate::practice::{Practice, answer, automatic, client, details};
use crate::terms::error::OAuthError;

/// Letters of user codes: no vowels, so that no words come about (RFC 8628 section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Answers a device authorization request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match authorize(practice, request, now) {
        Ok(codes) => answer::json(200, &codes),
        Err(error) => answer::refusal(practice, &error),
    }
}

fn authorize(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, OAuthError> {
    practice.why.plan(&client::PLAN);
    practice.why.plan(&[client::MAY_USE, SCOPE]);
    let form = Fields::of(request)?;
    form.once()?;
    let client = client::authenticate(practice, request, &form, now)?;
    client::may_use(practice, &client, DEVICE_CODE)?;
    let scope = practice.why.found(SCOPE, String::clone, granted_scope(&form, practice))?;
    let resource = resources(&form)?;
    let (device_code, user_code) = (practice.draw(), user_code(practice));
    let id = pending::id_of(device_code.expose());
    let item = Pending {
        grant_type: DEVICE_CODE,
        client_id: client.client_id.clone(),
        scope,
        resource,
        authorization_details: details::read(&form)?,
        decision: Decision::Waiting,
        issued_at: now,
        expires_at: now + LIFETIME,
        interval: INTERVAL,
        polled_at: None,
        asked: practice.facts.params.clone(),
        backchannel: None,
    };
    practice.store.pending.put(&id, item, now);
    automatic::decide(practice, &client, &id, None, now);
    practice.store.user_codes.put(&user_code, id, now);
    let complete: Params = [("user_code", user_code.as_str())].into_iter().collect();
    let verification_uri = practice.config.url("/verify");
    practice.why.say(format!("a code for the device and one for its user, {}", spoken(LIFETIME)));
    Ok(json!({
        "device_code": device_code.expose(),
        "user_code": user_code,
        "verification_uri": verification_uri,
        "verification_uri_complete": format!("{verification_uri}?{}", complete.encode()),
        "expires_in": LIFETIME.as_secs(),
        "interval": INTERVAL.as_secs(),
    }))
}

/// `WDJB-MJHT`: 34 bits, which ten minutes and a limit on wrong codes make enough (RFC 8628 section 5.1).
fn user_code(practice: &mut Practice) -> String {
    // Bytes that would favour the first letters are passed over.
    let fair = |byte: &u8| usize::from(*byte) < 256 / LETTERS.len() * LETTERS.len();
    let bytes = std::iter::repeat_with(|| practice.entropy.bytes::<16>()).flatten();
    let letters = bytes.filter(fair).map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    let mut code: String = letters.take(8).collect();
    code.insert(4, '-');
    code
}

/// What a person typed, as the code is written: without regard to case and to anything between the letters.
pub fn normal(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    let mut code: String = letters.take(32).collect();
    if code.len() == 8 {
        code.insert(4, '-');
    }
    code
}
