//! The settings that a profile wants.

use crate::client::mcp::Revision;
use crate::client::settings::Settings;
use crate::flow::Flow;
use crate::terms::client_auth::ClientAuthMethod::{SelfSignedTlsClientAuth, TlsClientAuth};
use crate::terms::grant::Grant;
use crate::terms::response::is_jwt_mode;

use super::Profile;
use super::demands::STRONG;

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

/// Settings to change, by the name that `--set` takes, with the value that the profile wants; those that will do as they
/// are stay.
pub fn proposals(profile: Profile, settings: &Settings) -> Vec<(&'static str, String)> {
    let wanted: &[(&str, &str)] = match profile {
        Profile::OAuth2 | Profile::OAuth21 => &[("code_challenge_method", "S256")],
        Profile::Mcp => &[("code_challenge_method", "S256"), ("resource", &settings.request.api_url)],
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
    let is_open = |(name, value): &&(&'static str, &str)| !will_do(name, value, settings) && changes(name, value);
    let mut open: Vec<_> = wanted.iter().filter(is_open).map(|(name, value)| (*name, (*value).to_owned())).collect();
    // One method of message signing is enough.
    let is_method = |name: &str| [SIGNED[4].0, SIGNED[5].0].contains(&name);
    if profile == Profile::Fapi2MessageSigning && open.iter().filter(|(name, _)| is_method(name)).count() == 1 {
        open.retain(|(name, _)| !is_method(name));
    }
    open
}

/// What is to be changed for this run to pass: the same, without what the run sends by itself.
pub fn wanted(profile: Profile, flow: &Flow) -> Vec<(&'static str, String)> {
    let mut wanted = proposals(profile, &flow.settings);
    // A run that begins at the API names it in both requests, by the revisions that have resource indicators.
    let revision = Revision::find(&flow.settings.request.mcp_revision).unwrap_or_default();
    let names_api = flow.grant == Grant::Mcp && revision.names_resource();
    wanted.retain(|(name, _)| *name != "resource" || !names_api);
    wanted
}

/// Whether a setting is as good as what is proposed in its place.
fn will_do(name: &str, proposed: &str, settings: &Settings) -> bool {
    // Tokens are bound to the certificate that the client shows.
    let has_certificate = matches!(settings.auth_method(), Some(TlsClientAuth | SelfSignedTlsClientAuth));
    match name {
        "token_endpoint_auth_method" => has_certificate && proposed != "none",
        "dpop_bound_access_tokens" => has_certificate || settings.protection.tls_client_certificate_bound_access_tokens,
        "request_object_signing_alg" => STRONG.contains(&settings.protection.request_object_signing_alg.as_str()),
        "response_mode" => is_jwt_mode(&settings.request.response_mode),
        "resource" => !settings.request.resource.is_empty() || proposed.is_empty(),
        _ => false,
    }
}
