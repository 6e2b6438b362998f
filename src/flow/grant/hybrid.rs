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
    Step::new("Discovery", "discovery", Stage::Discovery, Part::Whole),
    Step::new("Keys", "jwks", Stage::Jwks, Part::Whole),
    Step::new("Request", "hybrid", Stage::Authorization, Part::Request),
    Step::new("Redirect", "redirect", Stage::Authorization, Part::Wait),
    Step::new("Front", "hybrid", Stage::Authorization, Part::Answer),
    Step::new("Exchange", "token", Stage::Token, Part::Request),
    Step::new("Tokens", "id_token", Stage::Token, Part::Answer),
    Step::new("UserInfo", "userinfo", Stage::UserInfo, Part::Whole),
    Step::new("API", "resource", Stage::Resource, Part::Whole),
];
