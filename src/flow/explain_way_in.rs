//! What stopped the way in from an API (MCP): an API that lets everybody in, one without metadata, and a call that needs
//! more than the token allows.

use url::{ParseError, Url};

use crate::base::check::Verdict;
use crate::base::json::Json;
use crate::base::text::{quoted, visible};
use crate::base::typed::typed;
use crate::client::client_document::judge_url;
use crate::client::mcp::{Revision, StepUp};
use crate::client::rules::mcp;
use crate::client::settings::Settings;

use super::Flow;
use super::stage::{Stage, json_of};
use super::trace::Exchange;

/// Why the API refused a call: what it wants is asked for by another login, or was granted; or it takes other messages.
pub(super) fn refused(flow: &Flow, exchange: &Exchange) -> Vec<String> {
    let of_scope = step_up(flow, exchange.stage).or_else(|| in_vain(flow, exchange));
    of_scope.into_iter().chain(speaks(flow, exchange)).collect()
}

/// What another login would ask for, where the API wants more than was asked for (Step-Up Authorization Flow).
fn step_up(flow: &Flow, stage: Stage) -> Option<String> {
    let way_in = flow.session.way_in.as_ref().filter(|_| stage == Stage::Resource)?;
    way_in.step_up.as_ref().filter(|step_up| step_up.is_new())?;
    let scope = way_in.scope(&flow.settings.request.scope, flow.session.resource_metadata.as_ref());
    let wants =
        format!("The call needs more than was asked for: trying again signs in anew and asks for {}.", visible(&scope));
    Some(typed(&wants, "--retry 1"))
}

/// That no login helps, where what is wanted was granted, or who did not grant it.
fn in_vain(flow: &Flow, exchange: &Exchange) -> Option<String> {
    let way_in = flow.session.way_in.as_ref().filter(|_| exchange.stage == Stage::Resource)?;
    let StepUp { wanted, .. } = way_in.step_up.as_ref().filter(|step_up| !step_up.is_new())?;
    if is_ungranted(exchange) {
        return Some(format!(
            "The API wants {}, which was asked for, and the server did not grant it: the mistake is not at the API. Look at \
             the server whether the user may have that scope and has consented to it, and whether this client may ask for it.",
            visible(wanted)
        ));
    }
    let wanted = if wanted.is_empty() { "a scope that it does not name" } else { wanted };
    Some(format!(
        "The API wants {}, and that was asked for already: another login would bring the same. The mistake is at the API.",
        visible(wanted)
    ))
}

/// Whether an API rightly misses in a token what its server did not grant (RFC 6749 section 3.3): the token is refused again.
fn is_ungranted(exchange: &Exchange) -> bool {
    exchange.checks.iter().any(|check| check.rule == &mcp::GRANTED && check.verdict == Verdict::Pass)
}

/// The revision that the API seems to speak, where it does not take the message of this one: the newest that it lists, else
/// the last one that begins with a handshake.
pub(super) fn other_revision(flow: &Flow, exchange: &Exchange) -> Option<Revision> {
    let present = flow.session.way_in.as_ref()?.revision;
    let is_call = matches!(exchange.stage, Stage::Challenge | Stage::Resource);
    let response = exchange.response().filter(|it| is_call && matches!(it.status, 400 | 404 | 405 | 406 | 415))?;
    let listed = |json: Json| {
        let supported = json.get("error")?.get("data")?.get("supported")?;
        let named = supported.strings();
        Revision::ALL.into_iter().find(|revision| named.contains(&revision.name()))
    };
    let guess = || (!present.has_handshake()).then_some(Revision::November2025);
    json_of(response).and_then(listed).or_else(guess).filter(|revision| *revision != present)
}

/// The same in words.
fn speaks(flow: &Flow, exchange: &Exchange) -> Option<String> {
    other_revision(flow, exchange).map(|revision| {
        let name = revision.name();
        format!("The API may speak another revision, which has other messages: try mcp_revision {name}.")
    })
}

/// Settings by name, and what each is set to.
type Changes = Vec<(&'static str, String)>;

/// The first server that the API names, what a button says that goes on there, and what else has to change for that. A
/// document as `client_id` is the same client everywhere; what another server gave out is forgotten, so that the client
/// registers itself there or says that it is not known (MCP, Client Registration).
pub(super) fn client_there(flow: &Flow) -> Option<(&'static str, String, Changes)> {
    let metadata = flow.session.resource_metadata.as_ref()?;
    let issuer = (*metadata.get("authorization_servers")?.strings().first()?).to_owned();
    let Settings { client, registration, .. } = &flow.settings;
    let is_document = || judge_url(&client.client_id).iter().all(|check| check.verdict != Verdict::Fail);
    if client.client_id.is_empty() || registration.dynamic_client_registration || is_document() {
        return Some(("Use the server that the API names", issuer, Vec::new()));
    }
    // Whether there is a secret is not known of a run that was saved without its secrets.
    let mut forgotten = vec![("client_id", String::new()), ("client_secret", String::new())];
    if !client.token_endpoint_auth_method.is_empty() {
        forgotten.push(("token_endpoint_auth_method", String::new()));
    }
    Some(("Use a new client at the server that the API names", issuer, forgotten))
}

/// Why nothing was learned from the API itself.
pub(super) fn failed(flow: &Flow, exchange: &Exchange) -> Vec<String> {
    let Some(response) = exchange.response() else { return Vec::new() };
    match exchange.stage {
        Stage::Challenge if response.is_success() => vec![
            "Authorization is optional in MCP, and this API lets everybody call this method. Fill in api_body with a call \
             that it protects, such as tools/call."
                .to_owned(),
        ],
        Stage::ResourceMetadata if flow.session.way_in.is_some() => vec![
            missed(flow).or_else(|| relative(flow)).unwrap_or_else(|| format!(
                "An API has to publish its metadata since revision {}; one from before has none: try mcp_revision {}.",
                Revision::June2025.name(),
                Revision::March2025.name()
            )),
            "If you know whose tokens it takes, fill in issuer: a client may go on with a server it was told of.".to_owned(),
        ],
        _ => speaks(flow, exchange).into_iter().collect(),
    }
}

/// Whether a challenge names where the metadata are, and not by which host (RFC 9728 section 5.1).
pub(super) fn is_relative(flow: &Flow) -> bool {
    let named = flow.session.resource_metadata_url.as_deref();
    named.is_some_and(|named| Url::parse(named) == Err(ParseError::RelativeUrlWithoutBase))
}

/// The same in words, with what is probably meant.
fn relative(flow: &Flow) -> Option<String> {
    let named = flow.session.resource_metadata_url.as_deref().filter(|_| is_relative(flow))?;
    let meant = Url::parse(&flow.session.way_in.as_ref()?.api_url).ok()?.join(named).ok()?;
    Some(format!(
        "The challenge of the API names where its metadata are by {}, which is relative, and no document says to what: the \
         mistake is there. Write an absolute URL into resource_metadata, such as {}.",
        quoted(named),
        visible(meant.as_str())
    ))
}

/// That an API which names where its metadata are has none there: it is of no revision before there were any.
fn missed(flow: &Flow) -> Option<String> {
    flow.session.resource_metadata_missed.as_ref().map(|missed| {
        format!(
            "The challenge of the API names where its metadata are, and there came {}: the mistake is there. They have to \
             come at that address itself, with 200.",
            visible(missed)
        )
    })
}
