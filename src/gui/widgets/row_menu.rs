//! The menu of a row: on the pointer's second button anywhere in the row, and on a button of its own for the keyboard.

use egui::{Id, InputState, Key, Modifiers, Popup, Rect, Response, Ui, UiBuilder};

use super::IconButton;
use crate::gui::language::t;
use crate::gui::theme::Icon;

/// What is in the menu of a row, by the row's number.
pub type RowContents<'a> = &'a mut dyn FnMut(&mut Ui, usize);

/// Draws the button at `place` of a row. It shows while the pointer is on the row, the keyboard on the button or the menu
/// open, and always where the row `is_marked`. `name` says what the menu is for: `Expect aud`.
pub fn row_menu(
    ui: &mut Ui,
    row: &Response,
    place: Rect,
    (icon, name, is_marked): (Icon, &str, bool),
    mut contents: impl FnMut(&mut Ui),
) -> Response {
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt("menu"));
    let id = inner.next_auto_id();
    let is_open = Popup::is_id_open(ui.ctx(), id.with("popup"));
    let is_hot = is_marked || is_open || ui.rect_contains_pointer(row.rect) || ui.memory(|memory| memory.has_focus(id));
    if !is_hot {
        inner.set_opacity(0.0);
    }
    let button = inner.add(IconButton::new(icon, name).small().on(is_marked));
    if is_marked {
        ui.ctx().accesskit_node_builder(button.id, |node| node.set_description(t!("expected")));
    }
    let is_asked = [row, &button].into_iter().any(Response::has_focus) && ui.input_mut(asks_for_menu);
    if is_asked {
        Popup::open_id(ui.ctx(), button.id.with("popup"));
    }
    menu_of(ui, &button, &mut contents);
    row.container_context_menu(contents);
    button
}

/// The keys that open a menu: the Menu key, and Shift+F10 where there is none.
fn asks_for_menu(input: &mut InputState) -> bool {
    input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
}

/// The menu of a button. What had the keyboard when it opened has it again once it was closed by a key.
pub fn menu_of(ui: &Ui, button: &Response, contents: impl FnOnce(&mut Ui)) {
    let (popup, opener) = (button.id.with("popup"), button.id.with("opener"));
    Popup::menu(button).show(contents);
    let is_open = Popup::is_id_open(ui.ctx(), popup);
    let opened_by: Option<Id> = ui.data(|data| data.get_temp(opener));
    match (is_open, opened_by) {
        (true, None) => {
            let by = ui.memory(|memory| memory.focused()).unwrap_or(button.id);
            ui.data_mut(|data| data.insert_temp(opener, by));
        }
        (false, Some(by)) => {
            ui.data_mut(|data| data.remove::<Id>(opener));
            // A click has its own place for the keyboard.
            if !ui.input(|input| input.pointer.any_click()) {
                ui.memory_mut(|memory| memory.request_focus(by));
            }
        }
        _ => {}
    }
}
