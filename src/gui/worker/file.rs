//! Files: presets and keys, and the system's dialogs that ask for them.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::secret::Secret;
use crate::gui::backend::{NotSaved, OpenFor, Outcome, Saved, ToSave, document_to_copy, document_to_save};
use crate::gui::document::{Document, Goes};
use crate::gui::language::{self, said, sentence, t};
use crate::gui::lessons::{self, LessonReport};
use crate::gui::opened::Opened;
use crate::io::dialog::{FileDialog, dialogs_available};
use crate::io::key_file;
use crate::io::storage::{self, Access, ReadError};

/// What keys and certificates are usually called.
const KEY_FILES: &[&str] = &["pem", "key", "crt", "cer", "p12", "pfx", "jwk", "json", "jwt", "xml"];

/// What lessons and courses are called.
const LESSONS: &[&str] = &["md", "toml"];

/// What files are usually called that can be opened.
const OPENED: &[&str] = &["toml", "json", "har", "sh", "txt", "jwt", "ps1", "http", "properties"];

/// Asks for a file and reads it.
pub(super) async fn ask_to_open(wanted: OpenFor, key: [u8; 32]) -> Outcome {
    if !dialogs_available() {
        return Outcome::NoDialogToOpen(wanted);
    }
    let chosen = match wanted {
        OpenFor::Lesson => FileDialog::new(t!("Open a lesson"), t!("Lessons and courses"), LESSONS).open().await,
        OpenFor::LessonFolder => FileDialog::new(t!("Open a folder of lessons"), t!("Lessons"), LESSONS).folder().await,
        OpenFor::Notes => FileDialog::new(t!("Open notes"), t!("Texts"), &["md", "txt"]).open().await,
        _ => FileDialog::new(t!("Open"), t!("Presets, runs, recordings and imports"), OPENED).open().await,
    };
    match chosen {
        Some(path) => read(path, wanted, key).await,
        None => Outcome::NoChoice,
    }
}

/// Asks for a place and writes a file there.
pub(super) async fn ask_to_save(name: String, file: ToSave) -> Outcome {
    if !dialogs_available() {
        return Outcome::NoDialogToSave { name, file };
    }
    match dialog_to_save(&name, &file.what).save(&name).await {
        Some(path) => write(path, file, true).await,
        None => Outcome::NoChoice,
    }
}

/// Asks where a key file is.
pub(super) async fn ask_for_key() -> Outcome {
    if !dialogs_available() {
        return Outcome::NoKeyFileDialog;
    }
    let chosen = FileDialog::new(t!("Read a key"), t!("Keys and certificates"), KEY_FILES).open().await;
    Outcome::KeyFileChosen(chosen.map(|path| path.display().to_string()))
}

/// Reads a key file off the runtime's own threads.
pub(super) async fn read_key(path: PathBuf, password: Secret) -> Outcome {
    let read = tokio::task::spawn_blocking(move || key_file::read(&path, &password)).await;
    let read = read.map_err(|error| error.to_string());
    Outcome::KeyFileRead(read.and_then(|read| read.map_err(|error| sentence(&error.to_string()).into_owned())))
}

fn file_dialog(title: &str) -> FileDialog {
    FileDialog::new(title, t!("Presets and runs"), &["toml", "json"])
}

fn dialog_to_save(name: &str, what: &Saved) -> FileDialog {
    match (what, name.rsplit_once('.')) {
        (Saved::Document(format), Some((_, ending))) => FileDialog::new(t!("Export"), said(format.title()), &[ending]),
        (Saved::Handout, Some((_, ending))) => FileDialog::new(t!("Save the handout"), t!("Handouts"), &[ending]),
        (Saved::ClientDocument, _) => {
            FileDialog::new(t!("Save the document"), t!("Client ID metadata documents"), &["json"])
        }
        _ => file_dialog(t!("Save")),
    }
}

