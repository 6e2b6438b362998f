//! The system's dialog for a file to open: one at a time.

use super::NO_RUN;
use crate::gui::backend::{Backend, Job, OpenFor};
use crate::gui::model::Model;

/// Asks for a file.
pub fn for_file(model: &mut Model, backend: &mut dyn Backend, wanted: OpenFor) {
    if !model.asking_for_file {
        model.asking_for_file = true;
        backend.start(NO_RUN, Job::AskToOpen(wanted));
    }
}
