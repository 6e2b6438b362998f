//! Standard input, line by line, for those who wait for something else too.

use std::io::{self, BufRead as _};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Lines, read on a thread of their own because such a read cannot be called off.
pub(super) fn lines() -> UnboundedReceiver<String> {
    let (give, lines) = unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if give.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// The next that is not empty. `None` at the end of the input; pending for ever when there is no input to wait for.
pub(super) async fn next(lines: &mut Option<UnboundedReceiver<String>>, is_open: bool) -> Option<String> {
    loop {
        match any(lines, is_open).await {
            Some(line) if line.trim().is_empty() => {}
            line => return line,
        }
    }
}

/// The same, be it empty.
pub(super) async fn any(lines: &mut Option<UnboundedReceiver<String>>, is_open: bool) -> Option<String> {
    match lines {
        Some(lines) if is_open => lines.recv().await,
        _ => std::future::pending().await,
    }
}
