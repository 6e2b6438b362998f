//! What can be said about claims without knowing whom the token is for: types and times (RFC 7519 section 4.1).

use std::cmp::Ordering;
use std::time::Duration;

use super::jwt::{Decoded, Within, called};
use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::{elided_between_words, visible};
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
    level: Level::Must,
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

/// How far two clocks may differ before anything is said of it.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// From this difference on it is no longer a matter of clocks, and a token is refused.
pub const SKEW_LIMIT: Duration = Duration::from_secs(300);

/// From here on a number of seconds (the year 5138) is taken for milliseconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// Most characters of a value that is shown. A credential that stands there is whole, so that it is recognised and hidden.
const SHOWN: usize = 240;

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
    let shown = || elided_between_words(&visible(&value.to_string()), SHOWN).into_owned();
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

/// Holds the end of a token, as `rule` says it, against the clock: alike wherever a token is judged.
pub fn not_over(rule: &'static Rule, end: Timestamp, now: Timestamp) -> Check {
    let ahead = end.since(now);
    if ahead > FIFTY_YEARS {
        return rule.warn("a near time", format!("{end}, more than 50 years ahead; is the unit right?"));
    }
    against_clock(rule, now.since(end), format!("later than now, {now}"), relative(end, now))
}

/// Holds the beginning of a token, or when it was issued, against the clock: alike wherever a token is judged.
pub fn not_ahead(rule: &'static Rule, start: Timestamp, now: Timestamp) -> Check {
    against_clock(rule, start.since(now), format!("now, {now}, or earlier"), relative(start, now))
}

/// Holds `nbf` of a token against the clock (RFC 7519 section 4.1.5); nothing where there is none.
pub fn begun(rule: &'static Rule, token: &Decoded, now: Timestamp) -> Option<Check> {
    Some(match numeric_date(token.claim("nbf")?) {
        Err(error) => rule.broken("seconds since 1970", format!("nbf is {error}")),
        Ok(nbf) => not_ahead(rule, nbf, now),
    })
}

/// Holds `exp` and `nbf` of a token against the clock, as far as they are there; says the worse of both.
pub fn in_force(rule: &'static Rule, token: &Decoded, now: Timestamp) -> Check {
    let exp = token.claim("exp").map(numeric_date).map(|exp| match exp {
        Err(error) => rule.broken("seconds since 1970", format!("exp is {error}")),
        Ok(exp) => not_over(rule, exp, now),
    });
    let judged = exp.into_iter().chain(begun(rule, token, now));
    judged.min_by_key(|check| check.verdict).unwrap_or_else(|| rule.pass("neither exp nor nbf"))
}

/// Holds a time against another that comes no later, alike wherever two are compared.
pub fn not_before(rule: &'static Rule, time: Timestamp, earliest: Timestamp) -> Check {
    against_clock(rule, earliest.since(time), format!("{earliest} or later"), time.to_string())
}

fn against_clock(rule: &'static Rule, off: Duration, expected: String, actual: String) -> Check {
    match off {
        off if off >= SKEW_LIMIT => rule.broken(expected, actual),
        off if off >= CLOCK_SKEW => rule.warn(expected, actual),
        Duration::ZERO => rule.pass(actual),
        _ => rule.pass(format!("{actual}, within the {} that clocks may differ", spoken(CLOCK_SKEW))),
    }
}

/// Judges the registered claims at the time `now`, those of a token inside when there are none outside. Empty when there are no claims to judge.
pub fn time_claims(token: &Decoded, now: Timestamp) -> Vec<Check> {
    if token.claims.is_none() {
        let inner = |inner: &Within| {
            time_claims(&inner.token, now).into_iter().map(|check| called(&inner.name, check)).collect::<Vec<_>>()
        };
        return token.within.iter().flat_map(inner).collect();
    }
    let time = |name: &str| token.claim(name).and_then(|value| numeric_date(value).ok());
    let (exp, nbf, iat) = (time("exp"), time("nbf"), time("iat"));
    let mut checks: Vec<Check> =
        ["iss", "sub", "aud", "jti"].iter().filter_map(|name| claim_type(token, name)).collect();
    checks.extend(["exp", "nbf", "iat"].iter().filter_map(|name| numeric_date_check(token, name)));
    checks.push(exp_check(token, exp, now));
    checks.extend(nbf.map(|nbf| not_ahead(&NBF, nbf, now)));
    checks.extend(iat.map(|iat| not_ahead(&IAT, iat, now)));
    checks.extend(order(token));
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

/// Holds a claim that is text, or for `aud` a list of texts, against being just that. `None` when it is absent.
pub fn claim_type(token: &Decoded, name: &str) -> Option<Check> {
    let value = token.claim(name)?;
    let holds = match value {
        Json::String(_) => true,
        Json::Array(elements) => {
            name == "aud" && !elements.is_empty() && elements.iter().all(|one| one.as_str().is_some())
        }
        _ => false,
    };
    let actual = format!("{name} is {}", elided_between_words(&visible(&value.to_string()), SHOWN));
    Some(CLAIM_TYPE.holds(holds, if name == "aud" { "text or a list of texts" } else { "text" }, actual))
}

fn numeric_date_check(token: &Decoded, name: &str) -> Option<Check> {
    let expected = "seconds since 1970 as a number";
    Some(match numeric_date(token.claim(name)?) {
        Err(error) => NUMERIC_DATE.broken(expected, format!("{name} is {error}")),
        Ok(time) => NUMERIC_DATE.pass(format!("{name} is {time}")),
    })
}

/// A token with an unreadable `exp` counts as expired: a wrong type is not an absent claim.
fn exp_check(token: &Decoded, exp: Option<Timestamp>, now: Timestamp) -> Check {
    match (exp, token.claim("exp")) {
        (None, None) => EXP.note("no exp: the token never expires"),
        (None, Some(_)) => EXP.broken(format!("later than now, {now}"), "exp cannot be read as a time"),
        (Some(exp), _) => not_over(&EXP, exp, now),
    }
}

/// Holds the end of a token against its beginning. `None` when one of them is absent or no time.
pub fn order(token: &Decoded) -> Option<Check> {
    let time = |name: &str| token.claim(name).and_then(|value| numeric_date(value).ok());
    let (exp, start) = (time("exp")?, time("nbf").max(time("iat"))?);
    let lasts = match exp.cmp(&start) {
        Ordering::Greater => spoken(exp.since(start)),
        Ordering::Equal => "the same time".to_owned(),
        Ordering::Less => format!("{} earlier", spoken(start.since(exp))),
    };
    Some(ORDER.holds(start < exp, "exp after iat and nbf", format!("from {start} to {exp}, {lasts}")))
}
