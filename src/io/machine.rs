//! The command line's world: performs a flow's actions one after the other, on this machine.

mod waiting;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use url::Url;

use crate::base::http::{ClientCertificate, HttpRequest};
use crate::base::time::{Timestamp, spoken};
use crate::flow::callback::Errand;
use crate::flow::world::World;
use crate::flow::{Action, Event, Failure};
use crate::io::beside::Places;
use crate::io::callback::{Listener, is_served_elsewhere};
use crate::io::interruption::{Interruptions, asked_to_end};
use crate::io::serve::{Ports, ServeError, Served, Server};
use crate::io::sign_in::{Jar, SignInError, approve, is_named, visit, within};
use crate::io::transport::{Transport, TransportOptions};
use crate::io::{browser, clock, random};
use crate::practice::{Config, Entry, PracticeHandle};

pub use crate::io::serve::PRACTICE_PORT;
pub use crate::io::user_agent::{Notice, UserAgent};

/// How long an interrupted program may take to say what came until then.
pub const GRACE: Duration = Duration::from_secs(3);

/// Why a machine cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the program could not be set up: {0}")]
pub struct SetupError(String);

/// This machine: its network, its browser, its clock.
pub struct Machine {
    runtime: Runtime,
    transport: Transport,
    agent: UserAgent,
    /// How long a response is awaited, or polled for.
    limit: Duration,
    /// Between polls so far.
    slept: Duration,
    tell: Box<dyn FnMut(Notice<'_>)>,
    practice: Option<Server>,
    /// What a listener with `https` shows; otherwise one is made.
    certificate: Option<ClientCertificate>,
    listener: Option<Listener>,
    /// Places beside the redirect URI that are bound.
    places: Places,
    /// Why there is none.
    not_bound: Option<String>,
    /// Lines of standard input, once they are read.
    lines: Option<UnboundedReceiver<String>>,
    /// Whether the URL that was given as the response has been taken.
    is_redirected: bool,
    visiting: Option<Url>,
    /// Of the sign-in by this program, for the logout of the same run.
    cookies: Jar,
    /// Whether the user or the system wants the program to end.
    interrupted: watch::Sender<bool>,
    farewell: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("agent", &self.agent).finish_non_exhaustive()
    }
}

