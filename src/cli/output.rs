//! Where a command says what it has to say: the story for people, the result for programs, a table for both.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, OnceLock};

use super::terminal::{Paint, Terminal};
use crate::base::json::{Json, escaped};
use crate::base::text::visible;

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

/// Rows for people to read, with the JSON that says the same.
pub(super) struct Table {
    /// What the columns are called.
    pub head: Vec<&'static str>,
    /// As many cells as the head has.
    pub rows: Vec<Vec<String>>,
    /// What programs get.
    pub json: Json,
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
            false => table.told(&mut Terminal::stdout()),
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

impl Table {
    fn told(&self, terminal: &mut Terminal) {
        let width = |at: usize| {
            let cells = self.rows.iter().map(|row| row[at].chars().count());
            cells.chain([self.head[at].len()]).max().unwrap_or_default()
        };
        // The last column needs no room behind it.
        let widths: Vec<usize> = (0..self.head.len().saturating_sub(1)).map(width).chain([0]).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let padded = cells.zip(&widths).map(|(cell, width)| format!("{:<width$}", visible(cell)));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let head = line(&mut self.head.iter().copied());
        terminal.line(&terminal.paint(Paint::Strong, &head));
        for row in &self.rows {
            terminal.line(&line(&mut row.iter().map(String::as_str)));
        }
    }
}
