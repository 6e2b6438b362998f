//! What is wrong with a recorded login is told of its run file in the same words.

use grantscope::flow::Next;
use grantscope::flow::finding::Finding;
use grantscope::record::{Record, redactor};
use serde_json::json;

use super::command::broken;
use super::har::{OP, call_posts, har, taken};
use super::logins;

/// The finding of the first login, as the run file tells it when it is read.
fn read(file: &str) -> Option<Finding> {
    let capture = taken(file);
    let flow = capture.flow(&capture.logins[0]);
    let text = Record::of(&flow, &Next::Finished).to_text(Some(&redactor(&flow)));
    Record::read(&text).unwrap_or_else(|error| panic!("{error}")).finding
}

#[test]
fn a_run_file_tells_the_finding_of_its_login() {
    let (mut cookies, mut tokens) = (logins::of_server(), logins::of_both());
    cookies[5] = cookies[5].clone().sends("cookie", "").status(500);
    tokens[7] =
        call_posts(format!("{OP}/token"), &logins::REDEEM).status(401).json(&json!({ "error": "invalid_client" }));
    for file in [broken(), har("Playwright", &cookies), har("mitmproxy", &tokens)] {
        let capture = taken(&file);
        let found = capture.logins[0].finding.as_ref().expect("a finding");
        let told = read(&file).expect("the same");
        assert_eq!(told.rule.as_deref(), Some(found.rule.id));
        assert_eq!((told.say, told.next, told.certainty), (found.say.clone(), found.next.clone(), found.certainty));
        assert_eq!(told.shown.len(), found.evidence.len());
        for (shown, evidence) in told.shown.iter().zip(&found.evidence) {
            assert!(shown.place.ends_with(&evidence.place), "{} {}", shown.place, evidence.place);
            assert_eq!(shown.value, evidence.value);
        }
    }
}

/// What a run of this program would be blamed for is not blamed on somebody's login that is good.
#[test]
fn a_good_login_has_no_finding_in_its_run_file_either() {
    for entries in [logins::of_server(), logins::of_script(), logins::of_both()] {
        assert_eq!(read(&har("mitmproxy", &entries)), None);
    }
}

#[test]
fn a_finding_that_cannot_be_read_is_named() {
    let capture = taken(&broken());
    let flow = capture.flow(&capture.logins[0]);
    let text = Record::of(&flow, &Next::Finished).to_text(None);
    let damaged = text.replace("\"certainty\": \"", "\"certainty\": \"not ");
    let error = Record::read(&damaged).expect_err("no certainty");
    assert!(error.to_string().contains("finding.certainty"), "{error}");
}
