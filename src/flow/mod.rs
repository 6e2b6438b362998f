//! The engine: a flow is a list of stages, an index and what is known so far. It does no I/O.
//!
//! ```text
//!            poll(now)               begin(now)                handle(event, now)
//!   Flow ───────────────► Next::Do ─────────────► [world performs it] ─────► Flow
//!                         Next::Missing(..)   a setting is needed first
//!                         Next::Stopped(..)   refused or failed; edit, try or wait again, or go on anyway
//!                         Next::Finished
//!
//!   a stage:   prepare ──► Send ─────► left ─────────────────► Answered ──► read ──► next stage
//!   in front:  prepare ──► Listen ► Browse ► left ► Await ► CalledBack ─► read ──► next stage
//! ```
//!
//! The prepared action is a value: a user may edit it before it leaves. [`Flow::begin`] puts its seals on, and from that
//! moment what left is in the [`Trace`](trace::Trace). What came is read by a fold ([`judge`]) that needs no flow. Going
//! back a step is a kept clone. The command line, the window and the tests are three [`World`](world::World)s around the
//! same flow.

mod action;
pub mod callback;
pub mod explain;
pub mod grant;
pub mod judge;
pub mod own;
pub mod recorded;
pub mod session;
pub mod stage;
pub mod step;
pub mod trace;
pub mod transport_error;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use crate::base::check::{Check, Tally, Verdict};
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::authentication::Caller;
use crate::client::endpoint::authorization::AuthorizationRequest;
use crate::client::seal::{Draft, Outline, Seal, SealEdits, Sealing};
use crate::client::settings::Settings;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::response::ResponseMode;

use callback::{Awaited, Awaiting, Callback};
use own::Own;
use session::Session;
use stage::known::Known;
use stage::{Missing, Prepared, Progress, Stage};
use trace::{Answer, Exchange, Trace, WentOn};
use transport_error::TransportError;

pub use action::{Action, Event, Failure, Next, Outcome, Problem, ProblemKind};

/// An action that waits to be begun.
#[derive(Clone, Debug)]
struct Ready {
    /// A request in it has no seals yet.
    action: Action,
    /// Put on when it leaves.
    seals: Vec<Seal>,
    /// Whether the user edited it.
    is_edited: bool,
}

impl Ready {
    /// An action without anything to seal.
    const fn plain(action: Action) -> Self {
        Self { action, seals: Vec::new(), is_edited: false }
    }
}

/// What the flow is at within its stage.
#[derive(Clone, Debug)]
enum Phase {
    /// The action is made at the next poll.
    Fresh,
    /// The action waits to be begun.
    Ready(Ready),
    /// The world performs it.
    UnderWay(Action),
    /// Nothing goes on by itself.
    Stopped(Problem),
    /// Read from a file: nothing goes on at all.
    Over(Option<Problem>, Outcome),
}

/// Changes to what is signed in the requests of a stage.
#[derive(Clone, Debug, Default)]
struct Sealed {
    /// For the first request in which something of these names is signed.
    wanted: SealEdits,
    /// Index of the stage they are for, once they have met it.
    position: Option<usize>,
}

