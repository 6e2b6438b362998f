//! `--har`, `--markdown` and the like: a run as a document for others, beside its result.

use std::path::{Path, PathBuf};

use super::output::Output;
use super::places::{Places, is_dash};
use super::terminal::{Terminal, shown_path};
use crate::export::redact::Redactor;
use crate::io::storage::{self, Access};
use crate::record::Record;
use crate::report::{Format, Language, Report};

/// Where a run is written as what.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Documents of the run (- is standard output, in the place of the result)")]
pub(super) struct ExportArgs {
    /// Write a report for a ticket: what is wrong, the diagram, every message and what its checks say
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write the same as one page that opens in any browser, without a network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write an HTTP archive, for developer tools and proxies
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
    /// Write the sequence diagram as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the sequence diagram for Mermaid
    #[arg(long, value_name = "FILE")]
    mermaid: Option<PathBuf>,
    /// Write the sequence diagram for PlantUML
    #[arg(long, value_name = "FILE")]
    plantuml: Option<PathBuf>,
    /// Write every request that left as a curl command
    #[arg(long, value_name = "FILE")]
    curl: Option<PathBuf>,
    /// Write the token request as a program in Python with requests
    #[arg(long, value_name = "FILE")]
    python: Option<PathBuf>,
    /// Write it in JavaScript with fetch
    #[arg(long, value_name = "FILE")]
    javascript: Option<PathBuf>,
    /// Write it in Rust with reqwest
    #[arg(long, value_name = "FILE")]
    rust: Option<PathBuf>,
    /// Write it in Go with net/http
    #[arg(long, value_name = "FILE")]
    go: Option<PathBuf>,
    /// Write it in C# with HttpClient
    #[arg(long, value_name = "FILE")]
    csharp: Option<PathBuf>,
    /// Write it in Java with java.net.http
    #[arg(long, value_name = "FILE")]
    java: Option<PathBuf>,
}

impl ExportArgs {
    fn path(&self, format: Format) -> Option<&Path> {
        match format {
            Format::Markdown => self.markdown.as_deref(),
            Format::Html => self.html.as_deref(),
            Format::Har => self.har.as_deref(),
            Format::Svg => self.svg.as_deref(),
            Format::Mermaid => self.mermaid.as_deref(),
            Format::PlantUml => self.plantuml.as_deref(),
            Format::Curl => self.curl.as_deref(),
            Format::Code(Language::Python) => self.python.as_deref(),
            Format::Code(Language::JavaScript) => self.javascript.as_deref(),
            Format::Code(Language::Rust) => self.rust.as_deref(),
            Format::Code(Language::Go) => self.go.as_deref(),
            Format::Code(Language::CSharp) => self.csharp.as_deref(),
            Format::Code(Language::Java) => self.java.as_deref(),
        }
    }

    fn wanted(&self) -> impl Iterator<Item = (Format, &Path)> {
        Format::ALL.into_iter().filter_map(|format| self.path(format).map(|path| (format, path)))
    }

    /// Adds where they are written.
    pub fn places(&self, places: Places) -> Places {
        self.wanted().fold(places, |places, (format, path)| places.writes(format.name(), Some(path)))
    }

    /// Writes what is wanted of this run.
    pub fn write(&self, record: &Record, hide: Option<&Redactor>, unmet: Vec<String>, output: &Output) -> Written {
        let mut written = Written::default();
        if self.wanted().next().is_none() {
            return written;
        }
        let report = Report::of(record, hide).expected(unmet);
        for (format, path) in self.wanted() {
            written.put(path, &report.write(format), Access::Private, output);
        }
        written
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Whether one of them is on standard output.
    pub takes_output: bool,
    /// Whether one could not be written.
    pub has_failed: bool,
}

impl Written {
    /// Writes a document where it is wanted.
    pub fn put(&mut self, path: &Path, text: &str, access: Access, output: &Output) {
        if is_dash(path) {
            output.write(text);
            self.takes_output = true;
        } else {
            self.has_failed |= !written(path, text, access);
        }
    }
}

/// Writes a file; why it cannot be is told, and `false`.
pub(super) fn written(path: &Path, text: &str, access: Access) -> bool {
    storage::write(path, text, access).map_err(|error| not_written(path, &storage::why(&error))).is_ok()
}

/// Tells why a file was not written, whatever becomes of the story.
pub(super) fn not_written(path: &Path, error: &dyn std::fmt::Display) {
    Terminal::stderr().line(&format!("✗ {} was not written: {error}", shown_path(path)));
}
