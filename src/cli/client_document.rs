//! `client-document`: what a client says of itself at the address that is its client_id.

use std::path::Path;
use std::time::Duration;

use url::Url;

use super::assign::assign;
use super::client_document_args::{CheckArgs, DocumentCommand, Of, ServeArgs};
use super::job::{blank, grant_of, name_and_value};
use super::json::{checks, object, text};
use super::output::Output;
use super::terminal::{Paint, Terminal};
use super::unused::unused;
use super::{Exit, Usage, typed};
use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, Tls};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::web_url::{NotWebUrl, web_url};
use crate::client::client_document::{Fate, Judged, make, request, without_secret};
use crate::client::settings::Settings;
use crate::export::redact::Redactor;
use crate::flow::world::World as _;
use crate::flow::{Action, Event};
use crate::io::client_document::{ServedDocument, addresses};
use crate::io::machine::{Machine, UserAgent};
use crate::io::serve::Port;
use crate::terms::grant::Grant;

/// Does what was typed.
pub(super) fn client_document(command: &DocumentCommand, output: &Output) -> Result<Exit, Usage> {
    match command {
        DocumentCommand::Check(args) => check(args, output),
        DocumentCommand::Make(args) => {
            let (grant, settings) = args.of.settings(output)?;
            output.write(&format!("{}\n", made(&args.url, &settings, grant)?.pretty()));
            Ok(Exit::Success)
        }
        DocumentCommand::Serve(args) => serve(args, output),
    }
}

impl Of {
    fn settings(&self, output: &Output) -> Result<(Grant, Settings), Usage> {
        let grant = grant_of(&self.grant);
        let pairs = self.set.iter().map(|pair| name_and_value(pair)).collect::<Result<Vec<_>, _>>()?;
        let (mut settings, mut notes) = (blank(), Vec::new());
        assign(grant, &mut settings, |_| false, &pairs, &mut notes)?;
        notes.extend(unused(&pairs, |_| false, grant, &settings, &[]).into_iter().map(|(_, why)| why));
        notes.iter().for_each(|note| output.story().line(&format!("! {}", visible(note))));
        Ok((grant, settings))
    }
}

fn made(url: &str, settings: &Settings, grant: Grant) -> Result<Json, Usage> {
    make(url, settings, grant).map_err(|error| Usage(format!("{}: {error}", error.field())))
}

fn serve(args: &ServeArgs, output: &Output) -> Result<Exit, Usage> {
    let (grant, settings) = args.of.settings(output)?;
    let served = serve_at(Port::Exactly(args.port), &settings, grant)?;
    let method = match settings.client.token_endpoint_auth_method.as_str() {
        "" => "none",
        method => method,
    };
    let ready = |url: &Url| {
        let mut terminal = output.story();
        terminal.line(&format!("The document is at {url}"));
        let client = format!("--set client_id={url} --set client_secret= --set token_endpoint_auth_method={method}");
        terminal.line(&format!("  grantscope run {} {client}", grant.slug()));
        terminal.line("Press Ctrl+C to stop it.");
        output.line(&object([("client_id", text(url.as_str()))]));
    };
    served.until_interrupted(ready).map_err(|error| Usage(error.to_string()))?;
    Ok(Exit::Success)
}

/// Serves the document that these settings make.
pub(super) fn serve_at(port: Port, settings: &Settings, grant: Grant) -> Result<ServedDocument, Usage> {
    let document = |url: &Url| make(url.as_str(), settings, grant).map(|document| document.pretty());
    ServedDocument::start(port, document).map_err(|error| Usage(error.to_string()))
}

/// Serves the document of a run, which goes on as the client that it describes: one that has no secret.
pub(super) fn serve_as_client(settings: &mut Settings, grant: Grant) -> Result<ServedDocument, Usage> {
    without_secret(settings);
    let served = serve_at(Port::Exactly(0), settings, grant)?;
    served.url().as_str().clone_into(&mut settings.client.client_id);
    Ok(served)
}

