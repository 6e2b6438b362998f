//! What was pasted, dropped or opened and fills in settings: what it is, and where it goes.

use super::run::RunId;
use crate::gui::language::words;
use crate::gui::opened::Import;
use crate::terms::grant::Grant;

/// The button that takes it in.
pub const FILL_IN: &str = words!("Fill in");

/// The field for a text to take in.
pub const IMPORT_TEXT: &str = words!("Paste it here");

/// Where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Into {
    /// Onto the settings that are shown.
    Present,
    /// A run that begins with these settings alone.
    New,
    /// The response that this run waits for.
    Response(RunId),
}

/// A setting, or a parameter of a response, as it is shown: without what is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// Its name.
    pub name: String,
    /// What is there now.
    pub now: String,
    /// What will be.
    pub then: String,
}

/// A text that is typed or pasted to be taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportText {
    /// As typed.
    pub text: String,
    /// Why it is nothing that can be taken in.
    pub error: Option<String>,
}

/// What is looked at before it is taken in.
#[derive(Clone, Debug)]
pub struct ImportDialog {
    /// What the text is called.
    pub name: String,
    /// What it says.
    pub import: Box<Import>,
    /// The grant whose tab it goes to.
    pub grant: Grant,
    /// Where it goes.
    pub into: Into,
    /// The server of what is shown, where it is another one.
    pub differs: Option<[String; 2]>,
    /// Whether a client secret for the other server would stay.
    pub keeps_secret: bool,
    /// The server that would get the client secret of an import that names none.
    pub gives_secret: Option<String>,
    /// What changes.
    pub rows: Vec<ImportRow>,
    /// How many settings are as they would be.
    pub same: usize,
}

/// What is done with it.
#[derive(Clone, Debug)]
pub enum ImportCommand {
    /// Ask for a text or a file.
    Ask,
    /// What is typed or pasted as text.
    Edit(String),
    /// Read what was pasted.
    Read,
    /// Let it go there.
    Into(Into),
    /// Take it in.
    FillIn,
    /// Look at it as a login that others made.
    TakeApart,
    /// Look at the token in the setting of this name.
    Decode(&'static str),
}
