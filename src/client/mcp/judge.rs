//! The rules of the way in, each held to what the revision of the run says.

use std::collections::BTreeSet;

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::{elided_between_words, visible};
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::challenge::{Challenge, challenges, none_read};
use crate::client::endpoint::discovery::Asked;
use crate::client::endpoint::resource_metadata::{announced, announcement};
use crate::client::rules::mcp as rule;
use crate::client::rules::{prm, resource};
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

use super::way_in::servers;
use super::{Revision, StepUp, WayIn};

/// Letters of a list from outside that are told.
const LETTERS: usize = 240;

/// Reads the answer to a call without a token. Success is that one is wanted.
pub fn accept(response: &HttpResponse, revision: Revision) -> Accepted<()> {
    let challenges = challenges(response);
    let mut checks = vec![unauthorized(response, &challenges)];
    let outcome = match response.status {
        401 => {
            checks.push(resource::CHALLENGE.holds(
                !challenges.is_empty(),
                "WWW-Authenticate",
                told(response, &challenges),
            ));
            checks.push(address(&challenges, revision));
            checks.extend(announcement(&challenges).filter(|_| revision.has_resource_metadata()));
            Outcome::Success(())
        }
        200..300 => Outcome::Unreadable(format!("{}: the API wants no token for this call", status(response))),
        _ => Outcome::Unreadable(format!("status {} in the place of 401", status(response))),
    };
    let named = challenges.iter().find_map(|challenge| challenge.get("scope"));
    checks.extend(named.map(|scope| no_offline_access(&scope)));
    Accepted { outcome, checks }
}

/// An answer that is no refusal breaks nothing: authorization is optional. A challenge with another status is one that no
/// client heeds.
fn unauthorized(response: &HttpResponse, challenges: &[Challenge]) -> Check {
    match response.status {
        401 => rule::UNAUTHORIZED.pass(status(response)),
        200..300 => rule::UNAUTHORIZED.note(format!("{}: everybody is let in", status(response))),
        _ if !challenges.is_empty() => {
            rule::UNAUTHORIZED.broken("401", format!("a challenge with {}", status(response)))
        }
        _ => rule::UNAUTHORIZED.warn("401", status(response)),
    }
}

/// Every challenge with the names of what is in it: `Bearer (realm, resource_metadata), DPoP (algs)`.
fn told(response: &HttpResponse, challenges: &[Challenge]) -> String {
    let named = |challenge: &Challenge| {
        let names: Vec<&str> = challenge.params.iter().map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { challenge.scheme.clone() } else { format!("{} ({})", challenge.scheme, names.join(", ")) }
    };
    match challenges.is_empty() {
        true => short(&none_read(response)),
        false => short(&challenges.iter().map(named).collect::<Vec<_>>().join(", ")),
    }
}

/// Where the metadata are, or that they have to be looked for.
fn address(challenges: &[Challenge], revision: Revision) -> Check {
    match announced(challenges) {
        _ if !revision.has_resource_metadata() => rule::CHALLENGE.skipped("this revision has no metadata of APIs"),
        Some(url) => rule::CHALLENGE.pass(short(&url)),
        None if revision.demands_their_address() => rule::CHALLENGE.broken("resource_metadata", "absent"),
        None => rule::CHALLENGE.note("absent, so the well-known paths are tried"),
    }
}

/// Holds a scope that an API names to what is its own.
pub fn no_offline_access(scope: &str) -> Check {
    let asks = scope::contains(scope, "offline_access");
    rule::OFFLINE.holds(!asks, "scopes of the API alone", short(scope))
}

/// The rules for the metadata of the API that are MCP's own.
pub fn authorization_servers(metadata: &Json) -> Vec<Check> {
    let named = servers(Some(metadata));
    let saw = if named.is_empty() { "none".to_owned() } else { short(&named.join(", ")) };
    let mut checks = vec![rule::SERVERS.holds(!named.is_empty(), "at least one issuer", saw)];
    checks.extend(metadata.get("scopes_supported").map(|scopes| no_offline_access(&scopes.strings().join(" "))));
    checks
}

/// Whether the server that the client is registered at is one of those that the API names. A client that is known at none
/// has nothing to lose.
pub fn same_server(metadata: &Json, typed_issuer: &str) -> Check {
    let named = servers(Some(metadata));
    match named.is_empty() || typed_issuer.is_empty() {
        true if typed_issuer.is_empty() => {
            rule::CREDENTIALS.skipped("no issuer is filled in, so the first one is taken")
        }
        true => rule::CREDENTIALS.skipped("the API names no authorization server"),
        false => rule::CREDENTIALS.holds(
            named.contains(&typed_issuer),
            short(&named.join(", ")),
            format!("a client of {}", visible(typed_issuer)),
        ),
    }
}

/// That the document at the root of a host is taken for that of an API with a path, and what the well-known path was made
/// of (Authorization Server Discovery, section 2).
pub fn at_root(named: &str, host: &str) -> Check {
    prm::RESOURCE.note(format!(
        "{}, at the root of the host: MCP lets an API with a path be found there; by RFC 9728 alone it would have to be {}",
        short(named),
        short(host)
    ))
}

