//! Profiles: documents that say of what is allowed which part has to be used. The same run is judged by each of them: the
//! level of each rule comes from one table (`matrix`), and what a profile demands beyond the usual is looked for in
//! what the run sent and got (`demands`).

mod demands;
mod matrix;
mod propose;
mod signed;

use crate::base::check::{Check, Level, Verdict};
use crate::base::spec::Spec;
use crate::flow::stage::Stage;
use crate::flow::{Flow, Outcome};

pub use self::propose::{proposals, wanted};
pub use crate::terms::profile::Profile;

/// A rule that a run breaks, as this profile sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What was asked for and what was seen.
    pub check: Check,
    /// Where; `None` for what the run as a whole lacks.
    pub stage: Option<Stage>,
    /// How strictly the profile asks.
    pub level: Level,
    /// Where it does.
    pub spec: Spec,
}

/// How a run stands by a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which one.
    pub profile: Profile,
    /// Broken rules, strictest first; each once.
    pub broken: Vec<Broken>,
    /// What the profile demands and this run does not show, with the reason.
    pub open: Vec<Check>,
    /// Whether the run came to its end, without which nothing can be said to pass.
    pub is_whole: bool,
}

impl Broken {
    /// How bad it is by this profile.
    pub const fn verdict(&self) -> Verdict {
        match self.level {
            Level::Must => Verdict::Fail,
            Level::Should => Verdict::Warn,
            Level::Advice => Verdict::Note,
        }
    }
}

impl Standing {
    /// What stops it where verdicts as bad as this count.
    pub fn stops(&self, fail_on: Verdict) -> impl Iterator<Item = &Broken> {
        self.broken.iter().filter(move |broken| broken.verdict() <= fail_on)
    }

    /// Whether the run passes; `None` where nothing stops it but it did not come to its end.
    pub fn passes(&self, fail_on: Verdict) -> Option<bool> {
        match self.stops(fail_on).next() {
            Some(_) => Some(false),
            None => self.is_whole.then_some(true),
        }
    }

    /// In one line: `passes`, `4 rules stop it`, `not judged: the run did not come to its end`.
    pub fn summary(&self, fail_on: Verdict) -> String {
        match (self.stops(fail_on).count(), self.is_whole) {
            (0, true) => "passes".to_owned(),
            (0, false) => "not judged: the run did not come to its end".to_owned(),
            (1, _) => "1 rule stops it".to_owned(),
            (count, _) => format!("{count} rules stop it"),
        }
    }
}

/// What profiles demand beyond the rules of the messages, whichever does: one check a rule.
pub fn demanded(flow: &Flow) -> Vec<Check> {
    demands::judge(&demands::Facts::of(flow))
}

/// Judges a run by a profile: what its rules said, at the levels of the profile, and what the profile demands beyond.
pub fn judge(profile: Profile, flow: &Flow) -> Standing {
    let facts = demands::Facts::of(flow);
    let said = flow.trace.checks().into_iter().map(|(stage, check)| (Some(stage), check.clone()));
    let added = demands::judge(&facts).into_iter().map(|check| (None, check));
    let mut standing = Standing {
        profile,
        broken: Vec::new(),
        open: Vec::new(),
        is_whole: flow.outcome() == Outcome::Success && flow.left_open().is_empty(),
    };
    for (stage, check) in said.chain(added) {
        standing.take(check, stage, &facts);
    }
    standing.broken.sort_by_key(Broken::verdict);
    standing
}

impl Standing {
    fn take(&mut self, check: Check, stage: Option<Stage>, facts: &demands::Facts<'_>) {
        let Some((level, spec)) = matrix::asks(self.profile, &check, facts) else { return };
        let is_known = |known: &Check| known.rule.id == check.rule.id;
        match check.verdict {
            Verdict::Skipped if stage.is_none() && !self.open.iter().any(is_known) => self.open.push(check),
            // What is only worth knowing has nothing that was expected.
            Verdict::Fail | Verdict::Warn | Verdict::Note
                if check.expected.is_some() && !self.broken.iter().any(|broken| is_known(&broken.check)) =>
            {
                self.broken.push(Broken { check, stage, level, spec });
            }
            _ => {}
        }
    }
}
