//! The device authorization grant: the user signs in on another device (RFC 8628).
//!
//! ```text
//!  You, elsewhere          Client                    Authorization server      API
//!    │                       │─── device request ───────────►│                   │
//!    │                       │◄── device_code, user_code ────│                   │
//!    │◄── user_code, URI ────│                               │                   │
//!    │─── user_code, sign in and approve ───────────────────►│                   │
//!    │                       │─── device_code ──────────────►│ every interval    │
//!    │                       │◄── authorization_pending ─────│                   │
//!    │                       │◄── tokens ────────────────────│                   │
//!    │                       │─── access token ─────────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::grant::Grant;

/// What is sent, in order.
pub const STAGES: &[Stage] = &[
    Stage::Discovery,
    Stage::Jwks,
    Stage::DeviceAuthorization,
    Stage::Verification,
    Stage::Token,
    Stage::UserInfo,
    Stage::Resource,
];

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[
            Step { title: "Polling", lesson: "device_code", part: Part::Request },
            Step { title: "Tokens", lesson: "id_token", part: Part::Answer },
        ],
        _ => return None,
    })
}

/// The form of each poll (RFC 8628 section 3.4).
///
/// # Errors
/// When no device authorization has come yet.
pub fn token_form(session: &Session) -> Result<Params, &'static str> {
    let device = session.device.as_ref().ok_or("device_code")?;
    Ok([("grant_type", Grant::DeviceCode.grant_type()), ("device_code", device.device_code.expose())]
        .into_iter()
        .collect())
}
