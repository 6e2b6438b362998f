//! What several stages do when they read an answer.

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::client::answer::{Accepted, Outcome};
use crate::client::endpoint::{introspection, token};
use crate::flow::ProblemKind;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::Reading;
use super::{Progress, Stage, json_of};

/// Rules that tell whether a response belongs to the request: a client must use nothing of one with a foreign state or
/// iss (RFC 6749 section 10.12, RFC 9207 sections 2.4 and 4), nor take another page for the end of its logout.
const BELONGS: [&str; 5] =
    ["authorization_response.state", "authorization_response.iss", "id_token.iss", "logout.state", "logout.returned"];

/// Keeps what a successful answer brings.
pub(super) fn learn<T>(accepted: Accepted<T>, keep: impl FnOnce(T)) -> Reading {
    let progress = match accepted.outcome {
        Outcome::Success(value) => {
            keep(value);
            Progress::Advance
        }
        Outcome::Refused(error) => Progress::Stop(ProblemKind::Refused(error.clone()), error.to_string()),
        Outcome::Unreadable(what) => Progress::Stop(ProblemKind::Failed, what),
    };
    (progress, accepted.checks)
}

/// Keys rotate: a token that names an unknown key makes the set be fetched once more.
pub(super) fn needs_keys(session: &Session, progress: Progress) -> Progress {
    if matches!(progress, Progress::Advance) && session.awaits_key() {
        return Progress::AdvanceWith(Stage::Jwks);
    }
    progress
}

/// The check by which a response must not be used.
pub(in crate::flow) fn stopping(checks: &[Check]) -> Option<&Check> {
    let is_broken = |check: &&Check| matches!(check.verdict, Verdict::Fail | Verdict::Warn);
    checks.iter().filter(is_broken).find(|check| BELONGS.contains(&check.rule.id))
}

/// Stops at a response that a client must not use.
pub(super) fn unsafe_response(checks: &[Check]) -> Progress {
    let Some(check) = stopping(checks) else { return Progress::Advance };
    let what = match check.rule.id.rsplit('.').next() {
        Some("returned") => "address",
        name => name.unwrap_or_default(),
    };
    let (expected, saw) = (check.expected.as_deref(), check.actual.as_deref());
    let came = format!("{what}: expected {}, saw {}", expected.unwrap_or("nothing"), saw.unwrap_or("nothing"));
    Progress::Stop(ProblemKind::Unsafe, came)
}

/// A parameter of a form that was sent.
pub(super) fn form_value(request: &HttpRequest, name: &str) -> Option<String> {
    request.form()?.get(name).map(str::to_owned)
}

/// Rules for a request to the token endpoint.
pub(super) fn lint_token(exchange: &Exchange, session: &Session) -> Vec<Check> {
    token::lint(&exchange.request, &exchange.settings, session.metadata.as_ref())
}

/// What a signed introspection answer is held against.
pub(super) fn introspecting<'a>(exchange: &'a Exchange, session: &'a Session) -> introspection::Expected<'a> {
    let settings = &*exchange.settings;
    introspection::Expected { issuer: session.issuer(settings), jwks: session.jwks.as_ref(), settings }
}

/// The tokens that an answer names.
pub(super) fn names_of_tokens(response: &HttpResponse) -> Option<String> {
    let json = json_of(response)?;
    let names = ["access_token", "id_token", "refresh_token"].into_iter().filter(|name| json.get(name).is_some());
    Some(names.collect::<Vec<_>>().join(", "))
}

/// Whether an answer says that a token is active.
pub(super) fn activity(response: &HttpResponse) -> Option<String> {
    let said = introspection::said(response)?;
    let word = match said.get("active").and_then(Json::as_bool) {
        Some(true) => "active",
        Some(false) => "not active",
        None => "an answer",
    };
    Some(word.to_owned())
}
