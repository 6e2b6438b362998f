//! Text to preset. Unknown keys are warnings, everything that would be misunderstood is an error with its place.

use std::fmt;

use toml::de::{DeTable, DeValue};

use super::layout::{self, ENTRIES, Form, SECTIONS};
use super::section::{Section, Unknown, place};
use super::{Placeholder, Preset, SecretRef, VERSION};
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::settings::{Settings, Slot};
use crate::terms::metadata::Endpoint;

/// Largest preset, in bytes.
pub const FILE_LIMIT: usize = 1024 * 1024;

/// A place in the file, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Characters from the start of the line.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is no preset. Never holds a value of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresetError {
    /// Over [`FILE_LIMIT`].
    #[error("the preset is larger than 1 MiB")]
    TooLarge,
    /// Not TOML.
    #[error("{0}: not TOML: {1}")]
    Syntax(Place, String),
    /// Every file says its version.
    #[error("version is missing: a preset begins with version = {VERSION}")]
    NoVersion,
    /// Made by a newer program.
    #[error("{0}: this preset has version {1}, and this program knows version {VERSION}; a newer release can read it")]
    NewerVersion(Place, i64),
    /// There was no version before 1.
    #[error("{0}: there is no preset version {1}; write version = {VERSION}")]
    NoSuchVersion(Place, i64),
    /// A known key with another type.
    #[error("{place}: {key} has to be {expected}, not {found}")]
    WrongType {
        /// Where the value is.
        place: Place,
        /// With its section: `request.scope`.
        key: String,
        /// With its article.
        expected: &'static str,
        /// TOML's word for what it is.
        found: &'static str,
    },
    /// No key is one of a preset: the first of them, by its line.
    #[error("line {}: {} is no key of a preset, and nothing that a preset holds stands beside it", .0.line, visible(&.0.key))]
    NoPreset(PresetWarning),
    /// A secret stands where a reference belongs; it is not repeated here.
    #[error(
        "{0}: {1} is written in plain text; write \"ask\", \"env:NAME\", or {{ plain = \"...\" }} if it may stand in the file"
    )]
    PlainSecret(Place, String),
}

/// A key that means nothing, and was ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetWarning {
    /// Counts from 1.
    pub line: usize,
    /// With its section: `request.scopes`.
    pub key: String,
}

impl fmt::Display for PresetWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: the key {} is not known and was ignored", self.line, visible(&self.key))?;
        self.meant().map_or(Ok(()), |key| write!(f, "; did you mean {key}?"))
    }
}

impl PresetWarning {
    /// The key that may be meant, with its section.
    pub fn meant(&self) -> Option<String> {
        layout::meant(&self.key)
    }
}

impl Preset {
    /// Reads a preset file.
    ///
    /// # Errors
    /// When the text is no TOML, too large, of another version, or holds nothing of a preset, or a known key has a wrong
    /// type.
    pub fn parse(text: &str) -> Result<(Self, Vec<PresetWarning>), PresetError> {
        if text.len() > FILE_LIMIT {
            return Err(PresetError::TooLarge);
        }
        let document = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
        let mut file = Section::new(text, String::new(), document.get_ref());
        check_version(&mut file)?;
        let mut unknown = Vec::new();
        let preset = read_file(file, &mut unknown)?;
        let warnings = warnings(text, unknown);
        // What is nothing but unknown keys would empty the settings of who opens it. One in a section that is known is a
        // slip.
        let is_slip = |warning: &PresetWarning| warning.key.contains('.');
        match warnings.first() {
            Some(first) if preset.says_nothing() && !warnings.iter().any(is_slip) => {
                Err(PresetError::NoPreset(first.clone()))
            }
            _ => Ok((preset, warnings)),
        }
    }
}

impl Preset {
    /// Whether there is no setting in it and nothing that becomes one. A name alone is that of many files.
    fn says_nothing(&self) -> bool {
        let Self { name, documentation, notes, .. } = self;
        let (name, documentation, notes) = (name.clone(), documentation.clone(), notes.clone());
        *self == Self { name, documentation, notes, ..Self::default() }
    }
}

/// Goes through the text once, however many keys there are.
fn warnings(text: &str, mut unknown: Vec<Unknown>) -> Vec<PresetWarning> {
    unknown.sort_unstable();
    let (mut line, mut read) = (1, 0);
    let warning = |(start, key): Unknown| {
        line += text.as_bytes()[read..start].iter().filter(|byte| **byte == b'\n').count();
        read = start;
        PresetWarning { line, key }
    };
    unknown.into_iter().map(warning).collect()
}

fn syntax(text: &str, error: &toml::de::Error) -> PresetError {
    let at = error.span().map_or(0, |span| span.start);
    PresetError::Syntax(place(text, at), visible(error.message()).into_owned())
}

