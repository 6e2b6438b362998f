//! `--save`: the run in a file, as it goes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::terminal::{Paint, Terminal, shown_path};
use crate::export::redact::Redactor;
use crate::flow::trace::Answer;
use crate::flow::{Flow, Next};
use crate::io::storage::{self, Access};
use crate::record::Record;

/// No run is written more often than this, but for its end.
const PAUSE: Duration = Duration::from_secs(1);
/// Nor does writing take more than this part of the time: a long run takes long to write.
const PART: u32 = 20;

/// Writes a run whenever there is something new, whole or not at all.
pub(super) struct Saver {
    path: Option<PathBuf>,
    preset: Option<String>,
    written: Option<Written>,
}

/// What was written last.
struct Written {
    /// How many exchanges, and whether the last one was under way.
    state: (usize, bool),
    at: Instant,
    /// How long it took.
    took: Duration,
}

impl Saver {
    pub const fn new(path: Option<PathBuf>, preset: Option<String>) -> Self {
        Self { path, preset, written: None }
    }

    /// The run as a record, with the name of its preset.
    pub fn record(&self, flow: &Flow, next: &Next) -> Record {
        let mut record = Record::of(flow, next);
        record.preset.clone_from(&self.preset);
        record
    }

    /// Writes what is new, unless it has just been written. What cannot be written now is tried again, and told at the
    /// end.
    pub fn note(&mut self, flow: &Flow, hide: Option<&Redactor>) {
        let last = flow.trace.exchanges.last();
        let state = (flow.trace.exchanges.len(), last.is_some_and(|last| matches!(last.answer, Answer::Pending)));
        let is_rested = |last: &Written| last.at.elapsed() >= PAUSE.max(last.took * PART);
        let is_new = self.written.as_ref().is_none_or(|last| last.state != state && is_rested(last));
        if self.path.is_some() && is_new && last.is_some() {
            let begun = Instant::now();
            drop(self.write(flow, &Next::Finished, hide));
            self.written = Some(Written { state, at: Instant::now(), took: begun.elapsed() });
        }
    }

    /// Writes the run as it ended. `false` when it could not be.
    pub fn end(&self, flow: &Flow, next: &Next, hide: Option<&Redactor>) -> bool {
        let (Some(path), Err(error)) = (&self.path, self.write(flow, next, hide)) else { return true };
        let mut terminal = Terminal::stderr();
        let mark = terminal.paint(Paint::Bad, "✗");
        terminal.line(&format!("{mark} {} was not written: {}", shown_path(path), storage::why(&error)));
        false
    }

    fn write(&self, flow: &Flow, next: &Next, hide: Option<&Redactor>) -> std::io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        storage::write(path, &self.record(flow, next).to_text(hide), Access::Private)
    }
}
