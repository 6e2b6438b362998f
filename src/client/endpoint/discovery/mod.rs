//! Server metadata: which URLs are tried, and what the document is held to
//! (OIDC Discovery section 4, RFC 8414 sections 3 and 5).

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome, content_type, duplicates, object, status};
use crate::client::rules::metadata as rule;
use crate::terms::metadata::{Endpoint, ServerMetadata};

/// A metadata URL and the rule that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the document may be.
    pub url: Url,
    /// The rule in a few words: `OIDC Discovery: appended to the issuer`.
    pub rule: &'static str,
}

/// The URLs to try for an issuer, in order: OpenID Connect appends, RFC 8414 inserts before the path.
///
/// # Errors
/// When the issuer is no http(s) URL.
pub fn candidates(issuer: &str) -> Result<Vec<Candidate>, url::ParseError> {
    let issuer = Url::parse(issuer.trim())?;
    if issuer.cannot_be_a_base() || !matches!(issuer.scheme(), "http" | "https") {
        return Err(url::ParseError::RelativeUrlWithoutBase);
    }
    let path = issuer.path().trim_end_matches('/').to_owned();
    let at = |path: String, rule| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        Candidate { url, rule }
    };
    let mut list = vec![
        at(format!("{path}/.well-known/openid-configuration"), "OIDC Discovery: appended to the issuer"),
        at(format!("/.well-known/oauth-authorization-server{path}"), "RFC 8414: inserted before the path"),
    ];
    let inserted = at(format!("/.well-known/openid-configuration{path}"), "RFC 8414 section 5: inserted, OpenID name");
    // The same as the first without a path, and where the path is that of a metadata document.
    if list[0].url != inserted.url {
        list.push(inserted);
    }
    Ok(list)
}

/// An issuer as people type it: spaces around it go, and `https` is taken where no scheme was typed. `None` for what
/// cannot be one.
pub fn typed_issuer(text: &str) -> Option<String> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let is_one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    (is_one_word && candidates(&whole).is_ok()).then_some(whole)
}

/// The request for a metadata document.
pub fn request(url: Url) -> HttpRequest {
    HttpRequest::get(url).with_header("Accept", "application/json")
}

/// Reads a metadata document and holds it to its rules. `issuer` is the one that was asked.
pub fn accept(response: &HttpResponse, issuer: &str) -> Accepted<ServerMetadata> {
    let json = match object(response) {
        Ok(json) if response.is_success() => json,
        Ok(_) => return unreadable(format!("status {}", status(response))),
        Err(what) => return unreadable(what),
    };
    let metadata = ServerMetadata { json };
    let checks = check(&metadata, response, issuer);
    Accepted { outcome: Outcome::Success(metadata), checks }
}

fn unreadable(what: String) -> Accepted<ServerMetadata> {
    Accepted { outcome: Outcome::Unreadable(what), checks: Vec::new() }
}

fn check(metadata: &ServerMetadata, response: &HttpResponse, issuer: &str) -> Vec<Check> {
    let published = metadata.issuer().unwrap_or("no issuer");
    let mut checks = vec![
        content_type(&rule::CONTENT_TYPE, response),
        duplicates(&rule::DUPLICATES, &metadata.json),
        rule::ISSUER.equal(issuer, &visible(published)),
        issuer_form(published),
        required(metadata),
        types(&metadata.json),
        endpoint_form(metadata),
        endpoint_origin(metadata, published),
    ];
    checks.extend(features(metadata));
    checks
}

fn issuer_form(issuer: &str) -> Check {
    let Ok(url) = Url::parse(issuer) else {
        return rule::ISSUER_FORM.broken("an https URL", visible(issuer));
    };
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match (url.scheme(), plain) {
        ("https", true) => rule::ISSUER_FORM.pass(issuer),
        ("http", true) if is_loopback(&url) => rule::ISSUER_FORM.note("http, accepted on loopback only"),
        _ => rule::ISSUER_FORM.broken("https, without query, fragment and user", visible(issuer)),
    }
}

