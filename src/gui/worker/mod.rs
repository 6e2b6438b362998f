//! The window's backend: a tokio runtime that does the jobs and wakes the window when something came.

mod apart;
mod between;
mod client_document;
mod file;
mod history;
mod run;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use egui::Context;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use url::Url;

use self::client_document::Publishing;
use self::history::Keeper;
use self::run::Shared;
use super::backend::{Backend, Job, Outcome, Reading, Report, shown};
use super::language;
use crate::base::entropy::Entropy;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::flow::beside::{Beside, LISTENED};
use crate::flow::{Action, Event};
use crate::io::beside::LATE;
use crate::io::clipboard::{Clipboard, Kind};
use crate::io::serve::{PRACTICE_PORT, Port, ServedTls, Server};
use crate::io::sign_in::{Jar, User, approve, sign_in, sign_out, visit};
use crate::io::storage::{self, Storage};
use crate::io::transport::{Transport, TransportOptions};
use crate::io::{browser, clock, random};
use crate::practice::{Config, PracticeHandle};

/// Reports that may wait for the window. More than any run makes at once.
const REPORTS: usize = 256;

/// How long closing waits for what cannot be called off, as a file that is written; it may lie on a disk that hangs.
const PATIENCE: Duration = Duration::from_millis(500);

/// The name of the file the window's state is remembered in.
pub const STATE_FILE: &str = "window.json";

/// The tasks of what is under way in one run, ended by Stop.
#[derive(Default)]
struct UnderWay {
    tasks: Vec<AbortHandle>,
    /// That of them which waits for what the browser brings.
    waiting: Option<AbortHandle>,
}

/// Does the window's jobs on a tokio runtime.
pub struct Worker {
    tasks: Handle,
    /// Until the window is closed.
    runtime: Option<Runtime>,
    practice: Result<Server, String>,
    shared: Shared,
    came: Receiver<Report>,
    /// What is under way in runs, by its number.
    under_way: BTreeMap<u64, UnderWay>,
    /// Dropped, it ends standing between.
    standing: Option<watch::Sender<()>>,
    /// The client ID metadata document that is served, or was last.
    publishing: Option<Publishing>,
    clipboard: Clipboard,
    storage: Option<Storage>,
    /// Keeps runs; nobody does where there is no home.
    keeper: Option<Keeper>,
}

