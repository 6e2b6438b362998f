//! Taking a large answer into its run, off the window's thread.

use crate::base::time::Timestamp;
use crate::flow::{Event, Flow};
use crate::record::Follower;

/// What of a run takes in what came.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The run.
    pub flow: Flow,
    /// Its credentials.
    pub known: Follower,
}

impl Reading {
    /// Takes in what came. Takes time in proportion to its size.
    pub fn take_in(&mut self, event: Event, now: Timestamp) {
        self.flow.handle(event, now);
        self.known.follow(&self.flow);
    }
}