fn check_version(file: &mut Section<'_>) -> Result<(), PresetError> {
    let value = file.take("version").ok_or(PresetError::NoVersion)?;
    let version = match value.get_ref() {
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).unwrap_or(i64::MAX),
        _ => return Err(file.wrong_type("version", value, "a whole number")),
    };
    match version {
        VERSION => Ok(()),
        newer if newer > VERSION => Err(PresetError::NewerVersion(file.place(value), newer)),
        other => Err(PresetError::NoSuchVersion(file.place(value), other)),
    }
}

fn read_file(mut file: Section<'_>, unknown: &mut Vec<Unknown>) -> Result<Preset, PresetError> {
    let mut preset = Preset {
        name: file.text("name")?,
        documentation: file.text("documentation")?,
        notes: file.list("notes")?,
        placeholders: read_placeholders(&mut file, unknown)?,
        ..Preset::default()
    };
    let mut template = Settings::default();
    for name in SECTIONS {
        let Some(mut section) = file.section(name)? else { continue };
        read_fields(&mut section, name, &mut template)?;
        match name {
            "server" => read_endpoints(&mut section, &mut template)?,
            "client" => preset.client_secret = read_secret(&mut section, unknown)?,
            "request" => {
                preset.grant = section.text("grant")?;
                template.request.extra = section.params("extra")?;
                template.request.api_headers = section.headers("api_headers")?;
            }
            _ => {
                template.token_request.headers = section.headers("headers")?;
                template.token_request.extra = section.params("extra")?;
            }
        }
        section.finish(unknown);
    }
    preset.template = template;
    file.finish(unknown);
    Ok(preset)
}

fn read_fields(section: &mut Section<'_>, name: &str, template: &mut Settings) -> Result<(), PresetError> {
    for entry in ENTRIES.iter().filter(|entry| entry.section == name) {
        let text = match entry.form {
            Form::Text => section.text(entry.key)?,
            Form::Number => section.number(entry.key)?,
            Form::List => section.list(entry.key)?.join(" "),
            Form::Switch => {
                if let (Some(value), Slot::Switch(switch)) =
                    (section.switch(entry.key)?, (entry.field().slot)(template))
                {
                    *switch = value;
                }
                continue;
            }
        };
        if let Slot::Text(slot) = (entry.field().slot)(template)
            && !text.is_empty()
        {
            *slot = text;
        }
    }
    Ok(())
}

fn read_endpoints(section: &mut Section<'_>, template: &mut Settings) -> Result<(), PresetError> {
    for endpoint in Endpoint::ALL {
        let url = section.text(endpoint.name())?;
        if !url.is_empty() {
            template.server.endpoints.insert(endpoint, url);
        }
    }
    Ok(())
}

fn read_placeholders(file: &mut Section<'_>, unknown: &mut Vec<Unknown>) -> Result<Vec<Placeholder>, PresetError> {
    let Some(mut section) = file.section("placeholders")? else { return Ok(Vec::new()) };
    let mut placeholders = Vec::new();
    for id in section.keys() {
        let Some(mut one) = section.section(&id)? else { continue };
        let label = one.text("label")?;
        placeholders.push(Placeholder {
            label: if label.is_empty() { id.clone() } else { label },
            example: one.text("example")?,
            hint: one.text("hint")?,
            default: one.optional_text("default")?,
            id,
        });
        one.finish(unknown);
    }
    Ok(placeholders)
}

fn read_secret(section: &mut Section<'_>, unknown: &mut Vec<Unknown>) -> Result<SecretRef, PresetError> {
    const EXPECTED: &str = "\"ask\", \"env:NAME\" or { plain = \"...\" }";
    const KEY: &str = "client_secret";
    let Some(value) = section.take(KEY) else { return Ok(SecretRef::Absent) };
    match value.get_ref() {
        DeValue::String(text) => {
            reference(text).ok_or_else(|| PresetError::PlainSecret(section.place(value), section.path(KEY)))
        }
        DeValue::Table(table) => {
            let mut inner = section.inside(KEY, table);
            let plain = inner.optional_text("plain")?.ok_or_else(|| section.wrong_type(KEY, value, EXPECTED))?;
            inner.finish(unknown);
            Ok(SecretRef::Plain(Secret::new(plain)))
        }
        _ => Err(section.wrong_type(KEY, value, EXPECTED)),
    }
}

fn reference(text: &str) -> Option<SecretRef> {
    match text {
        "" => Some(SecretRef::Absent),
        "ask" => Some(SecretRef::Ask),
        _ => {
            let name = text.strip_prefix("env:")?;
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            is_name.then(|| SecretRef::Env(name.to_owned()))
        }
    }
}
