//! The program: the window when nothing is typed, the command line otherwise.

use std::process::ExitCode;

use grantscope::cli::OpenWindow;

fn main() -> ExitCode {
    grantscope::cli::main(WINDOW)
}

#[cfg(feature = "window")]
const WINDOW: Option<OpenWindow> = Some(grantscope::gui::open);
#[cfg(not(feature = "window"))]
const WINDOW: Option<OpenWindow> = None;
