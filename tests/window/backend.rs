//! The window's backend in memory: the practice server, a scripted user, files in a map, a clock that stands
//! still. What a job brings is there at the next frame; what is held comes when a test lets it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{Headers, HttpRequest};
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::flow::beside::{Beside, LISTENED};
use grantscope::flow::callback::{Awaited, Awaiting, Errand};
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Failure};
use grantscope::gui::backend::{
    Backend, HistoryJob, HistoryReport, Job, NotSaved, OpenFor, Outcome, Report, ToSave, document_to_copy,
    document_to_save, opened_text, read_login, shown,
};
use grantscope::gui::compared::compared;
use grantscope::gui::document::Goes;
use grantscope::gui::lessons;
use grantscope::gui::opened::{Opened, read_run};
use grantscope::io::history::Entry;
use grantscope::io::serve::ServedTls;
use grantscope::io::sign_in::{Jar, SignedIn};
use grantscope::practice::PracticeHandle;
use grantscope::terms::response::ResponseMode;
use url::Url;

use crate::pair::{ISSUER, Pair};

/// The benches take this file, too.
#[path = "stands.rs"]
pub mod stands;

#[path = "documents.rs"]
pub mod documents;

use documents::Documents;
use stands::Stands;

/// The key of what is hidden in recordings.
const KEY: [u8; 32] = [7; 32];

/// What the system's file dialogs do.
pub enum Dialogs {
    /// There are none on this system.
    Absent,
    /// The user closes them.
    Cancelled,
    /// The user chooses this file.
    Choose(PathBuf),
}

/// What the system's browser does when it is started.
pub enum Browser {
    /// The user signs in and consents.
    SignsIn,
    /// It opens and nothing comes of it.
    Idle,
    /// It cannot be started.
    Missing,
}

/// The cookies of a sign-in by the program.
fn own_cookies() -> Jar {
    let (mut jar, mut headers) = (Jar::default(), Headers::default());
    headers.push("Set-Cookie", "session=own; Path=/");
    jar.keep(&Url::parse(ISSUER).expect("a URL"), &headers, Timestamp::default());
    jar
}

/// Does jobs in memory.
pub struct FakeBackend {
    /// Both sides of every exchange.
    pub pair: Pair,
    /// The practice server's issuer, or why it does not run.
    pub practice: Result<Url, String>,
    /// Files by path.
    pub files: BTreeMap<PathBuf, String>,
    /// Whether writing fails.
    pub disk_is_full: bool,
    /// What file dialogs do.
    pub dialogs: Dialogs,
    /// What the browser does.
    pub browser: Browser,
    /// Of each logout by the program, whether it was in the browser that signed in.
    pub known_at_logout: Vec<bool>,
    /// Why the program cannot sign in by itself.
    pub sign_in_fails: Option<&'static str>,
    /// What a JWKS URL answers.
    pub keys: Result<String, String>,
    /// Why the redirect URI cannot be listened at.
    pub port_is_taken: Option<&'static str>,
    /// Where the user's own lessons lie.
    pub lessons: Option<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Whether answers are held back until [`FakeBackend::release`].
    pub holds: bool,
    /// How many waits between polls end at once; the others are held back, too.
    pub sleeps: usize,
    /// Whether file jobs are held back until then.
    pub holds_files: bool,
    /// Every request that left, in order.
    pub sent: Vec<HttpRequest>,
    /// Where the browser was sent.
    pub opened: Vec<Url>,
    /// Credentials put on the clipboard.
    pub copied: Vec<String>,
    /// Window states remembered.
    pub remembered: Vec<String>,
    /// How many large answers were read off the window's thread.
    pub taken_in: usize,
    /// How many shown forms were made off the window's thread.
    pub shown: usize,
    /// How often the flow's jobs were ended.
    pub stops: usize,
    /// The runs that are kept.
    pub history: Kept,
    /// Standing between.
    pub between: Stands,
    /// Client ID metadata documents.
    pub documents: Documents,
    held: Vec<(u64, Action)>,
    held_files: Vec<(u64, Job)>,
    awaiting: Option<(u64, Awaiting)>,
    reports: Vec<Report>,
    drawn: u64,
}

