//! The verdicts of a recording: reached anew, and where secrets are out only as far as that says the same.

use std::collections::HashMap;
use std::sync::Arc;

use super::settings::{Memo, are_hidden, without_placeholders};
use crate::base::check::{Check, Rule, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::export::redact::{MARK, holds_placeholder};
use crate::flow::judge::{judge, judge_at_once, waits_for_keys};
use crate::flow::session::Session;
use crate::flow::trace::{Answer, Exchange, Trace};

/// Why a rule cannot be judged in a recording without secrets.
pub const NOT_RECORDED: &str = "not in the recording";

/// One verdict of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// As it is reached from what is in the recording.
    pub check: Check,
    /// As it was reached when the run was written, where only that can tell.
    pub said: Option<Check>,
}

impl Judged {
    pub(super) const fn alone(check: Check) -> Self {
        Self { check, said: None }
    }

    fn skipped(said: Check) -> Self {
        Self { check: said.rule.skipped(NOT_RECORDED), said: Some(said) }
    }

    /// As it is shown: the verdict that was reached.
    pub fn shown(&self) -> &Check {
        self.said.as_ref().unwrap_or(&self.check)
    }
}

/// The rule of this name.
pub(super) fn rule(id: &str) -> Option<&'static Rule> {
    static RULES: std::sync::LazyLock<HashMap<&'static str, &'static Rule>> =
        std::sync::LazyLock::new(|| crate::client::rules::catalogue().map(|rule| (rule.id, rule)).collect());
    RULES.get(id).copied()
}

/// The verdicts of each exchange of a recording. `said` is what it says of them.
pub(super) fn judged(trace: &Trace, fresh: Vec<Vec<Check>>, mut said: Vec<Vec<Check>>) -> Vec<Vec<Judged>> {
    said.resize(trace.exchanges.len(), Vec::new());
    let (mut is_hidden, mut memo, mut waits) = (false, Memo::<bool>::default(), Vec::new());
    let of_exchange = |((exchange, fresh), said): ((&Arc<Exchange>, Vec<Check>), Vec<Check>)| {
        // Those who overheard it knew of what is in none of its messages.
        is_hidden =
            is_hidden || exchange.overheard.is_some() || memo.of(&exchange.settings, are_hidden) || holds(exchange);
        match is_hidden {
            false => fresh.into_iter().map(Judged::alone).collect(),
            true => held_against(fresh, said, exchange.is_told_to_wait().then_some(&mut waits)),
        }
    };
    trace.exchanges.iter().zip(fresh).zip(said).map(of_exchange).collect()
}

/// What is known at the end, and the verdicts, from what is in the recording.
pub(super) fn fresh(trace: &Trace) -> (Session, Vec<Vec<Check>>) {
    judge(&without_placeholders(trace).exchanges)
}

/// The verdicts from what is in the recording, where it says of signatures what now waits for keys: an older version did not
/// fetch them anew, and nobody does for a recording.
pub(super) fn at_once(trace: &Trace, fresh: Vec<Vec<Check>>, said: &[Vec<Check>]) -> Vec<Vec<Check>> {
    let was_judged = |check: &Check, said: &[Check]| {
        said.iter().any(|said| said.rule == check.rule && said.verdict != Verdict::Skipped)
    };
    let mut pairs = fresh.iter().zip(said);
    let is_older =
        pairs.any(|(fresh, said)| fresh.iter().any(|check| waits_for_keys(check) && was_judged(check, said)));
    if is_older { judge_at_once(&without_placeholders(trace).exchanges) } else { fresh }
}

/// What was said, as far as it is reached again. Polls that were told to wait say only what those before did not.
fn held_against(mut fresh: Vec<Check>, said: Vec<Check>, waits: Option<&mut Vec<Check>>) -> Vec<Judged> {
    let mut judged = Vec::new();
    for said in said {
        match fresh.iter().position(|check| *check == said) {
            Some(at) => judged.push(Judged::alone(fresh.remove(at))),
            None => judged.push(Judged::skipped(said)),
        }
    }
    if let Some(waits) = waits {
        judged.extend(fresh.into_iter().filter(|check| waits.contains(check)).map(Judged::alone));
        for shown in judged.iter().map(Judged::shown) {
            if !waits.contains(shown) {
                waits.push(shown.clone());
            }
        }
    }
    judged
}

/// Whether what stands in the place of a secret is anywhere in a message of this exchange.
fn holds(exchange: &Exchange) -> bool {
    request_holds(&exchange.request)
        || match &exchange.answer {
            Answer::Response(response) => response_holds(response),
            Answer::Callback(callback) => holds_placeholder(&callback.redirect_uri) || params_hold(&callback.params),
            Answer::Failed(failure) => holds_placeholder(&failure.to_string()),
            Answer::Pending | Answer::Visited => false,
        }
}

fn request_holds(request: &HttpRequest) -> bool {
    holds_placeholder(request.url.as_str())
        || request.headers.iter().any(|(name, value)| holds_placeholder(name) || holds_placeholder(value))
        || bytes_hold(&request.body)
}

fn response_holds(response: &HttpResponse) -> bool {
    response.headers.iter().any(|(name, value)| holds_placeholder(name) || holds_placeholder(value))
        || bytes_hold(&response.body)
}

fn params_hold(params: &Params) -> bool {
    params.iter().any(|(name, value)| holds_placeholder(name) || holds_placeholder(value))
}

fn bytes_hold(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

/// Gives checks that do not say where they belong to the exchanges, by the order of their rules.
pub(super) fn aligned(trace: &Trace, fresh: &[Vec<Check>], said: Vec<Check>) -> Vec<Vec<Check>> {
    /// No exchange makes more checks than this.
    const FAR: usize = 64;
    let mut waiting = std::collections::HashSet::new();
    let mut rest: std::collections::VecDeque<Check> = said.into();
    let mut aligned = Vec::new();
    for (exchange, fresh) in trace.exchanges.iter().zip(fresh) {
        let mut own = Vec::new();
        let is_wait = exchange.is_told_to_wait();
        for check in fresh.iter().filter(|check| !is_wait || waiting.insert(check.rule.id)) {
            if let Some(at) = rest.iter().take(FAR).position(|said| said.rule == check.rule) {
                own.extend(rest.drain(..=at));
            }
        }
        aligned.push(own);
    }
    if let Some(last) = aligned.last_mut() {
        last.extend(rest);
    }
    aligned
}
