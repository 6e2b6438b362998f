//! The SAML 2.0 bearer grant: an assertion of an identity provider for an access token of its user (RFC 7522).
//!
//! The assertion is filled in, as XML or encoded, or fetched from `assertion_url` first.
//!
//! ```text
//!  Identity provider       Client                  Authorization server      API
//!    │◄── GET assertion ─────│                            │                    │
//!    │─── XML ──────────────►│─── assertion, scope ──────►│                    │
//!    │                       │◄── access token ───────────│                    │
//!    │                       │─── access token ───────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::client::assertion;
use crate::client::settings::Settings;
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::grant::Grant;

use super::Lacking;

const FILLED_IN: &[Stage] = &[Stage::Discovery, Stage::Token, Stage::Resource];
const FETCHED: &[Stage] = &[Stage::Discovery, Stage::Assertion, Stage::Token, Stage::Resource];

/// What is sent, in order.
pub fn stages(settings: &Settings) -> &'static [Stage] {
    if settings.request.assertion.is_empty() { FETCHED } else { FILLED_IN }
}

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[
            Step { title: "Request", lesson: "saml_bearer", part: Part::Request },
            Step { title: "Tokens", lesson: "saml_bearer", part: Part::Answer },
        ],
        _ => return None,
    })
}

/// The form of the token request (RFC 7522 section 2.1).
///
/// # Errors
/// When there is no assertion, or what is filled in is a private key.
pub(super) fn token_form(settings: &Settings, session: &Session) -> Result<Params, Lacking> {
    let filled_in = assertion::filled_in(settings).map_err(|error| Lacking::Assertion(error.into()))?;
    let assertion = filled_in.or(session.assertion.as_ref()).ok_or("assertion")?;
    Ok(super::assertion_form(Grant::SamlBearer, Some(&assertion::of_saml(assertion)), settings))
}
