//! Every grant, stepped through with nothing but Ctrl+Enter: what the button says, where it leads, what is shown then.

use egui::Role;
use grantscope::base::entropy::Entropy;
use grantscope::client::settings::ID_JAG;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next};
use grantscope::gui::diagram::Diagram;
use grantscope::gui::model::InspectorTab;
use grantscope::terms::grant::Grant;

use crate::backend::FakeBackend;
use crate::pair::Pair;
use crate::window::{Row, USUAL, Window};

/// What the button says, the step of the rail that is done then, and what the screen shows.
type Steps = &'static [(&'static str, &'static str, &'static str)];

/// Ctrl+Enter from the first step to the last.
#[track_caller]
fn walk(window: &mut Window, steps: Steps) {
    for (button, done, shows) in steps {
        assert!(window.has(Role::Button, button), "no button {button}: {:?}", window.model().run.next);
        window.next();
        assert_eq!(window.state_of(done).split(", ").next(), Some("done"), "{done} after {button}");
        window.assert_says(shows);
    }
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(window.has(Role::Button, "Run again"));
    assert!(!window.model().run.flow.has_failed_check());
}

fn sent(window: &mut Window) -> Vec<String> {
    window.backend().sent.iter().map(|request| request.url.path().to_owned()).collect()
}

const WALKS: [(&str, Steps); 10] = [
    (
        "Device",
        &[
            ("Start", "Discovery", "GET /jwks"),
            ("Fetch the keys", "Keys", "POST /device"),
            ("Send the device request", "Device request", "and type"),
            ("Approve for me as alice", "Tokens", "Decode id_token"),
            ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API", "API", "200 the API's answer"),
        ],
    ),
    (
        "MCP",
        &[
            ("Start", "Challenge", "401 Unauthorized"),
            ("Read the API's metadata", "API metadata", "authorization_servers"),
            ("Fetch the metadata", "Discovery", "code_challenge_method"),
            ("Sign in for me as alice", "Code", "POST /token  code + code_verifier"),
            ("Send the token request", "Tokens", "access_token"),
            ("Call the API", "API", "200 the API's answer"),
        ],
    ),
    (
        "Client credentials",
        &[
            ("Start", "Discovery", "POST /token  client credentials"),
            ("Send the token request", "Tokens", "Decode access_token"),
            ("Call the API", "API", "client_id: \"practice-web\""),
        ],
    ),
    (
        "Refresh",
        &[
            ("Start", "Discovery", "GET /jwks"),
            ("Fetch the keys", "Keys", "200 1 key"),
            ("Sign in for me as alice", "Redirect", "POST /token  code + code_verifier"),
            ("Send the token request", "First tokens", "POST /token  refresh_token"),
            ("Refresh the tokens", "Refresh", "single use where the server rotates"),
            ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API", "API", "200 the API's answer"),
        ],
    ),
    (
        "Token exchange",
        &[
            ("Start", "Discovery", "GET /jwks"),
            ("Fetch the keys", "Keys", "200 1 key"),
            ("Sign in for me as alice", "Code", "POST token exchange: subject_token"),
            ("Send the token request", "Subject token", "POST /token  subject_token"),
            ("Exchange the token", "New token", "Decode access_token"),
            ("Call the API", "API", "sub: \"alice\""),
        ],
    ),
    (
        "JWT bearer",
        &[
            ("Start", "Discovery", "Claims of assertion"),
            ("Send the token request", "Tokens", "Decode access_token"),
            ("Call the API", "API", "sub: \"alice\""),
        ],
    ),
    (
        "SAML bearer",
        &[
            ("Start", "Discovery", "GET /saml"),
            ("Fetch the assertion", "Assertion", "urn:practice:saml"),
            ("Send the token request", "Tokens", "Decode access_token"),
            ("Call the API", "API", "sub: \"alice\""),
        ],
    ),
    (
        "Implicit",
        &[
            ("Start", "Discovery", "tokens travel through the browser"),
            ("Fetch the keys", "Keys", "200 1 key"),
            ("Sign in for me as alice", "Tokens", "redirect  access_token=…&token_type=…&expires_in=…"),
            ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API", "API", "200 the API's answer"),
        ],
    ),
    (
        "Hybrid",
        &[
            ("Start", "Discovery", "Rarely needed since PKCE"),
            ("Fetch the keys", "Keys", "200 1 key"),
            ("Sign in for me as alice", "Front", "redirect  code=…&id_token=…&state=…"),
            ("Send the token request", "Tokens", "Decode id_token"),
            ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API", "API", "200 the API's answer"),
        ],
    ),
    (
        "Password",
        &[
            ("Start", "Discovery", "the client sees the user's password"),
            ("Fetch the keys", "Keys", "POST /token  username + password"),
            ("Send the token request", "Tokens", "Decode id_token"),
            ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API", "API", "200 the API's answer"),
        ],
    ),
];

