//! What a person follows: the steps of a run and how each stands, derived from the flow in one place.

use std::cmp::Ordering;

use super::stage::Stage;
use super::trace::Answer;
use super::{Action, Failure, Flow, Phase, Problem};

/// Which part of its stage a step shows, in their order in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Request and answer.
    Whole,
    /// What is sent.
    Request,
    /// The wait for the browser.
    Wait,
    /// What came.
    Answer,
}

/// One step of the rail. Those that several grants have, or that can be appended to any run, have a name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The word on the rail.
    pub title: &'static str,
    /// The lesson's file name without ending.
    pub lesson: &'static str,
    /// Its stage.
    pub stage: Stage,
    /// Which part of the stage.
    pub part: Part,
}

impl Step {
    pub(super) const DISCOVERY: Self = Self::new("Discovery", "discovery", Stage::Discovery, Part::Whole);
    pub(super) const KEYS: Self = Self::new("Keys", "jwks", Stage::Jwks, Part::Whole);
    pub(super) const REQUEST: Self = Self::new("Request", "authorization_request", Stage::Authorization, Part::Request);
    pub(super) const REDIRECT: Self = Self::new("Redirect", "redirect", Stage::Authorization, Part::Wait);
    pub(super) const CODE: Self = Self::new("Code", "code", Stage::Authorization, Part::Answer);
    pub(super) const EXCHANGE: Self = Self::new("Exchange", "token", Stage::Token, Part::Request);
    pub(super) const POLLING: Self = Self::new("Polling", "device_code", Stage::Token, Part::Request);
    pub(super) const TOKENS: Self = Self::new("Tokens", "id_token", Stage::Token, Part::Answer);
    pub(super) const USERINFO: Self = Self::new("UserInfo", "userinfo", Stage::UserInfo, Part::Whole);
    pub(super) const API: Self = Self::new("API", "resource", Stage::Resource, Part::Whole);
    pub(super) const REFRESH: Self = Self::new("Refresh", "refresh", Stage::Refresh, Part::Whole);
    const REUSE: Self = Self::new("Old token", "refresh_reuse", Stage::RefreshReuse, Part::Whole);
    const INTROSPECTION: Self = Self::new("Introspect", "introspection", Stage::Introspection, Part::Whole);
    const REVOCATION: Self = Self::new("Revoke", "revocation", Stage::Revocation, Part::Whole);
    const PROOF: Self = Self::new("Proof", "revocation", Stage::RevocationProof, Part::Whole);
    const LOGOUT: Self = Self::new("Sign out", "end_session", Stage::Logout, Part::Request);
    const SIGNED_OUT: Self = Self::new("Back", "end_session", Stage::Logout, Part::Answer);

    pub(super) const fn new(title: &'static str, lesson: &'static str, stage: Stage, part: Part) -> Self {
        Self { title, lesson, stage, part }
    }
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Its turn has not come.
    Locked,
    /// It is next.
    Ready,
    /// It waits for the browser.
    Waiting,
    /// It succeeded.
    Done,
    /// It stopped the run.
    Refused,
    /// It had nothing to do.
    Skipped,
}

/// A step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepView {
    /// Which step.
    pub step: Step,
    /// Index of its stage in the run.
    pub position: usize,
    /// How it stands.
    pub state: StepState,
    /// Its latest exchange, as index into the trace.
    pub exchange: Option<usize>,
}

impl Flow {
    /// The steps of this run and how they stand.
    pub fn steps(&self) -> Vec<StepView> {
        self.stages
            .iter()
            .enumerate()
            .flat_map(|(position, stage)| self.steps_of(position, *stage))
            .map(|(position, step)| StepView {
                step,
                position,
                state: self.state_of(position, step.part),
                exchange: self.trace.of(position).last().map(|(at, _)| at),
            })
            .collect()
    }

    fn steps_of(&self, position: usize, stage: Stage) -> Vec<(usize, Step)> {
        let own: Vec<Step> =
            super::grant::steps(self.grant).iter().filter(|step| step.stage == stage).copied().collect();
        let steps = match stage {
            Stage::Refresh => vec![Step::REFRESH],
            Stage::Introspection => vec![Step::INTROSPECTION],
            Stage::Revocation => vec![Step::REVOCATION],
            Stage::RefreshReuse => vec![Step::REUSE],
            Stage::RevocationProof => vec![Step::PROOF],
            Stage::Logout => vec![Step::LOGOUT, Step::SIGNED_OUT],
            Stage::Jwks => vec![Step::KEYS],
            // Appended to the run of a grant that has none.
            Stage::UserInfo if own.is_empty() => vec![Step::USERINFO],
            Stage::Resource if own.is_empty() => vec![Step::API],
            _ => own,
        };
        steps.into_iter().map(|step| (position, step)).collect()
    }

    fn state_of(&self, position: usize, part: Part) -> StepState {
        if self.trace.skip_reason(position).is_some() {
            return StepState::Skipped;
        }
        match position.cmp(&self.at) {
            Ordering::Less => self.past(position),
            Ordering::Equal => self.present(part),
            Ordering::Greater => StepState::Locked,
        }
    }

    /// A stage that was left behind after a failure stays marked.
    fn past(&self, position: usize) -> StepState {
        match self.trace.of(position).last() {
            Some((_, exchange)) if matches!(exchange.answer, Answer::Failed(_)) => StepState::Refused,
            Some((_, exchange)) if exchange.stage.wants_refusal() => StepState::Done,
            Some((_, exchange)) if exchange.response().is_some_and(|response| !response.is_success()) => {
                StepState::Refused
            }
            _ => StepState::Done,
        }
    }

    fn present(&self, part: Part) -> StepState {
        match (&self.phase, part) {
            (Phase::Prepared(Action::Await(_), _), Part::Request) => StepState::Done,
            (Phase::Prepared(Action::Await(_), _), Part::Wait) => StepState::Waiting,
            (Phase::Stopped(_), Part::Whole) => StepState::Refused,
            (Phase::Stopped(problem), part) => match part.cmp(&self.broken_part(problem)) {
                Ordering::Less => StepState::Done,
                Ordering::Equal => StepState::Refused,
                Ordering::Greater => StepState::Locked,
            },
            (_, Part::Wait | Part::Answer) => StepState::Locked,
            (_, Part::Request | Part::Whole) => StepState::Ready,
        }
    }

    /// Where the stage broke: at the request, which did not leave or reached nobody; at the wait; or at what came.
    fn broken_part(&self, problem: &Problem) -> Part {
        let waits = |stage| self.steps_of(self.at, stage).iter().any(|(_, step)| step.part == Part::Wait);
        let last = self.trace.of(self.at).last().map(|(_, exchange)| &exchange.answer);
        match last {
            _ if problem.sent.is_empty() => Part::Request,
            Some(Answer::Failed(Failure::Transport(_))) => Part::Request,
            Some(Answer::Failed(_)) if waits(problem.stage) => Part::Wait,
            _ => Part::Answer,
        }
    }

    /// The step that is shown when the user selects nothing: the one that is next, or the last.
    pub fn current_step(&self) -> usize {
        let steps = self.steps();
        let is_current = |view: &StepView| {
            matches!(view.state, StepState::Ready | StepState::Waiting | StepState::Refused) && view.position >= self.at
        };
        steps.iter().position(is_current).unwrap_or(steps.len().saturating_sub(1))
    }
}
