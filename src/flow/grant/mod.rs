//! The grants, one file each: their stages, their steps and what is particular in their messages.

pub mod authorization_code;
pub mod ciba;
pub mod client_credentials;
pub mod device_code;
pub mod hybrid;
pub mod implicit;
pub mod jwt_bearer;
pub mod mcp;
pub mod password;
pub mod refresh_token;
pub mod saml_bearer;
pub mod token_exchange;

use std::borrow::Cow;

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::authentication::AuthenticationError;
use crate::client::seal::Seal;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;
use crate::terms::scope;

use super::stage::Stage;
use super::stage::known::Known;
use super::step::Step;

/// The stages of a grant in order. Those that need something to begin with get it first, unless it is filled in.
pub fn stages(grant: Grant, settings: &Settings) -> Vec<Stage> {
    let stages = match grant {
        Grant::AuthorizationCode => authorization_code::STAGES,
        Grant::DeviceCode => device_code::STAGES,
        Grant::ClientCredentials => client_credentials::STAGES,
        Grant::RefreshToken => refresh_token::stages(settings),
        Grant::Implicit => implicit::STAGES,
        Grant::Hybrid => hybrid::STAGES,
        Grant::Password => password::STAGES,
        Grant::TokenExchange => return protected(token_exchange::stages(settings), settings),
        Grant::JwtBearer => jwt_bearer::STAGES,
        Grant::SamlBearer => saml_bearer::stages(settings),
        Grant::Ciba => ciba::stages(settings),
        Grant::Mcp => return protected(mcp::stages(settings), settings),
    };
    protected(stages.to_vec(), settings)
}

/// With what the settings want before the grant's own messages.
fn protected(stages: Vec<Stage>, settings: &Settings) -> Vec<Stage> {
    registered(vouched_for(pushed(stages, settings), settings), settings)
}

/// With what says who the client is fetched before it is anybody, where somebody else vouches for it (RFC 7521 section 3).
fn vouched_for(mut stages: Vec<Stage>, settings: &Settings) -> Vec<Stage> {
    if settings.fetches_client_assertion() {
        let at = stages.iter().position(|stage| !is_of_nobody(*stage)).unwrap_or(stages.len());
        stages.insert(at, Stage::ClientAssertion);
    }
    stages
}

/// With the client registered before it asks for anything, where that is wanted (RFC 7591).
fn registered(mut stages: Vec<Stage>, settings: &Settings) -> Vec<Stage> {
    if settings.registration.dynamic_client_registration {
        let at = stages.iter().position(|stage| !is_of_nobody(*stage)).unwrap_or(stages.len());
        stages.insert(at, Stage::Registration);
    }
    stages
}

/// Whether it is sent without being any client: it leads to the server, or reads what the server says of itself.
const fn is_of_nobody(stage: Stage) -> bool {
    matches!(stage, Stage::Challenge | Stage::ResourceMetadata | Stage::Discovery | Stage::Jwks)
}

/// With the request pushed before the sign-in, where that is wanted (RFC 9126).
pub(super) fn pushed(mut stages: Vec<Stage>, settings: &Settings) -> Vec<Stage> {
    if settings.protection.require_pushed_authorization_requests
        && !stages.contains(&Stage::PushedAuthorization)
        && let Some(at) = stages.iter().position(|stage| *stage == Stage::Authorization)
    {
        stages.insert(at, Stage::PushedAuthorization);
    }
    stages
}

/// The steps that a person sees of a stage: in the words of the grant where it has some, else in those of the stage.
pub const fn steps(grant: Grant, stage: Stage) -> &'static [Step] {
    let own = match grant {
        Grant::DeviceCode => device_code::steps(stage),
        Grant::ClientCredentials => client_credentials::steps(stage),
        Grant::RefreshToken => refresh_token::steps(stage),
        Grant::Implicit => implicit::steps(stage),
        Grant::Hybrid => hybrid::steps(stage),
        Grant::Password => password::steps(stage),
        Grant::TokenExchange => token_exchange::steps(stage),
        Grant::JwtBearer => jwt_bearer::steps(stage),
        Grant::SamlBearer => saml_bearer::steps(stage),
        Grant::Ciba => ciba::steps(stage),
        Grant::Mcp => mcp::steps(stage),
        Grant::AuthorizationCode => None,
    };
    match own {
        Some(steps) => steps,
        None => stage.descriptor().steps,
    }
}

/// The settings of the login before a grant: the target service of an exchange is none of its business, and what an API
/// asks for is added where it was found from there.
pub(super) fn for_login<'a>(known: &Known<'a>) -> Cow<'a, Settings> {
    match known.grant {
        Grant::TokenExchange => {
            let mut settings = known.settings.clone();
            settings.request.resource.clear();
            settings.request.audience.clear();
            settings.protection.authorization_details.clear();
            Cow::Owned(settings)
        }
        Grant::Mcp => Cow::Owned(mcp::login(known.settings, known.session)),
        _ => Cow::Borrowed(known.settings),
    }
}

