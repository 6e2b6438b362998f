//! Standing between in the Capture tab: for whom, what passed, and what is held.

use std::sync::Arc;

use super::taken::Taken;
use crate::gui::between::{HeldDraft, Sight, ToStand, Trouble};
use crate::io::between::Place;
use crate::io::between::gate::{Gate, Held};

/// What is done there.
#[derive(Clone, Debug)]
pub enum BetweenCommand {
    /// Change for whom to stand where.
    Edit(ToStand),
    /// Stand there.
    Start,
    /// End it.
    End,
    /// Go back to what is filled in, after the end.
    Anew,
    /// Hold each message, or let all pass.
    Hold(bool),
    /// Look at a held message, by its number.
    Choose(u64),
    /// Change the held message that is looked at.
    EditHeld(HeldDraft),
    /// Let it go on as it came.
    Release,
    /// Let it go on as it was changed.
    ReleaseChanged,
    /// Let it go no further.
    Drop,
}

/// Where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nobody stands there.
    #[default]
    Off,
    /// It begins.
    Starting,
    /// It stands.
    On,
    /// It ends.
    Ending,
    /// It has ended, and what passed is looked at.
    Over,
}

/// A held message that is looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The message.
    pub held: Arc<Held>,
    /// As text, as it came.
    pub made: HeldDraft,
    /// The same as it was changed.
    pub draft: HeldDraft,
    /// Why it cannot go on as it was changed.
    pub error: Option<String>,
}

impl Looked {
    /// A message as it came.
    pub fn new(held: Arc<Held>) -> Self {
        let made = HeldDraft::of(&held.message);
        Self { held, draft: made.clone(), made, error: None }
    }

    /// Whether it was changed.
    pub fn is_changed(&self) -> bool {
        self.draft != self.made
    }
}

/// What the half of the tab shows.
#[derive(Clone, Default)]
pub struct BetweenModel {
    /// For whom to stand where, as typed.
    pub asked: ToStand,
    /// Where it is.
    pub standing: Standing,
    /// The number of what is under way.
    pub generation: u64,
    /// Where it stands.
    pub place: Option<Place>,
    /// To hold messages, and to decide on them.
    pub gate: Option<Gate>,
    /// Why it does not stand.
    pub trouble: Option<Trouble>,
    /// What passed.
    pub sight: Option<Arc<Sight>>,
    /// Its logins.
    pub taken: Taken,
    /// Whether a login was chosen; until then the newest is looked at.
    pub is_chosen: bool,
    /// Whether messages are held.
    pub holds: bool,
    /// What is held.
    pub held: Vec<Arc<Held>>,
    /// What came of those that were not released.
    pub told: Vec<String>,
    /// Which of them is looked at.
    pub looked: Option<Looked>,
}

impl BetweenModel {
    /// What has not come of the login that is looked at.
    pub fn missing(&self) -> Option<&str> {
        self.sight.as_ref()?.missing.get(self.taken.selected?)?.as_deref()
    }
}
