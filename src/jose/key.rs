//! Keys that sign: made here, or read from JWK, PEM or a secret.

use std::fmt;
use std::str::FromStr as _;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::{KeyPairComponents, KeySize};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair, RsaPublicKeyComponents};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value};

use super::algorithm::{self, AlgorithmInfo, Family};
use super::base64url;
use super::jwk::material::{CURVES, Curve, Material, bits, bytes, fixed, needed_by, without_leading_zeros};
use super::jwk::pem;
use super::jwk::{Jwk, KeyError, PRIVATE_MEMBERS};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;

/// Shortest modulus that is signed with, in bits (RFC 7518 section 3.3).
const RSA_LEAST: usize = 2048;

/// A private key or secret together with the algorithm it signs with. `Debug` shows `kid` and `alg` only.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: &'static AlgorithmInfo,
    kid: Option<String>,
    /// PKCS#1 for RSA, PKCS#8 for curves, the bytes of a secret. Wiped when dropped.
    key: EncodingKey,
    public: Value,
    private: Secret,
}

impl SigningKey {
    /// A new key: RSA of 2048 bits, the curve of `alg`, or a secret as long as the hash.
    ///
    /// # Errors
    /// When `alg` is no signature algorithm that is known here.
    pub fn generate(alg: &str, kid: &str) -> Result<Self, KeyError> {
        let algorithm = signature_algorithm(alg)?;
        Self::new(&random_key(algorithm)?, algorithm, Some(kid))
    }

    /// The same without a name.
    ///
    /// # Errors
    /// When `alg` is no signature algorithm that is known here.
    pub fn nameless(alg: &str) -> Result<Self, KeyError> {
        let algorithm = signature_algorithm(alg)?;
        Self::new(&random_key(algorithm)?, algorithm, None)
    }

    /// From a private JWK. Without `alg` its own member decides, else what is usual for its type
    /// (RS256, HS256, EdDSA, or the one algorithm of its curve).
    ///
    /// # Errors
    /// When private members are missing or not valid, or `alg` needs another type of key.
    pub fn from_jwk(jwk: &Json, alg: Option<&str>) -> Result<Self, KeyError> {
        let key = Jwk::from_json(jwk)?;
        let usual = key.material()?.usual_alg();
        let alg = alg.or(key.alg.as_deref()).or(usual).ok_or_else(|| KeyError::Unsupported(key.describe()))?;
        Self::new(jwk, signature_algorithm(alg)?, key.kid.as_deref())
    }

    /// From a private key in PEM: PKCS#8, PKCS#1 or SEC1, not encrypted.
    ///
    /// # Errors
    /// When it cannot be read, is a public key, or `alg` needs another type of key.
    pub fn from_pem(text: &str, alg: &str, kid: Option<&str>) -> Result<Self, KeyError> {
        Self::new(&pem::private_to_jwk(text)?, signature_algorithm(alg)?, kid)
    }

    /// From a private key as people have it: a JWK, a JWK Set in which one key is private, or PEM. Without `alg` the
    /// key's own decides, else what is usual for its type; without `kid` that of the JWK.
    ///
    /// # Errors
    /// When it cannot be read, is a public key, or `alg` needs another type of key.
    pub fn read(text: &str, alg: Option<&str>, kid: Option<&str>) -> Result<Self, KeyError> {
        let jwk = match text.trim_start().starts_with('{') {
            true => {
                private_key_of(&Json::parse_text(text).map_err(|error| KeyError::Invalid(error.to_string()))?, kid)?
            }
            false => pem::private_to_jwk(text)?,
        };
        let key = Jwk::from_json(&jwk)?;
        if let Some(meant) = meant_for(&key) {
            return Err(KeyError::Invalid(format!("it is meant for other things than signing: {meant}")));
        }
        let usual = key.material()?.usual_alg();
        let alg = alg.or(key.alg.as_deref()).or(usual).ok_or_else(|| KeyError::Unsupported(key.describe()))?;
        Self::new(&jwk, signature_algorithm(alg)?, kid.or(key.kid.as_deref()))
    }

