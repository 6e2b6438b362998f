//! `/jwks`: the public keys (RFC 7517 section 5).

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::{Practice, answer};

/// Answers with the key set.
pub fn answer(practice: &mut Practice, _request: &HttpRequest, _now: Timestamp) -> HttpResponse {
    practice.why.say(practice.keys.summary());
    answer::json(200, &practice.keys.jwk_set())
}
