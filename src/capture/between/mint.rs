//! ID tokens signed anew: by a key of this session, for clients that know this server as their issuer.
//!
//! Header and claims stay, but for the issuer and the key's name; so does the algorithm, and with it `at_hash` and
//! `c_hash` (OIDC Core section 3.1.3.6). The original is what is judged, and what a hint is turned back into.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::capture::names::Names;
use crate::jose::jwk::KeyError;
use crate::jose::jwt::{Form, decode};
use crate::jose::key::{SigningKey, unsecured};

/// Algorithms that keys are made for at the start. One RSA key does for all of RSA.
const KEYS: [&str; 5] = ["RS256", "ES256", "ES384", "ES512", "EdDSA"];
/// What else the RSA key signs with.
const OF_RSA: [&str; 5] = ["RS384", "RS512", "PS256", "PS384", "PS512"];

/// So many tokens are remembered with what they stand for.
const TOKENS: usize = 200;

/// Members of a header that name the provider's key.
const OF_KEY: [&str; 6] = ["kid", "jku", "jwk", "x5u", "x5c", "x5t"];

/// Keys of this session, and the tokens that they signed with what each stands for.
#[derive(Debug)]
pub struct Mint {
    /// One for each algorithm.
    keys: Vec<SigningKey>,
    /// Those that are published: of the algorithms that a key was made for.
    public: Vec<Json>,
    tokens: VecDeque<(Secret, Secret)>,
    count: usize,
}

impl Mint {
    /// With keys that are made now. `name` is part of their names, so that no two sessions have the same.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn new(name: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::with_capacity(KEYS.len() + OF_RSA.len());
        for alg in KEYS {
            keys.push(SigningKey::generate(alg, &format!("between-{}-{name}", alg.to_ascii_lowercase()))?);
        }
        let public = keys.iter().map(|key| published(&key.public_jwk())).collect();
        if let Some(rsa) = keys.first().map(SigningKey::private_jwk) {
            let rsa = Json::parse_text(rsa.expose()).map_err(|error| KeyError::Invalid(error.to_string()))?;
            for alg in OF_RSA {
                keys.push(SigningKey::from_jwk(&rsa, Some(alg))?);
            }
        }
        Ok(Self { keys, public, tokens: VecDeque::new(), count: 0 })
    }

    /// How many tokens were signed.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The public keys, to stand beside the provider's.
    pub(super) fn published(&self) -> impl Iterator<Item = Json> {
        self.public.iter().cloned()
    }

    /// What a token stands for that was signed here.
    pub(super) fn original(&self, token: &str) -> Option<&str> {
        self.tokens.iter().find(|(minted, _)| minted.expose() == token).map(|(_, original)| original.expose())
    }

    /// An ID token of the provider with the issuer as it is called here.
    ///
    /// # Errors
    /// Says why it has to stay as it is.
    pub(super) fn id_token(&mut self, original: &str, names: &Names) -> Result<String, String> {
        if let Some((minted, _)) = self.tokens.iter().find(|(_, known)| known.expose() == original) {
            return Ok(minted.expose().to_owned());
        }
        let minted = self.signed(original, names)?;
        if self.tokens.len() >= TOKENS {
            self.tokens.pop_front();
        }
        self.tokens.push_back((Secret::new(&minted), Secret::new(original)));
        self.count += 1;
        Ok(minted)
    }

    fn signed(&self, original: &str, names: &Names) -> Result<String, String> {
        const STAYS: &str = "so it is passed as it came, and its issuer is the provider's.";
        let decoded = decode(original);
        if decoded.form == Form::Jwe {
            return Err(format!("An ID token is encrypted and cannot be signed anew here, {STAYS}"));
        }
        let (Some(Value::Object(mut header)), Some(claims)) =
            (decoded.header.as_ref().map(Value::from), decoded.claims.as_ref())
        else {
            return Err(format!("An ID token cannot be read, {STAYS}"));
        };
        let mut claims = Value::from(claims);
        if let Some(here) = claims.get("iss").and_then(Value::as_str).and_then(|iss| names.homeward(iss)) {
            claims["iss"] = Value::from(here);
        }
        let alg = decoded.alg().unwrap_or_default();
        if decoded.form == Form::UnsecuredJws {
            return Ok(unsecured(&header, &claims));
        }
        let Some(key) = self.keys.iter().find(|key| key.alg() == alg) else {
            return Err(format!("An ID token is signed with {alg}, for which there is no key here, {STAYS}"));
        };
        header.retain(|name, _| !OF_KEY.contains(&name.as_str()) && name != "x5t#S256");
        key.sign(&with_kid(header, key), &claims).map_err(|error| format!("An ID token was not signed: {error}"))
    }
}

fn with_kid(mut header: Map<String, Value>, key: &SigningKey) -> Map<String, Value> {
    header.extend(key.kid().map(|kid| ("kid".to_owned(), Value::from(kid))));
    header
}

/// A public key; that of RSA for whatever RSA signs.
fn published(jwk: &Value) -> Json {
    match Json::from(jwk) {
        Json::Object(members) if jwk["kty"] == "RSA" => {
            Json::Object(members.into_iter().filter(|(name, _)| name != "alg").collect())
        }
        jwk => jwk,
    }
}
