//! Changes of the request with which a user is sent to sign in, and of where the response comes back.

use url::Url;

use super::{Cure, PUSH};
use crate::client::assertion::new_key_alg;
use crate::client::request_object::{self, Message};
use crate::flow::stage::Stage;
use crate::flow::{Flow, description};
use crate::terms::metadata::Endpoint;
use crate::terms::response::is_jwt_mode;

/// What this stage asks with.
pub(super) fn message_of(stage: Stage) -> Message {
    if stage == Stage::BackchannelAuthentication { Message::Backchannel } else { Message::Authorization }
}

/// Has the request signed, with what there is to sign with, or with a key that is still to come.
pub(super) fn sign(flow: &Flow, of: Message) -> Option<Cure> {
    let algs = format!("{}_values_supported", of.setting());
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported(&algs));
    let new_key = || new_key_alg(listed.as_deref()).filter(|_| flow.settings.client.private_key.is_empty());
    // A shared secret is none for CIBA (section 7.1.1).
    let is_fit = |alg: &String| of == Message::Authorization || !alg.starts_with("HS");
    let fit = request_object::fit_alg(&flow.settings).filter(is_fit);
    let fit = fit.filter(|alg| listed.as_ref().is_none_or(|listed| listed.contains(&alg.as_str())));
    let alg = fit.or_else(|| new_key().map(str::to_owned))?;
    let present = of.alg(&flow.settings);
    let is_untaken = listed.is_some_and(|listed| !listed.contains(&present));
    let is_new = present.is_empty() || present != alg && is_untaken;
    is_new.then(|| Cure::new(format!("Sign the request with {alg}"), of.setting(), alg))
}

/// Sends the request without a request object.
pub(super) fn unsign(flow: &Flow, of: Message) -> Option<Cure> {
    of.is_signed(&flow.settings).then(|| Cure::new("Send the request plainly", of.setting(), ""))
}

/// Has the request pushed, where the server has an endpoint for that and it is not done already.
pub(super) fn push(flow: &Flow) -> Option<Cure> {
    let is_possible = flow.offers(Endpoint::PushedAuthorizationRequest) && !flow.is_pushed();
    is_possible.then(|| Cure::new("Push the request", PUSH, "true"))
}

pub(super) fn of_authorization(flow: &Flow, meant: &str, says: &dyn Fn(&[&str]) -> bool) -> Vec<Cure> {
    let request = &flow.settings.request;
    let metadata = flow.session.metadata.as_ref();
    let is_listed = |list, value: &str| metadata.is_some_and(|metadata| !metadata.leaves_out(list, value));
    let mut cures: Vec<Cure> = registered_port(flow, meant, says).into_iter().collect();
    if says(&["nonce"]) && !request.nonce {
        cures.push(Cure::new("Send a nonce", "nonce", "true"));
    }
    let mode = request.response_mode.as_str();
    if wants_signed_response(flow, says) {
        cures.push(Cure::new("Have the response signed", "response_mode", "jwt"));
    } else if !mode.is_empty()
        && (says(&["response_mode", "response mode"]) || !is_listed("response_modes_supported", mode))
    {
        cures.push(Cure::new("Leave response_mode out", "response_mode", ""));
    }
    if matches!(meant, "login_required" | "interaction_required" | "consent_required" | "account_selection_required")
        && request.prompt == "none"
    {
        cures.push(Cure::new("Let the server ask the user", "prompt", ""));
    }
    cures
}

/// Whether the server takes nothing but a response mode of JARM, and another one was asked for.
fn wants_signed_response(flow: &Flow, says: &dyn Fn(&[&str]) -> bool) -> bool {
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported("response_modes_supported"));
    let is_alone = listed.is_some_and(|listed| !listed.is_empty() && listed.iter().all(|mode| is_jwt_mode(mode)));
    let is_said = says(&description::WANTS_JARM) || is_alone && says(&["response_mode", "response mode"]);
    is_said && !is_jwt_mode(&flow.settings.request.response_mode)
}

/// What a page in a browser would send: the origin at which the response arrives.
pub(super) fn origin(flow: &Flow) -> Option<Cure> {
    let typed = flow.settings.client.redirect_uri.as_str();
    let uri = flow.session.authorization.as_ref().and_then(|sent| sent.get("redirect_uri")).unwrap_or(typed);
    let origin = Url::parse(uri).ok()?.origin();
    let is_new = flow.settings.token_request.headers.get("Origin").is_none();
    (origin.is_tuple() && is_new)
        .then(|| Cure::new("Add an Origin header", "token_request.headers.Origin", origin.ascii_serialization()))
}

/// How servers speak of a redirect URI that they do not know.
const REDIRECT: [&str; 4] = ["redirect_uri", "redirect uri", "callback url", "reply url"];

/// The port of this run, where the server does not know the redirect URI of a request.
pub(super) fn registered_port(flow: &Flow, meant: &str, says: &dyn Fn(&[&str]) -> bool) -> Option<Cure> {
    let is_meant = meant == "redirect_uri_mismatch" || meant == "invalid_redirect_uri" || says(&REDIRECT);
    is_meant.then(|| kept_port(flow)).flatten()
}

/// The port of this run for all to come, so that it can be registered.
pub(super) fn kept_port(flow: &Flow) -> Option<Cure> {
    let typed = Url::parse(&flow.settings.client.redirect_uri).ok().filter(|url| url.port() == Some(0))?;
    let sent = || flow.trace.exchanges.last().and_then(|last| last.authorization());
    let sent = flow.session.authorization.clone().or_else(sent)?;
    let used = Url::parse(sent.get("redirect_uri")?).ok()?;
    let port = used.port().filter(|_| used.host() == typed.host())?;
    Some(Cure::new(format!("Keep port {port}"), "redirect_uri", used.as_str()))
}
