//! Space-separated words as chips: scopes, prompts, authentication context classes.

use egui::{
    Key, Popup, PopupCloseBehavior, Response, Role, Sense, Stroke, StrokeKind, TextEdit, TextStyle, Ui, WidgetInfo,
    vec2,
};

use super::field::{box_frame, framed};
use super::{Caption, IconButton, Tone, keyboard, paint};
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, icons, text};

const HEIGHT: f32 = 22.0;

/// Chips of the words in a string (RFC 6749 section 3.3: separated by spaces).
pub struct Chips<'a> {
    caption: Caption<'a>,
    suggestions: &'a [&'a str],
}

impl<'a> Chips<'a> {
    /// Chips named by a caption.
    pub fn new(caption: impl Into<Caption<'a>>) -> Self {
        Self { caption: caption.into(), suggestions: &[] }
    }

    /// Words offered when one is added, such as `scopes_supported`.
    #[must_use]
    pub const fn suggestions(mut self, words: &'a [&'a str]) -> Self {
        self.suggestions = words;
        self
    }

    /// Draws the chips; `changed()` tells whether a word came or went.
    pub fn show(self, ui: &mut Ui, words: &mut String) -> Response {
        let before = words.clone();
        let mut response = framed(ui, &self.caption, |ui, _| self.row(ui, words));
        if *words != before {
            response.mark_changed();
        }
        response
    }

    fn row(&self, ui: &mut Ui, words: &mut String) -> Response {
        let mut removed = None;
        let shown = ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
            for (index, word) in words.split_whitespace().enumerate() {
                if chip(ui, index, word) {
                    removed = Some(index);
                }
            }
            let add = ui.add(AddButton { name: &t!("Add to {name}", name = self.caption.name) });
            keyboard::take_if_wanted(ui, self.caption.name, &add);
            self.popup(&add, words);
            add
        });
        if let Some(index) = removed {
            let kept = words.split_whitespace().enumerate().filter(|(at, _)| *at != index).map(|(_, word)| word);
            *words = kept.collect::<Vec<_>>().join(" ");
        }
        ui.ctx().accesskit_node_builder(shown.response.id, |node| node.set_role(Role::Group));
        shown.response
    }

    fn popup(&self, add: &Response, words: &mut String) {
        Popup::menu(add).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(220.0).show(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            if let Some(word) = self.draft(ui) {
                push(words, &word);
                ui.close();
            }
            for word in self.suggestions.iter().filter(|word| !words.split_whitespace().any(|w| w == **word)) {
                let entry =
                    egui::Button::selectable(false, text::mono(*word)).min_size(vec2(ui.available_width(), 22.0));
                if ui.add(entry).clicked() {
                    push(words, word);
                    ui.close();
                    break;
                }
            }
        });
    }

    /// The word that was typed and entered.
    fn draft(&self, ui: &mut Ui) -> Option<String> {
        let id = ui.make_persistent_id("draft");
        let mut draft: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let opened = ui.data(|data| data.get_temp::<String>(id)).is_none();
        let frame = box_frame(ui, true, Tone::Neutral).inner_margin(egui::Margin::symmetric(8, 4));
        let edit = TextEdit::singleline(&mut draft)
            .id(id)
            .font(TextStyle::Monospace)
            .frame(frame)
            .desired_width(f32::INFINITY);
        let response = ui
            .add(edit.hint_text(text::mono(t!("new word"))))
            .accessible_name(t!("New {name}", name = self.caption.name));
        if opened {
            response.request_focus();
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let word = draft.trim().to_owned();
        if entered {
            ui.data_mut(|data| data.remove::<String>(id));
            return Some(word).filter(|word| !word.is_empty());
        }
        ui.data_mut(|data| data.insert_temp(id, draft));
        None
    }
}

fn push(words: &mut String, word: &str) {
    if !words.trim().is_empty() {
        words.push(' ');
    }
    words.push_str(word);
}

/// Draws one chip; `true` when it is to go.
fn chip(ui: &mut Ui, index: usize, word: &str) -> bool {
    let tokens = ui.tokens();
    let room = (ui.max_rect().width() - 32.0).max(24.0);
    let galley = paint::styled_line(ui, word, &TextStyle::Monospace, tokens.text, room);
    let (rect, response) = ui.allocate_exact_size(vec2((galley.size().x + 31.0).ceil(), HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    ui.painter().rect(rect, HEIGHT / 2.0, tokens.field, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    paint::text_left(ui.painter(), rect.left_center() + vec2(9.0, 0.0), galley);
    let cross = rect.with_min_x(rect.right() - 22.0);
    let remove = ui.interact(cross, ui.make_persistent_id(("remove", index, word)), Sense::click());
    remove.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), t!("Remove {word}", word)));
    let ink = if remove.hovered() || remove.has_focus() { tokens.strong } else { tokens.dim };
    paint::icon(ui, cross.center() - vec2(1.0, 0.0), icons::X, 11.0, ink);
    paint::focus_ring(ui, &remove, cross.shrink(3.0), 8);
    remove.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}

struct AddButton<'a> {
    name: &'a str,
}

impl egui::Widget for AddButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let response = ui.add(IconButton::new(icons::PLUS, self.name).small());
        let line = if response.hovered() { ui.tokens().line_strong } else { ui.tokens().line };
        ui.painter().rect_stroke(response.rect, HEIGHT / 2.0, Stroke::new(1.0, line), StrokeKind::Inside);
        response
    }
}
