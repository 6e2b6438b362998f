//! The menu of a row: on the pointer's second button anywhere in the row, and on a button of its own for the keyboard.

use egui::{Popup, Rect, Response, Ui, UiBuilder};

use super::IconButton;
use crate::gui::theme::Icon;

/// What is in the menu of a row, by the row's number.
pub type RowContents<'a> = &'a mut dyn FnMut(&mut Ui, usize);

/// Draws the button at `place` of a row. It shows while the pointer is on the row, the keyboard on the button or the menu
/// open. `name` says what the menu is for: `Expect aud`.
pub fn row_menu(
    ui: &mut Ui,
    row: &Response,
    place: Rect,
    (icon, name): (Icon, &str),
    mut contents: impl FnMut(&mut Ui),
) -> Response {
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt("menu"));
    let id = inner.next_auto_id();
    let is_open = Popup::is_id_open(ui.ctx(), id.with("popup"));
    let is_hot = is_open || ui.rect_contains_pointer(row.rect) || ui.memory(|memory| memory.has_focus(id));
    if !is_hot {
        inner.set_opacity(0.0);
    }
    let button = inner.add(IconButton::new(icon, name).small());
    Popup::menu(&button).show(&mut contents);
    row.container_context_menu(contents);
    button
}
