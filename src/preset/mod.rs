//! The preset file: everything needed to talk to one authorization server, as TOML (`presets/README.md`).
//!
//! Text in, text out; files are `io::storage`'s. A preset holds a template of the settings in which
//! `{placeholders}` still stand, and says where the client secret comes from instead of holding it.

mod built_in;
mod layout;
mod lint;
mod read;
mod section;
mod write;

use std::collections::BTreeMap;

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::settings::{FIELDS, Settings, Slot};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::scope;

pub use built_in::{PRACTICE, built_in, find};
pub use read::{FILE_LIMIT, Place, PresetError, PresetWarning};

/// The format version that is read and written.
pub const VERSION: i64 = 1;

/// One preset file, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preset {
    /// Shown in the provider picker.
    pub name: String,
    /// The provider's page about registering a client.
    pub documentation: String,
    /// What a user must know before the first run.
    pub notes: Vec<String>,
    /// What is asked for before the first use, in the order of the file.
    pub placeholders: Vec<Placeholder>,
    /// `grant_type` as the file names it: `authorization_code`. Empty when it names none.
    pub grant: String,
    /// The settings with placeholders still in them. Its client secret is always empty.
    pub template: Settings,
    /// Where the client secret comes from.
    pub client_secret: SecretRef,
}

/// A value that the window asks for before the first use, such as a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholder {
    /// What stands between the braces.
    pub id: String,
    /// Name of the field.
    pub label: String,
    /// Grey text in the empty field.
    pub example: String,
    /// Where to find the value.
    pub hint: String,
    /// Filled in already; an empty one makes the field optional.
    pub default: Option<String>,
}

/// Where a secret comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SecretRef {
    /// There is none: a public client.
    #[default]
    Absent,
    /// Asked for once per session, kept in memory only.
    Ask,
    /// Read from this environment variable.
    Env(String),
    /// Written in the file as it is, which the user chose by name.
    Plain(Secret),
}

/// Placeholders without answer and without default, by id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these values are needed first: {}", .0.join(", "))]
pub struct Unanswered(pub Vec<String>);

impl Preset {
    /// The grant, when it is one that works here. No grant named means the authorization code grant.
    pub fn known_grant(&self) -> Option<Grant> {
        match self.grant.as_str() {
            "" => Some(Grant::AuthorizationCode),
            name => Grant::find(name),
        }
    }

    /// The settings, with each `{placeholder}` replaced by its answer, by id.
    ///
    /// An empty answer counts as none. `secret` is asked where the file does not hold the secret itself.
    ///
    /// # Errors
    /// When a placeholder has neither answer nor default.
    pub fn settings(
        &self,
        answers: &BTreeMap<String, String>,
        secret: impl FnOnce(&SecretRef) -> Secret,
    ) -> Result<Settings, Unanswered> {
        let values = self.values(answers)?;
        let mut settings = self.template.clone();
        each_text(&mut settings, |text| {
            if text.contains('{') {
                *text = filled(text, &values);
            }
        });
        settings.client.client_secret = match &self.client_secret {
            SecretRef::Absent => Secret::default(),
            SecretRef::Plain(plain) => plain.clone(),
            elsewhere => secret(elsewhere),
        };
        // A client whose secret is kept elsewhere is no public one: nothing of it leaves without the secret.
        let is_elsewhere = matches!(self.client_secret, SecretRef::Ask | SecretRef::Env(_));
        if is_elsewhere && settings.client.token_endpoint_auth_method.is_empty() {
            ClientAuthMethod::ClientSecretBasic.name().clone_into(&mut settings.client.token_endpoint_auth_method);
        }
        Ok(settings)
    }

