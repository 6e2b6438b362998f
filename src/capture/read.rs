//! What all readers of recordings need: limits, leniency, and what becomes of what cannot be read.

use std::time::Duration;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use url::Url;

use super::exchange::{Came, Captured, Leg, Resource};
use super::hide::Hider;
use super::recorder::Recorder;
use crate::base::http::{FORM, Headers, HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::base::web_url::why_no_url;

/// Largest file that is read, in bytes.
pub const FILE_LIMIT: usize = 64 * 1024 * 1024;
/// Largest body that is read, in bytes.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Deepest nesting of an entry that is read.
pub const DEPTH_LIMIT: usize = 64;
/// Most entries that are read.
pub const ENTRY_LIMIT: usize = 50_000;
/// Most parameters of a message that are read; no message of the protocol has more.
const PARAM_LIMIT: usize = 1000;
/// So many remarks on limits are kept; more say nothing new.
const NOTE_LIMIT: usize = 20;

/// Why a file is no recording that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More than [`FILE_LIMIT`].
    #[error("it is larger than {} MB", FILE_LIMIT / (1024 * 1024))]
    TooLarge,
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// Bytes that are no text.
    #[error("it is no text: neither a HAR file, a SAML-tracer export nor a cURL command")]
    NoText,
    /// A recording of which nothing can be read.
    #[error("no entry of it can be read: {0}")]
    Nothing(String),
    /// Neither of the forms that are known.
    #[error("it is no HAR file, no SAML-tracer export and no cURL command: {0}")]
    Unknown(String),
    /// A cURL command that cannot be taken apart.
    #[error("the cURL command cannot be read: {0}")]
    Curl(String),
}

/// What was read of a file.
#[derive(Debug, Default)]
pub struct Recording {
    /// Who wrote it.
    pub recorder: Recorder,
    /// What could be read, in the order of the file.
    pub entries: Vec<Captured>,
    /// What could not, by its place, and why.
    pub unreadable: Vec<(usize, String)>,
    /// Limits that were hit, and other things to say of the file as a whole.
    pub notes: Vec<String>,
}

impl Recording {
    /// Keeps a remark on the file.
    pub fn note(&mut self, note: String) {
        if self.notes.len() < NOTE_LIMIT {
            self.notes.push(note);
        }
    }

    /// Takes in an entry, or why it is none.
    pub fn push(&mut self, index: usize, entry: Result<Captured, String>) {
        match entry {
            Ok(entry) => self.entries.push(entry),
            Err(reason) => self.unreadable.push((index, reason)),
        }
    }
}

/// What a reader knows of an entry before it is hidden and put together.
pub struct Raw {
    /// Where it stands.
    pub index: usize,
    /// When it left.
    pub started: Option<Timestamp>,
    /// How long it took.
    pub took: Duration,
    /// What was sent.
    pub request: HttpRequest,
    /// What came.
    pub came: Came,
    /// What the recorder says it was for.
    pub resource: Option<Resource>,
    /// The page.
    pub page: Option<String>,
    /// Where the browser was sent, where the recorder says it beside the header fields.
    pub location: Option<String>,
}

