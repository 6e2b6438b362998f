//! What is typed in dialogs.

use super::client_document::DocumentDialog;
use super::identities::TwoUsers;
use super::import::{ImportDialog, ImportText};
use super::preset::{PresetAnswers, PresetState};
use super::run::RunId;
use crate::base::check::Rule;
use crate::base::secret::Secret;
use crate::gui::backend::{NotSaved, OpenFor, ToSave};
use crate::gui::command::Command;
use crate::gui::language::words;

/// What is said where the system cannot ask for a file.
pub const NO_FILE_DIALOG: &str = words!("This system shows no file dialog; type the path of the file.");

/// The button that leaves a file as it is, to save at another path.
pub const OTHER_PATH: &str = words!("Type another path");

/// The button that writes a file once more.
pub const TRY_AGAIN: &str = words!("Try again");

/// A dialog that is open.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// A path to open, typed.
    OpenPath {
        /// As typed.
        path: String,
        /// What for.
        wanted: OpenFor,
    },
    /// A path to save at, typed.
    SavePath(SavePath),
    /// An issuer, typed.
    Issuer(String),
    /// Whether unsaved settings may be lost for this.
    Unsaved(Box<Command>),
    /// The values a preset asks for before its first use.
    Placeholders {
        /// The preset.
        preset: Box<PresetState>,
        /// What has been typed so far.
        answers: PresetAnswers,
    },
    /// A client ID metadata document.
    ClientDocument(Box<DocumentDialog>),
    /// A file to read a key, a certificate or an assertion from.
    KeyFile(KeyFile),
    /// A text to take in.
    ImportText(ImportText),
    /// What was read, and where it goes.
    Import(Box<ImportDialog>),
    /// Who two runs are run as.
    TwoUsers(TwoUsers),
    /// What a run is written as.
    Export(ExportDialog),
    /// Whether all runs that are kept may go.
    DeleteHistory,
    /// The keys of the place one is in, version, licences.
    Help,
    /// What a rule of the catalogue says.
    Rule(&'static Rule),
    /// The search of everything.
    Palette(Palette),
}

/// Which run is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// One of this session.
    Run(RunId),
    /// One that is kept, by its id.
    Kept(String),
}

/// What is chosen in the dialog for documents of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportDialog {
    /// Which run.
    pub run: Exported,
    /// Whether its secrets stay in the next document.
    pub with_secrets: bool,
}

/// What is to be saved, and where to.
#[derive(Clone, Debug)]
pub struct SavePath {
    /// The path as typed.
    pub path: String,
    /// What.
    pub file: ToSave,
    /// Why it is not there yet.
    pub problem: Option<NotSaved>,
    /// The dialog that it came from, and leads back to.
    pub over: Option<Box<Dialog>>,
}

/// What is typed in the dialog for a key file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFile {
    /// The setting it is read into.
    pub field: &'static str,
    /// Where it is.
    pub path: String,
    /// What opens a PKCS#12 file.
    pub password: Secret,
    /// Why it could not be read.
    pub error: Option<String>,
}

/// What is typed in the search of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// As typed.
    pub typed: String,
    /// Which of what was found is chosen.
    pub at: usize,
}
