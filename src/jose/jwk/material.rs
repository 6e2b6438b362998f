//! The numbers of a key, read and checked (RFC 7518 section 6, RFC 8037 section 2).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm,
    ParsedPublicKey,
};

use super::super::algorithm::{AlgorithmInfo, Family};
use super::super::base64url;
use super::KeyError;
use crate::base::json::Json;

/// A curve and the one signature algorithm that JOSE defines on it.
#[derive(Debug)]
pub(in crate::jose) struct Curve {
    /// As in `crv`.
    pub name: &'static str,
    /// As in `alg`.
    pub alg: &'static str,
    /// Bytes of a coordinate, and of each half of a signature.
    pub size: usize,
    /// The order of the group in hexadecimal, [`Curve::size`] bytes.
    pub order: &'static str,
    /// Verifies.
    pub verification: &'static EcdsaVerificationAlgorithm,
    /// Signs.
    pub signing: &'static EcdsaSigningAlgorithm,
}

/// RFC 7518 section 6.2.1.1 and RFC 8812 section 3.1.
pub(in crate::jose) static CURVES: [Curve; 4] = [
    Curve {
        name: "P-256",
        alg: "ES256",
        size: 32,
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        verification: &ECDSA_P256_SHA256_FIXED,
        signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
    },
    Curve {
        name: "P-384",
        alg: "ES384",
        size: 48,
        order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        verification: &ECDSA_P384_SHA384_FIXED,
        signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
    },
    Curve {
        name: "P-521",
        alg: "ES512",
        size: 66,
        order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
                51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        verification: &ECDSA_P521_SHA512_FIXED,
        signing: &ECDSA_P521_SHA512_FIXED_SIGNING,
    },
    Curve {
        name: "secp256k1",
        alg: "ES256K",
        size: 32,
        order: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        verification: &ECDSA_P256K1_SHA256_FIXED,
        signing: &ECDSA_P256K1_SHA256_FIXED_SIGNING,
    },
];

/// The public numbers of a key; for `oct` the secret itself.
pub(in crate::jose) enum Material {
    /// Modulus and exponent, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point: 4, x, y.
    Ec { curve: &'static Curve, point: Vec<u8> },
    /// The 32 bytes of an Ed25519 key.
    Ed25519(Vec<u8>),
    /// A shared secret.
    Oct(Vec<u8>),
    /// A type or curve that is kept and shown, but not used.
    Other,
}

impl Material {
    /// Reads what `kty` and `crv` say must be there.
    pub(super) fn of(json: &Json) -> Result<Self, KeyError> {
        match (json.text("kty").unwrap_or_default(), json.text("crv")) {
            ("RSA", _) => rsa(json),
            ("EC", None) => Err(missing(json, "crv")),
            ("EC", Some(name)) => match CURVES.iter().find(|curve| curve.name == name) {
                Some(curve) => ec(json, curve),
                None => Ok(Self::Other),
            },
            ("OKP", Some("Ed25519")) => fixed(json, "x", 32).map(Self::Ed25519),
            ("oct", _) => bytes(json, "k").map(Self::Oct),
            _ => Ok(Self::Other),
        }
    }

    /// Whether this kind of key is what a signature algorithm needs.
    pub(in crate::jose) fn suits(&self, algorithm: &AlgorithmInfo) -> bool {
        match self {
            Self::Oct(_) => algorithm.family == Family::Hmac,
            Self::Rsa { .. } => matches!(algorithm.family, Family::RsaPkcs1 | Family::RsaPss),
            Self::Ec { curve, .. } => algorithm.name == curve.alg,
            Self::Ed25519(_) => matches!(algorithm.name, "EdDSA" | "Ed25519"),
            Self::Other => false,
        }
    }

    /// The algorithm this key is for when nothing else says so.
    pub(in crate::jose) fn usual_alg(&self) -> Option<&'static str> {
        match self {
            Self::Oct(_) => Some("HS256"),
            Self::Rsa { .. } => Some("RS256"),
            Self::Ec { curve, .. } => Some(curve.alg),
            Self::Ed25519(_) => Some("EdDSA"),
            Self::Other => None,
        }
    }

