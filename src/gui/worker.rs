//! The window's backend: a tokio runtime that does the jobs and wakes the window when something came.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use egui::Context;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;
use url::Url;

use super::backend::{Backend, Job, Outcome, Report};
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, can_be_listened_at};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::flow::callback::Awaiting;
use crate::flow::{Action, Event, Failure};
use crate::io::callback::{ListenError, Listener};
use crate::io::clipboard::{Clipboard, Kind};
use crate::io::dialog::{FileDialog, dialogs_available};
use crate::io::serve::{PRACTICE_PORT, PRACTICE_TLS_PORT, Port, Ports, ServedTls, Server};
use crate::io::sign_in::{approve, sign_in, visit};
use crate::io::storage::{self, Access, Storage};
use crate::io::transport::{Transport, TransportOptions};
use crate::io::{browser, clock, key_file, random};
use crate::jose::key::SigningKey;
use crate::practice::Config;

/// What keys and certificates are usually called.
const KEY_FILES: &[&str] = &["pem", "key", "crt", "cer", "p12", "pfx", "jwk", "json", "jwt", "xml"];

/// How long a redirect is awaited.
const REDIRECT_LIMIT: Duration = Duration::from_secs(600);

/// How often a socket is tried again that may be closing: longer in all than a listener sees its last visitor off.
const REBINDINGS: u32 = 120;

/// Reports that may wait for the window. More than any run makes at once.
const REPORTS: usize = 256;

/// The name of the file the window's state is remembered in.
pub const STATE_FILE: &str = "window.json";

/// Does the window's jobs on a tokio runtime.
pub struct Worker {
    runtime: Runtime,
    practice: Result<Server, String>,
    shared: Shared,
    came: Receiver<Report>,
    /// Tasks of the run, ended by Stop.
    tasks: Vec<AbortHandle>,
    /// That of them which waits for what the browser brings.
    waiting: Option<AbortHandle>,
    clipboard: Clipboard,
    storage: Option<Storage>,
}

/// What tasks need.
#[derive(Clone)]
struct Shared {
    transport: Transport,
    listener: Arc<Mutex<Option<Listener>>>,
    /// Where this program listened last.
    last_port: Arc<AtomicU16>,
    reports: Sender<Report>,
    window: Arc<OnceLock<Context>>,
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
        let practice = runtime.block_on(start_practice(transport.clone()));
        let (reports, came) = channel(REPORTS);
        let shared =
            Shared { transport, listener: Arc::default(), last_port: Arc::default(), reports, window: Arc::default() };
        let storage = Storage::of_program();
        Ok(Self {
            runtime,
            practice,
            shared,
            came,
            tasks: Vec::new(),
            waiting: None,
            clipboard: Clipboard::start(),
            storage,
        })
    }

    /// From now on every report asks this window for a frame.
    pub fn wake_with(&self, window: Context) {
        // A worker serves one window; a second call changes nothing.
        let _ = self.shared.window.set(window);
    }

    /// What was remembered; an unreadable file is kept aside.
    pub fn remembered(&self) -> Option<String> {
        let storage = self.storage.as_ref()?;
        match storage.read(STATE_FILE) {
            Ok(text) => text,
            Err(_) => {
                let _ = storage::set_aside(&storage.path(STATE_FILE), clock::now());
                None
            }
        }
    }

    fn spawn(&mut self, generation: u64, job: impl Future<Output = Option<Outcome>> + Send + 'static) -> AbortHandle {
        let shared = self.shared.clone();
        let task = self.runtime.spawn(async move {
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
                self.spawn(generation, async move { Some(shared.listen(redirect_uri).await) })
            }
            Action::Send(request) => self.spawn(generation, async move { Some(shared.send(request).await) }),
            // Who waits already goes on waiting, though the window may have tried to sign in by itself meanwhile.
            Action::Await(_) if self.waiting.as_ref().is_some_and(|wait| !wait.is_finished()) => return,
            Action::Await(awaiting) => {
                let handle = self.spawn(generation, async move { Some(shared.wait(generation, awaiting).await) });
                self.waiting = Some(handle.clone());
                handle
            }
            Action::Sleep(until) => self.spawn(generation, async move {
                tokio::time::sleep(until.since(clock::now())).await;
                Some(Outcome::Flow(Event::Woke))
            }),
            // The window sends the browser itself, by `Job::OpenBrowser`.
            Action::Browse(..) => return,
        };
        self.tasks.push(handle);
    }
}

/// The practice server on its port, or on any.
async fn start_practice(transport: Transport) -> Result<Server, String> {
    let entropy = random::entropy().map_err(|error| error.to_string())?;
    let ports = Ports { plain: Port::Prefer(PRACTICE_PORT), tls: Port::Prefer(PRACTICE_TLS_PORT) };
    let configure = |issuer| Ok::<_, Infallible>(Config::practice(issuer));
    let server = Server::practice(ports, entropy, transport, configure, |_, _| {});
    server.await.map_err(|error| error.to_string())
}

