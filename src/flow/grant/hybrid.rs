//! The hybrid flow: a code and a token from the authorization endpoint, the rest from the token
//! endpoint (OIDC Core section 3.3).
//!
//! ```text
//!  You            Browser           Client                  Authorization server      API
//!   │                │◄── open ───────│                               │                │
//!   │                │─── authorization request ─────────────────────►│                │
//!   │─── sign in and consent ────────────────────────────────────────►│                │
//!   │                │◄── redirect with code and ID token ────────────│                │
//!   │                │─── both ──────►│─── code + code_verifier ─────►│                │
//!   │                │                │◄── tokens ────────────────────│                │
//! ```

use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};

/// What is sent, in order.
pub const STAGES: &[Stage] = super::authorization_code::STAGES;

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Authorization => &[
            Step { title: "Request", lesson: "hybrid", part: Part::Request },
            Step { title: "Redirect", lesson: "redirect", part: Part::Wait },
            Step { title: "Front", lesson: "hybrid", part: Part::Answer },
        ],
        _ => return None,
    })
}
