//! The pushed authorization request, its response, and what the browser carries then (RFC 9126).

use std::time::Duration;

use url::Url;

use super::authorization::{AuthorizationRequest, Carrier, binds_code};
use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::answer::{Accepted, Outcome, challenge_of_client, read_object, status};
use crate::client::dpop;
use crate::client::request_object::{self, Message};
use crate::client::rules::par as rule;
use crate::client::seal::{Draft, Seal, authenticated};
use crate::client::settings::Settings;
use crate::client::strength;

/// A request that waits at the server for the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// What was pushed.
    pub request: AuthorizationRequest,
    /// What the browser brings in its place.
    pub request_uri: Secret,
    /// When it was taken.
    pub pushed_at: Timestamp,
    /// When it is over, as far as the server has said it.
    pub expires_at: Option<Timestamp>,
    /// How often a browser was sent with it.
    pub opened: u32,
}

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What the browser brings in place of the request.
    pub request_uri: Secret,
    /// How long the request waits; `None` when that is not said in a way to count with.
    pub expires_in: Option<Duration>,
}

/// Parameters that prove who the client is, and are no part of what is asked (RFC 9126 section 2.1).
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// What a reference usually begins with (RFC 9126 section 2.2).
const USUAL: &str = "urn:ietf:params:oauth:request_uri:";
/// A year, in seconds.
const LONGEST: u64 = 365 * 24 * 3600;

/// Drafts the request, with the parameters that the browser would carry otherwise. Clients authenticate as at the token
/// endpoint.
pub fn request(endpoint: Url, params: &Params, settings: &Settings) -> Draft {
    let mut draft = authenticated(endpoint, params);
    if request_object::is_wanted(settings) {
        // What proves who the client is stays outside, so it comes after.
        let outside = settings.protection.request_object_outside.clone();
        draft.seals.insert(0, Seal::RequestObject { of: Message::Authorization, outside });
    }
    match settings.protection.dpop_pushed_proof && binds_code(settings) {
        true => draft.sealed_with(Seal::Dpop),
        false => draft,
    }
}

/// The authorization request in what was pushed.
pub fn pushed(sent: &HttpRequest) -> AuthorizationRequest {
    let mut params = sent.form().unwrap_or_default();
    AUTHENTICATION.into_iter().for_each(|name| params.remove(name));
    AuthorizationRequest { proven: dpop::jkt(sent), ..AuthorizationRequest::of(params, Carrier::Pushed) }
}

/// Holds what was pushed against what is particular to pushing.
pub fn lint(request: &AuthorizationRequest) -> Vec<Check> {
    let request_uri = request.brought().get("request_uri");
    let saw = request_uri.map_or("none".into(), visible);
    let mut checks = vec![rule::NO_REQUEST_URI.holds(request_uri.is_none(), "no request_uri", saw)];
    checks.extend(dpop::pushed_jkt(request.get("dpop_jkt"), request.proven.as_deref()));
    checks
}

/// What the server made of two keys in one request.
pub fn lint_answer(request: &AuthorizationRequest, is_taken: bool) -> Option<Check> {
    dpop::conflict(request.get("dpop_jkt"), request.proven.as_deref(), is_taken)
}

/// Reads the response.
pub fn accept(response: &HttpResponse, is_basic: bool) -> Accepted<Reference> {
    let judge = |json: &Json| {
        let request_uri = json.text("request_uri").unwrap_or_default();
        vec![
            rule::REQUEST_URI.holds(!request_uri.is_empty(), "request_uri", seen(json, "request_uri")),
            expires_in(json),
            strength::judge(&rule::ENTROPY, [("request_uri", random_part(request_uri))]),
        ]
    };
    let mut accepted = read_object(response, &rule::CONTENT_TYPE, judge, read, "request_uri");
    if matches!(accepted.outcome, Outcome::Success(_)) {
        accepted.checks.push(rule::STATUS.holds(response.status == 201, "201 Created", status(response)));
    }
    if let Outcome::Refused(error) = &accepted.outcome {
        accepted.checks.push(asks_user(&error.error));
    }
    accepted.checks.extend(challenge_of_client(&rule::CHALLENGE, response, is_basic));
    accepted
}

/// Errors that only a user can cause, who is not there yet (RFC 9126 section 2.3, RFC 6749 section 4.1.2.1, OIDC Core
/// section 3.1.2.6).
const OF_USERS: [&str; 5] =
    ["access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"];

fn asks_user(error: &str) -> Check {
    rule::OF_USER.holds(!OF_USERS.contains(&error), "an error of the request or of the client", visible(error))
}

fn read(json: &Json) -> Option<Reference> {
    Some(Reference {
        request_uri: json.text("request_uri").filter(|uri| !uri.is_empty())?.into(),
        expires_in: seconds(json).map(Duration::from_secs),
    })
}

/// The lifetime, when it is a positive integer. Longer ones than anybody waits are cut, so that times can be added.
fn seconds(json: &Json) -> Option<u64> {
    let seconds: u64 = json.get("expires_in")?.to_string().parse().ok()?;
    (seconds > 0).then_some(seconds.min(LONGEST))
}

