//! The result on standard output.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

use crate::base::check::Check;
use crate::base::http::Headers;
use crate::base::json::Json;
use crate::base::text::visible;

/// An object of these members.
pub(super) fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A string.
pub(super) fn text(text: impl Into<String>) -> Json {
    Json::String(text.into())
}

/// A string or `null`.
pub(super) fn optional(value: Option<impl Into<String>>) -> Json {
    value.map_or(Json::Null, text)
}

/// A number.
pub(super) fn number(number: &impl ToString) -> Json {
    Json::Number(number.to_string())
}

/// Each check as `{ rule, verdict, expected, actual, spec }`.
pub(super) fn checks<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Json {
    let one = |check: &Check| {
        object([
            ("rule", text(check.rule.id)),
            ("verdict", text(check.verdict.word())),
            ("expected", optional(check.expected.clone())),
            ("actual", optional(check.actual.clone())),
            ("spec", text(check.rule.spec.to_string())),
        ])
    };
    Json::Array(checks.into_iter().map(one).collect())
}

/// Header fields in order, as `{ name, value }`.
pub(super) fn headers(headers: &Headers) -> Json {
    let one = |(name, value): (&str, &str)| object([("name", text(name)), ("value", text(value))]);
    Json::Array(headers.iter().map(one).collect())
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

/// JSON in which every invisible character is written as `\u`, so that a terminal shows it too.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || matches!(visible(c.encode_utf8(&mut [0; 4])), std::borrow::Cow::Borrowed(_)) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped_and_read_back_the_same() {
        let json = object([("a\u{202e}", text("\u{1b}[31m\n\u{9b}\u{e0041}ü"))]);
        let written = escaped(&json.pretty());
        assert!(written.chars().all(|c| c == '\n' || !c.is_control()) && !written.contains('\u{202e}'));
        assert_eq!(Json::parse_text(&written), Ok(json));
    }
}
