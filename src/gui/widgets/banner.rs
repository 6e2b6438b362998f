//! One line or paragraph that must be seen, with a bar in its tone on the left.

use egui::accesskit::Live;
use egui::{CornerRadius, Frame, Margin, Role, Ui, UiBuilder};

use super::markup::pieces_ui;
use super::{Button, Tone, paint};
use crate::gui::theme::{TokensExt as _, size, text};

/// `✓ Signature verified - RS256 with key practice-1`.
pub struct Banner<'a> {
    tone: Tone,
    title: &'a str,
    text: &'a str,
    action: Option<&'a str>,
}

/// The ground of a banner with its bar, for what is more than a sentence; `name` is what is read aloud of it.
pub fn banner<R>(ui: &mut Ui, tone: Tone, name: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = ui.tokens();
    // Half of it, so that it stands out from a card and from the window alike.
    let ground = tone.ground(tokens).gamma_multiply(0.55);
    announced(ui, tone, name, |ui| {
        let frame = Frame::new().fill(ground).corner_radius(CornerRadius::same(size::RADIUS));
        let shown = frame.inner_margin(Margin { left: 14, right: 12, top: 9, bottom: 9 }).show(ui, |ui| {
            ui.take_available_width();
            content(ui)
        });
        let bar = shown.response.rect.with_max_x(shown.response.rect.left() + 3.0);
        let rounding = CornerRadius { nw: size::RADIUS, sw: size::RADIUS, ne: 0, se: 0 };
        ui.painter().rect_filled(bar, rounding, tone.bar(tokens));
        shown.inner
    })
}

/// What is read aloud when it appears: an error at once, all else when there is a pause.
pub(super) fn announced<R>(ui: &mut Ui, tone: Tone, name: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let (role, live) = match tone {
        Tone::Error => (Role::Alert, Live::Assertive),
        _ => (Role::Status, Live::Polite),
    };
    let builder = UiBuilder::new().accessibility_role(role).accessibility_label(name);
    let said = |ui: &mut Ui| {
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| node.set_live(live));
        content(ui)
    };
    ui.scope_builder(builder, said).inner
}

impl<'a> Banner<'a> {
    /// What happened, in a few words.
    pub const fn new(tone: Tone, title: &'a str) -> Self {
        Self { tone, title, text: "", action: None }
    }

    /// The rest of the sentence. `code` in backticks, **bold** and links are understood.
    #[must_use]
    pub const fn text(mut self, text: &'a str) -> Self {
        self.text = text;
        self
    }

    /// A button after the text.
    #[must_use]
    pub const fn action(mut self, label: &'a str) -> Self {
        self.action = Some(label);
        self
    }

    /// Draws the banner; `true` when its action was clicked.
    pub fn show(self, ui: &mut Ui) -> bool {
        banner(ui, self.tone, self.title, |ui| self.content(ui))
    }

    fn content(&self, ui: &mut Ui) -> bool {
        let ink = self.tone.ink(ui.tokens());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let (_, rect) = ui.allocate_space(egui::vec2(15.0, 18.0));
            paint::icon(ui, rect.center(), self.tone.icon(), 15.0, ink);
            let title = text::strong(self.title);
            ui.label(if self.tone == Tone::Ok || self.tone == Tone::Error { title.color(ink) } else { title });
            if !self.text.is_empty() {
                ui.spacing_mut().item_spacing.x = 0.0;
                pieces_ui(ui, self.text);
            }
            let Some(label) = self.action else { return false };
            if !self.text.is_empty() {
                ui.add_space(6.0);
            }
            ui.add(Button::link(label).small()).clicked()
        })
        .inner
    }
}
