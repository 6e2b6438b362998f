//! Request objects that lie elsewhere: what is fetched from the `request_uri` of a request (RFC 9101 section 5.2.3), from
//! this machine or a listed host alone, because a server that goes wherever it is told is a tool for others
//! (section 10.4).

use url::Url;

use super::Practice;
use super::fetched::whole;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::web_url::why_no_url;
use crate::terms::error::OAuthError;

/// Objects that wait for their request; the oldest gives way.
const MANY: usize = 16;
/// Most bytes of one.
const SIZE_LIMIT: usize = 64 * 1024;
/// Most characters of a reference (section 5.2).
const LONGEST: usize = 512;
/// The media type of a request object (section 10.2).
const MEDIA_TYPE: &str = "application/oauth-authz-req+jwt";

/// What came from a `request_uri`, or why nothing did.
pub type Referred = (String, Result<String, String>);

/// What fetches the object behind a reference; `None`, and kept why, where this server does not go there.
pub fn fetching(practice: &mut Practice, uri: &str) -> Option<HttpRequest> {
    match address(practice, uri) {
        Ok(url) => Some(HttpRequest::get(url).with_header("Accept", MEDIA_TYPE)),
        Err(why) => {
            keep(practice, uri.to_owned(), Err(why));
            None
        }
    }
}

/// Whether what is there is known already.
pub fn is_taken(practice: &Practice, uri: &str) -> bool {
    practice.referred.iter().any(|(taken, _)| taken == uri)
}

/// Where something is fetched from.
///
/// # Errors
/// Why this server does not go there, in words.
pub fn address(practice: &Practice, uri: &str) -> Result<Url, String> {
    if uri.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} characters"));
    }
    let url = Url::parse(uri).map_err(|error| format!("it is no URL: {}", why_no_url(error)))?;
    match url.scheme() {
        "http" | "https" if practice.config.may_send_to(&url) => Ok(url),
        "http" | "https" => Err("its host is not this machine, and outgoing_hosts does not list it".to_owned()),
        scheme => Err(format!("nothing is fetched over {scheme}")),
    }
}

/// Takes what came from a reference.
pub fn take(practice: &mut Practice, uri: &str, came: Result<HttpResponse, String>) {
    let object = came.and_then(|response| object_in(&response));
    keep(practice, uri.to_owned(), object);
}

fn object_in(response: &HttpResponse) -> Result<String, String> {
    whole(response, SIZE_LIMIT)?;
    match response.headers.content_type().as_deref() {
        Some(MEDIA_TYPE | "application/jwt") => Ok(response.text().trim().to_owned()),
        other => Err(format!("its media type is {}, not {MEDIA_TYPE}", other.unwrap_or("absent"))),
    }
}

fn keep(practice: &mut Practice, uri: String, object: Result<String, String>) {
    practice.referred.push_back((uri, object));
    if practice.referred.len() > MANY {
        practice.referred.pop_front();
    }
}

/// The object behind a reference, as it was fetched for this request.
///
/// # Errors
/// `invalid_request_uri` and why; `request_uri_not_supported` for what is no address at all.
pub fn object(practice: &Practice, uri: &str) -> Result<String, OAuthError> {
    let taken = practice.referred.iter().find(|(taken, _)| taken == uri);
    let unusable = |why: String| invalid_request_uri(format!("what request_uri refers to cannot be used: {why}"));
    match taken {
        Some((_, object)) => object.clone().map_err(unusable),
        None => Err(OAuthError::new(
            "request_uri_not_supported",
            "request_uri is none that was given out here, and nothing was fetched from there",
        )),
    }
}

/// Forgets what was fetched for the request that was just answered.
pub fn forget(practice: &mut Practice, request: &HttpRequest) {
    if !practice.referred.is_empty() {
        let params = request.form().unwrap_or_else(|| request.query());
        practice.referred.retain(|(taken, _)| params.get("request_uri") != Some(taken));
    }
}

/// The reference of a request cannot be used (section 7).
pub fn invalid_request_uri(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_request_uri", description)
}
