//! Measures in points. Both themes share them.

/// Corners of buttons, fields and rows.
pub const RADIUS: u8 = 6;
/// Corners of cards and dialogs.
pub const CARD_RADIUS: u8 = 8;
/// The unit of distance between things.
pub const SPACE: f32 = 8.0;
/// Space inside a card.
pub const CARD_PADDING: i8 = 14;
/// Height of a table or tree row.
pub const ROW: f32 = 24.0;
/// Height of buttons.
pub const BUTTON: f32 = 28.0;
/// Height of fields.
pub const FIELD: f32 = 28.0;
/// Height of the top bar.
pub const TOP_BAR: f32 = 44.0;
/// Height of a tab row.
pub const TAB_ROW: f32 = 38.0;
/// Height of the action bar.
pub const ACTION_BAR: f32 = 50.0;
/// Width of the settings panel to begin with.
pub const SETTINGS_PANEL: f32 = 308.0;
/// Width of an ordinary dialog.
pub const DIALOG: f32 = 480.0;

/// Ordinary text.
pub const TEXT: f32 = 13.0;
/// Labels and notes.
pub const SMALL_TEXT: f32 = 12.0;
/// Group heads.
pub const GROUP_TEXT: f32 = 11.0;
/// Titles.
pub const TITLE_TEXT: f32 = 16.0;
/// What is on the wire.
pub const MONO_TEXT: f32 = 12.0;
/// A code to be typed by hand.
pub const LARGE_CODE_TEXT: f32 = 40.0;

/// Ordinary text before an audience, at 1280 x 720.
pub const AUDIENCE_TEXT: f32 = 20.0;
/// The smallest text there.
pub const AUDIENCE_SMALL: f32 = 18.0;
/// Titles there.
pub const AUDIENCE_TITLE: f32 = 24.0;
/// A value that fills the middle there.
pub const AUDIENCE_CODE: f32 = 44.0;
