//! An OAuth error as servers send it: three members, in JSON or in a redirect (RFC 6749 sections 4.1.2.1 and 5.2).

use std::fmt;

use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::{quoted, visible};

/// Where servers put the code that belongs into `error`, the likeliest first.
const CODES: [&str; 10] =
    ["error_code", "errorCode", "errcode", "errCode", "error", "type", "code", "name", "status", "title"];

/// Where they put the text that belongs into `error_description`.
const DESCRIPTIONS: [&str; 13] = [
    "error_description",
    "errorSummary",
    "error_message",
    "errorMessage",
    "errmsg",
    "errMsg",
    "faultstring",
    "message",
    "Message",
    "detail",
    "description",
    "msg",
    "title",
];

/// Words that say no more than that it is an error.
const EMPTY: [&str; 5] = ["error", "fail", "failed", "failure", "false"];

/// Whether an object says that it is no success, whatever the status of its answer: `"success":false`, `"status":"error"`,
/// an `errcode` that is not 0, a `fault`.
pub fn says_no(json: &Json) -> bool {
    let is = |name: &str, wanted: bool| json.get(name).and_then(Json::as_bool) == Some(wanted);
    let status = json.text("status").unwrap_or_default().to_ascii_lowercase();
    let code = ["errcode", "errCode"].iter().find_map(|name| json.get(name)?.as_i64());
    let is_fault = json.get("fault").is_some_and(Json::is_object);
    is("success", false)
        || is("ok", false)
        || matches!(status.as_str(), "error" | "fail")
        || code.is_some_and(|code| code != 0)
        || is_fault
}

/// Words beside which further ones say why, as Okta writes them: `errorSummary (its causes)`.
fn with_causes(description: Option<String>, said: &Json) -> Option<String> {
    let causes = said.get("errorCauses").map(Json::elements).unwrap_or_default();
    let causes: Vec<&str> = causes.iter().filter_map(|cause| cause.text("errorSummary")).take(3).collect();
    match (description, causes.is_empty()) {
        (description, true) => description,
        (Some(description), false) => Some(format!("{description} ({})", causes.join("; "))),
        (None, false) => Some(causes.join("; ")),
    }
}

/// A text or a number, as a text that says something.
fn words(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The error a server answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The code that programs read: `invalid_grant`.
    pub error: String,
    /// Text for the developer, never for the end user.
    pub error_description: Option<String>,
    /// A page about the error. Never opened by itself.
    pub error_uri: Option<String>,
}

impl OAuthError {
    /// An error with a description.
    pub fn new(error: &str, description: impl Into<String>) -> Self {
        Self { error: error.to_owned(), error_description: Some(description.into()), error_uri: None }
    }

    /// Whether it says no more than that it is an error, as a lone `"status":"error"`.
    pub fn is_without_words(&self) -> bool {
        self.error_description.is_none() && EMPTY.contains(&self.error.to_ascii_lowercase().as_str())
    }

    /// From the body of an error answer. `None` when it has no `error` text, or an empty one.
    pub fn from_json(json: &Json) -> Option<Self> {
        let text = |name: &str| json.text(name).map(str::to_owned);
        let error = text("error").filter(|error| !error.is_empty())?;
        Some(Self { error, error_description: text("error_description"), error_uri: text("error_uri") })
    }

    /// From the body of an answer that says no in words of its own, with what is wrong about it: an `error` that is no
    /// text, or members of other names. `None` when it says nothing of the kind.
    pub fn from_foreign(json: &Json) -> Option<(Self, String)> {
        let (place, said) = match json.get("error") {
            Some(object @ Json::Object(_)) => ("error is an object", object),
            Some(Json::Array(list)) => ("error is an array", list.first()?),
            Some(Json::String(_)) | None => match (json.get("errors").map(Json::elements), json.get("fault")) {
                (Some([first, ..]), _) => ("errors is an array", first),
                (_, Some(fault @ Json::Object(_))) => ("there is no error", fault),
                // As FastAPI lists what is wrong with a request.
                _ if json.get("detail").is_some_and(|it| !it.elements().is_empty()) => {
                    ("there is no error", json.get("detail").and_then(|it| it.elements().first())?)
                }
                _ => ("there is no error", json),
            },
            Some(_) => ("error is no text", json),
        };
        let first = |names: &[&str]| names.iter().find_map(|name| Some(((*name).to_owned(), words(said.get(name)?)?)));
        let any = first(&CODES);
        let code = any.clone().filter(|(_, code)| !EMPTY.contains(&code.to_ascii_lowercase().as_str()));
        let description = first(&DESCRIPTIONS).or_else(|| Some((String::new(), words(said)?)));
        let unsaid = || says_no(json).then(|| (String::new(), "success is false".to_owned()));
        let (name, error) = code.or_else(|| description.clone()).or(any).or_else(unsaid)?;
        let how = if name.is_empty() { place.to_owned() } else { format!("{place}; its place is taken by {name}") };
        let error_description = description.map(|(_, text)| text).filter(|text| *text != error);
        let error_description = with_causes(error_description, said);
        Some((Self { error, error_description, error_uri: None }, how))
    }

    /// From the parameters of an authorization response. `None` when it has no `error`.
    pub fn from_params(params: &Params) -> Option<Self> {
        let text = |name: &str| params.get(name).map(str::to_owned);
        Some(Self { error: text("error")?, error_description: text("error_description"), error_uri: text("error_uri") })
    }
}

impl fmt::Display for OAuthError {
    /// `invalid_grant: the code was used before`, with control characters made visible.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.error))?;
        match &self.error_description {
            Some(description) if !description.is_empty() => write!(f, ": {}", visible(description)),
            _ => Ok(()),
        }
    }
}
