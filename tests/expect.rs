//! Expectations: what is written is read with its places, and held against what came.

mod pair;

use grantscope::base::check::Verdict;
use grantscope::client::settings::Settings;
use grantscope::expect::{Expectation, Expectations, Kind, Standing, Suite, is_like, judge, proposals, so_far};
use grantscope::flow::world::World as _;
use grantscope::flow::{Flow, Next};
use grantscope::record::redactor;
use grantscope::terms::grant::Grant;
use pair::Pair;
use proptest::prelude::*;

const DOCUMENT: &str = include_str!("../presets/expectations.md");

/// The examples of the document.
fn examples() -> Vec<&'static str> {
    DOCUMENT.split("```toml\n").skip(1).map(|rest| rest.split("```").next().expect("its end")).collect()
}

fn run(change: impl FnOnce(&mut Settings)) -> (Flow, Next) {
    let (mut pair, mut flow) = (Pair::new(), Pair::new().flow_with(change));
    let next = pair.run(&mut flow);
    (flow, next)
}

#[test]
fn the_examples_of_the_document_are_read_and_met() {
    let [expectations, suite] = examples()[..] else { panic!("two examples") };
    let expectations = Expectations::parse(expectations).expect("expectations");
    let (flow, next) = run(|_| {});
    let met = judge(&expectations, &flow, &next, &redactor(&flow));
    assert_eq!(met.len(), 17);
    assert!(met.iter().all(|met| met.is_met()), "{met:#?}");

    let suite = Suite::parse(suite).expect("a suite");
    let names: Vec<&str> = suite.runs.iter().map(|run| run.name.as_str()).collect();
    let of_matrix = ["code (alice, query)", "code (alice, form_post)", "code (bob, query)", "code (bob, form_post)"];
    assert_eq!(names, [&of_matrix[..], &["machine", "wrong secret"]].concat());
    let (code, wrong) = (&suite.runs[0], &suite.runs[5]);
    assert_eq!(code.set, [("response_mode".to_owned(), "query".to_owned())]);
    assert_eq!((code.fail_on, code.expect.list.len(), code.base.as_str()), (Some(Verdict::Fail), 2, "code"));
    assert_eq!((wrong.line, wrong.set[0].1.as_str(), wrong.expect.list.len()), (22, "env:WRONG_SECRET", 2));
}

#[test]
fn what_came_is_said_of_each() {
    let (flow, next) = run(|_| {});
    let code = flow.trace.exchanges[2].request.query().get("state").expect("a state").to_owned();
    for (text, is_met, expected, came) in [
        ("outcome = \"refused\"", false, "outcome is \"refused\"", "success"),
        ("refusal = { present = false }", true, "refusal is absent", "absent"),
        ("rules.\"id_token.aud\" = \"pass\"", true, "rule id_token.aud is \"pass\"", "pass"),
        ("rules.\"device.interval\" = \"pass\"", false, "", "it was not applied"),
        ("stage.token.status = 201", false, "token status is 201", "200"),
        (
            "stage.token.scope = \"email openid profile offline_access\"",
            true,
            "",
            "openid profile email offline_access",
        ),
        (
            "stage.token.scope.lacks = \"email\"",
            false,
            "token scope lacks email",
            "openid profile email offline_access",
        ),
        ("stage.token.claims.aud = \"me\"", false, "token id_token claim aud is \"me\"", "practice-web"),
        ("stage.token.claims.azp = { present = true }", false, "", "absent"),
        ("stage.token.claims.iat.from_now = { min = -60, max = 0 }", true, "", "1795429800"),
        ("stage.token.token.access_token.claims.x = 1", false, "", ""),
        ("stage.token.answer.expires_in = { max = 60 }", false, "token answer expires_in is at most 60", "600"),
        ("stage.token.request.grant_type = \"authorization_code\"", true, "", "authorization_code"),
        ("stage.authorization.request.max_age = { present = false }", true, "", "absent"),
        ("stage.authorization.answer.iss.matches = \"^http://127\"", true, "", "http://127.0.0.1:9400"),
        ("stage.userinfo.fields.content-type.matches = \"json\"", true, "", "application/json"),
        ("stage.token.answer.access_token = \"no\"", false, "", "REDACTED-access_token-1"),
        ("stage.refresh.status = 200", false, "", "the refresh request was not sent"),
        ("stage.jwks.answer.keys.type = \"array\"", true, "", ""),
    ] {
        let expectations =
            Expectations::parse(&format!("version = 1\n{text}")).unwrap_or_else(|e| panic!("{text}: {e}"));
        let met = judge(&expectations, &flow, &next, &redactor(&flow));
        assert_eq!(met.len(), 1, "{text}");
        assert_eq!(met[0].is_met(), is_met, "{text}: {met:?}");
        assert!(expected.is_empty() || met[0].expected == expected, "{text}: {met:?}");
        assert!(came.is_empty() || met[0].came == came, "{text}: {met:?}");
    }
    assert!(!code.is_empty());
}

