//! Whether a redirect URI belongs to a client: by exact comparison (RFC 9700 section 2.1), but for
//! the port of a loopback address (RFC 8252 section 7.3).

use url::Url;

use super::config::Client;
use super::pattern::Pattern;
use crate::base::http::is_loopback;

/// Whether the server may send the browser back to `uri` on behalf of `client`.
pub fn belongs_to(client: &Client, uri: &str) -> bool {
    is_among(&client.redirect_uris, client, uri)
}

/// The same without patterns, and without any address that a client for practice may have.
pub fn is_registered(client: &Client, uri: &str) -> bool {
    client.redirect_uris.iter().any(|registered| registered == uri || differ_in_port(registered, uri))
}

/// The same after signing out (OIDC RP-Initiated Logout section 3).
pub fn belongs_to_after_logout(client: &Client, uri: &str) -> bool {
    is_among(&client.post_logout_redirect_uris, client, uri)
}

/// Where the browser may be sent on behalf of a client, in words.
pub fn in_words(client: &Client) -> String {
    let any = ["any http or https address on this machine".to_owned()];
    let registered = if client.any_loopback_redirect { &any[..] } else { &client.redirect_uris };
    let patterns = client.redirect_patterns.iter().map(Pattern::text);
    registered.iter().map(String::as_str).chain(patterns).collect::<Vec<_>>().join(", ")
}

/// Whether a URI has scheme, domain and port of one that is registered, which all that a client has in iframes needs (OIDC
/// Front-Channel Logout section 2). The port of a loopback address may be any here too.
pub fn is_beside(client: &Client, uri: &str) -> bool {
    let Some(uri) = Url::parse(uri).ok().filter(|_| is_plain(uri)) else { return false };
    let is_beside = |registered: &Url| {
        let same_port = is_loopback(&uri) || uri.port_or_known_default() == registered.port_or_known_default();
        registered.scheme() == uri.scheme() && registered.host() == uri.host() && same_port
    };
    let is_web = matches!(uri.scheme(), "http" | "https");
    let is_any = client.any_loopback_redirect && is_loopback(&uri) || !client.redirect_patterns.is_empty();
    is_web && (is_any || client.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()).any(|uri| is_beside(&uri)))
}

/// Whether it begins as one that is registered, which is all that a careless server looks at. The port of a loopback
/// address may be any, as there.
pub fn begins_as_one_of(client: &Client, uri: &str) -> bool {
    let begins = |registered: &String| match (Loopback::parse(registered), Loopback::parse(uri)) {
        (Some(registered), Some(uri)) => {
            registered.host == uri.host && uri.path_and_query.starts_with(registered.path_and_query)
        }
        _ => uri.starts_with(registered.as_str()),
    };
    is_plain(uri) && client.redirect_uris.iter().any(begins)
}

fn is_among(registered: &[String], client: &Client, uri: &str) -> bool {
    is_plain(uri)
        && (registered.iter().any(|registered| registered == uri || differ_in_port(registered, uri))
            || client.redirect_patterns.iter().any(|pattern| pattern.fits(uri))
            || client.any_loopback_redirect && is_on_this_machine(uri))
}

/// An app under development may have TLS there too.
fn is_on_this_machine(uri: &str) -> bool {
    ["http://", "https://"].into_iter().any(|scheme| Loopback::after(scheme, uri).is_some())
}

/// Whether a URI has only characters of RFC 3986 and no fragment (RFC 6749 section 3.1.2): nothing that could end a
/// header line or that a browser would read in another way.
pub fn is_plain(uri: &str) -> bool {
    uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&b))
}

/// Schemes of which a browser itself makes something, so that nothing reaches an application (RFC 7591 section 5).
const OF_BROWSER: [&str; 8] = ["about", "blob", "chrome", "data", "file", "javascript", "vbscript", "view-source"];

/// Whether the browser would keep what is sent there, or run it.
pub fn is_of_browser(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| OF_BROWSER.contains(&url.scheme()))
}

/// What no redirect URI of the kind that is taken here has, where that is why it is not taken.
pub fn fault(uri: &str) -> Option<&'static str> {
    let has_user = || Url::parse(uri).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    match () {
        () if uri.contains('#') => Some("it has a fragment, which no redirect URI may have (RFC 6749 section 3.1.2)"),
        () if !is_plain(uri) => Some("it has characters that no URI has (RFC 3986 section 2)"),
        () if has_user() => Some("it has a user before the host"),
        () => None,
    }
}