impl Worker {
    /// Starts the runtime, the practice server and the transport.
    ///
    /// # Errors
    /// When the runtime or the transport cannot be set up.
    pub fn start() -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| format!("the runtime could not be started: {error}"))?;
        let transport = Transport::new(TransportOptions::default()).map_err(|error| error.to_string())?;
        let (reports, came) = channel(REPORTS);
        let shared = Shared::new(transport.clone(), reports);
        let practice = runtime.block_on(start_practice(transport, shared.waker()));
        let storage = Storage::of_program();
        storage.iter().for_each(Storage::sweep);
        let keeper = storage::folder_of_runs().map(|folder| Keeper::start(folder, shared.clone()));
        Ok(Self {
            keeper,
            tasks: runtime.handle().clone(),
            runtime: Some(runtime),
            practice,
            shared,
            came,
            under_way: BTreeMap::new(),
            standing: None,
            publishing: None,
            clipboard: Clipboard::start(),
            storage,
        })
    }

    /// From now on every report asks this window for a frame.
    pub fn wake_with(&self, window: Context) {
        self.shared.wake_with(window);
    }

    fn spawn(&mut self, generation: u64, job: impl Future<Output = Option<Outcome>> + Send + 'static) -> AbortHandle {
        let (shared, spoken) = (self.shared.clone(), language::spoken());
        let task = self.tasks.spawn(async move {
            language::speak(spoken);
            if let Some(outcome) = job.await {
                shared.report(generation, outcome).await;
            }
        });
        task.abort_handle()
    }

    fn perform(&mut self, generation: u64, action: Action) {
        let shared = self.shared.clone();
        let handle = match action {
            Action::Listen(redirect_uri) => {
                self.spawn(generation, async move { Some(shared.listen(generation, redirect_uri).await) })
            }
            Action::Offer(wanted) => {
                self.spawn(generation, async move { Some(shared.offer(generation, wanted).await) })
            }
            Action::Send(request) => self.spawn(generation, async move { Some(shared.send(request).await) }),
            // Who waits already goes on waiting, though the window may have tried to sign in by itself meanwhile.
            Action::Await(_) if self.waits(generation) => return,
            Action::Await(awaiting) => {
                let handle = self.spawn(generation, async move { Some(shared.wait(generation, awaiting).await) });
                self.under_way.entry(generation).or_default().waiting = Some(handle.clone());
                handle
            }
            Action::Sleep(until) => self.spawn(generation, async move {
                tokio::time::sleep(until.since(clock::now())).await;
                Some(Outcome::Flow(Event::Woke))
            }),
            // The window sends the browser itself, by `Job::OpenBrowser`.
            Action::Browse(..) => return,
        };
        self.keep(generation, handle);
    }

    /// Whether somebody waits for what the browser brings.
    fn waits(&self, generation: u64) -> bool {
        let waiting = self.under_way.get(&generation).and_then(|under_way| under_way.waiting.as_ref());
        waiting.is_some_and(|wait| !wait.is_finished())
    }

    /// Has Stop end this task. Those that are over are forgotten.
    fn keep(&mut self, generation: u64, task: AbortHandle) {
        for under_way in self.under_way.values_mut() {
            under_way.tasks.retain(|task| !task.is_finished());
        }
        self.under_way.retain(|_, under_way| !under_way.tasks.is_empty());
        self.under_way.entry(generation).or_default().tasks.push(task);
    }

    /// Something that takes time and waits for nothing, off the runtime's own threads.
    fn compute(&mut self, generation: u64, work: impl FnOnce() -> Outcome + Send + 'static) {
        let made = self.tasks.spawn_blocking(work);
        drop(self.spawn(generation, async move { made.await.ok() }));
    }

    /// Takes a large answer into its run, off the runtime's own threads.
    fn take_in(&mut self, generation: u64, mut run: Box<Reading>, event: Event, now: Timestamp) {
        let read = self.tasks.spawn_blocking(move || {
            run.take_in(event, now);
            run
        });
        let handle = self.spawn(generation, async move { read.await.ok().map(Outcome::TakenIn) });
        self.keep(generation, handle);
    }

    /// What the server refuses is an answer to the run; where this program cannot go on, the wait does.
    fn sign_in(
        &mut self,
        generation: u64,
        url: Url,
        user: User,
        (redirect_uri, beside): (Url, Vec<Beside>),
        cookies: Option<Jar>,
    ) {
        let (shared, begun) = (self.shared.clone(), self.now());
        let handle = self.spawn(generation, async move {
            let served = shared.served_alone(generation, beside).await;
            let transport = &shared.transport;
            let came = match cookies {
                Some(cookies) => sign_out(transport, &url, &user, &redirect_uri, cookies)
                    .await
                    .map(|callback| Outcome::Flow(Event::CalledBack(callback))),
                None => sign_in(transport, &url, &user, &redirect_uri)
                    .await
                    .map(|signed_in| Outcome::SignedIn(Box::new(signed_in))),
            };
            // A server that keeps the browser on a page of its own may still tell of the logout by itself.
            let keeps = came.as_ref().is_err_and(|error| !error.is_refusal());
            served.end(if keeps { LISTENED } else { LATE }).await;
            Some(match came {
                Ok(outcome) => outcome,
                Err(error) if error.is_refusal() => {
                    Outcome::Flow(Event::Failed { error: error.into(), took: clock::now().since(begun) })
                }
                Err(error) => Outcome::SignInFailed(error.to_string()),
            })
        });
        self.keep(generation, handle);
    }
}

/// What was remembered; an unreadable file is kept aside.
pub fn remembered() -> Option<String> {
    let storage = Storage::of_program()?;
    match storage.read(STATE_FILE) {
        Ok(text) => text,
        Err(_) => {
            let _ = storage::set_aside(&storage.path(STATE_FILE), clock::now());
            None
        }
    }
}

/// The practice server on its port, or on any; `wake` is called after each of its answers.
async fn start_practice(transport: Transport, wake: impl Fn() + Send + 'static) -> Result<Server, String> {
    let entropy = random::entropy().map_err(|error| error.to_string())?;
    let ports = Port::Prefer(PRACTICE_PORT).into();
    let configure = |issuer| Ok::<_, Infallible>(Config::practice(issuer).with_resource_server());
    let server = Server::practice(ports, entropy, transport, configure, move |_| wake());
    server.await.map_err(|error| error.to_string())
}

