//! The first characters of texts that are looked for: where none of them stands, none of the texts does.
//!
//! What is written in base64 or hexadecimal digits is decoded only where an anchor says that it is worth it, and a text
//! is made compact only then, so a large one that holds no secret costs one look at each of its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::form_urlencoded::byte_serialize;

/// Most characters of an anchor.
const LENGTH: usize = 8;

/// Fewest: fewer would be found everywhere.
const LEAST: usize = 4;

/// So much of a text decides about its anchors, in bytes, however often it is wrapped.
const BEGINNING: usize = 16;

#[derive(Clone, Default)]
pub(super) struct Anchors {
    /// By their length, each as the fingerprint of its bytes, in order: what is looked for by mistake is not found.
    all: [Vec<u32>; LENGTH + 1],
    /// Which lengths there are.
    lengths: Vec<usize>,
    /// Which hashes any of them has.
    filter: Vec<u64>,
    /// How many bits of a hash say where in the filter it stands.
    bits: u32,
}

/// So many bits of the filter for each anchor let few others through.
const SPARSE: usize = 8;

const fn mask(length: usize) -> u64 {
    u64::MAX >> (8 * (LENGTH - length))
}

/// The number with all of its bits mixed into half as many.
const fn fingerprint(number: u64) -> u32 {
    let mixed = (number ^ number >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

impl Anchors {
    /// Takes in the beginning of this text.
    pub fn insert(&mut self, text: &[u8]) {
        if text.len() < LEAST {
            return;
        }
        let length = text.len().min(LENGTH);
        let number = text[..length].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.all[length].push(fingerprint(number));
        if !self.lengths.contains(&length) {
            self.lengths.push(length);
        }
    }

    /// Those that were taken in, ready to be looked for.
    pub fn ready(mut self) -> Self {
        for all in &mut self.all {
            all.sort_unstable();
            all.dedup();
            all.shrink_to_fit();
        }
        let count: usize = self.all.iter().map(Vec::len).sum();
        self.bits = (count * SPARSE).next_power_of_two().max(64).ilog2().min(u32::BITS - 1);
        self.filter = vec![0; (1 << self.bits) / 64];
        for fingerprint in self.all.iter().flatten() {
            let at = self.place(*fingerprint);
            self.filter[at / 64] |= 1 << (at % 64);
        }
        self
    }

    const fn place(&self, fingerprint: u32) -> usize {
        (fingerprint >> (u32::BITS - self.bits)) as usize
    }

    /// Takes in how this text begins in hexadecimal digits.
    pub fn insert_hex(&mut self, text: &[u8]) {
        self.insert(hex(&text[..text.len().min(LENGTH / 2)]).as_bytes());
    }

    /// Takes in how this text begins in base64, at each of the places that a byte may have in it.
    pub fn insert_base64(&mut self, text: &[u8]) {
        in_base64(&text[..text.len().min(BEGINNING)]).for_each(|digits| self.insert(digits.as_bytes()));
    }

    /// The same in base32.
    pub fn insert_base32(&mut self, text: &[u8]) {
        let text = &text[..text.len().min(BEGINNING)];
        (0..5).filter_map(|before| aligned_base32(text, before)).for_each(|digits| self.insert(&digits));
    }

    pub const fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Whether one of them stands in these bytes.
    pub fn are_in(&self, bytes: impl IntoIterator<Item = u8>) -> bool {
        let mut watch = Watch::default();
        !self.is_empty() && bytes.into_iter().any(|byte| watch.sees(self, byte))
    }

    fn has(&self, number: u64, length: usize) -> bool {
        let fingerprint = fingerprint(number);
        let at = self.place(fingerprint);
        self.filter[at / 64] >> (at % 64) & 1 == 1 && self.all[length].binary_search(&fingerprint).is_ok()
    }
}

/// The last bytes of a text.
#[derive(Default)]
pub(super) struct Watch {
    number: u64,
    read: usize,
}

impl Watch {
    /// Takes in the next byte; whether an anchor ends with it.
    pub fn sees(&mut self, anchors: &Anchors, byte: u8) -> bool {
        (self.number, self.read) = (self.number << 8 | u64::from(byte), self.read + 1);
        for length in &anchors.lengths {
            if self.read >= *length && anchors.has(self.number & mask(*length), *length) {
                return true;
            }
        }
        false
    }
}

/// How a text may be written before it is put in base64 or in hexadecimal digits: as it stands, as a form or JSON has
/// it, or in such digits once more.
pub(super) fn wrappings(text: &str) -> Vec<Vec<u8>> {
    let beginning: String = text.chars().take(BEGINNING).collect();
    let mut all = vec![beginning.clone().into_bytes()];
    let json = serde_json::Value::from(beginning.as_str()).to_string();
    all.push(byte_serialize(beginning.as_bytes()).collect::<String>().into_bytes());
    all.push(json.as_bytes()[1..json.len() - 1].to_vec());
    all.dedup();
    let digits: Vec<Vec<u8>> = all.iter().flat_map(|text| in_digits(text)).collect();
    all.extend(digits);
    all.sort_unstable();
    all.dedup();
    all
}

fn in_digits(text: &[u8]) -> Vec<Vec<u8>> {
    let small: String = hex(text);
    let other = STANDARD_NO_PAD.encode(text);
    let standard = (0..3).filter(|_| other.contains(['+', '/'])).filter_map(|before| aligned(text, before, true));
    let digits = in_base64(text).chain(standard).chain([small.to_ascii_uppercase(), small]);
    digits.map(String::into_bytes).collect()
}

/// In small letters.
fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn in_base64(text: &[u8]) -> impl Iterator<Item = String> + '_ {
    (0..3).filter_map(|before| aligned(text, before, false))
}

/// In base64, behind so many other bytes: the characters that nothing else has a part in.
fn aligned(text: &[u8], before: usize, is_standard: bool) -> Option<String> {
    let padded = [&[0; 2][..before], text].concat();
    let written = if is_standard { STANDARD_NO_PAD.encode(&padded) } else { URL_SAFE_NO_PAD.encode(&padded) };
    let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    (to > from).then(|| written[from..to].to_owned())
}

/// In base32 (RFC 4648 section 6), behind so many other bytes: the digits that nothing else has a part in.
fn aligned_base32(text: &[u8], before: usize) -> Option<Vec<u8>> {
    let (mut digits, mut number, mut bits) = (Vec::new(), 0u16, 0);
    for byte in std::iter::repeat_n(&0, before).chain(text) {
        (number, bits) = (number << 8 | u16::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            digits.push(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(number >> bits & 31)]);
            number &= (1 << bits) - 1;
        }
    }
    let from = (before * 8).div_ceil(5);
    (digits.len() > from).then(|| digits.split_off(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_in(anchors: &Anchors, text: &str) -> bool {
        anchors.are_in(text.bytes())
    }

    #[test]
    fn beginnings_are_found_and_nothing_else_is() {
        let mut anchors = Anchors::default();
        assert!(!are_in(&anchors, "abcdefgh"));
        ["abcdefghijkl", "wxyz"].into_iter().for_each(|text| anchors.insert(text.as_bytes()));
        let anchors = anchors.ready();
        for (text, is_in) in [("--abcdefgh", true), ("abcdefg", false), ("wxy-wxyz", true), ("wx-yz", false)] {
            assert_eq!(are_in(&anchors, text), is_in, "{text}");
        }
    }

    #[test]
    fn a_text_is_known_wherever_it_begins_in_base64() {
        let mut anchors = Anchors::default();
        wrappings("s3cret +/\"ü and more").iter().for_each(|text| anchors.insert_base64(text));
        let anchors = anchors.ready();
        for before in ["", "a", "ab", "abc"] {
            let around = format!("{before}s3cret +/\"ü and more.");
            for written in [URL_SAFE_NO_PAD.encode(&around), URL_SAFE_NO_PAD.encode(STANDARD_NO_PAD.encode(&around))] {
                assert!(are_in(&anchors, &written), "{written}");
            }
            assert!(are_in(&anchors, &URL_SAFE_NO_PAD.encode(hex(around.as_bytes()))));
        }
        assert!(!are_in(&anchors, &URL_SAFE_NO_PAD.encode("a secret of another kind, as long as the others")));
    }
}