fn required(metadata: &ServerMetadata) -> Check {
    let missing: Vec<&str> = ["issuer", "response_types_supported", "authorization_endpoint", "token_endpoint"]
        .into_iter()
        .filter(|member| metadata.json.get(member).is_none())
        .collect();
    if missing.is_empty() {
        return rule::REQUIRED.pass("issuer, endpoints and response types");
    }
    rule::REQUIRED.broken("all required members", format!("without {}", missing.join(", ")))
}

fn types(json: &Json) -> Check {
    let wrong: Vec<String> = json.members().iter().filter_map(|(name, value)| wrong_type(name, value)).collect();
    if wrong.is_empty() {
        return rule::TYPES.pass("all known members");
    }
    rule::TYPES.broken("lists of strings, booleans and URLs as defined", wrong.join("; "))
}

fn wrong_type(name: &str, value: &Json) -> Option<String> {
    let is_list = name.ends_with("_supported") && !is_boolean_member(name);
    let fits = if is_list {
        matches!(value, Json::Array(elements) if elements.iter().all(|element| element.as_str().is_some()))
    } else if is_boolean_member(name) {
        value.as_bool().is_some()
    } else if name == "issuer" || name == "jwks_uri" || name.ends_with("_endpoint") {
        value.as_str().is_some()
    } else {
        true
    };
    (!fits).then(|| format!("{} is a {}", visible(name), value.kind()))
}

fn is_boolean_member(name: &str) -> bool {
    name.ends_with("_parameter_supported")
        || name.starts_with("require_")
        || name.starts_with("tls_client_certificate_bound")
        || name.starts_with("frontchannel_logout")
        || name.starts_with("backchannel_logout")
        || name == "backchannel_user_code_parameter_supported"
        || name == "authorization_response_iss_parameter_supported"
}

fn endpoints(metadata: &ServerMetadata) -> impl Iterator<Item = (&'static str, Option<Url>, &str)> {
    Endpoint::ALL.into_iter().filter_map(|endpoint| {
        let text = metadata.endpoint(endpoint)?;
        Some((endpoint.name(), Url::parse(text).ok(), text))
    })
}

fn endpoint_form(metadata: &ServerMetadata) -> Check {
    let is_sound = |url: &Url| {
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
        safe && url.fragment().is_none() && url.username().is_empty()
    };
    let broken: Vec<String> = endpoints(metadata)
        .filter(|(_, url, _)| !url.as_ref().is_some_and(is_sound))
        .map(|(name, _, text)| format!("{name} {}", visible(text)))
        .collect();
    if !broken.is_empty() {
        return rule::ENDPOINT_FORM.broken("https URLs without fragment", broken.join("; "));
    }
    let on_http = endpoints(metadata).any(|(_, url, _)| url.is_some_and(|url| url.scheme() == "http"));
    if on_http {
        return rule::ENDPOINT_FORM.note("http endpoints, accepted on loopback only");
    }
    rule::ENDPOINT_FORM.pass("https everywhere")
}

fn endpoint_origin(metadata: &ServerMetadata, issuer: &str) -> Check {
    let Ok(issuer) = Url::parse(issuer) else {
        return rule::ENDPOINT_ORIGIN.skipped("the issuer is no URL");
    };
    let mut foreign: Vec<String> = endpoints(metadata)
        .filter_map(|(_, url, _)| url)
        .filter(|url| url.origin() != issuer.origin())
        .map(|url| url.origin().ascii_serialization())
        .collect();
    foreign.sort();
    foreign.dedup();
    if foreign.is_empty() {
        return rule::ENDPOINT_ORIGIN.pass(issuer.origin().ascii_serialization());
    }
    rule::ENDPOINT_ORIGIN.broken(issuer.origin().ascii_serialization(), foreign.join(", "))
}