impl FakeBackend {
    fn asked_for_key_file(&self) -> Outcome {
        match &self.dialogs {
            Dialogs::Choose(path) => Outcome::KeyFileChosen(Some(path.display().to_string())),
            Dialogs::Cancelled => Outcome::KeyFileChosen(None),
            Dialogs::Absent => Outcome::NoKeyFileDialog,
        }
    }

    pub fn new() -> Self {
        Self {
            pair: Pair::new(),
            practice: Ok(Url::parse(ISSUER).expect("a URL")),
            files: BTreeMap::new(),
            disk_is_full: false,
            dialogs: Dialogs::Cancelled,
            browser: Browser::SignsIn,
            known_at_logout: Vec::new(),
            sign_in_fails: None,
            keys: Err("the server answered 404 Not Found".to_owned()),
            port_is_taken: None,
            lessons: None,
            environment: BTreeMap::new(),
            holds: false,
            sleeps: usize::MAX,
            holds_files: false,
            sent: Vec::new(),
            opened: Vec::new(),
            copied: Vec::new(),
            remembered: Vec::new(),
            taken_in: 0,
            shown: 0,
            stops: 0,
            history: Kept::default(),
            between: Stands::default(),
            documents: Documents::default(),
            held: Vec::new(),
            held_files: Vec::new(),
            awaiting: None,
            reports: Vec::new(),
            drawn: 0,
        }
    }

    /// Whether something waits to be taken in, for which the program's backend would wake the window.
    pub fn has_news(&self) -> bool {
        !self.reports.is_empty()
    }

    /// Whether a job listens at the redirect URI.
    pub fn is_listening(&self) -> bool {
        self.awaiting.is_some()
    }

    /// Answers what was held, under the generation it was asked in.
    pub fn release(&mut self) {
        self.holds = false;
        self.sleeps = usize::MAX;
        for (generation, action) in std::mem::take(&mut self.held) {
            self.perform(generation, action);
        }
        self.holds_files = false;
        for (generation, job) in std::mem::take(&mut self.held_files) {
            self.start(generation, job);
        }
    }

    /// Ends the wait between two polls that is held, and so many in all.
    pub fn wake(&mut self, times: usize) {
        self.sleeps = times;
        for (generation, action) in std::mem::take(&mut self.held) {
            self.perform(generation, action);
        }
    }

    /// Something that comes by itself.
    pub fn report(&mut self, generation: u64, outcome: Outcome) {
        self.reports.push(Report { generation, outcome });
    }

    fn perform(&mut self, generation: u64, action: Action) {
        match action {
            Action::Browse(..) => panic!("the window sends the browser itself"),
            Action::Await(awaiting) => self.awaiting = Some((generation, awaiting)),
            action if self.holds => self.held.push((generation, action)),
            action @ Action::Sleep(_) if self.sleeps == 0 => self.held.push((generation, action)),
            Action::Listen(_) if self.port_is_taken.is_some() => {
                let error = Failure::Listen(self.port_is_taken.unwrap_or_default().to_owned());
                self.report(generation, Outcome::Flow(failed(error)));
            }
            action => {
                if matches!(action, Action::Sleep(_)) {
                    self.sleeps -= 1;
                }
                if let Action::Send(request) = &action {
                    self.sent.push(request.clone());
                }
                let event = self.pair.perform(&action, &mut |_| {});
                self.report(generation, Outcome::Flow(event));
            }
        }
    }

