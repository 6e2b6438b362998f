//! What is in a file that was opened, dropped or pasted, by what it is and never by its name.

use std::fmt;
use std::sync::Arc;

use crate::base::check::Verdict;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::capture::finding::{Evidence, Found};
use crate::capture::login::Login;
use crate::capture::{Capture, curl, take_apart};
use crate::compare::Subject;
use crate::expect::{ExpectError, Expectations, is_like};
use crate::export::redact::Redactor;
use crate::flow::Flow;
use crate::flow::finding::Finding;
use crate::flow::trace::ByHand;
use crate::gui::language::{said, t, words};
use crate::gui::notes::Notes;
use crate::import::{Filled, ImportError, Imported, import};
use crate::lesson::{Course, Lesson, LessonError};
use crate::preset::{Preset, PresetError, PresetWarning};
use crate::record::{Record, Shape};

/// A run that was read and judged, off the window's thread, or why it cannot be.
pub type ReadRun = Result<Box<Record>, String>;

/// Reads a run file. Takes time in proportion to its size.
///
/// # Errors
/// Names the place that is not as it has to be.
pub fn read_run(text: &str) -> ReadRun {
    Record::read(text).map(Box::new).map_err(|error| error.to_string())
}

/// What a run is expected to be, or why it cannot be read.
pub type ReadExpectations = Result<Box<Expectations>, ExpectError>;
/// What a text is taken for that could be more than one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// What says something of a client or a server fills in settings.
    Settings,
    /// A command is a login that others made, and a document one to look at.
    Messages,
}

/// A text that says something of a client or its server.
#[derive(Clone, Debug)]
pub struct Import {
    /// What it says.
    pub filled: Filled,
    /// As it was read.
    pub text: Secret,
}

const UNKNOWN: &str = words!(
    "it is neither a preset, a run, a recording, expectations, a request that was copied, an answer \
                       of a server, settings of an app, a token, metadata nor a key set"
);

/// What is in a file.
#[derive(Clone, Debug)]
pub enum Opened {
    /// A preset and its unknown keys, or why it is none.
    Preset(Result<Box<(Preset, Vec<PresetWarning>)>, PresetError>),
    /// What runs are expected to be.
    Expectations(ReadExpectations),
    /// A run.
    Run(ReadRun),
    /// A recording of logins: a HAR file, a SAML-tracer export, a cURL command.
    Recording(Result<Arc<Recording>, String>),
    /// Something that fills in settings.
    Import(Box<Import>),
    /// A lesson, or the place that is not as it has to be.
    Lesson(Result<Box<Lesson>, LessonError>),
    /// A list of lessons.
    Course(Result<Course, LessonError>),
    /// A JSON Web Token.
    Token(String),
    /// A metadata document or a key set.
    Document(Box<Subject>),
    /// What a presenter has noted, where that was asked for: any text may be that.
    Notes(Notes),
    /// None of these.
    Unknown(String),
}

impl Opened {
    /// Reads notes, which any text may be.
    pub fn notes(bytes: &[u8]) -> Self {
        Self::Notes(Notes::read(&String::from_utf8_lossy(bytes)))
    }

