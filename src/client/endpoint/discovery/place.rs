//! Where the metadata of a server may be, for what was typed as its issuer (OIDC Discovery section 4, RFC 8414
//! sections 3 and 5).

use std::iter;

use url::Url;

use crate::client::endpoint::webfinger::Account;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// A metadata URL and the rule that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the document may be.
    pub url: Url,
    /// The rule in a few words: `OIDC Discovery: appended to the issuer`.
    pub rule: &'static str,
}

/// Why an issuer is known but for its last slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// More than an issuer was typed, and what became of that.
    Typed(&'static str),
    /// Nobody named it: it is the host of an API, as a client knows it that is told of no more, and why.
    Host(&'static str),
}

impl Beside {
    /// In words.
    pub const fn words(self) -> &'static str {
        let (Self::Typed(words) | Self::Host(words)) = self;
        words
    }
}

/// What was typed as an issuer, read: what a document has to name, and where it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The issuer. What is more than an issuer in what was typed is not in it.
    pub issuer: String,
    /// Why the issuer is not said in full, if it is not. Its last slash is not known then.
    pub beside: Option<Beside>,
    /// The URLs to try, in order and each once: OpenID Connect appends, RFC 8414 inserts before the path. None where
    /// what was typed is no http(s) URL.
    pub candidates: Vec<Candidate>,
}

impl Asked {
    /// Reads what was typed.
    pub fn new(typed: &str) -> Self {
        let typed = typed.trim();
        match Url::parse(typed) {
            Ok(url) if !url.cannot_be_a_base() && matches!(url.scheme(), "http" | "https") => Self::at(&url, typed),
            _ => Self { issuer: typed.to_owned(), beside: None, candidates: Vec::new() },
        }
    }

    fn at(url: &Url, typed: &str) -> Self {
        let path = url.path().trim_end_matches('/');
        let document = without_suffix(path);
        let issuer_path = document.as_deref().unwrap_or(path);
        let beside = match (&document, url.query(), url.fragment()) {
            (Some(_), Some(_), _) => Some(
                "an issuer ends before /.well-known and has no query: the suffix that was typed was taken off, and the \
                 query was sent",
            ),
            (Some(_), None, _) => {
                Some("an issuer ends before /.well-known, so the suffix that was typed was taken off")
            }
            (None, Some(_), _) => {
                Some("an issuer has no query (RFC 8414 section 2); what was typed was sent, and is not compared")
            }
            (None, None, Some(_)) => Some("an issuer has no fragment (RFC 8414 section 2), so it was left out"),
            (None, None, None) => None,
        }
        .map(Beside::Typed);
        let issuer = match beside {
            Some(_) => format!("{}{issuer_path}", url.origin().ascii_serialization()),
            None => typed.to_owned(),
        };
        let mut candidates = Vec::new();
        let mut add = |path: &str, rule| {
            let mut url = url.clone();
            url.set_path(path);
            url.set_fragment(None);
            // A place that came twice would be asked twice, or for ever.
            if candidates.iter().all(|known: &Candidate| known.url != url) {
                candidates.push(Candidate { url, rule });
            }
        };
        if document.is_some() {
            add(path, "the address that was typed");
        }
        add(&format!("{issuer_path}{OPENID}"), "OIDC Discovery: appended to the issuer");
        add(&format!("{OAUTH}{issuer_path}"), "RFC 8414: inserted before the path");
        add(&format!("{OPENID}{issuer_path}"), "RFC 8414 section 5: inserted, OpenID name");
        Self { issuer, beside, candidates }
    }

    /// The issuer of an account: the places of the one that was found, after the one that names it (OIDC Discovery section
    /// 2). `None` where no account was typed.
    pub fn of_account(typed: &str, found: Option<&str>) -> Option<Self> {
        let url = Account::typed(typed)?.url;
        let unknown = || Self { issuer: typed.trim().to_owned(), beside: None, candidates: Vec::new() };
        let mut asked = found.map_or_else(unknown, Self::new);
        asked.candidates.insert(0, Candidate { url, rule: "WebFinger: the issuer of the account" });
        Some(asked)
    }

