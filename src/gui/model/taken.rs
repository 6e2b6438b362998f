//! A recording in the Capture tab, and which of its logins is looked at.

use std::collections::HashMap;
use std::sync::Arc;

use super::run::RunId;
use crate::gui::entries::ShownEntry;
use crate::gui::opened::Recording;

/// What was recorded, and what of it is looked at.
#[derive(Clone, Default)]
pub struct Taken {
    /// What was recorded.
    pub recording: Option<Arc<Recording>>,
    /// What it is called.
    pub name: String,
    /// The login that is looked at, by its place in the recording.
    pub selected: Option<usize>,
    /// Those that have been looked at, as runs of this session, by the entry that each begins with.
    pub runs: HashMap<usize, RunId>,
    /// Entries that are looked at as they were recorded, in the place of the login.
    pub entries: Vec<ShownEntry>,
}

impl Taken {
    /// The run of the login that is looked at, once it was made.
    pub fn run(&self) -> Option<RunId> {
        self.runs.get(&self.recording.as_ref()?.begins(self.selected?)).copied()
    }
}
