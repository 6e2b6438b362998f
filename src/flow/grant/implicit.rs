//! The implicit grant: tokens straight from the authorization endpoint (RFC 6749 section 4.2,
//! OIDC Core section 3.2). Removed in OAuth 2.1.
//!
//! ```text
//!  You            Browser           Client                  Authorization server      API
//!   │                │◄── open ───────│                               │                │
//!   │                │─── authorization request ─────────────────────►│                │
//!   │─── sign in and consent ────────────────────────────────────────►│                │
//!   │                │◄── redirect with tokens in the fragment ───────│                │
//!   │                │─── tokens ────►│─── access token ──────────────────────────────►│
//! ```

use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};

/// What is sent, in order.
pub const STAGES: &[Stage] = &[Stage::Discovery, Stage::Jwks, Stage::Authorization, Stage::UserInfo, Stage::Resource];

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Authorization => &[
            Step { title: "Request", lesson: "implicit", part: Part::Request },
            Step { title: "Redirect", lesson: "redirect", part: Part::Wait },
            Step { title: "Tokens", lesson: "implicit", part: Part::Answer },
        ],
        _ => return None,
    })
}
