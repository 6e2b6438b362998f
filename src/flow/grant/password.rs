//! The resource owner password credentials grant (RFC 6749 section 4.3), removed in OAuth 2.1.
//!
//! ```text
//!  You              Client                  Authorization server      API
//!   │── password ────►│─── username, password ─────►│                  │
//!   │                 │◄── access, refresh token ───│                  │
//!   │                 │─── access token ──────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::client::settings::Settings;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};

/// What is sent, in order.
pub const STAGES: &[Stage] = &[Stage::Discovery, Stage::Jwks, Stage::Token, Stage::UserInfo, Stage::Resource];

/// What a person follows.
pub const STEPS: &[Step] = &[
    Step::DISCOVERY,
    Step::KEYS,
    Step::new("Request", "password", Stage::Token, Part::Request),
    Step::new("Tokens", "password", Stage::Token, Part::Answer),
    Step::USERINFO,
    Step::API,
];

/// The form of the token request (RFC 6749 section 4.3.2).
///
/// # Errors
/// Names the value that is not filled in.
pub fn token_form(settings: &Settings) -> Result<Params, &'static str> {
    let request = &settings.request;
    if request.username.is_empty() {
        return Err("username");
    }
    let mut form: Params =
        [("grant_type", "password"), ("username", request.username.as_str()), ("password", request.password.expose())]
            .into_iter()
            .collect();
    if !request.scope.is_empty() {
        form.push("scope", &request.scope);
    }
    Ok(form)
}
