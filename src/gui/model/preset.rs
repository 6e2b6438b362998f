//! The preset in use.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use crate::client::settings::Settings;
use crate::gui::language::t;
use crate::preset::{self, Preset, SecretRef};

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
    /// What was odd about the file.
    pub warnings: Vec<String>,
    /// Whether saving may write the client secret in clear.
    pub keep_secret: bool,
}

impl PresetState {
    /// What no file holds yet, by the name of its server.
    pub fn unsaved(name: String) -> Self {
        Self {
            source: PresetSource::BuiltIn(String::new()),
            preset: Preset { name, ..Preset::default() },
            saved: Settings::default(),
            warnings: Vec::new(),
            keep_secret: false,
        }
    }

    /// What is wanted in the place of the client secret that the file does not hold; `None` once one is there.
    pub fn lacks_secret(&self, settings: &Settings) -> Option<String> {
        if !settings.client.client_secret.is_empty() {
            return None;
        }
        match &self.preset.client_secret {
            SecretRef::Ask => Some(t!("The preset asks for it. What is typed here is kept in memory only").to_owned()),
            SecretRef::Env(name) => Some(t!("The environment has no {name}, where the preset has it from", name)),
            _ => None,
        }
    }
}

/// Answers to a preset's placeholders, by id.
pub type PresetAnswers = BTreeMap<String, String>;

/// Slug and name of every shipped preset.
pub fn preset_names() -> &'static [(&'static str, String)] {
    static NAMES: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
        let name = |text| Preset::parse(text).map(|(preset, _)| preset.name).unwrap_or_default();
        preset::built_in().iter().map(|(slug, text)| (*slug, name(text))).collect()
    });
    &NAMES
}
