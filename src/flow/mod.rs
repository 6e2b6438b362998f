//! The engine: a flow is a list of stages, an index and what is known so far. It does no I/O.
//!
//! ```text
//!            poll(now)                       handle(event, now)
//!   Flow ───────────────► Next::Do(action) ─────► [world performs it] ─────► Flow
//!                         Next::Missing(..)   a setting is needed first
//!                         Next::Stopped(..)   refused or failed; edit, try or wait again, or go on anyway
//!                         Next::Finished
//!
//!   a stage:   prepare ──► Send ───────────────────► Answered ──► accept ──► next stage
//!   in front:  prepare ──► Listen ► Browse ► Await ► CalledBack ─► accept ──► next stage
//! ```
//!
//! The prepared action is a value: a user may edit it before it leaves, and what really left is
//! in the [`Trace`](trace::Trace). Going back a step is a kept clone of the flow. The command
//! line, the window and the tests are three [`World`](world::World)s around the same flow.

mod action;
pub mod callback;
pub mod explain;
pub mod grant;
pub mod session;
pub mod stage;
pub mod step;
pub mod trace;
pub mod transport_error;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use crate::base::check::{Check, Tally, Verdict};
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;

use callback::{Awaited, Awaiting, Callback};
use session::Session;
use stage::{Prepared, Progress, Stage};
use trace::{Answer, Exchange, Trace};
use transport_error::TransportError;

pub use action::{Action, Event, Failure, Next, Outcome, Problem, ProblemKind};

/// What the flow is at within its stage.
#[derive(Clone, Debug)]
enum Phase {
    /// The action is made at the next poll.
    Fresh,
    /// The action waits to be performed; `true` once the user edited it.
    Prepared(Action, bool),
    Stopped(Problem),
}

/// One run of a grant. Cloning it keeps a point to come back to.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Which grant runs.
    pub grant: Grant,
    /// What the user filled in; may change between stages.
    pub settings: Settings,
    /// What is known so far.
    pub session: Session,
    /// Everything that happened.
    pub trace: Trace,
    stages: Vec<Stage>,
    /// Those of them that the user added.
    appended: Vec<Stage>,
    at: usize,
    attempt: u32,
    phase: Phase,
    entropy: Entropy,
}

/// The action, with the certificate authorities of the settings.
fn trusting(mut action: Action, settings: &Settings) -> Action {
    let authority = settings.server.certificate_authority.trim();
    if let (Action::Send(request), false) = (&mut action, authority.is_empty()) {
        request.tls.authorities = Some(authority.into());
    }
    action
}

impl Flow {
    /// A run that has not begun.
    pub fn new(grant: Grant, mut settings: Settings, entropy: Entropy) -> Self {
        grant::fit(grant, &mut settings);
        Self {
            grant,
            stages: grant::stages(grant, &settings),
            appended: Vec::new(),
            settings,
            session: Session::default(),
            trace: Trace::new(grant),
            at: 0,
            attempt: 1,
            phase: Phase::Fresh,
            entropy,
        }
    }

    /// The stages of this run in order, appended ones included.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The stage that is next; `None` at the end.
    pub fn stage(&self) -> Option<Stage> {
        self.stages.get(self.at).copied()
    }

    /// Index of the stage that is next.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// What to do next. The same answer until [`Flow::handle`] or an edit changes it.
    pub fn poll(&mut self, now: Timestamp) -> Next {
        loop {
            match &self.phase {
                Phase::Stopped(problem) => return Next::Stopped(problem.clone()),
                Phase::Prepared(action, _) => return Next::Do(action.clone()),
                Phase::Fresh => {}
            }
            let Some(stage) = self.stage() else {
                return Next::Finished;
            };
            let run = stage::Run { grant: self.grant, settings: &self.settings, attempt: self.attempt, now };
            match stage::prepare::prepare(stage, run, &mut self.session, &mut self.entropy) {
                Ok(Prepared::Action(action)) => self.phase = Phase::Prepared(trusting(action, &self.settings), false),
                Ok(Prepared::Skip(reason)) => {
                    self.trace.skip(self.at, reason);
                    self.advance();
                }
                Err(missing) => return Next::Missing(missing),
            }
        }
    }

