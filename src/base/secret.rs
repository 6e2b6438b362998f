//! A value that must not be seen by accident.
//!
//! `Debug` and `Display` never show it. Whoever needs the plain text says [`Secret::expose`],
//! which happens only where bytes leave for the wire, on reveal, on copy and in an export
//! that was asked for by name.

use std::fmt;

use zeroize::Zeroize as _;

/// What stands in the place of a secret in every text made for people.
pub const MASK: &str = "••••••••";

/// A bearer token, password, key or code. Wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes ownership of the plain text.
    pub fn new(plain: impl Into<String>) -> Self {
        Self(plain.into())
    }

    /// The plain text. Each caller is a place where the secret is meant to leave.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The plain text, for a field the user types it into.
    pub fn expose_mut(&mut self) -> &mut String {
        &mut self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Enough of a long secret to tell two apart, nothing of a short one: `eyJh••••••••x7Qk`.
    ///
    /// Shows four characters at each end when at least 24 stay hidden.
    pub fn hint(&self) -> String {
        let count = self.0.chars().count();
        if count < 32 {
            return MASK.to_owned();
        }
        let head: String = self.0.chars().take(4).collect();
        let tail: String = self.0.chars().skip(count - 4).collect();
        format!("{head}{MASK}{tail}")
    }
}

impl From<String> for Secret {
    fn from(plain: String) -> Self {
        Self(plain)
    }
}

impl From<&str> for Secret {
    fn from(plain: &str) -> Self {
        Self(plain.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(••••)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// As [`Secret`], for bytes: a private key in DER. Wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes ownership of the bytes.
    pub const fn new(plain: Vec<u8>) -> Self {
        Self(plain)
    }

    /// The bytes. Each caller is a place where the secret is meant to leave.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(••••)")
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatting_shows_the_plain_text() {
        let secret = Secret::new("planted-sentinel");
        assert!(!format!("{secret:?} {secret}").contains("sentinel"));
        assert!(!secret.hint().contains("plan"));
        assert_eq!(format!("{:?}", SecretBytes::new(vec![1, 2])), "SecretBytes(••••)");
    }

    #[test]
    fn the_hint_of_a_long_secret_keeps_its_middle_hidden() {
        let secret = Secret::new("abcd0123456789012345678901234567wxyz");
        assert_eq!(secret.hint(), format!("abcd{MASK}wxyz"));
    }
}
