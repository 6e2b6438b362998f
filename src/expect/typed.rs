//! Conditions as people type them: what kind, and one line of text.

use super::{Condition, Expectation, Expectations, Pattern};
use crate::base::json::Json;

/// The kinds of conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`Condition::Equals`]
    Equals,
    /// [`Condition::OneOf`]
    OneOf,
    /// [`Condition::Matches`]
    Matches,
    /// [`Condition::Present`], there.
    Present,
    /// [`Condition::Present`], not there.
    Absent,
    /// [`Condition::Type`]
    Type,
    /// [`Condition::Has`]
    Has,
    /// [`Condition::Lacks`]
    Lacks,
    /// [`Condition::Set`]
    Set,
    /// [`Condition::Range`]
    Range,
    /// [`Condition::FromNow`]
    FromNow,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Equals,
        Self::OneOf,
        Self::Matches,
        Self::Present,
        Self::Absent,
        Self::Type,
        Self::Has,
        Self::Lacks,
        Self::Set,
        Self::Range,
        Self::FromNow,
    ];

    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Equals => "is",
            Self::OneOf => "is one of",
            Self::Matches => "matches",
            Self::Present => "is present",
            Self::Absent => "is absent",
            Self::Type => "is of type",
            Self::Has => "has",
            Self::Lacks => "lacks",
            Self::Set => "is the set",
            Self::Range => "is a number within",
            Self::FromNow => "is seconds from when it came",
        }
    }

    /// What is typed for it; empty where nothing is.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Equals => "practice-web, or 200, or \"200\"",
            Self::OneOf => "[\"ES256\", \"RS256\"]",
            Self::Matches => "^https://",
            Self::Present | Self::Absent => "",
            Self::Type => "string, number, boolean, array, object or null",
            Self::Has | Self::Lacks | Self::Set => "openid profile",
            Self::Range => "60..3600, or ..3600, or 60..",
            Self::FromNow => "60..3600, or -60..60",
        }
    }

    /// Two of one key exclude each other.
    pub(super) const fn key(self) -> Self {
        match self {
            Self::Absent => Self::Present,
            kind => kind,
        }
    }
}

impl Condition {
    /// What kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Equals(_) => Kind::Equals,
            Self::OneOf(_) => Kind::OneOf,
            Self::Matches(_) => Kind::Matches,
            Self::Present(true) => Kind::Present,
            Self::Present(false) => Kind::Absent,
            Self::Type(_) => Kind::Type,
            Self::Has(_) => Kind::Has,
            Self::Lacks(_) => Kind::Lacks,
            Self::Set(_) => Kind::Set,
            Self::Range(..) => Kind::Range,
            Self::FromNow(..) => Kind::FromNow,
        }
    }

    /// As it is typed. A text that would be read as something else is quoted.
    pub fn typed(&self) -> String {
        let end = |end: &Option<i64>| end.map(|end| end.to_string()).unwrap_or_default();
        match self {
            Self::Equals(Json::String(text)) if Json::parse_text(text).is_err() && text.trim() == text => text.clone(),
            Self::Equals(value) => value.to_string(),
            Self::OneOf(values) => Json::Array(values.clone()).to_string(),
            Self::Matches(pattern) => pattern.as_str().to_owned(),
            Self::Present(_) => String::new(),
            Self::Type(kind) => kind.clone(),
            Self::Has(words) | Self::Lacks(words) | Self::Set(words) => words.join(" "),
            Self::Range(from, to) | Self::FromNow(from, to) => format!("{}..{}", end(from), end(to)),
        }
    }
}

impl Expectation {
    /// This one with another condition, as it was typed.
    ///
    /// # Errors
    /// Says what is wrong with it, in words.
    pub fn retyped(&self, kind: Kind, typed: &str) -> Result<Self, String> {
        let condition = read(kind, typed)?;
        let one = Self { subject: self.subject.clone(), condition };
        // What a file could not hold is refused as a file would be.
        let text = Expectations { list: vec![one.clone()] }.to_toml();
        Expectations::parse(&text).map_err(|error| error.what)?;
        Ok(one)
    }
}

fn read(kind: Kind, typed: &str) -> Result<Condition, String> {
    let text = typed.trim();
    let words = || {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() { Err("type the words, with spaces between them".to_owned()) } else { Ok(words) }
    };
    Ok(match kind {
        Kind::Equals => Condition::Equals(Json::parse_text(text).unwrap_or_else(|_| Json::String(text.to_owned()))),
        Kind::OneOf => match Json::parse_text(text) {
            Ok(Json::Array(values)) => Condition::OneOf(values),
            _ => return Err("type a list: [\"ES256\", \"RS256\"]".to_owned()),
        },
        Kind::Matches => Condition::Matches(Pattern::new(text)?),
        Kind::Present => Condition::Present(true),
        Kind::Absent => Condition::Present(false),
        Kind::Type => Condition::Type(text.to_owned()),
        Kind::Has => Condition::Has(words()?),
        Kind::Lacks => Condition::Lacks(words()?),
        Kind::Set => Condition::Set(words()?),
        Kind::Range => {
            let (from, to) = range(text)?;
            Condition::Range(from, to)
        }
        Kind::FromNow => {
            let (from, to) = range(text)?;
            Condition::FromNow(from, to)
        }
    })
}

fn range(text: &str) -> Result<(Option<i64>, Option<i64>), String> {
    let wrong = || "type two whole numbers with two dots between them: 60..3600".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let end = |end: &str| match end.trim() {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| wrong()),
    };
    match (end(from)?, end(to)?) {
        (None, None) => Err(wrong()),
        (Some(from), Some(to)) if from > to => Err("the first number has to be the smaller one".to_owned()),
        ends => Ok(ends),
    }
}
