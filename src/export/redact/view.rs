//! A text as a reader sees it who decodes it, with the way back to where each byte was written.

use std::borrow::Cow;

/// Decoded bytes, and where in the text each of them begins.
pub(super) struct View<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// One more than there are bytes: the last is the end of the text. None for the text as it stands.
    starts: Option<Vec<usize>>,
}

type Decoder = fn(&[u8]) -> Option<(Vec<u8>, usize)>;

/// What texts are wrapped in, each as: the bytes at the start of this, and how many it takes to write them.
const DECODERS: [Decoder; 3] = [percent, json_escape, html_entity];

/// How often something may be wrapped: a URL in a JSON string, a form value in a URL.
const DEPTH: usize = 2;

/// The text as it stands, and every way to decode it that changes something.
pub(super) fn views(text: &[u8]) -> Vec<View<'_>> {
    let mut views = vec![View { bytes: text.into(), starts: None }];
    let mut newest = 0;
    for _ in 0..DEPTH {
        let level = newest..views.len();
        newest = views.len();
        for at in level {
            let decoded: Vec<View<'_>> = DECODERS.iter().filter_map(|decoder| views[at].decoded(*decoder)).collect();
            views.extend(decoded);
        }
    }
    views
}

impl<'a> View<'a> {
    /// Where in the text these decoded bytes are written.
    pub fn written(&self, start: usize, end: usize) -> (usize, usize) {
        (self.start(start), self.start(end))
    }

    fn start(&self, at: usize) -> usize {
        self.starts.as_ref().map_or(at, |starts| starts[at])
    }

    fn decoded(&self, decoder: Decoder) -> Option<View<'a>> {
        // Most texts have nothing to decode.
        let first = (0..self.bytes.len()).find(|at| decoder(&self.bytes[*at..]).is_some())?;
        let (mut decoded, mut starts) =
            (self.bytes[..first].to_vec(), (0..first).map(|at| self.start(at)).collect::<Vec<_>>());
        let mut at = first;
        while at < self.bytes.len() {
            let (bytes, length) = decoder(&self.bytes[at..]).unwrap_or_else(|| (vec![self.bytes[at]], 1));
            starts.extend(bytes.iter().map(|_| self.start(at)));
            decoded.extend(bytes);
            at += length;
        }
        starts.push(self.start(self.bytes.len()));
        Some(View { bytes: decoded.into(), starts: Some(starts) })
    }
}

fn percent(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [b'%', high, low, ..] = bytes else { return None };
    Some((vec![hex(&[*high, *low])? as u8], 3))
}

fn json_escape(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [b'\\', kind, rest @ ..] = bytes else { return None };
    let plain = match kind {
        b'"' | b'\\' | b'/' => *kind,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'u' => return unicode_escape(rest),
        _ => return None,
    };
    Some((vec![plain], 2))
}

/// What follows `\u`: four digits, or a surrogate pair.
fn unicode_escape(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let first = hex(rest.get(..4)?)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c.to_string().into_bytes(), 6));
    }
    let second = hex(rest.get(4..10)?.strip_prefix(b"\\u")?)?;
    let units = [first as u16, second as u16];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((c.to_string().into_bytes(), 12))
}

fn html_entity(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [b'&', rest @ ..] = bytes else { return None };
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let c = match &rest[..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((c.to_string().into_bytes(), end + 2))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    is_hex.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())?
}
