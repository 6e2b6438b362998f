//! Where the search of everything leads.

use crate::gui::backend::Backend;
use crate::gui::model::{Model, Tab};
use crate::lesson::{self, Lesson};

/// Shows the settings, and gives the keyboard to the one of this name.
pub fn go_to_setting(model: &mut Model, backend: &mut dyn Backend, name: &'static str) {
    super::go(model, backend, Tab::Grant(model.run.flow.grant));
    model.settings_open = Some(true);
    model.wants_keyboard = Some(name);
}

/// Opens a lesson: how it is run.
pub fn open_lesson(model: &mut Model, name: &str) {
    let title = lesson::find(name).and_then(|text| Lesson::parse(text).ok()).map(|lesson| lesson.title);
    if let Some(title) = title {
        model.notice = Some(format!("{title}: run it with grantscope lesson run {name}"));
    }
}
