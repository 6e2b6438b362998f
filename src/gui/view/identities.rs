//! The dialog that asks for two users.

use egui::Context;

use super::Commands;
use crate::gui::command::Command;
use crate::gui::language::{said, t, words};
use crate::gui::model::{IdentityCommand, TwoUsers, USER_A};
use crate::gui::theme::{size, text};
use crate::gui::widgets::dialog::Dialog;
use crate::gui::widgets::{Button, Caption, Field, Tone};

const ABOUT: &str = words!(
    "The present settings run twice to the end, once as each user, and both runs are compared. The program signs in for both, each time with cookies of its own."
);

/// The dialog.
pub fn show(ctx: &Context, users: &TwoUsers, out: &mut Commands) {
    let mut edited = users.clone();
    let response = Dialog::new(t!("Run as two users")).show(ctx, |ui| {
        ui.label(text::dim(said(ABOUT)));
        ui.add_space(size::SPACE);
        let mut enter =
            Field::new(Caption::new(said(USER_A))).placeholder("alice").show(ui, &mut edited.a).lost_focus();
        ui.add_space(size::SPACE);
        let mut caption = Caption::new(t!("User B"));
        if edited.a.trim() == edited.b.trim() {
            caption = caption.note(Tone::Note, t!("The same user twice has nothing to compare."));
        }
        enter |= Field::new(caption).placeholder("bob").show(ui, &mut edited.b).lost_focus();
        ui.add_space(12.0);
        enter &= ui.input(|input| input.key_pressed(egui::Key::Enter));
        let begin = Button::primary(t!("Run as both"));
        let clicked = ui.add_enabled_ui(edited.are_two(), |ui| ui.add(begin).clicked()).inner;
        edited.are_two() && (clicked || enter)
    });
    if edited != *users {
        out.push(Command::Identities(IdentityCommand::Edit(edited)));
    }
    if response.inner {
        out.push(Command::Identities(IdentityCommand::Begin));
    } else if response.closed {
        out.push(Command::CloseDialog);
    }
}
