//! `run`: one grant from its first request to its last.

use std::path::Path;
use std::time::{Duration, Instant};

use super::args::RunArgs;
use super::client_document;
use super::expected::{self, Bar};
use super::exports::{self, Written};
use super::job::{Job, slug_of};
use super::junit;
use super::output::Output;
use super::places::{Places, is_dash};
use super::report::Report;
use super::save::Saver;
use super::story::Storyteller;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage};
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::expect::{Expectations, Met};
use crate::flow::callback::Errand;
use crate::flow::world::{ACTION_LIMIT, World as _, step};
use crate::flow::{Action, Flow, Next, ProblemKind};
use crate::io::machine::{Machine, Notice, PRACTICE_PORT, UserAgent};
use crate::io::random;
use crate::io::serve::Port;
use crate::io::storage::Access;
use crate::practice::Config;
use crate::record::{Record, redactor};
use crate::report::{Format, Report as Document};

/// A run that has come to its end, or was ended.
pub(super) struct Done {
    pub flow: Flow,
    pub next: Next,
    story: Storyteller,
    saver: Saver,
    pub is_interrupted: bool,
    is_saved: bool,
    took: Duration,
}

impl Done {
    /// The result of the run, and what became of the expectations and by the profiles where there are some.
    fn print(&self, met: &[Met], bar: &Bar, output: &Output) {
        let mut result = self.record().to_json(self.story.hide());
        expected::add(&mut result, met);
        bar.add_profiles(&mut result, &self.flow, &redactor(&self.flow));
        output.result(&result);
    }

    fn record(&self) -> Record {
        self.saver.record(&self.flow, &self.next)
    }

    /// The run file, without secrets.
    pub fn run_file(&self) -> String {
        self.record().to_text(Some(&redactor(&self.flow)))
    }

    /// The run as a page, without secrets.
    pub fn page(&self, report: &Report) -> String {
        Document::of(&self.record(), Some(&redactor(&self.flow))).expected(report.unmet()).write(Format::Html)
    }

    /// What became of it, without secrets.
    pub fn report(&self, name: &str, bar: &Bar) -> Report {
        Report::of(name, &self.flow, &self.next, bar, self.took, &redactor(&self.flow))
    }

    fn exit(&self, is_passed: bool) -> Exit {
        match is_passed && self.is_saved {
            _ if self.is_interrupted => Exit::Interrupted,
            true => Exit::Success,
            false => Exit::Failure,
        }
    }
}

/// Runs what the arguments say.
pub(super) fn run(args: RunArgs, output: &Output) -> Result<Exit, Usage> {
    let (exports, junit, save) = (args.exports.clone(), args.junit.clone(), args.save.clone());
    places(&args).check()?;
    let bar = Bar::new(args.expect.as_deref(), &args.bar)?;
    let job = Job::new(args)?;
    let Some(done) = told(perform(job, output.story()), &mut output.story()) else { return Ok(Exit::Failure) };
    let report = done.report(done.flow.grant.slug(), &bar);
    expected::tell(&mut output.story(), &report.met);
    bar.tell_profiles(&mut output.story(), &done.flow, &redactor(&done.flow));
    if !report.is_passed && report.has_ended_well && !report.met.iter().any(|met| met.is_missed()) {
        let mut story = output.story();
        let mark = story.paint(Paint::Bad, "✗");
        story.line(&format!("{mark} failed all the same: {}", report.why()));
    }
    let mut written = exports.write(&done.record(), done.story.hide(), report.unmet(), output);
    if let Some(path) = &junit {
        write_junit(path, report.name.as_str(), &[&report], &mut written, output);
    }
    if let Some(path) = save.filter(|path| is_dash(path)) {
        written.put(&path, &done.record().to_text(done.story.hide()), Access::Private, output);
    }
    if !written.takes_output {
        done.print(&report.met, &bar, output);
    }
    Ok(done.exit(report.is_passed && !written.has_failed))
}

/// What the arguments read and write.
fn places(args: &RunArgs) -> Places {
    let preset = args.preset.as_deref().filter(|name| slug_of(name).is_none()).map(Path::new);
    let mut places = Places::default()
        .reads("the preset", preset)
        .reads("the expectations", args.expect.as_deref())
        .reads("the certificate", args.listen_certificate.as_deref())
        .reads_value("the password", args.sign_in_password.as_deref().unwrap_or_default());
    for (name, value) in args.set.iter().filter_map(|pair| pair.split_once('=')) {
        places = places.reads_value(name, value);
    }
    let places = places.writes("save", args.save.as_deref()).writes("junit", args.junit.as_deref());
    args.exports.places(places)
}

/// What could begin; why the rest could not is told.
fn told<T>(result: Result<T, String>, terminal: &mut Terminal) -> Option<T> {
    result.map_err(|error| terminal.line(&error)).ok()
}

/// Writes what became of runs.
pub(super) fn write_junit(path: &Path, name: &str, reports: &[&Report], written: &mut Written, output: &Output) {
    match junit::document(name, reports) {
        Ok(text) => written.put(path, &text, Access::Private, output),
        Err(error) => {
            exports::not_written(path, &error);
            written.has_failed = true;
        }
    }
}

