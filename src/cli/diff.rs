//! `diff`: two runs, tokens, metadata documents or key sets side by side, and what of it matters.

use std::path::Path;

use super::args::DiffArgs;
use super::output::Output;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, typed};
use crate::base::text::{elided, visible};
use crate::compare::{Change, Comparison, Fold, Kind, Row, Section, StageRow, Subject, compare_subjects};

/// Longest value that is shown whole, in characters.
const VALUE_LIMIT: usize = 160;

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
    let number = if stage.number > 1 { format!(" ({})", stage.number) } else { String::new() };
    let name = terminal.paint(Paint::Strong, &format!("{}{number}", stage.name));
    terminal.line("");
    if let Some(side) = stage.only() {
        let why = stage.why.as_ref().map(|why| format!(": {}", visible(why))).unwrap_or_default();
        terminal.line(&format!("{name}: only in {}{why}", side.to_uppercase()));
        return;
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
    let value = |value: &Option<String>| match value.as_deref() {
        None => "absent".to_owned(),
        Some("") => "empty".to_owned(),
        // What is in it is told as its claims.
        Some(value) if value.starts_with("eyJ") && value.contains('.') => "a JWT".to_owned(),
        Some(value) => elided(&visible(value), VALUE_LIMIT).into_owned(),
    };
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
    let is_named = |row: &&Row| matches!(row.change, Change::Folded(fold) if fold != Fold::Applied);
    let names: Vec<&str> = section.rows.iter().filter(is_named).map(|row| row.name.as_str()).collect();
    if !names.is_empty() {
        let names = elided(&visible(&names.join(", ")), VALUE_LIMIT).into_owned();
        terminal.line(&terminal.paint(Paint::Quiet, &format!("      {names}: other values, as they have to be")));
    }
}

/// `, 6 stages`
fn in_all(comparison: &Comparison) -> String {
    match comparison.kind {
        // The run as a whole is none.
        Kind::Runs => format!(", {}", counted(comparison.stages.len().saturating_sub(1), "stage", "stages")),
        _ => String::new(),
    }
}

/// ` 14 random values and 9 times are folded away.`
fn folded(comparison: &Comparison) -> String {
    let count = |fold| match (comparison.folded(fold), fold) {
        (0, _) | (_, Fold::Applied) => None,
        (count, Fold::Random) => Some(counted(count, "random value", "random values")),
        (count, Fold::Time) => Some(counted(count, "time", "times")),
        (count, Fold::Key) => Some(counted(count, "key", "keys")),
        (count, Fold::Port) => Some(counted(count, "port", "ports")),
        (count, Fold::Hidden) => Some(counted(count, "hidden value", "hidden values")),
    };
    let counts: Vec<String> = Fold::ALL.into_iter().filter_map(count).collect();
    match counts.split_last() {
        None => String::new(),
        Some((last, [])) => format!(" {last} folded away."),
        Some((last, others)) => format!(" {} and {last} are folded away.", others.join(", ")),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
