//! Runs as two users, one after the other, to be held against each other.

use super::run::RunId;
use crate::gui::language::words;

/// The first user's field.
pub const USER_A: &str = words!("User A");

/// What is typed in the dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoUsers {
    /// The first.
    pub a: String,
    /// The second.
    pub b: String,
}

impl TwoUsers {
    /// Whether both can be run.
    pub fn are_two(&self) -> bool {
        let [a, b] = [self.a.trim(), self.b.trim()];
        !a.is_empty() && !b.is_empty() && a != b
    }
}

/// Two runs that are under way for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// As the first user.
    pub a: RunId,
    /// As the second, which begins when the first is at its end.
    pub b: RunId,
    /// Whether it has begun.
    pub has_begun: bool,
}

/// What is done with two users.
#[derive(Clone, Debug)]
pub enum IdentityCommand {
    /// Ask who they are.
    Ask,
    /// What is typed.
    Edit(TwoUsers),
    /// Run as both.
    Begin,
}
