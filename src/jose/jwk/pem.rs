//! Keys in PEM (RFC 7468) as JWK: SPKI, PKCS#1, PKCS#8, SEC1 and certificates.

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, Curve25519SeedBin, EcPrivateKeyBin};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RsaPublicKeyComponents,
};

use super::super::base64url;
use super::KeyError;
use super::der::{self, BIT_STRING, INTEGER, OCTET_STRING, SEQUENCE};
use super::material::{CURVES, without_leading_zeros};
use crate::base::json::Json;

/// What is wrong with a text that has a -----BEGIN line and no block.
pub(in crate::jose) const CUT_OFF: &str = "an -----END line is missing, or what is before it is not base64";

/// Largest DER that is read; an RSA 8192 key has 5 KiB.
const DER_LIMIT: usize = 64 * 1024;

/// The first key or certificate of a PEM text, with private members when it is a private key.
pub(in crate::jose) fn to_jwk(text: &str) -> Result<Json, KeyError> {
    of_block(blocks(text)?.first().ok_or_else(|| no_block(text))?)
}

/// The first private key of a PEM text; certificates may stand before it.
pub(in crate::jose) fn private_to_jwk(text: &str) -> Result<Json, KeyError> {
    let blocks = blocks(text)?;
    match (blocks.iter().find(|block| block.tag().ends_with("PRIVATE KEY")), blocks.first()) {
        (Some(private), _) => of_block(private),
        (None, Some(block)) if block.tag() == "CERTIFICATE" => Err(KeyError::NotPrivate("a certificate")),
        (None, Some(block)) if block.tag().ends_with("PUBLIC KEY") => Err(KeyError::NotPrivate("a public key")),
        (None, Some(block)) => of_block(block),
        (None, None) => Err(no_block(text)),
    }
}

/// `openssl ecparam -genkey` writes the curve as a block of its own before the key, which is left out here.
fn blocks(text: &str) -> Result<Vec<::pem::Pem>, KeyError> {
    let blocks = ::pem::parse_many(text).map_err(|error| KeyError::Pem(error.to_string()))?;
    Ok(blocks.into_iter().filter(|block| block.tag() != "EC PARAMETERS").collect())
}

fn no_block(text: &str) -> KeyError {
    KeyError::Pem(match text.contains("-----BEGIN") {
        true => CUT_OFF.to_owned(),
        false => "there is no -----BEGIN line of a key or certificate".to_owned(),
    })
}

fn of_block(block: &::pem::Pem) -> Result<Json, KeyError> {
    if block.contents().len() > DER_LIMIT {
        return Err(KeyError::Pem(format!("larger than {DER_LIMIT} bytes")));
    }
    match block.tag() {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => public_jwk(block.contents()),
        "CERTIFICATE" => of_certificate(block.contents()),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => private_jwk(block.contents()),
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::Unsupported("an encrypted private key; decrypt it first".to_owned())),
        tag => Err(KeyError::Unsupported(format!("a PEM block of the type {tag}"))),
    }
}

/// The key or certificate that these bytes are.
pub(super) fn der_to_jwk(der: &[u8]) -> Result<Json, KeyError> {
    if der.len() > DER_LIMIT {
        return Err(KeyError::Pem(format!("larger than {DER_LIMIT} bytes")));
    }
    let read = public_jwk(der).or_else(|_| of_certificate(der)).or_else(|_| private_jwk(der));
    read.map_err(|_| KeyError::NoKeys("bytes that are neither text nor a key or certificate in DER".to_owned()))
}

/// The key of a certificate in DER.
pub(super) fn of_certificate(der: &[u8]) -> Result<Json, KeyError> {
    if der.len() > DER_LIMIT {
        return Err(KeyError::Pem(format!("larger than {DER_LIMIT} bytes")));
    }
    public_jwk(public_key_of_certificate(der).ok_or_else(unreadable)?)
}

/// A JWK from a public key in DER: SubjectPublicKeyInfo, or PKCS#1 for RSA.
pub(in crate::jose) fn public_jwk(der: &[u8]) -> Result<Json, KeyError> {
    if let Ok(key) = rsa::PublicKey::from_der(der) {
        let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(&key);
        return Ok(object(&[
            ("kty", "RSA"),
            ("n", &base64url::encode(&numbers.n)),
            ("e", &base64url::encode(&numbers.e)),
        ]));
    }
    for curve in &CURVES {
        let Some(spki) = ParsedPublicKey::new(curve.verification, der).ok().and_then(|key| key.as_der().ok()) else {
            continue;
        };
        // A SubjectPublicKeyInfo ends with its bit string, which is the point.
        if let Some([4, xy @ ..]) = ending(spki.as_ref(), 2 * curve.size + 1) {
            return Ok(ec_jwk(curve.name, xy, None));
        }
    }
    if let Ok(key) = ParsedPublicKey::new(&ED25519, der)
        && let Ok(spki) = key.as_der()
        && let Some(x) = ending(spki.as_ref(), 32)
    {
        return Ok(object(&[("kty", "OKP"), ("crv", "Ed25519"), ("x", &base64url::encode(x))]));
    }
    Err(KeyError::Unsupported("a public key that is neither RSA, EC nor Ed25519".to_owned()))
}

