//! Runs that are held to expectations, one by one and as a suite.

use grantscope::base::json::Json;
use roxmltree::Document;

use super::{Done, file, folder, program, run, with};

const RUNS: &str = r#"
version = 1
name = "Logins"

[defaults]
expect.finding = "none"

[[run]]
name = "code"
grant = "authorization-code"
then = ["refresh"]
matrix = { sign_in = ["alice", "bob"] }
expect.stage.token.claims.aud = "practice-web"

[[run]]
name = "machine"
grant = "client-credentials"
expect.stage.token.status = 200

[[run]]
name = "wrong secret"
grant = "client-credentials"
set = { client_secret = "env:WRONG_SECRET" }
expect = { finding = "token", refusal = "invalid_client" }
"#;

fn suite(folder: &tempfile::TempDir, text: &str, more: &[&str]) -> Done {
    let path = file(folder, "logins.toml", text);
    let mut command = program(&[&["suite", &path][..], more].concat());
    command.env("WRONG_SECRET", "planted-sentinel-1");
    Done::of(command.output().expect("it starts"))
}

fn read(folder: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join("logins.report").join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn count(json: &Json, name: &str) -> Option<i64> {
    json.get(name).and_then(Json::as_i64)
}

#[test]
fn a_suite_that_is_as_expected_ends_well_and_leaves_both_reports() {
    let folder = folder();
    let done = suite(&folder, RUNS, &[]);
    assert_eq!(done.code, 0, "{}", done.story);
    let json = done.json();
    assert_eq!(
        (count(&json, "passed"), count(&json, "failed"), json.text("suite")),
        (Some(4), Some(0), Some("Logins"))
    );
    assert_eq!(read(&folder, "report.json"), done.out);
    let xml = read(&folder, "junit.xml");
    let document = Document::parse(&xml).expect("XML");
    let suites: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    let names: Vec<_> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    assert_eq!(names, ["code (alice)", "code (bob)", "machine", "wrong secret"]);
    assert!(suites.iter().all(|suite| suite.attribute("failures") == Some("0")));
    assert!(suites[0].children().filter(|node| node.has_tag_name("testcase")).count() > 20);
    for text in [&done.out, &done.story, &xml] {
        assert!(!text.contains("sentinel"), "{text}");
    }
}

#[test]
fn a_run_that_is_not_as_expected_is_told_and_kept() {
    let folder = folder();
    let text = RUNS.replace("aud = \"practice-web\"", "aud = \"me\"");
    let done = suite(&folder, &text, &["--jobs", "1"]);
    assert_eq!(done.code, 1, "{}", done.story);
    assert!(done.story.contains("token id_token claim aud is \"me\"; came: practice-web"), "{}", done.story);
    let json = done.json();
    assert_eq!((count(&json, "passed"), count(&json, "failed")), (Some(2), Some(2)));
    let kept = json.get("runs").expect("runs").elements()[0].text("run").expect("a file").to_owned();
    assert_eq!(kept, "run-code__alice_.json");
    let shown = run(&["show", folder.path().join("logins.report").join(&kept).to_str().expect("UTF-8")]);
    assert_eq!(shown.code, 0, "{}", shown.story);
    assert!(read(&folder, "run-code__alice_.html").contains("</html>"));
    let xml = read(&folder, "junit.xml");
    let document = Document::parse(&xml).expect("XML");
    let failures: Vec<_> = document.descendants().filter(|node| node.has_tag_name("failure")).collect();
    assert_eq!(failures.len(), 2);
    assert_eq!(failures[0].attribute("message"), Some("came: practice-web"));
    // What passes now is kept no longer.
    assert_eq!(suite(&folder, RUNS, &[]).code, 0);
    assert!(!folder.path().join("logins.report").join(&kept).exists());
}

/// What several grants share is for those that can use it.
#[test]
fn a_setting_that_no_run_uses_is_noted() {
    for (grants, is_noted) in [("\"client-credentials\", \"password\"", false), ("\"client-credentials\"", true)] {
        let text = format!(
            "version = 1\n[defaults]\nset = {{ username = \"alice\" }}\n\
             [[run]]\nname = \"all\"\nmatrix = {{ grant = [{grants}] }}\n"
        );
        let done = suite(&folder(), &text, &[]);
        assert_eq!(done.story.contains("username is not used"), is_noted, "{}", done.story);
    }
}

#[test]
fn the_example_is_as_it_expects() {
    let folder = folder();
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/suite.toml")).expect("an example");
    let done = suite(&folder, &text, &["--only", "code", "--only", "machine", "--only", "wrong secret"]);
    assert_eq!((done.code, count(&done.json(), "passed")), (0, Some(6)), "{}", done.story);
}

#[test]
fn files_are_beside_the_suite() {
    let folder = folder();
    let shipped =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/presets/practice.toml")).expect("a preset");
    file(&folder, "mine.toml", &shipped.replace("Practice server", "Mine").replace("9400", "1"));
    file(&folder, "expected.toml", "version = 1\nfinding = \"discovery\"\n");
    let text = "version = 1\n[[run]]\nname = \"a\"\ngrant = \"client-credentials\"\npreset = \"mine.toml\"\n\
                expect_file = \"expected.toml\"\n";
    let done = suite(&folder, text, &[]);
    assert_eq!((done.code, count(&done.json(), "passed")), (0, Some(1)), "{}", done.story);
}

#[test]
fn only_what_is_named_is_run() {
    let folder = folder();
    for (only, passed) in [("code", 2), ("code (bob)", 1), ("machine", 1)] {
        let done = suite(&folder, RUNS, &["--only", only]);
        assert_eq!((done.code, count(&done.json(), "passed")), (0, Some(passed)), "{}", done.story);
    }
    let done = suite(&folder, RUNS, &["--only", "nothing"]);
    assert_eq!((done.code, done.out.as_str()), (2, ""));
    assert!(
        done.story.contains("--only: there is no run nothing; there are code, machine, wrong secret"),
        "{}",
        done.story
    );
}

#[test]
fn what_cannot_be_read_or_run_is_a_matter_of_use_and_nothing_is_sent() {
    for (from, to, told) in [
        ("version = 1", "version = 1\nvresion = 1", "line 3: vresion: this key is not known"),
        (
            "env:WRONG_SECRET",
            "planted-sentinel-2",
            "line 23: run.set.client_secret: a secret comes from the environment",
        ),
        (
            "env:WRONG_SECRET",
            "env:NOT_SET_ANYWHERE",
            "line 23: wrong secret: the environment variable NOT_SET_ANYWHERE",
        ),
        ("grant = \"authorization-code\"", "grant = \"magic\"", "line 10: code (alice): invalid value 'magic'"),
        (
            "then =",
            "preset = \"nowhere.toml\"\nthen =",
            "line 11: code (alice): there is no file and no shipped preset",
        ),
        ("[\"alice\", \"bob\"] }", "[] }", "line 12: run.matrix.sign_in: there is no value in this array"),
        ("sign_in = [", "then = [[\"refresh\"]], x = [", "line 12: run.matrix.then: this is no list of a matrix"),
        ("sign_in = [", "sign_im = [", "line 12: run.matrix.sign_im: this is not known here; did you mean sign_in?"),
        (
            "[\"alice\", \"bob\"] }",
            "[\"alice\"], scop = [\"openid\"] }",
            "line 12: code (alice, openid): scop is no setting here and is sent as a parameter of the authorization request; \
             did you mean scope?",
        ),
        (
            "grant = \"client-credentials\"",
            "grant = \"client-credentials\"\nmatrix = { tenant_hint = [\"a\"] }",
            "line 18: machine (a): tenant_hint is no setting",
        ),
        (
            "then = [\"refresh\"]",
            "profile = \"fapi9\"",
            "line 11: code (alice): invalid value 'fapi9' for '--profile <PROFILE>' [possible values: oauth2, oauth2.1,",
        ),
        ("then = [\"refresh\"]", "then = [\"proof\"]", "line 11: code (alice): --then proof"),
        ("matrix = { sign_in = [\"alice\", \"bob\"] }", "", "line 8: code: nobody can sign in here"),
        (
            "grant = \"client-credentials\"",
            "grant = \"client-credentials\"\nexpect_file = \"missing.toml\"",
            "line 18: machine: there is no file",
        ),
    ] {
        let folder = folder();
        let done = suite(&folder, &RUNS.replacen(from, to, 1), &[]);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{to}: {}", done.story);
        assert!(done.story.contains(told), "{to}: {}", done.story);
        assert!(!done.story.contains("sentinel") && !folder.path().join("logins.report").exists(), "{}", done.story);
    }
}

#[test]
fn how_many_go_on_at_once_is_a_whole_number_from_one_on() {
    let folder = folder();
    for typed in ["0", "-1", "x", "99999999999999999999999"] {
        let done = suite(&folder, RUNS, &["--jobs", typed]);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{typed}: {}", done.story);
        assert!(done.story.contains("this has to be a whole number from 1 on"), "{typed}: {}", done.story);
    }
}

#[test]
fn a_hundred_runs_are_each_told_once() {
    let folder = folder();
    let rows: Vec<String> = (0..100).map(|at| format!("\"s{at}\"")).collect();
    let text = format!(
        "version = 1\n[[run]]\nname = \"many\"\ngrant = \"client-credentials\"\nmatrix = {{ \"extra.row\" = [{}] }}",
        rows.join(",")
    );
    let done = suite(&folder, &text, &[]);
    assert_eq!((done.code, count(&done.json(), "passed")), (0, Some(100)), "{}", done.story);
    assert_eq!(done.story.lines().filter(|line| line.contains("✓ many (s")).count(), 100);
}

#[test]
fn a_run_is_held_to_its_expectations() {
    let folder = folder();
    let junit = folder.path().join("junit.xml").to_str().expect("UTF-8").to_owned();
    let good = file(&folder, "good.toml", "version = 1\nfinding = \"none\"\nstage.token.status = 200\n");
    let done = run(&with(&["--expect", &good, "--junit", &junit]));
    assert_eq!(done.code, 0, "{}", done.story);
    assert!(done.story.contains("✓ token status is 200"), "{}", done.story);
    let met = done.json().get("expectations").expect("expectations").elements().to_vec();
    assert_eq!(
        (met.len(), met[1].get("met").and_then(Json::as_bool), met[1].text("came")),
        (2, Some(true), Some("200"))
    );
    let xml = std::fs::read_to_string(&junit).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = std::fs::metadata(&junit).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it says what servers said");
    }
    assert!(
        Document::parse(&xml).expect("XML").descendants().any(|it| it.attribute("name") == Some("token status is 200"))
    );

    let bad = file(&folder, "bad.toml", "version = 1\nstage.token.status = 201\n");
    let done = run(&with(&["--expect", &bad]));
    assert_eq!(done.code, 1);
    assert!(done.story.contains("✗ token status is 201; came: 200"), "{}", done.story);

    let refused = file(&folder, "refused.toml", "version = 1\nrefusal = \"invalid_client\"\n");
    let secret = ["--set", "client_id=practice-web", "--set", "client_secret=wrong-secret-1"];
    let done = run(&with(&[&["--expect", &refused][..], &secret].concat()));
    assert_eq!((done.code, done.json().text("outcome")), (0, Some("refused")), "{}", done.story);

    let unread = file(&folder, "unread.toml", "version = 1\nstage.token.statuss = 201\n");
    let done = run(&with(&["--expect", &unread]));
    assert_eq!((done.code, done.out.as_str()), (2, ""));
    assert!(done.story.contains("unread.toml: line 2: stage.token.statuss"), "{}", done.story);
}

