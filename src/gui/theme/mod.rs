//! The look of the window: colours as data, sizes, fonts and icons.
//!
//! Nothing outside this module names a colour, a font or a text size. Widgets ask `ui.tokens()`
//! for colours by meaning, [`text`] for text and [`size`] for measures.

pub mod fonts;
pub mod icons;
pub mod size;
mod style;
pub mod system_fonts;
pub mod text;
pub mod tokens;

use egui::{Context, Theme, Ui};

pub use icons::Icon;
pub use tokens::Tokens;

/// Installs the fonts and both styles; which one shows follows `Context::set_theme`.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme, style::style(theme));
    }
}

/// The tokens of the theme that shows.
pub trait TokensExt {
    /// Colours by meaning.
    fn tokens(&self) -> &'static Tokens;
}

impl TokensExt for Ui {
    fn tokens(&self) -> &'static Tokens {
        Tokens::of(if self.visuals().dark_mode { Theme::Dark } else { Theme::Light })
    }
}

impl TokensExt for Context {
    fn tokens(&self) -> &'static Tokens {
        Tokens::of(self.theme())
    }
}
