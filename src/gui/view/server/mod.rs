//! The Server tab: what the practice server was asked and does wrong on purpose, and what the server of the run says
//! about itself.

mod discovery;
mod faults;
mod holdings;
mod keys;
mod metadata;
mod practice;
mod support;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, CursorIcon, FontId, Frame, Label, Layout, Margin, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind,
    TextStyle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::Commands;
use crate::base::check::{Check, Tally, Verdict};
use crate::base::text::{counted, visible};
use crate::flow::Flow;
use crate::flow::stage::Stage;
use crate::gui::command::Command;
use crate::gui::language::{self, t};
use crate::gui::model::{Model, ServerAct, ServerPlace, Side, Tab};
use crate::gui::theme::{Icon, TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, Tone, badge, card_frame, copy_button, ends_in_row, paint};

/// Between the cards.
const GAP: f32 = 11.0;
/// Space at both ends of a row.
const PAD: f32 = 14.0;

/// The run that is shown.
fn flow(model: &Model) -> &Flow {
    &model.run.flow
}

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    head(ui, model, out);
    ui.add_space(2.0);
    let room = ui.available_rect_before_wrap();
    let (left, right) = columns(room);
    match (model.server_side(), model.is_narrow) {
        (Side::Requests, true) => practice::show(ui, room, model, out),
        (Side::Faults, _) => faults::show(ui, room, model, out),
        (Side::Requests, false) => {
            practice::show(ui, left, model, out);
            faults::show(ui, right, model, out);
        }
        (Side::Discovery | Side::Support, _) if !discovery::has_begun(model) => discovery::empty(ui, model, out),
        (Side::Discovery, true) => real(ui, room, model, out),
        (Side::Support, _) => support::show(ui, room, model),
        (Side::Discovery, false) => {
            real(ui, left, model, out);
            support::show(ui, right, model);
        }
    }
}

fn columns(room: Rect) -> (Rect, Rect) {
    let right = (room.width() * 0.3).clamp(330.0, 420.0).round();
    let middle = room.right() - right;
    (room.with_max_x(middle - GAP), room.with_min_x(middle))
}

/// What the server of the run says about itself: where it was found, what it says, its keys.
fn real(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) {
    let top = discovery::show(ui, room, model, out) + GAP;
    let bottom = keys::height(model, room.height()).map_or(room.bottom(), |height| room.bottom() - height);
    let end = if bottom < room.bottom() { bottom - GAP } else { bottom };
    metadata::show(ui, room.with_min_y(top).with_max_y(end), model, out);
    if bottom < room.bottom() {
        keys::show(ui, room.with_min_y(bottom), model);
    }
}

/// The sides, where the server is, and what can be done with all of it.
fn head(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.is_narrow {
        ui.horizontal_wrapped(|ui| sides(ui, model, out));
        ui.add_space(4.0);
    }
    let mut from_right = Commands::new();
    if model.is_narrow {
        ends_in_row(ui, size::BUTTON, |ui| place(ui, model, out), |ui| of_all(ui, model, &mut from_right));
        out.append(&mut from_right);
        return;
    }
    ends_in_row(
        ui,
        32.0,
        |ui| {
            sides(ui, model, out);
            ui.add_space(4.0);
            place(ui, model, out);
        },
        |ui| of_all(ui, model, &mut from_right),
    );
    out.append(&mut from_right);
}

/// One of these is shown; those without room for two columns have four.
fn sides(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let shown = model.server_side();
    let all: &[(Side, &str)] = match model.is_narrow {
        true => &[
            (Side::Requests, t!("Requests")),
            (Side::Faults, t!("Faults")),
            (Side::Discovery, t!("Discovery, metadata, keys")),
            (Side::Support, t!("Support")),
        ],
        false => {
            &[(Side::Requests, t!("Requests and faults")), (Side::Discovery, t!("Discovery, metadata, keys, support"))]
        }
    };
    let tokens = ui.tokens();
    let frame = Frame::new()
        .fill(tokens.field)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(size::RADIUS)
        .inner_margin(Margin::same(2));
    let list = frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (side, title) in all.iter().filter(|(side, _)| !side.is_practice() || model.server.practice.is_some()) {
            if segment(ui, title, *side == shown).clicked() {
                out.push(Command::Server(ServerAct::Show(*side)));
            }
        }
    });
    ui.ctx().accesskit_node_builder(list.response.id, |node| {
        node.set_role(Role::TabList);
        node.set_label(t!("Sides of the server"));
    });
}

fn segment(ui: &mut Ui, title: &str, is_on: bool) -> Response {
    let tokens = ui.tokens();
    let style = if is_on { text::strong_style() } else { TextStyle::Body };
    // As wide as in bold, so that nothing moves when another one is chosen.
    let bold = line(ui, title, text::strong_style().resolve(ui.style()));
    let (rect, response) = ui.allocate_exact_size(vec2((bold.size().x + 24.0).ceil(), 26.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Tab, true, title));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(is_on));
    if is_on {
        ui.painter().rect_filled(rect, 4, tokens.selected);
    }
    let ink = if is_on || response.hovered() || response.has_focus() { tokens.strong } else { tokens.dim };
    let label = line(ui, title, style.resolve(ui.style()));
    ui.painter().galley_with_override_text_color(rect.center() - label.size() / 2.0, label, ink);
    focus_ring(ui, &response, rect);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

