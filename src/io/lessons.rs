//! Lessons and courses of the user's own: files in a folder of the program.

use std::fs;
use std::path::{Path, PathBuf};

use super::storage::{ReadError, Storage, read_lying};

/// Largest file, in bytes.
const LIMIT: u64 = 1024 * 1024;
/// So many files are looked at.
const MOST: usize = 1000;

/// Where they lie (`~/.config/grantscope/lessons`); `None` without a home.
pub fn folder() -> Option<PathBuf> {
    Some(Storage::of_program()?.path("lessons"))
}

/// The files in a folder whose names end so (`md`, `toml`), by name without the ending, in order.
pub fn in_folder(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().take(MOST).map(|entry| entry.path());
    let named = |path: PathBuf| {
        let is_meant = path.extension().is_some_and(|it| it == ending);
        let name = path.file_stem()?.to_str()?.to_owned();
        (is_meant && !name.starts_with("README")).then_some((name, path))
    };
    let mut files: Vec<_> = paths.filter_map(named).collect();
    files.sort();
    files
}

/// Reads one.
///
/// # Errors
/// When it is missing, no file, too large, or no text.
pub fn read(path: &Path) -> Result<String, ReadError> {
    read_lying(path, LIMIT)
}