/// Both are the same address on a loopback literal, with any port. `localhost` is a name and not meant.
fn differ_in_port(registered: &str, uri: &str) -> bool {
    match (Loopback::parse(registered), Loopback::parse(uri)) {
        (Some(registered), Some(uri)) => registered == uri && uri.host != "localhost",
        _ => false,
    }
}

/// A URL on this machine without its port, cut as text so that nothing is normalised.
#[derive(PartialEq, Eq)]
struct Loopback<'a> {
    host: &'a str,
    path_and_query: &'a str,
}

impl<'a> Loopback<'a> {
    /// An `http` URL, for which RFC 8252 has a rule of its own.
    fn parse(uri: &'a str) -> Option<Self> {
        Self::after("http://", uri)
    }

    fn after(scheme: &str, uri: &'a str) -> Option<Self> {
        let authority = uri.strip_prefix(scheme)?;
        let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| authority.starts_with(host))?;
        let path_and_query = after_port(&authority[host.len()..])?;
        let ends_authority = path_and_query.is_empty() || path_and_query.starts_with(['/', '?']);
        ends_authority.then_some(Self { host, path_and_query })
    }
}

fn after_port(text: &str) -> Option<&str> {
    let Some(port) = text.strip_prefix(':') else { return Some(text) };
    let digits = port.bytes().take_while(u8::is_ascii_digit).count();
    port[..digits].parse::<u16>().ok()?;
    Some(&port[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(redirect_uris: &[&str]) -> Client {
        let mut client =
            crate::practice::Config::practice(Url::parse("http://127.0.0.1:9400").expect("a URL")).clients.remove(0);
        client.redirect_uris = redirect_uris.iter().map(|uri| (*uri).to_owned()).collect();
        client.any_loopback_redirect = false;
        client
    }

    #[test]
    fn everything_but_the_port_of_a_loopback_literal_is_compared_exactly() {
        let client = client(&[
            "http://127.0.0.1/cb",
            "http://[::1]:1/cb",
            "http://localhost:7/cb",
            "https://app.example/cb?a=1",
        ]);
        for (uri, expected) in [
            ("http://127.0.0.1/cb", true),
            ("http://127.0.0.1:50123/cb", true),
            ("http://[::1]:50123/cb", true),
            ("http://localhost:7/cb", true),
            ("https://app.example/cb?a=1", true),
            ("http://localhost:8/cb", false),
            ("http://127.0.0.1:50123/cb/", false),
            ("http://127.0.0.1:50123/cb?x=1", false),
            ("http://127.0.0.1:50123/%63b", false),
            ("http://127.0.0.1:50123/CB", false),
            ("http://127.0.0.1:/cb", false),
            ("http://127.0.0.1:99999/cb", false),
            ("http://127.0.0.1:+1/cb", false),
            ("http://127.0.0.1@evil.example/cb", false),
            ("http://127.0.0.1:1@evil.example/cb", false),
            ("http://127.0.0.1.evil.example/cb", false),
            ("http://user@127.0.0.1/cb", false),
            ("https://127.0.0.1/cb", false),
            ("https://app.example/cb", false),
            ("https://app.example/cb?a=1&b=2", false),
            ("https://app.example/cb?a=1#x", false),
            ("https://app.example:443/cb?a=1", false),
            ("https://APP.example/cb?a=1", false),
            ("https://sub.app.example/cb?a=1", false),
            ("", false),
        ] {
            assert_eq!(belongs_to(&client, uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_client_for_practice_takes_any_address_of_this_machine() {
        let mut client = client(&[]);
        client.any_loopback_redirect = true;
        for (uri, expected) in [
            ("http://127.0.0.1:8912/any/path?q=1", true),
            ("http://localhost:3000", true),
            ("http://[::1]?x=1", true),
            ("https://localhost:3000/cb", true),
            ("https://127.0.0.1/cb", true),
            ("https://localhost.evil.example/", false),
            ("https://localhost@evil.example/", false),
            ("http://127.0.0.1:8912/#fragment", false),
            ("http://127.0.0.1:8912/\r\nSet-Cookie:x=1", false),
            ("http://127.0.0.1\\@evil.example/", false),
            ("http://localhost.evil.example/", false),
            ("http://localhostile/", false),
            ("https://evil.example/", false),
        ] {
            assert_eq!(belongs_to(&client, uri), expected, "{uri}");
        }
    }
}
