//! What a protected resource says of itself: which authorization servers it trusts (RFC 9728).

use url::{ParseError, Url};

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::text::{quoted, visible};
use crate::client::answer::{Accepted, Outcome, member_types, status};
use crate::client::body::{self, Body};
use crate::client::challenge::Challenge;
use crate::client::endpoint::signed_metadata;
use crate::client::rules::prm as rule;
use crate::client::seal::Draft;
use crate::terms::metadata::form_of_api;

/// The parameter of a challenge that names where they are (section 5.1).
const ADDRESS: &str = "resource_metadata";
/// Before the path of the resource (section 3.1).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// A place where the metadata may be, and the resource that they have to name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address of the document.
    pub url: Url,
    /// `resource` in it (section 3.3).
    pub resource: String,
}

/// Where the metadata of an API may be, the first to be tried first: at the address of its challenge, at the well-known
/// path for its own, at that of its host.
pub fn places(api_url: &Url, challenged: Option<&str>) -> Vec<Place> {
    let whole = String::from(api_url.clone());
    let host = api_url.origin().ascii_serialization();
    let mut own = api_url.clone();
    own.set_fragment(None);
    // A slash after the host is dropped (section 3.1).
    let path = if api_url.path() == "/" { "" } else { api_url.path() };
    own.set_path(&format!("{WELL_KNOWN}{path}"));
    let mut places = Vec::new();
    let named = challenged.and_then(|url| Url::parse(url).ok());
    places.extend(named.map(|url| Place { url, resource: whole.clone() }));
    places.push(Place { url: own, resource: whole });
    if let Ok(url) = Url::parse(&format!("{host}{WELL_KNOWN}")) {
        places.push(Place { url, resource: host });
    }
    let mut seen = Vec::new();
    places.retain(|place| {
        !seen.contains(&place.url) && {
            seen.push(place.url.clone());
            true
        }
    });
    places
}

/// Drafts the request for one of them.
pub fn request(place: &Place) -> Draft {
    Draft::of(HttpRequest::get(place.url.clone()).with_header("Accept", JSON))
}

/// Reads the document (section 3.2), and holds it to the resource that was asked for.
pub fn accept(response: &HttpResponse, place: &Place, issuer: Option<&str>) -> Accepted<Json> {
    let is_json = response.headers.content_type().as_deref() == Some(JSON);
    let unreadable = |what: String| Accepted {
        outcome: Outcome::Unreadable(what.clone()),
        checks: vec![rule::STATUS.broken("200 with JSON", what)],
    };
    let other = || format!("status {}", status(response));
    if !response.is_success() {
        return unreadable(other());
    }
    let json = match body::read(response) {
        // A document is one whatever its status, and nothing else is looked for then.
        Ok(Body { json, .. }) if response.status == 200 || json.get("resource").is_some() => json,
        Ok(_) => return unreadable(other()),
        Err(what) => return unreadable(what),
    };
    let media_type = response.headers.content_type().unwrap_or_else(|| "no Content-Type".to_owned());
    let mut checks = vec![
        match response.status {
            200 => rule::STATUS.holds(is_json, JSON, visible(&media_type)),
            _ => rule::STATUS.broken("200 with JSON", other()),
        },
        resource(&json, place),
        empty(&json),
        member_types(&rule::TYPES, &json, form_of_api),
        servers(&json, issuer),
    ];
    checks.extend(signed_metadata::check(&json, signed_metadata::OF_API));
    Accepted { outcome: Outcome::Success(json), checks }
}

/// The address that the challenges of an API name (section 5.1).
pub fn announced(challenges: &[Challenge]) -> Option<String> {
    challenges.iter().find_map(|challenge| challenge.get(ADDRESS))
}

/// What is wrong with that address, so that no client finds the metadata by it; nothing where a request for it tells.
pub fn announcement(challenges: &[Challenge]) -> Option<Check> {
    let named = announced(challenges)?;
    let is_twice = |challenge: &Challenge| challenge.params.iter().filter(|(name, _)| name == ADDRESS).count() > 1;
    let saw = match Url::parse(&named) {
        // A challenge has each of its parameters once (RFC 9110 section 11.2).
        _ if challenges.iter().any(is_twice) => format!("{ADDRESS} twice in one challenge"),
        Ok(url) if matches!(url.scheme(), "https" | "http") => return None,
        Err(ParseError::RelativeUrlWithoutBase) if named.contains('/') => {
            format!("{}, which is relative, and to what no document says", quoted(&named))
        }
        _ => format!("{}, which is no URL of a document", quoted(&named)),
    };
    Some(rule::ADDRESS.broken("one https URL", saw))
}

