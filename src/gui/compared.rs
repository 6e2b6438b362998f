//! What is compared in the window: a run of this session as it stands, or what was read from the history or a file.

use std::sync::{Arc, OnceLock};

use super::expect_key::ExpectKey;
use super::opened::{Opened, Recording};
use crate::base::time::Timestamp;
use crate::compare::{Comparison, Kind, Ran, Subject, compare_subjects, runs};
use crate::expect::{Expectations, Met, judge};
use crate::export::redact::Redactor;
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;
use crate::flow::{Flow, Next};
use crate::gui::language::t;
use crate::record::{Record, redactor};

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

/// A run as it is compared.
#[derive(Clone)]
pub struct ComparedRun {
    /// As it stands.
    pub flow: Flow,
    /// What it wants next.
    pub next: Next,
    /// The provider it ran with, where one is known.
    pub provider: Option<String>,
    /// Whether it was read without its secrets.
    pub is_redacted: bool,
    /// Whether it is a login of an app, which this program did not make.
    pub is_foreign: bool,
    known: OnceLock<Redactor>,
}

impl ComparedRun {
    fn new(flow: Flow, next: Next, provider: Option<String>, is_redacted: bool) -> Self {
        Self { flow, next, provider, is_redacted, is_foreign: false, known: OnceLock::new() }
    }

    fn ran(&self) -> Ran<'_> {
        (&self.flow, self.provider.as_deref(), self.is_redacted)
    }

    /// Whose expectations it is held to.
    pub fn expect_key(&self) -> ExpectKey {
        ExpectKey { provider: self.provider.clone().unwrap_or_default(), grant: self.flow.grant }
    }

    /// Hides its credentials. Made once, in time in proportion to its size.
    pub fn known(&self) -> &Redactor {
        self.known.get_or_init(|| redactor(&self.flow))
    }

    /// The exchange of this stage that was looked at.
    pub fn exchange(&self, stage: Stage, at: usize) -> Option<&Exchange> {
        self.flow.trace.exchanges.get(at).map(|it| &**it).filter(|it| it.stage == stage)
    }
}

/// What is on a side.
#[derive(Clone)]
pub enum Comparable {
    /// A run.
    Run(Box<ComparedRun>),
    /// A token, a metadata document or a key set.
    Other(Box<Subject>),
}

impl Comparable {
    /// A run of this session.
    pub fn of_flow(flow: &Flow, next: &Next, provider: &str, is_foreign: bool) -> Self {
        let made = ComparedRun::new(flow.clone(), next.clone(), Some(provider.to_owned()), false);
        Self::Run(Box::new(ComparedRun { is_foreign, ..made }))
    }

    /// A run that was read.
    pub fn of_record(record: &Record, provider: Option<String>) -> Self {
        let provider = provider.or_else(|| record.preset.clone());
        Self::Run(Box::new(ComparedRun::new(record.flow(), record.next(), provider, record.is_redacted)))
    }

    /// A login of a recording. Takes time in proportion to its messages.
    pub fn of_login(recording: &Recording, at: usize) -> Self {
        let mut flow = recording.login(at).flow;
        let next = flow.poll(Timestamp::default());
        let made = ComparedRun::new(flow, next, None, true);
        Self::Run(Box::new(ComparedRun { is_foreign: true, ..made }))
    }

    /// What is in a file; of a recording its first login.
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
                let first = recording.order.first().ok_or_else(|| t!("no login is in this recording").to_owned())?;
                Ok(Self::of_login(&recording, *first))
            }
            Opened::Expectations(_) => Err(t!("expectations have no messages that could be compared").to_owned()),
            Opened::Lesson(_) | Opened::Course(_) => Err(t!("a lesson has no messages of its own").to_owned()),
            Opened::Preset(_) => Err(t!("a preset has no messages that could be compared").to_owned()),
            Opened::Import(import) => {
                Err(t!("{what} has no messages that could be compared", what = import.filled.what))
            }
            Opened::Notes(_) => Err(t!("notes have no messages that could be compared").to_owned()),
            Opened::Unknown(why) => Err(why),
        }
    }
}

/// What came of two sides.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What differs, or why they are of different kinds.
    pub comparison: Result<Arc<Comparison>, String>,
    /// What became of each expectation on each side; none where that is no run.
    pub met: [Vec<Met>; 2],
}

/// Puts two next to each other, and holds both to what is expected. Takes time in proportion to their size.
pub fn compared(a: &Comparable, b: &Comparable, expected: &Expectations) -> Compared {
    let met = [a, b].map(|side| match side {
        Comparable::Run(run) if !expected.list.is_empty() => judge(expected, &run.flow, &run.next, run.known()),
        _ => Vec::new(),
    });
    Compared { comparison: beside(a, b).map(Arc::new), met }
}

fn beside(a: &Comparable, b: &Comparable) -> Result<Comparison, String> {
    match (a, b) {
        (Comparable::Run(a), Comparable::Run(b)) => Ok(runs(a.ran(), b.ran())),
        (Comparable::Other(a), Comparable::Other(b)) => compare_subjects(a, b).map_err(|error| error.to_string()),
        (Comparable::Run(_), Comparable::Other(other)) | (Comparable::Other(other), Comparable::Run(_)) => {
            Err(t!("a run cannot be compared with {kind}", kind = named(other.kind())))
        }
    }
}

fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::Runs => t!("a run"),
        Kind::Tokens => t!("a token"),
        Kind::Metadata => t!("a metadata document"),
        Kind::Keys => t!("a key set"),
    }
}
