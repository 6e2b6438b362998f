//! Copying a value that is no secret, and saying so.

use egui::{Context, Rect, Response, Ui, UiBuilder};

use super::toasts::toast;
use super::{IconButton, Tone};
use crate::gui::language::t;
use crate::gui::theme::icons;

/// Puts `value` on the clipboard and says so: `Copied client_id`.
///
/// Not for secrets: those go through the application, which keeps them out of clipboard histories.
pub fn copy(ctx: &Context, name: &str, value: impl Into<String>) {
    ctx.copy_text(value.into());
    toast(ctx, Tone::Ok, t!("Copied {name}", name));
}

/// A small button `Copy <name>` that copies `value` when clicked.
pub fn copy_button(ui: &mut Ui, name: &str, value: &str) -> Response {
    let response = ui.add(IconButton::new(icons::COPY, &t!("Copy {name}", name)).small());
    if response.clicked() {
        copy(ui.ctx(), name, value);
    }
    response
}

/// The same at a place in a row, seen while the pointer is on the row or the keyboard on the button.
pub(super) fn copy_on_hover(ui: &mut Ui, row: Rect, place: Rect, name: &str, value: &str) {
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt("copy"));
    let id = inner.next_auto_id();
    let is_hot = ui.rect_contains_pointer(row) || ui.memory(|memory| memory.has_focus(id));
    if !is_hot {
        inner.set_opacity(0.0);
    }
    copy_button(&mut inner, name, value);
}
