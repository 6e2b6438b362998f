//! Header fields without secrets (RFC 9110, RFC 6265).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::book::kind_of_field;
use super::lines::is_bearer;
use super::written::is_promised;
use super::{Redactor, SURE, is_placeholder, is_sought, reference, shape};
use crate::base::http::Headers;
use crate::terms::credential::{HeaderKind, canonical, canonical_or_promised};

/// What a WebSocket is to speak (RFC 6455 section 11.3.4).
const PROTOCOLS: &str = "sec-websocket-protocol";

/// Kind of a cookie's value.
const COOKIE: &str = "cookie";

/// Kind of what a scheme that is not known here needs.
const OTHER_CREDENTIALS: &str = "authorization";

impl Redactor {
    pub(super) fn headers(&self, headers: &Headers) -> Headers {
        let name_shown = |name: &str| if name.len() < SURE { name.to_owned() } else { self.text(name) };
        let shown = |(name, value): (&str, &str)| (name_shown(name), self.header(name, value));
        Headers(headers.iter().map(shown).collect())
    }

    /// The value of this field without what is secret in it.
    pub fn header(&self, name: &str, value: &str) -> String {
        match HeaderKind::of(name) {
            HeaderKind::Credentials => self.credentials(value),
            HeaderKind::Cookies => value.split(';').map(|pair| self.cookie(pair)).collect::<Vec<_>>().join(";"),
            HeaderKind::SetCookie => match value.split_once(';') {
                Some((pair, attributes)) => format!("{};{}", self.cookie(pair), self.attributes(attributes)),
                None => self.cookie(value),
            },
            HeaderKind::Secret => match canonical(without_prefix(name)) {
                Some(known) => self.placeholder(known, value.trim(), true),
                None => self.of_kind(kind_of_field(without_prefix(name)), value.trim()),
            },
            HeaderKind::Other if is_bearer(value) => self.credentials(value),
            HeaderKind::Other if name.eq_ignore_ascii_case(PROTOCOLS) => {
                value.split(',').map(|protocol| self.protocol(protocol)).collect::<Vec<_>>().join(",")
            }
            HeaderKind::Other => match canonical_or_promised(without_prefix(name)) {
                Some(known) if is_promised(value.trim()) => self.placeholder(known, value.trim(), true),
                _ => self.field(value),
            },
        }
    }

    pub(super) fn credentials(&self, value: &str) -> String {
        let Some((scheme, credentials)) = value.trim().split_once(' ') else {
            return self.placeholder(OTHER_CREDENTIALS, value.trim(), true);
        };
        let credentials = credentials.trim();
        let shown = match scheme.to_ascii_lowercase().as_str() {
            "basic" => self.basic(credentials),
            "bearer" | "dpop" | "token" => self.placeholder("access_token", credentials, true),
            _ => self.placeholder(OTHER_CREDENTIALS, credentials, true),
        };
        format!("{scheme} {shown}")
    }

    /// User and password in base64: what stands there is the password's.
    fn basic(&self, credentials: &str) -> String {
        let pair = STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let secret = pair.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, secret)| secret);
        let Some(secret) = secret.filter(|secret| !secret.is_empty() && !is_placeholder(credentials)) else {
            return self.placeholder(OTHER_CREDENTIALS, credentials, true);
        };
        // Form-encoded before it was put in base64 (RFC 6749 section 2.3.1).
        let decoded = reference::decoded(secret);
        let id = self.met("client_secret", &[secret, &decoded], is_sought("client_secret", &decoded));
        self.book().seek(id, credentials);
        self.stand_in(id, credentials)
    }

    fn cookie(&self, pair: &str) -> String {
        // One that has no name may be a credential all the same.
        let Some((name, value)) = pair.split_once('=') else { return self.placeholder(COOKIE, pair.trim(), true) };
        format!("{name}={}", self.placeholder(COOKIE, value.trim(), true))
    }

    /// What stands behind a cookie. Some programs put several into one field, with commas between.
    fn attributes(&self, attributes: &str) -> String {
        let one = |part: &str| match part.split_once(',') {
            Some((attribute, pair)) if pair.contains('=') => format!("{},{}", self.field(attribute), self.cookie(pair)),
            _ => self.field(part),
        };
        attributes.split(';').map(one).collect::<Vec<_>>().join(";")
    }

    /// Browsers have no other field in which a page could send a token when it opens a WebSocket.
    fn protocol(&self, protocol: &str) -> String {
        let name = protocol.trim();
        match shape::is_opaque("", name) {
            true => protocol.replace(name, &self.placeholder("access_token", name, true)),
            false => self.text(protocol),
        }
    }

    fn of_kind(&self, kind: String, value: &str) -> String {
        if value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        let id = {
            let mut book = self.book();
            let id = book.enter(kind, value);
            book.seek(id, value);
            id
        };
        self.stand_in(id, value)
    }
}

/// `X-Api-Key` as it would be called today (RFC 6648).
fn without_prefix(name: &str) -> &str {
    name.strip_prefix("X-").or_else(|| name.strip_prefix("x-")).unwrap_or(name)
}
