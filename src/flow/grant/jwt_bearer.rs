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

use crate::base::secret::Secret;
use crate::client::assertion;
use crate::client::seal::Seal;
use crate::client::settings::Settings;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::grant::Grant;

use super::{Form, Lacking};

/// What is sent, in order.
pub const STAGES: &[Stage] = &[Stage::Discovery, Stage::Token, Stage::Resource];

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[
            Step { title: "Assertion", lesson: "jwt_bearer", part: Part::Request },
            Step { title: "Tokens", lesson: "jwt_bearer", part: Part::Answer },
        ],
        _ => return None,
    })
}

/// The form of the token request (RFC 7523 section 2.1). An assertion that is not filled in is made when it leaves.
///
/// # Errors
/// When what is filled in is a private key.
pub(super) fn token_form(settings: &Settings) -> Result<Form, Lacking> {
    let filled_in = assertion::filled_in(settings).map_err(|error| Lacking::Assertion(error.into()))?;
    let filled_in = filled_in.map(|assertion| Secret::new(assertion.expose().trim()));
    let params = super::assertion_form(Grant::JwtBearer, filled_in.as_ref(), settings);
    Ok(Form { params, seal: filled_in.is_none().then_some(Seal::Assertion) })
}
