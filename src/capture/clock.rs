//! By which clock a login is judged: by the provider's own, as the Date of its answers tells it (RFC 9110 section 6.6.1).
//! The machine that recorded may have a wrong one, and nobody but an app in its browser goes by that.

use std::time::Duration;

use super::exchange::Captured;
use super::login::{Login, StageName};
use crate::base::json::Json;
use crate::base::time::{Timestamp, spoken};
use crate::jose::jwt::decode;

/// Seconds that two clocks may differ by and pass for one.
const PASSING: i64 = 60;

/// A clock that is further off than this, in seconds, is no clock: the unit of a time is wrong.
const FURTHEST: i64 = 400 * 24 * 3600;

/// How the clock of a recording stands to the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Seconds that the recording machine is ahead; below zero it is behind.
    pub ahead: i64,
    /// The answer whose Date shows it. Without one it is told from when a new ID token was made.
    pub shown_at: Option<usize>,
}

impl Clock {
    /// The clock of a login, where it is off by more than passing.
    pub fn of<'e>(login: &Login, entry: &dyn Fn(usize) -> &'e Captured) -> Option<Self> {
        let stages = [
            StageName::Token,
            StageName::Refresh,
            StageName::AuthorizationRequest,
            StageName::PushedAuthorizationRequest,
        ];
        let mut all = stages.iter().flat_map(|stage| login.entries(*stage));
        let dated = all.find_map(|at| Some(Self { ahead: ahead(entry(at))?, shown_at: Some(at) }));
        let clock = dated.or_else(|| Some(Self { ahead: ahead_of_token(login, entry)?, shown_at: None }))?;
        (PASSING < clock.ahead.abs() && clock.ahead.abs() < FURTHEST).then_some(clock)
    }

    /// As it is said of the machine: `2 h ahead of`.
    pub fn said(self) -> String {
        let span = spoken(Duration::from_secs(self.ahead.unsigned_abs()));
        format!("{span} {}", if self.ahead > 0 { "ahead of" } else { "behind" })
    }
}

/// What to say of a recording whose clock is off, at the first login that shows it.
pub fn note<'e>(logins: &[Login], entry: &dyn Fn(usize) -> &'e Captured) -> Option<String> {
    let clock = logins.iter().find_map(|login| Clock::of(login, entry))?;
    let by = if clock.shown_at.is_some() { "by the Date of its answers" } else { "by when its ID token was made" };
    Some(format!(
        "The clock of the machine that recorded is {} the provider's, {by}: times are judged by that one.",
        clock.said()
    ))
}

/// Seconds by which an entry ends later than its answer says.
fn ahead(entry: &Captured) -> Option<i64> {
    let date = jiff::fmt::rfc2822::parse(entry.got("date")?).ok()?.timestamp().as_second();
    Some((entry.started? + entry.took).seconds() - date)
}

/// Seconds by which an ID token that came for a code was made before it came.
fn ahead_of_token<'e>(login: &Login, entry: &dyn Fn(usize) -> &'e Captured) -> Option<i64> {
    let entry = login.entries(StageName::Token).map(entry).find(|entry| entry.started.is_some())?;
    let answer = Json::parse(&entry.response()?.body).ok()?;
    let token = decode(answer.text("id_token")?);
    let made = token.claim("iat").and_then(Json::as_i64)?;
    Some((entry.started? + entry.took).seconds() - made)
}

/// When the request of an entry left, by the provider's clock. Where the recorder has no time, its answer may have one, or
/// the entry before. `None` where nothing tells it.
pub fn left_at(entries: &[Captured], at: usize, clock: Option<Clock>) -> Option<Timestamp> {
    const NEAR: usize = 200;
    let millis = clock.map_or(0, |clock| clock.ahead.saturating_mul(1000));
    let by_recorder = |at: usize| entries[at].started.map(|started| started.moved(-millis));
    let by_answer = || {
        let date = jiff::fmt::rfc2822::parse(entries[at].got("date")?).ok()?.timestamp().as_second();
        Some(Timestamp::from_seconds(date))
    };
    by_recorder(at).or_else(by_answer).or_else(|| (0..at).rev().take(NEAR).find_map(by_recorder))
}
