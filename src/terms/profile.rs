//! Profiles by their names: documents that say of what is allowed which part has to be used.

/// Which one: what a run is judged by, and what the practice server demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// OAuth 2.0 with its security best current practice (RFC 9700).
    OAuth2,
    /// OAuth 2.1.
    OAuth21,
    /// FAPI 2.0 Security Profile.
    Fapi2,
    /// The same with FAPI 2.0 Message Signing.
    Fapi2MessageSigning,
    /// An application that runs in the browser (RFC 10017).
    Browser,
    /// A native application (RFC 8252).
    Native,
    /// A client of the Model Context Protocol.
    Mcp,
}

impl Profile {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::OAuth2, Self::OAuth21, Self::Fapi2, Self::Fapi2MessageSigning, Self::Browser, Self::Native, Self::Mcp];

    /// The word on the command line and in results: `oauth2.1`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::OAuth2 => "oauth2",
            Self::OAuth21 => "oauth2.1",
            Self::Fapi2 => "fapi2",
            Self::Fapi2MessageSigning => "fapi2-message-signing",
            Self::Browser => "browser",
            Self::Native => "native",
            Self::Mcp => "mcp",
        }
    }

    /// The profile of this word.
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.slug() == slug)
    }

    /// As people call it: `OAuth 2.1`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OAuth2 => "OAuth 2.0 with RFC 9700",
            Self::OAuth21 => "OAuth 2.1",
            Self::Fapi2 => "FAPI 2.0",
            Self::Fapi2MessageSigning => "FAPI 2.0 Message Signing",
            Self::Browser => "Browser-based application",
            Self::Native => "Native application",
            Self::Mcp => "MCP",
        }
    }

    /// The document that a section of its rows is in.
    pub const fn document(self) -> &'static str {
        match self {
            Self::OAuth2 => "RFC 9700",
            Self::OAuth21 => "OAuth 2.1",
            Self::Fapi2 => "FAPI 2.0",
            Self::Fapi2MessageSigning => "FAPI 2.0 Message Signing",
            Self::Browser => "RFC 10017",
            Self::Native => "RFC 8252",
            Self::Mcp => "MCP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_one_profile() {
        for profile in Profile::ALL {
            assert_eq!(Profile::find(profile.slug()), Some(profile));
        }
        assert_eq!(Profile::find("fapi1"), None);
    }
}
