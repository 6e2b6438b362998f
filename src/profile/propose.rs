//! The settings that a profile wants.

use crate::client::settings::Settings;

use super::Profile;

/// Settings to change, by the name that `--set` takes, with the value that the profile wants; those that have it already
/// are left out.
pub fn proposals(profile: Profile, settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let wanted: &[(&str, &str)] = match profile {
        Profile::OAuth2 | Profile::OAuth21 | Profile::Mcp => &[("code_challenge_method", "S256")],
        Profile::Fapi2 => &[("code_challenge_method", "S256"), ("token_endpoint_auth_method", "private_key_jwt")],
        Profile::Fapi2MessageSigning => &[
            ("code_challenge_method", "S256"),
            ("token_endpoint_auth_method", "private_key_jwt"),
            ("response_mode", "jwt"),
        ],
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
