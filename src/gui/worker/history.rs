//! The runs that are kept: one thread reads and writes them, in the order asked.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::PATIENCE;
use super::run::Shared;
use crate::gui::backend::{HistoryJob, HistoryReport, Outcome};
use crate::gui::opened::read_run;
use crate::gui::update::NO_RUN;
use crate::io::history::{History, Limits};
use crate::io::storage::why;

/// The thread, and the way to it.
pub(super) struct Keeper {
    jobs: Option<Sender<HistoryJob>>,
    /// Says when the thread has ended: nothing is ever sent.
    end: Receiver<()>,
}

impl Keeper {
    /// Begins to keep runs in this folder.
    pub fn start(folder: PathBuf, shared: Shared) -> Self {
        let ((jobs, asked), (ended, end)) = (channel(), channel());
        // Without a thread nothing is kept.
        let _ = std::thread::Builder::new().name("history".to_owned()).spawn(move || {
            work(folder, &shared, &asked);
            drop(ended);
        });
        Self { jobs: Some(jobs), end }
    }

    /// Asks for something; its report comes as all others do.
    pub fn ask(&self, job: HistoryJob) {
        if let Some(jobs) = &self.jobs {
            // The thread ends with this program alone.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Keeper {
    /// Waits until everything is written, though not for a disk that hangs.
    fn drop(&mut self) {
        self.jobs = None;
        let _ = self.end.recv_timeout(PATIENCE);
    }
}

fn work(folder: PathBuf, shared: &Shared, asked: &Receiver<HistoryJob>) {
    let tell = |report| shared.report_now(NO_RUN, Outcome::History(report));
    let mut history = match History::open(folder, Limits::default()) {
        Ok(history) => history,
        Err(error) => {
            return tell(HistoryReport::Failed(format!(
                "the runs of earlier sessions cannot be read: {}",
                why(&error)
            )));
        }
    };
    for job in asked {
        if let Some(report) = done(&mut history, job) {
            tell(report);
        }
    }
}

fn done(history: &mut History, job: HistoryJob) -> Option<HistoryReport> {
    let outcome = match job {
        HistoryJob::List => return Some(HistoryReport::Listed(history.entries())),
        HistoryJob::Read { id, wanted } => {
            let text = history.read(&id).map_err(|error| error.to_string());
            return Some(HistoryReport::Read { id, wanted, record: text.and_then(|text| read_run(&text)) });
        }
        HistoryJob::Keep(run) => {
            let (entry, text) = run.written();
            let id = entry.id.clone();
            let written = history.write(entry, &text);
            match written.map(|gone| (history.entry(&id).cloned(), gone)) {
                Ok((Some(entry), gone)) => return Some(HistoryReport::Kept(entry, gone)),
                Ok((None, gone)) => return Some(HistoryReport::Gone(gone)),
                Err(error) => Err(error),
            }
        }
        HistoryJob::Change { id, name, pinned } => history.change(&id, &name, pinned),
        HistoryJob::Delete(ids) => history.delete(&ids),
        HistoryJob::Limit(limits) => match history.limit(limits) {
            Ok(gone) => return Some(HistoryReport::Gone(gone)),
            Err(error) => Err(error),
        },
    };
    outcome.err().map(|error| HistoryReport::Failed(format!("the history could not be written: {}", why(&error))))
}
