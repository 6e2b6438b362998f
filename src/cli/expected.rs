//! `--expect`, `--fail-on` and `--profile`: what a run is held to beyond that it succeeds.

use std::path::Path;

use super::args::BarArgs;
use super::terminal::{Paint, Terminal};
use super::{Usage, typed};
use crate::base::check::{Check, Verdict};
use crate::base::json::{Json, object, text};
use crate::expect::{Expectations, LEVELS, Met, Standing};
use crate::flow::{Flow, Outcome};
use crate::profile::{Broken, Profile, judge};

/// What a run has to be to pass.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub expectations: Expectations,
    /// The mildest verdict that fails it.
    pub fail_on: Verdict,
    /// What it is judged by instead of the levels of its rules' own documents.
    pub profiles: Vec<Profile>,
}

impl Bar {
    pub fn new(file: Option<&Path>, typed: &BarArgs) -> Result<Self, Usage> {
        let expectations = file.map(expectations).transpose()?.unwrap_or_default();
        Ok(Self { expectations, fail_on: level(&typed.fail_on), profiles: typed.profiles() })
    }

    /// Whether the run passes, given what became of the expectations.
    pub fn is_passed(&self, flow: &Flow, met: &[Met]) -> bool {
        let is_expected = self.has_ended_well(flow) && !met.iter().any(Met::is_missed);
        is_expected && if self.profiles.is_empty() { self.keeps_rules(flow) } else { self.passes_profiles(flow) }
    }

    fn keeps_rules(&self, flow: &Flow) -> bool {
        !flow.checks().any(|check| self.fails(check))
    }

    fn passes_profiles(&self, flow: &Flow) -> bool {
        let is_named = |broken: &Broken| self.expectations.name_rule(broken.check.rule);
        self.profiles.iter().all(|profile| judge(*profile, flow).stops(self.fail_on).all(is_named))
    }

    /// An end that was asked for is no failure.
    pub fn has_ended_well(&self, flow: &Flow) -> bool {
        self.expectations.decide_outcome() || flow.outcome() == Outcome::Success
    }

    /// Whether what came of a rule fails the run. What is expected of a rule is told by the expectation.
    pub fn fails(&self, check: &Check) -> bool {
        check.verdict <= self.fail_on && !self.expectations.name_rule(check.rule)
    }
}

/// The verdict of this word, which the arguments have made sure of.
pub(super) fn level(word: &str) -> Verdict {
    LEVELS.into_iter().find(|level| level.word() == word).unwrap_or(Verdict::Fail)
}

/// Reads a file of expectations.
pub(super) fn expectations(path: &Path) -> Result<Expectations, Usage> {
    Expectations::parse(&typed::lying(path)?).map_err(|error| Usage(format!("{}: {error}", path.display())))
}

/// Each expectation in a line, with what came where it is not met.
pub(super) fn tell(terminal: &mut Terminal, met: &[Met]) {
    if met.is_empty() {
        return;
    }
    terminal.line("");
    terminal.line(&terminal.paint(Paint::Strong, "Expected"));
    for met in met {
        terminal.line(&format!("  {}", line(terminal, met)));
    }
}

/// One of them.
pub(super) fn line(terminal: &Terminal, met: &Met) -> String {
    match met.standing {
        Standing::Met => format!("{} {}", terminal.paint(Paint::Good, "✓"), met.expected),
        standing @ (Standing::Hidden | Standing::Open) => format!("- {}: {}", met.expected, standing.words()),
        Standing::Missed => format!("{} {}; came: {}", terminal.paint(Paint::Bad, "✗"), met.expected, met.came),
    }
}

/// What became of the expectations, in the result of a run that has some.
pub(super) fn add(result: &mut Json, met: &[Met]) {
    if let (Json::Object(members), false) = (result, met.is_empty()) {
        members.push(("expectations".to_owned(), to_json(met)));
    }
}

/// `[{ expected, stage, met, standing, came }]`; `met` is `null` where it cannot be judged.
pub(super) fn to_json(met: &[Met]) -> Json {
    let one = |met: &Met| {
        object([
            ("expected", text(met.expected.clone())),
            ("stage", met.stage.map_or(Json::Null, |stage| text(stage.slug()))),
            ("met", if met.is_met() || met.is_missed() { Json::Bool(met.is_met()) } else { Json::Null }),
            ("standing", text(met.standing.words())),
            ("came", text(met.came.clone())),
        ])
    };
    Json::Array(met.iter().map(one).collect())
}
