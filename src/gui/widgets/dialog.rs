//! A modal frame: a title, Esc closes, the first field has the keyboard, the opener gets it back.

use egui::{Id, Response, Ui};

fn first_focus_id() -> Id {
    Id::unique("dialog wants focus")
}

/// Called by fields: the first one in a dialog that has just opened takes the keyboard.
pub(super) fn take_first_focus(ui: &Ui, response: &Response) {
    let layer = ui.layer_id();
    let wanted = ui.data(|data| data.get_temp(first_focus_id())) == Some(layer);
    if wanted {
        response.request_focus();
        ui.data_mut(|data| data.remove::<egui::LayerId>(first_focus_id()));
    }
}
