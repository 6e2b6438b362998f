//! `diff`: two runs, tokens, metadata documents or key sets side by side, and what of it matters.

use std::path::{Path, PathBuf};

use super::args::DiffArgs;
use super::output::Output;
use super::terminal::{Paint, Terminal, shown_path};
use super::{Exit, Usage, typed};
use crate::base::text::{counted, elided, visible};
use crate::capture::{Capture, take_apart};
use crate::compare::words::{VALUE_LIMIT, value_words};
use crate::compare::{Change, Comparison, Kind, NotComparable, Row, Section, StageRow, Subject, compare_subjects};
use crate::io::{random, storage};

/// Longest set that is shown whole, in bytes.
const SET_LIMIT: usize = 80;

/// Compares what two files hold.
pub(super) fn diff(args: &DiffArgs, output: &Output) -> Result<Exit, Usage> {
    if [&args.a, &args.b].into_iter().all(|path| path == Path::new("-")) {
        return Err(Usage("only one of both can be standard input".to_owned()));
    }
    // One key, so that what is hidden in both is the same in both.
    let key = random::entropy().map_err(|error| Usage(error.to_string()))?.bytes();
    let (a, b) = (subject(&args.a, key)?, subject(&args.b, key)?);
    let comparison = compare_subjects(&a, &b).map_err(|error| Usage(error.to_string()))?;
    tell(&mut output.story().in_one_piece(), args, &comparison);
    output.result(&comparison.to_json());
    Ok(if comparison.is_same() { Exit::Success } else { Exit::Failure })
}

/// What a file holds, or a login of a recording.
fn subject(path: &Path, key: [u8; 32]) -> Result<Subject, Usage> {
    let (path, number) = numbered(path);
    let wrong = |what: &dyn std::fmt::Display| Usage(format!("{}: {what}", path.display()));
    let bytes = typed::recording(&path, storage::RUN_LIMIT)?;
    match Subject::read(&String::from_utf8_lossy(&bytes)) {
        // A recording may break off in the middle.
        Err(error @ (NotComparable::Unknown | NotComparable::Json(_))) => match take_apart(&bytes, key).ok() {
            Some(capture) => login(&capture, number).map_err(|what| wrong(&what)),
            None => Err(wrong(&error)),
        },
        read => read.map_err(|error| wrong(&error)),
    }
}

/// `recording.har#2` is its second login.
fn numbered(path: &Path) -> (PathBuf, Option<usize>) {
    let text = path.to_string_lossy();
    let parts = text.rsplit_once('#').filter(|_| !path.exists());
    match parts.and_then(|(path, number)| Some((path, number.parse().ok()?))) {
        Some((path, number)) => (path.into(), Some(number)),
        None => (path.to_owned(), None),
    }
}

/// The login of this number, as `capture` counts them.
fn login(capture: &Capture, number: Option<usize>) -> Result<Subject, String> {
    let count = capture.logins.len();
    if count == 0 {
        return Err("no login is in this recording".to_owned());
    }
    if number.is_none() && count > 1 {
        return Err(format!("{count} logins are in it; name one by its number, with #1 to #{count} behind the file"));
    }
    let found = number.unwrap_or(1).checked_sub(1).and_then(|at| capture.logins.get(at));
    let login = found.ok_or_else(|| format!("there is no login of this number, only #1 to #{count}"))?;
    Ok(Subject::Login(Box::new(capture.flow(login)), login.secrets.clone()))
}

/// One line where nothing that matters differs, else what does, stage by stage.
fn tell(terminal: &mut Terminal, args: &DiffArgs, comparison: &Comparison) {
    if comparison.is_same() {
        let mark = terminal.paint(Paint::Good, "✓");
        terminal.line(&format!("{mark} Same{}.{}", in_all(comparison), folded(comparison)));
        return;
    }
    for (side, path, title) in [("A", &args.a, &comparison.a), ("B", &args.b, &comparison.b)] {
        let side = terminal.paint(Paint::Strong, side);
        terminal.line(&format!("{side}  {}  {}", shown_path(path), visible(title)));
    }
    terminal.line("");
    let mark = terminal.paint(Paint::Bad, "✗");
    let count = counted(comparison.differences(), "difference that matters", "differences that matter");
    terminal.line(&format!("{mark} {count}.{}", folded(comparison)));
    for stage in comparison.stages.iter().filter(|stage| stage.differences() > 0) {
        tell_stage(terminal, comparison.kind, stage);
    }
}

fn tell_stage(terminal: &mut Terminal, kind: Kind, stage: &StageRow) {
    let name = terminal.paint(Paint::Strong, &stage.title());
    terminal.line("");
    if let Some(only) = stage.only_words() {
        return terminal.line(&format!("{name}: {only}"));
    }
    if kind == Kind::Runs {
        terminal.line(&name);
    }
    for section in stage.sections.iter().filter(|section| section.rows.iter().any(|row| row.change.is_difference())) {
        let about = terminal.paint(Paint::Quiet, &visible(&section.about));
        terminal.line(format!("  {}  {about}", visible(&section.part.word())).trim_end());
        section.rows.iter().filter(|row| row.change.is_difference()).for_each(|row| tell_row(terminal, row));
        tell_folded(terminal, section);
    }
}

fn tell_row(terminal: &mut Terminal, row: &Row) {
    let (mark, paint) = match row.change {
        Change::Added => ("+", Paint::Good),
        Change::Removed => ("-", Paint::Bad),
        _ => ("~", Paint::Caution),
    };
    let mark = terminal.paint(paint, mark);
    let name = visible(&row.name).into_owned();
    let value = |value: &Option<String>| value_words(value.as_deref());
    let words = |title, words: &[String]| (!words.is_empty()).then(|| format!("{title}: {}", words.join(" ")));
    let apart = [words("only in A", &row.words.0), words("only in B", &row.words.1)];
    let apart = apart.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let apart = elided(&visible(&apart), VALUE_LIMIT).into_owned();
    let is_long = |value: &Option<String>| value.as_ref().is_some_and(|value| value.len() > SET_LIMIT);
    let values = match row.change {
        Change::Added => value(&row.b),
        Change::Removed => value(&row.a),
        // Of a long set nobody finds the word that is missing.
        _ if !apart.is_empty() && (is_long(&row.a) || is_long(&row.b)) => apart.clone(),
        _ => format!("{} → {}", value(&row.a), value(&row.b)),
    };
    terminal.line(&format!("    {mark} {name:<24} {values}"));
    if row.change == Change::Changed && !apart.is_empty() && values != apart {
        terminal.line(&terminal.paint(Paint::Quiet, &format!("      {:<24} {apart}", "")));
    }
}

/// The names of what is other values, as they have to be.
fn tell_folded(terminal: &mut Terminal, section: &Section) {
    if let Some(names) = section.folded_names() {
        terminal.line(&terminal.paint(Paint::Quiet, &format!("      {names}")));
    }
}

/// `, 6 stages`
fn in_all(comparison: &Comparison) -> String {
    match comparison.kind {
        Kind::Runs => {
            format!(", {}", counted(comparison.stages.iter().filter(|stage| stage.is_sent).count(), "stage", "stages"))
        }
        _ => String::new(),
    }
}

/// What is folded away, behind something.
fn folded(comparison: &Comparison) -> String {
    let words = comparison.folded_words();
    if words.is_empty() { words } else { format!(" {words}") }
}
