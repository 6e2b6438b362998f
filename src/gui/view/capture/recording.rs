//! What was opened: the recording, its remarks, and what it cannot tell.

use egui::{Label, ScrollArea, Ui};

use super::super::Commands;
use super::logins::{login_or_entries, logins};
use super::push;
use crate::base::text::{counted, elided, visible};
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{CaptureCommand, CaptureModel, Model};
use crate::gui::opened::Recording;
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::{Banner, Button, Caption, EmptyState, Field, Tone, group_head, nested};

/// So many remarks on a file are shown.
const NOTES: usize = 3;

/// The half of the tab.
pub(super) fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let capture = &model.capture;
    if let Some(recording) = &capture.file.recording {
        remarks(ui, recording);
    }
    if let Some(error) = &capture.error {
        ui.add_space(4.0);
        Banner::new(Tone::Error, t!("That is nothing that can be opened.")).text(&visible(error)).show(ui);
    }
    ui.add_space(size::SPACE);
    match &capture.file.recording {
        None => nothing(ui, capture, out),
        Some(recording) if recording.capture.logins.is_empty() => no_login(ui, recording),
        Some(recording) => {
            let lower = |ui: &mut Ui, _: &mut Commands| missing(ui, model, recording);
            logins(ui, model, recording, out, lower, |ui, out| login_or_entries(ui, model, out));
        }
    }
}

fn nothing(ui: &mut Ui, capture: &CaptureModel, out: &mut Commands) {
    let area = ScrollArea::vertical().id_salt("no recording").auto_shrink(false);
    nested(ui, |ui| area.show(ui, |ui| ways_in(ui, capture, out)));
}

fn ways_in(ui: &mut Ui, capture: &CaptureModel, out: &mut Commands) {
    EmptyState::new(icons::FILE_TEXT, t!("No recording yet"))
        .text(t!("Open or drop a HAR file or a SAML-tracer export of an app's login. Its logins are found, and what is wrong with each is said. Nothing is sent."))
        .show(ui);
    ui.add_space(12.0);
    ui.vertical_centered(|ui| {
        ui.set_max_width(560.0);
        if ui.add(Button::primary(t!("Open a recording...")).icon(icons::FOLDER_OPEN)).clicked() {
            out.push(Command::OpenRecording);
        }
        ui.add_space(16.0);
        let mut typed = capture.text.clone();
        Field::new(Caption::new(t!("Or paste a cURL command"))).placeholder("curl https://...").show(ui, &mut typed);
        if typed != capture.text {
            push(out, CaptureCommand::Edit(typed.clone()));
        }
        ui.add_space(4.0);
        ui.add_enabled_ui(!typed.trim().is_empty(), |ui| {
            if ui.add(Button::secondary(t!("Read it"))).clicked() {
                push(out, CaptureCommand::Read);
            }
        });
    });
}

/// What is to be said of a file.
fn remarks(ui: &mut Ui, recording: &Recording) {
    let unreadable = recording.capture.unreadable.len();
    let unreadable = (unreadable > 0).then(|| {
        let (at, why) = &recording.capture.unreadable[0];
        let count = counted(unreadable, t!("entry cannot be read"), t!("entries cannot be read"));
        t!("{count}: entry {at}, {why}", count, at, why)
    });
    let notes = &recording.capture.notes;
    let more = notes.len().saturating_sub(NOTES);
    let more = (more > 0).then(|| counted(more, t!("more remark on this file"), t!("more remarks on this file")));
    for note in notes.iter().take(NOTES).cloned().chain(more).chain(unreadable) {
        let words = recording.clean(&note);
        ui.add(Label::new(text::note(&words)).truncate()).on_hover_text(&words);
    }
}

fn no_login(ui: &mut Ui, recording: &Recording) {
    let count = recording.capture.entries.len();
    let words = match count {
        0 => t!("There is no entry in it that can be read.").to_owned(),
        1 => t!("One entry is in it, and no message of a login.").to_owned(),
        count => t!("{count} entries are in it, and no message of a login among them.", count),
    };
    EmptyState::new(icons::MAGNIFYING_GLASS, t!("No login is in it")).text(&words).show(ui);
}

/// What the recording cannot tell of the login that is looked at.
fn missing(ui: &mut Ui, model: &Model, recording: &Recording) {
    let Some(login) = model.capture.taken().selected.and_then(|at| recording.capture.logins.get(at)) else { return };
    ScrollArea::vertical().id_salt("not in the recording").auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 10)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            group_head(ui, t!("Not in the recording"));
            if login.not_in_the_recording.is_empty() {
                ui.label(text::dim(t!("Nothing that this login needs.")));
            }
            for lacks in &login.not_in_the_recording {
                ui.add(Label::new(recording.clean(lacks)).wrap());
            }
            ui.add_space(8.0);
            group_head(ui, t!("Entries"));
            for stage in &login.stages {
                let numbers: Vec<String> =
                    stage.entries.iter().map(|at| recording.capture.entries[*at].index.to_string()).collect();
                let word = if numbers.len() == 1 { t!("entry") } else { t!("entries") };
                let numbers = elided(&numbers.join(", "), 40).into_owned();
                ui.horizontal_wrapped(|ui| {
                    ui.label(text::small(stage.name.slug().replace('_', " ")));
                    ui.label(text::note(format!("{word} {numbers}")));
                });
            }
        });
    });
}
