//! Text in the sizes and weights of the design. Colour comes from where it stands, unless the
//! function takes it.

use egui::{Color32, FontFamily, FontId, RichText, TextStyle};

use super::{fonts, size};

/// Text style of Inter SemiBold in text size.
pub fn strong_style() -> TextStyle {
    TextStyle::Name("strong".into())
}

/// Text style of group heads.
pub fn group_style() -> TextStyle {
    TextStyle::Name("group".into())
}

/// Text style of JetBrains Mono Bold.
pub fn mono_strong_style() -> TextStyle {
    TextStyle::Name("mono strong".into())
}

/// Text style of a code to be typed by hand.
pub fn large_code_style() -> TextStyle {
    TextStyle::Name("large code".into())
}

/// Which font each text style is.
pub(super) fn styles() -> impl Iterator<Item = (TextStyle, FontId)> {
    let inter = |size| FontId::new(size, FontFamily::Proportional);
    let strong = |size| FontId::new(size, fonts::strong_family());
    [
        (TextStyle::Body, inter(size::TEXT)),
        (TextStyle::Button, inter(size::TEXT)),
        (TextStyle::Small, inter(size::SMALL_TEXT)),
        (TextStyle::Heading, strong(size::TITLE_TEXT)),
        (TextStyle::Monospace, FontId::new(size::MONO_TEXT, FontFamily::Monospace)),
        (strong_style(), strong(size::TEXT)),
        (group_style(), strong(size::GROUP_TEXT)),
        (mono_strong_style(), FontId::new(size::MONO_TEXT, fonts::mono_strong_family())),
        (large_code_style(), FontId::new(size::LARGE_CODE_TEXT, fonts::mono_strong_family())),
    ]
    .into_iter()
}

/// The same before an audience, where nothing is smaller than [`size::AUDIENCE_SMALL`] times `scale`.
pub(super) fn styles_for_audience(scale: f32) -> impl Iterator<Item = (TextStyle, FontId)> {
    styles().map(move |(style, font)| {
        let size = match style {
            TextStyle::Heading => size::AUDIENCE_TITLE,
            TextStyle::Body => size::AUDIENCE_TEXT,
            _ if style == strong_style() => size::AUDIENCE_TEXT,
            _ if style == large_code_style() => size::AUDIENCE_CODE,
            _ => size::AUDIENCE_SMALL,
        };
        (style, FontId::new(size * scale, font.family))
    })
}

/// Semibold.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(strong_style())
}

/// Small, for labels and notes. Pair it with the `dim` token through [`RichText::weak`].
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Small)
}

/// Small and dim.
pub fn note(text: impl Into<String>) -> RichText {
    small(text).weak()
}

/// In the dim colour.
pub fn dim(text: impl Into<String>) -> RichText {
    RichText::new(text).weak()
}

/// As on the wire.
pub fn mono(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Monospace)
}

/// A title.
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Heading)
}

/// A group head: 11 px, upper case, spaced.
pub fn group(text: &str, color: Color32) -> RichText {
    RichText::new(text.to_uppercase()).text_style(group_style()).extra_letter_spacing(0.6).color(color)
}

/// A code to be read from the screen and typed by hand.
pub fn large_code(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(large_code_style()).extra_letter_spacing(4.0)
}