/// Why a token request cannot be made.
#[derive(Debug)]
pub(super) enum Lacking {
    /// Nothing has brought this value yet, and none is filled in.
    Value(&'static str),
    /// No assertion can be made.
    Assertion(AuthenticationError),
}

impl From<&'static str> for Lacking {
    fn from(name: &'static str) -> Self {
        Self::Value(name)
    }
}

/// A token request without client authentication: its parameters, and what of it is made when it leaves.
pub(super) struct Form {
    pub params: Params,
    pub seal: Option<Seal>,
}

impl From<Params> for Form {
    fn from(params: Params) -> Self {
        Self { params, seal: None }
    }
}

/// The form of the token request, without client authentication.
///
/// # Errors
/// Names the value that is not there yet.
pub(super) fn token_form(known: &Known<'_>) -> Result<Form, Lacking> {
    let (settings, session) = (known.settings, known.session);
    Ok(match known.grant {
        Grant::AuthorizationCode
        | Grant::Hybrid
        | Grant::RefreshToken
        | Grant::Implicit
        | Grant::TokenExchange
        | Grant::Mcp => authorization_code::token_form(&for_login(known), session, known.own)?.into(),
        Grant::DeviceCode => device_code::token_form(session)?.into(),
        Grant::ClientCredentials => client_credentials::token_form(settings).into(),
        Grant::Password => password::token_form(settings)?.into(),
        Grant::JwtBearer => jwt_bearer::token_form(settings)?,
        Grant::SamlBearer => saml_bearer::token_form(settings, session)?.into(),
        Grant::Ciba => ciba::token_form(session)?.into(),
    })
}

/// The form of a token request that brings an assertion (RFC 7521 section 4.1).
fn assertion_form(grant: Grant, assertion: Option<&Secret>, settings: &Settings) -> Params {
    let mut form: Params = [("grant_type", grant.grant_type())].into_iter().collect();
    if let Some(assertion) = assertion {
        form.push("assertion", assertion.expose());
    }
    add_target(&mut form, &settings.request.scope, settings);
    form
}

/// What the token is to allow, and where (RFC 6749 section 3.3, RFC 8707 section 2.2). Empty values are not sent.
fn add_target(form: &mut Params, scope: &str, settings: &Settings) {
    for (name, value) in [("audience", settings.request.audience.as_str()), ("scope", scope)] {
        if !value.is_empty() {
            form.push(name, value);
        }
    }
    for resource in scope::words(&settings.request.resource) {
        form.push("resource", resource);
    }
    add_details(form, settings);
}

/// Fine-grained permissions of a token that is asked for without a user, or within what was granted (RFC 9396 section 6).
pub(super) fn add_details(form: &mut Params, settings: &Settings) {
    let details = &settings.protection.authorization_details;
    if !details.is_empty() {
        form.push("authorization_details", details);
    }
}

/// Brings settings to what a grant can use: a response type of another grant is replaced by its own usual one.
pub fn fit(grant: Grant, settings: &mut Settings) {
    let asked = settings.request.response_type.as_str();
    let is_foreign = owner_of_foreign(asked, grant).is_some();
    if let (Some(usual), true) = (grant.response_types().first(), is_foreign || asked.is_empty()) {
        settings.request.response_type = (*usual).to_owned();
    }
}

/// Whose response type this is, when it is none of `grant`; `None` also for one that nobody knows.
pub fn owner_of_foreign(asked: &str, grant: Grant) -> Option<Grant> {
    let has = |grant: &Grant| grant.response_types().contains(&asked);
    Grant::ALL.into_iter().find(has).filter(|_| !has(&grant))
}

/// Makes the settings of a preset a good beginning for a grant in which nobody signs in: no ID token comes of it, and
/// no refresh token (RFC 6749 section 4.4.3, RFC 7521 section 4.1); and for one in which an API says what to ask for.
/// What a user typed is never changed in this way.
pub fn adapt(grant: Grant, settings: &mut Settings) {
    if grant == Grant::Mcp {
        settings.request.scope.clear();
    }
    if !grant.has_user() {
        let of_users = ["openid", "offline_access"];
        let words = scope::words(&settings.request.scope).filter(|word| !of_users.contains(word));
        settings.request.scope = words.collect::<Vec<_>>().join(" ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_type_of_another_grant_is_replaced_and_an_unknown_one_is_kept() {
        for (grant, asked, expected) in [
            (Grant::Implicit, "code", "id_token token"),
            (Grant::AuthorizationCode, "code id_token", "code"),
            (Grant::Implicit, "token", "token"),
            (Grant::Implicit, "my own", "my own"),
            (Grant::ClientCredentials, "code", "code"),
            (Grant::RefreshToken, "code", "code"),
            (Grant::RefreshToken, "token", "code"),
        ] {
            let mut settings = Settings::default();
            asked.clone_into(&mut settings.request.response_type);
            fit(grant, &mut settings);
            assert_eq!(settings.request.response_type, expected);
        }
    }
}
