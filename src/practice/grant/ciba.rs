//! `urn:openid:params:grant-type:ciba`: the client polls until the user has decided on another device (CIBA
//! section 10.1), or asks once it was pinged.

use serde_json::Value;

use super::CIBA;
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
/// Those of [`pending::poll`], and `unauthorized_client` for one that gets its tokens pushed (CIBA section 11).
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    if caller.client.is_pushed() {
        let why = format!("{} is registered for push, and gets its tokens without asking", caller.client.client_id);
        return Err(OAuthError::new("unauthorized_client", why));
    }
    pending::poll(practice, caller, (CIBA, "auth_req_id"), form.require("auth_req_id")?, now)
}
