//! Messages that are held on their way, until somebody decides what becomes of them: the paused mode of standing between.
//!
//! A [`Gate`] is a handle: who shows what is held has one, and each connection another. A message is held as it is about
//! to go on in the provider's terms: a request as it would leave, an answer as it came. It has no time: only its client's
//! own patience ends the wait.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::text::elided;
use crate::base::time::Timestamp;
use crate::capture::exchange::origin;
use crate::io::clock;

/// So many messages are held at once; further ones are refused.
pub const HELD: usize = 48;
/// So many bytes of bodies are held at once.
const HELD_BYTES: usize = 64 * 1024 * 1024;
/// So many of those that were not released are told.
const TOLD: usize = 50;

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// As it is about to leave.
    Request(HttpRequest),
    /// As it came, and the request that it answers.
    Answer(HttpRequest, HttpResponse),
}

impl Message {
    /// The request that it is, or that it answers.
    pub const fn request(&self) -> &HttpRequest {
        match self {
            Self::Request(request) | Self::Answer(request, _) => request,
        }
    }

    /// `POST /token`, or `200 to POST /token`: nothing that opens anything.
    pub fn title(&self) -> String {
        let request = self.request();
        let path = elided(request.url.path(), 60);
        match self {
            Self::Request(_) => format!("{} {path}", request.method),
            Self::Answer(_, response) => format!("{} to {} {path}", response.status, request.method),
        }
    }

    const fn size(&self) -> usize {
        match self {
            Self::Request(request) => request.body.len(),
            Self::Answer(_, response) => response.body.len(),
        }
    }

    /// Why another message cannot go on in the place of this one.
    fn refuses(&self, changed: &Self) -> Option<String> {
        match (self, changed) {
            (Self::Request(held), Self::Request(changed)) if origin(&held.url) != origin(&changed.url) => {
                Some(format!("it goes to {} and to no other server", origin(&held.url)))
            }
            (Self::Answer(..), Self::Answer(_, response)) if !(200..600).contains(&response.status) => {
                Some("the status of an answer is a number from 200 to 599".to_owned())
            }
            (Self::Request(_), Self::Request(_)) | (Self::Answer(..), Self::Answer(..)) => None,
            _ => Some("a request stays a request, and an answer an answer".to_owned()),
        }
    }
}

/// A message that is held.
#[derive(Debug)]
pub struct Held {
    /// Names it.
    pub number: u64,
    /// The message.
    pub message: Message,
    /// Since when.
    pub since: Timestamp,
}

/// What becomes of a message that is held.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It goes on as it is.
    Release,
    /// This goes on in its place.
    Change(Box<Message>),
    /// It goes no further, and its client is told so.
    Drop,
}

/// What comes of a message at the gate.
#[derive(Debug)]
pub enum Passage<M> {
    /// It goes on as it was.
    Free(M),
    /// It goes on otherwise than it was.
    Changed(M),
    /// It goes no further, for this reason.
    Refused(&'static str),
}

impl<M> Passage<M> {
    fn map<N>(self, of: impl FnOnce(M) -> N) -> Passage<N> {
        match self {
            Self::Free(message) => Passage::Free(of(message)),
            Self::Changed(message) => Passage::Changed(of(message)),
            Self::Refused(why) => Passage::Refused(why),
        }
    }
}

/// Why a message that the user dropped goes no further.
const DROPPED: &str = "it was held and dropped by hand";
/// Why one does that finds no room.
const FULL: &str = "too many messages are held";

#[derive(Default)]
struct Book {
    holds: bool,
    given: u64,
    held: Vec<(Arc<Held>, oneshot::Sender<Decision>)>,
    /// What came of those that were not released, the newest at the end.
    told: VecDeque<String>,
}

/// Where messages are held; a handle, of which all that are cloned from one are the same.
#[derive(Clone)]
pub struct Gate {
    book: Arc<Mutex<Book>>,
    /// Called when the list changes.
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Gate {
    /// One that nobody looks at.
    fn default() -> Self {
        Self::new(|| {})
    }
}

impl fmt::Debug for Gate {
    /// How many are held: the messages hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("held", &self.book().held.len()).finish_non_exhaustive()
    }
}

impl Gate {
    /// One that lets everything pass until it is told to hold. `wake` is called whenever the list changes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { book: Arc::default(), wake: Arc::new(wake) }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Whoever panicked has not left the list half done.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on holds each message, or none: then all that are held go on as they are.
    pub fn hold(&self, holds: bool) {
        let released = {
            let mut book = self.book();
            book.holds = holds;
            if holds { Vec::new() } else { std::mem::take(&mut book.held) }
        };
        for (_, decided) in released {
            // One whose client has gone meanwhile needs none.
            let _ = decided.send(Decision::Release);
        }
        (self.wake)();
    }

