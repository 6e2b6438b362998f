//! The stages a run is made of: how each makes its request and what it learns from the answer.
//!
//! Each stage is a mirrored pair, [`prepare`] and [`answered`]; the messages themselves are in
//! `client::endpoint`, one file each.

use url::Url;

use crate::base::check::Check;
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::endpoint::{
    authorization, device_authorization, discovery, introspection, jwks, resource, revocation, token, userinfo,
};
use crate::client::settings::Settings;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::scope;

use super::Action;
use super::ProblemKind;
use super::callback::Callback;
use super::grant;
use super::session::{Polling, Session, Tokens};

/// One exchange, or one trip of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Server metadata.
    Discovery,
    /// The server's keys.
    Jwks,
    /// The browser's trip to the authorization endpoint and back.
    Authorization,
    /// Where a device begins.
    DeviceAuthorization,
    /// The user's trip to the page where the user code is typed.
    Verification,
    /// The token request of the grant.
    Token,
    /// Claims about the user.
    UserInfo,
    /// A call of a protected API.
    Resource,
    /// New tokens for a refresh token.
    Refresh,
    /// Whether the access token is active.
    Introspection,
    /// Giving the tokens up.
    Revocation,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 11] = [
        Self::Discovery,
        Self::Jwks,
        Self::Authorization,
        Self::DeviceAuthorization,
        Self::Verification,
        Self::Token,
        Self::UserInfo,
        Self::Resource,
        Self::Refresh,
        Self::Introspection,
        Self::Revocation,
    ];

    /// Its name in messages: `the token request`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "the JWKS request",
            Self::Authorization => "the authorization request",
            Self::DeviceAuthorization => "the device authorization request",
            Self::Verification => "the user's approval",
            Self::Token => "the token request",
            Self::UserInfo => "the UserInfo request",
            Self::Resource => "the API call",
            Self::Refresh => "the refresh request",
            Self::Introspection => "the introspection request",
            Self::Revocation => "the revocation request",
        }
    }

    /// What sending it does, as a button says it.
    pub const fn act(self) -> &'static str {
        match self {
            Self::Discovery => "Fetch the metadata",
            Self::Jwks => "Fetch the keys",
            Self::Authorization => "Open the browser",
            Self::DeviceAuthorization => "Send the device request",
            Self::Verification => "Open the verification page",
            Self::Token => "Send the token request",
            Self::UserInfo => "Get UserInfo",
            Self::Resource => "Call the API",
            Self::Refresh => "Refresh the tokens",
            Self::Introspection => "Introspect the access token",
            Self::Revocation => "Revoke the tokens",
        }
    }

    /// Its name in JSON and on the command line: `token`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Authorization => "authorization",
            Self::DeviceAuthorization => "device_authorization",
            Self::Verification => "verification",
            Self::Token => "token",
            Self::UserInfo => "userinfo",
            Self::Resource => "api",
            Self::Refresh => "refresh",
            Self::Introspection => "introspect",
            Self::Revocation => "revoke",
        }
    }

    /// The stage of this name.
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.slug() == slug)
    }
}

/// A value that a stage cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} needs {field}: {hint}", stage.name())]
pub struct Missing {
    /// The stage that asks.
    pub stage: Stage,
    /// The specification's name of the value.
    pub field: &'static str,
    /// Where to get it.
    pub hint: String,
}

/// What [`prepare`] made.
#[derive(Debug)]
pub(super) enum Prepared {
    /// The next action of the stage.
    Action(Action),
    /// The stage has nothing to do, and why.
    Skip(&'static str),
}

/// What an answer means for the run.
#[derive(Debug)]
pub(super) enum Progress {
    /// The stage is done.
    Advance,
    /// The stage is done, and another is needed before the next.
    AdvanceWith(Stage),
    /// The stage asks once more, elsewhere or later.
    Again,
    /// Nothing goes on by itself; the text says what came.
    Stop(ProblemKind, String),
}

/// What a stage works with beside what is known so far.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    /// Which grant runs.
    pub grant: Grant,
    /// What the user filled in.
    pub settings: &'a Settings,
    /// Counts from 1 within the stage.
    pub attempt: u32,
    /// The time.
    pub now: Timestamp,
}

