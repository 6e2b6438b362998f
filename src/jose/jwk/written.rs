//! Keys as people paste them or keep them in files: a JWK Set, a JWK or PEM, and the ways in which these are written that
//! not every library reads.

use std::borrow::Cow;

use super::super::{base64url, hash};
use super::{Jwk, JwkSet, KeyError};
use crate::base::json::Json;

const ESCAPED: &str = "PEM with \\n in the place of its line breaks";
const ONE_LINE: &str = "PEM in one line";
const DER: &str = "DER, without PEM around it";
const BASE64_PEM: &str = "PEM in base64";
const BASE64_DER: &str = "base64 without the lines -----BEGIN and -----END";
const HEXADECIMAL: &str = "DER in hexadecimal";

impl JwkSet {
    /// Reads what people paste or keep in files: a JWK Set, a JWK, or PEM, which may lack its lines.
    ///
    /// # Errors
    /// When it is neither JSON with keys nor PEM that can be read.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        // Some editors write a byte order mark, which is no part of JSON (RFC 8259 section 8.1).
        let text = text.trim_start_matches('\u{feff}');
        let begins = |with: &str| text.trim_start().starts_with(with);
        if begins("{") || begins("[") {
            return match Json::parse_text(text) {
                Ok(json) => Self::from_json(&json),
                Err(error) => Self::broken_in_lines(text, &error),
            };
        }
        if text.contains(BEGIN) {
            return Self::one(&Jwk::from_pem(&unescaped(text))?, in_lines(text));
        }
        encoded(text).ok_or_else(|| KeyError::NoKeys(what(text).to_owned()))
    }

    /// Reads what lies in a file: text as [`JwkSet::from_text`] does, and a key or certificate in DER.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::from_text(text),
            Err(_) => Self::one(&Jwk::from_der(bytes)?, Some(DER)),
        }
    }

    fn one(key: &Jwk, written: Option<&'static str>) -> Result<Self, KeyError> {
        let mut set = Self::from_json(&key.json)?;
        set.written = written;
        Ok(set)
    }
}

/// How PEM begins (RFC 7468 section 3).
const BEGIN: &str = "-----BEGIN ";

/// PEM as it stands in one line of a file of variables: `\n` in place of each line break.
fn unescaped(text: &str) -> Cow<'_, str> {
    match text.contains("-----\\n") {
        true => text.replace("\\r", "").replace("\\n", "\n").into(),
        false => text.into(),
    }
}

/// How PEM is written that is not in its lines (RFC 7468 section 3).
fn in_lines(text: &str) -> Option<&'static str> {
    match text.trim().contains(['\n', '\r']) {
        _ if text.contains("-----\\n") => Some(ESCAPED),
        true => None,
        false => Some(ONE_LINE),
    }
}

/// A key or certificate whose bytes are encoded, as consoles of providers show it.
fn encoded(text: &str) -> Option<JwkSet> {
    let joined: String = text.split_whitespace().collect();
    let of_der = |bytes: &[u8], written| JwkSet::one(&Jwk::from_der(bytes).ok()?, Some(written)).ok();
    if let Some(set) = hash::from_hexadecimal(&joined).and_then(|der| of_der(&der, HEXADECIMAL)) {
        return Some(set);
    }
    let bytes = base64url::decode_leniently(&joined)?;
    match std::str::from_utf8(&bytes) {
        Ok(pem) if pem.contains(BEGIN) => JwkSet::one(&Jwk::from_pem(pem).ok()?, Some(BASE64_PEM)).ok(),
        _ => of_der(&bytes, BASE64_DER),
    }
}

/// What a text is that holds no keys.
fn what(text: &str) -> &'static str {
    match text.trim_start() {
        "" => "nothing",
        text if text.starts_with('<') => "a page or other markup",
        text if text.starts_with("eyJ") => "a token",
        _ => "text that is neither JSON nor PEM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==";

    fn note(set: &JwkSet) -> Option<String> {
        let check = set.key_checks().into_iter().find(|check| check.rule.id == "jwks.reading")?;
        assert_eq!(check.verdict, Verdict::Note);
        check.actual
    }

    #[test]
    fn a_key_that_is_not_written_as_most_read_it_is_read_and_said() {
        let der = base64url::decode_leniently(KEY).expect("base64");
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &KEY[..64], &KEY[64..]);
        let hexadecimal: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
        let in_lines = JwkSet::from_text(&pem).expect("a key");
        assert_eq!(note(&in_lines), None);
        for (text, how) in [
            (pem.replace('\n', "\\n"), ESCAPED),
            (pem.replace('\n', " "), ONE_LINE),
            (pem.replace('\n', ""), ONE_LINE),
            (KEY.to_owned(), BASE64_DER),
            (format!("{}\n{}\n", &KEY[..64], &KEY[64..]), BASE64_DER),
            (base64url::encode(pem.as_bytes()), BASE64_PEM),
            (hexadecimal, HEXADECIMAL),
        ] {
            let set = JwkSet::from_text(&text).unwrap_or_else(|error| panic!("{how}: {error}"));
            assert_eq!((note(&set).as_deref(), &set.keys), (Some(how), &in_lines.keys));
        }
        assert_eq!(note(&JwkSet::from_bytes(&der).expect("a key")).as_deref(), Some(DER));
        assert!(JwkSet::from_text("c2VjcmV0").is_err(), "any base64 is no key");
    }
}
