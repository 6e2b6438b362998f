//! Taking apart a login that somebody else made, from a recording of its messages: a HAR file, a SAML-tracer export, a
//! copied cURL command.
//!
//! The way: [`read`] turns a file into [`Captured`] entries, without what opens something ([`hide`]);
//! [`recognise`] finds the logins among them; [`faults`] says what is wrong with each. No network, no clock.

pub mod between;
pub mod clock;
pub mod document;
pub mod exchange;
pub mod faults;
pub mod finding;
pub mod hide;
pub mod login;
pub mod names;
pub mod placeholder;
pub mod read;
pub mod recognise;
pub mod recorder;
mod repeated;
pub mod rules;
pub mod run;
pub mod stage;

pub mod curl;
mod har;
mod saml_tracer;

use exchange::{Captured, Seen};
use hide::Hider;
use login::Login;
use read::{FILE_LIMIT, ReadError, Recording};
use recognise::{Beside, Documents};
use recorder::Recorder;

/// So many logins are held to all rules; more say nothing new.
const JUDGED: usize = 100;

/// A recording, taken apart.
#[derive(Debug)]
pub struct Capture {
    /// Who wrote it, and what it leaves out.
    pub recorder: Recorder,
    /// What could be read, in order of time.
    pub entries: Vec<Captured>,
    /// What could not, by its place in the file, and why.
    pub unreadable: Vec<(usize, String)>,
    /// Limits that were hit, and other things to say of the file.
    pub notes: Vec<String>,
    /// Logins in the order they began.
    pub logins: Vec<Login>,
    /// What each entry is that belongs to no login.
    pub beside: Vec<Option<Beside>>,
    /// Metadata and key sets that are in it.
    pub documents: Documents,
}

/// Takes a file apart. `key` is drawn for this import, for the hashes that stand in the place of what is hidden.
///
/// # Errors
/// Says why it is no recording.
pub fn take_apart(file: &[u8], key: [u8; 32]) -> Result<Capture, ReadError> {
    let recording = recording(file, &Hider::new(key))?;
    if let (true, Some((index, why))) = (recording.entries.is_empty(), recording.unreadable.first()) {
        return Err(ReadError::Nothing(format!("entry {index}: {why}")));
    }
    let mut capture = put_together(recording);
    if capture.entries.is_empty() && capture.unreadable.is_empty() {
        capture.notes.push("The file has no entries: there is nothing to take apart.".to_owned());
    }
    Ok(capture)
}

/// Finds the logins in what was read of a file, and what is wrong with them.
pub fn put_together(recording: Recording) -> Capture {
    let Recording { recorder, mut entries, unreadable, notes } = recording;
    in_order(&mut entries);
    let seen: Vec<Seen<'_>> = entries.iter().map(Seen::new).collect();
    let mut found = recognise::recognise(&seen, &recorder);
    faults::judge(&mut found, &seen, &recorder);
    drop(seen);
    let recognise::Recognised { logins, beside, documents, .. } = found;
    let mut capture = Capture { recorder, entries, unreadable, notes, logins, beside, documents };
    let checks: Vec<_> = capture.logins.iter().take(JUDGED).map(|login| capture.checks(login)).collect();
    for (login, checks) in capture.logins.iter_mut().zip(checks) {
        login.checks = checks;
        login.finding = faults::with_rules(login);
        let status = |at: usize| capture.entries[at].status();
        login.outcome = faults::refused_by_rule(login, status).unwrap_or(login.outcome);
    }
    capture.notes.extend(clock::note(&capture.logins, &|at| &capture.entries[at]));
    if capture.logins.len() > JUDGED {
        capture.notes.push(format!("The rules are applied to the first {JUDGED} logins."));
    }
    capture
}

/// Reads a file by what it is, never by its name.
fn recording(file: &[u8], hider: &Hider) -> Result<Recording, ReadError> {
    if file.len() > FILE_LIMIT {
        return Err(ReadError::TooLarge);
    }
    let text = String::from_utf8_lossy(file);
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.chars().next() {
        None => Err(ReadError::Empty),
        _ if file.contains(&0) => Err(ReadError::NoText),
        Some('{') => har::read(text, hider).or_else(|error| saml_tracer::read(text, hider).ok_or(error)),
        Some(_) => curl::read(text, hider),
    }
}

/// In order of time. Recorders write in other orders: mitmproxy when an answer is complete. What has no time stays behind
/// what stands before it.
fn in_order(entries: &mut [Captured]) {
    let mut latest = None;
    let mut times = std::collections::HashMap::with_capacity(entries.len());
    for entry in &*entries {
        latest = entry.started.or(latest);
        times.insert(entry.index, latest);
    }
    entries.sort_by_key(|entry| (times.get(&entry.index).copied().flatten(), entry.index));
}
