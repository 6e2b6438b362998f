//! Names and values to edit, row by row: extra parameters in boxes, a message that is about to leave as lines of text.

use egui::{Align, Id, Label, Layout, Rect, Response, Ui, UiBuilder, pos2, vec2};

use super::field::{Look, QUIET_INDENT, QUIET_ROW, edit};
use super::params_table::{Columns, GAP, ROW_BUTTON, button_in_row, column, note_in_line};
use super::{Button, Caption, Explain, IconButton, Param, Tone, explained};
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, icons, text};

/// What a name and a value take at least in a message, so that there is room to type.
const LEAST: [f32; 2] = [64.0, 150.0];

/// What a value leaves of its column to the button that removes it, which reaches into the gap before the note.
const BUTTON: f32 = 24.0 - GAP;

/// What to say about a parameter of this name.
type Notes<'a> = &'a dyn Fn(&str) -> String;
/// What is shown in place of a value that is not to be read; `None` for one that is.
type Mask<'a> = &'a dyn Fn(&str, &str) -> Option<String>;

/// Name and value pairs to edit, duplicates allowed: extra parameters, or a request before it is sent.
pub struct Pairs<'a> {
    name: &'a str,
    message: Option<(Notes<'a>, Mask<'a>)>,
    explain: Option<Explain<'a>>,
}

impl<'a> Pairs<'a> {
    /// `name` says what the pairs are, to screen readers: `extra parameter`.
    pub const fn new(name: &'a str) -> Self {
        Self { name, message: None, explain: None }
    }

    /// As a message is read: a row a pair with a note in a third column, and no boxes but that of the one pointed at or
    /// typed into. A pair whose value is masked can be removed and not changed.
    #[must_use]
    pub const fn message(mut self, notes: Notes<'a>, mask: Mask<'a>) -> Self {
        self.message = Some((notes, mask));
        self
    }

    /// What each name means.
    #[must_use]
    pub const fn explained(mut self, explain: Explain<'a>) -> Self {
        self.explain = Some(explain);
        self
    }

    /// Draws the rows and the button below them; `changed()` tells whether anything was edited.
    pub fn show(self, ui: &mut Ui, pairs: &mut Vec<(String, String)>) -> Response {
        let before = pairs.clone();
        let mut response = ui
            .push_id(("pairs", self.name), |ui| {
                let removed = match self.message {
                    Some((notes, mask)) => self.lines(ui, pairs, notes, mask),
                    None => self.boxes(ui, pairs),
                };
                if let Some(index) = removed {
                    pairs.remove(index);
                }
                if ui.add(Button::quiet(&t!("Add {name}", name = self.name)).icon(icons::PLUS).small()).clicked() {
                    pairs.push(Default::default());
                }
            })
            .response;
        if *pairs != before {
            response.mark_changed();
        }
        response
    }

    /// What the pair of this number is called: by its name, where it has one.
    fn called(&self, index: usize, name: &str) -> String {
        if name.is_empty() { format!("{} {}", self.name, index + 1) } else { name.to_owned() }
    }

    fn name_edit(&self, ui: &mut Ui, (id, index): (Id, usize), name: &mut String, look: Look<'_>) -> Response {
        edit(ui, id, name, look).accessible_name(t!("Name of {name} {index}", name = self.name, index = index + 1))
    }

    fn value_edit(
        &self,
        ui: &mut Ui,
        (id, index): (Id, usize),
        (name, value): (&str, &mut String),
        look: Look<'_>,
    ) -> Response {
        edit(ui, id, value, look).accessible_name(t!("Value of {name}", name = self.called(index, name)))
    }

    /// The rows in boxes; the index of one that is to go.
    fn boxes(&self, ui: &mut Ui, pairs: &mut [(String, String)]) -> Option<usize> {
        ui.spacing_mut().item_spacing.y = 4.0;
        let mut removed = None;
        for (index, (name, value)) in pairs.iter_mut().enumerate() {
            let [name_id, value_id] = ids(ui, index);
            ui.horizontal_top(|ui| {
                let gap = 6.0;
                let room = ui.available_width() - 28.0 - 2.0 * gap;
                ui.spacing_mut().item_spacing.x = gap;
                column(ui, room * 0.3, |ui| self.name_edit(ui, (name_id, index), name, Look::boxed("name")));
                column(ui, room * 0.7, |ui| {
                    self.value_edit(ui, (value_id, index), (name, value), Look::boxed("value"))
                });
                let remove = t!("Remove {name}", name = self.called(index, name));
                if ui.add(IconButton::new(icons::X, &remove)).clicked() {
                    removed = Some(index);
                }
            });
        }
        removed
    }

