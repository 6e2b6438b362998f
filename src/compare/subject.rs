//! What a text is that is to be compared, recognised by what is in it.

use super::item::Fields;
use super::message::{of_document, of_token};
use super::side::{Side, runs};
use super::{Comparison, Kind, compare};
use crate::base::json::{Json, JsonError};
use crate::export::redact::Redactor;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::record::{ReadError, Record};
use crate::terms::metadata::Endpoint;

/// Something that can be compared with another of its kind.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A run file, or the JSON result of a run.
    Run(Box<Record>),
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
    #[error("neither a run, a JSON Web Token, a metadata document nor a key set")]
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
        if json.get("exchanges").is_some() || json.get("grant").is_some() && json.get("outcome").is_some() {
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
            Self::Run(_) => Kind::Runs,
            Self::Token(_) => Kind::Tokens,
            Self::Metadata(_) => Kind::Metadata,
            Self::Keys(_) => Kind::Keys,
        }
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
            Self::Run(_) => (String::new(), "run", Vec::new()),
        };
        Side::alone(hide.text(&title), slug, slug, parts)
    }
}

/// Two of one kind side by side.
///
/// # Errors
/// When they are of different kinds.
pub fn compare_subjects(a: &Subject, b: &Subject) -> Result<Comparison, NotComparable> {
    match (a, b) {
        (Subject::Run(a), Subject::Run(b)) => {
            let (flow_a, flow_b) = (a.flow(), b.flow());
            Ok(runs((&flow_a, a.preset.as_deref(), a.is_redacted), (&flow_b, b.preset.as_deref(), b.is_redacted)))
        }
        (a, b) if a.kind() == b.kind() => {
            let hide = Redactor::default();
            Ok(compare(a.kind(), &a.side(&hide), &b.side(&hide)))
        }
        (a, b) => Err(NotComparable::Kinds(a.kind(), b.kind())),
    }
}
