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

/// What a person follows.
pub const STEPS: &[Step] = &[
    Step::DISCOVERY,
    Step::KEYS,
    Step::new("Request", "hybrid", Stage::Authorization, Part::Request),
    Step::REDIRECT,
    Step::new("Front", "hybrid", Stage::Authorization, Part::Answer),
    Step::EXCHANGE,
    Step::TOKENS,
    Step::USERINFO,
    Step::API,
];
