//! A pill with a word: a verdict, a count, a status.

use egui::{Response, Role, Sense, TextStyle, Ui, WidgetInfo, vec2};

use super::{Tone, paint};
use crate::base::check::Verdict;
use crate::gui::theme::TokensExt as _;

/// A pill as wide as its word.
pub fn badge(ui: &mut Ui, tone: Tone, word: &str) -> Response {
    badge_at_least(ui, tone, word, 0.0)
}

/// The verdict in a pill; in a list all verdicts are equally wide.
pub fn verdict_badge(ui: &mut Ui, verdict: Verdict) -> Response {
    let word = match verdict {
        Verdict::Fail => "Fail",
        Verdict::Warn => "Warn",
        Verdict::Note => "Note",
        Verdict::Pass => "Pass",
        Verdict::Skipped => "Skipped",
    };
    badge_at_least(ui, verdict.into(), word, 66.0)
}

fn badge_at_least(ui: &mut Ui, tone: Tone, word: &str, min_width: f32) -> Response {
    let tokens = ui.tokens();
    let galley = paint::styled_line(ui, word, &TextStyle::Small, tone.ink(tokens), ui.available_width().max(40.0));
    let size = vec2((galley.size().x + 18.0).ceil().max(min_width), 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), word));
    ui.painter().rect_filled(rect, size.y / 2.0, tone.ground(tokens));
    paint::text_center(ui.painter(), rect.center(), galley);
    response
}
