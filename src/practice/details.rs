//! Fine-grained permissions as JSON (RFC 9396): which types there are, and what is wrong with those that were asked for.

use serde_json::Value;

use super::fields::Fields;
use crate::terms::error::OAuthError;

/// What can be asked for. Nothing is behind them.
pub const TYPES: [&str; 2] = ["payment_initiation", "account_information"];

/// What is asked for in detail.
///
/// # Errors
/// `invalid_authorization_details` for what is no list of objects of a known type (RFC 9396 section 5).
pub fn read(fields: &Fields) -> Result<Option<Value>, OAuthError> {
    let Some(text) = fields.get("authorization_details") else { return Ok(None) };
    let invalid = |why: String| OAuthError::new("invalid_authorization_details", why);
    let value: Value =
        serde_json::from_str(text).map_err(|_| invalid("authorization_details is no JSON".to_owned()))?;
    let details = value.as_array().filter(|details| !details.is_empty());
    let details = details.ok_or_else(|| invalid("authorization_details is no list with something in it".to_owned()))?;
    for detail in details {
        let kind = detail.get("type").and_then(Value::as_str);
        let kind = kind.ok_or_else(|| invalid("one of the authorization_details has no type".to_owned()))?;
        if !TYPES.contains(&kind) {
            return Err(invalid(format!("the type {kind} is not known here, only {}", TYPES.join(", "))));
        }
    }
    Ok(Some(value))
}
