//! `suite`: the runs of a file, several at a time, and what became of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser as _;

use super::args::{Args, Command, SuiteArgs};
use super::expected::{Bar, expectations, level};
use super::exports::{self, Written};
use super::job::{Job, check_preset, slug_of};
use super::output::Output;
use super::places::Places;
use super::report::Report;
use super::run::{perform, write_junit};
use super::terminal::{Paint, Terminal, shown_path};
use super::{Exit, Usage, misuse, typed};
use crate::base::json::{Json, escaped, number, object, text};
use crate::base::text::{counted, meant_or_all, visible};
use crate::base::time::spoken;
use crate::client::settings::FIELDS;
use crate::expect::{Planned, Suite};
use crate::flow::grant::stages;
use crate::flow::stage::Travel;
use crate::io::machine::{Machine, PRACTICE_PORT, UserAgent};
use crate::io::serve::{Port, Served};
use crate::io::storage::{self, Access};
use crate::practice::Config;
use crate::terms::grant::Grant;

/// How long a run waits for others that does not say so, in seconds.
const TIMEOUT: u32 = 60;
/// How many runs go on at once where nothing is said: they wait most of the time.
const JOBS: usize = 16;
/// What a run may need of a stack, as the first thread of a program has it.
const STACK: usize = 8 * 1024 * 1024;
/// The report, in its folder.
const REPORT: &str = "report.json";

/// A run of the suite, decided.
struct Prepared {
    name: String,
    /// The settings that it names.
    set: Vec<String>,
    job: Job,
    bar: Bar,
}

/// A run of the suite at its end.
struct Ended {
    report: Report,
    /// Its run file and its page, where it has failed.
    kept: Option<(String, String)>,
}

/// Runs what the file names.
pub(super) fn suite(args: &SuiteArgs, output: &Output) -> Result<Exit, Usage> {
    let suite =
        Suite::parse(&typed::file(&args.file)?).map_err(|error| Usage(format!("{}: {error}", args.file.display())))?;
    let planned = selected(&suite.runs, &args.only)?;
    let mut runs = planned.into_iter().map(|run| prepared(run, args)).collect::<Result<Vec<_>, _>>()?;
    let folder = args.report.clone().unwrap_or_else(|| args.file.with_extension("report"));
    let refused =
        |error: std::io::Error| Usage(format!("{} cannot be written: {}", folder.display(), storage::why(&error)));
    std::fs::create_dir_all(&folder).map_err(refused)?;
    places(args, &suite.runs, &folder).check()?;
    let (mut story, mut said) = (output.story(), HashSet::new());
    keep_unused_everywhere(&mut runs);
    for run in &mut runs {
        let notes = run.job.notes.drain(..).chain(run.job.unused.drain(..).map(|(_, why)| why));
        let new = notes.filter(|note| said.insert(note.clone()));
        new.for_each(|note| story.line(&format!("note: {}: {note}", run.name)));
    }
    let begun = Instant::now();
    let host = match host(&mut runs) {
        Ok(host) => host,
        Err(error) => {
            story.line(&error);
            return Ok(Exit::Failure);
        }
    };
    let jobs = args.jobs.map_or(JOBS, std::num::NonZeroUsize::get);
    let (ended, is_interrupted) = all(runs, jobs, &mut story);
    if let Some(host) = host {
        host.finish();
    }
    let name = if suite.name.is_empty() { args.file.display().to_string() } else { suite.name };
    let is_written = written(&name, args, &folder, &ended, begun.elapsed(), output);
    tell_end(&mut story, &ended, is_interrupted, begun.elapsed(), &folder);
    Ok(match is_written && ended.iter().all(|it| it.report.is_passed) {
        _ if is_interrupted => Exit::Interrupted,
        true => Exit::Success,
        false => Exit::Failure,
    })
}

/// What all runs set is meant for those that can use it, so it is worth a word only where none does.
fn keep_unused_everywhere(runs: &mut [Prepared]) {
    let is_unused = |run: &Prepared, name: &str| run.job.unused.iter().any(|(unused, _)| unused == name);
    let used: HashSet<String> =
        runs.iter().flat_map(|run| run.set.iter().filter(|name| !is_unused(run, name)).cloned()).collect();
    runs.iter_mut().for_each(|run| run.job.unused.retain(|(name, _)| !used.contains(name)));
}

