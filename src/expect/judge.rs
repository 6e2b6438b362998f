//! Expectations held against a run.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::condition::{Condition, plain};
use super::{Expectation, Expectations, Place, Subject};
use crate::base::check::{Rule, Tally, Verdict};
use crate::base::json::{Json, number};
use crate::base::text::{elided, visible};
use crate::base::time::Timestamp;
use crate::client::answer::refusal_in;
use crate::client::encryption;
use crate::export::redact::{Redactor, holds_placeholder};
use crate::flow::finding::finding;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Flow, Next, ProblemKind};
use crate::jose::jwe;
use crate::jose::jwt::decode;
use crate::terms::credential::canonical;
use crate::terms::error::OAuthError;

/// Longest value that is told, in characters.
const VALUE_LIMIT: usize = 300;

/// How an expectation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is so.
    Met,
    /// It is not.
    Missed,
    /// In the place of the value stands that it was taken out.
    Hidden,
    /// What it is about has not come yet, in a run that goes on.
    Open,
}

impl Standing {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "not met",
            Self::Hidden => "hidden in this file, cannot be judged",
            Self::Open => "not judged yet",
        }
    }
}

/// What became of an expectation. Its texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// What was expected: `token status is 200`.
    pub expected: String,
    /// The stage it is about, where it is about one.
    pub stage: Option<Stage>,
    /// How it stands.
    pub standing: Standing,
    /// What came.
    pub came: String,
}

impl Met {
    /// Whether it is so.
    pub fn is_met(&self) -> bool {
        self.standing == Standing::Met
    }

    /// Whether it is not, as far as can be seen.
    pub fn is_missed(&self) -> bool {
        self.standing == Standing::Missed
    }
}

/// What is looked at, as it came.
pub(super) struct Came {
    pub value: Option<Json>,
    /// Everything is text where it stands.
    pub is_text: bool,
    pub at: Timestamp,
    /// Why there is nothing to look at.
    why: Option<String>,
    /// Whether a run that goes on may bring it, or another one in its place.
    is_open: bool,
}

/// Holds each expectation against a run that is over and wants this next.
pub fn judge(expected: &Expectations, flow: &Flow, next: &Next, hide: &Redactor) -> Vec<Met> {
    judged(expected, flow, next, hide, false)
}

/// Holds each expectation against a run as far as it has come.
pub fn so_far(expected: &Expectations, flow: &Flow, next: &Next, hide: &Redactor) -> Vec<Met> {
    judged(expected, flow, next, hide, matches!(next, Next::Do(_) | Next::Missing(_)))
}

fn judged(expected: &Expectations, flow: &Flow, next: &Next, hide: &Redactor, goes_on: bool) -> Vec<Met> {
    let mut bodies = Bodies::default();
    let of = |one: &Expectation| met(one, &came(&one.subject, flow, next, &mut bodies), hide, goes_on);
    expected.list.iter().map(of).collect()
}

fn met(one: &Expectation, came: &Came, hide: &Redactor, goes_on: bool) -> Met {
    let is_met = came.why.is_none() && one.condition.holds(came.value.as_ref(), came.is_text, came.at);
    let standing = match is_met {
        _ if goes_on && came.is_open => Standing::Open,
        _ if is_hidden(&one.condition, came) => Standing::Hidden,
        true => Standing::Met,
        false => Standing::Missed,
    };
    let shown = match (&came.why, &came.value) {
        _ if standing == Standing::Open => String::new(),
        (Some(why), _) => hide.text(why),
        (None, Some(value)) => shown(one.subject.member(), &plain(value), hide),
        (None, None) => "absent".to_owned(),
    };
    Met {
        expected: hide.text(&visible(&one.to_string())),
        stage: one.subject.stage(),
        standing,
        came: elided(&visible(&shown), VALUE_LIMIT).into_owned(),
    }
}

/// Whether a placeholder stands where the value stood, which says that there was one and no more.
fn is_hidden(condition: &Condition, came: &Came) -> bool {
    let is_out = came.value.as_ref().is_some_and(|value| holds_placeholder(&plain(value)));
    let is_told = match condition {
        Condition::Present(_) => true,
        Condition::Type(_) => condition.holds(came.value.as_ref(), came.is_text, came.at),
        _ => false,
    };
    is_out && !is_told
}

/// A value without secrets: by its name, and by what is known of the run.
fn shown(member: Option<&str>, value: &str, hide: &Redactor) -> String {
    let known = member.and_then(|name| canonical(name.rsplit('.').next().unwrap_or(name)));
    known.map_or_else(|| hide.text(value), |known| hide.filled_in(known, value))
}

impl Subject {
    /// The name of the parameter, member or header field that is looked at.
    pub(super) fn member(&self) -> Option<&str> {
        match self {
            Self::Of(_, Place::Request(name) | Place::Answer(name)) => Some(name),
            Self::Of(_, Place::Header(_, name) | Place::Claim(_, name)) => Some(name),
            _ => None,
        }
    }
}

/// Bodies that were read already, by the exchange they came in.
#[derive(Default)]
pub(super) struct Bodies(HashMap<(usize, u32), Option<Json>>);

impl Bodies {
    fn of(&mut self, exchange: &Exchange) -> Option<&Json> {
        match self.0.entry((exchange.position, exchange.attempt)) {
            Entry::Occupied(known) => known.into_mut().as_ref(),
            Entry::Vacant(slot) => {
                let read = exchange.response().and_then(|response| Json::parse(&response.body).ok());
                slot.insert(read).as_ref()
            }
        }
    }
}

