//! Server metadata (OIDC Discovery section 4, RFC 8414 section 3): every place it may be at, one after the other, until one
//! brings a document with all that the run needs.

use url::Url;

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::{Accepted, Outcome};
use crate::client::endpoint::discovery::{self, Asked, is_complete};
use crate::client::endpoint::webfinger::{self, Account};
use crate::client::mcp::{self, WayIn};
use crate::client::seal::Draft;
use crate::client::settings::Settings;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::flow::{ProblemKind, grant};
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::scope::words;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::known::Known;
use super::{Missing, Prepared, Progress, Stage, resource_metadata};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "discovery",
    name: "discovery",
    act: "Fetch the metadata",
    depends_on: finds_server,
    spec: Spec::new("RFC 8414", "3"),
    steps: &[whole("Discovery", "discovery")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET metadata")],
    label: Label::Fixed("metadata"),
    prepare,
    left,
    read,
    unanswered,
    ..Descriptor::DIRECT
};

/// Whether a setting says which server it is and how it is reached.
pub(super) fn finds_server(setting: &str) -> bool {
    matches!(setting, "issuer" | "discovery" | "certificate_authority")
}

pub(super) fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let server = &known.settings.server;
    // Nobody types the endpoints of the server that an ID-JAG is for.
    if !server.discovery && known.session.id_jag.is_none() {
        return Ok(Prepared::Skip("discovery is off"));
    }
    let Asked { issuer, candidates, .. } = asked(known.settings, known.session);
    if issuer.is_empty() {
        return Err(known.missing("issuer", hint(known.session)));
    }
    let at = known.attempt as usize - 1;
    let found = known.session.metadata.as_ref().filter(|_| at > 0);
    let takes_first = known.session.way_in.is_some();
    let is_enough =
        |metadata| takes_first || at >= candidates.len() || (is_complete(metadata) && !lacks_endpoint(known));
    if found.is_some_and(is_enough) {
        return Ok(Prepared::Done);
    }
    match candidates.get(at).or(candidates.last()) {
        Some(candidate) if is_webfinger(known.settings, &candidate.url) => {
            Ok(Draft::of(webfinger::request(candidate.url.clone())).into())
        }
        Some(candidate) => Ok(Draft::of(discovery::request(candidate.url.clone())).into()),
        None => Err(known.url("issuer", &issuer).err().unwrap_or_else(|| known.missing("issuer", "it is no URL"))),
    }
}

/// Whether this address tells the issuer of the account that was typed.
fn is_webfinger(settings: &Settings, url: &Url) -> bool {
    Account::typed(&settings.server.issuer).is_some_and(|account| account.url == *url)
}

/// The issuer that an account is of, whose metadata are looked for next.
fn read_account(response: &HttpResponse, session: &mut Session) -> Reading {
    let (found, check) = webfinger::accept(response);
    match found {
        Ok(issuer) => {
            session.issuer_of_account = Some(issuer);
            (Progress::Again, vec![check])
        }
        Err(what) => (Progress::Stop(ProblemKind::Failed, what), vec![check]),
    }
}

/// Whose metadata are looked for, and where: of the server that is typed, of the one that an API names, or of the one that
/// an ID-JAG is for.
pub(in crate::flow) fn asked(settings: &Settings, session: &Session) -> Asked {
    let typed = settings.server.issuer.as_str();
    if let Some(grant) = &session.id_jag {
        return Asked::new(&grant.audience);
    }
    match &session.way_in {
        Some(way_in) => way_in.asked(typed, session.resource_metadata.as_ref()),
        None => Asked::of_account(typed, session.issuer_of_account.as_deref()).unwrap_or_else(|| Asked::new(typed)),
    }
}

/// Where an issuer comes from that is not known.
const fn hint(session: &Session) -> &'static str {
    match session.way_in {
        Some(_) => "the API names no authorization server; fill in the one whose tokens it takes",
        None => "fill it in, or turn discovery off and fill in the endpoints",
    }
}

