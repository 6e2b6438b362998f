//! The token request of the grant, polls included (RFC 6749 section 4.1.3, RFC 8628 section 3.4, CIBA section 10.1).

use std::time::Duration;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::answer::{Outcome, is_basic};
use crate::client::authentication::shows_certificate;
use crate::client::endpoint::backchannel_push;
use crate::client::endpoint::token::{self, Asked};
use crate::flow::grant::{self, Lacking};
use crate::flow::session::{Session, Vain};
use crate::flow::step::Part;
use crate::flow::trace::Exchange;
use crate::flow::{Action, Flow, ProblemKind};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::scope;

use super::descriptor::{Descriptor, Label, Lane, Origin, Reading, Row, is_for_tokens, part};
use super::known::Known;
use super::reading::{form_value, keep_tokens, learn, lint_token, names_of_tokens, needs_keys};
use super::{Missing, Prepared, Progress, Stage, json_of};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "token",
    name: "the token request",
    act: "Send the token request",
    depends_on: |setting| !is_for_tokens(setting),
    spec: Spec::new("RFC 6749", "4.1.3"),
    steps: &[part("Exchange", "token", Part::Request), part("Tokens", "id_token", Part::Answer)],
    rows,
    detail,
    label: Label::Read(names_of_tokens),
    origin,
    citation: |name| (name == "auth_req_id").then_some("CIBA §10.1"),
    brings_tokens: true,
    is_worth_reading: true,
    prepare,
    left: |exchange, session| {
        let mut checks = lint_token(exchange, session);
        checks.extend(grant::mcp::lint_token(&exchange.request.form().unwrap_or_default(), session));
        checks
    },
    read,
    unanswered,
    again,
    ..Descriptor::DIRECT
};

fn rows(grant: Grant) -> Vec<Row> {
    let brings = if grant.has_user() { "access_token, id_token, refresh_token" } else { "access_token" };
    vec![Row::direct(Lane::Client, Lane::Server, "POST token request"), Row::direct(Lane::Server, Lane::Client, brings)]
}

/// What the token request trades.
fn detail(request: &HttpRequest) -> &'static str {
    let form = request.form().unwrap_or_default();
    match form.get("grant_type").unwrap_or_default() {
        "authorization_code" if form.contains("code_verifier") => "  code + code_verifier",
        "authorization_code" => "  code",
        "client_credentials" => "  client credentials",
        "password" => "  username + password",
        "urn:ietf:params:oauth:grant-type:device_code" => "  device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => "  assertion",
        "urn:ietf:params:oauth:grant-type:saml2-bearer" => "  SAML assertion",
        "urn:openid:params:grant-type:ciba" => "  auth_req_id",
        _ => "",
    }
}

fn origin(of: Origin<'_>, name: &str) -> Option<&'static str> {
    Some(match name {
        "code" => "from the redirect, single use",
        "device_code" => "from the device authorization response",
        "redirect_uri" => "must equal the request's",
        "resource" if of.grant == Grant::Mcp && of.settings.request.resource.is_empty() => {
            "the API, as it names itself"
        }
        "code_verifier" => "its SHA-256 is the request's code_challenge",
        "assertion" if !of.settings.request.assertion.is_empty() => return None,
        "assertion" if of.grant == Grant::JwtBearer => "made here and signed with private_key",
        "assertion" => "from assertion_url",
        _ => return None,
    })
}

/// The grant's own request, not before its time when the client polls.
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if let Some(reason) = known.asked_for_nothing() {
        return Ok(Prepared::Skip(reason));
    }
    if let Some(polling) = known.session.polling.filter(|polling| polling.next_at > known.now) {
        return Ok(Prepared::Action(Action::Sleep(polling.next_at)));
    }
    needs_client(known)?;
    let form = grant::token_form(known).map_err(|lacking| match lacking {
        Lacking::Value(field) => known.missing(field, "nothing has brought one yet, and none is filled in"),
        Lacking::Assertion(error) => known.unsealed(&error),
    })?;
    let mut draft = known.token_endpoint_draft(form.params)?;
    draft.seals.splice(0..0, form.seal);
    Ok(draft.into())
}