#[test]
fn a_milder_verdict_fails_a_run_where_it_is_asked_for() {
    let weak = ["--set", "code_challenge_method=plain"];
    let code = |more: &[&str]| run(&with(&[&weak[..], more].concat())).code;
    assert_eq!((code(&[]), code(&["--fail-on", "warn"])), (0, 1));
    assert_eq!(code(&["--fail-on", "pass"]), 2);
}

/// What is left of a run that has failed before would look as if it were of today.
#[test]
fn a_report_holds_only_what_was_run_for_it() {
    let folder = folder();
    let failing = RUNS.replace("status = 200", "status = 201");
    assert_eq!(suite(&folder, &failing, &[]).code, 1);
    let kept = || std::fs::exists(folder.path().join("logins.report/run-machine.json")).expect("a folder");
    assert!(kept());
    std::fs::write(folder.path().join("logins.report/run-notes.txt"), "mine").expect("a file");
    assert_eq!(suite(&folder, &failing, &["--only", "code"]).code, 0);
    assert!(!kept(), "it was not run");
    assert_eq!(read(&folder, "run-notes.txt"), "mine");
}

#[test]
fn a_saved_run_is_held_to_expectations() {
    let folder = folder();
    let saved = folder.path().join("run.json").display().to_string();
    assert_eq!(run(&["run", "client-credentials", "--save", &saved]).code, 0);
    for (status, code) in [(200, 0), (201, 1)] {
        let expected = format!("version = 1\n[stage.token]\nstatus = {status}\n");
        let expected = file(&folder, "expected.toml", &expected);
        let done = run(&["show", &saved, "--expect", &expected]);
        assert_eq!(done.code, code, "{}", done.story);
        assert!(done.story.contains(&format!("token status is {status}")), "{}", done.story);
        assert_eq!(done.json().get("expectations").map(|list| list.elements().len()), Some(1));
    }
}

