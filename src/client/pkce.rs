//! Proof Key for Code Exchange: the client that began the flow is the one that ends it (RFC 7636).

use crate::jose::{base64url, hash};

/// The `code_challenge` of a verifier (RFC 7636 section 4.2). `None` for a method no document defines.
pub fn challenge(method: &str, code_verifier: &str) -> Option<String> {
    match method {
        "S256" => Some(base64url::encode(&hash::sha256(code_verifier.as_bytes()))),
        "plain" => Some(code_verifier.to_owned()),
        _ => None,
    }
}

/// Whether length and characters are those of RFC 7636 section 4.1: 43 to 128 unreserved ones.
pub fn is_valid_verifier(code_verifier: &str) -> bool {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    (43..=128).contains(&code_verifier.len()) && code_verifier.chars().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b() {
        assert_eq!(
            challenge("S256", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").as_deref(),
            Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        );
    }

    #[test]
    fn verifiers_have_43_to_128_unreserved_characters() {
        for (verifier, valid) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("-._~".repeat(32), true),
            ("a".repeat(129), false),
            (format!("{}+", "a".repeat(43)), false),
        ] {
            assert_eq!(is_valid_verifier(&verifier), valid, "{verifier}");
        }
    }
}
