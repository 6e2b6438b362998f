//! Tries keys on a token: which one verifies it, and why each of the others does not.
//!
//! This is cryptography alone. A token whose signature fits may still have to be refused for its
//! format (`crit`, duplicate members: [`Decoded::findings`]) or its claims. Keys that the token
//! brings along (`jwk`, `x5c`, `jku`, `x5u`) are never used, and a public key is never an HMAC secret.

mod forgery;
mod secret;
mod selection;
mod signature;

use super::algorithm::{self, AlgorithmInfo, Family};
use super::jwk::material::needed_by;
use super::jwk::{Jwk, KeyError, Unread, named, weak};
use super::jwt::{Decoded, Form, called};
use crate::base::check::{Check, Level, Rule};
use crate::base::spec::Spec;
use crate::base::text::{counted, quoted, visible};
use signature::Signature;

pub use secret::{fitting_reading, verify_secret};

static SIGNATURE: Rule = Rule {
    id: "jwt.signature",
    title: "the signature fits a key",
    why: "Without a signature that fits, anybody may have written or changed the token.",
    fix: "Get the issuer's current keys, or the shared secret in the very bytes that the issuer uses. If it still fails, the token was changed, or another issuer or key signed it.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "5.2"),
    rejects: None,
};

/// The rules about signatures and the keys tried.
pub static RULES: &[&Rule] = &[
    &SIGNATURE,
    &selection::KEY_SELECTION,
    &forgery::ALGORITHM_CONFUSION,
    &forgery::HMAC_SECRET,
    &secret::SECRET_READING,
];

/// Most attempts that a check tells of.
const TOLD: usize = 5;

/// Most keys that are tried on a token. Each reads all of it, and a hostile set has thousands.
const KEY_LIMIT: usize = 100;

/// One key that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// `kid practice-1, EC P-256`.
    pub key: String,
    /// RFC 7638; `None` for shared secrets.
    pub thumbprint: Option<String>,
    /// Its index among the keys given; beyond them for one that could not be read.
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
    /// The key cannot be read. What was probably meant by it may verify the token all the same.
    #[error("{error}{}", .fits.map(|how| format!("; {how} it fits and verifies")).unwrap_or_default())]
    Unreadable {
        /// What is wrong with the key.
        error: KeyError,
        /// How a key that verifies can be read out of it.
        fits: Option<&'static str>,
    },
    /// The signature is over content that is not in the token (RFC 7515 appendix F).
    #[error("the payload travels apart (detached content), so a signature over it cannot be judged here")]
    Detached,
    /// Too short or too long to be used (RFC 7518 sections 3.2 and 3.3).
    #[error("the key is not used: {0}")]
    UnfitKey(String),
    /// The key and the algorithm go together, but this key did not make this signature.
    #[error("the signature is not by this key, or header or payload were changed")]
    BadSignature,
    /// The secret does not fit as it is written, but in another reading: `read as base64`.
    #[error("the signature is not by this secret as it is written; {0} it fits")]
    OtherReading(&'static str),
    /// Nothing that can be verified here; the algorithm as the token names it.
    #[error("the algorithm cannot be verified here: {0}")]
    UnsupportedAlgorithm(String),
    /// There are more keys than are tried.
    #[error("not tried: no more than {KEY_LIMIT} keys are, those with the token's kid first")]
    NotTried,
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

    /// Whether there were more keys than are tried, so that one of them may fit.
    pub fn is_cut_short(&self) -> bool {
        self.verified_by.is_none() && self.attempts.iter().any(|it| it.outcome == Err(NotVerified::NotTried))
    }

    /// Adds what came of another signature, which has to hold as well.
    fn take_in(&mut self, name: &str, other: Self) {
        if other.verified_by.is_none() {
            self.verified_by = None;
        }
        self.attempts.extend(other.attempts.into_iter().map(|it| Attempt { key: format!("{name}: {}", it.key), ..it }));
        self.findings.extend(other.findings.into_iter().map(|check| called(name, check)));
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
    verify_with(token, keys, &[])
}

/// As [`verify`], and says of keys that could not be read what became of them. What is inside the token, or signed
/// beside it, is verified with the same keys: unless all of it holds, nothing does.
pub fn verify_with(token: &Decoded, keys: &[Jwk], unread: &[Unread]) -> SignatureReport {
    // Encrypted is not signed: of a token that was opened the one inside counts.
    if !std::ptr::eq(token.signed(), token) {
        return verify_with(token.signed(), keys, unread);
    }
    let mut report = verify_one(token, keys, unread);
    for inner in &token.within {
        report.take_in(&inner.name, verify_with(&inner.token, keys, unread));
    }
    report
}

fn verify_one(token: &Decoded, keys: &[Jwk], unread: &[Unread]) -> SignatureReport {
    let subject = Subject::of(token, keys);
    let has_kid = |index: &usize| token.kid().is_some() && keys[*index].kid.as_deref() == token.kid();
    let (named_first, others): (Vec<usize>, Vec<usize>) = (0..keys.len()).partition(has_kid);

    let mut attempts: Vec<Attempt> = Vec::new();
    for index in named_first.into_iter().chain(others).take(KEY_LIMIT) {
        let key = &keys[index];
        let outcome = subject.as_ref().map_err(Clone::clone).and_then(|subject| subject.try_key(key));
        let verified = outcome.is_ok();
        attempts.push(Attempt { key: named(key), thumbprint: key.thumbprint(), index, outcome });
        if verified {
            break;
        }
    }
    let verified_by = attempts.iter().position(|attempt| attempt.outcome.is_ok());
    if verified_by.is_none() {
        let tried = unread.iter().enumerate().map(|(at, unread)| attempt_at(subject.as_ref(), unread, keys.len() + at));
        attempts.extend(tried.take(KEY_LIMIT));
        attempts.extend(left_over(keys.len().max(unread.len())));
        say_detached(token, &mut attempts);
    }
    let verifying = verified_by.map(|at| &keys[attempts[at].index]);
    let mut findings = vec![signature_check(subject.as_ref().err(), &attempts, verified_by)];
    findings.extend(selection::key_selection(token, keys, unread, &attempts));
    findings.extend(verifying.and_then(weak));
    if let Ok(subject) = &subject {
        findings.extend(forgery::inspect(subject, keys, verifying));
    }
    SignatureReport { attempts, verified_by, findings }
}

/// The keys that are not tried.
fn left_over(keys: usize) -> Option<Attempt> {
    let more = keys.checked_sub(KEY_LIMIT).filter(|more| *more > 0)?;
    let outcome = Err(NotVerified::NotTried);
    Some(Attempt { key: counted(more, "more key", "more keys"), thumbprint: None, index: keys, outcome })
}

/// What became of a key that could not be read.
fn attempt_at(subject: Result<&Subject<'_>, &NotVerified>, unread: &Unread, index: usize) -> Attempt {
    let fits = |subject: &Subject<'_>| {
        let (key, how) = unread.meant.as_ref()?;
        subject.try_key(key).is_ok().then_some(*how)
    };
    let outcome = match subject {
        Ok(subject) => Err(NotVerified::Unreadable { error: unread.error.clone(), fits: fits(subject) }),
        Err(hindrance) => Err(hindrance.clone()),
    };
    Attempt { key: unread.name.clone(), thumbprint: None, index, outcome }
}

