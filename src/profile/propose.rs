//! The settings that a profile wants.

use crate::client::settings::Settings;

use super::Profile;

/// What FAPI 2.0 wants.
const FAPI: [(&str, &str); 4] = [
    ("code_challenge_method", "S256"),
    ("token_endpoint_auth_method", "private_key_jwt"),
    ("require_pushed_authorization_requests", "true"),
    ("dpop_bound_access_tokens", "true"),
];

/// The same with everything signed.
const SIGNED: [(&str, &str); 6] =
    [FAPI[0], FAPI[1], FAPI[2], FAPI[3], ("request_object_signing_alg", "ES256"), ("response_mode", "jwt")];

/// Settings to change, by the name that `--set` takes, with the value that the profile wants; those that have it already
/// are left out.
pub fn proposals(profile: Profile, settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let wanted: &[(&str, &str)] = match profile {
        Profile::OAuth2 | Profile::OAuth21 | Profile::Mcp => &[("code_challenge_method", "S256")],
        Profile::Fapi2 => &FAPI,
        Profile::Fapi2MessageSigning => &SIGNED,
        Profile::Browser | Profile::Native => {
            &[("code_challenge_method", "S256"), ("token_endpoint_auth_method", "none")]
        }
    };
    let changes = |name: &str, value: &str| {
        let mut changed = settings.clone();
        changed.set(name, value).is_ok() && changed != *settings
    };
    wanted.iter().filter(|(name, value)| changes(name, value)).copied().collect()
}
