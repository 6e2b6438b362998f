//! Secrets inside of base64 and hexadecimal digits, which say nothing to those who search for plain text.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::anchors::{Anchors, Watch};
use super::automaton::Place;

/// Reads what was cut out of a longer text.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Fewest characters that can hold the shortest secret.
const SHORTEST_BASE64: usize = 6;

/// Where secrets stand in what was decoded.
type Within<'a> = &'a dyn Fn(&[u8]) -> Vec<Place>;

/// What stands in base64 or hexadecimal digits, when it is a text that may name something: JSON, or a form.
pub(super) fn text(run: &str) -> Option<String> {
    let digits = digits(run)?;
    let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    let in_hex = |digits: &[u8]| if is_hex { from_hex(digits) } else { Vec::new() };
    text_in(&digits, in_hex)
        .and_then(names_something)
        .or_else(|| text_in(&digits, from_base64).and_then(names_something))
}

/// The same, packed before it was put in base64, as the redirect binding of SAML has it (Bindings, section 3.4.4.1) and
/// some keep a `state`.
pub(super) fn unpacked(run: &str) -> Option<String> {
    let digits = digits(run)?;
    let beginning = from_base64(&digits[..digits.len().min(BEGINNING)]);
    // What is a text is not packed.
    let is_likely = digits.len() >= SHORTEST_RUN && beginning.iter().any(|byte| *byte >= 0x80);
    if !is_likely {
        return None;
    }
    let packed = from_base64(&digits);
    let most = (packed.len() * UNPACKED).min(MOST) as u64;
    let read = |mut reader: Box<dyn Read + '_>| {
        let mut text = Vec::new();
        // What broke off is what there is.
        drop(reader.read_to_end(&mut text));
        names_something(text)
    };
    match packed.as_slice() {
        [0x1f, 0x8b, ..] => read(Box::new(GzDecoder::new(&packed[..]).take(most))),
        [0x78, ..] => read(Box::new(ZlibDecoder::new(&packed[..]).take(most))),
        _ => read(Box::new(DeflateDecoder::new(&packed[..]).take(most))),
    }
}

/// What is packed may be so many times as long.
const UNPACKED: usize = 16;

/// No more of it is looked at, in bytes.
const MOST: usize = 4 << 20;

/// The runs of a text that may be base64 or hexadecimal digits, from and to.
pub(super) fn runs(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let (bytes, mut at) = (text.as_bytes(), 0);
    std::iter::from_fn(move || {
        loop {
            let from = at + bytes.get(at..)?.iter().position(|byte| base64_digit(*byte).is_some())?;
            let to = from + bytes[from..].iter().take_while(|byte| base64_digit(**byte).is_some()).count();
            at = to;
            let padding = bytes[to..].iter().take(2).take_while(|byte| **byte == b'=').count();
            if to - from >= SHORTEST_RUN {
                return Some((from, to + padding));
            }
        }
    })
}

/// Fewest digits within a text that are worth a look.
const SHORTEST_RUN: usize = 20;

/// Whether all of a text are such digits, in lines or not.
pub(super) fn is_one(text: &str) -> bool {
    digits(text).is_some()
}

/// The digits of a text that is nothing else, in lines or not.
fn digits(run: &str) -> Option<Cow<'_, [u8]>> {
    let run = run.trim_end_matches('=');
    let is_digit = |byte: &u8| base64_digit(*byte).is_some();
    let digits: Cow<'_, [u8]> = match run.bytes().find(|byte| !is_digit(byte)) {
        None => run.as_bytes().into(),
        Some(b'\r' | b'\n') => run.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect(),
        Some(_) => return None,
    };
    (digits.len() >= SHORTEST_BASE64 && digits.iter().all(is_digit)).then_some(digits)
}

fn names_something(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let is_text = !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    (is_text && text.contains(['=', ':', '<'])).then_some(text)
}

/// So many digits tell whether a text is in them.
const BEGINNING: usize = 64;