impl Raw {
    /// The entry as it is kept: without secrets that judging does not need, and without bodies of parts of pages.
    ///
    /// # Errors
    /// Says why it is not read.
    pub fn captured(mut self, hider: &Hider, is_browser: bool) -> Result<Captured, String> {
        let query = self.request.url.query().unwrap_or_default().as_bytes();
        let is_form = self.request.headers.content_type().as_deref() == Some(FORM);
        if has_too_many(query) || is_form && has_too_many(&self.request.body) {
            return Err(format!("its request has more than {PARAM_LIMIT} parameters"));
        }
        let resource = self.resource();
        let sent = hider.request(&mut self.request);
        if let Came::Response(response) = &mut self.came {
            split_set_cookie(&mut response.headers);
            hider.response(response, &sent);
            if matches!(resource, Resource::Image | Resource::Part) {
                response.body = Vec::new();
            }
        }
        let said = match &self.came {
            Came::Response(response) => response.headers.get("location").map(str::to_owned),
            Came::Nothing(_) | Came::Unseen => None,
        };
        let told = self.location.take().map(|told| hider.text(&told, &sent).unwrap_or(told));
        let said = said.or(told).filter(|location| !location.is_empty());
        let said = said.filter(|location| !has_too_many(location.as_bytes()));
        let location = said.and_then(|location| self.request.url.join(&location).ok());
        let is_shown = matches!(resource, Resource::Document | Resource::Frame);
        Ok(Captured {
            index: self.index,
            started: self.started,
            took: self.took,
            leg: leg(&self.request, is_browser || is_shown || self.page.is_some()),
            request: self.request,
            came: self.came,
            resource,
            page: self.page,
            has_password: sent.has_password,
            location,
            by_hand: Vec::new(),
        })
    }

    fn resource(&self) -> Resource {
        let is_preflight = self.request.headers.get("access-control-request-method").is_some();
        if self.request.method.eq_ignore_ascii_case("options") && is_preflight {
            return Resource::Preflight;
        }
        let by_field = self.request.headers.get("sec-fetch-dest").and_then(by_destination);
        by_field.or(self.resource).unwrap_or_else(|| {
            let asks = self.request.headers.get("x-requested-with").is_some_and(|by| by == "XMLHttpRequest");
            if asks { Resource::Fetch } else { Resource::Unknown }
        })
    }
}

fn has_too_many(encoded: &[u8]) -> bool {
    encoded.iter().filter(|byte| **byte == b'&').count() > PARAM_LIMIT
}

/// The values of `Sec-Fetch-Dest`, and what recorders call the same.
pub fn by_destination(word: &str) -> Option<Resource> {
    Some(match word.to_ascii_lowercase().as_str() {
        "document" | "navigate" | "main_frame" => Resource::Document,
        "iframe" | "frame" | "sub_frame" | "subdocument" => Resource::Frame,
        "empty" | "fetch" | "xhr" | "xmlhttprequest" | "eventsource" => Resource::Fetch,
        "ping" | "beacon" | "report" | "cspviolationreport" => Resource::Beacon,
        "image" | "imageset" => Resource::Image,
        "style" | "stylesheet" | "script" | "font" | "media" | "audio" | "video" | "manifest" | "worker" | "track"
        | "sharedworker" | "serviceworker" | "texttrack" | "object" | "embed" => Resource::Part,
        "preflight" => Resource::Preflight,
        _ => return None,
    })
}

/// Who sent it, by what browsers say and others do not. Clients in Node send `Sec-Fetch-Mode` as well.
fn leg(request: &HttpRequest, is_of_browser: bool) -> Leg {
    let has = |name: &str| request.headers.get(name).is_some();
    let is_mozilla = request.headers.get("user-agent").map(|agent| agent.starts_with("Mozilla/"));
    let has_marks = has("sec-fetch-dest") || has("sec-fetch-site") || has("sec-ch-ua");
    // All browsers call themselves so; what a browser recorded of itself may leave the name out.
    match is_mozilla.unwrap_or(is_of_browser) || has_marks {
        true => Leg::Browser,
        false => Leg::BackChannel,
    }
}

/// Recorders that keep header fields in a map fold those of one name: each cookie becomes a field of its own again.
fn split_set_cookie(headers: &mut Headers) {
    let is_folded = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("set-cookie") && (value.contains('\n') || value.contains(','))
    };
    if !headers.0.iter().any(is_folded) {
        return;
    }
    let fields = std::mem::take(&mut headers.0);
    for (name, value) in fields {
        match name.eq_ignore_ascii_case("set-cookie") {
            true => headers.0.extend(unfolded(&value).map(|cookie| (name.clone(), cookie))),
            false => headers.push(name, value),
        }
    }
}