impl Machine {
    /// Sets up runtime and transport. A response is awaited for `limit`; what people must know goes to `tell`.
    ///
    /// # Errors
    /// When the system gives no threads or TLS cannot be set up.
    pub fn new(agent: UserAgent, limit: Duration, tell: impl FnMut(Notice<'_>) + 'static) -> Result<Self, SetupError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| SetupError(error.to_string()))?;
        let transport = Transport::new(TransportOptions::default()).map_err(|error| SetupError(error.to_string()))?;
        Ok(Self {
            runtime,
            transport,
            agent,
            limit,
            slept: Duration::ZERO,
            tell: Box::new(tell),
            practice: None,
            certificate: None,
            listener: None,
            places: Places::default(),
            not_bound: None,
            lines: None,
            is_redirected: false,
            visiting: None,
            cookies: Jar::default(),
            interrupted: watch::Sender::new(false),
            farewell: None,
        })
    }

    /// Starts the practice server and says where it is, and what clients with certificates need there.
    /// `observe` sees what the log says of every exchange.
    ///
    /// # Errors
    /// When the port cannot be had, or the server cannot be made.
    pub fn serve_practice(
        &mut self,
        ports: impl Into<Ports>,
        configure: impl FnOnce(Url) -> Result<Config, String>,
        observe: impl FnMut(&Entry) + Send + 'static,
    ) -> Result<Served, ServeError> {
        let entropy = random::entropy().map_err(|error| ServeError::Handler(error.into()))?;
        let server = Server::practice(ports.into(), entropy, self.transport.clone(), configure, observe);
        let server = self.runtime.block_on(server)?;
        let served = server.served().clone();
        self.practice = Some(server);
        Ok(served)
    }

    /// A handle on the practice server, once it is served.
    pub fn practice(&self) -> Option<&PracticeHandle> {
        self.practice.as_ref().and_then(Server::handle)
    }

    /// Interruptions from now on, for a program that does nothing until one comes.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn interruptions(&self) -> Result<Interruptions, SetupError> {
        let _within = self.runtime.enter();
        Interruptions::listen().map_err(|error| SetupError(error.to_string()))
    }

    /// Waits until the user or the system wants the program to end.
    pub fn until(&self, mut interruptions: Interruptions) {
        self.runtime.block_on(interruptions.next());
    }

    /// From now on an interruption ends what is under way, and the program has to ask for it. One that goes on after
    /// another interruption, or longer than [`GRACE`], is busy with what came or waits for who reads what it writes:
    /// `too_late` ends it.
    pub fn heed_interruptions(&self, too_late: fn()) {
        let tell = self.interrupted.clone();
        let (listens, is_listening) = std::sync::mpsc::channel();
        // On a thread of its own, which is there also when the runtime is not.
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                let Ok(mut interruptions) = Interruptions::listen() else { return };
                let _ = listens.send(());
                interruptions.next().await;
                tell.send_replace(true);
                drop(tokio::time::timeout(GRACE, interruptions.next()).await);
                too_late();
            });
        });
        // Nothing leaves before: one that comes at once would end the program with what is known untold.
        let _ = is_listening.recv();
    }

    /// Whether the user or the system wants the program to end.
    pub fn is_interrupted(&self) -> bool {
        *self.interrupted.borrow()
    }

    /// The agent in this program trusts these authorities, as PEM, beside those of the system.
    pub fn trust(&mut self, authorities: &str) {
        if let UserAgent::SignIn(user) = &mut self.agent {
            *user = std::mem::take(user).trusting(authorities);
        }
    }

    /// Listeners with `https` show this certificate.
    pub fn show(&mut self, certificate: Option<ClientCertificate>) {
        self.certificate = certificate;
    }

    /// Waits for others as long as at the beginning.
    pub const fn begin_anew(&mut self) {
        self.slept = Duration::ZERO;
    }

    /// What comes of this; nothing when it is interrupted.
    fn until_done<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let stop = asked_to_end(self.interrupted.subscribe());
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                done = work => Some(done),
                () = stop => None,
            }
        })
    }

    /// Lets a browser get its last page, then ends everything that was started.
    pub fn finish(mut self) {
        if let Some(farewell) = self.farewell.take().filter(|_| !self.is_interrupted()) {
            self.runtime.block_on(farewell);
        }
        if let Some(practice) = self.practice.take() {
            self.runtime.block_on(practice.stop());
        }
        // A thread may still wait for a line of standard input.
        self.runtime.shutdown_background();
    }

    fn listen(&mut self, redirect_uri: &Url) -> Event {
        let is_optional = matches!(self.agent, UserAgent::SignIn(_) | UserAgent::Redirected(_));
        self.not_bound = None;
        match self.runtime.block_on(Listener::bind_showing(redirect_uri, self.certificate.as_ref())) {
            Ok(listener) => {
                let bound = listener.redirect_uri().clone();
                if bound.scheme() == "https" && self.certificate.is_none() && !is_optional {
                    (self.tell)(Notice::OwnCertificate(&bound));
                }
                self.listener = Some(listener);
                Event::Listening(bound)
            }
            // Only a ping needs the listener then, and says why there is none. An application of one's own may be at an
            // https port, and what comes there can be pasted.
            Err(error) if is_optional || is_served_elsewhere(redirect_uri, &error) => {
                self.not_bound = Some(error.to_string());
                Event::Listening(redirect_uri.clone())
            }
            Err(error) => failed(Failure::Listen(error.to_string()), Duration::ZERO),
        }
    }

    fn offer(&mut self, wanted: &Url) -> Event {
        let listening_at = self.listener.as_ref().map(Listener::redirect_uri);
        self.runtime.block_on(self.places.bind(wanted, listening_at))
    }

    fn send(&self, request: &HttpRequest) -> Event {
        let begun = clock::now();
        match self.until_done(self.transport.send(request)) {
            None => INTERRUPTED,
            Some(Ok(answer)) => Event::Answered { response: answer.response, took: answer.took },
            Some(Err(error)) => failed(error.into(), clock::now().since(begun)),
        }
    }

    fn browse(&mut self, request: &HttpRequest, errand: Errand) -> Event {
        let (url, begun) = (&request.url, clock::now());
        let has_way_back = request.query().contains("post_logout_redirect_uri");
        match self.agent {
            // Never opened by itself: the server chose this address (RFC 8628 section 5.4).
            UserAgent::Browser if errand == Errand::Approval => (self.tell)(Notice::Visit(url)),
            UserAgent::Browser => match self.until_done(browser::open(url)).unwrap_or(Ok(())) {
                Ok(()) => (self.tell)(Notice::Opened(url, errand)),
                Err(error) => (self.tell)(Notice::NoBrowser(url, error)),
            },
            UserAgent::Reader | UserAgent::Paster => (self.tell)(Notice::Visit(url)),
            UserAgent::SignIn(ref user) if errand == Errand::Approval => {
                // Nobody else will approve, so there is nothing to poll for.
                match self.by_itself(approve(&self.transport, url, user)) {
                    Err(failure) => return failed(failure, clock::now().since(begun)),
                    Ok(hops) if !is_named(&hops, user) => (self.tell)(Notice::NotAsked(&user.username)),
                    Ok(_) => {}
                }
            }
            // Otherwise the way is gone when what it leads to, or what is told meanwhile, is awaited.
            UserAgent::SignIn(ref user) if errand == (Errand::Logout { is_heard: false }) && !has_way_back => {
                if let Err(failure) = self.by_itself(visit(&self.transport, url, user, self.cookies.clone())) {
                    return failed(failure, clock::now().since(begun));
                }
            }
            UserAgent::SignIn(_) | UserAgent::Redirected(_) => {}
        }
        self.visiting = Some(url.clone());
        Event::Browsed
    }

    /// What comes of the user agent in this program, in the time there is for a response.
    fn by_itself<T>(&self, way: impl Future<Output = Result<T, SignInError>>) -> Result<T, Failure> {
        Ok(self.until_done(within(self.limit, way)).ok_or_else(|| Failure::wait("it was interrupted"))??)
    }
}

