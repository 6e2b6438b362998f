//! A pill with a word: a verdict, a count, a status.

use egui::{Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, vec2};

use super::{Tone, paint};
use crate::base::check::Verdict;
use crate::base::spec::Spec;
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, size, text};

/// A pill as wide as its word.
pub fn badge(ui: &mut Ui, tone: Tone, word: &str) -> Response {
    badge_at_least(ui, tone, word, 0.0)
}

/// The verdict in a pill; in a list all verdicts are equally wide.
pub fn verdict_badge(ui: &mut Ui, verdict: Verdict) -> Response {
    let word = match verdict {
        Verdict::Fail => t!("Fail"),
        Verdict::Warn => t!("Warn"),
        Verdict::Note => t!("Note"),
        Verdict::Pass => t!("Pass"),
        Verdict::Skipped => t!("Skipped"),
    };
    badge_at_least(ui, verdict.into(), word, 66.0)
}

/// The section of a specification, as a link where it has an address.
pub fn spec_link(ui: &mut Ui, spec: Spec) -> Response {
    match spec.url() {
        Some(url) => ui.hyperlink_to(text::small(spec.to_string()), url),
        None => ui.label(text::note(spec.to_string())),
    }
}

fn badge_at_least(ui: &mut Ui, tone: Tone, word: &str, min_width: f32) -> Response {
    let tokens = ui.tokens();
    let galley = paint::styled_line(ui, word, &TextStyle::Small, tone.ink(tokens), ui.available_width().max(40.0));
    let extent = vec2((galley.size().x + 18.0).ceil().max(min_width), 20.0);
    let (rect, response) = ui.allocate_exact_size(extent, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), word));
    ui.painter().rect_filled(rect, extent.y / 2.0, tone.ground(tokens));
    paint::text_center(ui.painter(), rect.center(), galley);
    response
}

/// Words with a mark for each of several sides: `status is 200  A ✓ B ✗`. `said` is what a screen reader says of it.
pub fn marked(ui: &mut Ui, words: &str, marks: &[(&str, Tone)], said: &str) -> Response {
    const PADDING: f32 = 8.0;
    const MARK: f32 = 30.0;
    let tokens = ui.tokens();
    let beside = marks.len() as f32 * MARK + 2.0 * PADDING;
    let room = (ui.max_rect().width() - beside).max(40.0);
    let words = paint::styled_line(ui, words, &TextStyle::Monospace, tokens.text, room);
    let (rect, response) = ui.allocate_exact_size(vec2((words.size().x + beside).ceil(), 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, said));
    ui.painter().rect(rect, size::RADIUS, tokens.field, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let mut at = rect.left_center() + vec2(PADDING, 0.0);
    let length = words.size().x;
    paint::text_left(ui.painter(), at, words);
    at.x += length + PADDING;
    for (letter, tone) in marks {
        let letter = paint::styled_line(ui, letter, &TextStyle::Small, tokens.dim, f32::INFINITY);
        paint::text_left(ui.painter(), at, letter);
        paint::icon(ui, at + vec2(17.0, 0.0), tone.icon(), 14.0, tone.ink(tokens));
        at.x += MARK;
    }
    response
}