/// What was taken out of a file is neither as expected nor otherwise.
#[test]
fn what_a_file_hides_is_not_judged() {
    let folder = folder();
    let saved = folder.path().join("run.json").display().to_string();
    assert_eq!(run(&["run", "client-credentials", "--save", &saved]).code, 0);
    for (expected, told, met, code) in [
        ("= \"x\"", "hidden in this file, cannot be judged", Json::Null, 0),
        (".matches = \"^ey\"", "hidden in this file, cannot be judged", Json::Null, 0),
        (".type = \"string\"", "✓ token answer access_token is of type string", Json::Bool(true), 0),
        (" = { present = true }", "✓ token answer access_token is present", Json::Bool(true), 0),
        (" = { present = false }", "✗ token answer access_token is absent; came: REDACTED", Json::Bool(false), 1),
    ] {
        let expected = format!("version = 1\n[stage.token]\nanswer.access_token{expected}\n");
        let expected = file(&folder, "expected.toml", &expected);
        let done = run(&["show", &saved, "--expect", &expected]);
        assert_eq!(done.code, code, "{}", done.story);
        assert!(done.story.contains(told), "{}", done.story);
        assert_eq!(done.json().get("expectations").and_then(|list| list.elements()[0].get("met").cloned()), Some(met));
    }
}

