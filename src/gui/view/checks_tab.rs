//! All verdicts of the run, the worst first, and one of them in full.

use egui::{
    Align, Id, Label, Layout, Margin, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{Commands, expect, expected, explained, finding};
use crate::base::check::{Check, Tally, Verdict};
use crate::expect::Subject;
use crate::gui::checks::{Line, lines};
use crate::gui::command::Command;
use crate::gui::language::{self, said, t};
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::explained as widget;
use crate::gui::widgets::{Caption, EmptyState, Field, Tone, badge, card_frame, in_room, spec_link, verdict_badge};

const ROW: f32 = 37.0;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tally = Tally::of(model.run.flow.checks());
    // Of a run of this program it is told where the run is shown.
    if model.run.told.is_some() {
        finding::show(ui, model, out);
    }
    if tally == Tally::default() && model.expect.met.is_empty() {
        let state = EmptyState::new(icons::SHIELD_CHECK, t!("No verdicts yet"))
            .text(t!("Each answer of a run is held against the specifications. The verdicts gather here."));
        if state.action(t!("Run the flow")).show(ui) {
            out.push(Command::RunToEnd);
        }
        return;
    }
    let room = ui.available_rect_before_wrap();
    let detail_width = (room.width() * 0.34).clamp(260.0, 420.0);
    let middle = room.right() - detail_width;
    let left = Rect::from_min_max(room.min, pos2(middle - 16.0, room.bottom()));
    let right = Rect::from_min_max(pos2(middle, room.top()), room.max);
    let lines = lines(&model.run, model.check_filter, &model.check_search);
    let first = lines.iter().find_map(|line| match line {
        Line::Check(at, _) => Some(*at),
        Line::Stage(_) => None,
    });
    let selected = model.run.selected_check.or(first);
    let shown = selected.filter(|_| model.expect.selected.is_none());
    in_room(ui, "list", left, |ui| {
        expected::section(ui, model, out);
        ui.add_space(size::SPACE);
        head(ui, model, &tally, out);
        ui.add_space(size::SPACE);
        list(ui, &lines, shown, out);
    });
    in_room(ui, "detail", right, |ui| {
        ScrollArea::vertical().id_salt("check").auto_shrink(false).show(ui, |ui| {
            let margin = Margin { right: 10, ..Margin::ZERO };
            if egui::Frame::new().inner_margin(margin).show(ui, |ui| expected::detail(ui, model, out)).inner {
                return;
            }
            if let Some(check) = selected.and_then(|at| model.run.flow.checks().nth(at)) {
                detail(ui, model, check, out);
            }
        });
    });
}

/// What leaves only some of them in the list: counts by verdict when pressed, and words.
fn head(ui: &mut Ui, model: &Model, tally: &Tally, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        for verdict in Verdict::ALL.into_iter().filter(|verdict| tally.count(*verdict) > 0) {
            let words = language::tallied(&tally.counted(verdict));
            let is_on = model.check_filter == Some(verdict);
            if chip(ui, verdict.into(), &words, is_on).clicked() {
                out.push(Command::FilterChecks((!is_on).then_some(verdict)));
            }
        }
    });
    ui.add_space(4.0);
    let mut search = model.check_search.clone();
    Field::new(Caption::new(t!("Search"))).placeholder(t!("rule, claim, value, stage, section")).show(ui, &mut search);
    if search != model.check_search {
        out.push(Command::SearchChecks(search));
    }
}

/// The checks under their stages.
fn list(ui: &mut Ui, lines: &[Line<'_>], selected: Option<usize>, out: &mut Commands) {
    card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        if lines.is_empty() {
            let padded = egui::Frame::new().inner_margin(size::CARD_PADDING);
            padded.show(ui, |ui| ui.label(text::dim(t!("No check says this."))));
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().id_salt("checks").auto_shrink(false);
        let seen = ui.scope_id().with("seen");
        if let Some(offset) = offset_of_news(ui, seen, selected, lines) {
            area = area.vertical_scroll_offset(offset);
        }
        let clicked = area.show_rows(ui, ROW, lines.len(), |ui, range| rows(ui, &lines[range], selected)).inner;
        if let Some(at) = clicked {
            // It is in sight already.
            ui.data_mut(|data| data.insert_temp(seen, Some(at)));
            out.push(Command::SelectCheck(at));
        }
    });
}

