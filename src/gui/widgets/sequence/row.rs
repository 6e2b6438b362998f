//! One row of the diagram: what it says and how it is painted.

use std::sync::Arc;

use egui::{
    Color32, CursorIcon, Galley, Pos2, Rect, Response, Role, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::layout::{Lanes, Span};
use super::{Arrow, ArrowState, ArrowStyle, Fold, Lane};
use crate::gui::language::{self, Language, t};
use crate::gui::theme::{Tokens, TokensExt as _, icons, size, text};
use crate::gui::widgets::paint;

const ICON: f32 = 14.0;

/// `4 POST /token, client to authorization server`, with time, state and verdict as description.
pub(super) fn describe(ui: &Ui, response: &Response, arrow: &Arrow, lanes: &[Lane], selected: bool) {
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, ui.is_enabled(), name(arrow, lanes)));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_selected(selected);
        let mark = verdict(arrow);
        let mut parts = vec![arrow.time.as_str(), arrow.state.word(), &mark];
        // What is ready has no other time than that.
        parts.dedup();
        parts.retain(|part| !part.is_empty());
        node.set_description(parts.join(", "));
        match arrow.fold {
            Some(Fold::Open) => node.set_expanded(true),
            Some(Fold::Closed) => node.set_expanded(false),
            None => {}
        }
    });
}

/// The verdict about it, and on which rule: `error: aud lists this client`.
fn verdict(arrow: &Arrow) -> String {
    let word = arrow.mark.map_or("", |tone| tone.word());
    if arrow.rule.is_empty() { word.to_owned() } else { format!("{word}: {}", arrow.rule) }
}

fn name(arrow: &Arrow, lanes: &[Lane]) -> String {
    let lane = |index: usize| lanes.get(index).map_or_else(String::new, |lane| spoken(&lane.title));
    if arrow.from == arrow.to {
        return format!("{}, {}", arrow.label, lane(arrow.from));
    }
    t!("{label}, {from} to {to}", label = arrow.label, from = lane(arrow.from), to = lane(arrow.to))
}

/// `Client (this app)` is spoken as `client`, in English: in German it has its capital.
fn spoken(title: &str) -> String {
    let title = title.split(" (").next().unwrap_or(title);
    match language::spoken() {
        Language::English => title.to_lowercase(),
        Language::German => title.to_owned(),
    }
}

pub(super) fn paint(ui: &Ui, response: &Response, arrow: &Arrow, lanes: &Lanes, selected: bool, has_times: bool) {
    let tokens = ui.tokens();
    let rect = response.rect;
    let ground = ground(tokens, selected, response.hovered());
    if let Some(fill) = ground {
        ui.painter().rect_filled(rect, 0, fill);
        for place in &lanes.places {
            ui.painter().vline(place.x, rect.y_range(), Stroke::new(1.0, tokens.line_strong.gamma_multiply(0.6)));
        }
    }
    if selected {
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 3.0), 0, tokens.accent);
    }
    if has_times && rect.width() >= super::NARROW {
        let time = paint::styled_line(ui, &arrow.time, &TextStyle::Monospace, tokens.dim, super::TIMES - 16.0);
        paint::text_left(ui.painter(), pos2(rect.left() + 13.0, rect.center().y), time);
    }
    let span = lanes.span(arrow.from, arrow.to);
    let behind = ground.unwrap_or(tokens.card);
    match arrow.style {
        ArrowStyle::Note => paint_note(ui, rect, span, arrow, selected),
        ArrowStyle::Direct | ArrowStyle::FrontChannel => {
            let color = line_color(arrow, tokens);
            paint_line(ui, rect, span, arrow, color);
            paint_label(ui, rect, span, arrow, selected, behind);
        }
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect.shrink(1.0), 4, Stroke::new(1.5, tokens.accent), StrokeKind::Inside);
    }
    let response = response.clone().on_hover_cursor(CursorIcon::PointingHand);
    if response.hovered() {
        let is_cut = label(ui, arrow, selected, span.label_width).elided;
        let told = (!arrow.rule.is_empty()).then(|| format!("{}, {}", arrow.state.word(), verdict(arrow)));
        let lines: Vec<String> = is_cut.then(|| arrow.label.clone()).into_iter().chain(told).collect();
        if !lines.is_empty() {
            response.on_hover_text(lines.join("\n"));
        }
    }
}

fn ground(tokens: &Tokens, selected: bool, hovered: bool) -> Option<Color32> {
    match (selected, hovered) {
        (true, _) => Some(tokens.selected),
        (false, true) => Some(tokens.card.lerp_to_gamma(tokens.button_hover, 0.5)),
        (false, false) => None,
    }
}

