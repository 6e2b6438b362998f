//! Settings and requests, changed before they leave.

use egui::{Key, Role};
use egui_kittest::kittest::NodeT as _;
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;

use crate::window::{Row, Window};

#[test]
fn an_edited_parameter_is_what_the_server_gets_and_what_the_exchange_shows() {
    let mut window = Window::at("Sign in for me as alice");
    window.fill("Value of scope", "openid email");
    window.assert_says("Edited by hand.");
    window.next();
    let exchange = window.model().run.flow.trace.exchanges.last().cloned().expect("an exchange");
    assert_eq!(exchange.request.query().get("scope"), Some("openid email"));
    window.next();
    assert_eq!(window.model().run.flow.session.tokens[0].scope, "openid email");
    assert_eq!(window.model().run.flow.session.refresh_token(), None, "offline_access was edited out");
    window.go_to("Request");
    window.assert_says("openid email");
    window.assert_silent("openid profile email offline_access");
}

#[test]
fn parameters_and_header_fields_are_added_and_removed() {
    let mut window = Window::at("Send the token request");
    window.open_fold("Header fields (2)");
    window.press("Remove Accept");
    window.press("Add form parameter");
    window.fill("Name of form parameter 5", "trace_id");
    window.fill("Value of trace_id", "42");
    window.next();
    let sent = window.backend().sent.last().cloned().expect("a request");
    assert_eq!(sent.url.path(), "/token");
    assert_eq!(sent.form().and_then(|form| form.get("trace_id").map(str::to_owned)).as_deref(), Some("42"));
    assert_eq!(sent.headers.get("accept"), None);
    assert!(sent.headers.get("authorization").is_some(), "a masked header field stays");
    let form = sent.form().expect("a form");
    assert!(form.contains("code") && form.contains("code_verifier"), "masked parameters stay");
}

#[test]
fn an_edited_method_and_url_are_what_leaves() {
    let mut window = Window::open();
    window.fill("URL", "http://127.0.0.1:9400/.well-known/oauth-authorization-server");
    window.next();
    let sent = window.backend().sent.last().cloned().expect("a request");
    assert_eq!(sent.url.path(), "/.well-known/oauth-authorization-server");
    assert_eq!(window.state_of("Discovery"), "done");
}

#[test]
fn what_cannot_be_sent_is_said_and_not_sent() {
    let mut window = Window::open();
    for (field, value, says) in [
        ("URL", "not a url", "this is not a URL"),
        ("URL", "ftp://127.0.0.1/", "ftp is not http or https"),
        ("Method", "GET IT", "the method has to be one word"),
        ("Method", "", "the method has to be one word"),
        ("Name of header field 1", "Bad Name", "the header field Bad Name cannot be sent"),
    ] {
        window.fill(field, value);
        window.assert_says(says);
        assert_eq!(window.value(field), value, "nothing typed is lost");
        assert!(window.is_disabled("Start"), "{field} {value}");
        window.next();
        assert!(window.backend().sent.is_empty(), "{field} {value} was sent");
        window.press("Make it anew");
        window.assert_silent(says);
    }
    window.next();
    assert_eq!(window.state_of("Discovery"), "done");
}

#[test]
fn a_header_row_that_is_empty_is_not_sent() {
    let mut window = Window::open();
    window.press("Add header field");
    window.fill("Value of header field 2", "x");
    window.assert_says("a header field has a value and no name");
    assert!(window.is_disabled("Start") && window.is_disabled("Run to end"));
    window.fill("Value of header field 2", "");
    window.next();
    let sent = window.backend().sent.last().cloned().expect("a request");
    assert_eq!(sent.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["Accept"]);
}

#[test]
fn a_changed_scope_reaches_the_request() {
    let mut window = Window::at("Sign in for me as alice");
    window.press("Remove offline_access");
    assert_eq!(window.value("Value of scope"), "openid profile email");
    window.fill("login_hint", "bob@example.com");
    assert_eq!(window.value("Value of login_hint"), "bob@example.com");
    window.press_role(Role::Switch, "nonce");
    assert!(!window.has(Role::Button, "Remove nonce"));
    window.next();
    let request = &window.model().run.flow.trace.exchanges.last().expect("an exchange").request;
    assert_eq!(request.query().get("scope"), Some("openid profile email"));
    assert_eq!(request.query().get("nonce"), None);
}

#[test]
fn an_edited_request_stays_when_settings_change_until_it_is_made_anew() {
    let mut window = Window::at("Sign in for me as alice");
    window.fill("Value of scope", "openid");
    window.fill("login_hint", "bob@example.com");
    window.assert_says("Changes of the settings do not reach it until it is made anew.");
    assert!(!window.has(Role::TextInput, "Value of login_hint"));
    window.press("Make it anew");
    assert_eq!(window.value("Value of login_hint"), "bob@example.com");
    window.assert_silent("Edited by hand.");
}

#[test]
fn a_step_is_stale_when_the_settings_have_changed_since_it_was_done() {
    const STALE: &str = "stale, settings have changed";
    let mut window = Window::at("Send the token request");
    assert_eq!(window.state_of("Code"), "done");
    window.fill("login_hint", "alice@example.com");
    assert_eq!(window.state_of("Code"), STALE);
    window.next();
    assert_eq!((window.state_of("Code"), window.state_of("Tokens")), (STALE.to_owned(), "done".to_owned()));
    window.tab(Row::Top, "JWT bearer");
    window.tab(Row::Top, "Authorization code");
    assert_eq!(window.state_of("Tokens"), "done", "the key of another grant changes nothing here");
    window.fill("login_hint", "");
    assert_eq!((window.state_of("Code"), window.state_of("Tokens")), ("done".to_owned(), STALE.to_owned()));
}

