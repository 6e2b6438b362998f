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
//! moment what left is in the [`Trace`]. What came is read by a fold ([`judge`]) that needs no flow. Going
//! back a step is a kept clone. The command line, the window and the tests are three [`World`](world::World)s around the
//! same flow.

mod action;
pub mod beside;
pub mod callback;
mod causes;
pub mod cure;
mod description;
pub mod difference;
pub mod explain;
mod explain_assertion;
pub mod explain_discovery;
mod explain_mute;
mod explain_named;
mod explain_page;
mod explain_proof;
mod explain_registration;
mod explain_rejected;
mod explain_sent;
mod explain_step_up;
mod explain_wait;
mod explain_way_in;
pub mod finding;
mod fitting;
pub mod grant;
mod handle;
pub mod joint;
pub mod judge;
pub mod ladder;
mod method_named;
pub mod numbers;
pub mod own;
mod phase;
mod proofs;
pub mod recorded;
pub mod registration;
mod seals;
mod sent_before;
pub mod session;
pub mod sight;
pub mod stage;
pub mod step;
pub mod trace;
pub mod transport_error;
mod unlisted;
mod untaken;
pub mod verdicts;
mod ways_on;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use crate::base::check::{Check, Rule, Tally, Verdict};
use crate::base::entropy::Entropy;
use crate::base::http::HttpRequest;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::endpoint::authorization::AuthorizationRequest;
use crate::client::endpoint::signed_metadata::BY_OTHER;
use crate::client::endpoint::userinfo::CLOSED;
use crate::client::rules;
use crate::client::seal::{Draft, Seal};
use crate::client::settings::Settings;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

use callback::Awaiting;
use own::Own;
use phase::{Phase, Ready};
use seals::Sealed;
use session::Session;
use stage::known::Known;
use stage::{Missing, Prepared, Progress, Stage};
use trace::{Answer, Exchange, Trace, WentOn};

pub use action::{Action, BROKEN_RULES, Event, Failure, Next, Outcome, Problem, ProblemKind, Wait};
pub use sent_before::SentBefore;

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
    /// What was found wrong with a login of others when it was taken apart.
    found: Option<Box<finding::Finding>>,
}

