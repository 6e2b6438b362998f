//! Step-up: an API takes the token and wants a stronger or a newer login behind it (RFC 9470).

use std::time::Duration;

use super::challenge::challenges;
use super::rules::step_up as rule;
use crate::base::check::{Check, Verdict};
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::quoted;
use crate::base::time::{Timestamp, spoken};
use crate::client::answer::status;
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Decoded, decode};
use crate::terms::scope;

/// The error of section 3.
pub const ERROR: &str = "insufficient_user_authentication";

/// What an API wants of the login, as its challenge has it; either may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// The classes that will do, best first, space-separated.
    pub acr_values: Option<String>,
    /// How many seconds ago the login may have been.
    pub max_age: Option<String>,
}

/// What a challenge wants, whatever its scheme; `None` where none is about the login.
pub fn demanded(response: &HttpResponse) -> Option<Demand> {
    let challenge = challenges(response).into_iter().find(|it| it.get("error").as_deref() == Some(ERROR))?;
    let filled = |name| challenge.get(name).filter(|value| !value.trim().is_empty());
    Some(Demand { acr_values: filled("acr_values"), max_age: filled("max_age") })
}

/// Whether an API wants what the token has, so that no login brings more.
pub fn is_in_vain(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.rule == &rule::UNMET && check.verdict == Verdict::Fail)
}

/// What a challenge finds in the token, as far as that can be read; `None` where the API wants what is there.
pub fn lacking(checks: &[Check]) -> Option<&str> {
    let unmet = checks.iter().find(|check| check.rule == &rule::UNMET && check.verdict != Verdict::Fail);
    unmet.and_then(|check| check.actual.as_deref())
}

/// The rules of a challenge to this token; none where the answer is no such challenge.
pub fn judge(response: &HttpResponse, access_token: Option<&Secret>, now: Timestamp) -> Vec<Check> {
    let Some(demand) = demanded(response) else { return Vec::new() };
    vec![demand.form(response), demand.unmet(access_token, now)]
}

/// A login as a token tells it.
struct Login<'a> {
    acr: Option<&'a str>,
    auth_time: Option<Timestamp>,
}

impl<'a> Login<'a> {
    fn of(token: &'a Decoded) -> Self {
        Self {
            acr: token.claim("acr").and_then(Json::as_str),
            auth_time: token.claim("auth_time").and_then(|time| numeric_date(time).ok()),
        }
    }

    /// `acr gold, auth_time 3 s ago`
    fn told(&self, now: Timestamp) -> String {
        let ago = self.auth_time.map_or_else(|| "absent".to_owned(), |at| format!("{} ago", spoken(now.since(at))));
        format!("acr {}, auth_time {ago}", quoted(self.acr.unwrap_or("absent")))
    }
}

impl Demand {
    /// Its `max_age`, where that is what section 3 makes it: a number of seconds that is not negative.
    pub fn seconds(&self) -> Option<u64> {
        let digits = self.max_age.as_ref()?.trim();
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }

    /// Whether it says which login is wanted, so that a client can ask for it.
    pub fn asks(&self) -> bool {
        self.acr_values.is_some() || self.seconds().is_some()
    }

    /// What a token says of its login, where that is all that is wanted.
    pub fn met_by(&self, token: &Decoded, now: Timestamp) -> Option<String> {
        let login = Login::of(token);
        (self.asks() && self.has_all(&login, now)).then(|| login.told(now))
    }

    fn has_all(&self, login: &Login<'_>, now: Timestamp) -> bool {
        let is_strong = |wanted: &String| login.acr.is_some_and(|acr| scope::contains(wanted, acr));
        let is_new = |seconds| login.auth_time.is_some_and(|at| now.since(at) <= Duration::from_secs(seconds));
        self.acr_values.as_ref().is_none_or(is_strong) && self.seconds().is_none_or(is_new)
    }

    fn form(&self, response: &HttpResponse) -> Check {
        let saw = match (&self.acr_values, &self.max_age) {
            _ if response.status != 401 => format!("status {}", status(response)),
            (None, None) => "neither acr_values nor max_age".to_owned(),
            (_, Some(typed)) if self.seconds().is_none() => format!("max_age {}", quoted(typed)),
            _ => return rule::FORM.pass(self.to_string()),
        };
        rule::FORM.broken("401 with acr_values or max_age, a number of seconds", saw)
    }

    /// A refresh brings no other login (section 6), so the token alone decides.
    fn unmet(&self, access_token: Option<&Secret>, now: Timestamp) -> Check {
        let token = access_token.map(|token| decode(token.expose()));
        let Some(token) = token.filter(|token| token.claims.is_some()) else {
            return rule::UNMET.skipped("the token is no JWT; introspection says acr and auth_time");
        };
        let login = Login::of(&token);
        let has_all = self.asks() && self.has_all(&login, now);
        rule::UNMET.holds(!has_all, format!("less than {self}"), login.told(now))
    }
}

impl std::fmt::Display for Demand {
    /// `acr_values strong, max_age 300`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [("acr_values", &self.acr_values), ("max_age", &self.max_age)];
        let said = parts.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", quoted(value.as_ref()?))));
        f.write_str(&said.collect::<Vec<_>>().join(", "))
    }
}
