//! JSON as it was sent: member order, duplicate members and the digits of numbers are kept.
//!
//! This tree keeps what the `Value` of `serde_json` would drop, because a debugger has to show it (RFC 8259 section 4
//! leaves duplicate members undefined, RFC 7515 section 4 and RFC 7519 section 4 forbid them). `serde_json` reads
//! strings and numbers and says what is wrong with a text.

mod read;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Write as _};

use self::read::Reader;
use super::text::is_hidden;

/// Deepest nesting that is read. Deeper input is an error, not a stack overflow.
pub const DEPTH_LIMIT: usize = 128;

/// A JSON value that remembers how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// The digits exactly as sent.
    Number(String),
    /// Unescaped text.
    String(String),
    /// Elements in order.
    Array(Vec<Json>),
    /// Members in order, duplicates included.
    Object(Members),
}

/// Names and values of an object, in order.
pub type Members = Vec<(String, Json)>;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// There is nothing, or only white space.
    #[error("the text is empty")]
    Empty,
    /// RFC 8259 section 8.1 demands UTF-8.
    #[error("not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// Nested deeper than [`DEPTH_LIMIT`].
    #[error("nested deeper than {DEPTH_LIMIT} levels")]
    TooDeep,
    /// Not the grammar; the text names line and column where known.
    #[error("{0}")]
    Syntax(String),
}

impl JsonError {
    /// Whether a whole value is there, and something else behind it.
    pub fn is_behind_a_value(&self) -> bool {
        self.begins_with("trailing characters")
    }

    /// Whether the text ends before the value does.
    pub fn is_cut_off(&self) -> bool {
        self.begins_with("EOF")
    }

    /// The words are those of `serde_json`.
    fn begins_with(&self, words: &str) -> bool {
        matches!(self, Self::Syntax(what) if what.starts_with(words))
    }
}

impl Json {
    /// Reads one JSON text (RFC 8259).
    ///
    /// # Errors
    /// Names the first place that is not JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|error| JsonError::NotUtf8(error.valid_up_to()))?;
        Self::parse_text(text)
    }

    /// As [`Json::parse`], from text.
    ///
    /// # Errors
    /// Names the first place that is not JSON.
    pub fn parse_text(text: &str) -> Result<Self, JsonError> {
        if text.trim().is_empty() {
            return Err(JsonError::Empty);
        }
        Reader::read(text)
    }

    /// The first member of this name; `None` when absent or when this is no object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Members in order; none when this is no object.
    pub fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// Elements in order; none when this is no array.
    pub fn elements(&self) -> &[Self] {
        if let Self::Array(elements) = self { elements } else { &[] }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The value of `true` and `false`.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// A number as a whole one, fractions cut off. `None` outside `i64`, and for numbers in strings.
    pub fn as_i64(&self) -> Option<i64> {
        let Self::Number(digits) = self else { return None };
        digits.parse().ok().or_else(|| {
            let value: f64 = digits.parse().ok()?;
            // 2^63 as f64: everything strictly inside converts without saturating.
            (value.abs() < 9_223_372_036_854_775_808.0).then_some(value.trunc() as i64)
        })
    }

    /// A string member.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Whether this is an object.
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The strings of an array of strings, or of one string alone. Other elements are left out.
    pub fn strings(&self) -> Vec<&str> {
        match self {
            Self::String(text) => vec![text],
            Self::Array(elements) => elements.iter().filter_map(Self::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The word for its type: `string`, `number`, `object` and so on.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The same in a sentence: `a string`, `an object`.
    pub const fn a_kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// What it is and what it holds, in a sentence: `the string "true"`, `null`.
    pub fn described(&self) -> String {
        match self {
            Self::Null => self.kind().to_owned(),
            _ => format!("the {} {self}", self.kind()),
        }
    }

    /// Paths of members that occur more than once in their object: `cnf.jkt`.
    pub fn duplicates(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_duplicates(None, &mut found);
        found
    }

    fn collect_duplicates(&self, place: Option<&Place<'_>>, found: &mut Vec<String>) {
        // Sets, because hostile input has a hundred thousand members.
        let (mut seen, mut repeated) = (HashSet::new(), HashSet::new());
        for (name, value) in self.members() {
            let place = Place { inside: place, name: Cow::Borrowed(name) };
            if !seen.insert(name) && repeated.insert(name) {
                found.push(place.path());
            }
            value.collect_duplicates(Some(&place), found);
        }
        for (at, value) in self.elements().iter().enumerate() {
            let place = Place { inside: place, name: Cow::Owned(at.to_string()) };
            value.collect_duplicates(Some(&place), found);
        }
    }

    /// Indented by two spaces, one member a line, empty containers in one line.
    pub fn pretty(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, Some(0));
        text
    }

    fn write(&self, out: &mut String, indent: Option<usize>) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::String(text) => out.push_str(&quoted(text)),
            Self::Array(elements) => {
                let items = elements.iter().map(|value| (None, value));
                write_items(out, indent, ['[', ']'], items);
            }
            Self::Object(members) => {
                let items = members.iter().map(|(name, value)| (Some(name.as_str()), value));
                write_items(out, indent, ['{', '}'], items);
            }
        }
    }
}