async fn keys(transport: Transport, url: Url) -> Outcome {
    let answer = transport.send(&crate::client::endpoint::jwks::request(url)).await;
    Outcome::Keys(match answer {
        Ok(answer) if answer.response.is_success() => Ok(answer.response.text().into_owned()),
        Ok(answer) => Err(format!("the server answered {}", crate::client::answer::status(&answer.response))),
        Err(error) => Err(error.to_string()),
    })
}

impl Backend for Worker {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn entropy(&mut self) -> Entropy {
        random::entropy().expect("the system's random source works, or nothing here would")
    }

    fn practice(&self) -> Result<Url, String> {
        self.practice.as_ref().map(|server| server.issuer().clone()).map_err(Clone::clone)
    }

    fn practice_tls(&self) -> Option<ServedTls> {
        self.practice.as_ref().ok().and_then(|server| server.served().tls.clone())
    }

    fn practice_handles(&self) -> Vec<PracticeHandle> {
        let host = self.practice.as_ref().ok().and_then(Server::host);
        host.map(|host| host.servers().to_vec()).unwrap_or_default()
    }

    fn environment(&self, name: &str) -> Option<Secret> {
        std::env::var(name).ok().map(Secret::new)
    }

    fn start(&mut self, generation: u64, job: Job) {
        let transport = self.shared.transport.clone();
        match job {
            Job::Perform(action) => self.perform(generation, action),
            Job::TakeIn { run, event, now } => self.take_in(generation, run, event, now),
            Job::SignIn { url, user, redirect_uri, beside, cookies } => {
                self.sign_in(generation, url, user, (redirect_uri, beside), cookies);
            }
            Job::Approve { url, user } => {
                let handle = self.spawn(generation, async move {
                    Some(match approve(&transport, &url, &user).await {
                        Ok(_) => Outcome::Approved(user.username),
                        Err(error) => Outcome::SignInFailed(error.to_string()),
                    })
                });
                self.keep(generation, handle);
            }
            Job::Visit { url, user, cookies, beside } => {
                let (shared, begun) = (self.shared.clone(), self.now());
                let handle = self.spawn(generation, async move {
                    let is_heard = !beside.is_empty();
                    let served = shared.served_alone(generation, beside).await;
                    let visited = visit(&transport, &url, &user, cookies).await;
                    Some(Outcome::Flow(match visited {
                        Ok(_) if is_heard => {
                            served.end(LISTENED).await;
                            Event::Heard
                        }
                        Ok(_) => Event::Browsed,
                        Err(error) => Event::Failed { error: error.into(), took: clock::now().since(begun) },
                    }))
                });
                self.keep(generation, handle);
            }
            Job::Show { key, response, known } => {
                self.compute(generation, move || Outcome::Shown(key, shown(&response, known.as_ref())));
            }
            Job::OpenBrowser(url) => {
                self.spawn(generation, async move {
                    let guarded = browser::guard(url.as_str()).map_err(|error| error.to_string());
                    let opened = match guarded {
                        Ok(url) => browser::open(&url).await.map_err(|error| error.to_string()),
                        Err(error) => Err(error),
                    };
                    opened.err().map(Outcome::NoBrowser)
                });
            }
            Job::FetchKeys(url) => drop(self.spawn(generation, async move { Some(keys(transport, url).await) })),
            Job::CopySecret(text) => {
                if !self.clipboard.copy(&text, Kind::Secret) {
                    drop(self.spawn(generation, async move { Some(Outcome::CopyFailed(text)) }));
                }
            }
            Job::History(job) => {
                if let Some(keeper) = &self.keeper {
                    keeper.ask(job);
                }
            }
            Job::Remember(text) => {
                if let Some(storage) = &self.storage {
                    // Losing the window's state is not worth a message.
                    let _ = storage.write(STATE_FILE, &text);
                }
            }
            job => self.start_apart(generation, job),
        }
    }

    fn stop(&mut self, generation: u64) {
        for task in self.under_way.remove(&generation).unwrap_or_default().tasks {
            task.abort();
        }
        self.shared.close(generation);
    }

