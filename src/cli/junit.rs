//! Reports as JUnit XML, as CI servers read them: a test suite a run; a test case for its end, each expectation, each
//! profile and each rule. Of a recording a test case a login.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::profiles::Stood;
use super::report::{Judged, Report};
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::capture::Capture;
use crate::capture::finding::{Evidence, Found};
use crate::expect::{Met, Standing};
use crate::export::redact::Redactor;
use crate::report::recording::{certainty, title};

/// The document.
pub(super) fn document(name: &str, reports: &[&Report]) -> Result<String, String> {
    let mut document = Document::new(shown(name));
    document.add_test_suites(reports.iter().map(|report| suite(report)));
    document.to_string().map_err(|error| error.to_string())
}

/// The logins of a recording: one with a finding has failed. Credentials are out.
pub(super) fn recording(name: &str, capture: &Capture) -> Result<String, String> {
    let hide = capture.redactor();
    let mut suite = TestSuite::new(shown(name));
    suite.add_test_cases(capture.logins.iter().enumerate().map(|(at, login)| {
        let title = format!("Login {}: {}", at + 1, hide.text(&title(login)));
        let status = login.finding.as_ref().map(|found| fault(capture, found, &hide));
        case(name, "", &title, status.unwrap_or_else(TestCaseStatus::success))
    }));
    let mut document = Document::new(shown(name));
    document.add_test_suite(suite);
    document.to_string().map_err(|error| error.to_string())
}

/// What is wrong with a login, and each thing that shows it.
fn fault(capture: &Capture, found: &Found, hide: &Redactor) -> TestCaseStatus {
    let shows = |it: &Evidence| {
        let value = it.value.as_deref().map(|value| format!(": {value}")).unwrap_or_default();
        format!("Entry {}, {}{value}", capture.entries[it.entry].index, it.place).replace('\n', " ")
    };
    let evidence: Vec<String> = found.evidence.iter().map(shows).collect();
    let rule = format!("{}, at {}, {}", found.rule.id, found.stage.slug(), certainty(found));
    let more = format!("{rule}\n{}\nNext: {}", evidence.join("\n"), found.next);
    failure(&hide.text(&found.say), &hide.text(&more))
}

fn suite(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new(shown(&report.name));
    suite.set_time(report.took);
    let mut end = case(&report.name, "", "the run", end_of(report));
    end.set_time(report.took);
    suite.add_test_case(end);
    suite.add_test_cases(report.met.iter().map(|met| expectation(&report.name, met)));
    suite.add_test_cases(report.profiles.iter().map(|stood| profile(&report.name, stood)));
    suite.add_test_cases(report.checks.iter().map(|check| rule(&report.name, check)));
    suite
}

fn end_of(report: &Report) -> TestCaseStatus {
    if report.has_ended_well {
        return TestCaseStatus::success();
    }
    let Some(finding) = &report.finding else { return failure(&report.outcome, "") };
    failure(&finding.sentence(), &format!("{}\nNext: {}", finding.evidence, finding.next))
}

fn expectation(run: &str, met: &Met) -> TestCase {
    let status = match met.standing {
        Standing::Met => TestCaseStatus::success(),
        standing @ (Standing::Hidden | Standing::Open) => skipped(standing.words()),
        Standing::Missed => failure(&format!("came: {}", met.came), &met.expected),
    };
    case(run, "expected", &met.expected, status)
}

fn profile(run: &str, stood: &Stood) -> TestCase {
    let status = match stood.passes {
        Some(true) => TestCaseStatus::success(),
        Some(false) => failure(&stood.summary, &stood.stops.join("\n")),
        None => skipped(&stood.summary),
    };
    case(run, "profile", stood.profile.slug(), status)
}

fn rule(run: &str, check: &Judged) -> TestCase {
    let status = match check.verdict {
        _ if check.fails => failure(&check.seen, check.title),
        Verdict::Skipped => skipped(&check.seen),
        _ => TestCaseStatus::success(),
    };
    case(run, check.stage, check.rule, status)
}

fn case(run: &str, within: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(shown(name), status);
    let class = if within.is_empty() { run.to_owned() } else { format!("{run}.{within}") };
    case.set_classname(shown(&class));
    case
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(shown(why));
    status
}

fn failure(message: &str, more: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(shown(message));
    if !more.is_empty() {
        status.set_description(more.lines().map(shown).collect::<Vec<_>>().join("\n"));
    }
    status
}

/// Nothing that XML cannot hold is in it.
fn shown(text: &str) -> String {
    visible(text).into_owned()
}
