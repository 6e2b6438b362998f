//! Why a text is no run file, and where.

use crate::base::json::JsonError;

/// Why a text is no run file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not JSON; names line and column.
    #[error("not JSON: {0}")]
    NotJson(#[from] JsonError),
    /// A member that is not what it has to be.
    #[error("{}{what}", if place.is_empty() { String::new() } else { format!("{place}: ") })]
    Member {
        /// `exchanges[3].request.url`; empty for the whole.
        place: String,
        /// What is wrong with it.
        what: String,
    },
}

impl ReadError {
    /// A member of this name is wrong.
    pub(super) fn of(name: &str, what: impl Into<String>) -> Self {
        Self::Member { place: name.to_owned(), what: what.into() }
    }

    /// The same, seen from the value around it.
    pub(super) fn within(self, outer: &str) -> Self {
        match self {
            Self::Member { place, what } => {
                let dot = if place.is_empty() || place.starts_with('[') { "" } else { "." };
                Self::Member { place: format!("{outer}{dot}{place}"), what }
            }
            other => other,
        }
    }

    /// The same, seen from the array around it.
    pub(super) fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }
}
