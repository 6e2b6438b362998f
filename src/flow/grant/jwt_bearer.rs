//! The JWT bearer grant: a signed statement about a user for an access token of that user (RFC 7523 section 2.1).
//!
//! The assertion is made here from `assertion_subject`, `assertion_claims` and `private_key`, unless one is filled in.
//!
//! ```text
//!  Client                  Authorization server      API
//!    │ makes and signs the assertion                   │
//!    │─── assertion, scope ──────►│                    │
//!    │◄── access token ───────────│                    │
//!    │─── access token ───────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::client::assertion;
use crate::client::authentication::{AuthenticationError, Caller};
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::grant::Grant;

/// What is sent, in order.
pub const STAGES: &[Stage] = &[Stage::Discovery, Stage::Token, Stage::Resource];

/// What a person follows.
pub const STEPS: &[Step] = &[
    Step::DISCOVERY,
    Step::new("Assertion", "jwt_bearer", Stage::Token, Part::Request),
    Step::new("Tokens", "jwt_bearer", Stage::Token, Part::Answer),
    Step::API,
];

/// The form of the token request (RFC 7523 section 2.1).
///
/// # Errors
/// When no assertion is filled in and none can be made, or what is filled in is a private key.
pub fn token_form(caller: &Caller<'_>) -> Result<Params, AuthenticationError> {
    let assertion = match assertion::filled_in(caller.settings)? {
        Some(assertion) => assertion.expose().trim().into(),
        None => assertion::of_user(caller)?,
    };
    Ok(super::assertion_form(Grant::JwtBearer, &assertion, caller.settings))
}
