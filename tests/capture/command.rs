//! The command from outside: what it tells, and how it ends.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::har::{har, page};
use super::logins;

pub fn capture(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantscope"));
    let command = command.arg("capture").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("a pipe");
    drop(stdin);
    child.wait_with_output().expect("its end")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn broken() -> String {
    let mut entries = logins::of_server();
    entries[5] = page(logins::returned(&[]))
        .cookie("sid=sentinel-session")
        .status(500)
        .html("<h1>Failed</h1>invalid_client of code-of-this-login-0123456789");
    har("Playwright", &entries)
}

#[test]
fn a_good_login_ends_well_and_a_broken_one_does_not() {
    let good = capture(&["-"], &har("WebInspector", &logins::of_server()));
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stderr));
    let said = text(&good.stderr);
    assert!(said.starts_with("Recorded by Chrome or Edge DevTools 1"), "{said}");
    assert!(said.contains("Login 1: Authorization code, client web at https://op.example: signed in"), "{said}");

    let bad = capture(&["-"], &broken());
    assert_eq!(bad.status.code(), Some(1));
    let said = text(&bad.stderr);
    assert!(said.contains("Likely: ") && said.contains("capture.invalid_client"), "{said}");
    let json: serde_json::Value = serde_json::from_slice(&bad.stdout).expect("JSON");
    let finding = &json["logins"][0]["finding"];
    for member in ["rule", "stage", "certainty", "say", "evidence", "next"] {
        assert!(!finding[member].is_null(), "{member} in {finding}");
    }
    assert_eq!((finding["evidence"][0]["entry"].as_u64(), json["beside"]["app"][0].as_u64()), (Some(5), Some(0)));
    for secret in ["sentinel-session", "sentinel-password", logins::CODE] {
        assert!(!said.contains(secret) && !text(&bad.stdout).contains(secret), "{secret}");
    }
}

#[test]
fn a_file_without_a_login_is_no_failure_and_one_that_cannot_be_read_is_one() {
    let empty = capture(&["-"], "{\"log\":{\"entries\":[]}}");
    assert_eq!(empty.status.code(), Some(0));
    assert!(text(&empty.stderr).contains("No login is in it"), "{}", text(&empty.stderr));
    for (arguments, input, code) in [
        (&["-"][..], "<html>", 1),
        (&["/nowhere/at-all.har"], "", 1),
        (&[], "", 2),
        (&["-", "--no-such-option"], "", 2),
    ] {
        let output = capture(arguments, input);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && text(&output.stderr).contains("error:"), "{arguments:?}");
    }
}

#[test]
fn quiet_tells_nothing_beside_the_result() {
    let output = capture(&["-", "-q", "--json"], &broken());
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
}