    /// Takes in what came of the action. Events that answer nothing are ignored.
    pub fn handle(&mut self, event: Event, now: Timestamp) {
        let Some(stage) = self.stage() else { return };
        match (event, &self.phase) {
            (Event::Listening(redirect_uri), Phase::Prepared(Action::Listen(_), _)) => {
                self.session.listening_at = Some(redirect_uri);
                self.session.strays.clear();
                self.phase = Phase::Fresh;
            }
            (Event::Browsed(request), Phase::Prepared(Action::Browse(..), _)) => self.browsed(stage, request, now),
            (Event::Woke, Phase::Prepared(Action::Sleep(_), _)) => self.phase = Phase::Fresh,
            (Event::Stray(stray), Phase::Prepared(Action::Await(_), _)) => self.session.strays.push(stray),
            (Event::CalledBack(callback), Phase::Prepared(Action::Await(_), _)) => {
                self.called_back(stage, callback, now);
            }
            (Event::Answered { request, response, took }, Phase::Prepared(Action::Send(_), _)) => {
                self.answered(stage, request, response, took, now);
            }
            (Event::Failed { request, error, took }, Phase::Prepared(..)) => {
                self.failed(stage, request, &error, took, now);
            }
            _ => {}
        }
    }

    fn browsed(&mut self, stage: Stage, request: HttpRequest, now: Timestamp) {
        let checks = stage::answer::lint(stage, &request, &self.settings, &self.session, now);
        if stage == Stage::Verification {
            self.push(stage, request, Answer::Visited, now, Duration::ZERO, checks);
            return self.advance();
        }
        let settings = self.settings.clone();
        let awaiting = self.sent_to_browser(stage, &request, &settings, now);
        let answer = if awaiting.is_some() { Answer::Pending } else { Answer::Visited };
        self.push(stage, request, answer, now, Duration::ZERO, checks);
        match awaiting {
            Some(awaiting) => self.phase = Phase::Prepared(Action::Await(awaiting), false),
            None => self.advance(),
        }
    }

