//! A refusal without a word by an endpoint that the metadata name: what the request handed in says what was refused.

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::jose::jwt::decode;
use crate::terms::metadata::Endpoint;

use super::trace::Exchange;
use super::{Flow, causes, unlisted};

/// What an answer without an error shows of its cause. A server that refuses without a word has most often looked at what
/// was handed in, and so has taken the grant.
pub(super) fn causes(flow: &Flow, exchange: &Exchange, response: &HttpResponse) -> Vec<String> {
    let (unlisted, of_grant) = unlisted::of_answer(flow, exchange, response);
    match advice(flow, exchange, response) {
        of_request if of_request.is_empty() => [unlisted, of_grant, causes::of_answer(exchange, response)].concat(),
        of_request => [unlisted, of_request, of_grant].concat(),
    }
}

/// What a status alone means, where the path is right; nothing where it may be that of something else.
fn advice(flow: &Flow, exchange: &Exchange, response: &HttpResponse) -> Vec<String> {
    let is_mute = response.body.iter().all(u8::is_ascii_whitespace) && causes::authenticates(exchange.stage);
    let form = exchange.request.form().unwrap_or_default();
    if !is_mute || !is_named(flow, exchange) {
        return Vec::new();
    }
    let line = match response.status {
        401 | 403 if form.contains("client_assertion") => of_assertion(exchange, form.get("client_assertion")),
        403 if form.contains("password") => Some(
            "403 without a word where a password was handed in: compare username and password with what the server knows, \
             then client_secret."
                .to_owned(),
        ),
        403 if !exchange.settings.client.client_secret.is_empty() => Some(
            "403 without a word at the path that the metadata name: most often client_secret is not the one that is \
             registered. Compare it, and client_id, with the registration."
                .to_owned(),
        ),
        400 if form.contains("refresh_token") => Some(
            "400 without a word to a refresh token: it is over, was used or revoked before, or was issued to another client."
                .to_owned(),
        ),
        _ => None,
    };
    let usual = if response.status == 401 { causes::of_answer(exchange, response) } else { Vec::new() };
    line.map(|line| [vec![line], usual].concat()).unwrap_or_default()
}

/// Whether the metadata name this address.
fn is_named(flow: &Flow, exchange: &Exchange) -> bool {
    let Some(metadata) = &flow.session.metadata else { return false };
    Endpoint::ALL.into_iter().any(|endpoint| metadata.endpoint(endpoint) == Some(exchange.request.url.as_str()))
}

/// A server may want to be named by the very endpoint that is called (RFC 7523 section 3).
fn of_assertion(exchange: &Exchange, assertion: Option<&str>) -> Option<String> {
    let token = decode(assertion?);
    let aud = token.claim("aud").map(Json::strings).unwrap_or_default();
    let endpoint = exchange.request.url.as_str();
    let why = match aud.contains(&endpoint) {
        true => {
            "compare its key, kid and alg, or the secret it is made with, with what is registered for the client".into()
        }
        false => format!(
            "its aud is {}, and some servers want the very endpoint that is called: set client_assertion_audience to endpoint",
            visible(&aud.join(", "))
        ),
    };
    Some(format!("The server did not take the assertion, and does not say why: {why}."))
}
