//! What a window shows of a message until its user asks for the rest: hints in the place of the secrets, which are found
//! as they are for an export. What a person has to read on one device and type on another stays.

use super::{Redactor, is_sought, reference};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::terms::credential::USER_CODE;

/// What stands in the place of a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Instead {
    /// The same wherever it stands, and nothing of it: `REDACTED-code-1`.
    #[default]
    Placeholder,
    /// Its ends: `eyJh••••••••x7Qk`.
    Hint,
}

impl Redactor {
    /// Puts hints in the place of what is secret by its name, its shape or what stands near it.
    pub fn hinting() -> Self {
        Self { instead: Instead::Hint, ..Self::default() }
    }

    /// What stands in the place of a secret that is written so.
    pub(super) fn stand_in(&self, id: usize, written: &str) -> String {
        match self.instead {
            Instead::Placeholder => self.book().placeholder(id),
            Instead::Hint => Secret::new(written).hint(),
        }
    }

    /// Whether what has this name stays readable: a user code is to be typed by a person (RFC 8628 section 3.3).
    pub(super) fn leaves(&self, name: &str) -> bool {
        self.instead == Instead::Hint && name == USER_CODE
    }

    /// How much of a value of this name is no credential. A hint says enough of an ID token.
    pub(super) fn kept_of(&self, name: &str, value: &str) -> usize {
        if name == "id_token" && self.instead == Instead::Placeholder { self.kept(value) } else { 0 }
    }

    /// The value of a parameter that is shown by itself.
    pub fn param(&self, name: &str, value: &str) -> String {
        match reference::secret_param(name, false) {
            Some(known) => self.placeholder(known, value, is_sought(known, value)),
            None => self.string_under(name, value),
        }
    }

    /// JSON that was sent, where nobody knows every name.
    pub fn message(&self, json: &Json) -> Json {
        self.json_under("", json, true)
    }
}
