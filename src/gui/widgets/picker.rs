//! A field with a list to choose from, and on demand anything else typed.

use egui::{Button as MenuButton, ComboBox, Key, PopupCloseBehavior, Response, TextEdit, Ui, vec2};

use super::field::{box_frame, framed};
use super::{Caption, paint};
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, icons, size, text};

/// A picker of words: `client_secret_basic`.
pub struct Picker<'a> {
    caption: Caption<'a>,
    options: &'a [&'a str],
    unset: &'a str,
    other: bool,
}

impl<'a> Picker<'a> {
    /// A picker of these options.
    pub fn new(caption: impl Into<Caption<'a>>, options: &'a [&'a str]) -> Self {
        Self { caption: caption.into(), options, unset: "", other: false }
    }

    /// Words for the empty value, offered first: `(not sent)`.
    #[must_use]
    pub const fn unset(mut self, words: &'a str) -> Self {
        self.unset = words;
        self
    }

    /// Anything else may be typed, too.
    #[must_use]
    pub const fn or_typed(mut self) -> Self {
        self.other = true;
        self
    }

    /// Draws the picker; `changed()` tells whether another value was chosen.
    pub fn show(self, ui: &mut Ui, value: &mut String) -> Response {
        let before = value.clone();
        let mut response = framed(ui, &self.caption, |ui, _| self.combo(ui, value));
        let shown = if value.is_empty() { self.unset } else { value.as_str() };
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(shown));
        if *value != before {
            response.mark_changed();
        }
        response
    }

    fn combo(&self, ui: &mut Ui, value: &mut String) -> Response {
        let tokens = ui.tokens();
        let width = ui.available_width();
        let shown = if value.is_empty() {
            text::mono(self.unset).color(tokens.dim)
        } else {
            text::mono(ending(ui, value, width - 2.0 * size::FIELD)).color(tokens.text)
        };
        let combo = ComboBox::from_id_salt(("picker", self.caption.name))
            .selected_text(shown)
            .width(width)
            .truncate()
            .icon(|ui, rect, _, _| paint::icon(ui, rect.center(), icons::CARET_DOWN, 12.0, ui.tokens().dim))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        look_like_a_field(ui);
        let shown = combo.show_ui(ui, |ui| self.menu(ui, value));
        let response = shown.response;
        // What had the keyboard in the list is gone.
        if shown.inner == Some(true) {
            response.request_focus();
        }
        paint::focus_ring(ui, &response, response.rect, size::RADIUS);
        response
    }

    /// Whether something was chosen.
    fn menu(&self, ui: &mut Ui, value: &mut String) -> bool {
        let mut chosen = false;
        ui.spacing_mut().item_spacing.y = 2.0;
        let unset = (!self.unset.is_empty()).then_some("");
        let options = self.options.iter().copied().filter(|option| unset.is_none() || !option.is_empty());
        for option in unset.into_iter().chain(options) {
            let label = text::mono(if option.is_empty() { self.unset } else { option });
            let button = MenuButton::selectable(value == option, label).min_size(vec2(ui.available_width(), size::ROW));
            if ui.add(button).clicked() {
                option.clone_into(value);
                chosen = true;
            }
        }
        if self.other {
            ui.add_space(4.0);
            chosen |= self.typed(ui, value);
        }
        if chosen {
            ui.close();
        }
        chosen
    }

    fn typed(&self, ui: &mut Ui, value: &mut String) -> bool {
        let id = ui.make_persistent_id("typed");
        let mut draft: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let focused = ui.memory(|memory| memory.has_focus(id));
        let frame = box_frame(ui, focused, super::Tone::Neutral).inner_margin(egui::Margin::symmetric(8, 4));
        let edit = TextEdit::singleline(&mut draft)
            .id(id)
            .font(egui::TextStyle::Monospace)
            .hint_text(text::mono(t!("another value")))
            .frame(frame)
            .desired_width(ui.available_width().max(160.0));
        let entered = ui.add(edit).accessible_name(t!("Another {name}", name = self.caption.name)).lost_focus()
            && ui.input(|input| input.key_pressed(Key::Enter));
        let chosen = entered && !draft.trim().is_empty();
        if chosen {
            draft.trim().clone_into(value);
            draft.clear();
        }
        ui.data_mut(|data| data.insert_temp(id, draft));
        chosen
    }
}

/// A word that fits, cut at its beginning: what tells the URNs of a list apart stands at their ends.
fn ending(ui: &Ui, word: &str, width: f32) -> String {
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let advance = ui.fonts_mut(|fonts| fonts.glyph_width(&font, 'm'));
    let (room, length) = ((width / advance).max(1.0) as usize, word.chars().count());
    if length <= room {
        return word.to_owned();
    }
    format!("…{}", word.chars().skip(length - room + 1).collect::<String>())
}

/// egui's combo box in the look of our fields.
fn look_like_a_field(ui: &mut Ui) {
    let tokens = ui.tokens();
    ui.spacing_mut().button_padding = vec2(9.0, 5.0);
    ui.spacing_mut().interact_size.y = size::FIELD;
    let widgets = &mut ui.visuals_mut().widgets;
    for visuals in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
        visuals.weak_bg_fill = tokens.field;
        visuals.bg_fill = tokens.field;
    }
    widgets.open.bg_stroke.color = tokens.accent;
}
