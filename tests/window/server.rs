//! The Server tab: the log of the practice server and why it decided so, its faults, what is in force there, and
//! what a server says about itself.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{AccessKitNode, By, NodeT as _, Queryable as _};
use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::flow::Next;
use grantscope::gui::model::{Side, Tab, Target};
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;
use grantscope::terms::profile::Profile;

use crate::backend::FakeBackend;
use crate::pair::{Pair, START};
use crate::secrets::{credentials, readable};
use crate::window::{Row, SMALL, USUAL, Window};

const SECOND: &str = "Discovery, metadata, keys, support";

/// A run whose token request is refused for its code_verifier.
pub fn refused() -> Window {
    let mut window = Window::open();
    refuse(&mut window);
    window
}

/// Sends a code_verifier that does not fit.
pub fn refuse(window: &mut Window) {
    window.walk_to("Send the token request");
    window.press_role(Role::Switch, "Show secrets");
    window.fill("Value of code_verifier", &"x".repeat(43));
    window.press_role(Role::Switch, "Show secrets");
    window.next();
}

/// A row of the log whose name has these words.
#[track_caller]
fn entry_named(window: &Window, words: &str) -> String {
    let is_entry = |node: &AccessKitNode<'_>| {
        node.role() == Role::ListBoxOption && node.label().is_some_and(|label| label.contains(words))
    };
    let found = window.harness.query_all(By::new().predicate(is_entry)).next();
    found.and_then(|node| node.accesskit_node().label()).unwrap_or_else(|| panic!("no entry says {words}"))
}

/// Opens or closes the newest entry with these words.
#[track_caller]
pub fn press_entry(window: &mut Window, words: &str) {
    let name = entry_named(window, words);
    window.press_role(Role::ListBoxOption, &name);
}

fn is_open(window: &Window) -> bool {
    window.says("Why it decided so")
}

#[test]
fn the_tab_opens_on_the_side_that_fits_the_provider() {
    let mut window = Window::open();
    window.tab(Row::Top, "Server");
    assert_eq!(window.model().server_side(), Side::Requests);
    window.assert_says("Running at");
    window.assert_says("No requests yet");
    let mut backend = FakeBackend::new();
    backend.practice = Err("no port is free".to_owned());
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "Server");
    assert_eq!(window.model().server_side(), Side::Discovery);
    assert!(!window.has(Role::Tab, "Requests and faults"), "there is no practice server to look at");
    window.assert_says("The server was not asked yet");
    window.press("Go to the run");
    assert_eq!(window.model().tab, Tab::Grant(Grant::AuthorizationCode));
}

#[test]
fn the_log_grows_as_the_run_goes_and_can_be_cleared() {
    let mut window = Window::open();
    for (step, says) in [("Fetch the keys", "GET /.well-known/openid-configuration"), ("Get UserInfo", "POST /token")] {
        window.tab(Row::Top, "Authorization code");
        window.walk_to(step);
        window.tab(Row::Top, "Server");
        let name = entry_named(&window, says);
        assert!(name.contains("200: "), "{name}");
    }
    assert!(entry_named(&window, "POST /token").contains("practice-web"), "the client is named");
    let requests = window.backend().pair.practice.requests();
    window.assert_says(&format!("{requests} requests"));
    window.press("Clear the log");
    window.assert_says("No requests yet");
    assert!(window.is_disabled("Clear the log"));
    window.assert_says(&format!("{requests} requests"));
}

#[test]
fn a_refused_verifier_is_shown_beside_what_was_announced() {
    let mut window = refused();
    window.tab(Row::Top, "Server");
    press_entry(&mut window, "POST /token");
    let exchanges = &window.model().run.flow.trace.exchanges;
    let announced =
        exchanges.iter().find_map(|exchange| exchange.request.query().get("code_challenge").map(str::to_owned));
    window.assert_says(&announced.expect("a code_challenge"));
    for words in ["SHA-256 of what came", "held", "failed", "not reached", "code_verifier does not fit"] {
        window.assert_says(words);
    }
    window.assert_silent(&"x".repeat(43));
    let sent = exchanges_to(&window, "/token");
    window.press("Show in the run");
    assert_eq!(window.model().tab, Tab::Grant(Grant::AuthorizationCode));
    assert_eq!(window.model().run.selected, Some(Target::Request(sent)));
}

fn exchanges_to(window: &Window, path: &str) -> usize {
    let exchanges = &window.model().run.flow.trace.exchanges;
    exchanges.iter().position(|exchange| exchange.request.url.path() == path).expect("an exchange")
}

