//! Pages of other origins that ask by script (Fetch Standard section 3.2): they may read metadata, keys, tokens and
//! claims where the configuration lets them in. No cookie plays a part in these answers, so it does no harm that browsers
//! may send theirs along.

use super::Practice;
use super::config::{Config, Cors};
use super::page;
use super::place;
use crate::base::http::{HttpRequest, HttpResponse};

/// What a client without a server of its own asks. The pages that people see are not among it.
const PATHS: [&str; 10] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/jwks",
    "/register",
    "/par",
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
    let path = own_path(&practice.config, request)?;
    if allowed(&practice.config, request).is_none() {
        return Some(page::problem(
            practice,
            403,
            &format!("{origin} is not in cors: its scripts may not ask {path}."),
        ));
    }
    practice.why.say(match foreign_fields(request).as_slice() {
        [] => format!("the browser may send what a page of {origin} wants"),
        names => format!(
            "the browser may not send what a page of {origin} wants: {} is not among {FIELDS}",
            names.join(", ")
        ),
    });
    let answer = HttpResponse { status: 204, headers: Default::default(), body: Vec::new() };
    let answer = answer.with_header("Access-Control-Allow-Methods", "GET, POST");
    Some(answer.with_header("Access-Control-Allow-Headers", FIELDS).with_header("Access-Control-Max-Age", "600"))
}

/// Header fields that a script wants to send and must not.
fn foreign_fields(request: &HttpRequest) -> Vec<&str> {
    let asked = request.headers.all("access-control-request-headers").flat_map(|names| names.split(','));
    let is_allowed = |name: &str| FIELDS.split(", ").any(|field| field.eq_ignore_ascii_case(name));
    asked.map(str::trim).filter(|name| !name.is_empty() && !is_allowed(name)).collect()
}

/// The same answer, which scripts of the sender's origin may read where that is allowed, also when they ask with
/// `credentials: "include"`: then no `*` will do (Fetch Standard section 3.2.5).
pub fn readable(practice: &Practice, request: &HttpRequest, response: HttpResponse) -> HttpResponse {
    let config = &practice.config;
    let Some(origin) = allowed(config, request) else {
        say_unreadable(practice, request);
        return response;
    };
    response
        .with_header("Access-Control-Allow-Origin", origin)
        .with_header("Access-Control-Allow-Credentials", "true")
        .with_header("Vary", "Origin")
        .with_header("Access-Control-Expose-Headers", EXPOSED)
}

/// That a script of another origin gets an answer it cannot read, which it is not told itself.
fn say_unreadable(practice: &Practice, request: &HttpRequest) {
    let own = practice.config.issuer.origin().ascii_serialization();
    let origin = request.headers.get("origin").filter(|origin| *origin != own && request.method != "OPTIONS");
    if let Some(origin) = origin.filter(|_| own_path(&practice.config, request).is_some()) {
        practice.why.say(format!("{origin} is not in cors: its scripts may not read this"));
    }
}

/// The path that is asked, where scripts may ask at all.
fn own_path<'a>(config: &Config, request: &'a HttpRequest) -> Option<&'a str> {
    place::own_path(&config.issuer, request.url.path()).filter(|path| PATHS.contains(path))
}

fn allowed<'a>(config: &Config, request: &'a HttpRequest) -> Option<&'a str> {
    let origin = request.headers.get("origin")?;
    own_path(config, request)?;
    let is_allowed = match &config.cors {
        Cors::Nobody => false,
        Cors::Anybody => true,
        Cors::Origins(origins) => origins.iter().any(|known| known == origin),
    };
    is_allowed.then_some(origin)
}