    fn values<'a>(&'a self, answers: &'a BTreeMap<String, String>) -> Result<BTreeMap<&'a str, &'a str>, Unanswered> {
        let mut missing = Vec::new();
        let mut values = BTreeMap::new();
        for placeholder in &self.placeholders {
            let answer = answers.get(&placeholder.id).map(|answer| answer.trim()).filter(|answer| !answer.is_empty());
            match answer.or(placeholder.default.as_deref()) {
                Some(value) => drop(values.insert(placeholder.id.as_str(), value)),
                None => missing.push(placeholder.id.clone()),
            }
        }
        if missing.is_empty() { Ok(values) } else { Err(Unanswered(missing)) }
    }

    /// A preset that holds these settings. Documentation, notes and what has no setting come from `base`,
    /// its placeholders do not: their answers are in the settings.
    pub fn from_settings(name: &str, settings: &Settings, client_secret: SecretRef, base: Option<&Self>) -> Self {
        let base = base.cloned().unwrap_or_default();
        Self {
            name: name.to_owned(),
            placeholders: Vec::new(),
            template: normalised(settings.clone()),
            client_secret,
            ..base
        }
    }
}

/// Every text of the settings in which a placeholder may stand.
fn each_text(settings: &mut Settings, mut visit: impl FnMut(&mut String)) {
    for field in FIELDS {
        if let Slot::Text(text) = (field.slot)(settings) {
            visit(text);
        }
    }
    settings.server.endpoints.values_mut().for_each(&mut visit);
    let (request, token_request) = (&mut settings.request, &mut settings.token_request);
    for params in [&mut request.extra, &mut request.api_headers, &mut token_request.extra, &mut token_request.headers] {
        params.0.iter_mut().for_each(|(_, value)| visit(value));
    }
}

/// Replaces in one pass, so that an answer with braces in it stays as it is.
fn filled(text: &str, values: &BTreeMap<&str, &str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from_brace) = rest.split_at(open);
        out.push_str(before);
        let named = from_brace[1..].find('}').and_then(|close| Some((close, values.get(&from_brace[1..=close])?)));
        match named {
            Some((close, value)) => {
                out.push_str(value);
                rest = &from_brace[close + 2..];
            }
            None => {
                out.push('{');
                rest = &from_brace[1..];
            }
        }
    }
    out + rest
}

/// The settings as the file can say them, and nothing that means something else when read back.
fn normalised(mut settings: Settings) -> Settings {
    for field in FIELDS {
        if let Slot::Secret(secret) = (field.slot)(&mut settings) {
            *secret = Secret::default();
        }
    }
    settings.server.endpoints.retain(|_, url| !url.is_empty());
    // Absent means the default in a file, but not sent in the settings.
    if settings.request.code_challenge_method.is_empty() {
        settings.request.code_challenge_method = "off".to_owned();
    }
    if settings.request.response_type.is_empty() {
        settings.request.response_type = Settings::default().request.response_type;
        settings.request.omit.push_str(" response_type");
    }
    let (request, token_request) = (&mut settings.request, &mut settings.token_request);
    for list in [&mut request.resource, &mut request.omit, &mut token_request.omit] {
        *list = scope::words(list).collect::<Vec<_>>().join(" ");
    }
    for params in [&mut request.extra, &mut token_request.extra] {
        *params = grouped(params);
    }
    for headers in [&mut request.api_headers, &mut token_request.headers] {
        *headers = last_of_each(headers);
    }
    settings
}

/// Values of one name side by side, as an array of the file holds them.
fn grouped(params: &Params) -> Params {
    let mut out = Params::new();
    for (name, _) in params.iter().filter(|(name, _)| !name.is_empty()) {
        if !out.contains(name) {
            out.0.extend(params.all(name).map(|value| (name.to_owned(), value.to_owned())));
        }
    }
    out
}

/// One value a name: a header of the settings replaces the one before.
fn last_of_each(headers: &Params) -> Params {
    let mut out = Params::new();
    for (name, value) in headers.iter().filter(|(name, _)| !name.is_empty()) {
        out.set(name, value);
    }
    out
}
