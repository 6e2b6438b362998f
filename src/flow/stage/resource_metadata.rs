//! What the API says of itself (RFC 9728): every address is tried, the one that its challenge names first.

use url::Url;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::web_url::web_url;
use crate::client::answer::Outcome;
use crate::client::endpoint::jwks;
use crate::client::endpoint::resource_metadata::{self, Place, places};
use crate::client::endpoint::signed_metadata::{self, OF_API, Verifier};
use crate::client::mcp;
use crate::client::rules;
use crate::client::seal::Draft;
use crate::client::settings::Settings;
use crate::flow::ProblemKind;
use crate::flow::session::{KEYS_ANEW, Session};
use crate::flow::trace::{Answer, Exchange};
use crate::jose::jwt::decode;
use crate::terms::metadata::{Endpoint, ServerMetadata};

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::needs_keys_put_off;
use super::{Missing, Prepared, Progress, Stage, json_of};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "resource_metadata",
    name: "the request for the API's metadata",
    act: "Read the API's metadata",
    depends_on: |setting| setting.starts_with("api_"),
    spec: Spec::new("RFC 9728", "3.1"),
    steps: &[whole("API metadata", "resource_metadata")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET protected resource metadata")],
    label: Label::Read(what_came),
    then: Some(Then {
        button: "Read the API's metadata",
        lacks: |flow| flow.settings.request.api_url.is_empty().then_some(NO_API),
    }),
    is_worth_reading: true,
    prepare,
    read,
    unanswered: |exchange, session| {
        if awaits_own_keys(exchange, session) {
            return (Progress::Advance, Vec::new());
        }
        let next = after(exchange, session).is_some();
        let came = match &exchange.answer {
            Answer::Failed(failure) => failure.to_string(),
            _ => "no answer".to_owned(),
        };
        (
            if next { Progress::Again } else { Progress::Advance },
            Vec::from_iter(address(exchange, session, Some(&came))),
        )
    },
    ..Descriptor::DIRECT
};

/// A document, or the keys that it is signed with.
fn what_came(response: &HttpResponse) -> Option<String> {
    let is_key_set = json_of(response)?.get("keys").is_some();
    Some(if is_key_set { "the API's own keys" } else { "protected resource metadata" }.to_owned())
}

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
    if known.session.way_in.as_ref().is_some_and(|way_in| !way_in.revision.has_resource_metadata()) {
        return Ok(Prepared::Skip("revision 2025-03-26 has no metadata of APIs"));
    }
    known.url("api_url", api_url)?;
    if let Some(jwks_uri) = known.session.api_jwks_uri.clone().filter(|_| known.attempt > 1) {
        return Ok(Draft::of(jwks::request(jwks_uri)).into());
    }
    let places = places_of(known.settings, known.session);
    let at = usize::try_from(known.attempt).unwrap_or(usize::MAX).saturating_sub(1);
    match places.get(at).or(places.last()) {
        Some(place) => Ok(resource_metadata::request(place).into()),
        None => Ok(Prepared::Skip(NO_API)),
    }
}

/// Whether the challenge has led to the metadata; what came instead is kept, as that is where the API has them.
fn address(exchange: &Exchange, session: &mut Session, came: Option<&str>) -> Option<Check> {
    let check = resource_metadata::address(session.resource_metadata_url.as_deref(), &exchange.request.url, came)?;
    session.resource_metadata_missed = check.actual.clone().filter(|_| came.is_some());
    Some(check)
}

