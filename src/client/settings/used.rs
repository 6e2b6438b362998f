//! Who makes use of which setting.

use super::field::{FIELDS, Field, Slot, TABLES};
use super::{ID_JAG, Settings};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;

/// Whether a choice fits the other settings: a secret makes a MAC, a private key a signature, and a response type makes a
/// grant.
pub fn is_fit(name: &str, choice: &str, grant: Grant, settings: &Settings) -> bool {
    if name == "response_type" {
        let has = |grant: &Grant| grant.response_types().contains(&choice);
        return has(&grant) || !Grant::ALL.iter().any(has);
    }
    let is_mac = choice.starts_with("HS");
    match settings.auth_method() {
        _ if name != "token_endpoint_auth_signing_alg" || choice.is_empty() => true,
        Some(ClientAuthMethod::ClientSecretJwt) => is_mac || grant == Grant::JwtBearer,
        _ => !is_mac,
    }
}

/// Whether a run of this grant makes use of a field, an endpoint or a table, whatever else is filled in.
pub fn can_be_used(name: &str, grant: Grant) -> bool {
    let mut settings = Settings::default();
    "ping".clone_into(&mut settings.client.backchannel_token_delivery_mode);
    "jwt".clone_into(&mut settings.request.response_mode);
    "ES256".clone_into(&mut settings.protection.request_object_signing_alg);
    "ES256".clone_into(&mut settings.protection.backchannel_authentication_request_signing_alg);
    "http://127.0.0.1/logout".clone_into(&mut settings.client.frontchannel_logout_uri);
    settings.protection.dpop_bound_access_tokens = true;
    settings.registration.dynamic_client_registration = true;
    ID_JAG.clone_into(&mut settings.request.requested_token_type);
    "another name".clone_into(&mut settings.request.resource_client_id);
    settings.client.tls_client_certificate = "a certificate".into();
    for alg in [
        &mut settings.protection.authorization_encrypted_response_alg,
        &mut settings.client.id_token_encrypted_response_alg,
        &mut settings.client.userinfo_encrypted_response_alg,
    ] {
        "ECDH-ES".clone_into(alg);
    }
    [false, true].into_iter().any(|is_pushed| {
        settings.protection.require_pushed_authorization_requests = is_pushed;
        ClientAuthMethod::ALL.into_iter().any(|method| {
            method.name().clone_into(&mut settings.client.token_endpoint_auth_method);
            is_used(name, grant, &settings)
        })
    })
}

