//! Tokens and keys: printed examples, forged and damaged signatures, and properties that hold for any bytes.

mod pem;
mod properties;
mod vectors;
mod verify;

use std::fs;
use std::path::Path;

use grantscope::base::json::Json;
use grantscope::jose::base64url;
use grantscope::jose::jwk::Jwk;

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

/// A compact token with a signature that fits nothing.
fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.AAAA", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}
