//! What is taken out of a recording when it is read: values that open something and that judging does not need.
//!
//! A mark stands in their place: `hidden-345-9f86d081884c7d65`, the length of the value and a hash of it, keyed for this
//! import alone. So it can be told that a cookie was sent back or is too large, and nothing of it is kept. Codes, tokens
//! and verifiers stay in memory, because they are judged; no output shows them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::repeated::{Secrets, is_hidden, is_password};
use crate::base::http::{FORM, Headers, HttpRequest, HttpResponse, basic_pair};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::jose::hash::hmac_sha256;
use crate::terms::credential::{HeaderKind, is_key_member};

/// What a mark begins with.
const MARK: &str = "hidden-";

/// Parameters by which a body is a message of the protocol: what else it holds is needed.
const PROTOCOL: [&str; 14] = [
    "access_token",
    "auth_req_id",
    "client_id",
    "code",
    "device_code",
    "grant_type",
    "id_token",
    "logout_token",
    "redirect_uri",
    "refresh_token",
    "response",
    "response_type",
    "state",
    "token",
];

/// Members by which a JSON body registers a client (RFC 7591 section 2): its other members are judged.
const REGISTRATION: [&str; 3] = ["redirect_uris", "grant_types", "token_endpoint_auth_method"];

/// Whether this is a mark.
pub fn is_mark(value: &str) -> bool {
    value.starts_with(MARK)
}

/// What was hidden in a request.
pub struct Sent {
    /// Whether a field for a password was among it.
    pub has_password: bool,
    secrets: Secrets,
}

/// Makes marks with a key of its own.
pub struct Hider {
    key: [u8; 32],
}

impl Hider {
    /// With the key of this import.
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// What stands in the place of a value. Nothing stays nothing.
    pub fn mark(&self, value: &str) -> String {
        if value.is_empty() || value.starts_with(MARK) {
            return value.to_owned();
        }
        let hash = hmac_sha256(&self.key, value.as_bytes());
        let short: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{MARK}{}-{short}", value.len())
    }

    /// Hides what a request holds. Gives passwords and client secrets that were among it, by which an answer is looked
    /// through, and says whether a field for a password was.
    pub fn request(&self, request: &mut HttpRequest) -> Sent {
        let secrets = Secrets::of(request);
        let _ = request.url.set_password(None);
        self.query(request);
        for (name, value) in &mut request.headers.0 {
            *value = self.sent(name, value);
        }
        Sent { has_password: self.body(request), secrets }
    }

    /// Hides what an answer holds, and what of the request it repeats.
    pub fn response(&self, response: &mut HttpResponse, sent: &Sent) {
        self.got(&mut response.headers);
        self.repeated(response, sent);
        let has_secret = response.body.windows(13).any(|part| part == b"client_secret");
        if let Some(Json::Object(mut members)) = has_secret.then(|| Json::parse(&response.body).ok()).flatten() {
            for (name, value) in &mut members {
                if let (true, Json::String(text)) = (is_hidden(name), &mut *value) {
                    *text = self.mark(text);
                }
            }
            response.body = Json::Object(members).to_string().into_bytes();
        }
    }

    /// A text of an answer without what of the request it repeats: a page that says "wrong password: hunter2", a
    /// `Location` that carries it on.
    pub fn text(&self, text: &str, sent: &Sent) -> Option<String> {
        sent.secrets.replaced(text, |secret| self.mark(secret))
    }

    fn repeated(&self, response: &mut HttpResponse, sent: &Sent) {
        for (_, value) in &mut response.headers.0 {
            if let Some(hidden) = self.text(value, sent) {
                *value = hidden;
            }
        }
        if sent.secrets.is_empty() {
            return;
        }
        let mut body = Vec::with_capacity(response.body.len());
        for chunk in response.body.utf8_chunks() {
            let hidden = self.text(chunk.valid(), sent);
            body.extend_from_slice(hidden.as_deref().unwrap_or(chunk.valid()).as_bytes());
            body.extend_from_slice(chunk.invalid());
        }
        response.body = body;
    }

    fn query(&self, request: &mut HttpRequest) {
        let mut query = request.query();
        if query.iter().any(|(name, _)| is_hidden(name)) {
            self.pairs(&mut query, false);
            request.url.set_query(Some(&query.encode()));
        }
    }

