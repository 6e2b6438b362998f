//! Fonts of the system, for what users' data brings: Chinese names, Arabic error texts.
//!
//! Only the application installs them, never a test, so that pictures depend on no machine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use egui::Context;
use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider};
use egui_system_font_provider::SystemFontProvider;

/// Looks missing glyphs up among the fonts of the system from now on.
pub fn install(ctx: &Context) {
    ctx.add_font_provider(Arc::new(SafeSystemFonts::default()));
}

/// fontique panics where libfontconfig is there but not one font is installed, as in containers.
/// A missing glyph is better than no window, so one panic turns the look-up off.
struct SafeSystemFonts {
    fonts: SystemFontProvider,
    broken: AtomicBool,
}

impl Default for SafeSystemFonts {
    fn default() -> Self {
        Self { fonts: SystemFontProvider::new(), broken: AtomicBool::new(false) }
    }
}

impl FontProvider for SafeSystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        if self.broken.load(Ordering::Relaxed) {
            return None;
        }
        catch_unwind(AssertUnwindSafe(|| self.fonts.font_for(request))).unwrap_or_else(|_| {
            self.broken.store(true, Ordering::Relaxed);
            None
        })
    }
}
