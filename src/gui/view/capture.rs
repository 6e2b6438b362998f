//! A recording that somebody else made: its logins, and the one that is looked at as a run that is read only.

use egui::{Align, Label, Layout, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::{Commands, between, entries, flow_tab};
use crate::base::text::visible;
use crate::capture::login::{Login, Outcome};
use crate::gui::clock_time;
use crate::gui::command::Command;
use crate::gui::model::{CaptureCommand, CaptureModel, CaptureSide, Model, Standing};
use crate::gui::opened::Recording;
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{
    Banner, Button, Caption, EmptyState, Field, RowList, Tab as TabItem, TabRow, Tone, badge, card_frame, group_head,
    separator,
};

/// The list of logins.
const LOGINS: f32 = 272.0;
/// The same where there is little room.
const FEW_LOGINS: f32 = 220.0;
/// Below this width there is.
const TIGHT: f32 = 1100.0;
const ROW: f32 = 74.0;
/// The names of the halves.
const SIDES: f32 = 300.0;
/// What stands above the list.
const HEAD: f32 = 44.0;
/// So many remarks on a file are shown.
const NOTES: usize = 3;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    head(ui, model, out);
    if model.capture.side == CaptureSide::Between {
        return between::show(ui, model, out);
    }
    let capture = &model.capture;
    if let Some(recording) = &capture.file.recording {
        remarks(ui, recording);
    }
    if let Some(error) = &capture.error {
        ui.add_space(4.0);
        Banner::new(Tone::Error, "That is nothing that can be opened.").text(&visible(error)).show(ui);
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

pub(super) fn push(out: &mut Commands, command: CaptureCommand) {
    out.push(Command::Capture(command));
}

/// The halves of the tab, and what can be done in the one that is shown.
fn head(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let line = vec2(ui.available_width(), size::BUTTON);
    ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
        match model.capture.side {
            CaptureSide::Recording if model.capture.file.recording.is_some() => {
                if ui.add(Button::secondary("Open another...").icon(icons::FOLDER_OPEN)).clicked() {
                    out.push(Command::OpenRecording);
                }
            }
            CaptureSide::Recording => {}
            CaptureSide::Between => between::acts(ui, model, out),
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let mut standing = TabItem::new(CaptureSide::Between, "Stand between");
            if model.capture.between.standing == Standing::On {
                standing = standing.badge(Tone::Ok, "on");
            }
            let sides = [TabItem::new(CaptureSide::Recording, "From a recording"), standing];
            ui.allocate_ui(vec2(SIDES.min(ui.available_width()), size::BUTTON), |ui| {
                ui.set_max_width(SIDES);
                if let Some(side) = TabRow::new("Capture", &sides).compact().show(ui, model.capture.side) {
                    push(out, CaptureCommand::Side(side));
                }
            });
            if let (CaptureSide::Recording, Some(recording)) = (model.capture.side, &model.capture.file.recording) {
                ui.label(text::mono(visible(&model.capture.file.name)).color(ui.tokens().strong));
                let words = recording.clean(&recording.capture.recorder.line());
                ui.add(Label::new(text::dim(&words)).truncate()).on_hover_text(&words);
            }
        });
    });
}

