//! What of the settings will meet nothing in a run, told before it begins.

use crate::client::request_object::Message;
use crate::client::seal::SealEdits;
use crate::client::settings::{Settings, can_be_used, is_used};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;

/// Says when a change of what is signed will meet nothing.
pub(super) fn note(edits: &SealEdits, settings: &Settings, grant: Grant, notes: &mut Vec<String>) {
    use ClientAuthMethod::{ClientSecretJwt, PrivateKeyJwt};

    if !edits.client_assertion.is_empty() && !matches!(settings.auth_method(), Some(ClientSecretJwt | PrivateKeyJwt)) {
        let method = settings.auth_method().map_or("this token_endpoint_auth_method", ClientAuthMethod::name);
        notes.push(format!("client_assertion is changed, and {method} signs none"));
    }
    if !edits.assertion.is_empty() && (grant != Grant::JwtBearer || !settings.request.assertion.is_empty()) {
        notes.push("assertion is changed, and none is made here".to_owned());
    }
    if !edits.dpop.is_empty() && !settings.protection.dpop_bound_access_tokens {
        notes.push("dpop is changed, and dpop_bound_access_tokens is off, so that no proof is made".to_owned());
    }
    let of = if grant == Grant::Ciba { Message::Backchannel } else { Message::Authorization };
    let (signs, name) = (is_used(of.setting(), grant, settings) && of.is_signed(settings), of.setting());
    if !edits.request.is_empty() && !signs {
        notes.push(format!("request is changed, and no request object is made: set {name}"));
    }
    let protection = &settings.protection;
    if grant == Grant::Ciba && Message::Authorization.is_signed(settings) && !signs {
        notes
            .push(format!("request_object_signing_alg is for authorization requests, and ciba makes none: set {name}"));
    }
    for (name, is_on) in [("dpop_jkt", protection.dpop_jkt), ("dpop_pushed_proof", protection.dpop_pushed_proof)] {
        let why = match () {
            () if !is_on || is_used(name, grant, settings) => continue,
            () if !can_be_used(name, grant) => format!("{} binds no code", grant.slug()),
            () if !protection.dpop_bound_access_tokens => "dpop_bound_access_tokens is off".to_owned(),
            () => "require_pushed_authorization_requests is off".to_owned(),
        };
        notes.push(format!("{name} is on, and {why}, so that it does nothing"));
    }
}
