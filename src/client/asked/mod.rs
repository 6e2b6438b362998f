//! What was asked for against what was granted: the services that a token is for (RFC 8707), fine-grained permissions
//! (RFC 9396) and single claims (OIDC Core section 5.5).

pub mod claims;
pub mod details;
pub mod resource;

use crate::base::json::Json;
use crate::base::text::{elided_between_words, visible};

/// Most characters of a value that are shown.
const SHOWN: usize = 120;

/// A text from outside, as much of it as is shown.
fn short(text: &str) -> String {
    elided_between_words(&visible(text), SHOWN).into_owned()
}

/// A value as it is shown: a text without its quotes.
fn said(value: &Json) -> String {
    value.as_str().map_or_else(|| short(&value.to_string()), short)
}
