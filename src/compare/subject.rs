//! What a text is that is to be compared, recognised by what is in it.

use std::borrow::Cow;

use super::item::Fields;
use super::message::{of_document, of_token};
use super::side::{Side, runs_hiding};
use super::{Comparison, Kind, compare};
use crate::base::json::{Json, JsonError};
use crate::base::secret::Secret;
use crate::export::redact::Redactor;
use crate::flow::Flow;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::record::{ReadError, Record, Shape};
use crate::terms::metadata::Endpoint;

/// Something that can be compared with another of its kind.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A run file, or the JSON result of a run.
    Run(Box<Record>),
    /// A login that somebody else made, as a run, and secrets that passed in it.
    Login(Box<Flow>, Vec<Secret>),
    /// A token.
    Token(Box<Decoded>),
    /// A metadata document.
    Metadata(Json),
    /// A key set.
    Keys(Json),
}

/// Why something is not compared.
#[derive(Debug, thiserror::Error)]
pub enum NotComparable {
    /// It begins like JSON.
    #[error("no JSON that can be read: {0}")]
    Json(JsonError),
    /// It is a run, and a part of it is not as it has to be.
    #[error("no run that can be read: {0}")]
    Run(ReadError),
    /// None of what is known here.
    #[error("neither a run, a JSON Web Token, a metadata document, a key set nor a recording of a login")]
    Unknown,
    /// Two of different kinds.
    #[error("{} cannot be compared with {}", .0.plural(), .1.plural())]
    Kinds(Kind, Kind),
}

impl Kind {
    const fn plural(self) -> &'static str {
        match self {
            Self::Runs => "a run",
            Self::Tokens => "a token",
            Self::Metadata => "a metadata document",
            Self::Keys => "a key set",
        }
    }
}

impl Subject {
    /// Reads a text.
    ///
    /// # Errors
    /// When it is nothing that can be compared, or a run that cannot be read.
    pub fn read(text: &str) -> Result<Self, NotComparable> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.starts_with(['{', '[']) {
            let token = decode(text);
            return match token.form {
                Form::Opaque | Form::JsonSerialization => Err(NotComparable::Unknown),
                _ => Ok(Self::Token(Box::new(token))),
            };
        }
        let json = Json::parse_text(text).map_err(NotComparable::Json)?;
        if matches!(Shape::of(text), Ok(Shape::Run)) {
            return Record::read(text).map(|record| Self::Run(Box::new(record))).map_err(NotComparable::Run);
        }
        Self::of_json(json).or_else(|_| match decode(text) {
            token if token.form == Form::JsonSerialization => Ok(Self::Token(Box::new(token))),
            _ => Err(NotComparable::Unknown),
        })
    }

    /// A document, also within the result of `discover`.
    fn of_json(json: Json) -> Result<Self, NotComparable> {
        let is_metadata =
            |json: &Json| json.get("issuer").is_some() || Endpoint::ALL.iter().any(|it| json.get(it.name()).is_some());
        match json {
            json if matches!(json.get("keys"), Some(Json::Array(_))) => Ok(Self::Keys(json)),
            json if json.get("metadata").is_some_and(is_metadata) => {
                json.get("metadata").cloned().map(Self::Metadata).ok_or(NotComparable::Unknown)
            }
            json if is_metadata(&json) => Ok(Self::Metadata(json)),
            _ => Err(NotComparable::Unknown),
        }
    }

    /// What it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Run(_) | Self::Login(..) => Kind::Runs,
            Self::Token(_) => Kind::Tokens,
            Self::Metadata(_) => Kind::Metadata,
            Self::Keys(_) => Kind::Keys,
        }
    }

    /// A run, its preset, and whether its secrets are out.
    fn ran(&self) -> Option<(Cow<'_, Flow>, Option<&str>, bool)> {
        match self {
            Self::Run(record) => Some((Cow::Owned(record.flow()), record.preset.as_deref(), record.is_redacted)),
            Self::Login(flow, _) => Some((Cow::Borrowed(flow), None, false)),
            _ => None,
        }
    }

    /// What passed in it and it does not know of.
    fn secrets(&self) -> &[Secret] {
        if let Self::Login(_, secrets) = self { secrets } else { &[] }
    }

    /// One that is no run, without its secrets.
    fn side(&self, hide: &Redactor) -> Side {
        let (title, slug, parts): (String, &str, Vec<Fields>) = match self {
            Self::Token(token) => {
                let issuer =
                    token.claim("iss").and_then(Json::as_str).map_or(String::new(), |iss| format!(" of {iss}"));
                (format!("a token{issuer}"), "token", of_token("token", token, Some(hide)))
            }
            Self::Metadata(json) => {
                let issuer = json.text("issuer").unwrap_or("no issuer");
                (format!("metadata of {issuer}"), "metadata", of_document(Kind::Metadata, &hide.json(json)))
            }
            Self::Keys(json) => {
                let count = json.get("keys").map_or(0, |keys| keys.elements().len());
                (
                    format!("{count} {}", if count == 1 { "key" } else { "keys" }),
                    "keys",
                    of_document(Kind::Keys, &hide.json(json)),
                )
            }
            Self::Run(_) | Self::Login(..) => (String::new(), "run", Vec::new()),
        };
        Side::alone(hide.text(&title), slug, slug, parts)
    }
}

/// Two of one kind side by side.
///
/// # Errors
/// When they are of different kinds.
pub fn compare_subjects(a: &Subject, b: &Subject) -> Result<Comparison, NotComparable> {
    if let (Some((flow_a, preset_a, hidden_a)), Some((flow_b, preset_b, hidden_b))) = (a.ran(), b.ran()) {
        let secrets = [a, b].into_iter().flat_map(Subject::secrets).cloned().collect();
        return Ok(runs_hiding((&flow_a, preset_a, hidden_a), (&flow_b, preset_b, hidden_b), secrets));
    }
    if a.kind() != b.kind() {
        return Err(NotComparable::Kinds(a.kind(), b.kind()));
    }
    let hide = Redactor::default();
    Ok(compare(a.kind(), &a.side(&hide), &b.side(&hide)))
}