/// Whether a run with these settings makes use of a field, an endpoint or a table. Fields that it does not are not
/// shown.
pub fn is_used(name: &str, grant: Grant, settings: &Settings) -> bool {
    use ClientAuthMethod as Method;

    let front = grant.has_authorization_request();
    let method = settings.auth_method();
    let object = Some(settings.protection.request_object_signing_alg.as_str()).filter(|alg| front && !alg.is_empty());
    let is_bound = settings.protection.dpop_bound_access_tokens && grant != Grant::Implicit;
    match name {
        "private_key" | "kid" if signs_object(grant, settings) => true,
        "require_pushed_authorization_requests"
        | "request_object_signing_alg"
        | "claims"
        | "pushed_authorization_request_endpoint" => front,
        "request_object_outside" => object.is_some(),
        // What is pushed is referred to by the server's own request_uri (RFC 9126 section 2.1).
        "request_uris" => object.is_some() && !settings.protection.require_pushed_authorization_requests,
        "authorization_signed_response_alg" => front && settings.request.response_mode.ends_with("jwt"),
        "dpop_bound_access_tokens" => grant != Grant::Implicit,
        "tls_client_certificate_bound_access_tokens" => {
            grant != Grant::Implicit && !settings.client.tls_client_certificate.is_empty()
        }
        "initial_access_token" | "software_statement" | "client_metadata" | "registration_endpoint" => {
            settings.registration.dynamic_client_registration
        }
        "dpop_private_key" => is_bound,
        "dpop_jkt" => is_bound && front && grant.has_code(),
        "dpop_pushed_proof" => {
            is_bound && front && grant.has_code() && settings.protection.require_pushed_authorization_requests
        }
        "tls_client_certificate" => {
            matches!(method, Some(Method::TlsClientAuth | Method::SelfSignedTlsClientAuth))
                || !settings.client.tls_client_certificate.is_empty()
        }
        "username" | "password" => grant == Grant::Password,
        "refresh_token" | "refresh_scope" => grant == Grant::RefreshToken,
        "login_hint_token"
        | "binding_message"
        | "user_code"
        | "requested_expiry"
        | "backchannel_authentication_request_signing_alg"
        | "backchannel_token_delivery_mode" => grant == Grant::Ciba,
        "backchannel_client_notification_endpoint" => grant == Grant::Ciba && settings.client.is_notified(),
        "id_token_hint" => grant == Grant::Ciba || front,
        "response_type" => grant.response_types().len() > 1,
        "code_challenge_method" => grant.has_code(),
        "login_hint" | "acr_values" => front || grant == Grant::Ciba,
        "redirect_uri" | "response_mode" | "prompt" | "max_age" | "state" | "nonce" => front,
        "mcp_revision" => grant == Grant::Mcp,
        "post_logout_redirect_uri" | "backchannel_logout_uri" | "frontchannel_logout_uri" | "userinfo_method" => {
            grant.has_user()
        }
        "frontchannel_logout_session_required" => {
            grant.has_user() && !settings.client.frontchannel_logout_uri.is_empty()
        }
        "audience" | "resource" => grant != Grant::Password,
        "id_token_signed_response_alg" | "userinfo_signed_response_alg" | "trusted_audiences" => grant.has_user(),
        "omit" | "extra" => front || matches!(grant, Grant::DeviceCode | Grant::Ciba),
        "token_request.omit" | "token_request.extra" | "token_request.headers" | "token_endpoint" => {
            grant != Grant::Implicit
        }
        "authorization_endpoint" => front,
        "device_authorization_endpoint" => grant == Grant::DeviceCode,
        "backchannel_authentication_endpoint" => grant == Grant::Ciba,
        "userinfo_endpoint" | "end_session_endpoint" => grant.has_user(),
        _ => {
            let other = of_assertion(name, grant, settings).or_else(|| of_exchange(name, grant, settings));
            other.or_else(|| of_encryption(name, grant, settings)).unwrap_or(true)
        }
    }
}

/// The same of what is about assertions that the client makes, or brings; `None` for everything else.
fn of_assertion(name: &str, grant: Grant, settings: &Settings) -> Option<bool> {
    let method = settings.auth_method();
    let by_key = method == Some(ClientAuthMethod::PrivateKeyJwt);
    let is_of_user = grant == Grant::JwtBearer;
    let signs = by_key && !settings.is_vouched_for() || is_of_user;
    Some(match name {
        "private_key" | "kid" => signs,
        "token_endpoint_auth_signing_alg" | "client_assertion_audience" | "client_assertion_lifetime" => {
            signs || method == Some(ClientAuthMethod::ClientSecretJwt)
        }
        "client_assertion" => by_key,
        "client_assertion_url" => by_key && settings.client.client_assertion.is_empty(),
        "assertion" => matches!(grant, Grant::JwtBearer | Grant::SamlBearer),
        "assertion_url" => grant == Grant::SamlBearer,
        "assertion_subject" | "assertion_claims" => is_of_user,
        _ => return None,
    })
}

/// Whether what is asked for is signed with a key of the client, as a request object.
fn signs_object(grant: Grant, settings: &Settings) -> bool {
    let protection = &settings.protection;
    let alg = match grant {
        Grant::Ciba => protection.backchannel_authentication_request_signing_alg.as_str(),
        _ if grant.has_authorization_request() => protection.request_object_signing_alg.as_str(),
        _ => "",
    };
    !matches!(alg, "" | "none") && !alg.starts_with("HS")
}

/// The same of what is about an exchange of tokens; `None` for everything else.
fn of_exchange(name: &str, grant: Grant, settings: &Settings) -> Option<bool> {
    let is_exchange = grant == Grant::TokenExchange;
    let has_id_jag = is_exchange && settings.request.requested_token_type == ID_JAG;
    Some(match name {
        "subject_token"
        | "subject_token_type"
        | "actor_token"
        | "actor_token_type"
        | "requested_token_type"
        | "exchange_scope" => is_exchange,
        "resource_client_id" => has_id_jag,
        "resource_client_secret" => has_id_jag && !settings.request.resource_client_id.is_empty(),
        _ => return None,
    })
}