    /// An issuer that a document named, taken as it stands: inserted alone, or with the names of OpenID Connect after it
    /// (MCP, Authorization Server Metadata Discovery).
    pub fn inserted(issuer: &str, reads_openid: bool) -> Self {
        let mut asked = Self { issuer: issuer.to_owned(), beside: None, candidates: Vec::new() };
        let Ok(url) = Url::parse(issuer) else { return asked };
        if !matches!(url.scheme(), "http" | "https") {
            return asked;
        }
        let path = url.path().trim_end_matches('/');
        let openid = [
            (format!("{OPENID}{path}"), "OIDC Discovery: inserted before the path"),
            (format!("{path}{OPENID}"), "OIDC Discovery: appended to the issuer"),
        ];
        let openid = openid.into_iter().filter(|_| reads_openid);
        for (path, rule) in iter::once((format!("{OAUTH}{path}"), "RFC 8414: inserted before the path")).chain(openid) {
            let mut url = url.clone();
            url.set_path(&path);
            url.set_fragment(None);
            if asked.candidates.iter().all(|known| known.url != url) {
                asked.candidates.push(Candidate { url, rule });
            }
        }
        asked
    }

    /// Whether the issuer that a document names is the one that was asked, as far as what was typed says it.
    pub fn is(&self, published: &str) -> bool {
        match self.beside {
            None => published == self.issuer,
            Some(_) => published.trim_end_matches('/') == self.issuer.trim_end_matches('/'),
        }
    }

    /// Whether nothing but the last slash makes the two differ.
    pub fn is_but_for_a_slash(&self, published: &str) -> bool {
        !self.is(published) && published.trim_end_matches('/') == self.issuer.trim_end_matches('/')
    }
}

/// Whether OpenID Connect calls a document at this address by its name.
pub(super) fn is_openid(url: &Url) -> bool {
    unescaped(url.path()).to_ascii_lowercase().contains(OPENID)
}

/// The path of the issuer where this is the path of a document, in one of the forms of RFC 8414 section 5: in any case and
/// escaped as it may be, and also when the name of the document was put there more than once.
fn without_suffix(path: &str) -> Option<String> {
    let path = unescaped(path);
    let mut rest = path.as_str();
    let mut is_one = false;
    while let Some(shorter) = [OPENID, OAUTH].into_iter().find_map(|name| without(rest, name)) {
        (rest, is_one) = (shorter.trim_end_matches('/'), true);
    }
    is_one.then(|| rest.to_owned())
}

/// A path without this name at its end, or before a further path.
fn without<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let begins = |path: &str| path.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let end = path.len().checked_sub(name.len()).filter(|at| path.is_char_boundary(*at));
    let at_end = end.filter(|at| begins(&path[*at..])).map(|at| &path[..at]);
    at_end.or_else(|| path.get(name.len()..).filter(|rest| begins(path) && rest.starts_with('/')))
}

/// A path in which letters, digits, `-`, `.`, `_` and `~` stand as themselves, which says the same (RFC 3986 section 6.2.2.2).
fn unescaped(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let byte = piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map(char::from);
        match byte.filter(|byte| byte.is_ascii_alphanumeric() || "-._~".contains(*byte)) {
            Some(byte) => {
                plain.push(byte);
                plain.push_str(&piece[2..]);
            }
            None => plain.extend(["%", piece]),
        }
    }
    plain
}