#[test]
fn a_refusal_can_be_what_is_expected() {
    let (flow, next) = run(|it| it.client.client_secret = "wrong-secret-1".into());
    let text = "version = 1\noutcome = \"refused\"\nfinding = \"token\"\nrefusal = \"invalid_client\"\n\
                stage.token.error = \"invalid_client\"\nstage.token.status.one_of = [400, 401]";
    let expectations = Expectations::parse(text).expect("expectations");
    let met = judge(&expectations, &flow, &next, &redactor(&flow));
    assert!(met.iter().all(|met| met.is_met()), "{met:#?}");
    assert!(expectations.decide_outcome());
}

#[test]
fn what_is_not_understood_is_an_error_with_line_and_key() {
    for (text, told) in [
        ("", "line 1: version is missing"),
        ("version = 2", "line 1: version: this program reads version 1"),
        ("version = 1\noutcome =", "line 2: not TOML"),
        ("version = 1\noutcome = \"good\"", "line 2: outcome: good is none of success"),
        ("version = 1\noutcome = 1", "line 2: outcome: this has to be a string, not an integer"),
        (
            "version = 1\n[stage.token]\nstatus = 70000",
            "line 3: stage.token.status: no answer has the status 70000: they go from 100 to 599",
        ),
        (
            "version = 1\n[stage.token]\nanswer.expires_in = { min = 9, max = 3 }",
            "line 3: stage.token.answer.expires_in: min 9 is greater than max 3",
        ),
        ("version = 1\n\nstatus = 200", "line 3: status: this key is not known; known are version"),
        (
            "version = 1\nfinding = \"id_token.aut\"",
            "line 2: finding: there is no rule id_token.aut; did you mean id_token.aud?",
        ),
        ("version = 1\n[rules]\n\"a.b\" = \"pass\"", "line 3: rules.a.b: there is no rule a.b"),
        ("version = 1\n[rules]\n\"id_token.aud\" = \"good\"", "line 3: rules.id_token.aud: good is none of fail, warn"),
        ("version = 1\n[stage.tokn]\nstatus = 1", "line 2: stage.tokn: there is no stage of this name"),
        (
            "version = 1\n[stage.token]\nstatuss = 200",
            "line 3: stage.token.statuss: this key is not known; did you mean status?",
        ),
        (
            "version = 1\n[stage.token.claims]\naud = { equal = 1 }",
            "line 3: stage.token.claims.aud.equal: this key is not known; did you mean equals?",
        ),
        (
            "version = 1\n[stage.token.claims]\na = { matches = \"(\" }",
            "line 3: stage.token.claims.a.matches: unclosed group",
        ),
        (
            "version = 1\n[stage.token.claims]\na = { type = \"text\" }",
            "line 3: stage.token.claims.a.type: text is none of",
        ),
        (
            "version = 1\n[stage.token.claims]\na = { min = \"1\" }",
            "line 3: stage.token.claims.a.min: this has to be a whole number",
        ),
        ("version = 1\n[stage.token.claims]\na = {}", "line 3: stage.token.claims.a: nothing is expected here"),
        ("version = 1\n[stage.token.token.access_token]\nclaim = 1", "line 3: stage.token.token.access_token.claim:"),
    ] {
        let error = Expectations::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(told), "{text}: {error}");
    }
}

