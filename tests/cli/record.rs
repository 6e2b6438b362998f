//! Runs that are saved, shown, tried again and interrupted.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use grantscope::base::json::Json;

use super::{Done, RUN, fed, file, folder, program, run, with};

fn path(folder: &tempfile::TempDir) -> String {
    folder.path().join("run.json").to_str().expect("UTF-8").to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).expect("written")
}

#[test]
fn a_saved_run_is_its_json_result_and_shown_as_it_was() {
    for (more, is_open) in [(&[][..], false), (&["--with-secrets"][..], true)] {
        let folder = folder();
        let path = path(&folder);
        let saved = run(&[&with(&["--save", &path, "--then", "refresh"])[..], more].concat());
        saved.assert_success();
        assert_eq!(read(&path), saved.out);
        let shown = run(&[&["show", &path][..], more].concat());
        assert_eq!((shown.code, &shown.out), (0, &saved.out));
        let piped = fed(&[&["show", "-"][..], more].concat(), &saved.out);
        assert_eq!((piped.code, &piped.out), (0, &saved.out));
        let told = |done: &Done| done.story.lines().filter(|line| line.starts_with(['✓', '!', '✗'])).count();
        assert_eq!(told(&shown), told(&saved), "{}\n{}", shown.story, saved.story);
        assert_eq!(shown.story.contains("Secrets are out of this recording"), !is_open, "{}", shown.story);
        // A file with secrets shows them to those alone who ask.
        let hidden = run(&["show", &path]);
        assert!(hidden.out.contains("REDACTED-access_token-1") && hidden.story.contains("REDACTED-code-1"));
    }
}

#[cfg(unix)]
#[test]
fn a_run_file_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder();
    run(&with(&["--save", &path(&folder)])).assert_success();
    let mode = std::fs::metadata(path(&folder)).expect("written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_saved_file_holds_a_secret() {
    let sentinel = "planted sentinel/+&=%";
    let folder = folder();
    let path = path(&folder);
    let secret = format!("client_secret={sentinel}");
    let done = run(&with(&["--save", &path, "--set", "client_id=practice-web", "--set", &secret]));
    assert_eq!(done.code, 1, "the secret is wrong");
    let saved = read(&path);
    assert!(saved.contains("\"client_secret\": \"REDACTED-client_secret-1\""), "{saved}");
    assert!(!saved.contains("sentinel"), "{saved}");
    let json = Json::parse_text(&saved).expect("JSON");
    assert_eq!(json.get("problem").and_then(|problem| problem.text("retry_from")), Some("token"));
}

