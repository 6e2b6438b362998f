//! The times in an ID token: whether it is over or to come, of this request, and how old the sign-in is.

use std::time::Duration;

use super::Expected;
use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::base::time::{Timestamp, spoken};
use crate::client::rules::id_token as rule;
use crate::jose::claims::{CLOCK_SKEW, not_ahead, not_over, numeric_date};
use crate::jose::jwt::Decoded;

/// From this age on a token is not of the request that it answers, whatever the clocks show.
const STALE: Duration = Duration::from_secs(600);

pub(super) fn exp(token: &Decoded, now: Timestamp) -> Check {
    match token.claim("exp").map(numeric_date) {
        None => rule::EXP.broken("exp", "absent"),
        Some(Err(what)) => rule::EXP.broken("a number of seconds", what),
        Some(Ok(exp)) => not_over(&rule::EXP, exp, now),
    }
}

pub(super) fn iat(token: &Decoded, now: Timestamp) -> Check {
    match token.claim("iat").map(numeric_date) {
        None => rule::IAT.broken("iat", "absent"),
        Some(Err(what)) => rule::IAT.broken("a number of seconds", what),
        Some(Ok(iat)) => not_ahead(&rule::IAT, iat, now),
    }
}

/// OIDC Core section 3.1.3.7: what is too old for a client is its own affair. A token that was issued long before anybody
/// asked for it is of no answer to the request.
pub(super) fn age(token: &Decoded, asked_at: Option<Timestamp>) -> Check {
    match (asked_at, token.claim("iat").map(numeric_date)) {
        (None, _) => rule::AGE.skipped("when it was asked for is not known"),
        (_, None | Some(Err(_))) => rule::AGE.skipped("iat does not say when it was issued"),
        (Some(asked_at), Some(Ok(iat))) => match asked_at.since(iat) {
            before if before > STALE => {
                rule::AGE.broken("issued for this request", format!("issued {} before it", spoken(before)))
            }
            _ => rule::AGE.pass("issued for this request"),
        },
    }
}

pub(super) fn nbf(token: &Decoded, now: Timestamp) -> Check {
    match token.claim("nbf").map(numeric_date) {
        None => rule::NBF.skipped("absent, and optional"),
        Some(Err(what)) => rule::NBF.broken("a number of seconds", what),
        Some(Ok(nbf)) => not_ahead(&rule::NBF, nbf, now),
    }
}

pub(super) fn auth_time(token: &Decoded, expected: Expected<'_>, now: Timestamp) -> Check {
    let max_age = expected.max_age;
    let is_essential = expected.asked.is_some_and(|asked| asked.is_auth_time_essential);
    // As elsewhere, null counts as left out.
    let said = token.claim("auth_time").filter(|said| !matches!(said, Json::Null));
    match (said.map(numeric_date), max_age) {
        (None, None) if is_essential => {
            rule::AUTH_TIME.broken("auth_time, which claims asks for as essential", "absent")
        }
        (None, None) => rule::AUTH_TIME.skipped("no max_age was sent"),
        (None, Some(_)) => rule::AUTH_TIME.broken("auth_time", "absent"),
        (Some(Err(what)), Some(_)) => rule::AUTH_TIME.broken("a number of seconds", what),
        // Nobody has asked for it.
        (Some(Err(what)), None) => rule::AUTH_TIME.warn("a number of seconds", what),
        // No document says what a client is to do with a sign-in that is still to come.
        (Some(Ok(signed_in)), _) if signed_in.since(now) >= CLOCK_SKEW => {
            let ahead = not_ahead(&rule::AUTH_TIME, signed_in, now);
            Check { verdict: Verdict::Warn, ..ahead }
        }
        (Some(Ok(_)), None) => rule::AUTH_TIME.skipped("no max_age was sent"),
        (Some(Ok(signed_in)), Some(max_age)) => {
            let limit = Duration::from_secs(max_age.unsigned_abs()) + CLOCK_SKEW;
            let age = now.since(signed_in);
            let at_request = expected.asked_at.map_or(age, |asked_at| asked_at.since(signed_in));
            let (wanted, saw) = (format!("at most {max_age} s ago"), format!("{} ago", spoken(age)));
            match (at_request <= limit, age <= limit) {
                (true, false) => rule::AUTH_TIME.note(format!("{saw}; it was fresh enough when it was asked for")),
                (_, is_fresh) => rule::AUTH_TIME.holds(is_fresh, wanted, saw),
            }
        }
    }
}
