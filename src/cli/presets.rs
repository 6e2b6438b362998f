//! `presets`: the shipped ones, and what is doubtful about a file.

use std::path::Path;

use super::json::{self, number, object, text};
use super::terminal::{Paint, Terminal};
use super::{Exit, typed};
use crate::base::json::Json;
use crate::preset::{self, Preset, PresetWarning};

/// Names the shipped presets.
pub(super) fn list(as_json: bool) -> Exit {
    let mut terminal = Terminal::stderr();
    let mut rows = Vec::new();
    for (slug, source) in preset::built_in() {
        let Ok((preset, _)) = Preset::parse(source) else { continue };
        let ids: Vec<&str> = preset.placeholders.iter().map(|placeholder| placeholder.id.as_str()).collect();
        let needs = if ids.is_empty() { String::new() } else { format!(" (needs {})", ids.join(", ")) };
        terminal.pair(slug, &format!("{}{needs}", preset.name));
        rows.push(object([
            ("preset", text(*slug)),
            ("name", text(preset.name.clone())),
            ("documentation", text(preset.documentation.clone())),
            ("placeholders", Json::Array(ids.into_iter().map(text).collect())),
        ]));
    }
    json::print(&Json::Array(rows), as_json);
    Exit::Success
}

/// Reads a file and says what is wrong, unknown or doubtful. Only what cannot be read is a failure.
pub(super) fn check(file: &Path, as_json: bool) -> Exit {
    let mut terminal = Terminal::stderr();
    let read = typed::file(file).map_err(|error| error.to_string());
    let parsed = read.and_then(|source| Preset::parse(&source).map_err(|error| error.to_string()));
    let (valid, warnings, doubts, error) = match parsed {
        Ok((preset, warnings)) => (true, warnings, preset.lint(), None),
        Err(error) => (false, Vec::new(), Vec::new(), Some(error)),
    };
    let found = error.iter().cloned().chain(warnings.iter().map(ToString::to_string)).chain(doubts.clone());
    for line in found {
        terminal.line(&format!("{}: {line}", file.display()));
    }
    if valid {
        let count = warnings.len() + doubts.len();
        let sound = terminal.paint(Paint::Good, "✓ a sound preset");
        terminal.line(&if count == 0 { sound } else { format!("a preset with {count} doubts") });
    }
    let result = object([
        ("file", text(file.display().to_string())),
        ("valid", Json::Bool(valid)),
        ("error", json::optional(error)),
        ("warnings", Json::Array(warnings.iter().map(of_warning).collect())),
        ("doubts", Json::Array(doubts.into_iter().map(text).collect())),
    ]);
    json::print(&result, as_json);
    if valid { Exit::Success } else { Exit::Failure }
}

fn of_warning(warning: &PresetWarning) -> Json {
    object([("line", number(&warning.line)), ("key", text(warning.key.clone()))])
}
