//! What several stages do when they read an answer.

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::client::answer::{Accepted, Outcome};
use crate::client::asked::resource;
use crate::client::encryption;
use crate::client::endpoint::authorization::{AuthorizationRequest, Carrier, details};
use crate::client::endpoint::token::TokenResponse;
use crate::client::endpoint::{id_jag, introspection, token};
use crate::client::request_object;
use crate::client::step_up::{self, Demand};
use crate::flow::difference::difference;
use crate::flow::session::{Session, Tokens};
use crate::flow::trace::Exchange;
use crate::flow::{Flow, ProblemKind};
use crate::jose::jwt::decode;

use super::descriptor::Reading;
use super::{Progress, Stage, json_of};

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

/// Keys rotate: a token that names an unknown key, or is not by the one it names, makes the set be fetched once more.
pub(super) fn needs_keys(session: &Session, progress: Progress) -> Progress {
    match progress {
        Progress::Advance if session.awaits_key() || session.has_put_off() => Progress::AdvanceWith(Stage::Jwks),
        progress => progress,
    }
}

/// The same for an answer that is signed: its signature is judged when the keys are there.
pub(super) fn needs_keys_for(
    exchange: &Exchange,
    signed: &str,
    session: &mut Session,
    (progress, mut checks): Reading,
) -> Reading {
    if let Progress::Advance = progress {
        put_off(exchange, signed.trim(), session, &mut checks);
    }
    (needs_keys_put_off(session, progress), checks)
}

/// The same for what has been put off already.
pub(super) fn needs_keys_put_off(session: &Session, progress: Progress) -> Progress {
    match progress {
        Progress::Advance if session.has_put_off() => Progress::AdvanceWith(Stage::Jwks),
        progress => progress,
    }
}

/// Leaves the signature of an answer open until the keys came. Those of a login between others are not fetched.
pub(super) fn put_off(exchange: &Exchange, signed: &str, session: &mut Session, checks: &mut [Check]) {
    if exchange.overheard.is_none() {
        session.put_off(|| encryption::inside(decode(signed), &exchange.settings), checks);
    }
}

/// The broken rule by which a client must use nothing of what came.
pub(in crate::flow) fn rejecting(checks: &[Check]) -> Option<&Check> {
    checks.iter().find(|check| check.rejects().is_some())
}

/// What must be rejected ends the run before anything more leaves: the next request would carry it on.
pub(in crate::flow) fn heed((progress, checks): Reading) -> Reading {
    let progress = match (progress, rejecting(&checks)) {
        // That what is wanted did not come is told as that. An error of another login is not acted on (RFC 9207 section 2.4).
        (progress @ Progress::Stop(ProblemKind::Failed | ProblemKind::Unsafe, _), _) | (progress, None) => progress,
        (_, Some(check)) => Progress::Stop(ProblemKind::Unsafe, difference(check)),
    };
    (progress, checks)
}

/// A parameter of a form that was sent.
pub(super) fn form_value(request: &HttpRequest, name: &str) -> Option<String> {
    request.form()?.get(name).map(str::to_owned)
}

/// Keeps tokens that came, and holds the access token to what the request for it proved to have.
pub(super) fn keep_tokens(
    exchange: &Exchange,
    tokens: TokenResponse,
    scope: String,
    session: &mut Session,
) -> Vec<Check> {
    let tokens = Tokens::new(exchange, tokens, scope, session);
    let mut checks = tokens.proven.judge(&tokens.response, &exchange.settings);
    checks.extend(tokens.asked.judge(&tokens.response, exchange, session));
    checks.extend(unprovable(exchange, &tokens.response));
    session.tokens.push(tokens);
    checks
}

/// An access token that wants a proof which this client does not make.
pub(super) fn unprovable(exchange: &Exchange, tokens: &TokenResponse) -> Option<Check> {
    // What a recording lacks, its client may have sent.
    let is_own = exchange.overheard.is_none();
    is_own.then(|| token::type_provable(tokens, &exchange.request, &exchange.settings)).flatten()
}

/// The login that is made anew where an API wants a stronger or a newer one (RFC 9470 section 5): the same token is refused
/// again. None where the API does not say which, or where the last login was that.
pub(super) fn login_anew(flow: &Flow, kind: &ProblemKind) -> Option<Stage> {
    let last = flow.trace.exchanges.last().filter(|_| matches!(kind, ProblemKind::Refused(_)))?;
    let response = last.response()?;
    step_up::demanded(response).filter(Demand::asks)?;
    let had_login = flow.stages().iter().take(flow.position()).any(|stage| *stage == Stage::Authorization);
    let is_in_vain = step_up::is_in_vain(&last.checks) || flow.session.gave_login(response, last.came_at()).is_some();
    (had_login && !is_in_vain).then_some(Stage::Authorization)
}

/// Rules for a request object, where the authorization request is one.
pub(super) fn lint_object(request: &AuthorizationRequest, exchange: &Exchange, session: &Session) -> Vec<Check> {
    let Some(object) = &request.object else { return Vec::new() };
    request_object::lint(request_object::Sent {
        object: &object.text,
        outside: &object.outside,
        is_pushed: request.carrier == Carrier::Pushed,
        issuer: session.issuer(&exchange.settings),
        metadata: session.metadata.as_ref(),
        now: exchange.sent_at,
    })
}

/// Rules for a request to the token endpoint.
pub(super) fn lint_token(exchange: &Exchange, session: &Session) -> Vec<Check> {
    let mut checks = token::lint(&exchange.request, &exchange.settings, session.metadata.as_ref());
    let form = exchange.request.form().unwrap_or_default();
    checks.extend(lint_asked(&form, session));
    let is_for_code = form.get("grant_type") == Some("authorization_code");
    checks.extend(resource::both(&session.requested, &form).filter(|_| is_for_code));
    checks.extend(id_jag::lint(&exchange.request));
    checks
}

/// Rules for what is asked for: services, permissions and claims.
pub(super) fn lint_asked(asked: &Params, session: &Session) -> Vec<Check> {
    let mut checks = details::lint(asked, session.metadata.as_ref());
    checks.extend(resource::lint(asked));
    checks
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