/// Where a value is. Its path is written only where it is told, because it may be long and the values many.
struct Place<'a> {
    inside: Option<&'a Place<'a>>,
    name: Cow<'a, str>,
}

impl Place<'_> {
    /// `cnf.jkt`. What is around the last name is cut when it is long.
    fn path(&self) -> String {
        let (mut names, mut length, mut around) = (Vec::new(), 0, self.inside);
        while let Some(place) = around {
            length += place.name.len();
            if length > PATH_LIMIT {
                names.push("…");
                break;
            }
            names.push(&place.name);
            around = place.inside;
        }
        names.reverse();
        names.push(&self.name);
        names.join(".")
    }
}

/// Longest path to an object that is written whole, in bytes.
const PATH_LIMIT: usize = 200;

/// An object of these members.
pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A string.
pub fn text(text: impl Into<String>) -> Json {
    Json::String(text.into())
}

/// A string or `null`.
pub fn optional(value: Option<impl Into<String>>) -> Json {
    value.map_or(Json::Null, text)
}

/// A number.
pub fn number(number: &impl ToString) -> Json {
    Json::Number(number.to_string())
}

/// JSON in which every invisible character is written as `\u`, so that a terminal shows it too.
pub fn escaped(json: &str) -> String {
    let (mut out, mut done) = (String::with_capacity(json.len()), 0);
    for (at, hidden) in json.match_indices(|c| c != '\n' && is_hidden(c)) {
        out.push_str(&json[done..at]);
        for unit in hidden.encode_utf16() {
            let _ = write!(out, "\\u{unit:04x}");
        }
        done = at + hidden.len();
    }
    out + &json[done..]
}

fn write_items<'a>(
    out: &mut String,
    indent: Option<usize>,
    [open, close]: [char; 2],
    items: impl ExactSizeIterator<Item = (Option<&'a str>, &'a Json)>,
) {
    let count = items.len();
    out.push(open);
    for (at, (name, value)) in items.enumerate() {
        let inner = indent.map(|level| level + 1);
        line_break(out, inner);
        if let Some(name) = name {
            out.push_str(&quoted(name));
            out.push_str(if indent.is_some() { ": " } else { ":" });
        }
        value.write(out, inner);
        if at + 1 < count {
            out.push(',');
        }
    }
    if count > 0 {
        line_break(out, indent);
    }
    out.push(close);
}

fn line_break(out: &mut String, indent: Option<usize>) {
    if let Some(level) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every text can be written as JSON")
}

