//! What must never be seen, in every way it could be written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use url::form_urlencoded;

use super::*;
use crate::base::http::JSON;

const SENTINEL: &str = "planted sentinel/+&=%\"ü";

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn json_escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The secret as others may write it.
fn encodings(secret: &str, before: &str, after: &str) -> Vec<String> {
    let around = format!("{before}{secret}{after}");
    let basic = format!("{}:{}", form(before), form(secret));
    vec![
        around.clone(),
        percent(&around),
        percent(&around).to_lowercase(),
        percent(&percent(&around)),
        form(&around),
        form(&form(&around)),
        json_escaped(&around),
        serde_json::Value::from(around.as_str()).to_string(),
        html(&around),
        percent(&json_escaped(&around)),
        STANDARD.encode(&around),
        STANDARD_NO_PAD.encode(&around),
        URL_SAFE_NO_PAD.encode(&around),
        STANDARD.encode(&basic),
        percent(&STANDARD.encode(&basic)),
    ]
}

fn hidden(redactor: &Redactor, secret: &str, text: &str) {
    let shown = redactor.text(text);
    for written in encodings(secret, "", "") {
        assert!(!shown.contains(&written), "{written} is left of {text}: {shown}");
    }
    assert!(shown.contains(MARK), "{text}: {shown}");
}

#[test]
fn a_known_secret_is_found_in_every_encoding() {
    let redactor = Redactor::new([SENTINEL.into()]);
    for (before, after) in [("", ""), ("a", "b"), ("ab", "yz"), ("client", ":")] {
        for text in encodings(SENTINEL, before, after) {
            hidden(&redactor, SENTINEL, &text);
        }
    }
}

#[test]
fn what_stands_around_a_secret_stays() {
    let redactor = Redactor::new(["sentinel".into()]);
    assert_eq!(redactor.text("a=1&b=sentinel&c=ü"), "a=1&b=REDACTED&c=ü");
    assert_eq!(redactor.text("Basic Y2xpZW50OnNlbnRpbmVs end"), "Basic REDACTED end");
    assert_eq!(redactor.text("100% of \\u nothing & &#xffffffff;"), "100% of \\u nothing & &#xffffffff;");
}

fn request() -> HttpRequest {
    let form: Params =
        [("grant_type", "authorization_code"), ("code", "abc"), ("code_verifier", "v".repeat(43).as_str())]
            .into_iter()
            .collect();
    HttpRequest::post_form(url("https://as.example/token?client_secret=q&x=1"), &form)
        .with_header("Authorization", format!("Basic {}", STANDARD.encode("me:my+s%26cret")))
        .with_header("Cookie", "sid=cookie-sentinel; other=2")
        .with_header("X-Api-Key", "key-sentinel")
        .with_header("Referer", "https://app.example/cb?code=referred&state=s#access_token=t")
}

#[test]
fn credentials_are_known_by_their_names_however_short() {
    let shown = Redactor::default().request(&request());
    assert_eq!(shown.url.as_str(), "https://as.example/token?client_secret=REDACTED&x=1");
    assert_eq!(shown.headers.get("authorization"), Some("Basic REDACTED"));
    assert_eq!(shown.headers.get("cookie"), Some("REDACTED"));
    assert_eq!(shown.headers.get("x-api-key"), Some("REDACTED"));
    assert_eq!(
        shown.headers.get("referer"),
        Some("https://app.example/cb?code=REDACTED&state=s#access_token=REDACTED")
    );
    assert_eq!(
        String::from_utf8_lossy(&shown.body),
        "grant_type=authorization_code&code=REDACTED&code_verifier=REDACTED"
    );
}

fn exchange(answer: Answer) -> Exchange {
    Exchange {
        position: 0,
        stage: crate::flow::stage::Stage::Token,
        attempt: 1,
        request: request(),
        answer,
        sent_at: crate::base::time::Timestamp::default(),
        took: std::time::Duration::ZERO,
        checks: Vec::new(),
        settings: Arc::default(),
    }
}

#[test]
fn what_a_trace_names_once_is_hidden_everywhere() {
    let echo = HttpResponse::new(
        400,
        "text/html",
        "my s&amp;cret or my s&cret, cookie-sentinel, key-sentinel, referred, <b>vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv</b>",
    )
    .with_header("Location", "/?echo=cookie-sentinel");
    let mut found = Found::default();
    let exchange = exchange(Answer::Response(echo));
    found.in_exchange(&exchange);
    let shown = Redactor::new(found.into_secrets()).exchange(&exchange);
    let Answer::Response(response) = &shown.answer else { panic!("a response") };
    assert_eq!(response.text(), "REDACTED or REDACTED, REDACTED, REDACTED, REDACTED, <b>REDACTED</b>");
    assert_eq!(response.headers.get("location"), Some("/?echo=REDACTED"));
}

