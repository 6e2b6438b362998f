//! What is compared in the window: a run of this session as it stands, or what was read from the history or a file.

use std::sync::Arc;

use super::opened::Opened;
use crate::compare::{Comparison, Kind, Subject, compare_subjects, runs};
use crate::flow::Flow;
use crate::record::Record;

/// One of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Half {
    /// The first.
    A,
    /// The second.
    B,
}

impl Half {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Its letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

/// What is on a side.
#[derive(Clone)]
pub enum Comparable {
    /// A run.
    Run {
        /// As it stands.
        flow: Box<Flow>,
        /// The provider it ran with, where one is known.
        provider: Option<String>,
        /// Whether it was read without its secrets.
        is_redacted: bool,
    },
    /// A token, a metadata document or a key set.
    Other(Box<Subject>),
}

impl Comparable {
    /// A run of this session.
    pub fn of_flow(flow: &Flow, provider: &str) -> Self {
        Self::Run { flow: Box::new(flow.clone()), provider: Some(provider.to_owned()), is_redacted: false }
    }

    /// A run that was read.
    pub fn of_record(record: &Record, provider: Option<String>) -> Self {
        let provider = provider.or_else(|| record.preset.clone());
        Self::Run { flow: Box::new(record.flow()), provider, is_redacted: record.is_redacted }
    }

    /// What is in a file.
    ///
    /// # Errors
    /// Says why it cannot be compared.
    pub fn of_opened(opened: Opened) -> Result<Self, String> {
        match opened {
            Opened::Run(record) => record.map(|record| Self::of_record(&record, None)),
            Opened::Document(subject) => Ok(Self::Other(subject)),
            Opened::Token(text) => {
                let subject = Subject::read(&text).map_err(|error| error.to_string())?;
                Ok(Self::Other(Box::new(subject)))
            }
            Opened::Recording(recording) => {
                let recording = recording?;
                let [only] = recording.order[..] else {
                    let why = "it is a recording; open it, and each of its logins can be compared as a run";
                    return Err(why.to_owned());
                };
                Ok(Self::Run { flow: Box::new(recording.login(only).flow), provider: None, is_redacted: true })
            }
            Opened::Preset(_) => Err("a preset has no messages that could be compared".to_owned()),
            Opened::Unknown(why) => Err(why),
        }
    }
}

/// Puts two next to each other. Takes time in proportion to their size.
///
/// # Errors
/// When they are of different kinds.
pub fn compared(a: &Comparable, b: &Comparable) -> Result<Arc<Comparison>, String> {
    let comparison = match (a, b) {
        (
            Comparable::Run { flow: a, provider: with_a, is_redacted: lacks_a },
            Comparable::Run { flow: b, provider: with_b, is_redacted: lacks_b },
        ) => runs((a, with_a.as_deref(), *lacks_a), (b, with_b.as_deref(), *lacks_b)),
        (Comparable::Other(a), Comparable::Other(b)) => compare_subjects(a, b).map_err(|error| error.to_string())?,
        (Comparable::Run { .. }, Comparable::Other(other)) | (Comparable::Other(other), Comparable::Run { .. }) => {
            return Err(format!("a run cannot be compared with {}", named(other.kind())));
        }
    };
    Ok(Arc::new(comparison))
}

const fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::Runs => "a run",
        Kind::Tokens => "a token",
        Kind::Metadata => "a metadata document",
        Kind::Keys => "a key set",
    }
}
