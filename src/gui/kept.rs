//! A run on its way into the history: what is written of it, and when that has to be done anew.

use std::time::Duration;

use crate::base::check::Verdict;
use crate::base::time::Timestamp;
use crate::flow::finding::Finding;
use crate::flow::trace::Answer;
use crate::flow::{Flow, Next, ProblemKind};
use crate::io::history::Entry;
use crate::record::{Follower, Record};

/// How long a run that goes on is not written again, for each so many exchanges: a long run takes long to write.
const PAUSE: Duration = Duration::from_secs(1);
const EXCHANGES: usize = 100;

/// A run as it is to be kept. Its exchanges are shared, so that handing it over costs little.
#[derive(Clone, Debug)]
pub struct KeptRun {
    /// Names it.
    pub id: String,
    /// The provider it began with.
    pub provider: String,
    /// When it began.
    pub began_at: Timestamp,
    /// The run.
    pub flow: Flow,
    /// What it wants next.
    pub next: Next,
    /// Its credentials, which are not written.
    pub known: Follower,
}

impl KeptRun {
    /// The line and the file of this run, without its secrets. Takes time in proportion to the run's size.
    pub fn written(&self) -> (Entry, String) {
        let mut record = Record::of(&self.flow, &self.next);
        record.preset = Some(self.provider.clone());
        let text = record.to_text(Some(self.known.redactor()));
        let entry = Entry {
            id: self.id.clone(),
            grant: self.flow.grant.key().to_owned(),
            provider: self.provider.clone(),
            began_at: self.began_at.millis(),
            outcome: self.flow.outcome().word().to_owned(),
            finding: record.finding.as_ref().map(|finding| named(finding, &self.flow)),
            is_warning: record.finding.as_ref().is_some_and(|finding| finding.verdict != Verdict::Fail),
            exchanges: self.flow.trace.exchanges.len(),
            ..Entry::default()
        };
        (entry, text)
    }
}

/// A finding in as few words as a column has room for: the rule, the code of a refusal, else its sentence.
fn named(finding: &Finding, flow: &Flow) -> String {
    let refused = match &flow.problem().map(|problem| &problem.kind) {
        Some(ProblemKind::Refused(error)) => Some(error.error.clone()),
        _ => None,
    };
    finding.rule.as_deref().map(str::to_owned).or(refused).unwrap_or_else(|| finding.say.clone())
}

/// What of a run was written last, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    state: State,
    at: Timestamp,
}

/// What changes when a run does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    exchanges: usize,
    is_answered: bool,
    position: usize,
    is_stopped: bool,
    strays: usize,
}

impl Written {
    /// Whether the run has to be written again; it is then taken to be. `is_last` asks for it without a pause.
    pub fn is_due(&mut self, flow: &Flow, now: Timestamp, is_last: bool) -> bool {
        let last = flow.trace.exchanges.last();
        let state = State {
            exchanges: flow.trace.exchanges.len(),
            is_answered: last.is_some_and(|last| !matches!(last.answer, Answer::Pending)),
            position: flow.position(),
            is_stopped: flow.problem().is_some(),
            strays: flow.trace.strays.len(),
        };
        let is_rested = is_last || self.at == Timestamp::default() || now.since(self.at) >= pause(state.exchanges);
        // Who goes back a step takes nothing away from what is kept; it is written anew once it goes further.
        let reach = |state: State| (state.exchanges, state.position);
        let has_gone_back = reach(state) < reach(self.state);
        let is_due = state != self.state && is_rested && state.exchanges > 0 && !has_gone_back;
        if is_due {
            *self = Self { state, at: now };
        }
        is_due
    }
}

fn pause(exchanges: usize) -> Duration {
    PAUSE * u32::try_from(1 + exchanges / EXCHANGES).unwrap_or(u32::MAX)
}
