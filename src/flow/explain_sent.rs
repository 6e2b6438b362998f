//! What a refused request shows of its cause by itself: a token that is over or of another issuer, and what its own rules
//! say is missing.

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::time::spoken;
use crate::jose::claims::numeric_date;
use crate::jose::jwt::decode;

use super::Flow;
use super::stage::Stage;
use super::trace::Exchange;

/// Rules of a request that a server cannot but refuse when they are broken.
const REFUSED: [&str; 6] = [
    "authorization_request.required",
    "authorization_request.nonce_required",
    "authorization_request.duplicates",
    "authorization_request.prompt",
    "backchannel_request.hint",
    "backchannel_request.openid",
];

/// What is known to be wrong with this request, a line each.
pub(super) fn advice(flow: &Flow, exchange: &Exchange) -> Vec<String> {
    let is_cause = |check: &&Check| check.verdict == Verdict::Fail && REFUSED.contains(&check.rule.id);
    let broken = exchange.checks.iter().filter(is_cause).map(|check| check.rule);
    let mut lines: Vec<String> =
        broken.map(|rule| format!("What was sent breaks {}: {}. {}", rule.id, rule.title, rule.fix)).collect();
    lines.extend(without_password(&exchange.request));
    lines.extend(
        token(&exchange.request, exchange.stage).and_then(|(name, token)| of_token(flow, exchange, name, &token)),
    );
    lines
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
        (_, Some((iss, issuer))) => Some(format!("{name} is of {}, and {} was asked.", visible(iss), visible(issuer))),
        _ => None,
    }
}
