//! Client ID metadata documents: made from the settings, served, run with at the practice server, and judged where they
//! are published.

use std::path::{Path, PathBuf};

use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::NodeT as _;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::flow::Next;
use grantscope::gui::model::Dialog;

use crate::backend::{Dialogs, FakeBackend};
use crate::window::{SMALL, USUAL, Window};

const ADDRESS: &str = "Address of the document";
const METHOD: &str = "Method in the document";
const SERVE: &str = "Serve it here and use it";
const ANY: &str = "http://127.0.0.1:0/client.json";
const HERE: &str = "http://127.0.0.1:8765/client.json";
const ELSEWHERE: &str = "https://app.example.com/oauth/client.json";

/// A window whose dialog is open.
fn opened() -> Window {
    let mut window = Window::open();
    window.press("Client document...");
    window
}

/// The same on the side that judges what is published.
fn checking() -> Window {
    let mut window = opened();
    window.press_role(Role::Tab, "Check a URL");
    window
}

fn client_id(window: &Window) -> &str {
    &window.model().run.flow.settings.client.client_id
}

fn is_open(window: &Window) -> bool {
    matches!(window.model().dialog, Some(Dialog::ClientDocument(_)))
}

/// Puts this in the place of that in the document.
fn write(window: &mut Window, from: &str, to: &str) {
    let document = window.value("Document");
    assert!(document.contains(from), "{document}");
    window.fill("Document", &document.replace(from, to));
}

/// Leads from the dialog to the end of the run.
fn run_to_end(window: &mut Window) {
    window.press("Go to the run");
    assert!(!is_open(window));
    window.press("Run to end");
}

#[test]
fn a_document_is_made_and_served_and_the_run_goes_through_with_it() {
    let mut window = opened();
    assert_eq!(window.focused(), ADDRESS);
    assert_eq!(window.value(ADDRESS), ANY);
    let document = window.value("Document");
    for member in [ANY, "\"client_name\": \"Grantscope\"", "\"http://127.0.0.1/callback\"", "\"none\""] {
        assert!(document.contains(member), "{member}: {document}");
    }
    window.assert_says("A server on this machine can take this client, and no other.");
    window.press(SERVE);
    window.assert_says(&format!("Serving at {HERE}"));
    assert_eq!(window.focused(), "Go to the run");
    assert_eq!((window.value(ADDRESS).as_str(), client_id(&window)), (HERE, HERE));
    let client = &window.model().run.flow.settings.client;
    assert_eq!((client.token_endpoint_auth_method.as_str(), client.client_secret.is_empty()), ("none", true));
    run_to_end(&mut window);
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    assert!(!window.model().run.flow.has_failed_check());
    window.assert_says("Its document is served here.");
}

#[test]
fn a_client_with_a_key_publishes_it_and_proves_itself_by_it() {
    let mut window = opened();
    window.choose(METHOD, "private_key_jwt");
    let document = window.value("Document");
    assert!(document.contains("\"jwks\"") && !document.contains("\"d\""), "{document}");
    window.press(SERVE);
    assert_eq!(window.model().run.flow.settings.client.token_endpoint_auth_method, "private_key_jwt");
    run_to_end(&mut window);
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
}

/// Elsewhere nobody has filled a key in: the way to one is a button, and what was written stays.
#[test]
fn where_there_is_no_key_one_is_made() {
    let mut window = Window::open();
    window.fill("issuer", "https://login.example.com");
    window.fill("client_id", "");
    window.press("Client document...");
    write(&mut window, "\"Grantscope\"", "\"Mine\"");
    window.choose(METHOD, "private_key_jwt");
    window.assert_says("The settings make no document.");
    window.press("Make a new key");
    window.assert_silent("The settings make no document.");
    let document = window.value("Document");
    assert!(document.contains("\"Mine\"") && document.contains("\"jwks\""), "{document}");
    window.press("Make it anew");
    assert!(window.value("Document").contains("\"Grantscope\""));
    assert!(!window.has(Role::Button, "Make it anew"));
}

#[test]
fn each_member_is_explained_and_the_document_is_copied_and_saved() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Choose(PathBuf::from("/a/client.json"));
    let mut window = Window::open_with(USUAL, backend);
    window.press("Client document...");
    window.press("Copy");
    window.assert_says("Copied the document");
    window.press("Save the document...");
    let saved = window.backend().files.get(Path::new("/a/client.json")).cloned().expect("it was written");
    assert_eq!(saved, window.value("Document"));
    window.assert_says("Saved /a/client.json");
    assert!(is_open(&window));
    window.press_role(Role::Tab, "Members");
    let row = window.get(Role::TreeItem, "client_name: \"Grantscope\"");
    row.click_accesskit();
    window.run();
    window.key(Modifiers::NONE, Key::F1);
    window.assert_says("client_name. ");
    window.press_role(Role::Tab, "JSON");
    assert!(window.has_field("Document"));
}

