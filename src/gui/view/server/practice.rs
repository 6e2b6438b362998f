//! What the practice server was asked and answered, the newest on top; a row opens to why it decided so.

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, CursorIcon, Frame, Id, Label, Layout, Margin, Rect, Role, ScrollArea, Sense, Stroke, TextStyle, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{GAP, PAD, cell, flow, holdings, mark, panel, places, rule, short};
use crate::flow::trace::{Answer, Exchange};
use crate::gui::clock_time;
use crate::gui::command::Command;
use crate::gui::language::{said, sentence, t};
use crate::gui::model::{Model, ServerAct, Tab, Target};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::view::Commands;
use crate::gui::widgets::{Button, EmptyState, Tone, badge, card_frame, ends_in_row, rows_of};
use crate::practice::{Compared, Entry, Outcome, Reason};

const ROW: f32 = 32.0;
/// What an open row is taken to be high until it has been drawn.
const GUESS: f32 = 220.0;
/// Time, request, client, status; the rest is for the words.
const WIDTHS: [f32; 5] = [78.0, 190.0, 132.0, 46.0, f32::INFINITY];
/// Where there is no room for both, the words say whose it was.
const FEW_WIDTHS: [f32; 5] = [78.0, 150.0, 0.0, 46.0, f32::INFINITY];
/// Below this width.
const FEW: f32 = 600.0;

/// The log above, what is in force below.
pub fn show(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) {
    let below = (room.height() * 0.25).clamp(118.0, 200.0).round();
    let middle = room.bottom() - below;
    log(ui, room.with_max_y(middle - GAP), model, out);
    holdings::show(ui, room.with_min_y(middle), model, out);
}

fn log(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) {
    panel(ui, "log", room, |ui| {
        heads(ui);
        let entries = model.server.practice.as_ref().map(|seen| seen.log.as_slice()).unwrap_or_default();
        if entries.is_empty() {
            let state = EmptyState::new(icons::LIST, t!("No requests yet"))
                .text(t!("Each request to the practice server is listed here, with why it was answered as it was."));
            if state.action(t!("Run the flow")).show(ui) {
                out.push(Command::RunToEnd);
            }
            return;
        }
        let is_closed = model.server.open.is_some() && model.dialog.is_none() && escaped(ui);
        if is_closed {
            out.push(Command::Server(ServerAct::Open(None)));
        }
        let list = ui.scope(|ui| {
            let area = ScrollArea::vertical().id_salt("log").auto_shrink(false);
            area.show_viewport(ui, |ui, viewport| rows(ui, viewport, model, entries, out));
        });
        ui.ctx().accesskit_node_builder(list.response.id, |node| {
            node.set_role(Role::ListBox);
            node.set_label(rows_of(t!("requests"), entries.len()));
        });
    });
}

fn escaped(ui: &Ui) -> bool {
    !ui.ctx().text_edit_focused() && ui.input(|input| input.key_pressed(egui::Key::Escape))
}

fn widths(row: Rect) -> [f32; 5] {
    if row.width() < FEW { FEW_WIDTHS } else { WIDTHS }
}

fn heads(ui: &mut Ui) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 29.0));
    rule(ui, rect);
    for (place, words) in places(rect, widths(rect)).into_iter().zip([
        t!("Time"),
        t!("Request"),
        t!("Client"),
        t!("Status"),
        t!("In words"),
    ]) {
        cell(ui, place, |ui| short(ui, text::note(words)));
    }
}

/// Only rows in sight are drawn. All are equally high but for the open one, whose height is known from the last frame.
fn rows(ui: &mut Ui, viewport: Rect, model: &Model, entries: &[std::sync::Arc<Entry>], out: &mut Commands) {
    let open = model.server.open.and_then(|number| entries.iter().position(|entry| entry.number == number));
    let id = ui.scope_id().with(("why", model.server.open));
    let known = ui.data(|data| data.get_temp::<f32>(id));
    let extra = open.map_or(0.0, |_| known.unwrap_or(GUESS));
    let whole = entries.len() as f32 * ROW + extra;
    let (_, area) = ui.allocate_space(vec2(ui.available_width(), whole));
    for (at, entry) in entries.iter().enumerate() {
        let after_open = open.is_some_and(|open| open < at);
        let top = at as f32 * ROW + if after_open { extra } else { 0.0 };
        let height = ROW + if open == Some(at) { extra } else { 0.0 };
        if top > viewport.bottom() || top + height < viewport.top() {
            continue;
        }
        let place = Rect::from_min_size(area.min + vec2(0.0, top), vec2(area.width(), ROW));
        row(ui, place, entry, open == Some(at), out);
        if open == Some(at) {
            let below = Rect::from_min_size(place.left_bottom(), vec2(area.width(), extra));
            let height = why(ui, below, model, entry, out);
            remember_height(ui, id, known, height, below);
        }
    }
}

