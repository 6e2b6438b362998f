//! A record from JSON: one that this program wrote, an older JSON result, or what a newer version has written.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::ReadError;
use super::exchange::{exchanges, refusal};
use super::member::{Read, as_str, each, list, member, optional, stage, stage_named, string, time, whole};
use super::settings::{self};
use super::verdict::{aligned, at_once, fresh, judged, rule};
use super::{Judged, Record, Unknown, place};
use crate::base::check::{Check, Verdict};
use crate::base::json::{Json, Members};
use crate::client::answer::refusal_in;
use crate::client::settings::{FIELDS, Settings};
use crate::export::redact::holds_placeholder;
use crate::flow::callback::Stray;
use crate::flow::finding::{Certainty, Finding, Shown};
use crate::flow::stage::{Missing, Stage};
use crate::flow::trace::{Answer, Exchange, Trace, WentOn};
use crate::flow::{Outcome, Problem, ProblemKind, grant};
use crate::terms::credential;
use crate::terms::error::OAuthError;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

/// The members of the document that are read.
const MEMBERS: [&str; 19] = [
    "version",
    "grant",
    "preset",
    "started_at",
    "outcome",
    "settings",
    "stages",
    "position",
    "tokens",
    "claims",
    "exchanges",
    "checks",
    "skipped",
    "turned_away",
    "went_on",
    "problem",
    "missing",
    "left_open",
    "finding",
];

/// The members of an exchange that are read.
const EXCHANGE_MEMBERS: [&str; 15] = [
    "stage",
    "attempt",
    "position",
    "sent_at",
    "took_ms",
    "request",
    "response",
    "callback",
    "visited",
    "error",
    "failure",
    "turned_away",
    "settings",
    "meanwhile",
    "overheard",
];

impl Record {
    /// Reads a document.
    ///
    /// # Errors
    /// Names the place that is not as it has to be.
    pub fn read(document: &str) -> Read<Self> {
        let json = Json::parse_text(document)?;
        if !json.is_object() {
            return Err(ReadError::of("", format!("a run file is an object, not {}", json.a_kind())));
        }
        let version = optional(&json, "version", whole)?.unwrap_or(0);
        let grant =
            Grant::find(string(&json, "grant")?).ok_or_else(|| ReadError::of("grant", "no grant of this name"))?;
        let (run_settings, unknown_settings) = run_settings(&json)?;
        let (mut exchanges, certificates) = exchanges(&json, &run_settings)?;
        // Older documents call a push a ping.
        let is_pushed =
            run_settings.client.is_pushed() || exchanges.iter().any(|exchange| exchange.stage == Stage::Push);
        let of_push = |stage| if is_pushed && stage == Stage::Notification { Stage::Push } else { stage };
        let stages = optional(&json, "stages", |list| each(list, |slug| stage_named(as_str(slug)?).map(of_push)))?;
        let stages = match stages.filter(|_| json.get("position").is_some()) {
            Some(stages) => stages,
            None => placed(grant, &run_settings, &mut exchanges),
        };
        let mut trace = Trace::new(grant);
        trace.exchanges = exchanges.into_iter().map(Arc::new).collect();
        trace.skipped = list(&json, "skipped", |one| skipped(one, &stages))?;
        trace.strays = list(&json, "turned_away", turned_away)?;
        trace.went_on = list(&json, "went_on", |one| went_on(one, &stages))?;
        let told = optional(&json, "finding", |one| found(one, &trace))?.flatten();
        let outcome = outcome(&json)?;
        let problem = optional(&json, "problem", |one| problem(one, &trace))?.map(|problem| Problem {
            stage: of_push(problem.stage),
            again_at: of_push(problem.again_at),
            ..problem
        });
        let missing = optional(&json, "missing", missing)?;
        let position = optional(&json, "position", whole)?.map_or_else(
            || {
                position(
                    &stages,
                    &trace,
                    outcome,
                    problem.as_ref().map(|it| it.stage).or(missing.as_ref().map(|it| it.stage)),
                )
            },
            |at: usize| at.min(stages.len()),
        );
        let (session, fresh) = fresh(&trace);
        let (judged, unknown_checks) = verdicts(&json, &mut trace, fresh)?;
        let mut record = Self {
            version: u32::max(version, 1),
            grant,
            preset: optional(&json, "preset", as_str)?.map(str::to_owned),
            started_at: optional(&json, "started_at", time)?.or(trace.exchanges.first().map(|first| first.sent_at)),
            outcome,
            stages,
            position,
            problem,
            missing,
            left_open: list(&json, "left_open", |one| {
                Ok((string(one, "what")?.to_owned(), string(one, "reason")?.to_owned()))
            })?,
            is_redacted: holds_placeholder(document),
            settings: run_settings,
            session,
            tokens: json.get("tokens").cloned().unwrap_or(Json::Null),
            claims: json.get("claims").cloned().unwrap_or(Json::Null),
            judged,
            certificates,
            unknown: Unknown {
                members: others(&json, &MEMBERS),
                settings: unknown_settings,
                exchanges: unknown_of_exchanges(&json),
                checks: unknown_checks,
            },
            trace,
            finding: told,
        };
        record.finding = record.found();
        Ok(record)
    }
}

