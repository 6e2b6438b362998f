//! A run that somebody made before, as a run that nothing more comes of: what was recorded of it, judged as it is read.

use super::finding::Finding;
use super::session::Session;
use super::stage::Stage;
use super::trace::Trace;
use super::{Flow, Outcome, Phase, Problem};
use crate::base::entropy::Entropy;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;

/// What is recorded of a run. How it ended and where it was are facts, and not judged anew.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which grant ran.
    pub grant: Grant,
    /// The settings at its end.
    pub settings: Settings,
    /// Its stages in order.
    pub stages: Vec<Stage>,
    /// Index of the stage that it ended before, or at.
    pub at: usize,
    /// What happened; the checks in it are kept as they are.
    pub trace: Trace,
    /// What judging its exchanges leaves known.
    pub session: Session,
    /// What stopped it.
    pub problem: Option<Problem>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found wrong with it, where it is a login of others that was taken apart.
    pub found: Option<Box<Finding>>,
}

impl Flow {
    /// The run that was recorded. It asks for nothing, and nothing can be sent from it.
    pub fn recorded(run: Recorded) -> Self {
        let mut flow = Self::new(run.grant, run.settings, Entropy::from_seed([0; 32]));
        flow.session = run.session;
        flow.trace = run.trace;
        flow.stages = run.stages;
        flow.at = run.at;
        flow.found = run.found;
        flow.phase = Phase::Over(run.problem, run.outcome);
        flow
    }

    /// Whether this run was read from a file.
    pub const fn is_recorded(&self) -> bool {
        matches!(self.phase, Phase::Over(..))
    }
}