#[test]
fn a_suite_that_is_not_understood_is_an_error_with_line_and_key() {
    for (text, told) in [
        ("version = 1", "line 1: there is no run"),
        ("version = 1\n[[run]]\ngrant = \"code\"", "line 2: run.name: this is missing"),
        ("version = 1\n[[run]]\nname = \"a\"", "line 2: run.grant: this is missing"),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrnat = \"x\"",
            "line 4: run.grnat: this key is not known; did you mean grant?",
        ),
        ("version = 1\n[defaults]\nmatrix = {}", "line 3: defaults.matrix: this belongs to a run"),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\nset = { client_secret = \"x\" }",
            "line 5: run.set.client_secret: a secret comes from the environment",
        ),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\nsign_in_password = \"x\"",
            "line 5: run.sign_in_password: a secret comes",
        ),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\n[run.matrix]\nprivate_key = [\"@key.pem\"]",
            "line 6: run.matrix.private_key: a secret comes",
        ),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\nfail_on = \"pass\"",
            "line 5: run.fail_on: this has to be note, warn, fail",
        ),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\n[[run]]\nname = \"a\"\ngrant = \"g\"",
            "line 5: run.name: there are two runs of the name a",
        ),
        (
            "version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\n[run.expect.stage.token]\nstate = 1",
            "line 6: run.expect.stage.token.state: this key is not known",
        ),
    ] {
        let error = Suite::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(told), "{text}: {error}");
    }
}

#[test]
fn a_matrix_that_grows_without_bound_is_refused() {
    let axis =
        |name: &str| format!("{name} = [{}]\n", (0..100).map(|at| format!("\"{at}\"")).collect::<Vec<_>>().join(","));
    let axes: String = ["a", "b", "c", "d", "e"].iter().map(|name| axis(name)).collect();
    let text = format!("version = 1\n[[run]]\nname = \"a\"\ngrant = \"g\"\n[run.matrix]\n{axes}");
    let error = Suite::parse(&text).expect_err("too many").to_string();
    assert_eq!(error, "line 2: run: a suite has 10000 runs at most, each of a matrix counted");
}

#[test]
fn what_is_written_is_read_again() {
    let text = "version = 1\nrefusal = \"invalid_grant\"\n[stage.token.claims]\naud = [\"a\", \"b\"]\n\
                sub = { equals = \"x\", type = \"string\", matches = \"^x\", present = true, one_of = [\"x\", 1, 1.5, true] }\n\
                n = { min = 1, max = 2, from_now = { min = -1 } }\n[stage.token.token.access_token.header]\nalg = \"RS256\"\n\
                [stage.token]\nscope = { has = \"a b\", lacks = [\"c\"], set = \"a b\" }\n[rules]\n\"id_token.aud\" = \"pass\"";
    for text in [text, examples()[0]] {
        let mut read = Expectations::parse(text).expect("expectations");
        let mut again =
            Expectations::parse(&read.to_toml()).unwrap_or_else(|error| panic!("{error}: {}", read.to_toml()));
        // Tables come after values in TOML.
        for list in [&mut read.list, &mut again.list] {
            list.sort_by_key(ToString::to_string);
        }
        assert_eq!(again, read, "{}", read.to_toml());
    }
}

/// The one expectation of a file.
fn only(text: &str) -> Expectation {
    let mut read = Expectations::parse(&format!("version = 1\n{text}")).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(read.list.len(), 1, "{text}");
    read.list.remove(0)
}

