//! What each parameter, header field, claim, metadata member and error code means, from `assets/terms`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;
use toml::Value;

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
    /// How it is computed, where it is: `BASE64URL(SHA256(code_verifier))`.
    #[serde(default)]
    pub formula: String,
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

/// The entries of a file by their headings. Each is read when it is asked for: there are hundreds, and a program that
/// explains one token needs ten.
struct Glossary(HashMap<String, Word>);

struct Word {
    /// From its heading to the next.
    text: &'static str,
    entry: OnceLock<Entry>,
}

impl Glossary {
    fn of(file: &'static str) -> Self {
        let lines = file.match_indices('\n').map(|(end, _)| end + 1);
        let headings = lines.filter_map(|at| Some((at, file[at..].strip_prefix('[')?.split(']').next()?)));
        // What fits one grant alone stands below the entry.
        let begins: Vec<_> = headings.filter(|(_, heading)| !heading.ends_with(".of")).collect();
        let ends = begins.iter().skip(1).map(|(at, _)| *at).chain([file.len()]);
        let word = |(&(from, heading), to): (&(usize, &str), usize)| {
            (heading.replace('"', ""), Word { text: &file[from..to], entry: OnceLock::new() })
        };
        Self(begins.iter().zip(ends).map(word).collect())
    }

    fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name).map(|word| word.entry.get_or_init(|| read(word.text)))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }
}

static PARAMETERS: LazyLock<Glossary> =
    LazyLock::new(|| Glossary::of(include_str!("../../assets/terms/parameters.toml")));
static METADATA: LazyLock<Glossary> = LazyLock::new(|| Glossary::of(include_str!("../../assets/terms/metadata.toml")));
static ERRORS: LazyLock<Glossary> = LazyLock::new(|| Glossary::of(include_str!("../../assets/terms/errors.toml")));
static FIELDS: LazyLock<Glossary> = LazyLock::new(|| Glossary::of(include_str!("../../assets/terms/fields.toml")));
static TOKEN: LazyLock<Glossary> = LazyLock::new(|| Glossary::of(include_str!("../../assets/terms/claims.toml")));

/// One entry, which is the innermost table that has a meaning.
fn read(text: &str) -> Entry {
    let mut value: Value = toml::from_str(text).expect(VALID);
    while value.get("meaning").is_none() {
        let tables = value.as_table_mut().map(std::mem::take);
        value = tables.and_then(|tables| tables.into_iter().next()).expect(VALID).1;
    }
    value.try_into().expect(VALID)
}

const VALID: &str = "the shipped glossary is valid, which a test proves";

/// A request or response parameter.
pub fn parameter(name: &str) -> Option<&'static Entry> {
    PARAMETERS.get(name)
}

/// All parameters that are explained, by the alphabet.
pub fn parameters() -> impl Iterator<Item = &'static str> {
    PARAMETERS.names()
}

/// A member of server metadata.
pub fn metadata(name: &str) -> Option<&'static Entry> {
    METADATA.get(name)
}

/// An `error` code.
pub fn error(code: &str) -> Option<&'static Entry> {
    ERRORS.get(code)
}

/// All `error` codes that are explained, by the alphabet.
pub fn error_codes() -> impl Iterator<Item = &'static str> {
    ERRORS.names()
}

/// A claim of a JWT.
pub fn claim(name: &str) -> Option<&'static Entry> {
    TOKEN.get(&format!("claims.{name}"))
}

/// A header field of a request or a response, in any case.
pub fn field(name: &str) -> Option<&'static Entry> {
    FIELDS.get(&format!("fields.{}", name.to_ascii_lowercase()))
}

/// A parameter of a challenge in `WWW-Authenticate`.
pub fn challenge(name: &str) -> Option<&'static Entry> {
    FIELDS.get(&format!("challenge.{name}"))
}

/// A member of a key.
pub fn jwk(name: &str) -> Option<&'static Entry> {
    TOKEN.get(&format!("jwk.{name}"))
}

/// A member of a JOSE header.
pub fn header(name: &str) -> Option<&'static Entry> {
    TOKEN.get(&format!("header.{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::client_auth::ClientAuthMethod;
    use crate::terms::grant::Grant;

    #[test]
    fn the_shipped_glossary_reads() {
        for (glossary, file) in [
            (&PARAMETERS, include_str!("../../assets/terms/parameters.toml")),
            (&METADATA, include_str!("../../assets/terms/metadata.toml")),
            (&ERRORS, include_str!("../../assets/terms/errors.toml")),
            (&FIELDS, include_str!("../../assets/terms/fields.toml")),
            (&TOKEN, include_str!("../../assets/terms/claims.toml")),
        ] {
            let whole: toml::Table = toml::from_str(file).expect("no heading twice");
            let of = |value: &Value| {
                if value.get("meaning").is_some() { 1 } else { value.as_table().map_or(0, |it| it.len()) }
            };
            assert_eq!(glossary.0.len(), whole.values().map(of).sum::<usize>());
            for name in glossary.0.keys() {
                assert!(glossary.get(name).is_some_and(|entry| !entry.meaning.is_empty()), "{name}");
            }
        }
        assert!(claim("x5t#S256").is_some() && header("x5t#S256").is_some() && claim("x").is_none());
        assert!(parameter("client_id").is_some_and(|entry| !entry.meaning.is_empty()));
        assert!(metadata("issuer").is_some());
        assert!(error("invalid_grant").is_some_and(|entry| !entry.advice.is_empty()));
        assert!(claim("iss").is_some());
        assert!(header("kid").is_some());
    }

    #[test]
    fn particular_advice_is_filed_under_words_that_occur() {
        let messages = [
            "authorization",
            "backchannel_authentication",
            "device_authorization",
            "introspection",
            "registration",
            "resource",
            "revocation",
        ];
        let is_word = |word: &str| {
            let is_grant = Grant::ALL.iter().any(|grant| grant.key() == word);
            is_grant || ClientAuthMethod::find(word).is_some() || messages.contains(&word)
        };
        for code in error_codes() {
            let entry = error(code).expect("it is explained");
            assert!(entry.particular.keys().all(|word| is_word(word)), "{code}: {:?}", entry.particular.keys());
        }
        let said = error("invalid_grant").map(|entry| entry.advice_of(&["password", "none"])).unwrap_or_default();
        assert!(said.first().is_some_and(|first| first.contains("password")) && said.len() > 2, "{said:?}");
    }
}
