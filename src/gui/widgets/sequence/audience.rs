//! The diagram as it is read from the back of a room: few rows in large type that never scroll, and the value that one
//! message hands on to another.

use egui::{
    Color32, FontId, Id, Pos2, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, Vec2, pos2, vec2,
};

use super::layout::Lanes;
use super::motion::{self, Motion};
use super::{Arrow, ArrowState, ArrowStyle, Lane, SequenceAction, row};
use crate::gui::language::t;
use crate::gui::theme::{Tokens, TokensExt as _, icons, size, text};
use crate::gui::widgets::{paint, rows_of};

/// Measures at 1280 x 720; all grow with the scale.
const HEAD: f32 = 54.0;
const ROW: f32 = 51.0;
/// A row is given no more than this, or the eye would lose the next one.
const HIGHEST: f32 = 1.3;
/// So many rows stand above the one that is shown, where there are more than fit.
const ABOVE: usize = 4;
/// From a lifeline to what stands beside it.
const GAP: f32 = 15.0;

/// One value in two rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// The row that brings it.
    pub brought: usize,
    /// The row that has it again.
    pub used: usize,
    /// What is to be said of it in an answer: `access_token`, `id_token with`.
    pub names: [String; 2],
    /// As shown.
    pub value: String,
    /// `the same code`
    pub said: String,
}

/// The diagram.
pub struct LargeSequence<'a> {
    lanes: &'a [Lane],
    arrows: &'a [Arrow],
    selected: Option<usize>,
    bracket: Option<&'a Bracket>,
    attacker: Option<usize>,
    scale: f32,
}

/// What is the same for all rows of a frame.
struct Frame<'a> {
    lanes: Lanes,
    tokens: &'a Tokens,
    motion: Motion,
    scale: f32,
}

impl<'a> LargeSequence<'a> {
    /// A diagram in `scale` times the measures of 1280 x 720; `selected` is the index of an arrow.
    pub const fn new(lanes: &'a [Lane], arrows: &'a [Arrow], selected: Option<usize>, scale: f32) -> Self {
        Self { lanes, arrows, selected, bracket: None, attacker: None, scale }
    }

    /// Shows the value that two rows have.
    #[must_use]
    pub const fn bracket(mut self, bracket: Option<&'a Bracket>) -> Self {
        self.bracket = bracket;
        self
    }

    /// The lane of an attacker.
    #[must_use]
    pub const fn attacker(mut self, lane: Option<usize>) -> Self {
        self.attacker = lane;
        self
    }

    /// Draws into the room there is.
    pub fn show(self, ui: &mut Ui) -> Option<SequenceAction> {
        let room = ui.available_rect_before_wrap();
        let builder = UiBuilder::new().max_rect(room).accessibility_role(Role::ListBox);
        let name = rows_of(t!("messages"), self.arrows.len());
        ui.scope_builder(builder.accessibility_label(name), |ui| {
            ui.set_clip_rect(room.intersect(ui.clip_rect()));
            ui.allocate_rect(room, Sense::hover());
            self.draw(ui, room)
        })
        .inner
    }

    fn draw(&self, ui: &Ui, room: Rect) -> Option<SequenceAction> {
        let base = ui.unique_id().with("audience");
        let head = room.with_max_y(room.top() + HEAD * self.scale);
        let below = Rect::from_min_max(head.left_bottom(), room.max);
        let count = ((below.height() / (ROW * self.scale)) as usize).clamp(1, self.arrows.len().max(1));
        let height = (below.height() / count as f32).min(HIGHEST * ROW * self.scale);
        let first = self.selected.unwrap_or(0).saturating_sub(ABOVE).min(self.arrows.len().saturating_sub(count));
        let at = |index: usize| {
            let top = below.top() + (index as f32 - first as f32) * height;
            Rect::from_min_size(pos2(below.left(), top), vec2(below.width(), height))
        };
        let arrived = self.arrows.iter().filter(|arrow| is_there(arrow.state)).count();
        let pair = self.bracket.map(|bracket| (bracket.brought, bracket.used));
        let frame = Frame {
            lanes: self.place(ui, room),
            tokens: ui.tokens(),
            motion: motion::follow(ui, base.with("motion"), arrived, self.selected, pair),
            scale: self.scale,
        };
        self.heads(ui, head, room.bottom(), &frame);
        let mut action = None;
        for index in first..(first + count).min(self.arrows.len()) {
            action = self.row(ui, base, at(index), index, &frame).or(action);
        }
        if let Some(bracket) = self.bracket {
            self.join(ui, bracket, (at(bracket.brought), at(bracket.used)), below, &frame);
        }
        action
    }

