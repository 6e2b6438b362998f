//! Reading files of the user: at most so many bytes, and nothing that has no end.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::expanded;
use super::plain::{PackedError, plain};
use super::words::why;

/// Largest file that is read, in bytes, but for runs.
pub const FILE_LIMIT: u64 = 1024 * 1024;

/// Largest run file that is read, in bytes.
pub const RUN_LIMIT: u64 = 512 * FILE_LIMIT;

/// So long is waited until somebody writes to a named pipe.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no file {path}", path = .0.display())]
    Missing(PathBuf),
    /// Over the limit, in MiB.
    #[error("{path} is larger than {limit} MiB", path = .0.display(), limit = .1)]
    TooLarge(PathBuf, u64),
    /// A folder, where a file belongs.
    #[error("{path} is a folder, and no file: name one that is in it", path = .0.display())]
    Folder(PathBuf),
    /// A pipe or a device, where a file belongs.
    #[error("{path} is a pipe or a device, and no file: write what comes of it into one", path = .0.display())]
    NoFile(PathBuf),
    /// A named pipe that nobody has opened for writing, in seconds.
    #[error("{path} is a pipe that nobody writes to; waited {seconds} s", path = .0.display(), seconds = .1)]
    Silent(PathBuf, u64),
    /// Not UTF-8.
    #[error("{path} is not UTF-8 text: save it in this encoding", path = .0.display())]
    NotText(PathBuf),
    /// Packed, and not to be unpacked.
    #[error("{} {}", .0.display(), .1)]
    Packed(PathBuf, PackedError),
    /// Anything else, as [`why`] says it.
    #[error("{path} cannot be read: {error}", path = .0.display(), error = why(.1))]
    Io(PathBuf, io::Error),
}

/// Reads a text file of at most [`FILE_LIMIT`].
///
/// # Errors
/// When it is missing, too large, not UTF-8 or unreadable.
pub fn read(path: &Path) -> Result<String, ReadError> {
    read_within(path, FILE_LIMIT)
}

/// Reads a text file that lies on a disk, of at most so many bytes, as it stands: TOML is UTF-8 and nothing else. A pipe
/// may be one that nobody writes to, and a device may have no end: neither is opened.
///
/// # Errors
/// When it is missing, no file, too large, not UTF-8 or unreadable.
pub fn read_lying(path: &Path, limit: u64) -> Result<String, ReadError> {
    let bytes = lies(path).and_then(|()| read_up_to(path, limit))?;
    String::from_utf8(bytes).map_err(|_| ReadError::NotText(path.to_owned()))
}

/// The same of a file of any kind, text or not: unpacked, and in UTF-8 where it says that it is in another encoding.
///
/// # Errors
/// When it is missing, no file, too large or unreadable.
pub fn read_lying_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    lies(path).and_then(|()| read_plain(path, limit))
}

fn lies(path: &Path) -> Result<(), ReadError> {
    match fs::metadata(expanded(path)) {
        Ok(there) if there.is_dir() => Err(ReadError::Folder(path.to_owned())),
        Ok(there) if !there.is_file() => Err(ReadError::NoFile(path.to_owned())),
        _ => Ok(()),
    }
}

/// Reads a text file of the user of at most so many bytes.
///
/// # Errors
/// When there is none, it is too large, not UTF-8, or the system refuses.
pub fn read_within(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_plain(path, limit)?).map_err(|_| ReadError::NotText(path.to_owned()))
}

/// Reads a file of the user as it stands, text or not.
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
    read_plain(path, limit)
}

/// Unpacked, and in UTF-8 where it says that it is in another encoding.
fn read_plain(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    plain(read_up_to(path, limit)?, limit).map_err(|error| ReadError::Packed(path.to_owned(), error))
}

fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let path = &expanded(path);
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_owned()),
        io::ErrorKind::IsADirectory => ReadError::Folder(path.to_owned()),
        _ => ReadError::Io(path.to_owned(), error),
    };
    let mut bytes = Vec::new();
    let file = opened(path, PATIENCE)
        .map_err(failed)?
        .ok_or_else(|| ReadError::Silent(path.to_owned(), PATIENCE.as_secs()))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge(path.to_owned(), limit / FILE_LIMIT));
    }
    Ok(bytes)
}

/// Opens a file. A pipe is open when somebody writes to it, as `<(command)` of a shell does at once; `None` when nobody
/// has in that time. The thread that waits then goes on until the program ends, since nothing calls such a wait off.
fn opened(path: &Path, patience: Duration) -> io::Result<Option<File>> {
    if !is_pipe(path) {
        return File::open(path).map(Some);
    }
    let (give, open) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || give.send(File::open(path)));
    open.recv_timeout(patience).ok().transpose()
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    fs::metadata(path).is_ok_and(|there| there.file_type().is_fifo())
}

#[cfg(not(unix))]
const fn is_pipe(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
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
        for path in ["/dev/zero", "/dev/tty"].map(Path::new) {
            assert!(matches!(read_lying(path, FILE_LIMIT), Err(ReadError::NoFile(_))), "{}", path.display());
        }
        assert!(matches!(read_lying(folder.path(), FILE_LIMIT), Err(ReadError::Folder(_))));
        assert!(matches!(read(folder.path()), Err(ReadError::Folder(_))));
        assert!(matches!(read_lying(&pipe(&folder), FILE_LIMIT), Err(ReadError::NoFile(_))));
    }

    #[cfg(unix)]
    fn pipe(folder: &tempfile::TempDir) -> PathBuf {
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        pipe
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_when_somebody_writes_and_else_not_waited_for() {
        let folder = folder();
        let pipe = pipe(&folder);
        assert!(opened(&pipe, Duration::ZERO).expect("no error").is_none());
        // Whoever still waits for the pipe may get some of it.
        let other = tempfile::tempdir().expect("a temporary folder");
        let pipe = self::pipe(&other);
        let writer = pipe.clone();
        let writer = thread::spawn(move || fs::write(writer, "said"));
        assert_eq!(read(&pipe).expect("read"), "said");
        writer.join().expect("no panic").expect("written");
        // What a shell gives for a command is open.
        let (reader, mut writer) = io::pipe().expect("a pipe");
        io::Write::write_all(&mut writer, b"token").expect("written");
        drop(writer);
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&reader);
        let path = PathBuf::from(format!("/dev/fd/{descriptor}"));
        assert_eq!(read(&path).expect("read"), "token");
    }
}