/// What a suite reads and writes.
fn places(args: &SuiteArgs, runs: &[Planned], folder: &Path) -> Places {
    let beside = args.file.parent().unwrap_or(Path::new(""));
    let mut places = Places::default().reads("the suite", Some(&args.file));
    for run in runs {
        let preset = run.preset.as_ref().filter(|name| slug_of(name).is_none()).map(|name| beside.join(name));
        places = places.reads("a preset", preset.as_deref());
        for file in &run.expect_files {
            places = places.reads("a file of expectations", Some(&beside.join(file)));
        }
    }
    places.writes("report", Some(&folder.join(REPORT))).writes("junit", Some(&junit(args, folder)))
}

/// Where the JUnit XML is written.
fn junit(args: &SuiteArgs, folder: &Path) -> PathBuf {
    args.junit.clone().unwrap_or_else(|| folder.join("junit.xml"))
}

/// The runs of these names, and of these names with what a matrix adds.
fn selected<'a>(runs: &'a [Planned], only: &[String]) -> Result<Vec<&'a Planned>, Usage> {
    let is_named = |run: &Planned, name: &String| run.name == *name || run.base == *name;
    if let Some(unknown) = only.iter().find(|name| !runs.iter().any(|run| is_named(run, name))) {
        let mut names: Vec<&str> = runs.iter().map(|run| run.base.as_str()).collect();
        names.dedup();
        return Err(Usage(format!("--only: there is no run {unknown}; {}", meant_or_all(names, unknown))));
    }
    Ok(runs.iter().filter(|run| only.is_empty() || only.iter().any(|name| is_named(run, name))).collect())
}

/// A run means what the same words mean on the command line; what it does not mean there is refused.
fn prepared(run: &Planned, args: &SuiteArgs) -> Result<Prepared, Usage> {
    let wrong = |key: &str, why: &dyn std::fmt::Display| {
        let line = run.lines.get(key).unwrap_or(&run.line);
        Usage(format!("{}: line {line}: {}: {why}", args.file.display(), run.name))
    };
    let beside = args.file.parent().unwrap_or(Path::new(""));
    let typed = match Args::try_parse_from(words(run, beside)) {
        Ok(Args { command: Some(Command::Run(typed)), .. }) => *typed,
        Ok(_) => return Err(wrong("", &"this is no run")),
        Err(error) => {
            let told = misuse::told(error).to_string();
            return Err(wrong(key_in(&told), &reason(&told)));
        }
    };
    let mut expected = run.expect.clone();
    for file in &run.expect_files {
        let read = expectations(&beside.join(file)).map_err(|usage| wrong("expect_file", &usage))?;
        expected.list.extend(read.list);
    }
    typed.preset.as_deref().map_or(Ok(()), check_preset).map_err(|usage| wrong("preset", &usage))?;
    let secrets = run.set.iter().map(|(name, value)| (format!("set.{name}"), value));
    let secrets = secrets.chain(run.sign_in_password.iter().map(|value| ("sign_in_password".to_owned(), value)));
    for (key, variable) in secrets.filter_map(|(key, value)| Some((key, value.strip_prefix("env:")?))) {
        // Anything but a secret is sent as it is typed.
        let is_read = FIELDS.iter().any(|field| key == format!("set.{}", field.name) && field.is_secret());
        if is_read || key == "sign_in_password" {
            typed::environment(variable).map_err(|usage| wrong(&key, &usage))?;
        }
    }
    let profiles = typed.bar.profiles();
    let job = Job::new(typed).map_err(|usage| wrong(key_in(&usage.to_string()), &usage))?;
    // Of a hundred runs nobody reads the notes.
    if let Some((name, why)) = job.doubts.first() {
        return Err(wrong(&format!("set.{name}"), why));
    }
    if needs_user(&job) {
        return Err(wrong("", &"nobody can sign in here: sign_in names who does, on servers of this machine"));
    }
    let fail_on = run.fail_on.unwrap_or_else(|| level(&args.fail_on));
    let set = run.set.iter().map(|(name, _)| name.clone()).collect();
    Ok(Prepared { name: run.name.clone(), set, job, bar: Bar { expectations: expected, fail_on, profiles } })
}

/// The key of a run that an error of the command line is about; empty where it names none.
fn key_in(told: &str) -> &'static str {
    let keys = [("'<GRANT>'", "grant"), ("--profile", "profile"), ("--then", "then"), ("--sign-in", "sign_in")];
    keys.into_iter().find(|(option, _)| told.contains(option)).map_or("", |(_, key)| key)
}

