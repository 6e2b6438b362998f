//! Credentials are masked everywhere until somebody asks to see them: the whole accessibility tree and every
//! painted text are searched.

use egui::{Key, Modifiers, Role};
use grantscope::base::http::{FORM, HttpResponse, JSON};
use grantscope::flow::Next;
use grantscope::jose::base64url;

use crate::backend::FakeBackend;
use crate::pair::Pair;
use crate::window::{Row, USUAL, Window};

const SENTINEL: &str = "sentinel-0123456789-0123456789-0123456789";

/// What no one may read: tokens, codes, verifiers, the secret, and what the Authorization header is made of.
pub fn credentials(window: &Window) -> Vec<String> {
    let flow = &window.model().run.flow;
    let tokens = flow.session.tokens.iter().flat_map(|tokens| {
        let response = &tokens.response;
        [&response.access_token, &response.refresh_token, &response.id_token].into_iter().flatten()
    });
    let mut secrets: Vec<String> = tokens.map(|token| token.expose().to_owned()).collect();
    secrets.push(flow.settings.client.client_secret.expose().to_owned());
    let form = flow.trace.exchanges.iter().filter_map(|exchange| exchange.request.form());
    let single_use = form.flat_map(|form| form.0).filter(|(name, _)| matches!(name.as_str(), "code" | "code_verifier"));
    secrets.extend(single_use.map(|(_, value)| value));
    let headers = flow.trace.exchanges.iter().filter_map(|exchange| exchange.request.headers.get("authorization"));
    secrets.extend(headers.filter_map(|header| header.split_once(' ')).map(|(_, credential)| credential.to_owned()));
    secrets.retain(|secret| !secret.is_empty());
    assert!(secrets.len() > 7, "a finished run has credentials");
    secrets
}

/// Which credentials can be read now; as they are, in base64url, or the middle of one.
pub fn readable(window: &Window, secrets: &[String]) -> Vec<String> {
    let texts = window.texts().join("\n");
    let is_read = |secret: &&String| {
        let middle = if secret.len() > 40 { &secret[12..36] } else { secret.as_str() };
        texts.contains(middle) || texts.contains(&base64url::encode(secret.as_bytes()))
    };
    secrets.iter().filter(is_read).cloned().collect()
}

const SIDES: [&str; 6] = ["Request", "Response", "Tokens", "Checks", "cURL", "Raw"];

/// Shows every side of every message and collects what can be read on the way.
fn walk(window: &mut Window, secrets: &[String]) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for at in 0..window.model().run.flow.trace.exchanges.len() {
        for target in [grantscope::gui::model::Target::Request(at), grantscope::gui::model::Target::Answer(at)] {
            window.app().model_mut().run.selected = Some(target);
            // An audience has one side.
            let sides = if window.model().present { &["Audience"][..] } else { &SIDES };
            for side in sides {
                match window.model().present {
                    true => window.run(),
                    false => window.tab(Row::Inspector, side),
                }
                let read = readable(window, secrets);
                if !read.is_empty() {
                    found.push((format!("{target:?} {side}"), read));
                }
            }
        }
    }
    found
}

#[test]
fn no_credential_can_be_read_before_secrets_are_shown_and_after_they_are_hidden_again() {
    let mut window = Window::finished();
    let secrets = credentials(&window);
    assert_eq!(walk(&mut window, &secrets), []);
    window.press_role(Role::Switch, "Show secrets");
    let shown = walk(&mut window, &secrets);
    assert!(shown.iter().any(|(place, _)| place == "Answer(3) Response"), "{shown:?}");
    assert!(shown.iter().any(|(place, _)| place == "Request(3) Raw"), "{shown:?}");
    window.press_role(Role::Switch, "Show secrets");
    assert_eq!(walk(&mut window, &secrets), []);
}

#[test]
fn a_token_response_that_is_no_json_shows_no_credential_either() {
    let faults: [crate::pair::Fault; 2] = [
        |_| Ok(HttpResponse::new(200, FORM, format!("access_token={SENTINEL}&token_type=bearer"))),
        |_| Ok(HttpResponse::new(200, JSON, format!("{{\"access_token\":\"{SENTINEL}"))),
    ];
    for fault in faults {
        let mut window = Window::at("Send the token request");
        window.backend().pair.faults.insert("/token", fault);
        window.next();
        for side in ["Response", "Raw"] {
            window.tab(Row::Inspector, side);
            window.assert_silent(SENTINEL);
        }
    }
}

