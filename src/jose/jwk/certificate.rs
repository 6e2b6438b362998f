//! The certificate that a key brings along, and whether it is this key's (RFC 7517 sections 4.7 to 4.9).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::{base64url, hash};
use super::{Jwk, KeyError, pem};
use crate::base::json::Json;

/// An `x5c` of this certificate alone: base64, not base64url.
pub(super) fn chain(der: &[u8]) -> Json {
    Json::Array(vec![Json::String(STANDARD.encode(der))])
}

/// The first certificate of `x5c` in DER. `None` when there is no `x5c`.
pub(super) fn der_of(json: &Json) -> Option<Result<Vec<u8>, KeyError>> {
    let first = json.get("x5c")?.elements().first().and_then(Json::as_str);
    let text: String = first.unwrap_or_default().split_ascii_whitespace().collect();
    let der = base64url::decode_leniently(&text).filter(|der| !der.is_empty());
    Some(der.ok_or_else(|| KeyError::Invalid("x5c is no list of certificates in base64".to_owned())))
}

/// The key in the first certificate of `x5c`. `None` when there is no `x5c`.
pub(super) fn key_of(json: &Json) -> Option<Result<Jwk, KeyError>> {
    Some(der_of(json)?.and_then(|der| Jwk::from_json(&pem::of_certificate(&der)?)))
}

/// What is wrong with the certificate of a key, if anything.
pub(super) fn fault(key: &Jwk) -> Option<String> {
    match key_of(&key.json)? {
        Err(error) => Some(format!("x5c cannot be read: {error}")),
        Ok(other) if other.thumbprint() != key.public().thumbprint() => {
            Some(format!("x5c holds another key, {}", other.describe()))
        }
        Ok(_) => None,
    }
}

/// What is wrong with a thumbprint of the certificate, if anything. Judged only beside the certificate.
pub(super) fn thumbprint_fault(key: &Jwk) -> Option<String> {
    let der = der_of(&key.json)?.ok()?;
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
    let hashes = [("x5t", sha1.as_ref().to_vec()), ("x5t#S256", hash::sha256(&der).to_vec())];
    hashes.into_iter().find_map(|(name, hash)| {
        let text = key.json.text(name)?;
        if text == base64url::encode(&hash) {
            return None;
        }
        let decoded = base64url::decode_leniently(text).unwrap_or_default();
        Some(match String::from_utf8(decoded) {
            Ok(hex) if hex.eq_ignore_ascii_case(&hexadecimal(&hash)) => {
                format!("{name} encodes the hexadecimal text of the hash, not the hash")
            }
            _ => format!("{name} is not the hash of the certificate"),
        })
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
