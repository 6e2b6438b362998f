//! `urn:ietf:params:oauth:grant-type:device_code`: a device polls until its user has decided (RFC 8628 section 3.4).

use serde_json::Value;

use super::DEVICE_CODE;
use crate::base::time::Timestamp;
use crate::practice::Practice;
use crate::practice::client::Caller;
use crate::practice::fields::Fields;
use crate::practice::pending;
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 2] = pending::PLAN;

/// Answers a poll.
///
/// # Errors
/// Those of [`pending::poll`].
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    pending::poll(practice, caller, (DEVICE_CODE, "device_code"), form.require("device_code")?, now)
}
