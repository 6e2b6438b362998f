//! `/.well-known/webfinger`: which issuer signs an account in (RFC 7033 section 4, OIDC Discovery section 2).

use serde_json::{Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::{Practice, answer};

/// What an issuer is to an account.
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

/// Answers for the users of this server, with the links that were asked for.
pub fn answer(practice: &mut Practice, request: &HttpRequest, _now: Timestamp) -> HttpResponse {
    let query = request.query();
    let Some(resource) = query.get("resource").filter(|resource| !resource.is_empty()) else {
        practice.why.say("resource is missing");
        return answer::json(400, &json!({"error": "invalid_request", "error_description": "resource is missing"}));
    };
    let issuer = practice.config.issuer_text();
    let (_, host) = issuer.split_once("://").unwrap_or(("", issuer));
    let user = resource.strip_prefix("acct:").and_then(|account| account.strip_suffix(host)?.strip_suffix('@'));
    if user.is_none_or(|user| practice.config.user(user).is_none()) {
        practice.why.say("resource is no account of this server");
        return answer::json(404, &json!({"error": "not_found"}));
    }
    let mut wanted = query.iter().filter(|(name, _)| *name == "rel").map(|(_, rel)| rel).peekable();
    let is_wanted = wanted.peek().is_none() || wanted.any(|rel| rel == ISSUER);
    let links: Vec<Value> = is_wanted.then(|| json!({"rel": ISSUER, "href": issuer})).into_iter().collect();
    practice.why.say(format!("{resource} is of this issuer"));
    let document = json!({"subject": resource, "links": links});
    let response = HttpResponse::new(200, "application/jrd+json", format!("{document:#}\n"));
    response.with_header("Access-Control-Allow-Origin", "*")
}
