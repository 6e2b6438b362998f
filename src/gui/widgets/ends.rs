//! A row with something at both ends, which the Tab key goes through from left to right, as it is read.

use egui::{Align, Id, Layout, Rect, Ui, UiBuilder, pos2, vec2};

/// The same in a row of its own, of this height. What has no room beside each other stands below each other.
pub fn ends_in_row<L, R>(
    ui: &mut Ui,
    height: f32,
    left: impl FnOnce(&mut Ui) -> L,
    right: impl FnOnce(&mut Ui) -> R,
) -> (L, R) {
    let row = vec2(ui.available_width(), height);
    let in_row = Layout::left_to_right(Align::Center);
    ui.scope(|ui| {
        let known = ui.unique_id().with("stacked");
        let stacked: Option<Stacked> = ui.data(|data| data.get_temp(known)).flatten();
        let Some(before) = stacked.filter(|stacked| stacked.width == row.x) else {
            let shown = ui.allocate_ui_with_layout(row, in_row, |ui| {
                ui.set_min_height(height);
                ends_where_they_fit(ui, left, right)
            });
            let (fits, left, right) = shown.inner;
            if !fits {
                stack(ui, known, Some(Stacked { width: row.x, seen: None }));
            }
            return (left, right);
        };
        let first = ui.allocate_ui_with_layout(row, in_row, |ui| {
            ui.set_min_height(height);
            ui.scope(left)
        });
        let second = ui.horizontal_wrapped(|ui| ui.scope(right));
        let widths = [first.inner.response.rect.width(), second.inner.response.rect.width()].map(f32::round);
        match before.seen {
            None => drop(ui.data_mut(|data| data.insert_temp(known, Some(Stacked { seen: Some(widths), ..before })))),
            // What says something else may have room beside each other.
            Some(seen) if seen != widths => stack(ui, known, None),
            Some(_) => {}
        }
        (first.inner.inner, second.inner.inner)
    })
    .inner
}

/// That both ends stand below each other.
#[derive(Clone, Copy, PartialEq)]
struct Stacked {
    /// In so much room.
    width: f32,
    /// What they take there.
    seen: Option<[f32; 2]>,
}

fn stack(ui: &Ui, known: Id, stacked: Option<Stacked>) {
    ui.data_mut(|data| data.insert_temp(known, stacked));
    ui.ctx().request_discard("ends");
    ui.ctx().request_repaint();
}

/// Draws both ends. The right one takes what it needs, by the last frame, and the left one has the rest.
pub fn ends<L, R>(ui: &mut Ui, left: impl FnOnce(&mut Ui) -> L, right: impl FnOnce(&mut Ui) -> R) -> (L, R) {
    let (_, left, right) = ends_where_they_fit(ui, left, right);
    (left, right)
}

/// The same, and whether there is room for both. As long as that is not known it is said that there is.
fn ends_where_they_fit<L, R>(
    ui: &mut Ui,
    left: impl FnOnce(&mut Ui) -> L,
    right: impl FnOnce(&mut Ui) -> R,
) -> (bool, L, R) {
    let known = ui.unique_id().with("end");
    let width: f32 = ui.data(|data| data.get_temp(known)).unwrap_or_default();
    let room = ui.available_rect_before_wrap();
    let middle = (room.right() - width).max(room.left());
    let end = |salt: u8, rect: Rect| {
        UiBuilder::new().id_salt(salt).max_rect(rect).layout(Layout::left_to_right(Align::Center))
    };
    let before = room.with_max_x((middle - ui.spacing().item_spacing.x).max(room.left()));
    let first = ui.scope_builder(end(0, before), left);
    // What shortens its words when there is little room is to say how much it needs.
    let after = Rect::from_min_max(pos2(middle, room.top()), pos2(middle + room.width(), room.bottom()));
    let second = ui.scope_builder(end(1, after), right);
    let needed = second.response.rect.width();
    let is_settled = (needed - width).abs() <= 0.5;
    if !is_settled {
        ui.data_mut(|data| data.insert_temp(known, needed));
        ui.ctx().request_discard("ends");
        ui.ctx().request_repaint();
    }
    let fits = first.response.rect.right() <= before.right() + 0.5 && needed <= room.width() + 0.5;
    (fits || !is_settled, first.inner, second.inner)
}