pub(super) fn came(subject: &Subject, flow: &Flow, next: &Next, bodies: &mut Bodies) -> Came {
    let of_run = |value| Came { value, is_text: true, at: Timestamp::default(), why: None, is_open: true };
    let text = |text: &str| Some(Json::String(text.to_owned()));
    match subject {
        Subject::Outcome => of_run(text(flow.outcome().word())),
        Subject::Finding => {
            let found = finding(flow, next, &flow.left_open());
            of_run(text(found.as_ref().map_or("none", |found| found.rule.as_deref().unwrap_or(found.stage.slug()))))
        }
        Subject::Refusal => of_run(match flow.problem().map(|problem| &problem.kind) {
            Some(ProblemKind::Refused(error)) => text(&error.error),
            _ => None,
        }),
        Subject::Rule(rule) => match worst(flow, rule) {
            Some(verdict) => Came { is_open: false, ..of_run(text(verdict.word())) },
            None => Came { why: Some("it was not applied".to_owned()), ..of_run(None) },
        },
        Subject::Of(stage, place) => match newest(flow, *stage) {
            Some(exchange) => of_exchange(place, exchange, flow, bodies),
            None => not_sent(flow, *stage),
        },
    }
}

/// The worst verdict of a rule in the run; skipped where it was never judged.
fn worst(flow: &Flow, rule: &Rule) -> Option<Verdict> {
    let tally = Tally::of(flow.checks().filter(|check| check.rule.id == rule.id));
    tally.worst().or_else(|| (tally.count(Verdict::Skipped) > 0).then_some(Verdict::Skipped))
}

/// The newest exchange of a stage, polls left out that were told to wait.
fn newest(flow: &Flow, stage: Stage) -> Option<&Exchange> {
    let of_stage = |exchange: &&Exchange| exchange.stage == stage && !exchange.is_told_to_wait();
    flow.trace.exchanges.iter().rev().map(|exchange| &**exchange).find(of_stage)
}

fn not_sent(flow: &Flow, stage: Stage) -> Came {
    let position = flow.stages().iter().rposition(|it| *it == stage);
    let reason = position.and_then(|position| flow.trace.skip_reason(position));
    let why = match reason {
        Some(reason) => format!("{} was not sent: {reason}", stage.name()),
        None => format!("{} was not sent", stage.name()),
    };
    Came { value: None, is_text: false, at: Timestamp::default(), why: Some(why), is_open: reason.is_none() }
}

pub(super) fn of_exchange(place: &Place, exchange: &Exchange, flow: &Flow, bodies: &mut Bodies) -> Came {
    let at = exchange.came_at();
    let is_open = matches!(exchange.answer, Answer::Pending) && !matches!(place, Place::Request(_));
    let json = |value: Option<Json>| Came { value, is_text: false, at, why: None, is_open };
    let text = |value: Option<String>| Came { is_text: true, ..json(value.map(Json::String)) };
    match place {
        Place::Status => json(exchange.response().map(|response| number(&response.status))),
        Place::Took => json(Some(number(&exchange.took.as_millis()))),
        Place::Scope => {
            let brought =
                |it: &&crate::flow::session::Tokens| (it.position, it.attempt) == (exchange.position, exchange.attempt);
            text(flow.session.tokens.iter().rev().find(brought).map(|tokens| tokens.scope.clone()))
        }
        Place::Error => text(error_of(exchange)),
        Place::Request(name) => text(sent(exchange, name)),
        Place::Answer(path) => match &exchange.answer {
            Answer::Callback(callback) => text(callback.params.get(path).map(str::to_owned)),
            _ => json(bodies.of(exchange).and_then(|body| inside(body, path).cloned())),
        },
        Place::Field(name) => text(exchange.response().and_then(|it| it.headers.get(name)).map(str::to_owned)),
        Place::Header(token, path) | Place::Claim(token, path) => {
            let Some(found) = token_of(exchange, token, bodies) else {
                return Came { why: Some(format!("there is no {token}")), ..json(None) };
            };
            let decoded = jwe::open(decode(&found), &encryption::keys(&exchange.settings));
            let signed = decoded.signed();
            let part = if matches!(place, Place::Header(..)) { &signed.header } else { &signed.claims };
            match part {
                Some(part) => json(inside(part, path).cloned()),
                None => Came { why: Some(format!("nothing can be read in {token}")), ..json(None) },
            }
        }
    }
}

fn error_of(exchange: &Exchange) -> Option<String> {
    let refusal = match &exchange.answer {
        Answer::Response(response) => refusal_in(response),
        Answer::Callback(callback) => OAuthError::from_params(&callback.params),
        _ => None,
    };
    refusal.map(|refusal| refusal.error)
}

/// A parameter in the query or the form.
fn sent(exchange: &Exchange, name: &str) -> Option<String> {
    let (query, form) = (exchange.request.query(), exchange.request.form());
    query.get(name).or_else(|| form.as_ref()?.get(name)).map(str::to_owned)
}

/// A token that came under this name, else one that was sent; `body` is the whole answer.
fn token_of(exchange: &Exchange, name: &str, bodies: &mut Bodies) -> Option<String> {
    let came = match &exchange.answer {
        Answer::Callback(callback) => callback.params.get(name).map(str::to_owned),
        Answer::Response(response) if name == "body" => Some(response.text().into_owned()),
        _ => bodies.of(exchange).and_then(|body| inside(body, name)?.as_str().map(str::to_owned)),
    };
    came.or_else(|| sent(exchange, name))
}

/// A member by its name, or by the names of what it is in: a claim may have dots in its own.
fn inside<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    json.get(path).or_else(|| path.split('.').try_fold(json, |json, name| json.get(name)))
}
