//! What may be expected of a value that somebody looks at.

use super::judge::{Bodies, Came, came, of_exchange};
use super::{Condition, Expectation, Place, Subject};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::compare::nature::{Nature, of_field, of_member};
use crate::export::redact::Redactor;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Flow, Next};
use crate::jose::claims::numeric_date;
use crate::terms::credential::canonical;

/// Longest value that is held to itself, in characters.
const LONGEST: usize = 200;

/// Seconds that a clock may be off.
const SKEW: i64 = 60;

/// What may be expected of a subject as it came, the likeliest first. What differs between two good runs is not held to
/// its value, and no credential is written down. `exchange` is the one that is looked at; without it the newest of the
/// stage is.
pub fn proposals(
    subject: &Subject,
    exchange: Option<&Exchange>,
    flow: &Flow,
    next: &Next,
    hide: &Redactor,
) -> Vec<Expectation> {
    let mut bodies = Bodies::default();
    let came = match (subject, exchange) {
        (Subject::Of(_, place), Some(exchange)) => of_exchange(place, exchange, flow, &mut bodies),
        _ => came(subject, flow, next, &mut bodies),
    };
    let mut proposed: Vec<Expectation> = Vec::new();
    for condition in conditions(subject, &came, hide) {
        let one = Expectation { subject: subject.clone(), condition };
        if !proposed.contains(&one) {
            proposed.push(one);
        }
    }
    proposed
}

/// Where the run has got this token: the newest stage, and the name it has there, as a subject names it.
pub fn place_of_token(flow: &Flow, token: &str) -> Option<(Stage, String)> {
    flow.trace.exchanges.iter().rev().find_map(|exchange| Some((exchange.stage, name_of_token(exchange, token)?)))
}

fn name_of_token(exchange: &Exchange, token: &str) -> Option<String> {
    let named = |params: &Params| params.iter().find(|(_, value)| *value == token).map(|(name, _)| name.to_owned());
    let came = match &exchange.answer {
        Answer::Callback(callback) => named(&callback.params),
        // Most answers do not have it, and need not be taken apart.
        Answer::Response(response) if !response.text().contains(token) => None,
        Answer::Response(response) => match Json::parse(&response.body) {
            Ok(json) => {
                let is_it = |(_, value): &&(String, Json)| value.as_str() == Some(token);
                json.members().iter().find(is_it).map(|(name, _)| name.clone())
            }
            Err(_) => (response.text().trim() == token).then(|| "body".to_owned()),
        },
        _ => None,
    };
    came.or_else(|| named(&exchange.request.query())).or_else(|| named(&exchange.request.form()?))
}

fn conditions(subject: &Subject, came: &Came, hide: &Redactor) -> Vec<Condition> {
    let word = |word: &str| Condition::Equals(Json::String(word.to_owned()));
    let value = came.value.as_ref();
    let same = || value.cloned().map(Condition::Equals);
    match subject {
        Subject::Outcome => same().into_iter().collect(),
        Subject::Finding => std::iter::once(word("none")).chain(same()).collect(),
        Subject::Rule(_) => std::iter::once(word("pass")).chain(same()).collect(),
        Subject::Refusal | Subject::Of(_, Place::Error) => match same() {
            Some(same) => vec![same],
            None => vec![Condition::Present(false)],
        },
        Subject::Of(_, Place::Status) => same().into_iter().collect(),
        Subject::Of(_, Place::Took) => {
            let took = value.and_then(Json::as_i64).unwrap_or_default();
            vec![Condition::Range(None, Some(generous(took)))]
        }
        Subject::Of(_, Place::Scope) => words(value),
        Subject::Of(_, place) => of_value(place, subject.member(), came, hide),
    }
}

/// Twice as long, rounded up to 1, 2 or 5 and noughts; not less than 100.
fn generous(took: i64) -> i64 {
    let wanted = took.saturating_mul(2);
    let mut step = 100_i64;
    loop {
        for times in [1, 2, 5] {
            let bound = step.saturating_mul(times);
            if bound >= wanted || bound == i64::MAX {
                return bound;
            }
        }
        step = step.saturating_mul(10);
    }
}

fn words(value: Option<&Json>) -> Vec<Condition> {
    let words: Vec<String> = match value {
        Some(Json::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(array @ Json::Array(_)) => array.strings().into_iter().map(str::to_owned).collect(),
        _ => return vec![Condition::Present(false)],
    };
    vec![Condition::Set(words.clone()), Condition::Has(words)]
}

fn of_value(place: &Place, member: Option<&str>, came: &Came, hide: &Redactor) -> Vec<Condition> {
    let Some(value) = &came.value else { return vec![Condition::Present(false), Condition::Present(true)] };
    let (nature, name) = match (place, member) {
        (Place::Field(name), _) => (of_field(&name.to_lowercase()), name.as_str()),
        (_, Some(path)) => {
            let name = path.rsplit('.').next().unwrap_or(path);
            (of_member(name), name)
        }
        _ => (Nature::Fixed, ""),
    };
    let text = super::condition::plain(value);
    let is_secret = canonical(name).is_some() || hide.text(&text) != text;
    let is_told = !is_secret && text.chars().count() <= LONGEST;
    let same = is_told.then(|| Condition::Equals(value.clone()));
    let mut conditions: Vec<Condition> = match nature {
        _ if is_secret => Vec::new(),
        Nature::Time => away(value, came.at).into_iter().collect(),
        Nature::Span => span(value).into_iter().chain(same).collect(),
        Nature::Words => words(Some(value)),
        Nature::Random | Nature::Certificate | Nature::Sentence => Vec::new(),
        // Keys are changed; a server may well have one for good.
        Nature::Key => std::iter::once(Condition::Present(true)).chain(same).collect(),
        _ => same.into_iter().chain(elements(value)).collect(),
    };
    conditions.push(Condition::Present(true));
    conditions.extend(kind_of(came));
    conditions.push(Condition::Present(false));
    conditions
}

/// Where everything is text, its type says nothing.
fn kind_of(came: &Came) -> Option<Condition> {
    let value = came.value.as_ref().filter(|_| !came.is_text)?;
    Some(Condition::Type(value.kind().to_owned()))
}

/// What is in an array, in whatever order and company.
fn elements(value: &Json) -> Option<Condition> {
    let words: Vec<String> = value.strings().into_iter().map(str::to_owned).collect();
    (!value.elements().is_empty() && words.len() == value.elements().len()).then_some(Condition::Has(words))
}

/// From half to twice as long.
fn span(value: &Json) -> Option<Condition> {
    let seconds = value.as_i64().filter(|seconds| *seconds > 0)?;
    Some(Condition::Range(Some(seconds / 2), Some(seconds.saturating_mul(2))))
}

fn away(value: &Json, came_at: Timestamp) -> Option<Condition> {
    let time = numeric_date(value).ok()?;
    let away = time.millis().saturating_sub(came_at.millis()).div_euclid(1000);
    Some(match away {
        away if away > SKEW => Condition::FromNow(Some(away / 2), Some(away.saturating_mul(2))),
        away if away < -SKEW => Condition::FromNow(None, Some(SKEW)),
        _ => Condition::FromNow(Some(-SKEW), Some(SKEW)),
    })
}