#[test]
fn what_the_present_run_did_not_send_is_not_shown_in_it() {
    let mut window = refused();
    window.key(Modifiers::COMMAND, Key::R);
    window.tab(Row::Top, "Server");
    press_entry(&mut window, "POST /token");
    assert!(is_open(&window));
    assert!(!window.has(Role::Button, "Show in the run"));
}

#[test]
fn a_row_opens_and_closes_with_the_keyboard() {
    let mut window = refused();
    window.tab(Row::Top, "Server");
    let name = entry_named(&window, "POST /token");
    for key in [Key::Enter, Key::Space] {
        window.get(Role::ListBoxOption, &name).focus();
        window.run();
        window.key(Modifiers::NONE, key);
        assert!(is_open(&window), "{key:?}");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!is_open(&window), "{key:?}");
    }
    press_entry(&mut window, "POST /token");
    press_entry(&mut window, "POST /token");
    assert!(!is_open(&window));
}

#[test]
fn a_profile_is_enforced_from_where_the_faults_are_switched() {
    let mut window = Window::open();
    window.tab(Row::Top, "Server");
    window.press("Profile: none");
    window.press("FAPI 2.0");
    assert_eq!(window.backend().pair.practice.profile(), Some(Profile::Fapi2));
    window.assert_says("grantscope serve --profile fapi2");
    window.tab(Row::Top, "Authorization code");
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Stopped(_)), "a request that is not pushed is refused");
    window.tab(Row::Top, "Server");
    window.press("Profile: fapi2");
    window.press("none");
    assert_eq!(window.backend().pair.practice.profile(), None);
}

/// Everything that stops the run is mended by a button of the finding, and nothing is typed.
#[test]
fn a_run_meets_a_profile_by_buttons_alone() {
    const USUAL: [&str; 3] = ["Push the request", "Use private_key_jwt", "Use DPoP"];
    const SIGNED: [&str; 2] = ["Sign the request with ES256", "Have the response signed"];
    for (profile, buttons) in
        [("FAPI 2.0", USUAL.to_vec()), ("FAPI 2.0 Message Signing", [&USUAL[..], &SIGNED].concat())]
    {
        let mut window = Window::open();
        window.tab(Row::Top, "Server");
        window.press("Profile: none");
        window.press(profile);
        window.tab(Row::Top, "Authorization code");
        let mut pressed = Vec::new();
        while !matches!(window.model().run.next, Next::Finished) {
            assert!(pressed.len() <= buttons.len(), "{pressed:?}");
            if window.model().run.finding.is_none() {
                window.press("Run to end");
                continue;
            }
            let cures = window.model().run.finding.iter().flat_map(|finding| &finding.cures);
            let label = cures.map(|cure| cure.label.clone()).next().expect("a cure");
            window.press(&label);
            pressed.push(label);
        }
        for button in &buttons {
            assert!(pressed.iter().any(|label| label == button), "{button}: {pressed:?}");
        }
        assert_eq!(pressed.len(), buttons.len(), "{pressed:?}");
        assert_eq!(window.model().run.flow.settings.client.client_id, "practice-jwt");
        assert!(window.model().run.finding.is_none());
    }
}

#[test]
fn a_key_that_is_lacking_is_made_where_the_run_stops() {
    let mut window = Window::open();
    window.choose("token_endpoint_auth_method", "private_key_jwt");
    window.fill("private_key", "");
    window.press("Run to end");
    assert!(matches!(&window.model().run.next, Next::Missing(missing) if missing.field == "private_key"));
    assert!(window.has(Role::Button, "Read a key from a file"));
    window.press("Make a key here");
    assert!(!window.model().run.flow.settings.client.private_key.is_empty());
    assert!(matches!(window.model().run.next, Next::Do(_)));
}

