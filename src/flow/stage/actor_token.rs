//! A token of who acts for the subject of an exchange, got by client credentials (RFC 8693 section 2.1).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::is_basic;
use crate::client::endpoint::token::{self, Asked};
use crate::flow::grant;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::grant::Grant;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::known::Known;
use super::reading::{form_value, learn, lint_token, names_of_tokens};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "actor_token",
    name: "the token request of the actor",
    act: "Get the token of the actor",
    spec: Spec::new("RFC 6749", "4.4.2"),
    steps: &[whole("Actor token", "client_credentials")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST token request of the actor")],
    detail: |_| "  the actor's client credentials",
    label: Label::Read(names_of_tokens),
    citation: |name| (name == "grant_type").then(|| Grant::ClientCredentials.citation()),
    prepare,
    left: |exchange, session| lint_token(exchange, session),
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    Ok(known.token_endpoint_draft(grant::client_credentials::actor_form())?.into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let scope = form_value(&exchange.request, "scope").unwrap_or_default();
    learn(
        token::accept(
            response,
            Asked { scope: &scope, grant_type: "client_credentials", is_basic: is_basic(&exchange.request) },
        ),
        |tokens| {
            session.actor_token = tokens.access_token;
        },
    )
}
