//! One message pair of a recording, whoever recorded it, and what can be read from it at once.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::base::http::{FORM, HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::flow::trace::{ByHand, Party};

/// Largest answer that is read as JSON, in bytes: no message of the protocol is larger.
const JSON_LIMIT: usize = 1024 * 1024;

/// Who made a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leg {
    /// The user's browser.
    Browser,
    /// The application itself, without the browser.
    BackChannel,
}

impl Leg {
    /// The word for it, as in the JSON result: `back channel`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::BackChannel => "back channel",
        }
    }

    /// Who of the app it is.
    pub const fn party(self) -> Party {
        match self {
            Self::Browser => Party::Browser,
            Self::BackChannel => Party::BackEnd,
        }
    }
}

/// What the browser wanted it for (Fetch section 3.2.7, `Sec-Fetch-Dest`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A page of its own.
    Document,
    /// A page within a page.
    Frame,
    /// A script asked for it.
    Fetch,
    /// A beacon or ping.
    Beacon,
    /// An image.
    Image,
    /// A style sheet, a script, a font, a film.
    Part,
    /// What CORS asks before a request.
    Preflight,
    /// Nobody said.
    Unknown,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Came {
    /// An answer.
    Response(HttpResponse),
    /// None, and why as far as the recorder says it.
    Nothing(String),
    /// The recorder does not see it, and says so.
    Unseen,
}

/// One entry of a recording. Cookie values, passwords and client secrets are [marks](super::hide), not values.
#[derive(Clone)]
pub struct Captured {
    /// Where it stands in the file, from 0.
    pub index: usize,
    /// When the request left, by the recorder's clock.
    pub started: Option<Timestamp>,
    /// Until the answer was there.
    pub took: Duration,
    /// What was sent.
    pub request: HttpRequest,
    /// What came.
    pub came: Came,
    /// Who made it.
    pub leg: Leg,
    /// What for.
    pub resource: Resource,
    /// The page or tab it belongs to, by the recorder's name for it.
    pub page: Option<String>,
    /// Whether a field for a password was sent.
    pub has_password: bool,
    /// Where the browser was sent, fragment included.
    pub location: Option<Url>,
    /// What was done by hand to its messages, where they could be held.
    pub by_hand: Vec<ByHand>,
}

impl fmt::Debug for Captured {
    /// Its place and what is shown of its messages; the location may hold a code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured")
            .field("index", &self.index)
            .field("request", &self.request)
            .field("came", &self.came)
            .finish_non_exhaustive()
    }
}

impl Captured {
    /// The answer, where one came.
    pub const fn response(&self) -> Option<&HttpResponse> {
        match &self.came {
            Came::Response(response) => Some(response),
            Came::Nothing(_) | Came::Unseen => None,
        }
    }

    /// Whether it is known that no answer came.
    pub const fn is_unanswered(&self) -> bool {
        matches!(self.came, Came::Nothing(_))
    }

    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// A header field of the request.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name)
    }

    /// A header field of the answer.
    pub fn got(&self, name: &str) -> Option<&str> {
        self.response().and_then(|response| response.headers.get(name))
    }

    /// The text of the answer; empty where none was kept.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        self.response().map_or_else(Default::default, HttpResponse::text)
    }

    /// Whether the browser went there, by itself or in a frame. Where nobody says so, what may be a page is one.
    pub fn is_page(&self) -> bool {
        match self.resource {
            Resource::Document | Resource::Frame => true,
            Resource::Unknown => self.leg == Leg::Browser && (!self.answers_json() || self.asks_for_a_page()),
            _ => false,
        }
    }

    /// Whether the request asks for what a browser shows (Fetch section 3.2.4, the default of a navigation).
    fn asks_for_a_page(&self) -> bool {
        self.sent("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    /// Whether the answer is JSON by its type.
    pub fn answers_json(&self) -> bool {
        let kind = self.response().and_then(|response| response.headers.content_type());
        kind.is_some_and(|kind| kind.ends_with("json"))
    }

    /// Whether the answer is a page with a field for a password: one that asks again has not ended a login.
    pub fn asks_for_password(&self) -> bool {
        self.text().contains("type=\"password\"")
    }

    /// Whether the answer sends the browser on.
    pub fn redirects(&self) -> bool {
        self.status().is_some_and(|status| (300..400).contains(&status)) && self.location.is_some()
    }
}

/// An entry with its parts read: parameters, JSON, names of places.
pub struct Seen<'a> {
    /// The entry.
    pub it: &'a Captured,
    /// Parameters of the query.
    pub query: Params,
    /// Parameters of the body, of a form or of an object in JSON.
    pub form: Params,
    /// The answer as JSON.
    pub json: Option<Json>,
    /// Scheme, host and port.
    pub origin: String,
    /// The URL without query and fragment.
    pub place: String,
}

