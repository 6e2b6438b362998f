//! The result on standard output.

use std::io::{self, IsTerminal as _, Write as _};

use crate::base::check::Check;
use crate::base::json::{Json, escaped};
use crate::record::members_of_check;

pub(super) use crate::base::json::{number, object, optional, text};

/// Each check as `{ rule, verdict, expected, actual, spec }`.
pub(super) fn checks<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Json {
    Json::Array(checks.into_iter().map(|check| Json::Object(members_of_check(check))).collect())
}

/// Whether the result is wanted: always by programs, by people when they ask.
pub(super) fn is_wanted(asked: bool) -> bool {
    asked || !io::stdout().is_terminal()
}

/// Writes the result where it is wanted.
pub(super) fn print(result: &Json, asked: bool) {
    if is_wanted(asked) {
        write(&result.pretty());
    }
}

/// Writes one line, for results that come bit by bit.
pub(super) fn print_line(result: &Json, asked: bool) {
    if is_wanted(asked) {
        write(&result.to_string());
    }
}

/// A reader that went away ends nothing.
fn write(json: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", escaped(json));
    let _ = out.flush();
}
