//! What runs are expected to be: pinned by who looks at them, and judged as far as the run that is shown has come.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::run::{Run, RunId};
use crate::expect::{Expectation, Expectations, Kind, Met};
use crate::flow::trace::Answer;
use crate::gui::expect_key::ExpectKey;
use crate::terms::grant::Grant;

/// What is done with expectations.
#[derive(Clone, Debug)]
pub enum ExpectCommand {
    /// Expect this, or no more where it is expected already.
    Pin(ExpectKey, Expectation),
    /// Expect this and show it, to be changed.
    Begin(ExpectKey, Expectation),
    /// Show one of them.
    Select(usize),
    /// What is typed in the place of its condition.
    Type(Kind, String),
    /// Put what is typed there.
    Apply,
    /// Expect it no more.
    Remove(usize),
    /// Ask for a file of expectations.
    Open,
    /// Save these, where they came from or where the user says.
    Save(ExpectKey),
}

/// The expectations of one grant at one provider.
#[derive(Clone, Debug, Default)]
pub struct Pinned {
    /// All of them.
    pub all: Expectations,
    /// As they are in the file.
    pub saved: Expectations,
    /// Where they were read from or written to last.
    pub file: Option<PathBuf>,
}

impl Pinned {
    /// Whether they differ from what is in a file.
    pub fn is_unsaved(&self) -> bool {
        self.all != self.saved
    }
}

/// A condition as it is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retyped {
    /// Its kind.
    pub kind: Kind,
    /// Its value.
    pub text: String,
    /// Why it cannot be.
    pub error: Option<String>,
}

/// What a verdict was reached on. When it changes, the run is judged anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which run.
    pub run: RunId,
    /// How many stages it has, how many messages have left, and whether the last of them was answered.
    pub messages: (usize, usize, bool),
    /// Whether it does not go on by itself.
    pub is_at_end: bool,
    /// Which expectations.
    pub version: u64,
}

impl Seen {
    /// What a verdict on this run is reached on now.
    pub fn of(run: &Run, version: u64) -> Self {
        let exchanges = &run.flow.trace.exchanges;
        let is_answered = exchanges.last().is_some_and(|last| !matches!(last.answer, Answer::Pending));
        Self {
            run: run.id,
            messages: (run.flow.stages().len(), exchanges.len(), is_answered),
            is_at_end: run.is_at_end(),
            version,
        }
    }
}

/// All expectations of the window.
#[derive(Clone, Debug, Default)]
pub struct ExpectModel {
    pinned: HashMap<ExpectKey, Pinned>,
    version: u64,
    /// What became of those of the run that is shown, in their order.
    pub met: Vec<Met>,
    /// What that was judged on.
    pub seen: Option<Seen>,
    /// The one that is shown in full.
    pub selected: Option<usize>,
    /// What is typed into it.
    pub retyped: Option<Retyped>,
    /// For which choices of a provider and grants a file beside the preset was looked for.
    pub looked_for: HashSet<(u64, Grant)>,
}

impl ExpectModel {
    /// What is pinned there, if anything ever was.
    pub fn pinned(&self, key: &ExpectKey) -> Option<&Pinned> {
        self.pinned.get(key)
    }

    /// What is expected there.
    pub fn list(&self, key: &ExpectKey) -> &[Expectation] {
        self.pinned(key).map(|pinned| pinned.all.list.as_slice()).unwrap_or_default()
    }

    /// The same, to change it.
    pub fn pinned_mut(&mut self, key: &ExpectKey) -> &mut Pinned {
        self.version += 1;
        self.pinned.entry(key.clone()).or_default()
    }

    /// All that differ from their files.
    pub fn unsaved(&self) -> impl Iterator<Item = &ExpectKey> {
        self.pinned.iter().filter(|(_, pinned)| pinned.is_unsaved()).map(|(key, _)| key)
    }

    /// Changes with each change of any of them.
    pub const fn version(&self) -> u64 {
        self.version
    }
}