#[test]
fn ctrl_enter_walks_through_every_grant() {
    for (tab, steps) in WALKS {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        assert_eq!(window.selected_tab(Row::Top), tab);
        walk(&mut window, steps);
    }
}

/// What has left in each, by path: nothing more, nothing twice.
#[test]
fn each_grant_sends_what_it_needs_and_nothing_more() {
    const METADATA: &str = "/.well-known/openid-configuration";
    for (tab, paths) in [
        ("Client credentials", &[METADATA, "/token", "/api/me"][..]),
        ("JWT bearer", &[METADATA, "/token", "/api/me"]),
        ("SAML bearer", &[METADATA, "/saml", "/token", "/api/me"]),
        ("Implicit", &[METADATA, "/jwks", "/userinfo", "/api/me"]),
        ("Password", &[METADATA, "/jwks", "/token", "/userinfo", "/api/me"]),
        ("Hybrid", &[METADATA, "/jwks", "/token", "/userinfo", "/api/me"]),
        ("Refresh", &[METADATA, "/jwks", "/token", "/token", "/userinfo", "/api/me"]),
        ("Token exchange", &[METADATA, "/jwks", "/token", "/token", "/api/me"]),
        (
            "MCP",
            &[
                "/mcp",
                "/.well-known/oauth-protected-resource/mcp",
                "/.well-known/oauth-authorization-server",
                "/token",
                "/mcp",
            ],
        ),
    ] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.press("Run to end");
        assert!(matches!(window.model().run.next, Next::Finished), "{tab}: {:?}", window.model().run.next);
        assert_eq!(sent(&mut window), paths, "{tab}");
    }
}

#[test]
fn a_device_shows_where_to_go_and_what_to_type() {
    let mut window = Window::open();
    window.tab(Row::Top, "Device");
    window.walk_to("Approve for me as alice");
    let device = window.model().run.flow.session.device.clone().expect("a device");
    for words in [device.user_code.as_str(), device.verification_uri.as_str(), "Not polling yet"] {
        window.assert_says(words);
    }
    window.press("Copy code");
    window.assert_says("Copied user_code");
    window.next();
    window.row("you type");
    window.assert_says(&format!("you type {} and approve", device.user_code));
}

/// What is approved on another device is seen by nobody here: the client begins to ask when it is told to.
#[test]
fn polling_begins_without_a_browser_and_leaves_alone_what_the_user_looks_at() {
    let mut window = Window::open();
    window.tab(Row::Top, "Device");
    window.walk_to("Approve for me as alice");
    let backend = window.backend();
    (backend.sleeps, backend.pair.approves) = (2, false);
    window.press("Begin to poll");
    assert_eq!(window.model().run.flow.session.polling.map(|polling| polling.pending), Some(2));
    window.assert_says("authorization_pending");
    assert!(!window.has(Role::Button, "Begin to poll"));
    window.go_to("Device request");
    window.tab(Row::Inspector, "Checks");
    let (selected, checks) = (window.model().run.selected, window.model().run.flow.checks().count());
    window.backend().wake(3);
    window.run();
    let model = window.model();
    assert_eq!(model.run.flow.session.polling.map(|polling| polling.pending), Some(5));
    assert_eq!((model.run.selected, model.run.inspector), (selected, InspectorTab::Checks));
    assert_eq!(model.run.flow.checks().count(), checks, "one poll says what the other said");
}

