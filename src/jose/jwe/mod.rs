//! Decrypts and encrypts tokens in the compact form (RFC 7516): what an encrypted token holds, with which key it opens,
//! and why it does not with the others.
//!
//! Encrypted is not signed: whoever has the public key can make such a token. What is inside is a token of its own and
//! judged as any other. Everything is put together from the cryptographic library; nothing is decrypted before its
//! authentication tag fits.

mod agreement;
mod algorithm;
mod content;
mod encrypt;
mod key;
mod wrap;

use std::fmt;

use zeroize::Zeroizing;

use super::jwt::{Decoded, Form, decode};
use crate::base::check::{Check, Level, Rule, Verdict};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::visible;
use agreement::Purpose;
use algorithm::{Encryption, Management};
use content::Sealed;
use key::PrivateMaterial;

pub use algorithm::{ALGS, ENCS};
pub use encrypt::{Recipient, encrypt};
pub use key::DecryptionKey;

static DECRYPTED: Rule = Rule {
    id: "jwt.decrypted",
    title: "one of the keys opens the token",
    why: "What stays closed says nothing: neither who made the token nor for whom.",
    fix: "Give the private key whose public part the issuer encrypts to; the token may name it by kid.",
    level: Level::Must,
    spec: Spec::new("RFC 7516", "5.2"),
    rejects: None,
};

/// The rules about decryption.
pub static RULES: &[&Rule] = &[&DECRYPTED];

/// Most keys that are tried on a token.
const KEY_LIMIT: usize = 20;

/// Longest encrypted key that is tried, in bytes; that of an RSA key with 8192 bits has 1024.
const ENCRYPTED_KEY_LIMIT: usize = 1024;

/// Why a token was not decrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDecrypted {
    /// Not a JWE in the compact form.
    #[error("it is not an encrypted token")]
    NotEncrypted,
    /// Nothing to decrypt with.
    #[error("there is no key to decrypt it with")]
    NoKey,
    /// An algorithm or extension that is not handled here, and why.
    #[error("{0}")]
    Unsupported(String),
    /// A part that cannot be what it has to be.
    #[error("{0}")]
    Malformed(String),
    /// `alg` needs another type of key.
    #[error("{alg} needs {needs}")]
    KeyType {
        /// The token's algorithm.
        alg: String,
        /// What it needs.
        needs: &'static str,
    },
    /// The content key was made for another key.
    #[error("the token is encrypted to another key")]
    AnotherKey,
    /// The content key has another length than `enc` needs.
    #[error("the content key has {found} bit, {enc} needs {needs}")]
    ContentKey {
        /// The content encryption.
        enc: &'static str,
        /// Bits that it needs.
        needs: usize,
        /// Bits that there are.
        found: usize,
    },
    /// The content is not what was encrypted, or another key encrypted it.
    #[error("the authentication tag does not fit: the token was changed, or is encrypted to another key")]
    Tag,
    /// What came of each key that was tried.
    #[error("{}", told(.0))]
    Tried(Vec<(String, Self)>),
    /// The token names a key that is none of those given, and they do not fit.
    #[error("its kid is {kid}, which is that of no key here: {}", told(.tried))]
    UnknownKid {
        /// As the token names it.
        kid: String,
        /// What came of each key.
        tried: Vec<(String, Self)>,
    },
}

/// What was in a token. `Debug` shows the name of the key only.
#[derive(Clone)]
pub struct Opened {
    /// What it opened with: `kid enc-1, EC P-256`.
    pub key: String,
    /// What was encrypted.
    pub content: Zeroizing<Vec<u8>>,
}

impl Opened {
    /// The token that was encrypted, taken apart; that of anything else says so.
    pub fn token(&self) -> Decoded {
        decode(&String::from_utf8_lossy(&self.content))
    }