#[test]
fn what_is_proposed_is_met_by_the_run_and_holds_nothing_to_what_differs_each_time() {
    let (flow, next) = run(|_| {});
    let hide = redactor(&flow);
    for (text, told) in [
        ("stage.token.status = 201", "is 200"),
        (
            "stage.token.scope = \"x\"",
            "is the set openid profile email offline_access; has openid profile email offline_access",
        ),
        ("stage.token.answer.expires_in = 1", "is 300 to 1200; is 600; is present; is of type number; is absent"),
        ("stage.token.answer.access_token = 1", "is present; is of type string; is absent"),
        ("stage.token.answer.token_type = 1", "is \"Bearer\"; is present; is of type string; is absent"),
        ("stage.token.answer.no_such = 1", "is absent; is present"),
        ("stage.token.claims.aud = 1", "is \"practice-web\"; is present; is of type string; is absent"),
        ("stage.token.claims.nonce = 1", "is present; is of type string; is absent"),
        ("stage.token.claims.iat = 1", "is -60 to 60 s from when it came; is present; is of type number; is absent"),
        ("stage.token.header.alg = 1", "is \"ES256\"; is present; is of type string; is absent"),
        ("stage.token.took_ms = 1", "is at most 100"),
        ("stage.authorization.request.state = \"x\"", "is present; is absent"),
        ("stage.authorization.request.response_type = \"x\"", "is the set code; has code; is present; is absent"),
        ("finding = \"none\"", "is \"none\""),
        ("outcome = \"failed\"", "is \"success\""),
        ("refusal = \"x\"", "is absent"),
        ("rules.\"id_token.aud\" = \"fail\"", "is \"pass\""),
    ] {
        let proposed = proposals(&only(text).subject, None, &flow, &next, &hide);
        let words: Vec<String> = proposed.iter().map(|one| one.condition.to_string()).collect();
        assert_eq!(words.join("; "), told, "{text}");
        let met = judge(&Expectations { list: proposed[..1].to_vec() }, &flow, &next, &hide);
        assert!(met[0].is_met(), "{met:?}");
    }
}

#[test]
fn what_has_not_come_is_open_while_the_run_goes_on() {
    let (mut pair, mut flow) = (Pair::new(), Pair::new().flow_with(|_| {}));
    let text = "version = 1\nfinding = \"none\"\nstage.token.status = 200\nstage.jwks.status = 200\nstage.discovery.status = 201";
    let expectations = Expectations::parse(text).expect("expectations");
    let standing = |flow: &Flow, next: &Next| -> Vec<Standing> {
        so_far(&expectations, flow, next, &redactor(flow)).iter().map(|met| met.standing).collect()
    };
    let next = flow.poll(pair.now());
    assert_eq!(standing(&flow, &next), [Standing::Open; 4]);
    let next = pair.run(&mut flow);
    assert_eq!(standing(&flow, &next), [Standing::Met, Standing::Met, Standing::Met, Standing::Missed]);
    let (flow, next) = run(|it| it.client.client_secret = "wrong-secret-1".into());
    assert_eq!(standing(&flow, &next)[..3], [Standing::Missed, Standing::Missed, Standing::Met]);
}