#[test]
fn a_user_who_denies_leaves_nothing_to_approve_or_to_send_again() {
    for (tab, again) in [("Device", "Get a new code"), ("CIBA", "Ask the user again")] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.walk_to("Approve for me as alice");
        window.backend().pair.decision = "deny";
        window.next();
        assert_eq!(window.state_of("Tokens"), "refused", "{tab}");
        window.assert_says("access_denied");
        for gone in ["Copy link", "Approve for me as alice", "Begin to poll", "Try again"] {
            assert!(!window.has(Role::Button, gone), "{tab}: {gone}");
        }
        window.backend().pair.decision = "allow";
        window.press(again);
        window.press("Run to end");
        assert!(matches!(window.model().run.next, Next::Finished), "{tab}: {:?}", window.model().run.next);
    }
}

#[test]
fn a_pasted_refresh_token_needs_no_login() {
    let mut first = Window::open();
    first.tab(Row::Top, "Refresh");
    first.walk_to("Refresh the tokens");
    let token = first.model().run.flow.session.refresh_token().expect("a refresh token").expose().to_owned();
    first.press("Start over");
    first.fill("refresh_token", &token);
    walk(
        &mut first,
        &[
            ("Start", "Discovery", "GET /jwks"),
            ("Fetch the keys", "Keys", "POST /token  refresh_token"),
            ("Refresh the tokens", "Refresh", "single use where the server rotates"),
            ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
            ("Call the API", "API", "200 the API's answer"),
        ],
    );
}

#[test]
fn an_exchange_with_an_actor_shows_who_acts_for_whom() {
    let mut window = Window::open();
    window.tab(Row::Top, "Token exchange");
    window.choose("actor_token_type", "urn:ietf:params:oauth:token-type:access_token");
    for (button, done, shows) in [
        ("Start", "Discovery", "GET /jwks"),
        ("Fetch the keys", "Keys", "200 1 key"),
        ("Sign in for me as alice", "Code", "POST token request of the actor"),
        ("Send the token request", "Subject token", "the actor's client credentials"),
        ("Get the token of the actor", "Actor token", "POST /token  subject_token + actor_token"),
        ("Exchange the token", "New token", "acts for"),
    ] {
        assert!(window.has(Role::Button, button), "no button {button}");
        window.next();
        assert_eq!(window.state_of(done), "done", "{done} after {button}");
        window.assert_says(shows);
    }
    assert_eq!(window.selected_tab(Row::Inspector), "Tokens");
    let mut texts = window.texts();
    texts.dedup();
    assert!(texts.windows(4).any(|said| said == ["act", "practice-web", "acts for", "alice"]), "{texts:?}");
    window.go_to("Exchange");
    for title in ["subject_token, decoded", "actor_token, decoded"] {
        window.assert_says(title);
    }
}

#[test]
fn an_assertion_is_decoded_before_it_leaves_and_takes_what_is_typed() {
    let mut window = Window::open();
    window.tab(Row::Top, "JWT bearer");
    window.fill("assertion_subject", "bob");
    window.fill("assertion_claims", r#"{"department": "sales"}"#);
    window.next();
    assert_eq!(window.selected_tab(Row::Inspector), "Request");
    window.assert_says("made and signed when it leaves, with ES256 and the key practice-jwt-1");
    assert_eq!((window.value("Value of sub"), window.value("Value of department")), ("bob".into(), "sales".into()));
    assert_eq!(sent(&mut window).len(), 1, "it has not left yet");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished));
    window.assert_says("sub: \"bob\"");
}

