//! A client that registers itself, and one that is known by its document, from the command line.

use crate::*;

const REGISTERS: [&str; 6] =
    ["run", "authorization-code", "--sign-in", "alice", "--set", "dynamic_client_registration=true"];

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    REGISTERS.iter().chain(more).copied().collect()
}

#[test]
fn a_run_registers_its_client_and_shows_no_secret_of_it() {
    let done =
        run(&arguments(&["--then", "registration_update,registration_read,registration_delete,registration_proof"]));
    done.assert_success();
    let stages = done.stages();
    assert_eq!(stages.iter().filter(|stage| stage.starts_with("registration")).count(), 5, "{stages:?}");
    let json = done.json();
    let exchanges = json.get("exchanges").expect("exchanges").elements();
    let registered = exchanges.iter().find(|one| one.text("stage") == Some("registration")).expect("registered");
    let answer = registered.get("response").and_then(|response| response.text("body")).expect("a body");
    let answer = Json::parse_text(answer).expect("JSON");
    for name in ["client_secret", "registration_access_token"] {
        assert!(answer.text(name).is_some_and(is_placeholder), "{name}: {answer}");
    }
    assert!(answer.text("client_id").is_some_and(|client_id| !is_placeholder(client_id)), "{answer}");
}

#[test]
fn what_a_server_wants_and_refuses_is_told_with_what_to_do() {
    let folder = folder();
    let config = file(&folder, "server.toml", "initial_access_token = \"let-me-in\"\n");
    let served = Served::with(&["--config", &config]);
    let issuer = format!("issuer={}", served.issuer);
    let without = run(&arguments(&["--set", &issuer, "--set", "client_id="]));
    assert_eq!(without.code, 1, "{}", without.story);
    assert!(without.story.contains("fill in initial_access_token"), "{}", without.story);
    let token = file(&folder, "token", "let-me-in");
    let token = format!("initial_access_token=@{token}");
    let with = run(&arguments(&["--set", &issuer, "--set", "client_id=", "--set", &token]));
    with.assert_success();
    assert!(!with.out.contains("let-me-in") && !with.story.contains("let-me-in"));
    let bad = run(&arguments(&["--set", "client_metadata={\"grant_types\":[\"nothing\"]}"]));
    assert!(bad.story.contains("invalid_client_metadata"), "{}", bad.story);
    let typed = run(&arguments(&["--set", "client_metadata=nothing"]));
    assert_ne!(typed.code, 0);
    assert!(typed.story.contains("client_metadata is not a JSON object"), "{}", typed.story);
}

#[test]
fn a_run_is_known_by_the_document_that_it_serves() {
    let done = run(&["run", "authorization-code", "--sign-in", "alice", "--client-document"]);
    done.assert_success();
    let json = done.json();
    let exchanges = json.get("exchanges").expect("exchanges").elements();
    let asked = exchanges.iter().find(|one| one.text("stage") == Some("authorization")).expect("asked");
    let url = asked.get("request").and_then(|request| request.text("url")).expect("a URL");
    assert!(url.contains("client.json"), "{url}");
}

#[test]
fn a_document_is_made_and_judged_as_a_server_does() {
    let url = "https://app.example.com/oauth/client.json";
    let made = run(&["client-document", "make", "--url", url]);
    assert_eq!(made.code, 0, "{}", made.story);
    let folder = folder();
    let good = file(&folder, "client.json", &made.out);
    let judged = run(&["client-document", "check", &good]);
    assert_eq!((judged.code, judged.json().text("client_id")), (0, Some(url)), "{}", judged.story);
    let elsewhere = run(&["client-document", "check", &good, "--url", "https://app.example.com/other.json"]);
    assert_eq!(elsewhere.code, 1);
    assert!(elsewhere.story.contains("cimd.client_id"), "{}", elsewhere.story);
    let typed =
        fed(&["client-document", "check", "-"], "{\"client_id\":\"http://app.example.com\",\"client_secret\":\"s\"}");
    assert_eq!(typed.code, 1);
    for rule in ["cimd.url", "cimd.secrets", "cimd.redirect_uris"] {
        assert!(typed.story.contains(rule), "{rule}: {}", typed.story);
    }
    let nowhere = run(&["client-document", "check", "http://127.0.0.1:1/client.json"]);
    assert_eq!(nowhere.code, 1);
    assert!(nowhere.story.contains("error: http://127.0.0.1:1/client.json"), "{}", nowhere.story);
}

#[test]
fn the_practice_server_says_why_it_takes_no_document() {
    let served = Served::start();
    let issuer = format!("issuer={}", served.issuer);
    let client = format!("client_id={}/jwks", served.issuer);
    let done = run(&["run", "authorization-code", "--sign-in", "alice", "--set", &issuer, "--set", &client]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains("its document cannot be used"), "{}", done.story);
}
