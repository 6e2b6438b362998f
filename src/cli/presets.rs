//! `presets`: the shipped ones, and what is doubtful about a file.

use std::path::Path;

use super::json::{self, number, object, text};
use super::output::Output;
use super::table::Table;
use super::terminal::{Paint, shown_path};
use super::{Exit, Usage, typed};
use crate::base::json::Json;
use crate::base::text::counted;
use crate::preset::{self, Preset, PresetWarning};

/// Names the shipped presets.
pub(super) fn list(output: &Output) -> Exit {
    let (mut rows, mut shown) = (Vec::new(), Vec::new());
    for (slug, source) in preset::built_in() {
        let Ok((preset, _)) = Preset::parse(source) else { continue };
        let ids: Vec<&str> = preset.placeholders.iter().map(|placeholder| placeholder.id.as_str()).collect();
        shown.push(vec![(*slug).to_owned(), preset.name.clone(), ids.join(", ")]);
        rows.push(object([
            ("preset", text(*slug)),
            ("name", text(preset.name.clone())),
            ("documentation", text(preset.documentation.clone())),
            ("placeholders", Json::Array(ids.into_iter().map(text).collect())),
        ]));
    }
    output.table(&Table { head: vec!["PRESET", "NAME", "ASKS FOR"], rows: shown, json: Json::Array(rows) });
    Exit::Success
}

/// The file of a shipped preset as it stands, to begin an own one with; as JSON what it says.
pub(super) fn show(name: &str, output: &Output) -> Result<Exit, Usage> {
    let slug = super::job::slug_of(name).ok_or_else(|| super::job::no_preset(name))?;
    let source = preset::find(slug).unwrap_or_default();
    if output.json {
        let tables: serde_json::Value = toml::from_str(source).map_err(|error| Usage(format!("{slug}: {error}")))?;
        output.result(&Json::parse_text(&tables.to_string()).unwrap_or(Json::Null));
    } else {
        output.write(source);
    }
    Ok(Exit::Success)
}

/// Reads a file and says what is wrong, unknown or doubtful. Only what cannot be read is a failure.
pub(super) fn check(file: &Path, output: &Output) -> Exit {
    let mut terminal = output.story();
    let shown = shown_path(file);
    let (valid, warnings, doubts, error) = match typed::preset(file).map(|source| Preset::parse(&source)) {
        Ok(Ok((preset, warnings))) => (true, warnings, preset.lint(), None),
        Ok(Err(error)) => {
            terminal.line(&format!("{shown}: {error}"));
            (false, Vec::new(), Vec::new(), Some(error.to_string()))
        }
        // It names the file.
        Err(error) => {
            let error = format!("{error}{}", shipped(file).unwrap_or_default());
            terminal.line(&error);
            (false, Vec::new(), Vec::new(), Some(error))
        }
    };
    for line in warnings.iter().map(ToString::to_string).chain(doubts.clone()) {
        terminal.line(&format!("{shown}: {line}"));
    }
    if valid {
        let count = warnings.len() + doubts.len();
        let sound = terminal.paint(Paint::Good, "✓ a sound preset");
        let doubtful = format!("a preset with {}", counted(count, "doubt", "doubts"));
        terminal.line(if count == 0 { &sound } else { &doubtful });
    }
    let result = object([
        ("file", text(file.display().to_string())),
        ("valid", Json::Bool(valid)),
        ("error", json::optional(error)),
        ("warnings", Json::Array(warnings.iter().map(of_warning).collect())),
        ("doubts", Json::Array(doubts.into_iter().map(text).collect())),
    ]);
    output.result(&result);
    if valid { Exit::Success } else { Exit::Failure }
}

/// What to do with the name of a shipped preset, which is no file.
fn shipped(file: &Path) -> Option<String> {
    let name = file.to_str().filter(|_| !file.exists())?;
    let slug = super::job::slug_of(name)?;
    Some(format!("; {slug} is a shipped preset: grantscope presets show {slug} prints it"))
}

fn of_warning(warning: &PresetWarning) -> Json {
    object([
        ("line", number(&warning.line)),
        ("key", text(warning.key.clone())),
        ("meant", json::optional(warning.meant())),
    ])
}
