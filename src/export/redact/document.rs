//! Bodies without secrets: JSON at any depth, and what is no JSON.

use super::lines::is_bearer;
use super::named::{Named, named};
use super::shape::Tokens;
use super::written::is_random;
use super::{Range, Redactor, SURE, UNNAMED, is_placeholder, is_sought, shape, wrapped};
use crate::base::json::Json;
use crate::terms::credential::{
    ErrorPlace, HeaderKind, canonical, canonical_or_promised, is_closed, is_code_of_error, is_key_member,
};

/// Metadata as a JWT, which everybody may read (RFC 8414 section 2.1).
const SIGNED_METADATA: &str = "signed_metadata";

impl Redactor {
    /// JSON without secrets, by name and by value. An ID token keeps header and payload, which are no credential.
    pub fn json(&self, json: &Json) -> Json {
        self.json_under("", json, false)
    }

    /// `is_message` tells JSON that was sent, where nobody knows every name, from a document of this program.
    fn json_under(&self, parent: &str, json: &Json, is_message: bool) -> Json {
        match json {
            Json::Null | Json::Bool(_) => json.clone(),
            Json::Number(digits) => {
                let shown = self.text(digits);
                if shown == *digits { json.clone() } else { Json::String(shown) }
            }
            Json::String(text) if is_message => Json::String(self.string_under(parent, text)),
            Json::String(text) => Json::String(self.string(text)),
            Json::Array(elements) => {
                Json::Array(elements.iter().map(|element| self.json_under(parent, element, is_message)).collect())
            }
            Json::Object(members) => {
                let (place, is_key) = (ErrorPlace::of(parent, json), json.get("kty").is_some());
                let named = named_by_member(json);
                let member = |(name, value): &(String, Json)| {
                    let kind = kind(name, is_key).filter(|_| !place.is_code(name, value));
                    let kind = kind.or_else(|| named.filter(|_| name == "value"));
                    let shown = match (kind, value) {
                        // What is left of a key is public, and so are documents that are signed for all.
                        (None, Json::String(text)) if is_key => Json::String(self.string(text)),
                        (None, Json::String(_)) if name == SIGNED_METADATA => value.clone(),
                        _ => self.member(name, kind, value, is_message),
                    };
                    (self.text(name), shown)
                };
                Json::Object(members.iter().map(member).collect())
            }
        }
    }

    fn member(&self, name: &str, kind: Option<&'static str>, value: &Json, is_message: bool) -> Json {
        match (kind, value) {
            // No request object and no response in one has so little; it is an echo.
            (Some("request" | "response"), Json::String(text)) if text.len() < 2 => value.clone(),
            (Some(kind), Json::String(text)) => Json::String(self.placeholder(kind, text, is_sought(kind, text))),
            (Some(kind), Json::Object(_)) if !is_closed(kind) => self.json_under(kind, value, is_message),
            (Some(kind), value) => self.closed(kind, value),
            (None, value) => self.json_under(name, value, is_message),
        }
    }

    /// All that is in a secret.
    fn closed(&self, kind: &'static str, json: &Json) -> Json {
        match json {
            Json::Null | Json::Bool(_) => json.clone(),
            Json::String(text) | Json::Number(text) => Json::String(self.placeholder(kind, text, text.len() >= SURE)),
            Json::Array(elements) => Json::Array(elements.iter().map(|element| self.closed(kind, element)).collect()),
            Json::Object(members) => {
                let member = |(name, value): &(String, Json)| (self.text(name), self.closed(kind, value));
                Json::Object(members.iter().map(member).collect())
            }
        }
    }

    /// As [`Redactor::string`], under this name: what is long and random under one that nobody knows is hidden.
    pub(super) fn string_under(&self, name: &str, text: &str) -> String {
        if shape::is_opaque(name, text) && shape::tokens(text).is_empty() {
            return self.placeholder(UNNAMED, text, true);
        }
        if is_credentials(name, text) {
            return self.credentials(text);
        }
        if let Some(at) = shape::password_under(name, text) {
            return format!(
                "{}{}",
                &text[..at],
                self.placeholder("password", &text[at..], is_sought("password", &text[at..]))
            );
        }
        let inner = if text.trim_start().starts_with(['{', '[']) { Json::parse_text(text).ok() } else { None };
        let shown = inner.as_ref().map(|inner| self.json_under(name, inner, true));
        shown.filter(|shown| Some(shown) != inner.as_ref()).map_or_else(|| self.string(text), |shown| shown.to_string())
    }