/// One run of a grant. Cloning it keeps a point to come back to.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Which grant runs.
    pub grant: Grant,
    /// What the user filled in; may change between stages.
    pub settings: Settings,
    /// What the exchanges say.
    pub session: Session,
    /// What this program drew and bound for the run.
    pub own: Own,
    /// Everything that happened.
    pub trace: Trace,
    stages: Vec<Stage>,
    /// Those of them that the user added.
    appended: Vec<Stage>,
    at: usize,
    attempt: u32,
    phase: Phase,
    seal_edits: Sealed,
    entropy: Entropy,
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
            own: Own::default(),
            trace: Trace::new(grant),
            at: 0,
            attempt: 1,
            phase: Phase::Fresh,
            seal_edits: Sealed::default(),
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
                Phase::Stopped(problem) | Phase::Over(Some(problem), _) => return Next::Stopped(problem.clone()),
                Phase::Over(None, _) => return Next::Finished,
                Phase::Ready(Ready { action, .. }) | Phase::UnderWay(action) => return Next::Do(action.clone()),
                Phase::Fresh => {}
            }
            let Some(stage) = self.stage() else {
                return Next::Finished;
            };
            match self.prepare(stage, now) {
                Ok(Prepared::Skip(reason)) => {
                    self.trace.skip(self.at, reason);
                    self.advance();
                }
                Ok(Prepared::Send(Draft { message, seals })) => {
                    self.phase = Phase::Ready(Ready { action: Action::Send(message), seals, is_edited: false });
                }
                Ok(Prepared::Action(action)) => self.phase = Phase::Ready(Ready::plain(action)),
                Err(missing) => return Next::Missing(missing),
            }
        }
    }

    /// Makes the next action of a stage. What its seals lack is found here, before anything leaves.
    fn prepare(&mut self, stage: Stage, now: Timestamp) -> Result<Prepared, Missing> {
        let descriptor = stage.descriptor();
        (descriptor.draw)(&mut self.own, &self.settings, &mut self.entropy);
        let known = self.known(stage, now);
        let mut prepared = (descriptor.prepare)(&known)?;
        if let Prepared::Send(draft) = &mut prepared {
            draft.seals.push(Seal::Authorities);
            draft.leave(&self.sealing(now, Default::default())).map_err(|error| known.unsealed(&error))?;
        }
        Ok(prepared)
    }

    const fn known(&self, stage: Stage, now: Timestamp) -> Known<'_> {
        let Self { grant, settings, session, own, attempt, .. } = self;
        Known { stage, grant: *grant, settings, session, own, attempt: *attempt, now }
    }

    /// What seals are made with. `names` are those of the assertions in them.
    fn sealing(&self, now: Timestamp, names: [String; 2]) -> Sealing<'_> {
        let [jti, jti_of_user] = names;
        let caller = Caller {
            settings: &self.settings,
            issuer: self.session.issuer(&self.settings),
            token_endpoint: self.settings.endpoint(Endpoint::Token, self.session.metadata.as_ref()),
            now,
            jti,
        };
        Sealing { caller, jti_of_user, edits: self.edits_of_seals() }
    }

    /// The changes that are for the present stage, or would be for the first that signs something.
    fn edits_of_seals(&self) -> &SealEdits {
        static NONE: std::sync::LazyLock<SealEdits> = std::sync::LazyLock::new(SealEdits::default);

        let is_here = self.seal_edits.position.is_none_or(|position| position == self.at);
        if is_here { &self.seal_edits.wanted } else { &NONE }
    }

    /// Takes the next action: a request in it is sealed now, and is in the trace from this moment on. The same answer as
    /// [`Flow::poll`] where there is nothing to begin, or where it is under way already.
    pub fn begin(&mut self, now: Timestamp) -> Next {
        let next = self.poll(now);
        let (Next::Do(_), Phase::Ready(ready), Some(stage)) = (&next, &self.phase, self.stage()) else { return next };
        let Ready { action, seals, .. } = ready.clone();
        let action = match action {
            Action::Send(message) => {
                let draft = Draft { message, seals };
                let names = [self.entropy.token(), self.entropy.token()];
                let sealed = draft.leave(&self.sealing(now, names));
                let request = match sealed {
                    Ok(request) => request,
                    Err(error) => return Next::Missing(self.known(stage, now).unsealed(&error)),
                };
                self.seals_were_put_on(&draft);
                self.leaves(stage, request.clone(), now);
                Action::Send(request)
            }
            Action::Browse(request, errand) => {
                self.leaves(stage, request.clone(), now);
                Action::Browse(request, errand)
            }
            other => other,
        };
        self.phase = Phase::UnderWay(action.clone());
        Next::Do(action)
    }

    /// Changes to what is signed belong to the first request in which it is, and to those that are sent in its place.
    fn seals_were_put_on(&mut self, draft: &Draft) {
        let names = draft.outline(&self.sealing(Timestamp::default(), Default::default()));
        let is_meant = |outline: &Outline| self.seal_edits.wanted.of(outline.name).is_some_and(|it| !it.is_empty());
        if self.seal_edits.position.is_none() && names.iter().any(is_meant) {
            self.seal_edits.position = Some(self.at);
        }
    }

    /// Whether the world performs an action.
    pub const fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::UnderWay(_))
    }

    /// Takes in what came of the action. Events that answer nothing are ignored.
    pub fn handle(&mut self, event: Event, now: Timestamp) {
        let Some(stage) = self.stage() else { return };
        let action = match &self.phase {
            Phase::UnderWay(action) | Phase::Ready(Ready { action, .. }) => action,
            _ => return,
        };
        let is_under_way = self.is_under_way();
        match (event, action) {
            (Event::Listening(redirect_uri), Action::Listen(_)) => {
                self.own.listening_at = Some(redirect_uri);
                self.phase = Phase::Fresh;
            }
            (Event::Browsed, Action::Browse(..)) if is_under_way => self.browsed(stage),
            (Event::Woke, Action::Sleep(_)) => self.phase = Phase::Fresh,
            (Event::Stray(stray), Action::Await(_)) => self.trace.strays.push((self.trace.exchanges.len(), stray)),
            (Event::CalledBack(callback), Action::Await(_)) => self.called_back(stage, callback, now),
            (Event::Answered { response, took }, Action::Send(_)) if is_under_way => {
                self.answered(response, took);
            }
            (Event::Failed { error, took }, action) => {
                let has_left = is_under_way && matches!(action, Action::Send(_) | Action::Browse(..));
                self.failed(stage, error, has_left.then_some(took), now);
            }
            _ => {}
        }
    }

    /// Puts a request that leaves into the trace.
    fn leaves(&mut self, stage: Stage, request: HttpRequest, now: Timestamp) {
        let position = self.at;
        let last = self.trace.exchanges.last();
        let attempt = match last.filter(|last| last.position == position) {
            Some(last) => last.attempt + 1,
            None => self.trace.of(position).last().map_or(0, |(_, before)| before.attempt) + 1,
        };
        let settings = match last.map(|last| &last.settings).filter(|before| ***before == self.settings) {
            Some(unchanged) => Arc::clone(unchanged),
            None => Arc::new(self.settings.clone()),
        };
        let mut exchange = Exchange {
            position,
            stage,
            attempt,
            request,
            answer: Answer::Pending,
            sent_at: now,
            took: Duration::ZERO,
            checks: Vec::new(),
            settings,
        };
        exchange.checks = judge::left(&exchange, &mut self.session);
        self.trace.exchanges.push(Arc::new(exchange));
    }

    /// Fills in what came of the newest exchange, and reads it. Times are kept in milliseconds, as in a run file, so
    /// that a recording says the same.
    fn came(&mut self, answer: Answer, took: Duration) -> Option<Progress> {
        let exchange = self.trace.last_mut()?;
        exchange.took = Duration::from_millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        exchange.answer = answer;
        let (progress, checks) = judge::read(exchange, &mut self.session);
        exchange.checks.extend(checks);
        Some(progress)
    }

    fn browsed(&mut self, stage: Stage) {
        match self.awaiting_of(stage) {
            Some(awaiting) => self.phase = Phase::Ready(Ready::plain(Action::Await(awaiting))),
            None => {
                if let Some(exchange) = self.trace.last_mut() {
                    exchange.answer = Answer::Visited;
                }
                self.advance();
            }
        }
    }

    /// What is awaited after the request that the browser took; nothing where there is no way back.
    fn awaiting_of(&self, stage: Stage) -> Option<Awaiting> {
        let parsed = |uri: &str| Url::parse(uri).ok();
        match stage {
            Stage::Logout => {
                let sent = self.session.sent_logout.as_ref()?;
                Some(Awaiting {
                    redirect_uri: sent.get("post_logout_redirect_uri").and_then(parsed)?,
                    state: sent.get("state").map(str::to_owned),
                    response_mode: ResponseMode::Query,
                    awaited: Awaited::Logout,
                })
            }
            Stage::Authorization => {
                let exchange = self.trace.exchanges.last()?;
                let sent = self.session.authorization.as_ref()?;
                Some(Awaiting {
                    // Left out or broken by hand, it is where the client is registered that counts.
                    redirect_uri: sent
                        .redirect_uri()
                        .or_else(|| self.own.listening_at.clone())
                        .or_else(|| parsed(&exchange.settings.client.redirect_uri))
                        .unwrap_or_else(|| exchange.request.url.clone()),
                    state: sent.get("state").map(str::to_owned),
                    response_mode: sent.response_mode(),
                    awaited: Awaited::Authorization,
                })
            }
            _ => None,
        }
    }

    fn called_back(&mut self, stage: Stage, callback: Callback, now: Timestamp) {
        // The listener ends with what it waited for.
        self.own.listening_at = None;
        if stage == Stage::Notification {
            self.leaves(stage, callback.as_request(), now);
        }
        let Some(last) = self.trace.exchanges.last() else { return };
        let took = now.since(last.sent_at);
        if let Some(progress) = self.came(Answer::Callback(callback), took) {
            self.proceed(stage, progress);
        }
    }

    fn answered(&mut self, response: HttpResponse, took: Duration) {
        let stage = self.stage();
        if let (Some(stage), Some(progress)) = (stage, self.came(Answer::Response(response), took)) {
            self.proceed(stage, progress);
        }
    }

    /// `took` where the request has left and got no answer; otherwise a wait has come to nothing.
    fn failed(&mut self, stage: Stage, error: Failure, took: Option<Duration>, now: Timestamp) {
        let last = self.trace.exchanges.last();
        // What polls were answered stays as it came.
        if let Some(last) = last.filter(|last| matches!(last.answer, Answer::Pending)) {
            let took = took.unwrap_or_else(|| now.since(last.sent_at));
            self.came(Answer::Failed(error.clone()), took);
        }
        if let Failure::Listen(why) = &error {
            let sent = self.awaiting().and_then(|_| self.trace.exchanges.last()).map(|exchange| &exchange.request);
            self.phase = Phase::Stopped(explain::cannot_listen(stage, sent, why));
            return;
        }
        let progress = match &error {
            // What cannot be set up here fails everywhere.
            Failure::Transport(TransportError::Setup { .. }) => Progress::Stop(ProblemKind::Failed, error.to_string()),
            Failure::Transport(_) if self.has_alternative(stage) => Progress::Again,
            _ => Progress::Stop(ProblemKind::Failed, error.to_string()),
        };
        self.proceed(stage, progress);
    }

    fn has_alternative(&self, stage: Stage) -> bool {
        stage == Stage::Discovery && stage::discovery::has_alternative(self.attempt, &self.settings)
    }

    /// Gives up what is under way. A request that has left stays in the trace as sent, and is ready to be sent again.
    pub fn stop(&mut self, now: Timestamp) {
        let Phase::UnderWay(action) = &self.phase else { return };
        match action {
            Action::Send(_) => {
                let sent_at = self.trace.exchanges.last().map_or(now, |last| last.sent_at);
                let took = now.since(sent_at);
                self.came(Answer::Failed(Failure::Stopped(took)), took);
                self.phase = Phase::Fresh;
            }
            Action::Await(_) => {
                let error = Failure::Wait("the wait was stopped".to_owned());
                self.handle(Event::Failed { error, took: Duration::ZERO }, now);
            }
            Action::Browse(..) => {
                let error = Failure::Wait("the browser was not opened".to_owned());
                self.handle(Event::Failed { error, took: Duration::ZERO }, now);
            }
            Action::Listen(_) | Action::Sleep(_) => self.phase = Phase::Fresh,
        }
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

    /// The request that is about to leave, for editing. Marks it as edited. What its seals add is not in it.
    pub fn edit(&mut self) -> Option<&mut HttpRequest> {
        match &mut self.phase {
            Phase::Ready(Ready { action: Action::Send(request) | Action::Browse(request, _), is_edited, .. }) => {
                *is_edited = true;
                Some(request)
            }
            _ => None,
        }
    }

    /// The request that is about to leave, without what its seals add.
    pub const fn request(&self) -> Option<&HttpRequest> {
        match &self.phase {
            Phase::Ready(Ready { action: Action::Send(request) | Action::Browse(request, _), .. }) => Some(request),
            _ => None,
        }
    }

    /// What the seals of the request that is about to leave will add, as of now.
    pub fn seals(&self, now: Timestamp) -> Vec<Outline> {
        let Phase::Ready(Ready { action: Action::Send(message), seals, .. }) = &self.phase else { return Vec::new() };
        let draft = Draft { message: message.clone(), seals: seals.clone() };
        draft.outline(&self.sealing(now, ["a new one".to_owned(), "a new one".to_owned()]))
    }

    /// The request that is about to leave as it would leave now.
    pub fn sealed(&self, now: Timestamp) -> Option<HttpRequest> {
        let Phase::Ready(Ready { action, seals, .. }) = &self.phase else { return None };
        match action {
            Action::Send(message) => {
                let draft = Draft { message: message.clone(), seals: seals.clone() };
                draft.leave(&self.sealing(now, Default::default())).ok()
            }
            Action::Browse(request, _) => Some(request.clone()),
            _ => None,
        }
    }

    /// Puts the seals on now, so that their bytes can be edited like the rest. What the TLS handshake shows stays as it
    /// is. Nothing happens where a seal cannot be made.
    pub fn seal_now(&mut self, now: Timestamp) {
        let names = [self.entropy.token(), self.entropy.token()];
        let Phase::Ready(Ready { action: Action::Send(message), seals, .. }) = &self.phase else { return };
        let draft = Draft { message: message.clone(), seals: seals.clone() };
        let Ok(request) = draft.leave(&self.sealing(now, names)) else { return };
        self.phase = Phase::Ready(Ready { action: Action::Send(request), seals: Vec::new(), is_edited: true });
    }

    /// The changes to what the seals of the present request sign.
    pub fn seal_edits(&self) -> &SealEdits {
        self.edits_of_seals()
    }

    /// Changes what is signed in the present request, or else in the first that signs something of these names.
    pub fn edit_seals(&mut self, edits: SealEdits) {
        let has_request = matches!(&self.phase, Phase::Ready(Ready { action: Action::Send(_), .. }));
        self.seal_edits = Sealed { wanted: edits, position: has_request.then_some(self.at) };
    }

    /// The claims that the client's assertions would have in the present request, by the names of the seals.
    pub fn claims_of_seals(&self, now: Timestamp) -> Vec<(&'static str, Map<String, Value>)> {
        self.seals(now).into_iter().filter_map(|outline| Some((outline.name, outline.claims?))).collect()
    }

    /// Whether the user edited the request that is about to leave.
    pub const fn is_edited(&self) -> bool {
        matches!(&self.phase, Phase::Ready(Ready { is_edited: true, .. }))
    }

    /// What is awaited at the redirect URI, while it is.
    pub const fn awaiting(&self) -> Option<&Awaiting> {
        match &self.phase {
            Phase::Ready(Ready { action: Action::Await(awaiting), .. }) | Phase::UnderWay(Action::Await(awaiting)) => {
                Some(awaiting)
            }
            _ => None,
        }
    }

    /// What stopped the run.
    pub const fn problem(&self) -> Option<&Problem> {
        match &self.phase {
            Phase::Stopped(problem) | Phase::Over(Some(problem), _) => Some(problem),
            _ => None,
        }
    }

    /// What of the request that is about to leave was sent before and works once; polls that were told to wait apart.
    pub fn sent_before(&self, now: Timestamp) -> Option<SentBefore> {
        let request = self.request().filter(|_| self.stage() != Some(Stage::RefreshReuse))?;
        let form = request.form()?;
        let single_use = |(name, value): (&str, &str)| SINGLE_USE.contains(&name) && !value.is_empty();
        let credentials: Vec<(&str, &str)> = form.iter().filter(|pair| single_use(*pair)).collect();
        if credentials.is_empty() {
            return None;
        }
        self.trace.exchanges.iter().rev().filter(|exchange| !exchange.is_told_to_wait()).find_map(|exchange| {
            let before: Params = exchange.request.form()?;
            let (name, _) = credentials.iter().find(|(name, value)| before.all(name).any(|sent| sent == *value))?;
            Some(SentBefore {
                name: (*name).to_owned(),
                ago: now.since(exchange.sent_at),
                is_answered: matches!(exchange.answer, Answer::Response(_)),
            })
        })
    }

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
            planned.extend(&self.appended);
            self.stages = planned;
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
    /// values where that begins a transaction.
    pub fn retry(&mut self) {
        if matches!(self.phase, Phase::Over(..)) {
            return;
        }
        let begin = self.problem().map(|problem| problem.again_at).filter(|begin| Some(*begin) != self.stage());
        if let Some(at) = begin.and_then(|begin| self.stages[..self.at].iter().rposition(|stage| *stage == begin)) {
            self.at = at;
            self.trace.skipped.retain(|(position, _)| *position < at);
        }
        self.plan();
        if let Some(stage) = self.stage() {
            (stage.descriptor().forget)(&mut self.own);
            self.own.listening_at = None;
        }
        self.attempt = 1;
        self.phase = Phase::Fresh;
    }

    /// Whether the run stopped at the wait for the browser: what it was sent for may still come.
    pub fn can_wait_again(&self) -> bool {
        let last = self.trace.exchanges.last().filter(|last| last.position == self.at).map(|last| &last.answer);
        let was_waiting = matches!(last, Some(Answer::Failed(Failure::Wait(_) | Failure::Listen(_))));
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

    /// Goes on after an answer that a client must not use, or leaves a failed stage behind.
    pub fn go_on_anyway(&mut self) {
        let (Phase::Stopped(problem), Some(stage)) = (&self.phase, self.stage()) else { return };
        self.trace.went_on.push(WentOn { position: self.at, stage, rule: problem.rule });
        self.advance();
        self.plan();
    }

    /// Adds a stage to the end of the run.
    pub fn append(&mut self, stage: Stage) {
        self.appended.push(stage);
        self.stages.push(stage);
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

    /// Whether the server has this endpoint, as far as it is known.
    pub(crate) fn offers(&self, endpoint: Endpoint) -> bool {
        self.settings.endpoint(endpoint, self.session.metadata.as_ref()).is_some()
    }

    /// Why there is no access token to use.
    pub(crate) fn lacks_access_token(&self) -> Option<&'static str> {
        let has_one = self.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_some());
        (!has_one).then_some("no access token has come")
    }

    /// Every credential of the run, for those who must not show them.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.session.secrets().chain(self.own.secrets())
    }

    /// The authorization request as it was really sent.
    pub const fn authorization(&self) -> Option<&AuthorizationRequest> {
        self.session.authorization.as_ref()
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
            Phase::Over(_, outcome) => *outcome,
            _ if self.at < self.stages.len() => Outcome::Incomplete,
            _ => Outcome::Success,
        }
    }

    /// Whether any rule that a client must keep is broken.
    pub fn has_failed_check(&self) -> bool {
        Tally::of(self.checks()).count(Verdict::Fail) > 0
    }
}

/// Credentials that a server takes once, or may have ended when it was asked with them (RFC 6749 section 4.1.2, RFC 8628
/// section 3.5, RFC 9126 section 4, RFC 7523 section 3).
const SINGLE_USE: [&str; 6] = ["code", "device_code", "auth_req_id", "request_uri", "client_assertion", "assertion"];

/// A credential that left before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentBefore {
    /// The parameter.
    pub name: String,
    /// How long ago.
    pub ago: Duration,
    /// Whether an answer came to it.
    pub is_answered: bool,
}

impl std::fmt::Display for SentBefore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ago = crate::base::time::spoken(self.ago);
        match self.is_answered {
            true => write!(
                f,
                "This {} was sent {ago} ago already and has been answered; most servers take it once.",
                self.name
            ),
            false => write!(
                f,
                "This {} was sent {ago} ago already, and its answer was not awaited: the server may have used it up.",
                self.name
            ),
        }
    }
}
