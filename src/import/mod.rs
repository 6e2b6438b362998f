//! What other programs write or show, taken in: a request as it was copied, an address, a registration answer, a Postman
//! collection, the settings of an app. A text is recognised by what it is, never by the name of its file, and becomes settings; recordings and
//! runs are told apart here and read elsewhere.
//!
//! Nothing is fetched, and nothing that a text names is followed.

mod address;
mod app_settings;
mod document;
mod fetch;
mod keycloak;
mod placeholder;
mod postman;
mod powershell;
mod properties;
mod raw;
mod request;
mod secret;

use std::collections::HashSet;

use url::Url;

use self::placeholder::Held;
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::elided;
use crate::capture::curl::{self, Remark};
use crate::client::settings::{FIELDS, NotASwitch, Settings};
use crate::record::Shape;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::{credential, misspelt};

/// Most settings that a text fills in: more is no login that a person made.
const MOST: usize = 480;
const TOO_MUCH: &str = "There are hundreds of parameters in it: the rest is left out.";

/// Most sentences of one kind, and most characters of one.
const MOST_SENTENCES: usize = 100;
const LONGEST_SENTENCE: usize = 600;

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
    /// Where what was copied is less careful than this program, a sentence each.
    pub warnings: Vec<String>,
    /// What it names outside of it, which is not followed, a sentence each.
    pub not_followed: Vec<String>,
    /// What was left out or has to be filled in, and why, a sentence each.
    pub notes: Vec<String>,
    is_cut: bool,
}

/// A request as it was copied, and what is to be said of it.
type Copied = (HttpRequest, Vec<Remark>);

/// Why a text is nothing that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// None of the forms.
    #[error(
        "it is no request that was copied, no address of a login, no answer of a server, no export of Postman or \
         Keycloak, no settings of an app, no recording, no run and no preset"
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
        Self {
            what,
            grant: None,
            values: Vec::new(),
            warnings: Vec::new(),
            not_followed: Vec::new(),
            notes: Vec::new(),
            is_cut: false,
        }
    }

    fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value): (String, String) = (name.into(), value.into());
        // Fields are few; of a table's names there may be any number.
        let is_too_much = name.contains('.') && self.values.len() >= MOST;
        if is_too_much && !self.is_cut {
            self.is_cut = true;
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

    fn note_user(&mut self, url: &Url) {
        if !url.username().is_empty() || url.password().is_some() {
            self.note(secret::NOT_TAKEN);
        }
    }

    fn remark(&mut self, remark: Remark) {
        match remark {
            Remark::Unsafe(text) => self.warnings.push(text),
            Remark::NotFollowed(text) => self.not_followed.push(text),
            Remark::Unread(text) => self.notes.push(text),
        }
    }

    /// The address of its server: of the issuer, or of an endpoint.
    pub fn server(&self) -> Option<Url> {
        let is_server = |name: &&str| *name == "issuer" || Endpoint::find(name).is_some();
        let names = self.values.iter().map(|(name, _)| name.as_str()).filter(is_server);
        names.filter_map(|name| Url::parse(self.get(name)?).ok()).find(Url::has_host)
    }

    /// Whether this is the answer to an authorization request, which belongs to the run that asked.
    pub fn is_response(&self) -> bool {
        self.what == address::RESPONSE_URL
    }

    /// What is to be said of a text that is read, once and in so many words.
    fn finished(mut self) -> Self {
        secret::without_users(&mut self);
        let mut filled = placeholder::told(self);
        for sentences in [&mut filled.warnings, &mut filled.not_followed, &mut filled.notes] {
            bounded(sentences);
        }
        filled
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
        let own = name.rsplit('.').next().unwrap_or(name);
        let is_named = own != name && (credential::canonical(own).is_some() || misspelt::looks_secret(own));
        FIELDS.iter().any(|field| field.name == name && field.is_secret()) || is_named
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
        Self::is_secret(name)
            || (name.starts_with("api_") && named_inside(value))
            || (is_open(name) && secret::is_inside(name.rsplit('.').next().unwrap_or(name), value))
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
        _ if is_preset(text) && !curl::is_command(text) => Ok(Imported::Preset),
        _ => {
            let held = Held::of(text);
            let of_copied = || copied(held.text()).map(|read| read.map(|filled| held.put_back(filled)));
            let read = properties::read(text).or_else(of_copied);
            read.unwrap_or(Err(ImportError::Unknown)).map(Filled::finished).map(Imported::Settings)
        }
    }
}

