//! Parameters row by row: name, value, where it comes from.

use std::fmt::Debug;
use std::hash::Hash;

use egui::{Align, Label, Layout, Pos2, Rect, Response, TextStyle, Ui, UiBuilder, pos2, vec2};

use super::row_menu::RowContents;
use super::{Explain, IconButton, Tone, explained, paint, row_menu};
use crate::gui::language::t;
use crate::gui::theme::{Icon, TokensExt as _, icons, size, text};

pub(super) const GAP: f32 = 14.0;
/// Width of a button that stands at the end of a value while the pointer is on its row.
pub(super) const ROW_BUTTON: f32 = 22.0;
/// Letters of a value that are measured; longer ones wrap anyway.
const LETTERS: usize = 160;

/// One row to read.
#[derive(Clone, Debug, Default)]
pub struct Param<'a> {
    /// `code_verifier`.
    pub name: &'a str,
    /// As sent; a secret comes masked.
    pub value: &'a str,
    /// Origin, meaning or verdict: `from stage 3, single use`.
    pub note: &'a str,
    /// An icon before the note.
    pub mark: Option<Tone>,
    /// What the row's copy button copies; `None` leaves the button out.
    pub copy: Option<&'a str>,
    /// Whether something is expected of it.
    pub is_pinned: bool,
}

impl<'a> Param<'a> {
    /// A row whose value can be copied.
    pub const fn new(name: &'a str, value: &'a str, note: &'a str) -> Self {
        Self { name, value, note, mark: None, copy: Some(value), is_pinned: false }
    }

    /// An icon before the note.
    #[must_use]
    pub const fn mark(mut self, tone: Tone) -> Self {
        self.mark = Some(tone);
        self
    }

    /// Marks it as one of which something is expected.
    #[must_use]
    pub const fn pinned(mut self, is_pinned: bool) -> Self {
        self.is_pinned = is_pinned;
        self
    }

    /// A value that is shown masked and has no copy button here.
    #[must_use]
    pub const fn masked(mut self) -> Self {
        self.copy = None;
        self
    }
}

/// A table to read: accent names, monospaced values, dim notes.
pub struct ParamsTable<'a> {
    rows: &'a [Param<'a>],
    is_dense: bool,
    is_in_lines: bool,
    explain: Option<Explain<'a>>,
    menu: Option<(Icon, &'a str, RowContents<'a>)>,
}

