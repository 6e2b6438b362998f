//! What a lesson may not say, whoever wrote it: it happens on the practice server and knows nothing beyond.

use url::{Host, Url};

use super::ISSUER;
use crate::base::text::visible;
use crate::client::settings::{FIELDS, Field, Settings};
use crate::terms::metadata::Endpoint;

/// Of a scheme, so many characters are looked at.
const LONGEST_SCHEME: usize = 20;
/// Of an address behind its scheme, so many characters are looked at: its host is in them.
const LONGEST: usize = 300;
/// Schemes that need no slashes to name a host (WHATWG URL Standard, special schemes).
const SPECIAL: [&str; 6] = ["http:", "https:", "ws:", "wss:", "ftp:", "file:"];

/// Where links in a text may lead: to the documents that lessons are about.
const DOCUMENTS: [&str; 3] = ["www.rfc-editor.org", "datatracker.ietf.org", "openid.net"];

/// Why a setting is not taken.
///
/// # Errors
/// In words.
pub fn setting(name: &str, value: &str) -> Result<(), String> {
    let mut settings = Settings::default();
    let field = FIELDS.iter().find(|field| field.name == name);
    let is_other = Endpoint::find(name).is_some() || Settings::table_of(name).is_some();
    if field.is_none() && !is_other {
        return Err("there is no setting of this name; grantscope settings lists them".to_owned());
    }
    if field.is_some_and(Field::is_secret) {
        return Err("a lesson holds no secret; the demo clients have theirs".to_owned());
    }
    let begin = value.trim_start();
    if begin.starts_with("env:") {
        return Err("a lesson names no variable of the environment".to_owned());
    }
    if begin.starts_with('@') {
        return Err("a lesson names no file".to_owned());
    }
    hosts(value)?;
    settings.set(name, value).map(drop).map_err(|error| error.to_string())
}

/// Whether every address in a text is on this machine, or below `.example`, which is nobody's (RFC 2606 section 3).
///
/// # Errors
/// The first that is not.
pub fn hosts(text: &str) -> Result<(), String> {
    // Whoever reads an address leaves these out of it.
    let text = text.replace(['\t', '\n', '\r'], "");
    let whole = text.split(' ').filter(|word| url_of(word).is_some_and(|url| names_host(&url)));
    let mut all = whole.chain(addresses(&text));
    all.find(|address| !is_nobodys(address)).map_or(Ok(()), |address| Err(other_host(address)))
}

/// The same for a text to read, where links may lead to the documents that it is about.
///
/// # Errors
/// The line of the first, counted from 0, and why.
pub fn links(text: &str) -> Result<(), (usize, String)> {
    for (at, line) in text.lines().enumerate() {
        // What ends a sentence is no part of an address in it.
        let mut all = addresses(line).map(|address| address.trim_end_matches([',', '.', ';', ':', '?']));
        if let Some(address) = all.find(|address| !is_nobodys(address) && !is_document(address)) {
            return Err((at, other_host(address)));
        }
    }
    Ok(())
}

/// Whether a link of a text that is shown leads where a lesson may name.
pub fn is_fine_link(address: &str) -> bool {
    let is_https = Url::parse(address).is_ok_and(|url| url.scheme() == "https");
    is_https && (is_nobodys(address) || is_document(address))
}

fn other_host(address: &str) -> String {
    format!("a lesson names no other host than this machine and .example: {}", visible(address))
}

/// Whatever has a host, up to what ends it. Only so much of it is looked at.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    with_scheme(text).chain(without_slashes(text))
}

fn with_scheme(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("://").map(|(at, _)| {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let length =
            text[..at].bytes().rev().take(LONGEST_SCHEME).take_while(|byte| is_scheme(char::from(*byte))).count();
        let rest = &text[at + 3..];
        let end = rest.char_indices().take(LONGEST).find(|(_, c)| is_end(*c)).map(|(end, _)| end);
        let end = end.or_else(|| rest.char_indices().nth(LONGEST).map(|(end, _)| end)).unwrap_or(rest.len());
        &text[at - length..at + 3 + end]
    })
}

const fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, ')' | '>' | '<' | '"' | '\'' | '`' | '|')
}

/// `//host`, and `http:host`, which names one to those who read addresses as browsers do. A backslash is a slash there.
fn without_slashes(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c| is_end(c) || matches!(c, '(' | '[' | ']' | '=' | '&' | '?' | ',' | ';'));
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    words.filter(move |word| {
        let scheme = SPECIAL
            .into_iter()
            .find(|scheme| word.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)));
        let rest = &word.as_bytes()[scheme.map_or(0, str::len)..];
        let slashes = rest.iter().take_while(|byte| is_slash(byte)).count();
        let is_named =
            rest.get(slashes).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii() || *byte == b'[');
        is_named && (scheme.is_some_and(|scheme| scheme != "file:") || slashes > 1)
    })
}

