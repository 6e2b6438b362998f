//! Files: the program's own folder, and reads and writes that never leave half a file behind.
//!
//! Everything here blocks: call it from a blocking task, never from the window's thread.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::time::Timestamp;

/// Largest file that is read, in bytes, but for runs.
pub const FILE_LIMIT: u64 = 1024 * 1024;

/// Largest run file that is read, in bytes.
pub const RUN_LIMIT: u64 = 512 * FILE_LIMIT;

/// What the name of a temporary file begins with.
const TEMPORARY: &str = ".grantscope-";

/// Nobody writes for so long: a temporary file that is older was left by a program that was killed.
const FORSAKEN: Duration = Duration::from_secs(600);

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// Over the limit, in MiB.
    #[error("{} is larger than {} MiB", .0.display(), .1)]
    TooLarge(PathBuf, u64),
    /// A pipe, a device or a folder, where a file belongs.
    #[error("{} is a pipe, a device or a folder, and no file", .0.display())]
    NoFile(PathBuf),
    /// Not UTF-8.
    #[error("{} is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// Anything else, in the system's words.
    #[error("{path} cannot be read: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, io::Error),
}

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only its owner (mode 0600), whatever it was before: the program's own state, presets and runs.
    Private,
    /// As the system's defaults have it, or as the file had it before: what others are to read.
    Usual,
}

/// Reads a text file of at most [`FILE_LIMIT`].
///
/// # Errors
/// When it is missing, too large, not UTF-8 or unreadable.
pub fn read(path: &Path) -> Result<String, ReadError> {
    read_within(path, FILE_LIMIT)
}

/// Reads a text file that lies on a disk, of at most so many bytes. A pipe may be one that nobody writes to, and a device
/// may have no end: neither is opened.
///
/// # Errors
/// When it is missing, no file, too large, not UTF-8 or unreadable.
pub fn read_lying(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_lying_bytes(path, limit)?).map_err(|_| ReadError::NotText(path.to_owned()))
}

/// The same, text or not.
///
/// # Errors
/// When it is missing, no file, too large or unreadable.
pub fn read_lying_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    match fs::metadata(expanded(path)) {
        Ok(there) if !there.is_file() => Err(ReadError::NoFile(path.to_owned())),
        _ => read_up_to(path, limit),
    }
}

/// Reads a text file of the user of at most so many bytes.
///
/// # Errors
/// When there is none, it is too large, not UTF-8, or the system refuses.
pub fn read_within(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_up_to(path, limit)?).map_err(|_| ReadError::NotText(path.to_owned()))
}

/// Reads a file of the user, text or not.
///
/// # Errors
/// When there is none, it is too large, or the system refuses.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, ReadError> {
    read_up_to(path, FILE_LIMIT)
}

/// Reads a run file, which may be a long one.
///
/// # Errors
/// When there is none, it is larger than [`RUN_LIMIT`], not UTF-8, or the system refuses.
pub fn read_run(path: &Path) -> Result<String, ReadError> {
    read_within(path, RUN_LIMIT)
}

/// Reads a recording, text or not, of at most so many bytes.
///
/// # Errors
/// When there is none, it is larger, or the system refuses.
pub fn read_recording(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    read_up_to(path, limit)
}

fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let path = &expanded(path);
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_owned()),
        _ => ReadError::Io(path.to_owned(), error),
    };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge(path.to_owned(), limit / FILE_LIMIT));
    }
    Ok(bytes)
}

/// A typed path as a shell would take it: `~/` is the user's folder.
fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(inside), Some(home)) => home.join(inside),
        _ => path.to_owned(),
    }
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

/// Makes a folder that only its owner may look into, unless it is there.
///
/// # Errors
/// As the system reports them.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The folder of the runs of earlier sessions (`~/.local/share/grantscope/runs`); `None` without a home.
pub fn folder_of_runs() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "grantscope")?;
    Some(folders.data_dir().join("runs"))
}

/// Keeps a file that could not be understood beside itself, as `NAME.unreadable-TIME`, and returns where.
///
/// # Errors
/// As the system reports them; the file then stays where it is.
pub fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let time = now.to_utc().replace(':', "");
    let aside = path.with_file_name(format!("{name}.unreadable-{time}"));
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// The program's own folder. Every file in it is private.
#[derive(Clone, Debug)]
pub struct Storage {
    folder: PathBuf,
}