#[test]
fn claims_that_are_no_json_name_the_field() {
    let mut window = Window::open();
    window.tab(Row::Top, "JWT bearer");
    window.next();
    window.fill("assertion_claims", "{\"exp\":");
    window.assert_says("assertion_claims cannot be used as it is");
    window.assert_says("assertion_claims is not a JSON object");
    window.press("Correct assertion_claims");
    assert_eq!(window.focused(), "assertion_claims");
    window.fill("assertion_claims", "");
    assert!(window.has(Role::Button, "Send the token request"));
}

#[test]
fn a_saml_assertion_is_shown_as_xml() {
    let mut window = Window::open();
    window.tab(Row::Top, "SAML bearer");
    window.walk_to("Send the token request");
    window.assert_says("Issuer>urn:practice:saml<");
    window.go_to("Request");
    window.assert_says("assertion, decoded");
    window.assert_says("SAML assertion");
    window.assert_says("Issuer>urn:practice:saml<");
    window.next();
    assert_eq!(window.state_of("Tokens"), "done");
}

#[test]
fn where_no_code_was_exchanged_no_lesson_speaks_of_one() {
    for tab in ["Client credentials", "JWT bearer", "SAML bearer", "Implicit", "Password"] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.walk_to("Call the API");
        window.go_to("Tokens");
        window.assert_says("Why this step?");
        window.assert_silent("The code travelled through the browser");
    }
}

/// With a user who approves on a phone.
const CIBA: Steps = &[
    ("Start", "Discovery", "GET /jwks"),
    ("Fetch the keys", "Keys", "POST /bc-authorize  who is to approve"),
    ("Send the backchannel request", "Request", "Here this page stands for the phone:"),
    ("Approve for me as alice", "Tokens", "Decode id_token"),
    ("Get UserInfo", "UserInfo", "preferred_username: \"alice\""),
    ("Call the API", "API", "200 the API's answer"),
];

#[test]
fn ctrl_enter_walks_through_ciba_in_poll_mode() {
    let mut window = Window::open();
    window.tab(Row::Top, "CIBA");
    walk(&mut window, CIBA);
    assert!(!window.model().run.flow.stages().contains(&Stage::Notification));
}

#[test]
fn the_binding_message_is_shown_large_beside_the_way_to_approve() {
    let mut window = Window::open();
    window.tab(Row::Top, "CIBA");
    window.fill("binding_message", "W4SCT");
    window.walk_to("Approve for me as alice");
    for words in [
        "The server asks alice on a device of their own",
        "and shows there",
        "Here this page stands for the phone:",
        "Request expires in",
        "interval 5.0 s",
    ] {
        window.assert_says(words);
    }
    assert!(window.size_of("W4SCT") > 1.5 * window.size_of("and shows there"), "a room can read it");
    for button in ["Copy link", "Open here"] {
        assert!(window.has(Role::Button, button), "no button {button}");
    }
    window.next();
    assert_eq!(window.state_of("Tokens"), "done");
}

#[test]
fn a_port_that_is_taken_for_pings_names_its_own_field() {
    let mut backend = FakeBackend::new();
    backend.port_is_taken = Some("port 9401 is taken by another program");
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "CIBA");
    window.choose("backchannel_token_delivery_mode", "ping");
    window.next();
    window.next();
    window.assert_says("backchannel_client_notification_endpoint cannot be listened at");
    window.assert_says("as it is registered for the client");
    window.assert_silent("0 takes any that is free");
}

#[test]
fn copying_the_link_begins_the_polling() {
    let mut backend = FakeBackend::new();
    (backend.sleeps, backend.pair.approves) = (1, false);
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "Device");
    window.walk_to("Approve for me as alice");
    window.press("Copy link");
    window.assert_says("Copied the link");
    window.assert_says("authorization_pending");
    assert_eq!(window.state_of("Polling"), "running");
}

