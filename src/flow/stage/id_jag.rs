//! The access token request with an ID-JAG, at the resource authorization server
//! (draft-ietf-oauth-identity-assertion-authz-grant section 4.4).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::is_basic;
use crate::client::endpoint::id_jag;
use crate::client::endpoint::token::{self, Asked};
use crate::flow::session::Session;
use crate::flow::step::Part;
use crate::flow::trace::Exchange;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Travel, part};
use super::known::Known;
use super::reading::{keep_tokens, learn, lint_token, names_of_tokens};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "id_jag",
    name: "the access token request with the ID-JAG",
    act: "Present the ID-JAG",
    spec: Spec::new("ID-JAG", "4.4"),
    steps: &[part("ID-JAG", "id_jag", Part::Request), part("Access token", "id_jag", Part::Answer)],
    travel: Travel::Direct(Lane::ResourceServer),
    rows: |_| {
        vec![
            Row::direct(Lane::Client, Lane::ResourceServer, "POST token request: ID-JAG"),
            Row::direct(Lane::ResourceServer, Lane::Client, "access_token"),
        ]
    },
    detail: |_| "  ID-JAG as assertion",
    label: Label::Read(names_of_tokens),
    origin: |_, name| (name == "assertion").then_some("the ID-JAG of the exchange"),
    citation: |name| (name == "grant_type").then(|| Grant::JwtBearer.citation()),
    brings_tokens: true,
    is_worth_reading: true,
    prepare,
    left: |exchange, session| lint_token(exchange, session),
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(grant) = &known.session.id_jag else {
        return Ok(Prepared::Skip("no ID-JAG came"));
    };
    // What is typed is the endpoint of the server that issued the grant.
    let metadata = known.session.metadata.as_ref();
    let Some(endpoint) = metadata.and_then(|metadata| metadata.endpoint(Endpoint::Token)) else {
        return Err(known.missing("token_endpoint", "the resource authorization server publishes none"));
    };
    let endpoint = known.url("token_endpoint", endpoint)?;
    Ok(token::request(endpoint, id_jag::form(grant), known.settings).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let asked = session.id_jag.as_ref().map(|grant| grant.scope.clone()).unwrap_or_default();
    let grant_type = Grant::JwtBearer.grant_type();
    let mut bound = Vec::new();
    let (progress, mut checks) = learn(
        token::accept(response, Asked { scope: &asked, grant_type, is_basic: is_basic(&exchange.request) }),
        |tokens| {
            let scope = tokens.scope.clone().unwrap_or_else(|| asked.clone());
            bound.push(id_jag::renewal(&tokens));
            bound.extend(keep_tokens(exchange, tokens, scope, session));
        },
    );
    checks.extend(bound);
    (progress, checks)
}
