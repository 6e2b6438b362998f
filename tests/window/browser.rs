//! The redirect stage: ways to sign in, waiting, stopping, pasting.

use egui::{Key, Modifiers, OutputCommand, Role};
use grantscope::flow::Next;
use grantscope::flow::callback::{Refusal, Stray};
use grantscope::flow::{Action, Event};
use grantscope::gui::backend::Outcome;
use grantscope::gui::model::{InspectorTab, Target};

use crate::backend::{Browser, FakeBackend};
use crate::pair::CALLBACK;
use crate::window::{Row, SMALL, USUAL, Window};

/// At the authorization request, with a browser from which nothing comes.
fn idle() -> Window {
    let mut backend = FakeBackend::new();
    backend.browser = Browser::Idle;
    let mut window = Window::open_with(USUAL, backend);
    window.walk_to("Sign in for me as alice");
    window
}

/// The same, with the browser on its way.
fn waiting() -> Window {
    let mut window = idle();
    window.press("Open the browser");
    window
}

/// The redirect URL that the scripted user's browser ends at.
fn redirected(window: &mut Window, state: Option<&str>) -> String {
    let query = window.model().run.flow.trace.exchanges.last().expect("the request").request.query();
    let state = state.map_or_else(|| query.get("state").unwrap_or_default().to_owned(), str::to_owned);
    format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA-0123456789&state={state}&iss=http%3A%2F%2F127.0.0.1%3A9400")
}

#[test]
fn the_browser_signs_in_and_the_run_goes_on() {
    let mut window = Window::at("Sign in for me as alice");
    window.press("Open the browser");
    assert_eq!(window.backend().opened.len(), 1);
    assert!(window.backend().opened[0].as_str().starts_with("http://127.0.0.1:9400/authorize?response_type=code"));
    assert!(window.has(Role::Button, "Send the token request"));
}

#[test]
fn bob_signs_in_as_well() {
    let mut window = Window::at("Sign in for me as alice");
    window.press("Sign in for me as bob");
    window.press("Run to end");
    window.go_to("UserInfo");
    window.assert_says("bob");
}

#[test]
fn waiting_says_what_is_awaited_where_and_since_when() {
    let mut window = waiting();
    window.assert_says("Waiting for the redirect to http://127.0.0.1:8912/callback");
    window.assert_silent("Register http");
    window.open_fold("If nothing comes back");
    window.assert_says(
        "Register http://127.0.0.1/callback as redirect URI at the provider: port 8912 is of this run alone",
    );
    window.assert_silent("Register exactly");
    assert!(window.has(Role::Button, "Stop"));
    assert!(!window.has(Role::Button, "Run to end"));
    assert_eq!(window.state_of("Redirect"), "running");
    window.backend().pair.wait(std::time::Duration::from_secs(75));
    window.run();
    window.assert_says("/callback, 1 min 15 s");
}

#[test]
fn a_fixed_redirect_uri_is_to_be_registered_exactly() {
    let mut window = idle();
    window.fill("redirect_uri", CALLBACK);
    window.press("Copy link");
    window.open_fold("If nothing comes back");
    window.assert_says("Register exactly this redirect URI at the provider");
    window.assert_silent("is of this run alone");
}

#[test]
fn stop_ends_the_wait_at_once_and_the_run_can_be_repeated() {
    for by_key in [false, true] {
        let mut window = waiting();
        match by_key {
            true => window.key(Modifiers::COMMAND, Key::Period),
            false => window.press("Stop"),
        }
        assert!(window.model().run.running.is_none() && !window.backend().is_listening());
        window.assert_says("No authorization response came back");
        window.assert_says("the wait was stopped");
        window.assert_says("You stopped the wait. Wait again");
        window.assert_silent("Register http://127.0.0.1/callback");
        assert!(!window.has(Role::Button, "Keep port 34567"), "nothing is known to be wrong with the port");
        window.press("Try again");
        assert!(window.has(Role::Button, "Sign in for me as alice"));
        window.next();
        assert!(window.has(Role::Button, "Send the token request"));
    }
}

