//! Makes encrypted tokens (RFC 7516 section 5.1).

use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::super::base64url;
use super::super::jwk::material::Material;
use super::super::jwk::{Jwk, KeyError};
use super::super::key::refused;
use super::agreement::{self, Purpose};
use super::algorithm::{self, Encryption, Management};
use super::key::derived;
use super::wrap;
use crate::base::secret::Secret;

/// Whom a token is encrypted to.
#[derive(Clone, Copy, Debug)]
pub enum Recipient<'a> {
    /// Whoever has the private key, or this shared one.
    Key(&'a Jwk),
    /// Whoever has the client secret (OIDC Core section 10.2).
    Secret(&'a Secret),
}

/// A compact JWE. `alg`, `enc`, `kid` and `epk` are filled in; `header` says the rest, such as `cty`.
///
/// # Errors
/// When the algorithms are not known here, or the key cannot do what `alg` needs.
pub fn encrypt(
    mut header: Map<String, Value>,
    (alg, enc): (&str, &str),
    to: Recipient<'_>,
    content: &[u8],
) -> Result<String, KeyError> {
    let unsupported = |why: super::NotDecrypted| KeyError::Unsupported(why.to_string());
    let management = algorithm::management(alg).map_err(unsupported)?;
    let encryption = algorithm::encryption(enc).map_err(unsupported)?;
    header.extend([("alg", alg), ("enc", enc)].map(|(name, value)| (name.to_owned(), Value::from(value))));
    header.extend(to.kid().map(|kid| ("kid".to_owned(), Value::from(kid))));
    let Keys { content: key, sent } = keys(alg, management, encryption, to, &mut header)?;
    let header = base64url::encode(Value::Object(header).to_string().as_bytes());
    let made = encryption.seal(&key, header.as_bytes(), content)?;
    let [sent, iv, ciphertext, tag] =
        [&sent, &made.iv, &made.ciphertext, &made.tag].map(|part| base64url::encode(part));
    Ok([header, sent, iv, ciphertext, tag].join("."))
}

/// The key of the content, and what is sent of it.
struct Keys {
    content: Zeroizing<Vec<u8>>,
    sent: Vec<u8>,
}

fn keys(
    alg: &str,
    management: Management,
    encryption: &Encryption,
    to: Recipient<'_>,
    header: &mut Map<String, Value>,
) -> Result<Keys, KeyError> {
    match management {
        Management::Rsa(algorithm) => {
            let Recipient::Key(jwk) = to else { return Err(unfit(alg)) };
            let (key, content) = (rsa_key(jwk, alg)?, fresh(encryption)?);
            let mut room = vec![0; key.ciphertext_size()];
            let sent = key.encrypt(algorithm, &content, &mut room, None).map_err(|_| refused())?.to_vec();
            Ok(Keys { content, sent })
        }
        Management::Agree(wrapped) => {
            let Recipient::Key(jwk) = to else { return Err(unfit(alg)) };
            let (algorithm, length) = wrapped.map_or((encryption.name, encryption.key), |length| (alg, length));
            let purpose = Purpose { algorithm, length, producer: Vec::new(), recipient: Vec::new() };
            let (agreed, epk) = agreement::offer(jwk, &purpose)?;
            header.insert("epk".to_owned(), Value::from(&epk));
            if wrapped.is_some() {
                wrapped_in(&agreed, encryption)
            } else {
                Ok(Keys { content: agreed, sent: Vec::new() })
            }
        }
        Management::Wrap(length) => wrapped_in(&to.shared(length, alg)?, encryption),
        Management::Direct => Ok(Keys { content: to.shared(encryption.key, alg)?, sent: Vec::new() }),
    }
}

fn wrapped_in(with: &[u8], encryption: &Encryption) -> Result<Keys, KeyError> {
    let content = fresh(encryption)?;
    let sent = wrap::wrap(with, &content).ok_or_else(refused)?;
    Ok(Keys { content, sent })
}

fn fresh(encryption: &Encryption) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut key = Zeroizing::new(vec![0; encryption.key]);
    rand::fill(&mut key).map_err(|_| refused())?;
    Ok(key)
}

fn rsa_key(jwk: &Jwk, alg: &str) -> Result<OaepPublicEncryptingKey, KeyError> {
    let Material::Rsa { n, e } = jwk.material()? else { return Err(unfit(alg)) };
    let key: PublicEncryptingKey = RsaPublicKeyComponents { n, e }.try_into().map_err(|_| refused())?;
    OaepPublicEncryptingKey::new(key).map_err(|_| refused())
}

fn unfit(alg: &str) -> KeyError {
    KeyError::Unsupported(format!("this key with {alg}"))
}

impl Recipient<'_> {
    fn kid(&self) -> Option<&str> {
        match self {
            Self::Key(jwk) => jwk.kid.as_deref(),
            Self::Secret(_) => None,
        }
    }

    /// The shared key of so many bytes.
    fn shared(&self, length: usize, alg: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match self {
            Self::Secret(secret) => Ok(derived(secret, length)),
            Self::Key(jwk) => match jwk.material()? {
                Material::Oct(key) if key.len() == length => Ok(key.into()),
                _ => Err(unfit(alg)),
            },
        }
    }
}
