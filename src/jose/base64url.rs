//! Base64url without padding (RFC 7515 section 2), strict, with errors that say what and where.

use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, Engine as _};

/// Why a text is not base64url. Positions count bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Base64UrlError {
    /// `+` or `/`, which base64url replaces by `-` and `_`.
    #[error("'{character}' at position {position} is plain base64; base64url writes '{instead}'")]
    PlainBase64 {
        /// `+` or `/`.
        character: char,
        /// What it should be.
        instead: char,
        /// Where.
        position: usize,
    },
    /// `=` at the end, which RFC 7515 leaves out.
    #[error("padding '=' at position {0}; base64url in JOSE has none")]
    Padding(usize),
    /// Any other character outside the alphabet.
    #[error("{character:?} at position {position} is not in the base64url alphabet")]
    Character {
        /// The first one.
        character: char,
        /// Where.
        position: usize,
    },
    /// 4n+1 characters, which no number of bytes encodes to.
    #[error("{0} characters encode no whole number of bytes (one character is missing or too many)")]
    Length(usize),
    /// The last character has bits set that belong to no byte, so two texts decode to the same bytes.
    #[error("the last character '{character}' at position {position} has unused bits that are not zero")]
    TrailingBits {
        /// The last character.
        character: char,
        /// Where.
        position: usize,
    },
}

/// Encodes without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes what [`encode`] makes and nothing else.
///
/// # Errors
/// Names the first character that does not belong there, padding, an impossible length or unused bits.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64UrlError> {
    if let Some(error) = first_foreign(text) {
        return Err(error);
    }
    if text.len() % 4 == 1 {
        return Err(Base64UrlError::Length(text.len()));
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Base64UrlError::TrailingBits {
        character: text.chars().next_back().unwrap_or_default(),
        position: text.len().saturating_sub(1),
    })
}

/// Decodes what can be decoded for display: padding, `+` and `/`, and unused bits are let pass.
pub fn decode_leniently(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    LENIENT.decode(canonical(text)).ok()
}

/// The same text in the right alphabet: no padding, `-` and `_` for `+` and `/`.
pub fn canonical(text: &str) -> String {
    text.trim_end_matches('=').replace('+', "-").replace('/', "_")
}

fn first_foreign(text: &str) -> Option<Base64UrlError> {
    let (position, character) =
        text.char_indices().find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))?;
    Some(match character {
        '+' => Base64UrlError::PlainBase64 { character, instead: '-', position },
        '/' => Base64UrlError::PlainBase64 { character, instead: '_', position },
        '=' if text[position..].bytes().all(|b| b == b'=') => Base64UrlError::Padding(position),
        _ => Base64UrlError::Character { character, position },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, says) in [
            ("AAA=", "padding '=' at position 3"),
            ("A=AA", "'=' at position 1 is not in"),
            ("AA+A", "'+' at position 2 is plain base64; base64url writes '-'"),
            ("/AAA", "'/' at position 0 is plain base64; base64url writes '_'"),
            ("AA AA", "' ' at position 2"),
            ("AA\u{200b}A", "'\\u{200b}' at position 2"),
            ("AAAAA", "5 characters"),
            ("AB", "last character 'B' at position 1"),
        ] {
            let error = decode(text).expect_err("not base64url").to_string();
            assert!(error.contains(says), "{text}: {error} does not say {says}");
        }
    }

    #[test]
    fn the_examples_of_rfc_7515_appendix_c_and_rfc_4648_round_trip() {
        for (bytes, text) in
            [(&[3u8, 236, 255, 224, 193][..], "A-z_4ME"), (b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v")]
        {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).expect("base64url"), bytes);
        }
    }

    #[test]
    fn display_decodes_what_verification_refuses() {
        for text in ["-_-_AA==", "+/+/AA", "-_-_AB"] {
            assert!(decode(text).is_err());
            assert_eq!(decode_leniently(text), decode("-_-_AA").ok(), "{text}");
        }
        assert_eq!(decode_leniently("a b"), None);
    }
}
