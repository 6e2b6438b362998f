//! The grants, one file each: their stages, their steps and what is particular in their messages.

pub mod authorization_code;
pub mod client_credentials;
pub mod device_code;
pub mod hybrid;
pub mod implicit;
pub mod password;
pub mod refresh_token;

use crate::base::params::Params;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;
use crate::terms::scope;

use super::session::Session;
use super::stage::Stage;
use super::step::Step;

/// The stages of a grant in order. Those that need something to begin with get it first, unless it is filled in.
pub fn stages(grant: Grant, settings: &Settings) -> &'static [Stage] {
    match grant {
        Grant::AuthorizationCode => authorization_code::STAGES,
        Grant::DeviceCode => device_code::STAGES,
        Grant::ClientCredentials => client_credentials::STAGES,
        Grant::RefreshToken => refresh_token::stages(settings),
        Grant::Implicit => implicit::STAGES,
        Grant::Hybrid => hybrid::STAGES,
        Grant::Password => password::STAGES,
    }
}

/// The steps a person sees, in order.
pub const fn steps(grant: Grant) -> &'static [Step] {
    match grant {
        Grant::AuthorizationCode => authorization_code::STEPS,
        Grant::DeviceCode => device_code::STEPS,
        Grant::ClientCredentials => client_credentials::STEPS,
        Grant::RefreshToken => refresh_token::STEPS,
        Grant::Implicit => implicit::STEPS,
        Grant::Hybrid => hybrid::STEPS,
        Grant::Password => password::STEPS,
    }
}

/// The form of the token request, without client authentication.
///
/// # Errors
/// Names the value that is not there yet.
pub(super) fn token_form(grant: Grant, settings: &Settings, session: &Session) -> Result<Params, &'static str> {
    match grant {
        Grant::AuthorizationCode | Grant::Hybrid | Grant::RefreshToken | Grant::Implicit => {
            authorization_code::token_form(settings, session)
        }
        Grant::DeviceCode => device_code::token_form(session),
        Grant::ClientCredentials => Ok(client_credentials::token_form(settings)),
        Grant::Password => password::token_form(settings),
    }
}

/// Brings settings to what a grant can use: a response type of another grant is replaced by its own usual one.
pub fn fit(grant: Grant, settings: &mut Settings) {
    let types = grant.response_types();
    let asked = settings.request.response_type.as_str();
    let foreign = Grant::ALL.iter().any(|other| other.response_types().contains(&asked)) && !types.contains(&asked);
    if grant == Grant::ClientCredentials {
        // There is no user to identify, and no refresh token to ask for (RFC 6749 section 4.4.3).
        let of_users = ["openid", "offline_access"];
        let words = scope::words(&settings.request.scope).filter(|word| !of_users.contains(word));
        settings.request.scope = words.collect::<Vec<_>>().join(" ");
    }
    if let (Some(usual), true) = (types.first(), foreign || asked.is_empty()) {
        settings.request.response_type = (*usual).to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_of_every_grant_has_its_step() {
        for grant in Grant::ALL {
            for stage in stages(grant, &Settings::default()) {
                assert!(steps(grant).iter().any(|step| step.stage == *stage), "{grant:?} {stage:?}");
            }
        }
    }

    #[test]
    fn a_response_type_of_another_grant_is_replaced_and_an_unknown_one_is_kept() {
        for (grant, asked, expected) in [
            (Grant::Implicit, "code", "id_token token"),
            (Grant::AuthorizationCode, "code id_token", "code"),
            (Grant::Implicit, "token", "token"),
            (Grant::Implicit, "my own", "my own"),
            (Grant::ClientCredentials, "code", "code"),
        ] {
            let mut settings = Settings::default();
            asked.clone_into(&mut settings.request.response_type);
            fit(grant, &mut settings);
            assert_eq!(settings.request.response_type, expected);
        }
    }
}
