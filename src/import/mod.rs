//! What other programs write or show, taken in: a copied cURL command, an address, a registration answer, a Postman
//! collection. A text is recognised by what it is, never by the name of its file, and becomes settings; recordings and
//! runs are told apart here and read elsewhere.
//!
//! Nothing is fetched, and nothing that a text names is followed.

mod address;
mod command;
mod document;
mod postman;

use url::Url;

use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::capture::curl;
use crate::client::settings::{FIELDS, NotASwitch, Settings, Slot};
use crate::record::Shape;
use crate::terms::credential;
use crate::terms::grant::Grant;

/// Most settings that a text fills in: more is no login that a person made.
const MOST: usize = 480;
const TOO_MUCH: &str = "There are hundreds of parameters in it: the rest is left out.";

/// Longest text whose form is looked at, in bytes. Recordings may be longer.
pub const LIMIT: usize = 4 * 1024 * 1024;

/// What a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It says something of a client or its server.
    Settings(Filled),
    /// A run that was saved ([`Record::read`](crate::record::Record::read)).
    Run,
    /// What browser or proxy recorded ([`capture`](crate::capture)).
    Recording,
    /// A preset file ([`preset`](crate::preset)).
    Preset,
}

/// Settings that a text fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What the text is: `a cURL command`.
    pub what: &'static str,
    /// Which grant it speaks of.
    pub grant: Option<Grant>,
    /// Settings by the names that `--set` takes, each with its value, in the order in which they are set.
    pub values: Vec<(String, Secret)>,
    /// What was left out or is not followed, and why, a sentence each.
    pub notes: Vec<String>,
}

/// Why a text is nothing that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// None of the forms.
    #[error(
        "it is no cURL command, no address of a login, no answer of a server, no Postman export, no recording, no run \
         and no preset"
    )]
    Unknown,
    /// A form that is known, and cannot be read.
    #[error("it looks like {0}, which cannot be read: {1}")]
    Unreadable(&'static str, String),
    /// Larger than such a text ever is.
    #[error("it is larger than {} MB", LIMIT / (1024 * 1024))]
    TooLarge,
}

impl Filled {
    fn new(what: &'static str) -> Self {
        Self { what, grant: None, values: Vec::new(), notes: Vec::new() }
    }

    fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value): (String, String) = (name.into(), value.into());
        // Fields are few; of a table's names there may be any number.
        let is_too_much = name.contains('.') && self.values.len() >= MOST;
        if is_too_much && !self.notes.iter().any(|note| note == TOO_MUCH) {
            self.note(TOO_MUCH);
        }
        if value.is_empty() || is_too_much {
            return;
        }
        // A field has one value; of a table's names several may be sent.
        match self.values.iter_mut().find(|(known, _)| *known == name && !name.contains('.')) {
            Some((_, known)) => *known = Secret::new(value),
            None => self.values.push((name, Secret::new(value))),
        }
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Endpoints that are given need no metadata.
    fn without_discovery(&mut self) {
        if self.get("issuer").is_none() {
            self.put("discovery", "false");
        }
    }

    /// The value of a setting.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.expose())
    }

    /// Puts it into settings that are empty otherwise.
    ///
    /// # Errors
    /// When a switch is given a word that is none.
    pub fn settings(&self) -> Result<Settings, NotASwitch> {
        let mut settings = Settings::default();
        for (name, value) in &self.values {
            settings.set(name, value.expose())?;
        }
        Ok(settings)
    }

    /// Whether the value of this setting is shown masked.
    pub fn is_secret(name: &str) -> bool {
        let is_field = |field: &&crate::client::settings::Field| {
            field.name == name && matches!((field.slot)(&mut Settings::default()), Slot::Secret(_))
        };
        let own = name.rsplit('.').next().unwrap_or(name);
        let is_named = own != name && (credential::canonical(own).is_some() || credential::looks_secret(own));
        FIELDS.iter().any(|field| is_field(&field)) || is_named
    }

    /// Settings that are secrets and no field for one: of a table's names, in a body or an address. A preset would hold
    /// them in clear.
    pub fn loose(&self) -> Vec<&str> {
        let names = self.values.iter().filter(|(name, value)| Self::hides(name, value.expose()));
        let is_loose = |name: &&str| FIELDS.iter().all(|field| field.name != *name) || name.starts_with("api_");
        names.map(|(name, _)| name.as_str()).filter(is_loose).collect()
    }

    /// Whether this value is shown masked: for its name, or for what stands in it.
    pub fn hides(name: &str, value: &str) -> bool {
        Self::is_secret(name) || (name.starts_with("api_") && named_inside(value))
    }
}

