//! Everything that happened in a run, in order.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::client::dpop::NONCE;
use crate::client::endpoint::authorization::AuthorizationRequest;
use crate::client::endpoint::pushed_authorization;
use crate::client::rules;
use crate::client::rules::metadata::DOCUMENT;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;

use super::Failure;
use super::beside::Arrival;
use super::callback::{Callback, Stray};
use super::stage::{Stage, json_of, rejecting};

/// What a poll asks about (RFC 8628 section 3.4, CIBA section 10.1).
const POLLED: [&str; 2] = ["device_code", "auth_req_id"];

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Sent, and nothing has come yet.
    Pending,
    /// The user was sent there; what comes of it is learned elsewhere.
    Visited,
    /// A response.
    Response(HttpResponse),
    /// An authorization response through the browser.
    Callback(Callback),
    /// Nothing.
    Failed(Failure),
}

/// One request that left, and what came back.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Index of its stage in the run.
    pub position: usize,
    /// Its stage.
    pub stage: Stage,
    /// Counts from 1 within the stage.
    pub attempt: u32,
    /// As it really left.
    pub request: HttpRequest,
    /// As it really came.
    pub answer: Answer,
    /// When the request left.
    pub sent_at: Timestamp,
    /// Until the answer was there.
    pub took: Duration,
    /// Every rule that was applied to both.
    pub checks: Vec<Check>,
    /// The settings it was made with.
    pub settings: Arc<Settings>,
    /// Whose it is, where it is not of this program.
    pub overheard: Option<Overheard>,
    /// What servers did by themselves at a place of the client, before the answer was there.
    pub meanwhile: Vec<Arrival>,
}

impl Exchange {
    /// A request that is under way, the first of its stage, of which nothing is judged yet.
    pub fn begun(stage: Stage, request: HttpRequest, settings: Arc<Settings>) -> Self {
        Self {
            position: 0,
            stage,
            attempt: 1,
            request,
            answer: Answer::Pending,
            sent_at: Timestamp::default(),
            took: Duration::ZERO,
            checks: Vec::new(),
            settings,
            overheard: None,
            meanwhile: Vec::new(),
        }
    }
}

/// What is known of an exchange between others that was listened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overheard {
    /// Who sent the request.
    pub by: Party,
    /// What was done by hand to messages that were held, in order.
    pub by_hand: Vec<ByHand>,
}

/// Who of an app sends requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The part of it that runs in the browser.
    Browser,
    /// The part of it that does not.
    BackEnd,
}

impl Party {
    /// The word in the run file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::BackEnd => "back end",
        }
    }

    /// The party of this word.
    pub fn find(word: &str) -> Option<Self> {
        [Self::Browser, Self::BackEnd].into_iter().find(|party| party.word() == word)
    }
}

/// What was done by hand to a message that was held on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// The request left otherwise than it came.
    RequestChanged,
    /// The answer arrived otherwise than it was sent.
    AnswerChanged,
    /// The answer was dropped, and the client told so.
    AnswerDropped,
    /// The client had gone before the answer was released.
    ClientGone,
}

impl ByHand {
    const ALL: [Self; 4] = [Self::RequestChanged, Self::AnswerChanged, Self::AnswerDropped, Self::ClientGone];

    /// The words, in the run file too.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RequestChanged => "request changed",
            Self::AnswerChanged => "answer changed",
            Self::AnswerDropped => "answer dropped",
            Self::ClientGone => "client gone before the answer",
        }
    }

    /// What these words say.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }
}

impl Exchange {
    /// When its answer was there.
    pub fn came_at(&self) -> Timestamp {
        self.sent_at + self.took
    }

    /// Whether the browser was asked to be sent back: all are but those at a logout without a `post_logout_redirect_uri`.
    pub fn has_way_back(&self) -> bool {
        self.stage != Stage::Logout || self.request.query().contains("post_logout_redirect_uri")
    }

    /// How long was listened for what servers tell by themselves of a logout; `None` where nobody did. Without a way back
    /// that takes a wait of its own, and earlier recordings have none.
    pub fn listened(&self) -> Option<Duration> {
        let has_waited = match self.answer {
            Answer::Pending => false,
            Answer::Visited => !self.took.is_zero() || !self.meanwhile.is_empty(),
            _ => self.has_way_back() || !self.meanwhile.is_empty(),
        };
        (has_waited && self.overheard.is_none()).then_some(self.took)
    }

