//! Phosphor icons by name (phosphoricons.com, MIT). Only those the window uses.

use egui::{FontId, RichText};

use super::fonts::icon_family;

/// One icon of the icon font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon(&'static str);

impl Icon {
    /// The glyph, to be laid out in [`icon_family`].
    pub const fn glyph(self) -> &'static str {
        self.0
    }

    /// The font an icon of this height is laid out in.
    pub fn font(height: f32) -> FontId {
        FontId::new(height, icon_family())
    }

    /// The icon as text of this height.
    pub fn text(self, height: f32) -> RichText {
        RichText::new(self.0).font(Self::font(height))
    }
}

macro_rules! icons {
    ($($name:ident = $glyph:literal,)*) => {
        $(#[doc = concat!("Phosphor `", stringify!($name), "`.")] pub const $name: Icon = Icon($glyph);)*

        /// Every icon there is.
        pub const ALL: &[Icon] = &[$($name),*];
    };
}

icons! {
    ARROW_CLOCKWISE = "\u{E036}",
    ARROW_COUNTER_CLOCKWISE = "\u{E038}",
    ARROW_LEFT = "\u{E058}",
    ARROW_RIGHT = "\u{E06C}",
    ARROW_SQUARE_OUT = "\u{E5DE}",
    ARROWS_CLOCKWISE = "\u{E094}",
    BUG = "\u{E5F4}",
    CARET_DOWN = "\u{E136}",
    CARET_LEFT = "\u{E138}",
    CARET_RIGHT = "\u{E13A}",
    CARET_UP = "\u{E13C}",
    CHECK = "\u{E182}",
    CHECK_CIRCLE = "\u{E184}",
    CIRCLE_HALF = "\u{E18C}",
    CLOCK = "\u{E19A}",
    CLIPBOARD_TEXT = "\u{E198}",
    COPY = "\u{E1CA}",
    DESKTOP = "\u{E560}",
    DEVICE_MOBILE = "\u{E1E0}",
    DIAMOND = "\u{E1EC}",
    DOTS_THREE = "\u{E1FE}",
    DOWNLOAD_SIMPLE = "\u{E20C}",
    EXPORT = "\u{EAF0}",
    EYE = "\u{E220}",
    EYE_SLASH = "\u{E224}",
    FILE_TEXT = "\u{E23A}",
    FLOPPY_DISK = "\u{E248}",
    FOLDER_OPEN = "\u{E256}",
    FUNNEL = "\u{E266}",
    GEAR = "\u{E270}",
    GIT_DIFF = "\u{E27C}",
    GLOBE = "\u{E288}",
    GRADUATION_CAP = "\u{E62C}",
    HOURGLASS = "\u{E2B2}",
    IDENTIFICATION_CARD = "\u{E2C8}",
    INFO = "\u{E2CE}",
    KEY = "\u{E2D6}",
    KEYBOARD = "\u{E2D8}",
    LIGHTNING = "\u{E2DE}",
    LINK = "\u{E2E2}",
    LIST = "\u{E2F0}",
    LOCK = "\u{E2FA}",
    LOCK_OPEN = "\u{E306}",
    MAGNIFYING_GLASS = "\u{E30C}",
    MINUS = "\u{E32A}",
    MOON = "\u{E330}",
    PENCIL_SIMPLE = "\u{E3B4}",
    PLAY = "\u{E3D0}",
    PLUS = "\u{E3D4}",
    PRESENTATION_CHART = "\u{E656}",
    PROHIBIT = "\u{E3DE}",
    PUSH_PIN = "\u{E3E2}",
    QR_CODE = "\u{E3E6}",
    QUESTION = "\u{E3E8}",
    SEAL_CHECK = "\u{E606}",
    SHIELD_CHECK = "\u{E40C}",
    SIDEBAR_SIMPLE = "\u{EC24}",
    SIGN_IN = "\u{E428}",
    SKIP_FORWARD = "\u{E5A6}",
    SLIDERS = "\u{E432}",
    STOP = "\u{E46C}",
    SUN = "\u{E472}",
    TERMINAL_WINDOW = "\u{EAE8}",
    TIMER = "\u{E492}",
    TRANSLATE = "\u{E4A2}",
    TRASH = "\u{E4A6}",
    TREE_STRUCTURE = "\u{E67C}",
    UPLOAD_SIMPLE = "\u{E4C0}",
    USER = "\u{E4C2}",
    WARNING = "\u{E4E0}",
    WARNING_CIRCLE = "\u{E4E2}",
    X = "\u{E4F6}",
    X_CIRCLE = "\u{E4F8}",
}
