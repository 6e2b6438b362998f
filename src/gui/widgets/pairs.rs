//! Names and values to edit, row by row.

use egui::{Label, Response, RichText, Ui};

use super::field::{Look, edit};
use super::params_table::column;
use super::{Button, IconButton, Tone};
use crate::gui::theme::icons;

const NOTES: f32 = 0.3;

/// Name and value pairs to edit, duplicates allowed: extra parameters, or a request before it is sent.
pub struct Pairs<'a> {
    name: &'a str,
    note: Option<&'a dyn Fn(&str) -> String>,
}

impl<'a> Pairs<'a> {
    /// `name` says what the pairs are, to screen readers: `extra parameter`.
    pub const fn new(name: &'a str) -> Self {
        Self { name, note: None }
    }

    /// What to say about a parameter of this name, in a third column.
    #[must_use]
    pub const fn notes(mut self, note: &'a dyn Fn(&str) -> String) -> Self {
        self.note = Some(note);
        self
    }

    /// Draws the rows and the button below them; `changed()` tells whether anything was edited.
    pub fn show(self, ui: &mut Ui, pairs: &mut Vec<(String, String)>) -> Response {
        let before = pairs.clone();
        let mut response = ui
            .push_id(("pairs", self.name), |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                let mut removed = None;
                for (index, pair) in pairs.iter_mut().enumerate() {
                    if self.row(ui, index, pair) {
                        removed = Some(index);
                    }
                }
                if let Some(index) = removed {
                    pairs.remove(index);
                }
                if ui.add(Button::quiet(&format!("Add {}", self.name)).icon(icons::PLUS).small()).clicked() {
                    pairs.push(Default::default());
                }
            })
            .response;
        if *pairs != before {
            response.mark_changed();
        }
        response
    }

    fn row(&self, ui: &mut Ui, index: usize, (name, value): &mut (String, String)) -> bool {
        let number = index + 1;
        let gap = 6.0;
        let notes = if self.note.is_some() { ui.available_width() * NOTES } else { 0.0 };
        let room = ui.available_width() - notes - 28.0 - 2.0 * gap;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            let look = |placeholder| Look { placeholder, masked: false, spare: 0.0, tone: Tone::Neutral, lines: false };
            column(ui, room * 0.3, |ui| {
                let id = ui.make_persistent_id(("name", index));
                edit(ui, id, name, look("name")).accessible_name(format!("Name of {} {number}", self.name));
            });
            column(ui, room * 0.7, |ui| {
                let id = ui.make_persistent_id(("value", index));
                let called = if name.is_empty() { format!("{} {number}", self.name) } else { name.clone() };
                edit(ui, id, value, look("value")).accessible_name(format!("Value of {called}"));
            });
            let called = if name.is_empty() { format!("{} {number}", self.name) } else { name.clone() };
            let removed = ui.add(IconButton::new(icons::X, &format!("Remove {called}"))).clicked();
            if let Some(words) = self.note {
                column(ui, notes - gap, |ui| {
                    ui.add_space(6.0);
                    ui.add(Label::new(RichText::new(words(name)).small().weak()).wrap());
                });
            }
            removed
        })
        .inner
    }
}
