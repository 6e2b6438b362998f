//! Copying a value that is no secret, and saying so.

use egui::{Context, Response, Ui};

use super::toasts::toast;
use super::{IconButton, Tone};
use crate::gui::theme::icons;

/// Puts `value` on the clipboard and says so: `Copied client_id`.
///
/// Not for secrets: those go through the application, which keeps them out of clipboard histories.
pub fn copy(ctx: &Context, name: &str, value: impl Into<String>) {
    ctx.copy_text(value.into());
    toast(ctx, Tone::Ok, format!("Copied {name}"));
}

/// A small button `Copy <name>` that copies `value` when clicked.
pub fn copy_button(ui: &mut Ui, name: &str, value: &str) -> Response {
    let response = ui.add(IconButton::new(icons::COPY, &format!("Copy {name}")).small());
    if response.clicked() {
        copy(ui.ctx(), name, value);
    }
    response
}
