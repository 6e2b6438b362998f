//! What the user of a run may do with it beside the next step: make a request anew, try or wait again, go on anyway, add
//! a stage.

use super::callback::Awaited;
use super::stage::{Progress, Stage, discovery};
use super::trace::{Answer, WentOn};
use super::{Action, Failure, Flow, Phase, Problem, ProblemKind, Ready, cure, explain_step_up, grant};
use crate::client::{mcp, step_up};
use crate::terms::error::OAuthError;

impl Flow {
    /// Makes the next action anew from the settings, dropping edits. Values drawn at random stay.
    pub fn reprepare(&mut self) {
        // A ping answers nothing that the user has sent a browser for, so its wait can be made again.
        let is_waiting = self.awaiting().is_some_and(|it| !matches!(it.awaited, Awaited::Ping(_)));
        let may_change = match &self.phase {
            Phase::Ready(_) => true,
            Phase::UnderWay(action) => !matches!(action, Action::Send(_) | Action::Browse(..)),
            _ => false,
        };
        if may_change && !is_waiting {
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
            // The keys that an answer waits for are of this run, and of no plan; so is a client that nobody knows.
            let is_needed = |next: &Stage| match next {
                Stage::Jwks => true,
                Stage::Registration => discovery::lacks_client(&self.settings, &self.session),
                _ => false,
            };
            let needed = self.stage().filter(|next| planned.get(self.at) != Some(next) && is_needed(next));
            needed.into_iter().for_each(|stage| planned.insert(self.at, stage));
            planned.extend(&self.appended);
            self.stages = planned;
        }
    }

    /// A client may be registered as one whose requests have to be pushed (RFC 9126 section 6): those still to come are.
    pub(super) fn push_ahead(&mut self) {
        if self.at <= self.stages.len() {
            let ahead = self.stages.split_off(self.at);
            self.stages.extend(grant::pushed(ahead, &self.settings));
        }
    }

    /// Whether the next action belongs to polling that is under way, and goes on without the user.
    pub fn is_polling(&self) -> bool {
        match &self.phase {
            Phase::Ready(Ready { action, .. }) | Phase::UnderWay(action) => match action {
                Action::Sleep(_) => true,
                Action::Send(_) => self.stage() == Some(Stage::Token) && self.session.polling.is_some(),
                _ => false,
            },
            _ => false,
        }
    }

    /// Tries again: the stopped stage, or the earlier one that makes a new one of what it has used up, with new random
    /// values where that begins a transaction. A login that an API wants is asked for from then on.
    pub fn retry(&mut self) {
        if matches!(self.phase, Phase::Over(..)) {
            return;
        }
        let begin = self.problem().map(|problem| problem.again_at).filter(|begin| Some(*begin) != self.stage());
        if let Some(at) = begin.and_then(|begin| self.stages[..self.at].iter().rposition(|stage| *stage == begin)) {
            if let Some(wanted) = cure::wanted_login(self) {
                wanted.apply(&mut self.settings);
            }
            self.at = at;
            self.trace.skipped.retain(|(position, _)| *position < at);
        }
        self.plan();
        if let Some(stage) = self.stage() {
            (stage.descriptor().forget)(&mut self.own);
            self.own.listening_at = None;
            self.own.offered_at.clear();
        }
        self.attempt = 1;
        self.phase = Phase::Fresh;
    }

    /// Whether trying again would be refused alike: the API wants what it has been given, or what its token lacks and no
    /// login that is made anew brings, and nothing has been changed since.
    pub fn is_retried_in_vain(&self) -> bool {
        let Some((problem, last)) = self.problem().zip(self.trace.exchanges.last()) else { return false };
        let ProblemKind::Refused(error) = &problem.kind else { return false };
        let is_same = problem.again_at == problem.stage;
        let lacks_scope = error.error == "insufficient_scope" && !problem.stage.is_of_registration();
        let is_as_before = *last.settings == self.settings;
        let is_in_vain = step_up::is_in_vain(&last.checks) || mcp::is_in_vain(&last.checks);
        is_same && is_as_before && (is_in_vain || lacks_scope)
    }

    /// Whether an API wants the login that was just made for it, so that nobody is made to sign in again and again
    /// (RFC 9470). A person may still sign in in another way.
    pub fn is_step_up_repeated(&self) -> bool {
        self.problem().is_some_and(|problem| matches!(problem.kind, ProblemKind::Refused(_)))
            && explain_step_up::is_repeated(self)
    }

    /// Whether the client pushes its request before the browser goes.
    pub(super) fn is_pushed(&self) -> bool {
        self.stages.contains(&Stage::PushedAuthorization)
    }

