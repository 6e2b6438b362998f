//! Long random values in whatever layout, by the name that stands before them: `access_token → x`, `Das
//! Passwort „x“ ist abgelaufen`, or a heading above it.

use super::written::{Place, is_of_name, is_random};
use super::{MARK, UNNAMED, shape};
use crate::terms::credential::{canonical_or_promised, is_code_of_error};

/// So many bytes before a value are looked at for its name.
const WINDOW: usize = 96;

/// So many words.
const WORDS: usize = 8;

/// Shortest value, in bytes.
const SHORTEST: usize = 16;

/// Words that stand between a name and its value.
const BETWEEN: [&str; 16] = [
    "a", "b", "data", "is", "ist", "lautet", "of", "some", "string", "text", "the", "val", "value", "values", "war",
    "was",
];

/// Words that are names of credentials, and stand before the number of something in any message.
const WORDS_OF_ALL: [&str; 4] = ["assertion", "code", "request", "response"];

/// Words that say of a `code` that it is none.
const OF_ERRORS: [&str; 5] = ["error", "exit", "fehler", "http", "status"];

pub(super) fn in_bytes(bytes: &[u8]) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(before) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| is_of_value(*byte))) {
        let from = at + before + escaped(bytes, at + before);
        let to = from + bytes[from..].iter().take_while(|byte| is_of_value(**byte)).count();
        for (from, to) in values(bytes, from, to) {
            let name = name_before(bytes, from, &bytes[from..to]);
            let padding = bytes[to..].iter().take(2).take_while(|byte| **byte == b'=').count();
            found.extend(name.map(|name| (from, to + padding, name)));
        }
        at = to;
    }
    found
}

/// How much of an escape stands here: `%22x`, `\\u0022x`, `\\nx`.
fn escaped(bytes: &[u8], at: usize) -> usize {
    let has_digits = |from: usize, count: usize| {
        bytes.get(from..from + count).is_some_and(|all| all.iter().all(u8::is_ascii_hexdigit))
    };
    match (at.checked_sub(1).map(|before| bytes[before]), bytes[at]) {
        (Some(b'%'), _) if has_digits(at, 2) => 2,
        (Some(b'\\'), b'u') if has_digits(at + 1, 4) => 5,
        (Some(b'\\'), b'x') if has_digits(at + 1, 2) => 3,
        (Some(b'\\'), b'n' | b'r' | b't' | b'b' | b'f') => 1,
        _ => 0,
    }
}

const fn is_of_value(byte: u8) -> bool {
    is_of_name(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/')
}

/// A path has one in each of its segments.
fn values(bytes: &[u8], from: usize, to: usize) -> Vec<(usize, usize)> {
    let run = &bytes[from..to];
    let is_path = run.starts_with(b"/") || run.starts_with(b".") || run.windows(2).any(|pair| pair == b"//");
    let (mut all, mut at) = (Vec::new(), from);
    for piece in run.split(|byte| is_path && *byte == b'/') {
        let length = piece.iter().rposition(|byte| *byte != b'.').map_or(0, |last| last + 1);
        let is_hidden = || piece.windows(MARK.len()).any(|window| window == MARK.as_bytes());
        if length >= SHORTEST && is_random(&piece[..length]) && !is_hidden() {
            all.push((at, at + length));
        }
        at += piece.len() + 1;
    }
    all
}

/// The name of this value: a secret's, when no other stands between.
fn name_before(bytes: &[u8], from: usize, value: &[u8]) -> Option<&'static str> {
    let value = std::str::from_utf8(value).ok()?;
    let is_opaque = shape::is_opaque("", value);
    let before = &bytes[from.saturating_sub(WINDOW)..from];
    let mut end = before.len();
    for turn in 0..WORDS {
        let word = word_before(before, end)?;
        let gap = &before[word.1..end];
        // Another paragraph, or another sentence.
        let is_apart = gap.iter().filter(|byte| **byte == b'\n').count() > 2 || gap.starts_with(b". ");
        if is_apart {
            return None;
        }
        let text = std::str::from_utf8(&before[word.0..word.1]).ok()?;
        // One value behind another.
        if turn > 0 && is_random(text.as_bytes()) {
            end = word.0;
            continue;
        }
        let is_signed = is_sign(gap);
        let words = words_before(before, word);
        let joined = words.iter().skip(1).rev().map(|words| words.replace(' ', "_"));
        let known = joined.chain([text.to_owned()]).find_map(|name| canonical_or_promised(&name));
        if let Some(name) = known {
            let first = words.get(1).and_then(|words| words.split(' ').next());
            let is_of_error = first.is_some_and(|first| OF_ERRORS.contains(&first.to_lowercase().as_str()));
            let is_meant = is_opaque || is_signed || !WORDS_OF_ALL.contains(&name);
            return (is_meant && !is_of_error && !is_code_of_error(name, value)).then_some(name);
        }
        if BETWEEN.contains(&text.to_ascii_lowercase().as_str()) {
            end = word.0;
            continue;
        }
        // It has a name of its own, which is that of no secret.
        if turn == 0 && is_signed {
            return shape::is_opaque(text, value).then_some(UNNAMED);
        }
        if !is_opaque || is_signed || shape::is_harmless(text) {
            return None;
        }
        end = word.0;
    }
    None
}