/// A height that has changed needs another frame; what has just opened comes into sight.
fn remember_height(ui: &Ui, id: Id, known: Option<f32>, height: f32, place: Rect) {
    if known.is_none_or(|known| (known - height).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, height));
        ui.ctx().request_repaint();
    }
    if known.is_none() {
        let place = Rect::from_min_size(place.min - vec2(0.0, ROW), vec2(place.width(), height + ROW));
        ui.scroll_to_rect(place, None);
    }
}

fn row(ui: &mut Ui, rect: Rect, entry: &Entry, is_open: bool, out: &mut Commands) {
    let response = ui.interact(rect, ui.scope_id().with(("entry", entry.number)), Sense::click());
    let client = entry.client_id.as_deref();
    let time = clock_time(entry.at);
    let request = format!("{} {}", entry.method, entry.path);
    response.widget_info(|| {
        let who = client.unwrap_or(t!("no client"));
        let name = format!("{time} {request}, {who}, {}: {}", entry.status, what(entry));
        WidgetInfo::selected(Role::ListBoxOption, true, is_open, name)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(is_open));
    let tokens = ui.tokens();
    if is_open {
        ui.painter().rect_filled(rect, 0, tokens.selected);
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 3.0), 0, tokens.accent);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0, tokens.button_hover.gamma_multiply(0.5));
    }
    rule(ui, rect);
    let [time_place, request_place, client_place, status_place, words_place] = places(rect, widths(rect));
    cell(ui, time_place, |ui| short(ui, text::mono(&time).color(tokens.dim)));
    cell(ui, request_place, |ui| short(ui, text::mono(&request).color(tokens.text)));
    let client = client.map_or(text::note(t!("none")), |client| text::mono(client).color(tokens.dim));
    cell(ui, client_place, |ui| short(ui, client));
    let tone = if entry.status < 400 { Tone::Ok } else { Tone::Error };
    let status = text::mono(entry.status.to_string()).text_style(text::mono_strong_style()).color(tone.ink(tokens));
    cell(ui, status_place, |ui| short(ui, status));
    cell(ui, words_place, |ui| short(ui, what(entry).into()));
    super::focus_ring(ui, &response, rect.shrink(1.0));
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        out.push(Command::Server(ServerAct::Open((!is_open).then_some(entry.number))));
    }
}

/// What happened, in one sentence.
fn what(entry: &Entry) -> String {
    entry.said.iter().map(|said| sentence(said)).collect::<Vec<_>>().join(", ")
}

/// The decisions behind an answer; how high they are.
fn why(ui: &mut Ui, room: Rect, model: &Model, entry: &Entry, out: &mut Commands) -> f32 {
    ui.painter().rect_filled(room, 0, ui.tokens().selected);
    rule(ui, room);
    let left = room.left() + PAD + if room.width() > 700.0 { WIDTHS[0] } else { 0.0 };
    let inside = Rect::from_min_max(pos2(left, room.top() + 2.0), pos2(room.right() - PAD, room.bottom()));
    let builder = UiBuilder::new().id_salt("why").max_rect(inside).layout(Layout::top_down(Align::Min));
    let mut inner = ui.new_child(builder);
    let shown = card_frame(&inner).inner_margin(Margin::symmetric(14, 10)).show(&mut inner, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = 6.0;
        why_head(ui, model, entry, out);
        if entry.reasons.is_empty() {
            ui.label(text::dim(t!("Nothing was decided that could have failed.")));
        }
        for (at, reason) in entry.reasons.iter().enumerate() {
            ui.push_id(at, |ui| decision(ui, reason));
        }
        faults(ui, entry);
    });
    shown.response.rect.bottom() - room.top() + 12.0
}

fn why_head(ui: &mut Ui, model: &Model, entry: &Entry, out: &mut Commands) {
    let made = exchange_of(model, entry);
    ends_in_row(
        ui,
        size::ROW,
        |ui| {
            super::heading(ui, t!("Why it decided so"));
            short(ui, text::note(t!("in this order, up to the first that fails")));
        },
        |ui| {
            if let Some(at) = made
                && ui.add(Button::secondary(t!("Show in the run")).small()).clicked()
            {
                out.push(Command::Go(Tab::Grant(flow(model).grant)));
                out.push(Command::Select(Target::Request(at)));
            }
        },
    );
}

