//! What a JWK Set is held to (RFC 7517 section 5).

use crate::base::check::{Level, Rule};
use crate::base::spec::Spec;

pub(super) static PRIVATE: Rule = Rule {
    id: "jwks.private_members",
    title: "no key has private or symmetric members",
    why: "Whoever reads a published private key can sign as its owner.",
    fix: "Publish public members only, and replace the keys that were exposed.",
    level: Level::Must,
    spec: Spec::new("RFC 7517", "9.2"),
    rejects: None,
};

pub(super) static UNIQUE_KID: Rule = Rule {
    id: "jwks.kid_unique",
    title: "every kid names one key",
    why: "With the same kid twice a verifier cannot know which key was meant.",
    fix: "Give each key a kid of its own, for example its RFC 7638 thumbprint.",
    level: Level::Should,
    spec: Spec::new("RFC 7517", "4.5"),
    rejects: None,
};

pub(super) static KID_PRESENT: Rule = Rule {
    id: "jwks.kid_present",
    title: "every key has a kid when there are several",
    why: "Without kid a verifier has to try all keys, and many give up when there is more than one.",
    fix: "Give each key a kid and write it into the header of every token.",
    level: Level::Should,
    spec: Spec::new("OIDC Core", "10.1"),
    rejects: None,
};

pub(super) static WEAK_KEY: Rule = Rule {
    id: "jwks.weak_key",
    title: "RSA keys have 2048 bits or more and a sound exponent",
    why: "Shorter RSA keys can be factored; an exponent that is even or below 3 makes signatures forgeable.",
    fix: "Make a new key of 2048 bits or more with the exponent 65537 (AQAB).",
    level: Level::Must,
    spec: Spec::new("RFC 7518", "3.3"),
    rejects: None,
};

pub(super) static PURPOSE: Rule = Rule {
    id: "jwks.purpose",
    title: "use, key_ops, alg and the type of key agree",
    why: "Verifiers pick keys by these members and pass over a key that contradicts itself.",
    fix: "Correct the member that is wrong, or leave out use, key_ops or alg.",
    level: Level::Must,
    spec: Spec::new("RFC 7517", "4.2"),
    rejects: None,
};

pub(super) static KNOWN: Rule = Rule {
    id: "jwks.known_types",
    title: "all types, curves and algorithms are known here",
    why: "A verifier ignores keys of a type it does not know; that is allowed, but they verify nothing.",
    fix: "Nothing to do when other keys cover every client; check the spelling otherwise, names are case-sensitive.",
    level: Level::Advice,
    spec: Spec::new("RFC 7517", "5"),
    rejects: None,
};

pub(super) static READABLE: Rule = Rule {
    id: "jwks.readable",
    title: "every key can be read",
    why: "A key with missing or malformed members is ignored, and what it signed cannot be verified.",
    fix: "Encode numbers as base64url without padding, coordinates in full length, points on their curve.",
    level: Level::Must,
    spec: Spec::new("RFC 7518", "6"),
    rejects: None,
};

pub(super) static SET: Rule = Rule {
    id: "jwks.set",
    title: "the document is a JWK Set",
    why: "Clients look for the member keys, and find nothing in a document of another form.",
    fix: "Serve an object with the list keys. Where the document maps names to certificates, the server often has a JWK Set at another URL; it is the jwks_uri of the metadata.",
    level: Level::Must,
    spec: Spec::new("RFC 7517", "5"),
    rejects: None,
};

pub(super) static MINIMAL: Rule = Rule {
    id: "jwks.minimal_numbers",
    title: "n and e begin without a zero octet",
    why: "A number is written in as few octets as it needs. Browsers and other strict clients refuse a key with a zero octet in front.",
    fix: "Leave out the leading zero octet, which many libraries put before a number whose first bit is set.",
    level: Level::Must,
    spec: Spec::new("RFC 7518", "6.3.1.1"),
    rejects: None,
};

pub(super) static CERTIFICATE: Rule = Rule {
    id: "jwks.certificate",
    title: "x5c holds a certificate of this key",
    why: "A client that takes the key from the certificate verifies with another one than a client that reads the numbers.",
    fix: "Publish the certificate that belongs to the key, in base64 and first in x5c, or leave x5c out.",
    level: Level::Must,
    spec: Spec::new("RFC 7517", "4.7"),
    rejects: None,
};

pub(super) static THUMBPRINT: Rule = Rule {
    id: "jwks.certificate_thumbprint",
    title: "x5t and x5t#S256 are hashes of the certificate",
    why: "A client that looks for a key by the thumbprint of its certificate does not find it.",
    fix: "Hash the DER of the certificate, and encode the hash itself as base64url.",
    level: Level::Should,
    spec: Spec::new("RFC 7517", "4.8"),
    rejects: None,
};

pub(super) static NOT_EMPTY: Rule = Rule {
    id: "jwks.not_empty",
    title: "there is at least one key",
    why: "With no key nothing can be verified.",
    fix: "Publish the public part of the keys that sign.",
    level: Level::Advice,
    spec: Spec::new("RFC 7517", "5.1"),
    rejects: None,
};

pub(super) static READING: Rule = Rule {
    id: "jwks.reading",
    title: "the key is written as most libraries read it",
    why: "Some take PEM in its lines or a JWK alone. They refuse the key, or take its text for a shared secret.",
    fix: "Where a library refuses it, give it the key in PEM with its line breaks, or as a JWK.",
    level: Level::Advice,
    spec: Spec::new("RFC 7468", "3"),
    rejects: None,
};

/// The rules about keys and key sets.
pub static RULES: &[&Rule] = &[
    &SET,
    &READABLE,
    &NOT_EMPTY,
    &PRIVATE,
    &WEAK_KEY,
    &MINIMAL,
    &UNIQUE_KID,
    &KID_PRESENT,
    &PURPOSE,
    &CERTIFICATE,
    &THUMBPRINT,
    &KNOWN,
    &READING,
];
