//! A JSON document as a tree. Only rows in sight are laid out, so a document of megabytes opens at
//! once. Arrow keys walk, open and close; values and paths can be copied.

mod rows;

use std::ops::Range;
use std::sync::Arc;

use egui::{
    CursorIcon, EventFilter, Id, Key, Popup, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use super::explained::note;
use super::keyboard::nested;
use super::rows::rows_of;
use super::{Explanation, IconButton, copy::copy, explanation, paint, roving, row_menu};
use crate::base::json::Json;
use crate::gui::language::t;
use crate::gui::theme::{Icon, TokensExt as _, icons, size};
use rows::Rows;

pub use rows::members;

const ROW: f32 = 22.0;
const INDENT: f32 = 16.0;
/// The buttons of a row.
const BUTTONS: f32 = 74.0;

/// A tree over a document.
pub struct JsonTree<'a> {
    name: &'a str,
    json: &'a Json,
    revision: u64,
    explain: Option<ExplainMember<'a>>,
    menu: Option<(Icon, &'a str, Contents<'a>)>,
    is_marked: Option<Marked<'a>>,
}

/// What a member means, by its name and its value.
type ExplainMember<'a> = &'a dyn Fn(&str, &Json) -> Option<Explanation>;

/// Whether a member has a mark, by the names that lead to it.
type Marked<'a> = &'a dyn Fn(&[String]) -> bool;

/// What is in the menu of a member, by the names that lead to it.
type Contents<'a> = &'a mut dyn FnMut(&mut Ui, &[String]);

#[derive(Clone)]
struct State {
    rows: Arc<Rows>,
    at: usize,
    offset: f32,
    height: f32,
    /// The row whose buttons the Tab key leads to: the one that has the keyboard, or one of whose buttons has it.
    held: Option<usize>,
}

impl<'a> JsonTree<'a> {
    /// `name` says what the document is: `response body`.
    pub const fn new(name: &'a str, json: &'a Json) -> Self {
        Self { name, json, revision: 0, explain: None, menu: None, is_marked: None }
    }

    /// Another number for another document in the same place, so that what was open in one does not
    /// stay open in the other.
    #[must_use]
    pub const fn revision(mut self, revision: u64) -> Self {
        self.revision = revision;
        self
    }

    /// What each member means.
    #[must_use]
    pub const fn explained(mut self, explain: ExplainMember<'a>) -> Self {
        self.explain = Some(explain);
        self
    }

    /// A menu for each member that names lead to; `verb` comes before its own: `Expect`.
    #[must_use]
    pub fn menu(mut self, icon: Icon, verb: &'a str, contents: Contents<'a>) -> Self {
        self.menu = Some((icon, verb, contents));
        self
    }

    /// Which members are marked with the icon of the menu, also while nothing is on them.
    #[must_use]
    pub const fn marked(mut self, is_marked: &'a dyn Fn(&[String]) -> bool) -> Self {
        self.is_marked = Some(is_marked);
        self
    }

