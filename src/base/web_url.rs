//! URLs as people type them, and what is wrong with one in words.

use url::{ParseError, Position, Url};

use super::http::is_loopback;

/// Why a text is no http or https URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWebUrl {
    /// Host and path, and nothing before them.
    #[error("it has no scheme; with one it is {0}")]
    NoScheme(String),
    /// More than ports go to, or no number.
    #[error("{0} is no port: ports are numbers up to 65535")]
    Port(String),
    /// Another scheme.
    #[error("{0} is not the scheme of an http or https URL")]
    Scheme(String),
    /// Nothing that says where it is.
    #[error("it is not an http or https URL: those begin with https:// and a host")]
    NoHost,
    /// Anything else.
    #[error("it is not an http or https URL: {0}")]
    Other(&'static str),
}

/// Reads an http or https URL.
///
/// # Errors
/// When it is none.
pub fn web_url(typed: &str) -> Result<Url, NotWebUrl> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    match Url::parse(typed) {
        Ok(url) if is_web(&url) => Ok(url),
        // `localhost:8080/token` is a URL of the scheme localhost.
        Ok(url) if !url.path().starts_with(|first: char| first.is_ascii_digit()) => {
            Err(NotWebUrl::Scheme(url.scheme().to_owned()))
        }
        Ok(_) | Err(ParseError::RelativeUrlWithoutBase) => Err(without_scheme(typed)),
        Err(ParseError::InvalidPort) => Err(NotWebUrl::Port(port(typed).to_owned())),
        Err(ParseError::EmptyHost) => Err(NotWebUrl::NoHost),
        Err(error) => Err(NotWebUrl::Other(why_no_url(error))),
    }
}

/// Why a text is no URL, in words for those who typed it.
pub fn why_no_url(error: ParseError) -> &'static str {
    match error {
        ParseError::EmptyHost => "no host stands behind its //",
        ParseError::InvalidPort => "its port is no number up to 65535",
        ParseError::InvalidIpv4Address => "its host is no IPv4 address, which has four numbers up to 255",
        ParseError::InvalidIpv6Address => "its host is no IPv6 address in brackets, such as [::1]",
        ParseError::RelativeUrlWithoutBase => "it has no scheme, such as https://, before its host",
        ParseError::Overflow => "it is too long",
        // Those of its host.
        _ => "its host has a blank or another sign that no host has",
    }
}

/// How an address leaves that cannot leave as it is typed: with its blanks and other signs encoded, `..` and `\` resolved,
/// and without what stands behind `#` (RFC 3986 sections 2.1, 3.5 and 5.2.4).
pub fn sent_as(typed: &str) -> Option<String> {
    let mut url = web_url(typed).ok()?;
    let (_, rest) = typed.split_once("://")?;
    let behind = &rest[authority(typed).len()..];
    url.set_fragment(None);
    let sent = &url[Position::BeforePath..];
    // An empty path is the root (RFC 9110 section 4.2.3).
    let is_it = behind == sent || sent.strip_prefix('/') == Some(behind);
    (!is_it).then(|| url.into())
}

/// What a text without a scheme stands for: http on this machine, else https.
fn without_scheme(typed: &str) -> NotWebUrl {
    let is_host = typed.starts_with(|first: char| first.is_alphanumeric() || first == '[');
    match Url::parse(&format!("https://{typed}")) {
        _ if !is_host || typed.contains(|c: char| c.is_whitespace() || c == '@') => NotWebUrl::NoHost,
        Ok(url) if is_loopback(&url) => NotWebUrl::NoScheme(format!("http://{typed}")),
        Ok(_) => NotWebUrl::NoScheme(format!("https://{typed}")),
        Err(ParseError::InvalidPort) => NotWebUrl::Port(port(typed).to_owned()),
        Err(error) => NotWebUrl::Other(why_no_url(error)),
    }
}

/// What stands behind the last colon of the authority.
fn port(typed: &str) -> &str {
    authority(typed).rsplit_once(':').map_or("", |(_, port)| port)
}

fn authority(typed: &str) -> &str {
    let rest = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// The password before the host, or what stands there alone, whether it is a URL or not (RFC 3986 section 3.2.1).
pub fn user_information(typed: &str) -> Option<&str> {
    let (information, _) = authority(typed).rsplit_once('@')?;
    Some(information.split_once(':').map_or(information, |(_, password)| password)).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{sent_as, user_information, web_url};

    #[test]
    fn an_address_that_leaves_otherwise_is_told() {
        for (typed, sent) in [
            ("https://api.example/a b", Some("https://api.example/a%20b")),
            ("https://api.example/a/../b", Some("https://api.example/b")),
            ("https://api.example/a\\b", Some("https://api.example/a/b")),
            ("https://api.example/a#top", Some("https://api.example/a")),
            ("https://api.example#top", Some("https://api.example/")),
            ("https://api.example/ä?q=ü", Some("https://api.example/%C3%A4?q=%C3%BC")),
            ("https://api.example/a ", Some("https://api.example/a")),
            ("HTTPS://API.example:443/a?q=%20+b", None),
            ("https://api.example", None),
            ("https://api.example/", None),
            ("https://api.example?a=b", None),
            ("http://u:p@127.0.0.1:8080/a//b", None),
            ("api.example/a b", None),
        ] {
            assert_eq!(sent_as(typed).as_deref(), sent, "{typed}");
        }
    }

    #[test]
    fn a_password_is_found_where_no_url_is() {
        for (typed, password) in [
            ("http://u:p4ss@host/a@b", Some("p4ss")),
            ("http://p4ss@host", Some("p4ss")),
            ("u:p4ss@host", Some("p4ss")),
            ("htp://u:p4:ss@ho st", Some("p4:ss")),
            ("http://u:p4ss@", Some("p4ss")),
            ("https://host/u:p4ss@x", None),
            ("http://@host", None),
            ("host", None),
        ] {
            assert_eq!(user_information(typed), password, "{typed}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_next_step() {
        for (typed, says) in [
            ("http://localhost:99999/token", "99999 is no port"),
            ("https://as.example:80a/", "80a is no port"),
            ("localhost:99999", "99999 is no port"),
            ("localhost:8080/token", "with one it is http://localhost:8080/token"),
            ("127.0.0.1:8080", "with one it is http://127.0.0.1:8080"),
            ("[::1]:8080/a", "with one it is http://[::1]:8080/a"),
            ("as.example/token", "with one it is https://as.example/token"),
            ("as.example:8443/token", "with one it is https://as.example:8443/token"),
            ("/token", "begin with https:// and a host"),
            ("not a url", "begin with https:// and a host"),
            ("", "begin with https:// and a host"),
            ("https://", "begin with https:// and a host"),
            ("ftp://as.example", "ftp is not the scheme"),
            ("urn:a:b", "urn is not the scheme"),
            ("mailto:a@b", "mailto is not the scheme"),
            ("https://as.example:443:1/", "no port"),
            ("https://as example/", "its host has a blank"),
            ("https://a%zz/", "its host has a blank or another sign"),
            ("http://1.2.3.999/", "four numbers up to 255"),
            ("http://[::1", "in brackets, such as [::1]"),
        ] {
            let error = web_url(typed).expect_err(typed).to_string();
            assert!(error.contains(says), "{typed}: {error}");
        }
        assert!(web_url("http://127.0.0.1:0/cb").is_ok() && web_url("https://as.example").is_ok());
    }
}
