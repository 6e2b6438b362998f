//! JWS, JWE, JWK and JWT (RFC 7515 to 7519, 7638, 8037): read anything, verify, decrypt, sign, encrypt.
//!
//! Knows nothing of OAuth. Reading never fails and never stops at the first problem; three
//! verdicts stay apart: the format ([`jwt::decode`]), the cryptography ([`verify::verify`])
//! and the claims ([`claims::time_claims`]).

pub mod algorithm;
pub mod base64url;
pub mod claims;
mod dn;
pub mod drawn;
pub mod hash;
pub mod jwe;
pub mod jwk;
pub mod jwt;
pub mod key;
pub mod verify;
pub mod x509;

use crate::base::check::Rule;

/// Every rule this module judges by.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [jwt::RULES, jwt::HEADER_RULES, jwe::RULES, jwk::RULES, verify::RULES, claims::RULES].into_iter().flatten().copied()
}