/// Where the system has no dialog a path is typed, and what was written is there afterwards.
#[test]
fn a_path_that_is_typed_leads_back_to_the_document() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Absent;
    let mut window = Window::open_with(USUAL, backend);
    window.press("Client document...");
    write(&mut window, "\"Grantscope\"", "\"Mine\"");
    for close in [true, false] {
        window.press("Save the document...");
        window.assert_says("Save the document");
        if close {
            window.key(Modifiers::NONE, Key::Escape);
        } else {
            window.fill("Path", "/a/client.json");
            window.get(Role::TextInput, "Path").focus();
            window.run();
            window.key(Modifiers::NONE, Key::Enter);
        }
        assert!(window.value("Document").contains("\"Mine\""));
    }
    assert!(window.backend().files[Path::new("/a/client.json")].contains("\"Mine\""));
}

#[test]
fn what_is_served_ends_by_its_button_and_the_client_before_is_back() {
    let mut window = opened();
    let before = window.model().run.flow.settings.client.clone();
    window.press(SERVE);
    window.press("Close");
    assert!(window.backend().documents.served.is_some(), "the run needs it");
    window.press("Stop serving");
    assert!(window.backend().documents.served.is_none());
    assert_eq!(window.model().run.flow.settings.client, before);
    window.assert_says("The client before is filled in again");
    assert!(!window.has(Role::Button, "Stop serving"));
}

