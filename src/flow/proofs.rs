//! Proofs of a key in the requests of a run (RFC 9449): each is held to its rules, wherever it occurs, and a server that
//! wants a nonce is answered.

use super::session::Session;
use super::stage::Stage;
use super::trace::Exchange;
use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::client::dpop::{self, Challenged, DPOP, NONCE};

/// Takes in the proof of a request that has left, and holds it to its rules.
pub(super) fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    // To send what is no proof of this request is what the experiment is.
    if exchange.stage == Stage::Replay {
        return Vec::new();
    }
    let request = &exchange.request;
    let listed = dpop::listed_algs(session.metadata.as_ref());
    let expected = dpop::Expected {
        nonce: session.proofs.nonces.get(&dpop::origin(&request.url)).map(String::as_str),
        used: &session.proofs.used,
        algs: listed.as_deref(),
        now: exchange.sent_at,
    };
    let mut checks = dpop::lint(request, expected);
    let jti = dpop::proof(request).and_then(|proof| proof.claim("jti")?.as_str().map(str::to_owned));
    session.proofs.used.extend(jti);
    // To present it otherwise is what the experiment is.
    let is_meant = exchange.stage == Stage::Unproven;
    let bound = session.tokens.last().filter(|tokens| !is_meant && tokens.response.is_of_type(DPOP));
    let token = bound.and_then(|tokens| tokens.response.access_token.as_ref());
    checks.extend(token.and_then(|token| dpop::presented(request, token)));
    checks.extend(redeemed(exchange, session));
    checks
}

/// The key of a code that was asked for with `dpop_jkt`, or pushed with a proof.
fn redeemed(exchange: &Exchange, session: &Session) -> Option<Check> {
    let form = exchange.request.form()?;
    form.get("code").filter(|_| form.get("grant_type") == Some("authorization_code"))?;
    let named = session.authorization.as_ref().and_then(|sent| sent.key_of_code());
    dpop::names_key(named, dpop::jkt(&exchange.request).as_deref())
}

/// Reads what an answer says of nonces; [`Challenged::Again`] where the request is made once more.
pub(super) fn answered(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Challenged {
    let proofs = &mut session.proofs;
    if response.is_success() && dpop::is_call(&exchange.request) && !exchange.stage.wants_refusal() {
        proofs.taken = Some(exchange.request.clone());
    }
    let challenged = match exchange.stage {
        // The same proof cannot have another nonce.
        Stage::Replay => Challenged::No,
        _ => dpop::challenged(&exchange.request, response, proofs.answered),
    };
    proofs.answered = if matches!(challenged, Challenged::Again(_)) { proofs.answered + 1 } else { 0 };
    if let Some(nonce) = response.headers.get(NONCE) {
        proofs.nonces.insert(dpop::origin(&exchange.request.url), nonce.to_owned());
    }
    challenged
}