    fn sent(&self, name: &str, value: &str) -> String {
        match HeaderKind::of(name) {
            HeaderKind::Cookies => cookies(value, |value| self.mark(value)),
            HeaderKind::Credentials => self.credentials(value),
            HeaderKind::Secret if !name.eq_ignore_ascii_case("dpop") => self.mark(value),
            _ => value.to_owned(),
        }
    }

    /// The user of Basic stays; so does a token, which is judged.
    fn credentials(&self, value: &str) -> String {
        let Some((scheme, rest)) = value.split_once(' ') else { return self.mark(value) };
        if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop") {
            return value.to_owned();
        }
        match basic_pair(value) {
            Some((user, secret)) => {
                format!("{scheme} {}", STANDARD.encode(format!("{user}:{}", self.mark(&secret))))
            }
            None => format!("{scheme} {}", self.mark(rest)),
        }
    }

    fn got(&self, headers: &mut Headers) {
        for (_, value) in headers.0.iter_mut().filter(|(name, _)| HeaderKind::of(name) == HeaderKind::SetCookie) {
            let (pair, attributes) = value.split_at(value.find(';').unwrap_or(value.len()));
            *value = cookies(pair, |value| self.mark(value)) + attributes;
        }
    }

    fn body(&self, request: &mut HttpRequest) -> bool {
        if request.body.is_empty() {
            return false;
        }
        let kind = request.headers.content_type().unwrap_or_default();
        if kind == FORM {
            let mut form = Params::parse(&request.body);
            let has_password = form.iter().any(|(name, _)| is_password(name));
            let is_protocol = is_protocol(form.iter().map(|(name, _)| name));
            self.pairs(&mut form, !is_protocol);
            request.body = form.encode().into_bytes();
            return has_password;
        }
        let json = kind.ends_with("json").then(|| Json::parse(&request.body).ok()).flatten();
        if let Some(Json::Object(mut members)) = json {
            let has_password = members.iter().any(|(name, _)| is_password(name));
            let is_protocol = is_protocol(members.iter().map(|(name, _)| name.as_str()));
            for (name, value) in &mut members {
                match is_hidden(name) || !is_protocol {
                    true => *value = Json::String(self.mark(&value.to_string())),
                    false => self.private_keys(value),
                }
            }
            request.body = Json::Object(members).to_string().into_bytes();
            return has_password;
        }
        let text = String::from_utf8_lossy(&request.body);
        let has_password = text.match_indices("name=\"").any(|(at, found)| {
            let rest = &text[at + found.len()..];
            is_password(rest.split('"').next().unwrap_or_default())
        });
        request.body = self.mark(&text).into_bytes();
        has_password
    }

    /// Hides what of a key is more than public (RFC 7518 section 6): that it was sent is judged, and nothing else of it.
    fn private_keys(&self, value: &mut Json) {
        match value {
            Json::Object(members) => {
                let is_key = members.iter().any(|(name, _)| name == "kty");
                for (name, value) in members {
                    match is_key && is_key_member(name) {
                        true => *value = Json::String(self.mark(&value.to_string())),
                        false => self.private_keys(value),
                    }
                }
            }
            Json::Array(elements) => elements.iter_mut().for_each(|element| self.private_keys(element)),
            _ => {}
        }
    }

    fn pairs(&self, params: &mut Params, all: bool) {
        for (_, value) in params.0.iter_mut().filter(|(name, _)| all || is_hidden(name)) {
            *value = self.mark(value);
        }
    }
}

/// The length of the value that a mark stands for; of any other text its own.
pub fn length(text: &str) -> usize {
    let marked = text.strip_prefix(MARK).and_then(|rest| rest.split_once('-'));
    marked.and_then(|(length, _)| length.parse().ok()).unwrap_or(text.len())
}

/// Each cookie of a `Cookie` field, name and value.
pub fn cookies_of(field: &str) -> impl Iterator<Item = (&str, &str)> {
    field.split(';').filter_map(|pair| pair.trim().split_once('='))
}

fn cookies(field: &str, mark: impl Fn(&str) -> String) -> String {
    let each = field.split(';').map(|pair| match pair.trim().split_once('=') {
        Some((name, value)) => format!("{name}={}", mark(value)),
        None => mark(pair.trim()),
    });
    each.collect::<Vec<_>>().join("; ")
}

fn is_protocol<'n>(mut names: impl Iterator<Item = &'n str>) -> bool {
    names.any(|name| PROTOCOL.contains(&name) || REGISTRATION.contains(&name))
}
