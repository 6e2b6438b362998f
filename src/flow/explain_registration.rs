//! What a refused registration shows by itself: whether its token was missing, and which of its values may be meant.

use super::Flow;
use super::stage::{Stage, json_of};
use super::trace::Exchange;
use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::client::endpoint::registration::asked;
use crate::terms::error::OAuthError;

/// A server that does not take everybody (RFC 7591 section 3.1).
const WANTS_TOKEN: &str = "This server registers only those who have an initial access token: get one from its operator, and \
                           fill in initial_access_token.";
const OTHER_TOKEN: &str = "The server did not take this initial access token: it may be over, used up, or of another realm. \
                           Get a new one from its operator.";
const OTHER_REGISTRATION_TOKEN: &str = "The server did not take registration_access_token: the registration was deleted, or \
                                        an answer after the first one has brought a new token.";

const NO_UPDATE: &str = "The server does not offer changes of a registration: few that register clients do. Register anew, or \
                         have its operator change the client.";
const NO_DELETION: &str = "The server does not offer that a client deletes its registration: have its operator do it.";
const POLICY: &str = "A policy of the server forbids this registration, or its initial access token is over or of another \
                      realm: the server's words say which.";
const NO_STRING: &str = "client_id is a string (RFC 7591 section 3.2.1), and another value came, which clients do not take: have \
                         the server write it in quotes.";
const SCOPES: &str =
    "The server lets no client register this scope. Leave it to the server: client_metadata {\"scope\":null}.";

/// That the secret of the client that was registered in this run is over, by what its server said (RFC 7591 section 3.2.1).
pub(super) fn ended_secret(flow: &Flow, sent_at: Timestamp) -> Option<String> {
    let registered = flow.session.registered.as_ref()?;
    let ended = registered.secret_expires_at.filter(|ends| *ends <= sent_at)?;
    let is_its = registered.client_secret.as_ref() == Some(&flow.settings.client.client_secret);
    (is_its && flow.settings.auth_method().is_some_and(|method| method.name().starts_with("client_secret_"))).then(
        || {
            format!(
                "This client_secret ended at {ended}, as client_secret_expires_at of its registration said: read the \
             registration, which may bring a new one, or register anew."
            )
        },
    )
}

/// Advice on a refusal of a registration; nothing where the glossary says it all.
pub(super) fn advice(error: &OAuthError, exchange: &Exchange) -> Option<String> {
    if !exchange.stage.is_of_registration() {
        return None;
    }
    let status = exchange.response().map_or(0, |response| response.status);
    if let Some(line) = unoffered(exchange) {
        return Some(line.to_owned());
    }
    match error.error.as_str() {
        _ if status == 403 && names_scope(error, exchange) => Some(SCOPES.to_owned()),
        "invalid_scope" if asks_for_scope(exchange) => Some(SCOPES.to_owned()),
        _ if matches!(status, 401 | 403) => token(exchange.stage, exchange).map(str::to_owned),
        "invalid_token" | "insufficient_scope" => token(exchange.stage, exchange).map(str::to_owned),
        "invalid_redirect_uri" => redirect(exchange),
        "invalid_client_metadata" if names_redirect(error) => Some(of_redirect(error)),
        _ => None,
    }
}

/// Why a request that manages a registration did not leave.
pub(super) fn unguarded(stage: Stage, check: &Check) -> Option<String> {
    let spec = &check.rule.spec;
    stage.is_of_registration().then(|| format!("registration_access_token should not be sent there ({spec})"))
}

/// What a refusal without readable words means, or a success that is none.
pub(super) fn without_words(stage: Stage, exchange: &Exchange) -> Option<&'static str> {
    let is_of_token = exchange.response().is_some_and(|response| matches!(response.status, 401 | 403));
    let refused = token(stage, exchange).filter(|_| is_of_token).or_else(|| unoffered(exchange));
    refused.or_else(|| has_other_client_id(stage, exchange).then_some(NO_STRING))
}

/// Whether a registration was answered with a `client_id` that is none by its type: a number, as servers write that keep
/// their clients by number.
fn has_other_client_id(stage: Stage, exchange: &Exchange) -> bool {
    let answer = exchange.response().filter(|response| stage.is_of_registration() && response.is_success());
    let client_id = answer.and_then(json_of).and_then(|json| json.get("client_id").cloned());
    client_id.is_some_and(|client_id| !matches!(client_id, Json::Null | Json::String(_)))
}

/// What a 401 or 403 means.
fn token(stage: Stage, exchange: &Exchange) -> Option<&'static str> {
    let has_token = exchange.request.headers.get("authorization").is_some();
    let is_forbidden = exchange.response().is_some_and(|response| response.status == 403);
    match stage {
        Stage::Registration if has_token && is_forbidden => Some(POLICY),
        Stage::Registration if has_token => Some(OTHER_TOKEN),
        Stage::Registration => Some(WANTS_TOKEN),
        stage if stage.is_of_registration() => Some(OTHER_REGISTRATION_TOKEN),
        _ => None,
    }
}

/// That a server lets nobody change or end a registration by itself (RFC 7592 sections 2.2 and 2.3).
pub(super) fn unoffered(exchange: &Exchange) -> Option<&'static str> {
    let is_unknown = matches!(exchange.response()?.status, 404 | 405 | 501);
    match exchange.stage {
        Stage::RegistrationUpdate if is_unknown => Some(NO_UPDATE),
        Stage::RegistrationDelete if is_unknown => Some(NO_DELETION),
        _ => None,
    }
}

/// Whether the words of a refusal are about the redirect URI, whatever its code.
fn names_redirect(error: &OAuthError) -> bool {
    let words = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    ["redirect_uri", "redirect uri", "redirecturi", "callback"].iter().any(|name| words.contains(name))
}

fn of_redirect(error: &OAuthError) -> String {
    let words = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    let https =
        if words.contains("https") { " It wants https, which a listener on this machine does not have." } else { "" };
    format!(
        "The server does not take redirect_uris as they were sent: register an address of a form that it takes, by \
         redirect_uri.{https}"
    )
}

/// Whether the words are about the scope that was asked for, and not about that of the token (Keycloak).
fn names_scope(error: &OAuthError, exchange: &Exchange) -> bool {
    let words = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    words.contains("scope") && words.contains("registration") && asks_for_scope(exchange)
}

fn asks_for_scope(exchange: &Exchange) -> bool {
    asked(&exchange.request).is_some_and(|metadata| metadata.text("scope").is_some())
}

/// The addresses that were refused; loopback ones are for apps on a device (OIDC Registration section 2).
fn redirect(exchange: &Exchange) -> Option<String> {
    let asked = asked(&exchange.request)?;
    let is_web = asked.text("application_type") == Some("web");
    let is_plain = asked.get("redirect_uris")?.strings().iter().any(|uri| uri.starts_with("http://"));
    (is_web && is_plain).then(|| {
        "application_type is web, for which servers take no http address: send native for an app on this machine."
            .to_owned()
    })
}
