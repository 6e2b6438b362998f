//! How a client proves who it is at the token endpoint (OIDC Core section 9, RFC 8705 section 2).

/// A `token_endpoint_auth_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuthMethod {
    /// A public client: only `client_id` (RFC 6749 section 3.2.1).
    None,
    /// The secret in an `Authorization: Basic` header (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// The secret in the form body (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// An assertion with a MAC made from the secret (RFC 7523 section 2.2).
    ClientSecretJwt,
    /// An assertion signed with the client's private key (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// A certificate of a trusted authority in the TLS handshake (RFC 8705 section 2.1).
    TlsClientAuth,
    /// A registered self-signed certificate in the TLS handshake (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth,
}

impl ClientAuthMethod {
    /// All methods, simplest first.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
    ];

    /// The registered name: `client_secret_basic`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// The method of this registered name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}