/// What is wrong, and the words that there are.
fn reason(told: &str) -> String {
    let mut lines = told.lines().map(str::trim).take_while(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    lines.find(|line| line.starts_with("[possible values")).map_or(first.clone(), |known| format!("{first} {known}"))
}

fn needs_user(job: &Job) -> bool {
    let stages = stages(job.grant, &job.settings);
    let travels =
        |stage: &crate::flow::stage::Stage| matches!(stage.descriptor().travel, Travel::RoundTrip(_) | Travel::Visit);
    !matches!(job.agent, UserAgent::SignIn(_)) && stages.iter().chain(&job.then).any(travels)
}

/// As it is typed. Files are beside the suite, wherever the program is started.
fn words(run: &Planned, beside: &Path) -> Vec<String> {
    let preset = run.preset.as_ref().map(|name| match slug_of(name) {
        Some(_) => name.clone(),
        None => beside.join(name).display().to_string(),
    });
    let mut words = vec!["grantscope".to_owned(), "run".to_owned(), run.grant.clone()];
    let mut option = |name: &str, value: Option<&str>| words.extend(value.map(|value| format!("--{name}={value}")));
    option("preset", preset.as_deref());
    option("sign-in", run.sign_in.as_deref());
    option("sign-in-password", run.sign_in_password.as_deref());
    run.set.iter().for_each(|(name, value)| option("set", Some(&format!("{name}={value}"))));
    run.then.iter().for_each(|stage| option("then", Some(stage)));
    option("retry", run.retry.map(|retry| retry.to_string()).as_deref());
    option("timeout", Some(&run.timeout.unwrap_or(TIMEOUT).to_string()));
    run.profile.iter().for_each(|profile| words.push(format!("--profile={profile}")));
    words.extend(run.go_on.then(|| "--go-on".to_owned()));
    words
}

/// One practice server for all that run on it.
fn host(runs: &mut [Prepared]) -> Result<Option<Machine>, String> {
    let practice: Vec<&mut Prepared> = runs.iter_mut().filter(|run| run.job.practice.is_some()).collect();
    if practice.is_empty() {
        return Ok(None);
    }
    let mut host = Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).map_err(|error| error.to_string())?;
    let configure = |issuer| Ok(Config::practice(issuer).with_resource_server());
    let served: Served =
        host.serve_practice(Port::Prefer(PRACTICE_PORT), configure, |_| {}).map_err(|error| error.to_string())?;
    for run in practice {
        run.job.move_practice(&served);
        run.job.practice = None;
    }
    Ok(Some(host))
}

/// All runs, so many at a time, in the order of the file. What an interruption leaves undone is left out.
fn all(runs: Vec<Prepared>, jobs: usize, story: &mut Terminal) -> (Vec<Ended>, bool) {
    let count = runs.len();
    let waiting: Vec<Mutex<Option<Prepared>>> = runs.into_iter().map(|run| Mutex::new(Some(run))).collect();
    let ended: Vec<Mutex<Option<Ended>>> = waiting.iter().map(|_| Mutex::new(None)).collect();
    let (next, done, is_interrupted) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let (story, alone) = (Mutex::new(story), Mutex::new(()));
    let work = || {
        while !is_interrupted.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(run) = waiting.get(at).and_then(|slot| locked(slot).take()) else { return };
            let one = {
                let _turn = is_pinged(&run.job).then(|| locked(&alone));
                one(run, &is_interrupted)
            };
            let number = 1 + done.fetch_add(1, Ordering::Relaxed);
            tell_one(&mut locked(&story), number, count, &one.report);
            *locked(&ended[at]) = Some(one);
        }
    };
    std::thread::scope(|scope| {
        let threads = (1..jobs.min(count))
            .map_while(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok());
        let threads: Vec<_> = threads.collect();
        work();
        drop(threads);
    });
    let ended = ended.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner));
    (ended.collect(), is_interrupted.load(Ordering::Relaxed))
}

/// Whether the run is told at an address that is registered (CIBA section 10.2): only one can listen there.
fn is_pinged(job: &Job) -> bool {
    job.grant == Grant::Ciba && job.settings.client.is_notified()
}