/// Makes a document off the runtime's own threads, and asks for a place for its file where it goes into one.
pub(super) async fn export(document: Box<Document>, goes: Goes) -> Outcome {
    let failed = |error: tokio::task::JoinError| Outcome::FileFailed(t!("The document was not made: {error}", error));
    match goes {
        Goes::ToClipboard => {
            tokio::task::spawn_blocking(move || document_to_copy(&document)).await.unwrap_or_else(failed)
        }
        Goes::ToFile => match tokio::task::spawn_blocking(move || document_to_save(&document)).await {
            Ok((name, file)) => ask_to_save(name, file).await,
            Err(error) => failed(error),
        },
    }
}

/// Reads a file off the runtime's own threads.
pub(super) async fn read(path: PathBuf, wanted: OpenFor, key: [u8; 32]) -> Outcome {
    let from = path.clone();
    if wanted.takes_folder()
        && let Some(report) = folder(&path, wanted).await
    {
        return report;
    }
    let spoken = language::spoken();
    let opened = tokio::task::spawn_blocking(move || {
        language::speak(spoken);
        storage::read_lying_bytes(&from, storage::RUN_LIMIT).map(|bytes| wanted.read(&bytes, key))
    })
    .await;
    match opened {
        Ok(Ok(opened)) => Outcome::Opened(path, wanted, opened),
        Ok(Err(error @ ReadError::Missing(_))) if wanted == OpenFor::Beside => {
            Outcome::Opened(path, wanted, Opened::Unknown(sentence(&error.to_string()).into_owned()))
        }
        Ok(Err(error)) => {
            Outcome::FileFailed(t!("The file could not be read: {error}", error = sentence(&error.to_string())))
        }
        Err(error) => Outcome::FileFailed(t!("{path} could not be read: {error}", path = path.display(), error)),
    }
}

/// The lessons of a folder; `None` for what is none, and for a folder without lessons that was opened as a file.
async fn folder(path: &Path, wanted: OpenFor) -> Option<Outcome> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || path.is_dir().then(|| lessons::of_folder(path)));
    let report = read.await.ok().flatten()?;
    let is_empty =
        matches!(&report, LessonReport::Folder(_, shelf) if shelf.books.is_empty() && shelf.courses.is_empty());
    (!is_empty || wanted == OpenFor::LessonFolder).then_some(Outcome::Lessons(report))
}

/// Writes a file off the runtime's own threads. Settings and runs are nobody else's business.
pub(super) async fn write(path: PathBuf, file: ToSave, replaces: bool) -> Outcome {
    let (to, text) = (path.clone(), file.text.clone());
    let write = if replaces { storage::write } else { storage::write_new };
    let why = match tokio::task::spawn_blocking(move || write(&to, &text, Access::Private)).await {
        Ok(Ok(())) => return Outcome::Saved(path, file.what),
        Ok(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists => NotSaved::Taken,
        Ok(Err(error)) => {
            let error = sentence(&storage::why(&error)).into_owned();
            NotSaved::Failed(t!("{path} could not be saved: {error}", path = path.display(), error))
        }
        Err(error) => NotSaved::Failed(t!("{path} could not be saved: {error}", path = path.display(), error)),
    };
    Outcome::NotSaved { path, file, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::built_in;

    #[tokio::test]
    async fn a_folder_is_opened_for_its_lessons_and_else_told_as_one() {
        let [empty, full] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        std::fs::write(full.path().join("own.md"), built_in()[0].1).expect("written");
        for (folder, wanted, is_taken) in [
            (&full, OpenFor::Use, true),
            (&full, OpenFor::Unasked, true),
            (&full, OpenFor::Recording, false),
            (&empty, OpenFor::Use, false),
            (&empty, OpenFor::LessonFolder, true),
        ] {
            match read(folder.path().to_owned(), wanted, [0; 32]).await {
                Outcome::Lessons(_) => assert!(is_taken, "{wanted:?}"),
                Outcome::FileFailed(why) => assert!(!is_taken && why.contains(" is a folder"), "{wanted:?}: {why}"),
                _ => panic!("{wanted:?} came to something else"),
            }
        }
    }
}