    /// The stage that the transaction of this one begins at: a request that was pushed is good for one sign-in.
    pub(super) fn beginning_of(&self, stage: Stage) -> Stage {
        match stage {
            Stage::Authorization if self.is_pushed() => Stage::PushedAuthorization,
            stage => stage,
        }
    }

    /// Whether the run stopped at the wait for the browser: what it was sent for may still come.
    pub fn can_wait_again(&self) -> bool {
        let last = self.trace.exchanges.last().filter(|last| last.position == self.at).map(|last| &last.answer);
        let was_waiting =
            matches!(last, Some(Answer::Failed(Failure::Wait(_) | Failure::Listen(_) | Failure::SignIn { .. })));
        // A later try may have stopped before it sent anything, and has drawn new values by then.
        was_waiting
            && matches!(&self.phase, Phase::Stopped(problem) if !problem.sent.is_empty())
            && self.stage().is_some_and(|stage| self.awaiting_of(stage).is_some())
    }

    /// Waits again for the answer to what the browser was sent with.
    pub fn wait_again(&mut self) {
        let Some(stage) = self.stage().filter(|_| self.can_wait_again()) else { return };
        let Some(awaiting) = self.awaiting_of(stage) else { return };
        if let Some(exchange) = self.trace.last_mut() {
            exchange.answer = Answer::Pending;
        }
        self.phase = Phase::Ready(Ready::plain(Action::Await(awaiting)));
    }

    /// Goes on after an answer that a client must not use, sends what the server does not take, or leaves a failed stage
    /// behind.
    pub fn go_on_anyway(&mut self) {
        let (Phase::Stopped(problem), Some(stage)) = (&self.phase, self.stage()) else { return };
        let is_unsent = problem.is_unsent();
        let left = self.left_behind(stage, problem);
        self.trace.went_on.extend(left);
        if is_unsent {
            self.phase = Phase::Fresh;
            return;
        }
        if let Some(error) = self.refused_all_the_same(problem) {
            let came = error.to_string();
            self.proceed(stage, Progress::Stop(ProblemKind::Refused(error), came));
            return;
        }
        self.advance();
        self.plan();
        if self.session.awaits_key() && self.session.tokens.last().is_some_and(|tokens| tokens.stage == stage) {
            self.stages.insert(self.at, Stage::Jwks);
        }
        if matches!(stage, Stage::Discovery | Stage::Jwks) && discovery::lacks_client(&self.settings, &self.session) {
            self.stages.insert(self.at, Stage::Registration);
        }
    }

    /// What the server said in a response that a client must not use: without a code there is nothing to go on with.
    fn refused_all_the_same(&self, problem: &Problem) -> Option<OAuthError> {
        let last = self.trace.exchanges.last().filter(|last| last.position == self.at)?;
        let Answer::Callback(callback) = &last.answer else { return None };
        let is_read = problem.kind == ProblemKind::Unsafe && !callback.params.contains("code");
        OAuthError::from_params(&callback.params).filter(|_| is_read)
    }

    /// What going on leaves behind: every rule by which nothing of the answer must be used, the one that is told first.
    fn left_behind(&self, stage: Stage, problem: &Problem) -> Vec<WentOn> {
        let position = self.at;
        let is_read = problem.kind == ProblemKind::Unsafe && !problem.is_unsent();
        let last = self.trace.exchanges.last().filter(|last| is_read && last.position == position);
        let checks = last.map(|last| last.checks.as_slice()).unwrap_or_default();
        let others = checks.iter().filter(|check| check.rejects().is_some()).map(|check| Some(check.rule.id));
        let mut rules = vec![problem.rule];
        others.filter(|rule| *rule != problem.rule).for_each(|rule| rules.push(rule));
        rules.into_iter().map(|rule| WentOn { position, stage, rule }).collect()
    }

    /// Adds a stage to the end of the run.
    pub fn append(&mut self, stage: Stage) {
        self.appended.push(stage);
        self.stages.push(stage);
    }

    /// The stages that the user added.
    pub fn appended(&self) -> &[Stage] {
        &self.appended
    }

    /// The stages that can be added to this run, each with why it cannot be now.
    pub fn appendable(&self) -> Vec<(Stage, Option<&'static str>)> {
        let is_at_end = matches!(self.phase, Phase::Fresh) && self.at >= self.stages.len();
        let mut list: Vec<_> = Stage::ALL
            .into_iter()
            .filter_map(|stage| Some((stage, (stage.descriptor().then?.lacks)(self))))
            .map(|(stage, lacks)| (stage, lacks.or((!is_at_end).then_some("the run is not at its end"))))
            .collect();
        // The proof is what a revocation asks for next.
        if is_at_end && self.stages.last() == Some(&Stage::Revocation) {
            list.sort_by_key(|(stage, _)| *stage != Stage::RevocationProof);
        }
        list
    }
}
