//! `diff`: two runs, tokens, metadata documents or key sets side by side, and what of it matters.

use std::path::Path;

use super::args::DiffArgs;
use super::output::Output;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, typed};
use crate::base::text::{elided, visible};
use crate::compare::words::{VALUE_LIMIT, counted, value_words};
use crate::compare::{Change, Comparison, Kind, Row, Section, StageRow, Subject, compare_subjects};

/// Longest set that is shown whole, in bytes.
const SET_LIMIT: usize = 80;

/// Compares what two files hold.
pub(super) fn diff(args: &DiffArgs, output: &Output) -> Result<Exit, Usage> {
    if [&args.a, &args.b].into_iter().all(|path| path == Path::new("-")) {
        return Err(Usage("only one of both can be standard input".to_owned()));
    }
    let (a, b) = (subject(&args.a)?, subject(&args.b)?);
    let comparison = compare_subjects(&a, &b).map_err(|error| Usage(error.to_string()))?;
    tell(&mut output.story().in_one_piece(), args, &comparison);
    output.result(&comparison.to_json());
    Ok(if comparison.is_same() { Exit::Success } else { Exit::Failure })
}

/// What a file holds.
fn subject(path: &Path) -> Result<Subject, Usage> {
    Subject::read(&typed::run(path)?).map_err(|error| Usage(format!("{}: {error}", path.display())))
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
        terminal.line(&format!("{side}  {}  {}", visible(&path.display().to_string()), visible(title)));
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
