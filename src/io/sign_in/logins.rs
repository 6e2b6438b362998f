//! Whether a login form that comes again says that the login was refused, or is a further step of it: a second look at the
//! password where a login has to be stronger or newer (RFC 9470, OIDC Core section 3.1.2.1 `max_age`).

use super::page::{Fills, Page, Shape, Submission};

/// Passwords that are typed in one sign-in. Each further one may count as a failed try where a server locks users out.
const MOST: usize = 2;

/// The login forms of one sign-in so far.
#[derive(Default)]
pub(super) struct Logins {
    passwords: usize,
    /// Forms that were filled in since the last page that asked for something else.
    seen: Vec<Shape>,
}

impl Logins {
    /// Whether this page says that what was typed before is not taken.
    pub fn are_refused(&self, page: &Page, submission: &Submission, status: u16) -> bool {
        let is_same = self.seen.contains(&submission.shape());
        let complains = status >= 400 || page.complains;
        match submission.fills {
            Fills::Nothing => false,
            Fills::Name if self.passwords == 0 => is_same && complains,
            Fills::Name => is_same || complains,
            Fills::Login => self.passwords > 0 && (is_same || complains) || self.passwords >= MOST,
        }
    }

    /// Whether this form asks who the user is at a step of its own, so that the same answer is no circle.
    pub fn is_further_step(&self, submission: &Submission) -> bool {
        submission.fills != Fills::Nothing && !self.seen.contains(&submission.shape())
    }

    /// Takes in what is submitted.
    pub fn note(&mut self, submission: &Submission) {
        match submission.fills {
            Fills::Nothing => self.seen.clear(),
            Fills::Name => self.seen.push(submission.shape()),
            Fills::Login => {
                self.passwords += 1;
                self.seen.push(submission.shape());
            }
        }
    }

    /// Whether a password was typed.
    pub const fn have_begun(&self) -> bool {
        self.passwords > 0
    }
}
