//! Why an answer came out as it did: the decisions behind it in order, and what happened in words.
//!
//! Decisions are noted where they are made, in one line: `practice.why.check(WHAT, saw, verdict(..))?`. What is noted
//! goes into the log, so no credential may be in it: no secret, code, token, password or verifier.

use std::cell::RefCell;

use super::fault::Fault;
use crate::base::text::{elided, visible};
use crate::terms::error::OAuthError;

/// Most characters of a text in the log; a request may be longer than anybody reads.
const LIMIT: usize = 300;

/// One thing that was looked at before the answer was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What came of it.
    pub outcome: Outcome,
    /// What had to hold (`code_verifier fits`), or for a failed one what was wrong (`code_verifier does not fit`).
    pub what: String,
    /// What was seen; empty when there is nothing to add.
    pub saw: String,
    /// The two values of a comparison that failed.
    pub compared: Option<Compared>,
}

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Held,
    /// It does not, and the request was refused for it.
    Failed,
    /// An earlier one failed.
    NotReached,
}

impl Outcome {
    /// In lower case: `not reached`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
        }
    }
}

/// Two values side by side, each with what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// That of the request: `("SHA-256 of what came", "4bXk..")`.
    pub came: (String, String),
    /// That which was registered or announced: `("code_challenge", "fqOV..")`.
    pub known: (String, String),
}

impl Compared {
    /// The value of the request and the one that was known before.
    pub fn new((came, value): (&str, &str), (known, known_value): (&str, &str)) -> Self {
        Self { came: (came.to_owned(), shown(value)), known: (known.to_owned(), shown(known_value)) }
    }
}

/// An error that can say what is wrong.
pub trait Wrong {
    /// In words.
    fn what(&self) -> String;
}

impl Wrong for OAuthError {
    fn what(&self) -> String {
        self.error_description.clone().unwrap_or_else(|| self.error.clone())
    }
}

impl Wrong for String {
    fn what(&self) -> String {
        self.clone()
    }
}

impl Wrong for &'static str {
    fn what(&self) -> String {
        (*self).to_owned()
    }
}

/// What is noted while one request is answered.
#[derive(Debug, Default)]
pub struct Why(RefCell<Notes>);

/// Everything that is noted about one answer.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Who asked, once that is known.
    pub client_id: Option<String>,
    /// What had to hold, in order.
    pub reasons: Vec<Reason>,
    /// What happened.
    words: Vec<String>,
    /// Faults that changed the answer.
    pub faults: Vec<Fault>,
    /// The numbers of their entries.
    pub used: Vec<u64>,
    /// What will be looked at.
    plan: Vec<&'static str>,
    reached: Vec<&'static str>,
    refusal: Option<String>,
}

impl Why {
    /// Takes everything that was noted; the next request begins with nothing.
    pub fn take(&mut self) -> Notes {
        let mut notes = std::mem::take(self.0.get_mut());
        notes.add_not_reached();
        notes
    }

