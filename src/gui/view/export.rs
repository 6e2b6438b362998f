//! The dialog for documents of a run: what it can be written as, into a file or onto the clipboard.

use egui::{Align, Context, Layout, Ui, vec2};

use super::Commands;
use crate::gui::command::Command;
use crate::gui::document::{Goes, is_pasted};
use crate::gui::language::{said, t};
use crate::gui::model::{ExportDialog, Exported};
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::dialog::Dialog;
use crate::gui::widgets::{Button, IconButton, Toggle, Tone, group_head};
use crate::report::Format;

/// Room for two columns.
const WIDTH: f32 = 600.0;
/// With less than this there is one.
const TWO_COLUMNS: f32 = 520.0;

/// The dialog.
pub fn show(ctx: &Context, export: &ExportDialog, out: &mut Commands) {
    let response = Dialog::new(t!("Export the run")).width(WIDTH).show(ctx, |ui| {
        secrets(ui, export, out);
        ui.add_space(12.0);
        let (programs, documents): (Vec<Format>, Vec<Format>) =
            Format::ALL.into_iter().partition(|format| matches!(format, Format::Code(_)));
        let halves = [(t!("Documents"), documents), (t!("Token request as a program"), programs)];
        let mut half = |ui: &mut Ui, (title, formats): (&str, Vec<Format>)| {
            group_head(ui, title);
            ui.add_space(4.0);
            formats.into_iter().for_each(|format| row(ui, export, format, out));
        };
        if ui.available_width() < TWO_COLUMNS {
            return halves.into_iter().for_each(|formats| half(ui, formats));
        }
        ui.columns(2, |columns| {
            columns.iter_mut().zip(halves).for_each(|(ui, formats)| half(ui, formats));
        });
    });
    if response.closed {
        out.push(Command::CloseDialog);
    }
}

/// A choice of its own, off again each time.
fn secrets(ui: &mut Ui, export: &ExportDialog, out: &mut Commands) {
    if let Exported::Kept(_) = export.run {
        ui.label(text::dim(t!("This run was kept without its secrets; they are in none of these.")));
        return;
    }
    let mut stay = export.with_secrets;
    if Toggle::new(t!("With secrets")).tone(Tone::Warn).show(ui, &mut stay).changed() {
        out.push(Command::ExportSecrets(stay));
    }
    ui.label(text::note(match export.with_secrets {
        false => t!("Secrets are left out: what stands in the place of one is the same wherever the same secret was."),
        true => t!("Tokens, codes and passwords stay in this one document, which says so. Keep it like a password."),
    }));
}

/// One of them: its title writes the file, the button behind it copies what is pasted.
fn row(ui: &mut Ui, export: &ExportDialog, format: Format, out: &mut Commands) {
    let mut push = |goes| out.push(Command::Export(export.run.clone(), format, goes));
    let line = vec2(ui.available_width(), size::BUTTON);
    ui.allocate_ui_with_layout(line, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if ui.add(Button::quiet(said(format.title()))).on_hover_text(t!("Write a file")).clicked() {
            push(Goes::ToFile);
        }
        if is_pasted(format)
            && ui.add(IconButton::new(icons::COPY, &t!("Copy {title}", title = said(format.title())))).clicked()
        {
            push(Goes::ToClipboard);
        }
    });
}
