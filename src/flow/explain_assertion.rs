//! What a refused assertion shows of its cause by itself: what is known to be wrong with it, and what may be.

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::text::{quoted, visible};
use crate::base::time::spoken;
use crate::client::answer::refusal_in;
use crate::client::rules::assertion as rule;
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Decoded, decode};

use super::Flow;

/// What the assertion that was sent shows by itself: what is known to be wrong, and what may be.
pub(super) fn reasons(flow: &Flow, name: &str, request: &HttpRequest) -> (Vec<String>, Vec<String>) {
    let token = request.form().and_then(|form| form.get(name).map(decode));
    let Some(token) = token.filter(|token| token.claims.is_some()) else { return (Vec::new(), Vec::new()) };
    let request = &flow.settings.request;
    let is_of_client = name == "client_assertion";
    let is_vouched_for = is_of_client && flow.settings.is_vouched_for();
    let is_made_here = !is_vouched_for && (is_of_client || request.assertion.is_empty());
    let mut reasons = Vec::new();
    let last = flow.trace.exchanges.last();
    let sent_at = last.map(|exchange| exchange.sent_at);
    let exp = token.claim("exp").and_then(|exp| numeric_date(exp).ok());
    if let (Some(exp), Some(sent_at)) = (exp, sent_at)
        && exp <= sent_at
    {
        // What is made here ends after it begins, unless somebody wrote another end.
        let begins = token.claim("iat").and_then(|iat| numeric_date(iat).ok());
        let is_typed = is_made_here
            && (begins.is_some_and(|iat| exp <= iat)
                || (name == "assertion" && says(&request.assertion_claims, "exp")));
        let late = spoken(sent_at.since(exp));
        let next = match (is_typed, is_made_here) {
            (true, _) => "Its exp was set by hand: leave it out, or set a later one",
            (false, true) => "Try again, which makes a new one",
            (false, false) if is_of_client && flow.settings.fetches_client_assertion() => {
                "Try again, which fetches a new one"
            }
            (false, false) => "Get a new one from its issuer",
        };
        reasons.push(format!("The assertion was over for {late} when it left. {next}."));
    }
    let is_over = !reasons.is_empty();
    let checks = last.iter().flat_map(|exchange| &exchange.checks);
    let is_of_assertion = |check: &&Check| check.verdict == Verdict::Fail && check.rule.id.starts_with("assertion.");
    let broken: Vec<_> = checks.filter(is_of_assertion).map(|check| check.rule).collect();
    let told = broken.iter().filter(|rule| !(is_over && rule.id == rule::LIFETIME.id));
    reasons.extend(told.map(|rule| format!("What was sent breaks {}: {}. {}", rule.id, rule.title, rule.fix)));
    let mut likely = Vec::new();
    let audiences = token.claim("aud").map(Json::strings).unwrap_or_default();
    if is_vouched_for && !is_over && broken.is_empty() {
        return (reasons, vec![trusted(flow, &token)]);
    }
    // What is known to be wrong comes in the place of what may be.
    let said = last.and_then(|last| last.response()).and_then(refusal_in).and_then(|error| error.error_description);
    let said = said.map(|said| said.to_lowercase());
    let may_be_aud = said.as_ref().is_none_or(|said| said.contains("aud"));
    if broken.iter().all(|broken| broken.id == rule::AUDIENCE.id) && may_be_aud && !audiences.is_empty() {
        let setting = if is_made_here { ": set client_assertion_audience" } else { "" };
        likely.push(format!(
            "aud of the assertion is {}. Some servers want the issuer, others their token endpoint{setting}.",
            visible(&audiences.join(", "))
        ));
    }
    let may_be_key =
        said.is_none_or(|said| ["sign", "key", "kid", "jwt", "credential"].iter().any(|word| said.contains(word)));
    if is_over || !broken.is_empty() || !may_be_key {
        return (reasons, likely);
    }
    match (token.is_mac(), token.kid()) {
        (true, _) => {
            likely.push("The server makes the same MAC with the client_secret it knows; compare the two.".to_owned());
        }
        (false, Some(kid)) => likely.push(format!(
            "The server verifies with the key it knows as {}; look whether it is registered, and is this key.",
            visible(kid)
        )),
        (false, None) => {
            likely.push("The assertion names no key (kid). Servers that know several keys need it.".to_owned());
        }
    }
    (reasons, likely)
}

/// What a server compares that trusts who vouches for a workload.
fn trusted(flow: &Flow, token: &Decoded) -> String {
    let said = |name| {
        let texts = token.claim(name).map(Json::strings).unwrap_or_default();
        quoted(&texts.join(", ")).into_owned()
    };
    format!(
        "The trust that is registered for {} has to name iss {}, sub {} and aud {}, character by character. Compare them \
         with grantscope jwt trust.",
        visible(&flow.settings.client.client_id),
        said("iss"),
        said("sub"),
        said("aud")
    )
}

/// Whether a JSON object that was typed has this member.
fn says(typed: &str, name: &str) -> bool {
    Json::parse_text(typed).is_ok_and(|json| json.get(name).is_some())
}
