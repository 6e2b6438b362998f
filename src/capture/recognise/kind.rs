//! What an entry is by its shape alone: what is decisive counts three, what supports one, what speaks against it two.

use super::object::{authorization_params, open_request_object};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::capture::exchange::{Leg, Resource, Seen};
use crate::client::request_object;
use crate::jose::jwt::decode;

/// Enough to be called so.
const ENOUGH: i32 = 3;

/// Ends of paths that metadata are at (RFC 8414 section 3, OIDC Discovery section 4).
const WELL_KNOWN: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// Ends of the names of files that pages are made of.
const FILES: [&str; 17] = [
    ".css",
    ".js",
    ".mjs",
    ".map",
    ".png",
    ".gif",
    ".jpg",
    ".jpeg",
    ".svg",
    ".ico",
    ".woff",
    ".woff2",
    ".ttf",
    ".otf",
    ".eot",
    ".mp4",
    ".webmanifest",
];

const fn worth(holds: bool, points: i32) -> i32 {
    if holds { points } else { 0 }
}

/// A metadata document: an issuer and endpoints. An `issuer` alone is anybody's.
pub(super) fn is_metadata(entry: &Seen<'_>) -> bool {
    let path = entry.it.request.url.path();
    let is_at_its_place = WELL_KNOWN.iter().any(|known| path.contains(known));
    let has_endpoints = entry.json.as_ref().is_some_and(|json| {
        let named = json.members().iter().filter(|(name, _)| name.ends_with("_endpoint") || name == "jwks_uri");
        json.text("issuer").is_some() && named.count() > 0
    });
    let is_refused = entry.it.response().is_none_or(|response| !response.is_success());
    let score = worth(has_endpoints, 3) + worth(is_at_its_place && (entry.json.is_none() || is_refused), 3);
    !entry.is_post() && score >= ENOUGH
}

/// Metadata of an API (RFC 9728 section 2).
pub(super) fn is_resource_metadata(entry: &Seen<'_>) -> bool {
    !entry.is_post() && entry.member("resource").is_some() && entry.has("authorization_servers")
}

/// A key set.
pub(super) fn is_jwks(entry: &Seen<'_>) -> bool {
    let keys = entry.json.as_ref().and_then(|json| json.get("keys")).map(Json::elements).unwrap_or_default();
    !keys.is_empty() && keys.iter().all(|key| key.text("kty").is_some())
}

/// A file that is part of a page.
pub(super) fn is_static(entry: &Seen<'_>) -> bool {
    let path = entry.it.request.url.path();
    let last = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_file = FILES.iter().any(|end| last.ends_with(end)) || last.starts_with("favicon");
    let is_read = matches!(entry.it.request.method.as_str(), "GET" | "HEAD");
    is_read && !entry.it.redirects() && (is_file || entry.it.resource == Resource::Part)
}

/// Whether these are words that a response type is made of.
fn is_response_type(value: &str) -> bool {
    !value.is_empty() && value.split(' ').all(|word| matches!(word, "code" | "token" | "id_token" | "none"))
}

/// An authorization request: a client that asks for a response, by way of the browser.
pub(super) fn is_authorization_request(entry: &Seen<'_>, is_endpoint: bool) -> bool {
    let mut params = authorization_params(entry);
    if params.get("request").is_some_and(|object| !may_ask(object)) {
        return false;
    }
    open_request_object(&mut params);
    let has = |name: &str| params.get(name).is_some_and(|value| !value.is_empty());
    let asks = params.get("response_type").is_some_and(is_response_type) || has("request_uri") || has("request");
    if !has("client_id") || !(asks || is_endpoint) || has("grant_type") {
        return false;
    }
    supported(entry, &params, asks, is_endpoint)
}

/// An authorization request from before RFC 6749, without `response_type`, as GitHub and Facebook have it.
pub(super) fn is_early_request(entry: &Seen<'_>) -> bool {
    let has = |name: &str| entry.query.get(name).is_some_and(|value| !value.is_empty());
    let path = entry.it.request.url.path().to_ascii_lowercase();
    let is_named = ["oauth", "authorize"].iter().any(|part| path.contains(part));
    let is_asked = has("client_id") && has("redirect_uri") && (has("state") || has("scope"));
    let is_more = ["response_type", "grant_type", "code", "error"].iter().any(|name| entry.query.contains(name));
    let is_web = entry.query.get("redirect_uri").is_some_and(|uri| url::Url::parse(uri).is_ok());
    is_asked && is_named && is_web && !is_more && !entry.is_post() && entry.it.is_page() && !entry.it.answers_json()
}

fn supported(entry: &Seen<'_>, params: &Params, asks: bool, is_endpoint: bool) -> bool {
    let has = |name: &str| params.get(name).is_some_and(|value| !value.is_empty());
    let supports = ["redirect_uri", "state", "scope", "code_challenge"].iter().any(|name| has(name));
    // Some providers refuse what a browser asks for with the JSON of the token endpoint.
    let is_refused =
        entry.it.is_page() && entry.it.status().is_some_and(|it| it >= 400) && entry.member("error").is_some();
    let answers_json = entry.it.answers_json() && !is_refused;
    let shows = entry.it.redirects() || entry.it.response().is_none_or(|it| it.body.is_empty()) || !answers_json;
    // A script or a beacon is not sent anywhere; a program without a browser may do all of it.
    let is_page = entry.it.is_page() || entry.it.leg == Leg::BackChannel;
    let score = worth(asks, 3) + worth(is_endpoint, 5) + worth(supports, 1) + worth(shows, 1)
        - worth(!is_page, 4)
        - worth(answers_json, 2);
    score >= ENOUGH
}

/// Whether a request object may ask for an authorization: one that can be read says `response_type`, and a backchannel
/// request, which is signed in the same way, does not (CIBA section 7.1.1).
pub(super) fn may_ask(object: &str) -> bool {
    request_object::parameters(&decode(object)).is_none_or(|inside| inside.contains("response_type"))
}
