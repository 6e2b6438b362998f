//! The revisions of the specification, by what they say of authorization.

/// A revision, the oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// The first with authorization: the API is its own authorization server.
    March2025,
    /// With protected resource metadata (RFC 9728) and resource indicators (RFC 8707).
    June2025,
    /// With OpenID Connect Discovery, a strategy for the scope, step-up, and proof of PKCE in the metadata.
    November2025,
    /// Without a handshake; with `iss` (RFC 9207), and with the union of scopes in a step-up.
    #[default]
    July2026,
}

impl Revision {
    /// All of them, the newest first, as they are offered.
    pub const ALL: [Self; 4] = [Self::July2026, Self::November2025, Self::June2025, Self::March2025];

    /// The date that is its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::March2025 => "2025-03-26",
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::July2026 => "2026-07-28",
        }
    }

    /// The revision that is typed; nothing typed is the newest.
    pub fn find(typed: &str) -> Option<Self> {
        match typed.trim() {
            "" => Some(Self::default()),
            name => Self::ALL.into_iter().find(|revision| revision.name() == name),
        }
    }

    /// Whether a session begins with `initialize`.
    pub const fn has_handshake(self) -> bool {
        !matches!(self, Self::July2026)
    }

    /// Whether the API publishes metadata of its own (RFC 9728).
    pub fn has_resource_metadata(self) -> bool {
        self >= Self::June2025
    }

    /// Whether the 401 has to name their address, so that nobody looks for them elsewhere.
    pub fn demands_their_address(self) -> bool {
        self == Self::June2025
    }

    /// Whether the metadata of the authorization server may be those of OpenID Connect.
    pub fn reads_openid(self) -> bool {
        self >= Self::November2025
    }

    /// Whether a client goes on only where the metadata announce PKCE.
    pub fn wants_pkce_announced(self) -> bool {
        self >= Self::November2025
    }

    /// Whether clients that nobody knows come with a document before they register.
    pub fn prefers_documents(self) -> bool {
        self >= Self::November2025
    }

    /// Whether both requests name the API (RFC 8707).
    pub fn names_resource(self) -> bool {
        self >= Self::June2025
    }

    /// Whether the scope is chosen from the challenge or the metadata.
    pub fn chooses_scope(self) -> bool {
        self >= Self::November2025
    }

    /// Whether a step-up asks for what was asked before as well.
    pub fn unites_scopes(self) -> bool {
        self >= Self::July2026
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::settings::{FIELDS, Kind};

    #[test]
    fn a_revision_is_found_by_its_date_and_nothing_typed_is_the_newest() {
        for revision in Revision::ALL {
            assert_eq!(Revision::find(revision.name()), Some(revision));
        }
        assert_eq!(Revision::find(" "), Some(Revision::July2026));
        assert_eq!(Revision::find("2024-11-05"), None);
        assert!(Revision::ALL.is_sorted_by(|newer, older| newer > older));
    }

    #[test]
    fn all_are_offered_and_the_newest_is_the_empty_choice() {
        let field = FIELDS.iter().find(|field| field.name == "mcp_revision").expect("a setting");
        let Kind::Choice(offered, _) = field.kind else { panic!("it is no choice") };
        assert_eq!(offered, [&[""], &Revision::ALL.map(Revision::name)[1..]].concat());
    }
}
