//! What an authorization server says about itself (RFC 8414 section 2, OIDC Discovery section 3).

use crate::base::json::Json;

/// An endpoint by its name in metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// Where the browser goes (RFC 6749 section 3.1).
    Authorization,
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
}

impl Endpoint {
    /// All, in the order people meet them.
    pub const ALL: [Self; 9] = [
        Self::Authorization,
        Self::Token,
        Self::UserInfo,
        Self::Jwks,
        Self::Introspection,
        Self::Revocation,
        Self::DeviceAuthorization,
        Self::BackchannelAuthentication,
        Self::EndSession,
    ];

    /// The member of the metadata: `token_endpoint`, `jwks_uri`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_endpoint",
            Self::Token => "token_endpoint",
            Self::UserInfo => "userinfo_endpoint",
            Self::Jwks => "jwks_uri",
            Self::Introspection => "introspection_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::DeviceAuthorization => "device_authorization_endpoint",
            Self::BackchannelAuthentication => "backchannel_authentication_endpoint",
            Self::EndSession => "end_session_endpoint",
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

    /// Whether a list is published and does not hold `value`: what the window notes beside a field.
    pub fn leaves_out(&self, member: &str, value: &str) -> bool {
        self.supported(member).is_some_and(|list| !list.contains(&value))
    }

    /// A boolean member, absent ones as `false`.
    pub fn flag(&self, member: &str) -> bool {
        self.json.get(member).and_then(Json::as_bool).unwrap_or(false)
    }
}
