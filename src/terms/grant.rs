//! The grants, by the names they have in documents, on the wire, in the window and on the command line.

/// A way to come to an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// RFC 6749 section 4.1, RFC 7636, OIDC Core section 3.1.
    AuthorizationCode,
    /// RFC 8628.
    DeviceCode,
    /// RFC 6749 section 4.4.
    ClientCredentials,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.2, OIDC Core section 3.2.
    Implicit,
    /// OIDC Core section 3.3.
    Hybrid,
    /// RFC 6749 section 4.3.
    Password,
    /// RFC 8693.
    TokenExchange,
    /// RFC 7523 section 2.1.
    JwtBearer,
    /// RFC 7522 section 2.1.
    SamlBearer,
    /// OpenID Connect Client-Initiated Backchannel Authentication, poll and ping mode.
    Ciba,
    /// The authorization of the Model Context Protocol: the authorization code grant, found from the address of an API.
    Mcp,
}

impl Grant {
    /// Every grant that works here, in the order of the tabs.
    pub const ALL: [Self; 12] = [
        Self::AuthorizationCode,
        Self::DeviceCode,
        Self::ClientCredentials,
        Self::RefreshToken,
        Self::TokenExchange,
        Self::JwtBearer,
        Self::SamlBearer,
        Self::Ciba,
        Self::Mcp,
        Self::Implicit,
        Self::Hybrid,
        Self::Password,
    ];

    /// The `grant_type` on the wire; for those that only have a `response_type`, the name metadata uses.
    pub const fn grant_type(self) -> &'static str {
        match self {
            Self::AuthorizationCode | Self::Hybrid | Self::Mcp => "authorization_code",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::SamlBearer => "urn:ietf:params:oauth:grant-type:saml2-bearer",
            Self::Ciba => "urn:openid:params:grant-type:ciba",
        }
    }

    /// The name on the command line: `authorization-code`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization-code",
            Self::DeviceCode => "device",
            Self::ClientCredentials => "client-credentials",
            Self::RefreshToken => "refresh",
            Self::Implicit => "implicit",
            Self::Hybrid => "hybrid",
            Self::Password => "password",
            Self::TokenExchange => "token-exchange",
            Self::JwtBearer => "jwt-bearer",
            Self::SamlBearer => "saml-bearer",
            Self::Ciba => "ciba",
            Self::Mcp => "mcp",
        }
    }

    /// The name in preset files and in the JSON result: `authorization_code`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "device_code",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::Implicit => "implicit",
            Self::Hybrid => "hybrid",
            Self::Password => "password",
            Self::TokenExchange => "token_exchange",
            Self::JwtBearer => "jwt_bearer",
            Self::SamlBearer => "saml_bearer",
            Self::Ciba => "ciba",
            Self::Mcp => "mcp",
        }
    }

    /// The grant of this name in a preset file.
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.key() == key)
    }

    /// The section that defines its token request; for those without one, its request.
    pub const fn citation(self) -> &'static str {
        match self {
            Self::AuthorizationCode | Self::Hybrid | Self::Mcp => "RFC 6749 §4.1.3",
            Self::DeviceCode => "RFC 8628 §3.4",
            Self::ClientCredentials => "RFC 6749 §4.4.2",
            Self::RefreshToken => "RFC 6749 §6",
            Self::Implicit => "RFC 6749 §4.2.1",
            Self::Password => "RFC 6749 §4.3.2",
            Self::TokenExchange => "RFC 8693 §2.1",
            Self::JwtBearer => "RFC 7523 §2.1",
            Self::SamlBearer => "RFC 7522 §2.1",
            Self::Ciba => "CIBA §10.1",
        }
    }

    /// The title of its tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "Authorization code",
            Self::DeviceCode => "Device",
            Self::ClientCredentials => "Client credentials",
            Self::RefreshToken => "Refresh",
            Self::Implicit => "Implicit",
            Self::Hybrid => "Hybrid",
            Self::Password => "Password",
            Self::TokenExchange => "Token exchange",
            Self::JwtBearer => "JWT bearer",
            Self::SamlBearer => "SAML bearer",
            Self::Ciba => "CIBA",
            Self::Mcp => "MCP",
        }
    }

    /// Why its use is discouraged; `None` for those to be used.
    pub const fn discouraged(self) -> Option<&'static str> {
        match self {
            Self::Implicit => Some(
                "Removed in OAuth 2.1: tokens travel through the browser, where logs, histories and other pages see them. Use the authorization code grant with PKCE.",
            ),
            Self::Password => Some(
                "Removed in OAuth 2.1: the client sees the user's password, and neither a second factor nor single sign-on works. Use the authorization code grant with PKCE.",
            ),
            Self::Hybrid => {
                Some("Rarely needed since PKCE: it puts an ID token, or an access token, into the browser.")
            }
            _ => None,
        }
    }

    /// Whether the browser carries an authorization request.
    pub const fn has_authorization_request(self) -> bool {
        matches!(
            self,
            Self::AuthorizationCode
                | Self::RefreshToken
                | Self::TokenExchange
                | Self::Implicit
                | Self::Hybrid
                | Self::Mcp
        )
    }

    /// Whether a user takes part.
    pub const fn has_user(self) -> bool {
        !matches!(self, Self::ClientCredentials | Self::JwtBearer | Self::SamlBearer)
    }

    /// Whether a code is exchanged at the token endpoint.
    pub const fn has_code(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::RefreshToken | Self::TokenExchange | Self::Hybrid | Self::Mcp)
    }

    /// The response types it can ask for, the usual one first; none without an authorization request.
    pub const fn response_types(self) -> &'static [&'static str] {
        match self {
            Self::AuthorizationCode => &["code", "none"],
            Self::RefreshToken | Self::TokenExchange | Self::Mcp => &["code"],
            Self::Implicit => &["id_token token", "token", "id_token"],
            Self::Hybrid => &["code id_token", "code token", "code id_token token"],
            Self::DeviceCode
            | Self::ClientCredentials
            | Self::Password
            | Self::JwtBearer
            | Self::SamlBearer
            | Self::Ciba => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (at, grant) in Grant::ALL.iter().enumerate() {
            assert!(
                Grant::ALL[..at].iter().all(|other| other.slug() != grant.slug() && other.title() != grant.title())
            );
            assert_eq!(Grant::find(grant.key()), Some(*grant));
        }
    }
}
