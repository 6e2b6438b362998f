//! What a server answers: metadata (RFC 8414), a registration (RFC 7591), tokens (RFC 6749 section 5.1).

use super::{Filled, grant_of_response, grant_of_type};
use crate::base::json::Json;
use crate::terms::metadata::Endpoint;

/// Members of client metadata that are settings.
const CLIENT: [(&str, &str); 21] = [
    ("client_id", "client_id"),
    ("client_secret", "client_secret"),
    ("token_endpoint_auth_method", "token_endpoint_auth_method"),
    ("token_endpoint_auth_signing_alg", "token_endpoint_auth_signing_alg"),
    ("scope", "scope"),
    ("id_token_signed_response_alg", "id_token_signed_response_alg"),
    ("userinfo_signed_response_alg", "userinfo_signed_response_alg"),
    ("id_token_encrypted_response_alg", "id_token_encrypted_response_alg"),
    ("id_token_encrypted_response_enc", "id_token_encrypted_response_enc"),
    ("userinfo_encrypted_response_alg", "userinfo_encrypted_response_alg"),
    ("userinfo_encrypted_response_enc", "userinfo_encrypted_response_enc"),
    ("authorization_signed_response_alg", "authorization_signed_response_alg"),
    ("authorization_encrypted_response_alg", "authorization_encrypted_response_alg"),
    ("authorization_encrypted_response_enc", "authorization_encrypted_response_enc"),
    ("introspection_signed_response_alg", "introspection_signed_response_alg"),
    ("backchannel_logout_uri", "backchannel_logout_uri"),
    ("frontchannel_logout_uri", "frontchannel_logout_uri"),
    ("backchannel_token_delivery_mode", "backchannel_token_delivery_mode"),
    ("backchannel_client_notification_endpoint", "backchannel_client_notification_endpoint"),
    ("default_max_age", "max_age"),
    ("default_acr_values", "acr_values"),
];

/// Lists of which one element is a setting.
const FIRST: [(&str, &str); 2] =
    [("redirect_uris", "redirect_uri"), ("post_logout_redirect_uris", "post_logout_redirect_uri")];

/// Reads one answer; `None` when it is none of them.
pub(super) fn read(json: &Json) -> Option<Filled> {
    let has = |name: &str| json.get(name).is_some();
    if has("issuer") && json.members().iter().any(|(name, _)| name.ends_with("_endpoint") || name == "jwks_uri") {
        Some(metadata(json))
    } else if has("client_id")
        && ["redirect_uris", "client_secret", "grant_types", "client_id_issued_at"].into_iter().any(has)
    {
        Some(registration(json))
    } else if ["access_token", "id_token", "refresh_token"].into_iter().any(has) {
        Some(tokens(json))
    } else {
        None
    }
}

fn metadata(json: &Json) -> Filled {
    let mut filled = Filled::new("server metadata");
    filled.put("issuer", json.text("issuer").unwrap_or_default());
    let endpoints = json.members().iter().filter(|(name, _)| Endpoint::find(name).is_some());
    let endpoints: Vec<(&String, &Json)> = endpoints.map(|(name, value)| (name, value)).collect();
    // What the server says itself is read anew; without an issuer nothing could be.
    if filled.values.is_empty() {
        for (name, value) in endpoints {
            filled.put(name.clone(), value.as_str().unwrap_or_default());
        }
        filled.without_discovery();
    } else {
        filled.note("The rest of the document is fetched anew by each run.");
    }
    filled
}

fn registration(json: &Json) -> Filled {
    let mut filled = Filled::new("a registered client");
    for (member, setting) in CLIENT {
        match json.get(member) {
            Some(Json::String(value)) => filled.put(setting, value.clone()),
            Some(list @ Json::Array(_)) => filled.put(setting, list.strings().join(" ")),
            Some(number @ Json::Number(_)) => filled.put(setting, number.to_string()),
            _ => {}
        }
    }
    for (member, setting) in FIRST {
        let list = json.get(member).map(Json::strings).unwrap_or_default();
        if let Some(first) = list.first() {
            filled.put(setting, *first);
        }
        if list.len() > 1 {
            filled.note(format!("{member} has {} addresses: the first is taken.", list.len()));
        }
    }
    let texts = |name: &str| json.get(name).map(Json::strings).unwrap_or_default();
    let types: Vec<_> = texts("response_types").into_iter().filter_map(grant_of_response).collect();
    filled.grant = types.first().copied().or_else(|| texts("grant_types").into_iter().find_map(grant_of_type));
    if json.get("registration_access_token").is_some() {
        filled
            .note("registration_access_token is not taken over: it manages the registration and is no part of a run.");
    }
    if filled.get("token_endpoint_auth_method").is_none() {
        // What is left out means HTTP Basic (RFC 7591 section 2).
        let method = if filled.get("client_secret").is_some() { "client_secret_basic" } else { "none" };
        filled.put("token_endpoint_auth_method", method);
    }
    filled
}

fn tokens(json: &Json) -> Filled {
    let mut filled = Filled::new("a token response");
    if let Some(token) = json.text("refresh_token") {
        filled.put("refresh_token", token);
        filled.grant = grant_of_type("refresh_token");
    }
    if let Some(token) = json.text("id_token") {
        filled.put("id_token_hint", token);
    }
    if let Some(token) = json.text("access_token") {
        filled.put("subject_token", token);
        filled.put("subject_token_type", "urn:ietf:params:oauth:token-type:access_token");
    }
    filled.put("scope", json.text("scope").unwrap_or_default());
    filled.note("The tokens are taken as what a run begins with: a refresh, an exchange, a hint.");
    filled
}