    fn place(&self, ui: &Ui, room: Rect) -> Lanes {
        let title =
            |lane: &Lane| paint::styled_line(ui, short(&lane.title), &text::strong_style(), Color32::PLACEHOLDER, 9e9);
        let titles: Vec<f32> = self.lanes.iter().map(|lane| title(lane).size().x + 2.0 * GAP * self.scale).collect();
        let said = |at: usize| {
            self.arrows
                .iter()
                .filter(|arrow| arrow.from.min(arrow.to) == at && arrow.from.abs_diff(arrow.to) == 1)
                .count()
        };
        let busiest = (0..self.lanes.len().saturating_sub(1)).max_by_key(|at| said(*at)).unwrap_or(0);
        Lanes::spread(&titles, room.x_range(), busiest, GAP * self.scale)
    }

    fn heads(&self, ui: &Ui, head: Rect, bottom: f32, frame: &Frame<'_>) {
        for (at, (lane, place)) in self.lanes.iter().zip(&frame.lanes.places).enumerate() {
            let (line, ink) = match self.attacker == Some(at) {
                true => (frame.tokens.error_bar, frame.tokens.error),
                false => (frame.tokens.line, frame.tokens.strong),
            };
            let middle = pos2(place.x, head.top() + HEAD * self.scale * 0.5);
            let rect = Rect::from_center_size(middle, vec2(place.width, 38.0 * self.scale));
            let stroke = Stroke::new(1.0, line);
            ui.painter().vline(place.x, rect.bottom()..=bottom, stroke);
            ui.painter().rect(rect, size::RADIUS, frame.tokens.field, stroke, StrokeKind::Inside);
            let room = place.width - GAP * self.scale;
            let title = paint::styled_line(ui, short(&lane.title), &text::strong_style(), ink, room);
            paint::text_center(ui.painter(), rect.center(), title);
        }
    }

    fn row(&self, ui: &Ui, base: Id, rect: Rect, index: usize, frame: &Frame<'_>) -> Option<SequenceAction> {
        let (arrow, is_shown) = (&self.arrows[index], self.selected == Some(index));
        let response = ui.interact(rect, base.with(arrow.id), Sense::CLICK);
        row::describe(ui, &response, arrow, self.lanes, is_shown);
        let mut behind = frame.tokens.card;
        if is_shown {
            behind = frame.tokens.selected;
            ui.painter().rect_filled(rect, 0, behind);
            for place in &frame.lanes.places {
                ui.painter().vline(place.x, rect.y_range(), Stroke::new(1.0, frame.tokens.line));
            }
            ui.painter().rect_filled(rect.with_max_x(rect.left() + 5.0 * self.scale), 0, frame.tokens.accent);
        }
        self.line(ui, rect, index, frame);
        self.label(ui, rect, index, behind, frame);
        response.clicked().then_some(SequenceAction::Select(arrow.id))
    }

    fn line(&self, ui: &Ui, rect: Rect, index: usize, frame: &Frame<'_>) {
        let arrow = &self.arrows[index];
        if arrow.style == ArrowStyle::Note {
            return;
        }
        let color = row::line_color(arrow, frame.tokens);
        let (scale, span) = (self.scale, frame.lanes.span(arrow.from, arrow.to));
        let stroke = Stroke::new(3.0 * scale, color);
        let y = rect.top() + rect.height() * 0.78;
        if span.from == span.to {
            let (top, right) = (y - 16.0 * scale, span.from + 26.0 * scale);
            let points = vec![pos2(span.from, top), pos2(right, top), pos2(right, y), pos2(span.from + 8.0 * scale, y)];
            ui.painter().line(points, stroke);
            return arrow_head(ui, pos2(span.from + 1.0, y), -1.0, scale, color);
        }
        let (direction, part) = ((span.to - span.from).signum(), frame.motion.of_arrow(index));
        if part <= 0.0 {
            return;
        }
        let tip = pos2(egui::lerp(span.from..=span.to - direction, part), y);
        let dashed = (arrow.style == ArrowStyle::FrontChannel).then_some(5.0 * scale);
        paint::arrow_line(ui.painter(), pos2(span.from, y), tip - vec2(9.0 * scale * direction, 0.0), stroke, dashed);
        if arrow.state.is_bad() && part >= 1.0 {
            paint::icon(ui, tip - vec2(10.0 * scale * direction, 0.0), icons::X, 22.0 * scale, color);
        } else {
            arrow_head(ui, tip, direction, scale, color);
        }
    }

