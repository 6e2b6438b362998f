//! What a run has done outside: requests, and listening for what the browser brings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use egui::Context;
use tokio::sync::mpsc::Sender;
use url::Url;

use crate::base::http::{HttpRequest, can_be_listened_at};
use crate::flow::beside::Beside;
use crate::flow::callback::{Awaited, Awaiting};
use crate::flow::{Event, Failure};
use crate::gui::backend::{Outcome, Report};
use crate::io::beside::{LATE, Places, ServedPlaces};
use crate::io::callback::{ListenError, Listener, is_served_elsewhere};
use crate::io::clock;
use crate::io::transport::Transport;

/// How long a redirect is awaited.
const REDIRECT_LIMIT: Duration = Duration::from_secs(600);

/// How often a socket is tried again that may be closing: longer in all than a listener sees its last visitor off.
const REBINDINGS: u32 = 120;

/// What the tasks of a run need.
#[derive(Clone)]
pub(super) struct Shared {
    pub transport: Transport,
    /// By the number of what is under way.
    listeners: Arc<Mutex<BTreeMap<u64, Listener>>>,
    /// Places beside them, by the same number.
    places: Arc<Mutex<BTreeMap<u64, Places>>>,
    /// Where this program has listened.
    own_ports: Arc<Mutex<BTreeSet<u16>>>,
    reports: Sender<Report>,
    window: Arc<OnceLock<Context>>,
}

impl Shared {
    pub fn new(transport: Transport, reports: Sender<Report>) -> Self {
        let (listeners, places, own_ports, window) = Default::default();
        Self { transport, listeners, places, own_ports, reports, window }
    }

    /// From now on every report asks this window for a frame.
    pub fn wake_with(&self, window: Context) {
        // A worker serves one window; a second call changes nothing.
        let _ = self.window.set(window);
    }