    /// The scripted user signs in at this URL; the response comes to the redirect URI, or nothing does.
    fn visit(&mut self, generation: u64, url: Url, (redirect_uri, beside): (Url, Vec<Beside>)) -> Option<Event> {
        self.pair.perform(&Action::Browse(HttpRequest::get(url), Errand::Authorization), &mut |_| {});
        let (state, response_mode, awaited) = (None, ResponseMode::Query, Awaited::Authorization);
        let awaiting = Awaiting { redirect_uri, state, response_mode, awaited, beside };
        let mut arrived = Vec::new();
        let event = self.pair.perform(&Action::Await(awaiting), &mut |arrival| arrived.push(arrival));
        arrived.into_iter().for_each(|arrival| self.report(generation, Outcome::Flow(arrival)));
        matches!(event, Event::CalledBack(_)).then_some(event)
    }

    /// The scripted user signs out at this URL, from which nothing comes back, and the server tells of it by itself.
    fn hear(&mut self, generation: u64, url: Url, beside: Vec<Beside>) {
        let errand = Errand::Logout { is_heard: true };
        self.pair.perform(&Action::Browse(HttpRequest::get(url), errand), &mut |_| {});
        let (redirect_uri, awaited) = (beside[0].at.clone(), Awaited::Told(self.pair.now() + LISTENED));
        let (state, response_mode) = (None, ResponseMode::Query);
        let awaiting = Awaiting { redirect_uri, state, response_mode, awaited, beside };
        let mut came = Vec::new();
        let event = self.pair.perform(&Action::Await(awaiting), &mut |arrival| came.push(arrival));
        came.into_iter().chain([event]).for_each(|event| self.report(generation, Outcome::Flow(event)));
    }

    /// The server pings a client that listens for it.
    fn ping(&mut self) {
        let Some((generation, awaiting)) = self.awaiting.take_if(|(_, it)| matches!(it.awaited, Awaited::Ping(_)))
        else {
            return;
        };
        let event = self.pair.perform(&Action::Await(awaiting), &mut |_| {});
        self.report(generation, Outcome::Flow(event));
    }

    fn open_browser(&mut self, generation: u64, url: Url) {
        self.opened.push(url.clone());
        match self.browser {
            Browser::Idle => {}
            Browser::Missing => self.report(generation, Outcome::NoBrowser("no browser is installed".to_owned())),
            Browser::SignsIn => {
                let Some((listening, awaiting)) = self.awaiting.take() else { return };
                if let Awaited::Told(_) = awaiting.awaited {
                    return self.hear(listening, url, awaiting.beside);
                }
                if let Some(event) = self.visit(listening, url, (awaiting.redirect_uri, awaiting.beside)) {
                    self.report(listening, Outcome::Flow(event));
                }
            }
        }
    }

    fn sign_in(&mut self, generation: u64, url: Url, username: &str, place: (Url, Vec<Beside>), cookies: Option<Jar>) {
        self.pair.username = if username == "bob" { "bob" } else { "alice" };
        let is_login = cookies.is_none();
        let is_known = cookies.is_some_and(|cookies| cookies == own_cookies());
        // The program's user agent begins without a cookie each time, and keeps those of a login for its logout.
        if !is_known {
            self.pair.take_another_browser();
        }
        if !is_login {
            self.known_at_logout.push(is_known);
        }
        let outcome = match (self.sign_in_fails, self.visit(generation, url, place)) {
            (Some(why), _) => Outcome::SignInFailed(why.to_owned()),
            (None, Some(Event::CalledBack(callback))) if is_login => {
                Outcome::SignedIn(Box::new(SignedIn { callback, hops: Vec::new(), cookies: own_cookies() }))
            }
            (None, Some(event)) => Outcome::Flow(event),
            (None, None) => Outcome::Flow(Event::Failed {
                error: Failure::SignIn {
                    why: "the server answered 400: there is no client nobody".to_owned(),
                    advice: vec![],
                    is_refusal: true,
                },
                took: Duration::ZERO,
            }),
        };
        self.report(generation, outcome);
    }

    fn read(&self, path: &Path, wanted: OpenFor) -> Outcome {
        match self.files.get(path) {
            Some(text) => Outcome::Opened(path.to_owned(), wanted, wanted.read(text.as_bytes(), KEY)),
            None if wanted == OpenFor::Beside => {
                Outcome::Opened(path.to_owned(), wanted, Opened::Unknown("there is no such file".to_owned()))
            }
            None => Outcome::FileFailed(format!("{} could not be read: no such file", path.display())),
        }
    }

