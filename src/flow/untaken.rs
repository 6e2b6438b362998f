//! What a server does not take of a request, and what it may take instead: settings with a value for each.

use super::Flow;
use super::stage::Stage;
use super::trace::{Answer, Exchange};
use crate::base::check::{Check, Verdict};
use crate::base::text::visible;
use crate::client::rules::encryption;
use crate::terms::error::OAuthError;
use crate::terms::scope;

/// What a button says, the setting, and what it is set to.
pub(super) type Change = (String, &'static str, String);

/// Which API to ask for, where the server knows none by what was sent, or wants to be told of one.
pub(super) fn api(flow: &Flow, wants_resource: bool) -> Option<Change> {
    name_api(flow).or_else(|| resource(flow).filter(|_| !wants_resource))
}

/// The API that the tokens are for (RFC 8707 section 2): the one that the run calls, else the only one that the server names
/// (RFC 9728 section 4).
fn name_api(flow: &Flow) -> Option<Change> {
    let request = &flow.settings.request;
    let listed = || flow.session.metadata.as_ref()?.supported("protected_resources");
    let only = || listed().and_then(|listed| <[&str; 1]>::try_from(listed).ok()).map(|[only]| only.to_owned());
    let called = Some(request.api_url.clone()).filter(|url| !url.is_empty());
    let resource = called.or_else(only).filter(|_| request.resource.is_empty() && flow.session.way_in.is_none())?;
    Some((format!("Name {} in resource", visible(&resource)), "resource", resource))
}

/// Another resource than the one that the server does not know (RFC 8707 section 2): nearly the same where the server or
/// the user names that, one of several, or none.
fn resource(flow: &Flow) -> Option<Change> {
    let request = &flow.settings.request;
    let typed: Vec<&str> = scope::words(&request.resource).collect();
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported("protected_resources"));
    let known = listed.unwrap_or_default().into_iter().chain([request.api_url.as_str()]);
    let is_near = |one: &str, other: &str| one != other && bare(one).eq_ignore_ascii_case(bare(other));
    let change = |label: String, value: &str| Some((label, "resource", value.to_owned()));
    match typed[..] {
        [] => None,
        [only] => match known.into_iter().find(|known| is_near(only, known)) {
            Some(near) => change(format!("Name {} in resource", visible(near)), near),
            None => change("Leave resource out".to_owned(), ""),
        },
        [first, ..] => change(format!("Ask for {} alone", visible(first)), first),
    }
}

/// Without what is added and left out by mistake.
fn bare(uri: &str) -> &str {
    uri.split(['#', '?']).next().unwrap_or(uri).trim_end_matches('/')
}

/// Members of a registration that say how a response is encrypted, and the list of the server for each.
const ENCRYPTED: [(&str, &str); 6] = [
    ("id_token_encrypted_response_alg", "id_token_encryption_alg_values_supported"),
    ("id_token_encrypted_response_enc", "id_token_encryption_enc_values_supported"),
    ("userinfo_encrypted_response_alg", "userinfo_encryption_alg_values_supported"),
    ("userinfo_encrypted_response_enc", "userinfo_encryption_enc_values_supported"),
    ("authorization_encrypted_response_alg", "authorization_encryption_alg_values_supported"),
    ("authorization_encrypted_response_enc", "authorization_encryption_enc_values_supported"),
];

/// An encryption that a server does not register: the only one that it lists, or none.
pub(super) fn encryption(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> Option<Change> {
    if !exchange.stage.is_of_registration() {
        return None;
    }
    let said = error.error_description.as_deref().unwrap_or_default().to_lowercase();
    let typed = |member: &str| flow.settings.text(member).filter(|typed| !typed.is_empty());
    let listed = |list: &str| flow.session.metadata.as_ref().and_then(|metadata| metadata.supported(list));
    let is_meant = |(member, list): &&(&'static str, &str)| {
        let is_left_out = |typed: String| listed(list).is_some_and(|listed| !listed.contains(&typed.as_str()));
        typed(member).is_some_and(|typed| said.contains(member) || is_left_out(typed))
    };
    let (member, list) = ENCRYPTED.iter().find(is_meant)?;
    let only = listed(list).and_then(|listed| <[&str; 1]>::try_from(listed).ok()).map(|[only]| only.to_owned());
    Some(match only.filter(|only| typed(member).as_ref() != Some(only)) {
        Some(only) => (format!("Register {}", visible(&only)), member, only),
        None => (format!("Leave {member} out"), member, String::new()),
    })
}

/// A response that is encrypted in another way than is filled in: that way, `alg` first.
pub(super) fn encrypted_otherwise(exchange: &Exchange) -> Option<[Change; 2]> {
    let is_other = |check: &&Check| check.rule == &encryption::ALG && check.verdict == Verdict::Fail;
    let came = exchange.checks.iter().find(is_other)?.actual.as_deref()?;
    let (alg, enc) = came.split_once(" with ").filter(|(alg, enc)| !alg.contains('?') && !enc.contains('?'))?;
    let [of_alg, of_enc] = match exchange.stage {
        Stage::Authorization if is_answered_by_jwt(exchange) => [ENCRYPTED[4].0, ENCRYPTED[5].0],
        Stage::UserInfo => [ENCRYPTED[2].0, ENCRYPTED[3].0],
        _ => [ENCRYPTED[0].0, ENCRYPTED[1].0],
    };
    let label = format!("Fill in {came}");
    Some([(label.clone(), of_alg, alg.to_owned()), (label, of_enc, enc.to_owned())])
}

/// Whether the authorization response came as one JWT (JARM section 2.3).
fn is_answered_by_jwt(exchange: &Exchange) -> bool {
    matches!(&exchange.answer, Answer::Callback(callback) if callback.params.contains("response"))
}