    /// The response of a direct request.
    pub const fn response(&self) -> Option<&HttpResponse> {
        match &self.answer {
            Answer::Response(response) => Some(response),
            _ => None,
        }
    }

    /// Why what came is no metadata document, where one was asked for: a status of success alone says nothing.
    pub fn lacks_document(&self) -> Option<&str> {
        let is_other = |check: &&Check| check.rule.id == DOCUMENT.id && check.verdict != Verdict::Pass;
        self.checks.iter().find(is_other).and_then(|check| check.actual.as_deref())
    }

    /// The authorization request that it brings to the server, in whatever carries its parameters.
    pub fn authorization(&self) -> Option<AuthorizationRequest> {
        match self.stage {
            Stage::PushedAuthorization => Some(pushed_authorization::pushed(&self.request)),
            Stage::Authorization => Some(AuthorizationRequest::opened(&self.request)),
            _ => None,
        }
    }

    /// The broken rule by which a client must use nothing of what came.
    pub fn rejecting(&self) -> Option<&Check> {
        rejecting(&self.checks)
    }

    /// Whether this is a poll that was told to wait (RFC 8628 section 3.5): not a failure.
    pub fn is_told_to_wait(&self) -> bool {
        let is_poll = || self.request.form().is_some_and(|form| POLLED.iter().any(|name| form.contains(name)));
        let refusal = self.response().filter(|response| !response.is_success() && is_poll());
        let error = refusal.and_then(json_of).and_then(|json| json.text("error").map(str::to_owned));
        error.is_some_and(|error| matches!(error.as_str(), "authorization_pending" | "slow_down"))
    }

    /// Whether it was refused for the want of a nonce, with which the request was made again (RFC 9449 section 8).
    pub fn is_asked_for_nonce(&self) -> bool {
        let has = |rule| self.checks.iter().any(|check| check.rule == rule);
        let is_given = self.response().is_some_and(|response| response.headers.get(NONCE).is_some());
        is_given && has(&rules::dpop::NONCE_CHALLENGE) && !has(&rules::dpop::NONCE_TAKEN)
    }

    /// Whether the browser came back with an error.
    pub fn is_refused_on_the_way_back(&self) -> bool {
        matches!(&self.answer, Answer::Callback(callback) if callback.params.contains("error"))
    }

    /// Whether a refusal of it is no failure.
    pub fn may_be_refused(&self) -> bool {
        self.is_told_to_wait() || self.is_asked_for_nonce() || self.stage.wants_refusal()
    }

    /// Whether the answer is, by its status alone, none that a run goes on from: a refusal where none is wanted, and
    /// all but 401 where a call asks to be challenged (RFC 6750 section 3).
    pub fn is_turned_down(&self) -> bool {
        self.response().is_some_and(|response| match self.stage {
            Stage::Challenge => response.status != 401,
            _ => !response.is_success() && !self.may_be_refused(),
        })
    }
}

/// Where the user went on although the run had stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WentOn {
    /// Index of the stage that was left behind.
    pub position: usize,
    /// That stage.
    pub stage: Stage,
    /// The rule that had stopped it, where it was one.
    pub rule: Option<&'static str>,
}

/// The record of a run. Exchanges are shared, so that keeping points to go back to costs little.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Which grant ran.
    pub grant: Grant,
    /// In the order they began.
    pub exchanges: Vec<Arc<Exchange>>,
    /// Stages that had nothing to do, by index, and why.
    pub skipped: Vec<(usize, Cow<'static, str>)>,
    /// What came to a listener and was turned away, each with the number of exchanges there were by then.
    pub strays: Vec<(usize, Stray)>,
    /// Where the user went on.
    pub went_on: Vec<WentOn>,
}

impl Trace {
    /// Nothing has happened yet.
    pub const fn new(grant: Grant) -> Self {
        Self { grant, exchanges: Vec::new(), skipped: Vec::new(), strays: Vec::new(), went_on: Vec::new() }
    }

