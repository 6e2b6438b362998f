//! One key as JSON (RFC 7517), and its identity (RFC 7638).

mod certificate;
pub(super) mod der;
pub(super) mod material;
pub(super) mod pem;
mod roca;
mod rules;
mod set;
mod unread;
mod written;

use std::fmt;

use super::base64url::{self, Base64UrlError};
use super::hash;
use crate::base::json::Json;
use crate::base::secret::Secret;
use material::Material;

pub use rules::RULES;
pub use set::JwkSet;
pub(super) use set::{named, weak};
pub use unread::Unread;

/// Members that hold private or symmetric key material (RFC 7518 section 6, RFC 8037 section 2).
pub const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// Why a key cannot be read or used. Never contains key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A key is a JSON object with `kty` (RFC 7517 section 4).
    #[error("not a JWK: {0}")]
    NotAJwk(String),
    /// What was given in place of keys.
    #[error("this is {0}; a JWK Set ({{ \"keys\": [..] }}), a JWK or PEM is wanted")]
    NoKeys(String),
    /// A member that has to be text.
    #[error("the member {member} of the {kty} key is of type {found} instead of text")]
    NotText {
        /// The key's type.
        kty: String,
        /// What is no text.
        member: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A member that this `kty` needs.
    #[error("the {kty} key lacks the member {member}")]
    Missing {
        /// The key's type.
        kty: String,
        /// What it lacks.
        member: &'static str,
    },
    /// A member that is not base64url.
    #[error("the member {member} is not base64url: {error}")]
    Base64Url {
        /// Which.
        member: &'static str,
        /// What is wrong with it.
        error: Base64UrlError,
    },
    /// Numbers that make no valid key, such as a point that is not on its curve.
    #[error("the key is not valid: {0}")]
    Invalid(String),
    /// A type, curve, format or algorithm that is not handled here.
    #[error("not supported here: {0}")]
    Unsupported(String),
    /// The text is not PEM, or what is in it cannot be read.
    #[error("not a readable PEM key: {0}")]
    Pem(String),
    /// Something public where a private key is wanted.
    #[error("this is {0}; the private key is needed")]
    NotPrivate(&'static str),
    /// The key cannot do what this algorithm needs.
    #[error("{alg} needs {needs}, this is {key}")]
    WrongAlgorithm {
        /// The algorithm asked for.
        alg: String,
        /// What it needs.
        needs: String,
        /// What the key is: `EC P-256`.
        key: String,
    },
}

/// A key, public or private. `Debug` never shows private members.
///
/// A type or curve that is not known here is kept and shown; it verifies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    /// `RSA`, `EC`, `OKP`, `oct` or another.
    pub kty: String,
    /// Its name.
    pub kid: Option<String>,
    /// The only algorithm it is meant for.
    pub alg: Option<String>,
    /// The member `use`: `sig` or `enc`.
    pub key_use: Option<String>,
    /// What it is meant for in more detail: `sign`, `verify` and so on.
    pub key_ops: Vec<String>,
    /// The key as it was given.
    pub json: Json,
}

impl Jwk {
    /// Reads a JWK and checks its numbers: base64url, lengths, the point on its curve.
    ///
    /// # Errors
    /// When it is no JSON object with `kty`, or a member that its type needs is missing or not valid.
    pub fn from_json(json: &Json) -> Result<Self, KeyError> {
        if !json.is_object() {
            return Err(KeyError::NotAJwk(format!("it is of type {}, not an object", json.kind())));
        }
        let kty = json.text("kty").ok_or_else(|| KeyError::NotAJwk("there is no text member kty".to_owned()))?;
        Material::of(json)?;
        let text = |name: &str| json.text(name).map(str::to_owned);
        Ok(Self {
            kty: kty.to_owned(),
            kid: text("kid"),
            alg: text("alg"),
            key_use: text("use"),
            key_ops: json
                .get("key_ops")
                .map(Json::strings)
                .unwrap_or_default()
                .iter()
                .map(|op| (*op).to_owned())
                .collect(),
            json: json.clone(),
        })
    }