impl Storage {
    /// The folder the system wants for a program's settings (`~/.config/grantscope`); `None` without a home.
    pub fn of_program() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", "grantscope")?;
        Some(Self::at(folders.config_dir()))
    }

    /// Any other folder. It is made when something is first written.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// As [`sweep`].
    pub fn sweep(&self) {
        sweep(&self.folder);
    }

    /// Where a file of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads a file; `None` when it was never written.
    ///
    /// # Errors
    /// As [`read_lying`]; the caller may then [`set_aside`] the file and go on without it.
    pub fn read(&self, name: &str) -> Result<Option<String>, ReadError> {
        match read_lying(&self.path(name), FILE_LIMIT) {
            Err(ReadError::Missing(_)) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Writes a file whole or not at all, readable only by its owner.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        write(&self.path(name), text, Access::Private)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn what_was_written_is_read_and_nothing_else_is_left() {
        let folder = folder();
        let storage = Storage::at(folder.path().join("new/deep"));
        assert_eq!(storage.read("state.toml").expect("readable"), None);
        for text in ["one", "two"] {
            storage.write("state.toml", text).expect("written");
            assert_eq!(storage.read("state.toml").expect("readable").as_deref(), Some(text));
        }
        assert_eq!(fs::read_dir(folder.path().join("new/deep")).expect("a folder").count(), 1);
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

    #[test]
    fn large_binary_and_missing_files_are_named() {
        let folder = folder();
        let path = folder.path().join("file");
        assert!(matches!(read(&path), Err(ReadError::Missing(_))));
        fs::write(&path, vec![b'a'; 1024 * 1024]).expect("written");
        assert!(read(&path).is_ok());
        fs::write(&path, vec![b'a'; 1024 * 1024 + 1]).expect("written");
        assert!(matches!(read(&path), Err(ReadError::TooLarge(_, 1))));
        fs::write(&path, [0xff]).expect("written");
        assert!(matches!(read(&path), Err(ReadError::NotText(_))));
    }

    #[cfg(unix)]
    #[test]
    fn what_may_have_no_end_is_not_opened() {
        let folder = folder();
        for path in [Path::new("/dev/zero"), Path::new("/dev/tty"), folder.path()] {
            assert!(matches!(read_lying(path, FILE_LIMIT), Err(ReadError::NoFile(_))), "{}", path.display());
        }
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert!(matches!(read_lying(&pipe, FILE_LIMIT), Err(ReadError::NoFile(_))));
    }

    #[test]
    fn a_tilde_is_the_users_folder() {
        let home = std::env::home_dir().expect("a folder");
        assert_eq!(expanded(Path::new("~/keys/own.pem")), home.join("keys/own.pem"));
        for as_typed in ["/a/~/b", "~other/b", "b"] {
            assert_eq!(expanded(Path::new(as_typed)), Path::new(as_typed));
        }
    }

    #[test]
    fn an_unreadable_file_is_kept_aside() {
        let folder = folder();
        let path = folder.path().join("state.toml");
        fs::write(&path, "broken").expect("written");
        let aside = set_aside(&path, Timestamp::from_seconds(0)).expect("renamed");
        assert_eq!(aside, folder.path().join("state.toml.unreadable-1970-01-01T000000Z"));
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(aside).expect("readable"), "broken");
    }

    #[cfg(unix)]
    #[test]
    fn own_state_is_private_and_links_and_modes_of_users_files_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        let folder = folder();
        Storage::at(folder.path()).write("state", "x").expect("written");
        assert_eq!(mode(&folder.path().join("state")), 0o600);

        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").expect("written");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("allowed");
        symlink(&target, &link).expect("linked");
        write(&link, "new", Access::Usual).expect("written");
        assert_eq!((fs::read_to_string(&target).expect("readable").as_str(), mode(&target)), ("new", 0o640));
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        write(&link, "mine", Access::Private).expect("written");
        assert_eq!(mode(&target), 0o600, "whatever it was before");
    }
}
