//! How a value has to be.

use std::collections::BTreeSet;
use std::fmt;

use regex::{Regex, RegexBuilder};

use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::jose::claims::numeric_date;

/// Largest pattern once it is compiled, in bytes.
const PATTERN_LIMIT: usize = 256 * 1024;

/// How a value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// This value.
    Equals(Json),
    /// One of these values.
    OneOf(Vec<Json>),
    /// A text in which this is found.
    Matches(Pattern),
    /// There, or not.
    Present(bool),
    /// Of this type of JSON: `string`, `number`, `boolean`, `array`, `object`, `null`.
    Type(String),
    /// A set that has these words.
    Has(Vec<String>),
    /// A set that has none of these words.
    Lacks(Vec<String>),
    /// A set of exactly these words.
    Set(Vec<String>),
    /// A number from the first to the second.
    Range(Option<i64>, Option<i64>),
    /// A time so many seconds from when it came; less than 0 is before.
    FromNow(Option<i64>, Option<i64>),
}

/// A regular expression, as it was written.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// A pattern, which is looked for anywhere in a text unless it says `^` and `$`.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(pattern).size_limit(PATTERN_LIMIT).build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            error => {
                error.to_string().lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
            }
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Condition {
    /// Whether a value is so. `None` is one that did not come; `is_text` says that everything is text where it stands.
    pub(super) fn holds(&self, value: Option<&Json>, is_text: bool, came_at: Timestamp) -> bool {
        let Some(value) = value else { return matches!(self, Self::Present(false) | Self::Lacks(_)) };
        match self {
            Self::Equals(expected) => is_equal(expected, value, is_text),
            Self::OneOf(several) => several.iter().any(|expected| is_equal(expected, value, is_text)),
            Self::Matches(pattern) => pattern.0.is_match(&plain(value)),
            Self::Present(is_present) => *is_present,
            Self::Type(kind) => value.kind() == kind,
            Self::Has(expected) => expected.iter().all(|word| words(value).contains(word)),
            Self::Lacks(expected) => !expected.iter().any(|word| words(value).contains(word)),
            Self::Set(expected) => words(value) == expected.iter().cloned().collect(),
            Self::Range(from, to) => number(value).is_some_and(|number| is_within(number, *from, *to)),
            Self::FromNow(from, to) => numeric_date(value).is_ok_and(|time| {
                let away = time.millis().saturating_sub(came_at.millis()).div_euclid(1000);
                is_within(away, *from, *to)
            }),
        }
    }
}

/// Numbers are equal by their value, `600` and `600.0`.
fn is_equal(expected: &Json, value: &Json, is_text: bool) -> bool {
    match (expected, value) {
        (Json::Number(one), Json::Number(other)) => {
            one == other || one.parse::<f64>().ok() == other.parse::<f64>().ok()
        }
        (Json::Number(_) | Json::Bool(_), Json::String(text)) if is_text => expected.to_string() == *text,
        _ => expected == value,
    }
}

/// A value as text: of a string what is in it.
pub(super) fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The words of a text, or the elements of an array.
fn words(value: &Json) -> BTreeSet<String> {
    match value {
        Json::Array(elements) => elements.iter().map(plain).collect(),
        value => plain(value).split_whitespace().map(str::to_owned).collect(),
    }
}

fn number(value: &Json) -> Option<i64> {
    match value {
        Json::String(text) => text.parse().ok(),
        value => value.as_i64(),
    }
}

fn is_within(number: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| number >= from) && to.is_none_or(|to| number <= to)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[Json]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Equals(value) => write!(f, "is {value}"),
            Self::OneOf(values) => write!(f, "is one of {}", list(values)),
            Self::Matches(pattern) => write!(f, "matches {}", pattern.as_str()),
            Self::Present(true) => f.write_str("is present"),
            Self::Present(false) => f.write_str("is absent"),
            Self::Type(kind) => write!(f, "is of type {kind}"),
            Self::Has(words) => write!(f, "has {}", words.join(" ")),
            Self::Lacks(words) => write!(f, "lacks {}", words.join(" ")),
            Self::Set(words) => write!(f, "is the set {}", words.join(" ")),
            Self::Range(from, to) => write!(f, "is {}", Span(*from, *to)),
            Self::FromNow(from, to) => write!(f, "is {} s from when it came", Span(*from, *to)),
        }
    }
}

struct Span(Option<i64>, Option<i64>);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(from), Some(to)) => write!(f, "{from} to {to}"),
            (Some(from), None) => write!(f, "at least {from}"),
            (None, Some(to)) => write!(f, "at most {to}"),
            (None, None) => f.write_str("any"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse_text(text).expect("JSON")
    }

    #[test]
    fn a_value_is_as_it_has_to_be_or_not() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let pattern = |text| Condition::Matches(Pattern::new(text).expect("a pattern"));
        for (condition, value, holds) in [
            (Condition::Equals(json("\"a\"")), "\"a\"", true),
            (Condition::Equals(json("\"a\"")), "[\"a\"]", false),
            (Condition::Equals(json("600")), "600.0", true),
            (Condition::Equals(json("600")), "\"600\"", false),
            (Condition::OneOf(vec![json("1"), json("2")]), "2", true),
            (pattern("@example\\.com$"), "\"alice@example.com\"", true),
            (pattern("^alice$"), "\"malice\"", false),
            (Condition::Present(true), "null", true),
            (Condition::Present(false), "1", false),
            (Condition::Type("array".to_owned()), "[]", true),
            (Condition::Type("string".to_owned()), "1", false),
            (Condition::Has(words("a b")), "\"c b a\"", true),
            (Condition::Has(words("a")), "[\"a\",\"b\"]", true),
            (Condition::Has(words("a d")), "\"a b\"", false),
            (Condition::Lacks(words("d")), "\"a b\"", true),
            (Condition::Lacks(words("b")), "\"a b\"", false),
            (Condition::Set(words("a b")), "\"b a\"", true),
            (Condition::Set(words("a b")), "\"a b c\"", false),
            (Condition::Range(Some(1), Some(3)), "3", true),
            (Condition::Range(Some(1), Some(3)), "4", false),
            (Condition::Range(None, Some(3)), "\"x\"", false),
            (Condition::FromNow(Some(500), Some(700)), "1600", true),
            (Condition::FromNow(Some(-10), Some(0)), "995", true),
            (Condition::FromNow(Some(-10), Some(0)), "\"995\"", false),
        ] {
            let told = format!("{condition}: {value}");
            assert_eq!(condition.holds(Some(&json(value)), false, Timestamp::from_seconds(1000)), holds, "{told}");
        }
        assert!(Condition::Present(false).holds(None, false, Timestamp::default()));
        assert!(!Condition::Equals(Json::Null).holds(None, false, Timestamp::default()));
        assert!(Condition::Equals(json("600")).holds(Some(&json("\"600\"")), true, Timestamp::default()));
    }

    #[test]
    fn a_pattern_that_is_none_or_too_large_is_refused_in_words() {
        for (pattern, words) in [("(", "unclosed group"), ("(a{1000}){1000}", "the pattern is too large")] {
            assert_eq!(Pattern::new(pattern).expect_err(pattern), words);
        }
    }
}
