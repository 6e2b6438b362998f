//! What client metadata have to be, whether they are registered or published (RFC 7591 sections 2 and 2.1).

use url::Url;

use crate::base::check::{Check, Rule};
use crate::base::http::is_loopback;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::rules::dcr as rule;
use crate::terms::credential::is_key_member;

/// Schemes of what a browser runs or shows by itself: no answer gets out of it.
const OF_BROWSERS: [&str; 6] = ["about", "blob", "data", "file", "javascript", "vbscript"];

/// What a list says; absent ones mean these (RFC 7591 section 2).
fn listed<'a>(metadata: &'a Json, name: &str, default: &'static str) -> Vec<&'a str> {
    metadata.get(name).map_or_else(|| vec![default], Json::strings)
}

/// Holds metadata to having redirect URIs where the answers go through the browser, which lead there.
pub fn redirects(rule: &'static Rule, metadata: &Json) -> Check {
    let types = listed(metadata, "grant_types", "authorization_code");
    let is_redirected = types.iter().any(|grant| matches!(*grant, "authorization_code" | "implicit"));
    let registered = metadata.get("redirect_uris").map(Json::strings).unwrap_or_default();
    if let Some((uri, why)) = registered.iter().find_map(|uri| Some((uri, misleads(uri)?))) {
        return rule
            .broken("absolute URIs without a fragment, with https or on loopback", visible(&format!("{uri}: {why}")));
    }
    let saw = if registered.is_empty() { "none".into() } else { visible(&registered.join(", ")).into_owned() };
    rule.holds(!is_redirected || !registered.is_empty(), "redirect_uris", saw)
}

/// Why no answer gets to the client by this URI (RFC 6749 section 3.1.2, RFC 9700 section 2.6).
fn misleads(uri: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(uri) else { return Some("no absolute URI") };
    match url.scheme() {
        _ if uri.contains('#') => Some("a fragment"),
        "http" if !is_loopback(&url) => Some("http to another machine"),
        scheme if OF_BROWSERS.contains(&scheme) => Some("a scheme that a browser runs or shows by itself"),
        _ => None,
    }
}

/// Holds grant types and response types against each other (RFC 7591 section 2.1).
pub fn consistent(rule: &'static Rule, metadata: &Json) -> Check {
    let grants = listed(metadata, "grant_types", "authorization_code");
    let types = listed(metadata, "response_types", "code");
    let has = |word: &str| types.iter().any(|kind| kind.split(' ').any(|it| it == word));
    // Which grant none belongs to is not said.
    let code = has("none") || has("code") == grants.contains(&"authorization_code");
    let implicit = (has("token") || has("id_token")) == grants.contains(&"implicit");
    let saw = format!("grant_types {}; response_types {}", grants.join(", "), types.join(", "));
    rule.holds(code && implicit, "types that fit the grants", visible(&saw))
}

/// Holds metadata to having one key set, not two (RFC 7591 section 2).
pub fn one_key_set(rule: &'static Rule, metadata: &Json) -> Check {
    let there: Vec<&str> = ["jwks", "jwks_uri"].into_iter().filter(|name| metadata.get(name).is_some()).collect();
    let saw = match there.as_slice() {
        [] => "neither".to_owned(),
        [one] => format!("{one} alone"),
        both => both.join(" and "),
    };
    rule.holds(there.len() < 2, "jwks or jwks_uri", saw)
}

/// Holds the keys of a request against being one set of public keys.
pub(super) fn key_set(asked: &Json) -> Vec<Check> {
    if asked.get("jwks").is_none() {
        return Vec::new();
    }
    let is_private = has_private_key(asked);
    let saw = if is_private { "a private or shared key" } else { "public keys" };
    vec![one_key_set(&rule::ONE_KEY_SET, asked), rule::PRIVATE.holds(!is_private, "public keys", saw)]
}

/// Whether a key in the `jwks` of metadata is more than public.
pub fn has_private_key(metadata: &Json) -> bool {
    let keys = metadata.get("jwks").and_then(|set| set.get("keys")).map(Json::elements).unwrap_or_default();
    keys.iter().flat_map(Json::members).any(|(name, _)| is_key_member(name))
}
