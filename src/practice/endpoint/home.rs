//! `/`: what this server is.

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::{Practice, page};

/// Answers with the first page.
pub fn answer(practice: &mut Practice, _request: &HttpRequest, _now: Timestamp) -> HttpResponse {
    practice.why.say("the first page");
    page::home(practice)
}