impl<'a> ParamsTable<'a> {
    /// A table of rows.
    pub const fn new(rows: &'a [Param<'a>]) -> Self {
        Self { rows, is_dense: false, is_in_lines: false, explain: None, menu: None }
    }

    /// A line a row where the value takes no more: of a note that is longer the rest shows while the pointer is on it.
    #[must_use]
    pub const fn dense(mut self) -> Self {
        self.is_dense = true;
        self
    }

    /// One line a row where there is little height: of a value that is longer, too, the rest shows while the pointer is on
    /// it.
    #[must_use]
    pub const fn in_lines(mut self, is_in_lines: bool) -> Self {
        self.is_in_lines = is_in_lines;
        self
    }

    /// What each name means.
    #[must_use]
    pub const fn explained(mut self, explain: Explain<'a>) -> Self {
        self.explain = Some(explain);
        self
    }

    /// A menu for each row; `verb` comes before the name of the row: `Expect`.
    #[must_use]
    pub fn menu(mut self, icon: Icon, verb: &'a str, contents: RowContents<'a>) -> Self {
        self.menu = Some((icon, verb, contents));
        self
    }

    /// Draws the table; the index of a row whose copy button was clicked (it has been copied).
    pub fn show(mut self, ui: &mut Ui) -> Option<usize> {
        let mut menu = self.menu.take();
        let buttons = if menu.is_some() { 2.0 } else { 1.0 } * ROW_BUTTON;
        let columns = Columns::of(ui, self.rows, [0.0, buttons], [40.0, 40.0]);
        let mut copied = None;
        ui.spacing_mut().item_spacing.y = if self.is_in_lines { 1.0 } else { 3.0 };
        for (index, row) in self.rows.iter().enumerate() {
            let shown = self.row(ui, index, row, &columns);
            let end = shown.rect.left_top() + vec2(columns.name + GAP + columns.value - ROW_BUTTON / 2.0, 9.0);
            if copies(ui, &shown, end, index, row) {
                copied = Some(index);
            }
            if let Some((icon, verb, contents)) = &mut menu {
                let at =
                    if row.copy.is_some_and(|value| !value.is_empty()) { end - vec2(ROW_BUTTON, 0.0) } else { end };
                let name = t!("{verb} {name}", verb, name = row.name);
                ui.push_id((index, "menu"), |ui| {
                    row_menu(
                        ui,
                        &shown,
                        Rect::from_center_size(at, vec2(ROW_BUTTON, ROW_BUTTON)),
                        (*icon, &name, row.is_pinned),
                        |ui| {
                            contents(ui, index);
                        },
                    );
                });
            }
        }
        copied
    }

    fn row(&self, ui: &mut Ui, index: usize, row: &Param<'_>, columns: &Columns) -> Response {
        let tokens = ui.tokens();
        let shown = ui.scope_builder(UiBuilder::new().id_salt((index, row.name)), |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                column(ui, columns.name, |ui| {
                    let name = ui.add(Label::new(text::mono(row.name).color(tokens.syntax_name)).wrap());
                    let place = name.rect;
                    explained(ui, name, place, || self.explain.and_then(|explain| explain(row.name)));
                });
                column(ui, columns.value - columns.buttons, |ui| {
                    let value = Label::new(text::mono(row.value).color(tokens.text));
                    ui.add(if self.is_in_lines { value.truncate() } else { value.wrap() });
                });
                ui.add_space(columns.buttons);
                if columns.note > 0.0 {
                    column(ui, columns.note, |ui| note(ui, row.note, row.mark, self.is_dense));
                }
            });
        });
        let place = shown.response.rect;
        explained::note(ui, place, || self.explain.and_then(|explain| explain(row.name)));
        shown.response
    }
}

/// The button that copies the value, and whether it was clicked.
fn copies(ui: &mut Ui, shown: &Response, at: Pos2, index: usize, row: &Param<'_>) -> bool {
    let Some(value) = row.copy.filter(|value| !value.is_empty()) else { return false };
    let label = t!("Copy {name}", name = row.name);
    let is_clicked = button_in_row(ui, shown.rect, at, (icons::COPY, &label), ("copy", index));
    if is_clicked {
        super::copy::copy(ui.ctx(), row.name, value);
    }
    is_clicked
}

/// A button that shows while the pointer is on its row or the keyboard on the button.
pub(super) fn button_in_row(
    ui: &mut Ui,
    row: Rect,
    at: Pos2,
    (icon, label): (Icon, &str),
    salt: impl Hash + Debug,
) -> bool {
    let place = Rect::from_center_size(at, vec2(ROW_BUTTON, ROW_BUTTON));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt(salt));
    let id = inner.next_auto_id();
    let hot = ui.rect_contains_pointer(row) || ui.memory(|memory| memory.has_focus(id));
    if !hot {
        inner.set_opacity(0.0);
    }
    inner.add(IconButton::new(icon, label).small()).clicked()
}

fn note(ui: &mut Ui, note: &str, mark: Option<Tone>, is_dense: bool) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if let Some(tone) = mark {
            let (_, rect) = ui.allocate_space(vec2(14.0, 16.0));
            paint::icon(ui, rect.center(), tone.icon(), 14.0, tone.ink(ui.tokens()));
        }
        match is_dense {
            true => note_in_line(ui, note),
            false => drop(ui.add(Label::new(text::note(note)).wrap())),
        }
    });
}