#[test]
fn the_name_of_a_file_makes_no_line_of_its_own() {
    let folder = folder();
    let path = file(&folder, "bad\nerror: forged", "x");
    for arguments in [
        &["show", &path][..],
        &["capture", &path],
        &["import", &path],
        &["suite", &path],
        &["diff", &path, &path],
        &["presets", "check", &path],
        &["serve", "--config", &path],
        &["run", "client-credentials", "--preset", &path],
        &["run", "client-credentials", "--expect", &path],
        &["jwt", "verify", "x.y.z", "--key", &path],
    ] {
        let done = run(arguments);
        assert_ne!(done.code, 0, "{arguments:?}");
        assert!(!done.story.lines().any(|line| line.starts_with("error: forged")), "{}", done.story);
        assert!(done.story.contains(r"bad\nerror: forged"), "{arguments:?}: {}", done.story);
    }
}

#[test]
fn a_preset_that_is_there_is_written_over_when_asked() {
    let folder = folder();
    let from =
        file(&folder, "request.txt", "curl https://as.example/token -d grant_type=client_credentials -d client_id=a");
    let preset = file(&folder, "mine.toml", "mine");
    let import = |more: &[&str]| run(&[&["import", &from, "--preset", &preset][..], more].concat());
    let refused = import(&[]);
    assert_eq!((refused.code, std::fs::read_to_string(&preset).expect("it is there").as_str()), (1, "mine"));
    assert!(refused.story.contains("--force"), "{}", refused.story);
    assert_eq!(import(&["--force"]).code, 0);
    assert!(std::fs::read_to_string(&preset).expect("it is there").contains("as.example"));
}

