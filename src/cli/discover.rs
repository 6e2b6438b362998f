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
use crate::flow::explain_discovery::{as_argument, issuer_to_use};
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::world::{World as _, step};
use crate::flow::{Flow, Next, Problem};
use crate::io::machine::{Machine, UserAgent};
use crate::io::random;
use crate::record::of_problem;
use crate::terms::glossary;
use crate::terms::grant::Grant;

const COMMAND: &str = "grantscope discover ";

/// Runs the first stage of a flow and nothing more. Without a scheme, `https` is meant.
pub(super) fn discover(args: &DiscoverArgs, output: &Output) -> Result<Exit, Usage> {
    let mut settings = Settings::default();
    settings.server.issuer = typed_issuer(&args.issuer).unwrap_or_else(|| args.issuer.clone());
    settings.server.certificate_authority = args.trust.certificate_authority()?;
    let issuer = settings.server.issuer.clone();
    let mut machine =
        Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).map_err(|error| Usage(error.to_string()))?;
    let entropy = random::entropy().map_err(|error| Usage(error.to_string()))?;
    let mut flow = Flow::new(Grant::AuthorizationCode, settings, entropy);
    let mut story = Storyteller::new(output.story(), &UserAgent::Reader, false);
    loop {
        match flow.poll(machine.now()) {
            Next::Do(_) if flow.stage() == Some(Stage::Discovery) => {
                step(&mut flow, &mut machine, &mut |flow| story.tell(flow));
            }
            Next::Missing(missing) if flow.stage() == Some(Stage::Discovery) => return Err(Usage(missing.to_string())),
            _ => break,
        }
    }
    tell_metadata(&flow, output.story());
    tell_notes(&flow, output.story());
    let problem = flow.problem().cloned().map(for_discover);
    if let Some(problem) = &problem {
        story.end(&flow, &Next::Stopped(problem.clone()));
    } else if let Some(issuer) = issuer_to_use(&flow) {
        output.story().pair("try", &format!("{COMMAND}{}", as_argument(issuer)));
    }
    output.result(&result(&flow, &issuer, problem.as_ref()));
    let is_found = has_found(&flow) && !flow.has_failed_check();
    Ok(if is_found { Exit::Success } else { Exit::Failure })
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

/// A setting that is to be tried is an argument here.
fn for_discover(mut problem: Problem) -> Problem {
    for advice in &mut problem.advice {
        *advice = advice.replace("--set issuer=", COMMAND);
    }
    problem
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

fn result(flow: &Flow, issuer: &str, problem: Option<&Problem>) -> Json {
    let tried = flow.trace.exchanges.iter().map(|exchange| of_attempt(exchange)).collect();
    let metadata = flow.session.metadata.as_ref().map_or(Json::Null, |metadata| metadata.json.clone());
    object([
        ("issuer", text(issuer)),
        ("outcome", text(if has_found(flow) { "success" } else { "failed" })),
        ("tried", Json::Array(tried)),
        ("checks", checks(flow.checks())),
        ("metadata", metadata),
        ("problem", problem.map_or(Json::Null, of_problem)),
    ])
}

fn of_attempt(exchange: &Exchange) -> Json {
    let error = match &exchange.answer {
        Answer::Failed(failure) => Some(failure.to_string()),
        _ => exchange.lacks_document().map(str::to_owned),
    };
    object([
        ("url", text(exchange.request.url.as_str())),
        ("status", exchange.response().map_or(Json::Null, |response| number(&response.status))),
        ("error", optional(error)),
    ])
}
