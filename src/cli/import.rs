//! `import`: what another program wrote or showed, as settings, and as a preset to run with.

use super::args::ImportArgs;
use super::json::{object, optional, text};
use super::output::Output;
use super::places::{Places, is_dash};
use super::terminal::{Paint, shown_path};
use super::{Exit, Usage, typed};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::expect::is_like;
use crate::import::{Filled, Imported, import};
use crate::io::storage::{self, Access, RUN_LIMIT};
use crate::preset::{Preset, PresetError, SecretRef};

/// What stands for a secret that is taken over.
const HIDDEN: &str = "(hidden)";

/// Reads a text, says what it is, and writes what it says as a preset where that is wanted.
pub(super) fn import_file(args: &ImportArgs, output: &Output) -> Result<Exit, Usage> {
    Places::default().reads("what is taken in", Some(&args.file)).writes("preset", args.preset.as_deref()).check()?;
    let mut story = output.story();
    let bytes = typed::recording(&args.file, RUN_LIMIT).map_err(|usage| of_address(args, usage))?;
    let name = visible(&args.file.to_string_lossy()).into_owned();
    let read = std::str::from_utf8(&bytes).map_err(|_| "it is not UTF-8 text".to_owned());
    let read = read.and_then(taken_in);
    let filled = match read {
        Ok(Taken::Imported(Imported::Settings(filled))) => filled,
        Ok(other) => {
            let (what, command) = elsewhere(&other);
            story.line(&format!("{name} is {what}: grantscope {command} {name}"));
            output.result(&object([("what", text(what)), ("command", text(command))]));
            return Ok(Exit::Success);
        }
        Err(error) => {
            let mark = story.paint(Paint::Bad, "✗");
            story.line(&format!("{mark} {name} cannot be taken in: {error}"));
            output.result(&object([("what", Json::Null), ("error", text(error))]));
            return Ok(Exit::Failure);
        }
    };
    story.line(&story.paint(Paint::Strong, &format!("{name} is {}", filled.what)));
    if let Some(grant) = filled.grant {
        story.pair("grant", grant.slug());
    }
    for warning in &filled.warnings {
        story.line(&format!("{} {}", story.paint(Paint::Caution, "warning:"), visible(warning)));
    }
    for (setting, value) in &filled.values {
        let shown = if Filled::hides(setting, value.expose()) {
            HIDDEN.to_owned()
        } else {
            visible(value.expose()).into_owned()
        };
        story.pair(setting, &shown);
    }
    for note in filled.not_followed.iter().chain(&filled.notes) {
        story.line(&format!("note: {}", visible(note)));
    }
    if args.preset.is_some() && !filled.loose().is_empty() {
        story.line(&format!(
            "note: secrets that a preset does not hold are left out of it: {}",
            filled.loose().join(", ")
        ));
    }
    let is_printed = args.preset.as_deref().is_some_and(is_dash);
    let is_written = args.preset.as_deref().is_none_or(|path| match write(&filled, path, args.force, output) {
        Ok(()) => {
            let grant = filled.grant.map_or("GRANT", crate::terms::grant::Grant::slug);
            let preset = if is_printed { "FILE".to_owned() } else { shown_path(path) };
            story.line(&format!("Run it: grantscope run {grant} --preset {preset}"));
            true
        }
        Err(error) => {
            story.line(&format!("✗ {} was not written: {error}", shown_path(path)));
            false
        }
    });
    if !is_printed {
        output.result(&document(&filled));
    }
    Ok(if is_written { Exit::Success } else { Exit::Failure })
}

/// An address that was typed in the place of the file that it goes into.
fn of_address(args: &ImportArgs, usage: Usage) -> Usage {
    match args.file.to_string_lossy().contains("://") {
        true => Usage(format!("{usage}; an address is taken in from a file that holds it, or from standard input (-)")),
        false => usage,
    }
}

/// What a text is. A file of expectations is recognised by the first of its keys, as in the window, and what holds nothing
/// of a preset is none.
fn taken_in(text: &str) -> Result<Taken, String> {
    let read = import(text).map(Taken::Imported).map_err(|error| error.to_string());
    match read {
        Ok(Taken::Imported(Imported::Settings(_) | Imported::Run | Imported::Recording)) => read,
        _ if is_like(text) => Ok(Taken::Expectations),
        Ok(Taken::Imported(Imported::Preset)) => match Preset::parse(text) {
            Err(error @ PresetError::NoPreset(_)) => Err(error.to_string()),
            _ => read,
        },
        read => read,
    }
}

/// What a text was taken for.
enum Taken {
    Imported(Imported),
    Expectations,
}

/// What is read by another command.
const fn elsewhere(taken: &Taken) -> (&'static str, &'static str) {
    let imported = match taken {
        Taken::Expectations => return ("a file of expectations", "run GRANT --expect"),
        Taken::Imported(imported) => imported,
    };
    match imported {
        Imported::Run => ("a run", "show"),
        Imported::Recording => ("a recording", "capture"),
        Imported::Preset | Imported::Settings(_) => ("a preset", "presets check"),
    }
}

/// A preset that asks for the client secret, and holds no other.
fn write(filled: &Filled, path: &std::path::Path, is_forced: bool, output: &Output) -> Result<(), String> {
    let loose: Vec<String> = filled.loose().into_iter().map(str::to_owned).collect();
    let mut filled = filled.clone();
    filled.values.retain(|(name, _)| !loose.contains(name));
    let mut settings = filled.settings().map_err(|error| error.to_string())?;
    let has_secret = !settings.client.client_secret.expose().is_empty();
    settings.client.client_secret = crate::base::secret::Secret::default();
    let secret = if has_secret { SecretRef::Ask } else { SecretRef::Absent };
    let stem = path.file_stem().filter(|_| !is_dash(path));
    let name = stem.map_or_else(|| "Imported".into(), |stem| stem.to_string_lossy());
    let mut preset = Preset::from_settings(&name, &settings, secret, None);
    preset.grant = filled.grant.map(|grant| grant.key().to_owned()).unwrap_or_default();
    if is_dash(path) {
        output.write(&preset.to_toml());
        return Ok(());
    }
    let written = match is_forced {
        true => storage::write(path, &preset.to_toml(), Access::Private),
        false => storage::write_new(path, &preset.to_toml(), Access::Private),
    };
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => "it is there already; --force writes over it".to_owned(),
        _ => storage::why(&error).into_owned(),
    })
}

fn document(filled: &Filled) -> Json {
    let value = |(name, value): &(String, crate::base::secret::Secret)| {
        let shown = if Filled::hides(name, value.expose()) { HIDDEN } else { value.expose() };
        (name.clone(), text(shown))
    };
    object([
        ("what", text(filled.what)),
        ("grant", optional(filled.grant.map(|grant| grant.key()))),
        ("settings", Json::Object(filled.values.iter().map(value).collect())),
        ("warnings", sentences(&filled.warnings)),
        ("not_followed", sentences(&filled.not_followed)),
        ("notes", sentences(&filled.notes)),
    ])
}

fn sentences(sentences: &[String]) -> Json {
    Json::Array(sentences.iter().map(|sentence| text(sentence.clone())).collect())
}
