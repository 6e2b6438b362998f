//! Standing between: begun, ended, what passes taken in, and what is held decided on.

use std::sync::Arc;

use super::capture;
use crate::gui::backend::{Backend, Job};
use crate::gui::between::{BetweenJob, BetweenReport, Sight};
use crate::gui::model::{BetweenCommand, BetweenModel, CaptureSide, Looked, Model, Standing, Tab, Taken};
use crate::io::between::gate::Decision;

/// Carries out what is done there.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: BetweenCommand) {
    let between = &mut model.capture.between;
    match command {
        BetweenCommand::Edit(asked) => between.asked = asked,
        BetweenCommand::Start => start(model, backend),
        BetweenCommand::End => {
            between.standing = Standing::Ending;
            backend.start(between.generation, Job::Between(BetweenJob::End));
        }
        BetweenCommand::Anew => *between = BetweenModel { asked: between.asked.clone(), ..BetweenModel::default() },
        BetweenCommand::Hold(holds) => {
            if let Some(gate) = &between.gate {
                gate.hold(holds);
            }
        }
        BetweenCommand::Choose(number) => {
            between.looked = between.held.iter().find(|held| held.number == number).cloned().map(Looked::new);
        }
        BetweenCommand::EditHeld(draft) => {
            if let Some(looked) = &mut between.looked {
                looked.error = draft.to_message(&looked.held.message).err();
                looked.draft = draft;
            }
        }
        BetweenCommand::Release => decide(between, Decision::Release),
        BetweenCommand::Drop => decide(between, Decision::Drop),
        BetweenCommand::ReleaseChanged => {
            let Some(looked) = &mut between.looked else { return };
            match looked.draft.to_message(&looked.held.message) {
                Ok(message) => decide(between, Decision::Change(Box::new(message))),
                Err(why) => looked.error = Some(why),
            }
        }
    }
}

fn start(model: &mut Model, backend: &mut dyn Backend) {
    let generation = model.number();
    let asked = model.capture.between.asked.clone();
    let started = BetweenModel { asked: asked.clone(), generation, standing: Standing::Starting, ..Default::default() };
    model.capture.between = started;
    backend.start(generation, Job::Between(BetweenJob::Stand(asked)));
}

fn decide(between: &mut BetweenModel, decision: Decision) {
    let (Some(gate), Some(looked)) = (&between.gate, &mut between.looked) else { return };
    match gate.decide(looked.held.number, decision) {
        Ok(()) => between.looked = None,
        Err(why) => looked.error = Some(why),
    }
}

/// Takes in what is told of it.
pub fn came(model: &mut Model, backend: &mut dyn Backend, generation: u64, report: BetweenReport) {
    let between = &mut model.capture.between;
    if between.generation != generation {
        return;
    }
    match report {
        BetweenReport::Stands(place, gate) => {
            between.standing = Standing::On;
            let name = format!("Between an app and {}", place.upstream);
            between.taken = Taken { name, ..Taken::default() };
            (between.place, between.gate) = (Some(place), Some(gate));
        }
        BetweenReport::Failed(trouble) => {
            let asked = between.asked.clone();
            *between = BetweenModel { asked, trouble: Some(trouble), ..BetweenModel::default() };
        }
        BetweenReport::Passed(sight) => passed(model, backend, sight),
        BetweenReport::Ended(sight) => {
            between.standing = Standing::Over;
            between.gate = None;
            passed(model, backend, sight);
        }
    }
}

/// Takes in what passed by now. The login that is looked at stays the one, in a recording in which it may have moved.
fn passed(model: &mut Model, backend: &mut dyn Backend, sight: Arc<Sight>) {
    let between = &mut model.capture.between;
    let (taken, now) = (&mut between.taken, Arc::clone(&sight.recording));
    let kept = taken.recording.as_ref().zip(taken.selected).map(|(before, at)| before.begins(at));
    let same = kept.filter(|_| between.is_chosen).and_then(|begins| now.find(begins));
    taken.selected = same.or_else(|| now.order.first().copied());
    taken.recording = Some(now);
    between.sight = Some(sight);
    if model.tab == Tab::Capture && model.capture.side == CaptureSide::Between {
        capture::enter(model, backend);
    }
}

/// Looks at what is held, before each frame.
pub fn look(model: &mut Model) {
    let between = &mut model.capture.between;
    let Some(gate) = &between.gate else {
        (between.holds, between.looked) = (false, None);
        between.held.clear();
        return;
    };
    (between.holds, between.held) = (gate.holds(), gate.held());
    let told = gate.told();
    if told != between.told {
        model.toasts.extend(told.last().cloned());
        between.told = told;
    }
    let is_held = |looked: &Looked| between.held.iter().any(|held| held.number == looked.held.number);
    if !between.looked.as_ref().is_some_and(is_held) {
        between.looked = between.held.first().cloned().map(Looked::new);
    }
}
