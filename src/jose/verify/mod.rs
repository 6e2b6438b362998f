//! Tries keys on a token: which one verifies it, and why each of the others does not.
//!
//! This is cryptography alone. A token whose signature fits may still have to be refused for its
//! format (`crit`, duplicate members: [`Decoded::findings`]) or its claims. Keys that the token
//! brings along (`jwk`, `x5c`, `jku`, `x5u`) are never used, and a public key is never an HMAC secret.

mod forgery;
mod signature;

use super::algorithm::{self, AlgorithmInfo, Family};
use super::jwk::material::needed_by;
use super::jwk::{Jwk, named};
use super::jwt::{Decoded, Form};
use crate::base::check::{Check, Level, Rule};
use crate::base::spec::Spec;
use crate::base::text::visible;
use signature::Signature;

static SIGNATURE: Rule = Rule {
    id: "jwt.signature",
    title: "the signature fits a key",
    why: "Without a signature that fits, anybody may have written or changed the token.",
    fix: "Get the issuer's current keys. If it still fails, the token was changed, or another issuer or key signed it.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "5.2"),
    rejects: None,
};

static KEY_SELECTION: Rule = Rule {
    id: "jwt.key_selection",
    title: "kid says which key signed",
    why: "kid lets a verifier pick the key at once, and shows when keys were rotated.",
    fix: "If kid is unknown, fetch the JWKS again: the issuer may have changed its keys.",
    level: Level::Should,
    spec: Spec::new("RFC 7515", "4.1.4"),
    rejects: None,
};

/// The rules about signatures and the keys tried.
pub static RULES: &[&Rule] = &[&SIGNATURE, &KEY_SELECTION, &forgery::ALGORITHM_CONFUSION, &forgery::HMAC_SECRET];

/// One key that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// `kid practice-1, EC P-256`.
    pub key: String,
    /// RFC 7638; `None` for shared secrets.
    pub thumbprint: Option<String>,
    /// Its index among the keys given.
    pub index: usize,
    /// Verified, or why not.
    pub outcome: Result<(), NotVerified>,
}

/// Why a key did not verify a token.
///
/// `fits` says that the mathematics would hold although the key must not be used for this token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// `alg` needs another type of key or another curve.
    #[error("{alg} needs {needs}, this is {key}")]
    WrongKeyType {
        /// The token's algorithm.
        alg: String,
        /// What it needs.
        needs: String,
        /// What the key is.
        key: String,
    },
    /// Another key has the token's `kid`.
    #[error("its kid is {key}, the token names {token}{}", although(*.fits))]
    KidDiffers {
        /// The key's.
        key: String,
        /// The token's.
        token: String,
        /// Whether the signature is by this key after all.
        fits: bool,
    },
    /// `use` or `key_ops` speak against it.
    #[error("the key is not for signatures ({purpose}){}", although(*.fits))]
    NotForSigning {
        /// `use is enc`.
        purpose: String,
        /// Whether the signature is by this key after all.
        fits: bool,
    },
    /// The key is bound to another algorithm.
    #[error("the key is for {key} only, the token says {token}{}", although(*.fits))]
    AlgDiffers {
        /// The key's.
        key: String,
        /// The token's.
        token: String,
        /// Whether the signature is by this key after all.
        fits: bool,
    },
    /// Too short or too long to be used (RFC 7518 sections 3.2 and 3.3).
    #[error("the key is not used: {0}")]
    UnfitKey(String),
    /// The key and the algorithm go together, but this key did not make this signature.
    #[error("the signature is not by this key, or header or payload were changed")]
    BadSignature,
    /// Nothing that can be verified here; the algorithm as the token names it.
    #[error("the algorithm cannot be verified here: {0}")]
    UnsupportedAlgorithm(String),
    /// `alg` is `none`.
    #[error("the token is not signed (alg none)")]
    Unsecured,
    /// The token is encrypted, which is not signed.
    #[error("the token is encrypted; only what is inside can be signed")]
    Encrypted,
    /// Not a token at all.
    #[error("this is not a JWT, so there is no signature to verify")]
    NotAJwt,
    /// The token or its signature has a form that cannot be verified.
    #[error("{0}")]
    Malformed(String),
}

