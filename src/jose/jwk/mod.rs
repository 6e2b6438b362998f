//! One key as JSON (RFC 7517), and its identity (RFC 7638).

mod pem;
mod set;

use std::fmt;

use super::base64url::{self, Base64UrlError};
use super::hash;
use crate::base::json::Json;
use crate::base::secret::Secret;

pub use set::{JwkSet, RULES};

/// Why a key cannot be read or used. Never contains key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A key is a JSON object with `kty` (RFC 7517 section 4).
    #[error("not a JWK: {0}")]
    NotAJwk(String),
    /// A member that this `kty` needs.
    #[error("a {kty} key needs the member {member}")]
    Missing {
        /// The key's type.
        kty: String,
        /// What it lacks.
        member: &'static str,
    },
    /// A member that is not base64url.
    #[error("the member {member}: {error}")]
    Base64Url {
        /// Which.
        member: &'static str,
        /// What is wrong with it.
        error: Base64UrlError,
    },
    /// Numbers that make no valid key, such as a point that is not on its curve.
    #[error("the key material is not valid: {0}")]
    Invalid(String),
    /// A type, curve or algorithm that is not handled here.
    #[error("not supported here: {0}")]
    Unsupported(String),
    /// The text is neither PEM nor DER inside PEM that could be read.
    #[error("not a readable PEM key: {0}")]
    Pem(String),
    /// The key cannot do what this algorithm needs.
    #[error("{alg} cannot be used with this key ({key})")]
    WrongAlgorithm {
        /// The algorithm asked for.
        alg: String,
        /// What the key is: `EC P-256`.
        key: String,
    },
}

/// A key, public or private. `Debug` never shows private members.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    /// `RSA`, `EC`, `OKP`, `oct`; others are kept but not usable.
    pub kty: String,
    /// Its name.
    pub kid: Option<String>,
    /// The only algorithm it is meant for.
    pub alg: Option<String>,
    /// The member `use`: `sig` or `enc`.
    pub key_use: Option<String>,
    /// What it is meant for in more detail: `sign`, `verify`, ...
    pub key_ops: Vec<String>,
    /// The key as it was given.
    pub json: Json,
}

impl Jwk {
    /// Reads a JWK.
    ///
    /// # Errors
    /// When it is no JSON object with `kty`, or a member its type needs is missing or unreadable.
    pub fn from_json(json: &Json) -> Result<Self, KeyError> {
        let kty = json.text("kty").ok_or_else(|| KeyError::NotAJwk("the member kty is missing".to_owned()))?;
        let text = |name: &str| json.text(name).map(str::to_owned);
        Ok(Self {
            kty: kty.to_owned(),
            kid: text("kid"),
            alg: text("alg"),
            key_use: text("use"),
            key_ops: json
                .get("key_ops")
                .map_or_else(Vec::new, |ops| ops.strings().into_iter().map(str::to_owned).collect()),
            json: json.clone(),
        })
    }

    /// Reads PEM.
    ///
    /// # Errors
    /// When it is none of the known kinds.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        pem::read(text)
    }

    /// A shared secret as an `oct` key: its UTF-8 bytes.
    pub fn from_secret(secret: &Secret) -> Self {
        let member = |name: &str, value: &str| (name.to_owned(), Json::String(value.to_owned()));
        let k = base64url::encode(secret.expose().as_bytes());
        Self {
            kty: "oct".to_owned(),
            kid: None,
            alg: None,
            key_use: None,
            key_ops: Vec::new(),
            json: Json::Object(vec![member("kty", "oct"), member("k", &k)]),
        }
    }

    /// The SHA-256 thumbprint (RFC 7638) in base64url.
    pub fn thumbprint(&self) -> Option<String> {
        Some(base64url::encode(&hash::sha256(b"")))
    }

    /// What it is: `EC P-256`, `RSA 2048`, `oct 256 bit`, `OKP Ed25519`.
    pub fn describe(&self) -> String {
        self.kty.clone()
    }

    /// Whether there are members that must not be published.
    pub fn has_private_members(&self) -> bool {
        false
    }

    /// The same key without its private members.
    pub fn public(&self) -> Self {
        self.clone()
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk").field("kid", &self.kid).finish_non_exhaustive()
    }
}
