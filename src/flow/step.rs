//! What a person follows: the steps of a run and how each stands, derived from the flow in one place.

use std::cmp::Ordering;

use super::grant;
use super::stage::{Stage, json_of};
use super::trace::{Answer, Carried, Exchange};
use super::{Action, Failure, Flow, Outcome, Phase, Problem, ProblemKind, Ready};
use crate::base::check::{Check, Rule, Tally, Verdict};
use crate::base::http::HttpResponse;

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

/// One step of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The word on the rail.
    pub title: &'static str,
    /// The lesson's file name without ending.
    pub lesson: &'static str,
    /// Which part of the stage.
    pub part: Part,
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
    /// The server said no.
    Refused,
    /// No usable answer came, or the request did not reach anybody.
    Failed,
    /// A check stopped it: what came must not be used, or the request is not what the server demands.
    Rejected,
    /// Nobody saw what came of it.
    Unseen,
    /// It had nothing to do.
    Skipped,
}

/// A step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepView {
    /// Which step.
    pub step: Step,
    /// Its stage.
    pub stage: Stage,
    /// Index of its stage in the run.
    pub position: usize,
    /// How it stands.
    pub state: StepState,
    /// Its latest exchange, as index into the trace.
    pub exchange: Option<usize>,
    /// The rules that are broken at it, badly or mildly.
    pub broken: Tally,
    /// The rule that stopped it, where a check did and its exchange shows which.
    pub stopped_by: Option<&'static Rule>,
}

impl StepState {
    /// Whether it ended the run, or would have if nobody had gone on.
    pub const fn is_stopped(self) -> bool {
        matches!(self, Self::Refused | Self::Failed | Self::Rejected)
    }
}

/// The rule for which what came must not be used, else the first that is broken badly.
fn stopping(checks: &[&Check]) -> Option<&'static Rule> {
    let rejecting = checks.iter().find(|check| check.rejects().is_some());
    rejecting.or_else(|| checks.iter().find(|check| check.verdict == Verdict::Fail)).map(|check| check.rule)
}

/// How a step stands that this problem stopped.
const fn stopped_by(problem: &Problem) -> StepState {
    match problem.kind {
        ProblemKind::Refused(_) => StepState::Refused,
        ProblemKind::Failed => StepState::Failed,
        ProblemKind::Unsafe => StepState::Rejected,
    }
}

/// Of what is longer in bytes only the status is looked at: the steps are made in every frame.
const READ_AT_MOST: usize = 64 * 1024;

/// Whether the server said no, with an error code or by the status (RFC 6750 section 3), and did not just break off. A call
/// that asks to be challenged is not refused by another answer.
pub fn is_refusal(exchange: &Exchange) -> bool {
    let has_error = |response: &HttpResponse| json_of(response).is_some_and(|json| json.text("error").is_some());
    let says_no = |response: &HttpResponse| {
        matches!(response.status, 401 | 403) || response.body.len() <= READ_AT_MOST && has_error(response)
    };
    exchange.stage != Stage::Challenge && exchange.is_turned_down() && exchange.response().is_some_and(says_no)
}

/// The rules that are broken in this part of a stage: those of the client at the request, all others at the answer.
fn broken(checks: &[&Check], part: Part) -> Tally {
    let is_of_part = |check: &&Check| match part {
        Part::Whole => true,
        Part::Request => check.is_of_client(),
        Part::Answer => !check.is_of_client(),
        Part::Wait => false,
    };
    Tally::of(checks.iter().copied().filter(|check| check.verdict <= Verdict::Warn).filter(is_of_part))
}

impl Flow {
    /// The steps of this run and how they stand.
    pub fn steps(&self) -> Vec<StepView> {
        let mut latest = vec![None; self.stages.len()];
        for (at, exchange) in self.trace.exchanges.iter().enumerate() {
            if let Some(latest) = latest.get_mut(exchange.position) {
                *latest = Some(at);
            }
        }
        let carried = Carried::of(&self.trace);
        let of_stage = |(position, stage): (usize, &Stage)| {
            let (stage, exchange) = (*stage, latest[position]);
            let checks = exchange.map(|at| carried.about(at)).unwrap_or_default();
            let view = |step: &Step| {
                let state = self.state_of(position, step.part, exchange, &checks);
                let stopped_by = stopping(&checks).filter(|_| state == StepState::Rejected);
                let broken = broken(&checks, step.part);
                StepView {
                    step: self.named(*step, stage, exchange),
                    stage,
                    position,
                    state,
                    exchange,
                    broken,
                    stopped_by,
                }
            };
            grant::steps(self.grant, stage).iter().map(view).collect::<Vec<_>>()
        };
        self.stages.iter().enumerate().flat_map(of_stage).collect()
    }

    /// A step by the name that fits this run: from a logout without a way back nothing comes back.
    fn named(&self, step: Step, stage: Stage, exchange: Option<usize>) -> Step {
        let client = &self.settings.client;
        let has_way_back = match exchange.and_then(|at| self.trace.exchanges.get(at)) {
            Some(exchange) => exchange.has_way_back(),
            None => !client.post_logout_redirect_uri.is_empty(),
        };
        let is_told = !client.backchannel_logout_uri.is_empty() || !client.frontchannel_logout_uri.is_empty();
        match (stage, step.part) {
            (Stage::Logout, Part::Answer) if !has_way_back => {
                Step { title: if is_told { "What is told" } else { "No way back" }, ..step }
            }
            _ => step,
        }
    }

