//! A text as a reader sees it who undoes what it is written in, with the way back to where each byte was written.

use std::borrow::Cow;

use crate::base::text::is_hidden;

/// Bytes, and where in the text each of them is written.
pub(super) struct View<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// From and to. None for the text as it stands.
    places: Option<Vec<(u32, u32)>>,
}

/// How often something may be wrapped: a URL in a JSON string, a form value in a URL that is encoded once more.
const LEVELS: usize = 8;

/// Longest tag of a page that may stand within a word, without its brackets: `<wbr/>`, `</strong>`.
const LONGEST_TAG: usize = 10;

/// The text as it stands, and what it is after each time that its escapes are undone.
pub(super) fn views(text: &[u8]) -> Vec<View<'_>> {
    let mut views = vec![View { bytes: text.into(), places: None }];
    while let Some(next) = views.last().filter(|_| views.len() <= LEVELS).and_then(View::unescaped) {
        views.push(next);
    }
    views
}

/// The text as it reads when it is quoted-printable (RFC 2045 section 6.7); `None` when it does not look so: `a=ab` is
/// a pair of a form.
pub(super) fn quoted_printable(text: &[u8]) -> Option<View<'static>> {
    let starts = |line: &[u8]| line.starts_with(b"=\r\n") || line.starts_with(b"=\n");
    let is_digit = |line: &[u8]| matches!(line, [b'=', high, low, ..] if hex(&[*high, *low]).is_some());
    let is_run =
        |line: &[u8]| is_digit(line) && line.get(3..).is_some_and(is_digit) && line.get(6..).is_some_and(is_digit);
    let signs = || (0..text.len()).filter(|at| text[*at] == b'=').map(|at| &text[at..]);
    if !signs().any(|line| starts(line) || is_run(line)) {
        return None;
    }
    let mut undone = Undone::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = match rest {
            [b'=', b'\r', b'\n', ..] => 3,
            [b'=', b'\n', ..] => 2,
            [b'=', high, low, ..] if hex(&[*high, *low]).is_some() => {
                undone.push(hex(&[*high, *low]).unwrap_or_default() as u8, (at, at + 3));
                3
            }
            [byte, ..] => {
                undone.push(*byte, (at, at + 1));
                1
            }
            [] => break,
        };
        at += length;
    }
    Some(undone.view())
}

impl View<'_> {
    /// Where in the text these bytes are written.
    pub fn written(&self, from: usize, to: usize) -> (usize, usize) {
        if to > from { (self.place(from).0, self.place(to - 1).1) } else { (self.place(from).0, self.place(from).0) }
    }

    fn place(&self, at: usize) -> (usize, usize) {
        match &self.places {
            None => (at, at + 1),
            Some(places) => places.get(at).map_or((0, 0), |(from, to)| (*from as usize, *to as usize)),
        }
    }

    /// With its escapes undone once; `None` when there are none.
    fn unescaped<'a>(&self) -> Option<View<'a>> {
        let is_sign = |byte: &u8| matches!(byte, b'%' | b'\\' | b'&');
        let mut at = 0;
        // Most texts have nothing to undo.
        let first = loop {
            at += self.bytes[at..].iter().position(is_sign)?;
            if escape(&self.bytes[at..]).is_some() {
                break at;
            }
            at += 1;
        };
        let mut undone = Undone::with_capacity(self.bytes.len());
        (0..first).for_each(|at| undone.push(self.bytes[at], self.place(at)));
        while at < self.bytes.len() {
            match escape(&self.bytes[at..]) {
                Some((Written::Byte(byte), length)) => {
                    undone.push(byte, self.written(at, at + length));
                    at += length;
                }
                Some((Written::Char(c), length)) => {
                    let place = self.written(at, at + length);
                    c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| undone.push(byte, place));
                    at += length;
                }
                None => {
                    undone.push(self.bytes[at], self.place(at));
                    at += 1;
                }
            }
        }
        Some(undone.view())
    }

    /// In small letters, and without what a reader does not see or leaves out: white space, invisible characters, tags
    /// within a word.
    pub fn compact(&self) -> View<'_> {
        let mut kept = Undone::with_capacity(self.bytes.len());
        let mut at = 0;
        while at < self.bytes.len() {
            let (length, is_kept) = step(&self.bytes[at..]);
            if is_kept {
                (at..at + length).for_each(|at| kept.push(self.bytes[at].to_ascii_lowercase(), self.place(at)));
            }
            if self.bytes[at] == b'>' {
                kept.drop_tag();
            }
            at += length;
        }
        kept.view()
    }
}

/// The bytes that [`View::compact`] keeps of this, tags left in.
pub(super) fn compacted(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let byte = *bytes.get(at)?;
            if byte > b' ' && byte < 0x7f {
                at += 1;
                if byte != b'+' {
                    return Some(byte.to_ascii_lowercase());
                }
                continue;
            }
            let (length, is_kept) = step(&bytes[at..]);
            // What goes on behind the first byte of a character is told byte by byte, and always kept.
            at += if is_kept { 1 } else { length };
            if is_kept {
                return Some(byte);
            }
        }
    })
}

/// How many bytes the next character takes, and whether it is seen. A form writes a space as plus sign.
fn step(bytes: &[u8]) -> (usize, bool) {
    match bytes[0] {
        b' ' | b'+' => (1, false),
        byte if byte.is_ascii() => (1, !byte.is_ascii_control()),
        // In the middle of a character.
        0x80..=0xbf => (1, true),
        lead => {
            let length = 2 + usize::from(lead >= 0xe0) + usize::from(lead >= 0xf0);
            let text = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
            let c = text.and_then(|text| text.chars().next());
            c.map_or((1, true), |c| (length, !(c.is_whitespace() || is_hidden(c))))
        }
    }
}

