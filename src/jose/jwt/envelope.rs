//! What people copy along with a token: quotes, `Bearer`, line breaks, invisible characters.

use std::borrow::Cow;

use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::visible;
use crate::jose::base64url;

pub(super) static ENVELOPE: Rule = Rule {
    id: "jwt.envelope",
    title: "the text is the token and nothing else",
    why: "A strict verifier refuses a token with anything around or inside it; lenient ones hide where it came from.",
    fix: "Copy only the token. Where a program adds the extra characters, correct the program.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "7.1"),
    rejects: None,
};

/// A token without its envelope.
pub(super) struct Unwrapped<'a> {
    /// What is left.
    pub token: Cow<'a, str>,
    around: Vec<String>,
    inside: Vec<String>,
}

/// Takes off what surrounds a token, then what got inside it.
pub(super) fn unwrap(text: &str) -> Unwrapped<'_> {
    let (core, around) = take_off(text);
    if core.starts_with('{') || is_unencoded(core) {
        return Unwrapped { token: Cow::Borrowed(core), around, inside: Vec::new() };
    }
    let (token, inside) = squeeze(core);
    Unwrapped { token, around, inside }
}

impl Unwrapped<'_> {
    /// Says what was taken off: around the token it is a note, inside it a fault.
    pub(super) fn finding(&self) -> Option<Check> {
        let removed = [self.around.as_slice(), self.inside.as_slice()].concat().join(", ");
        match (self.around.is_empty(), self.inside.is_empty()) {
            (true, true) => None,
            (false, true) => Some(ENVELOPE.note(format!("removed: {removed}"))),
            (_, false) => Some(ENVELOPE.broken("the token alone", format!("removed: {removed}"))),
        }
    }
}

/// Whether the payload stands as it is, blanks included (RFC 7797).
fn is_unencoded(token: &str) -> bool {
    let header = token.split('.').next().and_then(base64url::decode_leniently);
    let header = header.and_then(|bytes| Json::parse(&bytes).ok());
    header.is_some_and(|header| header.get("b64").and_then(Json::as_bool) == Some(false))
}

fn take_off(text: &str) -> (&str, Vec<String>) {
    let (mut core, mut removed) = (text, Vec::new());
    loop {
        let (shorter, what) = if let Some(rest) = without_blanks(core) {
            (rest, format!("white space around it{}", unseen_of(core)))
        } else if let Some((rest, word)) = without_word(core) {
            (rest, format!("the word {word}"))
        } else if let Some((rest, quote)) = without_quotes(core) {
            (rest, format!("the quotes {quote}"))
        } else {
            return (core, removed);
        };
        core = shorter;
        if !removed.contains(&what) {
            removed.push(what);
        }
    }
}

fn without_blanks(text: &str) -> Option<&str> {
    let rest = text.trim_matches(is_blank);
    (rest.len() < text.len()).then_some(rest)
}

/// The first character around a token that nobody sees as a blank.
fn unseen_of(text: &str) -> String {
    let around = text.chars().take_while(|c| is_blank(*c)).chain(text.chars().rev().take_while(|c| is_blank(*c)));
    let unseen = around.into_iter().find(|c| !c.is_whitespace());
    unseen.map(|c| format!(" ({})", visible(c.encode_utf8(&mut [0; 4])))).unwrap_or_default()
}

fn without_word(text: &str) -> Option<(&str, &'static str)> {
    ["Authorization:", "Bearer", "DPoP"].into_iter().find_map(|word| {
        let (head, rest) = text.split_at_checked(word.len())?;
        let ends = word.ends_with(':') || rest.starts_with(is_blank);
        (ends && head.eq_ignore_ascii_case(word)).then_some((rest, word))
    })
}

fn without_quotes(text: &str) -> Option<(&str, char)> {
    ['"', '\'', '`'].into_iter().find_map(|quote| Some((text.strip_prefix(quote)?.strip_suffix(quote)?, quote)))
}

fn squeeze(text: &str) -> (Cow<'_, str>, Vec<String>) {
    let mut removed = Vec::new();
    let mut token = Cow::Borrowed(text);
    if let Some((position, blank)) = text.char_indices().find(|(_, c)| is_unseen(*c)) {
        let count = text.chars().filter(|c| is_unseen(*c)).count();
        let shown = visible(blank.encode_utf8(&mut [0; 4])).into_owned();
        removed
            .push(format!("{count} blank or invisible characters inside, the first '{shown}' at position {position}"));
        token = Cow::Owned(text.chars().filter(|c| !is_unseen(*c)).collect());
    }
    for (escape, plain) in ESCAPES {
        if token.contains(escape) {
            removed.push(format!("{escape} for '{plain}'"));
            token = Cow::Owned(token.replace(escape, plain));
        }
    }
    (token, removed)
}

/// What a URL makes of characters that a token may have.
const ESCAPES: [(&str, &str); 8] =
    [("%2E", "."), ("%2e", "."), ("%2D", "-"), ("%2d", "-"), ("%5F", "_"), ("%5f", "_"), ("%3D", "="), ("%3d", "=")];

/// What people copy along around a token: white space and what has no width.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// What cannot be seen inside a token.
fn is_unseen(c: char) -> bool {
    let is_hidden = || matches!(visible(c.encode_utf8(&mut [0; 4])), Cow::Owned(_));
    !c.is_ascii_graphic() && (is_blank(c) || is_hidden())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_token_is_taken_off_and_named() {
        for (text, token, says) in [
            ("a.b.c", "a.b.c", None),
            (" a.b.c\n", "a.b.c", Some("white space around it")),
            ("\"a.b.c\"", "a.b.c", Some("the quotes \"")),
            ("Bearer a.b.c", "a.b.c", Some("the word Bearer")),
            ("authorization: bearer 'a.b.c' ", "a.b.c", Some("the word Authorization:, the word Bearer, the quotes '")),
            ("\u{feff}a.b.c", "a.b.c", Some("white space around it")),
            ("a.b\n.c d", "a.b.cd", Some("2 blank or invisible characters inside, the first '\\n' at position 3")),
            ("a.b.\u{200b}c", "a.b.c", Some("'\\u{200b}' at position 4")),
            ("a%2Eb%2ec%3D", "a.b.c=", Some("%2E for '.'")),
            ("a.b.c\u{200b}", "a.b.c", Some("white space around it (\\u{200b})")),
            ("Bearera.b.c", "Bearera.b.c", None),
            ("\"", "\"", None),
            ("", "", None),
        ] {
            let unwrapped = unwrap(text);
            assert_eq!(unwrapped.token, token, "{text:?}");
            let actual = unwrapped.finding().and_then(|check| check.actual);
            match says {
                Some(says) => assert!(actual.as_deref().unwrap_or_default().contains(says), "{text:?}: {actual:?}"),
                None => assert_eq!(actual, None),
            }
        }
    }
}
