//! What a flow asks of its world, what comes back, and how a run stands.

use std::time::Duration;

use url::Url;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::terms::error::OAuthError;

use super::beside::Arrival;
use super::callback::{Awaiting, Callback, Errand, Refusal, Stray};
use super::stage::{Missing, Stage};
use super::transport_error::TransportError;

/// What the world is asked to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Bind a loopback listener at this redirect URI; port 0 means any. Answer with [`Event::Listening`].
    Listen(Url),
    /// Bind a place beside the redirect URI at this URL, port 0 meaning any; what is offered there, an [`Await`](Self::Await)
    /// says. Answer with [`Event::Offered`].
    Offer(Url),
    /// Send this request, which has its seals from [`Flow::begin`](super::Flow::begin) on. Answer with [`Event::Answered`] or [`Event::Failed`].
    Send(HttpRequest),
    /// Bring the user's browser to this request's URL on this errand. Answer with [`Event::Browsed`].
    Browse(HttpRequest, Errand),
    /// Wait until this time. Answer with [`Event::Woke`].
    Sleep(Timestamp),
    /// Wait for the authorization response. Answer with [`Event::CalledBack`] or [`Event::Failed`]; where only what is told by
    /// itself is awaited, with [`Event::Heard`] once all of it has come or the time is over.
    Await(Awaiting),
}

/// What came of an action.
#[derive(Clone, Debug)]
pub enum Event {
    /// The listener is bound; the URI has its real port.
    Listening(Url),
    /// The place beside it is bound; the URL has its real port.
    Offered(Url),
    /// A server came there while something is awaited; the wait goes on.
    Arrived(Box<Arrival>),
    /// The browser was sent there.
    Browsed,
    /// An authorization response came.
    CalledBack(Callback),
    /// The time to wait is over.
    Woke,
    /// What is told of a logout has come, or the time for it is over.
    Heard,
    /// Something else came to the redirect URI while waiting; the wait goes on.
    Stray(Stray),
    /// An answer to the request that left.
    Answered {
        /// As received.
        response: HttpResponse,
        /// From the first byte out to the last byte in.
        took: Duration,
    },
    /// No answer came.
    Failed {
        /// Why.
        error: Failure,
        /// Until it was given up.
        took: Duration,
    },
}

/// Why an action came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The network or the server.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The redirect URI could not be listened at.
    #[error("{0}")]
    Listen(String),
    /// No authorization response came.
    #[error("{}", .0.why)]
    Wait(Wait),
    /// The user agent in this program did not come to the end of a sign-in.
    #[error("{why}")]
    SignIn {
        /// What it met.
        why: String,
        /// What to try, most promising first.
        advice: Vec<String>,
        /// Whether the server answered with a page that says no to the request itself.
        is_refusal: bool,
    },
    /// The user did not want to wait for the answer.
    #[error("sent, answer not awaited: stopped after {}", spoken(*.0))]
    Stopped(Duration),
    /// As a run says it that was read from a file.
    #[error("{0}")]
    Told(String),
}

impl Failure {
    /// A wait that came to nothing for this reason.
    pub fn wait(why: impl Into<String>) -> Self {
        Self::Wait(Wait { why: why.into(), turned_away: None })
    }
}

/// A wait that came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// How it ended.
    pub why: String,
    /// What came meanwhile was turned away; the likeliest reason of those there were.
    pub turned_away: Option<Refusal>,
}

impl Wait {
    /// How one ended that the user stopped.
    pub(super) const STOPPED: &str = "the wait was stopped";

    /// Whether the user ended it, so that nothing is known to be wrong.
    pub(super) fn is_stopped(&self) -> bool {
        self.why == Self::STOPPED && self.turned_away.is_none()
    }

    /// What was wrong with the `state` of what was turned away; `None` when that is not why.
    pub(super) fn turned_away_for_state(&self) -> Option<&'static str> {
        match &self.turned_away {
            Some(Refusal::WrongState) => Some("another state, turned away"),
            Some(Refusal::NoState | Refusal::NoStateInError(_)) => Some("no state, turned away"),
            _ => None,
        }
    }

    /// The path at which what was turned away came; `None` when that is not why.
    pub(super) fn turned_away_for_path(&self) -> Option<&str> {
        match &self.turned_away {
            Some(Refusal::OtherPath(path)) => Some(path),
            _ => None,
        }
    }
}

/// What a flow wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This action; the same until [`Flow::handle`](super::Flow::handle) answers it. It is not under way before [`Flow::begin`](super::Flow::begin).
    Do(Action),
    /// A value that the user has to fill in.
    Missing(Missing),
    /// Nothing before the user decides: edit, retry, go on anyway.
    Stopped(Problem),
    /// Nothing more; stages can be appended.
    Finished,
}

/// What stopped a flow, in the terms a person needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stopped.
    pub stage: Stage,
    /// What kind of stop it is.
    pub kind: ProblemKind,
    /// One sentence.
    pub title: String,
    /// What was sent, in one line.
    pub sent: String,
    /// What came, in one line.
    pub came: String,
    /// What to try, most promising first.
    pub advice: Vec<String>,
    /// Where trying again begins: this stage, or an earlier one that makes a new one of what is used up.
    pub again_at: Stage,
    /// The rule that was broken, where that stopped it.
    pub rule: Option<&'static str>,
}

/// Advice that is none where nothing follows.
pub(super) const GO_ON: &str = "To see what an attacked client would do, go on anyway.";
/// The same before anything has left.
pub(super) const GO_ON_UNMET: &str = "To see what it says to the request as it is, go on anyway.";

impl Problem {
    /// Takes out the advice to go on, where there is nothing to go on to.
    pub fn ends_here(&mut self) {
        self.advice.retain(|advice| !matches!(advice.as_str(), GO_ON | GO_ON_UNMET));
    }

    /// Whether a rule was broken before anything left.
    pub const fn is_unsent(&self) -> bool {
        self.rule.is_some() && self.sent.is_empty()
    }
}

/// The kinds of stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The server said no.
    Refused(OAuthError),
    /// Something came that is no answer, or nothing came.
    Failed,
    /// An answer came that a client must not use, or the request does not have what the server demands of it.
    Unsafe,
}

/// How a run ended, or stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every stage succeeded.
    Success,
    /// A server said no.
    Refused,
    /// A stage failed.
    Failed,
    /// Not at its end: a value is missing, or it was left. Or at its end without all that was asked for.
    Incomplete,
}

/// How a run ended that came to its end and broke rules that must be kept.
pub const BROKEN_RULES: &str = "broken rules";

impl Outcome {
    /// The word of the JSON result.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Incomplete => "incomplete",
        }
    }

    /// The word for people, who take `success` for a verdict: a run can come to its end with rules broken that must be
    /// kept.
    pub const fn verdict(self, is_broken: bool) -> &'static str {
        match self {
            Self::Success if is_broken => BROKEN_RULES,
            outcome => outcome.word(),
        }
    }
}
