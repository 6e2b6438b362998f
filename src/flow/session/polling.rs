//! How often a client asks again whether the user has decided (RFC 8628 section 3.5, CIBA section 7.3).

use std::time::Duration;

use crate::base::time::Timestamp;

/// How a client asks again and again (RFC 8628 section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// Between two polls; `slow_down` adds five seconds for good.
    pub interval: Duration,
    /// The next poll is not before this.
    pub next_at: Timestamp,
    /// The code is over then.
    pub expires_at: Timestamp,
    /// Answers that said to wait.
    pub pending: u32,
    /// Answers that said to slow down.
    pub slowed: u32,
    /// Polls in a row that got no answer to act on.
    pub in_vain: u32,
    /// So many of them end it.
    pub given_up_after: u32,
}

/// Why a poll got no answer to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Vain {
    /// The server, or what stands before it, is away or busy for a while.
    Away,
    /// Something else answered than a token endpoint, or it broke: that seldom passes.
    Foreign,
}

impl Vain {
    const fn given_up_after(self) -> u32 {
        match self {
            Self::Away => 6,
            Self::Foreign => 3,
        }
    }
}

/// The pause grows no further than to this power of two.
const LONGEST: u32 = 5;

impl Polling {
    /// Begins one interval from now.
    pub(in crate::flow) fn begin(interval: i64, expires_in: i64, now: Timestamp) -> Self {
        let seconds = |seconds: i64| Duration::from_secs(seconds.max(1).unsigned_abs());
        let interval = seconds(interval);
        Self {
            interval,
            next_at: now + interval,
            expires_at: now + seconds(expires_in),
            pending: 0,
            slowed: 0,
            in_vain: 0,
            given_up_after: 0,
        }
    }

    /// Takes in an answer. `false` when it ends the polling.
    pub(in crate::flow) fn goes_on(&mut self, error: &str, now: Timestamp) -> bool {
        match error {
            "authorization_pending" => self.pending += 1,
            "slow_down" => {
                self.slowed += 1;
                self.interval += Duration::from_secs(5);
            }
            _ => return false,
        }
        self.in_vain = 0;
        self.next_at = now + self.interval;
        true
    }

    /// Takes in a poll that got no answer to act on: a gateway was down, a limit was met, a page came, the connection broke.
    /// The login goes on, and the next poll is further away after each of them. `false` when it is over.
    pub(in crate::flow) fn bears(&mut self, vain: Vain, retry_after: Option<Duration>, now: Timestamp) -> bool {
        self.in_vain += 1;
        self.given_up_after = vain.given_up_after();
        let further = self.interval * 2_u32.pow(self.in_vain.min(LONGEST) - 1);
        self.next_at = now + further.max(retry_after.unwrap_or_default());
        self.in_vain < self.given_up_after && self.next_at < self.expires_at
    }
}
