//! Entries of a recording as they were recorded, to read beside each other, without their credentials.

use crate::base::text::{elided_between_words, visible_lines};
use crate::capture::exchange::{Came, Captured};
use crate::capture::finding::Found;
use crate::export::raw;
use crate::gui::language::{said, t};

use super::masking;
use super::opened::{Recording, outcome, place};

/// So many bytes of a body are shown.
const BODY: usize = 16 * 1024;

/// One entry as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownEntry {
    /// `Entry 118, browser`
    pub title: String,
    /// What of it a finding is told from: `response.header.set-cookie: sid`.
    pub places: Vec<String>,
    /// The request.
    pub request: String,
    /// What came.
    pub answer: String,
}

impl Recording {
    /// The number of the entry that a login begins with: it stays the same in a recording that goes on.
    pub fn begins(&self, login: usize) -> usize {
        let first = self.capture.logins.get(login).and_then(|login| login.stages.first()?.entries.first());
        first.map_or(usize::MAX, |at| self.capture.entries[*at].index)
    }

    /// What tells a login from the others: its number, its client, how it ended, and the entry that it begins with.
    pub fn login_title(&self, at: usize) -> String {
        let Some(login) = self.capture.logins.get(at) else { return String::new() };
        let client = login.client_id.as_deref().map(|it| self.clean(it)).filter(|it| !it.is_empty());
        let client = client.map(|client| format!("{client}, ")).unwrap_or_default();
        let (number, entry) = (at + 1, self.begins(at));
        t!("login {number}, {client}{outcome}, from entry {entry}", number, client, outcome = outcome(login), entry)
    }

    /// The login that begins with this entry.
    pub fn find(&self, begins: usize) -> Option<usize> {
        (0..self.capture.logins.len()).find(|login| self.begins(*login) == begins)
    }

    /// The place of the entry of this number.
    pub fn numbered(&self, number: usize) -> Option<usize> {
        self.capture.entries.iter().position(|entry| entry.index == number)
    }

    /// The places of the entries that a finding is told from, each once, in order.
    pub fn told_from(&self, found: &Found) -> Vec<usize> {
        let mut places: Vec<usize> = found.evidence.iter().map(|evidence| evidence.entry).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// An entry as text. Takes time in proportion to what is shown of it.
    pub fn entry(&self, at: usize, found: Option<&Found>) -> Option<ShownEntry> {
        let entry = self.capture.entries.get(at)?;
        let evidence = found.iter().flat_map(|found| &found.evidence).filter(|evidence| evidence.entry == at);
        let places = evidence.map(|evidence| self.clean(&place(evidence)));
        let hidden = |text: String| visible_lines(&self.redactor.text(&text)).into_owned();
        Some(ShownEntry {
            title: t!("Entry {index}, {leg}", index = entry.index, leg = said(entry.leg.word())),
            places: places.collect(),
            request: hidden(request(entry)),
            answer: hidden(answer(entry)),
        })
    }
}

fn request(entry: &Captured) -> String {
    let mut request = entry.request.clone();
    request.body = cut(&request.body);
    raw::request(&masking::request(&request))
}

fn answer(entry: &Captured) -> String {
    match &entry.came {
        Came::Response(response) => {
            let mut response = response.clone();
            response.body = cut(&response.body);
            raw::response(&masking::response(&response))
        }
        Came::Nothing(why) => t!("No answer: {why}", why),
        Came::Unseen => t!("The answer is not in the recording.").to_owned(),
    }
}

fn cut(body: &[u8]) -> Vec<u8> {
    elided_between_words(&String::from_utf8_lossy(body), BODY).into_owned().into_bytes()
}
