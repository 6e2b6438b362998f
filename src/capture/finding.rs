//! What is wrong with a recorded login, how sure that is, and what shows it.

use super::stage::StageName;
use crate::base::check::Rule;
pub use crate::flow::finding::Certainty;

/// Longest value that is told as evidence, in characters.
const VALUE_LIMIT: usize = 100;

/// A place in an entry, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The entry, by its place among those that were read.
    pub entry: usize,
    /// `response.status`, `request.query.code`, `response.header.set-cookie`.
    pub place: String,
    /// What stands there, where it is no credential.
    pub value: Option<String>,
}

impl Evidence {
    /// What stands there is not told.
    pub fn at(entry: usize, place: impl Into<String>) -> Self {
        Self { entry, place: place.into(), value: None }
    }

    /// With what stands there, which is no credential.
    pub fn saying(entry: usize, place: impl Into<String>, value: &str) -> Self {
        let value = crate::base::text::elided(value, VALUE_LIMIT).into_owned();
        Self { value: Some(value), ..Self::at(entry, place) }
    }
}

/// The one thing to say of a login.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule of the catalogue that is broken.
    pub rule: &'static Rule,
    /// Where in the login.
    pub stage: StageName,
    /// How sure it is.
    pub certainty: Certainty,
    /// One sentence, without a full stop.
    pub say: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// The step to take first.
    pub next: String,
}
