//! What a refusal says of proofs of a key (RFC 9449): that one is wanted, that the server sees another address than was
//! signed, that it is not content with its own nonce.

use crate::base::check::Check;
use crate::base::text::visible;
use crate::client::challenge::challenges;
use crate::client::dpop::{self, DPOP, NONCE};
use crate::client::rules::token as rule;
use crate::jose::jwt::Decoded;
use crate::terms::error::OAuthError;
use crate::terms::scope;

use super::Flow;
use super::stage::Stage;
use super::trace::Exchange;

/// Words for the address of a request.
const ADDRESS: [&str; 4] = ["htu", "url", "uri", "http_uri"];

/// Whether the server wants a proof in a request that had none.
pub(super) fn is_wanted(error: &OAuthError, exchange: &Exchange) -> bool {
    let said = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    let named: Vec<String> =
        exchange.response().map(challenges).unwrap_or_default().into_iter().map(|challenge| challenge.scheme).collect();
    let is_alone = !named.is_empty() && named.iter().all(|scheme| scheme.eq_ignore_ascii_case(DPOP));
    let names_it = error.error.contains("dpop") || said.contains("dpop") || is_alone;
    names_it && !is_step_up(error) && exchange.request.headers.get(DPOP).is_none()
}

/// Whether that is because the client makes no proofs.
pub(super) fn is_off(error: &OAuthError, exchange: &Exchange) -> bool {
    is_wanted(error, exchange) && !exchange.settings.protection.dpop_bound_access_tokens
}

/// Whether that is because it makes none for what it pushes, where a proof is of its own choice (RFC 9449 section 10.1).
pub(super) fn is_off_when_pushed(error: &OAuthError, exchange: &Exchange) -> bool {
    let protection = &exchange.settings.protection;
    let makes_none = protection.dpop_bound_access_tokens && !protection.dpop_pushed_proof;
    makes_none && exchange.stage == Stage::PushedAuthorization && is_wanted(error, exchange)
}

/// Whether a token came that wants a proof, to a client that makes none.
pub(super) fn is_missed(check: &Check) -> bool {
    let is_of_type = check.actual.as_deref().is_some_and(|actual| actual.eq_ignore_ascii_case(DPOP));
    check.rule.id == rule::TYPE_UNDERSTOOD.id && is_of_type
}

/// What mends both.
pub(super) const SWITCH_ON: &str =
    "This client is registered for DPoP: switch dpop_bound_access_tokens on, so that its requests prove a key.";

/// What mends that of a pushed request.
const PROVE_PUSHED: &str = "The server wants the key proven in the pushed request too, and this one had no proof, so that no nonce \
                            helps: switch dpop_pushed_proof on.";

/// What is behind it where proofs are made.
const CAME_AS_BEARER: &str = "The token came with another token_type than DPoP and was presented by that, without a proof, and \
                              it is bound to a key all the same: have the token endpoint answer with token_type DPoP.";

/// What may be behind it where the server says nothing of proofs.
const BEARER_FOR_PROOF: &str = "The request for this token proved a key, and it came as Bearer, so that it was presented without a \
                                proof. Where the token is bound to the key all the same, have the token endpoint answer with \
                                token_type DPoP; where it is not, the server makes nothing of proofs for this client.";

