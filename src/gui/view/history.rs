//! The runs that are kept: a list to search, and what can be done with the one that is selected.

use egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Ui, pos2, vec2};

use super::{Commands, compare};
use crate::base::text::{counted, visible};
use crate::base::time::Timestamp;
use crate::gui::command::Command;
use crate::gui::compared::Half;
use crate::gui::language::t;
use crate::gui::model::{CompareCommand, Exported, HistoryCommand, HistoryModel, Model};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{
    Banner, Button, Caption, EmptyState, Field, IconButton, RowList, Toggle, Tone, badge, card_in, ends_in_row, nested,
    separator,
};
use crate::gui::{calendar_day, clock_time};
use crate::io::history::{Entry, Limits, MEGABYTE};

/// Below this width what is done with a run stands under the list.
const SIDE_BY_SIDE: f32 = 860.0;
const DETAIL: f32 = 320.0;
/// Below this width the list needs more of it.
const TIGHT: f32 = 1000.0;
const NARROW_DETAIL: f32 = 250.0;

/// Below this width the list has the columns that tell runs apart.
const FEW_COLUMNS: f32 = 520.0;

/// Between two columns.
const GAP: f32 = 10.0;
/// How high the row above the list is.
const HEAD: f32 = 50.0;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if let Some(compare) = &model.compare {
        return compare::show(ui, model, compare, out);
    }
    head(ui, model, out);
    ui.add_space(size::SPACE);
    if let Some(error) = &model.history.error {
        Banner::new(Tone::Error, t!("That did not work.")).text(error).show(ui);
        ui.add_space(size::SPACE);
    }
    if model.history.entries.is_empty() {
        let state = EmptyState::new(icons::ARROW_COUNTER_CLOCKWISE, t!("No runs yet")).text(nothing(model));
        if state.action(t!("Run the flow")).show(ui) {
            out.push(Command::RunToEnd);
        }
        return;
    }
    let room = ui.available_rect_before_wrap();
    if room.width() < SIDE_BY_SIDE {
        let middle = room.bottom() - 190.0;
        card_in(ui, "list", Rect::from_min_max(room.min, pos2(room.right(), middle - 10.0)), |ui| list(ui, model, out));
        card_in(ui, "detail", Rect::from_min_max(pos2(room.left(), middle), room.max), |ui| detail(ui, model, out));
        return;
    }
    let middle = room.right() - if room.width() < TIGHT { NARROW_DETAIL } else { DETAIL };
    card_in(ui, "list", Rect::from_min_max(room.min, pos2(middle - 12.0, room.bottom())), |ui| list(ui, model, out));
    card_in(ui, "detail", Rect::from_min_max(pos2(middle, room.top()), room.max), |ui| detail(ui, model, out));
}

fn nothing(model: &Model) -> &'static str {
    match model.history.is_off {
        true => {
            t!(
                "Runs are not kept. Switch that on, and each run from then on is written here as it goes, without secrets."
            )
        }
        false => {
            t!(
                "Each run is kept here as it goes, without its secrets: to read it, to begin it anew, to hold it against another."
            )
        }
    }
}

fn head(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let history = &model.history;
    let mut search = history.search.clone();
    let field = |ui: &mut Ui| {
        let wide = ui.available_width().clamp(180.0, 420.0);
        ui.allocate_ui(vec2(wide, HEAD), |ui| {
            Field::new(Caption::new(t!("Search")))
                .placeholder(t!("grant, provider, outcome, rule"))
                .show(ui, &mut search);
        });
    };
    ends_in_row(ui, HEAD, field, |ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        ui.label(text::dim(counted(history.found.len(), t!("run"), t!("runs"))));
        limits(ui, history.limits, out);
        let mut keep = !history.is_off;
        if Toggle::new(t!("Keep runs")).show(ui, &mut keep).changed() {
            push(out, HistoryCommand::Keep(keep));
        }
        let delete = Button::secondary(t!("Delete all...")).icon(icons::TRASH);
        if ui.add_enabled(!history.entries.is_empty(), delete).clicked() {
            push(out, HistoryCommand::AskDeleteAll);
        }
    });
    if search != history.search {
        push(out, HistoryCommand::Search(search));
    }
}

/// How many runs are kept, from few to many.
const CHOICES: [Limits; 3] = [
    Limits { runs: 1_000, bytes: 50 * MEGABYTE },
    Limits { runs: 10_000, bytes: 500 * MEGABYTE },
    Limits { runs: 100_000, bytes: 5_000 * MEGABYTE },
];

fn limits(ui: &mut Ui, now: Limits, out: &mut Commands) {
    let words = |limits: Limits| t!("{runs} runs or {bytes} MB", runs = limits.runs, bytes = limits.bytes / MEGABYTE);
    Button::secondary(&t!("At most {now}", now = words(now))).menu(ui, |ui| {
        for choice in CHOICES {
            if ui.selectable_label(choice == now, words(choice)).clicked() && choice != now {
                push(out, HistoryCommand::Limit(choice));
                ui.close();
            }
        }
    });
}

