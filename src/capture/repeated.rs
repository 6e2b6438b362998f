//! What a request holds that opens something, and each spelling in which its answer may repeat it.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::base::http::{FORM, HttpRequest, basic_pair};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::terms::credential::is_credential;
use crate::terms::misspelt::looks_secret;

/// What is hidden also in a message of the protocol.
const ALWAYS: [&str; 3] = ["client_secret", "password", "new_password"];

/// Parts of names of fields that a password is typed into, and names that are such a field as a whole.
const PASSWORD_PARTS: [&str; 4] = ["password", "passwd", "passphrase", "pwd"];
const PASSWORDS: [&str; 4] = ["pass", "passcode", "pin", "credential"];

/// So many values of a request are looked for in its answer, from so many characters to so many: shorter ones are words,
/// and longer ones were not typed.
const VALUES: usize = 8;
const SHORTEST: usize = 6;
const LONGEST: usize = 4096;

/// Largest body that values are looked for in, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// How an apostrophe is written in HTML; some leave it as it is.
const APOSTROPHES: [&str; 5] = ["'", "&#39;", "&#039;", "&#x27;", "&apos;"];

/// Characters that JSON for a page has as escapes.
const ESCAPED: [(char, &str); 5] =
    [('&', "\\u0026"), ('<', "\\u003c"), ('>', "\\u003e"), ('\'', "\\u0027"), ('/', "\\/")];

/// Values of a request, each with its spellings, the longest first.
pub(super) struct Secrets(Vec<(Secret, Vec<Secret>)>);

impl Secrets {
    /// The first values of a request that open something, wherever they stand in it.
    pub fn of(request: &HttpRequest) -> Self {
        let mut values: Vec<String> = Vec::new();
        let mut keep = |value: &str| {
            let is_one = (SHORTEST..=LONGEST).contains(&value.len());
            if is_one && values.len() < VALUES && !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
        };
        basic(request).iter().for_each(|password| keep(password));
        request.url.password().map(decoded).iter().for_each(|password| keep(password));
        let named = |params: &Params, keep: &mut dyn FnMut(&str)| {
            params.iter().filter(|(name, _)| is_hidden(name)).for_each(|(_, value)| keep(value));
        };
        if request.body.len() <= BODY_LIMIT {
            let kind = request.headers.get("content-type").unwrap_or_default();
            match request.headers.content_type().unwrap_or_default().as_str() {
                FORM => named(&Params::parse(&request.body), &mut keep),
                json if json.ends_with("json") => {
                    Json::parse(&request.body).iter().for_each(|json| members(json, &mut keep));
                }
                "multipart/form-data" => parts(kind, &String::from_utf8_lossy(&request.body), &mut keep),
                _ => lines(&String::from_utf8_lossy(&request.body), &mut keep),
            }
        }
        named(&request.query(), &mut keep);
        Self(values.into_iter().map(|value| (Secret::new(&value), spellings(&value))).collect())
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text with something else in each place of one, or nothing where it has none.
    pub fn replaced(&self, text: &str, mark: impl Fn(&str) -> String) -> Option<String> {
        let mut out = Cow::Borrowed(text);
        for (secret, spellings) in &self.0 {
            for spelling in spellings.iter().map(Secret::expose) {
                if let Some(replaced) = replaced(&out, spelling, || mark(secret.expose())) {
                    out = Cow::Owned(replaced);
                }
            }
        }
        match out {
            Cow::Owned(out) => Some(out),
            Cow::Borrowed(_) => None,
        }
    }
}

/// A text with a mark in each place of a spelling, but for those within a token: that its claims begin like a password is
/// chance, and with one of its signs changed it would be another token.
fn replaced(text: &str, spelling: &str, mark: impl Fn() -> String) -> Option<String> {
    let mut found = text.match_indices(spelling).peekable();
    found.peek()?;
    let mut tokens = tokens(text).peekable();
    let (mut out, mut done) = (String::new(), 0);
    for (at, _) in found {
        while tokens.next_if(|token| token.end <= at).is_some() {}
        if tokens.peek().is_none_or(|token| at < token.start) {
            out += &text[done..at];
            out += &mark();
            done = at + spelling.len();
        }
    }
    (done > 0).then(|| out + &text[done..])
}

/// Where signed tokens stand in a text (RFC 7515 section 7.1).
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let mut start = 0;
    let runs = text.as_bytes().split(move |byte| !is_of_token(byte)).map(move |run| {
        let from = start;
        start += run.len() + 1;
        (from, run)
    });
    let is_token = |run: &[u8]| run.starts_with(b"eyJ") && run.iter().filter(|byte| **byte == b'.').count() >= 2;
    runs.filter(move |(_, run)| is_token(run)).map(|(from, run)| from..from + run.len())
}

/// The password of `Authorization: Basic` (RFC 7617).
fn basic(request: &HttpRequest) -> Option<String> {
    basic_pair(request.headers.get("authorization")?).map(|(_, password)| password)
}

