//! What an authorization server says about itself (RFC 8414 section 2, OIDC Discovery section 3).

use std::borrow::Cow;

use crate::base::json::Json;

/// An endpoint by its name in metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// Where the browser goes (RFC 6749 section 3.1).
    Authorization,
    /// Where an authorization request is left before the browser goes (RFC 9126 section 2).
    PushedAuthorizationRequest,
    /// Where grants become tokens (RFC 6749 section 3.2).
    Token,
    /// Claims about the user (OIDC Core section 5.3).
    UserInfo,
    /// The server's public keys (RFC 7517 section 5).
    Jwks,
    /// Whether a token is active (RFC 7662).
    Introspection,
    /// Where a token is given up (RFC 7009).
    Revocation,
    /// Where a device begins (RFC 8628 section 3.1).
    DeviceAuthorization,
    /// Where a client asks for a user who is elsewhere (CIBA section 4).
    BackchannelAuthentication,
    /// Where the user signs out (OIDC RP-Initiated Logout section 2).
    EndSession,
    /// Where a client makes itself known (RFC 7591 section 3).
    Registration,
}

impl Endpoint {
    /// All, in the order people meet them.
    pub const ALL: [Self; 11] = [
        Self::Authorization,
        Self::PushedAuthorizationRequest,
        Self::Token,
        Self::UserInfo,
        Self::Jwks,
        Self::Introspection,
        Self::Revocation,
        Self::DeviceAuthorization,
        Self::BackchannelAuthentication,
        Self::EndSession,
        Self::Registration,
    ];

    /// The member of the metadata: `token_endpoint`, `jwks_uri`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_endpoint",
            Self::PushedAuthorizationRequest => "pushed_authorization_request_endpoint",
            Self::Token => "token_endpoint",
            Self::UserInfo => "userinfo_endpoint",
            Self::Jwks => "jwks_uri",
            Self::Introspection => "introspection_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::DeviceAuthorization => "device_authorization_endpoint",
            Self::BackchannelAuthentication => "backchannel_authentication_endpoint",
            Self::EndSession => "end_session_endpoint",
            Self::Registration => "registration_endpoint",
        }
    }

    /// The endpoint of this metadata name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.name() == name)
    }
}

/// A metadata document as it was published. Every reader copes with absent and mistyped members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerMetadata {
    /// The whole document.
    pub json: Json,
}

impl ServerMetadata {
    /// The `issuer` member.
    pub fn issuer(&self) -> Option<&str> {
        self.json.text("issuer")
    }

    /// Whether the issuer stands for many: `https://as.example/{tenantid}/v2.0`.
    pub fn has_template_issuer(&self) -> bool {
        self.issuer().is_some_and(|issuer| issuer.split('/').any(is_blank))
    }

    /// The issuer that a token of this tenant has to name: the `issuer` member, its blank filled with the token's `tid`
    /// where it is a template. Not defined by a specification; Microsoft's servers for all tenants publish one.
    pub fn issuer_of(&self, tid: Option<&str>) -> Option<Cow<'_, str>> {
        let issuer = self.issuer()?;
        let is_name =
            |tid: &&str| !tid.is_empty() && tid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let Some(tid) = tid.filter(is_name) else { return Some(issuer.into()) };
        let fill = |part| if is_blank(part) { tid } else { part };
        Some(issuer.split('/').map(fill).collect::<Vec<_>>().join("/").into())
    }

    /// The URL of an endpoint.
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<&str> {
        self.json.text(endpoint.name())
    }

    /// The URL of an endpoint for clients that show a certificate (RFC 8705 section 5).
    pub fn mtls_endpoint(&self, endpoint: Endpoint) -> Option<&str> {
        self.json.get("mtls_endpoint_aliases")?.text(endpoint.name())
    }

    /// A `..._supported` list; `None` when the member is absent.
    pub fn supported(&self, member: &str) -> Option<Vec<&str>> {
        self.json.get(member).map(Json::strings)
    }

    /// Whether the server is an OpenID provider, by a member that each of them has to publish and that has no use elsewhere
    /// (OIDC Discovery section 3).
    pub fn is_openid(&self) -> bool {
        self.json.get("subject_types_supported").is_some()
    }

    /// Whether a list is published and does not hold `value`: what the window notes beside a field.
    pub fn leaves_out(&self, member: &str, value: &str) -> bool {
        self.supported(member).is_some_and(|list| !list.contains(&value))
    }

    /// A boolean member, absent ones as `false`.
    pub fn flag(&self, member: &str) -> bool {
        self.json.get(member).and_then(Json::as_bool).unwrap_or(false)
    }
}

/// Whether a part of a path is to be filled in: `{tenantid}`.
pub fn is_blank(part: &str) -> bool {
    part.len() > 2 && part.starts_with('{') && part.ends_with('}')
}

/// The type that a member's definition gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An array of strings.
    Strings,
    /// `true` or `false`.
    Boolean,
    /// A string, most often a URL.
    Text,
    /// An object.
    Object,
}

impl Form {
    /// What it is called: `a list of strings`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Strings => "a list of strings",
            Self::Boolean => "true or false",
            Self::Text => "a string",
            Self::Object => "an object",
        }
    }

    /// Whether a value has it.
    pub fn fits(self, value: &Json) -> bool {
        match (self, value) {
            (Self::Strings, Json::Array(elements)) => elements.iter().all(|element| element.as_str().is_some()),
            (Self::Boolean, Json::Bool(_)) | (Self::Text, Json::String(_)) | (Self::Object, Json::Object(_)) => true,
            _ => false,
        }
    }
}

