//! What is added to a finished run: asking about tokens, giving them up, proving it, signing out, calling APIs.

use egui::Role;
use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::client::settings::Settings;
use grantscope::flow::Next;
use grantscope::flow::stage::Stage;

use crate::pair::Fault;
use crate::window::{Row, Window};

/// A finished run of this tab.
fn finished(tab: &str) -> Window {
    let mut window = Window::open();
    window.tab(Row::Top, tab);
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{tab}: {:?}", window.model().run.next);
    window
}

/// Adds a stage by the button that offers it, or by the menu beside that.
#[track_caller]
pub fn add(window: &mut Window, words: &str) {
    if !window.has(Role::Button, words) {
        window.press("More");
    }
    window.press(words);
}

fn last(window: &Window) -> (HttpRequest, Option<HttpResponse>) {
    let exchange = window.model().run.flow.trace.exchanges.last().cloned().expect("an exchange");
    (exchange.request.clone(), exchange.response().cloned())
}

/// What is added, what the button says then, the step that is done afterwards, and what is shown.
type Added = &'static [(&'static str, &'static str, &'static str, &'static str)];

const ADDED: [(&str, Added); 4] = [
    (
        "Authorization code",
        &[
            ("Introspect the access token", "Introspect the access token", "Introspect", "active: true"),
            ("Get UserInfo again", "Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API again", "Call the API", "API", "client_id: \"practice-web\""),
            ("Revoke the tokens", "Revoke the tokens", "Revoke", "The body is empty."),
            ("Prove that the token is dead", "Prove that the token is dead", "Proof", "error: \"invalid_grant\""),
        ],
    ),
    (
        "Client credentials",
        &[
            ("Introspect the access token", "Introspect the access token", "Introspect", "active: true"),
            ("Revoke the tokens", "Revoke the tokens", "Revoke", "The body is empty."),
            ("Prove that the token is dead", "Prove that the token is dead", "Proof", "active: false"),
        ],
    ),
    (
        "Token exchange",
        &[
            ("Introspect the access token", "Introspect the access token", "Introspect", "active: true"),
            ("Revoke the tokens", "Revoke the tokens", "Revoke", "The body is empty."),
        ],
    ),
    (
        "Refresh",
        &[(
            "Use the old refresh token again",
            "Send the old refresh token again",
            "Old token",
            "error: \"invalid_grant\"",
        )],
    ),
];

#[test]
fn what_is_added_to_a_run_is_shown_first_and_succeeds() {
    for (tab, added) in ADDED {
        let mut window = finished(tab);
        for (words, button, done, shows) in added {
            add(&mut window, words);
            assert!(window.has(Role::Button, button), "{tab}: no button {button} after {words}");
            window.next();
            window.assert_says(shows);
            // Steps that were there before have their name twice on the rail.
            if !matches!(*done, "UserInfo" | "API") {
                assert_eq!(window.state_of(done), "done", "{tab}: {done}");
            }
            assert!(matches!(window.model().run.next, Next::Finished), "{tab}: {words}");
        }
        assert!(!window.model().run.flow.has_failed_check(), "{tab}");
    }
}

#[test]
fn claims_that_are_elsewhere_are_fetched_when_that_is_wanted() {
    let mut window = Window::at("Sign in for me as alice");
    window.press("Sign in for me as bob");
    window.press("Run to end");
    window.go_to("UserInfo");
    window.assert_says("Aggregated claims of the source aggregated");
    window.assert_says("+43 1 5550123");
    add(&mut window, "Fetch distributed claims");
    window.next();
    window.assert_says("650");
    assert_eq!(window.state_of("Claims"), "done");
    assert!(!window.model().run.flow.has_failed_check());
}

