//! A switch with its label.

use egui::{Color32, CursorIcon, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::explained::{Explanation, explained};
use super::{Tone, paint};
use crate::gui::theme::{TokensExt as _, size, text};

const TRACK: egui::Vec2 = vec2(26.0, 14.0);

/// A switch: `PKCE  S256`. The whole row is the target.
pub struct Toggle<'a> {
    label: &'a str,
    hint: &'a str,
    explained: Option<Explanation>,
    tone: Tone,
    mono: bool,
}

impl<'a> Toggle<'a> {
    /// A switch named by its label.
    pub const fn new(label: &'a str) -> Self {
        Self { label, hint: "", explained: None, tone: Tone::Note, mono: false }
    }

    /// A dim word after the label, such as the method in use.
    #[must_use]
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// What it means that the switch is on.
    #[must_use]
    pub const fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// A label that is a name on the wire or on the command line.
    #[must_use]
    pub const fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// One sentence and its section, shown while the pointer is on it.
    #[must_use]
    pub fn help(mut self, help: &str, section: impl Into<String>) -> Self {
        self.explained = Some(Explanation::new(self.label, help, section));
        self
    }

    /// What it means, where that is known.
    #[must_use]
    pub fn explained(mut self, explained: Option<Explanation>) -> Self {
        self.explained = explained;
        self
    }

    /// Draws the switch; `changed()` tells whether it was flipped.
    pub fn show(self, ui: &mut Ui, on: &mut bool) -> Response {
        let room = (ui.available_width() - TRACK.x - 10.0).max(24.0);
        let style = if self.mono { text::mono_strong_style() } else { TextStyle::Body };
        let label = paint::styled_line(ui, self.label, &style, Color32::PLACEHOLDER, room);
        let left = (room - label.size().x - 12.0).max(0.0);
        let hint = paint::styled_line(ui, self.hint, &TextStyle::Small, Color32::PLACEHOLDER, left);
        let hint_room = if self.hint.is_empty() { 0.0 } else { hint.size().x + 12.0 };
        let width = TRACK.x + 10.0 + label.size().x + hint_room;
        let (rect, mut response) = ui.allocate_exact_size(vec2(width, 22.0), Sense::click());
        if response.clicked() {
            *on = !*on;
            response.mark_changed();
        }
        response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), *on, self.label));
        super::keyboard::take_if_wanted(ui, self.label, &response);
        self.describe(ui, &response);
        if ui.is_rect_visible(rect) {
            let tokens = ui.tokens();
            paint_track(ui, &response, *on, self.tone);
            let at = rect.left_center() + vec2(TRACK.x + 10.0, 0.0);
            let after = at + vec2(label.size().x + 12.0, 0.0);
            let ink = if response.hovered() { tokens.strong } else { tokens.text };
            ui.painter().galley(at - vec2(0.0, label.size().y / 2.0), label, ink);
            ui.painter().galley(after - vec2(0.0, hint.size().y / 2.0), hint, tokens.dim);
        }
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        explained(ui, response, rect, || self.explained.clone())
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let help = self.explained.as_ref().map_or("", |explained| explained.meaning.as_str());
        let parts: Vec<&str> = [self.hint, help].into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(parts.join(". ")));
        }
    }
}

fn paint_track(ui: &Ui, response: &Response, on: bool, tone: Tone) {
    let tokens = ui.tokens();
    let slide = ui.ctx().animate_bool_responsive(response.id, on);
    let track = egui::Align2::LEFT_CENTER.align_size_within_rect(TRACK, response.rect);
    let fill = tokens.switch_off.lerp_to_gamma(tone.bar(tokens), slide);
    ui.painter().rect(track, TRACK.y / 2.0, fill, Stroke::NONE, StrokeKind::Inside);
    let radius = TRACK.y / 2.0 - 2.0;
    let x = egui::lerp((track.left() + radius + 2.0)..=(track.right() - radius - 2.0), slide);
    ui.painter().circle_filled(pos2(x, track.center().y), radius, tokens.knob);
    paint::focus_ring(ui, response, response.rect.expand2(vec2(2.0, 0.0)), size::RADIUS);
}
