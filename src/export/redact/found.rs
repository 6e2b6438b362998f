//! The secrets of a trace, found by their names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::header::HeaderKind;
use super::{KEY_MEMBERS, is_secret, is_sought, named_values};
use crate::base::http::Headers;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::flow::trace::{Answer, Exchange};

/// Shortest value that is taken for a secret where its name stands in a text without structure, in bytes.
const SURE: usize = 12;

/// Secrets found by their names.
#[derive(Default)]
pub(super) struct Found(Vec<Secret>);

impl Found {
    pub fn into_secrets(self) -> impl Iterator<Item = Secret> {
        self.0.into_iter()
    }

    pub fn in_exchange(&mut self, exchange: &Exchange) {
        let request = &exchange.request;
        self.in_url(&request.url);
        self.in_headers(&request.headers);
        match request.form() {
            Some(form) => self.in_params(&form),
            None => self.in_body(&request.body),
        }
        match &exchange.answer {
            Answer::Response(response) => {
                self.in_headers(&response.headers);
                self.in_body(&response.body);
            }
            Answer::Callback(callback) => self.in_params(&callback.params),
            Answer::Pending | Answer::Visited | Answer::Failed(_) => {}
        }
    }

    fn add(&mut self, value: &str) {
        self.0.push(Secret::new(value));
    }

    fn add_named(&mut self, name: &str, value: &str) {
        if is_sought(name, value) {
            self.add(value);
        }
    }

    fn in_params(&mut self, params: &Params) {
        params.iter().filter(|(name, _)| is_secret(name)).for_each(|(name, value)| self.add_named(name, value));
    }

    fn in_url(&mut self, url: &Url) {
        for part in [url.query(), url.fragment()].into_iter().flatten() {
            self.in_params(&Params::parse(part.as_bytes()));
        }
        if let Some(password) = url.password() {
            self.add(password);
        }
    }

    fn in_headers(&mut self, headers: &Headers) {
        for (name, value) in headers.iter() {
            match HeaderKind::of(name) {
                HeaderKind::Credentials => self.in_credentials(value),
                HeaderKind::Secret if name.to_ascii_lowercase().contains("cookie") => self.in_cookies(value),
                HeaderKind::Secret => self.add(value),
                HeaderKind::Other => {
                    if let Ok(url) = Url::parse(value) {
                        self.in_url(&url);
                    }
                }
            }
        }
    }

    fn in_credentials(&mut self, value: &str) {
        let credentials = value.split_once(' ').map_or(value, |(_, credentials)| credentials).trim();
        self.add(credentials);
        let Some(pair) = STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return;
        };
        if let Some((_, secret)) = pair.split_once(':') {
            self.add(secret);
            // Form-encoded before it was put in base64 (RFC 6749 section 2.3.1).
            Params::parse(secret.as_bytes()).iter().for_each(|(decoded, _)| self.add(decoded));
        }
    }

    fn in_cookies(&mut self, value: &str) {
        for pair in value.split(';') {
            if let Some((name, value)) = pair.trim().split_once('=')
                && !is_cookie_attribute(name)
            {
                self.add(value);
            }
        }
    }

    fn in_body(&mut self, body: &[u8]) {
        if let Ok(json) = Json::parse(body) {
            return self.in_json(&json);
        }
        let text = String::from_utf8_lossy(body);
        for (from, to) in named_values(&text, is_secret) {
            let value = &text[from..to];
            // What has a name in running text may be any word.
            if value.len() >= SURE {
                self.add(value);
                Params::parse(value.as_bytes()).iter().for_each(|(decoded, _)| self.add(decoded));
            }
        }
    }

    fn in_json(&mut self, json: &Json) {
        let is_key = json.get("kty").is_some();
        for (name, value) in json.members() {
            match value {
                Json::String(text) if is_secret(name) || is_key && KEY_MEMBERS.contains(&name.as_str()) => {
                    self.add_named(name, text);
                }
                other => self.in_json(other),
            }
        }
        json.elements().iter().for_each(|element| self.in_json(element));
    }
}

/// Attributes of `Set-Cookie` (RFC 6265 section 4.1.2).
fn is_cookie_attribute(name: &str) -> bool {
    ["path", "domain", "expires", "max-age", "samesite", "version"].iter().any(|known| name.eq_ignore_ascii_case(known))
}