/// What came of all keys. Cryptography only: see the module's description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureReport {
    /// In the order tried, keys with the token's `kid` first; the first that verifies is the last tried.
    pub attempts: Vec<Attempt>,
    /// Which of `attempts` verified.
    pub verified_by: Option<usize>,
    /// The cryptography verdict, and what was noticed about the keys.
    pub findings: Vec<Check>,
}

impl SignatureReport {
    /// The attempt that verified.
    pub fn verified(&self) -> Option<&Attempt> {
        self.attempts.get(self.verified_by?)
    }
}

/// What is to be verified, read once for all keys.
struct Subject<'a> {
    algorithm: &'static AlgorithmInfo,
    signing_input: &'a str,
    signature: Signature,
    /// The token's `kid`, when one of the keys has it.
    known_kid: Option<&'a str>,
}

/// Tries `keys` on `token`: those with its `kid` first, or all that fit when none has it.
pub fn verify(token: &Decoded, keys: &[Jwk]) -> SignatureReport {
    let subject = Subject::of(token, keys);
    let has_kid = |index: &usize| token.kid().is_some() && keys[*index].kid.as_deref() == token.kid();
    let (named_first, others): (Vec<usize>, Vec<usize>) = (0..keys.len()).partition(has_kid);

    let mut attempts: Vec<Attempt> = Vec::new();
    for index in named_first.into_iter().chain(others) {
        let key = &keys[index];
        let outcome = subject.as_ref().map_err(Clone::clone).and_then(|subject| subject.try_key(key));
        let verified = outcome.is_ok();
        attempts.push(Attempt { key: named(key), thumbprint: key.thumbprint(), index, outcome });
        if verified {
            break;
        }
    }
    let verified_by = attempts.iter().position(|attempt| attempt.outcome.is_ok());
    let mut findings = vec![signature_check(subject.as_ref().err(), &attempts, verified_by)];
    findings.extend(key_selection(token, keys, &attempts));
    if let Ok(subject) = &subject {
        findings.extend(forgery::inspect(subject, keys, verified_by.map(|at| &keys[attempts[at].index])));
    }
    SignatureReport { attempts, verified_by, findings }
}

impl<'a> Subject<'a> {
    fn of(token: &'a Decoded, keys: &[Jwk]) -> Result<Self, NotVerified> {
        match token.form {
            Form::UnsecuredJws => return Err(NotVerified::Unsecured),
            Form::Jwe => return Err(NotVerified::Encrypted),
            Form::Opaque => return Err(NotVerified::NotAJwt),
            Form::Jws | Form::JsonSerialization => {}
        }
        let alg = token.alg().ok_or_else(|| NotVerified::Malformed("the header names no alg".to_owned()))?;
        let algorithm = algorithm::find(alg).filter(|info| info.verifiable);
        let algorithm = algorithm.ok_or_else(|| match alg {
            "none" => NotVerified::Unsecured,
            _ => NotVerified::UnsupportedAlgorithm(visible(alg).into_owned()),
        })?;
        let (Some(signing_input), Some(part)) = (token.signing_input(), token.parts.get(2)) else {
            return Err(NotVerified::Malformed("header, payload and signature are not all there".to_owned()));
        };
        let known_kid = token.kid().filter(|kid| keys.iter().any(|key| key.kid.as_deref() == Some(*kid)));
        Ok(Self { algorithm, signing_input, signature: Signature::read(&part.text)?, known_kid })
    }

    fn try_key(&self, key: &Jwk) -> Result<(), NotVerified> {
        let material = key.material().map_err(|error| NotVerified::UnfitKey(error.to_string()))?;
        if !material.suits(self.algorithm) {
            let (alg, needs) = (self.algorithm.name.to_owned(), needed_by(self.algorithm));
            return Err(NotVerified::WrongKeyType { alg, needs, key: key.describe() });
        }
        self.signature.check_form(self.algorithm, &material)?;
        let fits = self.signature.fits(self.algorithm, &material, self.signing_input);
        self.may_use(key, fits)?;
        if fits { Ok(()) } else { Err(NotVerified::BadSignature) }
    }

