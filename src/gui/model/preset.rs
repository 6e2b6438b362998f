//! The preset in use.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::client::settings::Settings;
use crate::preset::Preset;

/// Where the settings came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresetSource {
    /// Shipped with the program, by file name.
    BuiltIn(String),
    /// A file of the user.
    File(PathBuf),
}

/// The preset in use.
#[derive(Clone, Debug)]
pub struct PresetState {
    /// Where it came from.
    pub source: PresetSource,
    /// As read from there.
    pub preset: Preset,
    /// The settings it gave, for the unsaved mark.
    pub saved: Settings,
    /// The settings in the text that is being written; they may change before the file is there.
    pub written: Option<Settings>,
    /// What was odd about the file.
    pub warnings: Vec<String>,
    /// Whether saving may write the client secret in clear.
    pub keep_secret: bool,
}

/// Answers to a preset's placeholders, by id.
pub type PresetAnswers = BTreeMap<String, String>;