/// Rules that a run proves nothing without, and what is said where they could not be judged.
static MUST_BE_JUDGED: [(&Rule, &str); 4] = [
    (&rules::prm::SIGNATURE, "the signature of the metadata of the API was not judged"),
    (&rules::id_token::SIGNATURE, "the signature of the ID token was not judged"),
    (&rules::management::REUSE, "whether a used refresh token is refused was not judged"),
    (&rules::management::REVOKED_DEAD, "whether the revoked token is dead was not judged"),
];

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
            found: None,
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
            let prepared = self.prepare(stage, now);
            if let Ok(Some(draft)) = prepared.as_ref().map(Prepared::draft)
                && let Some(check) = self.unmet(stage, draft, now)
            {
                self.phase = Phase::Stopped(explain::unmet(self, stage, &check));
                continue;
            }
            match prepared {
                Ok(Prepared::Skip(reason)) => {
                    self.trace.skip(self.at, reason);
                    self.advance();
                }
                Ok(Prepared::Done) => self.advance(),
                Ok(Prepared::Send(Draft { message, seals })) => {
                    self.phase = Phase::Ready(Ready { action: Action::Send(message), seals, is_edited: false });
                }
                Ok(Prepared::Browse(Draft { message, seals }, errand)) => {
                    let action = Action::Browse(message, errand);
                    self.phase = Phase::Ready(Ready { action, seals, is_edited: false });
                }
                Ok(Prepared::Action(action)) => self.phase = Phase::Ready(Ready::plain(action)),
                Err(missing) => return Next::Missing(missing),
            }
        }
    }

    /// Makes the next action of a stage. What its seals lack is found here, before anything leaves.
    fn prepare(&mut self, stage: Stage, now: Timestamp) -> Result<Prepared, Missing> {
        let descriptor = stage.descriptor();
        self.draw_dpop_key();
        (descriptor.draw)(&mut self.own, &self.settings, &mut self.entropy);
        let known = self.known(stage, now);
        let mut prepared = (descriptor.prepare)(&known)?;
        if let Prepared::Send(draft) = &mut prepared {
            draft.seals.push(Seal::Authorities);
        }
        if let Some(draft) = prepared.draft() {
            draft.leave(&self.sealing(now, Default::default())).map_err(|error| known.unsealed(&error))?;
        }
        Ok(prepared)
    }

    /// The server's demand that this request does not meet, unless the user has gone on past it.
    fn unmet(&self, stage: Stage, draft: &Draft, now: Timestamp) -> Option<Check> {
        let leaving = draft.leave(&self.sealing(now, Default::default())).ok()?;
        let check = (stage.descriptor().unmet)(&leaving, &self.session, now)?;
        let is_passed = |left: &WentOn| left.position == self.at && left.rule == Some(check.rule.id);
        (!self.trace.went_on.iter().any(is_passed)).then_some(check)
    }

    fn known(&self, stage: Stage, now: Timestamp) -> Known<'_> {
        let Self { grant, settings, session, own, appended, attempt, .. } = self;
        let is_pushed = self.is_pushed();
        Known { stage, grant: *grant, settings, session, own, appended, is_pushed, attempt: *attempt, now }
    }

    /// Takes the next action: a request in it is sealed now, and is in the trace from this moment on. The same answer as
    /// [`Flow::poll`] where there is nothing to begin, or where it is under way already.
    pub fn begin(&mut self, now: Timestamp) -> Next {
        let next = self.poll(now);
        let (Next::Do(_), Phase::Ready(ready), Some(stage)) = (&next, &self.phase, self.stage()) else { return next };
        let (mut action, is_edited) = (ready.action.clone(), ready.is_edited);
        if let Some(draft) = ready.draft() {
            // What was good when it was made may be over by now; what was typed leaves as it is.
            if !is_edited && self.unmet(stage, &draft, now).is_some() {
                self.phase = Phase::Fresh;
                return self.poll(now);
            }
            let names = self.names_for(&action, &draft);
            let request = match draft.leave(&self.sealing(now, names)) {
                Ok(request) => request,
                Err(error) => return Next::Missing(self.known(stage, now).unsealed(&error)),
            };
            self.seals_were_put_on(&draft);
            self.leaves(stage, request.clone(), now);
            if let Action::Send(message) | Action::Browse(message, _) = &mut action {
                *message = request;
            }
        }
        self.phase = Phase::UnderWay(action.clone());
        Next::Do(action)
    }

    /// Whether the world performs an action.
    pub const fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::UnderWay(_))
    }

    /// Puts a request that leaves into the trace.
    fn leaves(&mut self, stage: Stage, request: HttpRequest, now: Timestamp) {
        let position = self.at;
        let last = self.trace.exchanges.last();
        let attempt = match last.filter(|last| last.position == position) {
            Some(last) => last.attempt + 1,
            None => self.trace.newest_of(position).map_or(0, |before| before.attempt) + 1,
        };
        let settings = match last.map(|last| &last.settings).filter(|before| ***before == self.settings) {
            Some(unchanged) => Arc::clone(unchanged),
            None => Arc::new(self.settings.clone()),
        };
        let begun = Exchange::begun(stage, request, settings);
        let mut exchange = Exchange { position, attempt, sent_at: now, ..begun };
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

    /// Whether the server has this endpoint, as far as it is known.
    pub(crate) fn offers(&self, endpoint: Endpoint) -> bool {
        self.settings.endpoint(endpoint, self.session.metadata.as_ref()).is_some()
    }

    /// Why there is no access token to use.
    pub(crate) fn lacks_access_token(&self) -> Option<&'static str> {
        let has_one = self.session.here().last().is_some_and(|tokens| tokens.response.access_token.is_some());
        (!has_one).then_some("no access token has come")
    }

    /// Every credential of the run, for those who must not show them.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secrets_but(0)
    }

    /// The same without the tokens that came first: so many responses are known already.
    pub fn secrets_but(&self, known: usize) -> impl Iterator<Item = &Secret> {
        self.session.secrets_but(known).chain(self.own.secrets())
    }

    /// The authorization request as it was really sent.
    pub const fn authorization(&self) -> Option<&AuthorizationRequest> {
        self.session.authorization.as_ref()
    }

    /// All checks of the run in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.trace.checks().into_iter().map(|(_, check)| check)
    }

    /// How the run stands. One that came to its end is no success where something is [left open](Self::left_open).
    pub fn outcome(&self) -> Outcome {
        match &self.phase {
            Phase::Stopped(Problem { kind: ProblemKind::Refused(_), .. }) => Outcome::Refused,
            Phase::Stopped(_) => Outcome::Failed,
            Phase::Over(_, outcome) => *outcome,
            _ if !self.is_at_end() || !self.left_open().is_empty() => Outcome::Incomplete,
            _ => Outcome::Success,
        }
    }

    /// Whether no stage is left.
    const fn is_at_end(&self) -> bool {
        let has_come_far =
            !matches!(self.phase, Phase::Stopped(_) | Phase::Over(_, Outcome::Refused | Outcome::Failed));
        has_come_far && self.at >= self.stages.len()
    }

    /// What a run that came to its end did not do although it was asked for, or could not judge although all depends on
    /// it: what, and why. Nothing of it is a broken rule, and nobody should take such a run for a proof.
    pub fn left_open(&self) -> Vec<(String, String)> {
        if !self.is_at_end() {
            return Vec::new();
        }
        let asked_from = self.stages.len().saturating_sub(self.appended.len());
        let mut open: Vec<(String, String)> = Vec::new();
        for (position, reason) in self.trace.skipped.iter().filter(|(position, _)| *position >= asked_from) {
            if let Some(stage) = self.stages.get(*position) {
                open.push((format!("{} was asked for and not sent", stage.name()), reason.to_string()));
            }
        }
        for (rule, what) in MUST_BE_JUDGED {
            let check = self.checks().filter(|check| check.rule == rule).last();
            let why = check.filter(|check| check.verdict == Verdict::Skipped).and_then(|check| check.actual.clone());
            open.extend(why.filter(|why| !why.starts_with(BY_OTHER)).map(|why| (what.to_owned(), why)));
        }
        let claims = self.checks().filter(|check| check.rule == &rules::resource::USERINFO_SUB).last();
        if let Some(why) = claims.and_then(|check| check.actual.as_deref()).filter(|why| why.starts_with(CLOSED)) {
            open.push(("the UserInfo request brought claims that were not judged".to_owned(), why.to_owned()));
        }
        open
    }

    /// The broken rules by which a client must use nothing of what came, the newest last.
    pub fn rejecting_checks(&self) -> impl Iterator<Item = &Check> {
        self.checks().filter(|check| check.rejects().is_some())
    }

    /// Whether any rule that a client must keep is broken.
    pub fn has_failed_check(&self) -> bool {
        Tally::of(self.checks()).count(Verdict::Fail) > 0
    }
}
