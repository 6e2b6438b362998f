//! Fonts of the system, for what users' data brings: Chinese names, Arabic error texts.
//!
//! Only the application installs them, never a test, so that pictures depend on no machine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider};
use egui::{Context, Ui};
use egui_system_font_provider::SystemFontProvider;

/// Passes before the fonts are listed, which keeps a processor busy for a while: the first frame comes first.
const PASSES: u64 = 2;

/// Looks missing glyphs up among the fonts of the system from now on.
pub fn install(ctx: &Context) {
    let fonts = Arc::new(SafeSystemFonts::default());
    ctx.add_font_provider(fonts.clone());
    let list = move |ui: &mut Ui| {
        if ui.ctx().cumulative_pass_nr() >= PASSES {
            fonts.listed();
        }
    };
    ctx.on_end_pass("system fonts", Arc::new(list));
}

/// fontique panics where libfontconfig is there but not one font is installed, as in containers.
/// A missing glyph is better than no window, so one panic turns the look-up off.
#[derive(Default)]
struct SafeSystemFonts {
    fonts: OnceLock<SystemFontProvider>,
    broken: AtomicBool,
}

impl SafeSystemFonts {
    /// Which fonts there are. A thread lists them from the first call on; only a look-up waits for it.
    fn listed(&self) -> &SystemFontProvider {
        self.fonts.get_or_init(SystemFontProvider::new)
    }
}

impl FontProvider for SafeSystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        if self.broken.load(Ordering::Relaxed) {
            return None;
        }
        catch_unwind(AssertUnwindSafe(|| self.listed().font_for(request))).unwrap_or_else(|_| {
            self.broken.store(true, Ordering::Relaxed);
            None
        })
    }
}
