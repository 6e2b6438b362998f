//! DPoP (RFC 9449): each request proves that its sender has the key to which its token is bound.

mod challenge;
mod lint;
mod replay;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use url::Url;

use super::claim_edits::ClaimEdits;
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::jose::base64url;
use crate::jose::hash::sha256;
use crate::jose::jwk::{Jwk, KeyError};
use crate::jose::jwt::{Decoded, decode};
use crate::jose::key::SigningKey;
use crate::terms::metadata::ServerMetadata;

pub use challenge::{Challenged, challenged, is_nonce, refused};
pub use lint::{Expected, conflict, lint, names_key, presented, pushed_jkt};
pub use replay::accept_replay;

/// The header field of a proof, and the scheme of a token that is bound to its key.
pub const DPOP: &str = "DPoP";
/// The header field by which a server gives the nonce of the next proof (section 8).
pub const NONCE: &str = "DPoP-Nonce";
/// The media type of a proof (section 4.2).
const TYP: &str = "dpop+jwt";

/// The algorithms that a key is drawn for, those of short proofs first; the first one is for a server that names none.
const DRAWN: [&str; 12] =
    ["ES256", "EdDSA", "Ed25519", "ES384", "ES512", "ES256K", "PS256", "RS256", "PS384", "RS384", "PS512", "RS512"];

/// The newest nonce of each server, by its origin: those of one say nothing to another (section 9).
pub type Nonces = BTreeMap<String, String>;

/// What the exchanges of a run say of proofs.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    /// The newest nonce of each server.
    pub nonces: Nonces,
    /// The names of the proofs that left.
    pub used: BTreeSet<String>,
    /// The newest call of an API that was taken with its proof.
    pub taken: Option<HttpRequest>,
    /// Challenges in a row that were answered by a request with a nonce.
    pub answered: u32,
}

/// What proofs are made with.
#[derive(Clone, Debug)]
pub struct Proving<'a> {
    /// The private key: of the settings, or drawn for the run.
    pub key: Option<&'a Secret>,
    /// What servers have given.
    pub nonces: &'a Nonces,
    /// The name of the proof, never used before.
    pub jti: String,
}

/// Why a proof cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is none.
    #[error("a DPoP proof needs a private key, as JWK or PEM")]
    NoKey,
    /// It cannot be read.
    #[error("{0}")]
    BadKey(KeyError),
    /// Nobody could verify what a shared secret proves.
    #[error("it is a shared secret (kty oct), and a DPoP proof is signed with a private key")]
    Shared,
}

impl Proving<'_> {
    fn key(&self) -> Result<SigningKey, ProofError> {
        key_of(self.key.ok_or(ProofError::NoKey)?)
    }

    /// How the proof will be signed, in words; `None` where it cannot be.
    pub fn how(&self) -> Option<String> {
        let key = self.key().ok()?;
        let jkt = Jwk::from_json(&Json::Object(public_members(&key))).ok()?.thumbprint()?;
        Some(format!("made and signed when it leaves, with {} and the key of jkt {jkt}", key.alg()))
    }

    /// The claims of a proof for this request (section 4.2).
    pub fn claims(&self, request: &HttpRequest, now: Timestamp) -> Map<String, Value> {
        let mut claims = Map::new();
        for (name, value) in
            [("jti", json!(self.jti)), ("htm", json!(request.method)), ("htu", json!(htu(&request.url)))]
        {
            claims.insert(name.to_owned(), value);
        }
        claims.insert("iat".to_owned(), json!(now.seconds()));
        if let Some(token) = bound_token(request) {
            claims.insert("ath".to_owned(), json!(ath(token)));
        }
        if let Some(nonce) = self.nonces.get(&origin(&request.url)) {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        claims
    }

    /// The same request with its proof, unless one is typed in its place.
    ///
    /// # Errors
    /// When there is no key that signs.
    pub fn put_on(
        &self,
        mut request: HttpRequest,
        now: Timestamp,
        edits: &ClaimEdits,
    ) -> Result<HttpRequest, ProofError> {
        let key = self.key()?;
        if request.headers.get(DPOP).is_none() {
            let claims = Value::Object(edits.on(self.claims(&request, now)));
            let mut header = Map::new();
            header.insert("typ".to_owned(), json!(TYP));
            header.insert("jwk".to_owned(), Value::from(&Json::Object(public_members(&key))));
            request.headers.push(DPOP, key.sign(&header, &claims).map_err(ProofError::BadKey)?);
        }
        Ok(request)
    }
}

/// Reads the private key of proofs.
fn key_of(text: &Secret) -> Result<SigningKey, ProofError> {
    match SigningKey::read(text.expose(), None, None).map_err(ProofError::BadKey)? {
        key if key.alg().starts_with("HS") => Err(ProofError::Shared),
        key => Ok(key),
    }
}

/// The algorithms of proofs that a server lists (section 5.1); `None` where it lists none.
pub fn listed_algs(metadata: Option<&ServerMetadata>) -> Option<Vec<&str>> {
    metadata?.supported("dpop_signing_alg_values_supported")
}

/// The algorithm that a key is drawn for, where the server lists those that it takes (section 5.1).
pub fn drawn_alg(listed: Option<&[&str]>) -> &'static str {
    DRAWN.into_iter().find(|alg| listed.is_none_or(|listed| listed.contains(alg))).unwrap_or(DRAWN[0])
}

/// The algorithm that a private key signs proofs with; `None` for what is no such key.
pub fn alg_of(key: &Secret) -> Option<String> {
    Some(key_of(key).ok()?.alg().to_owned())
}