#[test]
fn the_story_of_a_hostile_file_holds_no_secret_and_nothing_a_terminal_obeys() {
    let saved = run(&["run", "client-credentials", "--with-secrets"]);
    saved.assert_success();
    assert!(saved.out.contains("practice-secret"), "{}", saved.out);
    let text = r"\u001b]0;x\u0007 \u202e practice-secret";
    let planted = format!(
        r#""skipped": [{{"position": 0, "stage": "discovery", "reason": "{text}"}}],
        "turned_away": [{{"after": 0, "at": "2026-11-28T10:30:00Z", "what": "{text}", "why": "{text}"}}],
        "settings": {{"#
    );
    let shown = fed(&["show", "-"], &saved.out.replacen("\"settings\": {", &planted, 1));
    assert_eq!(shown.code, 0, "{}", shown.story);
    for line in ["skipped: ", "ignored "] {
        let told = shown.story.lines().find(|told| told.contains(line)).expect(line);
        assert!(told.contains("REDACTED-client_secret-1"), "{told}");
    }
    assert!(!shown.story.contains("practice-secret"), "{}", shown.story);
    assert!(!shown.story.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", shown.story);
}

#[test]
fn a_place_where_nothing_can_be_saved_is_refused_before_anything_is_sent() {
    let folder = folder();
    let nowhere = folder.path().join("none").join("run.json");
    for path in [nowhere.to_str().expect("UTF-8"), folder.path().to_str().expect("UTF-8")] {
        let done = run(&with(&["--save", path]));
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{}", done.story);
        assert!(done.story.contains("cannot be written") && !done.story.contains("Discovery"), "{}", done.story);
    }
}

#[test]
fn a_file_that_is_no_run_is_refused_with_the_place() {
    let folder = folder();
    for (text, says) in [
        ("{\n\"grant\": }", "line 2 column 10"),
        ("{}", "grant: is missing"),
        (r#"{"grant":"ciba","exchanges":[{"stage":"token","request":{"url":"::"}}]}"#, "exchanges[0].request.url"),
    ] {
        let done = run(&["show", &file(&folder, "broken.json", text)]);
        assert_eq!(done.code, 2, "{}", done.story);
        assert!(done.story.contains(says), "{says}: {}", done.story);
    }
    assert_eq!(run(&["show", "no such file"]).code, 2);
}

#[test]
fn what_a_newer_version_has_written_is_kept() {
    let out = run(&RUN).out;
    let newer =
        out.replacen("\n}\n", ",\n  \"weather\": \"fine\"\n}\n", 1).replacen("\"version\": 1", "\"version\": 2", 1);
    let done = fed(&["show", "-"], &newer);
    assert_eq!((done.code, done.json().text("weather")), (0, Some("fine")), "{}", done.story);
    assert!(done.story.contains("A newer version has written this"), "{}", done.story);
    assert!(!fed(&["show", "-"], &out).story.contains("A newer version"));
}

#[test]
fn a_stopped_run_is_tried_again_as_often_as_said() {
    let omitted = ["--set", "token_request.omit=code_verifier"];
    let once = run(&with(&omitted));
    let exchanges = |done: &Done| done.stages().len();
    let again = run(&with(&[&omitted[..], &["--retry", "2"]].concat()));
    assert_eq!((once.code, again.code), (1, 1));
    assert!(exchanges(&again) > exchanges(&once));
    for told in ["Trying again (1 of 2) from the ", "Trying again (2 of 2) from the authorization request"] {
        assert!(again.story.contains(told), "{told}: {}", again.story);
    }
    assert!(!once.story.contains("Trying again ("));
}

#[test]
fn a_response_that_was_given_is_not_tried_again() {
    let url = "http://127.0.0.1:8912/callback?code=a&state=b";
    let done = run(&["run", "authorization-code", "--redirected-to", url, "--retry", "3"]);
    assert_eq!(done.code, 1);
    assert!(!done.story.contains("Trying again ("), "{}", done.story);
}

/// The claims of the newest assertion of this name.
fn claims(done: &Done, name: &str) -> Json {
    let json = done.json();
    let bodies =
        json.get("exchanges").expect("exchanges").elements().iter().filter_map(|one| one.get("request")?.text("body"));
    let assertion = bodies
        .filter_map(|body| grantscope::base::params::Params::parse(body.as_bytes()).get(name).map(str::to_owned))
        .next()
        .expect("an assertion");
    grantscope::jose::jwt::decode(&assertion).claims.expect("claims")
}

#[test]
fn claims_of_assertions_are_set_and_left_out() {
    let method = ["run", "client-credentials", "--with-secrets", "--set", "token_endpoint_auth_method=private_key_jwt"];
    let more = [
        "--set",
        "client_assertion.aud=https://elsewhere.example",
        "--set",
        "client_assertion.omit=jti",
        "--set",
        "client_assertion_audience=token_endpoint",
    ];
    let done = run(&[&method[..], &more].concat());
    let sent = claims(&done, "client_assertion");
    assert_eq!((sent.text("aud"), sent.get("jti")), (Some("https://elsewhere.example"), None));
    assert_eq!(done.code, 1, "the server refuses it");
    let done = run(&["run", "jwt-bearer", "--with-secrets", "--set", "assertion.level=3"]);
    assert_eq!(claims(&done, "assertion").get("level").and_then(Json::as_i64), Some(3));
    let object = ["--set", "request_object_signing_alg=none", "--set", "request.aud=https://elsewhere.example"];
    let done = run(&[&["run", "authorization-code", "--sign-in", "alice"][..], &object].concat());
    assert!(done.story.contains("aud of the object is the issuer of this server"), "{}", done.story);
    assert!(!done.story.contains("no setting here"), "{}", done.story);
    let done = run(&["run", "client-credentials", "--set", "client_assertion.aud=x"]);
    assert!(done.story.contains("client_secret_basic signs none"), "{}", done.story);
}

#[test]
fn changes_of_what_is_not_signed_are_wrong_usage() {
    for (set, hint) in [
        ("client_assertion.=x", "client_assertion.aud=..."),
        ("assertion.omit=", "assertion.omit=exp"),
        ("request.omit=", "request.omit=exp"),
        ("user_assertion.aud=x", "client_assertion, assertion, request, dpop"),
    ] {
        let done = run(&["run", "client-credentials", "--set", set]);
        assert_eq!(done.code, 2, "{set}: {}", done.story);
        assert!(done.story.contains(hint), "{set}: {}", done.story);
    }
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let kill = std::process::Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(kill.expect("a shell").success());
}

/// Interrupted while the response is awaited, or while a server does not answer.
#[cfg(unix)]
#[test]
fn an_interrupted_run_tells_and_saves_what_there_is() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let token = format!("token_endpoint=http://{}/token", silent.local_addr().expect("an address"));
    for (arguments, line, stage, said) in [
        (&["run", "authorization-code", "--print-url"][..], "http://", "authorization", "sent, answer not awaited"),
        (
            &[
                "run",
                "client-credentials",
                "--set",
                &token,
                "--set",
                "client_id=a",
                "--set",
                "client_secret=b",
                "--set",
                "discovery=off",
            ][..],
            "",
            "token",
            "sent, answer not awaited: stopped after",
        ),
    ] {
        let folder = folder();
        let path = path(&folder);
        let mut child = program(arguments)
            .args(["--save", &path])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut story = BufReader::new(child.stderr.take().expect("a pipe"));
        // Kept open, and never answered.
        let mut asked = None;
        if line.is_empty() {
            let mut connection = silent.accept().expect("a connection").0;
            connection.read_exact(&mut [0; 1]).expect("it asks");
            asked = Some(connection);
        } else {
            assert!(story.by_ref().lines().map_while(Result::ok).any(|read| read.starts_with(line)));
        }
        interrupt(&child);
        let mut rest = String::new();
        story.read_to_string(&mut rest).expect("UTF-8");
        let mut out = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("UTF-8");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{rest}");
        drop(asked);
        assert_eq!(read(&path), out);
        let json = Json::parse_text(&out).expect("JSON");
        let last = json.get("exchanges").expect("exchanges").elements().last().expect("one").clone();
        assert_eq!((json.text("outcome"), last.text("stage")), (Some("incomplete"), Some(stage)));
        assert!(last.text("error").is_some_and(|error| error.starts_with(said)), "{last}");
        let shown = run(&["show", &path]);
        assert_eq!((shown.code, &shown.out), (0, &out), "{}", shown.story);
        assert!(shown.story.contains("sent, answer not awaited"), "{}", shown.story);
    }
}

/// A server that takes the connection and does not answer.
#[cfg(unix)]
#[test]
fn what_is_known_is_told_when_nobody_waits_for_the_rest() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = format!("http://{}", silent.local_addr().expect("an address"));
    for (arguments, member, known) in [
        (&["discover", &at][..], "outcome", "incomplete"),
        (&["jwt", "verify", "eyJhbGciOiJFUzI1NiJ9.e30.AA", "--jwks", &at][..], "form", "JWS"),
    ] {
        let child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut connection = silent.accept().expect("a connection").0;
        connection.read_exact(&mut [0; 1]).expect("it asks");
        interrupt(&child);
        let done = Done::of(child.wait_with_output().expect("it ends"));
        drop(connection);
        assert_eq!((done.code, done.json().text(member)), (130, Some(known)), "{}", done.story);
    }
}
