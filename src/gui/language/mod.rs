//! The language of the window. English stands in the code and is the key of every other language, whose texts lie in
//! one file each: `assets/language/de.toml`, and beside it those of rules, glossary and who sees what. What no file has
//! is said in English.
//!
//! `t!` says a text of the window, `words!` marks one that is said elsewhere, and [`said`] says that, and what comes
//! from the engine: names of steps, stages, grants and rules. [`sentence`] says what the engine has put values into.

mod beside;
mod sentence;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::sync::LazyLock;
use std::time::Duration;

use serde::Deserialize;

use crate::base::check::Check;

pub use self::sentence::{known_sentence, sentence};

/// Says a text of the window: `t!("Save")` is a `&'static str`, and `t!("{count} of {all} done", count, all = 3)` a
/// `String`. The English is checked when it is compiled, the others by `tests/language.rs`.
macro_rules! t {
    (@value $name:ident) => { $name };
    (@value $name:ident = $value:expr) => { $value };
    ($text:literal $(,)?) => { $crate::gui::language::said($text) };
    ($text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        match $crate::gui::language::translated($text) {
            None => format!($text, $($name = $crate::gui::language::t!(@value $name $(= $value)?)),+),
            Some(text) => $crate::gui::language::fill(
                text,
                &[$((stringify!($name), &$crate::gui::language::t!(@value $name $(= $value)?))),+],
            ),
        }
    };
}

/// Marks a text that is said where it is shown: a constant, or a line of a table.
macro_rules! words {
    ($text:literal) => {
        $text
    };
}

/// A language that the window speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// As it stands in the code.
    #[default]
    English,
    /// German.
    German,
}

/// The texts of one language by their English.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// What the window itself says.
    pub window: HashMap<String, String>,
    /// Names and sentences of the engine that the window shows.
    pub engine: HashMap<String, String>,
    /// What lies in files of its own: rules, glossary, who sees what.
    #[serde(skip)]
    pub beside: HashMap<String, String>,
}

/// Reads the files of a language.
macro_rules! files {
    ($tag:literal) => {{
        let beside = beside::texts(
            include_str!(concat!("../../../assets/language/", $tag, "/rules.toml")),
            include_str!(concat!("../../../assets/language/", $tag, "/terms.toml")),
            include_str!(concat!("../../../assets/language/", $tag, "/sight.toml")),
        );
        let own: Texts = toml::from_str(include_str!(concat!("../../../assets/language/", $tag, ".toml")))
            .expect("the languages are part of the program and tested");
        Texts { beside, ..own }
    }};
}

static GERMAN: LazyLock<Texts> = LazyLock::new(|| files!("de"));

thread_local! {
    /// The window's views and its `update` run on one thread, and each test has its own.
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

impl Language {
    /// Every language, in the order of the menu.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a tag of BCP 47: `de-AT` is German, and what is not spoken is English.
    pub fn of_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary)).unwrap_or_default()
    }

    /// Its tag of BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// Its texts; English has none, since it stands in the code.
    pub fn texts(self) -> Option<&'static Texts> {
        match self {
            Self::English => None,
            Self::German => Some(&GERMAN),
        }
    }
}

/// What is said on this thread from now on is said in this language.
pub fn speak(language: Language) {
    SPOKEN.set(language);
}

/// The language that is spoken on this thread.
pub fn spoken() -> Language {
    SPOKEN.get()
}

/// An English text in another language, where it is known there.
pub fn translated(english: &str) -> Option<&'static str> {
    let texts = spoken().texts()?;
    let known = texts.window.get(english).or_else(|| texts.engine.get(english));
    known.or_else(|| texts.beside.get(english)).map(String::as_str)
}

/// A text in the language that is spoken, or in English.
pub fn said(english: &str) -> &str {
    translated(english).unwrap_or(english)
}

/// What a check saw, empty where it says nothing.
pub fn saw(check: &Check) -> Cow<'_, str> {
    check.actual.as_deref().map(sentence).unwrap_or_default()
}

/// Counts of the engine with their words said: `2 failed, 1 warning`.
pub fn tallied(counts: &str) -> String {
    let one = |count: &str| match count.split_once(' ') {
        Some((number, word)) if number.parse::<usize>().is_ok() => format!("{number} {}", sentence(word)),
        _ => sentence(count).into_owned(),
    };
    counts.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

/// A span of time in words, as `in` and `ago` want it: `2 days 3 h`.
pub fn lasting(span: Duration) -> String {
    let words = crate::base::time::spoken(span);
    words.split(' ').map(said).collect::<Vec<_>>().join(" ")
}

/// What stands at an arrow, in parts that two spaces divide: `GET /userinfo  with the access token`, `200 2 keys`.
pub fn labelled(label: &str) -> String {
    if spoken() == Language::English {
        return label.to_owned();
    }
    label.split("  ").map(part).collect::<Vec<_>>().join("  ")
}

fn part(part: &str) -> String {
    // In a lesson the one who does it is the user.
    if let Some(known) = known_sentence(part).or_else(|| known_sentence(&format!("you {part}"))) {
        return known;
    }
    if let Some(does) = part.strip_prefix("waiting for you to ") {
        return t!("waiting for you to {does}", does = sentence(does));
    }
    match part.split_once(' ') {
        Some((status, words)) if status.parse::<u16>().is_ok() => format!("{status} {}", tallied(words)),
        Some(("open", path)) if path.starts_with('/') => t!("open {path}", path),
        Some(("you", does)) => t!("you {does}", does = sentence(does)),
        _ => part.to_owned(),
    }
}

/// A text with its values: `{name}` is replaced by the value of this name, each `{}` by the next that has none, `{{` and
/// `}}` are braces.
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut unnamed = values.iter().filter(|(name, _)| name.is_empty());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        let (brace, after) = rest[at..].split_at(1);
        if let Some(after) = after.strip_prefix(brace) {
            filled.push_str(brace);
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = match name {
            "" => unnamed.next(),
            _ => values.iter().find(|(other, _)| *other == name),
        };
        if let Some((_, value)) = value {
            // Writing to a `String` does not fail.
            let _ = write!(filled, "{value}");
        }
        rest = after;
    }
    filled + rest
}

pub(crate) use {t, words};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_places_of_their_names() {
        let (count, name) = (3, "a {b}");
        let values: [(&str, &dyn Display); 2] = [("count", &count), ("name", &name)];
        for (text, filled) in [
            ("{count} of {name}", "3 of a {b}"),
            ("{name}{count}", "a {b}3"),
            ("{{ {count} }}", "{ 3 }"),
            ("no value", "no value"),
            ("{other}.", "."),
            ("broken {count", "broken 3"),
        ] {
            assert_eq!(fill(text, &values), filled);
        }
        assert_eq!(t!("{count} of {all}", count, all = 4), "3 of 4");
    }

    #[test]
    fn tags_name_languages_and_all_others_are_english() {
        for (tag, language) in [
            ("de", Language::German),
            ("de-AT", Language::German),
            ("de_DE.UTF-8", Language::German),
            ("en-GB", Language::English),
            ("den", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }

    #[test]
    fn what_no_language_has_is_said_in_english() {
        speak(Language::German);
        assert_eq!(said("a text that nobody has"), "a text that nobody has");
        speak(Language::English);
    }
}