impl World for Machine {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn perform(&mut self, action: &Action, note: &mut dyn FnMut(Event)) -> Event {
        let event = self.done(action, note);
        // What was interrupted has not failed: it is where it was.
        if matches!(event, Event::Failed { .. }) && self.is_interrupted() { INTERRUPTED } else { event }
    }
}

impl Machine {
    fn done(&mut self, action: &Action, note: &mut dyn FnMut(Event)) -> Event {
        match action {
            Action::Listen(redirect_uri) => self.listen(redirect_uri),
            Action::Offer(wanted) => self.offer(wanted),
            Action::Send(request) => self.send(request),
            Action::Browse(request, errand) => self.browse(request, *errand),
            Action::Await(awaiting) => self.await_response(awaiting, note),
            Action::Sleep(_) if self.slept > self.limit => {
                let reason = format!("the user did not decide within {}", spoken(self.limit));
                failed(Failure::wait(reason), self.slept)
            }
            Action::Sleep(until) => {
                self.slept += until.since(clock::now());
                self.until_done(async { tokio::time::sleep(until.since(clock::now())).await });
                Event::Woke
            }
        }
    }
}

/// Answers nothing but a sleep, so a flow stays where it is.
const INTERRUPTED: Event = Event::Woke;

const fn failed(error: Failure, took: Duration) -> Event {
    Event::Failed { error, took }
}
