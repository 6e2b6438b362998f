//! A text as a reader sees it who decodes it, with the way back to where each byte was written.

/// Decoded bytes, and where in the text each of them begins.
pub(super) struct View {
    pub bytes: Vec<u8>,
    /// One more than there are bytes: the last is the end of the text.
    starts: Vec<usize>,
}

type Decoder = fn(&[u8]) -> Option<(Vec<u8>, usize)>;

/// What texts are wrapped in, each as: the bytes at the start of this, and how many it takes to write them.
const DECODERS: [Decoder; 3] = [percent, json_escape, html_entity];

/// How often something may be wrapped: a URL in a JSON string, a form value in a URL.
const DEPTH: usize = 2;

/// The text as it stands, and every way to decode it that changes something.
pub(super) fn views(text: &[u8]) -> Vec<View> {
    let mut views = vec![View { bytes: text.to_vec(), starts: (0..=text.len()).collect() }];
    let mut newest = 0;
    for _ in 0..DEPTH {
        let level = newest..views.len();
        newest = views.len();
        for at in level {
            let decoded: Vec<View> = DECODERS.iter().filter_map(|decoder| views[at].decoded(*decoder)).collect();
            views.extend(decoded);
        }
    }
    views
}

impl View {
    /// Where in the text these decoded bytes are written.
    pub fn written(&self, start: usize, end: usize) -> (usize, usize) {
        (self.starts[start], self.starts[end])
    }

    fn decoded(&self, decoder: Decoder) -> Option<Self> {
        let mut view = Self { bytes: Vec::with_capacity(self.bytes.len()), starts: Vec::new() };
        let (mut at, mut changed) = (0, false);
        while at < self.bytes.len() {
            let (bytes, length) = match decoder(&self.bytes[at..]) {
                Some(found) => {
                    changed = true;
                    found
                }
                None => (vec![self.bytes[at]], 1),
            };
            view.starts.extend(bytes.iter().map(|_| self.starts[at]));
            view.bytes.extend(bytes);
            at += length;
        }
        view.starts.push(self.starts[self.bytes.len()]);
        changed.then_some(view)
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
