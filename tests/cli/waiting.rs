//! Waiting for the response, pasted ones, and what ends a wait.

use crate::*;

#[test]
fn a_response_of_another_transaction_fails() {
    let url = "http://127.0.0.1:8912/callback?code=abcdef&state=forged";
    let done = run(&["run", "authorization-code", "--redirected-to", url]);
    let json = done.json();
    assert_eq!((done.code, json.text("outcome")), (1, Some("failed")));
    assert_eq!(json.get("problem").and_then(|problem| problem.text("kind")), Some("unsafe"));
    assert!(done.story.contains("✗ authorization_response.state"), "{}", done.story);
    assert!(!done.story.contains("abcdef") && !done.out.contains("abcdef"));
    assert!(
        done.story.contains("try                      The address that was pasted is of another request"),
        "{}",
        done.story
    );
}

#[test]
fn the_response_can_be_pasted_into_standard_input() {
    let lines = "nonsense\nhttp://127.0.0.1:8912/callback?error=access_denied&state=forged\n";
    let done = fed(&["run", "authorization-code", "--redirected-to", "-"], lines);
    assert_eq!((done.code, done.json().text("outcome")), (1, Some("failed")));
    assert!(done.story.contains("this is not a URL; paste the whole address"), "{}", done.story);
    let hidden =
        fed(&["run", "authorization-code", "--redirected-to", "-"], "http://127.0.0.1/callback?code=REDACTED-code-1\n");
    assert_eq!(hidden.code, 1);
    for says in ["paste the address that the browser shows", "standard input ended before a redirect URL was pasted"] {
        assert!(hidden.story.contains(says), "{}", hidden.story);
    }
}

#[test]
fn nothing_to_wait_for_is_said_at_once() {
    let elsewhere = "redirect_uri=https://app.example/cb";
    let done = run(&["run", "authorization-code", "--print-url", "--set", elsewhere]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains("nothing on this machine listens at https://app.example/cb"), "{}", done.story);
}

#[test]
fn waiting_ends_in_time() {
    let done = run(&["run", "authorization-code", "--print-url", "--timeout", "0"]);
    assert_eq!((done.code, done.json().text("outcome")), (1, Some("failed")));
    assert!(done.story.contains("No authorization response came back"), "{}", done.story);
}