/// Whether an API refuses a token without saying why, and the token came as Bearer though a key was proven for it.
fn came_as_bearer(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> bool {
    let is_unproven = exchange.request.headers.get(DPOP).is_none();
    let is_call = matches!(exchange.stage, Stage::UserInfo | Stage::Resource | Stage::Claims);
    let is_refused = exchange.response().is_some_and(|response| response.status == 401);
    let is_unsaid = !is_step_up(error) && error.error_description.is_none();
    let was_proven = || {
        let newest = flow.session.tokens.last();
        newest.is_some_and(|tokens| tokens.proven.jkt.is_some() && tokens.response.is_of_type("bearer"))
    };
    is_unproven && is_call && is_refused && is_unsaid && was_proven()
}

/// A step-up asks for another token, whatever the scheme of its challenge.
fn is_step_up(error: &OAuthError) -> bool {
    matches!(error.error.as_str(), "insufficient_user_authentication" | "insufficient_scope")
}

/// What to do about it, where it is about proofs.
pub(super) fn advice(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> Option<String> {
    if is_off(error, exchange) {
        return Some(SWITCH_ON.to_owned());
    }
    if is_off_when_pushed(error, exchange) {
        return Some(PROVE_PUSHED.to_owned());
    }
    if is_wanted(error, exchange) && matches!(exchange.stage, Stage::UserInfo | Stage::Resource | Stage::Claims) {
        return Some(CAME_AS_BEARER.to_owned());
    }
    if came_as_bearer(flow, error, exchange) {
        return Some(BEARER_FOR_PROOF.to_owned());
    }
    let proof = dpop::proof(&exchange.request)?;
    let said = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    match error.error.as_str() {
        "use_dpop_nonce" => Some(match exchange.response()?.headers.get(NONCE) {
            None => {
                "The server wants a nonce and gives none: look whether something before it drops the header field \
                 DPoP-Nonce."
            }
            Some(nonce) if !dpop::is_nonce(nonce) => {
                "The nonce that came has characters that none may have (RFC 9449 section 8.1), so that server and client \
                 may read it in different ways: let the server make nonces of base64url characters."
            }
            Some(_) => {
                "The server is not content with the nonce that it gave: look whether all its nodes share their nonces, and \
                 whether their clocks agree."
            }
        }
        .to_owned()),
        "invalid_dpop_proof" if ADDRESS.iter().any(|word| said.contains(word)) => {
            let signed = proof.claim("htu").and_then(|htu| htu.as_str()).unwrap_or("no htu");
            Some(format!(
                "The proof is signed for {}, the request went to {}. Where these are the same, the server sees another \
                 address behind its proxy: have the proxy pass on host and scheme.",
                visible(signed),
                visible(dpop::htu(&exchange.request.url).as_str())
            ))
        }
        code => {
            let of_alg = (code == "invalid_dpop_proof").then(|| unlisted_alg(flow, exchange, &proof)).flatten();
            of_alg.or_else(|| of_pushed(exchange, code, &said))
        }
    }
}

/// The algorithm of a proof that the server does not name among its own, or the API in its challenge (RFC 9449 sections
/// 5.1 and 7.1).
fn unlisted_alg(flow: &Flow, exchange: &Exchange, proof: &Decoded) -> Option<String> {
    let alg = proof.alg()?;
    let challenged = exchange.response().map(challenges).unwrap_or_default();
    let algs = challenged.iter().filter(|one| one.scheme.eq_ignore_ascii_case(DPOP)).find_map(|one| one.get("algs"));
    let listed = || {
        let metadata = flow.session.metadata.as_ref().filter(|_| exchange.stage != Stage::Resource)?;
        Some(dpop::listed_algs(Some(metadata))?.join(" "))
    };
    let taken = algs.or_else(listed)?;
    (!scope::contains(&taken, alg)).then(|| {
        format!(
            "The proof is signed with {}, and what is taken there is {}: fill in a dpop_private_key for one of these.",
            visible(alg),
            visible(&taken)
        )
    })
}

/// A pushed request may name the key, prove it, or do both (RFC 9449 section 10.1): not each server takes each of these.
fn of_pushed(exchange: &Exchange, code: &str, said: &str) -> Option<String> {
    let is_both = exchange.request.form().is_some_and(|form| form.contains("dpop_jkt"));
    let line = match exchange.stage == Stage::PushedAuthorization {
        true if is_both && said.contains("dpop_jkt") => {
            "The pushed request names a key in dpop_jkt and proves one: send only one of the two, with dpop_jkt or \
             dpop_pushed_proof switched off."
        }
        true if code == "invalid_dpop_proof" => {
            "Some servers take no proof with a pushed request: switch dpop_pushed_proof off; dpop_jkt binds the code as well."
        }
        _ => return None,
    };
    Some(line.to_owned())
}
