//! What each stage learns from what came back, and what that means for the run.

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::assertion;
use crate::client::authentication::shows_certificate;
use crate::client::endpoint::{
    authorization, backchannel_authentication, device_authorization, discovery, end_session, introspection, jwks,
    resource, revocation, token, token_exchange, userinfo,
};
use crate::client::settings::Settings;
use crate::flow::ProblemKind;
use crate::flow::callback::Callback;
use crate::flow::session::{Polling, Session, Tokens};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::metadata::Endpoint;

use super::{Progress, Run, Stage};

/// Rules for a request as it left.
pub(in crate::flow) fn lint(
    stage: Stage,
    request: &HttpRequest,
    settings: &Settings,
    session: &Session,
    now: Timestamp,
) -> Vec<Check> {
    let mut checks = match stage {
        Stage::Authorization => authorization::lint(request, settings),
        Stage::BackchannelAuthentication => backchannel_authentication::lint(request, settings),
        Stage::Logout => end_session::lint(request),
        Stage::Token | Stage::Refresh | Stage::Exchange | Stage::ActorToken => {
            token::lint(request, settings, session.metadata.as_ref())
        }
        Stage::Resource | Stage::UserInfo => {
            let token = session.tokens.last().and_then(|tokens| tokens.response.access_token.clone());
            resource::lint(request, &token.unwrap_or_default())
        }
        _ => Vec::new(),
    };
    let token_endpoint = settings.endpoint(Endpoint::Token, session.metadata.as_ref());
    let alias = session.metadata.as_ref().and_then(|metadata| metadata.mtls_endpoint(Endpoint::Token));
    // A server takes the URL that the request goes to as well (CIBA section 7.1).
    let here = request.url.as_str();
    let audiences: Vec<&str> =
        session.issuer(settings).into_iter().chain(token_endpoint).chain(alias).chain([here]).collect();
    checks.extend(assertion::lint(request, settings, &audiences, now));
    checks
}

/// Whether a stage has another place to ask after this attempt.
pub(in crate::flow) fn has_alternative(stage: Stage, attempt: u32, settings: &Settings) -> bool {
    stage == Stage::Discovery
        && discovery::candidates(&settings.server.issuer).is_ok_and(|list| (attempt as usize) < list.len())
}

/// Reads what came to a listener: an authorization response, a browser back from a logout, or a ping.
pub(in crate::flow) fn called_back(
    stage: Stage,
    callback: &Callback,
    settings: &Settings,
    session: &mut Session,
    now: Timestamp,
) -> (Progress, Vec<Check>) {
    match stage {
        Stage::Logout => {
            let sent = session.sent_logout.clone().unwrap_or_default();
            let checks = end_session::accept(&callback.params, &callback.redirect_uri, &sent);
            (unsafe_response(&checks), checks)
        }
        Stage::Notification => pinged(callback, session, now),
        _ => authorized(callback, settings, session, now),
    }
}

/// A ping says that the user has decided: the client asks at once.
fn pinged(callback: &Callback, session: &mut Session, now: Timestamp) -> (Progress, Vec<Check>) {
    let Some(acknowledged) = &session.backchannel else { return (Progress::Advance, Vec::new()) };
    let checks = backchannel_authentication::accept_ping(&callback.params, &acknowledged.auth_req_id);
    if let Some(polling) = &mut session.polling {
        polling.next_at = now;
    }
    (Progress::Advance, checks)
}

fn authorized(
    callback: &Callback,
    settings: &Settings,
    session: &mut Session,
    now: Timestamp,
) -> (Progress, Vec<Check>) {
    let sent = session.sent.clone().unwrap_or_default();
    let metadata = session.metadata.as_ref();
    let arrived = authorization::Arrived {
        params: &callback.params,
        response_mode: callback.via.response_mode(),
        redirect_uri: &callback.redirect_uri,
    };
    let expected = authorization::Expected {
        sent: &sent,
        issuer: session.issuer(settings),
        iss_announced: metadata.is_some_and(|metadata| metadata.flag("authorization_response_iss_parameter_supported")),
        response_mode: settings.response_mode(),
    };
    let accepted = authorization::accept(arrived, expected);
    let mut checks = accepted.checks;
    let progress = match accepted.outcome {
        Outcome::Refused(error) => Progress::Stop(ProblemKind::Refused(error.clone()), error.to_string()),
        Outcome::Unreadable(what) => Progress::Stop(ProblemKind::Failed, what),
        Outcome::Success(granted) => {
            session.code = granted.code;
            session.code_received_at = Some(now);
            if let Some(tokens) = granted.tokens {
                let scope = tokens.scope.clone().unwrap_or_else(|| session.asked.clone());
                session.tokens.push(Tokens::new(Stage::Authorization, tokens, scope, now));
                checks.extend(session.validate(settings, now));
            }
            needs_keys(session, unsafe_response(&checks))
        }
    };
    (progress, checks)
}