fn nothing(ui: &mut Ui, capture: &CaptureModel, out: &mut Commands) {
    EmptyState::new(icons::FILE_TEXT, "No recording yet")
        .text("Open or drop a HAR file or a SAML-tracer export of an app's login. Its logins are found, and what is wrong with each is said. Nothing is sent.")
        .show(ui);
    ui.add_space(12.0);
    ui.vertical_centered(|ui| {
        ui.set_max_width(560.0);
        if ui.add(Button::primary("Open a recording...").icon(icons::FOLDER_OPEN)).clicked() {
            out.push(Command::OpenRecording);
        }
        ui.add_space(16.0);
        let mut typed = capture.text.clone();
        Field::new(Caption::new("Or paste a cURL command")).placeholder("curl https://...").show(ui, &mut typed);
        if typed != capture.text {
            push(out, CaptureCommand::Edit(typed.clone()));
        }
        ui.add_space(4.0);
        ui.add_enabled_ui(!typed.trim().is_empty(), |ui| {
            if ui.add(Button::secondary("Read it")).clicked() {
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
        let what = if unreadable == 1 { "1 entry cannot be read" } else { "entries cannot be read" };
        let count = if unreadable == 1 { String::new() } else { format!("{unreadable} ") };
        format!("{count}{what}: entry {at}, {why}")
    });
    let notes = &recording.capture.notes;
    let more = notes.len().saturating_sub(NOTES);
    let more = (more > 0).then(|| format!("{more} more remarks on this file"));
    for note in notes.iter().take(NOTES).cloned().chain(more).chain(unreadable) {
        let words = recording.clean(&note);
        ui.add(Label::new(text::note(&words)).truncate()).on_hover_text(&words);
    }
}

fn no_login(ui: &mut Ui, recording: &Recording) {
    let count = recording.capture.entries.len();
    let words = match count {
        0 => "There is no entry in it that can be read.".to_owned(),
        1 => "One entry is in it, and no message of a login.".to_owned(),
        count => format!("{count} entries are in it, and no message of a login among them."),
    };
    EmptyState::new(icons::MAGNIFYING_GLASS, "No login is in it").text(&words).show(ui);
}

/// The logins with what belongs to them below, and beside them the one that is looked at.
pub(super) fn logins(
    ui: &mut Ui,
    model: &Model,
    recording: &Recording,
    out: &mut Commands,
    lower: impl FnOnce(&mut Ui, &mut Commands),
    right: impl FnOnce(&mut Ui, &mut Commands),
) {
    let room = ui.available_rect_before_wrap();
    let width = if room.width() < TIGHT { FEW_LOGINS } else { LOGINS };
    let middle = room.left() + width;
    let left = Rect::from_min_max(room.min, pos2(middle, room.bottom()));
    let count = recording.order.len() as f32;
    let listed = (HEAD + count * ROW).min(left.height() * 0.6);
    let split = left.top() + listed;
    part(ui, left.with_max_y(split), |ui| list(ui, model, recording, out));
    part(ui, left.with_min_y(split + 10.0), |ui| lower(ui, out));
    let beside = Rect::from_min_max(pos2(middle + 10.0, room.top()), room.max);
    let builder = UiBuilder::new().max_rect(beside).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(beside.expand(2.0).intersect(ui.clip_rect()));
        right(ui, out);
    });
}

/// The login that is looked at, or entries of it as they were recorded.
pub(super) fn login_or_entries(ui: &mut Ui, model: &Model, out: &mut Commands) {
    match model.capture.run() == Some(model.run.id) {
        _ if !model.capture.taken().entries.is_empty() => entries::show(ui, &model.capture.taken().entries, out),
        true => flow_tab::show(ui, model, out),
        false => drop(ui.label(text::dim("It is being read."))),
    }
}

fn part(ui: &mut Ui, room: Rect, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.expand(2.0).intersect(ui.clip_rect()));
        card_frame(ui).inner_margin(0).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.spacing_mut().item_spacing.y = 0.0;
            content(ui);
        });
    });
}

fn list(ui: &mut Ui, model: &Model, recording: &Recording, out: &mut Commands) {
    let logins = &recording.capture.logins;
    egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.horizontal(|ui| {
            let count = logins.len();
            ui.label(text::strong(if count == 1 { "1 login".to_owned() } else { format!("{count} logins") }));
            let of = format!("{} of {} entries", recording.used, recording.capture.entries.len());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Label::new(text::note(of)).truncate());
            });
        });
    });
    separator(ui);
    let at = |row: usize| recording.order[row];
    let selected = model.capture.taken().selected.and_then(|login| recording.order.iter().position(|at| *at == login));
    let rows = RowList::new("logins", recording.order.len(), selected).row_height(ROW);
    let chosen = rows.show(
        ui,
        |row| spoken(recording, &logins[at(row)]),
        |ui, row| {
            login(ui, recording, at(row));
        },
    );
    if let Some(row) = chosen {
        push(out, CaptureCommand::Show(at(row)));
    }
}