/// A server that says again what it was sent, under names that say nothing, as text and encoded.
const ECHO: crate::pair::Fault = |request| {
    let header = request.headers.get("authorization").unwrap_or_default();
    let form = request.form().unwrap_or_default();
    let code = form.get("code").unwrap_or_default();
    let said = format!("got {code} from {header}");
    let body = grantscope::base::json::object([
        ("error", grantscope::base::json::text("invalid_grant")),
        ("error_description", grantscope::base::json::text(said.clone())),
        ("trace", grantscope::base::json::text(base64url::encode(code.as_bytes()))),
        ("seen", grantscope::base::json::text(code.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>())),
    ]);
    Ok(HttpResponse::new(400, JSON, body.to_string()).with_header("X-Seen", said))
};

#[test]
fn what_a_server_says_again_of_a_credential_is_masked_by_its_value() {
    let mut window = Window::at("Send the token request");
    let form = window.model().run.flow.request().and_then(|request| request.form()).expect("a form");
    let code = form.get("code").expect("a code").to_owned();
    window.backend().pair.faults.insert("/token", ECHO);
    window.next();
    let header = window.model().run.flow.trace.exchanges.iter().rev().find_map(|exchange| {
        exchange.request.headers.get("authorization").and_then(|value| value.strip_prefix("Basic ")).map(str::to_owned)
    });
    let secrets = [code.clone(), header.expect("a header")];
    assert_eq!(walk(&mut window, &secrets), []);
    window.tab(Row::Top, "Checks");
    assert_eq!(readable(&window, &secrets), Vec::<String>::new());
    window.tab(Row::Top, "Authorization code");
    window.press_role(Role::Switch, "Show secrets");
    assert!(walk(&mut window, &secrets).iter().any(|(_, read)| read.contains(&code)));
    window.key(Modifiers::COMMAND, Key::P);
    assert_eq!(walk(&mut window, &secrets), []);
}

/// A server that shows what it keeps, in layouts that no document has.
const DUMP: crate::pair::Fault = |_| {
    let text = |text: &str| grantscope::base::json::text(text);
    let body = grantscope::base::json::object([
        ("error", text("invalid_grant")),
        ("dump", text("{\"access_token\"=>\"dumped-0123456789\"}")),
        ("line", text("user: alice\nclient_secret: line-0123456789\n")),
        ("table", text("user,refresh_token\nalice,table-0123456789\n")),
        ("command", text("curl -u app:user-0123456789 -H 'Authorization: Bearer head-0123456789' https://a.example")),
        ("key", text("-----BEGIN PRIVATE KEY-----\nkeys0123456789\n-----END PRIVATE KEY-----\n")),
        ("xms_idp_token", text("idps-0123456789")),
        ("url", text("https://a.example/a;jsessionid=path-0123456789?X-Amz-Signature=sign-0123456789")),
        ("tokens", grantscope::base::json::object([("web", text("webs-0123456789"))])),
        ("secrets", grantscope::base::json::object([("ci", text("prod-0123456789"))])),
        ("credentials", grantscope::base::json::object([("x", text("data-0123456789"))])),
        ("markup", text("<a><access_token>tags-0123456789</access_token></a>")),
        ("pass", text("hunterly")),
        ("cookie", text("crumbly")),
    ]);
    let scheme = "Negotiate chal0123456789";
    let came = HttpResponse::new(400, JSON, body.to_string()).with_header("WWW-Authenticate", scheme);
    Ok(came.with_header("Authentication-Info", "qop=auth, nextnonce=\"next0123456789\""))
};

#[test]
fn what_only_a_layout_names_is_masked() {
    let mut window = Window::at("Send the token request");
    window.backend().pair.faults.insert("/token", DUMP);
    window.next();
    let planted = ["dumped-", "line-", "table-", "user-", "head-", "keys", "idps-", "path-", "sign-", "chal"];
    let in_several = ["webs-", "prod-", "data-", "tags-", "next"];
    let planted = planted.into_iter().chain(in_several).map(|planted| format!("{planted}0123456789"));
    let secrets: Vec<String> = planted.chain(["hunterly".to_owned(), "crumbly".to_owned()]).collect();
    assert_eq!(walk(&mut window, &secrets), []);
    window.press_role(Role::Switch, "Show secrets");
    assert!(walk(&mut window, &secrets).iter().any(|(_, read)| read.len() == secrets.len()));
}

