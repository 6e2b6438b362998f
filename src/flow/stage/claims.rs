//! Claims that are elsewhere, fetched from each of their sources in turn (OIDC Core section 5.6.2). Nothing leaves for them
//! unless somebody wants it: the addresses are the server's choice, and may be anybody's.

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::endpoint::claim_sources::{self, Distributed};
use crate::client::rules;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::jose::jwt::decode;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::{learn, needs_keys_put_off};
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "claims",
    name: "the request for distributed claims",
    act: "Fetch distributed claims",
    depends_on: |setting| !setting.starts_with("api_"),
    spec: Spec::new("OIDC Core", "5.6.2"),
    steps: &[whole("Claims", "claims")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET the claims of a source")],
    detail: |request| match request.headers.get("authorization") {
        Some(_) => "  with the source's own token",
        None => "  without a token",
    },
    label: Label::Fixed("claims of a source"),
    then: Some(Then { button: "Fetch distributed claims", lacks: |flow| lacks(&flow.session) }),
    is_worth_reading: true,
    prepare,
    read,
    unanswered: |exchange, session| (further(exchange, session), Vec::new()),
    ..Descriptor::DIRECT
};

/// The sources that something may be sent to.
fn askable(session: &Session) -> impl Iterator<Item = &Distributed> {
    session.sources.iter().filter(|source| !source.is_unprotected())
}

fn lacks(session: &Session) -> Option<&'static str> {
    match (session.sources.is_empty(), askable(session).next()) {
        (true, _) => Some("no claims are elsewhere"),
        (false, None) => Some("the claims that are elsewhere would be fetched without TLS, from another machine"),
        (false, Some(_)) => None,
    }
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if let Some(why) = lacks(known.session) {
        return Ok(Prepared::Skip(why));
    }
    let at = usize::try_from(known.attempt).unwrap_or(usize::MAX).saturating_sub(1);
    Ok(askable(known.session).nth(at).map_or(Prepared::Done, |source| claim_sources::request(source).into()))
}

/// Whether there is a source after the one that was asked. That one brings nothing keeps nobody from the next.
fn further(exchange: &Exchange, session: &Session) -> Progress {
    let at = askable(session).position(|source| source.is_asked_by(&exchange.request));
    let next = at.and_then(|at| askable(session).nth(at + 1));
    if next.is_some() { Progress::Again } else { Progress::Advance }
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let source = askable(session).find(|source| source.is_asked_by(&exchange.request));
    let expected = session.of_sources(&exchange.settings);
    let token = response.is_success().then(|| decode(response.text().trim())).filter(|token| expected.is_own(token));
    let accepted = claim_sources::accept(response, source, expected);
    let (progress, checks): (_, Vec<Check>) = learn(accepted, |_| {});
    session.put_off_unknown(&rules::claim_sources::SIGNATURE, token);
    match further(exchange, session) {
        Progress::Again => (Progress::Again, checks),
        _ => (needs_keys_put_off(session, progress), checks),
    }
}