    /// The members that say what a key is for (RFC 7517 sections 4.2 to 4.5).
    fn may_use(&self, key: &Jwk, fits: bool) -> Result<(), NotVerified> {
        if let (Some(token), Some(kid)) = (self.known_kid, key.kid.as_deref())
            && token != kid
        {
            let [key, token] = [kid, token].map(|kid| visible(kid).into_owned());
            return Err(NotVerified::KidDiffers { key, token, fits });
        }
        if let Some(purpose) = other_purpose(key) {
            return Err(NotVerified::NotForSigning { purpose, fits });
        }
        match key.alg.as_deref().filter(|alg| !self.is_named(alg)) {
            Some(alg) => {
                let (key, token) = (visible(alg).into_owned(), self.algorithm.name.to_owned());
                Err(NotVerified::AlgDiffers { key, token, fits })
            }
            None => Ok(()),
        }
    }

    /// EdDSA and Ed25519 are two names of one algorithm here (RFC 9864 section 2.2).
    fn is_named(&self, alg: &str) -> bool {
        alg == self.algorithm.name || (self.algorithm.family == Family::EdDsa && matches!(alg, "EdDSA" | "Ed25519"))
    }
}

fn other_purpose(key: &Jwk) -> Option<String> {
    if let Some(other) = key.key_use.as_deref().filter(|key_use| *key_use != "sig") {
        return Some(format!("use is {}", visible(other)));
    }
    let for_signing = key.key_ops.is_empty() || key.key_ops.iter().any(|op| matches!(op.as_str(), "verify" | "sign"));
    (!for_signing).then(|| format!("key_ops is {}", visible(&key.key_ops.join(" "))))
}

fn although(fits: bool) -> &'static str {
    if fits { "; the signature is by this key all the same" } else { "" }
}

fn signature_check(hindrance: Option<&NotVerified>, attempts: &[Attempt], verified_by: Option<usize>) -> Check {
    let expected = "a signature by one of the keys";
    match (hindrance, verified_by, attempts) {
        (Some(reason @ (NotVerified::Encrypted | NotVerified::NotAJwt)), ..) => SIGNATURE.skipped(reason.to_string()),
        (Some(reason), ..) => SIGNATURE.broken(expected, reason.to_string()),
        (None, Some(at), _) => SIGNATURE.pass(attempts[at].key.clone()),
        (None, None, []) => SIGNATURE.skipped("no key given"),
        (None, None, [only]) => SIGNATURE.broken(expected, failure(only)),
        (None, None, several) => {
            let reasons: Vec<String> = several.iter().take(5).map(failure).collect();
            SIGNATURE.broken(expected, format!("none of {} keys: {}", several.len(), reasons.join("; ")))
        }
    }
}

fn failure(attempt: &Attempt) -> String {
    let reason = attempt.outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
    format!("{}: {reason}", attempt.key)
}

fn key_selection(token: &Decoded, keys: &[Jwk], attempts: &[Attempt]) -> Option<Check> {
    let applies = matches!(token.form, Form::Jws | Form::JsonSerialization) && !keys.is_empty();
    if !applies {
        return None;
    }
    let Some(kid) = token.kid() else {
        let tried = attempts.len();
        return Some(match keys.len() {
            1 => KEY_SELECTION.pass("no kid, and one key"),
            several => KEY_SELECTION.note(format!("no kid; {tried} of {several} keys tried")),
        });
    };
    let shown = visible(kid);
    let same = keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).count();
    let nameless = keys.iter().all(|key| key.kid.is_none());
    Some(match same {
        0 if nameless => KEY_SELECTION.note(format!("the keys have no kid to compare with {shown}")),
        0 => {
            KEY_SELECTION.broken("a key with this kid", format!("no key has the kid {shown}; all that fit were tried"))
        }
        1 => KEY_SELECTION.pass(shown),
        count => KEY_SELECTION.broken("one key with this kid", format!("{count} keys have the kid {shown}")),
    })
}
