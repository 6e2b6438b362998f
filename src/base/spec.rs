//! A place in a specification, as people cite it and as a link.

use std::fmt;

/// Document and section, such as RFC 6749 section 4.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Short name: `RFC 6749`, `OIDC Core`, `OAuth 2.1`.
    pub document: &'static str,
    /// Section number, empty for the whole document: `4.1.3`, `3.1.3.7`.
    pub section: &'static str,
}

impl Spec {
    /// A place in a document.
    pub const fn new(document: &'static str, section: &'static str) -> Self {
        Self { document, section }
    }

    /// The public page of this section; `None` for a document without a known address.
    pub fn url(&self) -> Option<String> {
        url_of(self.document, self.section)
    }
}

/// As [`Spec::url`], for a document and a section that somebody has typed.
pub fn url_of(document: &str, section: &str) -> Option<String> {
    let (page, anchor) = page(document)?;
    if section.is_empty() || anchor.is_empty() {
        return Some(page);
    }
    let anchor = match section.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => "appendix-",
        false => anchor,
    };
    Some(format!("{page}#{anchor}{section}"))
}

/// The page of the whole document, and what its section anchors begin with.
fn page(document: &str) -> Option<(String, &'static str)> {
    if let Some((_, page)) = OPENID.iter().find(|(known, _)| *known == document) {
        return Some((format!("https://openid.net/specs/{page}.html"), "rfc.section."));
    }
    if let Some((_, page)) = MCP.iter().find(|(known, _)| *known == document) {
        // Its sections are numbered, and have no anchors of their numbers.
        return Some((format!("https://modelcontextprotocol.io/specification/2026-07-28/basic/{page}"), ""));
    }
    match document {
        // Its sections have anchors of their titles.
        "FAPI 1.0 Advanced" => Some(("https://openid.net/specs/openid-financial-api-part-2-1_0.html".to_owned(), "")),
        "FAPI 2.0" => Some(("https://openid.net/specs/fapi-security-profile-2_0-final.html".to_owned(), "section-")),
        "FAPI 2.0 Message Signing" => {
            Some(("https://openid.net/specs/fapi-message-signing-2_0.html".to_owned(), "section-"))
        }
        "CIMD" => {
            let page = "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document";
            Some((page.to_owned(), "section-"))
        }
        "ID-JAG" => {
            let page = "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant";
            Some((page.to_owned(), "section-"))
        }
        "JARM" => Some(("https://openid.net/specs/oauth-v2-jarm.html".to_owned(), "section-")),
        "OAuth 2.1" => Some(("https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1".to_owned(), "section-")),
        document => {
            let number = document.strip_prefix("RFC ")?;
            Some((format!("https://www.rfc-editor.org/rfc/rfc{number}.html"), "section-"))
        }
    }
}

/// Documents of the OpenID Foundation, by the short name they have here.
const OPENID: [(&str, &str); 12] = [
    ("OIDC Core", "openid-connect-core-1_0"),
    ("OIDC Discovery", "openid-connect-discovery-1_0"),
    ("OIDC Registration", "openid-connect-registration-1_0"),
    ("OIDC RP-Initiated Logout", "openid-connect-rpinitiated-1_0"),
    ("OIDC Front-Channel Logout", "openid-connect-frontchannel-1_0"),
    ("OIDC Back-Channel Logout", "openid-connect-backchannel-1_0"),
    ("OIDC Session Management", "openid-connect-session-1_0"),
    ("OIDC Prompt Create", "openid-connect-prompt-create-1_0"),
    ("OIDC Unmet Authentication Requirements", "openid-connect-unmet-authentication-requirements-1_0"),
    ("CIBA", "openid-client-initiated-backchannel-authentication-core-1_0"),
    ("OAuth Response Types", "oauth-v2-multiple-response-types-1_0"),
    ("OAuth Form Post", "oauth-v2-form-post-response-mode-1_0"),
];

/// The pages of the Model Context Protocol on authorization, by the short names they have here.
const MCP: [(&str, &str); 4] = [
    ("MCP", "authorization"),
    ("MCP Server Discovery", "authorization/authorization-server-discovery"),
    ("MCP Client Registration", "authorization/client-registration"),
    ("MCP Security", "authorization/security-considerations"),
];

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.section.is_empty() {
            return f.write_str(self.document);
        }
        write!(f, "{} §{}", self.document, self.section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_section() {
        assert_eq!(
            Spec::new("RFC 6749", "4.1.3").url().as_deref(),
            Some("https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3")
        );
        assert_eq!(
            Spec::new("RFC 6749", "A.12").url().as_deref(),
            Some("https://www.rfc-editor.org/rfc/rfc6749.html#appendix-A.12")
        );
        assert_eq!(
            Spec::new("OIDC Core", "3.1.3.7").url().as_deref(),
            Some("https://openid.net/specs/openid-connect-core-1_0.html#rfc.section.3.1.3.7")
        );
        let page = "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization";
        assert_eq!(Spec::new("MCP", "6").url().as_deref(), Some(page));
        assert_eq!(Spec::new("RFC 6749", "4.1.3").to_string(), "RFC 6749 §4.1.3");
    }
}
