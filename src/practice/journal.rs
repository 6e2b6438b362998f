//! What was asked and answered, the newest last, without a credential in it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::fault::Fault;
use super::why::{Notes, Reason, shown};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;

/// Entries that are kept.
const CAPACITY: usize = 500;
/// Stands in the log for an answer that did not come.
const NO_ANSWER: u16 = 502;
/// Most bytes of parameters that are kept of one request.
const PARAMETERS: usize = 16 * 1024;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which request this was, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// `POST`
    pub method: String,
    /// Without query; of what this server has sent, the whole address.
    pub path: String,
    /// Who asked, when that is known.
    pub client_id: Option<String>,
    /// Of the answer; 502 where none came to what this server has sent.
    pub status: u16,
    /// What happened, one after the other.
    pub said: Vec<String>,
    /// Why: each decision, in order.
    pub reasons: Vec<Reason>,
    /// The faults that changed the answer.
    pub faults: Vec<Fault>,
}

impl Entry {
    /// What happened, in one sentence.
    pub fn words(&self) -> String {
        self.said.join(", ")
    }
}

/// An entry with the parameters of its request, which may be credentials.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What happened.
    pub entry: Arc<Entry>,
    /// Of the query and of the form, in order.
    pub parameters: Vec<(String, Secret)>,
}

/// The last entries.
#[derive(Debug, Default)]
pub struct Journal {
    entries: VecDeque<Recorded>,
    count: u64,
    /// Whether parameters are kept: only who asks for them needs them.
    keeps_parameters: bool,
}

impl Journal {
    /// Adds what was noted about an answer.
    pub fn push(&mut self, request: &HttpRequest, response: &HttpResponse, notes: Notes, at: Timestamp) {
        let parameters = if self.keeps_parameters { parameters(request) } else { Vec::new() };
        self.add(&request.method, request.url.path(), response.status, notes, at, parameters);
    }

    /// Adds what came of a request that this server has sent: a status, or nothing.
    pub fn sent(&mut self, request: &HttpRequest, status: Option<u16>, notes: Notes, at: Timestamp) {
        let address = request.url.as_str().split('?').next().unwrap_or_default();
        self.add(&request.method, address, status.unwrap_or(NO_ANSWER), notes, at, Vec::new());
    }

    fn add(
        &mut self,
        method: &str,
        path: &str,
        status: u16,
        notes: Notes,
        at: Timestamp,
        parameters: Vec<(String, Secret)>,
    ) {
        self.count += 1;
        let said = Some(notes.said()).filter(|said| !said.is_empty());
        let entry = Entry {
            number: self.count,
            at,
            method: shown(method),
            path: shown(path),
            said: said.unwrap_or_else(|| vec![reason(status).to_owned()]),
            client_id: notes.client_id,
            status,
            reasons: notes.reasons,
            faults: notes.faults,
        };
        self.entries.push_back(Recorded { entry: Arc::new(entry), parameters });
        if self.entries.len() > CAPACITY {
            self.entries.pop_front();
        }
    }

    /// The newest last.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter().map(|recorded| &recorded.entry)
    }

    /// The same with parameters.
    pub fn recorded(&self) -> impl Iterator<Item = &Recorded> {
        self.entries.iter()
    }

    /// Keeps the parameters of requests from now on.
    pub const fn keep_parameters(&mut self) {
        self.keeps_parameters = true;
    }

    /// The newest.
    pub fn last(&self) -> Option<&Arc<Entry>> {
        self.entries.back().map(|recorded| &recorded.entry)
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

/// As much of the parameters as a server here reads.
fn parameters(request: &HttpRequest) -> Vec<(String, Secret)> {
    let (query, form) = (request.query(), request.form().unwrap_or_default());
    let mut room = PARAMETERS;
    let both = query.0.into_iter().chain(form.0).take_while(|(name, value)| {
        let size = name.len() + value.len();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    });
    both.map(|(name, value)| (name, Secret::new(value))).collect()
}