    /// Whether its messages went between others.
    pub fn is_overheard(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.overheard.is_some())
    }

    pub(super) fn skip(&mut self, position: usize, reason: &'static str) {
        self.skipped.push((position, reason.into()));
    }

    /// What was turned away since the last exchange began.
    pub fn strays_now(&self) -> impl DoubleEndedIterator<Item = &Stray> {
        let count = self.exchanges.len();
        self.strays.iter().filter(move |(at, _)| *at == count).map(|(_, stray)| stray)
    }

    /// How often the stage at this index was tried in a row, as the newest exchange says.
    pub(super) fn tries_of(&self, position: usize) -> u32 {
        self.exchanges.last().filter(|last| last.position == position).map_or(0, |last| last.attempt)
    }

    /// The newest exchange of the stage at this index.
    pub(super) fn newest_of(&self, position: usize) -> Option<&Exchange> {
        self.exchanges.iter().rev().find(|exchange| exchange.position == position).map(|exchange| &**exchange)
    }

    /// The newest exchange, to be answered.
    pub(super) fn last_mut(&mut self) -> Option<&mut Exchange> {
        self.exchanges.last_mut().map(Arc::make_mut)
    }

    /// Exchanges of one stage of the run, by the stage's index.
    pub fn of(&self, position: usize) -> impl Iterator<Item = (usize, &Exchange)> {
        let numbered = self.exchanges.iter().enumerate().map(|(at, exchange)| (at, &**exchange));
        numbered.filter(move |(_, exchange)| exchange.position == position)
    }

    /// All checks of the run in order, each with its stage. What one poll that was told to wait says again after another
    /// is there once.
    pub fn checks(&self) -> Vec<(Stage, &Check)> {
        self.checks_at().into_iter().map(|(at, check)| (self.exchanges[at].stage, check)).collect()
    }

    /// The same, each with the index of its exchange.
    pub fn checks_at(&self) -> Vec<(usize, &Check)> {
        let (mut checks, mut said) = (Vec::new(), HashSet::new());
        for (at, exchange) in self.exchanges.iter().enumerate() {
            let is_wait = exchange.is_told_to_wait();
            let news = exchange.checks.iter().filter(|check| !is_wait || said.insert((check.rule.id, check.verdict)));
            checks.extend(news.map(|check| (at, check)));
        }
        checks
    }

    /// The newest poll, if it was told to wait.
    pub fn newest_wait(&self) -> Option<&Exchange> {
        self.exchanges.last().map(|exchange| &**exchange).filter(|exchange| exchange.is_told_to_wait())
    }

    /// Why a stage had nothing to do.
    pub fn skip_reason(&self, position: usize) -> Option<&str> {
        self.skipped.iter().find(|(at, _)| *at == position).map(|(_, reason)| &**reason)
    }
}

/// The checks of a trace by the exchange whose messages they are about: what had to wait for the keys is judged when they
/// come, and says something of the message that came before them.
pub struct Carried<'a> {
    trace: &'a Trace,
    /// By the exchange of the keys and the rule: which exchange carried what was judged then.
    carriers: HashMap<(usize, &'static str), usize>,
    /// By the exchange that carried it: what was judged later.
    late: HashMap<usize, Vec<&'a Check>>,
}

impl<'a> Carried<'a> {
    /// Those of this trace.
    pub fn of(trace: &'a Trace) -> Self {
        let (mut carriers, mut late) = (HashMap::new(), HashMap::<usize, Vec<&Check>>::new());
        let mut waiting: HashMap<&str, usize> = HashMap::new();
        for (at, exchange) in trace.exchanges.iter().enumerate() {
            for check in &exchange.checks {
                let id = check.rule.id;
                match (exchange.stage, check.verdict) {
                    (Stage::Jwks, _) => {
                        let Some(carrier) = waiting.get(id).copied() else { continue };
                        carriers.insert((at, id), carrier);
                        // Keys that are fetched once more judge anew.
                        let of_carrier = late.entry(carrier).or_default();
                        of_carrier.retain(|before| before.rule != check.rule);
                        of_carrier.push(check);
                    }
                    (_, Verdict::Skipped) => _ = waiting.insert(id, at),
                    _ => _ = waiting.remove(id),
                }
            }
        }
        Self { trace, carriers, late }
    }

    /// Which exchange carried what this check of an exchange is about.
    pub fn carrier(&self, at: usize, check: &Check) -> usize {
        self.carriers.get(&(at, check.rule.id)).copied().unwrap_or(at)
    }

    /// The checks about the messages of an exchange, its own first.
    pub fn about(&self, at: usize) -> Vec<&'a Check> {
        let own = self.trace.exchanges.get(at).into_iter().flat_map(|exchange| &exchange.checks);
        let own = own.filter(|check| self.carrier(at, check) == at);
        own.chain(self.late.get(&at).into_iter().flatten().copied()).collect()
    }
}
