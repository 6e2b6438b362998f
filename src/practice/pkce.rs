//! Proof Key for Code Exchange, the server's half (RFC 7636).

use super::fields::{Fields, invalid_request};
use super::why::Compared;
use crate::base::text::counted;
use crate::jose::{base64url, hash};
use crate::terms::error::OAuthError;

/// The transforms this server knows, best first.
pub const METHODS: [&str; 2] = ["S256", "plain"];

/// What the authorization request committed to.
#[derive(Clone, Debug)]
pub struct CodeChallenge {
    method: &'static str,
    challenge: String,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` (RFC 7636 section 4.3).
    ///
    /// # Errors
    /// `invalid_request` as RFC 7636 section 4.4.1 says.
    pub fn read(fields: &Fields) -> Result<Option<Self>, OAuthError> {
        let Some(challenge) = fields.get("code_challenge") else {
            return match fields.get("code_challenge_method") {
                Some(_) => Err(invalid_request("code_challenge_method was sent without code_challenge")),
                None => Ok(None),
            };
        };
        let method = method(fields.get("code_challenge_method").unwrap_or("plain"))?;
        if method == "S256" && !is_sha256(challenge) {
            return Err(invalid_request("code_challenge is not a SHA-256 hash in base64url (43 characters)"));
        }
        is_verifier(challenge).map_err(|problem| invalid_request(format!("code_challenge {problem}")))?;
        Ok(Some(Self { method, challenge: challenge.to_owned() }))
    }

    /// How the challenge was made.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// Where it is said how the two have to fit.
    pub fn rule(&self) -> &'static str {
        match self.method {
            "S256" => "S256, RFC 7636 §4.6",
            _ => "plain, RFC 7636 §4.6",
        }
    }

    /// What was made of a verifier, and what it had to be; nothing where that would be the verifier itself.
    pub fn compared(&self, verifier: &str) -> Option<Compared> {
        let made = (self.method == "S256" && is_verifier(verifier).is_ok()).then(|| self.of(verifier))?;
        Some(Compared::new(("SHA-256 of what came", &made), ("code_challenge", &self.challenge)))
    }

    fn of(&self, verifier: &str) -> String {
        match self.method {
            "S256" => base64url::encode(&hash::sha256(verifier.as_bytes())),
            _ => verifier.to_owned(),
        }
    }
}

/// Compares what the token request brought with what the authorization request committed to
/// (RFC 7636 section 4.6). A verifier without a challenge is the downgrade of RFC 9700 section 4.8.2.
///
/// # Errors
/// `invalid_grant` that says which of the two is missing or how they differ.
pub fn verify(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), OAuthError> {
    let refuse = |why: String| Err(OAuthError::new("invalid_grant", why));
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => refuse(
            "code_verifier was sent, but the authorization request had no code_challenge: it was left out or removed on the way"
                .to_owned(),
        ),
        (Some(_), None) => {
            refuse("code_verifier is missing: the authorization request had a code_challenge".to_owned())
        }
        (Some(challenge), Some(verifier)) => {
            if let Err(problem) = is_verifier(verifier) {
                return refuse(format!("code_verifier {problem}"));
            }
            let made = challenge.of(verifier);
            if made == challenge.challenge {
                return Ok(());
            }
            refuse(mismatch(challenge, &made))
        }
    }
}

fn mismatch(challenge: &CodeChallenge, made: &str) -> String {
    match challenge.method {
        "S256" => format!(
            "code_verifier does not fit: its S256 transform is {made}, the code_challenge was {}",
            challenge.challenge
        ),
        // With plain both are the secret itself.
        _ => "code_verifier does not fit: with the method plain it must equal the code_challenge".to_owned(),
    }
}

fn method(name: &str) -> Result<&'static str, OAuthError> {
    let known = METHODS.into_iter().find(|known| *known == name);
    known.ok_or_else(|| invalid_request(format!("the transform {name} is not supported, only S256 and plain")))
}

fn is_sha256(challenge: &str) -> bool {
    base64url::decode(challenge).is_ok_and(|hash| hash.len() == 32)
}

/// RFC 7636 section 4.1: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> Result<(), String> {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let count = text.chars().count();
    if !(43..=128).contains(&count) {
        return Err(format!("has {}, 43 to 128 are allowed", counted(count, "character", "characters")));
    }
    if !text.bytes().all(unreserved) {
        return Err("has characters other than letters, digits and -._~".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_fits() {
        let challenge =
            CodeChallenge { method: "S256", challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned() };
        assert!(verify(Some(&challenge), Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).is_ok());
        assert!(verify(Some(&challenge), Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")).is_err());
    }
}