    /// The rows as lines of text; the index of one that is to go.
    fn lines(&self, ui: &mut Ui, pairs: &mut [(String, String)], notes: Notes<'_>, mask: Mask<'_>) -> Option<usize> {
        ui.spacing_mut().item_spacing.y = 0.0;
        let notes: Vec<String> = pairs.iter().map(|(name, _)| notes(name)).collect();
        let masked: Vec<Option<String>> = pairs
            .iter()
            .enumerate()
            .map(|(index, (name, value))| mask(name, value).filter(|_| !value.is_empty() && !is_typed_into(ui, index)))
            .collect();
        let columns = {
            let shown = pairs
                .iter()
                .zip(&masked)
                .zip(&notes)
                .map(|(((name, value), masked), note)| Param::new(name, masked.as_ref().unwrap_or(value), note));
            Columns::of(ui, &shown.collect::<Vec<_>>(), [QUIET_INDENT, ROW_BUTTON], LEAST)
        };
        let mut removed = None;
        for (index, (pair, masked)) in pairs.iter_mut().zip(&masked).enumerate() {
            let (_, row) = ui.allocate_space(vec2(ui.available_width(), QUIET_ROW));
            explained::note(ui, row, || self.explain.and_then(|explain| explain(&pair.0)));
            self.line(ui, index, pair, masked.as_deref(), columns.places(row));
            let [.., note] = columns.places(row);
            note_in_line(&mut ui.new_child(in_place(note)), &notes[index]);
            let remove = t!("Remove {pair}", pair = self.called(index, &pair.0));
            let at = pos2(note.left() - 11.0, row.center().y);
            if button_in_row(ui, row, at, (icons::X, &remove), ("remove", index)) {
                removed = Some(index);
            }
        }
        ui.add_space(2.0);
        removed
    }

    /// Name and value of one row.
    fn line(
        &self,
        ui: &mut Ui,
        index: usize,
        (name, value): &mut (String, String),
        masked: Option<&str>,
        [name_place, value_place, _]: [Rect; 3],
    ) {
        let [ink, plain] = [ui.tokens().syntax_name, ui.tokens().text];
        if let Some(masked) = masked {
            let shown = cell(ui, name_place, |ui| ui.add(Label::new(text::mono(name.as_str()).color(ink)).truncate()));
            explained(ui, shown, name_place, || self.explain.and_then(|explain| explain(name)));
            cell(ui, value_place, |ui| ui.add(Label::new(text::mono(masked).color(plain)).truncate()));
            return;
        }
        let [name_id, value_id] = ids(ui, index);
        // The words stand where they would without the frame that shows around them at times.
        let framed = |place: Rect| place.with_min_x(place.left() - QUIET_INDENT);
        let shown =
            cell(ui, framed(name_place), |ui| self.name_edit(ui, (name_id, index), name, Look::quiet("name", ink)));
        explained(ui, shown, name_place, || self.explain.and_then(|explain| explain(name)));
        let value_place = framed(value_place).with_max_x(value_place.right() - BUTTON);
        cell(ui, value_place, |ui| self.value_edit(ui, (value_id, index), (name, value), Look::quiet("value", plain)));
    }
}

/// Method and URL in one line, as they are typed, and below it what is wrong with them.
pub fn request_line(ui: &mut Ui, method: &mut String, url: &mut String, error: Option<&str>) {
    let [accent, plain] = [ui.tokens().accent, ui.tokens().text];
    let (_, row) = ui.allocate_space(vec2(ui.available_width(), QUIET_ROW));
    let row = row.with_min_x(row.left() - QUIET_INDENT);
    let id = ui.make_persistent_id("method");
    let look = Look { fitted: true, ..Look::quiet("", accent) };
    let shown = cell(ui, row, |ui| edit(ui, id, method, look).accessible_name(t!("Method")));
    let mut caption = Caption::new("URL");
    if let Some(error) = error {
        caption = caption.note(Tone::Error, error);
    }
    let id = ui.make_persistent_id("url");
    let place = row.with_min_x(shown.rect.right() + 2.0);
    let response = cell(ui, place, |ui| edit(ui, id, url, Look::quiet("", plain)).accessible_name("URL"));
    caption.describe(ui, response.id);
    caption.footnote(ui);
}

/// Draws into a place that is taken already.
fn cell(ui: &mut Ui, place: Rect, content: impl FnOnce(&mut Ui) -> Response) -> Response {
    content(&mut ui.new_child(in_place(place)))
}

fn in_place(place: Rect) -> UiBuilder {
    UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center))
}

/// The name and the value of a pair.
fn ids(ui: &Ui, index: usize) -> [Id; 2] {
    ["name", "value"].map(|part| ui.make_persistent_id((part, index)))
}

/// Whether the keyboard is on this pair, which is not masked then: the value of a name that becomes a credential's
/// while it is typed would be out of reach.
fn is_typed_into(ui: &Ui, index: usize) -> bool {
    ids(ui, index).into_iter().any(|id| ui.memory(|memory| memory.has_focus(id)))
}