/// A client that acts by itself has to say who it is and to prove it (RFC 6749 section 4.4), and one that passes a password
/// on at least the first (section 3.2.1). What is chosen or typed all the same leaves as it is.
fn needs_client(known: &Known<'_>) -> Result<(), Missing> {
    let (client, additions) = (&known.settings.client, &known.settings.token_request);
    let is_by_itself = known.grant == Grant::ClientCredentials;
    let is_typed = !additions.headers.is_empty() || !additions.extra.is_empty();
    let is_omitted = scope::words(&additions.omit).any(|name| name == "client_id");
    if is_typed || !is_by_itself && known.grant != Grant::Password {
        return Ok(());
    }
    if !is_omitted {
        known.needs_client_id()?;
    }
    let has_no_method =
        client.token_endpoint_auth_method.is_empty() && known.settings.auth_method() == Some(ClientAuthMethod::None);
    match is_by_itself && has_no_method && !shows_certificate(known.settings) {
        true => Err(known.missing("client_secret", UNPROVEN)),
        false => Ok(()),
    }
}

/// What to do where nothing proves who asks.
const UNPROVEN: &str = "with client credentials the client proves who it is (RFC 6749 §4.4): fill it in, or choose a \
                        token_endpoint_auth_method; none sends the request without a proof";

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let (request, now) = (&exchange.request, exchange.came_at());
    if let Some(scope) = form_value(request, "scope") {
        session.asked = scope;
    }
    let asked = session.asked.clone();
    let grant_type = form_value(request, "grant_type").unwrap_or_default();
    let accepted =
        token::accept(response, Asked { scope: &asked, grant_type: &grant_type, is_basic: is_basic(request) });
    if let (Outcome::Refused(error), Some(polling)) = (&accepted.outcome, &mut session.polling)
        && polling.goes_on(&error.error, now)
    {
        if polling.expires_at > now {
            return (Progress::Again, accepted.checks);
        }
        // RFC 8628 section 3.5: the server should have said expired_token.
        let what = format!("{} although the time to approve is over", visible(&error.error));
        return (Progress::Stop(ProblemKind::Failed, what), accepted.checks);
    }
    let mut before = 0;
    if let (Some(polling), false, Some(vain)) =
        (&mut session.polling, matches!(accepted.outcome, Outcome::Success(_)), in_vain(response))
    {
        before = polling.in_vain;
        if polling.bears(vain, retry_after(response, now), now) {
            return (Progress::Again, token::passed_over(response));
        }
    }
    if matches!(accepted.outcome, Outcome::Success(_) | Outcome::Refused(_)) {
        session.polling = None;
    }
    let mut received = None;
    let (progress, mut checks) = learn(accepted, |tokens| received = Some(tokens));
    let Some(tokens) = received else {
        return (given_up(progress, before), checks);
    };
    let scope = tokens.scope.clone().unwrap_or(asked);
    checks.extend(keep_tokens(exchange, tokens, scope, session));
    session.used_code = form_value(request, "code").map(Secret::from);
    if grant_type == "authorization_code" {
        let has_challenge = session.authorization.as_ref().is_some_and(|sent| sent.get("code_challenge").is_some());
        checks.push(token::accept_verifier(has_challenge, &request.form().unwrap_or_default()));
    }
    checks.extend(session.validate(&exchange.settings, now));
    if let (Some(asked), Some(tokens)) = (&session.backchannel, session.tokens.last()) {
        checks.extend(backchannel_push::asked_for(&asked.auth_req_id, tokens.id_token.as_ref()));
    }
    (needs_keys(session, progress), checks)
}

