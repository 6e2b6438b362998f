//! What became of a run, without secrets, for reports.

use std::time::Duration;

use super::expected::{self, Bar};
use super::profiles::{Stood, by_word};
use crate::base::check::Verdict;
use crate::base::json::{Json, Members, number, object, optional, text};
use crate::expect::Met;
use crate::export::redact::Redactor;
use crate::flow::finding::{Finding, finding};
use crate::flow::{Flow, Next};

/// What became of a run.
pub(super) struct Report {
    /// What it is called.
    pub name: String,
    /// The grant as the command line names it.
    pub grant: &'static str,
    /// How it ended, in a word.
    pub outcome: String,
    /// How long it took.
    pub took: Duration,
    pub is_passed: bool,
    /// Whether its end is no failure.
    pub has_ended_well: bool,
    /// What is most wrong with it.
    pub finding: Option<Finding>,
    pub met: Vec<Met>,
    /// How it stands by each profile that it is judged by.
    pub profiles: Vec<Stood>,
    pub checks: Vec<Judged>,
}

/// What came of a rule.
pub(super) struct Judged {
    /// The stage it was applied at.
    pub stage: &'static str,
    pub rule: &'static str,
    pub title: &'static str,
    pub verdict: Verdict,
    /// Whether it fails the run.
    pub fails: bool,
    /// What was expected and seen.
    pub seen: String,
}

impl Report {
    /// Of a run that wants this next.
    pub fn of(name: &str, flow: &Flow, next: &Next, bar: &Bar, took: Duration, hide: &Redactor) -> Self {
        let met = crate::expect::judge(&bar.expectations, flow, next, hide);
        let judged = |(stage, check): (crate::flow::stage::Stage, &crate::base::check::Check)| Judged {
            stage: stage.slug(),
            rule: check.rule.id,
            title: check.rule.title,
            verdict: check.verdict,
            // By a profile it may be stricter, or nothing.
            fails: bar.profiles.is_empty() && bar.fails(check),
            seen: hide.text(&check.seen()),
        };
        Self {
            name: name.to_owned(),
            grant: flow.grant.slug(),
            outcome: flow.outcome().word().to_owned(),
            took,
            is_passed: bar.is_passed(flow, &met),
            has_ended_well: bar.has_ended_well(flow),
            finding: finding(flow, next, &flow.left_open()).map(|finding| finding.map_texts(|text| hide.text(text))),
            met,
            profiles: bar.stood(flow, hide),
            checks: flow.trace.checks().into_iter().map(judged).collect(),
        }
    }

    /// Of a run that could not begin.
    pub fn unable(name: &str, grant: &'static str, why: &str) -> Self {
        Self {
            name: name.to_owned(),
            grant,
            outcome: why.to_owned(),
            took: Duration::ZERO,
            is_passed: false,
            has_ended_well: false,
            finding: None,
            met: Vec::new(),
            profiles: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// What was expected and is not so, and the rules that fail the run, each in a line.
    pub fn unmet(&self) -> Vec<String> {
        let met =
            self.met.iter().filter(|met| met.is_missed()).map(|met| format!("{}; came: {}", met.expected, met.came));
        // What fails a run by itself is its finding, or told beside the message.
        let mild = self.checks.iter().filter(|check| check.fails && check.verdict != Verdict::Fail);
        met.chain(mild.map(|check| format!("no {}: {} ({})", check.verdict.word(), check.rule, check.seen))).collect()
    }

    /// Why it has failed, in a line.
    pub fn why(&self) -> String {
        let expected =
            self.met.iter().find(|met| met.is_missed()).map(|met| format!("{}; came: {}", met.expected, met.came));
        let ended = self.finding.as_ref().filter(|_| !self.has_ended_well).map(|finding| finding.say.clone());
        let broken =
            self.checks.iter().find(|check| check.fails).map(|check| format!("{}: {}", check.rule, check.seen));
        let profile = self.profiles.iter().find(|stood| stood.passes == Some(false)).map(|stood| stood.summary.clone());
        expected.or(ended).or(profile).or(broken).unwrap_or_else(|| self.outcome.clone())
    }

    /// `{ name, grant, outcome, passed, took_ms, finding, expectations, failed, profiles, run, page }`. `kept` is where the run is
    /// kept, and where its page is.
    pub fn to_json(&self, kept: Option<(&str, &str)>) -> Json {
        let finding = self.finding.as_ref().map_or(Json::Null, |finding| {
            object([
                ("rule", optional(finding.rule.as_deref())),
                ("stage", text(finding.stage.slug())),
                ("say", text(finding.say.clone())),
                ("next", text(finding.next.clone())),
            ])
        });
        let broken = self.checks.iter().filter(|check| check.fails).map(|check| {
            object([
                ("rule", text(check.rule)),
                ("stage", text(check.stage)),
                ("verdict", text(check.verdict.word())),
                ("seen", text(check.seen.clone())),
            ])
        });
        let mut members: Members = [
            ("name", text(self.name.clone())),
            ("grant", text(self.grant)),
            ("outcome", text(self.outcome.clone())),
            ("passed", Json::Bool(self.is_passed)),
            ("took_ms", number(&self.took.as_millis())),
            ("finding", finding),
            ("expectations", expected::to_json(&self.met)),
            ("failed", Json::Array(broken.collect())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        members.extend(by_word(&self.profiles).map(|profiles| ("profiles".to_owned(), profiles)));
        if let Some((run, page)) = kept {
            members.push(("run".to_owned(), text(run)));
            members.push(("page".to_owned(), text(page)));
        }
        Json::Object(members)
    }
}
