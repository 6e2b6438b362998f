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
    /// Those that are published and not used yet, by `kid`.
    early: Vec<String>,
}

/// How a JWT is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// With which algorithm; `None` is the usual one.
    pub alg: Option<&'a str>,
    /// How the key is called, if not by its name.
    pub kid: Option<&'a str>,
    /// The media type.
    pub typ: &'a str,
}

impl Keys {
    /// The keys that are given, or one for the usual algorithm and an ES256 one beside it, so that clients meet a set
    /// with several keys; and one for every other algorithm that is wanted.
    ///
    /// # Errors
    /// When an algorithm is not handled, or a key cannot be read.
    pub fn of<'a>(
        given: &[Secret],
        usual: &'a str,
        further: impl Iterator<Item = &'a str>,
        entropy: &mut Entropy,
    ) -> Result<Self, PracticeError> {
        let mut keys: Vec<SigningKey> =
            given.iter().map(|text| read(text.expose(), usual)).collect::<Result<_, _>>()?;
        let always = if keys.is_empty() { vec![usual, ALWAYS] } else { Vec::new() };
        for alg in always.into_iter().chain(further) {
            if !keys.iter().any(|key| key.alg() == alg) {
                keys.push(SigningKey::generate(alg, &kid(alg, entropy))?);
            }
        }
        Ok(Self { keys, early: Vec::new() })
    }

    /// The `alg` of everything that is signed, where nothing else is wanted.
    pub fn alg(&self) -> &str {
        self.current(None).alg()
    }

    /// The `alg` that is used where this one is wanted.
    pub fn alg_for(&self, wanted: Option<&str>) -> &str {
        self.current(wanted).alg()
    }

    /// Every `alg` of the set, once.
    pub fn algs(&self) -> Vec<&str> {
        let mut algs: Vec<&str> = Vec::new();
        for key in &self.keys {
            if !algs.contains(&key.alg()) {
                algs.push(key.alg());
            }
        }
        algs
    }

    /// The key in use that signs with this algorithm; without one the usual.
    pub fn of_alg(&self, alg: Option<&str>) -> Option<&SigningKey> {
        let mut in_use = self.keys.iter().filter(|key| !self.is_early(key));
        in_use.find(|key| alg.is_none_or(|alg| key.alg() == alg))
    }

    /// Adds a key behind all others; its name.
    ///
    /// # Errors
    /// When the algorithm is not handled.
    pub fn add(&mut self, alg: &str, entropy: &mut Entropy) -> Result<String, KeyError> {
        let kid = kid(alg, entropy);
        self.keys.push(SigningKey::generate(alg, &kid)?);
        Ok(kid)
    }

    /// Publishes a key that is not used yet; its name.
    ///
    /// # Errors
    /// When the algorithm is not handled.
    pub fn publish(&mut self, alg: &str, entropy: &mut Entropy) -> Result<String, KeyError> {
        let kid = self.add(alg, entropy)?;
        self.early.push(kid.clone());
        Ok(kid)
    }

    /// Signs with another key from now on: one that was published early, or a new one. Those before stay published. Its
    /// name.
    ///
    /// # Errors
    /// When the algorithm is not handled.
    pub fn rotate(&mut self, alg: Option<&str>, entropy: &mut Entropy) -> Result<String, KeyError> {
        let alg = alg.unwrap_or_else(|| self.alg()).to_owned();
        let is_next = |key: &SigningKey| {
            key.alg() == alg && key.kid().is_some_and(|kid| self.early.iter().any(|early| early == kid))
        };
        let kid = match self.keys.iter().find(|key| is_next(key)).and_then(SigningKey::kid) {
            Some(kid) => kid.to_owned(),
            None => self.publish(&alg, entropy)?,
        };
        self.early.retain(|early| *early != kid);
        let at = self.keys.iter().position(|key| key.kid() == Some(&kid)).unwrap_or_default();
        let key = self.keys.remove(at);
        self.keys.insert(0, key);
        Ok(kid)
    }

    /// Takes a key out of the set; what it signed is no longer known here. `None` when there is none of this name, and
    /// `Some(false)` when no key to sign with would be left.
    pub fn withdraw(&mut self, kid: &str) -> Option<bool> {
        let at = self.keys.iter().position(|key| key.kid() == Some(kid))?;
        let is_used = |key: &&SigningKey| key.kid() != Some(kid) && !self.is_early(key);
        if !self.keys.iter().any(|key| is_used(&key)) {
            return Some(false);
        }
        self.keys.remove(at);
        self.early.retain(|early| early != kid);
        Some(true)
    }

    /// Whether a key is published and not used yet.
    pub fn is_early(&self, key: &SigningKey) -> bool {
        key.kid().is_some_and(|kid| self.early.iter().any(|early| early == kid))
    }

    /// The keys, the one in use first.
    pub fn all(&self) -> &[SigningKey] {
        &self.keys
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
        self.sign_by(&Signing { alg: None, kid: None, typ }, claims)
    }

    /// As [`Keys::sign`], in another way.
    ///
    /// # Errors
    /// As there.
    pub fn sign_by(&self, signing: &Signing<'_>, claims: &Value) -> Result<String, OAuthError> {
        let key = self.current(signing.alg);
        let kid = signing.kid.or(key.kid()).unwrap_or_default();
        let header = [("typ", signing.typ), ("alg", key.alg()), ("kid", kid)];
        let header = header.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        key.sign(&header, claims).map_err(|error| OAuthError::new("server_error", error.to_string()))
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
        let kid = self.current(None).kid().unwrap_or_default();
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

    /// Those that verify what is signed here.
    pub fn public(&self) -> impl Iterator<Item = Jwk> {
        self.keys.iter().filter_map(|key| Jwk::from_json(&Json::from(&key.public_jwk())).ok())
    }

    /// The key that signs where this algorithm is wanted.
    fn current(&self, wanted: Option<&str>) -> &SigningKey {
        let fits = wanted.and_then(|alg| self.of_alg(Some(alg)));
        fits.or_else(|| self.of_alg(None)).expect("there is always a key that is used")
    }
}

/// A key that is given, for the usual algorithm if that suits it. One without a name is called by its thumbprint
/// (RFC 7638).
fn read(text: &str, usual: &str) -> Result<SigningKey, KeyError> {
    let key = SigningKey::read(text, Some(usual), None).or_else(|_| SigningKey::read(text, None, None))?;
    if key.kid().is_some() {
        return Ok(key);
    }
    let thumbprint = Jwk::from_json(&Json::from(&key.public_jwk()))?.thumbprint().unwrap_or_default();
    SigningKey::read(text, Some(key.alg()), Some(&thumbprint))
}

/// A name that differs from run to run, so that a client which kept the last run's keys notices.
///
/// Hexadecimal, because base64url may begin with the hyphen that makes `--`, which is suspicious in a kid.
fn kid(alg: &str, entropy: &mut Entropy) -> String {
    format!("{}-{:08x}", alg.to_ascii_lowercase(), u32::from_le_bytes(entropy.bytes()))
}