fn push(out: &mut Commands, command: HistoryCommand) {
    out.push(Command::History(command));
}

fn list(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let history = &model.history;
    titles(ui);
    let at = |row: usize| &history.entries[history.found[row]];
    let selected = history.selected.as_ref().and_then(|id| (0..history.found.len()).find(|row| at(*row).id == *id));
    let rows = RowList::new(t!("runs"), history.found.len(), selected).row_height(38.0);
    let chosen = rows.show(ui, |row| label(at(row)), |ui, index| row(ui, model, at(index)));
    if let Some(row) = chosen {
        push(out, HistoryCommand::Select(at(row).id.clone()));
    }
}

/// The widths of the columns; the last one takes what is left. Where there is little room some are left out.
fn columns(width: f32) -> [f32; 5] {
    let [when, outcome, requests] = [92.0, 96.0, 76.0];
    if width < FEW_COLUMNS {
        return [when, (width - when - outcome - 2.0 * GAP).max(60.0), 0.0, outcome, 0.0];
    }
    let rest = (width - when - outcome - requests).max(200.0);
    [when, rest * 0.34, rest * 0.28, outcome, requests]
}

/// What each column is.
fn titles(ui: &mut Ui) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 30.0));
    let line = egui::Stroke::new(1.0, ui.tokens().line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let mut x = rect.left() + size::SPACE * 1.5;
    let inside = rect.width() - 2.0 * size::SPACE * 1.5;
    let words = [t!("When"), t!("Run"), t!("Provider"), t!("Outcome"), t!("Requests"), t!("First finding")];
    let rest = if inside < FEW_COLUMNS { 0.0 } else { f32::INFINITY };
    for (title, width) in words.into_iter().zip(columns(inside).into_iter().chain([rest])) {
        if width == 0.0 {
            continue;
        }
        let font = egui::FontId::proportional(12.0);
        ui.painter().text(pos2(x, rect.center().y), egui::Align2::LEFT_CENTER, title, font, ui.tokens().dim);
        x += width + GAP;
    }
}

/// A run in words, as a screen reader says it.
fn label(entry: &Entry) -> String {
    let pinned = if entry.pinned { t!(", pinned") } else { "" };
    let finding = entry.finding.as_deref().map(|finding| format!(", {finding}")).unwrap_or_default();
    format!("{}, {}: {}{finding}{pinned}", HistoryModel::title(entry), provider(entry), HistoryModel::outcome(entry))
}

fn provider(entry: &Entry) -> String {
    visible(&entry.provider).into_owned()
}

fn row(ui: &mut Ui, model: &Model, entry: &Entry) {
    let tokens = ui.tokens();
    let line = |words: RichText| Label::new(words).truncate().selectable(false);
    ui.spacing_mut().item_spacing.x = GAP;
    let width = ui.available_width();
    let [at, name, server, outcome, requests] = columns(width);
    let mut cell = |width: f32, content: &mut dyn FnMut(&mut Ui)| {
        if width == 0.0 {
            return;
        }
        let layout = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(vec2(width, 38.0), layout, |ui| {
            ui.set_width(width);
            content(ui);
        });
    };
    cell(at, &mut |ui| drop(ui.add(line(text::mono(when(model.now, entry)).color(tokens.dim)))));
    cell(name, &mut |ui| {
        if entry.pinned {
            ui.label(icons::PUSH_PIN.text(13.0).color(tokens.accent));
        }
        if let Some(half) = chosen_as(model, entry) {
            ui.label(text::mono(half.letter()).color(tokens.accent));
        }
        ui.add(line(text::strong(HistoryModel::title(entry))));
    });
    cell(server, &mut |ui| drop(ui.add(line(text::dim(provider(entry))))));
    cell(outcome, &mut |ui| drop(badge(ui, tone(entry), HistoryModel::outcome(entry))));
    cell(requests, &mut |ui| drop(ui.add(line(text::dim(entry.exchanges.to_string())))));
    if let Some(finding) = entry.finding.as_ref().filter(|_| width >= FEW_COLUMNS) {
        ui.add(line(text::mono(visible(finding)).color(tokens.dim)));
    }
}

/// Which of two to compare it is.
fn chosen_as(model: &Model, entry: &Entry) -> Option<Half> {
    let at = model.history.picked.iter().position(|id| *id == entry.id)?;
    Half::ALL.get(at).copied()
}

fn tone(entry: &Entry) -> Tone {
    match (entry.outcome.as_str(), &entry.finding) {
        ("success", None) => Tone::Ok,
        ("success", Some(_)) if entry.is_warning => Tone::Warn,
        ("incomplete", _) => Tone::Neutral,
        ("refused", _) => Tone::Warn,
        _ => Tone::Error,
    }
}