/// A signature that fits no key may be over content that is not here.
fn say_detached(token: &Decoded, attempts: &mut [Attempt]) {
    let wrong = attempts.iter_mut().filter(|attempt| attempt.outcome == Err(NotVerified::BadSignature));
    for attempt in wrong.filter(|_| token.is_detached()) {
        attempt.outcome = Err(NotVerified::Detached);
    }
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
            _ => NotVerified::UnsupportedAlgorithm(quoted(alg).into_owned()),
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
            let [key, token] = [kid, token].map(|kid| quoted(kid).into_owned());
            return Err(NotVerified::KidDiffers { key, token, fits });
        }
        if let Some(purpose) = other_purpose(key) {
            return Err(NotVerified::NotForSigning { purpose, fits });
        }
        match key.alg.as_deref().filter(|alg| !self.is_named(alg)) {
            Some(alg) => {
                let (key, token) = (quoted(alg).into_owned(), self.algorithm.name.to_owned());
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
    if let Some(other) = key.key_use.as_deref().filter(|key_use| !matches!(*key_use, "sig" | "jwt-svid")) {
        return Some(format!("use is {}", quoted(other)));
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
        (None, None, several) if several.iter().any(|it| it.outcome == Err(NotVerified::Detached)) => {
            SIGNATURE.skipped(NotVerified::Detached.to_string())
        }
        (None, None, several) if several.iter().any(|it| it.outcome == Err(NotVerified::NotTried)) => {
            SIGNATURE.skipped(format!("none of {KEY_LIMIT} keys fits, and there are more, which are not tried"))
        }
        (None, None, [only]) => SIGNATURE.broken(expected, failure(only)),
        (None, None, several) => {
            let reasons: Vec<String> = several.iter().take(TOLD).map(failure).collect();
            let more = several.len().saturating_sub(TOLD);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            SIGNATURE.broken(expected, format!("none of {} keys: {}{more}", several.len(), reasons.join("; ")))
        }
    }
}

fn failure(attempt: &Attempt) -> String {
    let reason = attempt.outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
    format!("{}: {reason}", attempt.key)
}
