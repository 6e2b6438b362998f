//! Two names of one server: its own, and the one that it has where something stands in its place.

use std::ops::Range;

use url::Url;

use crate::capture::exchange::origin;

/// The origin of the provider, and the origin that stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// As a URL has it: `https://idp.example`.
    pub(super) theirs: String,
    /// `http://127.0.0.1:9500`.
    pub(super) ours: String,
}

impl Names {
    /// The provider's origin.
    pub fn theirs(&self) -> &str {
        &self.theirs
    }

    /// The origin in its place.
    pub fn ours(&self) -> &str {
        &self.ours
    }

    /// A URL of the provider as it is reached here; `None` for every other text.
    pub fn homeward(&self, url: &str) -> Option<String> {
        renamed(url, &self.theirs, &self.ours)
    }

    /// A URL here as the provider knows it; `None` for every other text.
    pub fn outward(&self, url: &str) -> Option<String> {
        renamed(url, &self.ours, &self.theirs)
    }
}

/// A URL whose origin is `from`, with the origin `to`; what stands behind it stays as it is written.
fn renamed(url: &str, from: &str, to: &str) -> Option<String> {
    let scheme = &from[..from.find("//")?];
    let whole = if url.starts_with("//") { format!("{scheme}{url}") } else { url.to_owned() };
    let is_web =
        ["http://", "https://"].iter().any(|it| whole.get(..it.len()).is_some_and(|s| s.eq_ignore_ascii_case(it)));
    let is_theirs = is_web && Url::parse(&whole).is_ok_and(|url| origin(&url) == from);
    is_theirs.then(|| format!("{to}{}", &whole[authority(&whole).end..]))
}

/// Where host and port of a URL of the web stand.
fn authority(url: &str) -> Range<usize> {
    let from = url.find("//").map_or(0, |at| at + 2);
    from..url[from..].find(['/', '?', '#', '\\']).map_or(url.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_renamed_and_nothing_else() {
        let names = Names { theirs: "https://idp.example".into(), ours: "http://127.0.0.1:9500".into() };
        let cases = [
            ("https://idp.example", Some("http://127.0.0.1:9500")),
            ("https://idp.example/", Some("http://127.0.0.1:9500/")),
            (
                "HTTPS://IDP.example:443/a%2Fb?x=https://idp.example#y",
                Some("http://127.0.0.1:9500/a%2Fb?x=https://idp.example#y"),
            ),
            ("//idp.example/a", Some("http://127.0.0.1:9500/a")),
            ("https://idp.example?a", Some("http://127.0.0.1:9500?a")),
            ("http://idp.example/", None),
            ("https://idp.example.evil/", None),
            ("https://idp.example:8443/", None),
            ("https://app.example/?iss=https://idp.example", None),
            ("/a", None),
            ("", None),
            ("https://", None),
        ];
        for (url, here) in cases {
            assert_eq!(names.homeward(url).as_deref(), here, "{url}");
        }
        assert_eq!(names.outward("http://127.0.0.1:9500/a?b").as_deref(), Some("https://idp.example/a?b"));
        assert_eq!(names.outward("http://127.0.0.1:3000/a"), None);
    }
}
