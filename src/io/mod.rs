//! The only place with sockets, clock, disk, browser, clipboard and threads.
//!
//! Everything here either does what a flow asks for (`transport` with `trust`, `callback`, `browser`, `sign_in`),
//! serves the practice server (`serve`), stands between an app and its provider (`between`), or is the desk around it (`storage`; `clipboard` and `dialog` where there is
//! a window).
//! Nothing here decides anything about the protocol.

pub mod beside;
pub mod between;
pub mod browser;
pub mod callback;
pub mod client_document;
#[cfg(feature = "window")]
pub mod clipboard;
pub mod clock;
#[cfg(feature = "window")]
pub mod dialog;
pub mod history;
pub mod interruption;
pub mod key_file;
pub mod lessons;
#[cfg(feature = "window")]
pub mod locale;
pub mod machine;
pub mod mock;
#[cfg(feature = "window")]
pub mod motion;
pub mod random;
pub mod serve;
pub mod sign_in;
mod stdin;
pub mod storage;
pub mod transport;
mod trust;
pub mod user_agent;

pub use crate::flow::transport_error::{BodyFault, TlsFault, TransportError};
