//! What stands where nothing is yet: what will be here and the one thing to do about it.

use egui::{Align, Label, Layout, Ui, vec2};

use super::{Button, paint};
use crate::gui::theme::{Icon, TokensExt as _, text};

/// An icon, a line, a sentence and perhaps a button, in the middle of the room.
pub struct EmptyState<'a> {
    icon: Icon,
    title: &'a str,
    text: &'a str,
    action: Option<&'a str>,
}

impl<'a> EmptyState<'a> {
    /// What is missing: `No tokens yet`.
    pub const fn new(icon: Icon, title: &'a str) -> Self {
        Self { icon, title, text: "", action: None }
    }

    /// How it will come: `They appear here when the token endpoint answers`.
    #[must_use]
    pub const fn text(mut self, text: &'a str) -> Self {
        self.text = text;
        self
    }

    /// The one thing to do about it.
    #[must_use]
    pub const fn action(mut self, label: &'a str) -> Self {
        self.action = Some(label);
        self
    }

    /// Draws it; `true` when the action was clicked.
    pub fn show(self, ui: &mut Ui) -> bool {
        let tokens = ui.tokens();
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.add_space((ui.available_height() * 0.3).clamp(12.0, 120.0));
            let (_, rect) = ui.allocate_space(vec2(40.0, 40.0));
            paint::icon(ui, rect.center(), self.icon, 32.0, tokens.dim);
            ui.label(text::strong(self.title));
            if !self.text.is_empty() {
                ui.set_max_width(ui.available_width().min(420.0));
                ui.add(Label::new(text::dim(self.text)).wrap());
            }
            ui.add_space(4.0);
            self.action.is_some_and(|label| ui.add(Button::secondary(label)).clicked())
        })
        .inner
    }
}
