//! What several widgets paint alike: one-line text that elides, the focus ring, dashes, arrow heads.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, CornerRadius, FontId, Galley, Painter, Pos2, Rect, Response, Shape, Stroke, StrokeKind, TextStyle, Ui,
    vec2,
};

use crate::gui::theme::{Icon, TokensExt as _};

/// One line of text, ending in `…` where it would be wider than `max_width`.
pub(in crate::gui) fn line(ui: &Ui, text: &str, font: FontId, color: Color32, max_width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, color));
    job.wrap = egui::text::TextWrapping::truncate_at_width(max_width);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// As [`line`], in a text style of the theme.
pub(in crate::gui) fn styled_line(
    ui: &Ui,
    text: &str,
    style: &TextStyle,
    color: Color32,
    max_width: f32,
) -> Arc<Galley> {
    line(ui, text, style.resolve(ui.style()), color, max_width)
}

/// Paints text with its middle left on `at`.
pub(in crate::gui) fn text_left(painter: &Painter, at: Pos2, galley: Arc<Galley>) {
    let top = at.y - galley.size().y / 2.0;
    painter.galley(egui::pos2(at.x, top), galley, Color32::PLACEHOLDER);
}

/// Paints text with its middle on `at`.
pub(in crate::gui) fn text_center(painter: &Painter, at: Pos2, galley: Arc<Galley>) {
    painter.galley(at - galley.size() / 2.0, galley, Color32::PLACEHOLDER);
}

/// Paints an icon with its middle on `at`.
pub(in crate::gui) fn icon(ui: &Ui, at: Pos2, icon: Icon, height: f32, color: Color32) {
    let galley = line(ui, icon.glyph(), Icon::font(height), color, f32::INFINITY);
    text_center(ui.painter(), at, galley);
}

/// The ring around what the keyboard is on.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: impl Into<CornerRadius>) {
    if !response.has_focus() {
        return;
    }
    let stroke = Stroke::new(1.5, ui.tokens().accent);
    let clip = ui.clip_rect().expand(4.0);
    let painter = ui.painter().with_clip_rect(clip);
    painter.rect_stroke(rect.expand(2.0), radius.into() + CornerRadius::same(2), stroke, StrokeKind::Inside);
}

/// The greatest width none of `widths` may exceed so that together they fit into `room`.
pub(super) fn width_cap(widths: impl IntoIterator<Item = f32>, room: f32) -> f32 {
    let mut widths: Vec<f32> = widths.into_iter().collect();
    widths.sort_by(f32::total_cmp);
    let mut left = room.max(0.0);
    for (index, width) in widths.iter().enumerate() {
        let share = left / (widths.len() - index) as f32;
        if *width > share {
            return share;
        }
        left -= width;
    }
    f32::INFINITY
}

/// A horizontal line of an arrow, `dashed` or in one piece.
pub(super) fn arrow_line(painter: &Painter, from: Pos2, to: Pos2, stroke: Stroke, dashed: Option<f32>) {
    match dashed {
        Some(gap) => painter.extend(Shape::dashed_line(&[from, to], stroke, 7.0, gap)),
        None => drop(painter.line_segment([from, to], stroke)),
    }
}

/// A filled arrow head with its tip on `tip`, pointing along the x axis.
pub(super) fn arrow_head(painter: &Painter, tip: Pos2, direction: f32, color: Color32) {
    let back = vec2(-8.0 * direction, 0.0);
    let half = vec2(0.0, 5.0);
    let points = vec![tip, tip + back - half, tip + back + half];
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}