/// Those in sight; the one that was clicked.
fn rows(ui: &mut Ui, lines: &[Line<'_>], selected: Option<usize>) -> Option<usize> {
    let width = ui.available_width();
    let mut clicked = None;
    for line in lines {
        match line {
            Line::Stage(words) => stage(ui, width, words),
            Line::Check(at, check) => {
                let response = ui.push_id(at, |ui| row(ui, width, check, selected == Some(*at))).inner;
                clicked = response.clicked().then_some(*at).or(clicked);
            }
        }
    }
    clicked
}

/// The heading of a stage.
fn stage(ui: &mut Ui, width: f32, words: &str) {
    let (_, rect) = ui.allocate_space(vec2(width, ROW));
    let tokens = ui.tokens();
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.line));
    let inner = rect.shrink2(vec2(12.0, 0.0)).with_min_y(rect.top() + 6.0);
    let builder = UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| crate::gui::widgets::group_head(ui, words));
}

/// Where the list scrolls to, once, when another check is shown that was not selected here.
fn offset_of_news(ui: &Ui, seen: Id, selected: Option<usize>, lines: &[Line<'_>]) -> Option<f32> {
    let is_it = |line: &Line<'_>| matches!(line, Line::Check(at, _) if Some(*at) == selected);
    let row = lines.iter().position(is_it)?;
    let is_known = ui.data(|data| data.get_temp::<Option<usize>>(seen)) == Some(selected);
    ui.data_mut(|data| data.insert_temp(seen, selected));
    let above = (ui.available_height() / 3.0).max(ROW);
    (!is_known).then(|| (row as f32 * ROW - above).max(0.0))
}

/// A count that is a button: pressed, it leaves only its verdict in the list.
fn chip(ui: &mut Ui, tone: Tone, words: &str, is_on: bool) -> Response {
    let shown = badge(ui, tone, words);
    let response = ui.interact(shown.rect, shown.id.with("filter"), Sense::click());
    let tokens = ui.tokens();
    if is_on || response.has_focus() || response.hovered() {
        let stroke = Stroke::new(1.0, tone.ink(tokens));
        ui.painter().rect_stroke(shown.rect, 10, stroke, StrokeKind::Inside);
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, t!("Show only {words}", words)));
    response
}

fn row(ui: &mut Ui, width: f32, check: &Check, is_selected: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
    let tokens = ui.tokens();
    if is_selected || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 0, if is_selected { tokens.selected } else { tokens.button_hover });
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.line));
    let mut left = rect.left() + 12.0;
    let mut cell = |ui: &mut Ui, width: f32, content: &dyn Fn(&mut Ui)| {
        let room =
            Rect::from_min_max(pos2(left, rect.top()), pos2((left + width).min(rect.right() - 12.0), rect.bottom()));
        left += width + 10.0;
        if room.is_positive() {
            let builder = UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center));
            ui.scope_builder(builder, |ui| content(ui));
        }
    };
    let line = |words: RichText| Label::new(words).truncate().selectable(false);
    cell(ui, 66.0, &|ui| drop(verdict_badge(ui, check.verdict)));
    cell(ui, 205.0, &|ui| drop(ui.add(line(text::mono(check.rule.id).color(tokens.dim)))));
    cell(ui, f32::INFINITY, &|ui| {
        ui.add(line(text::strong(said(check.rule.title))));
        if let (Some(actual), true) = (&check.actual, ui.available_width() > 50.0) {
            ui.add(line(text::dim(actual.as_str())));
        }
    });
    let name = format!("{}: {}, {}", said(check.verdict.word()), said(check.rule.title), check.rule.id);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_selected, &name));
    widget::explained(ui, response, rect, || Some(explained::rule(check.rule)))
}

fn detail(ui: &mut Ui, model: &Model, check: &Check, out: &mut Commands) {
    let rule = check.rule;
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, check.verdict);
        ui.label(text::title(said(rule.title)));
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(format!("{} · {}", rule.id, said(rule.level.word()))).color(ui.tokens().dim));
        spec_link(ui, rule.spec);
        expect::button(ui, model, rule.id, |ui| expect::menu(ui, model, &[Subject::Rule(rule)], None, out));
    });
    for (title, words) in [(t!("Expected"), check.expected.as_deref()), (t!("Saw"), check.actual.as_deref())] {
        if let Some(words) = words {
            section(ui, title);
            ui.add(Label::new(text::mono(words)).wrap());
        }
    }
    section(ui, t!("Why it matters"));
    ui.label(said(rule.why));
    if let Some(rejects) = rule.rejects {
        section(ui, t!("When it fails, the run ends"));
        ui.label(said(rejects));
    }
    section(ui, t!("What to do"));
    ui.label(said(rule.fix));
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(12.0);
    crate::gui::widgets::group_head(ui, title);
}
