//! A JWK Set.
use super::{Jwk, KeyError};
use crate::base::check::{Check, Rule};
use crate::base::json::Json;

/// The rules of this file.
pub static RULES: &[&Rule] = &[];

/// A JWK Set.
#[derive(Clone, Debug)]
pub struct JwkSet {
    /// The readable keys.
    pub keys: Vec<Jwk>,
    /// Place in `keys` of the JSON, and what is wrong.
    pub unreadable: Vec<(usize, KeyError)>,
    /// As given.
    pub json: Json,
}

impl JwkSet {
    /// Reads a set, or a single JWK.
    ///
    /// # Errors
    /// When it is neither.
    pub fn from_json(json: &Json) -> Result<Self, KeyError> {
        Ok(Self { keys: vec![Jwk::from_json(json)?], unreadable: Vec::new(), json: json.clone() })
    }

    /// Judges it.
    pub fn checks(&self) -> Vec<Check> {
        Vec::new()
    }
}