    fn state_of(&self, position: usize, part: Part, exchange: Option<usize>, checks: &[&Check]) -> StepState {
        if self.trace.skip_reason(position).is_some() {
            return StepState::Skipped;
        }
        match position.cmp(&self.at) {
            Ordering::Less => exchange.map_or(StepState::Done, |at| self.past(&self.trace.exchanges[at], part, checks)),
            // The keys came, and with them the verdict on what came before them.
            Ordering::Equal if self.is_stopped_by_earlier(exchange, checks) => StepState::Done,
            Ordering::Equal => self.present(part),
            Ordering::Greater => StepState::Locked,
        }
    }

    /// Whether the present stage stopped the run for what an earlier one carried.
    fn is_stopped_by_earlier(&self, exchange: Option<usize>, checks: &[&Check]) -> bool {
        let (Phase::Stopped(problem) | Phase::Over(Some(problem), _)) = &self.phase else { return false };
        let judged = exchange.and_then(|at| self.trace.exchanges[at].rejecting());
        problem.kind == ProblemKind::Unsafe && judged.is_some() && !checks.iter().any(|check| check.rejects().is_some())
    }

    fn present(&self, part: Part) -> StepState {
        match (&self.phase, part) {
            (Phase::Ready(Ready { action: Action::Await(_), .. }) | Phase::UnderWay(Action::Await(_)), _) => match part
            {
                Part::Request => StepState::Done,
                Part::Wait => StepState::Waiting,
                Part::Answer => StepState::Locked,
                Part::Whole => StepState::Ready,
            },
            (Phase::Stopped(problem) | Phase::Over(Some(problem), _), Part::Whole) => stopped_by(problem),
            (Phase::Stopped(problem) | Phase::Over(Some(problem), _), part) => {
                match part.cmp(&self.broken_part(problem)) {
                    Ordering::Less => StepState::Done,
                    Ordering::Equal => stopped_by(problem),
                    Ordering::Greater => StepState::Locked,
                }
            }
            // A recording that breaks off: nothing of it can be sent any more.
            (Phase::Over(None, _), _) => StepState::Locked,
            (_, Part::Wait | Part::Answer) => StepState::Locked,
            (_, Part::Request | Part::Whole) => StepState::Ready,
        }
    }

    /// Where the stage broke: at the request, which did not leave or reached nobody; at the wait; or at what came.
    fn broken_part(&self, problem: &Problem) -> Part {
        let waits = |stage| grant::steps(self.grant, stage).iter().any(|step| step.part == Part::Wait);
        let last = self.trace.exchanges.last().filter(|last| last.position == self.at).map(|last| &last.answer);
        match last {
            _ if problem.sent.is_empty() => Part::Request,
            Some(Answer::Failed(Failure::Transport(_))) => Part::Request,
            Some(Answer::Failed(_)) if waits(problem.stage) => Part::Wait,
            _ => Part::Answer,
        }
    }

    /// The step that is shown when the user selects nothing: the one that is next or where it stopped, or the last.
    pub fn current_step(&self) -> usize {
        let steps = self.steps();
        let is_current = |view: &StepView| {
            let is_there = matches!(view.state, StepState::Ready | StepState::Waiting) || view.state.is_stopped();
            is_there && view.position >= self.at
        };
        let is_present = |view: &StepView| view.position == self.at;
        let current = steps.iter().position(is_current).or_else(|| steps.iter().position(is_present));
        current.unwrap_or(steps.len().saturating_sub(1))
    }

    /// A stage that was left behind after a failure, or after something that must not be used, stays marked. A search is as
    /// good as what it has found.
    fn past(&self, last: &Exchange, part: Part, checks: &[&Check]) -> StepState {
        let is_of_answer = matches!(part, Part::Answer | Part::Whole);
        match &last.answer {
            _ if is_of_answer && checks.iter().any(|check| check.rejects().is_some()) => StepState::Rejected,
            _ if last.stage.is_discovery() && self.session.metadata.is_some() => StepState::Done,
            Answer::Failed(_) => StepState::Failed,
            Answer::Callback(_) if last.is_refused_on_the_way_back() => match is_of_answer {
                true => StepState::Refused,
                false => StepState::Done,
            },
            // Of a login of others: the browser did not come back.
            Answer::Pending if last.overheard.is_some() => match part {
                Part::Wait => match self.outcome() {
                    Outcome::Refused => StepState::Refused,
                    Outcome::Failed => StepState::Failed,
                    _ => StepState::Unseen,
                },
                Part::Answer => StepState::Locked,
                Part::Request | Part::Whole => StepState::Done,
            },
            Answer::Visited if part == Part::Answer && last.meanwhile.is_empty() => StepState::Unseen,
            _ if is_refusal(last) => StepState::Refused,
            _ if last.is_turned_down() => StepState::Failed,
            _ if last.stage.wants_refusal() => StepState::Done,
            Answer::Response(response) if !response.is_success() => StepState::Refused,
            _ => StepState::Done,
        }
    }
}
