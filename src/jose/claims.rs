//! What can be said about claims without knowing whom the token is for: types and times (RFC 7519 section 4.1).

use std::time::Duration;

use super::jwt::Decoded;
use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::{elided, visible};
use crate::base::time::{Timestamp, spoken};

static NUMERIC_DATE: Rule = Rule {
    id: "jwt.numeric_date",
    title: "times are numbers of seconds since 1970",
    why: "A time of another type counts as absent for some readers, so that the token never expires (CVE-2026-25537).",
    fix: "Write seconds, as a number: neither milliseconds nor text.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "2"),
    rejects: None,
};

static EXP: Rule = Rule {
    id: "jwt.exp",
    title: "the token has not expired",
    why: "An expired token must not be accepted; one without exp is valid for ever once stolen.",
    fix: "Get a new token. If it has just been issued, compare the clocks.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "4.1.4"),
    rejects: None,
};

static NBF: Rule = Rule {
    id: "jwt.nbf",
    title: "the token is valid already",
    why: "A token must not be accepted before nbf.",
    fix: "Wait, or compare the clocks.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "4.1.5"),
    rejects: None,
};

static IAT: Rule = Rule {
    id: "jwt.iat",
    title: "the token was not issued in the future",
    why: "A time of issue that is still to come means that a clock is wrong.",
    fix: "Compare the clocks of issuer and verifier.",
    level: Level::Should,
    spec: Spec::new("RFC 7519", "4.1.6"),
    rejects: None,
};

static ORDER: Rule = Rule {
    id: "jwt.time_order",
    title: "iat and nbf lie before exp",
    why: "A token that expires before it becomes valid can never be used.",
    fix: "Correct the issuer: exp is usually iat plus a lifetime.",
    level: Level::Should,
    spec: Spec::new("RFC 7519", "4.1.4"),
    rejects: None,
};

static CLAIM_TYPE: Rule = Rule {
    id: "jwt.claim_type",
    title: "iss, sub and jti are text, aud is text or a list of texts",
    why: "Readers disagree on other types: a list as sub, a number as aud or an empty list slip through comparisons.",
    fix: "Write text; aud may be a list of texts with at least one.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "4.1"),
    rejects: None,
};

/// The rules about claims.
pub static RULES: &[&Rule] = &[&CLAIM_TYPE, &NUMERIC_DATE, &EXP, &NBF, &IAT, &ORDER];

/// From here on a number of seconds (the year 5138) is taken for milliseconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// A lifetime beyond this is more likely a wrong unit.
const FIFTY_YEARS: Duration = Duration::from_secs(50 * 366 * 86_400);

/// Why a value is no `NumericDate`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumericDateError {
    /// Text, `null`, a boolean or worse.
    #[error("{0}, which is no number")]
    NotANumber(String),
    /// Beyond every calendar.
    #[error("beyond any time: {0}")]
    TooLarge(String),
    /// So large that it can only count milliseconds.
    #[error("milliseconds instead of seconds: {0}")]
    Milliseconds(String),
    /// Before 1970.
    #[error("negative, which is before 1970: {0}")]
    Negative(String),
}

impl From<NumericDateError> for String {
    /// As a check shows what was seen.
    fn from(error: NumericDateError) -> Self {
        error.to_string()
    }
}

/// Reads a `NumericDate`: seconds since 1970, fractions allowed (RFC 7519 section 2).
///
/// # Errors
/// Says what it is instead.
pub fn numeric_date(value: &Json) -> Result<Timestamp, NumericDateError> {
    let shown = || elided(&visible(&value.to_string()), 40).into_owned();
    let Json::Number(digits) = value else {
        return Err(NumericDateError::NotANumber(shown()));
    };
    match digits.parse::<f64>() {
        Ok(seconds) if seconds < 0.0 => Err(NumericDateError::Negative(shown())),
        Ok(seconds) if seconds < MILLISECONDS_FROM => Ok(Timestamp::from_millis((seconds * 1000.0).round() as i64)),
        Ok(seconds) if seconds < 1e15 => Err(NumericDateError::Milliseconds(shown())),
        _ => Err(NumericDateError::TooLarge(shown())),
    }
}

