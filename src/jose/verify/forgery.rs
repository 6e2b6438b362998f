//! Tokens that look signed and are not: HMAC with something everybody knows.
//!
//! What is found here explains a forgery; it never verifies a token.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};

use super::super::algorithm::Family;
use super::super::jwk::material::Material;
use super::super::jwk::{Jwk, named};
use super::Subject;
use super::signature::hash_length;
use crate::base::check::{Check, Level, Rule};
use crate::base::spec::Spec;
use crate::base::text::counted;

pub(super) static ALGORITHM_CONFUSION: Rule = Rule {
    id: "jwt.algorithm_confusion",
    title: "a public key is not used as an HMAC secret",
    why: "A verifier that lets the token choose HMAC and takes the public key as secret accepts what anyone can make (CVE-2016-10555).",
    fix: "Accept only the algorithms you expect, and bind each key to its algorithm.",
    level: Level::Must,
    spec: Spec::new("RFC 8725", "2.1"),
    rejects: None,
};

pub(super) static HMAC_SECRET: Rule = Rule {
    id: "jwt.hmac_secret",
    title: "the HMAC secret is as long as the hash, and secret",
    why: "Short or well-known secrets are found by trying; whoever has the secret can write tokens.",
    fix: "Use a random secret of 32 bytes for HS256, 48 for HS384, 64 for HS512, or sign with ES256.",
    level: Level::Must,
    spec: Spec::new("RFC 7518", "3.2"),
    rejects: None,
};

/// Secrets of tutorials and example configurations, and the empty one (CVE-2019-20933).
const KNOWN_SECRETS: [&str; 10] = [
    "",
    "secret",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "changeme",
    "password",
    "jwt_secret",
];

/// Most public keys that are tried as a secret, each in some twenty encodings.
const KEY_LIMIT: usize = 32;

/// Looks at tokens that say HMAC; others have nothing to find.
pub(super) fn inspect(subject: &Subject<'_>, keys: &[Jwk], verified_by: Option<&Jwk>) -> Vec<Check> {
    if subject.algorithm.family != Family::Hmac {
        return Vec::new();
    }
    let known = KNOWN_SECRETS.iter().find(|secret| is_secret(subject, secret.as_bytes()));
    let secret = match (known, verified_by.map(Jwk::material)) {
        (Some(&""), _) => Some(
            HMAC_SECRET.broken("a secret", "signed with an empty secret, or one of zeros: anyone can make this token"),
        ),
        (Some(_), _) => Some(HMAC_SECRET.broken("a secret", "signed with a secret that tutorials and examples use")),
        (None, Some(Ok(Material::Oct(secret)))) => Some(length_of(&secret, subject.algorithm.name)),
        (None, _) => None,
    };
    secret.into_iter().chain(algorithm_confusion(subject, keys, verified_by)).collect()
}

fn length_of(secret: &[u8], alg: &str) -> Check {
    let least = hash_length(alg);
    HMAC_SECRET.holds(secret.len() >= least, format!("{least} bytes or more"), counted(secret.len(), "byte", "bytes"))
}

/// Judged when no secret was among the keys, so that nothing but public keys could be meant.
fn algorithm_confusion(subject: &Subject<'_>, keys: &[Jwk], verified_by: Option<&Jwk>) -> Option<Check> {
    let mut public = keys.iter().filter(|key| key.kty != "oct").take(KEY_LIMIT).peekable();
    public.peek()?;
    if verified_by.is_some() {
        return Some(ALGORITHM_CONFUSION.pass("verified with a shared secret"));
    }
    let forged =
        public.find_map(|key| Some((key, encodings(key).into_iter().find(|(_, bytes)| is_secret(subject, bytes))?)));
    if let Some((key, (encoding, _))) = forged {
        let actual = format!("forged: signed with the public key as secret ({encoding} of {})", named(key));
        return Some(ALGORITHM_CONFUSION.broken("a secret that is not public", actual));
    }
    let only_public = keys.iter().all(|key| key.kty != "oct");
    let alg = subject.algorithm.name;
    only_public.then(|| {
        ALGORITHM_CONFUSION.warn("a key for signatures", format!("the token says {alg}, but the keys are public ones"))
    })
}

fn is_secret(subject: &Subject<'_>, secret: &[u8]) -> bool {
    subject.signature.is_hmac_with(secret, subject.algorithm, subject.signing_input)
}

/// The ways a public key is written down, any of which a confused verifier may take as secret.
fn encodings(key: &Jwk) -> Vec<(&'static str, Vec<u8>)> {
    let json = key.public().json;
    let mut found =
        vec![("JWK text", json.to_string().into_bytes()), ("JWK text, indented", json.pretty().into_bytes())];
    if let Some(spki) = subject_public_key_info(key) {
        found.extend(pem_variants("PUBLIC KEY", &spki));
        if let Ok(key) = rsa::PublicKey::from_der(&spki) {
            found.extend(pem_variants("RSA PUBLIC KEY", key.as_ref()));
        }
    }
    if let Some(certificate) = json.get("x5c").and_then(|chain| chain.elements().first()?.as_str()) {
        found.extend(pem_variants_of("CERTIFICATE", certificate));
    }
    match key.material() {
        Ok(Material::Rsa { n, e }) => found.extend([("modulus", n), ("exponent", e)]),
        Ok(Material::Ec { point, .. }) => found.extend([("coordinates", point[1..].to_vec()), ("point", point)]),
        Ok(Material::Ed25519(x)) => found.push(("key bytes", x)),
        _ => {}
    }
    found.extend(
        ["n", "x"].into_iter().filter_map(|name| Some(("base64url text", json.text(name)?.as_bytes().to_vec()))),
    );
    found
}

fn pem_variants_of(tag: &str, base64: &str) -> Vec<(&'static str, Vec<u8>)> {
    pem::parse(format!("-----BEGIN {tag}-----\n{base64}\n-----END {tag}-----\n"))
        .map(|block| pem_variants(tag, block.contents()))
        .unwrap_or_default()
}

fn pem_variants(tag: &str, der: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    let text = pem::encode_config(&pem::Pem::new(tag, der), config);
    let bare = text.trim_end().to_owned();
    vec![
        ("DER", der.to_vec()),
        ("PEM with CRLF", text.replace('\n', "\r\n").into_bytes()),
        ("PEM", text.into_bytes()),
        ("PEM without the last line break", bare.into_bytes()),
    ]
}

fn subject_public_key_info(key: &Jwk) -> Option<Vec<u8>> {
    let der = match key.material().ok()? {
        Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }.as_der(),
        Material::Ec { curve, point } => ParsedPublicKey::new(curve.verification, point).ok()?.as_der(),
        Material::Ed25519(x) => ParsedPublicKey::new(&ED25519, x).ok()?.as_der(),
        Material::Oct(_) | Material::Other => return None,
    };
    Some(der.ok()?.as_ref().to_vec())
}