    fn label(&self, ui: &Ui, rect: Rect, index: usize, behind: Color32, frame: &Frame<'_>) {
        let (arrow, scale) = (&self.arrows[index], self.scale);
        let (span, chip) = (frame.lanes.span(arrow.from, arrow.to), self.chip_of(ui, index, rect, frame));
        let strong = self.selected == Some(index);
        let ink = match (strong, arrow.state) {
            (true, _) => frame.tokens.strong,
            (false, ArrowState::Future) => frame.tokens.dim,
            (false, _) => frame.tokens.text,
        };
        let (left, right) = (span.from.min(span.to) + GAP * scale, span.from.max(span.to) - GAP * scale);
        let y = rect.top() + rect.height() * 0.42;
        let name = |bracket: &'a Bracket| &*bracket.names[usize::from(bracket.used == index)];
        let words = said(&arrow.label, self.bracket.filter(|_| chip.is_some()).map(name));
        let style = if strong { text::strong_style() } else { TextStyle::Body };
        let mark = arrow.mark.filter(|_| arrow.state != ArrowState::Future);
        let room = match chip {
            Some(chip) => chip.left() - left - 8.0 * scale,
            None if span.from == span.to => frame.lanes.room.max - span.from - 4.0 * GAP * scale,
            // A label may be wider than a short arrow, as long as it stays in the diagram.
            None => {
                let middle = f32::midpoint(left, right);
                (right - left)
                    .max((2.0 * (middle - frame.lanes.room.min).min(frame.lanes.room.max - middle)).min(330.0 * scale))
            }
        };
        let after = if mark.is_some() { 26.0 * scale } else { 0.0 };
        let galley = paint::styled_line(ui, &words, &style, ink, (room - after).max(0.0));
        let width = galley.size().x + after;
        let x = match chip {
            Some(_) => left,
            None if span.from == span.to => span.from + 2.5 * GAP * scale,
            None => f32::midpoint(left, right) - width / 2.0,
        };
        let ground = Rect::from_min_size(pos2(x, y - 12.0 * scale), vec2(width, 24.0 * scale)).expand2(vec2(5.0, 0.0));
        ui.painter().rect_filled(ground, 0, behind);
        paint::text_left(ui.painter(), pos2(x, y), galley.clone());
        if let Some(tone) = mark {
            let at = pos2(x + galley.size().x + 16.0 * scale, y);
            paint::icon(ui, at, tone.icon(), 20.0 * scale, tone.ink(frame.tokens));
        }
    }

    /// Where the value stands in a row that has it.
    fn chip_of(&self, ui: &Ui, index: usize, row: Rect, frame: &Frame<'_>) -> Option<Rect> {
        let bracket = self.bracket.filter(|bracket| bracket.brought == index || bracket.used == index)?;
        let arrow = &self.arrows[index];
        let span = frame.lanes.span(arrow.from, arrow.to);
        let size = vec2(value(ui, bracket, frame).size().x + 24.0 * self.scale, 28.0 * self.scale);
        let right = span.from.max(span.to) - GAP * self.scale;
        let middle = row.top() + row.height() * 0.42;
        Some(Rect::from_min_size(pos2(right - size.x, middle - size.y / 2.0), size))
    }