#[test]
fn a_fault_is_seen_beside_the_provider_and_noticed_by_its_rule() {
    let mut window = Window::open();
    window.tab(Row::Top, "Server");
    window.press_role(Role::Switch, "wrong_nonce");
    assert!(window.backend().pair.practice.faults().get(Fault::WrongNonce).is_some());
    window.assert_says("grantscope serve --fault wrong_nonce");
    assert!(!window.has(Role::Label, "noticed"));
    window.tab(Row::Top, "Authorization code");
    window.press("Run to end");
    let checks: Vec<_> = window.model().run.flow.checks().collect();
    assert!(checks.iter().any(|check| check.rule.id == "id_token.nonce" && check.verdict == Verdict::Fail));
    window.press("1 fault on");
    assert_eq!(window.model().tab, Tab::Server);
    assert!(window.has(Role::Label, "noticed"));
    press_entry(&mut window, "POST /token");
    window.assert_says("Wrong on purpose");
    window.press_role(Role::Link, "id_token.nonce");
    assert_eq!(window.model().tab, Tab::Checks);
    let selected = window.model().run.selected_check.and_then(|at| window.model().run.flow.checks().nth(at));
    assert_eq!(selected.map(|check| check.rule.id), Some("id_token.nonce"));
    window.tab(Row::Top, "Server");
    window.press("All off");
    assert!(window.backend().pair.practice.faults().is_empty());
    assert!(!window.has(Role::Label, "noticed") && !window.has(Role::Button, "1 fault on"));
}

#[test]
fn the_slow_answer_takes_the_time_that_is_typed() {
    let mut window = Window::open();
    window.tab(Row::Top, "Server");
    let time = |window: &mut Window| {
        let faults = window.backend().pair.practice.faults();
        faults.iter().find_map(Fault::parameter).map(|time| time.as_millis())
    };
    window.press_role(Role::Switch, "slow_answer");
    assert_eq!(time(&mut window), Some(8000));
    for (typed, expected, is_wrong) in [("500ms", 500, false), ("2 s", 2000, false), ("soon", 2000, true)] {
        window.fill("Time of slow_answer", typed);
        assert_eq!(time(&mut window), Some(expected), "{typed}");
        assert_eq!(window.says("500ms or 8 s"), is_wrong, "{typed}");
    }
}

/// Presses what ends the token or session that is described like this.
#[track_caller]
fn end(window: &mut Window, of: &str) {
    let is_it = |node: &AccessKitNode<'_>| {
        node.label().is_some_and(|label| label == "End") && node.description().is_some_and(|words| words.contains(of))
    };
    window.harness.query_all(By::new().predicate(is_it)).next().expect("something to end").click_accesskit();
    window.run();
}

#[test]
fn a_token_that_is_ended_opens_nothing_any_more() {
    let mut window = Window::finished();
    window.tab(Row::Top, "Server");
    let count = |window: &mut Window| {
        let now = window.model().now;
        window.backend().pair.practice.tokens(now).len()
    };
    let before = count(&mut window);
    end(&mut window, "access_token of practice-web");
    assert_eq!(count(&mut window), before - 1);
    window.tab(Row::Top, "Authorization code");
    if !window.has(Role::Button, "Call the API again") {
        window.press("More");
    }
    window.press("Call the API again");
    window.next();
    let last = window.model().run.flow.trace.exchanges.last().and_then(|exchange| exchange.response().cloned());
    assert_eq!(last.map(|response| response.status), Some(401));
}

#[test]
fn sessions_clients_and_users_are_listed_and_all_can_be_ended() {
    let mut window = Window::finished();
    window.tab(Row::Top, "Server");
    for (tab, says) in [("Clients", "practice-native"), ("Users", "bob@"), ("Sessions", "since ")] {
        window.press_role(Role::Tab, tab);
        window.assert_says(says);
    }
    window.press("End all");
    window.assert_says("Nobody is signed in.");
    window.press_role(Role::Tab, "Tokens in force");
    window.assert_says("No token is in force.");
    assert!(window.is_disabled("End all"));
}

/// A server whose first address has a page instead of metadata, at the end of a run.
pub fn elsewhere(size: [f32; 2]) -> Window {
    let mut backend = FakeBackend::new();
    backend.pair.faults.insert("/.well-known/openid-configuration", |_| {
        Ok(HttpResponse::new(404, "text/html", "<html>nothing here</html>"))
    });
    let mut window = Window::open_with(size, backend);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.tab(Row::Top, "Server");
    window
}