#[test]
fn a_stopped_wait_is_marked_where_it_broke_and_can_be_taken_up_again() {
    let mut window = waiting();
    window.press("Stop");
    for (step, state) in [("Request", "done"), ("Redirect", "failed"), ("Code", "locked")] {
        assert_eq!(window.state_of(step), state, "{step}");
    }
    window.press("Wait again");
    assert_eq!(window.state_of("Redirect"), "running");
    assert!(window.backend().is_listening());
    window.assert_says("Waiting for the redirect to http://127.0.0.1:8912/callback");
    window.press("Stop");
    let sent = window.model().run.flow.session.authorization.clone().expect("a request");
    let state = sent.get("state").expect("a state");
    let pasted =
        format!("http://127.0.0.1:8912/callback?error=access_denied&state={state}&iss=http%3A%2F%2F127.0.0.1%3A9400");
    window.open_fold("If nothing comes back");
    window.fill("Paste the redirect URL", &pasted);
    window.press("Use this response");
    window.assert_says("The server refused the authorization request: access_denied");
    assert_eq!(window.model().run.flow.trace.exchanges.len(), 3, "it is the same request");
}

#[test]
fn a_look_at_another_tab_does_not_end_a_wait() {
    let mut window = waiting();
    window.tab(Row::Top, "Device");
    assert!(window.backend().is_listening(), "the wait goes on");
    window.tab(Row::Top, "Authorization code");
    assert_eq!(window.state_of("Redirect"), "running");
    assert!(window.backend().is_listening());
    window.press("Stop");
    window.tab(Row::Top, "Device");
    window.tab(Row::Top, "Authorization code");
    assert!(!window.backend().is_listening(), "what was stopped stays stopped");
}

#[test]
fn a_redirect_uri_that_is_none_is_asked_for_before_the_browser_opens() {
    let mut window = Window::at("Sign in for me as alice");
    for (typed, title) in [("", "redirect_uri is needed"), ("callback", "redirect_uri cannot be used as it is")] {
        window.fill("redirect_uri", typed);
        window.assert_says(title);
        window.assert_says("name it in omit");
    }
    window.fill("redirect_uri", "http://127.0.0.1:8912/callback");
    window.next();
    assert!(window.has(Role::Button, "Send the token request"));
}

#[test]
fn stop_gives_up_a_request_under_way_and_its_late_answer_is_dropped() {
    let mut window = Window::at("Send the token request");
    window.backend().holds = true;
    window.next();
    window.assert_says("Waiting for the answer of 127.0.0.1:9400");
    let before = window.model().run.flow.trace.exchanges.len();
    window.press("Stop");
    assert!(window.has(Role::Button, "Send the token request"));
    window.backend().release();
    window.run();
    assert_eq!(window.model().run.flow.trace.exchanges.len(), before, "a late answer is dropped");
    assert!(window.model().run.running.is_none());
}

#[test]
fn reports_of_an_earlier_run_are_dropped_after_start_over() {
    let mut window = Window::open();
    window.backend().holds = true;
    window.next();
    window.press("Start over");
    window.backend().release();
    window.run();
    assert!(window.model().run.flow.trace.exchanges.is_empty());
    assert!(window.has(Role::Button, "Start"));
}

#[test]
fn signing_in_another_way_ends_the_first_wait() {
    let mut window = waiting();
    let generation = window.model().run.generation;
    window.press("Sign in for me as alice");
    assert!(window.has(Role::Button, "Send the token request"));
    assert!(!window.backend().is_listening(), "nobody listens for a second response");
    let error = grantscope::flow::Failure::wait("no response came within 10 min");
    let late = Event::Failed { error, took: std::time::Duration::ZERO };
    window.backend().report(generation, Outcome::Flow(late));
    window.run();
    assert!(window.has(Role::Button, "Send the token request"), "the end of the first wait stops nothing");
}

#[test]
fn copy_link_puts_the_request_on_the_clipboard_and_waits() {
    let mut window = idle();
    window.get(Role::Button, "Copy link").click_accesskit();
    let mut copied = Vec::new();
    for _ in 0..6 {
        window.harness.step();
        for command in &window.harness.output().platform_output.commands {
            if let OutputCommand::CopyText(text) = command {
                copied.push(text.clone());
            }
        }
    }
    assert!(matches!(&copied[..], [link] if link.starts_with("http://127.0.0.1:9400/authorize?")), "{copied:?}");
    assert!(window.backend().is_listening());
    window.assert_says("Copied the link");
}

#[test]
fn a_browser_that_cannot_be_started_is_said_and_the_wait_stays() {
    let mut backend = FakeBackend::new();
    backend.browser = Browser::Missing;
    let mut window = Window::open_with(USUAL, backend);
    window.walk_to("Sign in for me as alice");
    window.press("Open the browser");
    window.assert_says("The browser could not be started: no browser is installed. Copy the link");
    assert!(window.backend().is_listening());
    assert!(window.has(Role::Button, "Stop"));
}

