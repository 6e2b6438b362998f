//! What every direct answer is held to.

use std::time::Duration;

use grantscope::base::check::Verdict::Note;
use grantscope::client::answer::slow;

use super::Entry;

pub fn entries() -> Vec<Entry> {
    let after = |seconds| vec![slow(Duration::from_secs(seconds))];
    vec![Entry::kept("answer.slow", after(4)).broken(Note, "5.0 s", after(5))]
}
