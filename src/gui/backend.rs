//! What the window has others do: everything that waits. The window itself never blocks.
//!
//! A job carries the number of what is under way in the run it belongs to, and its reports come back with it. After Stop
//! the run has another number, so that a late report finds nobody; what is under way in other runs goes on.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::between::{BetweenJob, BetweenReport};
use super::client_document::{DocumentJob, DocumentReport};
use super::compared::{Comparable, Compared, Half};
use super::document::{Document, Goes, Secrets};
use super::expect_key::ExpectKey;
use super::kept::KeptRun;
use super::lessons::{LessonJob, LessonReport};
use super::mask::Mask;
use super::opened::{Opened, ReadRun, RecordedLogin, Recording};
use super::shown::{Shown, ShownKey};
use crate::base::entropy::Entropy;
use crate::base::http::HttpResponse;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::settings::Settings;
use crate::expect::Expectations;
use crate::export::redact::Redactor;
use crate::flow::{Action, Event, beside::Beside};
use crate::gui::language::words;
use crate::io::history::{Entry, Limits};
use crate::io::serve::ServedTls;
use crate::io::sign_in::{Jar, SignedIn, User};
use crate::practice::PracticeHandle;
use crate::report::Format;

pub use super::open_for::OpenFor;
pub use super::reading::Reading;

/// Something to do off the window's thread.
#[derive(Clone)]
pub enum Job {
    /// An action of the flow.
    Perform(Action),
    /// Take a large answer into its run.
    TakeIn {
        /// The run as it waits for it.
        run: Box<Reading>,
        /// What came.
        event: Event,
        /// When.
        now: Timestamp,
    },
    /// Make the shown form of a large response.
    Show {
        /// Names it.
        key: ShownKey,
        /// As it came.
        response: Box<HttpResponse>,
        /// What is hidden in it; `None` where everything is shown.
        known: Option<Redactor>,
    },
    /// Start the system's browser.
    OpenBrowser(Url),
    /// Sign in at a loopback server by fetching and submitting its pages.
    SignIn {
        /// The authorization request.
        url: Url,
        /// Who signs in.
        user: User,
        /// Where the response is awaited.
        redirect_uri: Url,
        /// What is offered to servers meanwhile.
        beside: Vec<Beside>,
        /// Those of the sign-in of the same run, for its logout.
        cookies: Option<Jar>,
    },
    /// Approve at a loopback server's page as this user.
    Approve {
        /// The page.
        url: Url,
        /// Who approves.
        user: User,
    },
    /// Fetch a page at a loopback server that nothing comes back from, and agree to what it asks.
    Visit {
        /// The page.
        url: Url,
        /// As whom.
        user: User,
        /// Those of the sign-in of the same run.
        cookies: Jar,
        /// What is told of it meanwhile; where there is nothing to hear, the visit is all.
        beside: Vec<Beside>,
    },
    /// Ask where a key file is.
    AskForKeyFile,
    /// Read a key file.
    ReadKeyFile {
        /// Where it is.
        path: PathBuf,
        /// What opens a PKCS#12 file.
        password: Secret,
    },
    /// Make a private key for this algorithm.
    MakeKey(String),
    /// Ask for a file to open and read it.
    AskToOpen(OpenFor),
    /// Read this file.
    Read(PathBuf, OpenFor),
    /// Read a text that was pasted, as if it were a file, for this.
    ReadText(String, OpenFor),
    /// Make a login of a recording into a run.
    ReadLogin(Arc<Recording>, usize),
    /// Stand between an app and its provider.
    Between(BetweenJob),
    /// Something with client ID metadata documents.
    ClientDocument(DocumentJob),
    /// Something for lessons.
    Lessons(LessonJob),
    /// Put two next to each other.
    Compare {
        /// Its number.
        asked: u64,
        /// The first.
        a: Arc<Comparable>,
        /// The second.
        b: Arc<Comparable>,
        /// What both are held to.
        expected: Expectations,
    },
    /// Ask for a place and write a file there. The dialog of the system asks before it replaces one.
    AskToSave {
        /// A name to begin with.
        name: String,
        /// What.
        file: ToSave,
    },
    /// Make a document of a run, and ask for a place for its file where it goes into one.
    Export(Box<Document>, Goes),
    /// Write a file that only its owner may read.
    Write {
        /// Where.
        path: PathBuf,
        /// What.
        file: ToSave,
        /// Whether it may replace one that is there.
        replaces: bool,
    },
    /// Fetch a key set for the JWT tab.
    FetchKeys(Url),
    /// Put a credential on the clipboard, outside of clipboard histories where the system can.
    CopySecret(String),
    /// Remember the window's state.
    Remember(String),
    /// Something to do with the runs that are kept, in the order asked.
    History(HistoryJob),
}