/// What stands in these digits, unless it begins as no text does.
fn text_in(digits: &[u8], decoded: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let beginning = decoded(&digits[..digits.len().min(BEGINNING)]);
    let is_odd = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let is_likely = !beginning.is_empty() && !beginning.iter().any(is_odd);
    is_likely.then(|| decoded(digits))
}

fn from_base64(digits: &[u8]) -> Vec<u8> {
    let mut unified: Vec<u8> = digits.iter().filter_map(|byte| base64_digit(*byte)).collect();
    // One character more than a multiple of four is no byte.
    unified.truncate(unified.len() - usize::from(unified.len() % 4 == 1));
    LENIENT.decode(unified).unwrap_or_default()
}

/// Where secrets stand in base64, however it is broken into lines. What stands beside one without a break is part of the
/// credential.
pub(super) fn in_base64(bytes: &[u8], anchors: &Anchors, within: Within<'_>) -> Vec<Place> {
    let mut found = Vec::new();
    for run in Run::all(bytes, base64_digit, anchors) {
        for phase in 0..run.digits.len().min(4) {
            let digits = &run.digits[phase..];
            // One character more than a multiple of four is no byte.
            let whole = if digits.len() % 4 == 1 { digits.len() - 1 } else { digits.len() };
            let decoded = LENIENT.decode(&digits[..whole]).unwrap_or_default();
            let places = within(&decoded).into_iter();
            let places = places.map(|(from, to, id)| (phase + from * 8 / 6, phase + (to * 8 - 1) / 6, id)).collect();
            found.extend(run.whole(bytes, base64_digit, places));
        }
    }
    for (_, to, _) in &mut found {
        *to += bytes[*to..].iter().take(2).take_while(|byte| **byte == b'=').count();
    }
    found
}

/// The same in base32 (RFC 4648 section 6).
pub(super) fn in_base32(bytes: &[u8], anchors: &Anchors, within: Within<'_>) -> Vec<Place> {
    let mut found = Vec::new();
    for run in Run::all(bytes, base32_digit, anchors) {
        for phase in 0..run.digits.len().min(8) {
            let places = within(&from_base32(&run.digits[phase..])).into_iter();
            let places = places.map(|(from, to, id)| (phase + from * 8 / 5, phase + (to * 8 - 1) / 5, id)).collect();
            found.extend(run.whole(bytes, base32_digit, places));
        }
    }
    found
}

/// The same in hexadecimal digits, in groups or not.
pub(super) fn in_hex(bytes: &[u8], anchors: &Anchors, within: Within<'_>) -> Vec<Place> {
    let mut found = Vec::new();
    for run in Run::all(bytes, hex_digit, anchors) {
        for phase in 0..run.digits.len().min(2) {
            let places = within(&from_hex(&run.digits[phase..])).into_iter();
            let places = places.map(|(from, to, id)| (phase + from * 2, phase + to * 2 - 1, id)).collect();
            found.extend(run.whole(bytes, hex_digit, places));
        }
    }
    found
}

/// The same in a dump (`xxd`, `hexdump -C`): an offset, digits, and the text beside them, so whole lines are hidden.
pub(super) fn in_dump(bytes: &[u8], anchors: &Anchors, within: Within<'_>) -> Vec<Place> {
    let (mut found, mut at, mut dump) = (Vec::new(), 0, Run::default());
    if anchors.is_empty() {
        return found;
    }
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let digits = dump_digits(line);
        if digits.is_empty() {
            found.extend(std::mem::take(&mut dump).of_dump(anchors, within));
        }
        let end = at + line.strip_suffix(b"\n").unwrap_or(line).len();
        dump.places.extend(digits.iter().map(|_| (at, end)));
        dump.digits.extend(digits);
        at += line.len();
    }
    found.extend(dump.of_dump(anchors, within));
    found
}