#[test]
fn a_token_that_outlives_its_revocation_is_not_proved_dead() {
    let mut window = finished("Client credentials");
    add(&mut window, "Revoke the tokens");
    window.next();
    let alive: Fault = |_| Ok(HttpResponse::new(200, "application/json", r#"{"active":true}"#));
    window.backend().pair.faults.insert("/introspect", alive);
    assert!(window.has(Role::Button, "Prove that the token is dead"), "it is what to do next");
    add(&mut window, "Prove that the token is dead");
    window.next();
    window.assert_says("1 failed");
    window.tab(Row::Inspector, "Checks");
    window.assert_says("revocation.effective");
}

#[test]
fn only_what_can_follow_is_offered() {
    for (tab, offered) in [
        ("Client credentials", &[][..]),
        ("JWT bearer", &[]),
        ("SAML bearer", &[]),
        ("Implicit", &["Sign out at the server"]),
        ("Password", &["Refresh the tokens", "Sign out at the server"]),
    ] {
        let window = finished(tab);
        let stages = window.model().run.appendable();
        for words in [
            "Refresh the tokens",
            "Use the old refresh token again",
            "Prove that the token is dead",
            "Sign out at the server",
        ] {
            let is_offered = stages.iter().any(|(_, label)| *label == words);
            assert_eq!(is_offered, offered.contains(&words), "{tab}: {words}");
        }
    }
}

#[test]
fn signing_out_comes_back_with_state_where_there_is_a_way_back() {
    let mut window = Window::open();
    window.fill("post_logout_redirect_uri", "http://127.0.0.1:8913/");
    window.press("Run to end");
    add(&mut window, "Sign out at the server");
    assert!(window.has(Role::Button, "Sign out for me"));
    assert_eq!(window.value("Value of post_logout_redirect_uri"), "http://127.0.0.1:8913/");
    assert!(window.has(Role::Button, "Copy link"), "the browser may go there as well");
    window.next();
    assert_eq!((window.state_of("Sign out"), window.state_of("Back")), ("done".to_owned(), "done".to_owned()));
    window.assert_says("redirect  state=…");
    window.assert_says("Came by query to");
    let state = last(&window).0.query().get("state").map(str::to_owned).expect("a state");
    window.assert_says(&state);
    assert!(!window.model().run.flow.has_failed_check());
    assert_eq!(window.backend().known_at_logout, [true], "it is made in the browser that signed in");
}

/// Any page can be pasted; one that is not that of the request with its state is told, and hinders nobody.
#[test]
fn another_page_is_not_the_way_back_from_a_logout() {
    const BACK: &str = "http://127.0.0.1:8913/";
    for (pasted, says) in [
        ("https://elsewhere.example/?state=", "logout.returned"),
        (BACK, "logout.state"),
        ("http://127.0.0.1:8913/?state=another", "logout.state"),
    ] {
        let mut window = Window::open();
        window.fill("post_logout_redirect_uri", BACK);
        window.press("Run to end");
        add(&mut window, "Sign out at the server");
        window.fill("Paste the redirect URL", pasted);
        window.press("Use this response");
        assert!(matches!(window.model().run.next, Next::Finished), "{pasted}");
        window.tab(Row::Inspector, "Checks");
        window.assert_says(says);
    }
}

#[test]
fn a_signed_introspection_answer_is_read() {
    let mut window = finished("Authorization code");
    window.choose("introspection_signed_response_alg", "ES256");
    add(&mut window, "Introspect the access token");
    window.next();
    for words in ["200 active", "token-introspection+jwt", "token_introspection"] {
        window.assert_says(words);
    }
    assert!(!window.model().run.flow.has_failed_check());
}

#[test]
fn signing_out_without_a_way_back_waits_for_nothing() {
    let mut window = Window::open();
    window.fill("post_logout_redirect_uri", "");
    window.press("Run to end");
    add(&mut window, "Sign out at the server");
    window.next();
    let sent = last(&window).0;
    assert_eq!(sent.url.path(), "/end_session");
    assert!(sent.query().contains("id_token_hint") && !sent.query().contains("state"), "{:?}", sent.query());
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.backend().is_listening());
    window.tab(Row::Inspector, "Response");
    window.assert_says("nothing comes back, and only the page says whether he is signed out: not judged");
    assert_eq!(
        (window.state_of("Sign out"), window.state_of("No way back")),
        ("done".to_owned(), "not judged".to_owned())
    );
    let returned = window.model().run.flow.checks().filter(|check| check.rule.id == "logout.returned").last().cloned();
    let returned = returned.expect("a check");
    assert_eq!(returned.verdict, Verdict::Skipped);
    assert!(returned.actual.is_some_and(|why| why.starts_with("not judged: without a post_logout_redirect_uri")));
}

/// A page that refuses is seen where the program itself goes there.
#[test]
fn a_logout_that_a_page_refuses_stops_the_run() {
    let mut window = Window::open();
    window.fill("post_logout_redirect_uri", "");
    window.press("Run to end");
    add(&mut window, "Sign out at the server");
    window.backend().sign_in_fails = Some("the server answered 400: Nobody was signed out");
    window.press("Sign out for me");
    let Next::Stopped(problem) = &window.model().run.next else { panic!("it went on") };
    assert!(problem.came.contains("Nobody was signed out"), "{}", problem.came);
    assert_eq!(window.state_of("No way back"), "failed");
    window.backend().sign_in_fails = None;
    window.press("Try again");
    window.press("Sign out for me");
    assert!(matches!(window.model().run.next, Next::Finished));
}

/// Says back what the API was sent.
const ECHO: Fault = |request| {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let id = request.headers.get("x-request-id").unwrap_or("none");
    Ok(HttpResponse::new(201, "text/plain", format!("{} {id} {body}", request.method)))
};

/// A run that is about to call the API with a body.
fn at_the_api() -> Window {
    let mut window = Window::open();
    window.tab(Row::Top, "Client credentials");
    window.backend().pair.faults.insert("/api/me", ECHO);
    window.walk_to("Call the API");
    window.go_to("API");
    window.choose("api_method", "POST");
    window.fill("api_body", r#"{"order": 1}"#);
    window
}

#[test]
fn an_api_is_called_with_any_method_header_and_body() {
    let mut window = at_the_api();
    window.press("Add API header field");
    window.fill("Value of API header field 1", "r1");
    window.fill("Name of API header field 1", "X-Request-Id");
    window.assert_says("POST /api/me");
    window.next();
    window.assert_says("201 Created");
    window.assert_says(r#"POST r1 {"order": 1}"#);
    window.tab(Row::Inspector, "cURL");
    window.assert_says("X-Request-Id: r1");
}

#[test]
fn a_body_is_edited_before_it_leaves() {
    let mut window = at_the_api();
    assert_eq!(window.value("Body"), r#"{"order": 1}"#);
    window.fill("Body", r#"{"order": 2}"#);
    window.assert_says("Edited by hand.");
    window.next();
    assert_eq!(last(&window).0.body, br#"{"order": 2}"#);
    window.assert_says(r#"POST none {"order": 2}"#);
    let settings: &Settings = &window.model().run.flow.settings;
    assert_eq!(settings.request.api_body, r#"{"order": 1}"#, "the edit is of this request alone");
}

#[test]
fn a_body_that_is_not_wanted_any_more_goes_with_its_content_type() {
    let mut window = at_the_api();
    window.fill("api_body", "");
    window.choose("api_method", "DELETE");
    window.next();
    let sent = last(&window).0;
    assert_eq!((sent.method.as_str(), sent.body.as_slice()), ("DELETE", &b""[..]));
    assert_eq!(sent.headers.get("content-type"), None);
}

#[test]
fn a_refused_call_says_why_and_the_run_can_go_on() {
    let mut window = finished("Authorization code");
    add(&mut window, "Revoke the tokens");
    window.next();
    add(&mut window, "Call the API again");
    window.next();
    window.assert_says("The server refused the API call: invalid_token");
    assert_eq!(window.model().run.flow.stage(), Some(Stage::Resource));
    window.press("Skip this stage");
    assert!(matches!(window.model().run.next, Next::Finished));
}