    /// Reads PEM: public key (SPKI or PKCS#1), certificate, or private key (PKCS#8, PKCS#1, SEC1), of
    /// which only the public part is kept.
    ///
    /// # Errors
    /// When it is none of these, or of a type that is not known here.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        Ok(Self::from_json(&pem::to_jwk(text)?)?.public())
    }

    /// Reads a public key, a certificate or a private key in DER, of which only the public part is kept.
    ///
    /// # Errors
    /// When it is none of these, or of a type that is not known here.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::from_json(&pem::der_to_jwk(der)?)?.public())
    }

    /// The public key of a certificate in DER, with the certificate in `x5c` (RFC 7517 section 4.7).
    ///
    /// # Errors
    /// When it is no certificate, or its key of a type that is not known here.
    pub fn certified(der: &[u8]) -> Result<Self, KeyError> {
        let mut members = Self::from_der(der)?.json.members().to_vec();
        members.push(("x5c".to_owned(), certificate::chain(der)));
        Self::from_json(&Json::Object(members))
    }

    /// The first certificate of its `x5c` in DER; `None` when there is none that can be read.
    pub fn certificate(&self) -> Option<Vec<u8>> {
        certificate::der_of(&self.json)?.ok()
    }

    /// A shared secret as an `oct` key, its UTF-8 bytes taken as they are.
    pub fn from_secret(secret: &Secret) -> Self {
        Self::from_secret_bytes(secret.expose().as_bytes())
    }

    /// A shared secret that need not be text.
    pub fn from_secret_bytes(secret: &[u8]) -> Self {
        let json = pem::object(&[("kty", "oct"), ("k", &base64url::encode(secret))]);
        Self { kty: "oct".to_owned(), kid: None, alg: None, key_use: None, key_ops: Vec::new(), json }
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638 section 3).
    ///
    /// `None` for unknown types, and for `oct`, where it would help to guess the secret (section 7).
    pub fn thumbprint(&self) -> Option<String> {
        let members: &[&str] = match self.kty.as_str() {
            "RSA" => &["e", "kty", "n"],
            "EC" => &["crv", "kty", "x", "y"],
            "OKP" => &["crv", "kty", "x"],
            _ => return None,
        };
        let required =
            members.iter().map(|name| Some(((*name).to_owned(), Json::String(self.json.text(name)?.to_owned()))));
        let canonical = Json::Object(required.collect::<Option<_>>()?).to_string();
        Some(base64url::encode(&hash::sha256(canonical.as_bytes())))
    }

    /// What it is: `EC P-256`, `RSA 2048`, `oct 256 bit`, `OKP Ed25519`.
    pub fn describe(&self) -> String {
        self.material().ok().and_then(|material| material.describe()).unwrap_or_else(|| {
            self.json.text("crv").map_or_else(|| self.kty.clone(), |crv| format!("{} {crv}", self.kty))
        })
    }

    /// Whether there are members that must not be published.
    pub fn has_private_members(&self) -> bool {
        PRIVATE_MEMBERS.iter().any(|name| self.json.get(name).is_some())
    }

    /// The same key without its private members.
    #[must_use]
    pub fn public(&self) -> Self {
        let members = self.json.members().iter().filter(|(name, _)| !PRIVATE_MEMBERS.contains(&name.as_str()));
        Self { json: Json::Object(members.cloned().collect()), ..self.clone() }
    }

    pub(super) fn material(&self) -> Result<Material, KeyError> {
        Material::of(&self.json)
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Jwk");
        out.field("kty", &self.kty).field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwk(text: &str) -> Result<Jwk, KeyError> {
        Jwk::from_json(&Json::parse_text(text).expect("JSON"))
    }

    const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}"#;

    #[test]
    fn private_members_are_never_shown() {
        let key = jwk(ED25519).expect("a key");
        assert!(key.has_private_members());
        assert!(!format!("{key:?}").contains("nWGx"));
        assert!(!key.public().has_private_members());
        assert_eq!(key.public().thumbprint().as_deref(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    }

    #[test]
    fn keys_describe_themselves() {
        for (text, description) in [
            (ED25519, "OKP Ed25519"),
            (
                r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
                "oct 512 bit",
            ),
            (
                r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
                "EC P-256",
            ),
            (r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#, "OKP X25519"),
            (r#"{"kty":"AKP","alg":"ML-DSA-44"}"#, "AKP"),
            (r#"{"kty":"RSA","n":"AAAB","e":"AQAB"}"#, "RSA 1"),
        ] {
            assert_eq!(jwk(text).expect("a key").describe(), description);
        }
    }

    #[test]
    fn what_is_wrong_with_a_key_is_named() {
        for (text, says) in [
            ("[]", "it is of type array"),
            ("{}", "there is no text member kty"),
            (r#"{"kty":1}"#, "there is no text member kty"),
            (r#"{"kty":"RSA","e":"AQAB"}"#, "the RSA key lacks the member n"),
            (r#"{"kty":"RSA","n":5,"e":"AQAB"}"#, "the member n of the RSA key is of type number instead of text"),
            (r#"{"kty":"RSA","n":"AA","e":"AQAB"}"#, "must not be zero"),
            (r#"{"kty":"RSA","n":"+w","e":"AQAB"}"#, "the member n is not base64url: '+' at position 0"),
            (r#"{"kty":"EC","x":"AA"}"#, "lacks the member crv"),
            (r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, "x has 1 bytes instead of 32"),
            (
                r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
                "not on P-256",
            ),
            (r#"{"kty":"oct"}"#, "the oct key lacks the member k"),
        ] {
            let error = jwk(text).expect_err("not a key").to_string();
            assert!(error.contains(says), "{error} does not say {says}");
        }
    }
}
