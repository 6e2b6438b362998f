//! A day of runs in one window: what is kept of them has a bound.

use std::time::Duration;

use grantscope::flow::Next;
use grantscope::gui::command::Command;
use grantscope::gui::update::{first_model, keep, take_reports, update};

use crate::backend::FakeBackend;

/// Kilobytes of memory that this process holds; `None` where the system does not tell.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn two_thousand_runs_leave_no_more_behind_than_fifty() {
    let mut backend = FakeBackend::new();
    let mut model = first_model(&mut backend);
    let mut before = None;
    for count in 0..2_000 {
        update(&mut model, &mut backend, Command::RunToEnd);
        while model.run.running.is_some() {
            take_reports(&mut model, &mut backend);
        }
        assert!(matches!(model.run.next, Next::Finished), "{count}: {:?}", model.run.next);
        keep(&mut model, &mut backend, true);
        take_reports(&mut model, &mut backend);
        update(&mut model, &mut backend, Command::StartOver);
        // What the test itself holds on to is let go, and time passes for the server.
        backend.history.runs.clear();
        backend.sent.clear();
        model.toasts.clear();
        model.history.list(Vec::new());
        backend.pair.wait(Duration::from_secs(4 * 3600));
        model.now = model.now + Duration::from_secs(4 * 3600);
        if count == 200 {
            before = memory();
        }
    }
    assert!(model.others.len() <= 50, "{} runs are kept", model.others.len());
    if let (Some(before), Some(after)) = (before, memory()) {
        assert!(after < before + 16 * 1024, "{before} KB after 200 runs, {after} KB after 2,000");
    }
}
