//! A list of rows of which one is selected: checks, runs, tokens. One stop for the Tab key, arrow
//! keys inside, only rows in sight are drawn.

use std::ops::Range;

use egui::{
    CursorIcon, EventFilter, Id, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};

use super::keyboard::nested;
use super::roving;
use super::rows::rows_of;
use crate::gui::theme::{TokensExt as _, size};

/// A list of equally tall rows.
pub struct RowList<'a> {
    name: &'a str,
    count: usize,
    selected: Option<usize>,
    height: f32,
}

#[derive(Clone, Default)]
struct Seen {
    selected: Option<usize>,
    height: f32,
    offset: f32,
}

impl<'a> RowList<'a> {
    /// `name` says what the rows are: `checks`.
    pub const fn new(name: &'a str, count: usize, selected: Option<usize>) -> Self {
        Self { name, count, selected, height: 36.0 }
    }

    /// Another height of the rows.
    #[must_use]
    pub const fn row_height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// Draws the rows into the room there is. `label` is what a screen reader says of a row, `row`
    /// draws it. The index of a row that was selected by click or key.
    pub fn show(
        self,
        ui: &mut Ui,
        label: impl Fn(usize) -> String,
        mut row: impl FnMut(&mut Ui, usize),
    ) -> Option<usize> {
        let base = ui.make_persistent_id(("rows", self.name));
        let steered = self.steer(ui, base);
        let at = steered.or(self.selected);
        let seen: Seen = ui.data(|data| data.get_temp(base)).unwrap_or_default();
        let mut scroll = ScrollArea::vertical().id_salt(base).auto_shrink([false, true]);
        if let Some(index) = at.filter(|_| seen.selected != at) {
            let height = if seen.height > 0.0 { seen.height } else { ui.available_height() };
            let offset = roving::scrolled_to(seen.offset, height, index as f32 * self.height, self.height);
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let shown = ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let rows = |ui: &mut Ui, range: Range<usize>| {
                let (_, rows) = ui.allocate_space(vec2(ui.available_width(), range.len() as f32 * self.height));
                let (mut clicked, first) = (None, range.start);
                for index in roving::with_stop(range, at.unwrap_or(0), self.count) {
                    let top = rows.left_top() + vec2(0.0, roving::below(first, index, self.height));
                    let rect = Rect::from_min_size(top, vec2(rows.width(), self.height));
                    if self.row(ui, base, rect, index, at, &label, &mut row) {
                        clicked = Some(index);
                    }
                }
                clicked
            };
            nested(ui, |ui| scroll.show_rows(ui, self.height, self.count, rows))
        });
        ui.ctx().accesskit_node_builder(shown.response.id, |node| {
            node.set_role(Role::ListBox);
            node.set_label(rows_of(self.name, self.count));
        });
        let output = shown.inner;
        let seen = Seen { selected: at, height: output.inner_rect.height(), offset: output.state.clamped_offset().y };
        ui.data_mut(|data| data.insert_temp(base, seen));
        output.inner.or(steered)
    }

    fn steer(&self, ui: &Ui, base: Id) -> Option<usize> {
        let at = self.selected.unwrap_or(0);
        let arrows = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        if !roving::holds_keys(ui, base.with(at), arrows) {
            return None;
        }
        let index = roving::step(ui, at, self.count)?;
        ui.memory_mut(|memory| memory.request_focus(base.with(index)));
        Some(index)
    }

    #[expect(clippy::too_many_arguments, reason = "one row of `show`, taken out for its length")]
    fn row(
        &self,
        ui: &mut Ui,
        base: Id,
        rect: Rect,
        index: usize,
        at: Option<usize>,
        label: &impl Fn(usize) -> String,
        content: &mut impl FnMut(&mut Ui, usize),
    ) -> bool {
        let tokens = ui.tokens();
        let selected = at == Some(index);
        let sense = if at.unwrap_or(0) == index { Sense::click() } else { Sense::CLICK };
        let response = ui.interact(rect, base.with(index), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, ui.is_enabled(), label(index)));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(selected));
        if selected {
            ui.painter().rect_filled(rect, 0, tokens.selected);
            ui.painter().rect_filled(rect.with_max_x(rect.left() + 3.0), 0, tokens.accent);
        } else if response.hovered() || ui.rect_contains_pointer(rect) {
            ui.painter().rect_filled(rect, 0, tokens.button_hover.gamma_multiply(0.5));
        }
        ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.line.gamma_multiply(0.7)));
        let inside = rect.shrink2(vec2(size::SPACE * 1.5, 0.0));
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(inside).id_salt(index).layout(layout));
        inner.style_mut().interaction.selectable_labels = false;
        inner.shrink_clip_rect(rect);
        content(&mut inner, index);
        if response.has_focus() {
            ui.painter().rect_stroke(rect.shrink(1.0), 4, Stroke::new(1.5, tokens.accent), StrokeKind::Inside);
        }
        let clicked = response.clicked();
        if clicked {
            response.request_focus();
        }
        response.on_hover_cursor(CursorIcon::PointingHand);
        clicked
    }
}
