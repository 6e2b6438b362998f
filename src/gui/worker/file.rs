//! Files: presets and keys, and the system's dialogs that ask for them.

use std::path::{Path, PathBuf};

use crate::base::secret::Secret;
use crate::gui::backend::{Opened, Outcome};
use crate::io::dialog::{FileDialog, dialogs_available};
use crate::io::key_file;
use crate::io::storage::{self, Access};

/// What keys and certificates are usually called.
const KEY_FILES: &[&str] = &["pem", "key", "crt", "cer", "p12", "pfx", "jwk", "json", "jwt", "xml"];

/// Asks for a preset and reads it.
pub(super) async fn ask_to_open() -> Outcome {
    if !dialogs_available() {
        return Outcome::NoChoice { saving: false, dialogs: false };
    }
    match file_dialog("Open a preset or a run").open().await {
        Some(path) => read(path).await,
        None => Outcome::NoChoice { saving: false, dialogs: true },
    }
}

/// Asks for a place and writes a preset there.
pub(super) async fn ask_to_save(name: &str, text: String, private: bool) -> Outcome {
    if !dialogs_available() {
        return Outcome::NoChoice { saving: true, dialogs: false };
    }
    match file_dialog("Save").save(name).await {
        Some(path) => write(path, text, private).await,
        None => Outcome::NoChoice { saving: true, dialogs: true },
    }
}

/// Asks where a key file is.
pub(super) async fn ask_for_key() -> Outcome {
    if !dialogs_available() {
        return Outcome::NoKeyFileDialog;
    }
    let chosen = FileDialog::new("Read a key", "Keys and certificates", KEY_FILES).open().await;
    Outcome::KeyFileChosen(chosen.map(|path| path.display().to_string()))
}

/// Reads a key file off the runtime's own threads.
pub(super) async fn read_key(path: PathBuf, password: Secret) -> Outcome {
    let read = tokio::task::spawn_blocking(move || key_file::read(&path, &password)).await;
    let read = read.map_err(|error| error.to_string());
    Outcome::KeyFileRead(read.and_then(|read| read.map_err(|error| error.to_string())))
}

fn file_dialog(title: &str) -> FileDialog {
    FileDialog::new(title, "Presets and runs", &["toml", "json"])
}

/// Reads a file off the runtime's own threads.
pub(super) async fn read(path: PathBuf) -> Outcome {
    let from = path.clone();
    let opened =
        tokio::task::spawn_blocking(move || storage::read_lying(&from, storage::RUN_LIMIT).map(Opened::of)).await;
    match opened {
        Ok(Ok(opened)) => Outcome::Opened(path, opened),
        Ok(Err(error)) => Outcome::FileFailed(format!("The file could not be read: {error}")),
        Err(error) => Outcome::FileFailed(format!("{} could not be read: {error}", path.display())),
    }
}

pub(super) async fn write(path: PathBuf, text: String, private: bool) -> Outcome {
    let to = path.clone();
    let access = if private { Access::Private } else { Access::Usual };
    let done = tokio::task::spawn_blocking(move || storage::write(&to, &text, access)).await;
    match done {
        Ok(Ok(())) => Outcome::Saved(path),
        Ok(Err(error)) => Outcome::FileFailed(not_saved(&path, &error)),
        Err(error) => Outcome::FileFailed(not_saved(&path, &error)),
    }
}

fn not_saved(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{} could not be saved: {error}. The settings are still here.", path.display())
}
