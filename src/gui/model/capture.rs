//! The Capture tab: a recording of logins that others made, and which of them is looked at.

use std::collections::HashMap;
use std::sync::Arc;

use super::run::RunId;
use crate::gui::opened::Recording;

/// What is done in the tab.
#[derive(Clone, Debug)]
pub enum CaptureCommand {
    /// Look at a login, by its place in the recording.
    Show(usize),
    /// What is typed or pasted to be read.
    Edit(String),
    /// Read it.
    Read,
}

/// What the tab shows.
#[derive(Clone, Default)]
pub struct CaptureModel {
    /// The recording that was read last.
    pub recording: Option<Arc<Recording>>,
    /// What it is called.
    pub name: String,
    /// Why the last one cannot be read.
    pub error: Option<String>,
    /// What is typed or pasted to be read.
    pub text: String,
    /// The login that is looked at, by its place in the recording.
    pub selected: Option<usize>,
    /// Those that have been looked at, as runs of this session.
    pub runs: HashMap<usize, RunId>,
}

impl CaptureModel {
    /// The run of the login that is looked at, once it was made.
    pub fn run(&self) -> Option<RunId> {
        self.runs.get(&self.selected?).copied()
    }
}
