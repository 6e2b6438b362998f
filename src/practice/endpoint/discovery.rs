//! Metadata: what the server says about itself (RFC 8414 section 2, OIDC Discovery section 3, RFC 8705 section 5).
//!
//! `id_token_signing_alg_values_supported` lists what the keys of this run can do. OIDC Discovery
//! wants RS256 among them, but a list that names what is never used would teach the wrong thing.

use serde_json::{Map, Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::jose::jwe::{ALGS, ENCS};
use crate::practice::authorization::{ACR_VALUES, Prompt};
use crate::practice::demands::Demand;
use crate::practice::endpoint::mcp;
use crate::practice::fault::Fault;
use crate::practice::grant::{GRANTS, SAML_ISSUER, id_jag};
use crate::practice::response_type::RESPONSE_TYPES;
use crate::practice::scope::SCOPES;
use crate::practice::token::with_other_signature;
use crate::practice::{Practice, answer, assertion, client, details, dpop, mtls, pkce, pushed, request_object, scope};
use crate::terms::response::{JWT_MODES, ResponseMode};

/// Answers with the metadata document.
pub fn answer(practice: &mut Practice, _request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let mut metadata = metadata(practice);
    if practice.is_faulty(Fault::WrongIssuer) {
        metadata["issuer"] = json!(practice.config.url("/another"));
    }
    if let (true, Some(members)) = (practice.is_faulty(Fault::PkceUnannounced), metadata.as_object_mut()) {
        members.remove("code_challenge_methods_supported");
    }
    let another = format!("{}?signed", practice.config.url("/token"));
    sign(practice, &mut metadata, &OF_SERVER, ("token_endpoint", json!(another)), now);
    practice.why.say(format!("metadata, {} members", metadata.as_object().map_or(0, Map::len)));
    answer::json(200, &metadata)
}

/// What may be wrong with the signed part of a document: a value of its own, its signature, who attests to it.
pub type SigningFaults = [Fault; 3];

const OF_SERVER: SigningFaults = [Fault::SignedOtherwise, Fault::ForgedMetadata, Fault::UnattestedMetadata];

/// Puts the document into itself as a JWT to which the server attests, where that is configured (RFC 8414 section 2.1, RFC
/// 9728 section 2.2). `otherwise` is the member that is signed with another value where that is a fault.
pub fn sign(
    practice: &Practice,
    metadata: &mut Value,
    faults: &SigningFaults,
    (member, otherwise): (&str, Value),
    now: Timestamp,
) {
    let [differs, forged, unattested] = faults.map(|fault| practice.is_faulty(fault));
    if !practice.config.signed_metadata && !differs && !forged && !unattested {
        return;
    }
    let mut claims = metadata.clone();
    if differs {
        claims[member] = otherwise;
    }
    claims["iat"] = json!(now.seconds());
    if !unattested {
        claims["iss"] = json!(practice.config.issuer_text());
    }
    let Ok(token) = practice.keys.sign("JWT", &claims) else { return };
    metadata["signed_metadata"] = json!(if forged { with_other_signature(&token) } else { token });
}

fn metadata(practice: &Practice) -> Value {
    let config = &practice.config;
    let claims: Vec<&str> = SCOPES.iter().flat_map(|scope| scope.claims).copied().collect();
    // Granted at the authorization endpoint, so it is in no table of the token endpoint.
    let grant_types = GRANTS.iter().map(|grant| grant.name).chain(["implicit"]);
    let grant_types: Vec<&str> = grant_types.filter(|name| config.takes_grant(name)).collect();
    let response_types: Vec<&str> =
        RESPONSE_TYPES.into_iter().filter(|asked| config.takes_response_type(asked)).collect();
    let assertion_algs = assertion::algs(config);
    let plain_modes = ResponseMode::ALL.map(ResponseMode::name).into_iter();
    let plain_modes = plain_modes.filter(|_| config.demands(Demand::SignedResponse).is_none());
    let response_modes: Vec<&str> = plain_modes.chain(JWT_MODES).collect();
    let is_hashed = config.demands(Demand::S256).is_some();
    let challenges: Vec<&str> = pkce::METHODS.into_iter().filter(|method| *method == "S256" || !is_hashed).collect();
    let mut metadata = json!({
        "issuer": config.issuer_text(),
        "authorization_endpoint": config.url("/authorize"),
        "pushed_authorization_request_endpoint": config.url("/par"),
        "token_endpoint": config.url("/token"),
        "registration_endpoint": config.url("/register"),
        "userinfo_endpoint": config.url("/userinfo"),
        "device_authorization_endpoint": config.url("/device"),
        "backchannel_authentication_endpoint": config.url("/bc-authorize"),
        "introspection_endpoint": config.url("/introspect"),
        "revocation_endpoint": config.url("/revoke"),
        "end_session_endpoint": config.url("/end_session"),
        "jwks_uri": config.url("/jwks"),
        "service_documentation": config.url("/"),
        "scopes_supported": scope::supported(config),
        "claims_supported": claims,
        "claim_types_supported": ["normal", "aggregated", "distributed"],
        "response_types_supported": response_types,
        "response_modes_supported": response_modes,
        "grant_types_supported": grant_types,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": practice.keys.algs(),
        "token_endpoint_auth_methods_supported": client::methods(config),
        "token_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "introspection_endpoint_auth_methods_supported": client::confidential_methods(config),
        "introspection_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "introspection_signing_alg_values_supported": [practice.keys.alg()],
        "revocation_endpoint_auth_methods_supported": client::methods(config),
        "revocation_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "code_challenge_methods_supported": challenges,
        "authorization_response_iss_parameter_supported": true,
        "prompt_values_supported": Prompt::ALL.map(Prompt::name),
        "acr_values_supported": ACR_VALUES,
        "backchannel_token_delivery_modes_supported": ["poll", "ping", "push"],
        "backchannel_authentication_request_signing_alg_values_supported": dpop::algs(practice),
        "backchannel_user_code_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        // In no specification: what this server does where others would have a trusted issuer.
        "practice_saml_issuer": SAML_ISSUER,
        "practice_saml_signatures_verified": false,
    });
    add(&mut metadata, protection(practice));
    // Whom tokens can be for is told where a request has to say it (RFC 9728 section 4).
    if config.demands(Demand::Resource).is_some() {
        metadata["protected_resources"] = json!([config.url(mcp::PATH)]);
    }
    let aliases =
        mtls::ALIASES.iter().filter_map(|(name, path)| Some(((*name).to_owned(), config.tls_url(path)?.into())));
    let aliases: Map<String, Value> = aliases.collect();
    if !aliases.is_empty() {
        metadata["tls_client_certificate_bound_access_tokens"] = json!(true);
        metadata["mtls_endpoint_aliases"] = Value::Object(aliases);
    }
    metadata
}

/// How requests are brought, and how responses are signed and encrypted (RFC 9126 section 5, RFC 9101 section 10.5, JARM
/// section 4, OIDC Discovery section 3).
fn protection(practice: &Practice) -> Value {
    json!({
        "client_id_metadata_document_supported": true,
        "require_pushed_authorization_requests": pushed::is_demanded(practice),
        "dpop_signing_alg_values_supported": dpop::algs(practice),
        "claims_parameter_supported": true,
        "identity_chaining_requested_token_types_supported": [id_jag::TOKEN_TYPE],
        "authorization_grant_profiles_supported": [id_jag::PROFILE],
        "request_parameter_supported": true,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": false,
        "request_object_signing_alg_values_supported": assertion::algs(&practice.config),
        "require_signed_request_object": request_object::is_demanded(practice),
        "authorization_signing_alg_values_supported": [practice.keys.alg()],
        "authorization_details_types_supported": details::TYPES,
        "id_token_encryption_alg_values_supported": ALGS,
        "id_token_encryption_enc_values_supported": ENCS,
        "userinfo_signing_alg_values_supported": practice.keys.algs(),
        "userinfo_encryption_alg_values_supported": ALGS,
        "userinfo_encryption_enc_values_supported": ENCS,
        "authorization_encryption_alg_values_supported": ALGS,
        "authorization_encryption_enc_values_supported": ENCS,
    })
}

fn add(metadata: &mut Value, more: Value) {
    if let (Value::Object(members), Value::Object(more)) = (metadata, more) {
        members.extend(more);
    }
}
