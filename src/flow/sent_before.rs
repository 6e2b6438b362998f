//! Credentials that left before and work once.

use std::fmt;
use std::time::Duration;

use super::Flow;
use super::stage::Stage;
use super::trace::Answer;
use crate::base::params::Params;
use crate::base::time::{Timestamp, spoken};
use crate::terms::credential::is_single_use;

/// A credential that left before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentBefore {
    /// The parameter.
    pub name: String,
    /// How long ago.
    pub ago: Duration,
    /// Whether an answer came to it.
    pub is_answered: bool,
}

impl fmt::Display for SentBefore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ago = spoken(self.ago);
        match self.is_answered {
            true => write!(
                f,
                "This {} was sent {ago} ago already and has been answered; most servers take it once.",
                self.name
            ),
            false => write!(
                f,
                "This {} was sent {ago} ago already, and its answer was not awaited: the server may have used it up.",
                self.name
            ),
        }
    }
}

impl Flow {
    /// What of the request that is about to leave was sent before and works once; polls that were told to wait apart.
    pub fn sent_before(&self, now: Timestamp) -> Option<SentBefore> {
        let request = self.request().filter(|_| self.stage() != Some(Stage::RefreshReuse))?;
        let form = request.form()?;
        let single_use = |(name, value): (&str, &str)| is_single_use(name) && !value.is_empty();
        let credentials: Vec<(&str, &str)> = form.iter().filter(|pair| single_use(*pair)).collect();
        if credentials.is_empty() {
            return None;
        }
        self.trace.exchanges.iter().rev().filter(|exchange| !exchange.is_told_to_wait()).find_map(|exchange| {
            let before: Params = exchange.request.form()?;
            let (name, _) = credentials.iter().find(|(name, value)| before.all(name).any(|sent| sent == *value))?;
            Some(SentBefore {
                name: (*name).to_owned(),
                ago: now.since(exchange.sent_at),
                is_answered: matches!(exchange.answer, Answer::Response(_)),
            })
        })
    }
}
