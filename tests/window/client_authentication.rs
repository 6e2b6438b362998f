//! How the client authenticates, chosen in the picker: the demo client that does so, its key, its certificate.

use egui::{Key, Role};
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;
use grantscope::terms::grant::Grant;

use crate::backend::FakeBackend;
use crate::pair::{Pair, TLS_ORIGIN};
use crate::window::{Row, USUAL, Window};

const PICKER: &str = "token_endpoint_auth_method";

/// With a way for clients that show a certificate.
fn with_tls() -> Window {
    let mut backend = FakeBackend::new();
    backend.pair = Pair::with_tls();
    Window::open_with(USUAL, backend)
}

#[track_caller]
fn run_to_end(window: &mut Window) {
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
}

#[test]
fn each_method_takes_its_demo_client_and_succeeds() {
    for (method, client_id) in [
        ("none", "practice-native"),
        ("client_secret_basic", "practice-web"),
        ("client_secret_post", "practice-web"),
        ("client_secret_jwt", "practice-secret-jwt"),
        ("private_key_jwt", "practice-jwt"),
        ("tls_client_auth", "practice-tls"),
        ("self_signed_tls_client_auth", "practice-self-signed"),
    ] {
        let mut window = with_tls();
        window.choose(PICKER, method);
        assert_eq!(window.value("client_id"), client_id);
        run_to_end(&mut window);
    }
}

#[test]
fn a_method_that_is_left_gives_its_client_back() {
    let mut window = with_tls();
    for (method, client_id) in [
        ("private_key_jwt", "practice-jwt"),
        ("tls_client_auth", "practice-tls"),
        ("client_secret_basic", "practice-web"),
    ] {
        window.choose(PICKER, method);
        assert_eq!(window.value("client_id"), client_id);
        for (field, belongs_to) in [("private_key", "private_key_jwt"), ("tls_client_certificate", "tls_client_auth")] {
            assert_eq!(window.has_field(field), method == belongs_to, "{field} with {method}");
        }
    }
    run_to_end(&mut window);
}

#[test]
fn the_own_client_is_left_alone() {
    let mut window = Window::open();
    window.fill("client_id", "my-client");
    window.choose(PICKER, "private_key_jwt");
    assert_eq!(window.value("client_id"), "my-client");
}

#[test]
fn the_claims_of_a_client_assertion_are_shown_before_it_leaves() {
    let mut window = Window::open();
    window.choose(PICKER, "private_key_jwt");
    window.walk_to("Send the token request");
    window.assert_says("made and signed when it leaves, with ES256 and the key practice-jwt-1");
    for (name, value) in [("iss", "practice-jwt"), ("sub", "practice-jwt"), ("aud", "http://127.0.0.1:9400")] {
        assert_eq!(window.value(&format!("Value of {name}")), value);
    }
    window.press_role(Role::ComboBox, "client_assertion_audience");
    window.fill("Another client_assertion_audience", "https://other.example");
    window.get(Role::TextInput, "Another client_assertion_audience").focus();
    window.run();
    window.harness.key_press(Key::Enter);
    window.run();
    assert_eq!(window.value("Value of aud"), "https://other.example");
    window.next();
    window.assert_says("invalid_client");
    window.tab(Row::Inspector, "Checks");
    window.assert_says("assertion.audience");
}

/// The client assertion that left last.
fn left(window: &mut Window) -> grantscope::jose::jwt::Decoded {
    let form = window.backend().sent.last().and_then(|sent| sent.form()).expect("a form");
    grantscope::jose::jwt::decode(form.get("client_assertion").expect("a client assertion"))
}

#[test]
fn claims_are_changed_before_they_are_signed() {
    let mut window = Window::open();
    window.choose(PICKER, "private_key_jwt");
    window.walk_to("Send the token request");
    window.fill("Value of aud", "https://other.example");
    window.press("Remove jti");
    window.assert_says("changed by hand");
    window.next();
    let made = left(&mut window);
    assert_eq!(made.claim("aud").and_then(|aud| aud.as_str()), Some("https://other.example"));
    assert!(made.claim("jti").is_none() && made.claim("exp").is_some());
    window.assert_says("invalid_client");
    window.press("Try again");
    assert_eq!(window.value("Value of aud"), "https://other.example", "what was typed stays");
    window.press("Take the usual claims");
    window.next();
    assert!(window.has(Role::Button, "Decode the ID token") || window.model().run.flow.session.tokens.len() == 1);
}

#[test]
fn what_is_sealed_first_is_changed_byte_by_byte() {
    let mut window = Window::open();
    window.choose(PICKER, "private_key_jwt");
    window.walk_to("Send the token request");
    window.press("Seal now, then change");
    window.assert_says("Edited by hand.");
    window.assert_says("client_assertion, decoded");
    window.press_role(Role::Switch, "Show secrets");
    let sealed = window.value("Value of client_assertion");
    window.fill("Value of client_assertion", &format!("{}AAAA", &sealed[..sealed.len() - 4]));
    window.next();
    window.assert_says("invalid_client");
}

#[test]
fn a_picker_says_what_is_sent_when_nothing_is_chosen() {
    let mut window = Window::open();
    window.choose(PICKER, "private_key_jwt");
    for (picker, unset) in [
        ("token_endpoint_auth_signing_alg", "(as the key suggests)"),
        ("client_assertion_audience", "(the issuer)"),
        ("prompt", "(not sent)"),
        ("api_method", "(default: GET)"),
    ] {
        window.press_role(Role::ComboBox, picker);
        assert_eq!(window.count(Role::Button, unset), 1, "{picker}");
        window.press(unset);
    }
}

