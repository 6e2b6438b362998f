//! The label above a field: the parameter's name as the specification spells it, what it does on
//! hover, and a quiet note below the field.

use egui::{Id, Label, Response, RichText, Ui};

use super::banner::announced;
use super::explained::{Explanation, explained};
use super::{Tone, paint};
use crate::gui::theme::{TokensExt as _, text};

/// Name, explanation and note of a field.
#[derive(Clone, Debug, Default)]
pub struct Caption<'a> {
    /// The parameter's name: `client_id`. Also the accessible name of the field.
    pub name: &'a str,
    /// What it means.
    pub explained: Option<Explanation>,
    /// What to know about the present value.
    pub note: Option<(Tone, String)>,
}

impl<'a> Caption<'a> {
    /// A name alone.
    pub fn new(name: &'a str) -> Self {
        Self { name, ..Self::default() }
    }

    /// One sentence and its section, shown while the pointer is on the name.
    #[must_use]
    pub fn help(mut self, help: &str, section: impl Into<String>) -> Self {
        self.explained = Some(Explanation::new(self.name, help, section));
        self
    }

    /// A quiet note below the field; it never blocks anything.
    #[must_use]
    pub fn note(mut self, tone: Tone, note: impl Into<String>) -> Self {
        self.note = Some((tone, note.into()));
        self
    }

    /// Draws the name.
    pub(super) fn label(&self, ui: &mut Ui) -> Response {
        let label = ui.add(Label::new(text::note(self.name)).selectable(false).truncate());
        let place = label.rect;
        explained(ui, label, place, || self.explained.clone())
    }

    /// Draws the note, if there is one.
    pub(super) fn footnote(&self, ui: &mut Ui) {
        let Some((tone, note)) = &self.note else { return };
        let ink = tone.ink(ui.tokens());
        let line = |ui: &mut Ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 5.0;
                let (_, rect) = ui.allocate_space(egui::vec2(13.0, 15.0));
                paint::icon(ui, rect.center(), tone.icon(), 13.0, ink);
                ui.add(Label::new(RichText::new(note).small().color(ink)).wrap());
            });
        };
        match tone {
            Tone::Warn | Tone::Error => announced(ui, *tone, note, line),
            _ => line(ui),
        }
    }

    /// Tells screen readers what the pointer would find out.
    pub(super) fn describe(&self, ui: &Ui, id: Id) {
        let note = self.note.as_ref().map_or("", |(_, note)| note.as_str());
        let help = self.explained.as_ref().map_or("", |explained| explained.meaning.as_str());
        let parts: Vec<&str> = [note, help].into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            ui.ctx().accesskit_node_builder(id, |node| node.set_description(parts.join(" ")));
        }
    }
}

impl<'a> From<&'a str> for Caption<'a> {
    fn from(name: &'a str) -> Self {
        Self::new(name)
    }
}
