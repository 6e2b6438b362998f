//! Reading an answer: what came of it, and the rules that every JSON answer is held to.

use std::time::Duration;

use crate::base::check::{Check, Rule};
use crate::base::http::{HttpResponse, JSON, reason};
use crate::base::json::{Json, JsonError};
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::client::rules::answer as rule;
use crate::client::strength::{TOKEN_BITS, bits};
use crate::terms::error::OAuthError;

/// What an answer amounts to. Broken rules are in the checks beside it, not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// The answer holds what was asked for.
    Success(T),
    /// The server said no, in the words of the protocol.
    Refused(OAuthError),
    /// The answer is neither; the text says what came instead.
    Unreadable(String),
}

/// An answer that was read, with every rule that was applied to it.
#[derive(Clone, Debug)]
pub struct Accepted<T> {
    /// What it amounts to.
    pub outcome: Outcome<T>,
    /// The rules, in the order they were applied.
    pub checks: Vec<Check>,
}

/// Reads the body as a JSON object, or says in plain words what came instead.
///
/// # Errors
/// A sentence such as `an HTML page ("Sign in") instead of JSON`.
pub fn object(response: &HttpResponse) -> Result<Json, String> {
    if (300..400).contains(&response.status) {
        let to = response.headers.get("location").map_or("nowhere".into(), visible);
        return Err(format!(
            "a redirect ({}) to {to}, which is not followed where credentials travel",
            status(response)
        ));
    }
    match Json::parse(&response.body) {
        Ok(json) if json.is_object() => Ok(json),
        Ok(json) => Err(format!("JSON, but {} {} instead of an object", article(json.kind()), json.kind())),
        Err(JsonError::Empty) => Err(format!("an empty answer with status {}", status(response))),
        Err(error) => Err(describe(response, &error)),
    }
}

/// Reads an answer in JSON: an error, or what `read` finds in it. `judge` holds the JSON to its rules;
/// `needed` names the members without which there is nothing to read.
pub fn read_object<T>(
    response: &HttpResponse,
    media_type: &'static Rule,
    judge: impl FnOnce(&Json) -> Vec<Check>,
    read: impl FnOnce(&Json) -> Option<T>,
    needed: &str,
) -> Accepted<T> {
    let mut checks = vec![content_type(media_type, response)];
    let json = match object(response) {
        Ok(json) => json,
        Err(what) => return Accepted { outcome: Outcome::Unreadable(what), checks },
    };
    if let Some(error) = OAuthError::from_json(&json) {
        return Accepted { outcome: Outcome::Refused(error), checks };
    }
    checks.extend(judge(&json));
    let outcome = match (response.is_success(), read(&json)) {
        (true, Some(read)) => Outcome::Success(read),
        (true, None) => Outcome::Unreadable(format!("JSON without {needed}")),
        (false, _) => Outcome::Unreadable(format!("status {} with JSON that holds no error", status(response))),
    };
    Accepted { outcome, checks }
}

fn describe(response: &HttpResponse, error: &JsonError) -> String {
    let text = response.text();
    let start: String = text.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    if !(start.starts_with("<!doctype html") || start.starts_with("<html")) {
        return format!("status {} with a body that is not JSON: {error}", status(response));
    }
    match title(&text) {
        Some(title) => format!("an HTML page (\"{title}\") with status {} instead of JSON", status(response)),
        None => format!("an HTML page with status {} instead of JSON", status(response)),
    }
}

fn title(page: &str) -> Option<String> {
    let from = page.find("<title>")? + "<title>".len();
    let length = page[from..].find('<')?;
    Some(elided(&visible(page[from..from + length].trim()), 60).into_owned())
}

const fn article(kind: &str) -> &'static str {
    match kind.as_bytes() {
        [b'a' | b'e' | b'i' | b'o' | b'u', ..] => "an",
        _ => "a",
    }
}

/// `404 Not Found`
pub fn status(response: &HttpResponse) -> String {
    format!("{} {}", response.status, reason(response.status)).trim_end().to_owned()
}

/// Longer than a healthy server takes, shorter than clients and proxies wait.
const SLOW: Duration = Duration::from_secs(5);

/// Holds the time to an answer against what clients wait for.
pub fn slow(took: Duration) -> Check {
    rule::SLOW.holds(took < SLOW, format!("within {}", spoken(SLOW)), spoken(took))
}

/// Holds the content type against `application/json`.
pub fn content_type(rule: &'static Rule, response: &HttpResponse) -> Check {
    match response.headers.content_type() {
        Some(media_type) => rule.equal(JSON, &visible(&media_type)),
        None => rule.broken(JSON, "no Content-Type"),
    }
}

/// Holds the members against occurring twice.
pub fn duplicates(rule: &'static Rule, json: &Json) -> Check {
    let repeated = json.duplicates();
    if repeated.is_empty() { rule.pass("none") } else { rule.broken("each member once", visible(&repeated.join(", "))) }
}

/// Holds the seconds between two polls against being some (RFC 8628 section 3.2, CIBA section 7.3).
pub fn interval(rule: &'static Rule, json: &Json, default: i64) -> Check {
    match json.get("interval").map(|value| (value, value.as_i64())) {
        None => rule.pass(format!("absent, so {default} s")),
        Some((_, Some(seconds))) if seconds > 0 => rule.pass(format!("{seconds} s")),
        Some((value, _)) => rule.broken("a positive number of seconds", visible(&value.to_string())),
    }
}

/// Holds a credential against being guessed.
pub fn entropy(rule: &'static Rule, credential: &str) -> Check {
    let bits = bits(credential);
    rule.holds(bits >= TOKEN_BITS, "at least 96 bits by estimate", format!("about {bits:.0} bits by estimate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_instead_of_json_is_said_in_plain_words() {
        for (status, body, says) in [
            (
                200,
                "<!DOCTYPE html><title>Sign in</title>",
                "an HTML page (\"Sign in\") with status 200 OK instead of JSON",
            ),
            (502, "<html><body>", "an HTML page with status 502 Bad Gateway instead of JSON"),
            (200, "", "an empty answer with status 200 OK"),
            (200, "[]", "JSON, but an array instead of an object"),
            (200, "{\"a\":", "status 200 OK with a body that is not JSON: EOF"),
            (302, "", "a redirect (302 Found) to https://other.example/"),
        ] {
            let response =
                HttpResponse::new(status, "text/html", body).with_header("Location", "https://other.example/");
            let error = object(&response).expect_err("no object");
            assert!(error.starts_with(says), "{error}");
        }
    }
}