#[test]
fn a_sign_in_that_fails_says_why_and_other_ways_stay_open() {
    let mut backend = FakeBackend::new();
    backend.sign_in_fails = Some("the login page has no form");
    let mut window = Window::open_with(USUAL, backend);
    window.walk_to("Sign in for me as alice");
    window.next();
    window.assert_says("Could not sign in by itself: the login page has no form");
    assert!(window.has(Role::Button, "Open the browser again"));
    assert!(window.has(Role::Button, "Wait for the callback"));
    assert_eq!(window.state_of("Redirect"), "ready", "nobody waits");
    window.next();
    assert_eq!(window.state_of("Redirect"), "running");
    window.assert_says("Could not sign in by itself: the login page has no form");
    window.press("Open the browser again");
    assert!(window.has(Role::Button, "Send the token request"));
    window.assert_silent("Could not sign in by itself");
}

#[test]
fn a_refused_authorization_request_keeps_its_reason() {
    const REASON: &str = "there is no client nobody";
    let mut window = Window::open();
    window.fill("client_id", "nobody");
    window.walk_to("Sign in for me as alice");
    window.next();
    assert!(matches!(window.model().run.next, Next::Stopped(_)), "nothing will come");
    assert_eq!(window.state_of("Redirect"), "failed");
    window.open_fold("What was sent and came");
    window.assert_says(&format!("Came: the server answered 400: {REASON}"));
    window.go_to("Keys");
    assert!(!window.says("Came: "), "another message is shown");
    window.go_to("Redirect");
    window.open_fold("What was sent and came");
    window.assert_says(&format!("Came: the server answered 400: {REASON}"));
    window.press("Wait again");
    assert!(window.has(Role::Button, "Stop") && window.has(Role::Button, "Open the browser again"));
    window.press("Stop");
    window.press("Try again");
    window.next();
    window.assert_says(REASON);
    // The first try keeps its own, as any message does.
    window.app().model_mut().run.selected = Some(Target::Answer(2));
    window.app().model_mut().run.inspector = InspectorTab::Response;
    window.run();
    window.assert_says("stopped");
}

#[test]
fn what_came_to_the_redirect_uri_and_was_turned_away_is_shown_while_waiting() {
    let mut window = waiting();
    let generation = window.model().run.generation;
    let at = window.model().now;
    let stray = Stray { at, what: "GET /callback".to_owned(), why: Refusal::WrongState };
    window.backend().report(generation, Outcome::Flow(Event::Stray(stray)));
    window.run();
    window.assert_says("GET /callback: state is not the one that was sent. Still waiting.");
    assert!(window.has(Role::Button, "Stop"));
}

#[test]
fn a_pasted_redirect_url_is_the_response() {
    let mut window = waiting();
    let pasted = redirected(&mut window, None);
    window.open_fold("If nothing comes back");
    window.fill("Paste the redirect URL", &pasted);
    window.press("Use this response");
    assert!(window.has(Role::Button, "Send the token request"));
    assert!(!window.backend().is_listening(), "the listener is closed");
    window.assert_silent("SplxlOBeZQQYbYS6WxSbIA-0123456789");
    window.press_role(Role::Switch, "Show secrets");
    assert_eq!(window.value("Value of code"), "SplxlOBeZQQYbYS6WxSbIA-0123456789");
}

#[test]
fn where_nobody_here_can_listen_the_address_is_asked_for() {
    let mut window = idle();
    window.fill("redirect_uri", "https://app.example/callback");
    window.press("Copy link");
    window.assert_says("The browser will end at");
    window.assert_says("This program cannot listen there: paste the whole address");
    window.assert_says("Waiting for the address of the redirect, which you paste");
    window.assert_silent("Waiting at");
}

#[test]
fn https_on_this_machine_is_listened_at_and_the_warning_of_the_browser_is_foretold() {
    let mut window = idle();
    window.fill("redirect_uri", "https://localhost:8912/callback");
    window.press("Copy link");
    window.assert_says("Waiting at");
    window.open_fold("If nothing comes back");
    window.assert_says("The certificate here is made for this run");
    assert!(window.backend().is_listening());
}

#[test]
fn a_redirect_url_can_be_pasted_before_the_browser_was_opened() {
    let mut window = idle();
    let state = window.value("Value of state");
    window.fill(
        "Paste the redirect URL",
        &format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA-0123456789&state={state}&iss=http://127.0.0.1:9400"),
    );
    window.press("Use this response");
    assert!(window.has(Role::Button, "Send the token request"));
}