#[test]
fn a_password_that_is_an_ordinary_word_is_hidden_under_its_name_alone() {
    for (password, echoed) in [
        ("practice", "practice-web"),
        ("1234", "12345"),
        ("pass-word7", "REDACTED"),
        ("W4SCT", "REDACTED"),
        ("correcthorsebatterystaple", "REDACTED"),
    ] {
        let form: Params = [("username", "alice"), ("password", password)].into_iter().collect();
        let mut exchange = exchange(Answer::Pending);
        exchange.request = HttpRequest::post_form(url("https://as.example/token"), &form);
        let aud = if echoed == "REDACTED" { password } else { echoed };
        exchange.answer = Answer::Response(HttpResponse::new(200, JSON, format!("{{\"aud\":\"{aud}\"}}")));
        let mut found = Found::default();
        found.in_exchange(&exchange);
        let shown = Redactor::new(found.into_secrets()).exchange(&exchange);
        let Answer::Response(response) = &shown.answer else { panic!("a response") };
        assert_eq!(response.text(), format!("{{\"aud\":\"{echoed}\"}}"));
        assert_eq!(shown.request.body, b"username=alice&password=REDACTED");
    }
}

#[test]
fn a_user_code_is_hidden_in_the_link_that_has_it() {
    let body = r#"{"user_code":"RGTCFDTL","verification_uri":"https://as.example/v","verification_uri_complete":"https://as.example/v?user_code=RGTCFDTL"}"#;
    let shown = Redactor::default().response(&HttpResponse::new(200, JSON, body));
    assert_eq!(
        shown.text(),
        r#"{"user_code":"REDACTED","verification_uri":"https://as.example/v","verification_uri_complete":"https://as.example/v?user_code=REDACTED"}"#
    );
}

#[test]
fn an_id_token_keeps_what_it_says_and_loses_its_signature() {
    let body = r#"{"access_token":"eyJhbGciOiJub25lIn0.e30.c2ln","id_token":"eyJhbGciOiJub25lIn0.e30.c2ln","refresh_token":"","nested":[{"password":"x","n":1.50}]}"#;
    let shown = Redactor::default().response(&HttpResponse::new(200, JSON, body));
    assert_eq!(
        shown.text(),
        r#"{"access_token":"REDACTED","id_token":"eyJhbGciOiJub25lIn0.e30.REDACTED","refresh_token":"","nested":[{"password":"REDACTED","n":1.50}]}"#
    );
}

#[test]
fn private_key_members_are_hidden_and_public_ones_are_not() {
    let key = Json::parse_text(r#"{"kty":"EC","x":"public","d":"private","p":7}"#).expect("JSON");
    assert_eq!(
        Redactor::default().json(&key).to_string(),
        r#"{"kty":"EC","x":"public","d":"REDACTED","p":"REDACTED"}"#
    );
}

#[test]
fn a_message_without_secrets_stays_as_it_is() {
    let body = "{\n  \"issuer\": \"https://as.example\",\n  \"token_endpoint\": \"https://as.example/token\"\n}";
    let response = HttpResponse::new(200, JSON, body).with_header("Location", "https://as.example/a?b=%7e#c");
    assert_eq!(Redactor::new([SENTINEL.into()]).response(&response), response);
}

#[test]
fn debug_shows_no_secret() {
    assert!(!format!("{:?}", Redactor::new(["planted-sentinel".into()])).contains("sentinel"));
}

proptest! {
    #[test]
    fn no_encoding_of_a_secret_is_left(
        secret in ".{4,24}|[ -~]{4,24}",
        before in "[ -~]{0,5}|.{0,3}",
        after in "[ -~]{0,5}|.{0,3}",
    ) {
        prop_assume!(!MARK.contains(&secret) && !secret.contains("RED"));
        let redactor = Redactor::new([secret.as_str().into()]);
        for text in encodings(&secret, &before, &after) {
            prop_assert!(!redactor.text(&text).contains(&secret), "{}: {}", text, redactor.text(&text));
        }
    }

    #[test]
    fn no_text_panics_and_texts_without_secrets_stay(text in any::<String>(), ascii in "[%\\\\u&#x;0-9a-fA-F]{0,30}") {
        let redactor = Redactor::new([SENTINEL.into()]);
        prop_assert_eq!(redactor.text(&text), text);
        prop_assert_eq!(redactor.text(&ascii), ascii);
    }
}

#[test]
fn a_token_in_an_answer_that_is_no_json_is_hidden_there_and_everywhere() {
    let token = "tok-SECRETSECRET-7";
    for body in [
        format!("access_token={token}&token_type=bearer"),
        format!("{{\"access_token\":\"{token}\",\"token_"),
        format!("{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",}}"),
        format!("\u{feff}{{\"access_token\":\"{token}\"}}"),
        format!(")]}}',\n{{\"access_token\":\"{token}\"}}"),
        format!("<p>access_token: \"{token}\"</p>"),
        format!("{{\"data\":{{\"Access_Token\":\"{token}\"}}}}"),
        format!("data: &quot;refresh_token&quot;: &quot;{token}&quot;"),
    ] {
        let response = HttpResponse::new(200, "application/json", body.clone());
        let shown = Redactor::default().response(&response).text().into_owned();
        assert!(!shown.contains("SECRETSECRET") && shown.contains(MARK), "{shown}");
        let exchanges = vec![Arc::new(exchange(Answer::Response(response)))];
        let trace = Trace { exchanges, ..Trace::new(crate::terms::grant::Grant::ClientCredentials) };
        let redactor = Redactor::of(&trace, []);
        assert_eq!(redactor.text(&format!("came: {token}")), format!("came: {MARK}"), "{body}");
    }
}
