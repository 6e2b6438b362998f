//! The registered algorithms: what a name means, where it is defined, whether it can be verified here.

use crate::base::spec::Spec;

/// Which kind of key and mathematics an algorithm needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A secret shared by both sides (RFC 7518 section 3.2).
    Hmac,
    /// RSASSA-PKCS1-v1_5 (RFC 7518 section 3.3).
    RsaPkcs1,
    /// RSASSA-PSS (RFC 7518 section 3.5).
    RsaPss,
    /// ECDSA (RFC 7518 section 3.4, RFC 8812).
    Ecdsa,
    /// Edwards-curve signatures (RFC 8037, RFC 9864).
    EdDsa,
    /// No signature at all (RFC 7518 section 3.6).
    None,
    /// Key management of an encrypted token (RFC 7518 section 4.1).
    Jwe,
}

/// One name of the registry. Names compare exactly, with case (RFC 7515 section 4.1.1).
#[derive(Debug, PartialEq, Eq)]
pub struct AlgorithmInfo {
    /// As it stands in `alg`.
    pub name: &'static str,
    /// What it needs.
    pub family: Family,
    /// In words: `ECDSA on P-256 with SHA-256`.
    pub meaning: &'static str,
    /// Where it is defined.
    pub spec: Spec,
    /// Whether signatures of it can be verified here.
    pub verifiable: bool,
}

/// What is known about `name`, compared with case.
pub fn find(name: &str) -> Option<&'static AlgorithmInfo> {
    ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
}

/// The registered name that differs from `name` only in case or invisible characters: `None` means `none`.
pub fn resembling(name: &str) -> Option<&'static AlgorithmInfo> {
    let bare: String = name.chars().filter(|c| c.is_ascii_graphic()).collect();
    ALGORITHMS.iter().find(|algorithm| algorithm.name != name && algorithm.name.eq_ignore_ascii_case(&bare))
}

const fn signature(name: &'static str, family: Family, meaning: &'static str, section: &'static str) -> AlgorithmInfo {
    AlgorithmInfo { name, family, meaning, spec: Spec::new("RFC 7518", section), verifiable: true }
}

const fn management(name: &'static str, meaning: &'static str, section: &'static str) -> AlgorithmInfo {
    AlgorithmInfo { name, family: Family::Jwe, meaning, spec: Spec::new("RFC 7518", section), verifiable: false }
}