/// Whether an endpoint that this run cannot do without is in no document so far.
fn lacks_endpoint(known: &Known<'_>) -> bool {
    let has_openid = words(&known.settings.request.scope).any(|word| word == "openid");
    let needed = |stage: &Stage| match stage {
        Stage::Registration => Some(Endpoint::Registration),
        Stage::PushedAuthorization => Some(Endpoint::PushedAuthorizationRequest),
        Stage::Authorization => Some(Endpoint::Authorization),
        Stage::DeviceAuthorization => Some(Endpoint::DeviceAuthorization),
        Stage::BackchannelAuthentication => Some(Endpoint::BackchannelAuthentication),
        Stage::Token | Stage::Exchange | Stage::Refresh => Some(Endpoint::Token),
        Stage::Jwks if has_openid => Some(Endpoint::Jwks),
        _ => None,
    };
    // A grant does without these where the server has none; who adds them has asked for them.
    let asked_for = |stage: &Stage| match stage {
        Stage::UserInfo => Some(Endpoint::UserInfo),
        Stage::Introspection => Some(Endpoint::Introspection),
        Stage::Revocation => Some(Endpoint::Revocation),
        Stage::Logout => Some(Endpoint::EndSession),
        stage => needed(stage),
    };
    if known.session.id_jag.is_some() {
        let metadata = known.session.metadata.as_ref();
        return metadata.is_none_or(|metadata| metadata.endpoint(Endpoint::Token).is_none());
    }
    let of_grant = grant::stages(known.grant, known.settings);
    let mut endpoints = of_grant.iter().filter_map(needed).chain(known.appended.iter().filter_map(asked_for));
    endpoints.any(|endpoint| !known.has(endpoint))
}

/// A search that begins anew forgets what the one before has found.
pub(super) fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let candidates = asked(&exchange.settings, session).candidates;
    let is_later = candidates.iter().skip(1).any(|candidate| candidate.url == exchange.request.url);
    if !is_later {
        session.metadata = None;
        session.issuer_of_account = None;
        session.metadata_are_open = false;
    }
    Vec::new()
}

/// A search, as far as it has come.
struct Search {
    asked: Asked,
    /// Which of its places was asked.
    at: Option<usize>,
    /// What came from there, where it is no document.
    came: String,
}

impl Search {
    fn has_next(&self) -> bool {
        self.at.is_some_and(|at| at + 1 < self.asked.candidates.len())
    }
}

/// A second document completes the first. Whether one is enough is seen when the next step is prepared.
pub(super) fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    if is_webfinger(&exchange.settings, &exchange.request.url) {
        return read_account(response, session);
    }
    let asked = asked(&exchange.settings, session);
    let Accepted { outcome, mut checks } = discovery::accept(response, &asked, &exchange.request.url);
    let what = match outcome {
        Outcome::Success(metadata) => {
            session.metadata = Some(match session.metadata.take() {
                None => metadata,
                Some(first) => {
                    let (whole, check) = discovery::complete(first, &metadata, &asked);
                    checks.retain(|check| OF_SECOND.contains(&check.rule.id));
                    checks.push(check);
                    whole
                }
            });
            String::new()
        }
        Outcome::Refused(error) => error.to_string(),
        Outcome::Unreadable(what) => what,
    };
    let at = asked.candidates.iter().position(|candidate| candidate.url == exchange.request.url);
    let search = Search { asked, at, came: what };
    if let Some(way_in) = session.way_in.clone() {
        let (progress, checks) = in_order(&way_in, &search, session, checks);
        return needs_keys(exchange, session, (progress, checks));
    }
    let has_next = search.has_next();
    judge_together(session, has_next, &mut checks);
    let progress = match (session.metadata.is_some(), has_next) {
        (_, true) => Progress::Again,
        (true, false) => Progress::Advance,
        (false, false) => {
            checks.extend(discovery::not_found(&search.asked));
            Progress::Stop(ProblemKind::Failed, search.came)
        }
    };
    (progress, checks)
}

