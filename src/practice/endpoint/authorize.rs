//! `/authorize`: the authorization endpoint (RFC 6749 section 3.1).

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::authorization::{AuthorizationRequest, Carrier, Refusal};
use crate::practice::fields::Fields;
use crate::practice::{Practice, interaction, page, pushed, request_object};

/// Answers an authorization request: with a page, or with a redirect when no page is needed.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match Fields::of(request).map_err(Refusal::Page).and_then(|fields| read(practice, &fields, now)) {
        Ok(authorization) => interaction::begin(practice, request, authorization, now),
        Err(Refusal::Page(error)) => page::refused(practice, &error),
        Err(Refusal::Redirect(redirect, error)) => redirect.error(&error, practice),
    }
}

/// What was pushed takes the place of everything that the browser brings (RFC 9101 section 6.3).
fn read(practice: &Practice, fields: &Fields, now: Timestamp) -> Result<AuthorizationRequest, Refusal> {
    match fields.get("request_uri").filter(|uri| pushed::is_reference(uri)) {
        Some(uri) => pushed::read(practice, fields, uri, now),
        None => {
            let asked = request_object::open(practice, fields.clone(), Carrier::Browser, now)?;
            AuthorizationRequest::read(&asked, practice)
        }
    }
}
