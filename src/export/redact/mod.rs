//! Traces and texts without their secrets.
//!
//! A secret is found by name (`code`, `access_token`, `Authorization`, ..) and, wherever else it may have
//! got to, by value in any encoding. What is shown is the same message with [`MARK`] in the secret's place.

mod found;
mod header;
mod named;
mod needle;
mod view;

use std::sync::Arc;

use url::Url;

use self::found::Found;
use self::header::HeaderKind;
pub use self::named::named_values;
use self::needle::Needle;
use crate::base::check::Check;
use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::flow::trace::{Answer, Exchange, Trace};

/// What stands in the place of a secret. Fit for URLs, header fields and JSON as it is.
pub const MARK: &str = "REDACTED";

/// Shortest secret that is looked for by value, in bytes; shorter ones would be found everywhere.
const SHORTEST: usize = 4;

/// Longest secret that may be an ordinary word, in characters.
const LONGEST_WORD: usize = 12;

/// Parameters and JSON members that are credentials, by the names the specifications give them.
const SECRET_NAMES: [&str; 24] = [
    "access_token",
    "actor_token",
    "assertion",
    "auth_req_id",
    "client_assertion",
    "client_notification_token",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "device_secret",
    "id_token",
    "id_token_hint",
    "login_hint_token",
    "logout_token",
    "password",
    "refresh_token",
    "registration_access_token",
    "request",
    "response",
    "software_statement",
    "subject_token",
    "token",
    "user_code",
];

/// Members of a private or symmetric JWK (RFC 7518 section 6).
const KEY_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Hides the secrets it knows, and whatever has the name of one.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    needles: Vec<Needle>,
}

impl Redactor {
    /// Knows these secrets by value.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut values: Vec<Secret> = secrets.into_iter().filter(|secret| secret.expose().len() >= SHORTEST).collect();
        values.sort_by(|one, other| one.expose().cmp(other.expose()));
        values.dedup();
        Self { needles: values.iter().map(Needle::new).collect() }
    }

    /// Knows these secrets, and every one that has its name somewhere in the trace.
    pub fn of(trace: &Trace, known: impl IntoIterator<Item = Secret>) -> Self {
        let mut found = Found::default();
        for exchange in &trace.exchanges {
            found.in_exchange(exchange);
        }
        Self::new(found.into_secrets().chain(known))
    }

    /// The text without the secrets that are known, however they are encoded in it.
    pub fn text(&self, text: &str) -> String {
        self.text_beside(text, Vec::new())
    }

    /// The text without these parts of it and the secrets that are known.
    fn text_beside(&self, text: &str, mut ranges: Vec<(usize, usize)>) -> String {
        for view in view::views(text) {
            for needle in &self.needles {
                needle.find(&view, &mut ranges);
            }
        }
        replaced(text, ranges)
    }

    /// JSON without secrets, by name and by value. An ID token keeps header and payload, which are no credential.
    pub fn json(&self, json: &Json) -> Json {
        match json {
            Json::Null | Json::Bool(_) => json.clone(),
            Json::Number(digits) => {
                let shown = self.text(digits);
                if shown == *digits { json.clone() } else { Json::String(shown) }
            }
            Json::String(text) => Json::String(self.text_or_url(text)),
            Json::Array(elements) => Json::Array(elements.iter().map(|element| self.json(element)).collect()),
            Json::Object(members) => {
                let is_key = json.get("kty").is_some();
                let member = |(name, value): &(String, Json)| {
                    let is_secret = is_secret(name) || is_key && KEY_MEMBERS.contains(&name.as_str());
                    let shown = match value {
                        Json::String(text) if is_secret => Json::String(masked(name, text)),
                        Json::Number(_) | Json::Array(_) if is_secret => Json::String(MARK.to_owned()),
                        other => self.json(other),
                    };
                    (self.text(name), shown)
                };
                Json::Object(members.iter().map(member).collect())
            }
        }
    }

    /// A URL in a text, such as `verification_uri_complete`, may name a secret.
    fn text_or_url(&self, text: &str) -> String {
        match Url::parse(text).map(|url| (self.url(&url), url)) {
            Ok((shown, url)) if url.has_host() && shown != url => shown.into(),
            _ => self.text(text),
        }
    }

    /// Parameters without secrets.
    pub fn params(&self, params: &Params) -> Params {
        let shown = |(name, value): (&str, &str)| match is_secret(name) {
            true => (name.to_owned(), masked(name, value)),
            false => (self.text(name), self.text(value)),
        };
        params.iter().map(shown).collect()
    }

    /// A URL without secrets in query, fragment, path and user information.
    pub fn url(&self, url: &Url) -> Url {
        let mut shown = url.clone();
        let query = url.query().map(|query| self.encoded(query));
        shown.set_query(query.as_deref());
        let fragment = url.fragment().map(|fragment| self.encoded(fragment));
        shown.set_fragment(fragment.as_deref());
        if url.password().is_some() {
            // A URL with a password has a host, so it takes another one.
            let _ = shown.set_password(Some(MARK));
        }
        let text = self.text(shown.as_str());
        if text == shown.as_str() {
            return shown;
        }
        Url::parse(&text).unwrap_or_else(|_| {
            shown.set_path(MARK);
            shown.set_query(None);
            shown.set_fragment(None);
            shown
        })
    }

    /// A request without secrets.
    pub fn request(&self, request: &HttpRequest) -> HttpRequest {
        let body = match request.form() {
            Some(_) => self.encoded(&String::from_utf8_lossy(&request.body)).into_bytes(),
            None => self.body(&request.body),
        };
        HttpRequest {
            method: request.method.clone(),
            url: self.url(&request.url),
            headers: self.headers(&request.headers),
            body,
            tls: request.tls.clone(),
        }
    }

    /// A response without secrets.
    pub fn response(&self, response: &HttpResponse) -> HttpResponse {
        HttpResponse {
            status: response.status,
            headers: self.headers(&response.headers),
            body: self.body(&response.body),
        }
    }

    /// An exchange without secrets.
    pub fn exchange(&self, exchange: &Exchange) -> Exchange {
        let answer = match &exchange.answer {
            Answer::Response(response) => Answer::Response(self.response(response)),
            Answer::Callback(callback) => {
                let mut callback = callback.clone();
                callback.params = self.params(&callback.params);
                callback.redirect_uri = self.text(&callback.redirect_uri);
                Answer::Callback(callback)
            }
            other => other.clone(),
        };
        let checks = exchange.checks.iter().map(|check| self.check(check)).collect();
        Exchange { request: self.request(&exchange.request), answer, checks, ..exchange.clone() }
    }

    /// A trace without secrets.
    pub fn trace(&self, trace: &Trace) -> Trace {
        let exchanges = trace.exchanges.iter().map(|exchange| Arc::new(self.exchange(exchange))).collect();
        Trace { exchanges, ..trace.clone() }
    }

    fn check(&self, check: &Check) -> Check {
        let text = |text: &Option<String>| text.as_ref().map(|text| self.text(text));
        Check { expected: text(&check.expected), actual: text(&check.actual), ..check.clone() }
    }

    fn headers(&self, headers: &Headers) -> Headers {
        let shown = |(name, value): (&str, &str)| (name.to_owned(), self.header(name, value));
        Headers(headers.iter().map(shown).collect())
    }

    fn header(&self, name: &str, value: &str) -> String {
        match HeaderKind::of(name) {
            HeaderKind::Credentials => match value.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {MARK}"),
                None => MARK.to_owned(),
            },
            HeaderKind::Secret => MARK.to_owned(),
            HeaderKind::Other => match Url::parse(value) {
                Ok(url) if url.has_host() => self.url(&url).to_string(),
                _ => self.text(value),
            },
        }
    }

    fn body(&self, body: &[u8]) -> Vec<u8> {
        match Json::parse(body) {
            Ok(json) if names_secret(&json) => self.json(&json).to_string().into_bytes(),
            Ok(_) => self.text(&String::from_utf8_lossy(body)).into_bytes(),
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                self.text_beside(&text, named_values(&text, is_secret)).into_bytes()
            }
        }
    }

    /// `a=1&code=x` as it is written, with the values of secret names replaced.
    fn encoded(&self, text: &str) -> String {
        let piece = |piece: &str| {
            let params = Params::parse(piece.as_bytes());
            match (piece.split_once('='), params.iter().next()) {
                (Some((written, _)), Some((name, value))) if is_secret(name) => {
                    format!("{written}={}", masked(name, value))
                }
                _ => piece.to_owned(),
            }
        };
        let masked: Vec<String> = text.split('&').map(piece).collect();
        self.text(&masked.join("&"))
    }
}