/// What the stages know when they prepare.
struct Known<'a> {
    stage: Stage,
    grant: Grant,
    settings: &'a Settings,
    session: &'a Session,
}

impl Known<'_> {
    fn missing(&self, field: &'static str, hint: impl Into<String>) -> Missing {
        Missing { stage: self.stage, field, hint: hint.into() }
    }

    fn endpoint(&self, endpoint: Endpoint) -> Result<Url, Missing> {
        let Some(text) = self.settings.endpoint(endpoint, self.session.metadata.as_ref()) else {
            return Err(self.missing(endpoint.name(), "run discovery with an issuer, or fill it in by hand"));
        };
        self.url(endpoint.name(), text)
    }

    fn url(&self, field: &'static str, text: &str) -> Result<Url, Missing> {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() => Ok(url),
            Ok(_) => Err(self.missing(field, "it has to be an http or https URL")),
            Err(error) => Err(self.missing(field, format!("{text} is not a URL ({error})"))),
        }
    }

    fn access_token(&self) -> Result<&Secret, Missing> {
        let token = self.session.tokens.last().and_then(|tokens| tokens.response.access_token.as_ref());
        token.ok_or_else(|| self.missing("access_token", "no token response has brought one yet"))
    }
}

/// Makes the next action of a stage.
pub(super) fn prepare(
    stage: Stage,
    run: Run<'_>,
    session: &mut Session,
    entropy: &mut Entropy,
) -> Result<Prepared, Missing> {
    if stage == Stage::Authorization {
        session.draw(entropy);
    }
    let known = Known { stage, grant: run.grant, settings: run.settings, session };
    match stage {
        Stage::Discovery => prepare_discovery(&known, run.attempt),
        Stage::Jwks => prepare_jwks(&known),
        Stage::Authorization => prepare_authorization(&known),
        Stage::DeviceAuthorization => prepare_device(&known),
        Stage::Verification => prepare_verification(&known),
        Stage::Token => prepare_grant(&known, run.now),
        Stage::UserInfo => prepare_userinfo(&known),
        Stage::Resource => prepare_resource(&known),
        Stage::Refresh => prepare_refresh(&known),
        Stage::Introspection => prepare_introspection(&known),
        Stage::Revocation => prepare_revocation(&known),
    }
}

/// The grant's own token request, not before its time when the client polls.
fn prepare_grant(known: &Known<'_>, now: Timestamp) -> Result<Prepared, Missing> {
    if let Some(polling) = known.session.polling.filter(|polling| polling.next_at > now) {
        return Ok(Prepared::Action(Action::Sleep(polling.next_at)));
    }
    let form = grant::token_form(known.grant, known.settings, known.session)
        .map_err(|field| known.missing(field, "nothing has brought one yet, and none is filled in"))?;
    prepare_token(known, form)
}

fn prepare_refresh(known: &Known<'_>) -> Result<Prepared, Missing> {
    let pasted = Some(&known.settings.request.refresh_token).filter(|token| !token.is_empty());
    let Some(refresh_token) = known.session.refresh_token().or(pasted) else {
        let hint = "no token response has brought one; ask for offline_access, or paste one";
        return Err(known.missing("refresh_token", hint));
    };
    prepare_token(known, grant::refresh_token::form(refresh_token, &known.settings.request.refresh_scope))
}