fn line(ui: &Ui, words: &str, font: FontId) -> std::sync::Arc<egui::Galley> {
    let format = TextFormat::simple(font, ui.tokens().text);
    ui.fonts_mut(|fonts| fonts.layout_job(LayoutJob::single_section(words.to_owned(), format)))
}

fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 4, Stroke::new(1.5, ui.tokens().accent), StrokeKind::Inside);
    }
}

/// Where the server of this side is, and which of those that run is shown.
fn place(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let is_practice = model.server_side().is_practice();
    let servers = &model.server.servers;
    let issuer = match (is_practice, servers.get(model.server.chosen)) {
        (true, Some(server)) => server.issuer.clone(),
        _ => flow(model)
            .session
            .issuer(&flow(model).settings)
            .map(|issuer| visible(issuer).into_owned())
            .unwrap_or_default(),
    };
    ui.spacing_mut().item_spacing.x = 6.0;
    if is_practice {
        let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
        ui.painter().circle_filled(dot.center(), 4.0, Tone::Ok.ink(ui.tokens()));
        ui.label(t!("Running at"));
    }
    if issuer.is_empty() {
        return;
    }
    match is_practice && servers.len() > 1 {
        true => chooser(ui, servers, &issuer, out),
        false => drop(ui.add(Label::new(text::mono(&issuer)).truncate())),
    }
    copy_button(ui, "issuer", &issuer);
    if let Some(seen) = model.server.practice.as_ref().filter(|_| is_practice) {
        let since = model.server.since.map(crate::gui::clock_time).unwrap_or_default();
        let since = since.rsplit_once(':').map_or("", |(minutes, _)| minutes);
        let requests = if seen.requests == 1 { t!("request") } else { t!("requests") };
        ui.add(
            Label::new(text::note(t!("since {since}, {count} {requests}", since, count = seen.requests, requests)))
                .truncate(),
        );
    }
}

/// The servers that run, each with what it was asked.
fn chooser(ui: &mut Ui, servers: &[ServerPlace], shown: &str, out: &mut Commands) {
    let response = Button::secondary(shown).small().menu(ui, |ui| {
        for (at, server) in servers.iter().enumerate() {
            let requests = if server.requests == 1 { t!("request") } else { t!("requests") };
            let words = format!("{}  {} {requests}", server.issuer, server.requests);
            if ui.selectable_label(server.issuer == shown, words).clicked() {
                out.push(Command::Server(ServerAct::Choose(at)));
                ui.close();
            }
        }
    });
    response.on_hover_text(t!("Which server is shown"));
}

/// What can be done with everything on this side, or what came of it.
fn of_all(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.server_side().is_practice() {
        let is_empty = model.server.practice.as_ref().is_none_or(|seen| seen.log.is_empty());
        if ui.add_enabled(!is_empty, Button::secondary(t!("Clear the log"))).clicked() {
            out.push(Command::Server(ServerAct::ClearLog));
        }
        return;
    }
    let tally = Tally::of(about_server(model));
    for verdict in Verdict::ALL {
        if tally.count(verdict) > 0 && verdict != Verdict::Skipped {
            badge(ui, verdict.into(), &language::tallied(&tally.counted(verdict)));
        }
    }
}

/// The checks of what the server says about itself.
fn about_server(model: &Model) -> impl Iterator<Item = &Check> {
    let exchanges = flow(model).trace.exchanges.iter();
    exchanges
        .filter(|exchange| matches!(exchange.stage, Stage::Discovery | Stage::Jwks))
        .flat_map(|exchange| &exchange.checks)
}

/// Beside the provider: how many faults are on.
pub fn fault_chip(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let count = model.faults_on();
    if count == 0 || !model.is_practice() {
        return;
    }
    let words = counted(count, t!("fault on"), t!("faults on"));
    if chip(ui, Tone::Warn, Some(icons::BUG), &words).on_hover_text(t!("What the practice server does wrong")).clicked()
    {
        let side = if model.is_narrow { Side::Faults } else { Side::Requests };
        let servers = &model.server.servers;
        if servers.get(model.server.chosen).is_none_or(|shown| shown.faults == 0)
            && let Some(at) = servers.iter().position(|server| server.faults > 0)
        {
            out.push(Command::Server(ServerAct::Choose(at)));
        }
        out.push(Command::Server(ServerAct::Show(side)));
        out.push(Command::Go(Tab::Server));
    }
}