    /// The value in both rows, and the line between them. On its way it has left the one and not reached the other.
    fn join(&self, ui: &Ui, bracket: &Bracket, rows: (Rect, Rect), below: Rect, frame: &Frame<'_>) {
        let chip = |index, row| self.chip_of(ui, index, row, frame);
        let (Some(from), Some(to)) = (chip(bracket.brought, rows.0), chip(bracket.used, rows.1)) else { return };
        let (scale, part) = (self.scale, frame.motion.of_value());
        let is_in_sight = |chip: Rect| below.contains_rect(chip);
        let stroke = Stroke::new(3.0 * scale, frame.tokens.warn);
        let x = from.right().max(to.right()) + 46.0 * scale;
        let start = if is_in_sight(from) { from.right_center() } else { pos2(x, below.top()) };
        let tip = to.right_center() + vec2(1.0, 0.0);
        let line = vec![start, pos2(x, start.y), pos2(x, tip.y), tip + vec2(10.0 * scale, 0.0)];
        ui.painter().line(line, stroke);
        arrow_head(ui, tip, -1.0, scale, frame.tokens.warn);
        if is_in_sight(from) {
            self.chip(ui, from, bracket, frame);
        }
        if part >= 1.0 {
            self.chip(ui, to, bracket, frame);
        } else {
            let ease = part * part * (3.0 - 2.0 * part);
            let center = from.center() + (to.center() - from.center()) * ease;
            self.chip(ui, Rect::from_center_size(center, from.size()), bracket, frame);
        }
        let galley = paint::styled_line(ui, &bracket.said, &text::strong_style(), frame.tokens.warn, 300.0 * scale);
        let y = f32::midpoint(start.y.max(below.top()), tip.y);
        let fits = x + 14.0 * scale + galley.size().x < below.right();
        let left = if fits { x + 14.0 * scale } else { x - 10.0 * scale - galley.size().x };
        let ground = Rect::from_min_size(pos2(left, y - galley.size().y / 2.0), galley.size()).expand2(vec2(4.0, 0.0));
        ui.painter().rect_filled(ground, 0, frame.tokens.card);
        paint::text_left(ui.painter(), pos2(left, y), galley);
    }

    fn chip(&self, ui: &Ui, rect: Rect, bracket: &Bracket, frame: &Frame<'_>) {
        let stroke = Stroke::new(2.0 * self.scale, frame.tokens.warn);
        ui.painter().rect(rect, size::RADIUS, frame.tokens.warn_soft, stroke, StrokeKind::Inside);
        paint::text_center(ui.painter(), rect.center(), value(ui, bracket, frame));
    }
}

fn value(ui: &Ui, bracket: &Bracket, frame: &Frame<'_>) -> std::sync::Arc<egui::Galley> {
    let style = text::mono_strong_style();
    let font: FontId = style.resolve(ui.style());
    paint::line(ui, &bracket.value, font, frame.tokens.strong, 190.0 * frame.scale)
}

const fn is_there(state: ArrowState) -> bool {
    matches!(state, ArrowState::Done | ArrowState::Running) || state.is_bad()
}

/// `Client (this app)` is `Client` to an audience.
fn short(title: &str) -> &str {
    title.split(" (").next().unwrap_or(title)
}

/// A label without the number of its step and without what only a debugger needs; beside the value itself only what kind
/// of message it is, `POST /token with`, or of an answer what the value is called.
fn said(label: &str, value: Option<&str>) -> String {
    let is_number = |words: &str| !words.is_empty() && words.bytes().all(|byte| byte.is_ascii_digit());
    let label = match label.split_once("  ") {
        Some((number, words)) if is_number(number) => words,
        _ => label,
    };
    let label = label.split('?').next().unwrap_or(label);
    let Some(value) = value else { return label.replace("=…&", ", ").replace("=…", "").replace("  ", " ") };
    let words: Vec<&str> = label.split_whitespace().collect();
    let kind = match words.as_slice() {
        [method, path, ..] if path.starts_with('/') || path.contains('/') => format!("{method} {path}"),
        [status, ..] if is_number(status) => return value.to_owned(),
        [first, ..] => (*first).to_owned(),
        [] => String::new(),
    };
    t!("{kind} with", kind)
}

fn arrow_head(ui: &Ui, tip: Pos2, direction: f32, scale: f32, color: Color32) {
    let (back, half): (Vec2, Vec2) = (vec2(-14.0 * scale * direction, 0.0), vec2(0.0, 8.0 * scale));
    let points = vec![tip, tip + back - half, tip + back + half];
    ui.painter().add(egui::Shape::convex_polygon(points, color, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_label_says_what_an_audience_reads() {
        for (label, value, expected) in [
            ("4  POST /token  authorization_code", Some("code"), "POST /token with"),
            ("3  redirect  code=…&state=…", Some("state"), "redirect with"),
            ("3  redirect  code=…&state=…", None, "redirect code, state"),
            ("2  open /authorize?response_type=code…", None, "open /authorize"),
            ("200 access_token, id_token", Some("id_token with"), "id_token with"),
            ("you sign in", None, "you sign in"),
            ("", Some("x"), " with"),
        ] {
            assert_eq!(said(label, value), expected, "{label}");
        }
    }
}
