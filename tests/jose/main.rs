//! Tokens and keys: printed examples, forged and damaged signatures, and properties that hold for any bytes.

mod damaged;
mod given;
mod hostile;
mod jwe;
mod keys;
mod padding;
mod pem;
mod properties;
mod vectors;
mod verify;

use std::fs;
use std::path::Path;

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::jose::base64url;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{self, Form};
use grantscope::jose::verify::verify;

/// Text of a file under `tests/vectors`.
fn vector(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(text: &str) -> Json {
    Json::parse_text(text).expect("JSON")
}

fn jwk(json: &Json) -> Jwk {
    Jwk::from_json(json).expect("a key")
}

/// The RSA key of RFC 7515 appendix A.2, its private members included.
fn rsa_key() -> Json {
    let all = json(&vector("rfc-vectors.json"));
    let vectors = all.get("vectors").expect("vectors").elements();
    let found = vectors.iter().find(|vector| vector.text("id") == Some("rfc7515-A.2")).expect("the vector");
    found.get("jwk").expect("a key").clone()
}

/// What a strict verifier accepts: a signed JWT about which nothing worse than a note is said.
fn accepts(token: &str, set: &JwkSet) -> bool {
    let decoded = jwt::decode(token);
    let report = verify(&decoded, &set.keys);
    let keys = set.checks().into_iter().filter(|check| matches!(check.rule.id, "jwks.readable" | "jwks.weak_key"));
    let mut findings = decoded.findings.iter().chain(&report.findings).cloned().chain(keys);
    let is_sound = findings.all(|check| check.verdict >= Verdict::Note);
    is_sound && decoded.form == Form::Jws && report.verified_by.is_some()
}

/// The token with another first character of its signature.
fn with_another_signature(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').expect("dots");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{input}.{first}{}", &signature[1..])
}

/// A compact token with a signature that fits nothing.
fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.AAAA", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}
