//! What is masked in messages until the user asks to see it.

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::client::assertion::saml_xml;
use crate::export::redact::Redactor;
use crate::jose::jwt::{Form, decode};
use crate::terms::credential;

/// Whether a parameter of this name is a credential in a form: the user's code of CIBA (section 7.1) is one, which
/// everywhere else is to be read and typed by a person (RFC 8628 section 3.3).
pub fn is_form_credential(name: &str) -> bool {
    credential::is_credential(name)
}

/// A header value with its scheme or its names readable: `Bearer eyJh••••x7Qk`, `sid=••••; Path=/`.
pub fn header(name: &str, value: &str) -> String {
    Redactor::hinting().header(name, value)
}

/// A parameter's value as shown. It may be a URL with a credential in it.
pub fn param(name: &str, value: &str) -> String {
    Redactor::hinting().param(name, value)
}

/// The same of a form.
pub fn form_param(name: &str, value: &str) -> String {
    if is_form_credential(name) { hint(value) } else { param(name, value) }
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

/// A request that can be shown.
pub fn request(request: &HttpRequest) -> HttpRequest {
    let assertion = if request.form().is_some() { None } else { assertion(&request.body) };
    let mut masked = match assertion {
        Some(body) => Redactor::hinting().request(&HttpRequest { body, ..request.clone() }),
        None => Redactor::hinting().request(request),
    };
    if masked.url.password().is_some() {
        // A URL without a host has no password, so this cannot fail.
        let _ = masked.url.set_password(Some("****"));
    }
    masked
}

/// A response that can be shown.
pub fn response(response: &HttpResponse) -> HttpResponse {
    let (hints, mut masked) = (Redactor::hinting(), response.clone());
    for (name, value) in &mut masked.headers.0 {
        *value = hints.header(name, value);
    }
    masked.body = match Json::parse(&response.body) {
        Ok(json) => hints.message(&json).pretty().into_bytes(),
        Err(_) => hints.body(&assertion(&response.body).unwrap_or_else(|| response.body.clone())),
    };
    masked
}

/// A body that is a SAML assertion, which as a whole is a credential when it is encoded.
fn assertion(body: &[u8]) -> Option<Vec<u8>> {
    let body = std::str::from_utf8(body).ok()?;
    match body.trim_start().starts_with('<') {
        true => Some(saml(body).into_bytes()),
        false => saml_xml(body).map(|_| hint(body.trim()).into_bytes()),
    }
}

/// A document whose credentials are masked, at any depth.
pub fn json(json: &Json) -> Json {
    Redactor::hinting().message(json)
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
    use crate::base::params::Params;
    use crate::export::{curl, raw};
    use crate::terms::credential::USER_CODE;

    #[test]
    fn a_masked_message_shows_no_credential_in_any_view() {
        let sentinel = "sentinel-0123456789-0123456789-0123456789";
        let form: Params =
            [("code", sentinel), ("code_verifier", sentinel), ("client_secret", sentinel), ("refresh_token", sentinel)]
                .into_iter()
                .collect();
        let url = Url::parse(&format!("https://as.example/token?access_token={sentinel}&state=st")).expect("a URL");
        let sent = HttpRequest::post_form(url, &form).with_header("Authorization", format!("Basic {sentinel}"));
        let body = format!(r#"{{"access_token":"{sentinel}","x":[{{"id_token":"{sentinel}"}}]}}"#);
        let came = HttpResponse::new(200, "application/json", body)
            .with_header("Set-Cookie", format!("sid={sentinel}; Path=/"))
            .with_header("Location", format!("/cb?code={sentinel}"));
        let shown = format!(
            "{}{}{}",
            raw::request(&request(&sent)),
            curl::command(&request(&sent)),
            raw::response(&response(&came))
        );
        assert!(!shown.contains("0123456789-0123"), "{shown}");
        for stays in
            ["state=st", "sid=sent••••••••6789; Path=/", "code=sent••••••••6789", "code_verifier=sent••••••••6789"]
        {
            assert!(shown.contains(stays), "{stays}: {shown}");
        }
    }

    #[test]
    fn a_challenge_that_is_the_verifier_itself_is_masked() {
        for (method, is_masked) in
            [("&code_challenge_method=plain", true), ("", true), ("&code_challenge_method=S256", false)]
        {
            let url =
                format!("https://as.example/authorize?code_challenge=0123456789012345678901234567890123456789{method}");
            let shown = request(&HttpRequest::get(url.parse().expect("a URL")));
            assert_eq!(!shown.url.as_str().contains("=0123456789012345"), is_masked, "{method}: {}", shown.url);
        }
    }

    #[test]
    fn each_credential_is_masked_in_json_and_in_parameters() {
        let secret = "sentinel-0123456789-0123456789-0123456789";
        for name in credential::names().filter(|name| *name != USER_CODE) {
            for spelling in [name.to_owned(), name.replace('_', "-"), name.replace('_', ""), name.to_uppercase()] {
                let inner = Json::String(format!("{{\"{spelling}\":\"{secret}\"}}"));
                let body = format!(
                    "{{\"a\":[{{\"{spelling}\":\"{secret}\"}}],\"b\":\"/cb?{spelling}={secret}\",\"c\":{inner}}}"
                );
                let shown = json(&Json::parse_text(&body).expect("JSON")).to_string();
                assert!(!shown.contains("0123456789-0123"), "{shown}");
                assert_eq!(shown.matches("sent••••••••6789").count(), 3, "{shown}");
                assert_eq!(param(&spelling, secret), "sent••••••••6789");
                assert!(is_form_credential(&spelling));
                let url = format!("https://app.example/cb?a=1&{spelling}={secret}#x");
                assert_eq!(header("Location", &url), url.replace(secret, "sent••••••••6789"));
                assert_eq!(param("redirect", &url), url.replace(secret, "sent••••••••6789"));
            }
        }
    }

    #[test]
    fn a_request_of_json_is_masked_as_an_answer_is() {
        let url = || Url::parse("https://as.example/ping").expect("a URL");
        let sent = |body: &str| HttpRequest { body: body.into(), ..HttpRequest::get(url()) };
        let shown = |body: &str| String::from_utf8(request(&sent(body)).body).expect("text");
        assert_eq!(shown(r#"{"auth_req_id":"abc", "a":1}"#), r#"{"auth_req_id":"••••••••","a":1}"#);
        assert_eq!(shown("{ \"a\": 1 }"), "{ \"a\": 1 }");
        assert_eq!(shown("code=abc"), "code=••••••••");
    }

    #[test]
    fn a_user_code_is_readable_but_in_a_form() {
        assert_eq!(
            (param("user_code", "WDJB-MJHT"), form_param("user_code", "1234")),
            ("WDJB-MJHT".into(), hint("1234"))
        );
        let body =
            r#"{"user_code":"WDJB-MJHT","verification_uri_complete":"https://as.example/v?user_code=WDJB-MJHT"}"#;
        assert_eq!(json(&Json::parse_text(body).expect("JSON")).to_string(), body);
    }

    #[test]
    fn what_is_no_credential_is_shown() {
        for body in [
            r#"{"error":{"code":"invalid_grant"},"state":"s","nonce":"n","token_type":"Bearer","code_challenge":"c"}"#,
            r#"{"error":"invalid_grant","code":"AADSTS70008"}"#,
            r#"{"code":404,"claims":{"id_token":{"acr":{"value":"1"}}}}"#,
        ] {
            assert_eq!(json(&Json::parse_text(body).expect("JSON")).to_string(), body);
        }
        assert_eq!(header("Location", "/cb?state=s"), "/cb?state=s");
        assert_eq!(
            json(&Json::parse_text(r#"{"token":{"value":"abc"},"kty":"oct","k":"abc"}"#).expect("JSON")).to_string(),
            r#"{"token":{"value":"••••••••"},"kty":"oct","k":"••••••••"}"#
        );
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