#[test]
fn a_poll_that_is_told_to_wait_stays_at_the_polling() {
    let mut backend = FakeBackend::new();
    (backend.sleeps, backend.pair.approves) = (1, false);
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "Device");
    window.walk_to("Approve for me as alice");
    window.press("Open here");
    window.assert_says("authorization_pending");
    window.assert_says("Waiting for the user to approve");
    for (step, state) in [("Polling", "running"), ("Tokens", "locked")] {
        assert_eq!(window.state_of(step), state, "{step}");
    }
    let shown = window.model().run.shown_step();
    assert_eq!(window.model().run.flow.steps()[shown].step.title, "Polling");
    window.press("Approve for me as alice");
    window.assert_says("Waiting for the next poll, which learns of it");
    window.press("Stop");
    window.assert_says("Polling is stopped. It goes on with the next step.");
    window.next();
    assert!(window.model().run.running.is_some());
    window.backend().release();
    window.run();
    assert_eq!(window.state_of("Tokens"), "done");
}

#[test]
fn ctrl_enter_walks_through_ciba_in_ping_mode() {
    let mut window = Window::open();
    window.tab(Row::Top, "CIBA");
    window.choose("backchannel_token_delivery_mode", "ping");
    assert_eq!(window.value("client_id"), "practice-ping");
    assert_eq!(window.value("backchannel_client_notification_endpoint"), "http://127.0.0.1:9401/ciba");
    walk(&mut window, CIBA);
    assert_eq!(window.state_of("Ping"), "done");
    window.go_to("Ping");
    window.assert_says("POST /ciba auth_req_id, authorization server to client");
    window.assert_says("Came by ping");
    let polls = sent(&mut window).iter().filter(|path| *path == "/token").count();
    assert_eq!(polls, 1, "a pinged client asks once");
    window.choose("backchannel_token_delivery_mode", "poll");
    assert_eq!(window.value("client_id"), "practice-web");
}

#[test]
fn tokens_that_are_pushed_are_those_of_the_run() {
    let mut window = Window::open();
    window.tab(Row::Top, "CIBA");
    window.choose("backchannel_token_delivery_mode", "push");
    assert_eq!(window.value("client_id"), "practice-push");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
    assert!(!sent(&mut window).contains(&"/token".to_owned()), "nobody asks for them");
    window.go_to("Push");
    window.assert_says("access_token");
}

#[test]
fn who_waits_for_pushed_tokens_is_told_of_no_ping() {
    let mut window = Window::open();
    window.tab(Row::Top, "CIBA");
    window.choose("backchannel_token_delivery_mode", "push");
    window.backend().pair.approves = false;
    window.walk_to("Approve for me as alice");
    window.assert_says("Not waiting for the push yet");
    window.press("Wait for the push");
    window.assert_says("Waiting for the push");
    assert!(!window.texts().iter().any(|text| text == "Ping" || text.contains("the ping")), "{:?}", window.texts());
}

#[test]
fn a_user_who_denies_is_told_in_every_grant_that_asks_one() {
    for tab in ["Authorization code", "Device", "Refresh", "Token exchange", "CIBA", "MCP", "Implicit", "Hybrid"] {
        let mut backend = FakeBackend::new();
        backend.pair.decision = "deny";
        let mut window = Window::open_with(USUAL, backend);
        window.tab(Row::Top, tab);
        window.press("Run to end");
        window.assert_says("access_denied");
        assert!(matches!(window.model().run.next, Next::Stopped(_)), "{tab}");
        let next = match tab {
            "Device" => "Get a new code",
            "CIBA" => "Ask the user again",
            _ => "Try again",
        };
        assert!(window.has(Role::Button, next), "{tab}");
    }
}