/// Rules that tell whether a response belongs to the request: a client must use nothing of one with a foreign state or
/// iss (RFC 6749 section 10.12, RFC 9207 sections 2.4 and 4), nor take another page for the end of its logout.
const BELONGS: [&str; 5] =
    ["authorization_response.state", "authorization_response.iss", "id_token.iss", "logout.state", "logout.returned"];

fn unsafe_response(checks: &[Check]) -> Progress {
    let broken = checks
        .iter()
        .find(|check| matches!(check.verdict, Verdict::Fail | Verdict::Warn) && BELONGS.contains(&check.rule.id));
    match broken {
        None => Progress::Advance,
        Some(check) => Progress::Stop(
            ProblemKind::Unsafe,
            format!(
                "{}: expected {}, saw {}",
                match check.rule.id.rsplit('.').next() {
                    Some("returned") => "address",
                    name => name.unwrap_or_default(),
                },
                check.expected.as_deref().unwrap_or("nothing"),
                check.actual.as_deref().unwrap_or("nothing")
            ),
        ),
    }
}

/// Reads the answer of a direct request.
pub(in crate::flow) fn answered(
    stage: Stage,
    request: &HttpRequest,
    response: &HttpResponse,
    run: Run<'_>,
    session: &mut Session,
) -> (Progress, Vec<Check>) {
    let Run { settings, now, .. } = run;
    match stage {
        Stage::Discovery => {
            let accepted = discovery::accept(response, &settings.server.issuer);
            let found = matches!(accepted.outcome, Outcome::Success(_));
            let tried_all = is_last_candidate(request, settings);
            match (found, tried_all) {
                (false, false) => (Progress::Again, accepted.checks),
                _ => learn(accepted, |metadata| session.metadata = Some(metadata)),
            }
        }
        Stage::Jwks => {
            let (progress, mut checks) = learn(jwks::accept(response), |set| session.jwks = Some(set));
            checks.extend(session.revalidate(settings, now));
            (progress, checks)
        }
        Stage::DeviceAuthorization => {
            session.asked = form_value(request, "scope").unwrap_or_default();
            learn(device_authorization::accept(response), |device| {
                session.polling = Some(Polling::begin(device.interval, device.expires_in, now));
                session.device = Some(device);
            })
        }
        Stage::BackchannelAuthentication => {
            session.asked = form_value(request, "scope").unwrap_or_default();
            learn(backchannel_authentication::accept(response), |acknowledged| {
                session.polling = Some(Polling::begin(acknowledged.interval, acknowledged.expires_in, now));
                session.backchannel = Some(acknowledged);
            })
        }
        Stage::Assertion => answered_assertion(response, session),
        Stage::ActorToken => {
            let accepted = token::accept(response, form_value(request, "scope").as_deref().unwrap_or_default());
            learn(accepted, |tokens| session.actor_token = tokens.access_token)
        }
        Stage::Token => answered_token(request, response, run, session),
        Stage::Exchange => answered_exchange(request, response, session, now),
        Stage::Refresh => answered_refresh(request, response, settings, session, now),
        Stage::RefreshReuse => {
            let used = session.used_refresh_token.as_ref();
            let rotates = session.refresh_token().is_some_and(|newest| Some(newest) != used);
            learn(token::accept_reuse(response, must_rotate(settings) || rotates), |()| {})
        }
        Stage::UserInfo => {
            let sub = session.sub();
            learn(userinfo::accept(response, sub.as_deref()), |claims| session.userinfo = Some(claims))
        }
        Stage::Resource => learn(resource::accept(response, ()), |()| {}),
        Stage::Introspection => {
            let expected =
                introspection::Expected { issuer: session.issuer(settings), jwks: session.jwks.as_ref(), settings };
            learn(introspection::accept_as_asked(response, expected), |_| {})
        }
        Stage::Revocation => learn(revocation::accept(response), |()| session.revoked = revoked(request)),
        Stage::RevocationProof => {
            let expected =
                introspection::Expected { issuer: session.issuer(settings), jwks: session.jwks.as_ref(), settings };
            learn(revocation::accept_proof(request, response, expected), |()| {})
        }
        Stage::Authorization | Stage::Verification | Stage::Notification | Stage::Logout => {
            (Progress::Stop(ProblemKind::Failed, status(response)), Vec::new())
        }
    }
}

/// XML, or its encoding; what it says is the authorization server's to judge.
fn answered_assertion(response: &HttpResponse, session: &mut Session) -> (Progress, Vec<Check>) {
    let text = response.text();
    let is_assertion = text.trim_start().starts_with('<') && text.contains("Assertion") || {
        assertion::saml_xml(text.trim()).is_some_and(|xml| xml.contains("Assertion"))
    };
    if !response.is_success() || !is_assertion {
        let what = format!("status {} without a SAML assertion", status(response));
        return (Progress::Stop(ProblemKind::Failed, what), Vec::new());
    }
    session.assertion = Some(Secret::new(text));
    (Progress::Advance, Vec::new())
}

