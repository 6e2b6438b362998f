//! Answers as HTTP: JSON, errors, redirects, and the header fields that every answer carries.

use serde_json::{Map, Value, json};

use super::Practice;
use crate::base::http::{HttpResponse, JSON};
use crate::terms::error::OAuthError;

/// The protection space that challenges name (RFC 9110 section 11.5).
pub const REALM: &str = "practice server";

/// A JSON answer.
pub fn json(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status, JSON, format!("{body:#}\n"))
}

/// A refusal of the token endpoint with the status and challenge its code asks for (RFC 6749 section 5.2).
pub fn refusal(practice: &Practice, error: &OAuthError) -> HttpResponse {
    practice.why.refused(error);
    let answer = |status| json(status, &Value::Object(error_members(error)));
    match error.error.as_str() {
        // A 401 always carries a challenge (RFC 9110 section 15.5.2), also when Basic was not tried.
        "invalid_client" => answer(401).with_header("WWW-Authenticate", format!("Basic realm=\"{REALM}\"")),
        "server_error" => answer(500),
        _ => answer(400),
    }
}

/// `error` and `error_description` as JSON members.
pub fn error_members(error: &OAuthError) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("error".to_owned(), json!(wire_text(&error.error)));
    if let Some(description) = &error.error_description {
        members.insert("error_description".to_owned(), json!(wire_text(description)));
    }
    members
}

/// Sends the browser elsewhere. 303 turns a POST into a GET, so nothing that was posted travels on
/// (RFC 9700 section 4.12).
pub fn redirect(location: impl Into<String>) -> HttpResponse {
    let mut response = HttpResponse::new(303, "text/plain; charset=utf-8", "");
    response.headers.push("Location", location);
    response
}

/// Text within the characters that RFC 6749 section 5.2 allows in `error_description`; a double quote becomes a single
/// one, others `?`.
pub fn wire_text(text: &str) -> String {
    let allowed = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let written = |c: char| match c {
        c if allowed(c) => c,
        '"' => '\'',
        _ => '?',
    };
    // A section sign is none of these either, and readers of the sentence need it.
    text.replace('§', "section ").chars().map(written).collect()
}

/// Adds what every answer carries: nothing here may be stored, sniffed or told to other sites.
pub fn harden(mut response: HttpResponse, may_be_cached: bool) -> HttpResponse {
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    if may_be_cached {
        return response;
    }
    response.headers.set("Cache-Control", "no-store");
    // RFC 6749 section 5.1 asks for the old field too.
    response.headers.set("Pragma", "no-cache");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_over_the_wire_is_readable_and_plain() {
        assert_eq!(
            wire_text("\"S256\" is demanded (FAPI 2.0 §5.3.2.1)"),
            "'S256' is demanded (FAPI 2.0 section 5.3.2.1)"
        );
        assert_eq!(wire_text("a\\é\n"), "a???");
    }
}
