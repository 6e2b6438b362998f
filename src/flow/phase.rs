//! What a flow is at within its stage.

use super::{Action, Outcome, Problem};
use crate::client::seal::Seal;

/// An action that waits to be begun.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// A request in it has no seals yet.
    pub action: Action,
    /// Put on when it leaves.
    pub seals: Vec<Seal>,
    /// Whether the user edited it.
    pub is_edited: bool,
}

impl Ready {
    /// An action without anything to seal.
    pub const fn plain(action: Action) -> Self {
        Self { action, seals: Vec::new(), is_edited: false }
    }
}

/// What the flow is at within its stage.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The action is made at the next poll.
    Fresh,
    /// The action waits to be begun.
    Ready(Ready),
    /// The world performs it.
    UnderWay(Action),
    /// Nothing goes on by itself.
    Stopped(Problem),
    /// Read from a file: nothing goes on at all.
    Over(Option<Problem>, Outcome),
}
