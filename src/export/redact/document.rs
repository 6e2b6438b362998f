//! Bodies without secrets: JSON at any depth, and what is no JSON.

use super::lines::is_bearer;
use super::named::{Named, named};
use super::shape::Tokens;
use super::written::{is_promised, is_random};
use super::{Range, Redactor, SURE, UNNAMED, is_placeholder, is_sought, is_telling, shape, wrapped};
use crate::base::json::Json;
use crate::terms::credential::{
    ErrorPlace, HeaderKind, PROMISED, canonical, canonical_or_promised, holds_several, is_closed, is_code_of_error,
    is_key_member,
};

/// Metadata as a JWT, which everybody may read (RFC 8414 section 2.1).
const SIGNED_METADATA: &str = "signed_metadata";

impl Redactor {
    /// JSON without secrets, by name and by value. An ID token keeps header and payload, which are no credential.
    pub fn json(&self, json: &Json) -> Json {
        self.json_under("", json, false)
    }

    /// `is_message` tells JSON that was sent, where nobody knows every name, from a document of this program.
    pub(super) fn json_under(&self, parent: &str, json: &Json, is_message: bool) -> Json {
        match json {
            Json::Null | Json::Bool(_) => json.clone(),
            Json::Number(digits) => {
                let shown = self.text(digits);
                if shown == *digits { json.clone() } else { Json::String(shown) }
            }
            Json::String(text) if is_message => Json::String(self.string_under(parent, text)),
            Json::String(text) => Json::String(self.string(text)),
            Json::Array(elements) => {
                let shown = |(at, element): (usize, &Json)| match at
                    .checked_sub(1)
                    .and_then(|at| named_next(&elements[at], element))
                {
                    Some(name) if is_message => self.closed(name, element),
                    _ => self.json_under(parent, element, is_message),
                };
                let mut shown: Vec<Json> = elements.iter().enumerate().map(shown).collect();
                self.hide_split(elements, &mut shown);
                if let Some((names, rows)) = elements.split_first().filter(|_| is_message) {
                    self.hide_columns(names, rows, &mut shown[1..]);
                }
                Json::Array(shown)
            }
            Json::Object(members) => {
                let (place, is_key) = (ErrorPlace::of(parent, json), json.get("kty").is_some());
                let named = named_by_member(json);
                let field =
                    json.text("name").filter(|name| is_message && json.get("value").is_some() && is_field(name));
                let is_cookies = is_message && parent.eq_ignore_ascii_case("cookies");
                let member = |(name, value): &(String, Json)| {
                    let kind = kind(name, is_key).filter(|_| !place.is_code(name, value));
                    let kind = kind.or_else(|| named.filter(|_| is_message || name == "value")?.of(name, value));
                    let is_cookie = |text: &str| is_cookies && (name == "value" || is_promised(text));
                    let shown = match (kind, value) {
                        // What is left of a key is public, and so are documents that are signed for all.
                        (None, Json::String(text)) if is_key => Json::String(self.string(text)),
                        (None, Json::String(_)) if name == SIGNED_METADATA => value.clone(),
                        (_, Json::String(text)) if field.is_some() && name == "value" => {
                            Json::String(self.header(field.unwrap_or_default(), text))
                        }
                        (None, Json::String(text)) if is_cookie(text) => self.closed("cookie", value),
                        _ => self.member(name, kind, value, is_message),
                    };
                    (self.text(name), shown)
                };
                let mut shown: Vec<(String, Json)> = members.iter().map(member).collect();
                let of = |known: &[&str]| members.iter().position(|(name, _)| known.contains(&name.as_str()));
                if let (Some(names), Some(at)) = (of(&["columns", "fields", "header"]), of(&["rows", "data", "values"]))
                    && let (Json::Array(rows), Json::Array(shown)) = (&members[at].1, &mut shown[at].1)
                    && is_message
                {
                    self.hide_columns(&members[names].1, rows, shown);
                }
                Json::Object(shown)
            }
        }
    }

