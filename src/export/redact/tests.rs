//! What must never be seen, in every way it could be written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use url::form_urlencoded;

use super::*;
use crate::base::http::JSON;
use crate::base::json::Json;
use crate::flow::transport_error::{BodyFault, TransportError};
use crate::terms::credential;

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
    assert_eq!(redactor.text("a=1&b=sentinel&c=ü"), "a=1&b=REDACTED-secret-1&c=ü");
    assert_eq!(redactor.text("Basic Y2xpZW50OnNlbnRpbmVs end"), "Basic REDACTED-secret-1 end");
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
    assert_eq!(shown.url.as_str(), "https://as.example/token?client_secret=REDACTED-client_secret-1&x=1");
    assert_eq!(shown.headers.get("authorization"), Some("Basic REDACTED-client_secret-2"));
    assert_eq!(shown.headers.get("cookie"), Some("sid=REDACTED-cookie-1; other=REDACTED-cookie-2"));
    assert_eq!(shown.headers.get("x-api-key"), Some("REDACTED-api_key-1"));
    assert_eq!(
        shown.headers.get("referer"),
        Some("https://app.example/cb?code=REDACTED-code-1&state=s#access_token=REDACTED-access_token-1")
    );
    assert_eq!(
        String::from_utf8_lossy(&shown.body),
        "grant_type=authorization_code&code=REDACTED-code-2&code_verifier=REDACTED-code_verifier-1"
    );
}

fn exchange(answer: Answer) -> Exchange {
    Exchange { answer, ..Exchange::begun(crate::flow::stage::Stage::Token, request(), Arc::default()) }
}

fn trace(exchanges: impl IntoIterator<Item = Exchange>) -> Trace {
    let exchanges = exchanges.into_iter().map(Arc::new).collect();
    Trace { exchanges, ..Trace::new(crate::terms::grant::Grant::ClientCredentials) }
}

fn of(exchange: &Exchange) -> Redactor {
    Redactor::of(&trace([exchange.clone()]), [])
}

#[test]
fn what_a_trace_names_once_is_hidden_everywhere() {
    let echo = HttpResponse::new(
        400,
        "text/html",
        "my s&amp;cret or my s&cret, cookie-sentinel, key-sentinel, referred, <b>vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv</b>",
    )
    .with_header("Location", "/?echo=cookie-sentinel");
    let exchange = exchange(Answer::Response(echo));
    let shown = of(&exchange).exchange(&exchange);
    let Answer::Response(response) = &shown.answer else { panic!("a response") };
    assert_eq!(
        response.text(),
        "REDACTED-client_secret-2 or REDACTED-client_secret-2, REDACTED-cookie-1, REDACTED-api_key-1, REDACTED-code-1, <b>REDACTED-code_verifier-1</b>"
    );
    assert_eq!(response.headers.get("location"), Some("/?echo=REDACTED-cookie-1"));
}

