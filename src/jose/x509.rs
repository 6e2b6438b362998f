//! Certificates (RFC 5280) as far as mutual TLS needs them (RFC 8705): who it is about, how long, and its thumbprint.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::signature::{EcdsaKeyPair, RsaKeyPair};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use zeroize::Zeroizing;

use super::base64url;
pub use super::dn::DistinguishedName;
use super::hash::sha256;
use super::jwk::der::{self, INTEGER, OCTET_STRING, SEQUENCE};
use super::jwk::material::CURVES;
use super::jwk::{Jwk, pem as jwk_pem};
use crate::base::json::Json;
use crate::base::secret::{Secret, SecretBytes};
use crate::base::time::Timestamp;

/// Largest certificate or key that is read, in bytes.
const DER_LIMIT: usize = 64 * 1024;
/// Most PEM blocks that are read.
const BLOCK_LIMIT: usize = 64;

/// Why a certificate or its key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// No certificate where one is wanted.
    #[error("there is no certificate: a PEM block -----BEGIN CERTIFICATE----- is needed")]
    NoCertificate,
    /// A certificate without its key.
    #[error("there is no private key: a PEM block -----BEGIN PRIVATE KEY----- is needed")]
    NoKey,
    /// A key that a password protects.
    #[error("the private key is encrypted; decrypt it first")]
    EncryptedKey,
    /// A key of another certificate.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
    /// No PEM, or a block that does not hold what it says.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// A password is needed.
    #[error("the PKCS#12 file is protected by a password, and none was given")]
    NoPassword,
    /// The password does not open it.
    #[error("the PKCS#12 file does not open with this password")]
    Password,
    /// Another kind of file.
    #[error("it is neither text (PEM, JWK, a JWT or XML) nor a PKCS#12 file")]
    NotPkcs12,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it is about.
    pub subject: DistinguishedName,
    /// Who signed it.
    pub issuer: DistinguishedName,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// DNS names among the alternative names (RFC 5280 section 4.2.1.6).
    pub dns_names: Vec<String>,
    /// `x5t#S256` (RFC 8705 section 3.1).
    pub thumbprint: String,
}

impl Certificate {
    /// Reads a certificate in DER. Its signature and times are not judged.
    ///
    /// # Errors
    /// [`CertificateError::Unreadable`]
    pub fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = parsed(der)?;
        let names = certificate.subject_alternative_name().ok().flatten();
        let dns_names = names.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        let validity = certificate.validity();
        Ok(Self {
            subject: DistinguishedName::of(certificate.subject()),
            issuer: DistinguishedName::of(certificate.issuer()),
            not_before: Timestamp::from_seconds(validity.not_before.timestamp()),
            not_after: Timestamp::from_seconds(validity.not_after.timestamp()),
            dns_names: dns_names.collect(),
            thumbprint: thumbprint(der),
        })
    }
}

/// How long the key of a certificate in DER is, where it is one of RSA.
pub fn rsa_bits(der: &[u8]) -> Option<usize> {
    match parsed(der).ok()?.public_key().parsed().ok()? {
        PublicKey::RSA(key) => Some(key.key_size()),
        _ => None,
    }
}

/// `x5t#S256`: the SHA-256 hash of a certificate in DER, in base64url (RFC 8705 section 3.1).
pub fn thumbprint(der: &[u8]) -> String {
    base64url::encode(&sha256(der))
}

/// The certificates of a PEM text in DER, in order. Keys and other blocks are passed over.
///
/// # Errors
/// When there is none, or one cannot be read.
pub fn certificates(text: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let blocks = blocks(text)?;
    let chain: Vec<Vec<u8>> =
        blocks.iter().filter(|block| block.tag() == "CERTIFICATE").map(|block| block.contents().to_vec()).collect();
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    chain.iter().try_for_each(|der| parsed(der).map(drop))?;
    Ok(chain)
}

/// The first private key of a PEM text as PKCS#8 in DER: from PKCS#8, PKCS#1 or SEC1.
///
/// # Errors
/// When there is none, it is encrypted or of a kind that is not known here.
pub fn private_key(text: &str) -> Result<SecretBytes, CertificateError> {
    let blocks = blocks(text)?;
    let is_key = |block: &&pem::Pem| block.tag().ends_with("PRIVATE KEY");
    let block = blocks.iter().find(is_key).ok_or(CertificateError::NoKey)?;
    if block.tag().starts_with("ENCRYPTED") || block.headers().get("Proc-Type").is_some() {
        return Err(CertificateError::EncryptedKey);
    }
    pkcs8(block.contents()).ok_or_else(|| unreadable("its private key is neither RSA, EC nor Ed25519"))
}