    /// From a shared secret, its UTF-8 bytes taken as they are. Short ones are allowed, so that they can be shown.
    ///
    /// # Errors
    /// When `alg` is no HMAC, or the secret is empty.
    pub fn from_secret(secret: &Secret, alg: &str) -> Result<Self, KeyError> {
        Self::new(&Jwk::from_secret(secret).json, signature_algorithm(alg)?, None)
    }

    fn new(jwk: &Json, algorithm: &'static AlgorithmInfo, kid: Option<&str>) -> Result<Self, KeyError> {
        let read = Jwk::from_json(jwk)?;
        let material = read.material()?;
        if matches!(read.kty.as_str(), "RSA" | "EC" | "OKP") && jwk.get("d").is_none() {
            return Err(KeyError::NotPrivate("a public key"));
        }
        if !material.suits(algorithm) {
            let (alg, needs, key) = (algorithm.name.to_owned(), needed_by(algorithm), read.describe());
            return Err(KeyError::WrongAlgorithm { alg, needs, key });
        }
        let key = encoding_key(jwk, &material)?;
        let private = published(jwk, algorithm, kid);
        Ok(Self {
            algorithm,
            kid: kid.map(str::to_owned),
            key,
            public: Value::from(&Jwk::from_json(&private)?.public().json),
            private: Secret::new(private.to_string()),
        })
    }

    /// The algorithm it signs with.
    pub fn alg(&self) -> &str {
        self.algorithm.name
    }

    /// Its name, written into the header of what it signs.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public JWK with `kid`, `alg` and `use`. Of a shared secret nothing is public but its name.
    pub fn public_jwk(&self) -> Value {
        self.public.clone()
    }

    /// The private JWK as JSON text, with `kid`, `alg` and `use`.
    pub fn private_jwk(&self) -> Secret {
        self.private.clone()
    }

    /// A compact JWS over `claims`. `alg` and `kid` are filled in when `header` lacks them; what is there
    /// is left as it is, right or wrong.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn sign(&self, header: &Map<String, Value>, claims: &Value) -> Result<String, KeyError> {
        let mut whole = Map::new();
        let own = [("alg", Some(self.alg())), ("kid", self.kid())];
        for (name, value) in own.into_iter().filter(|(name, _)| !header.contains_key(*name)) {
            whole.extend(value.map(|value| (name.to_owned(), Value::from(value))));
        }
        whole.extend(header.clone());
        let input = signing_input(&whole, claims);
        let signature = self.signature(&input)?;
        Ok(format!("{input}.{signature}"))
    }

    /// The signature of any text, in base64url.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn signature(&self, signing_input: &str) -> Result<String, KeyError> {
        if let Ok(algorithm) = Algorithm::from_str(jsonwebtoken_name(self.algorithm.name)) {
            return jsonwebtoken::crypto::sign(signing_input.as_bytes(), &self.key, algorithm).map_err(|_| refused());
        }
        let pair = EcdsaKeyPair::from_pkcs8(curve_of(self.algorithm)?.signing, self.key.as_bytes());
        let signature = pair.map_err(|_| refused())?.sign(&SystemRandom::new(), signing_input.as_bytes());
        Ok(base64url::encode(signature.map_err(|_| refused())?.as_ref()))
    }
}

/// Whether a text has in it what must stay with its owner: a private key as PEM, or as JWK at any depth.
pub fn is_private(text: &str) -> bool {
    let json = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    text.contains("PRIVATE KEY-----") || Json::parse_text(json).is_ok_and(|json| has_private_key(&json))
}

fn has_private_key(json: &Json) -> bool {
    let is_key = json.get("kty").is_some() && PRIVATE_MEMBERS.iter().any(|name| json.get(name).is_some());
    is_key
        || json.members().iter().any(|(_, value)| has_private_key(value))
        || json.elements().iter().any(has_private_key)
}

/// A JWT with `alg` none and an empty signature (RFC 7519 section 6). `header` may say otherwise.
pub fn unsecured(header: &Map<String, Value>, claims: &Value) -> String {
    let mut whole = Map::from_iter([("alg".to_owned(), Value::from("none"))]);
    whole.extend(header.clone());
    format!("{}.", signing_input(&whole, claims))
}

/// jsonwebtoken knows Ed25519 by the name of RFC 8037 only; ES512 and ES256K it does not know.
pub(super) fn jsonwebtoken_name(alg: &str) -> &str {
    if alg == "Ed25519" { "EdDSA" } else { alg }
}

