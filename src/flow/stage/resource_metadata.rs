//! What the API says of itself (RFC 9728): every address is tried, the one that its challenge names first.

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::base::web_url::web_url;
use crate::client::answer::Outcome;
use crate::client::endpoint::resource_metadata::{self, Place, places};
use crate::client::settings::Settings;
use crate::flow::ProblemKind;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, Travel, whole};
use super::known::Known;
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "resource_metadata",
    name: "the request for the API's metadata",
    act: "Read the API's metadata",
    depends_on: |setting| setting.starts_with("api_"),
    spec: Spec::new("RFC 9728", "3.1"),
    steps: &[whole("API metadata", "resource_metadata")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET protected resource metadata")],
    label: Label::Fixed("protected resource metadata"),
    then: Some(Then {
        button: "Read the API's metadata",
        lacks: |flow| flow.settings.request.api_url.is_empty().then_some(NO_API),
    }),
    is_worth_reading: true,
    prepare,
    read,
    unanswered: |exchange, session| {
        let next = after(exchange, session).is_some();
        if next { Progress::Again } else { Progress::Advance }
    },
    ..Descriptor::DIRECT
};

const NO_API: &str = "no api_url is filled in";

fn places_of(settings: &Settings, session: &Session) -> Vec<Place> {
    let api_url = web_url(&settings.request.api_url);
    api_url.map(|url| places(&url, session.resource_metadata_url.as_deref())).unwrap_or_default()
}

/// The place after the one that was asked.
fn after(exchange: &Exchange, session: &Session) -> Option<Place> {
    let places = places_of(&exchange.settings, session);
    let at = places.iter().position(|place| place.url == exchange.request.url)?;
    places.into_iter().nth(at + 1)
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let api_url = known.settings.request.api_url.as_str();
    if api_url.is_empty() {
        return Ok(Prepared::Skip(NO_API));
    }
    known.url("api_url", api_url)?;
    let places = places_of(known.settings, known.session);
    let at = usize::try_from(known.attempt).unwrap_or(usize::MAX).saturating_sub(1);
    match places.get(at).or(places.last()) {
        Some(place) => Ok(resource_metadata::request(place).into()),
        None => Ok(Prepared::Skip(NO_API)),
    }
}

/// What is not found is looked for at the next place; what is there is read, right or wrong.
fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let url = &exchange.request.url;
    let places = places_of(&exchange.settings, session);
    let edited = || Place { url: url.clone(), resource: exchange.settings.request.api_url.clone() };
    let place = places.into_iter().find(|place| place.url == *url).unwrap_or_else(edited);
    let accepted = resource_metadata::accept(response, &place, session.issuer(&exchange.settings));
    match accepted.outcome {
        Outcome::Success(json) => {
            session.resource_metadata = Some(json);
            (Progress::Advance, accepted.checks)
        }
        _ if after(exchange, session).is_some() => (Progress::Again, Vec::new()),
        Outcome::Unreadable(what) => (Progress::Stop(ProblemKind::Failed, what), accepted.checks),
        Outcome::Refused(error) => (Progress::Stop(ProblemKind::Refused(error), String::new()), accepted.checks),
    }
}
