//! What surrounds a flow: something that performs actions. The command line, the window and the tests each are one.

use crate::base::time::Timestamp;

use super::{Action, Event, Flow, Next};

/// Performs actions and tells the time.
pub trait World {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Performs one action to its end. `Stray` events are given to `note` as they happen.
    fn perform(&mut self, action: &Action, note: &mut dyn FnMut(Event)) -> Event;
}

/// No run needs more actions; a flow that asks for more is stuck in a circle.
pub const ACTION_LIMIT: usize = 10_000;

/// Runs a flow until it finishes, stops or lacks a value. Says which.
pub fn run(flow: &mut Flow, world: &mut impl World) -> Next {
    run_observed(flow, world, &mut |_| {})
}

/// As [`run`], and shows the flow after each event, and when a request has left.
pub fn run_observed(flow: &mut Flow, world: &mut impl World, observe: &mut dyn FnMut(&Flow)) -> Next {
    for _ in 0..ACTION_LIMIT {
        match step(flow, world, observe) {
            Next::Do(_) => {}
            next => return next,
        }
    }
    flow.poll(world.now())
}

/// Performs the next action, if there is one, and says what it was.
pub fn step(flow: &mut Flow, world: &mut impl World, observe: &mut dyn FnMut(&Flow)) -> Next {
    let next = flow.begin(world.now());
    let Next::Do(action) = &next else { return next };
    observe(flow);
    let mut strays = Vec::new();
    let event = world.perform(action, &mut |stray| strays.push(stray));
    let now = world.now();
    for stray in strays {
        flow.handle(stray, now);
    }
    flow.handle(event, now);
    observe(flow);
    next
}
