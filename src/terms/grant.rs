//! The grants, by the names they have in documents, on the wire, in the window and on the command line.

/// A way to come to an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// RFC 6749 section 4.1, RFC 7636, OIDC Core section 3.1.
    AuthorizationCode,
}

impl Grant {
    /// Every grant that works here, in the order of the tabs.
    pub const ALL: [Self; 1] = [Self::AuthorizationCode];

    /// The `grant_type` on the wire.
    pub const fn grant_type(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
        }
    }

    /// The name on the command line: `authorization-code`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization-code",
        }
    }

    /// The title of its tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "Authorization code",
        }
    }
}
