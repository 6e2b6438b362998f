//! Two runs side by side: which, and what of the comparison is shown.

use std::path::PathBuf;
use std::sync::Arc;

use super::run::RunId;
use crate::compare::{Change, Comparison, Fold, Section, StageRow};
use crate::expect::Met;
use crate::gui::compared::{Comparable, ComparedRun, Half};
use crate::gui::expect_key::ExpectKey;
use crate::gui::opened::Recording;

/// What stands on a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// A run of this session.
    Run(RunId),
    /// One that is kept, by its id.
    Kept(String),
    /// A file.
    File(PathBuf),
    /// A login of a recording, by the place of both.
    Login(usize, usize),
}

/// What is done with a comparison.
#[derive(Clone, Debug)]
pub enum CompareCommand {
    /// Choose a run of the history as one of two, or no more.
    Pick(String),
    /// Compare the two that were chosen.
    Begin,
    /// Compare a run of this session with one that is yet to be chosen.
    With(RunId),
    /// Put this on a side.
    Choose(Half, Chosen),
    /// Ask for a file for a side.
    ChooseFile(Half),
    /// Let both sides change places.
    Swap,
    /// Run the settings of B once more, and compare with what comes of it.
    RunAgain,
    /// Look at the run that is under way for that.
    ShowAgain,
    /// Show what is the same and what is folded away, too.
    ShowAll(bool),
    /// Show this stage alone, or all.
    Stage(Option<usize>),
    /// Put what differs on the clipboard.
    Copy,
    /// Go back to the list of runs.
    Close,
}

/// One side.
#[derive(Clone, Default)]
pub struct HalfModel {
    /// What was chosen.
    pub chosen: Option<Chosen>,
    /// What it is called.
    pub title: String,
    /// What it is, once it was read, or why it cannot be compared.
    pub read: Option<Result<Arc<Comparable>, String>>,
}

/// A comparison as it is shown.
#[derive(Clone, Default)]
pub struct CompareModel {
    /// The first.
    pub a: HalfModel,
    /// The second.
    pub b: HalfModel,
    /// The number of the comparison that was asked for last.
    pub asked: u64,
    /// What came of it.
    pub comparison: Option<Result<Arc<Comparison>, String>>,
    /// What became of each expectation on each side.
    pub met: [Vec<Met>; 2],
    /// Recordings of several logins that were chosen as a file, by their names.
    pub files: Vec<(String, Arc<Recording>)>,
    /// The new run of B's settings, until it is at its end.
    pub again: Option<RunId>,
    /// Whether what is the same is shown, too.
    pub shows_all: bool,
    /// The stage that is shown alone.
    pub stage: Option<usize>,
}

impl CompareModel {
    /// A side.
    pub const fn half(&self, half: Half) -> &HalfModel {
        match half {
            Half::A => &self.a,
            Half::B => &self.b,
        }
    }

    /// A side, to change it.
    pub const fn half_mut(&mut self, half: Half) -> &mut HalfModel {
        match half {
            Half::A => &mut self.a,
            Half::B => &mut self.b,
        }
    }

    /// The run on a side.
    pub fn run(&self, half: Half) -> Option<&ComparedRun> {
        match self.half(half).read.as_ref()?.as_ref().ok()?.as_ref() {
            Comparable::Run(run) => Some(run),
            Comparable::Other(_) => None,
        }
    }

    /// Whose expectations both are held to: those of B's runs.
    pub fn expect_key(&self) -> Option<ExpectKey> {
        self.run(Half::B).or_else(|| self.run(Half::A)).map(ComparedRun::expect_key)
    }

    /// Whether the settings of B can be run once more: what others made, or what is no run, cannot.
    pub fn can_run_again(&self) -> bool {
        self.again.is_none() && self.run(Half::B).is_some_and(|run| !run.is_foreign)
    }

    /// The stages that are shown, each with its place.
    pub fn stages<'c>(&self, comparison: &'c Comparison) -> impl Iterator<Item = &'c StageRow> {
        let (shows_all, only) = (self.shows_all, self.stage);
        comparison.stages.iter().enumerate().filter_map(move |(at, stage)| {
            let is_wanted = match only {
                Some(only) => at == only,
                None => shows_all || stage.differences() > 0,
            };
            is_wanted.then_some(stage)
        })
    }

    /// Whether a value is shown in a row of its own.
    pub const fn shows(&self, change: Change) -> bool {
        change.is_difference() || (self.shows_all && !matches!(change, Change::Folded(Fold::Applied)))
    }

    /// Whether something of this part is shown.
    pub fn shows_part(&self, section: &Section) -> bool {
        section.rows.iter().any(|row| self.shows(row.change))
    }
}
