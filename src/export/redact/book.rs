//! What each secret of a run is called: a kind, and a number that tells it from others of its kind.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{MARK, SHORTEST};
use crate::base::secret::Secret;

/// Kind of a secret whose name nobody told.
pub const UNNAMED: &str = "secret";

/// Every secret that was met, in the order in which they were. The number is given when one is shown first, so a run
/// that goes on changes none of those before.
#[derive(Default)]
pub(super) struct Book {
    entries: Vec<Entry>,
    ids: HashMap<Arc<Secret>, Known>,
    counts: HashMap<Cow<'static, str>, usize>,
    /// What is looked for by value, in the order in which it came.
    sought: Vec<(Arc<Secret>, usize)>,
}

struct Entry {
    kind: Cow<'static, str>,
    number: Option<usize>,
}

#[derive(Clone, Copy)]
struct Known {
    id: usize,
    /// Whether it is looked for by value.
    is_sought: bool,
}

impl Book {
    /// Takes in a value under the name it was met with. One that was not shown yet takes a new name.
    pub fn enter(&mut self, kind: impl Into<Cow<'static, str>>, value: &str) -> usize {
        let kind = kind.into();
        if let Some(known) = self.ids.get(&Secret::new(value)).copied() {
            let entry = &mut self.entries[known.id];
            if entry.number.is_none() && kind != UNNAMED {
                entry.kind = kind;
            }
            return known.id;
        }
        let id = self.entries.len();
        self.entries.push(Entry { kind, number: None });
        self.ids.insert(Arc::new(Secret::new(value)), Known { id, is_sought: false });
        id
    }

    /// Has this text looked for, as another way to write that secret.
    pub fn seek(&mut self, id: usize, text: &str) {
        if text.len() >= SHORTEST {
            let text = Secret::new(text);
            let text =
                self.ids.get_key_value(&text).map_or_else(|| Arc::new(text.clone()), |(text, _)| Arc::clone(text));
            let known = self.ids.entry(Arc::clone(&text)).or_insert(Known { id, is_sought: false });
            if !known.is_sought {
                known.is_sought = true;
                self.sought.push((text, known.id));
            }
        }
    }

    /// The secret with this value.
    pub fn id(&self, value: &str) -> Option<usize> {
        self.ids.get(&Secret::new(value)).map(|known| known.id)
    }

    /// What is looked for by value.
    pub fn sought(&self) -> &[(Arc<Secret>, usize)] {
        &self.sought
    }

    /// What a secret is called: `code`.
    pub fn kind(&self, id: usize) -> Cow<'static, str> {
        self.entries[id].kind.clone()
    }

    /// What stands in the place of a secret: `REDACTED-code-1`.
    pub fn placeholder(&mut self, id: usize) -> String {
        let entry = &mut self.entries[id];
        let number = *entry.number.get_or_insert_with(|| {
            let count = self.counts.entry(entry.kind.clone()).or_default();
            *count += 1;
            *count
        });
        format!("{MARK}-{}-{number}", entry.kind)
    }

    /// Numbers what is known and was not met, so that it does not matter where it is met first.
    pub fn number_the_rest(&mut self) {
        (0..self.entries.len()).for_each(|id| drop(self.placeholder(id)));
    }

    /// Whether this stands in the place of a secret of this run, or of one of an older file.
    pub fn issued(&self, text: &str) -> bool {
        match kind_and_number(text) {
            Some((kind, number)) => self.counts.get(kind).is_some_and(|count| number <= *count),
            None => text == MARK,
        }
    }
}

/// Where what stands in the place of secrets stands in a text, each with the kind of the secret: `client_secret`.
pub fn kinds(text: &str) -> Vec<(std::ops::Range<usize>, &str)> {
    let kind = |(from, to): (usize, usize)| kind_and_number(&text[from..to]).map(|(kind, _)| (from..to, kind));
    placeholders(text).filter_map(kind).collect()
}

/// `REDACTED-code-1` taken apart.
fn kind_and_number(text: &str) -> Option<(&str, usize)> {
    let (kind, number) = text.strip_prefix(MARK)?.strip_prefix('-')?.rsplit_once('-')?;
    let is_kind = |kind: &str| !kind.is_empty() && kind.bytes().all(is_of_kind);
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    (is_kind(kind) && is_number).then(|| Some((kind, number.parse().ok()?)))?
}

