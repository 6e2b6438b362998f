//! Pages of other origins that ask by script (Fetch Standard section 3.2): they may read metadata, keys, tokens and
//! claims where the configuration lets them in. No cookie plays a part in these answers, so none is let along.

use super::Practice;
use super::config::{Config, Cors};
use super::place;
use crate::base::http::{HttpRequest, HttpResponse};

/// What a client without a server of its own asks. The pages that people see are not among it.
const PATHS: [&str; 9] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/jwks",
    "/register",
    "/token",
    "/userinfo",
    "/revoke",
    "/api/me",
    "/api/pay",
];
/// What scripts may read beside the body.
const EXPOSED: &str = "WWW-Authenticate, DPoP-Nonce";
/// What they may send.
const FIELDS: &str = "Authorization, Content-Type, DPoP";

/// The answer to a browser that asks before it sends what a script wants.
pub fn preflight(practice: &Practice, request: &HttpRequest) -> Option<HttpResponse> {
    let is_asked = request.method == "OPTIONS" && request.headers.get("access-control-request-method").is_some();
    let origin = request.headers.get("origin").filter(|_| is_asked)?;
    allowed(&practice.config, request)?;
    practice.why.say(format!("the browser may send what a page of {origin} wants"));
    let answer = HttpResponse { status: 204, headers: Default::default(), body: Vec::new() };
    let answer = answer.with_header("Access-Control-Allow-Methods", "GET, POST");
    Some(answer.with_header("Access-Control-Allow-Headers", FIELDS).with_header("Access-Control-Max-Age", "600"))
}

/// The same answer, which scripts of the sender's origin may read where that is allowed.
pub fn readable(config: &Config, request: &HttpRequest, response: HttpResponse) -> HttpResponse {
    let Some(origin) = allowed(config, request) else { return response };
    let response = response.with_header("Access-Control-Allow-Origin", origin);
    let response = if origin == "*" { response } else { response.with_header("Vary", "Origin") };
    response.with_header("Access-Control-Expose-Headers", EXPOSED)
}

fn allowed<'a>(config: &Config, request: &'a HttpRequest) -> Option<&'a str> {
    let origin = request.headers.get("origin")?;
    let path = place::own_path(&config.issuer, request.url.path())?;
    if !PATHS.contains(&path) {
        return None;
    }
    match &config.cors {
        Cors::Nobody => None,
        Cors::Anybody => Some("*"),
        Cors::Origins(origins) => origins.iter().any(|known| known == origin).then_some(origin),
    }
}
