//! The program: the window when nothing is typed, the command line otherwise.

use std::process::ExitCode;

fn main() -> ExitCode {
    grantscope::cli::main(open_window)
}

/// Opens the window and returns when it is closed.
fn open_window() -> Result<(), String> {
    grantscope::gui::open()
}
