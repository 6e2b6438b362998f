//! Text from outside, made safe to show: nothing in it can move a cursor, hide or reorder other text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

/// Shows control, bidirectional and zero-width characters as visible escapes (`\u{202e}`, `\n`).
///
/// Returns the text itself when there are none.
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(text, is_hidden)
}

/// As [`visible`], where a sentence quotes the text: one without a letter is `""`, so that it is seen to be there.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed(NO_LETTER) } else { visible(text) }
}

/// An empty text as a sentence shows it.
const NO_LETTER: &str = "\"\"";

/// As [`visible`], but keeps line breaks and tabs, for bodies shown in several lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_hidden(c) && c != '\n' && c != '\t')
}

/// At most `limit` characters, the last an ellipsis when something was cut.
pub fn elided(text: &str, limit: usize) -> Cow<'_, str> {
    let Some((at, _)) = text.char_indices().nth(limit) else {
        return Cow::Borrowed(text);
    };
    let end = text[..at].char_indices().next_back().map_or(0, |(last, _)| last);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// As [`elided`], where the text is to be cut before its secrets are hidden. The cut goes through no word, so a secret is
/// there as a whole, as which it is known, or not at all.
pub fn elided_between_words(text: &str, limit: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(limit) else { return Cow::Borrowed(text) };
    // Signs of escapes and tags stand within a word that is written with them: `&#115;`, `\\u{73}`, `<wbr>`.
    let is_escaped = ["&#", "\\u", "\\x", "<"].iter().any(|sign| text.contains(sign));
    let ends_word = |c: char| c.is_whitespace() || !is_escaped && "\"'`<>,;&?(){}[]".contains(c);
    match text[..end].rfind(ends_word) {
        Some(at) if at > 0 => Cow::Owned(format!("{}…", &text[..at])),
        _ => Cow::Owned(format!("… ({} characters)", text.chars().count())),
    }
}

/// With a capital letter at its beginning.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Whether one letter that is wrong, missing or too many, or two that are swapped, makes one text of the other.
pub fn is_one_letter_off(known: &str, typed: &str) -> bool {
    let (known, typed) = (known.as_bytes(), typed.as_bytes());
    if known == typed || known.len().abs_diff(typed.len()) > 1 || known.len() < 4 {
        return false;
    }
    let same = known.iter().zip(typed).take_while(|(one, other)| one == other).count();
    let (known, typed) = (&known[same..], &typed[same..]);
    let is_swapped = || known.len() > 1 && typed.len() > 1 && known[0] == typed[1] && known[1] == typed[0];
    match known.len().cmp(&typed.len()) {
        Ordering::Less => typed[1..] == *known,
        Ordering::Greater => known[1..] == *typed,
        Ordering::Equal => known[1..] == typed[1..] || is_swapped() && known[2..] == typed[2..],
    }
}

/// Whether a text that is none of the known names means this one: the same letters in another case or with other joints
/// (`clientId`, `client-id`), or [`is_one_letter_off`].
pub fn is_nearly(known: &str, typed: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|c| !matches!(c, b'_' | b'-' | b' ')).map(|c| c.to_ascii_lowercase())
    }
    let has_same_letters = || letters(known).eq(letters(typed)) && known != typed && !known.is_empty();
    is_one_letter_off(known, typed) || has_same_letters()
}

/// Which of the known names a text nearly is.
pub fn meant<'a>(known: impl IntoIterator<Item = &'a str>, typed: &str) -> Option<&'a str> {
    known.into_iter().find(|known| is_nearly(known, typed))
}

/// `did you mean scope?` where a known name is nearly what was typed, else the list of them.
pub fn meant_or_all<'a>(known: impl IntoIterator<Item = &'a str>, typed: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match meant(known.iter().copied(), typed) {
        Some(known) => format!("did you mean {known}?"),
        None => format!("there are {}", known.join(", ")),
    }
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if !hidden(c) => shown.push(c),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(shown)
}

