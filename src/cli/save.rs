//! `--save`: the run in a file, as it goes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::terminal::{Paint, Terminal};
use crate::flow::trace::Answer;
use crate::flow::{Flow, Next};
use crate::io::storage::{self, Access};
use crate::record::{Record, redactor};

/// No run is written more often than this, but for its end.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes a run whenever there is something new, whole or not at all.
pub(super) struct Saver {
    path: Option<PathBuf>,
    preset: Option<String>,
    with_secrets: bool,
    written: Option<(Instant, (usize, bool))>,
}

impl Saver {
    pub const fn new(path: Option<PathBuf>, preset: Option<String>, with_secrets: bool) -> Self {
        Self { path, preset, with_secrets, written: None }
    }

    /// The run as a record, with the name of its preset.
    pub fn record(&self, flow: &Flow, next: &Next) -> Record {
        let mut record = Record::of(flow, next);
        record.preset.clone_from(&self.preset);
        record
    }

    /// Writes what is new, unless it has just been written. What cannot be written now is tried again, and told at the
    /// end.
    pub fn note(&mut self, flow: &Flow) {
        let last = flow.trace.exchanges.last();
        let state = (flow.trace.exchanges.len(), last.is_some_and(|last| matches!(last.answer, Answer::Pending)));
        let is_new = self.written.is_none_or(|(at, written)| written != state && at.elapsed() >= PAUSE);
        if self.path.is_some() && is_new && last.is_some() {
            drop(self.write(flow, &Next::Finished));
            self.written = Some((Instant::now(), state));
        }
    }

    /// Writes the run as it ended. `false` when it could not be.
    pub fn end(&self, flow: &Flow, next: &Next) -> bool {
        let (Some(path), Err(error)) = (&self.path, self.write(flow, next)) else { return true };
        let mut terminal = Terminal::stderr();
        let mark = terminal.paint(Paint::Bad, "✗");
        terminal.line(&format!("{mark} {} was not written: {error}", path.display()));
        false
    }

    fn write(&self, flow: &Flow, next: &Next) -> std::io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let hide = (!self.with_secrets).then(|| redactor(flow));
        storage::write(path, &self.record(flow, next).to_text(hide.as_ref()), Access::Private)
    }
}
