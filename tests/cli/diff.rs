//! Two files side by side.

use super::{fed, file, folder, run, with};

fn saved(folder: &tempfile::TempDir, name: &str, more: &[&str]) -> String {
    let path = folder.path().join(name).to_str().expect("UTF-8").to_owned();
    run(&with(&[&["--save", &path][..], more].concat()));
    path
}

#[test]
fn two_good_runs_are_the_same_in_one_line_and_a_bad_one_is_told_stage_by_stage() {
    let folder = folder();
    let (good, again) = (saved(&folder, "a.json", &[]), saved(&folder, "b.json", &["--with-secrets"]));
    let same = run(&["diff", &good, &again]);
    assert_eq!((same.code, same.story.lines().count()), (0, 1), "{}", same.story);
    assert!(same.story.starts_with("✓ Same, "), "{}", same.story);
    assert_eq!(same.json().get("same").and_then(|same| same.as_bool()), Some(true));

    let bad = saved(&folder, "c.json", &["--set", "prompt=consent", "--set", "client_secret=wrong-secret-1"]);
    for done in
        [run(&["diff", &good, &bad]), fed(&["diff", "-", &bad], &std::fs::read_to_string(&good).expect("a run"))]
    {
        assert_eq!(done.code, 1, "{}", done.story);
        for line in [
            "    + prompt                   consent",
            "    ~ status                   200 → 401",
            "    ~ outcome                  success → refused",
        ] {
            assert!(done.story.lines().any(|told| told == line), "{line}: {}", done.story);
        }
        assert!(done.story.contains("the UserInfo request: only in A"), "{}", done.story);
        assert!(!format!("{}{}", done.out, done.story).contains("wrong-secret"));
    }
}

#[test]
fn what_cannot_be_compared_is_a_matter_of_use() {
    let folder = folder();
    let token = file(&folder, "token.txt", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.\n");
    let keys = file(&folder, "keys.json", r#"{"keys":[]}"#);
    let text = file(&folder, "notes.txt", "nothing of it");
    for (a, b, why) in [
        (token.as_str(), keys.as_str(), "a token cannot be compared with a key set"),
        (&token, &text, "notes.txt: neither a run, a JSON Web Token, a metadata document, a key set nor a recording"),
        (&token, "missing.txt", "missing.txt"),
        ("-", "-", "only one of both can be standard input"),
    ] {
        let done = run(&["diff", a, b]);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{}", done.story);
        assert!(done.story.contains(why), "{}", done.story);
    }
    assert_eq!(run(&["diff", &token, &token]).code, 0);
}

/// A request for a login, as developer tools copy it.
fn copied(state: &str, more: &str) -> String {
    let request = "response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid";
    format!("curl 'https://as.example/authorize?{request}&state={state}{more}' -H 'User-Agent: Browser/{state}'")
}

#[test]
fn logins_that_others_made_are_compared_as_runs() {
    let folder = folder();
    let one = file(&folder, "one.txt", &copied("abcdefghijklmnop", ""));
    let two = file(&folder, "two.txt", &copied("qrstuvwxyzabcdef", ""));
    let asks = file(&folder, "asks.txt", &copied("qrstuvwxyzabcdef", "&prompt=login"));
    assert_eq!(run(&["diff", &one, &two]).code, 0);
    let done = run(&["diff", &one, &format!("{asks}#1")]);
    assert_eq!(done.code, 1, "{}", done.story);
    assert!(done.story.contains("+ prompt                   login"), "{}", done.story);
    assert!(done.story.contains("✗ 1 difference that matters."), "{}", done.story);
    let done = run(&["diff", &one, &format!("{asks}#2")]);
    assert_eq!(done.code, 2);
    assert!(done.story.contains("there is no login of this number, only #1 to #1"), "{}", done.story);
    let empty =
        file(&folder, "empty.har", r#"{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"entries":[]}}"#);
    let done = run(&["diff", &one, &empty]);
    assert_eq!((done.code, done.story.contains("no login is in this recording")), (2, true), "{}", done.story);
}

/// Times differ in each token, and not in what they are counted in.
#[test]
fn a_time_in_milliseconds_is_a_difference() {
    let folder = folder();
    let token = |name: &str, claims: &str| {
        use base64::Engine as _;
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        file(&folder, name, &format!("eyJhbGciOiJub25lIn0.{claims}."))
    };
    let seconds = token("a.jwt", r#"{"iss":"i","exp":1796039267,"iat":1796035667}"#);
    for (claims, code) in [
        (r#"{"iss":"i","exp":1796039999,"iat":1796036399}"#, 0),
        (r#"{"iss":"i","exp":1796039267000,"iat":1796035667}"#, 1),
        (r#"{"iss":"i","exp":3600,"iat":1796035667}"#, 1),
    ] {
        let done = run(&["diff", &seconds, &token("b.jwt", claims)]);
        assert_eq!(done.code, code, "{claims}: {}", done.story);
        assert_eq!(done.story.contains("~ exp "), code == 1, "{}", done.story);
    }
}