    /// The columns of a table that its names say are secret: `[["id","access_token"],[1,"x"]]`.
    fn hide_columns(&self, names: &Json, rows: &[Json], shown: &mut [Json]) {
        let Json::Array(names) = names else { return };
        let text = |name: &Json| name.as_str().or_else(|| name.text("name")).map(str::to_owned);
        let secret = |(at, name): (usize, &Json)| Some((at, canonical(&text(name)?)?));
        let secrets: Vec<(usize, &'static str)> = names.iter().enumerate().filter_map(secret).collect();
        if names.len() < 2 || !names.iter().all(|name| text(name).is_some()) {
            return;
        }
        for (row, shown) in rows.iter().zip(shown) {
            let (Json::Array(row), Json::Array(shown)) = (row, shown) else { continue };
            for (at, name) in secrets.iter().filter(|_| row.len() == names.len()) {
                let is_code = row[*at].as_str().is_none_or(|value| is_code_of_error(name, value));
                if !is_code {
                    shown[*at] = self.closed(name, &row[*at]);
                }
            }
        }
    }

    /// Credentials of which each element has a part: `["eyJh..", "..c2ln"]`.
    fn hide_split(&self, elements: &[Json], shown: &mut [Json]) {
        let parts: Vec<&str> = elements.iter().filter_map(Json::as_str).collect();
        let whole = parts.concat();
        if parts.len() < 2 || parts.len() < elements.len() || whole.len() < SURE {
            return;
        }
        let mut ranges = self.known(&whole);
        ranges.extend(self.tokens(&whole, Tokens::Credentials));
        ranges.sort_by_key(|range| range.from);
        let (mut at, mut next) = (0, ranges.iter().filter(|range| range.to - range.from >= SURE).peekable());
        for (part, shown) in parts.iter().zip(shown) {
            let end = at + part.len();
            while next.peek().is_some_and(|range| range.to <= at) {
                next.next();
            }
            if let Some(range) = next.peek().filter(|range| range.from < end && (range.from < at || range.to > end)) {
                *shown = Json::String(self.stand_in(range.id, part));
            }
            at = end;
        }
    }

    fn member(&self, name: &str, kind: Option<&'static str>, value: &Json, is_message: bool) -> Json {
        match (kind, value) {
            // No request object and no response in one has so little; it is an echo.
            (Some("request" | "response"), Json::String(text)) if text.len() < 2 => value.clone(),
            (Some(kind), Json::String(text)) => Json::String(self.placeholder(kind, text, is_sought(kind, text))),
            (Some(kind), Json::Object(_)) if !is_closed(kind) => self.json_under(kind, value, is_message),
            (Some(kind), value) => self.closed(kind, value),
            (None, Json::Object(_) | Json::Array(_)) if is_message && holds_several(name) => {
                self.several(name, self.json_under(name, value, true))
            }
            (None, value) => self.json_under(name, value, is_message),
        }
    }

    /// What has several credentials in it, whatever each is called.
    fn several(&self, name: &str, json: Json) -> Json {
        match json {
            Json::String(text) if shape::is_one_of_several(name, &text) => {
                Json::String(self.placeholder(UNNAMED, &text, true))
            }
            Json::Array(elements) => {
                Json::Array(elements.into_iter().map(|element| self.several(name, element)).collect())
            }
            // What is left of a key is public.
            Json::Object(members) if members.iter().all(|(name, _)| name != "kty") => {
                let member = |(name, value): (String, Json)| (name.clone(), self.several(&name, value));
                Json::Object(members.into_iter().map(member).collect())
            }
            other => other,
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
            return self.placeholder(UNNAMED, text, is_sought(UNNAMED, text));
        }
        if is_credentials(name, text) {
            return self.credentials(text);
        }
        if matches!(HeaderKind::of(name), HeaderKind::Cookies | HeaderKind::SetCookie) && text.contains('=') {
            return self.header(name, text);
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
            // JSON that broke off, or that has something behind it. Or markup.
            None if text.trim_start().starts_with(['{', '[', '<']) => {
                let ranges = named(text).iter().filter_map(|value| self.in_text(text, value)).collect();
                self.hide(text, ranges)
            }
            None if self.holds_encoded(text) => self.placeholder(UNNAMED, text, true),
            None if text.contains(char::is_whitespace) => {
                let found = named(text);
                // In a sentence a colon may be followed by the next word of it.
                let is_value = |it: &&Named| {
                    let (before, written) = (&text[..it.from], &text[it.from..it.to]);
                    let is_apart = before.ends_with(char::is_whitespace) && !before.trim_end().ends_with("=>");
                    it.is_sure
                        || !is_apart && written.contains(char::is_alphanumeric)
                        || is_random(written.as_bytes())
                        || self.book().id(written).is_some()
                };
                let mut ranges = self.encoded_runs(text);
                ranges.extend(found.iter().filter(is_value).filter_map(|it| self.in_text(text, it)));
                self.hide(text, ranges)
            }
            None => self.text_or_reference(text),
        }
    }

    /// A body without secrets, whatever form it has.
    pub fn body(&self, body: &[u8]) -> Vec<u8> {
        if let Some(text) = utf16(body) {
            let shown = self.body(text.as_bytes());
            return if shown == text.as_bytes() { body.to_vec() } else { shown };
        }
        let text = String::from_utf8_lossy(body);
        let Ok(json) = Json::parse(body) else {
            if self.holds_encoded(text.trim()) {
                return self.placeholder(UNNAMED, text.trim(), true).into_bytes();
            }
            let mut ranges = self.encoded_runs(&text);
            ranges.extend(named(&text).iter().filter_map(|value| self.in_text(&text, value)));
            return self.hide_in(&text, ranges, Tokens::AnswersToo).into_bytes();
        };
        let shown = self.json_under("", &json, true);
        // As it was written, when there is nothing to hide.
        if shown == json { self.hide_in(&text, Vec::new(), Tokens::Judged) } else { shown.to_string() }.into_bytes()
    }

    /// Whether this is JSON or a form in base64, as some put into `state`, with what has the name of a secret. That is
    /// known from then on.
    pub(super) fn holds_encoded(&self, text: &str) -> bool {
        wrapped::text(text).is_some_and(|inner| self.lines(&inner) != inner) || self.holds_packed(text)
    }

    /// The same, packed. It is not looked further into: each time it could become longer.
    fn holds_packed(&self, text: &str) -> bool {
        wrapped::unpacked(text).is_some_and(|inner| {
            let named = named(&inner);
            named.iter().filter_map(|value| self.in_text(&inner, value)).count() > 0 || !self.known(&inner).is_empty()
        })
    }

    /// Runs of base64 in a text that hold what has the name of a secret: `data:application/json;base64,..`.
    pub(super) fn encoded_runs(&self, text: &str) -> Vec<Range> {
        // What is one as a whole was looked into.
        if wrapped::is_one(text.trim()) {
            return Vec::new();
        }
        let holds_one = |run: &str| {
            let inner = wrapped::text(run);
            inner.is_some_and(|inner| !named(&inner).is_empty() && self.lines(&inner) != inner)
                || self.holds_packed(run)
        };
        // The parts of a token say what it is.
        let is_part = |from: usize, to: usize| text[..from].ends_with('.') || text[to..].starts_with('.');
        let runs = wrapped::runs(text).filter(|(from, to)| !is_part(*from, *to) && holds_one(&text[*from..*to]));
        runs.map(|(from, to)| {
            let id = self.met(UNNAMED, &[&text[from..to]], true);
            Range { from, to, id, is_named: true, kept: 0 }
        })
        .collect()
    }

    /// What has a name in running text may be any word, so a short one is hidden under its name alone.
    pub(super) fn in_text(&self, text: &str, value: &Named) -> Option<Range> {
        let written = &text[value.from..value.to];
        if is_placeholder(written) || self.leaves(value.name) {
            return None;
        }
        let kept = self.kept_of(value.name, written);
        if is_placeholder(&written[kept..]) {
            return None;
        }
        let readings: Vec<&str> = value.readings.iter().map(String::as_str).collect();
        let is_sought = is_telling(value.name, written) && is_sought(value.name, written);
        let id = self.met(value.name, &readings, is_sought);
        Some(Range { from: value.from, to: value.to, id, is_named: true, kept })
    }
}

/// A text that begins as one in UTF-16 does (RFC 2781 section 3.2).
fn utf16(body: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match body {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = body[2..].as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok()
}

/// The credential that `{"name":"refresh_token","value":..}` holds.
#[derive(Clone, Copy)]
struct NamedByMember {
    name: &'static str,
    /// Whether `name` or `key` says so. Others may say what anything else is: `{"type":"code","text":..}`.
    is_sure: bool,
}

impl NamedByMember {
    fn of(self, member: &str, value: &Json) -> Option<&'static str> {
        let is_value = VALUES.iter().any(|known| known.eq_ignore_ascii_case(member));
        let is_meant = || match value {
            _ if self.is_sure && member == "value" => true,
            Json::String(text) => is_promised(text),
            Json::Array(elements) => elements.iter().any(|it| it.as_str().is_some_and(is_promised)),
            _ => false,
        };
        (is_value && is_meant()).then_some(self.name)
    }
}

/// Members that name what another one holds, and those that hold it.
const NAMES: [&str; 11] = ["name", "key", "k", "n", "field", "header", "id", "label", "param", "parameter", "type"];
const VALUES: [&str; 8] = ["value", "val", "v", "values", "content", "data", "text", "string"];

fn named_by_member(json: &Json) -> Option<NamedByMember> {
    let named = |(member, value): &(String, Json)| {
        let at = NAMES.iter().position(|known| known.eq_ignore_ascii_case(member))?;
        let name = canonical_or_promised(value.as_str()?)?;
        Some(NamedByMember { name, is_sure: at < 2 && name != PROMISED })
    };
    json.members().iter().find_map(named)
}

/// `["access_token","x"]`: the credential that the element before this one names.
fn named_next(before: &Json, element: &Json) -> Option<&'static str> {
    let name = canonical_or_promised(before.as_str()?.trim_matches(['-', ':']))?;
    let value = element.as_str().filter(|value| is_promised(value) && canonical_or_promised(value).is_none())?;
    (!is_code_of_error(name, value)).then_some(name)
}

/// Whether this is a header field that holds credentials.
fn is_field(name: &str) -> bool {
    HeaderKind::of(name) != HeaderKind::Other
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