/// The digits in a line of a dump, without its offset and the text.
fn dump_digits(line: &[u8]) -> Vec<u8> {
    /// Bytes that a line shows at most.
    const WIDTH: usize = 32;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is_hex = |word: &[u8]| word.iter().all(u8::is_ascii_hexdigit);
    let offset = words.next().map(|word| word.strip_suffix(b":").unwrap_or(word));
    if !offset.is_some_and(|offset| (4..=16).contains(&offset.len()) && is_hex(offset)) {
        return Vec::new();
    }
    let bytes = words.take_while(|word| word.len() <= 8 && word.len().is_multiple_of(2) && is_hex(word));
    bytes.flatten().filter_map(|byte| hex_digit(*byte)).take(2 * WIDTH).collect()
}

/// The digit that this byte is, as every alphabet has it.
type Digit = fn(u8) -> Option<u8>;

const fn base64_digit(byte: u8) -> Option<u8> {
    match byte {
        b'+' | b'-' => Some(b'-'),
        b'/' | b'_' => Some(b'_'),
        _ if byte.is_ascii_alphanumeric() => Some(byte),
        _ => None,
    }
}

const fn hex_digit(byte: u8) -> Option<u8> {
    if byte.is_ascii_hexdigit() { Some(byte.to_ascii_lowercase()) } else { None }
}

const fn base32_digit(byte: u8) -> Option<u8> {
    if byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7') { Some(byte.to_ascii_uppercase()) } else { None }
}

/// What may stand between digits.
const fn is_break(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b':' | b',')
}

/// Digits that belong together, and where each is written, from and to.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    places: Vec<(usize, usize)>,
}

impl Run {
    /// Those in which an anchor stands.
    fn all(bytes: &[u8], digit: Digit, anchors: &Anchors) -> Vec<Self> {
        let (mut found, mut watch, mut from, mut is_hit) = (Vec::new(), Watch::default(), 0, false);
        if anchors.is_empty() {
            return found;
        }
        for (at, byte) in bytes.iter().enumerate() {
            match digit(*byte) {
                Some(value) => is_hit |= watch.sees(anchors, value),
                None if is_break(*byte) => {}
                None => {
                    if is_hit {
                        found.push(Self::of(bytes, from, at, digit));
                    }
                    (watch, from, is_hit) = (Watch::default(), at + 1, false);
                }
            }
        }
        if is_hit {
            found.push(Self::of(bytes, from, bytes.len(), digit));
        }
        found
    }

    fn of(bytes: &[u8], from: usize, to: usize, digit: Digit) -> Self {
        let (digits, places) = (from..to).filter_map(|at| Some((digit(bytes[at])?, (at, at + 1)))).unzip();
        Self { digits, places }
    }

    /// Where these digits are written, from the first to the last, with all that stands beside them without a break.
    fn whole(&self, bytes: &[u8], digit: Digit, mut digits: Vec<Place>) -> Vec<Place> {
        digits.sort_unstable();
        let (mut found, mut done) = (Vec::new(), 0);
        for (first, last, id) in digits {
            let (from, to) = (self.places[first].0, self.places[last].1);
            if to > done {
                let before = bytes[..from].iter().rev().take_while(|byte| digit(**byte).is_some()).count();
                done = to + bytes[to..].iter().take_while(|byte| digit(**byte).is_some()).count();
                found.push((from - before, done, id));
            }
        }
        found
    }

    fn of_dump(self, anchors: &Anchors, within: Within<'_>) -> Vec<Place> {
        if !anchors.are_in(self.digits.iter().copied()) {
            return Vec::new();
        }
        let places = within(&from_hex(&self.digits)).into_iter();
        places.map(|(from, to, id)| (self.places[from * 2].0, self.places[to * 2 - 1].1, id)).collect()
    }
}

fn from_base32(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| u16::from(if digit.is_ascii_digit() { digit - b'2' + 26 } else { digit - b'A' });
    let (mut bytes, mut number, mut bits) = (Vec::with_capacity(digits.len() * 5 / 8), 0u16, 0);
    for digit in digits {
        (number, bits) = (number << 5 | value(*digit), bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push((number >> bits) as u8);
            number &= (1 << bits) - 1;
        }
    }
    bytes
}

fn from_hex(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}
