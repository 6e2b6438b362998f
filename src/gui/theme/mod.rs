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

use egui::style::ScrollAnimation;
use egui::{Context, Id, Theme, Ui};

pub use icons::Icon;
pub use tokens::Tokens;

/// Installs the fonts and both styles; which one shows follows `Context::set_theme`.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme, style::style(theme));
    }
}

/// From now on nothing moves by itself, or again what should.
pub fn still(ctx: &Context, is_still: bool) {
    ctx.all_styles_mut(|style| {
        style.animation_time = if is_still { 0.0 } else { style::ANIMATION };
        style.scroll_animation = if is_still { ScrollAnimation::none() } else { ScrollAnimation::default() };
    });
    ctx.request_repaint();
}

/// Has all that is added to this part of the window drawn for an audience: type in `scale` times what can be read from the
/// back at 1280 x 720, and colours for a bright room.
pub fn for_audience(ui: &mut Ui, scale: f32) {
    let theme = if ui.visuals().dark_mode { Theme::Dark } else { Theme::Light };
    let animation_time = ui.style().animation_time;
    ui.set_style(egui::Style { animation_time, ..style::for_audience(theme, scale) });
}

/// The window whose measures are those of the design of a presentation.
const DESIGN: [f32; 2] = [1150.0, 720.0];

/// How much larger than in that design everything is.
pub fn audience_scale(ctx: &Context) -> f32 {
    let room = ctx.content_rect().size();
    (room.x / DESIGN[0]).min(room.y / DESIGN[1]).max(0.4)
}

/// Has what lies over the window drawn for an audience as well, in this scale, or else as usual.
pub fn over_an_audience(ctx: &Context, scale: Option<f32>) {
    ctx.data_mut(|data| data.insert_temp(scale_id(), scale));
}

/// Draws what lies over the window as what is below it. Returns how much larger than usual its text is.
pub fn as_below(ui: &mut Ui) -> f32 {
    let scale: Option<f32> = ui.data(|data| data.get_temp(scale_id())).flatten();
    let Some(scale) = scale else { return 1.0 };
    for_audience(ui, scale);
    size::AUDIENCE_TEXT * scale / size::TEXT
}

fn scale_id() -> Id {
    Id::unique("scale for an audience")
}

/// The tokens of the theme that shows.
pub trait TokensExt {
    /// Colours by meaning.
    fn tokens(&self) -> &'static Tokens;
}

impl TokensExt for Ui {
    fn tokens(&self) -> &'static Tokens {
        Tokens::behind(self.visuals())
    }
}

impl TokensExt for Context {
    fn tokens(&self) -> &'static Tokens {
        Tokens::of(self.theme())
    }
}
