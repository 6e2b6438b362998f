//! The grants of the token endpoint, one file each.

mod authorization_code;
mod ciba;
mod client_credentials;
mod device_code;
pub mod id_jag;
mod jwt_bearer;
mod password;
mod refresh_token;
mod saml_bearer;
mod token_exchange;

pub use self::saml_bearer::SAML_ISSUER;

use serde_json::Value;

use super::Practice;
use super::authorization::{SCOPE, granted_scope};
use super::client::Caller;
use super::fields::Fields;
use super::scope;
use crate::base::time::Timestamp;
use crate::terms::error::OAuthError;

/// A way to come to tokens.
pub struct GrantType {
    /// `grant_type` on the wire.
    pub name: &'static str,
    /// Answers the request of an authenticated client. Nothing is used up when it refuses.
    pub redeem: fn(&mut Practice, &Caller, &Fields, Timestamp) -> Result<Value, OAuthError>,
    /// What it looks at, in this order.
    pub plan: &'static [&'static str],
}

/// RFC 8628 section 3.4
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// CIBA section 10.1
pub const CIBA: &str = "urn:openid:params:grant-type:ciba";
/// RFC 8693 section 2.1
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 7523 section 2.1
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// RFC 7522 section 2.1
pub const SAML_BEARER: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

/// All of them.
pub const GRANTS: [GrantType; 9] = [
    GrantType { name: "authorization_code", redeem: authorization_code::redeem, plan: &authorization_code::PLAN },
    GrantType { name: "refresh_token", redeem: refresh_token::redeem, plan: &refresh_token::PLAN },
    GrantType { name: "client_credentials", redeem: client_credentials::redeem, plan: &client_credentials::PLAN },
    GrantType { name: "password", redeem: password::redeem, plan: &password::PLAN },
    GrantType { name: DEVICE_CODE, redeem: device_code::redeem, plan: &device_code::PLAN },
    GrantType { name: CIBA, redeem: ciba::redeem, plan: &ciba::PLAN },
    GrantType { name: TOKEN_EXCHANGE, redeem: token_exchange::redeem, plan: &token_exchange::PLAN },
    GrantType { name: JWT_BEARER, redeem: jwt_bearer::redeem, plan: &jwt_bearer::PLAN },
    GrantType { name: SAML_BEARER, redeem: saml_bearer::redeem, plan: &saml_bearer::PLAN },
];

/// What is granted where no user signs in (RFC 6749 section 3.3).
///
/// # Errors
/// `invalid_scope` when that is nothing.
fn scope_without_sign_in(practice: &Practice, form: &Fields) -> Result<String, OAuthError> {
    let granted = practice.why.found(SCOPE, String::clone, granted_scope(form, practice))?;
    let granted = scope::without_sign_in(&granted);
    if granted.is_empty() {
        let why = "openid and offline_access need a user who signs in, and nothing else was asked for";
        return Err(OAuthError::new("invalid_scope", why));
    }
    Ok(granted)
}

fn invalid_grant(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_grant", description)
}
