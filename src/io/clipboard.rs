//! The clipboard, on a thread of its own: its content lives as long as its owner does.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

/// How long a copy may take before it counts as failed.
const LIMIT: Duration = Duration::from_millis(500);

/// What is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything that may be kept by a clipboard history.
    Plain,
    /// A credential: clipboard histories are asked to forget it.
    Secret,
}

struct Job {
    text: String,
    kind: Kind,
    done: Sender<bool>,
}

/// The one clipboard of the program. Keep it as long as the window lives.
#[derive(Debug)]
pub struct Clipboard {
    jobs: Sender<Job>,
}

impl Clipboard {
    /// Starts its thread. The system's clipboard is opened at the first copy.
    pub fn start() -> Self {
        let (jobs, queue) = mpsc::channel();
        // Without a thread the queue has no reader, and every copy reports failure.
        let _ = thread::Builder::new().name("clipboard".to_owned()).spawn(move || work(&queue));
        Self { jobs }
    }

    /// Puts text on the clipboard. `false` when there is none (no display, a compositor that allows none):
    /// the window then copies by its own means.
    #[must_use]
    pub fn copy(&self, text: &str, kind: Kind) -> bool {
        let (done, result) = mpsc::channel();
        let job = Job { text: text.to_owned(), kind, done };
        self.jobs.send(job).is_ok() && result.recv_timeout(LIMIT).unwrap_or(false)
    }
}

fn work(queue: &Receiver<Job>) {
    let mut clipboard = None;
    while let Ok(job) = queue.recv() {
        if clipboard.is_none() {
            clipboard = arboard::Clipboard::new().ok();
        }
        let copied = clipboard.as_mut().is_some_and(|clipboard| set(clipboard, job.text, job.kind).is_ok());
        if !copied {
            clipboard = None;
        }
        let _ = job.done.send(copied);
    }
}

fn set(clipboard: &mut arboard::Clipboard, text: String, kind: Kind) -> Result<(), arboard::Error> {
    match kind {
        Kind::Plain => clipboard.set_text(text),
        Kind::Secret => hidden_from_histories(clipboard.set()).text(text),
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn hidden_from_histories(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

#[cfg(target_os = "macos")]
fn hidden_from_histories(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

#[cfg(windows)]
fn hidden_from_histories(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows as _;

    set.exclude_from_history().exclude_from_cloud()
}
