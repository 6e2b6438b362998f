//! An OAuth error as servers send it: three members, in JSON or in a redirect (RFC 6749 sections 4.1.2.1 and 5.2).

use std::fmt;

use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;

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

    /// From the body of an error answer. `None` when it has no `error` text.
    pub fn from_json(json: &Json) -> Option<Self> {
        let text = |name: &str| json.text(name).map(str::to_owned);
        Some(Self { error: text("error")?, error_description: text("error_description"), error_uri: text("error_uri") })
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
        f.write_str(&visible(&self.error))?;
        match &self.error_description {
            Some(description) => write!(f, ": {}", visible(description)),
            None => Ok(()),
        }
    }
}