/// What a view is made of.
struct Undone {
    bytes: Vec<u8>,
    places: Vec<(u32, u32)>,
}

impl Undone {
    fn with_capacity(length: usize) -> Self {
        Self { bytes: Vec::with_capacity(length), places: Vec::with_capacity(length) }
    }

    fn push(&mut self, byte: u8, (from, to): (usize, usize)) {
        self.bytes.push(byte);
        self.places.push((u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX)));
    }

    /// Takes away what ends here, when it is a short tag without attributes.
    fn drop_tag(&mut self) {
        let end = self.bytes.len().saturating_sub(1);
        let inner = self.bytes[..end].iter().rev().take(LONGEST_TAG + 1);
        let length = inner.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'/').count();
        if (1..=LONGEST_TAG).contains(&length) && end > length && self.bytes[end - length - 1] == b'<' {
            self.bytes.truncate(end - length - 1);
            self.places.truncate(end - length - 1);
        }
    }

    fn view<'a>(self) -> View<'a> {
        View { bytes: self.bytes.into(), places: Some(self.places) }
    }
}

/// What an escape stands for.
enum Written {
    Byte(u8),
    Char(char),
}

/// What the escape at the start of this stands for, and how many bytes it takes to write it: of URLs, of JSON and the
/// languages that write texts as it does, of pages.
fn escape(bytes: &[u8]) -> Option<(Written, usize)> {
    match bytes {
        [b'%', b'u' | b'U', rest @ ..] => utf16(rest, [b"%u", b"%U"]),
        [b'%', high, low, ..] => Some((Written::Byte(hex(&[*high, *low])? as u8), 3)),
        [b'\\', kind, rest @ ..] => backslash(*kind, rest),
        [b'&', rest @ ..] => entity(rest),
        _ => None,
    }
}

fn backslash(kind: u8, rest: &[u8]) -> Option<(Written, usize)> {
    let plain = match kind {
        b'"' | b'\'' | b'\\' | b'/' => kind,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'x' => return Some((Written::Byte(hex(rest.get(..2)?)? as u8), 4)),
        b'u' if rest.first() == Some(&b'{') => {
            let length = rest.iter().take(8).position(|byte| *byte == b'}')?;
            return Some((Written::Char(char::from_u32(hex(&rest[1..length])?)?), length + 3));
        }
        b'u' => return utf16(rest, [b"\\u", b"\\u"]),
        b'0'..=b'3' => {
            let [second @ b'0'..=b'7', third @ b'0'..=b'7', ..] = rest else { return None };
            return Some((Written::Byte((kind - b'0') << 6 | (second - b'0') << 3 | (third - b'0')), 4));
        }
        _ => return None,
    };
    Some((Written::Byte(plain), 2))
}

/// What follows `\u`: four digits, or a surrogate pair.
fn utf16(rest: &[u8], signs: [&[u8]; 2]) -> Option<(Written, usize)> {
    let first = hex(rest.get(..4)?)?;
    if let Some(c) = char::from_u32(first) {
        return Some((Written::Char(c), 6));
    }
    let second = rest.get(4..10)?;
    let second = hex(signs.iter().find_map(|sign| second.strip_prefix(*sign))?)?;
    let c = char::decode_utf16([first as u16, second as u16]).next()?.ok()?;
    Some((Written::Char(c), 12))
}

fn entity(rest: &[u8]) -> Option<(Written, usize)> {
    let end = rest.iter().take(16).position(|byte| *byte == b';')?;
    let c = match &rest[..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        b"shy" => '\u{ad}',
        b"nbsp" => '\u{a0}',
        b"zwj" | b"zwnj" | b"ZeroWidthSpace" => '\u{200b}',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((Written::Char(c), end + 2))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    is_hex.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_as_often_as_they_were_put_on() {
        for text in [
            "a%4c%4C",
            "%61%u004c%U004c",
            "%25252561%25254cL",
            "\\u0061\\u{4c}\\x4c",
            "\\141\\114L",
            "&#97;&#x4C;&#76;",
            "%255cu0061&#37;4c\\u0025u004c",
            "\\\\\\\\u0061LL",
        ] {
            let views = views(text.as_bytes());
            let last = views.last().expect("a view");
            assert_eq!(String::from_utf8_lossy(&last.bytes), "aLL", "{text}");
            assert_eq!(last.written(0, 3), (0, text.len()), "{text}");
        }
        assert_eq!(views(b"100% of \\u nothing & &#xffffffff; \\8").len(), 1);
        let nested = format!("%{}41", "25".repeat(10_000));
        assert_eq!(views(nested.as_bytes()).len(), LEVELS + 1, "however often, it is undone a few times");
        let pair = views(b"\\ud83d\\ude00%ud83d%ude00");
        assert_eq!(String::from_utf8_lossy(&pair[1].bytes), "😀😀");
    }

    #[test]
    fn what_a_reader_does_not_see_is_left_out() {
        for text in ["Ab\n cd", "a\u{ad}b\u{200b}cd", "ab<wbr>c<br/>d", "A+b</b>CD", "\u{feff}abcd", "ab\u{a0}c\td"] {
            let views = views(text.as_bytes());
            let compact = views[0].compact();
            assert_eq!(String::from_utf8_lossy(&compact.bytes), "abcd", "{text}");
            assert!(compact.written(0, 4).1 == text.len() && compact.written(1, 4).0 > 0, "{text}");
        }
        let text = "Grüße <a href=b> 日本 \u{200b}x";
        let kept: Vec<u8> = compacted(text.as_bytes()).collect();
        assert_eq!(String::from_utf8_lossy(&kept), "grüße<ahref=b>日本x");
    }
}