/// A password of a URL as it was typed.
fn decoded(written: &str) -> String {
    let pair = format!("a={}", written.replace('&', "%26").replace('+', "%2B"));
    Params::parse(pair.as_bytes()).get("a").unwrap_or_default().to_owned()
}

/// Texts under secret names, however deep. Reading has a limit to that.
fn members(json: &Json, keep: &mut dyn FnMut(&str)) {
    for (name, value) in json.members() {
        match value {
            Json::String(text) if is_hidden(name) => keep(text),
            value => members(value, keep),
        }
    }
    json.elements().iter().for_each(|element| members(element, keep));
}

/// Parts of a form with a boundary (RFC 7578).
fn parts(kind: &str, body: &str, keep: &mut dyn FnMut(&str)) {
    let Some((_, boundary)) = kind.split_once("boundary=") else { return };
    let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
    if boundary.is_empty() {
        return;
    }
    for part in body.split(&format!("--{boundary}")) {
        let ends = [("\r\n\r\n", "\r\n"), ("\n\n", "\n")];
        let found = ends.iter().find_map(|(head, end)| Some((part.split_once(head)?, *end)));
        let Some(((head, value), end)) = found else { continue };
        let name = head.split_once(" name=").map(|(_, name)| name.trim_start_matches('"'));
        let name = name.and_then(|name| name.split(['"', ';', '\r', '\n']).next()).unwrap_or_default();
        if is_hidden(name) {
            keep(value.strip_suffix(end).unwrap_or(value));
        }
    }
}

/// A form as plain text, a pair on each line, or a form whose type nobody said.
fn lines(body: &str, keep: &mut dyn FnMut(&str)) {
    for separators in [&['\r', '\n'][..], &['\r', '\n', '&']] {
        let pairs = body.split(separators).filter_map(|line| line.split_once('='));
        pairs.filter(|(name, _)| is_hidden(name)).for_each(|(_, value)| keep(value));
    }
}

/// A value as it is, in URLs and forms, in JSON, in HTML and in base64.
fn spellings(value: &str) -> Vec<Secret> {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let percent = form.replace('+', "%20");
    // What a browser leaves as it is in a component of a URI.
    let left = [("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%7E", "~")];
    let component = left.iter().fold(percent.clone(), |text, (code, sign)| text.replace(code, sign));
    let twice = url::form_urlencoded::byte_serialize(percent.as_bytes()).collect();
    let mut all: Vec<String> = [&form, &percent, &component].iter().map(|text| lower(text)).collect();
    all.extend([value.to_owned(), form, percent, component, twice]);
    all.extend(in_json(value));
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for quote in ["\"", "&quot;", "&#34;"] {
        all.extend(APOSTROPHES.map(|sign| html.replace('\'', sign).replace('"', quote)));
    }
    // Without the end, which may be filled up or not.
    all.extend([STANDARD_NO_PAD.encode(value), URL_SAFE_NO_PAD.encode(value)]);
    all.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    all.dedup();
    all.into_iter().map(Secret::new).collect()
}

/// With the digits of percent signs in lower case.
fn lower(encoded: &str) -> String {
    let mut left = 0;
    let each = encoded.chars().map(|sign| match sign {
        '%' => {
            left = 2;
            sign
        }
        _ if left > 0 => {
            left -= 1;
            sign.to_ascii_lowercase()
        }
        _ => sign,
    });
    each.collect()
}

/// Within the quotes of JSON: with as few escapes as may be, with those for pages, and in ASCII.
fn in_json(value: &str) -> Vec<String> {
    let quoted = Json::String(value.to_owned()).to_string();
    let plain = quoted[1..quoted.len() - 1].to_owned();
    let slashes = plain.replace('/', "\\/");
    let escaped: String = plain
        .chars()
        .map(|sign| {
            ESCAPED.iter().find(|(of, _)| *of == sign).map_or_else(|| sign.to_string(), |(_, code)| (*code).to_owned())
        })
        .collect();
    let unslashed = escaped.replace("\\/", "/");
    let ascii = |text: &str| {
        let mut out = String::with_capacity(text.len());
        for sign in text.chars() {
            match sign.is_ascii() {
                true => out.push(sign),
                false => sign.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out += &format!("\\u{unit:04x}")),
            }
        }
        out
    };
    let upper = |text: &str| text.replace("\\u003c", "\\u003C").replace("\\u003e", "\\u003E");
    let all = [plain, slashes, upper(&escaped), upper(&unslashed), escaped, unslashed];
    all.iter().map(|text| ascii(text)).chain(all.clone()).collect()
}

/// Whether what has this name is hidden wherever it stands.
pub(super) fn is_hidden(name: &str) -> bool {
    ALWAYS.contains(&name) || is_password(name) || looks_secret(name) && !is_credential(name)
}

/// Whether a password is typed into a field of this name.
pub(super) fn is_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PASSWORDS.contains(&name.as_str()) || PASSWORD_PARTS.iter().any(|part| name.contains(part))
}