/// What this text is, and what it says.
///
/// # Errors
/// Says why it is nothing that can be taken in.
pub fn import(text: &str) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(ImportError::Empty);
    }
    match text.as_bytes()[0] {
        b'{' | b'[' => json(text),
        _ if text.len() > LIMIT => Err(ImportError::TooLarge),
        _ if curl::is_command(text) => command::read(text).map(Imported::Settings),
        _ => match address::read(text) {
            Some(filled) => Ok(Imported::Settings(filled)),
            None if is_preset(text) => Ok(Imported::Preset),
            None => Err(ImportError::Unknown),
        },
    }
}

fn json(text: &str) -> Result<Imported, ImportError> {
    let unreadable = |error: String| ImportError::Unreadable("JSON", error);
    match Shape::of(text).map_err(|error| unreadable(error.to_string()))? {
        Shape::Run => Ok(Imported::Run),
        Shape::Recording => Ok(Imported::Recording),
        Shape::Other if text.len() > LIMIT => Err(ImportError::TooLarge),
        Shape::Other => {
            let json = Json::parse_text(text).map_err(|error| unreadable(error.to_string()))?;
            let filled = postman::read(&json).or_else(|| document::read(&json));
            filled.map(Imported::Settings).ok_or(ImportError::Unknown)
        }
    }
}

/// A preset is TOML with a name and a version of its format.
fn is_preset(text: &str) -> bool {
    let key = |line: &str| line.split_once('=').map(|(key, _)| key.trim().to_owned());
    let keys: Vec<String> = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).filter_map(key).collect();
    keys.iter().any(|key| key == "name") && keys.iter().any(|key| key == "version")
}

/// Whether a body or an address names a credential: a word with `=` or `:` behind it.
fn named_inside(value: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let is_secret = |word: &str| credential::canonical(word).is_some() || credential::looks_secret(word);
    let ends = value.match_indices(['=', ':']).map(|(at, _)| value[..at].trim_end_matches(['"', '\'', ' ', '\\']));
    ends.map(|before| before.rsplit(|c| !is_word(c)).next().unwrap_or_default())
        .filter(|word| word.len() < 64)
        .any(is_secret)
}

/// The grant that a `response_type` belongs to (RFC 6749 section 3.1.1, OAuth 2.0 Multiple Response Types).
fn grant_of_response(response_type: &str) -> Option<Grant> {
    let words: Vec<&str> = response_type.split_ascii_whitespace().collect();
    match (words.contains(&"code"), words.len()) {
        (true, 1) => Some(Grant::AuthorizationCode),
        (true, _) => Some(Grant::Hybrid),
        (false, 0) => None,
        (false, _) => words.iter().any(|word| matches!(*word, "token" | "id_token")).then_some(Grant::Implicit),
    }
}

/// The grant with this `grant_type`. A code may come of a hybrid flow too, of which the token request says nothing.
fn grant_of_type(grant_type: &str) -> Option<Grant> {
    Grant::ALL.into_iter().find(|grant| grant.grant_type() == grant_type)
}

/// The address without query, fragment, and user.
fn bare(url: &Url) -> String {
    let mut url = without_user(url);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// The address without a name and password in it.
fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // An address that can have no user has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}