/// Today by the time, else by the day.
fn when(now: Timestamp, entry: &Entry) -> String {
    let began = Timestamp::from_millis(entry.began_at);
    match calendar_day(began) == calendar_day(now) {
        true => clock_time(began),
        false => calendar_day(began),
    }
}

fn detail(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let area = ScrollArea::vertical().id_salt("run").auto_shrink(false);
    nested(ui, |ui| area.show(ui, |ui| about(ui, model, out)));
}

fn about(ui: &mut Ui, model: &Model, out: &mut Commands) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(14, 12)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let Some(entry) = model.history.selected() else {
            ui.label(text::dim(t!("Select a run to open it, to begin it anew, to name, pin or delete it.")));
            return;
        };
        ui.horizontal_wrapped(|ui| {
            ui.label(text::title(HistoryModel::title(entry)));
            badge(ui, tone(entry), HistoryModel::outcome(entry));
        });
        facts(ui, entry);
        ui.add_space(size::SPACE);
        acts(ui, entry, out);
        separator(ui);
        ui.add_space(size::SPACE);
        rename(ui, model, entry, out);
        ui.add_space(size::SPACE);
        separator(ui);
        ui.add_space(size::SPACE);
        to_compare(ui, model, entry, out);
    });
}

/// The run as one of two.
fn to_compare(ui: &mut Ui, model: &Model, entry: &Entry, out: &mut Commands) {
    let picked = &model.history.picked;
    let mut is_picked = picked.contains(&entry.id);
    if Toggle::new(t!("Select to compare")).show(ui, &mut is_picked).changed() {
        out.push(Command::Compare(CompareCommand::Pick(entry.id.clone())));
    }
    for (half, id) in Half::ALL.into_iter().zip(picked) {
        let title = model.history.entry(id).map(|entry| model.title_of_kept(entry)).unwrap_or_default();
        ui.add(Label::new(text::note(format!("{}  {title}", half.letter()))).truncate());
    }
    if picked.len() == 1 {
        ui.label(text::note(t!("Select another run of the list.")));
    }
    ui.add_space(4.0);
    ui.add_enabled_ui(picked.len() == 2, |ui| {
        if ui.add(Button::secondary(t!("Compare"))).clicked() {
            out.push(Command::Compare(CompareCommand::Begin));
        }
    });
}

fn facts(ui: &mut Ui, entry: &Entry) {
    let requests = counted(entry.exchanges, t!("request"), t!("requests"));
    let began = Timestamp::from_millis(entry.began_at);
    ui.label(text::dim(format!("{}, {}", HistoryModel::grant(&entry.grant), provider(entry))));
    ui.label(text::dim(format!("{} {}", calendar_day(began), clock_time(began))));
    ui.label(text::dim(t!("{requests}, {kilobytes} KB", requests, kilobytes = entry.bytes.div_ceil(1024))));
    if let Some(finding) = &entry.finding {
        ui.label(text::mono(visible(finding)));
    }
}

fn acts(ui: &mut Ui, entry: &Entry, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        if ui
            .add(Button::primary(t!("Open")))
            .on_hover_text(t!("Read it, judged anew. Nothing can be sent from it"))
            .clicked()
        {
            push(out, HistoryCommand::Open(entry.id.clone()));
        }
        let again = Button::secondary(t!("Run again")).icon(icons::ARROWS_CLOCKWISE);
        if ui.add(again).on_hover_text(t!("A new run with its settings; secrets are filled in anew")).clicked() {
            push(out, HistoryCommand::RunAgain(entry.id.clone()));
        }
        let export = Button::secondary(t!("Export...")).icon(icons::EXPORT);
        if ui.add(export).on_hover_text(t!("As a report, a page, a HAR file, a diagram or a program")).clicked() {
            out.push(Command::AskExport(Exported::Kept(entry.id.clone())));
        }
        let pin = if entry.pinned { t!("Unpin") } else { t!("Pin") };
        if ui.add(IconButton::new(icons::PUSH_PIN, pin).framed()).clicked() {
            push(out, HistoryCommand::Pin(entry.id.clone(), !entry.pinned));
        }
        if ui.add(IconButton::new(icons::TRASH, t!("Delete")).framed()).clicked() {
            push(out, HistoryCommand::Delete(entry.id.clone()));
        }
    });
    ui.add_space(size::SPACE);
}

fn rename(ui: &mut Ui, model: &Model, entry: &Entry, out: &mut Commands) {
    let mut name = model.history.name.clone();
    Field::new(Caption::new(t!("Name"))).show(ui, &mut name);
    if name != model.history.name {
        push(out, HistoryCommand::Name(name));
    }
    ui.add_space(4.0);
    ui.add_enabled_ui(model.history.name.trim() != entry.name, |ui| {
        if ui.add(Button::secondary(t!("Rename")).small()).clicked() {
            push(out, HistoryCommand::Rename);
        }
    });
}
