//! Whether the access token is active (RFC 7662, RFC 9701).

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::client::answer::Outcome;
use crate::client::asked::resource;
use crate::client::dpop::DPOP;
use crate::client::endpoint::introspection;
use crate::flow::session::{Session, Tokens};
use crate::flow::trace::Exchange;
use crate::jose::jwt::decode;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::{activity, form_value, introspecting, learn, needs_keys_for};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "introspect",
    name: "the introspection request",
    act: "Introspect the access token",
    spec: Spec::new("RFC 7662", "2.1"),
    steps: &[whole("Introspect", "introspection")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST introspection request")],
    label: Label::Read(activity),
    origin: |_, name| (name == "token").then_some("the access token in force"),
    citation: |name| matches!(name, "token" | "token_type_hint").then_some("RFC 7662 §2.1"),
    then: Some(Then {
        button: "Introspect the access token",
        lacks: |flow| match flow.lacks_access_token() {
            None if !flow.offers(Endpoint::Introspection) => Some("the server publishes no introspection_endpoint"),
            reason => reason,
        },
    }),
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::Introspection)?;
    Ok(introspection::request(endpoint, known.access_token()?, "access_token", known.settings).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let mut accepted = introspection::accept_as_asked(response, introspecting(exchange, session));
    let token = form_value(&exchange.request, "token").unwrap_or_default();
    if let Outcome::Success(said) = &accepted.outcome {
        let settings = &exchange.settings;
        let asked = introspection::Asked {
            token: &token,
            is_in_force: session.is_in_force(&token, exchange.came_at()),
            client_id: &settings.client.client_id,
            issuer: session.issuer(settings),
        };
        accepted.checks.push(introspection::fresh(said, asked));
        accepted.checks.push(introspection::in_time(said, exchange.came_at()));
        let is_it = |tokens: &&Tokens| tokens.response.access_token.as_ref().is_some_and(|it| it.expose() == token);
        if let Some(tokens) = session.tokens.iter().rev().find(is_it) {
            let is_dpop = tokens.response.is_of_type(DPOP);
            accepted.checks.extend(tokens.proven.judge_said(said, is_dpop, settings));
            let issuer = session.issuer_of(settings, &decode(&token));
            let asked = introspection::Asked { issuer: issuer.as_deref(), ..asked };
            accepted.checks.push(introspection::of_token(said, asked, session.sub().as_deref()));
            let client_id = &settings.client.client_id;
            accepted.checks.extend(resource::of_introspection(&tokens.asked.resource, said, client_id));
        }
        if said.get("active").and_then(Json::as_bool) == Some(false) {
            session.said_inactive.push(token.as_str().into());
        }
    }
    needs_keys_for(exchange, &introspection::signed(response), session, learn(accepted, |_| {}))
}