    fn reports(&mut self) -> Vec<Report> {
        std::iter::from_fn(|| self.came.try_recv().ok()).collect()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for under_way in std::mem::take(&mut self.under_way).into_values() {
            under_way.tasks.iter().for_each(AbortHandle::abort);
        }
        // Nobody reads reports any more; the thread that writes must not wait for that.
        self.came.close();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;
    use crate::flow::callback::{Awaited, Awaiting};
    use crate::gui::backend::OpenFor;
    use crate::gui::update::NO_RUN;
    use crate::terms::response::ResponseMode;

    /// A browser comes to the redirect URI, again until somebody answers.
    fn redirect(to: &Url, state: &str) {
        while !get(to, &format!("/cb?code=c&state={state}")).is_some_and(|said| said.starts_with("HTTP/1.1 303")) {
            std::thread::yield_now();
        }
    }

    fn get(at: &Url, target: &str) -> Option<String> {
        let mut socket = TcpStream::connect((at.host_str()?, at.port()?)).ok()?;
        // A client may be given the very port it asks for, and then talks to itself.
        if socket.local_addr().ok() == socket.peer_addr().ok() {
            return None;
        }
        let host = format!("{}:{}", at.host_str()?, at.port()?);
        write!(socket, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").ok()?;
        let mut said = String::new();
        socket.read_to_string(&mut said).ok()?;
        Some(said)
    }

    fn awaiting(redirect_uri: &Url, state: &str) -> Job {
        Job::Perform(Action::Await(Awaiting {
            redirect_uri: redirect_uri.clone(),
            state: Some(state.to_owned()),
            response_mode: ResponseMode::Query,
            awaited: Awaited::Authorization,
            beside: Vec::new(),
        }))
    }

    fn next(worker: &mut Worker) -> (u64, Event) {
        match worker.came.blocking_recv() {
            Some(Report { generation, outcome: Outcome::Flow(event) }) => (generation, event),
            _ => panic!("another report"),
        }
    }

    #[test]
    fn a_request_to_the_practice_server_asks_the_window_for_a_frame() {
        let worker = Worker::start().expect("a runtime");
        let (asked, frames) = std::sync::mpsc::channel();
        let window = Context::default();
        window.set_request_repaint_callback(move |_| {
            let _ = asked.send(());
        });
        worker.wake_with(window);
        let issuer = worker.practice().expect("a practice server");
        assert!(frames.try_recv().is_err(), "nothing has happened");
        assert!(get(&issuer, "/jwks").is_some());
        assert!(frames.try_recv().is_ok());
        assert_eq!(worker.practice_handles().first().map(PracticeHandle::requests), Some(1));
    }

    #[test]
    fn a_wait_is_one_however_often_it_is_asked_for_and_can_be_taken_up_again() {
        let mut worker = Worker::start().expect("a runtime");
        let wanted = Url::parse("http://127.0.0.1:0/cb").expect("a URL");
        worker.start(1, Job::Perform(Action::Listen(wanted)));
        let (_, Event::Listening(bound)) = next(&mut worker) else { panic!("nobody listens") };
        for (generation, state) in [(1, "a"), (2, "b")] {
            worker.stop(1);
            worker.start(generation, awaiting(&bound, state));
            worker.start(generation, awaiting(&bound, state));
        }
        redirect(&bound, "b");
        // The first wait may have seen the browser too, before it ended; the window drops what it says.
        let (_, event) =
            std::iter::repeat_with(|| next(&mut worker)).find(|(generation, _)| *generation == 2).expect("a report");
        assert!(matches!(event, Event::CalledBack(_)), "{event:?}");
    }

    #[cfg(unix)]
    #[test]
    fn closing_waits_for_no_file_that_hangs() {
        let mut worker = Worker::start().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        worker.start(NO_RUN, Job::Read(path.clone(), OpenFor::Use));
        let refused = worker.came.blocking_recv().map(|report| report.outcome);
        assert!(matches!(refused, Some(Outcome::FileFailed(why)) if why.contains("and no file")));
        worker.start(NO_RUN, Job::ReadKeyFile { path, password: Secret::default() });
        // Nobody ever writes there.
        drop(worker);
    }
}
