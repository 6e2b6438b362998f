//! What each parameter, claim, metadata member and error code means, from `assets/terms`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// One word of the field.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// One sentence: what it does and who decides it.
    pub meaning: String,
    /// The document: `RFC 6749`.
    #[serde(default)]
    pub spec: String,
    /// The section: `4.1.3`.
    #[serde(default)]
    pub section: String,
    /// The heading under which metadata members are shown.
    #[serde(default)]
    pub group: String,
    /// For error codes: what to try, most likely cause first.
    #[serde(default, rename = "try")]
    pub advice: Vec<String>,
    /// For error codes: what fits one grant, client authentication or message alone, by its word.
    #[serde(default, rename = "of")]
    pub particular: BTreeMap<String, Vec<String>>,
}

impl Entry {
    /// What to try where these words fit, the particular first.
    pub fn advice_of(&self, words: &[&str]) -> Vec<String> {
        let particular = words.iter().filter_map(|word| self.particular.get(*word));
        particular.flatten().chain(&self.advice).cloned().collect()
    }

    /// `RFC 6749 §4.1.3`
    pub fn citation(&self) -> String {
        match (self.spec.as_str(), self.section.as_str()) {
            (spec, "") => spec.to_owned(),
            (spec, section) => format!("{spec} §{section}"),
        }
    }
}

type Entries = BTreeMap<String, Entry>;

#[derive(Deserialize)]
struct TokenTerms {
    header: Entries,
    claims: Entries,
}

static PARAMETERS: LazyLock<Entries> = LazyLock::new(|| read(include_str!("../../assets/terms/parameters.toml")));
static METADATA: LazyLock<Entries> = LazyLock::new(|| read(include_str!("../../assets/terms/metadata.toml")));
static ERRORS: LazyLock<Entries> = LazyLock::new(|| read(include_str!("../../assets/terms/errors.toml")));
static TOKEN: LazyLock<TokenTerms> = LazyLock::new(|| read(include_str!("../../assets/terms/claims.toml")));

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("the shipped glossary is valid, which a test proves")
}

/// A request or response parameter.
pub fn parameter(name: &str) -> Option<&'static Entry> {
    PARAMETERS.get(name)
}

/// A member of server metadata.
pub fn metadata(name: &str) -> Option<&'static Entry> {
    METADATA.get(name)
}

/// An `error` code.
pub fn error(code: &str) -> Option<&'static Entry> {
    ERRORS.get(code)
}

/// All `error` codes that are explained.
pub fn error_codes() -> impl Iterator<Item = &'static str> {
    ERRORS.keys().map(String::as_str)
}

/// A claim of a JWT.
pub fn claim(name: &str) -> Option<&'static Entry> {
    TOKEN.claims.get(name)
}

/// A member of a JOSE header.
pub fn header(name: &str) -> Option<&'static Entry> {
    TOKEN.header.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::client_auth::ClientAuthMethod;
    use crate::terms::grant::Grant;

    #[test]
    fn the_shipped_glossary_reads() {
        assert!(parameter("client_id").is_some_and(|entry| !entry.meaning.is_empty()));
        assert!(metadata("issuer").is_some());
        assert!(error("invalid_grant").is_some_and(|entry| !entry.advice.is_empty()));
        assert!(claim("iss").is_some());
        assert!(header("kid").is_some());
    }

    #[test]
    fn particular_advice_is_filed_under_words_that_occur() {
        let messages =
            ["authorization", "backchannel_authentication", "device_authorization", "introspection", "revocation"];
        let is_word = |word: &str| {
            let is_grant = Grant::ALL.iter().any(|grant| grant.key() == word);
            is_grant || ClientAuthMethod::find(word).is_some() || messages.contains(&word)
        };
        for (code, entry) in &*ERRORS {
            assert!(entry.particular.keys().all(|word| is_word(word)), "{code}: {:?}", entry.particular.keys());
        }
        let said = error("invalid_grant").map(|entry| entry.advice_of(&["password", "none"])).unwrap_or_default();
        assert!(said.first().is_some_and(|first| first.contains("password")) && said.len() > 2, "{said:?}");
    }
}