fn locked<T>(slot: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn one(run: Prepared, is_interrupted: &AtomicBool) -> Ended {
    let Prepared { name, job, bar, .. } = run;
    let grant = job.grant.slug();
    match perform(job, Terminal::silent()) {
        Err(why) => Ended { report: Report::unable(&name, grant, &why), kept: None },
        Ok(done) => {
            is_interrupted.fetch_or(done.is_interrupted, Ordering::Relaxed);
            let report = done.report(&name, &bar);
            let kept = (!report.is_passed).then(|| (done.run_file(), done.page(&report)));
            Ended { report, kept }
        }
    }
}

fn tell_one(story: &mut Terminal, number: usize, count: usize, report: &Report) {
    let mark = match report.is_passed {
        true => story.paint(Paint::Good, "✓"),
        false => story.paint(Paint::Bad, "✗"),
    };
    let width = count.to_string().len();
    let place = story.paint(Paint::Quiet, &format!("{number:>width$}/{count}"));
    story.line(&format!(
        "{place} {mark} {} {}",
        visible(&report.name),
        story.paint(Paint::Quiet, &spoken(report.took))
    ));
    if !report.is_passed {
        story.line(&format!("{:>1$}{2}", "", 2 * width + 4, report.why()));
    }
}

fn tell_end(story: &mut Terminal, ended: &[Ended], is_interrupted: bool, took: Duration, folder: &Path) {
    let failed = ended.iter().filter(|it| !it.report.is_passed).count();
    let (mark, words) = match failed {
        _ if is_interrupted => (story.paint(Paint::Caution, "!"), "interrupted".to_owned()),
        0 => (story.paint(Paint::Good, "✓"), "all as expected".to_owned()),
        failed => (story.paint(Paint::Bad, "✗"), format!("{failed} failed")),
    };
    let runs = counted(ended.len(), "run", "runs");
    story.line(&format!("{mark} {runs}, {words}, in {}; {}", spoken(took), shown_path(folder)));
}

/// Writes both reports, and run file and page of each failed run; those of a run that passes now are removed. `false` when
/// something could not be written.
fn written(name: &str, args: &SuiteArgs, folder: &Path, ended: &[Ended], took: Duration, output: &Output) -> bool {
    remove_former(folder);
    let mut is_written = true;
    let mut write = |path: PathBuf, content: &str, access: Access| {
        is_written &= exports::written(&path, content, access);
    };
    let (mut runs, mut taken) = (Vec::new(), HashSet::new());
    for Ended { report, kept } in ended {
        let name = file_name(&report.name, &mut taken);
        let (file, page) = (format!("{name}.json"), format!("{name}.html"));
        match kept {
            Some((run, html)) => {
                write(folder.join(&file), run, Access::Private);
                write(folder.join(&page), html, Access::Private);
            }
            None => [&file, &page].into_iter().for_each(|file| storage::remove(&folder.join(file))),
        }
        runs.push(report.to_json(kept.as_ref().map(|_| (file.as_str(), page.as_str()))));
    }
    let passed = ended.iter().filter(|it| it.report.is_passed).count();
    let json = object([
        ("version", number(&1)),
        ("suite", text(name)),
        ("took_ms", number(&took.as_millis())),
        ("passed", number(&passed)),
        ("failed", number(&(ended.len() - passed))),
        ("runs", Json::Array(runs)),
    ]);
    write(folder.join(REPORT), &(escaped(&json.pretty()) + "\n"), Access::Private);
    let reports: Vec<&Report> = ended.iter().map(|it| &it.report).collect();
    let mut written = Written::default();
    write_junit(&junit(args, folder), name, &reports, &mut written, output);
    if !written.takes_output {
        output.result(&json);
    }
    is_written && !written.has_failed
}

/// Removes what the report before has kept of its runs, by the names that it says: it would look as if it were of today.
fn remove_former(folder: &Path) {
    let former = storage::read(&folder.join(REPORT)).ok().and_then(|text| Json::parse_text(&text).ok());
    let runs = former.as_ref().and_then(|report| report.get("runs")).map(Json::elements).unwrap_or_default();
    let files = runs.iter().flat_map(|run| ["run", "page"].map(|name| run.text(name))).flatten();
    let is_own = |file: &&str| file.starts_with("run-") && !file.contains(['/', '\\']);
    files.filter(is_own).for_each(|file| storage::remove(&folder.join(file)));
}

/// A name that is a file's on every system, and no other run's.
fn file_name(name: &str, taken: &mut HashSet<String>) -> String {
    let plain =
        |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c.to_ascii_lowercase() } else { '_' };
    let name: String = name.chars().map(plain).take(100).collect();
    let numbered = (2..).map(|number| format!("run-{name}-{number}"));
    let mut names = std::iter::once(format!("run-{name}")).chain(numbered);
    names.find(|name| taken.insert(name.clone())).unwrap_or_default()
}