fn seen(json: &Json, name: &str) -> String {
    json.get(name).map_or("absent".to_owned(), |value| visible(&value.to_string()).into_owned())
}

fn expires_in(json: &Json) -> Check {
    match seconds(json) {
        Some(seconds) => rule::EXPIRES_IN.pass(format!("{seconds} s")),
        None => rule::EXPIRES_IN.broken("a positive number of seconds", seen(json, "expires_in")),
    }
}

/// The part of a reference that may be random: what follows the usual beginning, else the longest between separators.
fn random_part(request_uri: &str) -> &str {
    if let Some(rest) = request_uri.strip_prefix(USUAL) {
        return rest;
    }
    request_uri.split([':', '/', '?', '=', '&', '#']).max_by_key(|part| part.len()).unwrap_or_default()
}

impl Pushed {
    /// The request of the browser: the reference, and who asks (RFC 9126 section 4).
    pub fn parameters(&self) -> Params {
        let client_id = self.request.get("client_id").unwrap_or_default();
        [("client_id", client_id), ("request_uri", self.request_uri.expose())].into_iter().collect()
    }

    /// Whether these parameters of an address refer to it.
    pub fn is_meant_by(&self, params: &Params) -> bool {
        params.get("request_uri") == Some(self.request_uri.expose())
    }

    /// Holds the lifetime of the reference against the time at which the browser is sent with it.
    pub fn in_time(&self, now: Timestamp) -> Check {
        match self.expires_at {
            None => rule::EXPIRED.skipped("the server has not said how long it is good for"),
            Some(end) if now < end => rule::EXPIRED.pass(format!("good for {} more", spoken(end.since(now)))),
            Some(end) => {
                rule::EXPIRED.broken("use before expires_in is over", format!("over for {}", spoken(now.since(end))))
            }
        }
    }

    /// Holds what the browser brings against what was pushed.
    pub fn lint(&self, brought: &Params, now: Timestamp) -> Vec<Check> {
        let client_id = brought.get("client_id").unwrap_or("absent");
        let outside: Vec<&str> =
            brought.iter().map(|(name, _)| name).filter(|name| !matches!(*name, "client_id" | "request_uri")).collect();
        let saw = if outside.is_empty() { "none".into() } else { visible(&outside.join(", ")).into_owned() };
        vec![
            rule::CLIENT_ID.equal(self.request.get("client_id").unwrap_or_default(), client_id),
            rule::OUTSIDE.holds(outside.is_empty(), "no other parameter", saw),
            rule::ONCE.holds(self.opened == 0, "a new request_uri", times(self.opened)),
            self.in_time(now),
        ]
    }

    /// Whether a request that was opened before brought something once more; nothing to say at the first time.
    pub fn used_again<T>(&self, outcome: &Outcome<T>) -> Option<Check> {
        (self.opened > 1).then(|| match outcome {
            Outcome::Success(_) => rule::SINGLE_USE.broken("no second answer", "granted again"),
            Outcome::Refused(_) => rule::SINGLE_USE.pass("not granted again"),
            Outcome::Unreadable(what) => rule::SINGLE_USE.skipped(what.clone()),
        })
    }
}

fn times(opened: u32) -> String {
    match opened {
        0 => "the first use".to_owned(),
        1 => "used once before".to_owned(),
        times => format!("used {times} times before"),
    }
}

/// Whether a server that demands pushed requests has answered another one; `None` where it demands none, or had one.
pub fn ignored(demands: bool, request: &AuthorizationRequest, is_granted: bool) -> Option<Check> {
    let is_plain = demands && request.carrier != Carrier::Pushed && !request.contains("request_uri");
    is_plain.then(|| {
        let saw = if is_granted { "granted without request_uri" } else { "refused" };
        rule::IGNORED.holds(!is_granted, "a refusal of a request that was not pushed", saw)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_reference_is_unreadable_and_a_lifetime_of_none_is_not_counted() {
        for body in ["", "<html>", "{}", r#"{"request_uri":""}"#, r#"{"request_uri":7}"#] {
            let accepted = accept(&HttpResponse::new(201, "application/json", body), true);
            assert!(matches!(accepted.outcome, Outcome::Unreadable(_)), "{body}");
        }
        for (expires_in, expected) in [("60", Some(60)), ("\"60\"", None), ("0", None), ("-1", None), ("1e99", None)] {
            let body = format!(r#"{{"request_uri":"urn:a","expires_in":{expires_in}}}"#);
            let Outcome::Success(reference) = accept(&HttpResponse::new(201, "application/json", body), true).outcome
            else {
                panic!("{expires_in}")
            };
            assert_eq!(reference.expires_in, expected.map(Duration::from_secs), "{expires_in}");
        }
    }

    #[test]
    fn what_may_be_random_is_found_in_every_form_of_a_reference() {
        for (uri, part) in [
            ("urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c", "6esc_11ACC5bwc014ltc14eY22c"),
            ("https://as.example/par/6esc_11ACC5bwc014ltc14eY22c?x=1", "6esc_11ACC5bwc014ltc14eY22c"),
            ("1234", "1234"),
        ] {
            assert_eq!(random_part(uri), part);
        }
    }
}
