//! A browser in memory: it follows redirects on the practice server, keeps cookies by their path, and fills in the pages
//! as its user wants.

use std::time::Duration;

use url::Url;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::flow::callback::Via;
use crate::practice::PracticeHost;

/// How long each exchange takes.
pub const TOOK: Duration = Duration::from_millis(20);
/// More pages and redirects than any way has.
const HOPS: usize = 20;

/// A browser and who sits in front of it.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Whom the user signs in as.
    pub user: String,
    /// `allow` or `deny`, where a page asks.
    pub decision: &'static str,
    /// Path, name and value.
    cookies: Vec<(String, String, String)>,
}

/// Where a browser ended.
#[derive(Clone, Debug)]
pub enum Arrived {
    /// It left the server, with these parameters.
    Left {
        /// Without them.
        url: String,
        /// How they travel.
        via: Via,
        /// What it carries.
        params: Params,
    },
    /// A page on which there is nothing to do.
    Page(HttpResponse),
}

impl Browser {
    /// A new one, with no cookies.
    pub fn of(user: &str) -> Self {
        Self { user: user.to_owned(), decision: "allow", cookies: Vec::new() }
    }

    /// Goes on until it leaves the server or there is nothing to do; the clock goes with it.
    pub fn visit(&mut self, host: &PracticeHost, mut request: HttpRequest, now: &mut Timestamp) -> Arrived {
        let origin = request.url.origin();
        for _ in 0..HOPS {
            if let Some(cookies) = self.cookies_for(request.url.path()) {
                request.headers.set("Cookie", cookies);
            }
            *now = *now + TOOK;
            let page = host.handle(&request, *now);
            self.keep(&page);
            if let Some(location) = page.headers.get("location") {
                let Ok(location) = request.url.join(location) else { return Arrived::Page(page) };
                if location.origin() != origin {
                    return left(&location);
                }
                request = HttpRequest::get(location);
                continue;
            }
            match self.submitted(&request.url, &page.text()) {
                Some(Ok(next)) => request = next,
                Some(Err((action, params))) => return Arrived::Left { url: action, via: Via::FormPost, params },
                None => return Arrived::Page(page),
            }
        }
        Arrived::Page(HttpResponse::new(508, "text/plain", "the pages lead in a circle"))
    }

    fn keep(&mut self, page: &HttpResponse) {
        for cookie in page.headers.all("set-cookie") {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let path = parts.find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
            self.cookies.retain(|(known_path, known, _)| known_path != path || known != name);
            if !value.is_empty() {
                self.cookies.push((path.to_owned(), name.to_owned(), value.to_owned()));
            }
        }
    }

    /// RFC 6265 section 5.4: the longest path first.
    fn cookies_for(&self, path: &str) -> Option<String> {
        let mut fits: Vec<_> = self.cookies.iter().filter(|(of, ..)| goes_to(of, path)).collect();
        fits.sort_by_key(|(of, ..)| std::cmp::Reverse(of.len()));
        let pairs: Vec<String> = fits.iter().map(|(_, name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The form of a page as the user submits it, or what a form takes away from the server.
    fn submitted(&self, page: &Url, html: &str) -> Option<Result<HttpRequest, (String, Params)>> {
        let (_, form) = html.split_once("<form method=\"post\"")?;
        let action = attribute(form, "action")?;
        let mut fields = hidden_fields(html);
        let target = page.join(&action).ok()?;
        if target.origin() != page.origin() {
            return Some(Err((action, fields)));
        }
        let typed = page.query_pairs().find(|(name, _)| name == "user_code").map(|(_, code)| code.into_owned());
        let last = target.path().rsplit('/').next().unwrap_or_default();
        let (name, value) = match last {
            "verify" => ("user_code", typed.as_deref().filter(|_| page.path() == target.path())?),
            "login" => ("username", self.user.as_str()),
            "consent" | "logout" | "ciba" => ("decision", self.decision),
            _ => return Some(Ok(HttpRequest::post_form(target, &fields))),
        };
        fields.push(name, value);
        Some(Ok(HttpRequest::post_form(target, &fields)))
    }
}

/// RFC 6265 section 5.1.4
fn goes_to(of: &str, path: &str) -> bool {
    let rest = path.strip_prefix(of);
    rest.is_some_and(|rest| rest.is_empty() || of.ends_with('/') || rest.starts_with('/'))
}

fn left(location: &Url) -> Arrived {
    let (via, text) = match location.fragment() {
        Some(fragment) => (Via::Fragment, fragment),
        None => (Via::Query, location.query().unwrap_or_default()),
    };
    let params = Params::parse(text.as_bytes());
    let mut url = location.clone();
    url.set_fragment(None);
    url.set_query(None);
    Arrived::Left { url: url.into(), via, params }
}

fn hidden_fields(html: &str) -> Params {
    let fields = html.split("<input type=\"hidden\"").skip(1);
    fields.filter_map(|field| Some((attribute(field, "name")?, attribute(field, "value")?))).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, from) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = from.split_once('"')?;
    let plain = |text: &str| {
        let entities = [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
        entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
    };
    Some(plain(value))
}
