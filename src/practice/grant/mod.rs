//! The grants of the token endpoint, one file each.

mod authorization_code;
mod refresh_token;

use super::Practice;
use super::config::Client;
use super::fields::Fields;
use super::token::Issue;
use crate::base::time::Timestamp;
use crate::terms::error::OAuthError;

/// A way to come to tokens.
pub struct GrantType {
    /// `grant_type` on the wire.
    pub name: &'static str,
    /// Judges the request of an authenticated client. Nothing is used up when it refuses.
    pub redeem: fn(&mut Practice, &Client, &Fields, Timestamp) -> Result<Issue, OAuthError>,
}

/// All of them.
pub const GRANTS: [GrantType; 2] = [
    GrantType { name: "authorization_code", redeem: authorization_code::redeem },
    GrantType { name: "refresh_token", redeem: refresh_token::redeem },
];

fn invalid_grant(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_grant", description)
}