    /// Asks the window for a frame, for those who have no report.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let window = Arc::clone(&self.window);
        move || wake(&window)
    }

    /// Frees the port that is listened at, unless somebody waits there.
    pub fn close(&self, generation: u64) {
        self.listeners().remove(&generation);
        self.places().remove(&generation);
    }

    pub async fn report(&self, generation: u64, outcome: Outcome) {
        // A full queue makes the task wait; only a closed window ends it.
        if self.reports.send(Report { generation, outcome }).await.is_ok() {
            self.wake();
        }
    }

    /// The same from a thread of one's own, which may wait.
    pub fn report_now(&self, generation: u64, outcome: Outcome) {
        if self.reports.blocking_send(Report { generation, outcome }).is_ok() {
            self.wake();
        }
    }

    fn wake(&self) {
        wake(&self.window);
    }

    pub async fn listen(&self, generation: u64, redirect_uri: Url) -> Outcome {
        let event = match self.bind(&redirect_uri).await {
            Ok(listener) => {
                let bound = listener.redirect_uri().clone();
                self.listeners().insert(generation, listener);
                Event::Listening(bound)
            }
            // What comes to an application of one's own can be pasted.
            Err(error) if is_served_elsewhere(&redirect_uri, &error) => Event::Listening(redirect_uri),
            Err(error) => failed(Failure::Listen(error.to_string()), Duration::ZERO),
        };
        Outcome::Flow(event)
    }

    /// Binds, with patience where this program itself has listened: its socket takes a moment to close.
    async fn bind(&self, redirect_uri: &Url) -> Result<Listener, ListenError> {
        let is_own = redirect_uri.port().is_some_and(|port| self.own_ports().contains(&port));
        let mut left = if is_own { REBINDINGS } else { 0 };
        let listener = loop {
            match Listener::bind(redirect_uri).await {
                Err(ListenError::PortTaken(_)) if left > 0 => {
                    left -= 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                bound => break bound?,
            }
        };
        self.own_ports().extend(listener.redirect_uri().port());
        Ok(listener)
    }

    fn own_ports(&self) -> std::sync::MutexGuard<'_, BTreeSet<u16>> {
        self.own_ports.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn places(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Places>> {
        self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub async fn offer(&self, generation: u64, wanted: Url) -> Outcome {
        let mut places = self.places().remove(&generation).unwrap_or_default();
        let listening_at = self.listeners().get(&generation).map(|listener| listener.redirect_uri().clone());
        let event = places.bind(&wanted, listening_at.as_ref()).await;
        self.places().insert(generation, places);
        Outcome::Flow(event)
    }

    /// Serves what is offered to servers meanwhile; what is so at the port of a listener, this answers.
    async fn served(&self, generation: u64, beside: Vec<Beside>, listening_at: Option<&Url>) -> ServedPlaces {
        let places = self.places().remove(&generation).unwrap_or_default();
        let on_arrival = self.telling(generation, |arrival| Event::Arrived(Box::new(arrival)));
        places.serve(beside, listening_at, on_arrival).await
    }

    /// The same while this program plays the browser, and nobody comes to the listener.
    pub async fn served_alone(&self, generation: u64, beside: Vec<Beside>) -> ServedPlaces {
        if !beside.is_empty() {
            self.listeners().remove(&generation);
        }
        self.served(generation, beside, None).await
    }

    /// Tells the window of what comes while something is awaited.
    fn telling<T: 'static>(
        &self,
        generation: u64,
        event: fn(T) -> Event,
    ) -> impl FnMut(T) + Clone + Send + 'static + use<T> {
        let shared = self.clone();
        move |came| {
            let report = Report { generation, outcome: Outcome::Flow(event(came)) };
            if shared.reports.try_send(report).is_ok() {
                shared.wake();
            }
        }
    }

    fn listeners(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Listener>> {
        self.listeners.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub async fn send(&self, request: HttpRequest) -> Outcome {
        let begun = clock::now();
        Outcome::Flow(match self.transport.send(&request).await {
            Ok(answer) => Event::Answered { response: answer.response, took: answer.took },
            Err(error) => failed(error.into(), clock::now().since(begun)),
        })
    }

    pub async fn wait(&self, generation: u64, awaiting: Awaiting) -> Outcome {
        // How long a person takes in the browser, that person knows.
        if let Awaited::Told(_) = awaiting.awaited {
            self.served_alone(generation, awaiting.beside).await.end(REDIRECT_LIMIT).await;
            return Outcome::Flow(Event::Heard);
        }
        let served = self.served(generation, awaiting.beside.clone(), Some(&awaiting.redirect_uri)).await;
        let held = self.listeners().remove(&generation);
        let listener = match held {
            Some(listener) => listener,
            None if !can_be_listened_at(&awaiting.redirect_uri) => {
                // A redirect URI elsewhere: the user pastes the response, so there is nothing to end this wait.
                return std::future::pending().await;
            }
            // A wait that was left and is taken up again.
            None => match self.bind(&awaiting.redirect_uri).await {
                Ok(listener) => listener,
                Err(error) if is_served_elsewhere(&awaiting.redirect_uri, &error) => {
                    return std::future::pending().await;
                }
                Err(error) => return Outcome::Flow(failed(Failure::Listen(error.to_string()), Duration::ZERO)),
            },
        };
        let on_note = self.telling(generation, |event| event);
        let begun = clock::now();
        let came = listener.wait(&awaiting, clock::now, on_note, REDIRECT_LIMIT).await;
        served.end(LATE).await;
        Outcome::Flow(match came {
            Ok(callback) => Event::CalledBack(callback),
            Err(error) => failed(Failure::wait(error.to_string()), clock::now().since(begun)),
        })
    }
}

fn wake(window: &OnceLock<Context>) {
    if let Some(window) = window.get() {
        window.request_repaint();
    }
}

const fn failed(error: Failure, took: Duration) -> Event {
    Event::Failed { error, took }
}