/// The shown form of a response. Takes time in proportion to its size.
pub fn shown(response: &HttpResponse, known: Option<&Redactor>) -> Arc<Shown> {
    Arc::new(Shown::of(response, known.map_or(Mask::OFF, Mask::of)))
}

/// From so many bytes on an answer is read, judged and looked through for credentials off the window's thread.
pub const LARGE: usize = 256 * 1024;

/// What is done with the runs that are kept.
#[derive(Clone, Debug)]
pub enum HistoryJob {
    /// Say which there are.
    List,
    /// Keep this one as it is now.
    Keep(Box<KeptRun>),
    /// Read one.
    Read {
        /// Which.
        id: String,
        /// What for.
        wanted: Wanted,
    },
    /// Name it, and pin it or not.
    Change {
        /// Which.
        id: String,
        /// Its name; empty for none.
        name: String,
        /// Whether it stays.
        pinned: bool,
    },
    /// Delete these.
    Delete(Vec<String>),
    /// Keep so many at most.
    Limit(Limits),
}

/// What a run is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// To be looked at.
    ToShow,
    /// To be begun anew.
    ToRunAgain,
    /// To be written as a document.
    ToExport(Format, Goes),
    /// To be compared, on this side.
    ToCompare(Half),
}

/// A file that is to be written.
#[derive(Clone)]
pub struct ToSave {
    /// Its text.
    pub text: String,
    /// What is in it.
    pub what: Saved,
}

impl fmt::Debug for ToSave {
    /// Without its text, which may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToSave").field("what", &self.what).finish_non_exhaustive()
    }
}

/// What is in a file that is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// A preset, made in this choice of a provider from these settings; both may have changed before the file is there.
    Preset(u64, Box<Settings>),
    /// What runs are expected to be, and of which grant at which provider.
    Expectations(Box<(ExpectKey, Expectations)>),
    /// A run.
    Run,
    /// A run as a document for others.
    Document(Format),
    /// A lesson on paper.
    Handout,
    /// A client ID metadata document.
    ClientDocument,
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// There is one already.
    Taken,
    /// In a sentence.
    Failed(String),
}

/// Reads a text that was pasted. Takes time in proportion to its size.
pub fn opened_text(text: &str, wanted: OpenFor, key: [u8; 32]) -> Outcome {
    Outcome::Opened(PathBuf::from(PASTED), wanted, Opened::of(text.as_bytes(), wanted.takes(), key))
}

/// What a text is called that was pasted.
pub const PASTED: &str = words!("What was pasted");

/// A document as a file, and what it is called unless it gets another name. Takes time in proportion to the run's size.
pub fn document_to_save(document: &Document) -> (String, ToSave) {
    let name = format!("{}.{}", document.name, document.format.ending());
    (name, ToSave { text: document.text(), what: Saved::Document(document.format) })
}

/// A document as a text for the clipboard. Takes time in proportion to the run's size.
pub fn document_to_copy(document: &Document) -> Outcome {
    let is_secret = matches!(document.secrets, Secrets::Stay);
    Outcome::DocumentMade { text: document.text(), format: document.format, is_secret }
}

/// Makes a login of a recording into a run. Takes time in proportion to its messages.
pub fn read_login(of: Arc<Recording>, at: usize) -> Outcome {
    let login = Box::new(of.login(at));
    Outcome::LoginRead(of, at, login)
}

/// What the history says.
#[derive(Clone, Debug)]
pub enum HistoryReport {
    /// The runs that are kept, the newest first.
    Listed(Vec<Entry>),
    /// A run as it is kept now, and those that made room for it.
    Kept(Entry, Vec<String>),
    /// Runs that made room.
    Gone(Vec<String>),
    /// A run, or why it cannot be read.
    Read {
        /// As asked.
        id: String,
        /// As asked.
        wanted: Wanted,
        /// What was recorded, judged.
        record: ReadRun,
    },
    /// Something could not be done.
    Failed(String),
}