    /// Claims that were encrypted without being signed: a JSON object that is no token by itself.
    pub fn claims(&self) -> Option<Json> {
        let is_token = |json: &Json| ["ciphertext", "payload"].iter().any(|member| json.get(member).is_some());
        Json::parse(&self.content).ok().filter(|json| json.is_object() && !is_token(json))
    }
}

/// What is to be opened, read once for all keys.
struct Subject<'a> {
    header: &'a Json,
    alg: &'a str,
    management: Management,
    encryption: &'static Encryption,
    encrypted_key: &'a [u8],
    sealed: Sealed<'a>,
}

/// The token with what is in it taken apart as well, where one of `keys` opens it, and with what became of that among its
/// findings. Without a key, and where it is not encrypted, it stays as it is.
pub fn open(mut token: Decoded, keys: &[DecryptionKey]) -> Decoded {
    if token.form != Form::Jwe || keys.is_empty() {
        return token;
    }
    match decrypt(&token, keys) {
        Ok(opened) => {
            token.findings.push(DECRYPTED.pass(opened.key.clone()));
            token.holding(opened.token(), opened.claims())
        }
        Err(why @ NotDecrypted::Unsupported(_)) => {
            token.findings.push(DECRYPTED.skipped(why.to_string()));
            token
        }
        Err(why) => {
            token.findings.push(DECRYPTED.broken("a key that opens it", why.to_string()));
            token
        }
    }
}

/// Tries `keys` on a token: those with its `kid` first.
///
/// # Errors
/// When it is none that can be decrypted here, or no key fits: each with what it is.
pub fn decrypt(token: &Decoded, keys: &[DecryptionKey]) -> Result<Opened, NotDecrypted> {
    let subject = Subject::of(token)?;
    let is_named = |key: &&DecryptionKey| token.kid().is_some() && key.kid.as_deref() == token.kid();
    let (named, others): (Vec<_>, Vec<_>) = keys.iter().partition(is_named);
    let mut tried = Vec::new();
    for key in named.iter().chain(&others).take(KEY_LIMIT) {
        match subject.open(&key.material) {
            Ok(content) => return Ok(Opened { key: key.name.clone(), content }),
            Err(why) => tried.push((key.name.clone(), why)),
        }
    }
    Err(match token.kid() {
        _ if tried.is_empty() => NotDecrypted::NoKey,
        Some(kid) if named.is_empty() => NotDecrypted::UnknownKid { kid: visible(kid).into_owned(), tried },
        _ => NotDecrypted::Tried(tried),
    })
}

impl<'a> Subject<'a> {
    fn of(token: &'a Decoded) -> Result<Self, NotDecrypted> {
        if token.form != Form::Jwe {
            return Err(NotDecrypted::NotEncrypted);
        }
        let missing = |what: &str| NotDecrypted::Malformed(format!("its header has no {what}"));
        let header = token.header.as_ref().ok_or_else(|| missing("JSON object"))?;
        let alg = header.text("alg").ok_or_else(|| missing("alg"))?;
        let (management, encryption) =
            (algorithm::management(alg)?, algorithm::encryption(header.text("enc").ok_or_else(|| missing("enc"))?)?);
        understood(header)?;
        well_formed(token)?;
        let [head, encrypted_key, iv, ciphertext, tag] = token.parts.as_slice() else {
            return Err(NotDecrypted::Malformed(format!("it has {} of 5 parts", token.parts.len())));
        };
        let [encrypted_key, iv, ciphertext, tag] =
            [encrypted_key, iv, ciphertext, tag].map(|part| part.bytes.as_deref().unwrap_or_default());
        let sealed = Sealed { header: head.text.as_bytes(), iv, ciphertext, tag };
        Ok(Self { header, alg, management, encryption, encrypted_key, sealed })
    }