/// An issuer as people type it: spaces around it go, and `https` is taken where no scheme was typed. An account stays one,
/// by which its issuer is asked for. `None` for what cannot be either.
pub fn typed_issuer(text: &str) -> Option<String> {
    let text = text.trim();
    if Account::typed(text).is_some() {
        return Some(text.to_owned());
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let is_one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    (is_one_word && !Asked::new(&whole).candidates.is_empty()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn urls(typed: &str) -> Vec<String> {
        Asked::new(typed).candidates.into_iter().map(|candidate| candidate.url.into()).collect()
    }

    #[test]
    fn candidates_append_and_insert() {
        for (issuer, expected) in [
            (
                "https://as.example",
                &["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"][..],
            ),
            (
                "https://as.example/realms/a/",
                &[
                    "/realms/a/.well-known/openid-configuration",
                    "/.well-known/oauth-authorization-server/realms/a",
                    "/.well-known/openid-configuration/realms/a",
                ],
            ),
            (
                "https://as.example/v2.0?p=x",
                &[
                    "/v2.0/.well-known/openid-configuration?p=x",
                    "/.well-known/oauth-authorization-server/v2.0?p=x",
                    "/.well-known/openid-configuration/v2.0?p=x",
                ],
            ),
            ("as.example", &[]),
            ("mailto:a@b", &[]),
        ] {
            let expected: Vec<String> = expected.iter().map(|path| format!("https://as.example{path}")).collect();
            assert_eq!(urls(issuer), expected, "{issuer}");
        }
    }

    #[test]
    fn the_address_of_a_document_is_asked_first_and_its_issuer_found() {
        for (typed, issuer, count) in [
            ("https://as.example/.well-known/openid-configuration", "https://as.example", 2),
            ("https://as.example/.well-known/openid-configuration/", "https://as.example", 2),
            ("https://as.example/.well-known/oauth-authorization-server", "https://as.example", 2),
            ("https://as.example/a/.well-known/openid-configuration", "https://as.example/a", 3),
            ("https://as.example/a/.well-known/oauth-authorization-server", "https://as.example/a", 4),
            ("https://as.example/.well-known/oauth-authorization-server/a/b", "https://as.example/a/b", 3),
            ("https://as.example/.well-known/openid-configuration/a?p=x", "https://as.example/a", 3),
            (
                "https://as.example/.well-known/openid-configuration/.well-known/openid-configuration",
                "https://as.example",
                3,
            ),
            (
                "https://as.example/a/.well-known/openid-configuration/.well-known/oauth-authorization-server",
                "https://as.example/a",
                4,
            ),
            ("https://as.example/a/.Well-Known/OpenID-configuration", "https://as.example/a", 4),
            ("https://as.example/%2ewell%2Dknown/openid-configuration", "https://as.example", 3),
        ] {
            let asked = Asked::new(typed);
            assert_eq!((asked.issuer.as_str(), asked.candidates.len()), (issuer, count), "{typed}");
            assert_eq!(asked.candidates[0].url.as_str().trim_end_matches('/'), typed.trim_end_matches('/'));
            for (published, is_it) in
                [(issuer.to_owned(), true), (format!("{issuer}/"), true), (format!("{issuer}x"), false)]
            {
                assert_eq!(asked.is(&published), is_it, "{published}");
            }
        }
        let plain = Asked::new("https://as.example");
        assert!(plain.is("https://as.example") && !plain.is("https://as.example/"));
        assert!(plain.is_but_for_a_slash("https://as.example/") && !plain.is_but_for_a_slash("https://as.example/a"));
    }

    #[test]
    fn an_issuer_may_be_typed_without_its_scheme() {
        for (typed, expected) in [
            (" https://as.example/a ", Some("https://as.example/a")),
            ("as.example:8443/realms/a", Some("https://as.example:8443/realms/a")),
            ("http://127.0.0.1:9400", Some("http://127.0.0.1:9400")),
            ("foo bar", None),
            ("ftp://as.example", None),
            ("https://", None),
            (" ", None),
        ] {
            assert_eq!(typed_issuer(typed).as_deref(), expected, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_no_place_is_asked_twice(
            typed in "(https?://)?[a-c.]{0,6}(/|/a|//|/\\.well-known|/openid-configuration|/oauth-authorization-server|/%2e|[?#]x=/){0,8}",
            any in any::<String>(),
        ) {
            for typed in [typed, format!("https://as.example/{any}"), any] {
                let urls = urls(&typed);
                prop_assert!(urls.len() <= 4, "{urls:?}");
                prop_assert!(urls.iter().enumerate().all(|(at, url)| !urls[..at].contains(url)), "{urls:?}");
            }
        }
    }
}
