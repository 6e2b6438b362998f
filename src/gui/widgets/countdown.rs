//! Time that runs out, as a bar or as a ring. The caller asks for repaints; one a second is enough.

use egui::{Response, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, vec2};

use super::{Tone, paint};
use crate::gui::theme::{TokensExt as _, text};

/// A bar of the time left, with three short texts below it.
pub struct Countdown<'a> {
    name: &'a str,
    left: f32,
    texts: [&'a str; 3],
}

/// Green, amber below a fifth, red when over.
pub fn tone_of(left: f32) -> Tone {
    match left {
        left if left <= 0.0 => Tone::Error,
        left if left < 0.2 => Tone::Warn,
        _ => Tone::Ok,
    }
}

impl<'a> Countdown<'a> {
    /// `left` is the share that is left, 1 at the start; `name` says of what: `access_token`.
    pub const fn new(name: &'a str, left: f32) -> Self {
        Self { name, left, texts: ["", "", ""] }
    }

    /// Texts at the left, in the middle and at the right: start, what is left, end.
    #[must_use]
    pub const fn texts(mut self, texts: [&'a str; 3]) -> Self {
        self.texts = texts;
        self
    }

    /// Draws the bar over the width there is.
    pub fn show(self, ui: &mut Ui) -> Response {
        let tokens = ui.tokens();
        let tall = if self.texts.iter().all(|text| text.is_empty()) { 6.0 } else { 26.0 };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tall), Sense::hover());
        describe(ui, &response, self.name, self.left, &self.texts.join(" "));
        let track = rect.with_max_y(rect.top() + 6.0);
        ui.painter().rect_filled(track, 3, tokens.track);
        let tone = tone_of(self.left);
        // A bar that is over is full in red: nothing is left to be proud of.
        let share = if self.left <= 0.0 { 1.0 } else { self.left.clamp(0.02, 1.0) };
        let fill = track.with_max_x(track.left() + track.width() * share);
        ui.painter().rect_filled(fill, 3, tone.bar(tokens));
        for (index, words) in self.texts.into_iter().enumerate() {
            let ink = if index == 1 && tone != Tone::Ok { tone.ink(tokens) } else { tokens.dim };
            let galley = paint::styled_line(ui, words, &TextStyle::Small, ink, rect.width() / 2.0);
            let free = rect.width() - galley.size().x;
            let x = rect.left() + free * index as f32 / 2.0;
            ui.painter().galley(egui::pos2(x, rect.top() + 11.0), galley, ink);
        }
        response
    }
}

/// A ring of the time left with a word in its middle: `3 s`.
pub fn countdown_ring(ui: &mut Ui, name: &str, left: f32, word: &str) -> Response {
    let tokens = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(64.0, 64.0), Sense::hover());
    describe(ui, &response, name, left, word);
    let radius = 28.0;
    ui.painter().circle_stroke(rect.center(), radius, Stroke::new(6.0, tokens.track));
    let steps = (left.clamp(0.0, 1.0) * 64.0).round() as usize;
    let turn = std::f32::consts::TAU / 64.0;
    let angle = |step: usize| step as f32 * turn - std::f32::consts::FRAC_PI_2;
    let points: Vec<_> = (0..=steps).map(|step| rect.center() + radius * egui::Vec2::angled(angle(step))).collect();
    if steps > 0 {
        ui.painter().add(Shape::line(points, Stroke::new(6.0, tokens.accent)));
    }
    let galley = paint::styled_line(ui, word, &text::mono_strong_style(), tokens.strong, 50.0);
    paint::text_center(ui.painter(), rect.center(), galley);
    response
}

fn describe(ui: &Ui, response: &Response, name: &str, left: f32, words: &str) {
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_numeric_value(f64::from(left.clamp(0.0, 1.0) * 100.0).round());
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(100.0);
        node.set_description(words);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_turns_at_a_fifth_and_at_the_end() {
        for (left, tone) in
            [(1.0, Tone::Ok), (0.2, Tone::Ok), (0.19, Tone::Warn), (0.0, Tone::Error), (-3.0, Tone::Error)]
        {
            assert_eq!(tone_of(left), tone, "{left}");
        }
    }
}
