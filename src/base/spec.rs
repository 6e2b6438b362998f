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
        let (page, anchor) = match self.document {
            "OIDC Core" => ("https://openid.net/specs/openid-connect-core-1_0.html".to_owned(), None),
            "OIDC Discovery" => ("https://openid.net/specs/openid-connect-discovery-1_0.html".to_owned(), None),
            "OIDC RP-Initiated Logout" => {
                ("https://openid.net/specs/openid-connect-rpinitiated-1_0.html".to_owned(), None)
            }
            "OAuth Response Types" => {
                ("https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html".to_owned(), None)
            }
            "OAuth Form Post" => {
                ("https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html".to_owned(), None)
            }
            "OAuth 2.1" => ("https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1".to_owned(), Some("section")),
            document => {
                let number = document.strip_prefix("RFC ")?;
                (format!("https://www.rfc-editor.org/rfc/rfc{number}.html"), Some("section"))
            }
        };
        match (anchor, self.section) {
            (None, _) | (_, "") => Some(page),
            (Some(_), section) if section.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                Some(format!("{page}#appendix-{section}"))
            }
            (Some(anchor), section) => Some(format!("{page}#{anchor}-{section}")),
        }
    }
}

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
        assert_eq!(Spec::new("RFC 6749", "4.1.3").to_string(), "RFC 6749 §4.1.3");
    }
}