/// That the metadata of the server were found, and where.
pub fn found(asked: &Asked, at: usize) -> Check {
    let place = asked.candidates.get(at).map_or("elsewhere", |candidate| candidate.rule);
    rule::ORDER.pass(format!("place {} of {}: {place}", at + 1, asked.candidates.len()))
}

/// That they were not.
pub fn not_found(asked: &Asked) -> Check {
    let paths: Vec<&str> = asked.candidates.iter().map(|candidate| candidate.url.path()).collect();
    rule::ORDER.broken("metadata at one of the places of this revision", format!("none at {}", paths.join(", ")))
}

/// Whether a client that registers itself could have used a document instead, which clients of this revision prefer.
pub fn registered(metadata: &ServerMetadata, revision: Revision) -> Option<Check> {
    let member = "client_id_metadata_document_supported";
    let takes_documents = revision.prefers_documents() && metadata.flag(member);
    takes_documents.then(|| rule::REGISTERED.broken("a document as client_id", format!("a registration, and {member}")))
}

/// The endpoints of a server without metadata, in the revision that had a default for them, and that they are used
/// (2025-03-26, Fallbacks for Servers without Metadata Discovery).
pub fn defaults(base: &str) -> (ServerMetadata, Check) {
    let endpoint = |name: &str, path: &str| (name.to_owned(), Json::String(format!("{base}{path}")));
    let members = vec![
        endpoint("authorization_endpoint", "/authorize"),
        endpoint("token_endpoint", "/token"),
        endpoint("registration_endpoint", "/register"),
    ];
    let note = "no metadata, so /authorize, /token and /register of the host are taken, as revision 2025-03-26 says";
    (ServerMetadata { json: Json::Object(members) }, rule::ORDER.note(note))
}

/// Whether the metadata announce PKCE, where the revision has a client look for it.
pub fn pkce(metadata: &ServerMetadata, revision: Revision) -> Check {
    match metadata.supported("code_challenge_methods_supported") {
        _ if !revision.wants_pkce_announced() => rule::PKCE.skipped("this revision does not ask for it"),
        None => rule::PKCE.broken("S256 in code_challenge_methods_supported", "absent"),
        Some(methods) => rule::PKCE.holds(methods.contains(&"S256"), "S256", short(&methods.join(", "))),
    }
}

/// The rules for the authorization request that left.
pub fn asked(sent: &Params, way_in: &WayIn, metadata: Option<&Json>) -> Vec<Check> {
    let mut checks: Vec<Check> = named(sent, way_in, metadata).into_iter().collect();
    let scope = sent.get("scope").unwrap_or_default();
    checks.extend(match &way_in.step_up {
        Some(step_up) => way_in.revision.unites_scopes().then(|| united(scope, step_up)),
        None => way_in
            .revision
            .chooses_scope()
            .then(|| chosen(scope, way_in.strategy(metadata).as_deref().unwrap_or_default())),
    });
    checks
}

/// The rule for the token request that left.
pub fn token_request(sent: &Params, way_in: &WayIn, metadata: Option<&Json>) -> Option<Check> {
    named(sent, way_in, metadata)
}

/// Character by character, as the audience of the token is made from it.
fn named(sent: &Params, way_in: &WayIn, metadata: Option<&Json>) -> Option<Check> {
    let resource = way_in.resource(metadata)?;
    let sent: Vec<&str> = sent.all("resource").collect();
    let saw = if sent.is_empty() { "absent".to_owned() } else { short(&sent.join(", ")) };
    Some(rule::RESOURCE.holds(sent.contains(&resource.as_str()), short(&resource), saw))
}

/// Less than the API named is a mistake, more is the user's choice. A client may add offline_access, which no API names.
fn chosen(sent: &str, wanted: &str) -> Check {
    let words = |scope| scope::words(scope).filter(|word| *word != "offline_access").collect::<BTreeSet<_>>();
    let (has, needs) = (words(sent), words(wanted));
    let or_none = |scope: &str| if scope.is_empty() { "no scope".to_owned() } else { short(scope) };
    match (needs.is_subset(&has), has.is_subset(&needs)) {
        (true, true) => rule::SCOPE.pass(or_none(sent)),
        (true, false) => rule::SCOPE.note(format!("{}, where {} would do", or_none(sent), or_none(wanted))),
        (false, _) => rule::SCOPE.broken(or_none(wanted), or_none(sent)),
    }
}

fn united(sent: &str, step_up: &StepUp) -> Check {
    let union = step_up.union();
    rule::UNION.holds(scope::same(sent, &union), short(&union), short(sent))
}

/// Whether a call was refused for want of a scope that the token has. `scope` is what was granted.
pub fn granted(step_up: &StepUp, scope: &str) -> Check {
    let is_there = StepUp { asked: scope.to_owned(), wanted: step_up.wanted.clone() };
    match scope::words(&step_up.wanted).next() {
        None => rule::GRANTED.skipped("the challenge names no scope"),
        Some(_) => rule::GRANTED.holds(
            is_there.is_new(),
            "a scope that the token lacks",
            format!("{} wanted, {} granted", short(&step_up.wanted), short(scope)),
        ),
    }
}

/// Whether a call was refused for want of what its token has.
pub fn is_in_vain(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.rule == &rule::GRANTED && check.verdict == Verdict::Fail)
}

fn short(text: &str) -> String {
    elided_between_words(&visible(text), LETTERS).into_owned()
}