pub(super) const fn line_color(arrow: &Arrow, tokens: &Tokens) -> Color32 {
    match (arrow.state, arrow.style) {
        (ArrowState::Future, _) => tokens.line_strong,
        (state, _) if state.is_bad() => tokens.error,
        _ if arrow.is_attack => tokens.error_bar,
        (_, ArrowStyle::FrontChannel) => tokens.front_channel,
        _ => tokens.accent,
    }
}

fn paint_line(ui: &Ui, row: Rect, span: Span, arrow: &Arrow, color: Color32) {
    let y = row.top() + 28.0;
    let stroke = Stroke::new(2.0, color);
    let dashed = (arrow.style == ArrowStyle::FrontChannel).then_some(5.0);
    if span.from == span.to {
        return paint_loop(ui, span.from, row.center().y, stroke);
    }
    let direction = (span.to - span.from).signum();
    let tip = pos2(span.to - direction, y);
    paint::arrow_line(ui.painter(), pos2(span.from, y), tip - vec2(6.0 * direction, 0.0), stroke, dashed);
    if arrow.state.is_bad() {
        paint::icon(ui, tip - vec2(7.0 * direction, 0.0), icons::X, 15.0, color);
    } else {
        paint::arrow_head(ui.painter(), tip, direction, color);
    }
}

/// A message to itself leaves to the right and comes back.
fn paint_loop(ui: &Ui, x: f32, y: f32, stroke: Stroke) {
    let (top, bottom, right) = (y - 7.0, y + 7.0, x + 24.0);
    ui.painter().line(vec![pos2(x, top), pos2(right, top), pos2(right, bottom), pos2(x + 7.0, bottom)], stroke);
    paint::arrow_head(ui.painter(), pos2(x + 1.0, bottom), -1.0, stroke.color);
}

fn paint_label(ui: &Ui, row: Rect, span: Span, arrow: &Arrow, selected: bool, behind: Color32) {
    let galley = label(ui, arrow, selected, span.label_width);
    let after = if arrow.mark.is_some() { ICON + 4.0 } else { 0.0 };
    let before = if arrow.fold.is_some() { ICON } else { 0.0 };
    let width = before + galley.size().x + after;
    let (left, y) = if span.from == span.to {
        (span.label_x, row.center().y)
    } else {
        (span.label_x - width / 2.0, row.top() + 14.0)
    };
    // The lifelines must not strike the words through.
    let words = Rect::from_min_size(pos2(left, y - 8.0), vec2(width, 16.0));
    ui.painter().rect_filled(words.expand2(vec2(4.0, 0.0)), 0, behind);
    let mut at = pos2(left, y);
    if let Some(fold) = arrow.fold {
        let caret = if fold == Fold::Open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
        paint::icon(ui, at + vec2(ICON / 2.0 - 2.0, 0.0), caret, 12.0, ui.tokens().dim);
        at.x += ICON;
    }
    let end = paint_words(ui, at, galley);
    if let Some(tone) = arrow.mark {
        paint::icon(ui, end + vec2(4.0 + ICON / 2.0, 0.0), tone.icon(), ICON, tone.ink(ui.tokens()));
    }
}

fn paint_words(ui: &Ui, at: Pos2, galley: Arc<Galley>) -> Pos2 {
    let end = at + vec2(galley.size().x, 0.0);
    paint::text_left(ui.painter(), at, galley);
    end
}

fn paint_note(ui: &Ui, row: Rect, span: Span, arrow: &Arrow, selected: bool) {
    let tokens = ui.tokens();
    let galley = label(ui, arrow, selected, span.label_width);
    let middle = pos2(f32::midpoint(span.from, span.to), row.center().y);
    let rect = Rect::from_center_size(middle, galley.size() + vec2(20.0, 8.0));
    ui.painter().rect(rect, size::RADIUS, tokens.field, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    paint::text_center(ui.painter(), rect.center(), galley);
}

fn label(ui: &Ui, arrow: &Arrow, selected: bool, width: f32) -> Arc<Galley> {
    let tokens = ui.tokens();
    let (style, ink) = match (selected, arrow.state) {
        (true, _) => (text::strong_style(), tokens.strong),
        (false, ArrowState::Future) => (TextStyle::Small, tokens.dim),
        (false, _) => (TextStyle::Small, tokens.text),
    };
    let font = egui::FontId::new(size::SMALL_TEXT, style.resolve(ui.style()).family);
    paint::line(ui, &arrow.label, font, ink, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_named_by_its_label_and_lanes() {
        let lane = |title: &str| Lane { title: title.to_owned() };
        let lanes = [lane("You"), lane("Client (this app)"), lane("Authorization server")];
        for (from, to, expected) in [
            (1, 2, "4 POST /token, client to authorization server"),
            (1, 1, "4 POST /token, client"),
            (7, 0, "4 POST /token,  to you"),
        ] {
            let arrow = Arrow { from, to, label: "4 POST /token".to_owned(), ..Arrow::default() };
            assert_eq!(name(&arrow, &lanes), expected);
        }
    }
}