#[test]
fn junk_in_the_paste_field_is_explained_and_stays() {
    for (junk, says) in [
        ("code=abc", "this is not a URL; paste the whole address"),
        ("http://127.0.0.1:8912/callback", "this URL carries no code, token or error"),
        ("\u{202e}http://", "this is not a URL"),
    ] {
        let mut window = waiting();
        window.open_fold("If nothing comes back");
        window.fill("Paste the redirect URL", junk);
        window.press("Use this response");
        window.assert_says(says);
        assert_eq!(window.focused(), "Paste the redirect URL", "it is to be mended there");
        assert_eq!(window.value("Paste the redirect URL"), junk);
        assert!(matches!(window.model().run.next, Next::Do(Action::Await(_))), "the wait goes on");
    }
}

#[test]
fn a_pasted_error_is_a_refusal() {
    let mut window = waiting();
    let state = window
        .model()
        .run
        .flow
        .trace
        .exchanges
        .last()
        .expect("the request")
        .request
        .query()
        .get("state")
        .map(str::to_owned);
    let pasted =
        format!("{CALLBACK}?error=access_denied&state={}&iss=http://127.0.0.1:9400", state.unwrap_or_default());
    window.open_fold("If nothing comes back");
    window.fill("Paste the redirect URL", &pasted);
    window.press("Use this response");
    window.assert_says("The server refused the authorization request: access_denied");
}

#[test]
fn a_response_with_a_wrong_state_is_used_only_when_told_to() {
    let mut window = waiting();
    let pasted = redirected(&mut window, Some("of-another-login"));
    window.open_fold("If nothing comes back");
    window.fill("Paste the redirect URL", &pasted);
    window.press("Use this response");
    window.assert_says("A response that does not belong to this login must not be used");
    window.assert_says("saw of-another-login");
    assert!(window.has(Role::Button, "Try again"));
    window.press("Go on anyway");
    assert!(window.has(Role::Button, "Send the token request"));
    assert!(window.model().run.flow.has_failed_check());
}

/// After going on by choice what was wrong stays in sight, and going back returns to before the choice.
#[test]
fn what_must_not_be_used_stays_marked_after_going_on() {
    let mut window = Window::open();
    window.backend().pair.practice.set(grantscope::practice::Fault::WrongAud, true);
    window.press("Run to end");
    window
        .assert_says("An ID token that does not list this client as an audience must be rejected (OIDC Core §3.1.3.7)");
    let stopped = "stopped by a check: aud holds this client_id, 1 failed";
    assert_eq!(window.state_of("Tokens"), stopped);
    window.press("Go on anyway");
    assert!(matches!(window.model().run.next, Next::Finished), "Run to end goes on: {:?}", window.model().run.next);
    assert_eq!(window.state_of("Tokens"), stopped);
    window.assert_says("Tokens came. Do not use them: aud is another-client, this client is practice-web");
    window.go_to("Tokens");
    window.tab(Row::Inspector, "Response");
    window.assert_says("Do not use");
    window.tab(Row::Inspector, "Tokens");
    assert!(window.has(Role::Label, "Do not use"));
    for _ in 0..9 {
        if window.model().run.flow.problem().is_some() {
            break;
        }
        window.press("Back");
    }
    assert!(window.has(Role::Button, "Go on anyway"), "back before the choice");
}

#[test]
fn the_link_is_shown_as_a_qr_code() {
    let mut window = idle();
    window.press("QR code");
    window.assert_silent("too long for a QR code");
    assert!(window.says("127.0.0.1"));
}

/// What was sent is what one looks at while the browser is elsewhere.
#[test]
fn the_parameters_are_in_sight_while_the_browser_is_awaited() {
    for size in [USUAL, SMALL] {
        let mut backend = FakeBackend::new();
        backend.browser = Browser::Idle;
        let mut window = Window::open_with(size, backend);
        window.walk_to("Sign in for me as alice");
        window.press("Open the browser");
        let head = window.place_of(Role::Switch, "Show secrets").bottom();
        let end = window.place_of(Role::Button, "Stop").top() - 24.0;
        let request = &window.model().run.flow.trace.exchanges.last().expect("the request").request;
        let names: Vec<String> = request.query().iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names.len(), 8, "{names:?}");
        for name in names {
            // Among the settings there are some of these names, too.
            let place = window.rightmost(Role::Label, &name);
            assert!(place.top() > head && place.bottom() < end, "{size:?}: {name} at {place:?}, {end}");
        }
    }
}
