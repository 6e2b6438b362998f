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

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[
            Step { title: "Request", lesson: "password", part: Part::Request },
            Step { title: "Tokens", lesson: "password", part: Part::Answer },
        ],
        _ => return None,
    })
}

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
    super::add_details(&mut form, settings);
    Ok(form)
}
