//! Reading an answer: what came of it, and the rules that every JSON answer is held to.

use std::time::Duration;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::time::spoken;
use crate::client::body::{self, Body};
use crate::client::challenge::challenges;
use crate::client::rules::answer as rule;
use crate::terms::error::{OAuthError, says_no};
use crate::terms::metadata::Form;

pub use crate::client::body::{object, status};

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
    let json = match body::read(response) {
        Ok(Body { json, check }) => {
            checks.push(check);
            json
        }
        Err(what) => return Accepted { outcome: Outcome::Unreadable(what), checks },
    };
    if let Some(error) = refusal(response, &json) {
        return Accepted { outcome: Outcome::Refused(error), checks };
    }
    checks.extend(judge(&json));
    let outcome = match (response.is_success(), read(&json)) {
        (true, Some(read)) => Outcome::Success(read),
        (true, None) => Outcome::Unreadable(lacking(&json, needed)),
        (false, _) => Outcome::Unreadable(without_error(response, &json)),
    };
    Accepted { outcome, checks }
}

/// What a success lacks: what is needed is not there, or is of another type.
fn lacking(json: &Json, needed: &str) -> String {
    match json.get(needed) {
        None | Some(Json::Null | Json::String(_)) => format!("JSON without {needed}"),
        Some(other) => format!("JSON whose {needed} is {}, not a string", other.a_kind()),
    }
}

/// What the server says no with: in the words of the protocol, or, in an answer that is no success, in its own.
pub fn refusal(response: &HttpResponse, json: &Json) -> Option<OAuthError> {
    let foreign = || OAuthError::from_foreign(json).map(|(error, _)| error);
    OAuthError::from_json(json).or_else(|| if response.is_success() { None } else { foreign() })
}

/// What an answer is that is no success and says nothing of why.
pub fn without_error(response: &HttpResponse, json: &Json) -> String {
    let what = match json.get("error") {
        Some(_) => "an error without a word",
        None if body::misplaced_token(json).is_some() => "a token in it, and no error",
        None => "JSON that holds no error",
    };
    format!("status {} with {what}", status(response))
}

/// Members of an answer that tell of an error and hold nothing else.
const OF_ERRORS: [&str; 22] = [
    "code",
    "detail",
    "errcode",
    "errmsg",
    "error",
    "errorCode",
    "errorMessage",
    "error_code",
    "error_description",
    "error_uri",
    "errors",
    "fault",
    "message",
    "msg",
    "ok",
    "path",
    "request_id",
    "status",
    "success",
    "timestamp",
    "trace_id",
    "warnings",
];

/// The error in an object that came as a success, and whether it is all that the object holds.
pub fn error_within(json: &Json) -> Option<(OAuthError, bool)> {
    let has_error = json.get("error").is_some_and(|error| matches!(error, Json::Object(_)));
    let has_errors = json.get("errors").is_some_and(|errors| !errors.elements().is_empty());
    let foreign =
        || OAuthError::from_foreign(json).filter(|_| has_error || has_errors || says_no(json)).map(|(error, _)| error);
    let error = OAuthError::from_json(json).or_else(foreign)?;
    let is_of_error =
        |(name, value): &(String, Json)| matches!(value, Json::Null) || OF_ERRORS.contains(&name.as_str());
    Some((error, json.members().iter().all(is_of_error)))
}

/// The refusal in this answer, if it is one.
pub fn refusal_in(response: &HttpResponse) -> Option<OAuthError> {
    refusal(response, &body::read(response).ok()?.json)
}

/// What a success is that holds nothing to go on from.
pub fn unusable(came: &str) -> Check {
    rule::SUCCESS.broken("what was asked for", visible(came))
}

/// Longer than a healthy server takes, shorter than clients and proxies wait.
const SLOW: Duration = Duration::from_secs(5);

/// Holds the time to an answer against what clients wait for.
pub fn slow(took: Duration) -> Check {
    rule::SLOW.holds(took < SLOW, format!("within {}", spoken(SLOW)), spoken(took))
}

/// Holds a 401 against saying how to authenticate (RFC 9110 section 15.5.2). `None` for another answer.
pub fn challenge(rule: &'static Rule, response: &HttpResponse) -> Option<Check> {
    let challenge = response.headers.get("www-authenticate");
    let saw = challenge.map_or("absent".into(), visible);
    (response.status == 401).then(|| rule.holds(challenge.is_some(), "WWW-Authenticate", saw))
}

/// Holds a 401 that a client gets against naming the scheme by which it authenticated (RFC 6749 section 5.2). That it did
/// so by a scheme of HTTP `is_basic` says; without one there is none to name. `None` for another answer.
pub fn challenge_of_client(rule: &'static Rule, response: &HttpResponse, is_basic: bool) -> Option<Check> {
    let check = challenge(rule, response)?;
    let names_it = challenges(response).iter().any(|challenge| challenge.scheme.eq_ignore_ascii_case(BASIC));
    // A refusal of something else may name what that needs, such as a proof.
    let is_client = || refusal_in(response).is_some_and(|error| error.error == "invalid_client");
    Some(match (check.verdict, is_basic) {
        (Verdict::Pass, true) if !names_it && is_client() => {
            rule.broken("a challenge of the scheme Basic", check.actual.unwrap_or_default())
        }
        (Verdict::Fail, false) => rule.note("absent, and the client used no Authorization: Basic"),
        _ => check,
    })
}