#[test]
fn a_code_that_is_over_is_let_go_of() {
    for (tab, again) in [("Device", "Get a new code"), ("CIBA", "Ask the user again")] {
        let mut window = Window::open();
        window.tab(Row::Top, tab);
        window.walk_to("Approve for me as alice");
        let backend = window.backend();
        (backend.sleeps, backend.pair.approves) = (1, false);
        window.press("Begin to poll");
        window.backend().pair.wait(std::time::Duration::from_secs(700));
        window.backend().wake(1);
        window.run();
        let next = window.model().run.next.clone();
        let says = |words: &str| matches!(&next, Next::Stopped(problem) if problem.title.contains(words));
        assert!(says("expired_token"), "{tab}: {next:?}");
        assert_eq!(window.state_of("Tokens"), "refused", "{tab}");
        assert!(window.has(Role::Button, again) && !window.has(Role::Button, "Copy link"), "{tab}");
    }
}

#[test]
fn the_revision_of_the_way_in_is_chosen_in_its_tab_alone() {
    let mut window = Window::open();
    assert!(!window.has(Role::ComboBox, "mcp_revision"));
    window.tab(Row::Top, "MCP");
    window.choose("mcp_revision", "2025-03-26");
    window.press("Run to end");
    assert_eq!(sent(&mut window), ["/mcp", "/.well-known/oauth-authorization-server", "/token", "/mcp"]);
    assert!(matches!(window.model().run.next, Next::Finished));
}

#[test]
fn a_call_that_needs_more_is_tried_again_with_a_new_login() {
    let mut window = Window::open();
    window.tab(Row::Top, "MCP");
    window.fill("api_body", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"}}"#);
    window.press("Run to end");
    window.assert_says("insufficient_scope");
    window.assert_says("asks for profile email");
    window.press("Sign in for more");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
}

#[test]
fn a_login_that_asks_for_nothing_ends_with_its_response() {
    let mut window = Window::open();
    window.choose("response_type", "none");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
    let stages: Vec<Stage> = window.model().run.flow.trace.exchanges.iter().map(|exchange| exchange.stage).collect();
    assert_eq!(stages, [Stage::Discovery, Stage::Jwks, Stage::Authorization]);
    window.tab(Row::Top, "Implicit");
    let asked = &window.model().run.flow.settings.request.response_type;
    assert_eq!(asked, "id_token token", "none is no type of that grant");
}

/// Only where a run goes there has another server a lane.
#[test]
fn the_server_that_an_id_jag_is_for_has_a_lane_where_it_is_asked() {
    let mut window = Window::open();
    let lanes = |window: &Window| -> Vec<String> {
        Diagram::of(window.model()).lanes.into_iter().map(|lane| lane.title).collect()
    };
    assert_eq!(lanes(&window), ["You", "Browser", "Client (this app)", "Authorization server", "API"]);
    let mut settings = window.model().run.flow.settings.clone();
    ID_JAG.clone_into(&mut settings.request.requested_token_type);
    window.app().model_mut().run.flow = Flow::new(Grant::TokenExchange, settings, Entropy::from_seed([1; 32]));
    assert!(lanes(&window).contains(&"Resource authorization server".to_owned()), "{:?}", lanes(&window));
}

/// Chosen and taken back, each before anything was sent.
#[test]
fn an_id_jag_is_chosen_and_the_run_goes_on_at_the_second_practice_server() {
    let mut backend = FakeBackend::new();
    backend.pair = Pair::with_resource_server();
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "Token exchange");
    let request = |window: &Window| window.model().run.flow.settings.request.clone();
    let usual = request(&window);
    window.choose("requested_token_type", ID_JAG);
    assert_eq!(request(&window).audience, "http://127.0.0.1:9400/resource");
    window.choose("requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!((request(&window).audience, request(&window).api_url), (usual.audience, usual.api_url));
    window.choose("requested_token_type", ID_JAG);
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    let there: Vec<String> = sent(&mut window).into_iter().filter(|path| path.starts_with("/resource")).collect();
    assert_eq!(there, ["/resource/.well-known/openid-configuration", "/resource/token", "/resource/api/me"]);
}
