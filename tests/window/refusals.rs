//! What goes wrong: which stage, what was sent, what came, what to try; and the run goes on.

use egui::{Key, Modifiers, Role};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::practice::Fault as PracticeFault;

use crate::backend::FakeBackend;
use crate::pair::Fault;
use crate::window::{Row, SMALL, USUAL, Window};

/// At a token request whose code_verifier does not fit, refused.
fn refused() -> Window {
    let mut window = Window::at("Send the token request");
    window.press_role(Role::Switch, "Show secrets");
    window.fill("Value of code_verifier", &"x".repeat(43));
    window.fill("Value of redirect_uri", "http://127.0.0.1:8912/callback");
    window.next();
    window
}

#[test]
fn a_refused_exchange_says_the_stage_what_was_sent_what_came_and_what_to_try() {
    let mut window = refused();
    window.assert_silent("Came: ");
    window.open_fold("What was sent and came");
    for words in [
        "The server refused the token request: invalid_grant",
        "Sent: POST http://127.0.0.1:9400/token with grant_type, code, redirect_uri, code_verifier",
        "Came: invalid_grant",
        "Next",
        "code_verifier does not fit the code_challenge of the authorization request.",
    ] {
        window.assert_says(words);
    }
    assert!(window.has(Role::Button, "Try again") && window.has(Role::Button, "Skip this stage"));
    assert_eq!(window.state_of("Tokens"), "refused");
    assert_eq!(window.selected_tab(Row::Inspector), "Response");
}

#[test]
fn try_again_keeps_what_was_typed_and_making_it_anew_drops_it() {
    let mut window = refused();
    window.press("Try again");
    assert!(window.has(Role::Button, "Send the token request"));
    assert_eq!(window.value("Value of code_verifier"), "x".repeat(43));
    window.assert_says("Edited by hand.");
    window.press("Make it anew");
    assert_ne!(window.value("Value of code_verifier"), "x".repeat(43));
}

#[test]
fn a_second_try_of_the_login_keeps_edits_but_draws_new_random_values() {
    let mut backend = FakeBackend::new();
    backend.pair.decision = "deny";
    let mut window = Window::open_with(USUAL, backend);
    window.walk_to("Sign in for me as alice");
    let state = window.value("Value of state");
    window.fill("Value of scope", "openid email");
    window.next();
    window.assert_says("access_denied");
    window.backend().pair.decision = "allow";
    window.press("Try again");
    assert_eq!(window.value("Value of scope"), "openid email");
    assert_ne!(window.value("Value of state"), state);
    window.next();
    assert!(window.has(Role::Button, "Send the token request"));
}

#[test]
fn back_from_a_refusal_keeps_what_was_typed() {
    let mut window = refused();
    window.press("Back");
    assert_eq!(window.value("Value of code_verifier"), "x".repeat(43));
}

#[test]
fn skip_this_stage_goes_on_and_says_what_is_missing() {
    let mut window = refused();
    window.press("Skip this stage");
    assert_eq!(window.state_of("Exchange"), "refused");
    assert!(matches!(&window.model().run.next, Next::Missing(missing) if missing.field == "access_token"));
    window.assert_says("access_token is needed");
}

#[test]
fn a_refused_run_succeeds_once_it_is_right() {
    let mut window = refused();
    window.press("Start over");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished));
}

/// What comes instead of an answer, and the words for it.
const FAULTS: [(Fault, &str, &str); 6] = [
    (
        |_| Ok(HttpResponse::new(200, "text/html", "<!doctype html><title>Sign in</title>")),
        "an HTML page (\"Sign in\")",
        "A page for people came",
    ),
    (|_| Ok(HttpResponse::new(500, "text/plain", "oops")), "status 500 Internal Server Error", "look at its log"),
    (
        |_| Ok(HttpResponse::new(200, JSON, "{\"token_type\":\"Bea")),
        "a body that is not JSON: EOF",
        "The JSON breaks off",
    ),
    (|_| Ok(HttpResponse::new(200, JSON, "")), "an empty answer", "A success without a body"),
    (|_| Err(TransportError::Refused { at: "127.0.0.1:9400".to_owned() }), "127.0.0.1:9400", "Next"),
    (
        |_| Err(TransportError::Timeout { at: "127.0.0.1:9400".to_owned(), limit: std::time::Duration::from_secs(30) }),
        "within 30 s",
        "Next",
    ),
];