/// A private JWK from a private key in DER: PKCS#8, PKCS#1 or SEC1.
pub(in crate::jose) fn private_jwk(der: &[u8]) -> Result<Json, KeyError> {
    for curve in &CURVES {
        let Ok(pair) = EcdsaKeyPair::from_private_key_der(curve.signing, der) else { continue };
        let d: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(|_| unreadable())?;
        let [4, xy @ ..] = pair.public_key().as_ref() else { return Err(unreadable()) };
        return Ok(ec_jwk(curve.name, xy, Some(d.as_ref())));
    }
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
        let seed: Curve25519SeedBin<'_> = pair.seed().and_then(|seed| seed.as_be_bytes()).map_err(|_| unreadable())?;
        let (d, x) = (base64url::encode(seed.as_ref()), base64url::encode(pair.public_key().as_ref()));
        return Ok(object(&[("kty", "OKP"), ("crv", "Ed25519"), ("d", &d), ("x", &x)]));
    }
    let parts = der::sequence(der).ok_or_else(unreadable)?;
    let is_pss = parts.get(1).is_some_and(|algorithm| algorithm.content.starts_with(&RSASSA_PSS));
    let is_pkcs8 = parts.get(2).is_some_and(|part| part.tag == OCTET_STRING);
    let other = || KeyError::Unsupported("a private key that is neither RSA, EC nor Ed25519".to_owned());
    let jwk = rsa_private_jwk(rsa_private_key(der)?).map_err(|error| if is_pkcs8 { other() } else { error })?;
    let Json::Object(mut members) = jwk else { return Ok(jwk) };
    members.extend(is_pss.then(|| ("alg".to_owned(), Json::String("PS256".to_owned()))));
    Ok(Json::Object(members))
}

/// Identifier of keys that sign with PSS only (RFC 4055 section 1.2): 1.2.840.113549.1.1.10.
const RSASSA_PSS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

/// The PKCS#1 inside PKCS#8 (RFC 5958: version, algorithm, key), or PKCS#1 itself.
pub(in crate::jose) fn rsa_private_key(der: &[u8]) -> Result<&[u8], KeyError> {
    let parts = der::sequence(der).ok_or_else(unreadable)?;
    match parts.get(2).map(|part| (part.tag, part.content)) {
        Some((OCTET_STRING, pkcs1)) => Ok(pkcs1),
        Some((INTEGER, _)) => Ok(der),
        _ => Err(unreadable()),
    }
}

/// RFC 8017 appendix A.1.2: version, then the numbers in this order.
fn rsa_private_jwk(pkcs1: &[u8]) -> Result<Json, KeyError> {
    let numbers = der::sequence(pkcs1).ok_or_else(unreadable)?;
    let mut members = vec![("kty".to_owned(), Json::String("RSA".to_owned()))];
    for (at, name) in ["n", "e", "d", "p", "q", "dp", "dq", "qi"].into_iter().enumerate() {
        let number = numbers.get(at + 1).filter(|number| number.tag == INTEGER).ok_or_else(unreadable)?;
        members.push((name.to_owned(), Json::String(base64url::encode(without_leading_zeros(number.content)))));
    }
    Ok(Json::Object(members))
}

/// The SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1): of all fields of its body, the
/// only sequence of a sequence and a bit string.
fn public_key_of_certificate(der: &[u8]) -> Option<&[u8]> {
    let body = der::sequence(der)?.first()?.whole;
    let is_public_key = |field: &der::Element<'_>| {
        let parts = der::sequence(field.whole).unwrap_or_default();
        parts.iter().map(|part| part.tag).eq([SEQUENCE, BIT_STRING])
    };
    Some(der::sequence(body)?.into_iter().find(is_public_key)?.whole)
}

/// A key on a curve, from its coordinates one after the other.
pub(in crate::jose) fn ec_jwk(crv: &str, xy: &[u8], d: Option<&[u8]>) -> Json {
    let (x, y) = xy.split_at(xy.len() / 2);
    let (x, y, d) = (base64url::encode(x), base64url::encode(y), d.map(base64url::encode));
    let mut members = vec![("kty", "EC"), ("crv", crv), ("x", &x), ("y", &y)];
    members.extend(d.as_deref().map(|d| ("d", d)));
    object(&members)
}

/// A JSON object of texts.
pub(in crate::jose) fn object(members: &[(&str, &str)]) -> Json {
    Json::Object(members.iter().map(|(name, value)| ((*name).to_owned(), Json::String((*value).to_owned()))).collect())
}

fn unreadable() -> KeyError {
    KeyError::Pem("its content is not a key that can be read".to_owned())
}

/// The last `count` bytes, if there are so many.
fn ending(bytes: &[u8], count: usize) -> Option<&[u8]> {
    bytes.get(bytes.len().checked_sub(count)?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_an_error_not_a_stack_overflow() {
        let der = der::nested(DER_LIMIT);
        for tag in ["PRIVATE KEY", "CERTIFICATE", "PUBLIC KEY"] {
            assert!(to_jwk(&pem::encode(&pem::Pem::new(tag, der.clone()))).is_err());
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, says) in [
            ("", "no -----BEGIN line"),
            ("hello", "no -----BEGIN line"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "neither RSA, EC nor Ed25519"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "not a key that can be read"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----", "decrypt it first"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "OPENSSH PRIVATE KEY"),
        ] {
            let error = to_jwk(text).expect_err("no key").to_string();
            assert!(error.contains(says), "{error} does not say {says}");
        }
    }
}
