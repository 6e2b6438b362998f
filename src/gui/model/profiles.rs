//! How the run that is shown stands by each profile, and by which one it is looked at.

use super::expect::Seen;
use crate::base::check::{Check, Level, Verdict};
use crate::base::spec::Spec;
use crate::flow::stage::Stage;
use crate::profile::{Profile, Standing};

/// What is done with profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileCommand {
    /// Judge by this one, or each rule by its own document.
    Choose(Option<Profile>),
    /// Show this one of what was judged.
    Select(usize),
    /// Put the settings that it wants in.
    PutIn(Profile),
}

/// The profiles of the window.
#[derive(Clone, Debug, Default)]
pub struct ProfilesModel {
    /// The one in force; `None` judges each rule by its own document.
    pub chosen: Option<Profile>,
    /// How the run stands by each, in their order.
    pub standings: Vec<Standing>,
    /// What was judged by the one in force, what stops the run first.
    pub judged: Vec<JudgedBy>,
    /// Which of it is shown in full; the first where none was chosen.
    pub selected: Option<usize>,
    /// What that was judged on.
    pub seen: Option<Seen>,
}

/// A rule as a profile sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedBy {
    /// With the verdict of the profile.
    pub check: Check,
    /// Where; `None` for what the run as a whole lacks.
    pub stage: Option<Stage>,
    /// How strictly the profile asks.
    pub level: Level,
    /// Where it does.
    pub spec: Spec,
}

impl ProfilesModel {
    /// How the run stands by the one in force.
    pub fn standing(&self) -> Option<&Standing> {
        self.standings.iter().find(|standing| Some(standing.profile) == self.chosen)
    }

    /// Takes the rules of the one in force out of how the run stands.
    pub fn list(&mut self) {
        self.judged = self.standing().map(JudgedBy::all_of).unwrap_or_default();
        self.selected = self.selected.filter(|at| *at < self.judged.len());
    }
}

impl JudgedBy {
    fn all_of(standing: &Standing) -> Vec<Self> {
        let broken = standing.broken.iter().map(|broken| Self {
            check: Check { verdict: broken.verdict(), ..broken.check.clone() },
            stage: broken.stage,
            level: broken.level,
            spec: broken.spec,
        });
        let open = standing.open.iter().map(|check| Self {
            check: Check { verdict: Verdict::Skipped, ..check.clone() },
            stage: None,
            level: check.rule.level,
            spec: check.rule.spec,
        });
        broken.chain(open).collect()
    }
}
