//! The server's public keys (RFC 7517 section 5).

use url::Url;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome, object, status};
use crate::client::rules::jwks as rule;
use crate::jose::jwk::JwkSet;

/// The request for a key set.
pub fn request(jwks_uri: Url) -> HttpRequest {
    HttpRequest::get(jwks_uri).with_header("Accept", "application/jwk-set+json, application/json")
}

/// Keys in a list without the object around it (RFC 7517 section 5): they are read, and what is wrong is a check.
fn list(response: &HttpResponse) -> Option<Json> {
    let json = Json::parse(&response.body).ok().filter(|_| response.is_success())?;
    (!json.elements().is_empty() && JwkSet::from_json(&json).is_ok()).then_some(json)
}

/// Reads a key set. Keys that cannot be read are left out and named in the checks.
pub fn accept(response: &HttpResponse) -> Accepted<JwkSet> {
    let unreadable = |what| Accepted { outcome: Outcome::Unreadable(what), checks: Vec::new() };
    let json = match object(response) {
        Ok(json) if response.is_success() => json,
        Ok(_) => return unreadable(format!("status {}", status(response))),
        Err(what) => match list(response) {
            Some(list) => list,
            None => return unreadable(what),
        },
    };
    let media_type = response.headers.content_type().unwrap_or_else(|| "no Content-Type".to_owned());
    let known = matches!(media_type.as_str(), "application/jwk-set+json" | "application/json");
    let mut checks =
        vec![rule::CONTENT_TYPE.holds(known, "application/jwk-set+json or application/json", visible(&media_type))];
    match JwkSet::from_json(&json) {
        Ok(set) => {
            let keys: Vec<String> = set.keys.iter().map(|key| key.describe()).collect();
            // RFC 7517 section 5.1 says of the list that it is one, not how long it is. What needs a key says so itself.
            checks.push(match keys.is_empty() {
                true => rule::KEYS.note("a list without a key that can be used"),
                false => rule::KEYS.pass(keys.join(", ")),
            });
            checks.extend(set.checks());
            Accepted { outcome: Outcome::Success(set), checks }
        }
        Err(error) => {
            checks.push(rule::KEYS.broken("{ \"keys\": [..] }", error.to_string()));
            Accepted { outcome: Outcome::Unreadable(format!("JSON, but no key set: {error}")), checks }
        }
    }
}