/// The exchange of the present run that this request was, when there is one only.
fn exchange_of(model: &Model, entry: &Entry) -> Option<usize> {
    let tls = model.practice_tls.as_ref().map(|tls| tls.origin.origin());
    let plain = model.practice.as_ref().ok().map(url::Url::origin);
    let is_here = |exchange: &Exchange| {
        let origin = Some(exchange.request.url.origin());
        origin == plain || origin == tls
    };
    let is_then = |exchange: &Exchange| {
        let end = if matches!(exchange.answer, Answer::Pending) { model.now } else { exchange.came_at() };
        exchange.sent_at <= entry.at && entry.at <= end
    };
    let is_same = |exchange: &Exchange| {
        exchange.request.url.path() == entry.path && exchange.request.method == entry.method && is_then(exchange)
    };
    let exchanges = flow(model).trace.exchanges.iter().enumerate();
    let mut fitting = exchanges.filter(|(_, exchange)| is_here(exchange) && is_same(exchange)).map(|(at, _)| at);
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

fn decision(ui: &mut Ui, reason: &Reason) {
    let tokens = ui.tokens();
    let (icon, tone) = match reason.outcome {
        Outcome::Held => (icons::CHECK, Tone::Ok),
        Outcome::Failed => (icons::X, Tone::Error),
        Outcome::NotReached => (icons::MINUS, Tone::Neutral),
    };
    let decided = sentence(&reason.what);
    let what = match reason.outcome {
        Outcome::Failed => text::strong(decided).color(tokens.error),
        Outcome::Held => egui::RichText::new(decided),
        Outcome::NotReached => text::dim(decided),
    };
    let saw = match reason.outcome {
        Outcome::NotReached => said(Outcome::NotReached.word()).into(),
        Outcome::Held | Outcome::Failed => sentence(&reason.saw),
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        mark(ui, icon, tone.ink(tokens), said(reason.outcome.word()));
        let width = (ui.available_width() * 0.42).round();
        wrapped(ui, width, what);
        wrapped(ui, ui.available_width(), text::mono(saw).color(tokens.dim));
    });
    if let Some(compared) = &reason.compared {
        comparison(ui, compared);
    }
}

fn wrapped(ui: &mut Ui, width: f32, words: egui::RichText) {
    let layout = Layout::top_down(Align::Min);
    ui.allocate_ui_with_layout(vec2(width, 0.0), layout, |ui| {
        ui.set_width(width);
        ui.add(Label::new(words).wrap());
    });
}

/// The two values below each other, the first letter that differs marked.
fn comparison(ui: &mut Ui, compared: &Compared) {
    let tokens = ui.tokens();
    let (came, known) = (&compared.came, &compared.known);
    let differs = came.1.chars().zip(known.1.chars()).take_while(|(a, b)| a == b).count();
    let frame = Frame::new()
        .fill(tokens.field)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(size::RADIUS)
        .outer_margin(Margin { left: 24, ..Margin::ZERO })
        .inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = 3.0;
        for (name, value) in [came, known] {
            ui.horizontal_top(|ui| {
                wrapped(ui, 190.0_f32.min(ui.available_width() * 0.4), text::mono(name).color(tokens.dim));
                ui.add(Label::new(marked(ui, value, differs)).wrap());
            });
        }
    });
}

fn marked(ui: &Ui, value: &str, differs: usize) -> LayoutJob {
    let tokens = ui.tokens();
    let font = TextStyle::Monospace.resolve(ui.style());
    let plain = TextFormat::simple(font, tokens.text);
    let loud = TextFormat {
        font_id: text::mono_strong_style().resolve(ui.style()),
        color: tokens.error,
        background: tokens.error_soft,
        ..plain.clone()
    };
    let begin = value.char_indices().nth(differs).map_or(value.len(), |(at, _)| at);
    let end = value[begin..].chars().next().map_or(begin, |letter| begin + letter.len_utf8());
    let mut job = LayoutJob::default();
    job.append(&value[..begin], 0.0, plain.clone());
    job.append(&value[begin..end], 0.0, loud);
    job.append(&value[end..], 0.0, plain);
    job
}

fn faults(ui: &mut Ui, entry: &Entry) {
    if entry.faults.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(text::note(t!("Wrong on purpose, since it was switched on:")));
        for fault in &entry.faults {
            badge(ui, Tone::Warn, &fault.to_string());
        }
    });
}
