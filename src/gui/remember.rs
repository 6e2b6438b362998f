//! What the window remembers between two starts. Never a secret, never a message.

use std::collections::{BTreeMap, BTreeSet};

use egui::Context;
use serde::{Deserialize, Serialize};

use super::backend::Backend;
use super::command::Command;
use super::language::{self, Language};
use super::model::{HistoryCommand, Model, PresetSource, ThemeChoice};
use super::update::update;
use crate::io::history::{Limits, MEGABYTE};
use crate::preset;

/// Runs and megabytes, unless something else was set.
const KEPT: [u64; 2] = [10_000, 500];

/// The remembered state, as JSON in the program's own folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    theme: String,
    /// Tag of BCP 47; empty before one was chosen.
    language: String,
    zoom: f32,
    settings_open: Option<bool>,
    /// The diagram's part of the room it shares with the message.
    split: Option<f32>,
    /// Slug of a shipped preset, or the path of a file.
    preset: String,
    /// Whether runs are not kept.
    history_is_off: bool,
    /// How many runs are kept, and how many megabytes of them.
    history: [u64; 2],
    /// Which questions of each lesson are answered, by the lesson's name.
    lessons: BTreeMap<String, BTreeSet<usize>>,
    /// Inner size of the window in points that are not zoomed.
    pub size: [f32; 2],
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            theme: String::new(),
            language: String::new(),
            zoom: 1.0,
            settings_open: None,
            split: None,
            preset: String::new(),
            history_is_off: false,
            history: KEPT,
            lessons: BTreeMap::new(),
            size: [1280.0, 800.0],
        }
    }
}

impl Remembered {
    /// Reads what was written; anything unreadable counts as nothing.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The same in the language of this tag, unless one was chosen.
    #[must_use]
    pub fn or_in(mut self, tag: &str) -> Self {
        if self.language.is_empty() {
            tag.clone_into(&mut self.language);
        }
        self
    }

    /// The state of a window. `zoom` is what it has outside a presentation.
    pub fn of(ctx: &Context, model: &Model, zoom: f32) -> Self {
        let size = (ctx.viewport_rect().size() * ctx.zoom_factor()).round().into();
        let preset = match &model.preset_of(model.own().choice).source {
            PresetSource::BuiltIn(slug) => slug.clone(),
            PresetSource::File(path) => path.display().to_string(),
        };
        let limits = model.history.limits;
        let (history_is_off, history) = (model.history.is_off, [limits.runs as u64, limits.bytes / MEGABYTE]);
        Self {
            theme: model.theme.word().to_owned(),
            language: model.language.tag().to_owned(),
            zoom,
            settings_open: model.settings_open,
            split: model.split,
            preset,
            history_is_off,
            history,
            lessons: model.lessons.answered.clone(),
            size,
        }
    }

    /// Whether both differ in the window's size at most.
    pub fn is_same_but_for_size(&self, other: &Self) -> bool {
        Self { size: other.size, ..self.clone() } == *other
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Brings a new window to this state. A preset that asks for values first is not opened again.
    pub fn apply(&self, ctx: &Context, model: &mut Model, backend: &mut dyn Backend) {
        model.theme = match self.theme.as_str() {
            "light" => ThemeChoice::Light,
            "dark" => ThemeChoice::Dark,
            _ => ThemeChoice::System,
        };
        model.language = Language::of_tag(&self.language);
        language::speak(model.language);
        model.settings_open = self.settings_open;
        model.lessons.answered.clone_from(&self.lessons);
        model.split = self.split.filter(|share| (0.0..=1.0).contains(share));
        model.history.is_off = self.history_is_off;
        if self.history != KEPT {
            let [runs, megabytes] = self.history;
            let limits = Limits { runs: usize::try_from(runs).unwrap_or(usize::MAX), bytes: megabytes * MEGABYTE };
            update(model, backend, Command::History(HistoryCommand::Limit(limits)));
        }
        if (0.5..=3.0).contains(&self.zoom) {
            ctx.set_zoom_factor(self.zoom);
        }
        match preset::find(&self.preset) {
            Some(_) if self.preset == preset::PRACTICE => {}
            Some(text) if !text.contains("[placeholders") => {
                update(model, backend, Command::ChoosePreset(self.preset.clone()));
            }
            Some(_) => {}
            None if self.preset.is_empty() => {}
            None => update(model, backend, Command::OpenPath(self.preset.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_junk_is_nothing() {
        let state = Remembered { zoom: 1.25, preset: "github".to_owned(), ..Remembered::default() };
        assert_eq!(Remembered::read(&state.to_json()), state);
        assert_eq!(Remembered::read("{"), Remembered::default());
        assert_eq!(Remembered::read("{\"zoom\":2,\"later\":true}").zoom, 2.0);
    }
}
