//! Files: the program's own folder, and reads and writes that never leave half a file behind.
//!
//! Everything here blocks: call it from a blocking task, never from the window's thread.

mod plain;
mod reading;
mod words;
mod writing;

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::base::time::Timestamp;

pub use self::plain::{PackedError, plain};
pub use self::reading::{
    FILE_LIMIT, RUN_LIMIT, ReadError, read, read_bytes, read_lying, read_lying_bytes, read_recording, read_run,
    read_within,
};
pub use self::words::why;
pub use self::writing::{Access, check_place, place_of, remove, sweep, sweep_beside, write, write_new};

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

/// A typed path as a shell would take it: `~/` is the user's folder.
fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(inside), Some(home)) => home.join(inside),
        _ => path.to_owned(),
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
