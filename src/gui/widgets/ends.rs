//! A row with something at both ends, which the Tab key goes through from left to right, as it is read.

use egui::{Align, Layout, Rect, Ui, UiBuilder, pos2, vec2};

/// The same in a row of its own, of this height.
pub fn ends_in_row<L, R>(
    ui: &mut Ui,
    height: f32,
    left: impl FnOnce(&mut Ui) -> L,
    right: impl FnOnce(&mut Ui) -> R,
) -> (L, R) {
    let row = vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_height(height);
        ends(ui, left, right)
    })
    .inner
}

/// Draws both ends. The right one takes what it needs, by the last frame, and the left one has the rest.
pub fn ends<L, R>(ui: &mut Ui, left: impl FnOnce(&mut Ui) -> L, right: impl FnOnce(&mut Ui) -> R) -> (L, R) {
    let known = ui.unique_id().with("end");
    let width: f32 = ui.data(|data| data.get_temp(known)).unwrap_or_default();
    let room = ui.available_rect_before_wrap();
    let middle = (room.right() - width).max(room.left());
    let end = |salt: u8, rect: Rect| {
        UiBuilder::new().id_salt(salt).max_rect(rect).layout(Layout::left_to_right(Align::Center))
    };
    let before = room.with_max_x((middle - ui.spacing().item_spacing.x).max(room.left()));
    let first = ui.scope_builder(end(0, before), left).inner;
    // What shortens its words when there is little room is to say how much it needs.
    let after = Rect::from_min_max(pos2(middle, room.top()), pos2(middle + room.width(), room.bottom()));
    let second = ui.scope_builder(end(1, after), right);
    let needed = second.response.rect.width();
    if (needed - width).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(known, needed));
        ui.ctx().request_discard("ends");
        ui.ctx().request_repaint();
    }
    (first, second.inner)
}
