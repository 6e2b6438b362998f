//! A proof that is sent a second time, to see what the server makes of it.

use super::lint::OLDEST;
use super::proof;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::rules::dpop as rule;
use crate::jose::claims::numeric_date;

/// Reads the answer to a call that was made once more with the same proof. Success is a refusal; a server may take the
/// proof as well, as long as it is new (section 11.1).
pub fn accept_replay(sent: &HttpRequest, response: &HttpResponse, now: Timestamp) -> Accepted<()> {
    let said = status(response);
    let made = proof(sent).and_then(|proof| proof.claim("iat").and_then(|iat| numeric_date(iat).ok()));
    let age = made.map(|made| now.since(made)).unwrap_or_default();
    let (outcome, check) = match response.status {
        200..300 => (Outcome::Success(()), rule::REPLAY.broken("401", format!("taken again: {said}"))),
        400 | 401 | 403 if age > OLDEST => {
            let why = format!("refused {} after it was made, which may be for its age", spoken(age));
            (Outcome::Success(()), rule::REPLAY.skipped(why))
        }
        400 | 401 | 403 => (Outcome::Success(()), rule::REPLAY.pass(said)),
        _ => (Outcome::Unreadable(format!("status {said}")), rule::REPLAY.skipped(format!("status {said}"))),
    };
    Accepted { outcome, checks: vec![check] }
}