/// A run is judged by the profiles that it names, by the verdict that `fail_on` names.
#[test]
fn a_run_that_does_not_pass_its_profile_fails() {
    let folder = folder();
    let text = |profile: &str| {
        format!(
            "version = 1\n[[run]]\nname = \"code\"\ngrant = \"authorization-code\"\nsign_in = \"alice\"\n\
             profile = {profile}\n"
        )
    };
    let done = suite(&folder, &text("\"oauth2\""), &[]);
    assert_eq!(done.code, 0, "{}", done.story);
    let done = suite(&folder, &text("[\"oauth2\", \"fapi2\"]"), &[]);
    assert_eq!(done.code, 1, "{}", done.story);
    assert!(done.story.contains("FAPI 2.0: "), "{}", done.story);
    let json = done.json();
    let profiles = json.get("runs").expect("runs").elements()[0].get("profiles").expect("profiles").clone();
    let passes = |name: &str| profiles.get(name).and_then(|it| it.get("passes")).cloned();
    assert_eq!((passes("oauth2"), passes("fapi2")), (Some(Json::Bool(true)), Some(Json::Bool(false))));
    let xml = read(&folder, "junit.xml");
    let document = Document::parse(&xml).expect("XML");
    let failed: Vec<_> = document.descendants().filter(|node| node.has_tag_name("failure")).collect();
    let names: Vec<_> = failed.iter().filter_map(|it| it.parent()?.attribute("name")).collect();
    assert_eq!(names, ["fapi2"]);
    assert!(failed[0].text().is_some_and(|text| text.contains("profile.pushed")), "{xml}");
}

#[test]
fn each_profile_of_a_matrix_is_a_run_of_its_own() {
    let folder = folder();
    let text = "version = 1\n[defaults]\nfail_on = \"fail\"\n[[run]]\nname = \"code\"\ngrant = \"authorization-code\"\n\
                sign_in = \"alice\"\nmatrix = { profile = [\"oauth2\", \"native\"] }\n";
    let done = suite(&folder, text, &[]);
    let names: Vec<_> = done
        .json()
        .get("runs")
        .expect("runs")
        .elements()
        .iter()
        .filter_map(|run| run.text("name").map(str::to_owned))
        .collect();
    assert_eq!(names, ["code (oauth2)", "code (native)"]);
}

/// What is no preset is none on the command line either.
#[test]
fn a_misspelt_file_of_expectations_is_no_preset() {
    let folder = folder();
    let expected = file(&folder, "bad.expect.toml", "version = 1\noutcom = \"success\"\n");
    let suite = file(&folder, "suite.toml", RUNS);
    let checked = run(&["presets", "check", &expected]);
    assert_eq!((checked.code, checked.json().get("valid")), (1, Some(&Json::Bool(false))));
    assert!(checked.story.contains("line 2: outcom is no key of a preset"), "{}", checked.story);
    let begun = run(&["run", "client-credentials", "--preset", &expected]);
    assert_eq!((begun.code, begun.out.as_str()), (2, ""), "{}", begun.story);
    let imported = run(&["import", &expected]);
    assert!(imported.story.contains("is a file of expectations"), "{}", imported.story);
    let imported = run(&["import", &suite]);
    assert_eq!((imported.code, imported.story.contains("is no key of a preset")), (1, true), "{}", imported.story);
}
