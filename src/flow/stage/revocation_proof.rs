//! Whether the revoked token is dead: asked of introspection, of the token endpoint or of an API.

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::endpoint::{introspection, resource, revocation};
use crate::client::rules::management;
use crate::flow::grant;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::{activity, introspecting, learn, needs_keys_for};
use super::{Missing, Prepared, Stage};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "proof",
    name: "the proof of the revocation",
    act: "Prove that the token is dead",
    spec: Spec::new("RFC 7009", "2"),
    steps: &[whole("Proof", "revocation")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "is the revoked token dead?")],
    label: Label::Read(activity),
    origin: |_, name| (name == "token").then_some("the one that was revoked"),
    citation: |name| match name {
        "token" | "token_type_hint" => Some("RFC 7662 §2.1"),
        "grant_type" => Some(Grant::RefreshToken.citation()),
        _ => None,
    },
    then: Some(Then {
        button: "Prove that the token is dead",
        lacks: |flow| flow.session.revoked.is_none().then_some(NOT_REVOKED),
    }),
    after: Some(Stage::Revocation),
    wants_refusal: true,
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

const NOT_REVOKED: &str = "nothing was revoked in this run";

/// Uses a refresh token that was revoked, since introspection of many servers knows none and calls all of them inactive.
/// Asks about an access token, or a server without introspection to accept it.
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some((token, hint)) = &known.session.revoked else {
        return Ok(Prepared::Skip(NOT_REVOKED));
    };
    // A public client may not ask about tokens (RFC 7662 section 2.1).
    let may_ask = known.settings.auth_method() != Some(ClientAuthMethod::None);
    if *hint == "refresh_token" {
        return Ok(known.token_endpoint_draft(grant::refresh_token::form(token, "", ""))?.into());
    }
    if known.has(Endpoint::Introspection) && may_ask {
        let endpoint = known.client_endpoint(Endpoint::Introspection)?;
        return Ok(introspection::request(endpoint, token, hint, known.settings).into());
    }
    let url = match known.settings.request.api_url.as_str() {
        "" => known.endpoint(Endpoint::UserInfo)?,
        api_url => known.url("api_url", api_url)?,
    };
    Ok(resource::request("GET", url, known.presented(token)).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let expected = introspecting(exchange, session);
    let mut accepted = revocation::accept_proof(&exchange.request, response, expected);
    let was_dead = session.revoked.as_ref().is_some_and(|(token, _)| session.said_inactive.contains(token));
    if was_dead {
        let rule = &management::REVOKED_DEAD;
        accepted.checks.retain(|check| check.rule != rule);
        accepted
            .checks
            .push(rule.skipped("the server called it inactive before it was revoked, so this proves nothing"));
    }
    needs_keys_for(exchange, &introspection::signed(response), session, learn(accepted, |()| {}))
}
