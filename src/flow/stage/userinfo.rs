//! Claims about the user, for the access token (OIDC Core section 5.3).

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::asked;
use crate::client::endpoint::{resource, userinfo};
use crate::flow::Flow;
use crate::flow::session::{self, Session};
use crate::flow::trace::Exchange;
use crate::terms::metadata::Endpoint;
use crate::terms::scope;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::{learn, login_anew, needs_keys_for};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "userinfo",
    name: "the UserInfo request",
    act: "Get UserInfo",
    depends_on: |setting| !setting.starts_with("api_"),
    spec: Spec::new("OIDC Core", "5.3.1"),
    steps: &[whole("UserInfo", "userinfo")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET UserInfo with the access token")],
    detail: |_| "  with the access token",
    label: Label::Fixed("claims about the user"),
    origin: |_, name| (name == "access_token").then_some("from the last token response"),
    then: Some(Then { button: "Get UserInfo again", lacks }),
    is_worth_reading: true,
    prepare,
    left: lint_token_in_url,
    read,
    again: login_anew,
    ..Descriptor::DIRECT
};

fn lacks(flow: &Flow) -> Option<&'static str> {
    if let Some(reason) = flow.lacks_access_token() {
        return Some(reason);
    }
    let is_openid = flow.session.here().last().is_some_and(|tokens| scope::contains(&tokens.scope, "openid"));
    match (flow.offers(Endpoint::UserInfo), is_openid) {
        (false, _) => Some("the server publishes no userinfo_endpoint"),
        (true, false) => Some("the access token's scope has no openid"),
        (true, true) => None,
    }
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if let Some(reason) = known.asked_for_nothing() {
        return Ok(Prepared::Skip(reason));
    }
    if !known.has(Endpoint::UserInfo) {
        return Ok(Prepared::Skip("the server publishes no userinfo_endpoint"));
    }
    match known.session.here().last() {
        Some(tokens) if tokens.response.access_token.is_none() => return Ok(Prepared::Skip("no access token came")),
        Some(tokens) if !scope::contains(&tokens.scope, "openid") => {
            return Ok(Prepared::Skip("the access token's scope has no openid"));
        }
        _ => {}
    }
    let method = known.settings.request.userinfo_method.as_str();
    Ok(userinfo::request(known.client_endpoint(Endpoint::UserInfo)?, known.presented_token()?, method).into())
}

/// Rules for a request with an access token.
pub(super) fn lint_token_in_url(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let token = session.here().last().and_then(|tokens| tokens.response.access_token.clone());
    resource::lint(&exchange.request, &token.unwrap_or_default())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let settings = &exchange.settings;
    let sub = session.sub();
    let secret = session::secret_key(settings);
    let expected = userinfo::Expected {
        sub: sub.as_deref(),
        issuer: session.issuer(settings),
        registered_alg: Some(settings.client.userinfo_signed_response_alg.as_str()).filter(|alg| !alg.is_empty()),
        client_id: &settings.client.client_id,
        jwks: session.jwks.as_ref(),
        client_secret: secret.as_ref(),
        now: exchange.came_at(),
    };
    let accepted = userinfo::accept(response, expected, settings);
    let mut came = None;
    let (progress, mut checks) = learn(accepted, |claims| {
        session.learn_sources(&claims);
        session.put_off_sources(settings, &claims);
        let asked = session.requested.get("claims");
        came = asked.and_then(|asked| asked::claims::delivered(asked, "userinfo", &claims));
        session.userinfo = Some(claims);
    });
    checks.extend(came);
    needs_keys_for(exchange, &response.text(), session, (progress, checks))
}
