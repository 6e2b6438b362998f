//! What a colour means. Tone never stands alone: a word or an icon always says the same.

use egui::Color32;

use crate::base::check::Verdict;
use crate::gui::language::t;
use crate::gui::theme::{Icon, Tokens, icons};

/// The meaning of a badge, a banner, a note or a mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing to say.
    #[default]
    Neutral,
    /// Worth knowing.
    Note,
    /// Holds, succeeded.
    Ok,
    /// Look here.
    Warn,
    /// Broken, refused.
    Error,
}

impl Tone {
    /// The colour of text and icons.
    pub const fn ink(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Neutral => tokens.dim,
            Self::Note => tokens.note,
            Self::Ok => tokens.ok,
            Self::Warn => tokens.warn,
            Self::Error => tokens.error,
        }
    }

    /// The colour of bars and lines, a little brighter than text may be.
    pub const fn bar(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Neutral => tokens.line_strong,
            Self::Note => tokens.accent,
            Self::Ok => tokens.ok_bar,
            Self::Warn => tokens.warn_bar,
            Self::Error => tokens.error_bar,
        }
    }

    /// The ground under text in [`Tone::ink`].
    pub const fn ground(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Neutral => tokens.button_hover,
            Self::Note => tokens.note_soft,
            Self::Ok => tokens.ok_soft,
            Self::Warn => tokens.warn_soft,
            Self::Error => tokens.error_soft,
        }
    }

    /// The icon that says the same without colour.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Neutral => icons::MINUS,
            Self::Note => icons::INFO,
            Self::Ok => icons::CHECK,
            Self::Warn => icons::WARNING,
            Self::Error => icons::X_CIRCLE,
        }
    }

    /// The word that says the same to a screen reader; empty for [`Tone::Neutral`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Neutral => "",
            Self::Note => t!("note"),
            Self::Ok => t!("ok"),
            Self::Warn => t!("warning"),
            Self::Error => t!("error"),
        }
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fail => Self::Error,
            Verdict::Warn => Self::Warn,
            Verdict::Note => Self::Note,
            Verdict::Pass => Self::Ok,
            Verdict::Skipped => Self::Neutral,
        }
    }
}