/// The finding of a login of others, as it was told: of any other run it is judged anew.
fn found(json: &Json, trace: &Trace) -> Read<Option<Finding>> {
    if !trace.is_overheard() {
        return Ok(None);
    }
    let certainty = Certainty::find(string(json, "certainty")?);
    let shown = list(json, "evidence", |one| {
        Ok(Shown {
            exchange: optional(one, "exchange", whole)?.filter(|at| *at < trace.exchanges.len()),
            place: string(one, "where")?.to_owned(),
            value: optional(one, "value", as_str)?.map(str::to_owned),
        })
    })?;
    Ok(Some(Finding {
        verdict: Verdict::Fail,
        rule: optional(json, "rule", as_str)?.map(|rule| rule.to_owned().into()),
        certainty: certainty.ok_or_else(|| ReadError::of("certainty", "no certainty of this name"))?,
        stage: stage_named(string(json, "stage")?).map_err(|error| error.within("stage"))?,
        exchange: shown.iter().find_map(|shown| shown.exchange),
        say: string(json, "say")?.to_owned(),
        evidence: Shown::in_words(&shown),
        shown,
        next: string(json, "next")?.to_owned(),
        cures: Vec::new(),
    }))
}

fn run_settings(json: &Json) -> Read<(Arc<Settings>, Members)> {
    let mut run = Settings::default();
    let unknown = optional(json, "settings", |json| settings::assign(&mut run, json))?.unwrap_or_default();
    Ok((Arc::new(run), unknown))
}

/// Members of other names.
fn others(json: &Json, known: &[&str]) -> Members {
    json.members().iter().filter(|(name, _)| !known.contains(&name.as_str())).cloned().collect()
}

fn unknown_of_exchanges(json: &Json) -> HashMap<usize, Members> {
    let exchanges = json.get("exchanges").map_or(&[][..], Json::elements);
    let unknown = exchanges.iter().map(|one| others(one, &EXCHANGE_MEMBERS)).enumerate();
    unknown.filter(|(_, members)| !members.is_empty()).collect()
}

// The verdicts.

/// The verdicts of each exchange, which are in the trace then, and checks of rules that are not known here.
fn verdicts(json: &Json, trace: &mut Trace, fresh: Vec<Vec<Check>>) -> Read<(Vec<Vec<Judged>>, Vec<Json>)> {
    let (mut placed, mut unplaced, mut unknown) = (vec![Vec::new(); trace.exchanges.len()], Vec::new(), Vec::new());
    for (at, one) in json.get("checks").map_or(&[][..], Json::elements).iter().enumerate() {
        let within = |error: ReadError| error.at(at).within("checks");
        let Some(check) = check(one).map_err(within)? else {
            unknown.push(one.clone());
            continue;
        };
        match optional(one, "exchange", whole::<usize>).map_err(within)? {
            None => unplaced.push(check),
            Some(exchange) => placed
                .get_mut(exchange)
                .ok_or_else(|| within(ReadError::of("exchange", "there is no such exchange")))?
                .push(check),
        }
    }
    let said = if unplaced.is_empty() { placed } else { aligned(trace, &fresh, unplaced) };
    let fresh = at_once(trace, fresh, &said);
    let judged = judged(trace, fresh, said);
    for (exchange, judged) in trace.exchanges.iter_mut().zip(&judged) {
        Arc::make_mut(exchange).checks = judged.iter().map(|judged| judged.shown().clone()).collect();
    }
    Ok((judged, unknown))
}

/// A check as it was said; nothing where the rule is not known here.
fn check(json: &Json) -> Read<Option<Check>> {
    let (id, word) = (string(json, "rule")?, string(json, "verdict")?);
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word);
    let verdict = verdict.ok_or_else(|| ReadError::of("verdict", "no verdict of this name"))?;
    let text = |name| json.text(name).map(str::to_owned);
    Ok(rule(id).map(|rule| Check { rule, verdict, expected: text("expected"), actual: text("actual") }))
}

// What else is told of the run.

fn outcome(json: &Json) -> Read<Outcome> {
    let word = string(json, "outcome")?;
    [Outcome::Success, Outcome::Refused, Outcome::Failed, Outcome::Incomplete]
        .into_iter()
        .find(|outcome| outcome.word() == word)
        .ok_or_else(|| ReadError::of("outcome", "no outcome of this name"))
}

fn skipped(json: &Json, stages: &[Stage]) -> Read<(usize, std::borrow::Cow<'static, str>)> {
    Ok((place_of(json, stages)?, string(json, "reason")?.to_owned().into()))
}

