//! The refresh token grant: new tokens without the user (RFC 6749 section 6).
//!
//! Begins with a pasted refresh token, or gets one by the authorization code grant first.
//!
//! ```text
//!  Client                              Authorization server      API
//!    │─── refresh_token, scope ───────────────►│                   │
//!    │◄── access token, new refresh token ─────│                   │
//!    │─── access token ───────────────────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::settings::Settings;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::scope;

const PASTED: &[Stage] = &[Stage::Discovery, Stage::Jwks, Stage::Refresh, Stage::UserInfo, Stage::Resource];
const FROM_A_LOGIN: &[Stage] = &[
    Stage::Discovery,
    Stage::Jwks,
    Stage::Authorization,
    Stage::Token,
    Stage::Refresh,
    Stage::UserInfo,
    Stage::Resource,
];

/// What is sent, in order.
pub fn stages(settings: &Settings) -> &'static [Stage] {
    if settings.request.refresh_token.is_empty() { FROM_A_LOGIN } else { PASTED }
}

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[Step { title: "First tokens", lesson: "token", part: Part::Whole }],
        _ => return None,
    })
}

/// The form of a refresh request (RFC 6749 section 6, RFC 8707 section 2.2). An empty scope is not sent and keeps the
/// granted one; so does an empty resource.
pub fn form(refresh_token: &Secret, scope: &str, resource: &str) -> Params {
    let mut form: Params =
        [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())].into_iter().collect();
    if !scope.is_empty() {
        form.push("scope", scope);
    }
    for resource in scope::words(resource) {
        form.push("resource", resource);
    }
    form
}
