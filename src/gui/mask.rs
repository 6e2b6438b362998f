//! How messages are shown: as they are, or without the credentials in them. Those are known by their names and, wherever
//! else they may have got to, by their values.

use std::borrow::Cow;

use super::masking;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::export::redact::{Redactor, is_telling, names_credential};
use crate::terms::credential::USER_CODE;

/// What stands between a message and who looks at it.
#[derive(Clone, Copy)]
pub struct Mask<'a> {
    /// The credentials of the run; `None` where they are shown.
    known: Option<&'a Redactor>,
}

impl<'a> Mask<'a> {
    /// Hides nothing.
    pub const OFF: Self = Self { known: None };

    /// Hides what has the name of a credential, and what is known to this.
    pub const fn of(known: &'a Redactor) -> Self {
        Self { known: Some(known) }
    }

    /// What it hides by value, to be taken elsewhere; `None` where everything is shown.
    pub fn known(self) -> Option<Redactor> {
        self.known.cloned()
    }

    /// Whether everything is shown.
    pub const fn is_off(self) -> bool {
        self.known.is_none()
    }

    /// A text with hints in the place of what is known.
    pub fn text<'t>(self, text: &'t str) -> Cow<'t, str> {
        match self.known {
            Some(known) => known.with(text, |kind, secret| {
                (kind != USER_CODE && is_telling(kind, secret)).then(|| masking::hint(secret))
            }),
            None => text.into(),
        }
    }

    /// What is said of messages, as a report would have it: also without the passwords of addresses and tokens in it.
    pub fn words(self, words: &str) -> Cow<'_, str> {
        if self.is_off() { words.into() } else { self.text(&Redactor::hinting().text(words)).into_owned().into() }
    }

    /// What a token says. Of one that names a credential those are hidden; it is not handed on by a report either.
    pub fn claims(self, claims: &Json) -> String {
        let is_plain = self.is_off() || !names_credential(claims);
        let shown = if is_plain { claims.clone() } else { masking::json(claims) };
        self.text(&masking::visible_json(&shown).pretty()).into_owned()
    }

    /// The value of a parameter or of a header field; `by_name` hides what its name says is a credential.
    pub fn value(self, by_name: fn(&str, &str) -> String, name: &str, value: &str) -> String {
        if self.is_off() { value.to_owned() } else { self.text(&by_name(name, value)).into_owned() }
    }

    /// A request.
    pub fn request(self, request: &HttpRequest) -> HttpRequest {
        if self.is_off() {
            return request.clone();
        }
        let mut shown = masking::request(request);
        self.headers(&mut shown.headers.0);
        shown.body = self.body(shown.body);
        let path = self.text(shown.url.path()).into_owned();
        if path != shown.url.path() {
            shown.url.set_path(&path);
        }
        let query = shown.url.query().map(|query| self.text(query).into_owned());
        if query.as_deref() != shown.url.query() {
            shown.url.set_query(query.as_deref());
        }
        shown
    }

    /// A response.
    pub fn response(self, response: &HttpResponse) -> HttpResponse {
        if self.is_off() {
            return response.clone();
        }
        let mut shown = masking::response(response);
        self.headers(&mut shown.headers.0);
        shown.body = self.body(shown.body);
        shown
    }

    fn headers(self, headers: &mut [(String, String)]) {
        for (_, value) in headers {
            *value = self.text(value).into_owned();
        }
    }

    fn body(self, body: Vec<u8>) -> Vec<u8> {
        match std::str::from_utf8(&body) {
            Ok(text) => match self.text(text) {
                Cow::Owned(shown) => shown.into_bytes(),
                Cow::Borrowed(_) => body,
            },
            // Its bytes are shown as replacement characters, which are looked through all the same.
            Err(_) => self.text(&String::from_utf8_lossy(&body)).into_owned().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::base::http::JSON;
    use crate::base::secret::Secret;
    use crate::jose::base64url;

    #[test]
    fn what_is_known_is_hidden_wherever_it_stands_and_however_it_is_written() {
        let secret = "4f9c-sentinel-8a1b+/=";
        let known = Redactor::new([Secret::new(secret)]);
        let mask = Mask::of(&known);
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        for written in [secret.to_owned(), percent, base64url::encode(secret.as_bytes()), hex] {
            let url = Url::parse("https://as.example/a").expect("a URL").join(&format!("/{written}?x={written}"));
            let sent = HttpRequest::get(url.expect("a URL")).with_header("X-Trace", &written);
            let came = HttpResponse::new(200, JSON, format!(r#"{{"note":"got {written} here","n":1}}"#));
            let came = came.with_header("X-Echo", &written);
            let shown = format!("{:?}{:?}", mask.request(&sent), mask.response(&came).text());
            assert!(!shown.contains(&written), "{shown}");
            assert!(mask.text(&format!("refused: {written}")).starts_with("refused: "));
            assert!(Mask::OFF.response(&came).text().contains(&written));
        }
        assert!(!mask.words("got https://a:pass1@as.example/").contains("pass1"));
        let claims = |claims: &str| mask.claims(&Json::parse_text(claims).expect("JSON"));
        let said = claims(r#"{"sub":"alice","client_secret":"claimed-secret-1","note":"4f9c-sentinel-8a1b+/="}"#);
        assert!(said.contains("alice") && !said.contains("claimed") && !said.contains("sentinel"), "{said}");
        assert!(claims(r#"{"sid":"aB3dE6gH9jK2mN5pQ8sT1vW4"}"#).contains("aB3dE6gH9jK2mN5pQ8sT1vW4"));
        // A word that anybody may use is no proof of anything.
        assert_eq!(Mask::of(&Redactor::new([Secret::new("en-US")])).text("locale en-US"), "locale en-US");
    }
}
