//! `capture`: the logins of a recording that somebody else made, and what is wrong with each.

use super::args::CaptureArgs;
use super::exports::{self, Written};
use super::output::Output;
use super::places::Places;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, junit, typed};
use crate::base::check::Verdict;
use crate::base::text::{counted, visible};
use crate::capture::finding::Found;
use crate::capture::login::{Judged, Login, Staged};
use crate::capture::read::FILE_LIMIT;
use crate::capture::{Capture, take_apart};
use crate::export::redact::Redactor;
use crate::io::random;
use crate::io::storage::Access;
use crate::report::recording;

/// Reads a recording and tells of it.
pub(super) fn capture(args: &CaptureArgs, output: &Output) -> Result<Exit, Usage> {
    let places = Places::default().reads("the recording", Some(&args.file));
    places.writes("html", args.html.as_deref()).writes("junit", args.junit.as_deref()).check()?;
    let capture = match read(args) {
        Ok(capture) => capture,
        Err(error) => {
            let mut terminal = Terminal::stderr();
            let word = terminal.paint(Paint::Bad, "error:");
            terminal.line(&format!("{word} {}", visible(&error)));
            return Ok(Exit::Failure);
        }
    };
    Teller::new(output.story().in_one_piece(), &capture).tell();
    let written = write(args, &capture, output);
    if !written.takes_output {
        output.result(&capture.to_json());
    }
    let has_finding = capture.logins.iter().any(|login| login.finding.is_some());
    Ok(if has_finding || written.has_failed { Exit::Failure } else { Exit::Success })
}

/// Writes the documents that are wanted.
fn write(args: &CaptureArgs, capture: &Capture, output: &Output) -> Written {
    let mut written = Written::default();
    if let Some(path) = &args.html {
        written.put(path, &recording::write(capture), Access::Private, output);
    }
    if let Some(path) = &args.junit {
        match junit::recording(&name(args), capture) {
            Ok(text) => written.put(path, &text, Access::Private, output),
            Err(error) => {
                exports::not_written(path, &error);
                written.has_failed = true;
            }
        }
    }
    written
}

/// What the recording is called.
fn name(args: &CaptureArgs) -> String {
    if args.file.as_os_str() == "-" { "standard input".to_owned() } else { args.file.display().to_string() }
}

fn read(args: &CaptureArgs) -> Result<Capture, String> {
    let limit = u64::try_from(FILE_LIMIT).unwrap_or(u64::MAX);
    let file = typed::recording(&args.file, limit).map_err(|error| error.to_string())?;
    let key = random::entropy().map_err(|error| error.to_string())?.bytes();
    take_apart(&file, key).map_err(|error| format!("{} cannot be read: {error}", visible(&name(args))))
}

/// Tells of a recording for people.
pub(super) struct Teller<'c> {
    terminal: Terminal,
    capture: &'c Capture,
    redactor: Redactor,
}

impl<'c> Teller<'c> {
    /// Tells there.
    pub(super) fn new(terminal: Terminal, capture: &'c Capture) -> Self {
        Self { terminal, capture, redactor: capture.redactor() }
    }
}

impl Teller<'_> {
    fn tell(mut self) {
        self.line(&format!("{}.", self.capture.recorder.line()));
        for note in &self.capture.notes {
            self.line(note);
        }
        if !self.capture.unreadable.is_empty() {
            let numbers: Vec<String> = self.capture.unreadable.iter().map(|(entry, _)| entry.to_string()).collect();
            let count = counted(numbers.len(), "entry", "entries");
            self.line(&format!("{count} cannot be read: {}", brief(&numbers)));
        }
        if self.capture.logins.is_empty() {
            let count = self.capture.entries.len();
            let others = (count > 0).then(|| format!("; {}", counted(count, "other entry is", "other entries are")));
            self.line(&format!("No login is in it{}.", others.unwrap_or_default()));
        }
        self.logins(&[]);
    }

    /// Tells of each login, and what of it has not come.
    pub(super) fn logins(mut self, missing: &[Option<String>]) {
        for (at, login) in self.capture.logins.iter().enumerate() {
            self.terminal.line("");
            self.login(at + 1, login);
            if let Some(missing) = missing.get(at).and_then(Option::as_deref) {
                let mark = self.terminal.paint(Paint::Caution, "!");
                self.terminal.line(&format!("  {mark} {}", self.clean(missing)));
            }
        }
    }

    fn line(&mut self, text: &str) {
        let text = self.clean(text);
        self.terminal.line(&text);
    }

    /// Without credentials, and without what moves a cursor.
    fn clean(&self, text: &str) -> String {
        visible(&self.redactor.text(text)).into_owned()
    }

    fn pair(&mut self, name: &str, value: &str) {
        let value = self.clean(value);
        self.terminal.pair(name, &value);
    }

    fn login(&mut self, number: usize, login: &Login) {
        let head = format!("Login {number}: {}: {}", recording::title(login), login.said());
        let head = self.terminal.paint(Paint::Strong, &self.clean(&head));
        self.terminal.line(&head);
        if let Some(found) = &login.finding {
            self.finding(found);
        }
        for stage in &login.stages {
            self.stage(stage);
        }
        for judged in &login.checks {
            self.check(judged);
        }
        for lacks in &login.not_in_the_recording {
            let line = self.terminal.paint(Paint::Quiet, &visible(&format!("  not in the recording: {lacks}")));
            self.terminal.line(&line);
        }
    }

    fn finding(&mut self, found: &Found) {
        let mark = self.terminal.paint(Paint::Bad, "✗");
        let sentence = format!("{}{}", found.certainty.before(), found.say);
        self.terminal.line(&format!("  {mark} {}", self.clean(&sentence)));
        self.pair("rule", found.rule.id);
        for evidence in &found.evidence {
            let entry = self.capture.entries[evidence.entry].index;
            let value = evidence.value.as_deref().map(|value| format!(": {value}")).unwrap_or_default();
            self.pair("evidence", &format!("entry {entry}, {}{value}", evidence.place));
        }
        self.pair("next", &found.next);
    }

    /// A rule that is broken. What holds and what could not be judged is in the JSON result.
    fn check(&mut self, judged: &Judged) {
        let (mark, paint) = match judged.check.verdict {
            Verdict::Fail => ("✗", Paint::Bad),
            Verdict::Warn => ("!", Paint::Caution),
            _ => return,
        };
        let mark = self.terminal.paint(paint, mark);
        let entry = self.capture.entries[judged.entry].index;
        let check = &judged.check;
        let text = format!("{} ({}, entry {entry}): {}", check.rule.title, check.rule.id, check.seen());
        self.terminal.line(&format!("  {mark} {}", self.clean(&text)));
    }

    fn stage(&mut self, stage: &Staged) {
        let numbers: Vec<String> = stage.entries.iter().map(|at| self.capture.entries[*at].index.to_string()).collect();
        let mode = stage.mode.map(|mode| format!(", {}", mode.name())).unwrap_or_default();
        let again = if stage.repeated { ", once more" } else { "" };
        let what = if numbers.len() == 1 { "entry" } else { "entries" };
        self.terminal
            .pair(stage.name.slug(), &format!("{what} {} ({}{mode}{again})", brief(&numbers), stage.leg.word()));
    }
}

/// The first of many numbers.
fn brief(numbers: &[String]) -> String {
    const MOST: usize = 12;
    let more = numbers.len().saturating_sub(MOST);
    let shown = numbers.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