impl Shared {
    async fn report(&self, generation: u64, outcome: Outcome) {
        // A full queue makes the task wait; only a closed window ends it.
        if self.reports.send(Report { generation, outcome }).await.is_ok() {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(window) = self.window.get() {
            window.request_repaint();
        }
    }

    async fn listen(&self, redirect_uri: Url) -> Outcome {
        let event = match self.bind(&redirect_uri).await {
            Ok(listener) => {
                let bound = listener.redirect_uri().clone();
                *self.slot() = Some(listener);
                Event::Listening(bound)
            }
            Err(error) => failed(None, Failure::Listen(error.to_string()), Duration::ZERO),
        };
        Outcome::Flow(event)
    }

    /// Binds, with patience where this program itself listened last: its socket takes a moment to close.
    async fn bind(&self, redirect_uri: &Url) -> Result<Listener, ListenError> {
        let is_own = redirect_uri.port() == Some(self.last_port.load(Ordering::Relaxed));
        for _ in 0..if is_own { REBINDINGS } else { 0 } {
            match Listener::bind(redirect_uri).await {
                Err(ListenError::PortTaken(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
                bound => return bound,
            }
        }
        let listener = Listener::bind(redirect_uri).await?;
        self.last_port.store(listener.redirect_uri().port().unwrap_or_default(), Ordering::Relaxed);
        Ok(listener)
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Listener>> {
        self.listener.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn send(&self, request: HttpRequest) -> Outcome {
        let begun = clock::now();
        Outcome::Flow(match self.transport.send(&request).await {
            Ok(answer) => Event::Answered { request, response: answer.response, took: answer.took },
            Err(error) => failed(Some(request), error.into(), clock::now().since(begun)),
        })
    }

    async fn wait(&self, generation: u64, awaiting: Awaiting) -> Outcome {
        let held = self.slot().take();
        let listener = match held {
            Some(listener) => listener,
            None if !can_be_listened_at(&awaiting.redirect_uri) => {
                // A redirect URI elsewhere: the user pastes the response, so there is nothing to end this wait.
                return std::future::pending().await;
            }
            // A wait that was left and is taken up again.
            None => match self.bind(&awaiting.redirect_uri).await {
                Ok(listener) => listener,
                Err(error) => return Outcome::Flow(failed(None, Failure::Listen(error.to_string()), Duration::ZERO)),
            },
        };
        let shared = self.clone();
        let on_stray = move |stray| {
            let report = Report { generation, outcome: Outcome::Flow(Event::Stray(stray)) };
            if shared.reports.try_send(report).is_ok() {
                shared.wake();
            }
        };
        let begun = clock::now();
        Outcome::Flow(match listener.wait(&awaiting, clock::now, on_stray, REDIRECT_LIMIT).await {
            Ok(callback) => Event::CalledBack(callback),
            Err(error) => failed(None, Failure::Wait(error.to_string()), clock::now().since(begun)),
        })
    }
}

const fn failed(request: Option<HttpRequest>, error: Failure, took: Duration) -> Event {
    Event::Failed { request, error, took }
}

fn file_dialog(title: &str) -> FileDialog {
    FileDialog::new(title, "Presets", &["toml"])
}

/// Reads a file off the runtime's own threads.
async fn read(path: PathBuf) -> Outcome {
    let from = path.clone();
    let text = tokio::task::spawn_blocking(move || storage::read(&from)).await;
    match text {
        Ok(Ok(text)) => Outcome::Opened(path, text),
        Ok(Err(error)) => Outcome::FileFailed(format!("The preset could not be read: {error}")),
        Err(error) => Outcome::FileFailed(format!("{} could not be read: {error}", path.display())),
    }
}

async fn write(path: PathBuf, text: String, private: bool) -> Outcome {
    let to = path.clone();
    let access = if private { Access::Private } else { Access::Usual };
    let done = tokio::task::spawn_blocking(move || storage::write(&to, &text, access)).await;
    match done {
        Ok(Ok(())) => Outcome::Saved(path),
        Ok(Err(error)) => Outcome::FileFailed(not_saved(&path, &error)),
        Err(error) => Outcome::FileFailed(not_saved(&path, &error)),
    }
}

fn not_saved(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{} could not be saved: {error}. The settings are still here.", path.display())
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

    fn environment(&self, name: &str) -> Option<Secret> {
        std::env::var(name).ok().map(Secret::new)
    }

    fn start(&mut self, generation: u64, job: Job) {
        let transport = self.shared.transport.clone();
        match job {
            Job::Perform(action) => self.perform(generation, action),
            Job::SignIn { url, username, redirect_uri } => {
                let handle = self.spawn(generation, async move {
                    Some(match sign_in(&transport, &url, &username, &redirect_uri).await {
                        Ok(signed_in) => Outcome::Flow(Event::CalledBack(signed_in.callback)),
                        Err(error) => Outcome::SignInFailed(error.to_string()),
                    })
                });
                self.tasks.push(handle);
            }
            Job::Approve { url, username } => {
                let handle = self.spawn(generation, async move {
                    Some(match approve(&transport, &url, &username).await {
                        Ok(_) => Outcome::Approved(username),
                        Err(error) => Outcome::SignInFailed(error.to_string()),
                    })
                });
                self.tasks.push(handle);
            }
            Job::Visit { url, username } => {
                let handle = self.spawn(generation, async move {
                    let visited = visit(&transport, &url, &username).await;
                    visited.err().map(|error| Outcome::SignInFailed(error.to_string()))
                });
                self.tasks.push(handle);
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
            Job::AskForKeyFile => {
                self.spawn(generation, async move {
                    let dialog = FileDialog::new("Read a key", "Keys and certificates", KEY_FILES);
                    if !dialogs_available() {
                        return Some(Outcome::NoKeyFileDialog);
                    }
                    let chosen = dialog.open().await;
                    Some(Outcome::KeyFileChosen(chosen.map(|path| path.display().to_string())))
                });
            }
            Job::ReadKeyFile { path, password } => {
                self.spawn(generation, async move {
                    let read = tokio::task::spawn_blocking(move || key_file::read(&path, &password)).await;
                    let read = read.map_err(|error| error.to_string());
                    Some(Outcome::KeyFileRead(read.and_then(|read| read.map_err(|error| error.to_string()))))
                });
            }
            Job::MakeKey(alg) => {
                let kid = format!("grantscope-{}", clock::now().seconds());
                self.spawn(generation, async move {
                    let made = tokio::task::spawn_blocking(move || SigningKey::generate(&alg, &kid)).await;
                    let made = made.map_err(|error| error.to_string());
                    let made = made.and_then(|made| made.map_err(|error| error.to_string()));
                    Some(Outcome::KeyMade(made.map(|key| key.private_jwk())))
                });
            }
            Job::AskToOpen => {
                self.spawn(generation, async move {
                    if !dialogs_available() {
                        return Some(Outcome::NoChoice { saving: false, dialogs: false });
                    }
                    Some(match file_dialog("Open a preset").open().await {
                        Some(path) => read(path).await,
                        None => Outcome::NoChoice { saving: false, dialogs: true },
                    })
                });
            }
            Job::AskToSave { name, text, private } => {
                self.spawn(generation, async move {
                    if !dialogs_available() {
                        return Some(Outcome::NoChoice { saving: true, dialogs: false });
                    }
                    Some(match file_dialog("Save the preset").save(&name).await {
                        Some(path) => write(path, text, private).await,
                        None => Outcome::NoChoice { saving: true, dialogs: true },
                    })
                });
            }
            Job::Read(path) => drop(self.spawn(generation, async move { Some(read(path).await) })),
            Job::Write { path, text, private } => {
                drop(self.spawn(generation, async move { Some(write(path, text, private).await) }));
            }
            Job::FetchKeys(url) => drop(self.spawn(generation, async move { Some(keys(transport, url).await) })),
            Job::CopySecret(text) => {
                if !self.clipboard.copy(&text, Kind::Secret) {
                    drop(self.spawn(generation, async move { Some(Outcome::CopyFailed(text)) }));
                }
            }
            Job::Remember(text) => {
                if let Some(storage) = &self.storage {
                    // Losing the window's state is not worth a message.
                    let _ = storage.write(STATE_FILE, &text);
                }
            }
        }
    }

    fn stop_flow(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
        }
        self.waiting = None;
        *self.shared.slot() = None;
    }

    fn reports(&mut self) -> Vec<Report> {
        std::iter::from_fn(|| self.came.try_recv().ok()).collect()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop_flow();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;
    use crate::flow::callback::Awaited;
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
        }))
    }

    fn next(worker: &mut Worker) -> (u64, Event) {
        match worker.came.blocking_recv() {
            Some(Report { generation, outcome: Outcome::Flow(event) }) => (generation, event),
            _ => panic!("another report"),
        }
    }

    #[test]
    fn a_wait_is_one_however_often_it_is_asked_for_and_can_be_taken_up_again() {
        let mut worker = Worker::start().expect("a runtime");
        let wanted = Url::parse("http://127.0.0.1:0/cb").expect("a URL");
        worker.start(1, Job::Perform(Action::Listen(wanted)));
        let (_, Event::Listening(bound)) = next(&mut worker) else { panic!("nobody listens") };
        for (generation, state) in [(1, "a"), (2, "b")] {
            worker.stop_flow();
            worker.start(generation, awaiting(&bound, state));
            worker.start(generation, awaiting(&bound, state));
        }
        redirect(&bound, "b");
        // The first wait may have seen the browser too, before it ended; the window drops what it says.
        let (_, event) =
            std::iter::repeat_with(|| next(&mut worker)).find(|(generation, _)| *generation == 2).expect("a report");
        assert!(matches!(event, Event::CalledBack(_)), "{event:?}");
    }
}