impl<'a> Seen<'a> {
    /// Reads an entry.
    pub fn new(it: &'a Captured) -> Self {
        Self {
            query: it.request.query(),
            form: form(&it.request),
            json: it.response().and_then(json),
            origin: origin(&it.request.url),
            place: place(&it.request.url),
            it,
        }
    }

    /// A parameter of the body, else of the query; empty ones are none.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = |params: &'_ Params| params.get(name).is_some_and(|value| !value.is_empty());
        if found(&self.form) { self.form.get(name) } else { self.query.get(name).filter(|value| !value.is_empty()) }
    }

    /// A parameter of the body; empty ones are none.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.form.get(name).filter(|value| !value.is_empty())
    }

    /// A string member of the answer.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.json.as_ref().and_then(|json| json.text(name))
    }

    /// Whether the answer has a member of this name, whatever it is.
    pub fn has(&self, name: &str) -> bool {
        self.json.as_ref().is_some_and(|json| json.get(name).is_some())
    }

    /// Whether it is a POST.
    pub fn is_post(&self) -> bool {
        self.it.request.method.eq_ignore_ascii_case("post")
    }

    /// The token it presents (RFC 6750 section 2.1, RFC 9449 section 7.1).
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.it.sent("authorization")?.split_once(' ')?;
        let is_token = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop");
        is_token.then(|| token.trim())
    }

    /// The client it names: in the body or query, or as the user of Basic (RFC 6749 section 2.3.1).
    pub fn client_id(&self) -> Option<String> {
        self.param("client_id").map(str::to_owned).or_else(|| self.basic_user())
    }

    fn basic_user(&self) -> Option<String> {
        use base64::Engine as _;
        let (scheme, encoded) = self.it.sent("authorization")?.split_once(' ')?;
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let user = text.split(':').next().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        // The user is form-encoded (RFC 6749 section 2.3.1).
        Params::parse(format!("u={user}").as_bytes()).get("u").map(str::to_owned)
    }
}

/// Scheme, host and port as text.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The origin of a text that is a URL.
pub fn origin_of(text: &str) -> Option<String> {
    Url::parse(text).ok().map(|url| origin(&url))
}

/// A URL without query and fragment.
pub fn place(url: &Url) -> String {
    url[..url::Position::AfterPath].to_owned()
}

/// A URL without its fragment, as a request has it.
pub fn sent_as(url: &Url) -> String {
    url[..url::Position::AfterQuery].to_owned()
}

/// Parameters of a body: those of a form, or the members of an object in JSON that are texts.
fn form(request: &HttpRequest) -> Params {
    if let Some(form) = request.form() {
        return form;
    }
    let is_json = request.headers.content_type().is_some_and(|kind| kind.ends_with("json"));
    let json = Some(&request.body).filter(|body| is_json && body.len() < JSON_LIMIT);
    let json = json.and_then(|body| Json::parse(body).ok());
    let texts = json.iter().flat_map(Json::members);
    texts.filter_map(|(name, value)| value.as_str().map(|value| (name.clone(), value.to_owned()))).collect()
}

/// The object of an answer; parameters of a form, as GitHub sends them unless it is asked for JSON, read as one too.
fn json(response: &HttpResponse) -> Option<Json> {
    if response.body.len() >= JSON_LIMIT {
        return None;
    }
    if response.headers.content_type().as_deref() == Some(FORM) {
        let members = Params::parse(&response.body).0.into_iter().map(|(name, value)| (name, Json::String(value)));
        return Some(Json::Object(members.collect()));
    }
    let first = response.body.iter().find(|byte| !byte.is_ascii_whitespace());
    (first == Some(&b'{')).then(|| Json::parse(&response.body).ok()).flatten()
}
