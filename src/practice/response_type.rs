//! What an authorization request asks for: a code, tokens straight away, or both (RFC 6749 section 3.1.1,
//! OAuth Response Types sections 3 to 5).

use super::client;
use super::config::Client;
use super::fields::{Fields, invalid_request};
use crate::terms::error::OAuthError;
use crate::terms::response::{ResponseMode, has};
use crate::terms::scope::{same, words};

/// All that are served; the order of the words does not matter.
pub const RESPONSE_TYPES: [&str; 8] =
    ["code", "code id_token", "code token", "code id_token token", "id_token", "id_token token", "token", NONE];

/// Nothing but the consent of the user (OAuth Response Types section 4).
const NONE: &str = "none";

/// One of [`RESPONSE_TYPES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseType(&'static str);

impl ResponseType {
    /// Tokens by way of a code, and nothing else.
    pub const CODE: Self = Self(RESPONSE_TYPES[0]);

    /// Reads `response_type`.
    ///
    /// # Errors
    /// `unsupported_response_type`, or `unauthorized_client` for one the client is not registered for.
    pub fn read(fields: &Fields, client: &Client) -> Result<Self, OAuthError> {
        let asked = fields.require("response_type")?;
        let Some(known) = find(asked) else {
            let why = format!("response_type {asked} is not supported, only {}", RESPONSE_TYPES.join(", "));
            return Err(OAuthError::new("unsupported_response_type", why));
        };
        if !client.response_types.iter().any(|registered| same(registered, known)) {
            let why = format!("{} is not registered for response_type {known}", client.client_id);
            return Err(OAuthError::new("unauthorized_client", why));
        }
        // Which grants a response type belongs to: RFC 7591 section 2.1.
        if has(known, "code") {
            client::is_registered_for(client, "authorization_code")?;
        }
        if returns_token(known) {
            client::is_registered_for(client, "implicit")?;
        }
        Ok(Self(known))
    }

    /// As it stands in [`RESPONSE_TYPES`].
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// Whether `code`, `token` or `id_token` is asked for.
    pub fn has(self, part: &str) -> bool {
        has(self.0, part)
    }

    /// Refuses a way back that would put tokens into logs and `Referer` fields.
    ///
    /// # Errors
    /// `invalid_request` for an unknown `response_mode`, and for `query` with tokens.
    pub fn check_mode(self, fields: &Fields) -> Result<(), OAuthError> {
        let Some(asked) = fields.get("response_mode") else { return Ok(()) };
        match ResponseMode::travelling(asked, self.0) {
            None => Err(invalid_request(format!(
                "response_mode {asked} is not supported, only query, fragment, form_post and those with jwt"
            ))),
            Some(ResponseMode::Query) if returns_token(self.0) => Err(invalid_request(format!(
                "response_mode {asked} must not be used with response_type {}: tokens do not belong into a query",
                self.0
            ))),
            Some(_) => Ok(()),
        }
    }

    /// An ID token from the authorization endpoint needs a `nonce`, or it could be replayed (OIDC Core sections
    /// 3.2.2.1 and 3.3.2.11), and `openid` in the scope.
    ///
    /// # Errors
    /// `invalid_request` when one of them is missing.
    pub fn check_id_token(self, fields: &Fields) -> Result<(), OAuthError> {
        if !self.has("id_token") {
            return Ok(());
        }
        if fields.get("nonce").is_none() {
            return Err(invalid_request(format!("nonce is missing; response_type {} needs it", self.0)));
        }
        if !has(fields.get("scope").unwrap_or_default(), "openid") {
            return Err(invalid_request(format!("the scope has no openid; response_type {} needs it", self.0)));
        }
        Ok(())
    }
}

/// Whether tokens come through the browser.
fn returns_token(response_type: &str) -> bool {
    has(response_type, "token") || has(response_type, "id_token")
}

fn find(asked: &str) -> Option<&'static str> {
    RESPONSE_TYPES.into_iter().find(|known| same(known, asked) && words(known).count() == words(asked).count())
}