/// A place that cannot be reached brings nothing: after the last one, what was read has to do.
pub(super) fn unanswered(exchange: &Exchange, session: &mut Session) -> Reading {
    let asked = asked(&exchange.settings, session);
    let is_last = asked.candidates.last().is_some_and(|last| last.url == exchange.request.url);
    let mut checks = Vec::new();
    judge_together(session, !is_last, &mut checks);
    (Progress::Advance, checks)
}

/// The first document is the one that is used, and has to announce PKCE; where there is none, the oldest revision has
/// endpoints by default.
fn in_order(way_in: &WayIn, search: &Search, session: &mut Session, mut checks: Vec<Check>) -> Reading {
    if let Some(metadata) = &session.metadata {
        checks.push(mcp::found(&search.asked, search.at.unwrap_or_default()));
        checks.push(mcp::pkce(metadata, way_in.revision));
        return (Progress::Advance, checks);
    }
    if search.has_next() {
        return (Progress::Again, checks);
    }
    if way_in.revision.has_resource_metadata() {
        checks.push(mcp::not_found(&search.asked));
        return (Progress::Stop(ProblemKind::Failed, search.came.clone()), checks);
    }
    let (metadata, note) = mcp::defaults(search.asked.issuer.trim_end_matches('/'));
    session.metadata = Some(metadata);
    checks.push(note);
    (Progress::Advance, checks)
}

/// The keys come before anything is sent on the word of an API whose metadata this server signs.
fn needs_keys(exchange: &Exchange, session: &mut Session, (progress, mut checks): Reading) -> Reading {
    let settings = &exchange.settings;
    let Progress::Advance = progress else { return (progress, checks) };
    if !resource_metadata::awaits_keys(settings, session) {
        checks.extend(resource_metadata::signed(exchange, session));
    } else if !grant::stages(Grant::Mcp, settings).contains(&Stage::Jwks) {
        return (Progress::AdvanceWith(Stage::Jwks), checks);
    }
    (needs_client(settings, session, progress), checks)
}

pub(super) fn needs_client(settings: &Settings, session: &Session, progress: Progress) -> Progress {
    match progress {
        Progress::Advance if lacks_client(settings, session) => Progress::AdvanceWith(Stage::Registration),
        progress => progress,
    }
}

/// Whether this is the client of an API that nobody knows, at a server that lets it register itself (MCP, Client
/// Registration).
pub(in crate::flow) fn lacks_client(settings: &Settings, session: &Session) -> bool {
    let is_unknown = settings.client.client_id.is_empty() && !settings.registration.dynamic_client_registration;
    let may_register = || settings.endpoint(Endpoint::Registration, session.metadata.as_ref()).is_some();
    session.way_in.is_some() && is_unknown && may_register()
}

/// What a document lacks counts when no other one has brought it (RFC 8414 section 5).
fn judge_together(session: &mut Session, has_next: bool, checks: &mut Vec<Check>) {
    let Some(metadata) = &session.metadata else { return };
    let lacking = checks.iter_mut().find(|check| discovery::lacks_required(check));
    match lacking {
        Some(check) if has_next => {
            *check = discovery::left_open(check);
            session.metadata_are_open = true;
        }
        None if session.metadata_are_open && (!has_next || is_complete(metadata)) => {
            checks.push(discovery::required_of_openid(metadata));
            session.metadata_are_open = false;
        }
        _ => {}
    }
}

/// Rules that a document is held to of which some members are used.
const OF_SECOND: [&str; 5] =
    ["metadata.document", "metadata.content_type", "metadata.duplicates", "metadata.types", "metadata.endpoint_form"];

/// Whether there is another place to ask after this attempt, or one before had a document.
pub(in crate::flow) fn has_alternative(attempt: u32, settings: &Settings, session: &Session) -> bool {
    session.metadata.is_some() || (attempt as usize) < asked(settings, session).candidates.len()
}
