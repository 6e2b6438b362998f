//! Native open and save dialogs that never block the window.

use std::path::{Path, PathBuf};

use raw_window_handle::{HasDisplayHandle, HasWindowHandle};

/// A dialog made ready on the window's thread and awaited on another.
#[derive(Debug)]
pub struct FileDialog(rfd::AsyncFileDialog);

impl FileDialog {
    /// A dialog that shows files of these extensions: `FileDialog::new("Open a preset", "Presets", &["toml"])`.
    pub fn new(title: &str, files: &str, extensions: &[&str]) -> Self {
        Self(rfd::AsyncFileDialog::new().set_title(title).add_filter(files, extensions))
    }

    /// Stays above this window.
    #[must_use]
    pub fn above<W: HasWindowHandle + HasDisplayHandle>(self, window: &W) -> Self {
        Self(self.0.set_parent(window))
    }

    /// Starts in this folder.
    #[must_use]
    pub fn starting_in(self, folder: &Path) -> Self {
        Self(self.0.set_directory(folder))
    }

    /// Asks for a file to open. `None` when cancelled, and when no dialog can be shown ([`dialogs_available`]).
    pub async fn open(self) -> Option<PathBuf> {
        Some(self.0.pick_file().await?.path().to_owned())
    }

    /// Asks for a folder. `None` as above.
    pub async fn folder(self) -> Option<PathBuf> {
        Some(self.0.pick_folder().await?.path().to_owned())
    }

    /// Asks where to save. `None` when cancelled, and when no dialog can be shown ([`dialogs_available`]).
    pub async fn save(self, suggested_name: &str) -> Option<PathBuf> {
        Some(self.0.set_file_name(suggested_name).save_file().await?.path().to_owned())
    }
}

/// Whether the system can show a file dialog at all. Without one a dialog answers as if it were cancelled,
/// so the window then asks for a typed path instead. Looks at files only; never blocks.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn dialogs_available() -> bool {
    zenity_on_path() || portal_can_start()
}

/// Always, on systems whose dialogs are part of the system.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn dialogs_available() -> bool {
    true
}

#[cfg(all(unix, not(target_os = "macos")))]
fn zenity_on_path() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file())
}

/// A session bus, and a service file from which it can start the portal (or a sandbox that brings it).
#[cfg(all(unix, not(target_os = "macos")))]
fn portal_can_start() -> bool {
    const SERVICE: &str = "dbus-1/services/org.freedesktop.portal.Desktop.service";
    has_session_bus()
        && (Path::new("/.flatpak-info").is_file() || data_folders().any(|folder| folder.join(SERVICE).is_file()))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn has_session_bus() -> bool {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || runtime.is_some_and(|folder| folder.join("bus").exists())
}

/// Where service files lie (XDG Base Directory Specification).
#[cfg(all(unix, not(target_os = "macos")))]
fn data_folders() -> impl Iterator<Item = PathBuf> {
    let listed = std::env::var_os("XDG_DATA_DIRS").filter(|listed| !listed.is_empty());
    let listed = listed.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    let own = directories::BaseDirs::new().map(|folders| folders.data_dir().to_owned());
    std::env::split_paths(&listed).collect::<Vec<_>>().into_iter().chain(own)
}
