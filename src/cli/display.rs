//! The window's start: whether there is a display, and what to say when something the window needs is missing.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

use super::terminal::Terminal;
use super::{Exit, OpenWindow};

/// What to type instead.
pub(super) const HEADLESS: &str = "grantscope run authorization-code --sign-in alice";

/// Libraries that are loaded while the window starts, and the Debian packages that bring them.
const PACKAGES: [(&str, &str); 9] = [
    ("libxkbcommon-x11", "libxkbcommon-x11-0"),
    ("libxkbcommon", "libxkbcommon0"),
    ("libX11-xcb", "libx11-xcb1"),
    ("libX11", "libx11-6"),
    ("libXcursor", "libxcursor1"),
    ("libXi", "libxi6"),
    ("libwayland-client", "libwayland-client0"),
    ("libEGL", "libegl1"),
    ("libGL", "libgl1"),
];

/// Whether a window could be shown.
pub(super) fn is_there() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos")))
        || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(is_set)
}

/// Opens the window and returns when it is closed. What stops it is one message, never a backtrace.
pub(super) fn open(open_window: OpenWindow) -> Exit {
    let outcome = if is_there() { guarded(open_window) } else { Err("there is no display".to_owned()) };
    let Err(reason) = outcome else { return Exit::Success };
    let mut terminal = Terminal::stderr();
    terminal.line(&format!("The window cannot be opened: {}.", explained(&reason)));
    terminal.line(&format!("Without a window: {HEADLESS}"));
    Exit::Failure
}

/// A missing library is a panic inside a dependency. Other panics are faults of the program and stay loud.
fn guarded(open_window: OpenWindow) -> Result<(), String> {
    let missing = Arc::new(Mutex::new(None));
    let heard = missing.clone();
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| match panic.payload_as_str().and_then(missing_library) {
        Some(message) => *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(message),
        None => usual(panic),
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(open_window));
    let missing = missing.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (outcome, missing) {
        (Ok(outcome), _) => outcome,
        (Err(_), Some(message)) => Err(message),
        (Err(_), None) => Err("the program failed, as said above".to_owned()),
    }
}

/// `Library libxkbcommon-x11.so could not be loaded.`
fn missing_library(message: &str) -> Option<String> {
    message.contains("could not be loaded").then(|| message.trim_end_matches('.').to_owned())
}

/// The reason in plain words, with the packages to install where they are known.
fn explained(reason: &str) -> String {
    if reason.contains("xlib's shared libraries") {
        return advised(
            "libX11, libX11-xcb, libXcursor or libXi could not be loaded",
            "libx11-6 libx11-xcb1 libxcursor1 libxi6",
        );
    }
    if reason.contains("glutin") || reason.contains("glow") {
        return advised("no OpenGL driver works here", "libgl1 libegl1 libgl1-mesa-dri");
    }
    if reason.contains("connection to X server") {
        return "nothing answers at the display that DISPLAY names".to_owned();
    }
    let reason = without_origin(reason.trim().trim_end_matches('.'));
    match PACKAGES.iter().find(|(library, _)| reason.contains(library)) {
        Some((_, package)) => advised(reason, package),
        None => reason.to_owned(),
    }
}

fn advised(what: &str, packages: &str) -> String {
    format!("{what}; on Debian and Ubuntu: apt install {packages}")
}

/// `winit EventLoopError: os error at mod.rs:788: Failed to open connection to X server`: the last part is for people.
fn without_origin(reason: &str) -> &str {
    let reason = reason.strip_prefix("winit EventLoopError: ").unwrap_or(reason);
    let placed = reason.strip_prefix("os error at ").and_then(|placed| placed.split_once(": "));
    placed.map_or(reason, |(_, what)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_named_with_its_package() {
        fn open() -> Result<(), String> {
            panic!("Library libxkbcommon-x11.so could not be loaded.")
        }
        let reason = guarded(open).expect_err("it panics");
        assert_eq!(
            explained(&reason),
            "Library libxkbcommon-x11.so could not be loaded; on Debian and Ubuntu: apt install libxkbcommon-x11-0"
        );
        let _ = panic::take_hook();
    }

    #[test]
    fn other_reasons_are_told_in_plain_words_with_what_may_help() {
        for (reason, says) in [
            (
                "winit EventLoopError: os error at src/mod.rs:788: Failed to load one of xlib's shared libraries",
                "libX11, libX11-xcb, libXcursor or libXi could not be loaded; on Debian and Ubuntu: \
                 apt install libx11-6 libx11-xcb1 libxcursor1 libxi6",
            ),
            (
                "Found no glutin configs matching the template: ConfigTemplate { .. }. Error: not found",
                "no OpenGL driver works here; on Debian and Ubuntu: apt install libgl1 libegl1 libgl1-mesa-dri",
            ),
            (
                "winit EventLoopError: os error at src/mod.rs:788: Failed to open connection to X server.",
                "nothing answers at the display that DISPLAY names",
            ),
            ("winit EventLoopError: os error at src/mod.rs:1: something else.", "something else"),
            ("neither WAYLAND_DISPLAY nor DISPLAY is set.", "neither WAYLAND_DISPLAY nor DISPLAY is set"),
        ] {
            assert_eq!(explained(reason), says);
        }
    }
}