#[test]
fn what_people_type_is_hidden_under_its_name_alone_when_it_is_an_ordinary_word() {
    for (name, password, echoed) in [
        ("password", "practice", "practice-web"),
        ("password", "1234", "12345"),
        ("client_secret", "secret", "client_secret_basic"),
        ("password", "pass-word7", "REDACTED-password-1"),
        ("password", "W4SCT", "REDACTED-password-1"),
        ("client_secret", "my-secret", "REDACTED-client_secret-1"),
        ("password", "correcthorsebatterystaple", "REDACTED-password-1"),
    ] {
        let form: Params = [("username", "alice"), (name, password)].into_iter().collect();
        let mut exchange = exchange(Answer::Pending);
        exchange.request = HttpRequest::post_form(url("https://as.example/token"), &form);
        let aud = if is_placeholder(echoed) { password } else { echoed };
        exchange.answer = Answer::Response(HttpResponse::new(200, JSON, format!("{{\"aud\":\"{aud}\"}}")));
        let shown = of(&exchange).exchange(&exchange);
        let Answer::Response(response) = &shown.answer else { panic!("a response") };
        assert_eq!(response.text(), format!("{{\"aud\":\"{echoed}\"}}"));
        let body = format!("username=alice&{name}=REDACTED-{name}-1");
        assert_eq!(String::from_utf8_lossy(&shown.request.body), body);
    }
    // Basic: practice-web:secret
    let mut exchange = exchange(Answer::Pending);
    exchange.request = HttpRequest::get(url("https://as.example/token"))
        .with_header("Authorization", "Basic cHJhY3RpY2Utd2ViOnNlY3JldA==");
    let body = r#"{"error":"no client_secret","got":"cHJhY3RpY2Utd2ViOnNlY3JldA=="}"#;
    exchange.answer = Answer::Response(HttpResponse::new(401, JSON, body));
    let shown = of(&exchange).exchange(&exchange);
    let placeholder = shown.request.headers.get("authorization").and_then(|value| value.strip_prefix("Basic "));
    let placeholder = placeholder.filter(|value| is_placeholder(value)).expect("hidden");
    let Answer::Response(response) = &shown.answer else { panic!("a response") };
    assert_eq!(response.text(), format!(r#"{{"error":"no client_secret","got":"{placeholder}"}}"#));
}

#[test]
fn a_user_code_is_hidden_in_the_link_that_has_it() {
    let body = r#"{"user_code":"RGTCFDTL","verification_uri":"https://as.example/v","verification_uri_complete":"https://as.example/v?user_code=RGTCFDTL"}"#;
    let shown = Redactor::default().response(&HttpResponse::new(200, JSON, body));
    assert_eq!(
        shown.text(),
        r#"{"user_code":"REDACTED-user_code-1","verification_uri":"https://as.example/v","verification_uri_complete":"https://as.example/v?user_code=REDACTED-user_code-1"}"#
    );
}

#[test]
fn an_id_token_keeps_what_it_says_and_loses_its_signature() {
    let body = r#"{"access_token":"eyJhbGciOiJub25lIn0.e30.c2ln","id_token":"eyJhbGciOiJub25lIn0.e30.c2ln","refresh_token":"","nested":[{"password":"x","n":1.50}]}"#;
    let shown = Redactor::default().response(&HttpResponse::new(200, JSON, body));
    assert_eq!(
        shown.text(),
        r#"{"access_token":"REDACTED-access_token-1","id_token":"eyJhbGciOiJub25lIn0.e30.REDACTED-access_token-1","refresh_token":"","nested":[{"password":"REDACTED-password-1","n":1.50}]}"#
    );
}

#[test]
fn private_key_members_are_hidden_and_public_ones_are_not() {
    let key = Json::parse_text(r#"{"kty":"EC","x":"public","d":"private","p":7}"#).expect("JSON");
    assert_eq!(
        Redactor::default().json(&key).to_string(),
        r#"{"kty":"EC","x":"public","d":"REDACTED-private_key-1","p":"REDACTED-private_key-2"}"#
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

#[test]
fn parts_of_urls_that_no_document_names_are_hidden() {
    let redactor = Redactor::default();
    for (text, shown) in [
        ("https://a.example/b;jsessionid=abc1?x=1", "https://a.example/b;jsessionid=REDACTED-secret-1?x=1"),
        ("/b;v=1;token=abc2/c#d", "/b;v=1;token=REDACTED-token-1/c#d"),
        ("/?username=alice%3Aabc3-d&x=1", "/?username=alice%3AREDACTED-password-1&x=1"),
        ("/?user=alice&username=acct:alice@as.example", "/?user=alice&username=acct:alice@as.example"),
        ("/?sig=abc4abc4abc4&sign=abc4", "/?sig=REDACTED-secret-2&sign=abc4"),
    ] {
        assert_eq!(redactor.reference(text), shown);
    }
}

#[test]
fn a_part_of_a_secret_that_looks_like_a_tag_is_found() {
    for (secret, text) in
        [("a!0!a00aa!<a", "a!0!a00aa!<a>"), ("ab>c0d1e2f3g4", "<ab>c0d1e2f3g4"), ("a0b1<i>c2d3e4f5", "a0b1<i>c2d3e4f5")]
    {
        assert!(!Redactor::new([secret.into()]).text(text).contains(secret), "{text}");
    }
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
        let redactor = of(&exchange(Answer::Response(response)));
        let came = redactor.text(&format!("came: {token}"));
        assert!(came.starts_with("came: REDACTED-") && came.contains("_token-"), "{body}: {came}");
    }
}

/// `access_token` as others spell it.
fn spellings(name: &str) -> Vec<String> {
    let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let pascal: String = name.split('_').map(upper).collect();
    let camel = pascal[..1].to_ascii_lowercase() + &pascal[1..];
    vec![name.to_owned(), name.replace('_', "-"), name.to_ascii_uppercase(), pascal, camel, name.replace('_', "")]
}

/// A message whose value is named in one way.
fn named_once(name: &str, value: &str) -> Vec<(&'static str, HttpResponse)> {
    let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--");
    let inner = Json::String(format!("{{\"{name}\":\"{value}\"}}"));
    let location = |url: String| HttpResponse::new(302, JSON, "").with_header("Location", url);
    vec![
        ("JSON", HttpResponse::new(200, JSON, format!("{{\"a\":[{{\"{name}\":\"{value}\"}}]}}"))),
        ("JSON in a string", HttpResponse::new(200, JSON, format!("{{\"a\":{inner}}}"))),
        ("a form in JSON", HttpResponse::new(200, JSON, format!("{{\"a\":\"x=1&{name}={value}\"}}"))),
        ("a sentence", HttpResponse::new(200, JSON, format!("{{\"a\":\"saw {name}={value} in it\"}}"))),
        (
            "a member that says it",
            HttpResponse::new(200, JSON, format!("{{\"name\":\"{name}\",\"value\":\"{value}\"}}")),
        ),
        ("a form in state", location(format!("/a?state={}", form(&format!("{name}={value}"))))),
        ("JSON in state", location(format!("/a?state={}", form(&format!("{{\"{name}\":\"{value}\"}}"))))),
        (
            "URL in a URL in a query",
            location(format!("/a?b={}", form(&format!("/c?d={}", form(&format!("/cb?{name}={value}")))))),
        ),
        ("key and string", HttpResponse::new(200, "text/xml", format!("<key>{name}</key><string>{value}</string>"))),
        ("form", HttpResponse::new(200, "text/plain", format!("a=1&{name}={value}&b=2"))),
        ("JSON that broke off", HttpResponse::new(200, JSON, format!("{{\"a\":1,\"{name}\":\"{value}"))),
        ("page", HttpResponse::new(200, "text/html", format!("<input type=hidden name=\"{name}\" value=\"{value}\">"))),
        ("multipart", HttpResponse::new(200, "multipart/form-data; boundary=b", part)),
        ("Location", location(format!("https://app.example/cb?{name}={value}"))),
        ("relative Location", location(format!("/cb?state=s&{name}={value}#f"))),
        ("fragment", location(format!("https://app.example/#/cb?{name}={value}"))),
        ("URL in a query", location(format!("/login?next={}", form(&format!("/cb?{name}={value}"))))),
        ("Refresh", HttpResponse::new(200, JSON, "").with_header("Refresh", format!("0; url=/cb?{name}={value}"))),
        ("Link", HttpResponse::new(200, JSON, "").with_header("Link", format!("</a?{name}={value}>; rel=\"next\""))),
        (
            "Authentication-Info",
            HttpResponse::new(200, JSON, "").with_header("Authentication-Info", format!("a=b, {name}=\"{value}\"")),
        ),
    ]
}

fn written(response: &HttpResponse) -> String {
    crate::export::raw::response(response)
}

#[test]
fn each_name_in_each_spelling_is_hidden_wherever_it_may_stand() {
    let value = "k3yk3yk3yk3yk3y";
    for name in credential::names() {
        for spelling in spellings(name) {
            for (place, response) in named_once(&spelling, value) {
                let shown = written(&Redactor::default().response(&response));
                assert!(!shown.contains(value), "{spelling} in {place}: {shown}");
                assert!(shown.contains(&format!("REDACTED-{name}-1")), "{spelling} in {place}: {shown}");
                let (without, at) =
                    (shown.replace(&format!("REDACTED-{name}-1"), ""), written(&response).replace(value, ""));
                let compact = |text: &str| text.replace([' ', '\r', '\n'], "");
                assert_eq!(compact(&without).len(), compact(&at).len(), "only the value goes from {place}: {shown}");
            }
        }
    }
}

#[test]
fn what_has_no_name_of_its_own_is_hidden_by_what_is_around_it() {
    let value = "k3yk3yk3yk3yk3yk3y";
    let inner = STANDARD.encode(format!("{{\"access_token\":\"{value}\"}}"));
    let ok = |body: String| HttpResponse::new(200, JSON, body);
    for response in [
        ok(format!("{{\"state\":\"{inner}\"}}")),
        ok(String::new()).with_header("Location", format!("/a?state={inner}")),
        ok(format!("{{\"a\":\"token: {value} is over\"}}")),
        ok(format!("<token><value>{value}</value></token>")),
        ok(String::new()).with_header("Authentication-Info", format!("Bearer {value}")),
        ok(String::new()).with_header("X-Forwarded-Authorization", format!("Bearer {value}")),
        ok(String::new()).with_header("X-Session", value),
    ] {
        let shown = written(&Redactor::default().response(&response));
        assert!(!shown.contains(value) && !shown.contains(&inner) && shown.contains(MARK), "{shown}");
    }
}

#[test]
fn a_redactor_that_follows_a_run_says_what_one_made_at_its_end_says() {
    let answer = |at: usize| {
        let body = format!("{{\"code\":\"code-{at:04}\",\"access_token\":\"token-{at:04}\"}}");
        exchange(Answer::Response(HttpResponse::new(200, JSON, body)))
    };
    let exchanges: Vec<Exchange> = (0..20).map(answer).collect();
    let mut following = Redactor::default();
    for count in 1..=exchanges.len() {
        let trace = trace(exchanges[..count].to_vec());
        following.follow(&trace, [(UNNAMED, Secret::new("code-0003"))]);
        let made = Redactor::of_named(&trace, [(UNNAMED, Secret::new("code-0003"))]);
        let (one, other) = (following.exchange(&exchanges[count - 1]), made.exchange(&exchanges[count - 1]));
        assert_eq!((one.request.clone(), one.response()), (other.request.clone(), other.response()));
    }
}

#[test]
fn one_value_has_one_placeholder_and_two_have_two() {
    let form: Params =
        [("code", "first-code"), ("code", "other-code"), ("refresh_token", "token-0001")].into_iter().collect();
    let mut exchange = exchange(Answer::Response(
        HttpResponse::new(400, JSON, r#"{"error_description":"first-code, other-code","token":"token-0001"}"#)
            .with_header("Location", "/cb?code=other-code&x=first-code"),
    ));
    exchange.request = HttpRequest::post_form(url("https://as.example/token"), &form)
        .with_header("Authorization", "Bearer token-0002")
        .with_header("X-Echo", STANDARD.encode("seen first-code"));
    let shown = of(&exchange).exchange(&exchange);
    assert_eq!(
        String::from_utf8_lossy(&shown.request.body),
        "code=REDACTED-code-1&code=REDACTED-code-2&refresh_token=REDACTED-refresh_token-1"
    );
    assert_eq!(shown.request.headers.get("authorization"), Some("Bearer REDACTED-access_token-1"));
    assert_eq!(shown.request.headers.get("x-echo"), Some("REDACTED-code-1"));
    let Answer::Response(response) = &shown.answer else { panic!("a response") };
    assert_eq!(response.headers.get("location"), Some("/cb?code=REDACTED-code-2&x=REDACTED-code-1"));
    assert_eq!(
        response.text(),
        r#"{"error_description":"REDACTED-code-1, REDACTED-code-2","token":"REDACTED-refresh_token-1"}"#
    );
}

#[test]
fn a_run_that_goes_on_keeps_its_numbers() {
    let answer = |code: &str| {
        let body = format!("{{\"code\":\"{code}\",\"access_token\":\"token of {code}\",\"d\":\"typed-secret\"}}");
        let mut exchange = exchange(Answer::Response(HttpResponse::new(200, JSON, body)));
        exchange.request = HttpRequest::get(url("https://as.example/"));
        exchange
    };
    let exchanges = ["code-aaa", "code-bbb", "code-aaa", "code-ccc"].map(answer);
    let typed = || [("client_secret", Secret::new("typed-secret")), (UNNAMED, Secret::new("code-ccc"))];
    let shown = |count: usize| {
        let redactor = Redactor::of_named(&trace(exchanges[..count].to_vec()), typed());
        exchanges[..count].iter().map(|it| written(redactor.exchange(it).response().expect("a response"))).collect()
    };
    let whole: Vec<String> = shown(4);
    for count in 0..4 {
        let part: Vec<String> = shown(count);
        assert_eq!(part, whole[..count]);
    }
    assert!(whole[3].contains(
        r#"{"code":"REDACTED-code-3","access_token":"REDACTED-access_token-3","d":"REDACTED-client_secret-1"}"#
    ));
}

#[test]
fn what_is_hidden_already_stays_as_it_is() {
    let body = r#"{"code":"abcabc","id_token":"eyJhbGciOiJub25lIn0.e30.c2ln","x":"http://a:p4ss-word@b","html":"y"}"#;
    let exchange =
        exchange(Answer::Response(HttpResponse::new(200, JSON, body).with_header("Set-Cookie", "a=bcdef; Path=/")));
    // Secrets that are parts of placeholders.
    let known = ["code", "REDACTED", "cookie", "id_token"].map(Secret::from);
    let redactor = Redactor::of(&trace([exchange.clone()]), known);
    let once = redactor.exchange(&exchange);
    let twice = redactor.exchange(&once);
    assert_eq!(once.request, twice.request);
    assert_eq!(once.response(), twice.response());
    let text = redactor.text("abcabc");
    assert_eq!(redactor.text(&text), text);
}

#[test]
fn the_code_of_an_error_stays() {
    for body in [
        r#"{"error":{"code":"invalid_grant","message":"no"}}"#,
        r#"{"error":"invalid_grant","code":"AADSTS70008"}"#,
        r#"{"code":404,"status":"none"}"#,
        r#"{"errors":[{"code":"E1"}]}"#,
        r#"{"code":"AUTH_42","title":"no"}"#,
        r#"{"body":"{\"code\":\"E0000011\",\"errorCode\":\"E0000011\",\"errorSummary\":\"Invalid token provided\"}"}"#,
        r#"{"code": 404, "broken"#,
        "error=invalid_grant&code=AADSTS70008",
        "<Error><Code>AccessDenied</Code></Error>",
        r#"{"error":"invalid_client","error_codes":[7000215],"error_uri":"https://login.example/error?code=7000215"}"#,
        r#"{"error_description":"code: AADSTS70008 and --set client_secret=... is what to try"}"#,
        "code=404&x=1",
    ] {
        let response = HttpResponse::new(400, JSON, body);
        assert_eq!(Redactor::default().response(&response).text(), body);
    }
}

#[test]
fn all_that_is_in_a_token_is_hidden() {
    let shown = |body: &str| Redactor::default().json(&Json::parse_text(body).expect("JSON")).to_string();
    assert_eq!(
        shown(
            r#"{"token":{"value":"abc","n":[7,true]},"access_token":[1,"abc"],"request":{"a":"b"},"id_token":{"acr":{"essential":true}}}"#
        ),
        r#"{"token":{"value":"REDACTED-token-1","n":["REDACTED-token-2",true]},"access_token":["REDACTED-access_token-1","REDACTED-token-1"],"request":{"a":"b"},"id_token":{"acr":{"essential":true}}}"#
    );
}

#[test]
fn the_password_of_a_url_is_hidden_anywhere() {
    let redactor = Redactor::default();
    for (text, shown) in [
        ("see https://me:pass@as.example/a?b", "see https://me:REDACTED-password-1@as.example/a?b"),
        ("http://a:pass@b, http://a:pass@c", "http://a:REDACTED-password-1@b, http://a:REDACTED-password-1@c"),
        ("http://a@b http://a:1/@c", "http://a@b http://a:1/@c"),
    ] {
        assert_eq!(redactor.text(text), shown);
    }
    assert_eq!(
        redactor.url(&url("https://me:pass@as.example/")).as_str(),
        "https://me:REDACTED-password-1@as.example/"
    );
}

#[test]
fn a_plain_challenge_is_the_verifier() {
    let redactor = Redactor::default();
    for (query, shown) in [
        (
            "code_challenge=abcdef&code_challenge_method=plain",
            "code_challenge=REDACTED-code_verifier-1&code_challenge_method=plain",
        ),
        ("code_challenge=abcdef", "code_challenge=REDACTED-code_verifier-1"),
        ("code_challenge=abcdef&code_challenge_method=S256", "code_challenge=abcdef&code_challenge_method=S256"),
    ] {
        let url = url(&format!("https://as.example/?{query}"));
        assert_eq!(redactor.url(&url).query(), Some(shown));
    }
}

#[test]
fn secrets_in_hexadecimal_digits_and_in_base64_twice_are_found() {
    let redactor = Redactor::new([SENTINEL.into()]);
    let hex: String = format!("a{SENTINEL}b").bytes().map(|byte| format!("{byte:02x}")).collect();
    let twice = STANDARD.encode(URL_SAFE_NO_PAD.encode(format!("ab{SENTINEL}")));
    let in_jwt = URL_SAFE_NO_PAD.encode(serde_json::json!({"a": SENTINEL}).to_string());
    for text in [hex.clone(), hex.to_uppercase(), twice, in_jwt] {
        assert_eq!(redactor.text(&format!("x={text} y")), "x=REDACTED-secret-1 y");
    }
}

#[test]
fn secrets_that_overlap_leave_nothing_of_each_other() {
    let redactor = Redactor::new(["abcdef".into(), "defghi".into(), "abcd".into()]);
    assert_eq!(redactor.text("-abcdefghi-"), redactor.text("-abcdef-"));
    assert!(!redactor.text("xabcdx abcdefx").contains("ef"));
}

#[test]
fn the_beginning_of_an_answer_that_broke_off_is_redacted() {
    let came = HttpResponse::new(200, JSON, r#"{"access_token":"AAAA-token","refresh_token":"BBBB-tok"#);
    let error = TransportError::broken_body("as.example".to_owned(), BodyFault::Short, came);
    let exchange = exchange(Answer::Failed(Failure::Transport(error)));
    let redactor = Redactor::of(&trace([exchange.clone()]), []);
    let Answer::Failed(Failure::Transport(shown)) = redactor.exchange(&exchange).answer else { panic!("a failure") };
    let shown = shown.beginning().expect("a beginning").text().into_owned();
    assert_eq!(shown, r#"{"access_token":"REDACTED-access_token-2","refresh_token":"REDACTED-refresh_token-1"#);
}

#[test]
fn members_that_may_hold_a_credential_and_those_that_hold_several() {
    let secret = "PlantedValue0123";
    for (body, is_hidden) in [
        (r#"{"private_key_pem":"T"}"#, true),
        (r#"{"pwd":"T"}"#, true),
        (r#"{"pass":"T"}"#, true),
        (r#"{"password_hash":"T"}"#, true),
        (r#"{"credential":"T"}"#, true),
        (r#"{"credentials":"T"}"#, true),
        (r#"{"authorization":"T"}"#, true),
        (r#"{"cookie":"T","set-cookie":"T","x-auth":"T"}"#, true),
        (r#"{"samlAssertion":"T"}"#, true),
        (r#"{"accessTokenValue":"T","tokenValue":"T"}"#, true),
        (r#"{"totp_seed":"T","appsecret_proof":"T"}"#, true),
        (r#"{"secrets":{"prod":{"x":"T"}}}"#, true),
        (r#"{"tokens":{"web":{"v":"T"}}}"#, true),
        (r#"{"credentials":[{"type":"x","data":"T"}]}"#, true),
        (r#"{"signature":"T","session":"T","sid":"T","auth":"T","access":"T"}"#, false),
        (r#"{"tokens_revoked":3,"token_endpoint":"https://as.example/T","credentials_supported":["T"]}"#, false),
        (
            r#"{"tokens":[{"id":"T","created_at":"2026-01-01T00:00:00Z","v":"org.iso.18013.5.1.mDL","scope":"T"}]}"#,
            false,
        ),
        (r#"{"pass":"not needed","authorization":"required","tokens":["access_token","refresh_token"]}"#, false),
    ] {
        let body = body.replace("\"T\"", &format!("\"{secret}\""));
        let shown = Redactor::default().lines(&body);
        match is_hidden {
            true => assert!(!shown.contains(secret), "{body}: {shown}"),
            false => assert_eq!(shown, body),
        }
    }
}

#[test]
fn all_of_a_value_is_hidden_under_a_name_that_tells_however_short_it_is() {
    for (body, shown) in [
        (r#"{"pass":"hunter","a":"hunter"}"#, r#"{"pass":"REDACTED-secret-1","a":"hunter"}"#),
        (
            r#"{"cookie":"abc","db_password":"x"}"#,
            r#"{"cookie":"REDACTED-secret-1","db_password":"REDACTED-secret-2"}"#,
        ),
        (r#"{"pass":"yes","password_hint":"x","db_password":"Required"}"#, ""),
        (r#"{"pass":true,"cookie":null,"reset_password":"/reset","old_password":"https://as.example/"}"#, ""),
        (r#"{"authorization":"code","credential":"jwt_vc","csrf_token":"not-verified"}"#, ""),
        (r#"{"pass":"the form is not filled in","cookie_policy":"strict"}"#, ""),
    ] {
        assert_eq!(Redactor::default().lines(body), if shown.is_empty() { body } else { shown });
    }
    for (form, shown) in [
        ("pass=hunter&a=hunter", "pass=REDACTED-secret-1&a=hunter"),
        ("client_secret=abc&a=abc", "client_secret=REDACTED-client_secret-1&a=abc"),
        ("pass=yes&a=1&cookie=", "pass=yes&a=1&cookie="),
    ] {
        assert_eq!(Redactor::default().pairs(form), shown);
    }
}

#[test]
fn a_secret_that_is_a_word_of_the_specifications_breaks_no_text() {
    let told = "client_secret_basic is not client_secret; authorization_code, client_credentials, invalid_client";
    for secret in ["client_secret", "secret", "authorization_code", "client_credentials", "invalid_client", "password"]
    {
        let redactor = Redactor::knowing([(UNNAMED, secret.into())]);
        assert_eq!(redactor.text(told), told);
        let body = format!(r#"{{"client_secret":"{secret}","client_id":"a"}}"#);
        let shown = r#"{"client_secret":"REDACTED-client_secret-1","client_id":"a"}"#;
        assert_eq!(redactor.lines(&body), shown);
        assert_eq!(
            redactor.lines(&format!("client_secret={secret}&a=b")),
            "client_secret=REDACTED-client_secret-1&a=b"
        );
    }
}

#[test]
fn a_short_secret_that_is_known_is_hidden_behind_its_name_and_nowhere_else() {
    let redactor = Redactor::knowing([("client_secret", "abc".into()), ("password", "alice".into())]);
    for (said, shown) in [
        ("no client_secret: abc was expected of abc", "no client_secret: REDACTED-client_secret-1 was expected of abc"),
        ("no client_secret: abd was expected of alice", "no client_secret: abd was expected of alice"),
        ("the client_secret=abc is wrong", "the client_secret=REDACTED-client_secret-1 is wrong"),
    ] {
        let body = |said: &str| Json::Object(vec![("error_description".into(), Json::String(said.into()))]).to_string();
        assert_eq!(redactor.lines(&body(said)), body(shown));
    }
}

#[test]
fn markup_in_a_string_of_json_is_looked_into() {
    let body = |markup: &str| Json::Object(vec![("a".into(), Json::String(markup.into()))]).to_string();
    let shown = |markup: &str| Redactor::default().lines(&body(markup));
    for markup in
        ["<r><access_token>T</access_token></r>", "<a> <v name='password'>T</v></a>", " <r client_secret=\"T\"/>"]
    {
        let shown = shown(&markup.replace('T', "tok-1"));
        assert!(!shown.contains("tok-1") && shown.contains("REDACTED-"), "{shown}");
    }
    for markup in ["<p>Wrong password</p>", "<a href='/token'>token</a>", "<"] {
        assert_eq!(shown(markup), body(markup));
    }
}

#[test]
fn what_the_next_request_is_made_with_is_hidden_in_authentication_info() {
    let field = r#"qop=auth, nc=00000001, rspauth="6629fae49393a05397450978507c4ef1", nextnonce="abc""#;
    let shown = Redactor::default().header("Authentication-Info", field);
    assert_eq!(shown, r#"qop=auth, nc=00000001, rspauth="REDACTED-response-1", nextnonce="REDACTED-token-1""#);
}
