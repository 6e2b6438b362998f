//! Writing files whole or not at all, and clearing away what a write has left that was ended halfway.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::expanded;

/// What the name of a temporary file begins with.
const TEMPORARY: &str = ".grantscope-";

/// Nobody writes for so long: a temporary file that is older was left by a program that was killed.
const FORSAKEN: Duration = Duration::from_secs(600);

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only its owner (mode 0600), whatever it was before: the program's own state, presets and runs.
    Private,
    /// As the system's defaults have it, or as the file had it before: what others are to read.
    Usual,
}

/// Writes a file whole or not at all: a temporary file in the same folder, synced, then renamed.
///
/// A symbolic link is followed, so that what it points to is replaced and not the link.
///
/// # Errors
/// As the system reports them; the file that was there before is then untouched.
pub fn write(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = expanded(path);
    let path = fs::canonicalize(&path).unwrap_or(path);
    replaceable(&path)?;
    let (file, folder) = written(&path, text, access)?;
    file.persist(&path)?;
    sync_folder(folder)
}

/// The same where nothing is yet.
///
/// # Errors
/// As the system reports them: [`io::ErrorKind::AlreadyExists`] when something is there, which stays as it is.
pub fn write_new(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = expanded(path);
    if fs::symlink_metadata(&path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let (file, folder) = written(&path, text, access)?;
    file.persist_noclobber(&path)?;
    sync_folder(folder)
}

/// The text in a temporary file beside its place, and the folder of both.
fn written<'p>(path: &'p Path, text: &str, access: Access) -> io::Result<(tempfile::NamedTempFile, &'p Path)> {
    let folder = folder_of(path);
    let mut file = temporary_file(folder, path, access)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok((file, folder))
}

/// The folder a file is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// As [`sweep`], in the folder of this file.
pub fn sweep_beside(path: &Path) {
    sweep(folder_of(&expanded(path)));
}

/// Removes what writes into this folder have left that were ended halfway. What cannot be removed stays.
pub fn sweep(folder: &Path) {
    let is_left = |file: &fs::DirEntry| {
        let is_temporary = file.file_name().to_string_lossy().starts_with(TEMPORARY);
        let age = || file.metadata().ok().filter(fs::Metadata::is_file)?.modified().ok()?.elapsed().ok();
        is_temporary && age().is_some_and(|age| age > FORSAKEN)
    };
    for left in fs::read_dir(folder).into_iter().flatten().flatten().filter(is_left) {
        let _ = fs::remove_file(left.path());
    }
}

/// Whether a file can be written there, as far as that can be told before.
///
/// # Errors
/// When its folder does not exist, or something stands there that is no file.
pub fn check_place(path: &Path) -> io::Result<()> {
    let path = expanded(path);
    let folder = folder_of(&path);
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    replaceable(&path)
}

/// The one name of a file, whatever name it is called by: where two files have the same, one would be written over the
/// other.
pub fn place_of(path: &Path) -> PathBuf {
    let path = expanded(path);
    let name = || path.file_name().unwrap_or_default();
    let in_folder = || fs::canonicalize(folder_of(&path)).map(|folder| folder.join(name()));
    fs::canonicalize(&path).or_else(|_| in_folder()).unwrap_or_else(|_| path.clone())
}

/// Removes a file, where there is one.
pub fn remove(path: &Path) {
    drop(fs::remove_file(path));
}

/// A pipe or a device would be gone once a file took its place.
fn replaceable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a device or a pipe")),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn temporary_file(folder: &Path, replaced: &Path, access: Access) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = match access {
        Access::Private => fs::Permissions::from_mode(0o600),
        Access::Usual => fs::Permissions::from_mode(0o666),
    };
    let file = tempfile::Builder::new().prefix(TEMPORARY).permissions(mode).tempfile_in(folder)?;
    if let (Access::Usual, Ok(before)) = (access, fs::metadata(replaced)) {
        file.as_file().set_permissions(before.permissions())?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn temporary_file(folder: &Path, _replaced: &Path, _access: Access) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)
}

/// A rename is on disk only when its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::storage::Storage;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn what_a_kill_has_left_is_swept_away_and_nothing_else() {
        let folder = folder();
        let now = std::time::SystemTime::now();
        let old = now - FORSAKEN * 2;
        for (name, written_at) in [(".grantscope-a", old), (".grantscope-b", now), (".a", old), ("grantscope-a", old)] {
            let file = File::create(folder.path().join(name)).expect("a file");
            file.set_modified(written_at).expect("a time");
        }
        Storage::at(folder.path()).sweep();
        let left = fs::read_dir(folder.path()).expect("a folder").flatten().map(|file| file.file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, [".a", ".grantscope-b", "grantscope-a"]);
        sweep(&folder.path().join("none"));
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_alone() {
        let folder = folder();
        let path = folder.path().join("taken");
        fs::create_dir(&path).expect("a folder");
        fs::write(path.join("inside"), "kept").expect("written");
        assert!(write(&path, "new", Access::Usual).is_err());
        assert_eq!(fs::read_to_string(path.join("inside")).expect("readable"), "kept");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_is_new_replaces_nothing() {
        let folder = folder();
        let path = folder.path().join("preset.toml");
        write_new(&path, "one", Access::Private).expect("written");
        let again = write_new(&path, "two", Access::Private).expect_err("there is one");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).expect("readable"), "one");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_never_replaced() {
        let folder = folder();
        let path = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
        assert!(check_place(&path).is_err());
        assert!(write(&path, "new", Access::Private).is_err());
        assert!(!fs::metadata(&path).expect("still there").is_file());
    }
}