/// The one address in a text: it may be broken over lines, or stand in an answer that leads there.
pub fn address_of(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let inner = raw::is_response(text).then(|| raw::response(text)).flatten();
    address::in_one_line(inner.as_deref().unwrap_or(text))
}

/// What was copied from a document, a browser or a terminal; `None` when it is none of it.
fn copied(text: &str) -> Option<Result<Filled, ImportError>> {
    let read: Option<(&'static str, Result<Copied, String>)> = if curl::is_command(text) {
        Some(("a cURL command", curl::command(text).map_err(|error| error.to_string())))
    } else if powershell::is_command(text) {
        Some(("a PowerShell command", powershell::read(text)))
    } else if fetch::is_call(text) {
        Some(("a fetch call", fetch::read(text)))
    } else if raw::is_request(text) {
        Some(("an HTTP request", raw::read(text)))
    } else {
        None
    };
    if let Some((what, read)) = read {
        return Some(read.map(|copied| request::read(what, copied)).map_err(|why| ImportError::Unreadable(what, why)));
    }
    if raw::is_response(text) {
        return raw::response(text).and_then(|inner| match inner.as_bytes().first() {
            Some(b'{') => document::read(&Json::parse_text(&inner).ok()?).map(Ok),
            _ => address::read(&inner).map(Ok),
        });
    }
    address::read(text).map(Ok)
}

fn json(text: &str) -> Result<Imported, ImportError> {
    let unreadable = |error: String| ImportError::Unreadable("JSON", error);
    let shape = match Shape::of(text) {
        Ok(shape) => shape,
        Err(error) => {
            let read = Some(text).filter(|text| text.len() <= LIMIT).and_then(app_settings::with_comments);
            let told = |filled: Filled| Imported::Settings(filled.finished());
            return read.map(told).ok_or_else(|| unreadable(error.to_string()));
        }
    };
    match shape {
        Shape::Run => Ok(Imported::Run),
        Shape::Recording => Ok(Imported::Recording),
        Shape::Other if text.len() > LIMIT => Err(ImportError::TooLarge),
        Shape::Other => {
            let json = Json::parse_text(text).map_err(|error| unreadable(error.to_string()))?;
            let readers = [postman::read, keycloak::read, document::read, app_settings::read];
            let filled = readers.into_iter().find_map(|read| read(&json));
            filled.map(Filled::finished).map(Imported::Settings).ok_or(ImportError::Unknown)
        }
    }
}

/// Each once, and what is more counted.
fn bounded(sentences: &mut Vec<String>) {
    let mut known = HashSet::new();
    sentences.retain(|sentence| known.insert(sentence.clone()));
    let more = sentences.len().saturating_sub(MOST_SENTENCES);
    sentences.truncate(MOST_SENTENCES);
    sentences.iter_mut().for_each(|sentence| *sentence = elided(sentence, LONGEST_SENTENCE).to_string());
    if more > 0 {
        sentences.push(format!("There is more of this kind, which is left out: {more} more."));
    }
}

/// Whether nothing is known of what stands under this name: of a table's names, and in what an API is sent.
fn is_open(name: &str) -> bool {
    name.contains('.') || name.starts_with("api_")
}

/// A name without case and marks, as programs agree on it: `clientid` for `Client-Id`, `client_id` and `clientId`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
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
    let is_secret = |word: &str| credential::canonical(word).is_some() || misspelt::looks_secret(word);
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
        (false, 1) if words[0] == "none" => Some(Grant::AuthorizationCode),
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
