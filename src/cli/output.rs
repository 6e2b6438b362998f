//! Where a command says what it has to say: the story for people, the result for programs, a table for both.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, OnceLock};

use super::table::Table;
use super::terminal::{Terminal, width};
use crate::base::json::{Json, escaped};

/// How the output is wanted. Clones tell of the same failure.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    /// JSON also where standard output is a terminal.
    pub json: bool,
    /// No story.
    pub quiet: bool,
    /// The first write to standard output that failed.
    failure: Arc<OnceLock<io::Error>>,
}

impl Output {
    pub fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet, ..Self::default() }
    }

    /// Where the story is told; nowhere when it is not wanted.
    pub fn story(&self) -> Terminal {
        if self.quiet { Terminal::silent() } else { Terminal::stderr() }
    }

    /// Whether the result is wanted: always by programs, by people when they ask.
    fn is_result_wanted(&self) -> bool {
        self.json || !io::stdout().is_terminal()
    }

    /// The result on standard output, where it is wanted.
    pub fn result(&self, result: &Json) {
        if self.is_result_wanted() {
            self.write(&format!("{}\n", escaped(&result.pretty())));
        }
    }

    /// One line, for results that come bit by bit.
    pub fn line(&self, result: &Json) {
        if self.is_result_wanted() {
            self.write(&format!("{}\n", escaped(&result.to_string())));
        }
    }

    /// A table in a terminal, JSON elsewhere.
    pub fn table(&self, table: &Table) {
        match self.is_result_wanted() {
            true => self.result(&table.json),
            false => table.told(&mut Terminal::stdout(), width()),
        }
    }

    /// Text on standard output as it stands.
    pub fn write(&self, text: &str) {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // A reader that went away has read what it wanted.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => drop(self.failure.set(error)),
            _ => {}
        }
    }

    /// Why something could not be written to standard output.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.get()
    }
}
