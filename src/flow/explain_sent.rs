//! What a refused request shows of its cause by itself: a token that is over or of another issuer, and what its own rules
//! say is missing.

use std::collections::HashSet;

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::text::{quoted, visible};
use crate::base::time::spoken;
use crate::base::typed::typed;
use crate::client::client_document;
use crate::client::settings::{FIELDS, is_used};
use crate::jose::claims::numeric_date;
use crate::jose::jwt::decode;
use crate::terms::error::OAuthError;
use crate::terms::{glossary, scope};

use super::stage::Stage;
use super::trace::{Answer, Exchange};
use super::{Failure, Flow};

/// Rules of a request that a server cannot but refuse when they are broken.
const REFUSED: [&str; 18] = [
    "rar_request.form",
    "claims_request.form",
    "resource_request.form",
    "authorization_request.required",
    "authorization_request.nonce_required",
    "authorization_request.duplicates",
    "authorization_request.prompt",
    "authorization_request.max_age",
    "authorization_request.pushed",
    "authorization_request.signed",
    "backchannel_request.hint",
    "backchannel_request.openid",
    "dpop_proof.header",
    "dpop_proof.key",
    "dpop_proof.claims",
    "dpop_proof.htm",
    "dpop_proof.ath",
    "dpop_proof.jkt",
];

/// What is known to be wrong with this request, a line each.
pub(super) fn advice(flow: &Flow, exchange: &Exchange) -> Vec<String> {
    let is_cause = |check: &&Check| check.verdict == Verdict::Fail && REFUSED.contains(&check.rule.id);
    let broken = exchange.checks.iter().filter(is_cause).map(|check| check.rule);
    let mut lines: Vec<String> =
        broken.map(|rule| format!("What was sent breaks {}: {}. {}", rule.id, rule.title, rule.fix)).collect();
    lines.extend(twice(&exchange.request));
    lines.extend(without_password(&exchange.request));
    lines.extend(
        token(&exchange.request, exchange.stage).and_then(|(name, token)| of_token(flow, exchange, name, &token)),
    );
    lines.extend(of_document(exchange));
    lines
}

/// Where the client is a document that the server fetches, what came of that is told by the document alone.
fn of_document(exchange: &Exchange) -> Option<String> {
    let said = match &exchange.answer {
        Answer::Failed(Failure::SignIn { why, is_refusal: true, .. }) => why.to_lowercase(),
        Answer::Response(response) if !response.is_success() => response.text().to_lowercase(),
        _ => return None,
    };
    let sent = match exchange.stage {
        Stage::Authorization => exchange.request.query(),
        Stage::PushedAuthorization => exchange.request.form()?,
        _ => return None,
    };
    let client_id = sent.get("client_id")?;
    let is_address = client_document::judge_url(client_id).iter().all(|check| check.verdict != Verdict::Fail);
    (is_address && said.contains("client")).then(|| {
        format!(
            "client_id is the address of a document, which the server fetches: see what it finds there with grantscope \
             client-document check {}",
            visible(client_id)
        )
    })
}

/// What this client is at the server that an ID-JAG is for, where that does not recognise it
/// (draft-ietf-oauth-identity-assertion-authz-grant section 5).
pub(super) fn unknown_there(exchange: &Exchange, meant: &str) -> Option<String> {
    let has_another = !exchange.settings.request.resource_client_id.is_empty();
    let line = match (exchange.stage, meant) {
        (Stage::IdJag, "invalid_client") if has_another => {
            "The resource authorization server does not recognise this client: compare resource_client_id and \
             resource_client_secret with its registration there."
        }
        (Stage::IdJag, "invalid_client") => {
            "The resource authorization server does not recognise the client of the first server: fill in resource_client_id \
             and resource_client_secret, as it is registered there."
        }
        _ => return None,
    };
    Some(line.to_owned())
}

/// A token type that is nearly a known one: it is compared character by character (RFC 8693 section 3).
pub(super) fn nearly_a_type(exchange: &Exchange) -> Option<String> {
    let form = exchange.request.form().filter(|_| exchange.stage == Stage::Exchange)?;
    let types = FIELDS.iter().filter(|field| field.name.ends_with("_token_type"));
    types.into_iter().find_map(|field| {
        let sent = form.get(field.name)?;
        Some(format!("{} is {}: {} was meant?", field.name, quoted(sent), field.meant(sent)?))
    })
}

/// How servers say that they miss something.
const MISSED: [&str; 7] =
    ["must contain", "missing", "required", "mandatory", "must be", "not provided", "not present"];

/// What stands beside the name of a parameter where that is a plain word.
const BESIDE: [&str; 3] = ["parameter", "parameters", "field"];

/// Plain words that servers name without saying that they are parameters.
const PLAIN: [&str; 2] = ["resource", "audience"];

