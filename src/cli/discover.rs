//! `discover`: every URL that is tried for an issuer, and what the metadata is held to.

use std::time::Duration;

use super::args::DiscoverArgs;
use super::json::{checks, number, object, optional, text};
use super::output::Output;
use super::story::{Storyteller, is_remark};
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage};
use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::endpoint::discovery::typed_issuer;
use crate::client::settings::Settings;
use crate::export::redact::Redactor;
use crate::flow::cure::document_issuer;
use crate::flow::finding::finding;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::world::{World as _, step};
use crate::flow::{Failure, Flow, Next};
use crate::io::machine::{Machine, UserAgent};
use crate::io::random;
use crate::record::{of_problem, redactor};
use crate::terms::glossary;
use crate::terms::grant::Grant;

/// Runs the first stage of a flow and nothing more. Without a scheme, `https` is meant.
pub(super) fn discover(args: &DiscoverArgs, output: &Output) -> Result<Exit, Usage> {
    let mut settings = Settings::default();
    settings.server.issuer = typed_issuer(&args.issuer).unwrap_or_else(|| args.issuer.clone());
    settings.server.certificate_authority = args.trust.certificate_authority()?;
    let issuer = settings.server.issuer.clone();
    let mut machine =
        Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).map_err(|error| Usage(error.to_string()))?;
    machine.heed_interruptions(super::end_interrupted);
    let entropy = random::entropy().map_err(|error| Usage(error.to_string()))?;
    let mut flow = Flow::new(Grant::AuthorizationCode, settings, entropy);
    let mut story = Storyteller::of_discovery(output.story());
    let mut next = searched(&mut flow, &mut machine, &mut story)?;
    if let Next::Stopped(problem) = &mut next {
        problem.ends_here();
    }
    tell_metadata(&flow, output.story());
    tell_notes(&flow, output.story());
    let is_interrupted = machine.is_interrupted() && matches!(next, Next::Do(_));
    if is_interrupted || matches!(next, Next::Stopped(_)) {
        story.end(&flow, &next);
    } else if let Some(cure) = document_issuer(&flow) {
        story.cure(&cure);
    }
    trust_option(&flow, output.story());
    output.result(&result(&flow, &issuer, &next, is_interrupted));
    Ok(match has_found(&flow) && !flow.has_failed_check() {
        _ if is_interrupted => Exit::Interrupted,
        true => Exit::Success,
        false => Exit::Failure,
    })
}

/// What the flow wants behind the search, or in its midst when the user ended it.
fn searched(flow: &mut Flow, machine: &mut Machine, story: &mut Storyteller) -> Result<Next, Usage> {
    loop {
        match flow.poll(machine.now()) {
            Next::Do(_) if machine.is_interrupted() => {
                flow.stop(machine.now());
                story.tell(flow);
                return Ok(flow.poll(machine.now()));
            }
            Next::Do(_) if flow.stage() == Some(Stage::Discovery) => {
                step(flow, machine, &mut |flow| story.tell(flow));
            }
            Next::Missing(missing) if flow.stage() == Some(Stage::Discovery) => {
                return Err(Usage(redactor(flow).text(&missing.to_string())));
            }
            next => return Ok(next),
        }
    }
}

/// The option that trusts a certificate which was refused.
fn trust_option(flow: &Flow, mut terminal: Terminal) {
    let refused = |exchange: &Exchange| match &exchange.answer {
        Answer::Failed(Failure::Transport(error)) => error.is_about_trust(),
        _ => false,
    };
    if flow.trace.exchanges.last().is_some_and(|exchange| refused(exchange)) {
        terminal.pair("option", "--certificate-authority FILE");
    }
}

/// Each member with what it means.
fn tell_metadata(flow: &Flow, mut terminal: Terminal) {
    let Some(metadata) = &flow.session.metadata else { return };
    terminal.line("");
    for (name, value) in metadata.json.members() {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        terminal.pair(name, &shown);
        if let Some(entry) = glossary::metadata(name) {
            let meaning = terminal.paint(Paint::Quiet, &format!("      {}", entry.meaning));
            terminal.line(&meaning);
        }
    }
}

/// What is worth knowing and no fault: the story of a run counts it.
fn tell_notes(flow: &Flow, mut terminal: Terminal) {
    let notes: Vec<&Check> =
        flow.checks().filter(|check| check.verdict == Verdict::Note && !is_remark(check)).collect();
    if !notes.is_empty() {
        terminal.line("");
    }
    for note in notes {
        let saw = note.actual.as_deref().unwrap_or_default();
        terminal.line(&terminal.paint(Paint::Quiet, &format!("  · {}: {}", note.rule.id, visible(saw))));
    }
}

/// Whether there is a document that a client may use.
fn has_found(flow: &Flow) -> bool {
    flow.session.metadata.is_some() && flow.problem().is_none()
}

fn result(flow: &Flow, issuer: &str, next: &Next, is_interrupted: bool) -> Json {
    let problem = if let Next::Stopped(problem) = next { Some(problem) } else { None };
    let cures = finding(flow, next, &[]).map(|finding| finding.cures).unwrap_or_default();
    let cure = cures.first().cloned().or_else(|| document_issuer(flow));
    let outcome = match has_found(flow) {
        _ if is_interrupted => "incomplete",
        true => "success",
        false => "failed",
    };
    let hide = redactor(flow);
    let tried = flow.trace.exchanges.iter().map(|exchange| of_attempt(exchange, &hide)).collect();
    let metadata = flow.session.metadata.as_ref().map_or(Json::Null, |metadata| metadata.json.clone());
    object([
        ("issuer", text(hide.lines(issuer))),
        ("outcome", text(outcome)),
        ("tried", Json::Array(tried)),
        ("checks", checks(flow.checks())),
        ("metadata", metadata),
        ("problem", problem.map_or(Json::Null, |problem| hide.json(&of_problem(problem)))),
        ("option", optional(cure.and_then(|cure| cure.discovery()))),
    ])
}

fn of_attempt(exchange: &Exchange, hide: &Redactor) -> Json {
    let error = match &exchange.answer {
        Answer::Failed(failure) => Some(hide.text(&failure.to_string())),
        _ => exchange.lacks_document().map(str::to_owned),
    };
    object([
        ("url", text(hide.url(&exchange.request.url).as_str())),
        ("status", exchange.response().map_or(Json::Null, |response| number(&response.status))),
        ("error", optional(error)),
    ])
}