#[test]
fn what_is_no_answer_is_named_and_the_stage_can_be_repeated() {
    let mut window = Window::open();
    for (fault, came, advice) in FAULTS {
        window.walk_to("Send the token request");
        window.backend().pair.faults.insert("/token", fault);
        window.next();
        for words in ["No usable answer to the token request", "sent: POST http://127.0.0.1:9400/token", came, advice] {
            window.assert_says(words);
        }
        window.backend().pair.faults.clear();
        window.press("Try again");
        window.next();
        assert_eq!(window.state_of("Tokens"), "done", "{came}");
        window.press("Start over");
    }
}

#[test]
fn every_discovery_address_that_was_tried_is_shown() {
    let mut backend = FakeBackend::new();
    let not_found: Fault = |_| Ok(HttpResponse::new(404, "text/plain", "nothing here"));
    backend.pair.faults.insert("/.well-known/openid-configuration", not_found);
    backend.pair.faults.insert("/.well-known/oauth-authorization-server", not_found);
    let mut window = Window::open_with(USUAL, backend);
    window.press("Run to end");
    window.assert_says("GET /.well-known/openid-configuration, client");
    window.assert_says("GET /.well-known/oauth-authorization-server, client");
    window.assert_says("No usable answer to discovery");
    window.open_fold("What else to try");
    window.assert_says("turn discovery off and fill in the endpoints");
    assert_eq!(window.state_of("Discovery"), "failed");
}

#[test]
fn a_port_that_is_taken_is_said_before_the_browser_opens() {
    let mut backend = FakeBackend::new();
    backend.port_is_taken = Some("port 8912 is taken by another program");
    let mut window = Window::open_with(USUAL, backend);
    window.next();
    window.next();
    window.assert_says("redirect_uri cannot be listened at");
    window.assert_says("port 8912 is taken by another program");
    for (step, state) in [("Request", "failed"), ("Redirect", "locked"), ("Code", "locked")] {
        assert_eq!(window.state_of(step), state, "{step}");
    }
    assert!(window.backend().opened.is_empty());
    window.backend().port_is_taken = None;
    window.press("Try again");
    assert!(window.has(Role::Button, "Sign in for me as alice"));
}

#[test]
fn an_expired_code_is_explained_with_its_age() {
    let mut window = Window::at("Send the token request");
    window.backend().pair.wait(std::time::Duration::from_secs(61));
    window.next();
    window.assert_says("The code was 1 min 1 s old");
    assert_eq!(window.model().run.flow.stage(), Some(Stage::Token));
}

#[test]
fn shortcuts_work_on_a_refused_stage() {
    let mut window = refused();
    window.next();
    assert!(window.has(Role::Button, "Send the token request"), "Ctrl+Enter does what the primary button says");
    window.key(Modifiers::COMMAND, Key::R);
    assert!(window.has(Role::Button, "Start"));
}

#[test]
fn the_challenge_of_an_api_is_read_and_explained() {
    let mut backend = FakeBackend::new();
    backend.pair.faults.insert("/api/me", |_| {
        let challenge = r#"Bearer realm="orders", error="insufficient_scope", scope="orders:read""#;
        Ok(HttpResponse::new(403, "text/plain", "").with_header("WWW-Authenticate", challenge))
    });
    let mut window = Window::open_with(USUAL, backend);
    window.press("Run to end");
    for words in ["WWW-Authenticate: Bearer", "orders:read", "insufficient_scope"] {
        window.assert_says(words);
    }
}