/// Shows the flow on the practice server.
pub(super) fn demonstrate(output: &Output) -> Exit {
    let terminal = if output.json { output.story() } else { Terminal::stdout() };
    let Ok(job) = Job::demonstration() else { return Exit::Failure };
    let Some(done) = told(perform(job, terminal), &mut output.story()) else { return Exit::Failure };
    let bar = Bar { expectations: Expectations::default(), fail_on: Verdict::Fail, profiles: Vec::new() };
    if output.json {
        done.print(&[], &bar, output);
    }
    done.exit(bar.is_passed(&done.flow, &[]))
}

/// Runs a job and tells it. The error says why it cannot even begin.
pub(super) fn perform(mut job: Job, mut terminal: Terminal) -> Result<Done, String> {
    let begun = Instant::now();
    let machine = Machine::new(job.agent.clone(), job.limit, tell);
    let mut machine = machine.map_err(|error| error.to_string())?;
    machine.heed_interruptions(super::end_interrupted);
    machine.show(job.listen_certificate.take());
    if job.practice.is_some() {
        let configure = |issuer| Ok(Config::practice(issuer).with_resource_server());
        let served = machine.serve_practice(Port::Prefer(PRACTICE_PORT), configure, |_| {});
        job.move_practice(&served.map_err(|error| error.to_string())?);
    }
    // Served until the run is over.
    let document = job.has_document.then(|| client_document::serve_as_client(&mut job.settings, job.grant)).transpose();
    let _document = document.map_err(|error| error.to_string())?;
    for note in job.notes.iter().chain(job.unused.iter().map(|(_, why)| why)) {
        terminal.line(&format!("note: {note}"));
    }
    machine.trust(&job.settings.server.certificate_authority);
    let entropy = random::entropy().map_err(|error| error.to_string())?;
    let mut flow = Flow::new(job.grant, job.settings, entropy);
    job.then.into_iter().for_each(|stage| flow.append(stage));
    flow.edit_seals(job.seals);
    let mut story = Storyteller::new(terminal, &job.agent, job.with_secrets);
    let mut saver = Saver::new(job.save, job.preset);
    story.begin(&flow);
    // A URL that was given as the response is the response of one request.
    let retries = if matches!(job.agent, UserAgent::Redirected(_)) { 0 } else { job.retry };
    let mut retried = 0;
    let mut next = to_its_end(&mut flow, &mut machine, &mut story, &mut saver);
    while let (Next::Stopped(problem), false) = (&next, machine.is_interrupted()) {
        if job.go_on && problem.kind == ProblemKind::Unsafe {
            story.go_on(&flow, problem);
            flow.go_on_anyway();
        } else if retried < retries && !flow.is_retried_in_vain() && !flow.is_step_up_repeated() {
            retried += 1;
            story.retry(&flow, problem, retried, retries);
            flow.retry();
            machine.begin_anew();
        } else {
            break;
        }
        next = to_its_end(&mut flow, &mut machine, &mut story, &mut saver);
    }
    story.end(&flow, &next);
    let is_saved = saver.end(&flow, &next, story.hide());
    let is_interrupted = machine.is_interrupted() && matches!(next, Next::Do(_));
    machine.finish();
    Ok(Done { flow, next, story, saver, is_interrupted, is_saved, took: begun.elapsed() })
}

/// Runs until nothing goes on by itself, or the user ends it. A request that has left then stays as sent.
fn to_its_end(flow: &mut Flow, machine: &mut Machine, story: &mut Storyteller, saver: &mut Saver) -> Next {
    for _ in 0..ACTION_LIMIT {
        if machine.is_interrupted() {
            break;
        }
        let next = step(flow, machine, &mut |flow| {
            story.tell(flow);
            saver.note(flow, story.hide());
        });
        if !matches!(next, Next::Do(_)) {
            return next;
        }
    }
    if let (Next::Do(Action::Send(_)), true) = (flow.poll(machine.now()), flow.is_under_way()) {
        flow.stop(machine.now());
        story.tell(flow);
    }
    flow.poll(machine.now())
}

/// What the user has to do, on standard error whatever becomes of the story.
fn tell(notice: Notice<'_>) {
    let mut terminal = Terminal::stderr();
    match notice {
        Notice::Visit(url) => terminal.line(url.as_str()),
        // The address of a logout has an ID token in it, and the browser has it already.
        Notice::Opened(url, Errand::Logout { .. }) => {
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
        Notice::NotAsked(user) => terminal.line(&format!(
            "--sign-in {} was not used: the server asked nobody who signs in, and chose by itself.",
            visible(user)
        )),
        Notice::OwnCertificate(url) => terminal.line(&format!(
            "{} is listened at with a certificate made for this run: go on when the browser warns of it. \
             Another is shown with --listen-certificate.",
            url.origin().ascii_serialization()
        )),
        Notice::Hears { at, can_be_ended } => {
            let at = at.iter().map(|url| url.as_str()).collect::<Vec<_>>().join(" and ");
            let end = if can_be_ended { " Enter ends that." } else { "" };
            terminal.line(&format!("What the server tells of the logout is awaited at {at}.{end}"));
        }
        Notice::BadPaste(error) => terminal.line(&error.to_string()),
    }
}