/// A note in one line: where there is no room for the section that it ends with, without that; the rest shows while the
/// pointer is on it.
pub(super) fn note_in_line(ui: &mut Ui, note: &str) {
    let width = |words: &str| paint::styled_line(ui, words, &TextStyle::Small, ui.tokens().dim, f32::INFINITY).size().x;
    let shown = match note.rsplit_once(" · ") {
        Some((origin, _)) if width(note) > ui.available_width() => origin,
        _ => note,
    };
    let response = ui.add(Label::new(text::note(shown)).truncate());
    if shown != note {
        response.on_hover_text(note);
    }
}

/// How wide each column is.
pub(super) struct Columns {
    name: f32,
    value: f32,
    /// What stands at the right end of the value while the pointer is on its row.
    buttons: f32,
    note: f32,
}

impl Columns {
    /// Names and values as wide as they need, notes the rest. When there is too little room, names
    /// and notes yield to values. `margin` is what stands around each name and value, `buttons` at the end of a value,
    /// `least` what both take at least.
    pub(super) fn of<'p>(ui: &Ui, rows: &[Param<'p>], [margin, buttons]: [f32; 2], least: [f32; 2]) -> Self {
        let ink = ui.tokens().text;
        let widest = |style: TextStyle, text: fn(&Param<'p>) -> &'p str| {
            let widths = rows.iter().map(|row| {
                let end = text(row).char_indices().nth(LETTERS).map_or(text(row).len(), |(end, _)| end);
                paint::styled_line(ui, &text(row)[..end], &style, ink, f32::INFINITY).size().x.ceil()
            });
            widths.fold(0.0, f32::max)
        };
        let name = widest(TextStyle::Monospace, |row| row.name) + margin;
        let value = widest(TextStyle::Monospace, |row| row.value) + margin + buttons + 4.0;
        let mark = if rows.iter().any(|row| row.mark.is_some()) { 18.0 } else { 0.0 };
        let note = widest(TextStyle::Small, |row| row.note);
        let note = if note > 0.0 { note + mark } else { 0.0 };
        let fitted = Self::fit(ui.available_width(), name.max(least[0]), value.max(least[1]), note);
        Self { buttons: buttons.min(fitted.value), ..fitted }
    }

    /// Where name, value and note of this row are.
    pub(super) fn places(&self, row: Rect) -> [Rect; 3] {
        let mut left = row.left();
        [self.name, self.value, self.note].map(|width| {
            let place = Rect::from_min_max(pos2(left, row.top()), pos2(left + width, row.bottom()));
            left += width + GAP;
            place
        })
    }

    fn fit(room: f32, name: f32, value: f32, note: f32) -> Self {
        let name = name.min(room * 0.34);
        if note == 0.0 {
            return Self { name, value: (room - name - GAP).max(40.0), buttons: 0.0, note };
        }
        let rest = (room - name - 2.0 * GAP).max(80.0);
        let value = if value + note <= rest { value } else { value.min((rest * 0.68).max(rest - note)) };
        Self { name, value, buttons: 0.0, note: rest - value }
    }
}

pub(super) fn column<R>(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.allocate_ui_with_layout(vec2(width, size::ROW), Layout::top_down(Align::Min), |ui| {
        ui.set_min_width(width);
        ui.set_max_width(width);
        content(ui)
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_room_and_values_come_before_notes() {
        for (room, name, value, note) in
            [(900.0, 90.0, 200.0, 220.0), (500.0, 90.0, 340.0, 220.0), (300.0, 200.0, 900.0, 400.0)]
        {
            let columns = Columns::fit(room, name, value, note);
            let total = columns.name + columns.value + columns.note + 2.0 * GAP;
            assert!((total - room).abs() < 1.0, "{room}: {total}");
            assert!(columns.value >= value.min((room - columns.name) * 0.5), "{room}: {}", columns.value);
        }
        assert_eq!(Columns::fit(500.0, 90.0, 100.0, 0.0).value, 500.0 - 90.0 - GAP);
    }
}
