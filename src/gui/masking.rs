//! What is masked in messages until the user asks to see it.

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::assertion::saml_xml;
use crate::export::redact::named_values;
use crate::jose::jwt::{Form, decode};

/// Parameters and members that hold a credential. Codes and verifiers work once and stay readable.
const CREDENTIALS: [&str; 13] = [
    "client_secret",
    "client_assertion",
    "client_notification_token",
    "password",
    "access_token",
    "refresh_token",
    "id_token",
    "id_token_hint",
    "login_hint_token",
    "subject_token",
    "actor_token",
    "token",
    "assertion",
];

/// What is a credential of the user in a form of the client (CIBA section 7.1), and elsewhere what a person is to
/// read and type (RFC 8628 section 3.3).
const FORM_CREDENTIAL: &str = "user_code";

/// Header fields that hold a credential.
const CREDENTIAL_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// Whether a parameter of this name is a credential.
pub fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|credential| name.eq_ignore_ascii_case(credential))
}

/// Whether a parameter of this name is a credential in a form.
pub fn is_form_credential(name: &str) -> bool {
    is_credential(name) || name == FORM_CREDENTIAL
}

/// Whether a header field of this name is a credential.
pub fn is_credential_header(name: &str) -> bool {
    CREDENTIAL_HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header))
}

/// A header value with its scheme readable: `Bearer eyJh••••x7Qk`.
pub fn header(name: &str, value: &str) -> String {
    if !is_credential_header(name) {
        return value.to_owned();
    }
    match value.split_once(' ') {
        Some((scheme, credential)) => format!("{scheme} {}", Secret::new(credential).hint()),
        None => Secret::new(value).hint(),
    }
}

/// A parameter's value as shown.
pub fn param(name: &str, value: &str) -> String {
    if is_credential(name) { hint(value) } else { value.to_owned() }
}

/// A credential's value as shown.
pub fn hint(value: &str) -> String {
    Secret::new(value).hint()
}

/// A signed JWT without its signature, which says the same and can be used for nothing; of any other token its ends.
pub fn jwt(token: &str) -> String {
    let token = token.trim();
    match token.split('.').collect::<Vec<_>>().as_slice() {
        [header, claims, _] if decode(token).form == Form::Jws => format!("{header}.{claims}.••••"),
        _ if token.is_empty() => String::new(),
        _ => hint(token),
    }
}

fn params(params: &Params, is_credential: fn(&str) -> bool) -> Params {
    let shown = |name, value: &str| if is_credential(name) { hint(value) } else { value.to_owned() };
    params.iter().map(|(name, value)| (name, shown(name, value))).collect()
}

/// A request that can be shown.
pub fn request(request: &HttpRequest) -> HttpRequest {
    let mut masked = request.clone();
    for (name, value) in &mut masked.headers.0 {
        *value = header(name, value);
    }
    if let Some(form) = request.form() {
        masked.body = readable_form(&params(&form, is_form_credential)).into_bytes();
    }
    let query = request.query();
    if query.iter().any(|(name, _)| is_credential(name)) {
        masked.url.set_query(Some(&params(&query, is_credential).encode()));
    }
    masked
}

/// Encoded, but with the dots of the mask readable.
fn readable_form(form: &Params) -> String {
    form.encode().replace("%E2%80%A2", "•")
}

/// A response that can be shown.
pub fn response(response: &HttpResponse) -> HttpResponse {
    let mut masked = response.clone();
    for (name, value) in &mut masked.headers.0 {
        *value = header(name, value);
    }
    masked.body = match Json::parse(&response.body) {
        Ok(json) => self::json(&json).pretty(),
        Err(_) => document(&response.text()),
    }
    .into_bytes();
    masked
}

/// What is no JSON. A SAML assertion that is encoded is a credential as a whole.
fn document(body: &str) -> String {
    match body.trim_start().starts_with('<') {
        true => text(&saml(body)),
        false if saml_xml(body).is_some() => Secret::new(body.trim()).hint(),
        false => text(body),
    }
}

/// What is no JSON, as a form or as JSON that broke off: the value after each credential's name.
fn text(text: &str) -> String {
    let (mut masked, mut done) = (String::new(), 0);
    for (from, to) in named_values(text, is_credential) {
        if from >= done {
            masked.push_str(&text[done..from]);
            masked.push_str(&hint(&text[from..to]));
        }
        done = done.max(to);
    }
    masked + &text[done..]
}

/// A document whose credentials are masked, at any depth.
pub fn json(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mask = |(name, value): &(String, Json)| match value {
                Json::String(text) if is_credential(name) => {
                    (name.clone(), Json::String(Secret::new(text.as_str()).hint()))
                }
                value => (name.clone(), self::json(value)),
            };
            Json::Object(members.iter().map(mask).collect())
        }
        Json::Array(elements) => Json::Array(elements.iter().map(self::json).collect()),
        other => other.clone(),
    }
}