/// Every algorithm known here, signatures first.
pub static ALGORITHMS: [AlgorithmInfo; 36] = [
    signature("HS256", Family::Hmac, "HMAC with SHA-256, one secret for both sides", "3.2"),
    signature("HS384", Family::Hmac, "HMAC with SHA-384, one secret for both sides", "3.2"),
    signature("HS512", Family::Hmac, "HMAC with SHA-512, one secret for both sides", "3.2"),
    signature("RS256", Family::RsaPkcs1, "RSASSA-PKCS1-v1_5 with SHA-256", "3.3"),
    signature("RS384", Family::RsaPkcs1, "RSASSA-PKCS1-v1_5 with SHA-384", "3.3"),
    signature("RS512", Family::RsaPkcs1, "RSASSA-PKCS1-v1_5 with SHA-512", "3.3"),
    signature("ES256", Family::Ecdsa, "ECDSA on P-256 with SHA-256", "3.4"),
    signature("ES384", Family::Ecdsa, "ECDSA on P-384 with SHA-384", "3.4"),
    signature("ES512", Family::Ecdsa, "ECDSA on P-521 with SHA-512", "3.4"),
    signature("PS256", Family::RsaPss, "RSASSA-PSS with SHA-256", "3.5"),
    signature("PS384", Family::RsaPss, "RSASSA-PSS with SHA-384", "3.5"),
    signature("PS512", Family::RsaPss, "RSASSA-PSS with SHA-512", "3.5"),
    AlgorithmInfo {
        name: "ES256K",
        family: Family::Ecdsa,
        meaning: "ECDSA on secp256k1 with SHA-256",
        spec: Spec::new("RFC 8812", "3.2"),
        verifiable: true,
    },
    AlgorithmInfo {
        name: "EdDSA",
        family: Family::EdDsa,
        meaning: "Edwards-curve signature, curve told by the key; deprecated name of Ed25519",
        spec: Spec::new("RFC 8037", "3.1"),
        verifiable: true,
    },
    AlgorithmInfo {
        name: "Ed25519",
        family: Family::EdDsa,
        meaning: "Edwards-curve signature on Ed25519",
        spec: Spec::new("RFC 9864", "2.2"),
        verifiable: true,
    },
    AlgorithmInfo {
        name: "Ed448",
        family: Family::EdDsa,
        meaning: "Edwards-curve signature on Ed448",
        spec: Spec::new("RFC 9864", "2.2"),
        verifiable: false,
    },
    AlgorithmInfo {
        name: "none",
        family: Family::None,
        meaning: "no signature: anyone can write such a token",
        spec: Spec::new("RFC 7518", "3.6"),
        verifiable: false,
    },
    management("RSA1_5", "content key encrypted with RSAES-PKCS1-v1_5", "4.2"),
    management("RSA-OAEP", "content key encrypted with RSAES-OAEP, SHA-1", "4.3"),
    management("RSA-OAEP-256", "content key encrypted with RSAES-OAEP, SHA-256", "4.3"),
    AlgorithmInfo {
        name: "RSA-OAEP-384",
        family: Family::Jwe,
        meaning: "content key encrypted with RSAES-OAEP, SHA-384",
        spec: Spec::new("W3C WebCryptoAPI", ""),
        verifiable: false,
    },
    AlgorithmInfo {
        name: "RSA-OAEP-512",
        family: Family::Jwe,
        meaning: "content key encrypted with RSAES-OAEP, SHA-512",
        spec: Spec::new("W3C WebCryptoAPI", ""),
        verifiable: false,
    },
    management("A128KW", "content key wrapped with AES-128", "4.4"),
    management("A192KW", "content key wrapped with AES-192", "4.4"),
    management("A256KW", "content key wrapped with AES-256", "4.4"),
    management("dir", "a shared key encrypts the content directly", "4.5"),
    management("ECDH-ES", "content key agreed by ephemeral Diffie-Hellman", "4.6"),
    management("ECDH-ES+A128KW", "key agreed by ephemeral Diffie-Hellman wraps the content key with AES-128", "4.6"),
    management("ECDH-ES+A192KW", "key agreed by ephemeral Diffie-Hellman wraps the content key with AES-192", "4.6"),
    management("ECDH-ES+A256KW", "key agreed by ephemeral Diffie-Hellman wraps the content key with AES-256", "4.6"),
    management("A128GCMKW", "content key encrypted with AES-128 GCM", "4.7"),
    management("A192GCMKW", "content key encrypted with AES-192 GCM", "4.7"),
    management("A256GCMKW", "content key encrypted with AES-256 GCM", "4.7"),
    management("PBES2-HS256+A128KW", "key from a password (PBKDF2, SHA-256) wraps the content key", "4.8"),
    management("PBES2-HS384+A192KW", "key from a password (PBKDF2, SHA-384) wraps the content key", "4.8"),
    management("PBES2-HS512+A256KW", "key from a password (PBKDF2, SHA-512) wraps the content key", "4.8"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_with_case() {
        assert_eq!(find("ES256").map(|a| a.family), Some(Family::Ecdsa));
        assert_eq!(find("es256"), None);
        assert_eq!(find("None"), None);
    }

    #[test]
    fn a_disguised_name_is_recognised() {
        for name in ["None", "noNE", "none\u{200b}", "no ne"] {
            assert_eq!(resembling(name).map(|a| a.name), Some("none"), "{name:?}");
        }
        assert_eq!(resembling("none"), None);
        assert_eq!(resembling("XY256"), None);
    }

    #[test]
    fn no_name_is_listed_twice() {
        for (at, algorithm) in ALGORITHMS.iter().enumerate() {
            assert!(ALGORITHMS[..at].iter().all(|other| other.name != algorithm.name), "{}", algorithm.name);
        }
    }
}