/// The word, and the same with the one and the two before it: `code`, `authorization code`, `the authorization code`.
fn words_before(before: &[u8], word: (usize, usize)) -> Vec<&str> {
    let (mut all, mut from) = (vec![word.0], word.0);
    while let Some(first) = word_before(before, from).filter(|first| all.len() < 3 && before[first.1..from] == *b" ") {
        from = first.0;
        all.push(from);
    }
    all.into_iter().filter_map(|from| std::str::from_utf8(&before[from..word.1]).ok()).collect()
}

/// Whether a sign of a name stands behind one, and nothing else but quotes and what opens a value.
fn is_sign(gap: &[u8]) -> bool {
    let is_around = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b' ');
    gap.iter().find(|byte| !is_around(byte)).is_some_and(|byte| matches!(byte, b'=' | b':'))
}

/// Where the last word before this stands. Tags without attributes say nothing.
fn word_before(bytes: &[u8], end: usize) -> Option<(usize, usize)> {
    let is_of_word = |byte: &u8| is_of_name(*byte) || *byte >= 0x80;
    let mut to = end;
    while to > 0 && !is_of_word(&bytes[to - 1]) {
        to -= 1;
        if bytes[to] == b'>' {
            let is_of_tag = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b':');
            let length = bytes[..to].iter().rev().take_while(|byte| is_of_tag(byte)).count();
            if bytes[..to - length].ends_with(b"<") {
                to -= length + 1;
            }
        }
    }
    let from = bytes[..to].iter().rposition(|byte| !is_of_word(byte)).map_or(0, |at| at + 1);
    (to > from).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_are_known_by_the_name_before_them() {
        let value = "b3BhcXVlLWxvbmctdmFsdWUtMDEy";
        for (text, is) in [
            ("access_token -> X", true),
            ("The refresh token 'X' was not found", true),
            ("Invalid code (X)", true),
            ("Ihr Passwort lautet X.", true),
            ("Das Token „X“ ist abgelaufen", true),
            ("<h2>Access token</h2>\n<pre>X</pre>", true),
            ("tool --client-secret X", true),
            ("localStorage.setItem('access_token', 'X')", true),
            ("Token { access_token: Some(\"X\") }", true),
            ("access_token:\n  value: X", true),
            ("token X, X", true),
            ("anything=X", true),
            ("code challenge X", false),
            ("the token has the thumbprint X", false),
            ("no token. See X", false),
            ("kid: X", false),
            ("integrity=\"sha384-X\"", false),
            ("a token\n\n\nX", false),
            ("nothing X", false),
        ] {
            let text = text.replace('X', value);
            let found: Vec<&str> = in_bytes(text.as_bytes()).iter().map(|(from, to, _)| &text[*from..*to]).collect();
            assert!(found.iter().all(|it| *it == value) && found.is_empty() != is, "{text}: {found:?}");
        }
    }

    #[test]
    fn what_is_less_random_needs_its_name_right_before_it() {
        let id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
        for (text, is) in [
            ("The token X expired", true),
            ("code=X", true),
            ("Request X failed with code 70008", false),
            ("error code X", false),
            ("The refresh token has expired. Trace ID: X", false),
            ("The token of app X is unknown", false),
            ("correlation_id=X", false),
        ] {
            let text = text.replace('X', id);
            assert_eq!(!in_bytes(text.as_bytes()).is_empty(), is, "{text}");
        }
    }
}