const fn is_of_kind(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// Whether the text is what stands in the place of a secret: `REDACTED-code-1`, or `REDACTED` in older files.
pub fn is_placeholder(text: &str) -> bool {
    text == MARK || kind_and_number(text).is_some()
}

/// Whether what stands in the place of a secret is anywhere in the text, however the rest of it is encoded.
pub fn holds_placeholder(text: &str) -> bool {
    text.contains(MARK)
}

/// Where placeholders may stand in a text, as bytes from and to.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    text.match_indices(MARK).map(|(from, _)| {
        let rest = &text.as_bytes()[from + MARK.len()..];
        let run = |bytes: &[u8], is: fn(u8) -> bool| bytes.iter().take_while(|byte| is(**byte)).count();
        let kind = rest.strip_prefix(b"-").map_or(0, |rest| run(rest, is_of_kind));
        let number = rest.get(1 + kind..).and_then(|rest| rest.strip_prefix(b"-"));
        let digits = number.map_or(0, |rest| run(rest, |byte| byte.is_ascii_digit()));
        let whole = if kind > 0 && digits > 0 { kind + digits + 2 } else { 0 };
        (from, from + MARK.len() + whole)
    })
}

/// The text with `REDACTED` alone in the place of each placeholder whose kind this says: what is left is the same for
/// any two secrets of such a kind. A placeholder of an older file has no kind.
pub fn unnumbered(text: &str, is_meant: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let (mut out, mut done) = (String::new(), 0);
    for (from, to) in placeholders(text) {
        let kind = kind_and_number(&text[from..to]).map_or("", |(kind, _)| kind);
        if is_meant(kind) {
            out.push_str(&text[done..from]);
            out.push_str(MARK);
            done = to;
        }
    }
    if done == 0 { text.into() } else { (out + &text[done..]).into() }
}

/// The kind of a header field: `x_api_key`.
pub(super) fn kind_of_field(name: &str) -> String {
    let kind = name.to_ascii_lowercase().replace('-', "_");
    kind.chars().filter(|c| c.is_ascii() && is_of_kind(*c as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_other_texts() {
        for (text, is, holds) in [
            ("REDACTED", true, true),
            ("REDACTED-code-1", true, true),
            ("REDACTED-access_token-12", true, true),
            ("REDACTED-x_api_key-1", true, true),
            ("REDACTED-code", false, true),
            ("REDACTED-code-0", false, true),
            ("REDACTED-Code-1", false, true),
            ("REDACTED-code-1x", false, true),
            ("REDACTED--1", false, true),
            ("Bearer REDACTED-access_token-1", false, true),
            ("a%3DREDACTED-code-1", false, true),
            ("redacted", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_placeholder(text), holds_placeholder(text)), (is, holds), "{text}");
        }
    }

    #[test]
    fn numbers_count_for_each_kind_from_the_first_time_one_is_shown() {
        let mut book = Book::default();
        let known = book.enter(UNNAMED, "one");
        let two = book.enter("code", "two");
        assert_eq!(book.placeholder(two), "REDACTED-code-1");
        assert_eq!(book.enter("code", "one"), known);
        assert_eq!(book.placeholder(known), "REDACTED-code-2");
        assert_eq!(book.enter("token", "one"), known);
        assert_eq!(book.placeholder(known), "REDACTED-code-2");
        assert!(book.issued("REDACTED-code-2") && !book.issued("REDACTED-code-3") && book.issued("REDACTED"));
    }

    #[test]
    fn what_differs_in_a_number_alone_is_the_same_without_it() {
        for (text, all, codes) in [
            (
                "a=REDACTED-code-1&b=REDACTED-client_secret-2",
                "a=REDACTED&b=REDACTED",
                "a=REDACTED&b=REDACTED-client_secret-2",
            ),
            ("REDACTED", "REDACTED", "REDACTED"),
            ("plain", "plain", "plain"),
        ] {
            assert_eq!((&*unnumbered(text, |_| true), &*unnumbered(text, |kind| kind == "code")), (all, codes));
        }
    }

    #[test]
    fn placeholders_are_found_where_they_stand() {
        let text = "a=REDACTED-code-1&b=REDACTED&c=REDACTED-x y";
        let found: Vec<&str> = placeholders(text).map(|(from, to)| &text[from..to]).collect();
        assert_eq!(found, ["REDACTED-code-1", "REDACTED", "REDACTED"]);
    }
}