fn signing_input(header: &Map<String, Value>, claims: &Value) -> String {
    let header = Value::Object(header.clone()).to_string();
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(claims.to_string().as_bytes()))
}

fn signature_algorithm(alg: &str) -> Result<&'static AlgorithmInfo, KeyError> {
    let unsupported = || KeyError::Unsupported(format!("signing with the algorithm {alg}"));
    algorithm::find(alg).filter(|info| info.verifiable).ok_or_else(unsupported)
}

fn curve_of(algorithm: &AlgorithmInfo) -> Result<&'static Curve, KeyError> {
    let unsupported = || KeyError::Unsupported(format!("the curve of {}", algorithm.name));
    CURVES.iter().find(|curve| curve.alg == algorithm.name).ok_or_else(unsupported)
}

/// The private key of [`SigningKey::generate`].
fn random_key(algorithm: &AlgorithmInfo) -> Result<Json, KeyError> {
    match algorithm.family {
        Family::Hmac => random_secret(algorithm),
        Family::RsaPkcs1 | Family::RsaPss => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| refused())?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| refused())?;
            pem::private_jwk(der.as_ref())
        }
        Family::Ecdsa => {
            let pair = EcdsaKeyPair::generate(curve_of(algorithm)?.signing).map_err(|_| refused())?;
            pem::private_jwk(pair.to_pkcs8v1().map_err(|_| refused())?.as_ref())
        }
        _ => {
            let pair = Ed25519KeyPair::generate().map_err(|_| refused())?;
            pem::private_jwk(pair.to_pkcs8().map_err(|_| refused())?.as_ref())
        }
    }
}

/// As long as the hash, the least that RFC 7518 section 3.2 allows.
fn random_secret(algorithm: &AlgorithmInfo) -> Result<Json, KeyError> {
    let mut secret = [0; 64];
    rand::fill(&mut secret).map_err(|_| refused())?;
    let length = match algorithm.name {
        "HS256" => 32,
        "HS384" => 48,
        _ => 64,
    };
    Ok(pem::object(&[("kty", "oct"), ("k", &base64url::encode(&secret[..length]))]))
}

fn encoding_key(jwk: &Json, material: &Material) -> Result<EncodingKey, KeyError> {
    match material {
        Material::Oct(k) if k.is_empty() => Err(KeyError::Invalid("the secret is empty".to_owned())),
        Material::Oct(k) => Ok(EncodingKey::from_secret(k)),
        Material::Rsa { n, e } => {
            let der: Pkcs8V1Der<'_> = rsa_pair(jwk, n, e)?.as_der().map_err(|_| refused())?;
            Ok(EncodingKey::from_rsa_der(pem::rsa_private_key(der.as_ref())?))
        }
        Material::Ec { curve, point } => {
            let d = fixed(jwk, "d", curve.size)?;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(curve.signing, &d, point);
            let der = pair.map_err(|_| mismatch())?.to_pkcs8v1().map_err(|_| refused())?;
            Ok(EncodingKey::from_ec_der(der.as_ref()))
        }
        Material::Ed25519(x) => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&fixed(jwk, "d", 32)?, x).map_err(|_| mismatch())?;
            Ok(EncodingKey::from_ed_der(pair.to_pkcs8().map_err(|_| refused())?.as_ref()))
        }
        Material::Other => Err(KeyError::Unsupported("keys of this type".to_owned())),
    }
}

/// The RSA key whose members these are, all of them.
pub(super) fn rsa_pair(jwk: &Json, n: &[u8], e: &[u8]) -> Result<RsaKeyPair, KeyError> {
    let number = |member| bytes(jwk, member).map(|value| without_leading_zeros(&value).to_vec());
    if ["p", "q", "dp", "dq", "qi"].iter().any(|name| jwk.get(name).is_none()) {
        return Err(KeyError::Unsupported("an RSA key without p, q, dp, dq and qi".to_owned()));
    }
    let components = KeyPairComponents {
        public_key: RsaPublicKeyComponents { n: n.to_vec(), e: e.to_vec() },
        d: number("d")?,
        p: number("p")?,
        q: number("q")?,
        dP: number("dp")?,
        dQ: number("dq")?,
        qInv: number("qi")?,
    };
    RsaKeyPair::from_components(&components).map_err(|_| match bits(n) {
        short @ ..RSA_LEAST => {
            KeyError::Invalid(format!("{short} bits, RSA needs at least {RSA_LEAST} (RFC 7518 3.3)"))
        }
        _ => mismatch(),
    })
}

