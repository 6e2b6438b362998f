//! Standing between in the Capture tab: what is filled in, what passes, what is held and decided on.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use egui::{Key, Modifiers, Role};
use grantscope::base::http::{Headers, HttpRequest, HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::capture::between::live::Passed;
use grantscope::capture::between::returned::SeenIn;
use grantscope::capture::exchange::Came;
use grantscope::flow::trace::ByHand;
use grantscope::gui::backend::LARGE;
use grantscope::gui::model::Tab;
use grantscope::io::between::gate::Passage;

use crate::backend::FakeBackend;
use crate::backend::stands::HERE;
use crate::har::OP;
use crate::logins;
use crate::window::{Row, SMALL, USUAL, Window};

const TOKEN: &str = "sentinel-access-token-0123456789";

/// A message that is held, and whose client waits.
type Waiting = Pin<Box<dyn Future<Output = Passage<HttpRequest>> + Send>>;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn get(url: &str) -> HttpRequest {
    HttpRequest {
        headers: Headers(vec![("accept".to_owned(), "text/html".to_owned())]),
        ..HttpRequest::get(url.parse().expect("a URL"))
    }
}

fn token_request() -> HttpRequest {
    let form: Params =
        [("grant_type", "authorization_code"), ("code", logins::CODE), ("redirect_uri", logins::CALLBACK)]
            .into_iter()
            .collect();
    HttpRequest::post_form(format!("{OP}/oauth2/token").parse().expect("a URL"), &form)
}

fn passed(seconds: i64, request: HttpRequest, response: HttpResponse) -> Passed {
    let came = Came::Response(response);
    Passed { request, came, started: at(seconds), took: Duration::from_millis(20), returned: None, by_hand: Vec::new() }
}

/// The user goes to the provider and is sent back to the app.
fn login() -> Passed {
    let mut sent = HttpResponse::new(302, "text/html", "");
    sent.headers.push("location", logins::returned(&[]));
    let returned = Some((get(&logins::returned(&[])), SeenIn::Location));
    Passed { returned, ..passed(0, get(&logins::request(&[])), sent) }
}

fn tokens(status: u16, body: &str) -> Passed {
    passed(1, token_request(), HttpResponse::new(status, JSON, body))
}

/// The half of the tab, with an issuer filled in.
fn half(size: [f32; 2]) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    window.tab(Row::Top, "Capture");
    window.press_role(Role::Tab, "Stand between");
    window.fill("issuer", OP);
    window
}

fn standing(size: [f32; 2]) -> Window {
    let mut window = half(size);
    window.press("Start");
    window
}

fn pass(window: &mut Window, passed: Passed) {
    let (generation, outcome) = window.backend().between.pass(passed);
    window.backend().report(generation, outcome);
    window.run();
}

/// Holds a token request, and whoever waits for it.
fn hold(window: &mut Window) -> Waiting {
    let gate = window.backend().between.gate.clone();
    let mut waiting: Waiting = Box::pin(async move { gate.request(token_request()).await });
    assert!(poll(&mut waiting).is_pending());
    window.run();
    waiting
}