    /// A string may be JSON itself, a form, a URL such as `verification_uri_complete`, or a sentence with any of them.
    pub(super) fn string(&self, text: &str) -> String {
        let inner = if text.trim_start().starts_with(['{', '[']) { Json::parse_text(text).ok() } else { None };
        let shown = inner.as_ref().map(|inner| self.json(inner));
        match shown.filter(|shown| Some(shown) != inner.as_ref()) {
            Some(shown) => shown.to_string(),
            // What is JSON was judged as that.
            None if inner.is_some() => self.text(text),
            // JSON that broke off, or that has something behind it.
            None if text.trim_start().starts_with(['{', '[']) => {
                let ranges =
                    named(text, canonical_or_promised).iter().filter_map(|value| self.in_text(text, value)).collect();
                self.hide(text, ranges)
            }
            None if self.holds_encoded(text) => self.placeholder(UNNAMED, text, true),
            None if text.contains(char::is_whitespace) => {
                let found = named(text, canonical_or_promised);
                // In a sentence a colon may be followed by the next word of it.
                let is_value = |it: &&Named| {
                    let (before, written) = (&text[..it.from], &text[it.from..it.to]);
                    let is_apart = before.ends_with(char::is_whitespace) && !before.trim_end().ends_with("=>");
                    it.is_sure || !is_apart && written.contains(char::is_alphanumeric) || is_random(written.as_bytes())
                };
                let ranges = found.iter().filter(is_value).filter_map(|it| self.in_text(text, it)).collect();
                self.hide(text, ranges)
            }
            None => self.text_or_reference(text),
        }
    }

    pub(super) fn body(&self, body: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(body);
        let Ok(json) = Json::parse(body) else {
            if self.holds_encoded(text.trim()) {
                return self.placeholder(UNNAMED, text.trim(), true).into_bytes();
            }
            let ranges =
                named(&text, canonical_or_promised).iter().filter_map(|value| self.in_text(&text, value)).collect();
            return self.hide_in(&text, ranges, Tokens::AnswersToo).into_bytes();
        };
        let shown = self.json_under("", &json, true);
        // As it was written, when there is nothing to hide.
        if shown == json { self.hide_in(&text, Vec::new(), Tokens::Judged) } else { shown.to_string() }.into_bytes()
    }

    /// Whether this is JSON or a form in base64, as some put into `state`, with what has the name of a secret. That is
    /// known from then on.
    pub(super) fn holds_encoded(&self, text: &str) -> bool {
        wrapped::text(text).is_some_and(|inner| self.lines(&inner) != inner)
    }

    /// What has a name in running text may be any word, so a short one is hidden under its name alone.
    pub(super) fn in_text(&self, text: &str, value: &Named) -> Option<Range> {
        let written = &text[value.from..value.to];
        if is_placeholder(written) {
            return None;
        }
        let kept = if value.name == "id_token" { self.kept(written) } else { 0 };
        if is_placeholder(&written[kept..]) {
            return None;
        }
        let readings: Vec<&str> = value.readings.iter().map(String::as_str).collect();
        let is_sought = is_telling(value.name, written) && is_sought(value.name, written);
        let id = self.met(value.name, &readings, is_sought);
        Some(Range { from: value.from, to: value.to, id, is_named: true, kept })
    }
}

/// Whether a value is no word that may stand elsewhere, too: long, or half so long with letters and digits in it.
fn is_telling(name: &str, value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    value.len() >= SURE || value.len() * 2 >= SURE && is_mixed && !is_code_of_error(name, value)
}

/// The credential that `{"name":"refresh_token","value":..}` holds.
fn named_by_member(json: &Json) -> Option<&'static str> {
    json.get("value")?;
    canonical(json.text("name").or_else(|| json.text("key"))?)
}

/// Whether a member says what a field `Authorization` would.
fn is_credentials(name: &str, text: &str) -> bool {
    let is_named = HeaderKind::of(name) == HeaderKind::Credentials || name.eq_ignore_ascii_case("bearer");
    let is_opaque = || text.split_once(' ').is_some_and(|(_, rest)| shape::is_opaque(name, rest.trim()));
    is_bearer(text) && (is_named || is_opaque())
}

/// The kind of a secret member.
fn kind(name: &str, is_key: bool) -> Option<&'static str> {
    canonical(name).or((is_key && is_key_member(name)).then_some("private_key"))
}
