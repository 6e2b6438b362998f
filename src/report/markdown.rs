//! A run as a report for a ticket: what is wrong first, then what it ran with, the diagram, each exchange, the checks.

use std::fmt::Write as _;

use super::{Report, came, mermaid};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::text::{visible, visible_lines};
use crate::base::time::spoken;
use crate::export::raw;
use crate::flow::trace::{Answer, Exchange};

/// Of a body, so many characters are in the report.
const BODY_LIMIT: usize = 20_000;

/// The report.
pub(super) fn write(report: &Report) -> String {
    let mut text = format!("# {} at {}\n\n", inline(report.grant), inline(&report.issuer));
    finding(&mut text, report);
    table(&mut text, ["", ""], report.facts().iter().map(|(name, value)| [*name, value.as_str()]));
    let _ = writeln!(text, "{}\n", report.about_secrets());
    let _ = writeln!(text, "## Messages\n\n```mermaid\n{}```\n", mermaid::write(report));
    for (at, exchange) in report.trace.exchanges.iter().enumerate() {
        told(&mut text, at, exchange);
    }
    text.push_str("## Settings\n\n");
    table(&mut text, ["Name", "Value"], report.settings.iter().map(|(name, value)| [name.as_str(), value.as_str()]));
    text
}

fn finding(text: &mut String, report: &Report) {
    match &report.finding {
        Some(finding) => {
            let rule = finding.rule.as_ref().map(|rule| format!(", rule `{rule}`")).unwrap_or_default();
            let _ = writeln!(text, "**{}.**\n", inline(finding.sentence().trim_end_matches('.')));
            let _ = writeln!(text, "- Stage: {}{rule}", finding.stage.name());
            let _ = writeln!(text, "- Evidence: {}", inline(&finding.evidence));
            let _ = writeln!(text, "- Next: {}", inline(&finding.next));
            if let Some(option) = finding.option() {
                let _ = writeln!(text, "- Option: {}", code(&option));
            }
            text.push('\n');
        }
        None if report.unmet.is_empty() => text.push_str("**Nothing is wrong with this run.**\n\n"),
        None => text.push_str("**The run is not as it was expected.**\n\n"),
    }
    for unmet in &report.unmet {
        let _ = writeln!(text, "- Expected: {}\n", inline(unmet));
    }
    for (what, why) in &report.left_open {
        let _ = writeln!(text, "- Left open: {}: {}\n", inline(what), inline(why));
    }
}

fn told(text: &mut String, at: usize, exchange: &Exchange) {
    let took = if exchange.took.is_zero() { String::new() } else { format!(", {}", spoken(exchange.took)) };
    let _ = writeln!(text, "### {}. {}: {}{took}\n", at + 1, exchange.stage.name(), came(exchange));
    for check in worth_telling(exchange) {
        let _ = writeln!(
            text,
            "- {} `{}`: {} ({} {})",
            check.verdict.word(),
            check.rule.id,
            inline(&check.seen()),
            check.rule.level.word(),
            check.rule.spec
        );
    }
    let _ = writeln!(text, "- Checks: {}\n", Tally::of(&exchange.checks).summary());
    fenced(text, &raw::request(&exchange.request));
    answer(text, exchange);
}

/// What came.
pub(super) fn answer(text: &mut String, exchange: &Exchange) {
    match &exchange.answer {
        Answer::Response(response) => fenced(text, &raw::response(response)),
        Answer::Callback(callback) => {
            let _ = writeln!(text, "Response by {} at {}:\n", callback.via.name(), code(&callback.redirect_uri));
            table(text, ["Name", "Value"], callback.params.iter().map(|(name, value)| [name, value]));
        }
        Answer::Failed(failure) => {
            let _ = writeln!(text, "{}\n", inline(&failure.to_string()));
        }
        Answer::Pending | Answer::Visited => {}
    }
}

/// What is not as it is to be.
pub(super) fn worth_telling(exchange: &Exchange) -> impl Iterator<Item = &Check> {
    exchange.checks.iter().filter(|check| matches!(check.verdict, Verdict::Fail | Verdict::Warn | Verdict::Note))
}

/// A block of code, whose fence is longer than any inside of it.
pub(super) fn fenced(text: &mut String, content: &str) {
    let content = visible_lines(content);
    let (shown, cut) = match content.char_indices().nth(BODY_LIMIT) {
        Some((end, _)) => (&content[..end], content.len() - end),
        None => (&*content, 0),
    };
    let fence = "`".repeat(longest_run(shown).max(2) + 1);
    let _ = writeln!(text, "{fence}http\n{}\n{fence}\n", shown.trim_end());
    if cut > 0 {
        let _ = writeln!(text, "{cut} bytes more.\n");
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

pub(super) fn table<'a>(text: &mut String, head: [&str; 2], rows: impl Iterator<Item = [&'a str; 2]>) {
    let _ = writeln!(text, "| {} | {} |\n|---|---|", head[0], head[1]);
    for [name, value] in rows {
        let _ = writeln!(text, "| {} | {} |", inline(name), if value.is_empty() { String::new() } else { code(value) });
    }
    text.push('\n');
}

/// As code in a line of a table, whatever is in it.
fn code(value: &str) -> String {
    let value = visible(value).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&value) + 1);
    let pad = if value.starts_with('`') || value.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{value}{pad}{fence}")
}

/// Text in which nothing is markup.
fn inline(text: &str) -> String {
    let (text, mut out) = (visible(text), String::new());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // Inside of a word an underscore is one.
        let is_inside = c == '_' && before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '#' | '~' | '$') && !is_inside {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}
