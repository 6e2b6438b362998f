//! The server's keys (OIDC Core section 10.1, RFC 7517).

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::endpoint::jwks;
use crate::client::endpoint::signed_metadata::{self, OF_SERVER, Verifier};
use crate::client::seal::Draft;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::flow::{Flow, ProblemKind};
use crate::terms::metadata::{Endpoint, ServerMetadata};

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::discovery::finds_server;
use super::known::Known;
use super::reading::learn;
use super::{Missing, Prepared, Stage, discovery, json_of, resource_metadata};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "jwks",
    name: "the JWKS request",
    act: "Fetch the keys",
    depends_on: |setting| setting == "jwks_uri" || finds_server(setting),
    spec: Spec::new("OIDC Core", "10.1"),
    steps: &[whole("Keys", "jwks")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET keys")],
    label: Label::Read(count),
    prepare,
    left: |_, session| {
        session.has_asked_for_keys = true;
        Vec::new()
    },
    read,
    again,
    ..Descriptor::DIRECT
};

/// What was judged by these keys came before them, and is wanted anew: another fetch would bring the same keys.
fn again(flow: &Flow, kind: &ProblemKind) -> Option<Stage> {
    let brings_tokens = |stage: &&Stage| matches!(stage, Stage::Authorization | Stage::Token | Stage::Refresh);
    let brought = flow.stages()[..flow.position()].iter().rev().find(brings_tokens)?;
    (*kind == ProblemKind::Unsafe).then(|| (brought.descriptor().again)(flow, kind).unwrap_or(*brought))
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if !known.has(Endpoint::Jwks) {
        return Ok(Prepared::Skip("the server publishes no jwks_uri"));
    }
    Ok(Draft::of(jwks::request(known.endpoint(Endpoint::Jwks)?)).into())
}

/// Keys may come after the token that needs them, which is validated anew then. They are fetched once for a key that may
/// have changed under its name.
fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let of_token = !session.has_put_off() || session.awaits_key();
    let is_first = session.jwks.is_none();
    let (progress, mut checks) = learn(jwks::accept(response), |set| {
        session.judges_at_once |= session.jwks.is_some();
        session.jwks = Some(set);
    });
    if of_token {
        checks.extend(session.revalidate(&exchange.settings, exchange.came_at()));
    }
    checks.extend(session.judge_put_off());
    if is_first {
        checks.extend(signed(exchange, session));
    } else if session.has_unjudged_metadata {
        checks.extend(resource_metadata::signed(exchange, session));
    }
    (discovery::needs_client(&exchange.settings, session, progress), checks)
}

/// What was signed before the keys were known: the metadata of the server, and those of an API.
fn signed(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let Some((metadata, set)) = session.metadata.as_ref().zip(session.jwks.as_ref()) else { return Vec::new() };
    let by = Verifier { issuer: metadata.issuer(), keys: Some(&set.keys), now: exchange.came_at() };
    let mut checks = signed_metadata::judge(&metadata.json, OF_SERVER, &by);
    if signed_metadata::are_verified(&checks, OF_SERVER) {
        let asked = discovery::asked(&exchange.settings, session);
        let is_asked = |named: &str| asked.is(named);
        if let Some(check) = signed_metadata::of_another(&metadata.json, OF_SERVER, &asked.issuer, is_asked) {
            checks.push(check);
        } else if let Some((json, note)) = signed_metadata::in_force(&metadata.json, OF_SERVER) {
            session.metadata = Some(ServerMetadata { json });
            checks.push(note);
        }
    }
    checks.extend(resource_metadata::signed(exchange, session));
    checks
}

fn count(response: &HttpResponse) -> Option<String> {
    let json = json_of(response)?;
    Some(match json.get("keys").map_or(0, |keys| keys.elements().len()) {
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    })
}
