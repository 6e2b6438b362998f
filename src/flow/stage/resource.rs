//! A call of a protected API (RFC 6750 section 2).

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::challenge::{Challenge, challenges};
use crate::client::endpoint::resource_metadata::{announced, announcement};
use crate::client::endpoint::{id_jag, resource};
use crate::client::mcp::{self, StepUp};
use crate::client::step_up;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::flow::{Flow, ProblemKind};
use crate::terms::grant::Grant;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::{learn, login_anew};
use super::userinfo::lint_token_in_url;
use super::{Missing, Prepared, Stage};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "api",
    name: "the API call",
    act: "Call the API",
    spec: Spec::new("RFC 6750", "2"),
    steps: &[whole("API", "resource")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET the API with the access token")],
    detail: |_| "  with the access token",
    label: Label::Fixed("the API's answer"),
    then: Some(Then { button: "Call the API again", lacks: |flow| flow.lacks_access_token() }),
    is_worth_reading: true,
    prepare,
    left: lint_token_in_url,
    read,
    again,
    ..Descriptor::DIRECT
};

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let mut accepted = resource::accept(response, ());
    let challenges = challenges(response);
    session.resource_metadata_url = announced(&challenges).or_else(|| session.resource_metadata_url.take());
    let token = session.tokens.last().and_then(|tokens| tokens.response.access_token.as_ref());
    accepted.checks.extend(step_up::judge(response, token, exchange.came_at()));
    accepted.checks.extend(announcement(&challenges));
    accepted.checks.extend(wants_scope(&challenges, session));
    learn(accepted, |()| {})
}

/// Keeps the scope that a run which began at the API is refused for, so that it can be asked for (MCP, Step-Up
/// Authorization Flow).
fn wants_scope(challenges: &[Challenge], session: &mut Session) -> Option<Check> {
    let way_in = session.way_in.as_mut()?;
    let refused = challenges.iter().find(|challenge| challenge.get("error").as_deref() == Some(INSUFFICIENT))?;
    let wanted = refused.get("scope").unwrap_or_default();
    let granted = session.tokens.last().map(|tokens| tokens.scope.as_str()).unwrap_or_default();
    // Where no scope was asked for, what the server gave by itself is not to be lost either.
    let asked = if session.asked.is_empty() { granted } else { &session.asked };
    let step_up = StepUp { asked: asked.to_owned(), wanted };
    let check = mcp::granted(&step_up, granted);
    way_in.step_up = Some(step_up);
    Some(check)
}

/// A step-up signs in anew, as long as that asks for something new or may bring more.
fn again(flow: &Flow, kind: &ProblemKind) -> Option<Stage> {
    let ProblemKind::Refused(error) = kind else { return None };
    if let Some(login) = login_anew(flow, kind) {
        return Some(login);
    }
    let step_up = flow.session.way_in.as_ref()?.step_up.as_ref()?;
    (error.error == INSUFFICIENT && step_up.is_new()).then_some(Stage::Authorization)
}

const INSUFFICIENT: &str = "insufficient_scope";

/// Whether the API is of a server that has given no token: one of another is not sent there.
fn lacks_token_of_another(known: &Known<'_>) -> bool {
    let is_wanted = known.grant == Grant::TokenExchange && id_jag::is_wanted(known.settings);
    is_wanted && (known.session.id_jag.is_none() || known.session.here().is_empty())
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let api_url = known.settings.request.api_url.as_str();
    if api_url.is_empty() {
        return Ok(Prepared::Skip("no api_url is filled in"));
    }
    if let Some(reason) = known.asked_for_nothing() {
        return Ok(Prepared::Skip(reason));
    }
    if lacks_token_of_another(known) {
        return Ok(Prepared::Skip("the server that an ID-JAG is for gave no access token"));
    }
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_none()) {
        return Ok(Prepared::Skip("no access token came"));
    }
    let is_unusable = |kind: &String| kind.eq_ignore_ascii_case("n_a");
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.token_type.as_ref().is_some_and(is_unusable)) {
        return Ok(Prepared::Skip("the token that came is none for APIs"));
    }
    let url = known.url("api_url", api_url)?;
    let call = match &known.session.way_in {
        Some(way_in) => &mcp::completed(&known.settings.request, way_in.revision),
        None => &known.settings.request,
    };
    Ok(resource::api_request(url, known.presented_token()?, call).into())
}
