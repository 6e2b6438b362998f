//! Small parts that all views of lessons are made of.

use egui::{Label, Rect, RichText, Ui, UiBuilder, pos2, vec2};

use crate::base::text::visible;
use crate::gui::widgets::markup_line;

/// A title in one line, which screen readers jump to.
pub fn heading(ui: &mut Ui, words: RichText) {
    let said = words.text().to_owned();
    let response = ui.add(Label::new(words).truncate());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(egui::Role::Heading);
        node.set_label(said);
    });
}

/// A line of Markdown that stands alone.
pub fn line(ui: &mut Ui, words: &str) {
    markup_line(ui, &visible(words));
}

/// Two columns beside each other, which share the width so.
pub fn columns(ui: &mut Ui, shares: [f32; 2], mut content: impl FnMut(&mut Ui, usize)) {
    const GAP: f32 = 10.0;
    let room = ui.available_rect_before_wrap();
    let (mut left, mut bottom) = (room.left(), room.top());
    for (at, share) in shares.into_iter().enumerate() {
        let width = (room.width() - GAP) * share;
        let place = Rect::from_min_size(pos2(left, room.top()), vec2(width, room.height()));
        let mut column = ui.new_child(UiBuilder::new().id_salt(("column", at)).max_rect(place));
        column.set_max_width(width);
        content(&mut column, at);
        bottom = f32::max(bottom, column.min_rect().bottom());
        left += width + GAP;
    }
    ui.allocate_space(vec2(room.width(), bottom - room.top()));
}