#[test]
fn a_condition_is_typed_as_it_reads() {
    let read = Expectations::parse(examples()[0]).expect("expectations");
    for one in read.list {
        let again = one.retyped(one.condition.kind(), &one.condition.typed());
        assert_eq!(again.as_ref(), Ok(&one), "{one}");
    }
    let aud = only("stage.token.claims.aud = \"a\"");
    for (kind, typed, told) in [
        (Kind::Equals, "200", "is 200"),
        (Kind::Equals, "\"200\"", "is \"200\""),
        (Kind::Equals, "practice-web", "is \"practice-web\""),
        (Kind::OneOf, "[\"a\", 1]", "is one of \"a\", 1"),
        (Kind::Absent, "", "is absent"),
        (Kind::Lacks, " a  b ", "lacks a b"),
        (Kind::Range, "60..", "is at least 60"),
        (Kind::FromNow, "-60..60", "is -60 to 60 s from when it came"),
    ] {
        assert_eq!(aud.retyped(kind, typed).expect(typed).condition.to_string(), told);
    }
    let rule = only("rules.\"id_token.aud\" = \"pass\"");
    for (one, kind, typed, told) in [
        (&aud, Kind::OneOf, "a", "type a list"),
        (&aud, Kind::Matches, "(", "unclosed group"),
        (&aud, Kind::Type, "text", "text is none of string"),
        (&aud, Kind::Has, " ", "type the words"),
        (&aud, Kind::Range, "60", "type two whole numbers"),
        (&aud, Kind::Range, "..", "type two whole numbers"),
        (&aud, Kind::Range, "3..2", "the first number has to be the smaller one"),
        (&rule, Kind::Present, "", "this has to be a string"),
        (&rule, Kind::Equals, "good", "good is none of fail"),
        (&only("finding = \"none\""), Kind::Equals, "no.rule", "there is no rule no.rule"),
    ] {
        let error = one.retyped(kind, typed).expect_err(typed);
        assert!(error.starts_with(told), "{typed}: {error}");
    }
}

#[test]
fn what_is_put_takes_the_place_of_what_says_otherwise() {
    let mut all = Expectations::default();
    for text in ["outcome = \"success\"", "stage.token.claims.a = 1", "stage.token.claims.a.present = true"] {
        all.put(only(text));
    }
    all.put(only("stage.token.claims.a.present = false"));
    all.put(only("stage.token.claims.a = 2"));
    let told: Vec<String> = all.list.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["outcome is \"success\"", "token id_token claim a is 2", "token id_token claim a is absent"]);
}

#[test]
fn a_file_of_expectations_is_known_also_where_it_is_wrong() {
    let [expectations, suite] = examples()[..] else { panic!("two examples") };
    let preset = include_str!("../presets/practice.toml");
    for (text, is) in [
        (expectations, true),
        ("# mine\nversion = 1\n\n[stage.token\nstatus 200", true),
        ("finding = ", true),
        ("rules.\"a.b\" = \"pass\"", true),
        (suite, false),
        (preset, false),
        ("version = 1", false),
        ("", false),
    ] {
        assert_eq!(is_like(text), is, "{text}");
    }
}

proptest! {
    /// A part of an example in the place of another: nearly right, as what people type.
    #[test]
    fn any_text_is_read_or_refused_with_its_line(at in 0usize..2000, length in 0usize..40, put in ".{0,12}", which in 0usize..2) {
        let text: Vec<char> = examples()[which].chars().collect();
        let at = at % text.len();
        let end = (at + length).min(text.len());
        let text: String = text[..at].iter().copied().chain(put.chars()).chain(text[end..].iter().copied()).collect();
        let lines = text.lines().count() + 1;
        for error in [Expectations::parse(&text).err(), Suite::parse(&text).err()].into_iter().flatten() {
            prop_assert!((1..=lines).contains(&error.line), "{error}");
        }
    }
}

#[test]
fn what_is_inside_an_encrypted_token_is_expected_as_if_it_came_plain() {
    let (flow, next) = run(|settings| {
        "ECDH-ES+A128KW".clone_into(&mut settings.client.id_token_encrypted_response_alg);
        "A128GCM".clone_into(&mut settings.client.id_token_encrypted_response_enc);
        grantscope::demo::choose_client(settings, Grant::AuthorizationCode);
        grantscope::demo::fill(settings, Grant::AuthorizationCode, "alice", None);
    });
    let text = "version = 1\noutcome = \"success\"\nstage.token.claims.sub = \"alice\"";
    let met = judge(&Expectations::parse(text).expect("expectations"), &flow, &next, &redactor(&flow));
    assert!(met.iter().all(|met| met.is_met()), "{met:#?}");
}
