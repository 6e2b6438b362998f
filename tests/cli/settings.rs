//! What is set by name, and what a result is written to.

use crate::*;

#[test]
fn what_becomes_of_a_name_is_said() {
    for (grant, typed, code, says) in [
        ("client-credentials", "foo=bar", 0, "it is not sent; token_request.extra.foo=..."),
        ("client-credentials", "scop=x", 0, "did you mean scope?"),
        ("client-credentials", "client_secrett=x", 2, "did you mean client_secret?"),
        ("client-credentials", "token_request.extra.tenant=blue", 0, "tenant                   blue"),
    ] {
        let done = run(&["run", grant, "--set", typed]);
        assert_eq!(done.code, code, "{typed}: {}", done.story);
        assert!(done.story.contains(says), "{typed}: {}", done.story);
    }
}

#[test]
fn a_secret_that_is_left_out_is_not_sent() {
    let done = run(&with(&[
        "--set",
        "token_endpoint_auth_method=client_secret_post",
        "--set",
        "token_request.omit=client_secret",
    ]));
    let sent = done.json().get("exchanges").expect("exchanges").elements()[3].get("request").expect("sent").to_string();
    assert!(sent.contains("client_id=practice-web") && !sent.contains("client_secret"), "{sent}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let token = "eyJhbGciOiJub25lIn0.e30.";
    for arguments in [
        &["--help"][..],
        &["presets", "list"],
        &["presets", "show", "keycloak"],
        &["jwt", "decode", token],
        &["completions", "bash"],
        &["man"],
        &["run", "client-credentials"],
        &["serve", "--list-faults"],
        &["serve", "--write-config", "-"],
    ] {
        let full = std::fs::File::create("/dev/full").expect("Linux has it");
        let done = Done::of(program(arguments).stdout(full).output().expect("it starts"));
        assert_eq!(done.code, 1, "{arguments:?}");
        assert!(done.story.contains("standard output cannot be written"), "{arguments:?}: {}", done.story);
    }
}

#[test]
fn quiet_leaves_the_result_alone() {
    let done = run(&with(&["--quiet"]));
    assert_eq!((done.code, done.story.as_str()), (0, ""));
    assert_eq!(done.json().text("outcome"), Some("success"));
    assert_eq!(run(&["--json"]).json().text("grant"), Some("authorization_code"));
}

#[test]
fn requests_are_written_as_commands_without_secrets() {
    let done = run(&with(&["--curl", "-"]));
    assert!(done.out.starts_with("# discovery\ncurl 'http://127.0.0.1:"), "{}", done.out);
    assert!(done.out.contains("code=REDACTED-code-1") && !done.out.contains("practice-secret"), "{}", done.out);
}

#[test]
fn secrets_are_shown_to_those_who_ask_by_name() {
    let done = run(&with(&["--with-secrets"]));
    let json = done.json();
    let token = json.get("tokens").and_then(|tokens| tokens.text("access_token")).expect("a token").to_owned();
    assert!(token.starts_with("eyJ") && done.out.matches(&token).count() > 1);
    assert!(!done.out.contains("REDACTED"));
}
