//! Hashes that JOSE and the specifications on top of it use.

use aws_lc_rs::digest::{self, Algorithm, SHA256, SHA384, SHA512};
use aws_lc_rs::hmac;

use super::base64url;

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&SHA256, bytes).as_ref());
    hash
}

/// HMAC with SHA-256 (RFC 2104).
pub fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut tag = [0; 32];
    tag.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref());
    tag
}

/// `at_hash` and `c_hash`: the left half of the hash that `alg` uses, in base64url (OIDC Core section 3.1.3.6).
///
/// `None` for an algorithm without a hash, such as `none`.
pub fn half_hash(alg: &str, text: &str) -> Option<String> {
    let hash = digest::digest(hash_of(alg)?, text.as_bytes());
    let half = &hash.as_ref()[..hash.as_ref().len() / 2];
    Some(base64url::encode(half))
}

/// The hash of which a text is the left half, by name: `SHA-256`.
pub fn name_of_half(half: &str, text: &str) -> Option<&'static str> {
    let algs = [("RS256", "SHA-256"), ("RS384", "SHA-384"), ("RS512", "SHA-512")];
    algs.into_iter().find(|(alg, _)| half_hash(alg, text).as_deref() == Some(half)).map(|(_, name)| name)
}

/// The hash a signature algorithm is built on; Ed25519 uses SHA-512 inside.
fn hash_of(alg: &str) -> Option<&'static Algorithm> {
    match alg {
        "HS256" | "RS256" | "PS256" | "ES256" | "ES256K" => Some(&SHA256),
        "HS384" | "RS384" | "PS384" | "ES384" => Some(&SHA384),
        "HS512" | "RS512" | "PS512" | "ES512" | "EdDSA" | "Ed25519" => Some(&SHA512),
        _ => None,
    }
}

/// The bytes of a text in hexadecimal, also with colons, dashes or white space between them; `None` where it is none.
pub fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.bytes().filter(|byte| !matches!(byte, b':' | b'-') && !byte.is_ascii_whitespace()).collect();
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let values: Vec<u8> = digits.iter().map(value).collect::<Option<_>>()?;
    let (pairs, rest) = values.as_chunks::<2>();
    (rest.is_empty() && !pairs.is_empty()).then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_oidc_core_appendix_a_hold() {
        assert_eq!(
            half_hash("RS256", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y").as_deref(),
            Some("77QmUPtjPfzWtF2AnpK9RQ")
        );
        assert_eq!(
            half_hash("RS256", "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk").as_deref(),
            Some("LDktKdoQak3Pk0cnXxCltA")
        );
    }

    #[test]
    fn the_length_follows_the_algorithm() {
        for (alg, length) in [("ES256", 22), ("PS384", 32), ("HS512", 43), ("EdDSA", 43), ("Ed25519", 43)] {
            assert_eq!(half_hash(alg, "x").expect("a hash").len(), length, "{alg}");
        }
        assert_eq!(half_hash("none", "x"), None);
    }
}
