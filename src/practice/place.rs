//! Where a server is: several may stand at one origin, each below the path of its issuer.

use url::Url;

/// Where RFC 8414 has the metadata. It goes before the path of the issuer (section 3.1), unlike that of OpenID Connect
/// Discovery, which goes behind it (section 4).
const BEFORE_PATH: &str = "/.well-known/oauth-authorization-server";

/// The path of an issuer as it stands before every other: empty for one that is an origin.
pub fn base(issuer: &Url) -> &str {
    issuer.path().trim_end_matches('/')
}

/// Which of its own paths a server is asked for with this path; `None` where it is none of its.
pub fn own_path<'p>(issuer: &Url, path: &'p str) -> Option<&'p str> {
    let base = base(issuer);
    if base.is_empty() {
        return Some(path);
    }
    if let Some(before) = path.strip_suffix(base).filter(|before| *before == BEFORE_PATH) {
        return Some(before);
    }
    match path.strip_prefix(base)? {
        "" => Some("/"),
        BEFORE_PATH => None,
        rest => rest.starts_with('/').then_some(rest),
    }
}

/// The address of one of a server's own paths.
pub fn address(issuer: &Url, path: &str) -> String {
    let whole = issuer.as_str().trim_end_matches('/');
    match (path, whole.strip_suffix(base(issuer))) {
        (BEFORE_PATH, Some(origin)) => format!("{origin}{BEFORE_PATH}{}", base(issuer)),
        _ => format!("{whole}{path}"),
    }
}

/// Whether an issuer is an origin, or has a path of plain segments: `http://127.0.0.1:9400/tenants/blue`.
pub fn is_plain(issuer: &Url) -> bool {
    let is_segment = |segment: &str| {
        segment.starts_with(|c: char| c.is_ascii_alphanumeric())
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let path = base(issuer);
    let has_path = path.is_empty() || path.strip_prefix('/').is_some_and(|path| path.split('/').all(is_segment));
    has_path && (path.is_empty() || !issuer.path().ends_with('/')) && is_bare(issuer)
}

/// Whether a URL is an origin alone.
pub fn is_origin(url: &Url) -> bool {
    url.path() == "/" && is_bare(url)
}

fn is_bare(url: &Url) -> bool {
    url.query().is_none() && url.fragment().is_none() && url.username().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:9400{path}")).expect("a URL")
    }

    #[test]
    fn metadata_of_an_issuer_with_a_path_are_where_each_document_says() {
        for (path, own) in [
            ("/blue", Some("/")),
            ("/blue/token", Some("/token")),
            ("/blue/.well-known/openid-configuration", Some("/.well-known/openid-configuration")),
            ("/.well-known/oauth-authorization-server/blue", Some("/.well-known/oauth-authorization-server")),
            ("/blue/.well-known/oauth-authorization-server", None),
            ("/.well-known/openid-configuration/blue", None),
            ("/.well-known/oauth-authorization-server", None),
            ("/bluetoken", None),
            ("/token", None),
            ("/", None),
        ] {
            assert_eq!(own_path(&url("/blue"), path), own, "{path}");
        }
        assert_eq!(own_path(&url("/"), "/blue/token"), Some("/blue/token"));
    }

    #[test]
    fn an_address_leads_back_to_its_path() {
        for issuer in ["/", "/blue", "/tenants/blue"].map(url) {
            for path in ["/token", "/.well-known/openid-configuration", BEFORE_PATH] {
                let address = Url::parse(&address(&issuer, path)).expect("a URL");
                assert_eq!(own_path(&issuer, address.path()), Some(path), "{address}");
            }
        }
    }

    #[test]
    fn the_path_of_an_issuer_is_of_plain_segments() {
        for (path, expected) in [
            ("", true),
            ("/blue", true),
            ("/tenants/blue-1", true),
            ("/blue/", false),
            ("/a//b", false),
            ("/.well-known", false),
            ("/a%2fb", false),
            ("/blue?a=1", false),
            ("/blue#a", false),
        ] {
            assert_eq!(is_plain(&url(path)), expected, "{path}");
        }
    }
}
