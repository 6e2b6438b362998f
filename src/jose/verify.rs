//! Tries keys on a token.
use super::jwk::Jwk;
use super::jwt::Decoded;
use crate::base::check::{Check, Rule};

/// The rules of this file.
pub static RULES: &[&Rule] = &[];

/// One key tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// `kid practice-1, EC P-256`.
    pub key: String,
    /// RFC 7638.
    pub thumbprint: Option<String>,
    /// Place among the keys given.
    pub index: usize,
    /// Verified, or why not.
    pub outcome: Result<(), NotVerified>,
}

/// Why a key did not verify a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// Wrong.
    #[error("the signature does not fit")]
    BadSignature,
}

/// What came of all keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureReport {
    /// In the order tried.
    pub attempts: Vec<Attempt>,
    /// Which of `attempts` verified.
    pub verified_by: Option<usize>,
    /// What else was noticed.
    pub findings: Vec<Check>,
}

/// Tries `keys` on `token`.
pub fn verify(_token: &Decoded, _keys: &[Jwk]) -> SignatureReport {
    SignatureReport { attempts: Vec::new(), verified_by: None, findings: Vec::new() }
}
