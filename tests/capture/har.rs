//! Recordings made in code: entries of a login, written as a browser or a proxy writes them.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantscope::capture::{Capture, take_apart};
use grantscope::jose::key::SigningKey;
use serde_json::{Value, json};

/// The provider, the app as a server, the app as pages, an API.
pub const OP: &str = "https://op.example";
pub const APP: &str = "https://app.example";
pub const API: &str = "https://api.example";

/// 2026-01-01T12:00:00Z.
pub const NOON: i64 = 1_767_268_800;

/// One entry, built part by part.
#[derive(Clone)]
pub struct Entry {
    method: &'static str,
    url: String,
    sent: Vec<(String, String)>,
    body: Option<(String, String)>,
    status: i64,
    got: Vec<(String, String)>,
    content: Option<(String, String)>,
    seconds: Option<f64>,
    tab: Option<String>,
    why: Option<&'static str>,
}

impl Entry {
    fn new(method: &'static str, url: impl Into<String>) -> Self {
        let url = url.into();
        let (sent, got) = (Vec::new(), Vec::new());
        Self { method, url, sent, body: None, status: 200, got, content: None, seconds: None, tab: None, why: None }
    }

    pub fn sends(mut self, name: &str, value: impl Into<String>) -> Self {
        self.sent.retain(|(known, _)| known != name);
        self.sent.push((name.to_owned(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.sent.retain(|(known, _)| known != name);
        self
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    pub fn gets(mut self, name: &str, value: impl Into<String>) -> Self {
        self.got.push((name.to_owned(), value.into()));
        self
    }

    pub fn cookie(self, pairs: &str) -> Self {
        self.sends("cookie", pairs)
    }

    pub fn sets(self, cookie: &str) -> Self {
        self.gets("set-cookie", cookie)
    }

    pub fn status(mut self, status: i64) -> Self {
        self.status = status;
        self
    }

    pub fn to(self, location: impl Into<String>) -> Self {
        self.gets("location", location).status(302)
    }

    pub fn html(mut self, text: &str) -> Self {
        self.content = Some(("text/html".to_owned(), text.to_owned()));
        self
    }

    pub fn json(mut self, value: &Value) -> Self {
        self.content = Some(("application/json".to_owned(), value.to_string()));
        self
    }

    /// Answered with a body of this type.
    pub fn answers(mut self, kind: &str, text: &str) -> Self {
        self.content = Some((kind.to_owned(), text.to_owned()));
        self
    }

    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.body = Some(("application/x-www-form-urlencoded".to_owned(), encoded));
        self
    }

    pub fn body(mut self, kind: &str, text: &str) -> Self {
        self.body = Some((kind.to_owned(), text.to_owned()));
        self
    }

    /// So many seconds after noon.
    pub fn at(mut self, seconds: f64) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// Without an answer, for what the recorder says.
    pub fn fails(mut self, why: &'static str) -> Self {
        self.why = Some(why);
        self.status(0)
    }

    /// In a tab of this name.
    pub fn tab(mut self, name: &str) -> Self {
        self.tab = Some(name.to_owned());
        self
    }

    fn write(&self, number: usize) -> Value {
        let millis = NOON * 1000 + self.seconds.map_or(number as i64 * 100, |seconds| (seconds * 1000.0) as i64);
        let started = jiff::Timestamp::from_millisecond(millis).expect("a time").to_string();
        let pairs = |list: &[(String, String)]| -> Vec<Value> {
            list.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        };
        let mut got = self.got.clone();
        got.extend(self.content.iter().map(|(kind, _)| ("content-type".to_owned(), kind.clone())));
        let mut entry = json!({
            "startedDateTime": started,
            "time": 10,
            "request": { "method": self.method, "url": self.url, "headers": pairs(&self.sent) },
            "response": { "status": self.status, "headers": pairs(&got), "content": {} },
        });
        if let Some(why) = self.why {
            entry["response"]["_error"] = json!(why);
        }
        if let Some(tab) = &self.tab {
            entry["pageref"] = json!(tab);
        }
        if let Some((kind, text)) = &self.content {
            entry["response"]["content"] = json!({ "mimeType": kind, "text": text });
        }
        if let Some((kind, text)) = &self.body {
            entry["request"]["postData"] = json!({ "mimeType": kind, "text": text });
        }
        entry
    }
}

/// The browser goes to a page.
pub fn page(url: impl Into<String>) -> Entry {
    Entry::new("GET", url).sends("user-agent", "Mozilla/5.0").sends("sec-fetch-dest", "document")
}

/// The browser posts a form.
pub fn post(url: impl Into<String>, pairs: &[(&str, &str)]) -> Entry {
    Entry { method: "POST", ..page(url) }.form(pairs)
}

/// A script in the browser asks.
pub fn script(url: impl Into<String>) -> Entry {
    page(url).sends("sec-fetch-dest", "empty").sends("origin", APP).gets("access-control-allow-origin", APP)
}

/// A script in the browser posts.
pub fn script_posts(url: impl Into<String>, pairs: &[(&str, &str)]) -> Entry {
    Entry { method: "POST", ..script(url) }.form(pairs)
}

/// What CORS asks before a script may send this header field.
pub fn preflight(url: impl Into<String>, field: &str) -> Entry {
    let entry = Entry { method: "OPTIONS", ..script(url) }.sends("access-control-request-method", "GET");
    entry.sends("access-control-request-headers", field).status(204)
}

/// The app itself asks, without the browser.
pub fn call(url: impl Into<String>) -> Entry {
    Entry::new("GET", url).sends("user-agent", "some-client/1.0")
}

/// The app itself posts.
pub fn call_posts(url: impl Into<String>, pairs: &[(&str, &str)]) -> Entry {
    Entry { method: "POST", ..call(url) }.form(pairs)
}

/// A URL with parameters. A short state or nonce is made one that nobody guesses.
pub fn with(url: &str, pairs: &[(&str, &str)]) -> String {
    let long = |(name, value): &(&str, &str)| {
        let is_short = matches!(*name, "state" | "nonce") && (1..12).contains(&value.len());
        let end = if is_short { "-0123456789abcdef" } else { "" };
        ((*name).to_owned(), format!("{value}{end}"))
    };
    url::Url::parse_with_params(url, pairs.iter().map(long)).expect("a URL").into()
}

/// The provider's key, `one`, for ES256.
pub fn key() -> &'static SigningKey {
    static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "one").expect("a key"));
    &KEY
}

/// A token that is signed with that key, whatever its header says.
pub fn jwt(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    format!("{signed}.{}", key().signature(&signed).expect("a signature"))
}

/// A file of these entries, written by this program.
pub fn har(creator: &str, entries: &[Entry]) -> String {
    let entries: Vec<Value> = entries.iter().enumerate().map(|(number, entry)| entry.write(number)).collect();
    json!({ "log": { "version": "1.2", "creator": { "name": creator, "version": "1" }, "entries": entries } })
        .to_string()
}

/// Taken apart with a key of the test.
pub fn taken(file: &str) -> Capture {
    take_apart(file.as_bytes(), [9; 32]).expect("a recording")
}

/// The stages of a login, as `name [entries]`.
pub fn stages(capture: &Capture, login: usize) -> Vec<String> {
    let told = |stage: &grantscope::capture::login::Staged| {
        let entries: Vec<usize> = stage.entries.iter().map(|at| capture.entries[*at].index).collect();
        format!("{} {entries:?}", stage.name.slug())
    };
    capture.logins[login].stages.iter().map(told).collect()
}