fn replaced(text: &str, mut ranges: Vec<(usize, usize)>) -> String {
    ranges.sort_unstable();
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in ranges {
        if start >= done {
            out.extend_from_slice(&text.as_bytes()[done..start]);
            out.extend_from_slice(MARK.as_bytes());
        }
        done = done.max(end);
    }
    out.extend_from_slice(&text.as_bytes()[done..]);
    String::from_utf8_lossy(&out).into_owned()
}

fn is_secret(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Whether a secret of this name is looked for by value too. What people type may be an ordinary word or number: it
/// would be found in texts that have nothing to do with it, and could be guessed from what is missing there.
pub fn is_sought(name: &str, value: &str) -> bool {
    let is_alike = value.chars().all(char::is_alphabetic) || value.chars().all(|c| c.is_ascii_digit());
    let is_ordinary = is_alike && value.chars().count() <= LONGEST_WORD;
    !(matches!(name, "password" | "user_code") && is_ordinary)
}

/// Whether anything in it has the name of a secret.
fn names_secret(json: &Json) -> bool {
    json.get("kty").is_some()
        || json.members().iter().any(|(name, value)| is_secret(name) || names_secret(value))
        || json.elements().iter().any(names_secret)
}

/// An ID token without its signature says who signed in and can be used for nothing.
fn masked(name: &str, value: &str) -> String {
    let parts: Vec<&str> = value.split('.').collect();
    match parts.as_slice() {
        [header, payload, signature] if name == "id_token" && header.starts_with("eyJ") && !signature.is_empty() => {
            format!("{header}.{payload}.{MARK}")
        }
        _ if value.is_empty() => String::new(),
        _ => MARK.to_owned(),
    }
}

#[cfg(test)]
mod tests;