/// The type of a member; `None` for one whose definition is not known here. The name alone says nothing:
/// `http_logout_supported` is no list.
pub fn form(name: &str) -> Option<Form> {
    let forms = [(Form::Strings, STRINGS), (Form::Boolean, BOOLEANS), (Form::Text, TEXTS), (Form::Object, OBJECTS)];
    forms.into_iter().find(|(_, names)| names.contains(&name)).map(|(form, _)| form)
}

/// The type of a member of what an API says of itself (RFC 9728 section 2), also of one that is written in a language
/// (section 2.1); `None` for one whose definition is not known here.
pub fn form_of_api(name: &str) -> Option<Form> {
    let forms = [(Form::Strings, API_STRINGS), (Form::Boolean, API_BOOLEANS), (Form::Text, API_TEXTS)];
    let plain = name.split_once('#').map_or(name, |(plain, _)| plain);
    forms.into_iter().find(|(_, names)| names.contains(&plain)).map(|(form, _)| form)
}

/// The names of all members whose form is known.
pub fn members() -> impl Iterator<Item = &'static str> {
    [STRINGS, BOOLEANS, TEXTS, OBJECTS].into_iter().flatten().copied()
}

const STRINGS: &[&str] = &[
    // RFC 8414 section 2
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "ui_locales_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported",
    // OIDC Discovery section 3
    "acr_values_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "userinfo_signing_alg_values_supported",
    "userinfo_encryption_alg_values_supported",
    "userinfo_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "display_values_supported",
    "claim_types_supported",
    "claims_supported",
    "claims_locales_supported",
    // JARM section 4, RFC 9701 section 7, RFC 9449 section 5.1, RFC 9396 section 10, RFC 9728 section 4
    "authorization_signing_alg_values_supported",
    "authorization_encryption_alg_values_supported",
    "authorization_encryption_enc_values_supported",
    "introspection_signing_alg_values_supported",
    "introspection_encryption_alg_values_supported",
    "introspection_encryption_enc_values_supported",
    "dpop_signing_alg_values_supported",
    "authorization_details_types_supported",
    "protected_resources",
    // CIBA section 4, OIDC Prompt Create section 5, OpenID Federation section 5.1.3
    "backchannel_token_delivery_modes_supported",
    "backchannel_authentication_request_signing_alg_values_supported",
    "prompt_values_supported",
    "client_registration_types_supported",
];

const BOOLEANS: &[&str] = &[
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "require_signed_request_object",
    "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported",
    "tls_client_certificate_bound_access_tokens",
    "backchannel_user_code_parameter_supported",
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "client_id_metadata_document_supported",
];

const TEXTS: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "registration_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "device_authorization_endpoint",
    "pushed_authorization_request_endpoint",
    "backchannel_authentication_endpoint",
    "end_session_endpoint",
    "check_session_iframe",
    "service_documentation",
    "op_policy_uri",
    "op_tos_uri",
    "signed_metadata",
];

const OBJECTS: &[&str] = &["mtls_endpoint_aliases"];

const API_STRINGS: &[&str] = &[
    "authorization_servers",
    "scopes_supported",
    "bearer_methods_supported",
    "resource_signing_alg_values_supported",
    "authorization_details_types_supported",
    "dpop_signing_alg_values_supported",
];

const API_BOOLEANS: &[&str] = &["tls_client_certificate_bound_access_tokens", "dpop_bound_access_tokens_required"];

const API_TEXTS: &[&str] = &[
    "resource",
    "jwks_uri",
    "resource_name",
    "resource_documentation",
    "resource_policy_uri",
    "resource_tos_uri",
    "signed_metadata",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_gives_no_type() {
        for name in ["http_logout_supported", "own_supported", "own_endpoint", "require_own", "jwks"] {
            assert_eq!(form(name), None, "{name}");
        }
        assert_eq!(form("client_id_metadata_document_supported"), Some(Form::Boolean));
        assert!(Endpoint::ALL.into_iter().all(|endpoint| form(endpoint.name()) == Some(Form::Text)));
    }

    #[test]
    fn a_template_is_filled_with_the_tenant_of_the_token() {
        let metadata = |issuer: &str| ServerMetadata {
            json: crate::base::json::object([("issuer", crate::base::json::text(issuer))]),
        };
        let common = metadata("https://as.example/{tenantid}/v2.0");
        assert!(common.has_template_issuer());
        for (tid, expected) in [
            (Some("7f1a-b2"), "https://as.example/7f1a-b2/v2.0"),
            // What is more than a name could make another host's issuer of it.
            (Some("../x"), "https://as.example/{tenantid}/v2.0"),
            (Some(""), "https://as.example/{tenantid}/v2.0"),
            (None, "https://as.example/{tenantid}/v2.0"),
        ] {
            assert_eq!(common.issuer_of(tid).as_deref(), Some(expected), "{tid:?}");
        }
        let plain = metadata("https://as.example/7f1a");
        assert!(!plain.has_template_issuer());
        assert_eq!(plain.issuer_of(Some("other")).as_deref(), Some("https://as.example/7f1a"));
    }
}
