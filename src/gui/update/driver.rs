//! One run, and what it takes to do something with it. What a run does, it does through this, whether it is shown or not.

use crate::base::time::Timestamp;
use crate::gui::backend::{Backend, Job};
use crate::gui::language::t;
use crate::gui::model::{Model, Run};

/// One run with what surrounds it.
pub struct Driver<'a> {
    pub run: &'a mut Run,
    pub backend: &'a mut dyn Backend,
    pub now: Timestamp,
    /// Whether its server is the practice server.
    pub is_practice: bool,
    /// Whether an audience looks on, which is shown every answer.
    pub is_presented: bool,
    numbers: &'a mut u64,
    toasts: &'a mut Vec<String>,
    to_copy: &'a mut Option<String>,
}

impl<'a> Driver<'a> {
    /// The run that is shown.
    pub fn of(model: &'a mut Model, backend: &'a mut dyn Backend) -> Self {
        let is_practice = model.is_practice();
        let Model { run, now, numbers, toasts, to_copy, present, .. } = model;
        Self { run, backend, now: *now, is_practice, is_presented: *present, numbers, toasts, to_copy }
    }

    /// The run in which this is under way.
    pub fn find(model: &'a mut Model, backend: &'a mut dyn Backend, generation: u64) -> Option<Self> {
        if model.run.generation == generation {
            return Some(Self::of(model, backend));
        }
        let at = model.others.iter().position(|run| run.generation == generation)?;
        let is_practice = model.is_practice_server(&model.others[at].flow.settings.server.issuer);
        let Model { others, now, numbers, toasts, to_copy, .. } = model;
        let run = &mut others[at];
        Some(Self { run, backend, now: *now, is_practice, is_presented: false, numbers, toasts, to_copy })
    }

    /// Begins a job of this run.
    pub fn start(&mut self, job: Job) {
        self.backend.start(self.run.generation, job);
    }

    /// Ends what is under way, so that nothing late is taken in.
    pub fn abandon(&mut self) {
        self.backend.stop(self.run.generation);
        *self.numbers += 1;
        self.run.generation = *self.numbers;
        self.run.running = None;
    }

    pub fn toast(&mut self, text: impl Into<String>) {
        self.toasts.push(text.into());
    }

    /// Puts a text that is no credential on the clipboard.
    pub fn copy(&mut self, text: String, what: &str) {
        *self.to_copy = Some(text);
        self.toast(t!("Copied {what}", what));
    }
}
