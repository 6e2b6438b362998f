//! The sockets of standing between: requests come to a port of this machine, go on to one provider, and the answers come
//! back. What becomes of them is decided in [`crate::capture::between`].
//!
//! It is no proxy for others: it listens on 127.0.0.1 alone, takes requests that name this very port as their `Host`,
//! refuses CONNECT and absolute targets, and sends to the origin of the issuer and nowhere else.

mod alone;
mod body;
pub mod gate;
mod passing;

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use self::alone::stand_alone;
use self::gate::Gate;
use self::passing::Passing;
use super::serve::reception::Reception;
use super::serve::{Limits, Port, ServeError, bind};
use super::transport::{Transport, TransportOptions};
use super::{clock, random};
use crate::capture::between::live::{End, Live, News};
use crate::capture::between::{Between, Mint};
use crate::practice::Site;

/// The port, unless it is taken.
pub const BETWEEN_PORT: u16 = 9500;

/// For a whole exchange with the provider: some of them hold an answer back until the user decides.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(120);

/// How long open connections may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// For whom to stand where.
#[derive(Debug)]
pub struct Stand<'a> {
    /// The issuer of the provider, as it writes it.
    pub issuer: &'a str,
    /// Where to listen.
    pub port: Port,
    /// Whether to be an issuer of its own, that signs ID tokens anew.
    pub is_minting: bool,
    /// Certificates to trust beside those of the system, as PEM; may be empty.
    pub authorities: &'a str,
}

/// What is told of a message, as it passes.
pub type Observe = Box<dyn FnMut(&News) + Send>;

/// What all connections share.
struct Shared {
    between: Between,
    live: Live,
    observe: Observe,
    /// Of bodies that passed unread.
    notes: Vec<String>,
    /// Whether a certificate of the provider was refused that could be trusted.
    is_untrusted: bool,
}

/// A server on 127.0.0.1 that stands for a provider. It ends when it is dropped.
pub struct Standing {
    shared: Arc<Mutex<Shared>>,
    gate: Gate,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").finish_non_exhaustive()
    }
}

/// What passed by some time, taken apart.
#[derive(Debug)]
pub struct Stood {
    /// What passed, taken apart.
    pub end: End,
    /// What went past, or passed as it was.
    pub notes: Vec<String>,
    /// How many ID tokens were signed anew; `None` where none are.
    pub minted: Option<usize>,
    /// Whether a certificate of the provider was refused that could be trusted beside those of the system.
    pub is_untrusted: bool,
}

/// Where it stands, for those who are told to go there.
#[derive(Clone, Debug)]
pub struct Place {
    /// The issuer that an app is to be given.
    pub issuer: String,
    /// Where its metadata are.
    pub metadata: String,
    /// The origin that everything goes to.
    pub upstream: String,
}

impl Standing {
    /// Listens, and passes on what comes; `gate` may hold it. `observe` is told of each message. Runs in the present
    /// runtime.
    ///
    /// # Errors
    /// When the issuer is none, the port cannot be had, or keys or trust cannot be set up.
    pub async fn start(stand: &Stand<'_>, gate: Gate, observe: Observe) -> Result<(Self, Place), ServeError> {
        let mut entropy = random::entropy().map_err(|error| ServeError::Handler(error.into()))?;
        let (listener, port) = bind(Ipv4Addr::LOCALHOST.into(), stand.port).await?;
        let here = Site::default().origin("http", port);
        let name = format!("{:08x}", u32::from_le_bytes(entropy.bytes()));
        let mint = stand.is_minting.then(|| Mint::new(&name)).transpose();
        let mint = mint.map_err(|error| ServeError::Handler(error.into()))?;
        let between = Between::new(stand.issuer, &here, mint).map_err(|error| ServeError::Handler(error.into()))?;
        let authorities = Some(stand.authorities.to_owned()).filter(|pem| !pem.trim().is_empty());
        let options = TransportOptions {
            total_limit: EXCHANGE_LIMIT,
            certificate_authorities: authorities.into_iter().collect(),
            ..TransportOptions::default()
        };
        let transport = Transport::new(options).map_err(|error| ServeError::Handler(error.into()))?;
        let place = Place {
            issuer: between.issuer().to_owned(),
            metadata: between.metadata_url(),
            upstream: between.upstream().to_owned(),
        };
        let live = Live::new(entropy.bytes()).standing(&between);
        let shared = Arc::new(Mutex::new(Shared { between, live, observe, notes: Vec::new(), is_untrusted: false }));
        let host = here.authority().to_owned().into();
        let (shared_by_all, limits) = (Arc::clone(&shared), Limits::default());
        let passing = Passing { shared: shared_by_all, transport, gate: gate.clone(), host, limits };
        let stop = watch::Sender::new(());
        let task = tokio::spawn(Reception::new(None, passing, stop.subscribe()).receive(listener));
        Ok((Self { shared, gate, stop, task }, place))
    }

    /// What passed by now, to be taken apart where that holds nobody up: it takes time in proportion to the messages.
    pub fn so_far(&self) -> impl FnOnce() -> Stood + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || {
            let (kept, notes, minted, is_untrusted) = {
                let shared = lock(&shared);
                let notes = shared.between.notes().iter().chain(&shared.notes).cloned().collect();
                (shared.live.so_far(), notes, shared.between.minted(), shared.is_untrusted)
            };
            Stood { end: kept.end(clock::now()), notes, minted, is_untrusted }
        }
    }

    /// Takes no more requests, drops what is held, and takes apart what passed.
    pub async fn finish(mut self) -> Stood {
        let taken_apart = self.so_far();
        self.gate.close();
        drop(std::mem::replace(&mut self.stop, watch::Sender::new(())));
        if tokio::time::timeout(STOP_LIMIT, &mut self.task).await.is_err() {
            self.task.abort();
        }
        tokio::task::block_in_place(taken_apart)
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.gate.close();
        self.task.abort();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // Whoever panicked has not left a message half done.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
