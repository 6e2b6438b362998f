//! The ways in which a shared secret is written down: as text, encoded, or with the line end of the file it came from.

use super::super::jwk::material::Material;
use super::super::jwk::{Jwk, Unread};
use super::super::jwt::Decoded;
use super::super::{base64url, hash};
use super::{SignatureReport, verify_with};
use crate::base::check::{Level, Rule};
use crate::base::spec::Spec;

pub(super) static SECRET_READING: Rule = Rule {
    id: "jwt.secret_reading",
    title: "the shared secret is used as it is written",
    why: "Some libraries decode a secret before they use it and others do not. A client that takes the text as it stands refuses this token.",
    fix: "Give both sides the same bytes: decode the secret on this side, or use the text as it stands on the other.",
    level: Level::Advice,
    spec: Spec::new("RFC 7518", "3.2"),
    rejects: None,
};

/// As [`verify_with`], with a shared secret beside the keys: as it is written, or else in the first reading that fits.
///
/// A line end at the end of the secret, as editors leave it, does not count as written.
pub fn verify_secret(token: &Decoded, keys: &[Jwk], unread: &[Unread], secret: &[u8]) -> SignatureReport {
    let tried = |secret: &[u8]| {
        let secret = Jwk::from_secret_bytes(secret);
        verify_with(token, &[keys, &[secret]].concat(), unread)
    };
    let mut as_written = tried(one_line(secret));
    if as_written.verified().is_some() || !token.is_mac() {
        return as_written;
    }
    let fitting = readings(secret).into_iter().find_map(|(how, bytes)| {
        let report = tried(&bytes);
        report.verified().is_some().then_some((how, report))
    });
    match fitting {
        None => {
            // The secret is judged as it is written, so what else was tried is said beside it.
            let others = "as text, as base64, base64url and hexadecimal, and with a line end";
            as_written.findings.push(SECRET_READING.skipped(format!("the secret does not fit {others}")));
            as_written
        }
        Some((how, mut report)) => {
            report.findings.push(SECRET_READING.broken("the text as it stands", format!("the secret {how} fits")));
            report
        }
    }
}

/// How a secret would have to be read so that it fits. `None` when it fits as it is written, or not at all.
pub fn fitting_reading(token: &Decoded, secret: &Jwk) -> Option<&'static str> {
    let fits = |secret: &Jwk| verify_with(token, std::slice::from_ref(secret), &[]).verified().is_some();
    let Ok(Material::Oct(bytes)) = secret.material() else { return None };
    if !token.is_mac() || fits(secret) {
        return None;
    }
    readings(&bytes).into_iter().find(|(_, bytes)| fits(&Jwk::from_secret_bytes(bytes))).map(|(how, _)| how)
}

/// Every other reading, the likeliest first.
fn readings(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let line = one_line(secret);
    let unmarked = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let text = std::str::from_utf8(unmarked).unwrap_or_default().trim();
    let is_base64 = text.contains(['+', '/', '=']);
    let base64 = if is_base64 { "read as base64" } else { "read as base64url" };
    let base64 = if text.contains(char::is_whitespace) { "read as base64 in several lines" } else { base64 };
    let decode = |text: &str| base64url::decode_leniently(text).filter(|bytes| !bytes.is_empty());
    let decoded = decode(&text.split_whitespace().collect::<String>());
    let ended = |end: &[u8]| [line, end].concat();
    let mut readings: Vec<(&'static str, Vec<u8>)> = Vec::new();
    readings.extend(decoded.map(|bytes| (base64, bytes)));
    readings.extend(hash::from_hexadecimal(text).map(|bytes| ("read as hexadecimal", bytes)));
    readings.push(("without the byte order mark before it", unmarked.to_vec()));
    readings.push(("with a line end", ended(b"\n")));
    readings.push(("with a line end (CR LF)", ended(b"\r\n")));
    readings.push(("without the blanks around it", text.as_bytes().to_vec()));
    readings.retain(|(_, bytes)| bytes != line);
    readings
}

fn one_line(secret: &[u8]) -> &[u8] {
    let secret = secret.strip_suffix(b"\n").unwrap_or(secret);
    secret.strip_suffix(b"\r").unwrap_or(secret)
}