    /// A page that the user opens without the browser of the run.
    fn visited(&mut self, url: &Url) -> Event {
        self.pair.approve(url.as_str());
        match self.sign_in_fails {
            None => Event::Browsed,
            Some(why) => {
                let error = Failure::SignIn { why: why.to_owned(), advice: vec![], is_refusal: true };
                Event::Failed { error, took: Duration::ZERO }
            }
        }
    }

    fn ask_to_save(&mut self, name: String, file: ToSave) -> Outcome {
        match &self.dialogs {
            // A folder that was chosen takes the name that was offered.
            Dialogs::Choose(path) if path.extension().is_none() => self.write(path.join(name), file, true),
            Dialogs::Choose(path) => self.write(path.clone(), file, true),
            Dialogs::Cancelled => Outcome::NoChoice,
            Dialogs::Absent => Outcome::NoDialogToSave { name, file },
        }
    }

    fn write(&mut self, path: PathBuf, file: ToSave, replaces: bool) -> Outcome {
        if self.disk_is_full {
            let why = NotSaved::Failed(format!("{} could not be saved: no space left", path.display()));
            return Outcome::NotSaved { path, file, why };
        }
        if !replaces && self.files.contains_key(&path) {
            return Outcome::NotSaved { path, file, why: NotSaved::Taken };
        }
        self.files.insert(path.clone(), file.text);
        Outcome::Saved(path, file.what)
    }
}

fn failed(error: Failure) -> Event {
    Event::Failed { error, took: Duration::ZERO }
}

impl Backend for FakeBackend {
    fn now(&self) -> Timestamp {
        self.pair.now()
    }

