//! The clock of the browser that an app runs in.

use super::Case;
use crate::base::json::Json;
use crate::capture::clock::Clock;
use crate::capture::exchange::Leg;
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::rules;
use crate::jose::jwt::decode;

/// Seconds that clients allow for.
const ALLOWED: i64 = 300;

/// An app in the browser goes by the browser's clock, which the recording has: by that its new ID token is over, or not yet
/// made.
pub(super) fn of_browser(case: &Case<'_>) -> Option<Found> {
    let clock = Clock::of(case.login, &|at| case.entry(at))?;
    let at = clock.shown_at.filter(|at| case.entry(*at).leg == Leg::Browser && case.recorder.is_browser)?;
    let is_token = case.login.entries(StageName::Token).any(|token| token == at);
    let token = decode(case.seen[at].member("id_token").filter(|_| is_token)?);
    let now = (case.entry(at).started? + case.entry(at).took).seconds();
    let time = |name: &str| token.claim(name).and_then(Json::as_i64);
    let what = match (time("exp"), time("iat")) {
        (Some(exp), _) if exp + ALLOWED <= now => "is over when it comes",
        (_, Some(iat)) if iat - ALLOWED > now => "is made in the future",
        _ => return None,
    };
    let date = case.entry(at).got("date")?;
    let evidence = vec![Evidence::saying(at, "response.header.date", date), Evidence::at(at, "response.body")];
    let say = format!("The browser's clock is {} the provider's: to the app in it the ID token {what}", clock.said());
    Some(case.found(&rules::CLOCK_SKEW, StageName::Token, Certainty::Certain, say, evidence))
}