/// Controls (C0, DEL, C1), bidirectional controls, zero-width and other invisible format characters.
pub fn is_hidden(c: char) -> bool {
    // Nearly all that is asked about is ASCII.
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text whose addresses have no name and password before their host (RFC 3986 section 3.2.1).
pub fn without_users(text: &str) -> Cow<'_, str> {
    let (mut written, mut done) = (String::new(), 0);
    for (at, slashes) in text.match_indices("://") {
        let begin = at + slashes.len();
        let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '\\' | '?' | '#' | '"' | '<' | '>');
        let end = text[begin..].find(is_end).map_or(text.len(), |end| begin + end);
        if let Some(user) = text[begin..end].rfind('@') {
            written.push_str(&text[done..begin]);
            done = begin + user + 1;
        }
    }
    match done {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(written + &text[done..]),
    }
}

/// `1 stage`, `2 stages`
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_letter_is_seen_where_it_is_quoted() {
        for (text, shown) in [("", "\"\""), ("a", "a"), ("\n", "\\n")] {
            assert_eq!(quoted(text), shown);
        }
    }

    #[test]
    fn addresses_have_no_users_in_them() {
        for (text, without) in [
            ("https://as.example/a@b?c=d@e", "https://as.example/a@b?c=d@e"),
            ("https://u:p@as.example/a", "https://as.example/a"),
            ("see https://u:p@q@as.example, http://v@b", "see https://as.example, http://b"),
            ("https://{{user}}:{{pw}}@h/?x=http://u:p@h", "https://h/?x=http://h"),
            ("a@b", "a@b"),
        ] {
            assert_eq!(without_users(text), without);
        }
    }

    #[test]
    fn nothing_invisible_survives() {
        assert_eq!(visible("a\u{202e}b\u{1b}[31m\u{200b}\n"), "a\\u{202e}b\\u{1b}[31m\\u{200b}\\n");
        assert_eq!(visible_lines("a\n\tb\r"), "a\n\tb\\r");
        assert!(matches!(visible("grüße 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn one_letter_is_wrong_missing_too_many_or_swapped() {
        for typed in ["scop", "scoope", "scipe", "socpe", "scopes"] {
            assert!(is_one_letter_off("scope", typed), "{typed}");
        }
        for typed in ["scope", "spoce", "sc", "tenant", ""] {
            assert!(!is_one_letter_off("scope", typed), "{typed}");
        }
    }

    #[test]
    fn a_name_in_another_spelling_is_nearly_it() {
        for typed in ["clientId", "client-id", "CLIENT_ID", "ClientId", "client_i", "clientid"] {
            assert_eq!(meant(["client_secret", "client_id"], typed), Some("client_id"), "{typed}");
        }
        for typed in ["client_id", "client", "", "_"] {
            assert_eq!(meant(["", "client_id"], typed), None, "{typed}");
        }
        assert_eq!(meant_or_all(["one", "two"], "ONE"), "did you mean one?");
        assert_eq!(meant_or_all(["one", "two"], "three"), "there are one, two");
    }

    #[test]
    fn cutting_counts_characters_not_bytes() {
        assert_eq!(elided("äöü", 3), "äöü");
        assert_eq!(elided("äöüß", 3), "äö…");
        assert_eq!(elided("ab", 0), "…");
    }

    #[test]
    fn no_word_is_cut_where_it_may_be_a_secret() {
        for (text, shown) in [
            ("one two", "one two"),
            ("one two three", "one two…"),
            ("one \"abc-def\"", "one …"),
            ("https://a/b?code=abc", "https://a/b…"),
            ("seen &#97;&#98;&#99;", "seen…"),
            ("a-secret-of-one-word", "… (20 characters)"),
            ("\"a-secret-of-one-word\"", "… (22 characters)"),
        ] {
            assert_eq!(elided_between_words(text, 12), shown);
        }
    }
}
