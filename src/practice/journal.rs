//! What was asked and answered, the newest last, without a credential in it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::fault::Fault;
use super::why::{Notes, Reason, shown};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::time::Timestamp;

/// Entries that are kept.
const CAPACITY: usize = 500;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which request this was, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// `POST`
    pub method: String,
    /// Without query.
    pub path: String,
    /// Who asked, when that is known.
    pub client_id: Option<String>,
    /// Of the answer.
    pub status: u16,
    /// What happened, in one sentence.
    pub words: String,
    /// Why: each decision, in order.
    pub reasons: Vec<Reason>,
    /// The faults that changed the answer.
    pub faults: Vec<Fault>,
}

/// The last entries.
#[derive(Debug, Default)]
pub struct Journal {
    entries: VecDeque<Arc<Entry>>,
    count: u64,
}

impl Journal {
    /// Adds what was noted about an answer.
    pub fn push(&mut self, request: &HttpRequest, response: &HttpResponse, notes: Notes, at: Timestamp) {
        self.count += 1;
        let words = Some(notes.sentence()).filter(|words| !words.is_empty());
        let entry = Entry {
            number: self.count,
            at,
            method: shown(&request.method),
            path: shown(request.url.path()),
            words: words.unwrap_or_else(|| reason(response.status).to_owned()),
            client_id: notes.client_id,
            status: response.status,
            reasons: notes.reasons,
            faults: notes.faults,
        };
        self.entries.push_back(Arc::new(entry));
        if self.entries.len() > CAPACITY {
            self.entries.pop_front();
        }
    }

    /// The newest last.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// The newest.
    pub fn last(&self) -> Option<&Arc<Entry>> {
        self.entries.back()
    }

    /// Forgets the entries; requests go on being counted.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many requests were answered.
    pub const fn count(&self) -> u64 {
        self.count
    }
}
