//! Keys that decrypt: read from JWK, PEM or a secret.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement::PrivateKey;
use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use zeroize::Zeroizing;

use super::super::jwk::material::{Material, fixed};
use super::super::jwk::{Jwk, KeyError, named, pem};
use super::super::key::{mismatch, refused, rsa_pair};
use super::agreement;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;

/// A private key or a secret that tokens are decrypted with. `Debug` shows its name only.
#[derive(Clone)]
pub struct DecryptionKey {
    /// `kid enc-1, EC P-256`.
    pub name: String,
    /// As the token may name it.
    pub kid: Option<String>,
    pub(super) material: PrivateMaterial,
}

/// What there is to decrypt with.
#[derive(Clone)]
pub(super) enum PrivateMaterial {
    /// Decrypts what is encrypted to it.
    Rsa(Arc<OaepPrivateDecryptingKey>),
    /// Agrees on its curve.
    Ec(Arc<PrivateKey>, &'static str),
    /// A shared key as it is.
    Octets(Zeroizing<Vec<u8>>),
    /// A client secret, which the key is derived from (OIDC Core section 10.2).
    Secret(Secret),
}

impl DecryptionKey {
    /// Private keys as people have them: a JWK, a JWK Set, or PEM.
    ///
    /// # Errors
    /// When none of it can be read, or nothing in it is private.
    pub fn read(text: &str) -> Result<Vec<Self>, KeyError> {
        Ok(Self::usable(text)?.into_iter().map(|(key, _)| key).collect())
    }

    /// The public halves of the key pairs in such a text, as a client publishes them to have answers encrypted to it
    /// (OIDC Registration section 2, jwks).
    ///
    /// # Errors
    /// As for [`DecryptionKey::read`].
    pub fn public(text: &str) -> Result<Vec<Jwk>, KeyError> {
        let pairs = Self::usable(text)?.into_iter().filter(|(key, _)| key.is_pair());
        pairs.map(|(_, json)| Jwk::from_json(&json).map(|jwk| jwk.public())).collect()
    }

    /// What can be decrypted with in such a text, each with the JWK it is.
    fn usable(text: &str) -> Result<Vec<(Self, Json)>, KeyError> {
        let keys: Vec<_> = listed(text)?.into_iter().map(|json| Ok((Self::from_jwk(&json)?, json))).collect();
        match keys.iter().all(Result::is_err) {
            true => Err(keys.into_iter().find_map(Result::err).unwrap_or_else(nothing_private)),
            false => Ok(keys.into_iter().flatten().collect()),
        }
    }

    const fn is_pair(&self) -> bool {
        matches!(self.material, PrivateMaterial::Rsa(_) | PrivateMaterial::Ec(..))
    }

    /// From a private JWK.
    ///
    /// # Errors
    /// When private members are missing or not valid, or nothing is decrypted with its type.
    pub fn from_jwk(json: &Json) -> Result<Self, KeyError> {
        let jwk = Jwk::from_json(json)?;
        Ok(Self { name: named(&jwk), material: PrivateMaterial::of(&jwk)?, kid: jwk.kid })
    }

    /// The client secret, which both sides derive the key from.
    pub fn from_client_secret(secret: &Secret) -> Self {
        Self { name: "client_secret".to_owned(), kid: None, material: PrivateMaterial::Secret(secret.clone()) }
    }
}

/// The JWKs of a text.
fn listed(text: &str) -> Result<Vec<Json>, KeyError> {
    if !text.trim_start().starts_with('{') {
        return Ok(vec![pem::private_to_jwk(text)?]);
    }
    let json = Json::parse_text(text).map_err(|error| KeyError::Invalid(error.to_string()))?;
    Ok(match json.get("keys") {
        Some(set) => set.elements().to_vec(),
        None => vec![json],
    })
}

impl PrivateMaterial {
    fn of(jwk: &Jwk) -> Result<Self, KeyError> {
        let unsupported = || KeyError::Unsupported(format!("decrypting with {}", visible(&jwk.describe())));
        if matches!(jwk.kty.as_str(), "RSA" | "EC" | "OKP") && jwk.json.get("d").is_none() {
            return Err(KeyError::NotPrivate("a public key"));
        }
        match jwk.material()? {
            Material::Oct(key) => Ok(Self::Octets(key.into())),
            Material::Rsa { n, e } => {
                let der: Pkcs8V1Der<'_> = rsa_pair(&jwk.json, &n, &e)?.as_der().map_err(|_| refused())?;
                let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| refused())?;
                Ok(Self::Rsa(Arc::new(OaepPrivateDecryptingKey::new(key).map_err(|_| refused())?)))
            }
            Material::Ec { curve, point } => {
                let algorithm = agreement::on(curve).ok_or_else(unsupported)?;
                let d = Zeroizing::new(fixed(&jwk.json, "d", curve.size)?);
                let key = PrivateKey::from_private_key(algorithm, &d).map_err(|_| mismatch())?;
                let public = key.compute_public_key().map_err(|_| mismatch())?;
                if public.as_ref() != point { Err(mismatch()) } else { Ok(Self::Ec(Arc::new(key), curve.name)) }
            }
            Material::Ed25519(_) | Material::Other => Err(unsupported()),
        }
    }

    /// The shared key of so many bytes; `None` for a key pair.
    pub(super) fn shared(&self, length: usize) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Octets(key) => Some(key.clone()),
            Self::Secret(secret) => Some(derived(secret, length)),
            Self::Rsa(_) | Self::Ec(..) => None,
        }
    }
}

/// The left of a hash of the secret that is long enough (OIDC Core section 10.2).
pub(super) fn derived(secret: &Secret, length: usize) -> Zeroizing<Vec<u8>> {
    let hash = match length {
        ..=32 => &SHA256,
        33..=48 => &SHA384,
        _ => &SHA512,
    };
    let hashed = digest(hash, secret.expose().as_bytes());
    Zeroizing::new(hashed.as_ref().iter().copied().take(length).collect())
}

fn nothing_private() -> KeyError {
    KeyError::Invalid("the set holds no private key".to_owned())
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey").field("name", &self.name).finish_non_exhaustive()
    }
}
