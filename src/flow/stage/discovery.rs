//! Server metadata (OIDC Discovery section 4, RFC 8414 section 3): every place it may be at, one after the other.

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::spec::Spec;
use crate::client::answer::Outcome;
use crate::client::endpoint::discovery;
use crate::client::seal::Draft;
use crate::client::settings::Settings;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::known::Known;
use super::reading::learn;
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "discovery",
    name: "discovery",
    act: "Fetch the metadata",
    spec: Spec::new("RFC 8414", "3"),
    steps: &[whole("Discovery", "discovery")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET metadata")],
    label: Label::Fixed("metadata"),
    prepare,
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let server = &known.settings.server;
    if !server.discovery {
        return Ok(Prepared::Skip("discovery is off"));
    }
    if server.issuer.is_empty() {
        return Err(known.missing("issuer", "fill it in, or turn discovery off and fill in the endpoints"));
    }
    let candidates = discovery::candidates(&server.issuer)
        .map_err(|_| known.missing("issuer", format!("{} is not an http or https URL", server.issuer)))?;
    let at = (known.attempt as usize - 1).min(candidates.len() - 1);
    Ok(Draft::of(discovery::request(candidates[at].url.clone())).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let settings = &exchange.settings;
    let accepted = discovery::accept(response, &settings.server.issuer);
    let found = matches!(accepted.outcome, Outcome::Success(_));
    match found || is_last_candidate(&exchange.request, settings) {
        false => (Progress::Again, accepted.checks),
        true => learn(accepted, |metadata| session.metadata = Some(metadata)),
    }
}

fn is_last_candidate(request: &HttpRequest, settings: &Settings) -> bool {
    let candidates = discovery::candidates(&settings.server.issuer).unwrap_or_default();
    let at = candidates.iter().position(|candidate| candidate.url == request.url);
    at.is_none_or(|at| at + 1 == candidates.len())
}

/// Whether there is another place to ask after this attempt.
pub(in crate::flow) fn has_alternative(attempt: u32, settings: &Settings) -> bool {
    discovery::candidates(&settings.server.issuer).is_ok_and(|list| (attempt as usize) < list.len())
}