fn check(args: &CheckArgs, output: &Output) -> Result<Exit, Usage> {
    let judged = match web_url(&args.document) {
        Ok(_) if args.url.is_some() => return Err(Usage("--url is for a file: an address is its own".to_owned())),
        Ok(url) => match fetched(args, url)? {
            Ok(judged) => judged,
            Err(exit) => return Ok(exit),
        },
        Err(no_url) => of_file(args, &no_url)?,
    };
    tell(&judged, output.story());
    output.result(&object([
        ("client_id", text(typed::without_secrets(&judged.client_id))),
        ("checks", checks(&judged.checks.iter().map(told).collect::<Vec<_>>())),
        // A file may have what must never be published.
        ("document", judged.document.as_ref().map_or(Json::Null, |document| Redactor::default().message(document))),
    ]));
    let has_failed = judged.checks.iter().any(|check| check.verdict == Verdict::Fail);
    Ok(if has_failed { Exit::Failure } else { Exit::Success })
}

fn fetched(args: &CheckArgs, url: Url) -> Result<Result<Judged, Exit>, Usage> {
    let authorities = Some(args.trust.certificate_authority()?).filter(|text| !text.is_empty());
    let tls = Tls { certificate: None, authorities: authorities.map(Into::into) };
    let resolved = addresses(&url);
    let request = HttpRequest { tls, ..request(url) };
    let machine = Machine::new(UserAgent::Reader, Duration::ZERO, |_| {});
    let mut machine = machine.map_err(|error| Usage(error.to_string()))?;
    machine.heed_interruptions(super::end_interrupted);
    let client_id = args.document.clone();
    let response = match machine.perform(&Action::Send(request), &mut |_| {}) {
        Event::Answered { response, .. } => response,
        Event::Failed { error, .. } => {
            Terminal::stderr().line(&typed::without_secrets(&format!("error: {client_id}: {error}")));
            return Ok(Err(Exit::Failure));
        }
        _ => return Ok(Err(Exit::Interrupted)),
    };
    Ok(Ok(Judged::fetched(&client_id, &response, &resolved)))
}

fn of_file(args: &CheckArgs, no_url: &NotWebUrl) -> Result<Judged, Usage> {
    let source = match args.document.as_str() {
        "-" => typed::stdin()?,
        path => typed::file(Path::new(path)).map_err(|usage| typed::neither(path, usage, no_url))?,
    };
    let named = Json::parse_text(&source).ok().and_then(|json| json.text("client_id").map(str::to_owned));
    Ok(Judged::written(&args.url.clone().or(named).unwrap_or_default(), source.as_bytes()))
}

fn tell(judged: &Judged, mut terminal: Terminal) {
    terminal.line(
        &terminal.paint(Paint::Strong, &format!("Client {}", typed::without_secrets(&visible(&judged.client_id)))),
    );
    for check in &judged.checks {
        tell_check(check, &mut terminal);
    }
    let fate = judged.fate();
    let paint = match fate {
        Fate::Taken => Paint::Good,
        Fate::TakenHere => Paint::Caution,
        Fate::Refused | Fate::RefusedByMany { .. } => Paint::Bad,
    };
    terminal.line("");
    terminal.line(&terminal.paint(paint, &fate.to_string()));
}

/// A check as it is told: what it saw may be an address with a password in it.
fn told(check: &Check) -> Check {
    let told = |text: &Option<String>| text.as_deref().map(typed::without_secrets);
    Check { expected: told(&check.expected), actual: told(&check.actual), ..check.clone() }
}

fn tell_check(check: &Check, terminal: &mut Terminal) {
    let saw = typed::without_secrets(&visible(check.actual.as_deref().unwrap_or_default()));
    let (paint, mark) = match check.verdict {
        Verdict::Pass => (Paint::Good, "✓"),
        Verdict::Skipped => (Paint::Quiet, "-"),
        Verdict::Fail => (Paint::Bad, "✗"),
        _ => (Paint::Caution, "!"),
    };
    let mark = terminal.paint(paint, mark);
    terminal.line(&format!("{mark} {}  {saw}", check.rule.id));
    if matches!(check.verdict, Verdict::Fail | Verdict::Warn | Verdict::Note) {
        terminal.line(&format!("    {}. {}", check.rule.title, check.rule.why));
        terminal.line(&format!("    try  {}", check.rule.fix));
    }
}