/// The same of what is about encryption; `None` for everything else.
fn of_encryption(name: &str, grant: Grant, settings: &Settings) -> Option<bool> {
    let is_jwt = grant.has_authorization_request() && settings.request.response_mode.ends_with("jwt");
    let (client, protection) = (&settings.client, &settings.protection);
    let [of_token, of_claims, of_response] = [
        &client.id_token_encrypted_response_alg,
        &client.userinfo_encrypted_response_alg,
        &protection.authorization_encrypted_response_alg,
    ]
    .map(|alg| !alg.is_empty());
    Some(match name {
        "authorization_encrypted_response_alg" => is_jwt,
        "authorization_encrypted_response_enc" => is_jwt && of_response,
        "id_token_encrypted_response_alg" | "userinfo_encrypted_response_alg" => grant.has_user(),
        "id_token_encrypted_response_enc" => grant.has_user() && of_token,
        "userinfo_encrypted_response_enc" => grant.has_user() && of_claims,
        "decryption_key" => {
            let is_wanted = of_token || of_claims || is_jwt && of_response;
            grant.has_user() && (is_wanted || !client.decryption_key.is_empty())
        }
        _ => return None,
    })
}

/// Which other setting makes use of this one, for those that do nothing by themselves.
pub fn needed(name: &str) -> Option<&'static str> {
    Some(match name {
        "private_key" | "kid" => "token_endpoint_auth_method=private_key_jwt or a request_object_signing_alg",
        "token_endpoint_auth_signing_alg" | "client_assertion_audience" | "client_assertion_lifetime" => {
            "token_endpoint_auth_method=private_key_jwt or client_secret_jwt"
        }
        "client_assertion" | "client_assertion_url" => "token_endpoint_auth_method=private_key_jwt",
        "tls_client_certificate" => "token_endpoint_auth_method=tls_client_auth or self_signed_tls_client_auth",
        "tls_client_certificate_bound_access_tokens" => "a tls_client_certificate",
        "request_object_outside" => "a request_object_signing_alg",
        "request_uris" => "a request_object_signing_alg, nor where the request is pushed",
        "authorization_signed_response_alg" | "authorization_encrypted_response_alg" => "response_mode=jwt",
        "authorization_encrypted_response_enc" => "an authorization_encrypted_response_alg",
        "id_token_encrypted_response_enc" => "an id_token_encrypted_response_alg",
        "userinfo_encrypted_response_enc" => "a userinfo_encrypted_response_alg",
        "decryption_key" => "an id_token_encrypted_response_alg or another one",
        "dpop_private_key" | "dpop_jkt" => "dpop_bound_access_tokens=true",
        "dpop_pushed_proof" => "dpop_bound_access_tokens=true and require_pushed_authorization_requests=true",
        "initial_access_token" | "software_statement" | "client_metadata" | "registration_endpoint" => {
            "dynamic_client_registration=true"
        }
        "backchannel_client_notification_endpoint" => "backchannel_token_delivery_mode=ping or push",
        "frontchannel_logout_session_required" => "a frontchannel_logout_uri",
        "resource_client_id" => "requested_token_type=urn:ietf:params:oauth:token-type:id-jag",
        "resource_client_secret" => {
            "a resource_client_id and requested_token_type=urn:ietf:params:oauth:token-type:id-jag"
        }
        _ => return None,
    })
}

/// Whether what depends on these settings would be the same with both, in a run of this grant.
pub fn is_alike(one: &Settings, other: &Settings, grant: Grant, depends_on: fn(&str) -> bool) -> bool {
    of_use(one, grant, depends_on) == of_use(other, grant, depends_on)
}

/// Without what is not made use of.
fn of_use(settings: &Settings, grant: Grant, depends_on: fn(&str) -> bool) -> Settings {
    let mut used = settings.clone();
    used.server.endpoints.retain(|endpoint, _| depends_on(endpoint.name()));
    for table in TABLES.iter().filter(|table| !depends_on(table.name)) {
        *(table.slot)(&mut used) = Params::new();
    }
    let is_out = |field: &&Field| !is_used(field.name, grant, settings) || !depends_on(field.name);
    for field in FIELDS.iter().filter(is_out) {
        match (field.slot)(&mut used) {
            Slot::Text(text) => text.clear(),
            Slot::Secret(secret) => *secret = Secret::default(),
            Slot::Switch(switch) => *switch = false,
        }
    }
    used
}