    fn entropy(&mut self) -> Entropy {
        self.drawn += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.drawn.to_le_bytes());
        Entropy::from_seed(seed)
    }

    fn practice(&self) -> Result<Url, String> {
        self.practice.clone()
    }

    fn practice_tls(&self) -> Option<ServedTls> {
        self.pair.tls()
    }

    fn practice_handles(&self) -> Vec<PracticeHandle> {
        if self.practice.is_ok() { self.pair.host.servers().to_vec() } else { Vec::new() }
    }

    fn environment(&self, name: &str) -> Option<Secret> {
        self.environment.get(name).map(|value| Secret::new(value.as_str()))
    }

    fn start(&mut self, generation: u64, job: Job) {
        let is_file_job = matches!(
            job,
            Job::AskToOpen(_) | Job::AskToSave { .. } | Job::Export(..) | Job::Read(..) | Job::Write { .. }
        );
        if is_file_job && self.holds_files {
            return self.held_files.push((generation, job));
        }
        let outcome = match job {
            Job::Perform(action) => return self.perform(generation, action),
            Job::Show { key, response, known } => {
                self.shown += 1;
                Outcome::Shown(key, shown(&response, known.as_ref()))
            }
            Job::TakeIn { mut run, event, now } => {
                self.taken_in += 1;
                run.take_in(event, now);
                Outcome::TakenIn(run)
            }
            Job::OpenBrowser(url) => return self.open_browser(generation, url),
            Job::SignIn { url, user, redirect_uri, beside, cookies } => {
                return self.sign_in(generation, url, &user.username, (redirect_uri, beside), cookies);
            }
            Job::Approve { url, user } => {
                self.pair.username = if user.username == "bob" { "bob" } else { "alice" };
                self.pair.approve(url.as_str());
                self.report(generation, Outcome::Approved(user.username));
                return self.ping();
            }
            Job::Visit { url, beside, .. } if !beside.is_empty() && self.sign_in_fails.is_none() => {
                return self.hear(generation, url, beside);
            }
            Job::Visit { url, .. } => Outcome::Flow(self.visited(&url)),
            Job::CopySecret(text) => return self.copied.push(text),
            Job::Remember(text) => return self.remembered.push(text),
            Job::AskForKeyFile => self.asked_for_key_file(),
            Job::ReadKeyFile { path, .. } => Outcome::KeyFileRead(match self.files.get(&path) {
                Some(text) => Ok(Secret::new(text.as_str())),
                None => Err(format!("there is no file {}", path.display())),
            }),
            Job::MakeKey(alg) => {
                let made = grantscope::jose::key::SigningKey::generate(&alg, "made");
                Outcome::KeyMade(made.map(|key| key.private_jwk()).map_err(|error| error.to_string()))
            }
            Job::AskToOpen(wanted) => match &self.dialogs {
                Dialogs::Choose(path) => self.read(&path.clone(), wanted),
                Dialogs::Cancelled => Outcome::NoChoice,
                Dialogs::Absent => Outcome::NoDialogToOpen(wanted),
            },
            Job::AskToSave { name, file } => self.ask_to_save(name, file),
            Job::Export(document, Goes::ToClipboard) => document_to_copy(&document),
            Job::Export(document, Goes::ToFile) => {
                let (name, file) = document_to_save(&document);
                self.ask_to_save(name, file)
            }
            Job::Read(path, wanted) => self.read(&path, wanted),
            Job::ReadText(text, wanted) => opened_text(&text, wanted, KEY),
            Job::Lessons(job) => Outcome::Lessons(lessons::done(job, self.lessons.as_deref())),
            Job::ReadLogin(of, at) => read_login(of, at),
            Job::Between(job) => return self.between.done(generation, job, &mut self.reports),
            Job::ClientDocument(job) => match self.documents.done(job, &mut self.pair.published) {
                Some(report) => Outcome::ClientDocument(report),
                None => return,
            },
            Job::Compare { asked, a, b, expected } => Outcome::Compared(asked, Box::new(compared(&a, &b, &expected))),
            Job::Write { path, file, replaces } => self.write(path, file, replaces),
            Job::FetchKeys(_) => Outcome::Keys(self.keys.clone()),
            Job::History(job) => match self.history.done(job) {
                Some(report) => Outcome::History(report),
                None => return,
            },
        };
        self.report(generation, outcome);
    }

    fn stop(&mut self, generation: u64) {
        self.stops += 1;
        self.awaiting.take_if(|(waiting, _)| *waiting == generation);
    }

    fn reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }
}

/// A history in memory.
#[derive(Default)]
pub struct Kept {
    pub runs: BTreeMap<String, (Entry, String)>,
}

impl Kept {
    fn done(&mut self, job: HistoryJob) -> Option<HistoryReport> {
        match job {
            HistoryJob::List => {
                let mut entries: Vec<Entry> = self.runs.values().map(|(entry, _)| entry.clone()).collect();
                entries.sort_by_key(|entry| std::cmp::Reverse(entry.began_at));
                Some(HistoryReport::Listed(entries))
            }
            HistoryJob::Keep(run) => {
                let (mut entry, text) = run.written();
                if let Some((before, _)) = self.runs.get(&entry.id) {
                    (entry.name, entry.pinned) = (before.name.clone(), before.pinned);
                }
                self.runs.insert(entry.id.clone(), (entry.clone(), text));
                Some(HistoryReport::Kept(entry, Vec::new()))
            }
            HistoryJob::Read { id, wanted } => {
                let kept = self.runs.get(&id).ok_or_else(|| "there is none".to_owned());
                let record = kept.and_then(|(_, text)| read_run(text));
                Some(HistoryReport::Read { id, wanted, record })
            }
            HistoryJob::Change { id, name, pinned } => {
                if let Some((entry, _)) = self.runs.get_mut(&id) {
                    (entry.name, entry.pinned) = (name, pinned);
                }
                None
            }
            HistoryJob::Delete(ids) => {
                self.runs.retain(|id, _| !ids.contains(id));
                None
            }
            HistoryJob::Limit(_) => None,
        }
    }
}