/// As an app on the practice server would take it: what begins with slashes has the scheme of the server.
fn url_of(address: &str) -> Option<Url> {
    match address.starts_with(['/', '\\']) {
        true => Url::parse(ISSUER).ok()?.join(address).ok(),
        false => Url::parse(address).ok(),
    }
}

fn names_host(url: &Url) -> bool {
    url.has_host() || url.scheme() == "file"
}

fn is_nobodys(address: &str) -> bool {
    let Some(url) = url_of(address) else { return false };
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name == "example" || name.ends_with(".example"),
        None => false,
    }
}

fn is_document(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    url.scheme() == "https" && url.host_str().is_some_and(|host| DOCUMENTS.contains(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_taken_or_refused_by_name() {
        for (name, value, says) in [
            ("scope", "openid", None),
            ("state", "false", None),
            ("issuer", "http://127.0.0.1:9400/second", None),
            ("resource", "https://photos.example/", None),
            ("redirect_uri", "http://127.0.0.1:0/callback/../go?to=https://attacker.example", None),
            ("extra.ui_locales", "de", None),
            ("token_endpoint", "http://[::1]:9400/token", None),
            ("state", "maybe", Some("state")),
            ("client_secret", "x", Some("no secret")),
            ("private_key", "x", Some("no secret")),
            ("scope", "env:HOME", Some("environment")),
            ("assertion_claims", "@/etc/passwd", Some("no file")),
            ("issuer", "https://login.example.com", Some("no other host")),
            ("redirect_uri", "http://127.0.0.1/?a=https://evil.test/", Some("https://evil.test/")),
            ("token_endpoint", "http://127.0.0.1@evil.test/", Some("no other host")),
            ("resource", "file:///etc/passwd", Some("no other host")),
            ("nonsense", "x", Some("no setting")),
            ("scope", " env:HOME", Some("environment")),
            ("assertion_claims", "\n@/etc/passwd", Some("no file")),
            ("issuer", "http:evil.test/x", Some("no other host")),
            ("issuer", "HTTPS:/evil.test", Some("no other host")),
            ("issuer", "//evil.test/x", Some("no other host")),
            ("issuer", "/\\evil.test/x", Some("no other host")),
            ("issuer", "http:\\\\evil.test", Some("no other host")),
            ("issuer", "ht\ttp:evil.test", Some("no other host")),
            ("issuer", "http://127.0.0.1'@evil.test/", Some("no other host")),
            ("redirect_uri", "app://127.0.0.1\\@evil.test/", Some("no other host")),
            ("resource", "https://photos.example/ //evil.test", Some("no other host")),
            ("redirect_uri", "http://127.0.0.1/?a=http:evil.test", Some("http:evil.test")),
            ("api_url", "file:/etc/passwd", Some("no other host")),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt", None),
            ("redirect_uri", "com.example.app:/callback", None),
            ("api_url", "/api//me", None),
        ] {
            let error = setting(name, value).err();
            assert_eq!(error.is_some(), says.is_some(), "{name} {value}: {error:?}");
            assert!(error.unwrap_or_default().contains(says.unwrap_or_default()), "{name} {value}");
        }
    }

    #[test]
    fn links_lead_to_documents_alone() {
        let fine = "See [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.6), <http://127.0.0.1:9400>.";
        assert_eq!(links(fine), Ok(()));
        let fine = "It is https://bank.example, or https://shop.example. Is it http://127.0.0.1:9400/a?";
        assert_eq!(links(fine), Ok(()));
        let fine = "Over http: nothing is sealed. `https:` is; // a comment, either/or, file: x, a // b.";
        assert_eq!(links(fine), Ok(()));
        for text in [
            "a\nb [x](https://evil.test/)",
            "a\nhttp://www.rfc-editor.org/",
            "a\nü://x",
            "a\nIt is https://evil.test, or https://evil.test.",
            "a\nhttps://bank.example,evil.test/",
            "a\n[x](//evil.test/a)",
            "a\n[x](http:evil.test/a)",
            "a\n[x](\\\\evil.test/a)",
        ] {
            assert_eq!(links(text).map_err(|(line, _)| line), Err(1), "{text}");
        }
    }
}