    /// `EC P-256`, `RSA 2048`, `oct 256 bit`, `OKP Ed25519`; `None` for what is not known.
    pub(super) fn describe(&self) -> Option<String> {
        match self {
            Self::Rsa { n, .. } => Some(format!("RSA {}", bits(n))),
            Self::Ec { curve, .. } => Some(format!("EC {}", curve.name)),
            Self::Ed25519(_) => Some("OKP Ed25519".to_owned()),
            Self::Oct(k) => Some(format!("oct {} bit", k.len() * 8)),
            Self::Other => None,
        }
    }
}

/// What a signature algorithm needs, in words.
pub(in crate::jose) fn needed_by(algorithm: &AlgorithmInfo) -> String {
    match algorithm.family {
        Family::Hmac => "a shared secret (oct)".to_owned(),
        Family::RsaPkcs1 | Family::RsaPss => "an RSA key".to_owned(),
        Family::Ecdsa => match CURVES.iter().find(|curve| curve.alg == algorithm.name) {
            Some(curve) => format!("an EC key on {}", curve.name),
            None => "an EC key".to_owned(),
        },
        Family::EdDsa => "an OKP key on Ed25519".to_owned(),
        Family::None => "no key".to_owned(),
        Family::Jwe => "a key for encryption".to_owned(),
    }
}

/// Length of a number in bits, leading zeros not counted.
pub(in crate::jose) fn bits(number: &[u8]) -> usize {
    let significant = without_leading_zeros(number);
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

/// A base64url member.
pub(in crate::jose) fn bytes(json: &Json, member: &'static str) -> Result<Vec<u8>, KeyError> {
    let text = json.text(member).ok_or_else(|| missing(json, member))?;
    base64url::decode(text).map_err(|error| KeyError::Base64Url { member, error })
}

/// A base64url member of a length that the type prescribes.
pub(in crate::jose) fn fixed(json: &Json, member: &'static str, size: usize) -> Result<Vec<u8>, KeyError> {
    let value = bytes(json, member)?;
    if value.len() != size {
        let found = value.len();
        return Err(KeyError::Invalid(format!("{member} has {found} bytes instead of {size}; leading zeros stay")));
    }
    Ok(value)
}

/// A number as the cryptographic library takes it.
pub(in crate::jose) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Letters from which on nobody takes hexadecimal for base64url: a modulus of 1024 bits.
const HEXADECIMAL_FROM: usize = 256;

/// Whether a number is written in hexadecimal, which is base64url of another number as well.
fn is_hexadecimal(json: &Json, member: &str) -> bool {
    let text = json.text(member).unwrap_or_default();
    text.len() >= HEXADECIMAL_FROM && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn rsa(json: &Json) -> Result<Material, KeyError> {
    if is_hexadecimal(json, "n") {
        return Err(KeyError::Invalid("n is written in hexadecimal, and base64url is wanted".to_owned()));
    }
    let number = |member| bytes(json, member).map(|value| without_leading_zeros(&value).to_vec());
    let (n, e) = (number("n")?, number("e")?);
    if n.is_empty() || e.is_empty() {
        return Err(KeyError::Invalid("n and e must not be zero".to_owned()));
    }
    Ok(Material::Rsa { n, e })
}

fn ec(json: &Json, curve: &'static Curve) -> Result<Material, KeyError> {
    let mut point = vec![4];
    point.extend(fixed(json, "x", curve.size)?);
    point.extend(fixed(json, "y", curve.size)?);
    if ParsedPublicKey::new(curve.verification, &point).is_err() {
        return Err(KeyError::Invalid(format!("the point is not on {}", curve.name)));
    }
    Ok(Material::Ec { curve, point })
}

fn missing(json: &Json, member: &'static str) -> KeyError {
    let kty = json.text("kty").unwrap_or_default().to_owned();
    match json.get(member) {
        Some(value) => KeyError::NotText { kty, member, found: value.kind() },
        None => KeyError::Missing { kty, member },
    }
}