/// The key itself, or of a set the private one with this name, or else the first.
fn private_key_of(json: &Json, kid: Option<&str>) -> Result<Json, KeyError> {
    let Some(keys) = json.get("keys") else { return Ok(json.clone()) };
    let mut private = keys.elements().iter().filter(|key| key.get("d").is_some() || key.get("k").is_some());
    let named = private.clone().find(|key| kid.is_some() && key.text("kid") == kid);
    let chosen = named.or_else(|| private.next());
    chosen.cloned().ok_or_else(|| KeyError::Invalid("the set holds no private key".to_owned()))
}

/// What the owner of a key allows, when that is not to sign (RFC 7517 sections 4.2 and 4.3).
fn meant_for(key: &Jwk) -> Option<String> {
    match &key.key_use {
        Some(meant) if meant != "sig" => return Some(format!("use {}", visible(meant))),
        _ => {}
    }
    let signs = key.key_ops.is_empty() || key.key_ops.iter().any(|operation| operation == "sign");
    (!signs).then(|| format!("key_ops {}", visible(&key.key_ops.join(", "))))
}

/// The JWK with `kid`, `alg` and `use` set after `kty`.
fn published(jwk: &Json, algorithm: &AlgorithmInfo, kid: Option<&str>) -> Json {
    let member = |name: &str, value: &str| (name.to_owned(), Json::String(value.to_owned()));
    let mut members = vec![member("kty", jwk.text("kty").unwrap_or_default())];
    members.extend(kid.map(|kid| member("kid", kid)));
    members.extend([member("alg", algorithm.name), member("use", "sig")]);
    let set = ["kty", "kid", "alg", "use"];
    members.extend(jwk.members().iter().filter(|(name, _)| !set.contains(&name.as_str())).cloned());
    Json::Object(members)
}

pub(super) fn refused() -> KeyError {
    KeyError::Invalid("the cryptographic library refuses it".to_owned())
}

