//! The browser's trip to the authorization endpoint and back (RFC 6749 sections 4.1.1 and 4.1.2, OIDC Core section 3).

use std::time::Duration;

use url::Url;

use crate::base::check::{Check, Verdict};
use crate::base::params::Params;
use crate::base::spec::Spec;
use crate::base::web_url::{NotWebUrl, web_url};
use crate::client::answer::{Accepted, Outcome};
use crate::client::asked::resource;
use crate::client::endpoint::authorization::{self, AuthorizationRequest, details, jarm};
use crate::client::endpoint::pushed_authorization;
use crate::client::{client_document, request_object, support};
use crate::flow::beside::can_be_offered_at;
use crate::flow::callback::{Callback, Errand};
use crate::flow::grant;
use crate::flow::joint::Joint;
use crate::flow::session::{Session, Tokens, requested, secret_key};
use crate::flow::step::Part;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Action, ProblemKind};
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Lane, Origin, Reading, Row, Travel, is_for_tokens, part};
use super::known::{Known, Place};
use super::reading::{lint_object, needs_keys, put_off, unprovable};
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "authorization",
    name: "the authorization request",
    act: "Open the browser",
    // The client authenticates itself nowhere before the token request.
    depends_on: |setting| {
        !is_for_tokens(setting)
            && !setting.starts_with("token_")
            && !setting.starts_with("client_assertion_")
            && !matches!(setting, "client_secret" | "private_key" | "kid" | "decryption_key" | "tls_client_certificate")
    },
    spec: Spec::new("RFC 6749", "4.1.1"),
    steps: &[
        part("Request", "authorization_request", Part::Request),
        part("Redirect", "redirect", Part::Wait),
        part("Code", "code", Part::Answer),
    ],
    travel: Travel::RoundTrip("sign in and consent"),
    rows: |_| {
        vec![
            Row::front(Lane::Client, Lane::Browser, "open the request"),
            Row::front(Lane::You, Lane::Server, "you sign in and consent"),
            Row::front(Lane::Server, Lane::Client, "redirect with code and state"),
        ]
    },
    origin,
    citation: |name| (name == "request_uri").then_some("RFC 9126 §2.2"),
    draw: |own, _, entropy| own.draw(entropy),
    forget: |own| own.drawn = None,
    prepare,
    unmet: |request, session, now| {
        let brought = request.query();
        let pushed = session.pushed_by(&brought);
        let demanded = support::demanded(&brought, session.metadata.as_ref(), pushed.map(|it| it.request.brought()));
        let in_time = pushed.map(|pushed| pushed.in_time(now));
        demanded.into_iter().chain(in_time).find(|check| check.verdict == Verdict::Fail)
    },
    left,
    called_back,
    meanwhile,
    waited: |wait, session| authorization::turned_away(session.authorization.as_ref(), wait.turned_away_for_state()),
    ..Descriptor::DIRECT
};

fn origin(of: Origin<'_>, name: &str) -> Option<&'static str> {
    let request = &of.settings.request;
    match name {
        "request_uri" => Some("from the answer to the pushed request"),
        "scope" if of.grant == Grant::Mcp && request.scope.is_empty() => Some("what the API asks for"),
        "resource" if of.grant == Grant::Mcp && request.resource.is_empty() => Some("the API, as it names itself"),
        _ => None,
    }
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Authorization)?;
    let params = match (asked(known)?, &known.session.pushed) {
        (Asked::Nowhere(wanted), _) => return Ok(Prepared::Action(Action::Listen(wanted))),
        (Asked::Params(_), Some(pushed)) if known.is_pushed => {
            let request = authorization::in_browser(endpoint, &pushed.parameters());
            return Ok(Prepared::browse(request, Errand::Authorization));
        }
        (Asked::Params(params), _) => params,
    };
    let request_uri = match known.offered_place()? {
        Some(Place::ToBind(wanted)) => return Ok(Prepared::Action(Action::Offer(wanted))),
        Some(Place::Known(request_uri)) => Some(request_uri),
        None => None,
    };
    let draft = authorization::opening(endpoint, &params, request_uri, known.settings);
    Ok(Prepared::Browse(draft, Errand::Authorization))
}

