//! `run`: one grant from its first request to its last.

use super::args::RunArgs;
use super::job::Job;
use super::story::Storyteller;
use super::terminal::Terminal;
use super::{Exit, Usage, json};
use crate::flow::callback::Errand;
use crate::flow::world::run_observed;
use crate::flow::{Flow, Next, Outcome};
use crate::io::machine::{Machine, Notice, PRACTICE_PORT};
use crate::io::random;
use crate::io::serve::Port;
use crate::practice::Config;
use crate::record::{Record, redactor};

/// Runs what the arguments say.
pub(super) fn run(args: RunArgs, as_json: bool) -> Result<Exit, Usage> {
    let job = Job::new(args)?;
    let with_secrets = job.with_secrets;
    let flow = perform(job, Terminal::stderr());
    let Ok((flow, next)) = flow else { return Ok(Exit::Failure) };
    let hide = (!with_secrets).then(|| redactor(&flow));
    json::print(&Record::of(&flow, &next).to_json(hide.as_ref()), as_json);
    Ok(exit(&flow))
}

/// Shows the flow on the practice server.
pub(super) fn demonstrate() -> Exit {
    let shown = Job::demonstration().ok().and_then(|job| perform(job, Terminal::stdout()).ok());
    shown.map_or(Exit::Failure, |(flow, _)| exit(&flow))
}

fn exit(flow: &Flow) -> Exit {
    match flow.outcome() {
        Outcome::Success if !flow.has_failed_check() => Exit::Success,
        _ => Exit::Failure,
    }
}

/// Runs a job and tells it. What cannot even begin is told and nothing more.
fn perform(mut job: Job, mut terminal: Terminal) -> Result<(Flow, Next), ()> {
    for note in &job.notes {
        terminal.line(&format!("note: {note}"));
    }
    let machine = Machine::new(job.agent.clone(), job.limit, tell);
    let mut machine = machine.map_err(|error| terminal.line(&error.to_string()))?;
    if job.practice.is_some() {
        let served = machine.serve_practice(Port::Prefer(PRACTICE_PORT), |issuer| Ok(Config::practice(issuer)), |_| {});
        job.move_practice(&served.map_err(|error| terminal.line(&error.to_string()))?);
    }
    let entropy = random::entropy().map_err(|error| terminal.line(&error.to_string()))?;
    let mut flow = Flow::new(job.grant, job.settings, entropy);
    job.then.into_iter().for_each(|stage| flow.append(stage));
    let mut story = Storyteller::new(terminal, &job.agent, job.with_secrets);
    story.begin(&flow);
    let next = run_observed(&mut flow, &mut machine, &mut |flow| story.tell(flow));
    story.end(&flow, &next);
    machine.finish();
    Ok((flow, next))
}

/// What the user has to do, on standard error whatever becomes of the story.
fn tell(notice: Notice<'_>) {
    let mut terminal = Terminal::stderr();
    match notice {
        Notice::Visit(url) => terminal.line(url.as_str()),
        // The address of a logout has an ID token in it, and the browser has it already.
        Notice::Opened(url, Errand::Logout) => {
            let at = url.host_str().unwrap_or_default();
            terminal.line(&format!("The browser is being opened to sign out at {at}."));
        }
        Notice::Opened(url, _) => {
            terminal.line("The browser is being opened. If nothing happens, open this address yourself:");
            terminal.line(url.as_str());
        }
        Notice::NoBrowser(url, error) => {
            terminal.line(&format!("{error}. Open this address yourself:"));
            terminal.line(url.as_str());
        }
        Notice::NotApproved(url, error) => {
            terminal.line(&format!("{error}. Open this address yourself:"));
            terminal.line(url.as_str());
        }
        Notice::BadPaste(error) => terminal.line(&error.to_string()),
    }
}