impl fmt::Display for Json {
    /// Compact, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, None);
        f.write_str(&text)
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(elements) => Self::Array(elements.iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

impl From<&Json> for serde_json::Value {
    /// The last of duplicate members wins; numbers outside `f64` become strings.
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(digits) => digits.parse().map_or_else(|_| Self::String(digits.clone()), Self::Number),
            Json::String(text) => Self::String(text.clone()),
            Json::Array(elements) => elements.iter().map(Self::from).collect(),
            Json::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_duplicates_and_digits_are_kept() {
        let text = r#"{"b":1.50,"a":12345678901234567890123,"b":{"x":[{"k":1,"k":2}]}}"#;
        let json = Json::parse_text(text).expect("JSON");
        assert_eq!(json.to_string(), text);
        assert_eq!(json.duplicates(), ["b", "b.x.0.k"]);
    }

    #[test]
    fn long_paths_are_cut_and_cost_nothing_where_they_are_not_told() {
        let many: String = (0..20_000).map(|at| format!("\"{at}\":0,\"{at}\":0,")).collect();
        let text = format!("{{\"{}\":{{{many}\"last\":0}}}}", "long".repeat(100_000));
        let found = Json::parse_text(&text).expect("JSON").duplicates();
        assert_eq!((found.len(), found[7].as_str()), (20_000, "….7"));
    }

    #[test]
    fn what_is_not_json_is_named() {
        for (bytes, says) in [
            (&b""[..], "empty"),
            (b" \n", "empty"),
            (b"<html>", "line 1 column 1"),
            (b"{\"a\":1", "EOF"),
            (b"{\"a\":\"1", "EOF"),
            (b"[1,]", "line 1 column 4"),
            (b"{\"a\" 1}", "line 1 column 6"),
            (b"{1:2}", "line 1 column 2"),
            (b"[01]", "line 1 column 3"),
            (b"[nul]", "line 1 column"),
            (b"\"\n\"", "control character"),
            (b"\"a\\", "EOF"),
            (b"{\"a\":1} x", "trailing"),
            (b"\xff", "not UTF-8 from byte 0"),
            (b"\"\\ud800\"", "hex escape"),
        ] {
            let error = Json::parse(bytes).expect_err("not JSON").to_string();
            assert!(error.contains(says), "{error} does not say {says}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_recursed() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(Json::parse_text(&nested(10_000)), Err(JsonError::TooDeep));
        assert_eq!(Json::parse_text(&nested(DEPTH_LIMIT + 1)), Err(JsonError::TooDeep));
        assert_eq!(Json::parse_text(&nested(DEPTH_LIMIT)).expect("JSON").to_string(), nested(DEPTH_LIMIT));
        // Nothing is read behind the place where it becomes too deep.
        assert_eq!(Json::parse_text(&"[".repeat(10_000)), Err(JsonError::TooDeep));
    }

    #[test]
    fn numbers_become_whole_without_saturating() {
        for (text, expected) in
            [("7", Some(7)), ("1.9", Some(1)), ("1e3", Some(1000)), ("1e400", None), ("\"7\"", None), ("-0", Some(0))]
        {
            assert_eq!(Json::parse_text(text).expect("JSON").as_i64(), expected, "{text}");
        }
    }

    #[test]
    fn pretty_text_reads_back_as_the_same_value() {
        let json = Json::parse_text(r#"{"a":[],"b":{},"c":[1,{"d":"\u0000\"é"}]}"#).expect("JSON");
        assert_eq!(Json::parse_text(&json.pretty()).expect("JSON"), json);
        assert!(json.pretty().contains("\n  \"a\": [],\n"));
    }

    #[test]
    fn invisible_characters_are_escaped_and_read_back_the_same() {
        let json = object([("a\u{202e}", text("\u{1b}[31m\n\u{9b}\u{e0041}ü"))]);
        let written = escaped(&json.pretty());
        assert!(written.chars().all(|c| c == '\n' || !c.is_control()) && !written.contains('\u{202e}'));
        assert_eq!(Json::parse_text(&written), Ok(json));
    }
}