/// What is not found is looked for at the next place; what is there is read, right or wrong.
fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    if awaits_own_keys(exchange, session) {
        return read_own_keys(exchange, response, session);
    }
    session.api_jwks_uri = None;
    let url = &exchange.request.url;
    let places = places_of(&exchange.settings, session);
    let edited = || Place { url: url.clone(), resource: exchange.settings.request.api_url.clone() };
    let place = places.into_iter().find(|place| place.url == *url).unwrap_or_else(edited);
    let host = place.resource.clone();
    let place = if session.way_in.is_some() { at_root(place, response, exchange) } else { place };
    let mut accepted = resource_metadata::accept(response, &place, session.issuer(&exchange.settings));
    let came = match &accepted.outcome {
        Outcome::Success(_) => None,
        Outcome::Unreadable(what) => Some(what.clone()),
        Outcome::Refused(error) => Some(error.to_string()),
    };
    let led = address(exchange, session, came.as_deref());
    accepted.checks.extend(led.clone());
    match accepted.outcome {
        Outcome::Success(json) => {
            if session.way_in.is_some() {
                of_way_in(&json, &exchange.settings, &mut accepted.checks);
                if place.resource != host {
                    replace(&mut accepted.checks, mcp::at_root(&place.resource, &host));
                }
            }
            session.api_jwks_uri = own_keys(&json, exchange);
            session.resource_metadata = Some(json);
            if session.api_jwks_uri.is_some() {
                accepted.checks.push(rules::prm::SIGNATURE.skipped("the API's own keys are fetched next"));
                return (Progress::Again, accepted.checks);
            }
            // A run that begins here knows no server so far: it is judged when there is one.
            if session.way_in.is_none() {
                accepted.checks.extend(put_off_or_judged(exchange, session));
            }
            let progress = match session.way_in.is_none() && awaits_keys(&exchange.settings, session) {
                true => Progress::AdvanceWith(Stage::Jwks),
                false => Progress::Advance,
            };
            (needs_keys_put_off(session, progress), accepted.checks)
        }
        _ if after(exchange, session).is_some() => (Progress::Again, Vec::from_iter(led)),
        // A client may go on with a server that it was told of otherwise (MCP, Authorization Server Discovery).
        _ if session.way_in.is_some() && !exchange.settings.server.issuer.is_empty() => {
            (Progress::Advance, accepted.checks)
        }
        Outcome::Unreadable(what) => {
            let missed = session.resource_metadata_missed.clone();
            (Progress::Stop(ProblemKind::Failed, missed.unwrap_or(what)), accepted.checks)
        }
        Outcome::Refused(error) => (Progress::Stop(ProblemKind::Refused(error), String::new()), accepted.checks),
    }
}

/// Where the keys are with which an API signs what it says of itself. What others did not fetch is not fetched for them.
fn own_keys(json: &Json, exchange: &Exchange) -> Option<Url> {
    let url = web_url(signed_metadata::own_keys(json)?).ok()?;
    (exchange.overheard.is_none() && (url.scheme() == "https" || is_loopback(&url))).then_some(url)
}

/// Whether this exchange fetches them: a document is asked for first.
fn awaits_own_keys(exchange: &Exchange, session: &Session) -> bool {
    exchange.attempt > 1 && session.api_jwks_uri.is_some()
}

/// The API's own keys, and what they say of its metadata. Without them the run goes by the plain ones.
fn read_own_keys(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let accepted = jwks::accept(response);
    let mut checks = accepted.checks;
    let json = session.resource_metadata.take();
    session.api_jwks_uri = None;
    let resource = json.as_ref().and_then(|json| json.text("resource"));
    match (accepted.outcome, &json) {
        (Outcome::Success(set), Some(json)) => {
            let by = Verifier { issuer: resource, keys: Some(&set.keys), now: exchange.came_at() };
            checks.extend(signed_metadata::judge(json, OF_API, &by));
        }
        (Outcome::Unreadable(what), _) => {
            checks.push(rules::prm::SIGNATURE.skipped(format!("no keys came from the API's jwks_uri: {what}")));
        }
        _ => {}
    }
    session.resource_metadata = json.map(|json| once_verified(json, &mut checks, exchange, session));
    (Progress::Advance, checks)
}

/// What is signed, if its signature is verified by these checks.
fn once_verified(json: Json, checks: &mut Vec<Check>, exchange: &Exchange, session: &Session) -> Json {
    if !signed_metadata::are_verified(checks, OF_API) {
        return json;
    }
    let api_url = exchange.settings.request.api_url.as_str();
    let is_asked = |named: &str| resource_metadata::is_same(named, api_url);
    if let Some(check) = signed_metadata::of_another(&json, OF_API, api_url, is_asked) {
        checks.push(check);
        return json;
    }
    match signed_metadata::in_force(&json, OF_API) {
        Some((signed, note)) => {
            checks.push(note);
            checks.extend(left_by_signed(&signed, session));
            signed
        }
        None => json,
    }
}