/// The thumbprint of a private key, which a token bound to it names (section 6.1); `None` for what is no such key.
pub fn jkt_of(key: &Secret) -> Option<String> {
    Jwk::from_json(&Json::Object(public_members(&key_of(key).ok()?))).ok()?.thumbprint()
}

/// What of a key goes into the proof: the public key and nothing about it.
fn public_members(key: &SigningKey) -> Vec<(String, Json)> {
    let about = ["kid", "alg", "use"];
    let public = Json::from(&key.public_jwk());
    public.members().iter().filter(|(name, _)| !about.contains(&name.as_str())).cloned().collect()
}

/// The URL of a request as its proof names it: without query and fragment (section 4.2).
pub fn htu(url: &Url) -> String {
    let mut htu = url.clone();
    htu.set_query(None);
    htu.set_fragment(None);
    htu.into()
}

/// The hash of an access token (section 4.2).
pub fn ath(access_token: &str) -> String {
    base64url::encode(&sha256(access_token.as_bytes()))
}

/// Under which the nonces of a server are kept.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether a request presents a token with a proof of the key that it is bound to (section 7.1).
pub fn is_call(request: &HttpRequest) -> bool {
    bound_token(request).is_some() && request.headers.get(DPOP).is_some()
}

/// The access token that a request presents as bound to a key (section 7.1).
fn bound_token(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers.get("authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case(DPOP).then(|| token.trim())
}

/// The proof of a request that has left, taken apart.
pub fn proof(request: &HttpRequest) -> Option<Decoded> {
    request.headers.get(DPOP).map(decode)
}

/// The thumbprint of the key that a request proves to have; `None` where it proves nothing.
pub fn jkt(request: &HttpRequest) -> Option<String> {
    Jwk::from_json(proof(request)?.header?.get("jwk")?).ok()?.thumbprint()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::verify::verify;

    /// The key and the messages that RFC 9449 prints in sections 4.1, 6.1 and 7.1. Its private part is not printed.
    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.";

    fn request(url: &str) -> HttpRequest {
        HttpRequest::get(Url::parse(url).expect("a URL"))
    }

    #[test]
    fn the_claims_are_those_that_the_rfc_prints() {
        let nonces = Nonces::new();
        let proving = Proving { key: None, nonces: &nonces, jti: "e1j3V_bKic8-LAEB".to_owned() };
        let call = request("https://resource.example.org/protectedresource?page=2#top")
            .with_header("Authorization", format!("DPoP {TOKEN}"));
        let claims = proving.claims(&call, Timestamp::from_seconds(1_562_262_618));
        let printed = decode(PROOF).claims.expect("claims");
        assert_eq!(Value::Object(claims), Value::from(&printed));
        assert_eq!(jkt(&call.with_header(DPOP, PROOF)).as_deref(), Some(JKT));
    }

    #[test]
    fn a_proof_is_of_its_request_its_key_and_its_server() {
        let private = crate::jose::drawn::es256(&[7; 32]).expect("a key").private_jwk();
        let nonces = Nonces::from([("https://as.example".to_owned(), "n1".to_owned())]);
        let proving = Proving { key: Some(&private), nonces: &nonces, jti: "j1".to_owned() };
        let (now, none) = (Timestamp::from_seconds(60), ClaimEdits::default());
        for (url, nonce) in [("https://as.example/token?a=b", Some("n1")), ("https://api.example/token", None)] {
            let sent = proving.put_on(request(url), now, &none).expect("a proof");
            let proof = proof(&sent).expect("a proof");
            let header = proof.header.clone().expect("a header");
            let key = Jwk::from_json(header.get("jwk").expect("a key")).expect("a key");
            assert!(verify(&proof, std::slice::from_ref(&key)).verified_by.is_some());
            assert!(!key.has_private_members() && key.alg.is_none());
            assert_eq!((proof.typ(), jkt(&sent)), (Some(TYP), jkt_of(&private)));
            assert_eq!(proof.claim("nonce").and_then(Json::as_str), nonce);
            assert!(proof.claim("ath").is_none());
        }
    }

    #[test]
    fn a_key_is_drawn_for_an_algorithm_that_the_server_lists() {
        for (listed, alg) in [
            (None, "ES256"),
            (Some(["RS256", "ES256"]), "ES256"),
            (Some(["RS256", "PS256"]), "PS256"),
            (Some(["RS256", "ES384"]), "ES384"),
            (Some(["HS256", "none"]), "ES256"),
        ] {
            assert_eq!(drawn_alg(listed.as_ref().map(|listed| listed.as_slice())), alg, "{listed:?}");
        }
    }

    #[test]
    fn a_typed_proof_takes_the_place_of_the_seal_and_a_secret_makes_none() {
        let private = crate::jose::drawn::es256(&[7; 32]).expect("a key").private_jwk();
        let nonces = Nonces::new();
        let proving = |key| Proving { key, nonces: &nonces, jti: String::new() };
        let none = ClaimEdits::default();
        let typed = request("https://as.example").with_header("dpop", "mine");
        let sent = proving(Some(&private)).put_on(typed.clone(), Timestamp::default(), &none).expect("a proof");
        assert_eq!(sent.headers.all(DPOP).collect::<Vec<_>>(), ["mine"]);
        let shared = Secret::new(r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3"}"#);
        for (key, error) in [(None, ProofError::NoKey), (Some(&shared), ProofError::Shared)] {
            assert_eq!(proving(key).put_on(typed.clone(), Timestamp::default(), &none), Err(error));
        }
    }
}