#[test]
fn codes_and_verifiers_keep_their_ends_readable_and_are_shown_to_those_who_ask() {
    let mut window = Window::at("Send the token request");
    let form = window.model().run.flow.request().and_then(|request| request.form()).expect("a form");
    for side in ["Request", "cURL", "Raw"] {
        window.tab(Row::Inspector, side);
        for name in ["code", "code_verifier"] {
            let value = form.get(name).expect("a value");
            window.assert_silent(value);
            window.assert_says(&format!("{}••••••••{}", &value[..4], &value[value.len() - 4..]));
            window.press_role(Role::Switch, "Show secrets");
            let field = format!("Value of {name}");
            assert!(window.says(value) || window.value(&field) == value, "{side} {name}");
            window.press_role(Role::Switch, "Show secrets");
        }
    }
}

#[test]
fn the_checks_tab_shows_no_credential() {
    let mut window = Window::finished();
    let secrets = credentials(&window);
    window.tab(Row::Top, "Checks");
    assert_eq!(readable(&window, &secrets), Vec::<String>::new());
}

#[test]
fn an_audience_sees_no_credential_even_when_secrets_are_shown() {
    let mut window = Window::finished();
    let secrets = credentials(&window);
    window.press_role(Role::Switch, "Show secrets");
    window.key(Modifiers::COMMAND, Key::P);
    assert_eq!(walk(&mut window, &secrets), []);
}

#[test]
fn a_request_that_is_about_to_leave_shows_its_credentials_masked() {
    let mut window = Window::at("Send the token request");
    let now = window.model().now;
    let header =
        window.model().run.flow.sealed(now).and_then(|request| request.headers.get("authorization").map(str::to_owned));
    let secret = header.expect("a header").split_once(' ').expect("a scheme").1.to_owned();
    for side in ["Request", "cURL", "Raw"] {
        window.tab(Row::Inspector, side);
        window.assert_silent(&secret);
        window.assert_says("Basic");
        assert!(side == "Request" || window.says("••••"), "{side}");
    }
}

#[test]
fn the_secret_field_is_masked_until_its_eye_is_pressed() {
    let mut window = Window::open();
    window.assert_silent("practice-secret");
    window.press("Show client_secret");
    window.assert_says("practice-secret");
    window.press("Hide client_secret");
    window.assert_silent("practice-secret");
}

#[test]
fn a_copied_token_goes_to_the_clipboard_that_keeps_no_history() {
    let mut window = Window::at("Get UserInfo");
    let token = window.model().run.flow.session.tokens[0].response.access_token.clone().expect("a token");
    window.press("Copy access_token");
    assert_eq!(window.backend().copied, [token.hint()], "as it is shown");
    window.assert_says("Copied access_token, masked");
    window.assert_silent(token.expose());
    window.press_role(Role::Switch, "Show secrets");
    window.press("Copy access_token");
    assert_eq!(window.backend().copied.last().map(String::as_str), Some(token.expose()));
}

#[test]
fn what_is_remembered_of_the_window_holds_no_credential() {
    let mut window = Window::finished();
    let secrets = credentials(&window);
    let ctx = window.harness.ctx.clone();
    let remembered = grantscope::gui::remember::Remembered::of(&ctx, window.model(), 1.0).to_json();
    assert!(secrets.iter().all(|secret| !remembered.contains(secret)), "{remembered}");
    window.app().recall(&ctx, &grantscope::gui::remember::Remembered::read(&remembered));
    window.press("Theme: system");
    assert_eq!(window.backend().remembered.len(), 1, "a change is remembered");
    let written = window.backend().remembered.concat();
    assert!(written.contains("dark") && secrets.iter().all(|secret| !written.contains(secret)), "{written}");
}

/// Where the sentinel is filled in: tab, method of authentication, field, and whether it travels as it is.
const FILLED_IN: [(&str, &str, &str, bool); 12] = [
    ("JWT bearer", "client_secret_basic", "private_key", false),
    ("Client credentials", "private_key_jwt", "private_key", false),
    ("Client credentials", "tls_client_auth", "tls_client_certificate", false),
    ("JWT bearer", "client_secret_basic", "assertion", true),
    ("SAML bearer", "client_secret_basic", "assertion", true),
    ("Token exchange", "client_secret_basic", "subject_token", true),
    ("Token exchange", "client_secret_basic", "actor_token", true),
    ("Refresh", "client_secret_basic", "refresh_token", true),
    ("Password", "client_secret_basic", "password", true),
    ("CIBA", "client_secret_basic", "login_hint_token", true),
    ("CIBA", "client_secret_basic", "id_token_hint", true),
    ("CIBA", "client_secret_basic", "user_code", true),
];

/// Which sides of the message that is shown have these words now.
fn sides_with(window: &mut Window, words: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for side in ["Request", "Response", "Tokens", "Checks", "cURL", "Raw"] {
        window.tab(Row::Inspector, side);
        if window.says(words) {
            found.push(side);
        }
    }
    found
}