/// Whether a key, as PKCS#8, is that of a certificate.
///
/// # Errors
/// When one of the two is of a kind that is not known here.
pub fn is_key_of(certificate: &[u8], key: &SecretBytes) -> Result<bool, CertificateError> {
    let spki = parsed(certificate)?.public_key().raw.to_vec();
    let unknown = |what: &str| unreadable(&format!("the key of its {what} is neither RSA, EC nor Ed25519"));
    let public = jwk_pem::public_jwk(&spki).map_err(|_| unknown("certificate"))?;
    let private = jwk_pem::private_jwk(key.expose()).map_err(|_| unknown("private key"))?;
    let thumbprint = |jwk: &Json| Jwk::from_json(jwk).ok().and_then(|jwk| jwk.thumbprint());
    Ok(thumbprint(&public).is_some_and(|public| thumbprint(&private) == Some(public)))
}

/// Certificates and a key as one PEM text.
pub fn to_pem(chain: &[Vec<u8>], key: &SecretBytes) -> Secret {
    let mut text = certificates_to_pem(chain);
    if !key.is_empty() {
        let block = pem::Pem::new("PRIVATE KEY", key.expose());
        let encoded = Zeroizing::new(pem::encode_config(&block, lines()));
        // One allocation, so that no half of the key stays behind.
        text.reserve_exact(encoded.len());
        text.push_str(&encoded);
        drop(Zeroizing::new(block.into_contents()));
    }
    Secret::new(text)
}

/// Certificates as PEM.
pub fn certificates_to_pem(chain: &[Vec<u8>]) -> String {
    chain.iter().map(|der| pem::encode_config(&pem::Pem::new("CERTIFICATE", der.as_slice()), lines())).collect()
}

fn lines() -> pem::EncodeConfig {
    pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF)
}

fn blocks(text: &str) -> Result<Vec<pem::Pem>, CertificateError> {
    let blocks = pem::parse_many(text).map_err(|error| unreadable(&error.to_string()))?;
    if blocks.is_empty() && text.contains("-----BEGIN") {
        return Err(unreadable(jwk_pem::CUT_OFF));
    }
    match blocks.len() > BLOCK_LIMIT || blocks.iter().any(|block| block.contents().len() > DER_LIMIT) {
        true => Err(unreadable("it is too large")),
        false => Ok(blocks),
    }
}

fn parsed(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    let broken = || unreadable("its certificate is no X.509 in DER");
    if der.len() > DER_LIMIT {
        return Err(broken());
    }
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(broken()),
    }
}

/// RFC 5958 section 2, RFC 8017 appendix A.1.2, RFC 5915 section 3.
fn pkcs8(der: &[u8]) -> Option<SecretBytes> {
    let tags: Vec<u8> = der::sequence(der)?.iter().map(|part| part.tag).collect();
    if tags.starts_with(&[INTEGER, SEQUENCE, OCTET_STRING]) {
        return Some(SecretBytes::new(der.to_vec()));
    }
    if tags.starts_with(&[INTEGER, OCTET_STRING]) {
        let pair = CURVES.iter().find_map(|curve| EcdsaKeyPair::from_private_key_der(curve.signing, der).ok())?;
        return Some(SecretBytes::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec()));
    }
    let der: Pkcs8V1Der<'_> = RsaKeyPair::from_der(der).ok()?.as_der().ok()?;
    Some(SecretBytes::new(der.as_ref().to_vec()))
}

fn unreadable(what: &str) -> CertificateError {
    CertificateError::Unreadable(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_an_error_not_a_stack_overflow() {
        let der = der::nested(DER_LIMIT);
        assert!(Certificate::read(&der).is_err());
        assert!(certificates(&certificates_to_pem(std::slice::from_ref(&der))).is_err());
        assert!(private_key(to_pem(&[], &SecretBytes::new(der)).expose()).is_err());
    }
}
