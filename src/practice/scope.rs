//! The scope words this server knows: what they allow and which claims they release (OIDC Core section 5.4).

use serde_json::{Map, Value};

use super::config::{Config, User};
use crate::terms::scope::{beyond, contains, words};

/// One word of a scope.
pub struct KnownScope {
    /// As it stands in `scope`.
    pub word: &'static str,
    /// What the user allows with it, for the consent page.
    pub allows: &'static str,
    /// Claims that UserInfo tells with it.
    pub claims: &'static [&'static str],
}

/// Those that every configuration has, in the order of the consent page.
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

/// Words that mean something only when a user signs in.
const OF_A_SIGN_IN: [&str; 2] = ["openid", "offline_access"];

/// The known words of `asked`, each once, in the order asked; RFC 6749 section 3.3 lets a server grant less.
pub fn granted(asked: &str, config: &Config) -> String {
    let mut granted: Vec<&str> = Vec::new();
    for word in words(asked) {
        if is_known(word, config) && !granted.contains(&word) {
            granted.push(word);
        }
    }
    granted.join(" ")
}

/// The words of `asked` that are not granted, and what lets them in; nothing where all are.
pub fn dropped(asked: &str, granted: &str) -> Option<String> {
    let dropped = beyond(asked, granted);
    let words = (!dropped.is_empty()).then(|| dropped.join(" "))?;
    Some(format!("left out of the scope: {words}, not known here (the setting scopes lists more)"))
}

/// The scope without the words that mean something only when a user signs in.
pub fn without_sign_in(scope: &str) -> String {
    without(scope, &OF_A_SIGN_IN)
}

/// The scope without some of its words.
pub fn without(scope: &str, left_out: &[&str]) -> String {
    words(scope).filter(|word| !left_out.contains(word)).collect::<Vec<_>>().join(" ")
}

/// Every word this server knows.
pub fn supported(config: &Config) -> Vec<&str> {
    SCOPES.iter().map(|known| known.word).chain(config.scopes.iter().map(String::as_str)).collect()
}

/// Each word of a granted scope and what the user allows with it.
pub fn explained(scope: &str) -> impl Iterator<Item = (&str, &str)> {
    let standard = SCOPES.iter().filter(move |known| contains(scope, known.word));
    let further = words(scope).filter(|word| SCOPES.iter().all(|known| known.word != *word));
    standard.map(|known| (known.word, known.allows)).chain(further.map(|word| (word, "Use the API for this")))
}

/// The claims of a user that a scope releases. Those that no standard scope names come with `profile`.
pub fn released(scope: &str, user: &User) -> Map<String, Value> {
    let releases = |claim: &str| match SCOPES.iter().find(|known| known.claims.contains(&claim)) {
        Some(known) => contains(scope, known.word),
        None => contains(scope, "profile"),
    };
    user.claims.iter().filter(|(claim, _)| releases(claim)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The claims of a user that are asked for one by one (OIDC Core section 5.5). What others vouch for is not among them.
pub fn asked(asked: &Map<String, Value>, user: &User) -> Map<String, Value> {
    let elsewhere = |name: &String| user.aggregated_claims.contains(name) || user.distributed_claims.contains(name);
    let own = user.claims.iter().filter(|(name, _)| asked.contains_key(*name) && !elsewhere(name));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Where every client is taken, so is every word: nobody could have listed those of a client that nobody registered.
fn is_known(word: &str, config: &Config) -> bool {
    config.any_client
        || SCOPES.iter().any(|known| known.word == word)
        || config.scopes.iter().any(|known| known == word)
}