#[test]
fn what_a_server_says_about_itself_is_listed_with_every_address_that_was_tried() {
    let mut window = elsewhere(USUAL);
    window.press_role(Role::Tab, SECOND);
    for words in [
        "2 addresses tried for",
        "http://127.0.0.1:9400/.well-known/openid-configuration",
        "http://127.0.0.1:9400/.well-known/oauth-authorization-server",
        "status 404 Not Found: an HTML page",
        "same issuer",
        "signed the ID token",
        "thumbprint",
        "EC P-256",
    ] {
        window.assert_says(words);
    }
    for (role, name) in [
        (Role::Heading, "Discovery"),
        (Role::Heading, "Metadata"),
        (Role::Heading, "Keys"),
        (Role::Heading, "Supported against needed"),
        (Role::Heading, "Endpoints"),
        (Role::Label, "used"),
        (Role::Label, "not used"),
    ] {
        assert!(window.has(role, name), "{name}");
    }
    window.assert_says("supported");
    window.fill("Search the metadata", "code_challenge");
    window.assert_says("Proof of the client");
    window.assert_says("code_challenge_methods_supported");
    window.assert_silent("userinfo_endpoint");
    window.press("note");
    assert_eq!(window.model().tab, Tab::Checks);
    window.tab(Row::Top, "Server");
    window.fill("Search the metadata", "no such member");
    window.assert_says("Nothing found");
    window.press("JSON");
    window.assert_says("authorization_endpoint");
    assert!(window.has(Role::Button, "Table"));
}

#[test]
fn the_issuer_of_the_document_is_used_with_one_click() {
    let backend = FakeBackend::new();
    backend.pair.practice.set(Fault::WrongIssuer, true);
    let mut window = Window::open_with(USUAL, backend);
    window.press("Start");
    window.tab(Row::Top, "Server");
    window.press_role(Role::Tab, SECOND);
    window.assert_says("another issuer");
    window.press("Use the issuer of the document");
    assert_eq!(window.model().run.flow.settings.server.issuer, "http://127.0.0.1:9400/another");
    assert!(window.model().run.flow.trace.exchanges.is_empty());
}

#[test]
fn a_window_without_room_for_two_columns_shows_them_one_after_the_other() {
    let mut window = elsewhere(SMALL);
    for (side, says) in [
        ("Requests", "Tokens in force"),
        ("Faults", "wrong_iss"),
        ("Discovery, metadata, keys", "addresses tried"),
        ("Support", "Client credentials"),
    ] {
        window.press_role(Role::Tab, side);
        window.assert_says(says);
    }
}

#[test]
fn no_side_of_the_tab_shows_a_credential() {
    let mut window = Window::finished();
    let mut secrets = credentials(&window);
    // The secret of this client is the beginning of the names of others.
    secrets.retain(|secret| secret != "practice-secret");
    window.tab(Row::Top, "Server");
    for tab in ["Tokens in force", "Clients", "Users", "Sessions"] {
        window.press_role(Role::Tab, tab);
        assert_eq!(readable(&window, &secrets), [""; 0], "{tab}");
    }
    let log = window.backend().pair.practice.log();
    for entry in log {
        window.app().model_mut().server.open = Some(entry.number);
        window.run();
        assert_eq!(readable(&window, &secrets), [""; 0], "{}", entry.words());
    }
    window.press_role(Role::Tab, SECOND);
    assert_eq!(readable(&window, &secrets), [""; 0]);
    window.press("JSON");
    assert_eq!(readable(&window, &secrets), [""; 0]);
}

#[test]
fn the_second_server_is_chosen_and_has_its_own_log_and_faults() {
    const FIRST: &str = "http://127.0.0.1:9400";
    const THERE: &str = "http://127.0.0.1:9400/resource";
    for size in [USUAL, SMALL] {
        let mut backend = FakeBackend::new();
        backend.pair = Pair::with_resource_server();
        let mut window = Window::open_with(size, backend);
        let at_second = |window: &mut Window| window.backend().pair.host.servers()[1].clone();
        let request = HttpRequest::get(format!("{THERE}/jwks").parse().expect("a URL"));
        window.backend().pair.host.handle(&request, START);
        window.tab(Row::Top, "Server");
        assert!(!window.says("GET /resource/jwks"), "the first one is shown");
        window.press(FIRST);
        window.press(&format!("{THERE}  1 request"));
        entry_named(&window, "GET /resource/jwks");
        if size == SMALL {
            window.press_role(Role::Tab, "Faults");
        }
        window.press_role(Role::Switch, "wrong_nonce");
        assert!(at_second(&mut window).faults().get(Fault::WrongNonce).is_some());
        assert_eq!(window.backend().pair.practice.faults().iter().count(), 0);
        assert!(!window.says("grantscope serve --fault wrong_nonce"), "that would be another server");
        // The chip beside the provider leads to the server that has faults.
        window.press(THERE);
        window.press(&format!("{FIRST}  0 requests"));
        window.tab(Row::Top, "Authorization code");
        window.press("1 fault on");
        assert_eq!(window.model().server.chosen, 1);
    }
}
