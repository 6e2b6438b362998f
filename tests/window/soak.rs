//! A day of runs in one window: what is kept of them has a bound.

use std::time::Duration;

use grantscope::flow::Next;
use grantscope::gui::command::Command;
use grantscope::gui::update::{first_model, keep, take_reports, update};

use crate::backend::FakeBackend;

#[test]
fn sixty_runs_leave_no_more_behind_than_fifty() {
    let mut backend = FakeBackend::new();
    let mut model = first_model(&mut backend);
    for count in 0..60 {
        update(&mut model, &mut backend, Command::RunToEnd);
        while model.run.running.is_some() {
            take_reports(&mut model, &mut backend);
        }
        assert!(matches!(model.run.next, Next::Finished), "{count}: {:?}", model.run.next);
        keep(&mut model, &mut backend, true);
        take_reports(&mut model, &mut backend);
        update(&mut model, &mut backend, Command::StartOver);
        backend.pair.wait(Duration::from_secs(4 * 3600));
        model.now = model.now + Duration::from_secs(4 * 3600);
    }
    assert_eq!(model.others.len(), 50);
    assert_eq!(backend.history.runs.len(), 60, "those that are let go of are in the history");
}