fn poll(waiting: &mut Waiting) -> Poll<Passage<HttpRequest>> {
    waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn it_says_what_each_mode_changes_and_names_the_address_to_configure() {
    for size in [USUAL, SMALL] {
        let mut window = half(size);
        window.assert_says("iss keep: endpoints in the metadata lead here");
        window.choose("iss", "mint");
        window.assert_says("iss mint: this is an issuer of its own");
        window.fill("port", "9501");
        window.press("Start");
        let asked = window.backend().between.asked.clone().expect("it was asked for");
        assert_eq!((asked.issuer.as_str(), asked.port.as_str(), asked.is_minting), (OP, "9501", true));
        window.assert_says(HERE);
        window.assert_says("Nothing has passed yet");
        window.assert_says("iss mint: this is an issuer of its own");
        assert!(window.has(Role::Button, "Copy the app's issuer"));
    }
}

#[test]
fn the_issuer_of_the_run_is_filled_in_and_without_one_nothing_starts() {
    let mut window = half(USUAL);
    window.fill("issuer", "");
    assert!(window.is_disabled("Start"));
    let mut window = Window::open();
    window.tab(Row::Top, "Capture");
    window.press_role(Role::Tab, "Stand between");
    let issuer = window.model().run.flow.settings.server.issuer.clone();
    assert!(!issuer.is_empty() && window.model().capture.between.asked.issuer == issuer);
}

#[test]
fn what_keeps_it_from_standing_is_said_with_the_next_step() {
    let mut window = half(USUAL);
    window.backend().between.is_taken = true;
    window.press("Start");
    window.assert_says("Listening failed.");
    window.assert_says("Port 9500 is taken by another program. Type another port");
    window.backend().between.is_taken = false;
    window.fill("port", "many");
    window.press("Start");
    window.assert_says("many is no port");
    window.fill("port", "");
    window.press("Start");
    window.assert_says("Nothing has passed yet");
}

#[test]
fn a_login_grows_in_the_diagram_as_it_passes_and_is_judged() {
    for size in [USUAL, SMALL] {
        let mut window = standing(size);
        pass(&mut window, login());
        window.assert_says("1 login");
        window.assert_says("No token request came");
        let before = window.model().run.id;
        assert_eq!(window.model().run.flow.trace.exchanges.len(), 1);
        pass(&mut window, tokens(401, r#"{"error":"invalid_client"}"#));
        assert_eq!(window.model().run.id, before, "it is the same run");
        assert_eq!(window.model().run.flow.trace.exchanges.len(), 2);
        let finding = window.model().run.finding.clone().expect("a finding");
        assert_eq!(finding.rule.as_deref(), Some("capture.pkce_verifier_missing"));
        window.assert_says(&finding.say);
        for lane in ["Browser", "App", "Back end", "Authorization server"] {
            window.assert_says(lane);
        }
        window.assert_silent("Client (this app)");
        window.assert_silent("from the settings");
        window.press("Show both entries");
        window.assert_says("Entry 0");
        window.assert_silent(logins::CODE);
        window.press("Back to the login");
        window.press_like(Role::ListBoxOption, "POST /oauth2/token 401, token, back channel");
        window.assert_says("Entry 2, back channel");
    }
}

#[test]
fn a_login_that_was_chosen_stays_the_one_and_another_is_followed_elsewhere() {
    let mut window = standing(USUAL);
    pass(&mut window, login());
    let first = window.model().run.id;
    window.press_like(Role::ListBoxOption, "web, Authorization code");
    let other = logins::request(&[("state", "another-state"), ("nonce", "another"), ("code_challenge", "other")]);
    pass(&mut window, passed(10, get(&other), HttpResponse::new(200, "text/html", "<h1>Sign in</h1>")));
    window.assert_says("2 logins");
    assert_eq!(window.model().run.id, first);
    window.tab(Row::Top, "Device");
    let device = window.model().run.id;
    pass(&mut window, tokens(200, &format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer"}}"#)));
    assert_eq!(window.model().run.id, device, "nobody is led away from another tab");
    window.tab(Row::Top, "Capture");
    assert_eq!(window.model().run.id, first);
    assert_eq!(window.model().run.flow.trace.exchanges.len(), 2, "it has gone on meanwhile");
    window.assert_silent(TOKEN);
}

#[test]
fn a_held_message_is_changed_and_released() {
    for size in [USUAL, SMALL] {
        let mut window = standing(size);
        window.press_role(Role::Switch, "Hold each message");
        let mut waiting = hold(&mut window);
        window.assert_says("Held: POST /oauth2/token");
        assert!(window.is_disabled("Release changed"));
        window.assert_silent(logins::CODE);
        window.fill("Method", "PUT");
        window.press("Release changed");
        let Poll::Ready(Passage::Changed(changed)) = poll(&mut waiting) else { panic!("it goes on, changed") };
        assert_eq!((changed.method.as_str(), changed.form()), ("PUT", token_request().form()));
        window.assert_silent("Held: POST");
    }
}

#[test]
fn a_held_message_is_released_dropped_or_gone_with_its_client() {
    let mut window = standing(USUAL);
    window.press_role(Role::Switch, "Hold each message");
    let mut released = hold(&mut window);
    window.press("Release");
    assert!(matches!(poll(&mut released), Poll::Ready(Passage::Free(_))));
    let mut dropped = hold(&mut window);
    window.press("Drop");
    assert!(matches!(poll(&mut dropped), Poll::Ready(Passage::Refused(_))));
    let gone = hold(&mut window);
    window.assert_says("Held: POST /oauth2/token");
    drop(gone);
    window.run();
    window.assert_silent("Held: POST");
    pass(&mut window, login());
    window.assert_says("its client went away");
    let mut let_go = hold(&mut window);
    window.press_role(Role::Switch, "Hold each message");
    assert!(matches!(poll(&mut let_go), Poll::Ready(Passage::Free(_))));
}

#[test]
fn the_body_of_a_held_answer_is_changed_once_its_credentials_are_shown() {
    let mut window = standing(USUAL);
    window.press_role(Role::Switch, "Hold each message");
    let gate = window.backend().between.gate.clone();
    let response = HttpResponse::new(200, JSON, format!(r#"{{"access_token":"{TOKEN}"}}"#));
    let mut waiting = Box::pin(async move { gate.answer(&token_request(), response).await });
    let mut poll = || waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll().is_pending());
    window.run();
    window.assert_says("Held: 200 to POST /oauth2/token");
    window.assert_silent(TOKEN);
    assert!(!window.has_field("Body"));
    window.press_role(Role::Switch, "Show secrets");
    window.fill("Body", "{}");
    window.fill("Status", "none");
    window.assert_says("none is no status");
    assert!(window.is_disabled("Release changed"));
    window.fill("Status", "500");
    window.press("Release changed");
    let Poll::Ready(Passage::Changed(changed)) = poll() else { panic!("it goes on, changed") };
    assert_eq!((changed.status, changed.text().as_ref()), (500, "{}"));
}

#[test]
fn an_audience_reads_no_credential_of_what_is_held_even_when_secrets_are_shown() {
    for is_presenting in [false, true] {
        let mut window = standing(USUAL);
        window.press_role(Role::Switch, "Hold each message");
        let gate = window.backend().between.gate.clone();
        let response = HttpResponse::new(200, JSON, format!(r#"{{"access_token":"{TOKEN}"}}"#));
        let mut answer = Box::pin(async move { gate.answer(&token_request(), response).await });
        assert!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let _request = hold(&mut window);
        window.press_role(Role::Switch, "Show secrets");
        if is_presenting {
            window.key(Modifiers::COMMAND, Key::P);
            window.app().model_mut().tab = Tab::Capture;
            window.run();
            assert!(window.model().present && window.model().reveal);
        }
        for (held, secret) in [("Held: 200 to POST", TOKEN), ("Held: POST /oauth2/token", logins::CODE)] {
            window.press_like(Role::ListBoxOption, held);
            let said = window.texts().iter().any(|text| text.contains(secret));
            assert_eq!(said, !is_presenting, "{held}");
            assert_eq!(window.says(", credentials once they are shown"), is_presenting);
        }
    }
}

#[test]
fn a_held_body_stays_masked_whatever_else_is_changed_and_one_too_large_is_not_shown() {
    let mut window = standing(USUAL);
    window.press_role(Role::Switch, "Hold each message");
    for (size, says) in [(0, "credentials are in it"), (LARGE, "bytes, too many to be changed here")] {
        let gate = window.backend().between.gate.clone();
        let url = format!("{OP}/oauth2/register").parse().expect("a URL");
        let body = format!(r#"{{"access_token":"{TOKEN}","note":"{}"}}"#, "x".repeat(size)).into_bytes();
        let headers = Headers(vec![("content-type".to_owned(), JSON.to_owned())]);
        let request = HttpRequest { method: "POST".to_owned(), headers, body, ..HttpRequest::get(url) };
        let mut waiting = Box::pin(async move { gate.request(request).await });
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        window.run();
        window.assert_says(says);
        window.fill("URL", "nowhere");
        window.assert_says(says);
        window.assert_silent(TOKEN);
        drop(waiting);
        window.run();
    }
}

#[test]
fn the_body_of_a_held_answer_without_credentials_is_changed_at_once() {
    for body in [r#"{ "error": "invalid_grant",  "error_description": "no \u0063ode" }"#, "<p>no</p>", "a=b&c=d"] {
        let mut window = standing(USUAL);
        window.press_role(Role::Switch, "Hold each message");
        let gate = window.backend().between.gate.clone();
        let response = HttpResponse::new(400, JSON, body.to_owned());
        let mut waiting = Box::pin(async move { gate.answer(&token_request(), response).await });
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        window.run();
        assert_eq!(window.value("Body"), body);
    }
}

#[test]
fn a_change_to_another_server_is_refused_in_place() {
    let mut window = standing(USUAL);
    window.press_role(Role::Switch, "Hold each message");
    let mut waiting = hold(&mut window);
    window.fill("URL", "https://evil.example/token");
    window.press("Release changed");
    window.assert_says("to no other server");
    assert!(poll(&mut waiting).is_pending());
}

#[test]
fn a_provider_that_does_not_answer_is_named_with_the_stage_and_what_to_do() {
    let mut window = standing(USUAL);
    let came = Came::Nothing("the connection was refused".to_owned());
    pass(&mut window, Passed { came, ..tokens(200, "") });
    window.assert_says("The provider did not answer (token).");
    window.assert_says("the connection was refused. Look whether it runs");
}

#[test]
fn what_is_held_is_told_in_every_tab() {
    let mut window = standing(USUAL);
    window.press_role(Role::Switch, "Hold each message");
    window.tab(Row::Top, "Device");
    let waiting = hold(&mut window);
    window.assert_says("1 held");
    drop(waiting);
    window.run();
    window.assert_silent("1 held");
}

#[test]
fn what_was_changed_by_hand_is_said_in_the_diagram() {
    let mut window = standing(USUAL);
    pass(&mut window, login());
    let by_hand = vec![ByHand::RequestChanged, ByHand::AnswerChanged];
    pass(&mut window, Passed { by_hand, ..tokens(400, r#"{"error":"invalid_grant"}"#) });
    assert_eq!(window.texts().iter().filter(|text| text.contains("changed by hand,")).count(), 2);
}

#[test]
fn it_ends_and_what_passed_stays_to_be_saved() {
    let mut window = standing(USUAL);
    pass(&mut window, login());
    window.press("Stop");
    window.assert_says("Ended. It stood at");
    window.assert_says("1 login");
    assert!(window.has(Role::Button, "Save run") && !window.has(Role::Switch, "Hold each message"));
    window.press("Settings...");
    window.assert_says("iss keep");
    window.press("Start");
    window.assert_says("Nothing has passed yet");
}
