//! The parts the window is made of. They know neither the application nor the protocol: each takes
//! what it shows, borrows mutably only the value it edits, and returns what the user did.

pub mod badge;
pub mod banner;
pub mod button;
pub mod caption;
pub mod card;
pub mod dialog;
pub mod empty_state;
pub mod field;
mod paint;
pub mod rail;
pub mod tab_row;
pub mod toggle;
mod tone;

pub use badge::{badge, verdict_badge};
pub use banner::Banner;
pub use button::{Button, IconButton};
pub use caption::Caption;
pub use card::{card, card_frame, group_head, group_head_with, head_action, separator};
pub use empty_state::EmptyState;
pub use field::{Field, SecretField};
pub use rail::{Rail, RailStage, StageState};
pub use tab_row::{Tab, TabRow};
pub use toggle::Toggle;
pub use tone::Tone;