#[test]
fn a_step_is_stale_only_by_settings_that_it_depends_on() {
    const STEPS: [&str; 5] = ["Discovery", "Keys", "Code", "Tokens", "UserInfo"];
    for (setting, value, stale) in [
        ("client_id", "another", [false, false, true, true, true]),
        ("client_secret", "another", [false, false, false, true, true]),
        ("jwks_uri", "http://127.0.0.1:9400/other", [false, true, true, true, true]),
        ("api_url", "http://127.0.0.1:9400/other", [false; 5]),
        ("issuer", "http://127.0.0.1:9400/other", [true; 5]),
    ] {
        let mut window = Window::finished();
        window.fill(setting, value);
        let states = STEPS.map(|step| window.state_of(step).starts_with("stale"));
        assert_eq!(states, stale, "{setting}");
    }
}

#[test]
fn a_missing_client_id_names_the_field_and_filling_it_goes_on() {
    let mut window = Window::open();
    window.fill("client_id", "");
    window.next();
    window.next();
    assert!(matches!(&window.model().run.next, Next::Missing(missing) if missing.field == "client_id"));
    window.assert_says("client_id is needed");
    window.assert_says("register a client at the server and fill it in");
    window.press("Fill in client_id");
    assert_eq!(window.focused(), "client_id");
    window.fill("client_id", "practice-web");
    assert!(window.has(Role::Button, "Sign in for me as alice"));
}

#[test]
fn an_issuer_that_is_no_url_names_the_field() {
    let mut window = Window::open();
    for (issuer, says) in [
        ("", "issuer is needed"),
        ("as.example", "issuer cannot be used as it is"),
        ("mailto:a@b", "issuer cannot be used as it is"),
    ] {
        window.fill("issuer", issuer);
        window.assert_says(says);
    }
    window.fill("issuer", "http://127.0.0.1:9400");
    assert!(window.has(Role::Button, "Start"));
}

#[test]
fn a_value_the_server_does_not_list_is_noted_and_not_blocked() {
    let mut window = Window::open();
    window.next();
    window.fill("issuer", "http://127.0.0.1:9400");
    window.press("Add to scope");
    window.fill("New scope", "payments");
    window.harness.key_press(Key::Enter);
    window.run();
    assert!(
        window.model().run.flow.settings.request.scope.ends_with(" payments"),
        "{}",
        window.model().run.flow.settings.request.scope
    );
    window.assert_says("The server does not list payments");
    window.walk_to("Sign in for me as alice");
    assert_eq!(window.model().run.flow.stage(), Some(Stage::Authorization));
}

/// A type of token that is nearly a known one, before it leaves.
#[test]
fn a_value_that_is_nearly_a_known_one_is_asked_about_beside_it() {
    const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
    let mut window = Window::open();
    window.tab(Row::Top, "Token exchange");
    window.press_role(Role::ComboBox, "requested_token_type");
    window.fill("Another requested_token_type", "urn:ietf:params:oauth:token-type:id_jag");
    window.get(Role::TextInput, "Another requested_token_type").focus();
    window.run();
    window.harness.key_press(Key::Enter);
    window.run();
    window.assert_says(&format!("Did you mean {ID_JAG}?"));
    window.choose("requested_token_type", ID_JAG);
    window.assert_silent("Did you mean");
}

/// What has to be JSON is told while it is typed, and leaves as it is all the same.
#[test]
fn a_setting_that_is_no_json_says_so_beside_it_and_is_sent_as_typed() {
    let mut window = Window::open();
    for (name, typed, note) in [
        ("claims", "{x", "not JSON: key must be a string at line 1 column 2"),
        ("claims", "[]", "must be an object"),
        ("authorization_details", "[{\n", "not JSON: EOF while parsing an object at line 2 column 0"),
        ("authorization_details", "{}", "must be an array"),
    ] {
        window.fill(name, typed);
        assert!(window.has(Role::Alert, note), "{name} {typed}: {:?}", window.texts());
        let described = window.get(Role::MultilineTextInput, name).accesskit_node().description().unwrap_or_default();
        assert!(described.starts_with(note), "{described}");
        window.fill(name, "");
        window.assert_silent(note);
    }
    let mended = r#"{"userinfo": {"email": null}}"#;
    window.fill("claims", mended);
    assert!(!window.has(Role::Alert, "must be an object"));
    window.press("Run to end");
    let claims = |window: &Window| {
        let exchanges = &window.model().run.flow.trace.exchanges;
        let sent = exchanges.iter().find(|exchange| exchange.stage == Stage::Authorization);
        sent.and_then(|sent| sent.request.query().get("claims").map(str::to_owned))
    };
    assert_eq!(claims(&window).as_deref(), Some(mended));
    let mut window = Window::open();
    window.fill("claims", "{x");
    window.press("Run to end");
    assert_eq!(claims(&window).as_deref(), Some("{x"), "an experiment leaves as it is typed");
}