pub(super) fn mismatch() -> KeyError {
    KeyError::Invalid("private and public members do not belong together".to_owned())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("alg", &self.alg()).field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jose::{jwt, verify};

    /// What people give by mistake, and what is said of it.
    #[test]
    fn what_is_no_private_key_for_signing_is_named() {
        let made = SigningKey::generate("ES256", "k").expect("a key");
        let (public, private) = (made.public_jwk().to_string(), made.private_jwk());
        let changed = |from: &str, to: &str| private.expose().replace(from, to);
        let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for (text, says) in [
            (public.as_str(), "this is a public key; the private key is needed"),
            (certificate, "this is a certificate; the private key is needed"),
            ("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----", "this is a public key"),
            ("-----BEGIN PRIVATE KEY-----\nMAA=\n", "an -----END line is missing"),
            (&changed("\"use\":\"sig\"", "\"use\":\"enc\""), "meant for other things than signing: use enc"),
            (&changed("\"use\":\"sig\"", "\"key_ops\":[\"verify\"]"), "key_ops verify"),
            (r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}"#, "an RSA key without p, q, dp, dq and qi"),
        ] {
            let error = SigningKey::read(text, None, None).expect_err(says).to_string();
            assert!(error.contains(says), "{error}");
        }
        let set = format!(r#"{{"keys":[{},{}]}}"#, changed("\"kid\":\"k\"", "\"kid\":\"other\""), private.expose());
        let kid = |named| SigningKey::read(&set, None, named).expect("a key").kid().map(str::to_owned);
        assert_eq!((kid(None), kid(Some("k"))), (Some("other".to_owned()), Some("k".to_owned())));
    }

    #[test]
    fn a_private_key_may_follow_its_certificate_in_one_file() {
        let pair = rcgen::KeyPair::generate().expect("a key");
        let text = format!("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n{}", pair.serialize_pem());
        assert_eq!(SigningKey::read(&text, None, None).expect("a key").alg(), "ES256");
    }

    fn verifies(key: &SigningKey, token: &str) -> bool {
        let public = Jwk::from_json(&Json::parse_text(key.private_jwk().expose()).expect("JSON")).expect("a key");
        verify::verify(&jwt::decode(token), &[public]).verified_by.is_some()
    }

    #[test]
    fn every_algorithm_signs_what_it_verifies_and_survives_its_own_jwk() {
        for alg in
            ["ES256", "ES384", "ES512", "ES256K", "RS256", "PS384", "EdDSA", "Ed25519", "HS256", "HS384", "HS512"]
        {
            let key = SigningKey::generate(alg, "k1").expect("a key");
            let token = key.sign(&Map::new(), &json!({"sub": "alice"})).expect("a token");
            assert!(verifies(&key, &token), "{alg}");
            let again = SigningKey::from_jwk(&Json::parse_text(key.private_jwk().expose()).expect("JSON"), None);
            let again = again.expect("a key");
            assert_eq!((again.alg(), again.kid()), (alg, Some("k1")));
            assert!(verifies(&key, &again.sign(&Map::new(), &json!({})).expect("a token")), "{alg} after reading back");
        }
    }

    #[test]
    fn alg_and_kid_are_filled_in_only_when_absent() {
        let key = SigningKey::from_secret(&Secret::new("a secret of thirty-two characters"), "HS256").expect("a key");
        let header = |header: Value| {
            let Value::Object(members) = header else { panic!("a header is an object") };
            let token = key.sign(&members, &json!({})).expect("a token");
            jwt::decode(&token).header.expect("a header").to_string()
        };
        assert_eq!(header(json!({"typ": "at+jwt"})), r#"{"alg":"HS256","typ":"at+jwt"}"#);
        assert_eq!(header(json!({"typ": "JWT", "alg": "none"})), r#"{"typ":"JWT","alg":"none"}"#);
    }

    #[test]
    fn the_public_key_holds_nothing_private_and_debug_nothing_at_all() {
        for alg in ["ES256", "EdDSA", "HS256"] {
            let key = SigningKey::generate(alg, "k1").expect("a key");
            let public = key.public_jwk();
            assert_eq!((&public["kid"], &public["alg"], &public["use"]), (&json!("k1"), &json!(alg), &json!("sig")));
            assert!(public.get("d").is_none() && public.get("k").is_none());
            assert_eq!(format!("{key:?}"), format!(r#"SigningKey {{ alg: "{alg}", kid: Some("k1"), .. }}"#));
        }
    }

    #[test]
    fn a_private_key_is_read_as_jwk_as_set_and_as_pem() {
        let made = SigningKey::generate("ES256", "k1").expect("a key").private_jwk();
        let set = format!(r#"{{"keys":[{}]}}"#, made.expose());
        for (text, kid) in [(made.expose(), "k1"), (set.as_str(), "k1")] {
            let key = SigningKey::read(text, None, None).expect("a key");
            assert_eq!((key.alg(), key.kid()), ("ES256", Some(kid)));
        }
        let named = SigningKey::read(made.expose(), Some("ES256"), Some("other")).expect("a key");
        assert_eq!(named.kid(), Some("other"));
        for text in ["", "{}", "{\"keys\":[]}", "-----BEGIN PRIVATE KEY-----", "{\"kty\":\"EC\"}"] {
            assert!(SigningKey::read(text, None, None).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_of_another_type_is_refused_with_the_reason() {
        let ec = SigningKey::generate("ES256", "k1").expect("a key").private_jwk();
        let json = Json::parse_text(ec.expose()).expect("JSON");
        let error = SigningKey::from_jwk(&json, Some("RS256")).expect_err("another type").to_string();
        assert_eq!(error, "RS256 needs an RSA key, this is EC P-256");
        for alg in ["none", "RSA-OAEP", "es256", ""] {
            assert!(SigningKey::generate(alg, "k").is_err(), "{alg}");
        }
        let public = Jwk::from_json(&json).expect("a key").public().json;
        assert!(SigningKey::from_jwk(&public, None).expect_err("public").to_string().contains("this is a public key"));
        assert!(SigningKey::from_secret(&Secret::default(), "HS256").is_err());
    }
}