/// Whether a request authenticates its client by the scheme of HTTP that OAuth knows (RFC 6749 section 2.3.1).
pub fn is_basic(request: &HttpRequest) -> bool {
    let field = request.headers.get("authorization").unwrap_or_default().trim();
    field.split(' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case(BASIC))
}

/// The scheme of RFC 7617.
const BASIC: &str = "Basic";

fn types(response: &HttpResponse) -> Vec<&str> {
    response.headers.all("content-type").collect()
}

/// Whether it stands there more than once, with two values.
fn has_two_types(response: &HttpResponse) -> bool {
    let types = types(response);
    types.iter().any(|one| !one.eq_ignore_ascii_case(types[0]))
}

/// Holds the content type against `application/json`. What has no body has no type, and a redirect, a limit or a failure
/// may be of a gateway that knows no other type.
pub fn content_type(rule: &'static Rule, response: &HttpResponse) -> Check {
    let is_empty = response.body.iter().all(u8::is_ascii_whitespace);
    match response.headers.content_type() {
        _ if is_empty && !response.is_success() => {
            rule.skipped(format!("an empty answer with status {}", status(response)))
        }
        other
            if other.as_deref() != Some(JSON)
                && matches!(response.status, 300..400 | 408 | 411 | 413 | 414 | 429 | 431 | 500..) =>
        {
            rule.skipped(format!(
                "{} with status {}",
                other.as_deref().map_or("no type".into(), visible),
                status(response)
            ))
        }
        // Which of them a client takes is anybody's guess (RFC 9110 sections 5.3 and 8.3).
        Some(media_type) if media_type == JSON && has_two_types(response) => {
            rule.warn("one Content-Type (RFC 9110 section 8.3)", visible(&types(response).join(" and ")))
        }
        Some(media_type) => rule.equal(JSON, &media_type),
        None => rule.broken(JSON, "no Content-Type"),
    }
}

/// Holds the members against occurring twice.
pub fn duplicates(rule: &'static Rule, json: &Json) -> Check {
    let repeated = json.duplicates();
    if repeated.is_empty() { rule.pass("none") } else { rule.broken("each member once", visible(&repeated.join(", "))) }
}

/// Holds the members whose types are known, as `form` tells them, against being of these.
pub fn member_types(rule: &'static Rule, json: &Json, form: fn(&str) -> Option<Form>) -> Check {
    let is_mistyped = |name: &str, value: &Json| form(name).is_some_and(|form| !form.fits(value));
    let wrong: Vec<&(String, Json)> = json.members().iter().filter(|(name, value)| is_mistyped(name, value)).collect();
    if wrong.is_empty() {
        return rule.pass("all known members");
    }
    let saw = |(name, value): &&(String, Json)| {
        let of = if matches!(value, Json::Array(_)) { " of other things" } else { "" };
        format!("{} is {}{of}, not {}", visible(name), value.a_kind(), form(name).map_or("", |form| form.words()))
    };
    let saw = wrong.iter().map(saw).collect::<Vec<_>>().join("; ");
    let expected = "the types of their definitions";
    // Written for "none", which is to be left out (RFC 8414 section 3.2); readers take it for that.
    match wrong.iter().all(|(_, value)| *value == Json::Null) {
        true => rule.warn(expected, saw),
        false => rule.broken(expected, saw),
    }
}

/// Holds the seconds between two polls against being some (RFC 8628 section 3.2, CIBA section 7.3).
pub fn interval(rule: &'static Rule, json: &Json, default: i64) -> Check {
    match json.get("interval").map(|value| (value, value.as_i64())) {
        None => rule.pass(format!("absent, so {default} s")),
        Some((_, Some(seconds))) if seconds > 0 => rule.pass(format!("{seconds} s")),
        Some((value, _)) => rule.broken("a positive number of seconds", visible(&value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict::{Fail, Note, Pass};
    use crate::client::rules::token::CHALLENGE;

    #[test]
    fn a_401_names_the_scheme_that_its_client_used() {
        const OF_CLIENT: &str = r#"{"error":"invalid_client"}"#;
        const OF_PROOF: &str = r#"{"error":"use_dpop_nonce"}"#;
        for (field, is_basic, body, verdict) in [
            ("Basic realm=\"a\"", true, OF_CLIENT, Pass),
            ("Bearer, BASIC realm=\"a\"", true, OF_CLIENT, Pass),
            ("Bearer realm=\"a\"", true, OF_CLIENT, Fail),
            ("DPoP algs=\"ES256\"", true, OF_PROOF, Pass),
            ("", true, OF_PROOF, Fail),
            ("", true, OF_CLIENT, Fail),
            ("Bearer", false, OF_CLIENT, Pass),
            ("", false, OF_CLIENT, Note),
        ] {
            let mut response = HttpResponse::new(401, JSON, body);
            if !field.is_empty() {
                response.headers.push("WWW-Authenticate", field);
            }
            let check = challenge_of_client(&CHALLENGE, &response, is_basic).expect("a check");
            assert_eq!(check.verdict, verdict, "{field} {is_basic} {body}");
            response.status = 400;
            assert!(challenge_of_client(&CHALLENGE, &response, is_basic).is_none());
        }
    }

    #[test]
    fn a_client_that_uses_a_scheme_of_http_is_noticed() {
        let url = "https://as.example/token".parse::<url::Url>().expect("a URL");
        let with = |field: &str| is_basic(&HttpRequest::get(url.clone()).with_header("Authorization", field));
        assert!(with("Basic a") && with(" basic a") && !with("Bearer a") && !with(""));
        assert!(!is_basic(&HttpRequest::get(url)));
    }
}