    /// Recognises what it is and reads it. Takes time in proportion to its size. `key` is drawn for this, for the hashes
    /// that stand in the place of what is hidden in a recording.
    pub fn of(bytes: &[u8], wanted: As, key: [u8; 32]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}').trim();
        match text.chars().next() {
            None => Self::Unknown(t!("it is empty").to_owned()),
            Some('{') => Self::of_json(bytes, text, wanted, key),
            Some('[') => Self::of_other(text, wanted),
            Some(_) if curl::is_command(text) && wanted == As::Messages => Self::recording(bytes, key),
            Some(_) if is_token(text) => Self::Token(text.to_owned()),
            Some(_) if std::str::from_utf8(bytes).is_err() => Self::Unknown(t!("it is no text").to_owned()),
            Some(_) if text.lines().next() == Some("+++") => Self::Lesson(Lesson::parse(text).map(Box::new)),
            Some(_) if is_course(text) => Self::Course(Course::parse(text)),
            Some(_) if is_like(text) => Self::Expectations(Expectations::parse(text).map(Box::new)),
            Some(_) => Self::of_text(text),
        }
    }

    fn of_text(text: &str) -> Self {
        match import(text) {
            Ok(Imported::Settings(filled)) => Self::imported(text, filled),
            Err(error @ (ImportError::Unreadable(..) | ImportError::TooLarge)) => Self::Unknown(error.to_string()),
            Err(ImportError::Unknown) if !is_like_toml(text) => Self::Unknown(said(UNKNOWN).to_owned()),
            // What is wrong with a file is told by the reader of presets.
            _ => Self::Preset(Preset::parse(text).map(Box::new)),
        }
    }

    /// Why it cannot be opened, where it cannot.
    pub fn why_not(&self) -> Option<String> {
        match self {
            Self::Unknown(why) => Some(why.clone()),
            Self::Preset(read) => {
                read.as_ref().err().map(|error| t!("it is no preset that can be read: {error}", error))
            }
            Self::Expectations(read) => read.as_ref().err().map(ToString::to_string),
            Self::Run(read) => read.as_ref().err().map(|why| t!("it is no run that can be read: {why}", why)),
            Self::Recording(read) => read.as_ref().err().cloned(),
            Self::Lesson(read) => read.as_ref().err().map(ToString::to_string),
            Self::Course(read) => read.as_ref().err().map(ToString::to_string),
            Self::Import(_) | Self::Token(_) | Self::Document(_) | Self::Notes(_) => None,
        }
    }

    fn imported(text: &str, filled: Filled) -> Self {
        Self::Import(Box::new(Import { filled, text: Secret::new(text) }))
    }

    fn of_json(bytes: &[u8], text: &str, wanted: As, key: [u8; 32]) -> Self {
        match Shape::of(text) {
            Ok(Shape::Recording) => Self::recording(bytes, key),
            Ok(Shape::Other) => Self::of_other(text, wanted),
            Err(_) if wanted == As::Settings => match import(text) {
                // Settings of an app may have comments.
                Ok(Imported::Settings(filled)) => Self::imported(text, filled),
                _ => Self::Run(read_run(text)),
            },
            // What is no JSON is told by the reader of runs.
            Ok(Shape::Run) | Err(_) => Self::Run(read_run(text)),
        }
    }

    fn of_other(text: &str, wanted: As) -> Self {
        let read = Subject::read(text);
        let is_of_run = matches!(read, Ok(Subject::Token(_) | Subject::Run(_)));
        if wanted == As::Settings && !is_of_run {
            match import(text) {
                Ok(Imported::Settings(filled)) => return Self::imported(text, filled),
                Err(error @ ImportError::TooLarge) if read.is_err() => return Self::Unknown(error.to_string()),
                _ => {}
            }
        }
        match read {
            Ok(Subject::Token(_)) => Self::Token(text.to_owned()),
            Ok(Subject::Run(record)) => Self::Run(Ok(record)),
            Ok(subject) => Self::Document(Box::new(subject)),
            Err(_) => Self::Unknown(said(UNKNOWN).to_owned()),
        }
    }

    fn recording(bytes: &[u8], key: [u8; 32]) -> Self {
        let read = take_apart(bytes, key).map(|capture| Arc::new(Recording::new(capture)));
        Self::Recording(read.map_err(|error| error.to_string()))
    }
}

/// Whether some line sets a key or heads a table, so that a reader of TOML can say what is wrong.
fn is_like_toml(text: &str) -> bool {
    let is_key = |key: &str| {
        let key = key.trim();
        !key.is_empty() && key.chars().all(|it| it.is_ascii_alphanumeric() || "_-.\"".contains(it))
    };
    let is_line = |line: &str| {
        (line.starts_with('[') && line.ends_with(']')) || line.split_once('=').is_some_and(|(key, _)| is_key(key))
    };
    text.lines().any(|line| is_line(line.trim()))
}

/// Whether a text is a token in one piece, as it stands in a header field or alone.
fn is_token(text: &str) -> bool {
    let word = text.split_once(' ').filter(|(scheme, _)| ["bearer", "dpop"].contains(&&*scheme.to_ascii_lowercase()));
    let token = word.map_or(text, |(_, token)| token.trim_start());
    !token.contains(char::is_whitespace) && matches!(Subject::read(text), Ok(Subject::Token(_)))
}

/// Whether a text names lessons, which no other file does.
fn is_course(text: &str) -> bool {
    text.lines().any(|line| line.strip_prefix("lessons").is_some_and(|rest| rest.trim_start().starts_with('=')))
}