/// A pill that can be pressed.
fn chip(ui: &mut Ui, tone: Tone, icon: Option<Icon>, words: &str) -> Response {
    let response = pill(ui, tone, icon, words, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    if response.has_focus() || response.hovered() {
        let stroke = Stroke::new(1.0, tone.ink(ui.tokens()));
        ui.painter().rect_stroke(response.rect, 11, stroke, StrokeKind::Inside);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// A word on the ground of its tone, after an icon that says the same.
fn tag(ui: &mut Ui, tone: Tone, words: &str) -> Response {
    let response = pill(ui, tone, Some(tone.icon()), words, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response
}

fn pill(ui: &mut Ui, tone: Tone, icon: Option<Icon>, words: &str, sense: Sense) -> Response {
    let tokens = ui.tokens();
    let label = line(ui, words, TextStyle::Small.resolve(ui.style()));
    let beside = if icon.is_some() { 19.0 } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2((label.size().x + beside + 18.0).ceil(), 22.0), sense);
    ui.painter().rect_filled(rect, 11, tone.ground(tokens));
    let left = rect.left_center() + vec2(9.0, 0.0);
    if let Some(icon) = icon {
        paint::icon(ui, left + vec2(7.0, 0.0), icon, 14.0, tone.ink(tokens));
    }
    let at = left + vec2(beside, -label.size().y / 2.0);
    ui.painter().galley_with_override_text_color(at, label, tone.ink(tokens));
    response
}

/// Words that lead somewhere.
fn link(ui: &mut Ui, words: RichText, name: &str, role: Role) -> Response {
    let tokens = ui.tokens();
    let label = Label::new(words.color(tokens.link)).selectable(false).truncate().sense(Sense::click());
    let response = ui.add(label);
    response.widget_info(|| WidgetInfo::labeled(role, true, name));
    if response.hovered() || response.has_focus() {
        let rect = response.rect;
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, Stroke::new(1.0, tokens.link));
    }
    focus_ring(ui, &response, response.rect.expand(2.0));
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Where the Checks tab has the worst check of this rule; `None` where the run has no such check.
fn check_at(checks: &[(Stage, &Check)], rule: &str) -> Option<usize> {
    let own = |(at, (_, check)): (usize, &(Stage, &Check))| (check.rule.id == rule).then_some((check.verdict, at));
    checks.iter().enumerate().filter_map(own).min().map(|(_, at)| at)
}

/// Goes to the Checks tab with this check selected.
fn show_check(at: usize, out: &mut Commands) {
    out.push(Command::FilterChecks(None));
    out.push(Command::SelectCheck(at));
    out.push(Command::Go(Tab::Checks));
}

/// A card that fills its room, without space inside.
fn panel<R>(ui: &mut Ui, name: &str, room: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let inside = room.shrink(1.0);
    ui.painter().add(card_frame(ui).inner_margin(0).paint(inside));
    let builder = UiBuilder::new().id_salt(name).max_rect(inside).layout(Layout::top_down(Align::Min));
    let shown = ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(inside.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui)
    });
    // Again over what was drawn in it, whose corners are not round.
    let line = Stroke::new(1.0, ui.tokens().line);
    ui.painter().rect_stroke(room, size::CARD_RADIUS, line, StrokeKind::Inside);
    shown.inner
}

/// The head of a card: a title with words beside it, and what can be done at the right.
fn title(ui: &mut Ui, height: f32, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    let width = ui.available_width();
    let (_, rect) = ui.allocate_space(vec2(width, height));
    rule(ui, rect);
    let builder = UiBuilder::new().max_rect(rect.shrink2(vec2(PAD, 0.0))).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        ends_in_row(ui, height, left, right);
    });
}

/// The line under a row.
fn rule(ui: &Ui, row: Rect) {
    ui.painter().hline(row.x_range(), row.bottom() - 0.5, Stroke::new(1.0, ui.tokens().line));
}

/// A heading as a screen reader knows it.
fn heading(ui: &mut Ui, words: &str) {
    let response = ui.add(Label::new(text::strong(words)).selectable(false));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Heading);
        node.set_label(words);
    });
}

/// What stands in one place of a row, in the middle of its height.
fn cell<R>(ui: &mut Ui, room: Rect, content: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    if !room.is_positive() {
        return None;
    }
    let builder = UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center));
    Some(ui.scope_builder(builder, content).inner)
}

/// One line that ends in `…` where there is no room, with all of it under the pointer.
fn short(ui: &mut Ui, words: RichText) -> Response {
    ui.add(Label::new(words).truncate().selectable(false))
}

/// Places of a row from left to right; the last takes the rest.
fn places<const N: usize>(row: Rect, widths: [f32; N]) -> [Rect; N] {
    let mut left = row.left() + PAD;
    let end = row.right() - PAD;
    widths.map(|width| {
        let place = Rect::from_min_max(pos2(left, row.top()), pos2((left + width - 10.0).min(end), row.bottom()));
        left += width;
        place
    })
}

/// A mark with its word for those who do not see it.
fn mark(ui: &mut Ui, icon: Icon, ink: egui::Color32, word: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
    paint::icon(ui, rect.center(), icon, 14.0, ink);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    response.on_hover_text(word);
}
