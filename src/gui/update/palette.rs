//! Where the search of everything leads.

use crate::gui::backend::Backend;
use crate::gui::model::{Model, Tab};

/// Shows the settings, and gives the keyboard to the one of this name.
pub fn go_to_setting(model: &mut Model, backend: &mut dyn Backend, name: &'static str) {
    super::go(model, backend, Tab::Grant(model.run.flow.grant));
    model.settings_open = Some(true);
    model.wants_keyboard = Some(name);
}
