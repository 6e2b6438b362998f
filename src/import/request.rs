//! A request as it was copied: a token request, an authorization request, or a call of an API.

use url::{Url, form_urlencoded};

use super::{Copied, Filled, address, bare, grant_of_type, without_user};
use crate::base::http::{HttpRequest, basic_pair, is_loopback};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::terms::grant::Grant;

/// Parameters of a token request that are settings of another, or of the same name.
const SETTINGS: [(&str, &str); 17] = [
    ("client_id", "client_id"),
    ("client_secret", "client_secret"),
    ("redirect_uri", "redirect_uri"),
    ("username", "username"),
    ("password", "password"),
    ("refresh_token", "refresh_token"),
    ("scope", "scope"),
    ("resource", "resource"),
    ("audience", "audience"),
    ("subject_token", "subject_token"),
    ("subject_token_type", "subject_token_type"),
    ("actor_token", "actor_token"),
    ("actor_token_type", "actor_token_type"),
    ("requested_token_type", "requested_token_type"),
    ("login_hint", "login_hint"),
    ("binding_message", "binding_message"),
    ("requested_expiry", "requested_expiry"),
];
/// What a run makes by itself.
const MADE: [&str; 7] =
    ["grant_type", "code", "code_verifier", "client_assertion", "client_assertion_type", "device_code", "auth_req_id"];

/// Header fields that a browser adds to every request; those of HTTP/2 begin with a colon or stand without it.
const OF_BROWSER: [&str; 20] = [
    "authority",
    "method",
    "path",
    "scheme",
    "host",
    "content-length",
    "connection",
    "user-agent",
    "accept-encoding",
    "accept-language",
    "origin",
    "referer",
    "cache-control",
    "pragma",
    "priority",
    "dnt",
    "te",
    "upgrade-insecure-requests",
    "if-none-match",
    "if-modified-since",
];

/// Takes in the request that `what` sends.
pub(super) fn read(what: &'static str, (request, remarks): Copied) -> Filled {
    let query = request.query();
    let form = form_of(&request);
    let mut filled = if form.contains("grant_type") {
        token_request(&request, &form)
    } else if form.contains("client_id") && form.contains("scope") && !form.contains("response_type") {
        device_request(&request, &form)
    } else if query.contains("client_id") && query.contains("response_type") {
        address::request(&request.url, &query)
    } else {
        api_call(&request)
    };
    filled.what = what;
    if request.url.scheme() == "http" && !is_loopback(&request.url) {
        filled.warnings.push("It is sent to http: secrets in it travel unencrypted.".to_owned());
    }
    remarks.into_iter().for_each(|remark| filled.remark(remark));
    filled.note_user(&request.url);
    filled
}

/// The form, also where it is sent as JSON.
fn form_of(request: &HttpRequest) -> Params {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let json = || Json::parse(&request.body).ok().filter(Json::is_object);
    // A command leaves the content type of a form to curl.
    let typed = request.headers.get("Content-Type").is_some();
    match request.form() {
        Some(form) => form,
        None => match json() {
            Some(json) => json.members().iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            None if typed => Params::new(),
            None => Params::parse(&request.body),
        },
    }
}

/// A request with a client and a scope and no grant is where a device begins (RFC 8628 section 3.1).
fn device_request(request: &HttpRequest, form: &Params) -> Filled {
    let mut filled = Filled::new("a request");
    filled.grant = Some(Grant::DeviceCode);
    filled.put("device_authorization_endpoint", bare(&request.url));
    for (name, value) in form.iter() {
        match SETTINGS.iter().find(|(known, _)| *known == name) {
            Some((_, setting)) => filled.put(*setting, value),
            None => filled.put(format!("token_request.extra.{name}"), value),
        }
    }
    filled.note("The token endpoint is not in it: fill it in, or the issuer.");
    filled.without_discovery();
    filled
}

fn token_request(request: &HttpRequest, form: &Params) -> Filled {
    let mut filled = Filled::new("a request");
    filled.grant = form.get("grant_type").and_then(grant_of_type);
    if filled.grant.is_none() {
        filled.note("The grant_type is none that this program runs.");
    }
    filled.put("token_endpoint", bare(&request.url));
    let method = authentication(request, form, &mut filled);
    for (name, value) in form.iter() {
        match SETTINGS.iter().find(|(known, _)| *known == name) {
            Some((_, setting)) => filled.put(*setting, value),
            None if MADE.contains(&name) => {}
            None => filled.put(format!("token_request.extra.{name}"), value),
        }
    }
    if let Some(method) = method {
        filled.put("token_endpoint_auth_method", method);
    }
    if form.contains("code") {
        filled.note("The code is not taken over: it is used once, and a run gets its own.");
    }
    filled.without_discovery();
    filled
}

/// How the client proves who it is (RFC 6749 section 2.3, RFC 7523).
fn authentication(request: &HttpRequest, form: &Params, filled: &mut Filled) -> Option<&'static str> {
    if let Some((name, secret)) = basic(request) {
        filled.put("client_id", name);
        filled.put("client_secret", secret);
        return Some("client_secret_basic");
    }
    if form.contains("client_assertion") {
        filled.note("The client_assertion is not taken over: choose the key, and the assertion is made anew.");
        return Some("private_key_jwt");
    }
    match form.get("client_secret") {
        Some(_) => Some("client_secret_post"),
        None => form.contains("client_id").then_some("none"),
    }
}

/// Name and secret of HTTP Basic. Most commands are written without the form-encoding of RFC 6749 section 2.3.1, so a part
/// that does not decode is what it is.
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let (name, secret) = basic_pair(request.headers.get("Authorization")?)?;
    let decoded = |part: &str| {
        let joined = format!("a={part}");
        let value = form_urlencoded::parse(joined.as_bytes()).next().map(|(_, value)| value.into_owned());
        let again = value.as_deref().map(|value| form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>());
        match (value, again) {
            (Some(value), Some(again)) if again == part => value,
            _ => part.to_owned(),
        }
    };
    Some((decoded(&name), decoded(&secret)))
}

fn api_call(request: &HttpRequest) -> Filled {
    let mut filled = Filled::new("a request");
    filled.put("api_url", url_of(&request.url));
    if request.method != "GET" {
        filled.put("api_method", request.method.clone());
    }
    filled.put("api_body", String::from_utf8_lossy(&request.body));
    let mut is_copied = false;
    for (name, value) in request.headers.iter() {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => {
                filled.note("The access token is not taken over: a run gets its own. jwt decode looks into one.");
            }
            "cookie" => filled.note("The cookies are not taken over."),
            own if is_of_browser(own) => is_copied = true,
            _ => filled.put(format!("api_headers.{name}"), value),
        }
    }
    if is_copied {
        filled.note("Header fields that a browser adds by itself are not taken over.");
    }
    filled
}

fn is_of_browser(name: &str) -> bool {
    OF_BROWSER.contains(&name) || name.starts_with("sec-") || name.starts_with(':')
}

fn url_of(url: &Url) -> String {
    let mut url = without_user(url);
    url.set_fragment(None);
    url.into()
}