/// What is offered as a button is done: the setting is changed and the stage tried again, or the fault switched off and
/// all run again.
#[test]
fn the_finding_offers_what_may_mend_it() {
    let mut window = Window::open();
    window.walk_to("Send the token request");
    window.backend().pair.faults.insert("/token", |request| match request.headers.get("authorization") {
        Some(_) => Ok(HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#)),
        None => {
            Ok(HttpResponse::new(200, JSON, r#"{"access_token":"a-token-of-this-run-0001","token_type":"Bearer"}"#))
        }
    });
    window.next();
    window.press("Use client_secret_post");
    assert_eq!(window.model().run.flow.settings.client.token_endpoint_auth_method, "client_secret_post");
    assert!(window.has(Role::Button, "Send the token request"));

    let mut window = Window::open();
    window.backend().pair.practice.set(grantscope::practice::Fault::WrongAud, true);
    window.press("Run to end");
    window.get(Role::Button, "Copy for an issue").click_accesskit();
    let mut copied = String::new();
    for _ in 0..6 {
        window.harness.step();
        for command in &window.harness.output().platform_output.commands {
            if let egui::OutputCommand::CopyText(text) = command {
                copied.clone_from(text);
            }
        }
    }
    assert!(copied.starts_with("**Tokens came. Do not use them: aud is another-client"), "{copied}");
    window.press("Show the check");
    assert_eq!(window.selected_tab(Row::Top), "Checks");
    window.assert_says("id_token.aud");
    window.tab(Row::Top, "Authorization code");
    window.press("Switch off wrong_aud, run again");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(window.model().run.finding.is_none(), "{:?}", window.model().run.finding);
}

/// Nobody knows which rule an answer breaks that is none; the faults that are on are known.
#[test]
fn a_fault_that_stops_the_run_can_be_switched_off() {
    use grantscope::practice::Fault;
    for fault in [Fault::HtmlAnswer, Fault::AlgNone] {
        let mut window = with_fault(USUAL, fault);
        assert!(window.model().run.finding.is_some(), "{fault}");
        window.press(&format!("Switch off {}, run again", fault.name()));
        assert!(window.model().run.finding.is_none(), "{fault}: {:?}", window.model().run.finding);
    }
}

/// A window of this size whose run ends at what the practice server does wrong.
fn with_fault(size: [f32; 2], fault: grantscope::practice::Fault) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    window.backend().pair.practice.set(fault, true);
    window.press("Run to end");
    window
}

#[test]
fn a_try_that_is_refused_alike_is_not_offered() {
    let mut window = Window::open();
    window.backend().pair.practice.set(PracticeFault::EndlessScope, true);
    window.tab(Row::Top, "MCP");
    window.press("Run to end");
    window.assert_says("insufficient_scope");
    assert!(window.is_disabled("Try again"));
    window.next();
    assert!(matches!(window.model().run.next, Next::Stopped(_)), "its shortcut does nothing either");
    window.fill("api_body", r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    assert!(!window.is_disabled("Try again"), "another call may be let through");
}

/// The practice client beside the API of another server: one press makes another client there.
#[test]
fn a_client_of_another_server_is_forgotten_by_the_button_that_is_offered() {
    let mut window = Window::open();
    window.tab(Row::Top, "MCP");
    window.fill("issuer", "https://elsewhere.example");
    window.press("Run to end");
    window.press_like(Role::Button, "Use a new client at the server that the API names");
    let settings = &window.model().run.flow.settings;
    assert_eq!((settings.server.issuer.as_str(), settings.client.client_id.as_str()), ("http://127.0.0.1:9400", ""));
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
}

#[test]
fn a_rejected_token_is_in_sight_below_the_finding() {
    for size in [USUAL, SMALL] {
        let window = with_fault(size, grantscope::practice::Fault::WrongAud);
        assert_eq!(window.selected_tab(Row::Inspector), "Tokens");
        let below = window.place_of(Role::Switch, "Show secrets").bottom();
        let above = window.place_of(Role::Button, "Go on anyway").top();
        let card = window.place_of(Role::Label, "Do not use");
        assert!(card.top() > below && card.bottom() < above, "{size:?}: {card:?} between {below} and {above}");
        assert_eq!(window.count(Role::Label, "Do not use"), 1);
        let aud = window.place_of(Role::Label, "another-client");
        assert!(aud.top() > below && aud.top() + 20.0 < above, "{size:?}: {aud:?}");
    }
}

#[test]
fn the_sentence_of_a_finding_is_read_aloud_whole() {
    let mut window = with_fault(SMALL, grantscope::practice::Fault::BadSignature);
    let say = window.model().run.finding.as_ref().map(|finding| finding.say.clone()).expect("a finding");
    assert!(say.starts_with("Tokens came. Do not use them: ") && !say.contains('…'), "{say}");
    assert!(window.has(Role::Alert, &say), "{:?}", window.texts());
    // The longest there is takes no more than two lines on the screen.
    let long = "an answer of many words ".repeat(20);
    if let Some(finding) = &mut window.app().model_mut().run.finding {
        finding.say.clone_from(&long);
    }
    window.run();
    assert!(window.has(Role::Alert, &long) && window.has(Role::Label, &long));
    assert!((30.0..45.0).contains(&window.size_of(&long)), "{}", window.size_of(&long));
}

/// Metadata that demand pushed requests, which the server itself does not hold to.
const PUSHED_ALONE: Fault = |_| {
    let body = r#"{"issuer":"http://127.0.0.1:9400","authorization_endpoint":"http://127.0.0.1:9400/authorize",
        "token_endpoint":"http://127.0.0.1:9400/token","userinfo_endpoint":"http://127.0.0.1:9400/userinfo",
        "jwks_uri":"http://127.0.0.1:9400/jwks","response_types_supported":["code"],
        "subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"],
        "code_challenge_methods_supported":["S256"],"require_pushed_authorization_requests":true}"#;
    Ok(HttpResponse::new(200, JSON, body))
};

#[test]
fn a_request_that_the_server_does_not_take_is_not_sent_until_the_user_goes_on() {
    let mut backend = FakeBackend::new();
    backend.pair.faults.insert("/.well-known/openid-configuration", PUSHED_ALONE);
    let mut window = Window::open_with(USUAL, backend);
    window.press("Run to end");
    for words in [
        "The authorization request is not what the server demands (RFC 9126 §5)",
        "require_pushed_authorization_requests: true, and no request_uri",
    ] {
        window.assert_says(words);
    }
    let has_left = |window: &Window| {
        window.model().run.flow.trace.exchanges.iter().any(|exchange| exchange.stage == Stage::Authorization)
    };
    assert!(!has_left(&window));
    assert_eq!(window.state_of("Request"), "stopped by a check");
    window.press("Go on anyway");
    assert!(has_left(&window), "{:?}", window.model().run.next);
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    window.assert_says("authorization_request.pushed");
}

#[test]
fn of_an_answer_that_is_too_large_status_header_fields_and_beginning_are_shown() {
    let too_large: Fault = |_| {
        let beginning = HttpResponse::new(200, "text/plain", "the beginning of it, access_token=sentinel-0123456789");
        let at = "127.0.0.1:9400".to_owned();
        Err(TransportError::TooLarge { at, limit: 20 * 1024 * 1024, beginning: Box::new(beginning) })
    };
    let mut window = Window::at("Send the token request");
    window.backend().pair.faults.insert("/token", too_large);
    window.next();
    window.tab(Row::Inspector, "Response");
    assert!(window.has(Role::Alert, "Not the whole answer"));
    for words in ["is larger than 20 MB", "200 OK", "1 header field", "the beginning of it"] {
        window.assert_says(words);
    }
    window.assert_silent("sentinel-0123456789");
}

#[test]
fn of_a_large_answer_only_what_is_in_sight_is_drawn() {
    let large: Fault = |_| {
        let members: Vec<String> = (0..40_000).map(|at| format!(r#""member_{at}":"{}""#, "v".repeat(40))).collect();
        Ok(HttpResponse::new(400, "application/json", format!("{{{}}}", members.join(","))))
    };
    let mut window = Window::at("Send the token request");
    window.backend().pair.faults.insert("/token", large);
    let before = window.nodes();
    window.next();
    assert_eq!(window.backend().taken_in, 1, "the window's thread does not read it");
    assert_eq!(window.state_of("Tokens"), "failed");
    window.tab(Row::Inspector, "Response");
    window.assert_says("member_0");
    assert_eq!(window.backend().shown, 1, "nor does it hide what is in it");
    assert!(window.nodes() < before + 200, "{} nodes, {before} before it came", window.nodes());
}

/// Everything of a finding begins where its sentence does, and its evidence is there in a small window, too.
#[test]
fn a_finding_is_one_column_with_its_evidence_in_every_window() {
    for size in [USUAL, SMALL] {
        let backend = FakeBackend::new();
        backend.pair.practice.set(PracticeFault::BadSignature, true);
        let mut window = Window::open_with(size, backend);
        window.press("Run to end");
        window.assert_says("id_token.signature: expected a valid signature");
        let next = window.place_of(Role::Label, "Next").left();
        for button in ["Switch off bad_signature, run again", "Show the check"] {
            assert!(window.place_of(Role::Button, button).left() > next - 1.0, "{button} at {size:?}");
        }
    }
}

#[test]
fn the_action_bar_counts_what_passed_where_there_is_room() {
    let backend = FakeBackend::new();
    backend.pair.practice.set(PracticeFault::WrongNonce, true);
    let mut window = Window::open_with(USUAL, backend);
    window.press("Run to end");
    let counts = |window: &Window| window.texts().into_iter().find(|text| text.starts_with("Checks: 1 failed, "));
    assert!(counts(&window).is_some_and(|words| words.ends_with(" passed")), "{:?}", counts(&window));
}

/// A device waits in front of a page that never becomes tokens: that is said while it waits, not at its end.
#[test]
fn polls_that_get_no_usable_answer_are_counted_while_they_go_on() {
    for size in [USUAL, SMALL] {
        let mut backend = FakeBackend::new();
        (backend.sleeps, backend.pair.approves) = (2, false);
        let mut window = Window::open_with(size, backend);
        window.tab(Row::Top, "Device");
        window.walk_to("Approve for me as alice");
        window.press("Begin to poll");
        window.assert_silent("no usable answer");
        let page: Fault = |_| Ok(HttpResponse::new(200, "text/html", "<!doctype html><title>Sign in</title>"));
        window.backend().pair.faults.insert("/token", page);
        window.backend().wake(1);
        window.run();
        window.assert_says("no usable answer: 1 of 3");
        window.backend().wake(2);
        window.run();
        assert!(window.state_of("Tokens").starts_with("failed"));
        window.assert_says("the 2 polls before it got no better answer");
    }
}

/// A window has buttons and fields where the command line has options.
#[test]
fn a_window_speaks_of_no_option() {
    let mut window = Window::open();
    let api = window.value("api_url").replace("/api/me", "/api/pay");
    window.fill("api_url", &api);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.assert_says("The API wants another login: trying again signs in anew");
    window.assert_silent("--");
    window.assert_silent("command line");
    let cure = window.model().run.finding.as_ref().and_then(|finding| finding.cures.first()).expect("a way on").clone();
    window.press(&cure.label);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    assert!(window.model().run.finding.as_ref().is_none_or(|finding| !finding.next.contains("another login")));
}
