//! `/authorize`: the authorization endpoint (RFC 6749 section 3.1).

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::authorization::{AuthorizationRequest, Refusal};
use crate::practice::fields::Fields;
use crate::practice::{Practice, interaction, page};

/// Answers an authorization request: with a page, or with a redirect when no page is needed.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let read = |fields| AuthorizationRequest::read(&fields, practice);
    match Fields::of(request).map_err(Refusal::Page).and_then(read) {
        Ok(authorization) => interaction::begin(practice, request, authorization, now),
        Err(Refusal::Page(error)) => page::refused(practice, &error),
        Err(Refusal::Redirect(redirect, error)) => redirect.error(&error, practice),
    }
}
