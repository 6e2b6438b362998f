//! What a refused registration shows by itself: whether its token was missing, and which of its values may be meant.

use super::stage::Stage;
use super::trace::Exchange;
use crate::client::endpoint::registration::asked;
use crate::terms::error::OAuthError;

/// A server that does not take everybody (RFC 7591 section 3.1).
const WANTS_TOKEN: &str = "This server registers only those who have an initial access token: get one from its operator, and \
                           fill in initial_access_token.";
const OTHER_TOKEN: &str = "The server did not take this initial access token: it may be over, used up, or of another realm. \
                           Get a new one from its operator.";
const OTHER_REGISTRATION_TOKEN: &str = "The server did not take registration_access_token: the registration was deleted, or \
                                        an answer after the first one has brought a new token.";

const POLICY: &str = "A policy of the server forbids this registration, or its initial access token is over or of another \
                      realm: the server's words say which.";
const SCOPES: &str =
    "The server lets no client register this scope. Leave it to the server: client_metadata {\"scope\":null}.";

/// Advice on a refusal of a registration; nothing where the glossary says it all.
pub(super) fn advice(error: &OAuthError, exchange: &Exchange) -> Option<String> {
    if !exchange.stage.is_of_registration() {
        return None;
    }
    let status = exchange.response().map_or(0, |response| response.status);
    match error.error.as_str() {
        _ if status == 403 && names_scope(error, exchange) => Some(SCOPES.to_owned()),
        _ if matches!(status, 401 | 403) => token(exchange.stage, exchange).map(str::to_owned),
        "invalid_token" | "insufficient_scope" => token(exchange.stage, exchange).map(str::to_owned),
        "invalid_redirect_uri" => redirect(exchange),
        _ => None,
    }
}

/// What a 401 or 403 without readable words means.
pub(super) fn token(stage: Stage, exchange: &Exchange) -> Option<&'static str> {
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

/// Whether the words are about the scope that was asked for, and not about that of the token (Keycloak).
fn names_scope(error: &OAuthError, exchange: &Exchange) -> bool {
    let words = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    let asks = || asked(&exchange.request).is_some_and(|metadata| metadata.text("scope").is_some());
    words.contains("scope") && words.contains("registration") && asks()
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