fn prepare_device(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::DeviceAuthorization)?;
    let request = device_authorization::request(endpoint, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_verification(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(device) = &known.session.device else {
        return Err(known.missing("verification_uri", "no device authorization response has brought one"));
    };
    let uri = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    let url = known.url("verification_uri", uri)?;
    Ok(Prepared::Action(Action::Browse(HttpRequest::get(url))))
}

fn prepare_introspection(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Introspection)?;
    let request = introspection::request(endpoint, known.access_token()?, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

/// Gives up the refresh token where there is one, since that ends the access tokens too (RFC 7009 section 2.1).
fn prepare_revocation(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Revocation)?;
    let (token, hint) = match known.session.refresh_token() {
        Some(token) => (token, "refresh_token"),
        None => (known.access_token()?, "access_token"),
    };
    let request = revocation::request(endpoint, token, hint, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_discovery(known: &Known<'_>, attempt: u32) -> Result<Prepared, Missing> {
    let server = &known.settings.server;
    if !server.discovery {
        return Ok(Prepared::Skip("discovery is off"));
    }
    if server.issuer.is_empty() {
        return Err(known.missing("issuer", "fill it in, or turn discovery off and fill in the endpoints"));
    }
    let candidates = discovery::candidates(&server.issuer)
        .map_err(|_| known.missing("issuer", format!("{} is not an http or https URL", server.issuer)))?;
    let at = (attempt as usize - 1).min(candidates.len() - 1);
    Ok(Prepared::Action(Action::Send(discovery::request(candidates[at].url.clone()))))
}

fn prepare_jwks(known: &Known<'_>) -> Result<Prepared, Missing> {
    let is_published = known.settings.endpoint(Endpoint::Jwks, known.session.metadata.as_ref()).is_some();
    if !is_published {
        return Ok(Prepared::Skip("the server publishes no jwks_uri"));
    }
    Ok(Prepared::Action(Action::Send(jwks::request(known.endpoint(Endpoint::Jwks)?))))
}

fn prepare_authorization(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Authorization)?;
    if known.settings.client.client_id.is_empty() {
        return Err(known.missing("client_id", "register a client at the server and fill it in"));
    }
    let typed = known.settings.client.redirect_uri.as_str();
    let redirect_uri = match (&known.session.redirect_uri, Url::parse(typed)) {
        (Some(bound), Ok(wanted)) if is_bound_for(bound, &wanted) => bound.as_str(),
        (_, Ok(wanted)) if is_loopback(&wanted) && wanted.scheme() == "http" => {
            return Ok(Prepared::Action(Action::Listen(wanted)));
        }
        _ => typed,
    };
    let Some(drawn) = &known.session.drawn else {
        return Err(known.missing("state", "the transaction has not begun"));
    };
    Ok(Prepared::Action(Action::Browse(authorization::request(endpoint, known.settings, redirect_uri, drawn))))
}

/// Whether a bound listener serves the redirect URI as typed; port 0 takes any.
fn is_bound_for(bound: &Url, wanted: &Url) -> bool {
    let same_port = wanted.port() == Some(0) || wanted.port_or_known_default() == bound.port_or_known_default();
    same_port && wanted.host() == bound.host() && wanted.path() == bound.path() && wanted.query() == bound.query()
}

fn prepare_token(known: &Known<'_>, form: crate::base::params::Params) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Token)?;
    let request = token::request(endpoint, form, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_userinfo(known: &Known<'_>) -> Result<Prepared, Missing> {
    let is_published = known.settings.endpoint(Endpoint::UserInfo, known.session.metadata.as_ref()).is_some();
    if !is_published {
        return Ok(Prepared::Skip("the server publishes no userinfo_endpoint"));
    }
    match known.session.tokens.last() {
        Some(tokens) if tokens.response.access_token.is_none() => return Ok(Prepared::Skip("no access token came")),
        Some(tokens) if !scope::contains(&tokens.scope, "openid") => return Ok(Prepared::Skip("openid was not asked")),
        _ => {}
    }
    let request = userinfo::request(known.endpoint(Endpoint::UserInfo)?, known.access_token()?);
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_resource(known: &Known<'_>) -> Result<Prepared, Missing> {
    let api_url = known.settings.request.api_url.as_str();
    if api_url.is_empty() {
        return Ok(Prepared::Skip("no api_url is filled in"));
    }
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_none()) {
        return Ok(Prepared::Skip("no access token came"));
    }
    let request = resource::request("GET", known.url("api_url", api_url)?, known.access_token()?);
    Ok(Prepared::Action(Action::Send(request)))
}

/// Rules for a request as it left.
pub(super) fn lint(stage: Stage, request: &HttpRequest, settings: &Settings, session: &Session) -> Vec<Check> {
    match stage {
        Stage::Authorization => authorization::lint(request, settings),
        Stage::Token | Stage::Refresh => token::lint(request, settings, session.metadata.as_ref()),
        Stage::Resource | Stage::UserInfo => {
            let token = session.tokens.last().and_then(|tokens| tokens.response.access_token.clone());
            resource::lint(request, &token.unwrap_or_default())
        }
        _ => Vec::new(),
    }
}

/// Whether a stage has another place to ask after this attempt.
pub(super) fn has_alternative(stage: Stage, attempt: u32, settings: &Settings) -> bool {
    stage == Stage::Discovery
        && discovery::candidates(&settings.server.issuer).is_ok_and(|list| (attempt as usize) < list.len())
}

/// Reads the authorization response.
pub(super) fn called_back(
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

/// A client must use nothing of a response with a foreign state or iss (RFC 6749 section 10.12, RFC 9207 section 2.4).
fn unsafe_response(checks: &[Check]) -> Progress {
    let broken = checks.iter().find(|check| {
        check.verdict == crate::base::check::Verdict::Fail
            && matches!(check.rule.id, "authorization_response.state" | "authorization_response.iss")
    });
    match broken {
        None => Progress::Advance,
        Some(check) => Progress::Stop(
            ProblemKind::Unsafe,
            format!(
                "expected {}, saw {}",
                check.expected.as_deref().unwrap_or("nothing"),
                check.actual.as_deref().unwrap_or("nothing")
            ),
        ),
    }
}

/// Reads the answer of a direct request.
pub(super) fn answered(
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
        Stage::DeviceAuthorization => answered_device(request, response, session, now),
        Stage::Token => answered_token(request, response, run, session),
        Stage::Refresh => answered_refresh(request, response, settings, session, now),
        Stage::UserInfo => {
            let sub = session.sub();
            learn(userinfo::accept(response, sub.as_deref()), |claims| session.userinfo = Some(claims))
        }
        Stage::Resource => learn(resource::accept(response, ()), |()| {}),
        Stage::Introspection => learn(introspection::accept(response), |_| {}),
        Stage::Revocation => learn(revocation::accept(response), |()| {}),
        Stage::Authorization | Stage::Verification => {
            (Progress::Stop(ProblemKind::Failed, status(response)), Vec::new())
        }
    }
}

fn answered_device(
    request: &HttpRequest,
    response: &HttpResponse,
    session: &mut Session,
    now: Timestamp,
) -> (Progress, Vec<Check>) {
    session.asked = form_value(request, "scope").unwrap_or_default();
    learn(device_authorization::accept(response), |device| {
        session.polling = Some(Polling::begin(device.interval, device.expires_in, now));
        session.device = Some(device);
    })
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
        return (Progress::Again, accepted.checks);
    }
    let mut received = None;
    let (progress, mut checks) = learn(accepted, |tokens| received = Some(tokens));
    let Some(tokens) = received else {
        return (progress, checks);
    };
    let scope = tokens.scope.clone().unwrap_or(asked);
    session.polling = None;
    session.tokens.push(Tokens::new(Stage::Token, tokens, scope, run.now));
    session.used_code = form_value(request, "code").map(Secret::from);
    checks.extend(session.validate(run.settings, run.now));
    (needs_keys(session, progress), checks)
}

fn answered_refresh(
    request: &HttpRequest,
    response: &HttpResponse,
    settings: &Settings,
    session: &mut Session,
    now: Timestamp,
) -> (Progress, Vec<Check>) {
    let granted = session.tokens.last().map(|tokens| tokens.scope.clone()).unwrap_or_default();
    let accepted = token::accept(response, "");
    let mut received = None;
    let (progress, mut checks) = learn(accepted, |tokens| received = Some(tokens));
    let Some(tokens) = received else {
        return (progress, checks);
    };
    let used = request.form().and_then(|form| form.get("refresh_token").map(Secret::from)).unwrap_or_default();
    let is_public = settings.auth_method() == Some(ClientAuthMethod::None);
    checks.extend(token::accept_refresh(&tokens, &used, &granted, is_public));
    let scope = tokens.scope.clone().unwrap_or(granted);
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

/// The parsed body of an answer, for those who show it.
pub fn json_of(response: &HttpResponse) -> Option<Json> {
    Json::parse(&response.body).ok()
}
