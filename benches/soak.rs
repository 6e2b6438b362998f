//! A day of runs in one process: `cargo bench --bench soak`. The memory after 2,000 runs is that after 200, or this ends
//! with an error. It takes too long to be among the tests, which hold the number of kept runs.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

#[path = "../tests/pair/mod.rs"]
mod pair;

#[path = "../tests/window/backend.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod backend;

use std::time::{Duration, Instant};

use backend::FakeBackend;
use grantscope::flow::Next;
use grantscope::gui::command::Command;
use grantscope::gui::update::{first_model, keep, take_reports, update};

/// What may come on top between 200 and 2,000 runs: what an allocator keeps, and nothing of the runs.
const ROOM_KB: u64 = 16 * 1024;

fn main() {
    let mut backend = FakeBackend::new();
    let mut model = first_model(&mut backend);
    let begun = Instant::now();
    let mut before = None;
    for count in 1..=2_000 {
        update(&mut model, &mut backend, Command::RunToEnd);
        while model.run.running.is_some() {
            take_reports(&mut model, &mut backend);
        }
        assert!(matches!(model.run.next, Next::Finished), "{count}: {:?}", model.run.next);
        keep(&mut model, &mut backend, true);
        take_reports(&mut model, &mut backend);
        update(&mut model, &mut backend, Command::StartOver);
        // What only the stand-in for the system holds on to is let go, and time passes for the server.
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
    let after = memory();
    println!("2,000 runs in {:.1} s, {} kept in sight", begun.elapsed().as_secs_f64(), model.others.len());
    if let (Some(before), Some(after)) = (before, after) {
        println!("{before} KB after 200 runs, {after} KB after 2,000");
        assert!(after < before + ROOM_KB, "memory grew");
    }
}

/// Kilobytes of memory that this process holds; `None` where the system does not tell.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