#[test]
fn what_nobody_uses_is_served_no_more() {
    type Use = (&'static str, fn(&mut Window));

    let uses: [Use; 3] = [
        ("another client", |window| window.fill("client_id", "other")),
        ("another server", |window| {
            window.press("Discover...");
            window.press("Discard the changes");
            window.fill("Issuer", "https://login.example.com");
            window.press("Discover");
        }),
        ("the preset anew", |window| {
            window.press_role(Role::ComboBox, "Provider");
            window.press("Keycloak");
            window.press("Discard the changes");
            window.fill("Realm", "demo");
            window.press("Use this provider");
        }),
    ];
    for (what, leave) in uses {
        let mut window = opened();
        window.press(SERVE);
        window.press("Go to the run");
        leave(&mut window);
        assert!(window.backend().documents.served.is_none(), "{what}");
    }
    let mut window = opened();
    window.press(SERVE);
    window.press("Go to the run");
    window.fill("client_id", "other");
    window.fill("client_id", HERE);
    window.assert_says("Nobody serves its document any more.");
    window.press("Client document...");
    assert_eq!(window.value(ADDRESS), HERE);
    window.press(SERVE);
    assert_eq!(window.backend().documents.served.as_deref(), Some(HERE));
}

/// A dialog that is closed waits for nothing, and what comes late finds nobody.
#[test]
fn closing_the_dialog_while_it_begins_ends_it() {
    let mut window = opened();
    window.backend().documents.holds = true;
    window.press(SERVE);
    assert!(window.is_disabled(SERVE));
    window.key(Modifiers::NONE, Key::Escape);
    assert!(!window.model().client_document.is_starting);
    assert_eq!(client_id(&window), "practice-web");
}

#[test]
fn a_port_that_is_taken_is_said_with_the_next_step() {
    let mut window = opened();
    window.backend().documents.is_taken = true;
    window.fill(ADDRESS, HERE);
    window.press(SERVE);
    window.assert_says("Port 8765 is taken by another program. Type another one into the address, or 0");
    assert_eq!(client_id(&window), "practice-web");
    window.backend().documents.is_taken = false;
    window.fill(ADDRESS, ANY);
    window.assert_silent("is taken by another program");
    window.press(SERVE);
    window.assert_says(&format!("Serving at {HERE}"));
}

/// A debugger lets its user be wrong: the practice server says what it does not take.
#[test]
fn what_is_wrong_with_a_document_is_said_at_once_and_by_the_server_that_gets_it() {
    for (from, to, says, refused) in [
        ("\"client_name\": \"Grantscope\"", "\"client_secret\": \"s\"", "cimd.secrets", "it has client_secret"),
        ("\"none\"", "\"client_secret_post\"", "cimd.secrets", "which needs a secret"),
        ("http://127.0.0.1:0/client.json", "https://other.example/client.json", "cimd.client_id", "client_id in it is"),
        ("{", "[", "cimd.document", "it is no JSON"),
    ] {
        let mut window = opened();
        write(&mut window, from, to);
        window.assert_says(says);
        window.assert_says("A server would refuse this client");
        window.press(SERVE);
        run_to_end(&mut window);
        assert!(!matches!(window.model().run.next, Next::Finished));
        let log = window.backend().pair.practice.log();
        assert!(log.iter().any(|entry| format!("{entry:?}").contains(refused)), "{refused}: {log:?}");
    }
}

#[test]
fn what_was_written_while_it_is_served_is_served_anew() {
    let mut window = opened();
    window.press(SERVE);
    write(&mut window, "\"Grantscope\"", "\"Mine\"");
    window.assert_says("What is served is as it was when that began.");
    window.press("Serve it anew and use it");
    window.assert_silent("What is served is as it was");
    assert_eq!(window.backend().documents.times, 2);
    assert!(window.backend().pair.published[HERE].text().contains("\"Mine\""));
    window.press("Stop");
    assert_eq!(client_id(&window), "practice-web", "the client before both");
}

#[test]
fn a_document_that_lies_elsewhere_is_used_and_the_run_begins_anew() {
    let mut window = Window::finished();
    window.press("Client document...");
    window.fill(ADDRESS, ELSEWHERE);
    window.assert_says("A server can take this client.");
    assert!(!window.has(Role::Button, SERVE));
    window.press("Use as client_id");
    assert!(!is_open(&window));
    assert_eq!(client_id(&window), ELSEWHERE);
    assert!(window.model().run.is_fresh());
}

#[test]
fn an_address_that_no_server_takes_is_said_with_the_next_step() {
    let mut window = opened();
    for (typed, says, can_be_fetched) in [
        ("app.example.com/client.json", "with one it is https://app.example.com/client.json", false),
        ("ftp://app.example.com/client.json", "ftp is not the scheme of an http or https URL", false),
        ("http://app.example.com/client.json", "A server refuses it: the scheme http. Use an address such as", true),
        ("https://app.example.com", "A server refuses it: no path. Use", true),
        ("https://app.example.com/client.json#a", "A server refuses it: a fragment. Use", true),
        ("https://me@app.example.com/client.json", "A server refuses it: a user in it. Use", true),
        ("https://app.example.com/a/../client.json", "A server refuses it: dot segments in /a/../client.json.", true),
        ("https://app.example.com/client.json?v=1", "It should not have a query: v=1. Put what tells", true),
    ] {
        window.press_role(Role::Tab, "Check a URL");
        window.fill(ADDRESS, typed);
        window.assert_says(says);
        assert_eq!(!window.is_disabled("Fetch and judge"), can_be_fetched, "{typed}");
        window.press_role(Role::Tab, "Make one");
        window.fill(ADDRESS, typed);
        window.assert_says(says);
        assert_eq!(!window.is_disabled("Use as client_id"), can_be_fetched, "{typed}");
    }
    window.fill(ADDRESS, "https://app.example.com/client.json");
    window.assert_silent("refuses it");
}

fn document(members: &str) -> HttpResponse {
    HttpResponse::new(200, JSON, format!("{{\"client_id\":\"{ELSEWHERE}\",\"client_name\":\"App\",{members}}}"))
}

const GOOD: &str = r#""redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none""#;

#[test]
fn what_is_wrong_with_a_published_document_is_said_with_the_next_step() {
    let redirect = HttpResponse::new(302, JSON, "").with_header("Location", "https://evil.example/client.json");
    let long = document(&format!("{GOOD},\"x\":\"{}\"", "x".repeat(6000)));
    let other = HttpResponse::new(200, JSON, document(GOOD).text().replace("/oauth/", "/other/"));
    let mut window = checking();
    for (answer, rule, next) in [
        (redirect, "cimd.redirect", "Serve the document at the very address that is client_id."),
        (HttpResponse::new(404, JSON, "{}"), "cimd.status", "Answer with 200 OK"),
        (HttpResponse::new(200, "text/html", "<html>"), "cimd.document", "Publish a JSON object"),
        (HttpResponse::new(200, "text/plain", document(GOOD).body), "cimd.content_type", "Send Content-Type"),
        (long, "cimd.size", "Leave out what no server needs"),
        (other, "cimd.client_id", "Write the address into client_id"),
        (document(&format!("{GOOD},\"client_secret\":\"s\"")), "cimd.secrets", "Use the method none"),
        (document("\"redirect_uris\":\"http://127.0.0.1/\""), "cimd.redirect_uris", "List every redirect URI"),
    ] {
        window.backend().documents.web.insert(ELSEWHERE.to_owned(), answer);
        window.fill(ADDRESS, "");
        window.assert_silent(rule);
        window.fill(ADDRESS, ELSEWHERE);
        window.press("Fetch and judge");
        window.assert_says(rule);
        window.assert_says(next);
    }
    window.backend().documents.web.clear();
    window.press("Fetch and judge");
    window.assert_says("There is no answer.");
    window.assert_says("app.example.com:443 refused the connection. Check host and port");
}

#[test]
fn a_published_document_is_judged_and_its_client_used() {
    let mut window = checking();
    window.backend().documents.web.insert(ELSEWHERE.to_owned(), document(GOOD));
    window.fill(ADDRESS, ELSEWHERE);
    window.get(Role::TextInput, ADDRESS).focus();
    window.run();
    window.key(Modifiers::NONE, Key::Enter);
    window.assert_says("A server can take this client.");
    window.assert_says("pass: client_id in the document is its address, byte for byte.");
    assert!(window.has(Role::TreeItem, "client_name: \"App\""));
    window.press("Use as client_id");
    assert_eq!(client_id(&window), ELSEWHERE);
    assert!(!is_open(&window));
}

#[test]
fn a_secret_in_a_published_document_is_shown_to_nobody() {
    let mut window = checking();
    let secret = "sentinel-0123456789-0123456789";
    window.backend().documents.web.insert(ELSEWHERE.to_owned(), document(&format!("\"client_secret\":\"{secret}\"")));
    window.fill(ADDRESS, ELSEWHERE);
    window.press("Fetch and judge");
    window.assert_says("client_secret");
    window.assert_silent(secret);
}

#[test]
fn a_wait_for_a_document_is_ended_by_stop() {
    let mut window = checking();
    window.backend().documents.holds = true;
    window.fill(ADDRESS, ELSEWHERE);
    window.press("Fetch and judge");
    window.assert_says("Waiting for the document");
    assert!(window.is_disabled("Fetch and judge"));
    let before = window.backend().stops;
    window.press("Stop");
    assert_eq!(window.backend().stops, before + 1);
    window.assert_silent("Waiting for the document");
}

/// A server that has published what it takes is heard.
#[test]
fn a_server_that_takes_no_documents_is_named() {
    let mut window = Window::open();
    window.backend().pair.changes.insert(
        "/.well-known/openid-configuration",
        ("client_id_metadata_document_supported", grantscope::base::json::Json::Bool(false)),
    );
    window.next();
    window.press("Client document...");
    window.assert_says("note: The server announces that it takes client ID metadata documents.");
}

#[test]
fn the_dialog_is_reached_by_name_and_gone_through_by_keys_in_every_size() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.key(Modifiers::COMMAND, Key::K);
        window.harness.event(Event::Text("client id metadata".to_owned()));
        window.run();
        window.key(Modifiers::NONE, Key::Enter);
        assert_eq!(window.focused(), ADDRESS);
        let mut met = Vec::new();
        for _ in 0..40 {
            let Some(node) = window.focus() else { break };
            let (name, place) = (node.accesskit_node().label().unwrap_or_default(), node.rect());
            // The text is longer than the room in which it scrolls.
            let is_in_sight = place.top() >= 0.0 && (name == "Document" || place.bottom() <= size[1]);
            assert!(is_in_sight, "{name}: {place:?}");
            met.push(name);
            window.key(Modifiers::NONE, Key::Tab);
        }
        let is_met = |name: &str| met.iter().any(|it| it.starts_with(name));
        for name in
            [METHOD, "JSON", "Document", "fail: No address in it", SERVE, "Copy", "Save the document...", "Close"]
        {
            assert!(is_met(name), "{name}: {met:#?}");
        }
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!is_open(&window));
    }
}

#[test]
fn a_run_that_was_read_takes_no_document() {
    let mut window = Window::finished();
    window.backend().dialogs = Dialogs::Choose("/runs/login.json".into());
    window.press("Save run");
    window.press("Save run...");
    window.press("Open...");
    assert!(window.model().run.flow.is_recorded());
    assert!(!window.has(Role::Button, "Client document..."));
    window.key(Modifiers::COMMAND, Key::K);
    window.harness.event(Event::Text("client id metadata".to_owned()));
    window.run();
    window.assert_says("a run that was read takes no settings");
}
