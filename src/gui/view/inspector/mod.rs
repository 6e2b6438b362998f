//! One message, from all sides, with its lesson beside it.

mod beside;
mod checks;
mod decoded;
mod plain;
mod request;
mod response;
mod seals;

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use egui::{Align, Id, Layout, Rect, ScrollArea, Ui, UiBuilder, pos2};

use super::{Commands, lesson, redirect, tokens, told};
use crate::base::check::{Tally, Verdict};
use crate::base::http::HttpResponse;
use crate::base::text::visible;
use crate::client::settings::{FIELDS, Slot};
use crate::flow::trace::Exchange;
use crate::flow::{Next, Problem};
use crate::gui::backend::LARGE;
use crate::gui::command::Command;
use crate::gui::language::{saw, sentence, t};
use crate::gui::model::{InspectorTab, Model, Target};
use crate::gui::shown::{Shown, ShownKey};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::{
    Banner, Button, Caption, Field, SecretField, Tab, TabRow, Toggle, Tone, card_frame, markup, nested, region,
};
use crate::terms::metadata::Endpoint;

/// Below this width the lesson stands under the message.
const SIDE_BY_SIDE: f32 = 640.0;

/// The inspector fills the room there is.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    region(ui, t!("Message"), |ui| sides(ui, model, out));
}

fn sides(ui: &mut Ui, model: &Model, out: &mut Commands) {
    card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        ui.spacing_mut().item_spacing.y = 0.0;
        head(ui, model, out);
        let room = ui.available_rect_before_wrap();
        if room.width() < SIDE_BY_SIDE {
            return column(ui, ("message", model.run.shown(), model.run.inspector), room, |ui| {
                message(ui, model, out);
                ui.add_space(size::SPACE);
                teach(ui, model);
            });
        }
        let middle = room.left() + (room.width() * 0.65).round();
        let left = Rect::from_min_max(room.min, pos2(middle, room.bottom()));
        let right = Rect::from_min_max(pos2(middle, room.top()), room.max);
        column(ui, ("message", model.run.shown(), model.run.inspector), left, |ui| message(ui, model, out));
        column(ui, ("lesson", model.run.shown()), right, |ui| teach(ui, model));
        let line = egui::Stroke::new(1.0, ui.tokens().line);
        ui.painter().vline(middle, room.y_range(), line);
    });
}

/// What costs time is made once for what is looked at and not in every frame. In each place only the newest is kept.
pub fn once<T: Send + Sync + 'static>(
    ui: &Ui,
    place: &str,
    key: impl Hash + Debug,
    make: impl FnOnce() -> T,
) -> Arc<T> {
    let (id, key) = (Id::unique(("made once", place)), Id::unique(key));
    let known: Option<(Id, Arc<T>)> = ui.data(|data| data.get_temp(id));
    if let Some((_, made)) = known.filter(|(of, _)| *of == key) {
        return made;
    }
    let made = Arc::new(make());
    ui.data_mut(|data| data.insert_temp(id, (key, Arc::clone(&made))));
    made
}

/// The shown form of a response, made once and not in every frame; of a large one `None` until it is made elsewhere.
fn shown(
    ui: &Ui,
    model: &Model,
    exchange: &Exchange,
    response: &HttpResponse,
    out: &mut Commands,
) -> Option<(ShownKey, Arc<Shown>)> {
    let key = ShownKey::of(exchange, response, model.mask(), model.run.flow.trace.exchanges.len());
    if response.body.len() < LARGE {
        return Some((key, once(ui, "response", key, || Shown::of(response, model.mask()))));
    }
    match &model.shown {
        Some((asked, made)) if *asked == key => made.as_ref().map(|made| (key, Arc::clone(made))),
        _ => {
            out.push(Command::Show(key, Box::new(response.clone())));
            None
        }
    }
}

/// A column that scrolls for itself; `id` changes with the message, so that each begins at its top.
fn column(ui: &mut Ui, id: impl Hash + Copy + Debug, room: Rect, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().id_salt(id).max_rect(room).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.intersect(ui.clip_rect()));
        let area = ScrollArea::vertical().id_salt(id).auto_shrink(false);
        nested(ui, |ui| area.show(ui, |ui| padded(ui, content)));
    });
}

fn padded(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    egui::Frame::new().inner_margin(egui::Margin { left: 14, right: 14, top: 8, bottom: 12 }).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = size::SPACE;
        content(ui);
    });
}

