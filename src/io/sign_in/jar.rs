//! Cookies of the user agent in one run (RFC 6265), kept per origin. Only servers on this machine are ever visited,
//! so `Secure`, `HttpOnly` and `SameSite` change nothing.

use url::Url;

use crate::base::http::Headers;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;

/// Cookies that are kept; the oldest make room (RFC 6265 section 6.1).
const MOST: usize = 200;
/// Bytes of one, with its name.
const LONGEST: usize = 8192;

/// The cookies so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jar(Vec<Cookie>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    origin: String,
    path: String,
    name: String,
    value: Secret,
}

impl Jar {
    /// Keeps what a response sets, and drops what it deletes.
    pub fn keep(&mut self, url: &Url, headers: &Headers, now: Timestamp) {
        for line in headers.all("set-cookie") {
            let Some((cookie, lives)) = Cookie::parse(line, url, now) else { continue };
            self.0.retain(|kept| !kept.is_replaced_by(&cookie));
            if lives && cookie.name.len() + cookie.value.expose().len() <= LONGEST {
                self.0.push(cookie);
            }
        }
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// The `Cookie` header field for a request, longest path first (RFC 6265 section 5.4).
    pub fn header(&self, url: &Url) -> Option<String> {
        let mut cookies: Vec<&Cookie> = self.0.iter().filter(|cookie| cookie.goes_to(url)).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value.expose())).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    /// The cookie, and whether it is meant to live.
    fn parse(line: &str, url: &Url, now: Timestamp) -> Option<(Self, bool)> {
        let mut parts = line.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (mut path, mut lives) = (default_path(url).to_owned(), true);
        for (attribute, value) in parts.filter_map(|part| part.split_once('=')) {
            match attribute.trim().to_ascii_lowercase().as_str() {
                "path" if value.trim().starts_with('/') => path = value.trim().to_owned(),
                "max-age" => lives = value.trim().parse::<i64>().is_ok_and(|seconds| seconds > 0),
                "expires" => lives = expires(value.trim()).is_none_or(|at| at > now),
                _ => {}
            }
        }
        let origin = url.origin().ascii_serialization();
        Some((Self { origin, path, name: name.trim().to_owned(), value: value.trim().into() }, lives))
    }

    fn is_replaced_by(&self, other: &Self) -> bool {
        (&self.origin, &self.path, &self.name) == (&other.origin, &other.path, &other.name)
    }

    /// RFC 6265 section 5.1.4.
    fn goes_to(&self, url: &Url) -> bool {
        let rest = url.path().strip_prefix(self.path.as_str());
        self.origin == url.origin().ascii_serialization()
            && rest.is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'))
    }
}

fn default_path(url: &Url) -> &str {
    match url.path().rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((folder, _)) => folder,
    }
}

fn expires(date: &str) -> Option<Timestamp> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Timestamp::from_seconds(time.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn cookies_go_where_origin_and_path_say() {
        let mut jar = Jar::default();
        let mut set = |at: &str, line: &str| {
            let mut headers = Headers::default();
            headers.push("Set-Cookie", line);
            jar.keep(&url(at), &headers, Timestamp::from_seconds(1_800_000_000));
        };
        set("http://127.0.0.1:1/login/step", "wide=1; Path=/; HttpOnly");
        set("http://127.0.0.1:1/login/step", "near=2");
        set("http://127.0.0.1:1/", "same=3; path=/auth/7; Max-Age=60");
        set("http://127.0.0.1:1/", "same=4; path=/auth/8; Expires=Fri, 01 Jan 2100 00:00:00 GMT");
        set("http://127.0.0.1:1/", "gone=5");
        set("http://127.0.0.1:1/", "gone=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        set("http://127.0.0.1:1/", "over=6; Max-Age=0");
        for (to, expected) in [
            ("http://127.0.0.1:1/", Some("wide=1")),
            ("http://127.0.0.1:1/login/other", Some("near=2; wide=1")),
            ("http://127.0.0.1:1/loginx", Some("wide=1")),
            ("http://127.0.0.1:1/auth/7", Some("same=3; wide=1")),
            ("http://127.0.0.1:1/auth/8/x", Some("same=4; wide=1")),
            ("http://127.0.0.1:2/", None),
        ] {
            assert_eq!(jar.header(&url(to)).as_deref(), expected, "{to}");
        }
    }

    #[test]
    fn a_server_that_sets_many_or_large_cookies_fills_nothing() {
        let (mut jar, mut headers) = (Jar::default(), Headers::default());
        (0..1000).for_each(|at| headers.push("Set-Cookie", format!("c{at}=1")));
        headers.push("Set-Cookie", format!("large={}", "x".repeat(LONGEST)));
        jar.keep(&url("http://127.0.0.1:1/"), &headers, Timestamp::from_seconds(0));
        assert_eq!(jar.0.len(), MOST);
        assert_eq!(jar.0.last().map(|kept| kept.name.as_str()), Some("c999"));
        assert!(!format!("{jar:?}").contains("\"1\""));
    }
}
