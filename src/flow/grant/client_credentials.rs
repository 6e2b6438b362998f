//! The client credentials grant: the client acts for itself, without a user (RFC 6749 section 4.4).
//!
//! ```text
//!  Client                  Authorization server      API
//!    │─── GET metadata ──────────►│                    │
//!    │─── credentials, scope ────►│                    │
//!    │◄── access token ───────────│                    │
//!    │─── access token ───────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::client::settings::Settings;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};

/// What is sent, in order.
pub const STAGES: &[Stage] = &[Stage::Discovery, Stage::Token, Stage::Resource];

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[
            Step { title: "Request", lesson: "client_credentials", part: Part::Request },
            Step { title: "Tokens", lesson: "client_credentials", part: Part::Answer },
        ],
        _ => return None,
    })
}

/// The form of the token request (RFC 6749 section 4.4.2, RFC 8707 section 2.2).
pub fn token_form(settings: &Settings) -> Params {
    let mut form: Params = [("grant_type", "client_credentials")].into_iter().collect();
    super::add_target(&mut form, &settings.request.scope, settings);
    form
}

/// The form by which a client gets a token for itself as actor of an exchange. The scope is the server's default.
pub fn actor_form() -> Params {
    [("grant_type", "client_credentials")].into_iter().collect()
}
