//! What the API says of itself (RFC 9728 section 2), at the well-known path for its address.

use serde_json::json;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::fault::Fault;
use crate::practice::{Practice, answer, dpop, scope};

/// The path of the document.
pub const PATH: &str = "/.well-known/oauth-protected-resource/api/me";

/// Answers with the metadata of `/api/me`.
pub fn answer(practice: &mut Practice, _request: &HttpRequest, _now: Timestamp) -> HttpResponse {
    let config = &practice.config;
    let is_wrong = practice.is_faulty(Fault::WrongResource);
    practice.why.say("metadata of the API");
    let metadata = json!({
        "resource": config.url(if is_wrong { "/api/you" } else { "/api/me" }),
        "resource_name": "Practice API",
        "authorization_servers": [config.issuer_text()],
        "scopes_supported": scope::supported(config),
        "bearer_methods_supported": ["header", "body"],
        "dpop_signing_alg_values_supported": dpop::algs(),
        "dpop_bound_access_tokens_required": false,
    });
    answer::json(200, &metadata)
}