    /// What is going to be looked at, so that what was not reached can be told.
    pub fn plan(&self, ahead: &[&'static str]) {
        self.0.borrow_mut().plan.extend(ahead);
    }

    /// The client that asks, or that the answer is about.
    pub fn client(&self, client_id: &str) {
        self.0.borrow_mut().client_id = Some(shown(client_id));
    }

    /// The client that asks, once that is known.
    pub fn client_id(&self) -> Option<String> {
        self.0.borrow().client_id.clone()
    }

    /// What was done, in words.
    pub fn say(&self, words: impl AsRef<str>) {
        self.0.borrow_mut().words.push(shown(words.as_ref()));
    }

    /// A fault changes this answer.
    pub fn fault(&self, id: u64, fault: Fault) {
        let mut notes = self.0.borrow_mut();
        if !notes.used.contains(&id) {
            notes.used.push(id);
        }
        if !notes.faults.contains(&fault) {
            notes.faults.push(fault);
        }
    }

    /// Notes a decision: that `what` holds, or what is wrong.
    ///
    /// # Errors
    /// Hands the verdict on.
    pub fn check<T, E: Wrong>(&self, what: &'static str, saw: impl AsRef<str>, verdict: Result<T, E>) -> Result<T, E> {
        self.compare(what, saw, || None, verdict)
    }

    /// As [`Why::check`], with the two values that differ.
    ///
    /// # Errors
    /// Hands the verdict on.
    pub fn compare<T, E: Wrong>(
        &self,
        what: &'static str,
        saw: impl AsRef<str>,
        values: impl FnOnce() -> Option<Compared>,
        verdict: Result<T, E>,
    ) -> Result<T, E> {
        let (outcome, text, compared) = match &verdict {
            Ok(_) => (Outcome::Held, what.to_owned(), None),
            Err(error) => {
                let (wrong, compared) = (error.what(), values());
                // The values stand beside, so the words before them are enough.
                let text = if compared.is_some() { brief(&wrong).to_owned() } else { wrong };
                (Outcome::Failed, text, compared)
            }
        };
        let mut notes = self.0.borrow_mut();
        notes.reached.push(what);
        notes.reasons.push(Reason { outcome, what: shown(&text), saw: shown(saw.as_ref()), compared });
        verdict
    }

    /// As [`Why::check`], where what was seen is part of what was found.
    ///
    /// # Errors
    /// Hands the verdict on.
    pub fn found<T, E: Wrong>(
        &self,
        what: &'static str,
        saw: impl FnOnce(&T) -> String,
        verdict: Result<T, E>,
    ) -> Result<T, E> {
        let saw = verdict.as_ref().map(saw).unwrap_or_default();
        self.check(what, saw, verdict)
    }

    /// Notes that something holds.
    pub fn held(&self, what: &'static str, saw: impl AsRef<str>) {
        let _: Result<(), String> = self.check(what, saw, Ok(()));
    }

    /// The request is refused with this error.
    pub fn refused(&self, error: &OAuthError) {
        self.refuse(Some(&error.error), &error.what());
    }

    /// The request is refused; `code` is for programs, `what` for people.
    pub fn refuse(&self, code: Option<&str>, what: &str) {
        let mut notes = self.0.borrow_mut();
        let failed = notes.reasons.iter().rev().find(|reason| reason.outcome == Outcome::Failed);
        let what = failed.map_or_else(|| shown(what), |reason| reason.what.clone());
        if failed.is_none() {
            let (outcome, saw, compared) = (Outcome::Failed, String::new(), None);
            notes.reasons.push(Reason { outcome, what: what.clone(), saw, compared });
        }
        notes.refusal = Some(code.map_or(what.clone(), |code| format!("{}: {what}", shown(code))));
    }
}

impl Notes {
    fn add_not_reached(&mut self) {
        if !self.reasons.iter().any(|reason| reason.outcome == Outcome::Failed) {
            return;
        }
        let ahead = self.plan.iter().filter(|what| !self.reached.contains(what));
        let not_reached = |what: &&str| Reason {
            outcome: Outcome::NotReached,
            what: (*what).to_owned(),
            saw: String::new(),
            compared: None,
        };
        self.reasons.extend(ahead.map(not_reached));
    }

    /// What happened, one after the other: `alice signed in`, `code for 60 s`, `response without iss: fault missing_iss`.
    pub fn said(&self) -> Vec<String> {
        let said = self.refusal.iter().chain(&self.words).cloned();
        let broken = self.faults.iter().map(|fault| format!("{}: fault {}", fault.about(), fault.name()));
        said.chain(broken).collect()
    }
}

/// What comes before the explanation.
fn brief(text: &str) -> &str {
    let end = [": ", "; "].into_iter().filter_map(|mark| text.find(mark)).min();
    &text[..end.unwrap_or(text.len())]
}

/// Cut, and with nothing invisible in it.
pub fn shown(text: &str) -> String {
    elided(&visible(text), LIMIT).into_owned()
}
