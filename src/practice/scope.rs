//! The scope words this server knows: what they allow and which claims they release (OIDC Core section 5.4).

use crate::terms::scope::{contains, words};

/// One word of a scope.
pub struct KnownScope {
    /// As it stands in `scope`.
    pub word: &'static str,
    /// What the user allows with it, for the consent page.
    pub allows: &'static str,
    /// Claims that UserInfo tells with it.
    pub claims: &'static [&'static str],
}

/// All of them, in the order of the consent page.
pub const SCOPES: [KnownScope; 4] = [
    KnownScope { word: "openid", allows: "Sign you in and learn your user id", claims: &["sub"] },
    KnownScope {
        word: "profile",
        allows: "See your name, language and time zone",
        claims: &["name", "given_name", "family_name", "preferred_username", "locale", "zoneinfo", "updated_at"],
    },
    KnownScope { word: "email", allows: "See your email address", claims: &["email", "email_verified"] },
    KnownScope { word: "offline_access", allows: "Keep access while you are away", claims: &[] },
];

/// What is granted when the request names no scope (RFC 6749 section 3.3).
pub const DEFAULT: &str = "profile";

/// The known words of `asked`, each once, in the order asked; RFC 6749 section 3.3 lets a server grant less.
pub fn granted(asked: &str) -> String {
    let mut granted: Vec<&str> = Vec::new();
    for word in words(asked) {
        if find(word).is_some() && !granted.contains(&word) {
            granted.push(word);
        }
    }
    granted.join(" ")
}

/// The known words of a scope.
pub fn known(scope: &str) -> impl Iterator<Item = &'static KnownScope> {
    SCOPES.iter().filter(move |known| contains(scope, known.word))
}

fn find(word: &str) -> Option<&'static KnownScope> {
    SCOPES.iter().find(|known| known.word == word)
}