/// A login in words, as a screen reader says it.
fn spoken(recording: &Recording, login: &Login) -> String {
    let said = login.finding.as_ref().map(|found| format!(", {}", recording.clean(&found.say))).unwrap_or_default();
    format!("{}, {}: {}{said}", client(recording, login), about(recording, login), login.said())
}

fn client(recording: &Recording, login: &Login) -> String {
    login.client_id.as_deref().map_or_else(|| "a login without a client_id".to_owned(), |it| recording.clean(it))
}

fn about(recording: &Recording, login: &Login) -> String {
    let grant = login.grant.map_or("unknown grant", |grant| grant.title());
    let issuer = login.issuer.as_deref().unwrap_or_default();
    let host = url::Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.or_else(|| (!issuer.is_empty()).then(|| recording.clean(issuer)));
    host.map_or_else(|| grant.to_owned(), |host| format!("{grant}, {host}"))
}

fn login(ui: &mut Ui, recording: &Recording, at: usize) {
    let login = &recording.capture.logins[at];
    let first = login.stages.iter().flat_map(|stage| &stage.entries).min();
    let began = first.and_then(|entry| recording.capture.entries[*entry].started);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            let time = if began.is_some() { 62.0 } else { 0.0 };
            let room = (ui.available_width() - time).max(40.0);
            ui.allocate_ui(vec2(room, 18.0), |ui| {
                ui.set_width(room);
                ui.add(Label::new(text::strong(client(recording, login))).truncate().selectable(false));
            });
            if let Some(began) = began {
                ui.add(Label::new(text::mono(clock_time(began)).color(ui.tokens().dim)).selectable(false));
            }
        });
        ui.add(Label::new(text::note(about(recording, login))).truncate().selectable(false));
        let (tone, words) = match (&login.finding, login.outcome) {
            (Some(found), _) => (Tone::Error, short(found.rule.id)),
            (None, Outcome::SignedIn) => (Tone::Ok, login.said().to_owned()),
            (None, Outcome::LeftOpen) => (Tone::Neutral, login.said().to_owned()),
            (None, _) => (Tone::Warn, login.said().to_owned()),
        };
        badge(ui, tone, &words);
    });
}

/// `capture.redirect_loop` as people read it: `redirect loop`.
fn short(rule: &str) -> String {
    rule.rsplit('.').next().unwrap_or(rule).replace('_', " ")
}

/// What the recording cannot tell of the login that is looked at.
fn missing(ui: &mut Ui, model: &Model, recording: &Recording) {
    let Some(login) = model.capture.taken().selected.and_then(|at| recording.capture.logins.get(at)) else { return };
    ScrollArea::vertical().id_salt("not in the recording").auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 10)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            group_head(ui, "Not in the recording");
            if login.not_in_the_recording.is_empty() {
                ui.label(text::dim("Nothing that this login needs."));
            }
            for lacks in &login.not_in_the_recording {
                ui.add(Label::new(recording.clean(lacks)).wrap());
            }
            ui.add_space(8.0);
            group_head(ui, "Entries");
            for stage in &login.stages {
                let numbers: Vec<String> =
                    stage.entries.iter().map(|at| recording.capture.entries[*at].index.to_string()).collect();
                let numbers = crate::base::text::elided(&numbers.join(", "), 40).into_owned();
                ui.horizontal_wrapped(|ui| {
                    ui.label(text::small(stage.name.slug().replace('_', " ")));
                    ui.label(text::note(numbers));
                });
            }
        });
    });
}
