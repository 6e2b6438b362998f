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

/// What a person follows.
pub const STEPS: &[Step] = &[
    Step::DISCOVERY,
    Step::KEYS,
    Step::new("Request", "implicit", Stage::Authorization, Part::Request),
    Step::REDIRECT,
    Step::new("Tokens", "implicit", Stage::Authorization, Part::Answer),
    Step::USERINFO,
    Step::API,
];