impl fmt::Debug for Job {
    /// Its kind only: links, files and texts may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Perform(_) => "Perform",
            Self::TakeIn { .. } => "TakeIn",
            Self::Show { .. } => "Show",
            Self::OpenBrowser(_) => "OpenBrowser",
            Self::SignIn { .. } => "SignIn",
            Self::Approve { .. } => "Approve",
            Self::Visit { .. } => "Visit",
            Self::AskForKeyFile => "AskForKeyFile",
            Self::ReadKeyFile { .. } => "ReadKeyFile",
            Self::MakeKey(_) => "MakeKey",
            Self::AskToOpen(_) => "AskToOpen",
            Self::Read(..) => "Read",
            Self::ReadText(..) => "ReadText",
            Self::ReadLogin(..) => "ReadLogin",
            Self::Between(_) => "Between",
            Self::ClientDocument(_) => "ClientDocument",
            Self::Lessons(_) => "Lessons",
            Self::Compare { .. } => "Compare",
            Self::AskToSave { .. } => "AskToSave",
            Self::Export(..) => "Export",
            Self::Write { .. } => "Write",
            Self::FetchKeys(_) => "FetchKeys",
            Self::CopySecret(_) => "CopySecret",
            Self::Remember(_) => "Remember",
            Self::History(_) => "History",
        })
    }
}

/// What came of a job.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "most of them are for the flow, and few wait at once")]
pub enum Outcome {
    /// For the flow.
    Flow(Event),
    /// A large answer was taken into its run.
    TakenIn(Box<Reading>),
    /// The shown form of a large response.
    Shown(ShownKey, Arc<Shown>),
    /// The browser could not be started.
    NoBrowser(String),
    /// The program approved as this user, where nothing comes back to it.
    Approved(String),
    /// The program signed in.
    SignedIn(Box<SignedIn>),
    /// The program could not sign in by itself; the wait goes on. What the server refuses is an event of the flow.
    SignInFailed(String),
    /// A file was read.
    Opened(PathBuf, OpenFor, Opened),
    /// A login of a recording was made into a run.
    LoginRead(Arc<Recording>, usize, Box<RecordedLogin>),
    /// From standing between.
    Between(BetweenReport),
    /// From client ID metadata documents.
    ClientDocument(DocumentReport),
    /// For lessons.
    Lessons(LessonReport),
    /// Two were put next to each other, or why they cannot be.
    Compared(u64, Box<Compared>),
    /// A file was written.
    Saved(PathBuf, Saved),
    /// A file was not written.
    NotSaved {
        /// Where it was to be.
        path: PathBuf,
        /// What.
        file: ToSave,
        /// Why.
        why: NotSaved,
    },
    /// A document for the clipboard.
    DocumentMade {
        /// The document.
        text: String,
        /// What it is.
        format: Format,
        /// Whether secrets are in it.
        is_secret: bool,
    },
    /// A file could not be read.
    FileFailed(String),
    /// The dialog was closed without a choice.
    NoChoice,
    /// There is no dialog on this system to choose a file with.
    NoDialogToOpen(OpenFor),
    /// There is none to choose a place with.
    NoDialogToSave {
        /// As asked.
        name: String,
        /// As asked.
        file: ToSave,
    },
    /// The path of a key file, when one was chosen.
    KeyFileChosen(Option<String>),
    /// There is no file dialog on this system to choose a key file with.
    NoKeyFileDialog,
    /// What a key file holds, as text, or why it cannot be used.
    KeyFileRead(Result<Secret, String>),
    /// A new private key as JWK, or why there is none.
    KeyMade(Result<Secret, String>),
    /// A key set, or why there is none.
    Keys(Result<String, String>),
    /// From the runs that are kept.
    History(HistoryReport),
    /// The clipboard did not take the text; the window's own has to.
    CopyFailed(String),
}

/// An outcome and the generation of its job.
#[derive(Clone, Debug)]
pub struct Report {
    /// As given to [`Backend::start`].
    pub generation: u64,
    /// What came.
    pub outcome: Outcome,
}

/// Does jobs. The program's is tokio on threads; the tests' is in memory.
pub trait Backend {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// A seed for the randomness of one run.
    fn entropy(&mut self) -> Entropy;

    /// The issuer of the practice server, or why it does not run.
    fn practice(&self) -> Result<Url, String>;

    /// Its way for clients that show a certificate.
    fn practice_tls(&self) -> Option<ServedTls>;

    /// To look on at it and those beside it; none where it does not run.
    fn practice_handles(&self) -> Vec<PracticeHandle>;

    /// An environment variable that a preset names as the place of a secret.
    fn environment(&self, name: &str) -> Option<Secret>;

    /// Begins a job; its reports come from [`Backend::reports`].
    fn start(&mut self, generation: u64, job: Job);

    /// Ends every job of this number at once: sockets close, the listener's port is free.
    fn stop(&mut self, generation: u64);

    /// What has come since the last call.
    fn reports(&mut self) -> Vec<Report>;
}
