//! The runs of this session, above the settings: which one is shown, and a way to the others.

use egui::{ComboBox, Ui};

use super::Commands;
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{CompareCommand, Exported, IdentityCommand, Model};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, group_head, paint};

/// The picker, and what is done with the run as a whole; nothing where there is one run alone that has not begun.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.others.is_empty() && model.run.is_fresh() {
        return;
    }
    group_head(ui, t!("Run"));
    if !model.others.is_empty() {
        picker(ui, model, out);
    }
    if model.run.flow.is_recorded() {
        ui.label(text::dim(t!(
            "Read from a file and judged anew. Nothing can be sent from it; Start over begins with its settings."
        )));
    }
    if !model.run.is_fresh() {
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| acts(ui, model, out));
    }
    ui.add_space(size::SPACE);
}

fn acts(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if !model.run.flow.is_recorded() {
        save(ui, out);
    }
    let export = Button::secondary(t!("Export...")).icon(icons::EXPORT).small();
    if ui.add(export).on_hover_text(t!("As a report, a page, a HAR file, a diagram or a program")).clicked() {
        out.push(Command::AskExport(Exported::Run(model.run.id)));
    }
    let compare = Button::secondary(t!("Compare with...")).small();
    if ui.add(compare).on_hover_text(t!("With another run of this session, of the history, or with a file")).clicked() {
        out.push(Command::Compare(CompareCommand::With(model.run.id)));
    }
    if model.run.can_sign_in() {
        two_users(ui, out);
    }
}

/// The same run as somebody else.
pub fn two_users(ui: &mut Ui, out: &mut Commands) {
    let two = Button::secondary(t!("Run as two users...")).small();
    if ui.add(two).on_hover_text(t!("Twice to the end, each with cookies of its own, and compared")).clicked() {
        out.push(Command::Identities(IdentityCommand::Ask));
    }
}

fn save(ui: &mut Ui, out: &mut Commands) {
    Button::secondary(t!("Save run")).small().menu(ui, |ui| {
        if ui.button(t!("Save run...")).clicked() {
            out.push(Command::SaveRun(false));
        }
        if ui.button(t!("Save run with its secrets...")).clicked() {
            out.push(Command::SaveRun(true));
        }
    });
}

fn picker(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let shown = ComboBox::from_id_salt("runs")
        .selected_text(model.run.title())
        .width(ui.available_width())
        .icon(|ui, rect, _, _| paint::icon(ui, rect.center(), icons::CARET_DOWN, 12.0, ui.tokens().dim))
        .truncate()
        .show_ui(ui, |ui| {
            for (at, run) in model.runs().into_iter().enumerate() {
                let is_shown = run.id == model.run.id;
                let number = model.others.len() + 1 - at;
                let words = format!("{} ({number})", run.title());
                if ui.selectable_label(is_shown, words).clicked() && !is_shown {
                    out.push(Command::ShowRun(run.id));
                    // One that is chosen by a key closes the list, too.
                    ui.close();
                }
            }
        });
    let name = shown.response.id;
    ui.ctx().accesskit_node_builder(name, |node| node.set_label(t!("Run")));
}
