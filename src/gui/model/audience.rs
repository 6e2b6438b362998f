//! What a presentation has beside the run: what is shown, revealed and noted, until it ends.

use super::Tab;
use super::message::Target;
use super::run::{Run, RunId};
use super::slides::Slide;
use crate::base::time::Timestamp;
use crate::gui::notes::Notes;

/// A place in a run that an audience is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    run: RunId,
    shown: Target,
    exchanges: usize,
}

impl Moment {
    /// Where a run is.
    pub fn of(run: &Run) -> Self {
        Self { run: run.id, shown: run.shown(), exchanges: run.flow.trace.exchanges.len() }
    }
}

/// A presentation.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// Whether the audience is shown nothing for the moment.
    pub is_blank: bool,
    /// Whether tabs and tools are back.
    pub has_tools: bool,
    /// Whether the pointer has a ring around it.
    pub has_pointer: bool,
    /// The value that fills the middle, counted within the message that is shown.
    pub zoomed: Option<usize>,
    /// What of a lesson is shown, where it is one that is presented.
    pub slide: Option<Slide>,
    /// Where credentials are shown; nowhere else.
    pub revealed: Option<Moment>,
    /// The tab that it leads back to.
    pub came_from: Option<Tab>,
    /// When it began.
    pub began_at: Timestamp,
    /// What the presenter has noted.
    pub notes: Notes,
    /// Whether the presenter has a window of their own.
    pub has_second_window: bool,
}
