//! The grants of the token endpoint, one file each.

mod authorization_code;
mod client_credentials;
mod device_code;
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

/// RFC 8628 section 3.4
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// All of them.
pub const GRANTS: [GrantType; 5] = [
    GrantType { name: "authorization_code", redeem: authorization_code::redeem },
    GrantType { name: "refresh_token", redeem: refresh_token::redeem },
    GrantType { name: "client_credentials", redeem: client_credentials::redeem },
    GrantType { name: "password", redeem: password::redeem },
    GrantType { name: DEVICE_CODE, redeem: device_code::redeem },
];

fn invalid_grant(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_grant", description)
}
