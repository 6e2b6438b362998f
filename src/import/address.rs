//! An address from a browser: an authorization request, an authorization response, or where metadata are.

use url::Url;

use super::{Filled, bare, grant_of_response};
use crate::base::params::Params;
use crate::base::text::capitalised;
use crate::base::typed::typed;
use crate::client::endpoint::discovery::Asked;

/// Parameters that are made anew for each request, and no setting.
const DRAWN: [&str; 4] = ["state", "nonce", "code_challenge", "code"];
/// Parameters that are settings of the same name.
const SETTINGS: [&str; 14] = [
    "client_id",
    "redirect_uri",
    "scope",
    "response_type",
    "response_mode",
    "prompt",
    "login_hint",
    "max_age",
    "acr_values",
    "audience",
    "resource",
    "code_challenge_method",
    "id_token_hint",
    "user_code",
];
/// What an authorization response has (RFC 6749 section 4.1.2 and 4.2.2, JARM).
const RESPONSE: [&str; 5] = ["code", "error", "access_token", "id_token", "response"];

/// What the address of an authorization response is called.
pub(super) const RESPONSE_URL: &str = "an authorization response";

/// Reads one address; `None` when the text is none, or says nothing of a login.
pub(super) fn read(text: &str) -> Option<Filled> {
    let text = &in_one_line(text)?;
    let url = Url::parse(text).ok().filter(|url| url.has_host() || url.cannot_be_a_base())?;
    let query = Params::parse(url.query().unwrap_or_default().as_bytes());
    let fragment = Params::parse(url.fragment().unwrap_or_default().as_bytes());
    let is_request = query.contains("client_id")
        && ["response_type", "request_uri", "request"].iter().any(|name| query.contains(name));
    let mut filled = if is_request {
        request(&url, &query)
    } else if RESPONSE.iter().any(|name| query.contains(name) || fragment.contains(name)) {
        response(&url, &query, &fragment)
    } else {
        return server(text);
    };
    filled.note_user(&url);
    Some(filled)
}

/// The address of a server or its metadata.
fn server(text: &str) -> Option<Filled> {
    let Asked { issuer, beside, candidates } = Asked::new(text);
    (!candidates.is_empty()).then(|| {
        let mut filled = Filled::new("the address of a server");
        filled.put("issuer", issuer);
        filled.notes.extend(beside.map(|beside| format!("{}.", capitalised(beside.words()))));
        filled
    })
}

/// An address in one piece, as documents and mails break it over lines and put marks around it.
pub(super) fn in_one_line(text: &str) -> Option<String> {
    let text = text.trim_matches(['"', '\'', '`', ',', ';']);
    let text = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let lines: Vec<&str> = text.lines().map(|line| line.trim().trim_end_matches('\\').trim_end()).collect();
    let is_one = lines.iter().skip(1).all(|line| !line.starts_with("http://") && !line.starts_with("https://"));
    let joined = lines.concat();
    (is_one && !joined.contains(char::is_whitespace)).then_some(joined)
}

/// What an authorization request asks for, as settings.
pub(super) fn request(url: &Url, params: &Params) -> Filled {
    let mut filled = Filled::new("an authorization request");
    filled.grant = params.get("response_type").and_then(grant_of_response);
    filled.put("authorization_endpoint", bare(url));
    let resources: Vec<&str> = params.all("resource").filter(|resource| !resource.is_empty()).collect();
    for (name, value) in params.iter() {
        match name {
            _ if DRAWN.contains(&name) => {}
            "request" | "request_uri" => {
                filled.note(format!("{name} is not taken over: what it says is in it, or at the server."));
            }
            // Several resources are words of one setting.
            "resource" if filled.get("resource").is_some() => {}
            "resource" => filled.put("resource", resources.join(" ")),
            _ if SETTINGS.contains(&name) => filled.put(name, value),
            _ => filled.put(format!("extra.{name}"), value),
        }
    }
    if !params.contains("code_challenge") && filled.grant.is_some_and(|grant| grant.has_code()) {
        filled.note("The request has no code_challenge: this program sends one.");
    }
    filled.note("The issuer is not in the request: fill it in, or the token endpoint.");
    filled.without_discovery();
    filled
}

/// A response belongs to the run that asked for it.
fn response(url: &Url, query: &Params, fragment: &Params) -> Filled {
    let mut filled = Filled::new(RESPONSE_URL);
    filled.put("redirect_uri", bare(url));
    if let Some(issuer) = query.get("iss").or_else(|| fragment.get("iss")) {
        filled.put("issuer", issuer);
    }
    filled.note(typed(
        "The response is taken by the run that asked for it: paste it where that run waits.",
        "--redirected-to.",
    ));
    filled
}