/// A SAML assertion without what makes it a credential: the values of its signatures, or where it has none the
/// identifier by which it can be used once.
pub fn saml(xml: &str) -> String {
    if !xml.contains("SignatureValue") {
        return saml_without_id(xml);
    }
    let mut masked = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some(open) = rest.find("SignatureValue").and_then(|at| Some(at + rest[at..].find('>')? + 1)) {
        let close = rest[open..].find("</").map_or(rest.len(), |length| open + length);
        masked.push_str(&rest[..open]);
        masked.push_str("••••");
        // Past the closing tag, which has the same name.
        let end = rest[close..].find('>').map_or(rest.len(), |length| close + length + 1);
        masked.push_str(&rest[close..end]);
        rest = &rest[end..];
    }
    masked + rest
}

fn saml_without_id(xml: &str) -> String {
    let is_boundary = |at: &usize| xml[..*at].ends_with(char::is_whitespace);
    let named =
        |name: &str| xml.match_indices(name).map(|(at, _)| (at, at + name.len())).find(|(at, _)| is_boundary(at));
    let Some((_, name_end)) = ["ID=", "AssertionID="].into_iter().find_map(named) else { return xml.to_owned() };
    let quote = xml[name_end..].chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else { return xml.to_owned() };
    let from = name_end + quote.len_utf8();
    let to = xml[from..].find(quote).map_or(xml.len(), |length| from + length);
    format!("{}••••{}", &xml[..from], &xml[to..])
}

/// A document with nothing invisible in it.
pub fn visible_json(json: &Json) -> Json {
    let text = |text: &str| crate::base::text::visible_lines(text).into_owned();
    match json {
        Json::String(value) => Json::String(text(value)),
        Json::Array(elements) => Json::Array(elements.iter().map(visible_json).collect()),
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (text(name), visible_json(value))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::export::{curl, raw};

    #[test]
    fn a_masked_message_shows_no_credential_in_any_view() {
        let sentinel = "sentinel-0123456789-0123456789-0123456789";
        let form: Params =
            [("code", "c"), ("client_secret", sentinel), ("refresh_token", sentinel)].into_iter().collect();
        let url = Url::parse("https://as.example/token?access_token=sentinel").expect("a URL");
        let sent = HttpRequest::post_form(url, &form).with_header("Authorization", format!("Basic {sentinel}"));
        let body = format!(r#"{{"access_token":"{sentinel}","x":[{{"id_token":"{sentinel}"}}]}}"#);
        let came = HttpResponse::new(200, "application/json", body).with_header("Set-Cookie", sentinel);
        let shown = format!(
            "{}{}{}",
            raw::request(&request(&sent)),
            curl::command(&request(&sent)),
            raw::response(&response(&came))
        );
        assert!(!shown.contains("0123456789-0123"), "{shown}");
        assert!(shown.contains("code=c"));
    }

    #[test]
    fn what_is_no_json_is_masked_by_the_names_in_it() {
        let secret = "sentinel-0123456789-0123456789-0123456789";
        for (body, stays) in [
            (format!("access_token={secret}&scope=repo&token_type=bearer"), "scope=repo&token_type=bearer"),
            (format!("{{\"access_token\":\"{secret}"), "access_token"),
            (
                format!("{{\"token_type\": \"Bearer\", \"refresh_token\" : \"{secret}\", \"expires_in\": 60"),
                "expires_in",
            ),
            (format!("<p>id_token: {secret}</p><p>access_token={secret}</p>"), "</p><p>"),
            ("access_token=&id_token".to_owned(), "access_token=&id_token"),
            ("no token here".to_owned(), "no token here"),
        ] {
            let shown = response(&HttpResponse::new(200, "text/plain", body)).text().into_owned();
            assert!(!shown.contains("0123456789-0123") && shown.contains(stays), "{shown}");
        }
    }

    #[test]
    fn a_token_for_an_audience_has_no_signature() {
        let signed = "eyJhbGciOiJFUzI1NiJ9.e30";
        assert_eq!(jwt(&format!(" {signed}.c2ln\n")), format!("{signed}.••••"));
        assert_eq!(jwt(""), "");
        let opaque = "opaque-0123456789-0123456789-0123456789";
        for token in [opaque.to_owned(), format!("{opaque}.x"), format!("{signed}.{opaque}.")] {
            assert!(!jwt(&token).contains("0123456789-0123"), "{}", jwt(&token));
        }
    }

    #[test]
    fn the_signature_of_a_saml_assertion_is_masked() {
        let xml = "<a><ds:SignatureValue Id=\"s\">c2Vj\ncmV0</ds:SignatureValue></a>";
        assert_eq!(saml(xml), "<a><ds:SignatureValue Id=\"s\">••••</ds:SignatureValue></a>");
        let twice = format!("{xml}{xml}");
        assert_eq!(saml(&twice).matches("••••").count(), 2);
        assert!(!saml(&twice).contains("cmV0"));
        assert_eq!(saml("<a/>"), "<a/>");
        for (id, masked) in
            [("ID=\"_x\"", "ID=\"••••\""), ("ID='_x'", "ID='••••'"), ("InID=\"x\"", "InID=\"x\""), ("ID=", "ID=")]
        {
            assert_eq!(saml(&format!("<a {id}><b/>")), format!("<a {masked}><b/>"));
        }
        assert_eq!(saml("<a ID=\"_x"), "<a ID=\"••••");
        assert_eq!(saml("<SignatureValue>c2Vj"), "<SignatureValue>••••");
    }
}