/// What is asked for, when it is known where the answer is awaited.
pub(super) enum Asked {
    /// The parameters.
    Params(Params),
    /// It has to be listened here first.
    Nowhere(Url),
}

/// The parameters of the authorization request of these settings, whatever will carry them.
pub(super) fn asked(known: &Known<'_>) -> Result<Asked, Missing> {
    known.needs_client_id()?;
    let typed = known.settings.client.redirect_uri.as_str();
    if let Some(hint) = unusable(typed) {
        return Err(known.missing("redirect_uri", hint));
    }
    let redirect_uri = match known.place(typed) {
        Place::Known(redirect_uri) => redirect_uri,
        Place::ToBind(wanted) => return Ok(Asked::Nowhere(wanted)),
    };
    let Some(drawn) = &known.own.drawn else {
        return Err(known.missing("state", "the transaction has not begun"));
    };
    let mut settings = grant::for_login(known).into_owned();
    settings.protection.dpop_private_key = known.own.proof_key(known.settings).cloned().unwrap_or_default();
    Ok(Asked::Params(authorization::parameters(&settings, &redirect_uri, drawn)))
}

/// What is wrong with a redirect URI. One with a scheme of its own is good for a program that the system starts.
fn unusable(typed: &str) -> Option<String> {
    let why = match web_url(typed) {
        Ok(_) | Err(NotWebUrl::Scheme(_)) => return None,
        Err(_) if typed.is_empty() => {
            "it says where the browser brings the answer, such as http://127.0.0.1:0/callback".to_owned()
        }
        Err(error) => format!("{typed}: {error}"),
    };
    Some(format!("{why}; to leave it out of the request, name it in omit"))
}

fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let url = &exchange.request.url;
    let brought = AuthorizationRequest::opened(&exchange.request);
    let pushed = session.pushed_by(brought.brought()).map(|pushed| pushed.request.brought());
    let demanded = support::demanded(brought.brought(), session.metadata.as_ref(), pushed);
    let (request, mut checks) = match session.pushed.as_mut().filter(|pushed| pushed.is_meant_by(&brought.params)) {
        Some(pushed) => {
            let mut checks = pushed.lint(&brought.params, exchange.sent_at);
            checks.extend(authorization::lint_address(url));
            pushed.opened += 1;
            (pushed.request.clone(), checks)
        }
        None => {
            let mut checks = authorization::lint(&brought, url, &exchange.settings);
            checks.push(support::prompt(&brought.params, session.metadata.as_ref()));
            checks.extend(support::response_mode(&brought.params, session.metadata.as_ref()));
            checks.extend(details::lint(&brought.params, session.metadata.as_ref()));
            checks.extend(resource::lint(&brought.params));
            checks.extend(lint_object(&brought, exchange, session));
            (brought, checks)
        }
    };
    checks.extend(demanded);
    checks.extend(grant::mcp::lint_authorization(&request.params, session));
    checks.extend(session.metadata.as_ref().and_then(|metadata| {
        client_document::announced(request.get("client_id")?, metadata, session.way_in.is_some())
    }));
    request.get("scope").unwrap_or_default().clone_into(&mut session.asked);
    session.requested = requested(&request.params);
    session.authorization = Some(request);
    session.asked_at = Some(exchange.sent_at);
    checks
}

/// Whether the server has looked into what the request refers to. What a JWT brings is not looked into here.
fn meanwhile(exchange: &Exchange, _: &mut Session) -> Vec<Check> {
    let query = exchange.request.query();
    let Some(request_uri) = query.get("request_uri").filter(|_| exchange.request.referred.is_some()) else {
        return Vec::new();
    };
    let is_offered = Url::parse(request_uri).is_ok_and(|url| can_be_offered_at(&url));
    let fetches = exchange.meanwhile.iter().filter(|arrival| arrival.request.method == "GET");
    let fetched: Vec<Duration> = fetches.map(|arrival| arrival.at.since(exchange.sent_at)).collect();
    let granted = match &exchange.answer {
        Answer::Callback(callback) if callback.params.contains("response") => None,
        Answer::Callback(callback) => Some(!callback.params.contains("error")),
        _ => Some(false),
    };
    vec![request_object::fetched(request_uri, &fetched, granted, is_offered)]
}