    /// Draws the tree into the room there is.
    pub fn show(mut self, ui: &mut Ui) -> Response {
        let base = ui.make_persistent_id((self.name, self.revision));
        let stored = ui.data(|data| data.get_temp::<State>(base)).filter(|state| state.rows.fits(self.json));
        let mut state = stored.unwrap_or_else(|| State {
            rows: Arc::new(Rows::new(self.json)),
            at: 0,
            offset: 0.0,
            height: 0.0,
            held: None,
        });
        let target = self.steer(ui, base, &mut state);
        let mut scroll = ScrollArea::vertical().id_salt(base).auto_shrink([false, true]);
        if target {
            let height = if state.height > 0.0 { state.height } else { ui.available_height() };
            let offset = roving::scrolled_to(state.offset, height, state.at as f32 * ROW, ROW);
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let rows = Arc::clone(&state.rows);
        let shown = ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let content = |ui: &mut Ui, range: Range<usize>| {
                let (_, area) = ui.allocate_space(vec2(ui.available_width(), range.len() as f32 * ROW));
                let first = range.start;
                for index in roving::with_stop(range, state.at, rows.len()) {
                    let top = area.left_top() + vec2(0.0, roving::below(first, index, ROW));
                    let rect = Rect::from_min_size(top, vec2(area.width(), ROW));
                    self.row(ui, base, rect, index, &mut state);
                }
            };
            nested(ui, |ui| scroll.show_rows(ui, ROW, rows.len(), content))
        });
        let output = shown.inner;
        state.offset = output.state.clamped_offset().y;
        state.height = output.inner_rect.height();
        let count = state.rows.len();
        ui.data_mut(|data| data.insert_temp(base, state));
        ui.ctx().accesskit_node_builder(shown.response.id, |node| {
            node.set_role(Role::Tree);
            node.set_label(rows_of(self.name, count));
        });
        shown.response
    }

    /// Keys of the row that has the keyboard; `true` when another row is to be shown.
    fn steer(&self, ui: &Ui, base: Id, state: &mut State) -> bool {
        let both = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        if !roving::holds_keys(ui, base.with(state.at), both) {
            return false;
        }
        if ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy))) {
            self.copy_value(ui, &state.rows, state.at);
        }
        let (left, right) = ui.input(|input| (input.key_pressed(Key::ArrowLeft), input.key_pressed(Key::ArrowRight)));
        let open = state.rows.is_open(state.at);
        let next = if right && open {
            Some(state.at + 1).filter(|next| *next < state.rows.len())
        } else if left && !open {
            state.rows.parent(state.at)
        } else {
            if left || right {
                Arc::make_mut(&mut state.rows).toggle(self.json, state.at);
            }
            roving::step(ui, state.at, state.rows.len())
        };
        let Some(next) = next else { return false };
        state.at = next;
        ui.memory_mut(|memory| memory.request_focus(base.with(next)));
        true
    }

    fn row(&mut self, ui: &mut Ui, base: Id, rect: Rect, index: usize, state: &mut State) {
        let Some(value) = state.rows.value(self.json, index) else { return };
        let label = state.rows.label(self.json, index);
        let depth = state.rows.depth(index);
        let container = matches!(value, Json::Array(_) | Json::Object(_));
        let open = state.rows.is_open(index);
        let sense = if index == state.at { Sense::click() } else { Sense::CLICK };
        let response = ui.interact(rect, base.with(index), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, rows::spoken(&label, value)));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_level(depth + 1);
            node.set_selected(index == state.at);
            if container {
                node.set_expanded(open);
            }
        });
        let left = rect.left() + 6.0 + depth as f32 * INDENT;
        self.paint(ui, &response, left, &label, value, open);
        let is_held = self.row_buttons(ui, &response, (index, state.held == Some(index)), &state.rows);
        match is_held || response.has_focus() {
            true => state.held = Some(index),
            false => state.held = state.held.filter(|held| *held != index),
        }
        if response.clicked() {
            response.request_focus();
            state.at = index;
            if container {
                Arc::make_mut(&mut state.rows).toggle(self.json, index);
            }
        }
    }

    fn paint(&self, ui: &Ui, response: &Response, left: f32, label: &rows::Label, value: &Json, open: bool) {
        let tokens = ui.tokens();
        let rect = response.rect;
        if response.hovered() || ui.rect_contains_pointer(rect) {
            ui.painter().rect_filled(rect, 4, tokens.button_hover.gamma_multiply(0.6));
        }
        paint::focus_ring(ui, response, rect.shrink(2.0), 4);
        let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
        if matches!(value, Json::Array(_) | Json::Object(_)) {
            paint::icon(ui, pos2(left + 5.0, rect.center().y), caret, 12.0, tokens.dim);
        }
        let room = rect.right() - left - BUTTONS - 14.0;
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(rows::job(ui, label, value, open, room)));
        let elided = galley.elided;
        paint::text_left(ui.painter(), pos2(left + 14.0, rect.center().y), galley);
        let response = response.clone().on_hover_cursor(CursorIcon::PointingHand);
        let explain = || match label {
            rows::Label::Member(name) => self.explain.and_then(|explain| explain(name, value)),
            _ => None,
        };
        note(ui, rect, explain);
        if elided || (response.hovered() && explain().is_some()) {
            response.on_hover_ui(|ui| {
                if let Some(found) = explain() {
                    explanation(ui, &found);
                }
                if elided {
                    ui.label(rows::cut(&rows::plain(value), 2000));
                }
            });
        }
    }

    /// Menu, copy value and path, while the pointer or the keyboard is on the row. Whether one of them has the keyboard.
    fn row_buttons(&mut self, ui: &mut Ui, row: &Response, (index, is_held): (usize, bool), rows: &Rows) -> bool {
        let place = Rect::from_min_max(pos2(row.rect.right() - BUTTONS, row.rect.top()), row.rect.max);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("buttons", index)).layout(*ui.layout()));
        inner.set_clip_rect(ui.clip_rect().intersect(place));
        let is_open = Popup::is_any_open(ui.ctx());
        let hot = ui.rect_contains_pointer(row.rect) || row.has_focus() || is_held;
        // The row whose menu is open is drawn on; which one it is, its button knows.
        match (hot, is_open) {
            (true, _) => {}
            (false, false) => {
                if let (true, Some((icon, ..))) = (self.is_marked(index, rows), &self.menu) {
                    paint::icon(ui, place.left_center() + vec2(11.0, 0.0), *icon, 14.0, ui.tokens().accent);
                }
                return false;
            }
            (false, true) => inner.set_opacity(0.0),
        }
        let shown = inner.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let has_menu = self.menu_of(ui, row, index, rows);
            let value = ui.add(IconButton::new(icons::COPY, t!("Copy value")).small());
            if value.clicked() {
                self.copy_value(ui, rows, index);
            }
            let path = ui.add(IconButton::new(icons::TREE_STRUCTURE, t!("Copy path")).small());
            if path.clicked() {
                copy(ui.ctx(), t!("path"), rows.path(self.json, index));
            }
            has_menu || value.has_focus() || path.has_focus()
        });
        shown.inner
    }

    /// The menu of a member; a space where it has none. Whether its button has the keyboard.
    fn menu_of(&mut self, ui: &mut Ui, row: &Response, index: usize, rows: &Rows) -> bool {
        let names = rows.names(self.json, index);
        let (_, place) = ui.allocate_space(vec2(22.0, 22.0));
        let (Some((icon, verb, contents)), Some(names)) = (&mut self.menu, names) else { return false };
        let name = t!("{verb} {name}", verb, name = names.last().map_or("", String::as_str));
        let is_marked = self.is_marked.is_some_and(|is_marked| is_marked(&names));
        row_menu(ui, row, place, (*icon, &name, is_marked), |ui| contents(ui, &names)).has_focus()
    }

    fn is_marked(&self, index: usize, rows: &Rows) -> bool {
        let names = self.is_marked.and_then(|is_marked| Some((is_marked, rows.names(self.json, index)?)));
        names.is_some_and(|(is_marked, names)| is_marked(&names))
    }

    fn copy_value(&self, ui: &Ui, rows: &Rows, index: usize) {
        let Some(value) = rows.value(self.json, index) else { return };
        copy(ui.ctx(), &rows.label(self.json, index).name(), rows::plain(value));
    }
}

/// The height at which a tree of this many rows does not scroll.
pub fn height(rows: usize) -> f32 {
    rows as f32 * ROW + size::SPACE
}
