//! The key set, as an answer and key by key (RFC 7517, RFC 7518).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::client::endpoint::jwks;
use grantscope::jose::base64url;
use grantscope::jose::hash::sha256;
use grantscope::jose::jwk::{Jwk, JwkSet};
use serde_json::json;

use super::Entry;

/// The members of a key of RFC 7515 appendix A.3.
const EC: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;

pub fn entries() -> Vec<Entry> {
    answer_entries().into_iter().chain(key_entries()).collect()
}

fn answer_entries() -> [Entry; 2] {
    let answered =
        |content_type: &str, document: &str| jwks::accept(&HttpResponse::new(200, content_type, document)).checks;
    let good = format!(r#"{{"keys":[{{{EC},"kid":"1"}}]}}"#);
    [
        Entry::kept("jwks.content_type", answered("application/jwk-set+json", &good)).broken(
            Note,
            "text/plain",
            answered("text/plain", &good),
        ),
        Entry::kept("jwks.keys", answered(JSON, &good))
            .broken(Note, "", answered(JSON, r#"{"keys":[]}"#))
            .broken(Fail, "not an array", answered(JSON, r#"{"keys":{}}"#))
            .broken(Fail, "neither", answered(JSON, "{}")),
    ]
}

fn set(keys: &[&str]) -> Vec<Check> {
    let json = Json::parse_text(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).expect("JSON");
    JwkSet::from_json(&json).expect("a set").checks()
}

fn rsa(bytes: usize, e: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, base64url::encode(&vec![0xff; bytes]))
}

const PEM: &str = include_str!("../vectors/pem/rsa-certificate.pem");

fn document(text: &str) -> Vec<Check> {
    JwkSet::from_text(text).expect("a set").checks()
}

fn base64(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

fn der(pem: &str) -> Vec<u8> {
    base64url::decode_leniently(&base64(pem)).expect("base64")
}

/// The key of the certificate, with it and further members.
fn certified(more: &str) -> String {
    let key = Jwk::from_pem(PEM).expect("a key").json.to_string();
    format!(r#"{},"x5c":["{}"]{more}}}"#, key.trim_end_matches('}'), base64(PEM))
}

fn rsa_of(n: &[u8], e: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, base64url::encode(n))
}

fn key_entries() -> Vec<Entry> {
    let ec = |more: &str| format!("{{{EC}{more}}}");
    let good = ec(r#","kid":"a","use":"sig","alg":"ES256","key_ops":["verify"]"#);
    let kept = |rule| Entry::kept(rule, set(&[&good]));
    vec![
        kept("jwks.readable").broken(Fail, "", set(&[r#"{"kty":"RSA","e":"AQAB"}"#])),
        kept("jwks.set")
            .broken(Fail, "keys twice", document(&format!(r#"{{"keys":[],"keys":[{good}]}}"#)))
            .broken(Fail, "a single JWK", document(&good))
            .broken(Fail, "a map of names to certificates", document(&json!({"a": PEM, "b": PEM}).to_string())),
        kept("jwks.minimal_numbers")
            .kept_too(set(&[&rsa(256, "AQAB")]))
            .broken(Warn, "n begins with a zero octet", set(&[&rsa_of(&[&[0], &[0xff; 256][..]].concat(), "AQAB")]))
            .broken(Warn, "e begins with a zero octet", set(&[&rsa(256, "AAEAAQ")])),
        kept("jwks.certificate")
            .kept_too(set(&[&certified("")]))
            .broken(Fail, "x5c holds another key, RSA 2048", set(&[&ec(&format!(r#","x5c":["{}"]"#, base64(PEM)))]))
            .broken(Fail, "x5c cannot be read", set(&[&ec(r#","x5c":["AAAA"]"#)]))
            .broken(Fail, "x5c is no list", set(&[&ec(r#","x5c":"AAAA""#)])),
        kept("jwks.certificate_thumbprint")
            .kept_too(set(&[&certified(&format!(r#","x5t#S256":"{}""#, base64url::encode(&sha256(&der(PEM)))))]))
            .broken(Warn, "x5t#S256 is not the hash", set(&[&certified(r#","x5t#S256":"AAAA""#)]))
            .broken(Warn, "x5t is not the hash", set(&[&certified(r#","x5t":"AAAA""#)]))
            .broken(Warn, "encodes the hexadecimal text", {
                let text: String = sha256(&der(PEM)).iter().map(|byte| format!("{byte:02X}")).collect();
                set(&[&certified(&format!(r#","x5t#S256":"{}""#, base64url::encode(text.as_bytes())))])
            }),
        kept("jwks.not_empty").broken(Note, "", set(&[])),
        kept("jwks.private_members")
            .broken(Fail, "d", set(&[&ec(r#","d":"AA""#)]))
            .broken(Fail, "p", set(&[r#"{"kty":"RSA","p":"AA"}"#]))
            .broken(Fail, "k", set(&[r#"{"kty":"oct","k":"AA"}"#])),
        kept("jwks.weak_key")
            .kept_too(set(&[&rsa(256, "AQAB")]))
            .kept_too(set(&[&rsa(256, "Aw")]))
            .broken(Fail, "1024", set(&[&rsa(128, "AQAB")]))
            .broken(Fail, "exponent", set(&[&rsa(256, "AQ")]))
            .broken(Fail, "exponent", set(&[&rsa(256, "Ag")])),
        kept("jwks.kid_unique").kept_too(set(&[&good, &ec(r#","kid":"b""#)])).broken(Warn, "a", set(&[&good, &good])),
        kept("jwks.kid_present").kept_too(set(&[&ec("")])).broken(Warn, "", set(&[&good, &ec("")])),
        kept("jwks.purpose")
            .kept_too(set(&[&ec(r#","use":"enc","alg":"ECDH-ES""#)]))
            .kept_too(set(&[&ec(r#","alg":"ES256""#)]))
            .broken(Fail, "enc", set(&[&ec(r#","use":"enc","alg":"ES256""#)]))
            .broken(Fail, "ECDH-ES", set(&[&ec(r#","use":"sig","alg":"ECDH-ES""#)]))
            .broken(Fail, "encrypt", set(&[&ec(r#","use":"sig","key_ops":["encrypt"]"#)]))
            .broken(Fail, "key_ops is no array", set(&[&ec(r#","key_ops":"verify""#)]))
            .broken(Fail, "RS256", set(&[&ec(r#","alg":"RS256""#)])),
        Entry::unsaid("jwks.reading", JwkSet::from_text(PEM).expect("a key").key_checks()).broken(
            Note,
            "PEM in one line",
            JwkSet::from_text(&PEM.replace('\n', " ")).expect("a key").key_checks(),
        ),
        kept("jwks.known_types")
            .broken(Note, "XYZ", set(&[r#"{"kty":"XYZ"}"#]))
            .broken(Note, "kid is no text", set(&[&ec(r#","kid":7"#)]))
            .broken(Note, "sign alone", set(&[&ec(r#","key_ops":["sign"]"#)]))
            .broken(Note, "es256", set(&[&ec(r#","alg":"es256""#)]))
            .broken(Note, "SPIFFE's word for sig", set(&[&ec(r#","use":"jwt-svid""#)])),
    ]
}