#[test]
fn what_is_filled_in_as_a_secret_is_read_by_nobody_on_its_way() {
    for (tab, method, field, travels) in FILLED_IN {
        let mut backend = FakeBackend::new();
        backend.pair = Pair::with_tls();
        let mut window = Window::open_with(USUAL, backend);
        window.tab(Row::Top, tab);
        window.choose("token_endpoint_auth_method", method);
        window.fill(field, SENTINEL);
        let mut shown = Vec::new();
        for _ in 0..12 {
            assert_eq!(sides_with(&mut window, SENTINEL), [""; 0], "{tab} {field}");
            window.press_role(Role::Switch, "Show secrets");
            shown.extend(sides_with(&mut window, SENTINEL));
            window.press_role(Role::Switch, "Show secrets");
            if !matches!(window.model().run.next, Next::Do(_)) {
                break;
            }
            window.next();
        }
        assert_eq!(shown.contains(&"Request"), travels, "{tab} {field}: {shown:?}");
        assert!(!matches!(window.model().run.next, Next::Finished), "{tab} {field}: nobody takes it");
    }
}

#[test]
fn the_demo_key_and_the_demo_certificate_are_masked_where_they_are_filled_in() {
    for (method, field) in [("private_key_jwt", "private_key"), ("tls_client_auth", "tls_client_certificate")] {
        let mut backend = FakeBackend::new();
        backend.pair = Pair::with_tls();
        let mut window = Window::open_with(USUAL, backend);
        window.choose("token_endpoint_auth_method", method);
        let parts = ["AfluNQa8PtsiUJNDIXvSqOzdsiAZYLetCJ4Ln91UJHo", "PRIVATE KEY"];
        window.press("Run to end");
        for words in parts {
            assert_eq!(sides_with(&mut window, words), [""; 0], "{method}");
        }
        window.press(&format!("Show {field}"));
        assert!(parts.iter().any(|words| window.says(words)), "{method}");
        window.press(&format!("Hide {field}"));
        assert!(!parts.iter().any(|words| window.says(words)), "{method}");
    }
}

/// Every token, code and assertion that came or left in this run.
fn travelled(window: &Window) -> Vec<String> {
    let flow = &window.model().run.flow;
    let mut found = Vec::new();
    for exchange in &flow.trace.exchanges {
        let form = exchange.request.form().unwrap_or_default();
        let header = exchange.request.headers.get("authorization").and_then(|header| header.split_once(' '));
        found.extend(form.iter().filter(|(name, _)| is_token(name)).map(|(_, value)| value.to_owned()));
        found.extend(header.map(|(_, credential)| credential.to_owned()));
        let json = exchange.response().and_then(grantscope::flow::stage::json_of);
        let members = json.as_ref().map(|json| json.members()).unwrap_or_default().iter();
        found.extend(
            members.filter(|(name, _)| is_token(name)).filter_map(|(_, value)| value.as_str().map(str::to_owned)),
        );
        if let grantscope::flow::trace::Answer::Callback(callback) = &exchange.answer {
            found.extend(callback.params.iter().filter(|(name, _)| is_token(name)).map(|(_, value)| value.to_owned()));
        }
    }
    found
}

fn is_token(name: &str) -> bool {
    let ends = ["_token", "assertion", "secret", "code_verifier", "device_code", "auth_req_id"];
    name == "code" || ends.iter().any(|end| name.ends_with(end))
}

#[test]
fn no_grant_shows_a_token_or_an_assertion_on_any_side_of_any_message() {
    for (tab, picker, choice, least) in [
        ("Token exchange", "actor_token_type", "urn:ietf:params:oauth:token-type:access_token", 8),
        ("JWT bearer", "token_endpoint_auth_method", "private_key_jwt", 4),
        ("SAML bearer", "token_endpoint_auth_method", "client_secret_post", 4),
        ("CIBA", "backchannel_token_delivery_mode", "ping", 6),
        ("Implicit", "prompt", "login", 4),
        ("Hybrid", "token_endpoint_auth_method", "client_secret_jwt", 6),
    ] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.choose(picker, choice);
        window.press("Run to end");
        assert!(matches!(window.model().run.next, Next::Finished), "{tab}: {:?}", window.model().run.next);
        let secrets = travelled(&window);
        assert!(secrets.len() >= least, "{tab}: {}", secrets.len());
        assert_eq!(walk(&mut window, &secrets), [], "{tab}");
    }
}