/// The parameter that a server names as missing and that was not sent.
pub(super) fn missed(error: &OAuthError, exchange: &Exchange) -> Option<String> {
    let said = error.error_description.as_deref()?.to_lowercase();
    let is_missed = MISSED.iter().any(|word| said.contains(word)) || said.contains("no audience");
    // A claim of an assertion is no parameter.
    let is_of_token = ["claim", "assertion"].iter().any(|word| said.contains(word)) && !said.contains('_');
    if !is_missed || is_of_token || exchange.stage.is_of_registration() && !said.contains('_') {
        return None;
    }
    let sent = exchange.request.names();
    let words: Vec<&str> = said
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let is_beside = |at: usize| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let before = at.checked_sub(1).map(|at| words[at]).unwrap_or_default();
        let is_plain = PLAIN.contains(&words[at]) && (matches!(before, "missing" | "no") || next == "is");
        is_plain || BESIDE.contains(&before) || BESIDE.contains(&next)
    };
    let is_named = |at: &usize| words[*at].contains('_') || is_beside(*at);
    let is_new = |word: &&str| glossary::parameter(word).is_some() && !sent.iter().any(|name| name == word);
    (0..words.len()).filter(is_named).map(|at| words[at]).find(is_new).map(str::to_owned)
}

/// A parameter that the server names as missing, and that was not sent.
pub(super) fn wanted(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> Option<String> {
    let said = error.error_description.as_deref()?.to_lowercase();
    // Glewlwyd calls the hint so that prompt=none needs.
    if exchange.stage.asks_for_authorization() && said == "id_token mandatory" {
        return Some(typed(
            "The server wants to know whose session prompt=none asks about: send an ID token of an earlier login as \
             id_token_hint.",
            "--set extra.id_token_hint=...",
        ));
    }
    let name = missed(error, exchange)?;
    let name = name.as_str();
    let settings = &flow.settings;
    if scope::contains(&settings.request.omit, name) || scope::contains(&settings.token_request.omit, name) {
        return Some(format!("The server wants {name}, which omit leaves out."));
    }
    if exchange.stage.is_of_registration() {
        return Some(format!("The server wants {name}, which was not sent: write it into client_metadata."));
    }
    let is_field = FIELDS.iter().any(|field| field.name == name) && is_used(name, flow.grant, settings);
    let table = match exchange.stage {
        _ if is_field => "",
        Stage::PushedAuthorization | Stage::Authorization => "extra.",
        Stage::Token => "token_request.extra.",
        _ => return Some(format!("The server wants {name}, which was not sent.")),
    };
    Some(typed(&format!("The server wants {name}, which was not sent."), &format!("--set {table}{name}=...")))
}

/// An `invalid_scope` of a request without one (RFC 6749 section 3.3).
pub(super) fn without_scope(flow: &Flow, meant: &str, exchange: &Exchange) -> Option<String> {
    let params = exchange.request.form().unwrap_or_else(|| exchange.request.query());
    let is_without = params.get("scope").is_none_or(|scope| scope.trim().is_empty());
    let is_readable = !params.contains("request") && !params.contains("request_uri");
    let metadata = flow.session.metadata.as_ref();
    let listed = metadata.and_then(|metadata| metadata.supported("scopes_supported")).unwrap_or_default();
    (meant == "invalid_scope" && is_without && is_readable && exchange.stage != Stage::Refresh).then(|| {
        match listed.is_empty() {
            true => "No scope was sent, and the server wants one: fill in scope.".to_owned(),
            false => {
                let listed = listed.join(", ");
                format!("No scope was sent, and the server wants one: fill in scope; it names {}.", visible(&listed))
            }
        }
    })
}

/// Parameters that may be sent more than once (RFC 8707 section 2, RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// A parameter of a form that was sent twice (RFC 6749 section 3.2).
fn twice(request: &HttpRequest) -> Option<String> {
    let form = request.form()?;
    let mut seen = HashSet::new();
    let mut names = form.iter().map(|(name, _)| name).filter(|name| !REPEATABLE.contains(name));
    let name = names.find(|name| !seen.insert(*name))?;
    Some(format!("{} was sent twice, which a server has to refuse: leave one of the two out.", visible(name)))
}

fn without_password(request: &HttpRequest) -> Option<String> {
    let form = request.form()?;
    let is_empty = form.get("grant_type") == Some("password") && form.get("password").is_none_or(str::is_empty);
    is_empty.then(|| "No password was sent: fill it in.".to_owned())
}

/// The token that a request hands in, and its name there.
fn token(request: &HttpRequest, stage: Stage) -> Option<(&'static str, String)> {
    let form = request.form().unwrap_or_default();
    let of_form =
        ["refresh_token", "subject_token"].into_iter().find_map(|name| Some((name, form.get(name)?.to_owned())));
    let presents = matches!(stage, Stage::UserInfo | Stage::Resource);
    let bearer = || request.headers.get("authorization")?.strip_prefix("Bearer ").map(str::to_owned);
    of_form.or_else(|| presents.then(bearer).flatten().map(|token| ("access_token", token)))
}

/// What a token says of itself, where it is a JWT. A server may make its tokens of any text.
fn of_token(flow: &Flow, exchange: &Exchange, name: &str, token: &str) -> Option<String> {
    let token = decode(token);
    let over = token.claim("exp").and_then(|exp| numeric_date(exp).ok()).filter(|exp| *exp <= exchange.sent_at);
    let foreign = token.claim("iss").and_then(Json::as_str);
    let foreign = foreign.zip(flow.session.issuer(&flow.settings)).filter(|(iss, issuer)| iss != issuer);
    match (over, foreign) {
        (Some(exp), _) => {
            Some(format!("{name} was over for {} when it left: get a new one.", spoken(exchange.sent_at.since(exp))))
        }
        (_, Some((iss, issuer))) => Some(format!("{name} is of {}, and {} was asked.", quoted(iss), visible(issuer))),
        _ => None,
    }
}