    fn open(&self, key: &PrivateMaterial) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
        self.encryption.open(&self.content_key(key)?, &self.sealed)
    }

    fn content_key(&self, key: &PrivateMaterial) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
        match (self.management, key) {
            (Management::Rsa(algorithm), PrivateMaterial::Rsa(key)) => {
                let mut room = Zeroizing::new(vec![0; key.min_output_size()]);
                let found = key.decrypt(algorithm, self.encrypted_key()?, &mut room, None);
                Ok(Zeroizing::new(found.map_err(|_| NotDecrypted::AnotherKey)?.to_vec()))
            }
            (Management::Agree(wrapped), PrivateMaterial::Ec(key, curve)) => {
                let (algorithm, length) = match wrapped {
                    None => (self.encryption.name, self.encryption.key),
                    Some(length) => (self.alg, length),
                };
                let purpose = Purpose::of(self.header, algorithm, length)?;
                let agreed = agreement::agree(key, curve, self.header, &purpose)?;
                if wrapped.is_some() { self.unwrapped(&agreed) } else { self.direct(agreed) }
            }
            (Management::Wrap(length), key) => {
                let shared = key.shared(length).filter(|shared| shared.len() == length);
                self.unwrapped(&shared.ok_or_else(|| self.key_type())?)
            }
            (Management::Direct, key) => self.direct(key.shared(self.encryption.key).ok_or_else(|| self.key_type())?),
            (Management::Rsa(_) | Management::Agree(_), _) => Err(self.key_type()),
        }
    }

    fn unwrapped(&self, with: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
        wrap::unwrap(with, self.encrypted_key()?).ok_or(NotDecrypted::AnotherKey)
    }

    /// No key is sent where there is none to send (RFC 7516 section 5.2, steps 10 and 11).
    fn direct(&self, key: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
        match self.encrypted_key.is_empty() {
            true => Ok(key),
            false => Err(NotDecrypted::Malformed(format!("it brings an encrypted key, and {} has none", self.alg))),
        }
    }

    fn encrypted_key(&self) -> Result<&[u8], NotDecrypted> {
        match self.encrypted_key.len() {
            0 => Err(NotDecrypted::Malformed(format!("it brings no encrypted key, which {} needs", self.alg))),
            long if long > ENCRYPTED_KEY_LIMIT => {
                Err(NotDecrypted::Malformed(format!("its encrypted key has {long} bytes, which no key makes")))
            }
            _ => Ok(self.encrypted_key),
        }
    }

    fn key_type(&self) -> NotDecrypted {
        let needs = match self.management {
            Management::Rsa(_) => "an RSA key",
            Management::Agree(_) => "an EC key",
            Management::Wrap(16) => "a shared key of 128 bit (oct), or a client_secret",
            Management::Wrap(_) => "a shared key of 256 bit (oct), or a client_secret",
            Management::Direct => "a shared key (oct), or a client_secret",
        };
        NotDecrypted::KeyType { alg: self.alg.to_owned(), needs }
    }
}

/// Compressed content is not unpacked: a small token can become a very large one, and length tells of content.
fn understood(header: &Json) -> Result<(), NotDecrypted> {
    let unsupported = |why: &str| Err(NotDecrypted::Unsupported(why.to_owned()));
    match () {
        () if header.get("zip").is_some() => {
            unsupported("its content is compressed (zip), which is not unpacked here (RFC 8725 3.6)")
        }
        () if header.get("crit").is_some() => unsupported("its crit names extensions that are not understood here"),
        () => Ok(()),
    }
}

fn well_formed(token: &Decoded) -> Result<(), NotDecrypted> {
    let fault = token.findings.iter().find(|check| check.verdict == Verdict::Fail);
    let said = |check: &Check| {
        NotDecrypted::Malformed(format!("{}: {}", check.rule.id, check.actual.as_deref().unwrap_or_default()))
    };
    fault.map_or(Ok(()), |check| Err(said(check)))
}

fn told(tried: &[(String, NotDecrypted)]) -> String {
    tried.iter().map(|(key, why)| format!("{key}: {why}")).collect::<Vec<_>>().join("; ")
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("key", &self.key).finish_non_exhaustive()
    }
}