/// Whether the address that a challenge names leads to a document (section 5.1); nothing for another place. `came` is what
/// came instead.
pub fn address(challenged: Option<&str>, asked: &Url, came: Option<&str>) -> Option<Check> {
    let is_it = challenged.and_then(|url| Url::parse(url).ok()).is_some_and(|url| url == *asked);
    is_it.then(|| match came {
        None => rule::ADDRESS.pass(visible(asked.as_str())),
        Some(came) => {
            rule::ADDRESS.broken("the metadata of the API", format!("{} at {}", visible(came), visible(asked.as_str())))
        }
    })
}

fn resource(json: &Json, place: &Place) -> Check {
    let named = json.text("resource").unwrap_or("absent");
    rule::RESOURCE.holds(is_same(named, &place.resource), &place.resource, visible(named))
}

/// Whether two resources are one: by code points, with a slash after the host or without (section 6).
pub fn is_same(one: &str, other: &str) -> bool {
    let is_host = |text: &str| Url::parse(text).is_ok_and(|url| url.path() == "/" && url.query().is_none());
    let bare = |text: &str| if is_host(text) { text.trim_end_matches('/').to_owned() } else { text.to_owned() };
    bare(one) == bare(other)
}

fn empty(json: &Json) -> Check {
    let is_empty = |value: &Json| matches!(value, Json::Array(elements) if elements.is_empty());
    let empty: Vec<&str> =
        json.members().iter().filter(|(_, value)| is_empty(value)).map(|(name, _)| name.as_str()).collect();
    let saw = if empty.is_empty() { "none".to_owned() } else { visible(&empty.join(", ")).into_owned() };
    rule::EMPTY.holds(empty.is_empty(), "no empty list", saw)
}

fn servers(json: &Json, issuer: Option<&str>) -> Check {
    let named = json.get("authorization_servers").map(Json::strings).unwrap_or_default();
    match issuer {
        None => rule::SERVERS.skipped("the issuer of this run is not known"),
        Some(_) if named.is_empty() => rule::SERVERS.skipped("the API names no authorization server"),
        Some(issuer) => rule::SERVERS.holds(named.contains(&issuer), issuer, visible(&named.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::challenge::challenges;

    #[test]
    fn every_place_is_tried_once_the_one_of_the_challenge_first() {
        let found = |api: &str, challenged: Option<&str>| -> Vec<(String, String)> {
            let api = Url::parse(api).expect("a URL");
            places(&api, challenged).into_iter().map(|place| (place.url.into(), place.resource)).collect()
        };
        let pair = |url: &str, resource: &str| (url.to_owned(), resource.to_owned());
        let (api, host) = ("https://h.example/p/mcp", "https://h.example");
        let own = pair("https://h.example/.well-known/oauth-protected-resource/p/mcp", api);
        let root = pair("https://h.example/.well-known/oauth-protected-resource", host);
        assert_eq!(found(api, None), [own.clone(), root.clone()]);
        assert_eq!(found(api, Some("https://h.example/meta"))[0], pair("https://h.example/meta", api));
        assert_eq!(found(api, Some(&own.0)).len(), 2);
        assert_eq!(found(api, Some("no URL")), [own, root]);
        let query = found("https://h.example/p?a=b", None);
        assert_eq!(query[0].0, "https://h.example/.well-known/oauth-protected-resource/p?a=b");
        assert_eq!(found("https://h.example/", None).len(), 1);
    }

    #[test]
    fn an_address_that_can_be_asked_is_judged_by_what_comes_there() {
        let said = |header: &str| {
            let response = HttpResponse::new(401, "text/plain", "").with_header("WWW-Authenticate", header);
            announcement(&challenges(&response)).is_some()
        };
        for sound in [
            "Bearer",
            r#"Bearer resource_metadata="https://h.example/meta""#,
            r#"Bearer resource_metadata="http://127.0.0.1:1/meta", DPoP resource_metadata="http://127.0.0.1:1/meta""#,
        ] {
            assert!(!said(sound), "{sound}");
        }
        assert!(said(r#"Bearer resource_metadata="/meta""#));
    }
}
