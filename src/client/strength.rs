//! How hard a value is to guess, as far as one value can tell: by its length and its alphabet.
//!
//! Whether the characters are drawn evenly is seen in many values only. An estimate from their frequencies in one
//! value calls good values weak by chance, and another run of the same server would get another verdict.

use crate::base::check::{Check, Rule};

/// Bits that RFC 6749 section 10.10 asks of whatever must not be guessed.
pub const ENOUGH: f64 = 128.0;

/// Below this a value is surely short, however its characters were drawn.
pub const SHORT: f64 = 64.0;

/// What a value may be written in.
struct Alphabet {
    name: &'static str,
    letters: f64,
    holds: fn(u8) -> bool,
}

/// The smallest first; whatever fits none counts as base64url.
const ALPHABETS: [Alphabet; 4] = [
    Alphabet { name: "digits", letters: 10.0, holds: |byte| byte.is_ascii_digit() },
    Alphabet { name: "hexadecimal digits", letters: 16.0, holds: |byte| byte.is_ascii_hexdigit() },
    Alphabet { name: "base32 characters", letters: 32.0, holds: is_base32 },
    Alphabet { name: "characters", letters: 64.0, holds: |_| true },
];

/// RFC 4648 section 6, in either case.
const fn is_base32(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7')
}

/// The most bits that a value of this length and alphabet can hold.
pub fn bits(value: &str) -> f64 {
    value.chars().count() as f64 * alphabet(value).letters.log2()
}

/// Holds named values against being guessed; the weakest decides. An empty value counts as absent.
pub fn judge<'a>(rule: &'static Rule, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Check {
    let weakest = values.into_iter().min_by(|(_, a), (_, b)| bits(a).total_cmp(&bits(b)));
    let Some((name, value)) = weakest else { return rule.skipped("there is nothing to guess") };
    let expected = format!("{ENOUGH} bits or more");
    match bits(value) {
        bits if bits >= ENOUGH => rule.pass(format!("{name}: {}", told(value))),
        bits if bits >= SHORT => rule.warn(expected, format!("{name}: {}", told(value))),
        _ => rule.broken(expected, format!("{name}: {}", told(value))),
    }
}

/// `at most 40 bits (12 digits)`
fn told(value: &str) -> String {
    if value.is_empty() {
        return "absent".to_owned();
    }
    format!("at most {:.0} bits ({} {})", bits(value), value.chars().count(), alphabet(value).name)
}

/// The smallest alphabet that holds all characters.
fn alphabet(value: &str) -> &'static Alphabet {
    // Base32 and hexadecimal are written in capitals or in small letters; a mixture of both needs more.
    let has = |of: fn(&u8) -> bool| value.as_bytes().iter().any(of);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let fits = |alphabet: &&Alphabet| value.bytes().all(alphabet.holds) && (!is_mixed || alphabet.letters > 32.0);
    ALPHABETS.iter().find(fits).unwrap_or(&ALPHABETS[3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict::{self, Fail, Pass, Warn};
    use crate::base::entropy::Entropy;
    use crate::client::rules::response::ENTROPY;

    fn verdict(value: &str) -> Verdict {
        judge(&ENTROPY, [("code", value)]).verdict
    }

    #[test]
    fn length_and_alphabet_decide() {
        for (value, bits_held, expected) in [
            ("", 0.0, Fail),
            ("000042", 19.9, Fail),
            ("12345678901234567890", 66.4, Warn),
            ("0123456789abcdef", 64.0, Warn),
            ("0123456789ABCDEF0123456789ABCDEF", 128.0, Pass),
            ("0123456789abcdef0123456789abcde", 124.0, Warn),
            ("mzxw6ytboi", 50.0, Fail),
            ("mzxw6ytboimzxw6ytboimzxw6y", 130.0, Pass),
            ("2YotnFZFEj", 60.0, Fail),
            ("2YotnFZFEjr1zCsicMWpAA", 132.0, Pass),
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 258.0, Pass),
            ("f47ac10b-58cc-4372-a567-0e02b2c3d479", 216.0, Pass),
        ] {
            assert!((bits(value) - bits_held).abs() < 0.1, "{value}: {}", bits(value));
            assert_eq!(verdict(value), expected, "{value}");
        }
    }

    #[test]
    fn the_weakest_value_is_the_one_told() {
        let check = judge(&ENTROPY, [("state", "2YotnFZFEjr1zCsicMWpAA"), ("nonce", "1234")]);
        assert_eq!(check.verdict, Fail);
        assert_eq!(check.actual.as_deref(), Some("nonce: at most 13 bits (4 digits)"));
        assert_eq!(judge(&ENTROPY, [("state", "")]).actual.as_deref(), Some("state: absent"));
    }

    /// The same server gets the same verdict in every run, however its dice fall.
    #[test]
    fn what_is_drawn_in_the_same_way_gets_the_same_verdict_from_a_thousand_seeds() {
        const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (alphabet, length, expected) in [
            (&b"0123456789"[..], 6, Fail),
            (b"0123456789", 30, Warn),
            (b"0123456789", 39, Pass),
            (b"0123456789abcdef", 12, Fail),
            (b"0123456789ABCDEF", 24, Warn),
            (b"0123456789abcdef", 32, Pass),
            (BASE32, 10, Fail),
            (BASE32, 25, Warn),
            (BASE32, 26, Pass),
            (BASE64URL, 8, Fail),
            (BASE64URL, 16, Warn),
            (BASE64URL, 22, Pass),
            (BASE64URL, 43, Pass),
        ] {
            for seed in 0..1000_u32 {
                let mut bytes = [7; 32];
                bytes[..4].copy_from_slice(&seed.to_le_bytes());
                let drawn = Entropy::from_seed(bytes).bytes::<64>();
                let value: String = drawn[..length]
                    .iter()
                    .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
                    .collect();
                assert_eq!(verdict(&value), expected, "{value} of seed {seed}");
            }
        }
    }
}