/// A comma parts two cookies where a name and `=` follow it; the one in a date does not.
fn unfolded(value: &str) -> impl Iterator<Item = String> {
    let mut cookies: Vec<String> = Vec::new();
    for line in value.split('\n') {
        let mut is_first = true;
        for part in line.split(',') {
            let name = part.split(['=', ';']).next().unwrap_or_default().trim();
            let begins = part.contains('=') && !name.is_empty() && !name.contains(' ') && is_cookie(part, name);
            match cookies.last_mut().filter(|_| !is_first && !begins) {
                Some(last) => {
                    last.push(',');
                    last.push_str(part);
                }
                None => cookies.push(part.trim().to_owned()),
            }
            is_first = false;
        }
    }
    cookies.into_iter()
}

fn is_cookie(part: &str, name: &str) -> bool {
    part.trim_start()[name.len()..].trim_start().starts_with('=')
}

// Values of any type.

/// Pairs of `name` and `value` of any shape, without the pseudo header fields of HTTP/2.
pub fn pairs(list: Option<&Value>) -> Vec<(String, String)> {
    let Some(list) = list.and_then(Value::as_array) else { return Vec::new() };
    let pair = |one: &Value| match one {
        Value::Object(pair) => Some((text(pair.get("name")?)?, pair.get("value").and_then(text).unwrap_or_default())),
        Value::Array(pair) => Some((text(pair.first()?)?, pair.get(1).and_then(text).unwrap_or_default())),
        _ => None,
    };
    list.iter().filter_map(pair).filter(|(name, _)| !name.starts_with(':') && !name.is_empty()).collect()
}

/// A text, or a number as one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A status, as a number or as a text: nothing where there was no answer.
pub fn status(value: Option<&Value>) -> Result<Option<u16>, String> {
    let number = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64().filter(|number| number.fract() == 0.0),
        Some(Value::String(text)) => text.split_whitespace().next().and_then(|first| first.parse().ok()),
        Some(_) => None,
    };
    match number {
        Some(0.0 | -1.0) => Ok(None),
        Some(number) if (100.0..1000.0).contains(&number) => Ok(Some(number as u16)),
        _ => Err("the status is none of HTTP".to_owned()),
    }
}

/// A method and an absolute URL.
pub fn request(
    method: Option<&Value>,
    url: Option<&Value>,
    headers: Vec<(String, String)>,
) -> Result<HttpRequest, String> {
    let method = method.and_then(Value::as_str).filter(|method| !method.is_empty() && method.len() < 40);
    let method = method.ok_or("the request has no method")?;
    let url = url.and_then(Value::as_str).ok_or("the request has no URL")?;
    let url = Url::parse(url).map_err(|error| format!("the URL is none: {}", why_no_url(error)))?;
    Ok(HttpRequest { method: method.to_ascii_uppercase(), headers: Headers(headers), ..HttpRequest::get(url) })
}

/// What is said where no answer came and nobody says why.
pub const NO_ANSWER: &str = "no answer";

/// An answer with this status, or that there was none.
pub fn came(status: Option<u16>, headers: Vec<(String, String)>, body: Vec<u8>, failure: Option<&str>) -> Came {
    match status {
        Some(status) => Came::Response(HttpResponse { status, headers: Headers(headers), body }),
        None => Came::Nothing(failure.unwrap_or(NO_ANSWER).to_owned()),
    }
}

/// What base64 stands for, padded or not.
pub fn base64(text: &str) -> Result<Vec<u8>, String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    LENIENT.decode(plain).map_err(|_| "a body is said to be base64 and is none".to_owned())
}

/// Whether JSON is nested deeper than [`DEPTH_LIMIT`].
pub fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => depth += 1,
            b'}' | b']' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_LIMIT {
            return true;
        }
    }
    false
}
