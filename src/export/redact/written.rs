//! How names and values are written, by which one is told from the other.

use super::{MARK, SURE};

/// A value from and to, and its name.
pub(super) type Place = (usize, usize, &'static str);

pub(super) const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

pub(super) const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Long, with letters and digits in it: no word of a sentence, and no code of an error.
pub(super) fn is_random(value: &[u8]) -> bool {
    value.len() >= 16 && value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
}

/// Whether a value can be what its name only promises.
pub(super) fn is_promised(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_one = !value.contains(|c: char| c.is_whitespace() || "<>(){}".contains(c)) && !value.contains("://");
    value.len() >= SURE && is_one && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !value.contains(MARK)
}
