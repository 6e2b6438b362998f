//! The keys of one run: made at the start, gone at the end.

use serde_json::{Map, Value, json};

use super::PracticeError;
use crate::base::entropy::Entropy;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::jose::jwk::{Jwk, KeyError};
use crate::jose::jwt::{self, Decoded};
use crate::jose::key::{self, SigningKey};
use crate::jose::verify;
use crate::terms::error::OAuthError;

/// The algorithm whose key is always there, because it is made in no time.
const ALWAYS: &str = "ES256";

/// The signing keys, the one in use first.
#[derive(Debug)]
pub struct Keys {
    keys: Vec<SigningKey>,
}

impl Keys {
    /// A key for `alg`, and an ES256 one beside it so that clients meet a set with several keys.
    ///
    /// # Errors
    /// When `alg` is not handled.
    pub fn generate(alg: &str, entropy: &mut Entropy) -> Result<Self, PracticeError> {
        let mut algs = vec![alg];
        if alg != ALWAYS {
            algs.push(ALWAYS);
        }
        let keys = algs.into_iter().map(|alg| SigningKey::generate(alg, &kid(alg, entropy)));
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }

    /// The `alg` of everything that is signed.
    pub fn alg(&self) -> &str {
        self.current().alg()
    }

    /// Every `alg` of the set.
    pub fn algs(&self) -> Vec<&str> {
        self.keys.iter().map(SigningKey::alg).collect()
    }

    /// The public keys (RFC 7517 section 5).
    pub fn jwk_set(&self) -> Value {
        let keys: Vec<Value> = self.keys.iter().map(SigningKey::public_jwk).collect();
        json!({ "keys": keys })
    }

    /// A JWT of this media type (RFC 7519 section 5.1).
    ///
    /// # Errors
    /// `server_error` when the cryptographic library refuses.
    pub fn sign(&self, typ: &str, claims: &Value) -> Result<String, OAuthError> {
        self.sign_as(self.current().kid().unwrap_or_default(), typ, claims)
    }

    /// As [`Keys::sign`], with another name for the key.
    ///
    /// # Errors
    /// As there.
    pub fn sign_as(&self, kid: &str, typ: &str, claims: &Value) -> Result<String, OAuthError> {
        let mut header = Map::new();
        header.insert("typ".to_owned(), json!(typ));
        header.insert("alg".to_owned(), json!(self.alg()));
        header.insert("kid".to_owned(), json!(kid));
        self.current().sign(&header, claims).map_err(|error| OAuthError::new("server_error", error.to_string()))
    }

    /// A JWT without a signature (RFC 7518 section 3.6).
    pub fn unsigned(&self, typ: &str, claims: &Value) -> String {
        let header = [("typ", typ), ("alg", "none")].map(|(name, value)| (name.to_owned(), json!(value)));
        key::unsecured(&header.into_iter().collect(), claims)
    }

    /// A JWT that anybody can make who has read the key set: its text is taken as the secret of HS256 (RFC 8725
    /// section 2.1).
    ///
    /// # Errors
    /// `server_error` when the cryptographic library refuses.
    pub fn sign_with_public_key(&self, typ: &str, claims: &Value) -> Result<String, OAuthError> {
        let error = |error: KeyError| OAuthError::new("server_error", error.to_string());
        let public = self.public().next().map(|key| key.public().json.to_string()).unwrap_or_default();
        let kid = self.current().kid().unwrap_or_default();
        let header = [("typ", typ), ("alg", "HS256"), ("kid", kid)];
        let header: Map<String, Value> =
            header.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let key = SigningKey::from_secret(&Secret::new(public), "HS256").map_err(error)?;
        key.sign(&header, claims).map_err(error)
    }

    /// A token that one of these keys signed; `None` for every other text.
    pub fn verified(&self, token: &str) -> Option<Decoded> {
        let decoded = jwt::decode(token);
        let keys: Vec<Jwk> = self.public().collect();
        verify::verify(&decoded, &keys).verified_by.map(|_| decoded)
    }

    /// `1 key, EC P-256`
    pub fn summary(&self) -> String {
        let keys: Vec<String> = self.public().map(|key| key.describe()).collect();
        format!("{} {}, {}", keys.len(), if keys.len() == 1 { "key" } else { "keys" }, keys.join(", "))
    }

    fn public(&self) -> impl Iterator<Item = Jwk> {
        self.keys.iter().filter_map(|key| Jwk::from_json(&Json::from(&key.public_jwk())).ok())
    }

    fn current(&self) -> &SigningKey {
        self.keys.first().expect("generate makes at least one key")
    }
}

/// A name that differs from run to run, so that a client which kept the last run's keys notices.
///
/// Hexadecimal, because base64url may begin with the hyphen that makes `--`, which is suspicious in a kid.
fn kid(alg: &str, entropy: &mut Entropy) -> String {
    format!("{}-{:08x}", alg.to_ascii_lowercase(), u32::from_le_bytes(entropy.bytes()))
}
