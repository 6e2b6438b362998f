//! The user or the system wants the program to end: Ctrl+C, and SIGTERM where there is one.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, ctrl_c};
use tokio::sync::watch;

/// Interruptions from the moment this is made: none that comes later is lost, and none ends the program by itself.
pub struct Interruptions {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(windows)]
    interrupt: CtrlC,
}

impl Interruptions {
    /// Begins to listen. Within a runtime.
    ///
    /// # Errors
    /// When the system does not allow it.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Begins to listen. Within a runtime.
    ///
    /// # Errors
    /// When the system does not allow it.
    #[cfg(windows)]
    pub fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: ctrl_c()? })
    }

    /// The next one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        drop(self.interrupt.recv().await);
    }
}

/// Pending until somebody says so.
pub async fn asked_to_end(mut interrupted: watch::Receiver<bool>) {
    if interrupted.wait_for(|is| *is).await.is_err() {
        std::future::pending::<()>().await;
    }
}