fn answered_exchange(
    request: &HttpRequest,
    response: &HttpResponse,
    session: &mut Session,
    now: Timestamp,
) -> (Progress, Vec<Check>) {
    let form = request.form().unwrap_or_default();
    learn(token_exchange::accept(response, &form), |tokens| {
        let asked = form.get("scope").unwrap_or_default();
        let scope = tokens.scope.clone().unwrap_or_else(|| asked.to_owned());
        session.tokens.push(Tokens::new(Stage::Exchange, tokens, scope, now));
    })
}

/// The token that a revocation request gave up.
fn revoked(request: &HttpRequest) -> Option<(Secret, &'static str)> {
    let form = request.form()?;
    let hint = if form.get("token_type_hint") == Some("refresh_token") { "refresh_token" } else { "access_token" };
    Some((form.get("token")?.into(), hint))
}

fn form_value(request: &HttpRequest, name: &str) -> Option<String> {
    request.form()?.get(name).map(str::to_owned)
}

fn is_last_candidate(request: &HttpRequest, settings: &Settings) -> bool {
    let candidates = discovery::candidates(&settings.server.issuer).unwrap_or_default();
    let at = candidates.iter().position(|candidate| candidate.url == request.url);
    at.is_none_or(|at| at + 1 == candidates.len())
}

fn learn<T>(accepted: Accepted<T>, keep: impl FnOnce(T)) -> (Progress, Vec<Check>) {
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

fn answered_token(
    request: &HttpRequest,
    response: &HttpResponse,
    run: Run<'_>,
    session: &mut Session,
) -> (Progress, Vec<Check>) {
    if let Some(scope) = form_value(request, "scope") {
        session.asked = scope;
    }
    let asked = session.asked.clone();
    let accepted = token::accept(response, &asked);
    if let (Outcome::Refused(error), Some(polling)) = (&accepted.outcome, &mut session.polling)
        && polling.goes_on(&error.error, run.now)
    {
        if polling.expires_at > run.now {
            return (Progress::Again, accepted.checks);
        }
        // RFC 8628 section 3.5: the server should have said expired_token.
        let what = format!("{} although the time to approve is over", visible(&error.error));
        return (Progress::Stop(ProblemKind::Failed, what), accepted.checks);
    }
    if matches!(accepted.outcome, Outcome::Success(_) | Outcome::Refused(_)) {
        session.polling = None;
    }
    let mut received = None;
    let (progress, mut checks) = learn(accepted, |tokens| received = Some(tokens));
    let Some(tokens) = received else {
        return (progress, checks);
    };
    let scope = tokens.scope.clone().unwrap_or(asked);
    session.tokens.push(Tokens::new(Stage::Token, tokens, scope, run.now));
    session.used_code = form_value(request, "code").map(Secret::from);
    checks.extend(session.validate(run.settings, run.now));
    (needs_keys(session, progress), checks)
}

/// A public client's refresh tokens are rotated, unless they may be bound to its certificate (RFC 9700 section 2.2.2,
/// RFC 8705 section 4).
fn must_rotate(settings: &Settings) -> bool {
    settings.auth_method() == Some(ClientAuthMethod::None) && !shows_certificate(settings)
}

fn answered_refresh(
    request: &HttpRequest,
    response: &HttpResponse,
    settings: &Settings,
    session: &mut Session,
    now: Timestamp,
) -> (Progress, Vec<Check>) {
    // Without a scope a refresh asks for what the user granted (RFC 6749 section 6).
    let granted = session.tokens.first().map(|tokens| tokens.scope.clone());
    let asked = form_value(request, "scope").or(granted).unwrap_or_default();
    let allowed = session.ever_granted(settings);
    let mut accepted = token::accept(response, &asked);
    // A refresh may leave the ID token out (OIDC Core section 12.2).
    accepted.checks.retain(|check| check.rule.id != "token.id_token");
    let mut received = None;
    let (progress, mut checks) = learn(accepted, |tokens| received = Some(tokens));
    let Some(tokens) = received else {
        return (progress, checks);
    };
    let used = request.form().and_then(|form| form.get("refresh_token").map(Secret::from)).unwrap_or_default();
    session.used_refresh_token = Some(used.clone());
    checks.extend(token::accept_refresh(&tokens, &used, &allowed, must_rotate(settings)));
    let scope = tokens.scope.clone().unwrap_or(asked);
    session.tokens.push(Tokens::new(Stage::Refresh, tokens, scope, now));
    checks.extend(session.validate_refreshed(settings, now));
    (needs_keys(session, progress), checks)
}

/// Keys rotate: a token that names an unknown key makes the set be fetched once more.
fn needs_keys(session: &Session, progress: Progress) -> Progress {
    if matches!(progress, Progress::Advance) && session.awaits_key() {
        return Progress::AdvanceWith(Stage::Jwks);
    }
    progress
}