/// Whether an answer may be of something that the next poll may get past: a limit, a gateway that failed or waited too
/// long, a page in place of the endpoint, a server that says so.
fn in_vain(response: &HttpResponse) -> Option<Vain> {
    let is_page = || response.text().trim_start().starts_with('<');
    let error = json_of(response).and_then(|json| json.text("error").map(str::to_owned));
    match (response.status, error.as_deref()) {
        (408 | 429 | 502..=504, _) | (_, Some("temporarily_unavailable")) => Some(Vain::Away),
        (500..600, _) | (_, Some("server_error")) => Some(Vain::Foreign),
        _ => (response.is_success() && is_page()).then_some(Vain::Foreign),
    }
}

/// How long a server asks to wait: seconds, or until when (RFC 9110 section 10.2.3).
fn retry_after(response: &HttpResponse, now: Timestamp) -> Option<Duration> {
    let wait = response.headers.get("retry-after")?.trim();
    let until = || Timestamp::parse_http_date(wait).map(|until| until.since(now));
    wait.parse().map(Duration::from_secs).ok().or_else(until)
}

/// A poll that ends the polling says how many before it got no better answer.
fn given_up(progress: Progress, before: u32) -> Progress {
    match (progress, before) {
        (Progress::Stop(ProblemKind::Failed, what), 1..) => {
            let polls =
                if before == 1 { "the poll before it".to_owned() } else { format!("the {before} polls before it") };
            Progress::Stop(ProblemKind::Failed, format!("{what}; {polls} got no better answer"))
        }
        (progress, _) => progress,
    }
}

/// A poll that reached nobody is made again (RFC 8628 section 3.5).
fn unanswered(exchange: &Exchange, session: &mut Session) -> Reading {
    let polling = session.polling.as_mut();
    let goes_on = polling.is_some_and(|polling| polling.bears(Vain::Away, None, exchange.came_at()));
    (if goes_on { Progress::Again } else { Progress::Advance }, Vec::new())
}

/// Errors that end what the user was asked for (RFC 8628 section 3.5, CIBA section 11), and two of Entra that say the same.
const ENDED: [&str; 6] = [
    "access_denied",
    "authorization_declined",
    "bad_verification_code",
    "expired_token",
    "invalid_grant",
    "transaction_failed",
];

/// What is used up: a device code or a backchannel request that was denied or is over; a code that was refused again or
/// used before (RFC 6749 section 4.1.2); an assertion that was fetched, about the user or the client.
fn again(flow: &Flow, kind: &ProblemKind) -> Option<Stage> {
    let (error, is_spent) = match kind {
        ProblemKind::Refused(error) => (error.error.as_str(), false),
        // The tokens came, so that what they were traded for is used up.
        ProblemKind::Unsafe => ("", true),
        ProblemKind::Failed => ("", false),
    };
    if error == "invalid_client" && flow.settings.fetches_client_assertion() {
        return Some(Stage::ClientAssertion);
    }
    match flow.grant {
        Grant::DeviceCode | Grant::Ciba => {
            let last = flow.trace.exchanges.last().map(|exchange| exchange.came_at());
            let is_over =
                flow.session.polling.zip(last).is_some_and(|(polling, came_at)| polling.expires_at <= came_at);
            let begins =
                if flow.grant == Grant::Ciba { Stage::BackchannelAuthentication } else { Stage::DeviceAuthorization };
            (is_spent || is_over || ENDED.contains(&error)).then_some(begins)
        }
        Grant::SamlBearer => (is_spent || error == "invalid_grant").then_some(Stage::Assertion),
        grant if grant.has_code() => {
            let session = &flow.session;
            let is_over = session.used_code.is_some() && session.used_code == session.code
                || flow.trace.tries_of(flow.position()) > 1;
            (is_spent || error == "invalid_grant" && is_over).then_some(Stage::Authorization)
        }
        _ => None,
    }
}