fn features(metadata: &ServerMetadata) -> [Check; 5] {
    let methods = metadata.supported("code_challenge_methods_supported");
    let listed = |methods: &Option<Vec<&str>>, method| methods.as_ref().is_some_and(|list| list.contains(&method));
    let shown = methods.as_ref().map_or_else(|| "not published".to_owned(), |list| list.join(", "));
    let none: Vec<&str> = metadata
        .json
        .members()
        .iter()
        .filter(|(name, value)| name.contains("_alg_values_supported") && value.strings().contains(&"none"))
        .map(|(name, _)| name.as_str())
        .collect();
    let iss = metadata.flag("authorization_response_iss_parameter_supported");
    [
        rule::PKCE.holds(listed(&methods, "S256"), "S256", visible(&shown)),
        rule::PKCE_PLAIN.holds(!listed(&methods, "plain"), "without plain", visible(&shown)),
        rule::ALG_NONE.holds(
            none.is_empty(),
            "no none",
            if none.is_empty() { "no none".to_owned() } else { none.join(", ") },
        ),
        rule::ISS_PARAMETER.holds(iss, "true", iss.to_string()),
        removed_grants(metadata),
    ]
}

fn removed_grants(metadata: &ServerMetadata) -> Check {
    let offered = metadata.supported("grant_types_supported").unwrap_or_else(|| vec!["authorization_code", "implicit"]);
    let removed: Vec<&str> = offered.into_iter().filter(|grant| matches!(*grant, "implicit" | "password")).collect();
    let is_local = metadata.issuer().and_then(|issuer| Url::parse(issuer).ok()).is_some_and(|url| is_loopback(&url));
    match (removed.is_empty(), is_local) {
        (true, _) => rule::REMOVED_GRANTS.pass("neither"),
        (false, true) => rule::REMOVED_GRANTS.note(format!("{}, accepted on loopback only", removed.join(", "))),
        (false, false) => rule::REMOVED_GRANTS.broken("neither implicit nor password", removed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_append_and_insert() {
        let urls = |issuer: &str| -> Vec<String> {
            candidates(issuer).expect("a URL").into_iter().map(|candidate| candidate.url.into()).collect()
        };
        assert_eq!(
            urls("https://as.example"),
            [
                "https://as.example/.well-known/openid-configuration",
                "https://as.example/.well-known/oauth-authorization-server"
            ]
        );
        assert_eq!(
            urls("https://as.example/realms/a/"),
            [
                "https://as.example/realms/a/.well-known/openid-configuration",
                "https://as.example/.well-known/oauth-authorization-server/realms/a",
                "https://as.example/.well-known/openid-configuration/realms/a"
            ]
        );
        // A place that came twice would be asked for ever: the first of two equal ones is never the last.
        for path in ["", "/", "/a", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let places = urls(&format!("https://as.example{path}"));
            assert!(places.iter().enumerate().all(|(at, url)| !places[..at].contains(url)), "{places:?}");
        }
        assert!(candidates("as.example").is_err());
        assert!(candidates("mailto:a@b").is_err());
    }

    #[test]
    fn an_issuer_may_be_typed_without_its_scheme() {
        for (typed, expected) in [
            (" https://as.example/a ", Some("https://as.example/a")),
            ("as.example:8443/realms/a", Some("https://as.example:8443/realms/a")),
            ("http://127.0.0.1:9400", Some("http://127.0.0.1:9400")),
            ("foo bar", None),
            ("ftp://as.example", None),
            ("https://", None),
            (" ", None),
        ] {
            assert_eq!(typed_issuer(typed).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn a_page_or_an_error_is_no_document() {
        for (status, body) in [(404, "{}"), (200, "<html>"), (200, "")] {
            let response = HttpResponse::new(status, "text/html", body);
            assert!(matches!(accept(&response, "https://as.example").outcome, Outcome::Unreadable(_)));
        }
    }
}
