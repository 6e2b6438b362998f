//! A run on its way out, as a document for others: what it is written as, and what becomes of its secrets. It is made off
//! the window's thread.

use std::fmt;

use crate::export::redact::Redactor;
use crate::record::{Record, redactor};
use crate::report::{Format, Report};

/// Where a document goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goes {
    /// Into a file, for whose place the user is asked.
    ToFile,
    /// Onto the clipboard.
    ToClipboard,
}

/// What becomes of the secrets of a run in a document.
#[derive(Clone)]
pub enum Secrets {
    /// They stay, by the choice of the user.
    Stay,
    /// They are out, the ones among them that the run had before it went back a step.
    HiddenBy(Box<Redactor>),
    /// They are out, as far as the run itself tells which they are.
    Hidden,
}

/// A document that is to be made.
#[derive(Clone)]
pub struct Document {
    /// The run.
    pub record: Record,
    /// What its file is called, without an ending.
    pub name: String,
    /// What it is written as.
    pub format: Format,
    /// What becomes of its secrets.
    pub secrets: Secrets,
}

impl fmt::Debug for Document {
    /// Without the run, which may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("name", &self.name).field("format", &self.format).finish_non_exhaustive()
    }
}

impl Document {
    /// Its text. Takes time in proportion to the run's size.
    pub fn text(&self) -> String {
        let report = match &self.secrets {
            Secrets::Stay => Report::of(&self.record, None),
            Secrets::HiddenBy(hide) => Report::of(&self.record, Some(hide)),
            Secrets::Hidden => Report::of(&self.record, Some(&redactor(&self.record.flow()))),
        };
        report.write(self.format)
    }
}

/// Whether a document of this kind is pasted into other texts, as a report into a ticket.
pub const fn is_pasted(format: Format) -> bool {
    matches!(format, Format::Markdown | Format::Mermaid | Format::PlantUml | Format::Curl | Format::Code(_))
}