#[test]
fn where_the_practice_server_has_no_client_that_is_said() {
    let mut window = Window::open();
    window.tab(Row::Top, "Client credentials");
    window.assert_silent("No practice client");
    window.choose(PICKER, "none");
    window.assert_says("No practice client may use this grant in this way");
}

#[test]
fn a_wrong_alg_names_the_field_and_keeps_the_run() {
    let mut window = Window::open();
    window.choose(PICKER, "private_key_jwt");
    window.walk_to("Send the token request");
    let before = window.model().run.flow.trace.exchanges.len();
    window.choose("token_endpoint_auth_signing_alg", "RS256");
    window.assert_says("private_key cannot be used as it is");
    window.assert_says("RS256 needs an RSA key, this is EC P-256");
    window.press("Correct private_key");
    assert_eq!(window.focused(), "private_key");
    window.next();
    assert_eq!(window.model().run.flow.trace.exchanges.len(), before, "nothing has left");
    window.choose("token_endpoint_auth_signing_alg", "(as the key suggests)");
    window.next();
    assert_eq!(window.state_of("Tokens"), "done", "the code is still good");
}

#[test]
fn what_is_no_key_and_no_secret_for_it_is_named() {
    for (method, field, value, says) in [
        ("private_key_jwt", "private_key", "", "private_key_jwt needs a private_key, as JWK or PEM"),
        ("private_key_jwt", "private_key", "not a key", "private_key cannot be used as it is"),
        ("client_secret_jwt", "client_secret", "", "client_secret is needed"),
        ("tls_client_auth", "tls_client_certificate", "", "tls_client_certificate is needed"),
        (
            "tls_client_auth",
            "tls_client_certificate",
            "not a certificate",
            "tls_client_certificate cannot be used as it is",
        ),
    ] {
        let mut window = with_tls();
        window.choose(PICKER, method);
        window.fill(field, value);
        while !matches!(window.model().run.next, Next::Missing(_)) {
            window.next();
        }
        window.assert_says(says);
        assert_eq!(window.model().run.flow.stage(), Some(Stage::Token), "{method} {value}");
    }
}

#[test]
fn a_certificate_goes_where_the_server_has_tls_and_binds_the_token() {
    let mut window = with_tls();
    window.choose(PICKER, "tls_client_auth");
    run_to_end(&mut window);
    let trace = window.model().run.flow.trace.clone();
    for exchange in &trace.exchanges {
        let is_secure = exchange.request.url.scheme() == "https";
        let asks = matches!(exchange.stage, Stage::Token | Stage::Resource);
        assert!(is_secure || !asks, "{} went to {}", exchange.stage.name(), exchange.request.url);
        assert_eq!(is_secure, exchange.request.url.as_str().starts_with(TLS_ORIGIN));
    }
    window.go_to("Exchange");
    window.assert_says(&format!("{TLS_ORIGIN}/token"));
    window.go_to("Tokens");
    window.tab(Row::Inspector, "Tokens");
    window.press("Decode access_token");
    window.assert_says("x5t#S256");
}

#[test]
fn a_certificate_of_somebody_else_is_refused_and_that_is_explained() {
    let mut window = with_tls();
    window.choose(PICKER, "tls_client_auth");
    let stolen = window.backend().pair.tls().and_then(|tls| tls.certificates.client("practice-self-signed").cloned());
    window.fill("tls_client_certificate", stolen.expect("a certificate").expose());
    window.press("Run to end");
    window.assert_says("The server refused the token request: invalid_client");
    window.assert_says("What else to try");
    assert!(window.has(Role::Button, "Try again"));
}

#[test]
fn every_grant_runs_with_a_certificate() {
    let others = |grant: &Grant| !matches!(grant, Grant::AuthorizationCode | Grant::Implicit);
    for tab in Grant::ALL.into_iter().filter(others).map(Grant::title) {
        let mut window = with_tls();
        window.tab(Row::Top, tab);
        window.choose(PICKER, "tls_client_auth");
        assert_eq!(window.value("client_id"), "practice-tls", "{tab}");
        run_to_end(&mut window);
    }
}

#[test]
fn a_certificate_of_ones_own_stays_in_every_tab() {
    let mut window = with_tls();
    window.choose(PICKER, "tls_client_auth");
    window.fill("tls_client_certificate", "-----BEGIN CERTIFICATE-----\nmine");
    for tab in ["Client credentials", "Device", "Authorization code"] {
        window.tab(Row::Top, tab);
        let client = &window.model().run.flow.settings.client;
        assert!(client.tls_client_certificate.expose().contains("mine"), "{tab}");
    }
}

/// What a client proves itself with is asked for before anything leaves; what is chosen all the same is sent.
#[test]
fn client_credentials_without_a_client_are_asked_for_and_marked() {
    for (field, words) in [
        ("client_id", "client_secret_basic needs client_id"),
        ("client_secret", "client_secret_basic needs client_secret"),
    ] {
        let mut window = Window::open();
        window.tab(Row::Top, "Client credentials");
        window.fill(field, "");
        window.assert_says(words);
        assert!(window.has(Role::Button, "Start"), "nothing stands in the way of discovery");
        window.press("Run to end");
        let Next::Missing(missing) = &window.model().run.next else { panic!("{:?}", window.model().run.next) };
        assert_eq!(missing.field, field);
        assert!(window.backend().sent.iter().all(|sent| sent.url.path() != "/token"), "{field}");
        window.choose(PICKER, "none");
        let is_sent_without = field == "client_secret";
        assert_eq!(matches!(window.model().run.next, Next::Do(_)), is_sent_without, "{:?}", window.model().run.next);
    }
}
