//! A field with a list below it: what is typed narrows the list, the arrow keys choose in it, Enter takes. The keyboard
//! stays in the field, which tells a screen reader what is chosen.

use egui::{
    CursorIcon, Id, Key, Label, Layout, Modifiers, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2,
};

use super::field::{Look, edit};
use super::{paint, roving};
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, size, text};

const ROW: f32 = 30.0;
/// The kind of a row takes so much.
const KIND: f32 = 78.0;
/// Rows that Page up and Page down jump over.
const PAGE: usize = 8;

/// What can be taken.
#[derive(Clone, Debug, Default)]
pub struct FinderRow<'a> {
    /// `Setting`.
    pub kind: &'a str,
    /// `client_id`.
    pub title: &'a str,
    /// What it is, or why it cannot be taken.
    pub note: &'a str,
    /// The keys that do the same.
    pub keys: &'a str,
    /// Whether it can be taken.
    pub is_possible: bool,
}

impl FinderRow<'_> {
    /// As a screen reader says it.
    fn said(&self) -> String {
        let parts = [self.title, self.kind, self.note, self.keys];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// What the user did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Typed this.
    Typed(String),
    /// Chose this row.
    At(usize),
    /// Took it.
    Taken(usize),
}

#[derive(Clone, Copy, Default)]
struct Seen {
    at: usize,
    offset: f32,
}

/// Draws both; `name` is that of the field, `at` the row that is chosen.
pub fn finder(ui: &mut Ui, name: &str, typed: &str, rows: &[FinderRow<'_>], at: usize, height: f32) -> Option<Found> {
    let id = ui.make_persistent_id(("finder", name));
    let stepped = steps(ui, at, rows.len());
    let at = stepped.unwrap_or(at);
    let mut text = typed.to_owned();
    let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let field = edit(ui, id, &mut text, Look::boxed(name)).accessible_name(name);
    let option = |at: usize| id.with(("row", at));
    if at < rows.len() {
        ui.ctx().accesskit_node_builder(field.id, |node| {
            node.set_active_descendant(option(at).accesskit_id());
            node.set_description(rows[at].said());
        });
    }
    ui.add_space(size::SPACE);
    let clicked = list(ui, id, rows, at, height, &option);
    if text != typed {
        return Some(Found::Typed(text));
    }
    let taken = clicked.or_else(|| enter.then_some(at)).filter(|at| rows.get(*at).is_some_and(|row| row.is_possible));
    taken.map(Found::Taken).or_else(|| stepped.map(Found::At))
}

fn steps(ui: &Ui, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let keys = [
        (Key::ArrowUp, at.saturating_sub(1)),
        (Key::ArrowDown, at + 1),
        (Key::PageUp, at.saturating_sub(PAGE)),
        (Key::PageDown, at + PAGE),
    ];
    let is_pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (_, to) = keys.into_iter().find(|(key, _)| is_pressed(*key))?;
    Some(to.min(last))
}

/// The rows in sight; the one that was clicked.
fn list(
    ui: &mut Ui,
    id: Id,
    rows: &[FinderRow<'_>],
    at: usize,
    height: f32,
    option: &impl Fn(usize) -> Id,
) -> Option<usize> {
    let builder = UiBuilder::new().id_salt(id).accessibility_role(Role::ListBox);
    let builder = builder.accessibility_label(t!("{rows} found", rows = rows.len()));
    ui.scope_builder(builder, |ui| {
        ui.set_height(height);
        ui.spacing_mut().item_spacing.y = 0.0;
        if rows.is_empty() {
            ui.label(text::dim(t!("Nothing is called that.")));
        }
        let seen: Seen = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let mut scroll = ScrollArea::vertical().id_salt(id).max_height(height).auto_shrink([false, false]);
        if seen.at != at {
            let offset = roving::scrolled_to(seen.offset, height, at as f32 * ROW, ROW);
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let shown = scroll.show_rows(ui, ROW, rows.len(), |ui, sight| {
            let mut clicked = None;
            for index in sight {
                let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
                if row(ui, rect, option(index), &rows[index], index == at) {
                    clicked = Some(index);
                }
            }
            clicked
        });
        let offset = shown.state.clamped_offset().y;
        ui.data_mut(|data| data.insert_temp(id, Seen { at, offset }));
        shown.inner
    })
    .inner
}

fn row(ui: &mut Ui, rect: Rect, id: Id, row: &FinderRow<'_>, is_chosen: bool) -> bool {
    let tokens = ui.tokens();
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, row.is_possible, is_chosen, row.said()));
    if is_chosen {
        ui.painter().rect_filled(rect, size::RADIUS, tokens.selected);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, size::RADIUS, tokens.button_hover.gamma_multiply(0.5));
    }
    let inside = rect.shrink2(vec2(10.0, 0.0));
    let kind = paint::styled_line(ui, row.kind, &egui::TextStyle::Small, tokens.dim, KIND);
    paint::text_left(ui.painter(), inside.left_center(), kind);
    let keys = paint::styled_line(ui, row.keys, &egui::TextStyle::Small, tokens.dim, 150.0);
    let end = inside.right() - keys.size().x;
    paint::text_left(ui.painter(), egui::pos2(end, rect.center().y), keys);
    let room = inside.with_min_x(inside.left() + KIND + 8.0).with_max_x(end - 10.0);
    let layout = Layout::left_to_right(egui::Align::Center);
    let mut words = ui.new_child(UiBuilder::new().max_rect(room).id_salt(id).layout(layout));
    words.style_mut().interaction.selectable_labels = false;
    words.shrink_clip_rect(room);
    let title = if row.is_possible { text::strong(row.title) } else { text::dim(row.title) };
    words.add(Label::new(title).truncate());
    if !row.note.is_empty() && words.available_width() > 40.0 {
        words.add(Label::new(text::note(row.note)).truncate());
    }
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
