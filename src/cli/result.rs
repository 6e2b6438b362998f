//! A run as programs read it.

use super::json::{checks, headers, number, object, optional, text};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::client::settings::{FIELDS, Slot};
use crate::export::redact::{Redactor, UNNAMED, is_sought};
use crate::flow::callback::Callback;
use crate::flow::session::Tokens;
use crate::flow::stage::Missing;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Flow, Next, Problem, ProblemKind};
use crate::jose::x509::thumbprint;

/// Hides every secret of this run.
pub(super) fn redactor(flow: &Flow) -> Redactor {
    let known = flow.secrets().map(|secret| (UNNAMED, secret.clone()));
    Redactor::of_named(&flow.trace, typed(flow).into_iter().chain(known))
}

/// The secrets that were filled in, each with the name of its field.
fn typed(flow: &Flow) -> Vec<(&'static str, Secret)> {
    let mut settings = flow.settings.clone();
    let mut secrets = Vec::new();
    for field in FIELDS {
        if let Slot::Secret(secret) = (field.slot)(&mut settings)
            && is_sought(field.name, secret.expose())
        {
            secrets.push((field.name, secret.clone()));
        }
    }
    secrets
}

/// The result: `grant`, `outcome`, `tokens`, `claims`, `exchanges`, `checks`, and `skipped`, `problem` or `missing`
/// when there is one.
pub(super) fn of(flow: &Flow, next: &Next, with_secrets: bool) -> Json {
    let redactor = (!with_secrets).then(|| redactor(flow));
    let trace = redactor.as_ref().map_or_else(|| flow.trace.clone(), |redactor| redactor.trace(&flow.trace));
    let mut result = vec![
        ("grant".to_owned(), text(flow.grant.key())),
        ("outcome".to_owned(), text(flow.outcome().word())),
        ("tokens".to_owned(), flow.session.tokens.last().map_or(Json::Null, |tokens| of_tokens(flow, tokens))),
        ("claims".to_owned(), claims(flow)),
        ("exchanges".to_owned(), Json::Array(trace.exchanges.iter().map(|exchange| of_exchange(exchange)).collect())),
        ("checks".to_owned(), checks(trace.checks().into_iter().map(|(_, check)| check))),
    ];
    if !trace.skipped.is_empty() {
        result.push((
            "skipped".to_owned(),
            Json::Array(trace.skipped.iter().map(|(at, reason)| of_skipped(flow, *at, reason)).collect()),
        ));
    }
    if let Some(problem) = flow.problem() {
        result.push(("problem".to_owned(), of_problem(problem)));
    }
    if let Next::Missing(missing) = next {
        result.push(("missing".to_owned(), of_missing(missing)));
    }
    let result = Json::Object(result);
    redactor.map_or(result.clone(), |redactor| redactor.json(&result))
}

/// A stage that had nothing to do, and why.
fn of_skipped(flow: &Flow, position: usize, reason: &str) -> Json {
    let stage = flow.stages().get(position).map_or("", |stage| stage.slug());
    object([("stage", text(stage)), ("reason", text(reason))])
}

fn of_tokens(flow: &Flow, tokens: &Tokens) -> Json {
    let response = &tokens.response;
    let secret = |secret: Option<&Secret>| optional(secret.map(Secret::expose));
    object([
        ("access_token", secret(response.access_token.as_ref())),
        ("token_type", optional(response.token_type.clone())),
        ("expires_in", response.expires_in.map_or(Json::Null, |seconds| number(&seconds))),
        ("refresh_token", secret(flow.session.refresh_token())),
        ("id_token", secret(response.id_token.as_ref())),
        ("scope", text(tokens.scope.clone())),
    ])
}

/// The claims of the newest ID token.
fn claims(flow: &Flow) -> Json {
    let token = flow.session.tokens.iter().rev().find_map(|tokens| tokens.id_token.as_ref());
    token.and_then(|token| token.claims.clone()).unwrap_or(Json::Null)
}

fn of_exchange(exchange: &Exchange) -> Json {
    let (kind, answer) = match &exchange.answer {
        Answer::Response(response) => ("response", of_response(response)),
        Answer::Callback(callback) => ("callback", of_callback(callback)),
        Answer::Failed(failure) => ("error", text(failure.to_string())),
        Answer::Visited => ("visited", Json::Bool(true)),
        Answer::Pending => ("error", text("no response came back")),
    };
    object([
        ("stage", text(exchange.stage.slug())),
        ("attempt", number(&exchange.attempt)),
        ("sent_at", text(exchange.sent_at.to_utc())),
        ("took_ms", number(&exchange.took.as_millis())),
        ("request", of_request(&exchange.request)),
        (kind, answer),
    ])
}

fn of_request(request: &HttpRequest) -> Json {
    let mut members = vec![
        ("method".to_owned(), text(request.method.clone())),
        ("url".to_owned(), text(request.url.as_str())),
        ("headers".to_owned(), headers(&request.headers)),
        ("body".to_owned(), text(String::from_utf8_lossy(&request.body))),
    ];
    // In no header field, but shown in the handshake: its x5t#S256 (RFC 8705 section 3.1).
    let shown = request.tls.certificate.as_ref().and_then(|certificate| certificate.chain.first());
    members.extend(shown.map(|der| ("client_certificate".to_owned(), text(thumbprint(der)))));
    Json::Object(members)
}

fn of_response(response: &HttpResponse) -> Json {
    object([
        ("status", number(&response.status)),
        ("headers", headers(&response.headers)),
        ("body", text(response.text())),
    ])
}

fn of_callback(callback: &Callback) -> Json {
    let members = callback.params.iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
    object([
        ("redirect_uri", text(callback.redirect_uri.clone())),
        ("response_mode", text(callback.via.name())),
        ("params", Json::Object(members)),
    ])
}

fn of_missing(missing: &Missing) -> Json {
    object([
        ("stage", text(missing.stage.slug())),
        ("field", text(missing.field)),
        ("hint", text(missing.hint.clone())),
    ])
}

fn of_problem(problem: &Problem) -> Json {
    let kind = match problem.kind {
        ProblemKind::Refused(_) => "refused",
        ProblemKind::Failed => "failed",
        ProblemKind::Unsafe => "unsafe",
    };
    object([
        ("stage", text(problem.stage.slug())),
        ("kind", text(kind)),
        ("title", text(problem.title.clone())),
        ("sent", text(problem.sent.clone())),
        ("came", text(problem.came.clone())),
        ("try", Json::Array(problem.advice.iter().map(|advice| text(advice.clone())).collect())),
    ])
}
