//! How names and values are written, by which one is told from the other.

use super::{MARK, SURE};
use crate::base::secret::MASK;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::credential::{self, is_code_of_error};
use crate::terms::glossary;
use crate::terms::grant::Grant;

/// Longest word of a specification, in bytes.
const LONGEST_TERM: usize = 64;

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

/// Whether something of this is hidden already.
pub(super) fn is_hidden(value: &str) -> bool {
    value.contains(MARK) || value.contains(MASK)
}

/// Whether a value can be what its name only promises.
pub(super) fn is_promised(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_one = !value.contains(|c: char| c.is_whitespace() || "<>(){}".contains(c)) && !value.contains("://");
    value.len() >= SURE && is_one && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !is_hidden(value)
}

/// Whether the specifications use the word: a secret `client_secret` would be found in all that is said of one.
pub(super) fn is_term(value: &str) -> bool {
    if value.len() > LONGEST_TERM {
        return false;
    }
    let entries =
        [glossary::parameter(value), glossary::metadata(value), glossary::claim(value), glossary::error(value)];
    entries.iter().any(Option::is_some)
        || credential::names().any(|name| name == value)
        || ClientAuthMethod::find(value).is_some()
        || Grant::find(value).is_some()
}

/// Whether a value is no word that may stand elsewhere, too: long, or half so long with letters and digits in it.
pub fn is_telling(name: &str, value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    value.len() >= SURE || value.len() * 2 >= SURE && is_mixed && !is_code_of_error(name, value)
}
