//! The mathematics of a signature, and what its bytes give away before it is tried.

use std::fmt::Write as _;
use std::str::FromStr as _;

use aws_lc_rs::signature::UnparsedPublicKey;
use jsonwebtoken::{Algorithm, DecodingKey};

use super::super::algorithm::AlgorithmInfo;
use super::super::base64url;
use super::super::jwk::material::{Curve, Material, bits};
use super::super::key::jsonwebtoken_name;
use super::NotVerified;

/// Modulus lengths that are used: RFC 7518 section 3.3 asks for 2048, the library stops at 8192.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A signature part whose text is the one way to write its bytes.
pub(super) struct Signature {
    text: String,
    bytes: Vec<u8>,
}

impl Signature {
    /// Reads it strictly: otherwise one signature could be written in several ways.
    pub(super) fn read(text: &str) -> Result<Self, NotVerified> {
        match base64url::decode(text) {
            Ok(bytes) if bytes.is_empty() => Err(NotVerified::Malformed("the signature is empty".to_owned())),
            Ok(bytes) => Ok(Self { text: text.to_owned(), bytes }),
            Err(error) => Err(NotVerified::Malformed(format!("the signature is not base64url: {error}"))),
        }
    }

    /// Length and shape that `algorithm` gives every signature by this key.
    pub(super) fn check_form(&self, algorithm: &AlgorithmInfo, key: &Material) -> Result<(), NotVerified> {
        let length = match key {
            Material::Rsa { n, .. } if !RSA_BITS.contains(&bits(n)) => {
                return Err(NotVerified::UnfitKey(format!("RSA with {} bits; 2048 to 8192 are used", bits(n))));
            }
            Material::Rsa { e, .. } if e.as_slice() == [1] || e.last().is_none_or(|last| last % 2 == 0) => {
                let what = if e.as_slice() == [1] { "1" } else { "even" };
                return Err(NotVerified::UnfitKey(format!("the exponent is {what}; odd ones of 3 or more are used")));
            }
            Material::Oct(secret) if secret.is_empty() => {
                return Err(NotVerified::UnfitKey("the secret is empty".to_owned()));
            }
            Material::Rsa { n, .. } => n.len(),
            Material::Ec { curve, .. } => 2 * curve.size,
            Material::Ed25519(_) => 64,
            Material::Oct(_) => hash_length(algorithm.name),
            Material::Other => return Err(NotVerified::UnsupportedAlgorithm(algorithm.name.to_owned())),
        };
        if self.bytes.len() != length {
            return Err(NotVerified::Malformed(self.wrong_length(algorithm.name, key, length)));
        }
        match key {
            Material::Ec { curve, .. } => self.check_range(curve),
            _ => Ok(()),
        }
    }

    fn wrong_length(&self, alg: &str, key: &Material, length: usize) -> String {
        let found = self.bytes.len();
        let mut text = format!("the signature has {found} bytes, {alg} makes {length} with this key");
        if matches!(key, Material::Ec { .. }) && self.bytes.first() == Some(&0x30) {
            text.push_str("; it looks like DER, which the signer forgot to convert (RFC 7518 section 3.4)");
        }
        text
    }

    /// Both halves lie between 1 and the order of the curve; zeros once passed everywhere (CVE-2022-21449).
    fn check_range(&self, curve: &Curve) -> Result<(), NotVerified> {
        let (r, s) = self.bytes.split_at(curve.size);
        for (name, half) in [("r", r), ("s", s)] {
            if half.iter().all(|byte| *byte == 0) {
                return Err(NotVerified::Malformed(format!("{name} of the signature is zero (CVE-2022-21449)")));
            }
            if hexadecimal(half).as_str() >= curve.order {
                return Err(NotVerified::Malformed(format!(
                    "{name} of the signature is not below the order of the curve"
                )));
            }
        }
        Ok(())
    }

    /// Whether `key` made this signature over `signing_input`.
    pub(super) fn fits(&self, algorithm: &AlgorithmInfo, key: &Material, signing_input: &str) -> bool {
        let message = signing_input.as_bytes();
        let by = |key: &DecodingKey| {
            let Ok(algorithm) = Algorithm::from_str(jsonwebtoken_name(algorithm.name)) else { return false };
            jsonwebtoken::crypto::verify(&self.text, message, key, algorithm).unwrap_or(false)
        };
        match key {
            Material::Oct(secret) => by(&DecodingKey::from_secret(secret)),
            Material::Rsa { n, e } => by(&DecodingKey::from_rsa_raw_components(n, e)),
            Material::Ed25519(x) => by(&DecodingKey::from_ed_der(x)),
            // jsonwebtoken lacks ES512 and ES256K; all curves take the same way.
            Material::Ec { curve, point } => {
                UnparsedPublicKey::new(curve.verification, point).verify(message, &self.bytes).is_ok()
            }
            Material::Other => false,
        }
    }

    /// Whether this is the HMAC of `signing_input` under `secret`, whatever that is.
    pub(super) fn is_hmac_with(&self, secret: &[u8], algorithm: &AlgorithmInfo, signing_input: &str) -> bool {
        self.fits(algorithm, &Material::Oct(secret.to_vec()), signing_input)
    }
}

/// Bytes of an HMAC, and the least a secret may have (RFC 7518 section 3.2).
pub(super) fn hash_length(alg: &str) -> usize {
    match alg {
        "HS384" => 48,
        "HS512" => 64,
        _ => 32,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
