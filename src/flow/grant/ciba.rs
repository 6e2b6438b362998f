//! Client-initiated backchannel authentication: the user approves on a device of their own (OpenID CIBA).
//!
//! In poll mode the client asks again and again, in ping mode the server tells it when to ask, and in push mode it brings the
//! tokens by itself.
//!
//! ```text
//!  You, on your phone      Client                    Authorization server      API
//!    │                       │─── login_hint ───────────────►│                   │
//!    │                       │◄── auth_req_id ───────────────│                   │
//!    │◄── binding_message ───────────────────────────────────│                   │
//!    │─── approve ──────────────────────────────────────────►│                   │
//!    │                       │◄── ping, or tokens (push) ────│                   │
//!    │                       │─── auth_req_id ──────────────►│ every interval    │
//!    │                       │◄── tokens ────────────────────│                   │
//!    │                       │─── access token ─────────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::client::settings::Settings;
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::grant::Grant;

const POLL: &[Stage] = &[
    Stage::Discovery,
    Stage::Jwks,
    Stage::BackchannelAuthentication,
    Stage::Verification,
    Stage::Token,
    Stage::UserInfo,
    Stage::Resource,
];
const PING: &[Stage] = &[
    Stage::Discovery,
    Stage::Jwks,
    Stage::BackchannelAuthentication,
    Stage::Verification,
    Stage::Notification,
    Stage::Token,
    Stage::UserInfo,
    Stage::Resource,
];

const PUSH: &[Stage] = &[
    Stage::Discovery,
    Stage::Jwks,
    Stage::BackchannelAuthentication,
    Stage::Verification,
    Stage::Push,
    Stage::UserInfo,
    Stage::Resource,
];

/// What is sent, in order.
pub fn stages(settings: &Settings) -> &'static [Stage] {
    match settings.client.backchannel_token_delivery_mode.as_str() {
        "ping" => PING,
        "push" => PUSH,
        _ => POLL,
    }
}

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Verification => &[Step { title: "Approval", lesson: "backchannel_approval", part: Part::Whole }],
        Stage::Token => &[
            Step { title: "Polling", lesson: "device_code", part: Part::Request },
            Step { title: "Tokens", lesson: "id_token", part: Part::Answer },
        ],
        _ => return None,
    })
}

/// The form of each poll (CIBA section 10.1).
///
/// # Errors
/// When no backchannel authentication response has come yet.
pub fn token_form(session: &Session) -> Result<Params, &'static str> {
    let acknowledged = session.backchannel.as_ref().ok_or("auth_req_id")?;
    Ok([("grant_type", Grant::Ciba.grant_type()), ("auth_req_id", acknowledged.auth_req_id.expose())]
        .into_iter()
        .collect())
}
