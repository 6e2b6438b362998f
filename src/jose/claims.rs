//! Time claims.
use std::time::Duration;

use super::jwt::Decoded;
use crate::base::check::{Check, Rule};
use crate::base::json::Json;
use crate::base::time::Timestamp;

/// The rules of this file.
pub static RULES: &[&Rule] = &[];

/// Reads a `NumericDate` (RFC 7519 section 2).
///
/// # Errors
/// Says what it is instead.
pub fn numeric_date(value: &Json) -> Result<Timestamp, String> {
    value.as_i64().map(Timestamp::from_seconds).ok_or_else(|| value.kind().to_owned())
}

/// Judges the registered claims against a time.
pub fn time_claims(_token: &Decoded, _now: Timestamp, _leeway: Duration) -> Vec<Check> {
    Vec::new()
}