/// Judges the registered claims at the time `now`, clocks being allowed to differ by `leeway`.
///
/// Empty when there are no claims to judge.
pub fn time_claims(token: &Decoded, now: Timestamp, leeway: Duration) -> Vec<Check> {
    if token.claims.is_none() {
        return Vec::new();
    }
    let time = |name: &str| token.claim(name).and_then(|value| numeric_date(value).ok());
    let (exp, nbf, iat) = (time("exp"), time("nbf"), time("iat"));
    let mut checks: Vec<Check> =
        ["iss", "sub", "aud", "jti"].iter().filter_map(|name| claim_type(token, name)).collect();
    checks.extend(["exp", "nbf", "iat"].iter().filter_map(|name| numeric_date_check(token, name, now)));
    checks.extend(exp_check(token, exp, now, leeway));
    checks.extend(nbf.map(|nbf| NBF.holds(nbf <= now + leeway, format!("now, {now}, or earlier"), relative(nbf, now))));
    checks.extend(iat.map(|iat| IAT.holds(iat <= now + leeway, format!("now, {now}, or earlier"), relative(iat, now))));
    checks.extend(order_check(exp, nbf, iat));
    checks
}

/// A time and its distance: `2026-11-23T11:30:00Z, in 49 min 12 s`.
fn relative(time: Timestamp, now: Timestamp) -> String {
    if time >= now {
        format!("{time}, in {}", spoken(time.since(now)))
    } else {
        format!("{time}, {} ago", spoken(now.since(time)))
    }
}

fn claim_type(token: &Decoded, name: &str) -> Option<Check> {
    let value = token.claim(name)?;
    let holds = match value {
        Json::String(_) => true,
        Json::Array(elements) => {
            name == "aud" && !elements.is_empty() && elements.iter().all(|one| one.as_str().is_some())
        }
        _ => false,
    };
    let actual = format!("{name} is {}", elided(&visible(&value.to_string()), 80));
    Some(CLAIM_TYPE.holds(holds, if name == "aud" { "text or a list of texts" } else { "text" }, actual))
}

fn numeric_date_check(token: &Decoded, name: &str, now: Timestamp) -> Option<Check> {
    let expected = "seconds since 1970 as a number";
    Some(match numeric_date(token.claim(name)?) {
        Err(error) => NUMERIC_DATE.broken(expected, format!("{name} is {error}")),
        Ok(time) if time.since(now) > FIFTY_YEARS => {
            NUMERIC_DATE.warn(expected, format!("{name} is {time}, more than 50 years ahead; is the unit right?"))
        }
        Ok(time) => NUMERIC_DATE.pass(format!("{name} is {time}")),
    })
}

/// A token with an unreadable `exp` counts as expired: a wrong type is not an absent claim.
fn exp_check(token: &Decoded, exp: Option<Timestamp>, now: Timestamp, leeway: Duration) -> Option<Check> {
    let expected = format!("later than now, {now}");
    Some(match (exp, token.claim("exp")) {
        (None, None) => EXP.note("no exp: the token never expires"),
        (None, Some(_)) => EXP.broken(expected, "exp cannot be read as a time"),
        (Some(exp), _) if exp > now => EXP.pass(relative(exp, now)),
        (Some(exp), _) if exp + leeway > now => {
            EXP.warn(expected, format!("{}, within the {} that clocks may differ", relative(exp, now), spoken(leeway)))
        }
        (Some(exp), _) => EXP.broken(expected, relative(exp, now)),
    })
}

fn order_check(exp: Option<Timestamp>, nbf: Option<Timestamp>, iat: Option<Timestamp>) -> Option<Check> {
    let (exp, start) = (exp?, nbf.max(iat)?);
    let actual = format!("from {start} to {exp}, {}", spoken(exp.since(start)));
    Some(ORDER.holds(start < exp, "exp after iat and nbf", actual))
}
