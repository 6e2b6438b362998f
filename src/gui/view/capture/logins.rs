//! The logins that were found, and the one that is looked at.

use egui::{Align, Label, Layout, Rect, Ui, pos2, vec2};

use super::super::{Commands, flow_tab};
use super::{entries, push};
use crate::base::text::counted;
use crate::capture::login::{Login, Outcome};
use crate::gui::clock_time;
use crate::gui::language::{said, t};
use crate::gui::model::{CaptureCommand, Model};
use crate::gui::opened::{Recording, outcome};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::{RowList, Tone, badge, card_in, in_room, separator};

/// The list of logins.
const LOGINS: f32 = 272.0;
/// The same where there is little room.
const FEW_LOGINS: f32 = 220.0;
/// Below this width there is.
const TIGHT: f32 = 1100.0;
const ROW: f32 = 74.0;
/// What stands above the list.
const HEAD: f32 = 44.0;

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
    card_in(ui, "logins", left.with_max_y(split), |ui| list(ui, model, recording, out));
    card_in(ui, "below", left.with_min_y(split + 10.0), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        lower(ui, out);
    });
    let beside = Rect::from_min_max(pos2(middle + 10.0, room.top()), room.max);
    in_room(ui, "beside", beside, |ui| right(ui, out));
}

/// The login that is looked at, or entries of it as they were recorded.
pub(super) fn login_or_entries(ui: &mut Ui, model: &Model, out: &mut Commands) {
    match model.capture.run() == Some(model.run.id) {
        _ if !model.capture.taken().entries.is_empty() => entries::show(ui, &model.capture.taken().entries, out),
        true => flow_tab::show(ui, model, out),
        false => drop(ui.label(text::dim(t!("It is being read.")))),
    }
}

fn list(ui: &mut Ui, model: &Model, recording: &Recording, out: &mut Commands) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let logins = &recording.capture.logins;
    egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(text::strong(counted(logins.len(), t!("login"), t!("logins"))));
            let entries = counted(recording.capture.entries.len(), t!("entry"), t!("entries"));
            let of = t!("{used} used of {entries}", used = recording.used, entries);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Label::new(text::note(of)).truncate());
            });
        });
    });
    separator(ui);
    let at = |row: usize| recording.order[row];
    let selected = model.capture.taken().selected.and_then(|login| recording.order.iter().position(|at| *at == login));
    let rows = RowList::new(t!("logins"), recording.order.len(), selected).row_height(ROW);
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
    login.client_id.as_deref().map_or_else(|| t!("a login without a client_id").to_owned(), |it| recording.clean(it))
}

fn about(recording: &Recording, login: &Login) -> String {
    let grant = login.grant.map_or(t!("unknown grant"), |grant| said(grant.title()));
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
        let tone = match (&login.finding, login.outcome) {
            (Some(_), _) => Tone::Error,
            (None, Outcome::SignedIn) => Tone::Ok,
            (None, Outcome::LeftOpen) => Tone::Neutral,
            (None, _) => Tone::Warn,
        };
        badge(ui, tone, &outcome(login));
    });
}