fn head(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tally = Tally::of(model.run.shown_checks());
    let mut checks = Tab::new(InspectorTab::Checks, t!("Checks"));
    for (verdict, tone) in [(Verdict::Fail, Tone::Error), (Verdict::Warn, Tone::Warn)] {
        if tally.count(verdict) > 0 {
            checks = checks.badge(tone, tally.count(verdict).to_string());
            break;
        }
    }
    let tabs = [
        Tab::new(InspectorTab::Request, t!("Request")),
        Tab::new(InspectorTab::Response, t!("Response")),
        Tab::new(InspectorTab::Tokens, t!("Tokens")),
        checks,
        Tab::new(InspectorTab::Curl, "cURL"),
        Tab::new(InspectorTab::Raw, t!("Raw")),
    ];
    ui.horizontal(|ui| {
        let reveal_width = 150.0;
        let width = (ui.available_width() - reveal_width).max(200.0);
        ui.allocate_ui(egui::vec2(width, size::TAB_ROW - 4.0), |ui| {
            if let Some(tab) = TabRow::new(t!("Inspector"), &tabs).compact().show(ui, model.run.inspector) {
                out.push(Command::Inspect(tab));
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(10.0);
            let mut reveal = model.mask().is_off();
            if Toggle::new(t!("Show secrets")).show(ui, &mut reveal).changed() {
                out.push(Command::RevealSecrets(reveal));
            }
        });
    });
    crate::gui::widgets::separator(ui);
}

fn message(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if let (Next::Stopped(problem), true) = (&model.run.next, shows_last(model)) {
        if matches!(model.run.inspector, InspectorTab::Request | InspectorTab::Response) {
            came(ui, model, problem);
            to_try(ui, model, problem);
        }
        if model.run.flow.can_wait_again() {
            redirect::after_wait(ui, model, out);
        }
    }
    if let Next::Missing(missing) = &model.run.next
        && model.run.shown() == Target::Prepared
    {
        let is = if missing.is_filled_in { t!("cannot be used as it is") } else { t!("is needed") };
        let title = format!("{} {is}", missing.field);
        Banner::new(Tone::Warn, &title).text(&missing.to_string()).show(ui);
        ui.add_space(size::SPACE);
        if !model.shows_settings() {
            fill_in(ui, model, missing.field, out);
        }
        if missing.field == PRIVATE_KEY {
            own_key(ui, out);
        }
    }
    match model.run.inspector {
        InspectorTab::Request => request::show(ui, model, out),
        InspectorTab::Response => response::show(ui, model, out),
        InspectorTab::Tokens => tokens::show(ui, model, out),
        InspectorTab::Checks => checks::show(ui, model, out),
        InspectorTab::Curl => plain::curl(ui, model, out),
        InspectorTab::Raw => plain::raw(ui, model, out),
    }
}

/// The setting itself, where the panel with all of them is not in sight.
pub(super) fn fill_in(ui: &mut Ui, model: &Model, name: &'static str, out: &mut Commands) {
    let mut settings = model.run.flow.settings.clone();
    if FIELDS.iter().all(|field| field.name != name) && Endpoint::find(name).is_none() {
        return;
    }
    let present = settings.text(name).unwrap_or_default();
    let slot = FIELDS.iter().find(|field| field.name == name).map(|field| (field.slot)(&mut settings));
    let mut typed = model.run.filling.clone();
    let field = match slot {
        Some(Slot::Secret(_)) => SecretField::new(Caption::new(name)).show(ui, &mut typed),
        _ => Field::new(Caption::new(name)).placeholder(&present).show(ui, typed.expose_mut()),
    };
    let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if typed.expose() != model.run.filling.expose() {
        out.push(Command::EditFilling(typed.clone()));
    }
    let is_typed = !typed.expose().is_empty();
    let pressed =
        ui.add_enabled_ui(is_typed, |ui| ui.add(Button::secondary(t!("Use this value")).small()).clicked()).inner;
    if pressed || (enter && is_typed) {
        out.push(Command::FillIn(name));
    }
    ui.add_space(size::SPACE);
}

/// What a client signs with, and may not have yet.
const PRIVATE_KEY: &str = "private_key";

/// A key that is lacking is made or read.
fn own_key(ui: &mut Ui, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        if ui.add(Button::secondary(t!("Make a key here")).small()).clicked() {
            out.push(Command::MakeKey);
        }
        if ui.add(Button::secondary(t!("Read a key from a file")).small()).clicked() {
            out.push(Command::AskKeyFile(PRIVATE_KEY));
        }
    });
    ui.add_space(size::SPACE);
}

fn shows_last(model: &Model) -> bool {
    let last = model.run.flow.trace.exchanges.len().checked_sub(1);
    match model.run.shown() {
        Target::Request(at) | Target::Trip(at) | Target::Answer(at) => Some(at) == last,
        Target::Prepared | Target::Polls | Target::Step(_) => true,
    }
}

/// What stopped the run, as far as the sentence above does not say it.
fn came(ui: &mut Ui, model: &Model, problem: &Problem) {
    folded(ui, t!("What was sent and came"), |ui| {
        let sent = Some(&problem.sent).filter(|sent| !sent.is_empty()).map(|sent| t!("Sent: {sent}", sent));
        for line in sent.into_iter().chain([t!("Came: {came}", came = sentence(&problem.came))]) {
            ui.add(egui::Label::new(text::small(visible(&model.mask().words(&line)))).wrap());
        }
    });
}

/// The first of it stands above, as the next step.
fn to_try(ui: &mut Ui, model: &Model, problem: &Problem) {
    let Some((_, others)) = problem.advice.split_first().filter(|(_, others)| !others.is_empty()) else { return };
    folded(ui, t!("What else to try"), |ui| {
        for advice in others {
            ui.horizontal_top(|ui| {
                ui.label(text::dim("•"));
                ui.add(egui::Label::new(visible(&model.mask().words(&sentence(advice)))).wrap());
            });
        }
    });
}

fn folded(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    egui::CollapsingHeader::new(text::small(title)).id_salt(title).show_unindented(ui, content);
}

fn teach(ui: &mut Ui, model: &Model) {
    beside::show(ui, model);
    let steps = model.run.flow.steps();
    if let Some(view) = steps.get(model.run.shown_step()) {
        markup(ui, lesson::text(view.step.lesson));
    }
    for check in model.run.shown_checks().iter().filter(|check| check.verdict <= Verdict::Note) {
        let saw = check.actual.as_ref().map(|_| format!("{} ({})", saw(check), check.rule.spec)).unwrap_or_default();
        ui.add_space(size::SPACE);
        Banner::new(check.verdict.into(), &model.mask().words(&told(check))).text(&model.mask().words(&saw)).show(ui);
    }
}
