//! The numbers of the steps: rail, diagram and the list of checks call what they show by the same ones.

use super::step::{Part, StepView};

/// Which step the messages of a stage belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers(Vec<[Option<usize>; 3]>);

impl Numbers {
    /// The numbers of these steps, as they stand on the rail.
    pub fn of(steps: &[StepView]) -> Self {
        let mut stages: Vec<[Option<usize>; 3]> = Vec::new();
        for (at, view) in steps.iter().enumerate() {
            if stages.len() <= view.position {
                stages.resize(view.position + 1, [None; 3]);
            }
            let [sent, awaited, came] = &mut stages[view.position];
            sent.get_or_insert(at);
            if view.step.part == Part::Wait {
                *awaited = Some(at);
            }
            *came = Some(at);
        }
        Self(stages)
    }

    fn stage(&self, position: usize) -> [Option<usize>; 3] {
        self.0.get(position).copied().unwrap_or_default()
    }

    /// The step of what is sent, of the stage at this place in the run.
    pub fn sent(&self, position: usize) -> Option<usize> {
        self.stage(position)[0]
    }

    /// The step at which the user is awaited.
    pub fn awaited(&self, position: usize) -> Option<usize> {
        let [sent, awaited, _] = self.stage(position);
        awaited.or(sent)
    }

    /// The step of what came.
    pub fn came(&self, position: usize) -> Option<usize> {
        self.stage(position)[2]
    }
}