    /// What is awaited after this request; nothing where there is no way back.
    fn sent_to_browser(
        &mut self,
        stage: Stage,
        request: &HttpRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Awaiting> {
        match stage {
            Stage::Logout => self.session.sent_to_log_out(request),
            _ => Some(self.session.sent_to_browser(request, settings, now)),
        }
    }

    fn called_back(&mut self, stage: Stage, callback: Callback, now: Timestamp) {
        let (progress, checks) = stage::answer::called_back(stage, &callback, &self.settings, &mut self.session, now);
        // The listener ends with what it waited for.
        self.session.listening_at = None;
        if stage == Stage::Notification {
            let request = callback.as_request();
            self.push(stage, request, Answer::Callback(callback), now, Duration::ZERO, checks);
        } else if let Some(exchange) = self.trace.last_mut(stage) {
            exchange.took = now.since(exchange.sent_at);
            exchange.answer = Answer::Callback(callback);
            exchange.checks.extend(checks);
        }
        self.proceed(stage, progress);
    }

    fn answered(&mut self, stage: Stage, request: HttpRequest, response: HttpResponse, took: Duration, now: Timestamp) {
        let mut checks = stage::answer::lint(stage, &request, &self.settings, &self.session, now);
        let run = stage::Run { grant: self.grant, settings: &self.settings, attempt: self.attempt, now };
        let (progress, answer_checks) = stage::answer::answered(stage, &request, &response, run, &mut self.session);
        checks.extend(answer_checks);
        self.push(stage, request, Answer::Response(response), now - took, took, checks);
        self.proceed(stage, progress);
    }

    fn failed(&mut self, stage: Stage, request: Option<HttpRequest>, error: &Failure, took: Duration, now: Timestamp) {
        match request {
            Some(request) => {
                let checks = stage::answer::lint(stage, &request, &self.settings, &self.session, now);
                self.push(stage, request, Answer::Failed(error.clone()), now - took, took, checks);
            }
            None => {
                // What polls were answered stays as it came.
                let last = self.trace.last_mut(stage).filter(|exchange| matches!(exchange.answer, Answer::Pending));
                if let Some(exchange) = last {
                    exchange.took = now.since(exchange.sent_at);
                    exchange.answer = Answer::Failed(error.clone());
                }
            }
        }
        if let Failure::Listen(why) = error {
            let sent = self.awaiting().and_then(|_| self.trace.exchanges.last()).map(|exchange| &exchange.request);
            self.phase = Phase::Stopped(explain::cannot_listen(stage, sent, why));
            return;
        }
        let progress = match error {
            // What cannot be set up here fails everywhere.
            Failure::Transport(TransportError::Setup { .. }) => Progress::Stop(ProblemKind::Failed, error.to_string()),
            Failure::Transport(_) if stage::answer::has_alternative(stage, self.attempt, &self.settings) => {
                Progress::Again
            }
            _ => Progress::Stop(ProblemKind::Failed, error.to_string()),
        };
        self.proceed(stage, progress);
    }

    fn push(
        &mut self,
        stage: Stage,
        request: HttpRequest,
        answer: Answer,
        sent_at: Timestamp,
        took: Duration,
        checks: Vec<Check>,
    ) {
        let position = self.at;
        let attempt = self.trace.attempts(position) + 1;
        let before = self.trace.exchanges.last().map(|exchange| &exchange.settings);
        let settings = match before.filter(|before| ***before == self.settings) {
            Some(unchanged) => Arc::clone(unchanged),
            None => Arc::new(self.settings.clone()),
        };
        self.trace.exchanges.push(Arc::new(Exchange {
            position,
            stage,
            attempt,
            request,
            answer,
            sent_at,
            took,
            checks,
            settings,
        }));
    }

    fn proceed(&mut self, stage: Stage, progress: Progress) {
        match progress {
            Progress::Advance => self.advance(),
            Progress::AdvanceWith(extra) => {
                self.stages.insert(self.at + 1, extra);
                self.advance();
            }
            Progress::Again => {
                self.attempt += 1;
                self.phase = Phase::Fresh;
            }
            Progress::Stop(kind, came) => self.phase = Phase::Stopped(explain::problem(self, stage, kind, came)),
        }
    }

    fn advance(&mut self) {
        self.at += 1;
        self.attempt = 1;
        self.phase = Phase::Fresh;
    }

    /// The request that is about to leave, for editing. Marks it as edited.
    pub fn edit(&mut self) -> Option<&mut HttpRequest> {
        match &mut self.phase {
            Phase::Prepared(Action::Send(request) | Action::Browse(request, _), edited) => {
                *edited = true;
                Some(request)
            }
            _ => None,
        }
    }

    /// The request that is about to leave.
    pub const fn request(&self) -> Option<&HttpRequest> {
        match &self.phase {
            Phase::Prepared(Action::Send(request) | Action::Browse(request, _), _) => Some(request),
            _ => None,
        }
    }

    /// Whether the user edited the request that is about to leave.
    pub const fn is_edited(&self) -> bool {
        matches!(self.phase, Phase::Prepared(_, true))
    }

    /// What is awaited at the redirect URI, while it is.
    pub const fn awaiting(&self) -> Option<&Awaiting> {
        match &self.phase {
            Phase::Prepared(Action::Await(awaiting), _) => Some(awaiting),
            _ => None,
        }
    }

    /// What stopped the run.
    pub const fn problem(&self) -> Option<&Problem> {
        match &self.phase {
            Phase::Stopped(problem) => Some(problem),
            _ => None,
        }
    }

    /// Makes the next action anew from the settings, dropping edits. Values drawn at random stay.
    pub fn reprepare(&mut self) {
        // A ping answers nothing that the user has sent a browser for, so its wait can be made again.
        let is_waiting =
            matches!(&self.phase, Phase::Prepared(Action::Await(it), _) if !matches!(it.awaited, Awaited::Ping(_)));
        if matches!(self.phase, Phase::Prepared(..)) && !is_waiting {
            self.phase = Phase::Fresh;
        }
        if matches!(self.phase, Phase::Fresh) {
            self.plan();
        }
    }

    /// What is still to come follows the settings, as long as what is behind is the same either way.
    fn plan(&mut self) {
        let mut planned = grant::stages(self.grant, &self.settings);
        let is_alike = planned.get(..self.at).is_some_and(|behind| behind == &self.stages[..self.at]);
        if is_alike {
            planned.extend(&self.appended);
            self.stages = planned;
        }
    }

    /// Whether the next action belongs to polling that is under way, and goes on without the user.
    pub fn is_polling(&self) -> bool {
        match &self.phase {
            Phase::Prepared(Action::Sleep(_), _) => true,
            Phase::Prepared(Action::Send(_), _) => self.stage() == Some(Stage::Token) && self.session.polling.is_some(),
            _ => false,
        }
    }

    /// Tries the stopped stage again with new random values where the stage begins a transaction.
    pub fn retry(&mut self) {
        self.plan();
        if let Some(stage) = self.stage() {
            self.session.begin_again(stage);
        }
        self.attempt = 1;
        self.phase = Phase::Fresh;
    }

    /// Whether the run stopped at the wait for the browser: what it was sent for may still come.
    pub fn can_wait_again(&self) -> bool {
        let last = self.trace.of(self.at).last().map(|(_, exchange)| &exchange.answer);
        let was_waiting = matches!(last, Some(Answer::Failed(Failure::Wait(_) | Failure::Listen(_))));
        // A later try may have stopped before it sent anything, and has drawn new values by then.
        was_waiting && self.problem().is_some_and(|problem| !problem.sent.is_empty())
    }

    /// Waits again for the answer to what the browser was sent with.
    pub fn wait_again(&mut self) {
        let Some(stage) = self.stage().filter(|_| self.can_wait_again()) else { return };
        let Some(exchange) = self.trace.last_mut(stage) else { return };
        exchange.answer = Answer::Pending;
        let (request, settings, sent_at) = (exchange.request.clone(), Arc::clone(&exchange.settings), exchange.sent_at);
        if let Some(awaiting) = self.sent_to_browser(stage, &request, &settings, sent_at) {
            self.phase = Phase::Prepared(Action::Await(awaiting), false);
        }
    }

    /// Goes on after an answer that a client must not use, or leaves a failed stage behind.
    pub fn go_on_anyway(&mut self) {
        if matches!(self.phase, Phase::Stopped(_)) {
            self.advance();
            self.plan();
        }
    }

    /// Adds a stage to the end of the run.
    pub fn append(&mut self, stage: Stage) {
        self.appended.push(stage);
        self.stages.push(stage);
    }

    /// All checks of the run in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.trace.checks().into_iter().map(|(_, check)| check)
    }

    /// How the run stands.
    pub fn outcome(&self) -> Outcome {
        match &self.phase {
            Phase::Stopped(Problem { kind: ProblemKind::Refused(_), .. }) => Outcome::Refused,
            Phase::Stopped(_) => Outcome::Failed,
            _ if self.at < self.stages.len() => Outcome::Incomplete,
            _ => Outcome::Success,
        }
    }

    /// Whether any rule that a client must keep is broken.
    pub fn has_failed_check(&self) -> bool {
        Tally::of(self.checks()).count(Verdict::Fail) > 0
    }
}