    /// Whether messages are held.
    pub fn holds(&self) -> bool {
        self.book().holds
    }

    /// What is held, in the order it came.
    pub fn held(&self) -> Vec<Arc<Held>> {
        self.book().held.iter().map(|(held, _)| Arc::clone(held)).collect()
    }

    /// What came of those that were not released, in the order it happened.
    pub fn told(&self) -> Vec<String> {
        self.book().told.iter().cloned().collect()
    }

    /// Decides what becomes of a message. One that is not held any more stays as it is.
    ///
    /// # Errors
    /// Says why the changed message cannot go on; it stays held then.
    pub fn decide(&self, number: u64, decision: Decision) -> Result<(), String> {
        let mut book = self.book();
        let Some(at) = book.held.iter().position(|(held, _)| held.number == number) else { return Ok(()) };
        let held = &book.held[at].0.message;
        if let Decision::Change(changed) = &decision
            && let Some(why) = held.refuses(changed)
        {
            return Err(why);
        }
        if matches!(decision, Decision::Drop) {
            let told = format!("{} was dropped by hand.", held.title());
            book.tell(told);
        }
        let (_, decided) = book.held.remove(at);
        drop(book);
        let _ = decided.send(decision);
        (self.wake)();
        Ok(())
    }

    /// Drops all that are held, and holds none from now on.
    pub(super) fn close(&self) {
        let mut book = self.book();
        book.holds = false;
        let dropped = std::mem::take(&mut book.held);
        drop(book);
        for (_, decided) in dropped {
            let _ = decided.send(Decision::Drop);
        }
    }

    /// Holds a request until it is decided on, where messages are held. When this is given up, its client has gone.
    pub async fn request(&self, request: HttpRequest) -> Passage<HttpRequest> {
        if !self.holds() {
            return Passage::Free(request);
        }
        self.pass(Message::Request(request)).await.map(|message| match message {
            Message::Request(request) | Message::Answer(request, _) => request,
        })
    }

    /// The same of an answer, with the request that it answers.
    pub async fn answer(&self, request: &HttpRequest, response: HttpResponse) -> Passage<HttpResponse> {
        if !self.holds() {
            return Passage::Free(response);
        }
        self.pass(Message::Answer(request.clone(), response)).await.map(|message| match message {
            Message::Answer(_, response) => response,
            Message::Request(_) => unreachable!("a decision that makes it one is refused"),
        })
    }

    async fn pass(&self, message: Message) -> Passage<Message> {
        let (place, decided) = {
            let mut book = self.book();
            if !book.holds {
                return Passage::Free(message);
            }
            let bytes: usize = book.held.iter().map(|(held, _)| held.message.size()).sum();
            if book.held.len() >= HELD || bytes + message.size() > HELD_BYTES {
                let told = format!("{} was refused: {FULL}.", message.title());
                book.tell(told);
                return Passage::Refused(FULL);
            }
            book.given += 1;
            let (decide, decided) = oneshot::channel();
            let held = Arc::new(Held { number: book.given, message, since: clock::now() });
            book.held.push((Arc::clone(&held), decide));
            (Place { gate: self, held }, decided)
        };
        (self.wake)();
        // Nobody decides any more when all are dropped.
        match decided.await.unwrap_or(Decision::Drop) {
            Decision::Release => Passage::Free(place.held.message.clone()),
            Decision::Change(message) if *message == place.held.message => Passage::Free(*message),
            Decision::Change(message) => Passage::Changed(*message),
            Decision::Drop => Passage::Refused(DROPPED),
        }
    }
}

impl Book {
    fn tell(&mut self, what: String) {
        self.told.push_back(what);
        while self.told.len() > TOLD {
            self.told.pop_front();
        }
    }
}

/// The place of a message in the list, for as long as its client waits.
struct Place<'g> {
    gate: &'g Gate,
    held: Arc<Held>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut book = self.gate.book();
        let Some(at) = book.held.iter().position(|(held, _)| held.number == self.held.number) else { return };
        book.held.remove(at);
        let waited = clock::now().since(self.held.since).as_secs();
        let title = self.held.message.title();
        book.tell(format!("{title} was dropped: its client went away after {waited} s."));
        drop(book);
        (self.gate.wake)();
    }
}
