//! Secrets in what is taken in, wherever they stand: names and passwords in addresses, and credentials by their shape.

use std::borrow::Cow;

use url::Url;

use super::{Filled, without_user};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::without_users as text_without_users;
use crate::export::redact::is_credential_by_shape;

/// What is said of them.
pub(super) const NOT_TAKEN: &str = "Name and password in the address are not taken over.";

/// Takes names and passwords out of every address, also of those that a sentence names. A secret stays what it is, and a
/// body is hidden as a whole.
pub(super) fn without_users(filled: &mut Filled) {
    let mut is_taken_out = false;
    for (name, value) in &mut filled.values {
        if name == "api_body" || Filled::is_secret(name) {
            continue;
        }
        if let Some(without) = without(value.expose()) {
            *value = Secret::new(without);
            is_taken_out = true;
        }
    }
    for sentence in [&mut filled.warnings, &mut filled.not_followed, &mut filled.notes].into_iter().flatten() {
        if let Cow::Owned(without) = text_without_users(sentence) {
            *sentence = without;
        }
    }
    if is_taken_out {
        filled.note(NOT_TAKEN);
    }
}

fn without(value: &str) -> Option<String> {
    if !value.contains('@') {
        return None;
    }
    let text = text_without_users(value);
    // `https:u:p@host` is an address as well.
    let url = Url::parse(&text).ok().filter(|url| !url.username().is_empty() || url.password().is_some());
    match (url, text) {
        (Some(url), _) => Some(without_user(&url).into()),
        (None, Cow::Owned(text)) => Some(text),
        (None, Cow::Borrowed(_)) => None,
    }
}

/// Whether a value under a name that nobody knows is a secret, or a body or an address has one in it.
pub(super) fn is_inside(name: &str, value: &str) -> bool {
    if is_secret(name, value) {
        return true;
    }
    if let Some(json) = Json::parse(value.as_bytes()).ok().filter(|json| json.as_str().is_none()) {
        return is_in_json(name, &json);
    }
    let query = value.split_once('?').map_or(value, |(_, query)| query);
    let pairs = Params::parse(query.as_bytes());
    pairs.iter().any(|(name, value)| is_secret(name, value))
}

fn is_secret(name: &str, value: &str) -> bool {
    is_credential_by_shape(name, value) || without(value).is_some()
}

fn is_in_json(name: &str, json: &Json) -> bool {
    match json {
        Json::String(text) => is_secret(name, text),
        Json::Array(list) => list.iter().any(|one| is_in_json(name, one)),
        Json::Object(members) => members.iter().any(|(name, value)| is_in_json(name, value)),
        _ => false,
    }
}