/// What came back, out of its JWT where it is in one, and what it brings as the answer to what was sent.
pub(super) fn read(
    exchange: &Exchange,
    callback: &Callback,
    sent: &AuthorizationRequest,
    session: &Session,
) -> (jarm::Opened, Accepted<authorization::Granted>) {
    let settings = &exchange.settings;
    let metadata = session.metadata.as_ref();
    let secret = secret_key(settings);
    let mut opened = jarm::open(
        &callback.params,
        callback.via.response_mode(),
        jarm::Expected {
            sent,
            issuer: session.issuer(settings),
            client_id: sent.get("client_id").unwrap_or(&settings.client.client_id),
            registered_alg: Some(settings.protection.authorization_signed_response_alg.as_str())
                .filter(|alg| !alg.is_empty()),
            jwks: session.jwks.as_ref(),
            client_secret: secret.as_ref(),
        },
        exchange.came_at(),
        settings,
    );
    let arrived = authorization::Arrived {
        params: &opened.params,
        outer: &callback.params,
        is_jwt: opened.is_jwt,
        response_mode: callback.via.response_mode(),
        redirect_uri: &callback.redirect_uri,
        joint: callback.joint.map(Joint::name),
        is_apart: callback.joint == Some(Joint::Apart),
        asked_user: callback.asked_user,
    };
    let expected = authorization::Expected {
        sent,
        issuer: session.issuer(settings),
        iss_announced: metadata.map(|metadata| metadata.flag("authorization_response_iss_parameter_supported")),
        mode_listed: metadata.is_none_or(|metadata| support::lists_mode(metadata, &sent.params)),
    };
    let accepted = match opened.closed.take() {
        Some(what) => authorization::closed(what),
        None => authorization::accept(arrived, expected),
    };
    (opened, accepted)
}

fn called_back(exchange: &Exchange, callback: &Callback, session: &mut Session) -> Reading {
    let settings = &exchange.settings;
    let now = exchange.came_at();
    let sent = session.authorization.clone().unwrap_or_default();
    let metadata = session.metadata.as_ref();
    let (opened, accepted) = read(exchange, callback, &sent, session);
    let mut checks = opened.checks;
    checks.extend(accepted.checks);
    let is_granted = matches!(accepted.outcome, Outcome::Success(_));
    let demands = metadata.is_some_and(|metadata| metadata.flag("require_pushed_authorization_requests"));
    checks.extend(pushed_authorization::ignored(demands, &sent, is_granted));
    let pushed = session.pushed.as_ref().filter(|pushed| pushed.request == sent);
    checks.extend(pushed.and_then(|pushed| pushed.used_again(&accepted.outcome)));
    let progress = match accepted.outcome {
        Outcome::Refused(error) => Progress::Stop(ProblemKind::Refused(error.clone()), error.to_string()),
        Outcome::Unreadable(what) => Progress::Stop(ProblemKind::Failed, what),
        Outcome::Success(granted) => {
            session.code = granted.code;
            session.code_received_at = Some(now);
            if let Some(tokens) = granted.tokens {
                checks.extend(unprovable(exchange, &tokens));
                let scope = tokens.scope.clone().unwrap_or_else(|| session.asked.clone());
                let tokens = Tokens::new(exchange, tokens, scope, session);
                checks.extend(tokens.asked.judge(&tokens.response, exchange, session));
                session.tokens.push(tokens);
                checks.extend(session.validate(settings, now));
            }
            let signed = callback.params.get("response").filter(|_| opened.is_jwt);
            if let Some(response) = signed {
                put_off(exchange, response, session, &mut checks);
            }
            needs_keys(session, Progress::Advance)
        }
    };
    (progress, checks)
}
