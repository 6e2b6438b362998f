//! The grants of the token endpoint, one file each.

mod authorization_code;
mod client_credentials;
mod password;
mod refresh_token;

use serde_json::Value;

use super::Practice;
use super::config::Client;
use super::fields::Fields;
use crate::base::time::Timestamp;
use crate::terms::error::OAuthError;

/// A way to come to tokens.
pub struct GrantType {
    /// `grant_type` on the wire.
    pub name: &'static str,
    /// Answers the request of an authenticated client. Nothing is used up when it refuses.
    pub redeem: fn(&mut Practice, &Client, &Fields, Timestamp) -> Result<Value, OAuthError>,
}

/// All of them.
pub const GRANTS: [GrantType; 4] = [
    GrantType { name: "authorization_code", redeem: authorization_code::redeem },
    GrantType { name: "refresh_token", redeem: refresh_token::redeem },
    GrantType { name: "client_credentials", redeem: client_credentials::redeem },
    GrantType { name: "password", redeem: password::redeem },
];

fn invalid_grant(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_grant", description)
}