/// Where the server has a key by now that it is signed with, that is judged when the keys have been fetched anew.
fn put_off_or_judged(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let Some(json) = session.resource_metadata.take() else { return Vec::new() };
    let judged = signed_metadata::signature(&json, OF_API, &verifier(exchange, session));
    let issuer = session.issuer(&exchange.settings).unwrap_or_default();
    let token = json.text(signed_metadata::MEMBER).map(decode).filter(|_| session.jwks.is_some());
    let is_own = signed_metadata::is_attested_by(&json, issuer) && session.id_jag.is_none();
    session.has_unjudged_metadata = is_own && token.is_some_and(|token| session.may_get_key_of(&token));
    session.resource_metadata = Some(json);
    match judged.filter(|_| session.has_unjudged_metadata) {
        Some(judged) => vec![judged.rule.skipped(KEYS_ANEW)],
        None => signed(exchange, session),
    }
}

/// What an API has signed, by the keys of the run's server, unless the run has gone on at another one since they came. Once
/// it is verified the run goes by it.
pub(super) fn signed(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    // What it attests to itself has been judged by its own keys.
    let is_own = |json: &Json| own_keys(json, exchange).is_some();
    let Some(json) = session.resource_metadata.take_if(|json| !is_own(json)) else { return Vec::new() };
    let mut checks = signed_metadata::judge(&json, OF_API, &verifier(exchange, session));
    session.resource_metadata = Some(once_verified(json, &mut checks, exchange, session));
    checks
}

/// A run that has found its server by the plain list has none by the signed one that leaves it out.
fn left_by_signed(signed: &Json, session: &Session) -> Option<Check> {
    let issuer = session.way_in.as_ref().and(session.metadata.as_ref()).and_then(ServerMetadata::issuer)?;
    let check = mcp::same_server(signed, issuer);
    (check.verdict == Verdict::Fail).then_some(check)
}

fn verifier<'a>(exchange: &'a Exchange, session: &'a Session) -> Verifier<'a> {
    let keys = session.jwks.as_ref().filter(|_| session.id_jag.is_none()).map(|set| set.keys.as_slice());
    Verifier { issuer: session.issuer(&exchange.settings), keys, now: exchange.came_at() }
}

/// Whether the server of the run attests to what the API says of itself, and its keys were not asked for so far.
pub(super) fn awaits_keys(settings: &Settings, session: &Session) -> bool {
    let Some((json, metadata)) = session.resource_metadata.as_ref().zip(session.metadata.as_ref()) else {
        return false;
    };
    let is_own = metadata.issuer().is_some_and(|issuer| signed_metadata::is_attested_by(json, issuer));
    let has_keys = settings.endpoint(Endpoint::Jwks, Some(metadata)).is_some();
    is_own && has_keys && !session.has_asked_for_keys && session.id_jag.is_none()
}

/// MCP lets the document at the root of a host be that of an API with a path, which it names then.
fn at_root(place: Place, response: &HttpResponse, exchange: &Exchange) -> Place {
    let api_url = web_url(&exchange.settings.request.api_url).map(String::from);
    let named = json_of(response).and_then(|json| json.text("resource").map(str::to_owned));
    match (api_url, named) {
        (Ok(api_url), Some(named)) if named == api_url => Place { resource: api_url, ..place },
        _ => place,
    }
}

/// Puts a check in the place of that of the same rule.
fn replace(checks: &mut [Check], by: Check) {
    if let Some(check) = checks.iter_mut().find(|check| check.rule == by.rule) {
        *check = by;
    }
}

/// What a run that begins at the API goes on with: the servers it names. That the run's own is among them is a matter of
/// the client's credentials there.
fn of_way_in(json: &Json, settings: &Settings, checks: &mut Vec<Check>) {
    checks.retain(|check| check.rule != &rules::prm::SERVERS);
    checks.extend(mcp::authorization_servers(json));
    checks.push(mcp::same_server(json, &settings.server.issuer));
}