/// The index of the stage that is named; the first of its name where no index is said.
fn place_of(json: &Json, stages: &[Stage]) -> Read<usize> {
    if let Some(position) = optional(json, "position", whole)? {
        return Ok(position);
    }
    let stage = stage(json)?;
    Ok(stages.iter().position(|it| *it == stage).unwrap_or(stages.len()))
}

fn turned_away(json: &Json) -> Read<(usize, Stray)> {
    let after = optional(json, "after", whole)?.unwrap_or(0);
    let at = time(member(json, "at")?).map_err(|error| error.within("at"))?;
    let (what, why) = (string(json, "what")?.to_owned(), refusal(string(json, "why")?));
    Ok((after, Stray { at, what, why }))
}

fn went_on(json: &Json, stages: &[Stage]) -> Read<WentOn> {
    let id = optional(json, "rule", as_str)?.and_then(rule).map(|rule| rule.id);
    Ok(WentOn { position: place_of(json, stages)?, stage: stage(json)?, rule: id })
}

fn problem(json: &Json, trace: &Trace) -> Read<Problem> {
    let (stage, came) = (stage(json)?, string(json, "came")?);
    let kind = match string(json, "kind")? {
        "refused" => ProblemKind::Refused(refused(trace, stage, came)),
        "failed" => ProblemKind::Failed,
        "unsafe" => ProblemKind::Unsafe,
        _ => return Err(ReadError::of("kind", "no kind of this name")),
    };
    let again_at = optional(json, "retry_from", |slug| stage_named(as_str(slug)?))?.unwrap_or(stage);
    Ok(Problem {
        stage,
        kind,
        title: string(json, "title")?.to_owned(),
        sent: optional(json, "sent", as_str)?.unwrap_or_default().to_owned(),
        came: came.to_owned(),
        advice: optional(json, "try", |list| each(list, |advice| as_str(advice).map(str::to_owned)))?
            .unwrap_or_default(),
        again_at,
        rule: optional(json, "rule", as_str)?.and_then(rule).map(|rule| rule.id),
    })
}

/// What the server said: in the last answer of the stage, else as the problem tells it.
fn refused(trace: &Trace, stage: Stage, came: &str) -> OAuthError {
    let last = trace.exchanges.iter().rev().find(|exchange| exchange.stage == stage);
    let said = last.and_then(|last| match &last.answer {
        Answer::Response(response) => refusal_in(response),
        Answer::Callback(callback) => OAuthError::from_params(&callback.params),
        _ => None,
    });
    said.unwrap_or_else(|| {
        let (error, description) = came.split_once(": ").map_or((came, None), |(error, rest)| (error, Some(rest)));
        OAuthError { error: error.to_owned(), error_description: description.map(str::to_owned), error_uri: None }
    })
}

fn missing(json: &Json) -> Read<Missing> {
    Ok(Missing {
        stage: stage(json)?,
        field: field(string(json, "field")?),
        is_filled_in: json.get("filled_in").and_then(Json::as_bool) == Some(true),
        hint: string(json, "hint")?.to_owned(),
    })
}

/// What a run can lack that is neither filled in nor a credential.
const OF_ANSWERS: [&str; 1] = ["verification_uri"];

/// The name of a value that a run can lack.
fn field(name: &str) -> &'static str {
    let fields = FIELDS.iter().map(|field| field.name);
    let mut known =
        fields.chain(Endpoint::ALL.into_iter().map(Endpoint::name)).chain(credential::names()).chain(OF_ANSWERS);
    known.find(|known| *known == name).unwrap_or("a value")
}

/// Gives exchanges that do not say so their places among the stages.
fn placed(grant: Grant, settings: &Settings, exchanges: &mut [Exchange]) -> Vec<Stage> {
    let made: Vec<(Stage, u32)> = exchanges.iter().map(|exchange| (exchange.stage, exchange.attempt)).collect();
    let (stages, positions) = place::derived(grant::stages(grant, settings), &made);
    for (exchange, position) in exchanges.iter_mut().zip(positions) {
        exchange.position = position;
    }
    stages
}

/// Where a run stood that does not say so.
fn position(stages: &[Stage], trace: &Trace, outcome: Outcome, stopped: Option<Stage>) -> usize {
    if outcome == Outcome::Success {
        return stages.len();
    }
    let last = trace.exchanges.last().map_or(0, |last| last.position);
    let stopped = stopped.and_then(|stage| stages.iter().skip(last).position(|it| *it == stage));
    last + stopped.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_of_the_document_is_in_the_readme() {
        let readme = include_str!("../../README.md");
        let missing: Vec<&str> = MEMBERS
            .into_iter()
            .chain(EXCHANGE_MEMBERS)
            .filter(|member| !readme.contains(&format!("`{member}`")))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