/// A recording, and the order in which its logins are told.
pub struct Recording {
    /// What is in it.
    pub capture: Capture,
    /// Its logins, those with a finding first.
    pub order: Vec<usize>,
    /// How many of its entries belong to a login.
    pub used: usize,
    /// Hides its credentials.
    pub redactor: Redactor,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("logins", &self.capture.logins).finish_non_exhaustive()
    }
}

/// A login of a recording as a run that can be looked at.
#[derive(Clone, Debug)]
pub struct RecordedLogin {
    /// The run.
    pub flow: Flow,
    /// What is wrong with it.
    pub finding: Option<Finding>,
    /// What became of it, in a few words.
    pub outcome: String,
}

impl Recording {
    /// The logins of what was taken apart.
    pub fn new(capture: Capture) -> Self {
        let mut order: Vec<usize> = (0..capture.logins.len()).collect();
        order.sort_by_key(|at| capture.logins[*at].finding.is_none());
        let redactor = capture.redactor();
        let used = capture.beside.iter().filter(|kind| kind.is_none()).count();
        Self { capture, order, used, redactor }
    }

    /// A login as a run. Takes time in proportion to its messages.
    pub fn login(&self, at: usize) -> RecordedLogin {
        let login = &self.capture.logins[at];
        let finding = login.finding.as_ref().map(|found| self.finding(login, found));
        RecordedLogin { flow: self.capture.flow(login), finding, outcome: outcome(login) }
    }

    /// A text without credentials, and without what nobody sees.
    pub fn clean(&self, text: &str) -> String {
        visible(&self.redactor.text(text)).into_owned()
    }

    /// What is wrong with a login in the words of a finding.
    fn finding(&self, login: &Login, found: &Found) -> Finding {
        Finding {
            verdict: Verdict::Fail,
            rule: Some(found.rule.id.into()),
            certainty: found.certainty,
            stage: login.stage_of_run(found.stage),
            exchange: None,
            say: self.clean(&found.say),
            evidence: self.evidence(found) + &self.changed_here(found),
            shown: Vec::new(),
            next: self.clean(&found.next),
            cures: Vec::new(),
        }
    }

    /// Which of the messages that a finding is told from were changed by hand on their way.
    fn changed_here(&self, found: &Found) -> String {
        let entries = self.told_from(found).into_iter().map(|at| &self.capture.entries[at]);
        let changed = entries.filter(|entry| entry.by_hand.iter().any(|done| *done != ByHand::ClientGone));
        changed.map(|entry| t!("; this message was changed here: entry {index}", index = entry.index)).collect()
    }

    /// `entry 118, response.header.set-cookie: sid; entry 121, request.header.cookie`
    pub fn evidence(&self, found: &Found) -> String {
        let one = |evidence: &Evidence| {
            t!(
                "entry {index}, {evidence}",
                index = self.capture.entries[evidence.entry].index,
                evidence = place(evidence)
            )
        };
        self.clean(&found.evidence.iter().map(one).collect::<Vec<_>>().join("; "))
    }
}

/// What of an entry it is told from: `response.header.set-cookie: sid`.
pub fn place(Evidence { place, value, .. }: &Evidence) -> String {
    let value = value.as_deref().map(|value| format!(": {value}")).unwrap_or_default();
    format!("{place}{value}")
}

/// What became of a login: the short name of what is wrong with it, or else how it ended.
pub fn outcome(login: &Login) -> String {
    let short = |found: &Found| found.rule.id.rsplit('.').next().unwrap_or_default().replace('_', " ");
    login.finding.as_ref().map_or_else(|| login.said().to_owned(), short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::exchange::Captured;
    use crate::capture::finding::Certainty;
    use crate::capture::login::StageName;
    use crate::client::rules::catalogue;

    #[test]
    fn a_message_that_was_changed_by_hand_is_told_once() {
        let mut capture = take_apart(b"curl https://op.example/auth?client_id=web", [7; 32]).expect("a command");
        let first = capture.entries[0].clone();
        capture.entries = [(4, vec![ByHand::RequestChanged]), (5, vec![ByHand::ClientGone])]
            .map(|(index, by_hand)| Captured { index, by_hand, ..first.clone() })
            .into();
        let found = Found {
            rule: catalogue().next().expect("a rule"),
            stage: StageName::Token,
            certainty: Certainty::Certain,
            say: String::new(),
            evidence: [0, 1, 0].map(|entry| Evidence::at(entry, "request.url")).into(),
            next: String::new(),
        };
        assert_eq!(Recording::new(capture).changed_here(&found), "; this message was changed here: entry 4");
    }
}
