//! All verdicts of the run, grouped by stage, and one of them in full.

use egui::{
    Align, Label, Layout, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::Commands;
use crate::base::check::{Check, Tally, Verdict};
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{EmptyState, Tone, badge, card_frame, verdict_badge};

const ROW: f32 = 37.0;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let checks: Vec<(&Check, &'static str)> =
        model.run.flow.trace.checks().into_iter().map(|(stage, check)| (check, stage.slug())).collect();
    if checks.is_empty() {
        EmptyState::new(icons::SHIELD_CHECK, "No verdicts yet")
            .text("Each answer of a run is held against the specifications. The verdicts gather here.")
            .show(ui);
        return;
    }
    let room = ui.available_rect_before_wrap();
    let detail_width = (room.width() * 0.34).clamp(260.0, 420.0);
    let middle = room.right() - detail_width;
    let left = Rect::from_min_max(room.min, pos2(middle - 16.0, room.bottom()));
    let right = Rect::from_min_max(pos2(middle, room.top()), room.max);
    let worst = checks.iter().enumerate().min_by_key(|(_, (check, _))| check.verdict).map(|(at, _)| at);
    let selected = model.run.selected_check.or(worst);
    part(ui, left, |ui| list(ui, model, &checks, selected, out));
    part(ui, right, |ui| {
        ScrollArea::vertical().id_salt("check").auto_shrink(false).show(ui, |ui| {
            if let Some((check, _)) = selected.and_then(|at| checks.get(at)) {
                detail(ui, check);
            }
        });
    });
}

fn part(ui: &mut Ui, room: Rect, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.expand(2.0).intersect(ui.clip_rect()));
        content(ui);
    });
}

/// Counts by verdict, which filter when pressed, and the list.
fn list(ui: &mut Ui, model: &Model, checks: &[(&Check, &'static str)], selected: Option<usize>, out: &mut Commands) {
    let tally = Tally::of(checks.iter().map(|(check, _)| *check));
    ui.horizontal_wrapped(|ui| {
        for verdict in Verdict::ALL.into_iter().filter(|verdict| tally.count(*verdict) > 0) {
            let words = tally.counted(verdict);
            let is_on = model.check_filter == Some(verdict);
            if chip(ui, verdict.into(), &words, is_on).clicked() {
                out.push(Command::FilterChecks((!is_on).then_some(verdict)));
            }
        }
    });
    ui.add_space(size::SPACE);
    let shown: Vec<usize> = (0..checks.len())
        .filter(|at| model.check_filter.is_none_or(|verdict| checks[*at].0.verdict == verdict))
        .collect();
    card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().id_salt("checks").auto_shrink(false);
        if let Some(offset) = offset_of_news(ui, model, selected, &shown) {
            area = area.vertical_scroll_offset(offset);
        }
        area.show_rows(ui, ROW, shown.len(), |ui, range| {
            let width = ui.available_width();
            for at in range.map(|row| shown[row]) {
                let (check, stage) = checks[at];
                ui.push_id(at, |ui| row(ui, width, at, check, stage, selected == Some(at), out));
            }
        });
    });
}

/// Where the list scrolls to, once, when a run has brought another check to look at first. What the user selects is in
/// sight already.
fn offset_of_news(ui: &Ui, model: &Model, selected: Option<usize>, shown: &[usize]) -> Option<f32> {
    let id = ui.scope_id().with("scrolled to");
    let row = shown.iter().position(|at| Some(*at) == selected)?;
    let is_known = ui.data(|data| data.get_temp::<Option<usize>>(id)) == Some(selected);
    ui.data_mut(|data| data.insert_temp(id, selected));
    let above = (ui.available_height() / 3.0).max(ROW);
    (!is_known && model.run.selected_check.is_none()).then(|| (row as f32 * ROW - above).max(0.0))
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
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, format!("Show only {words}")));
    response
}

fn row(ui: &mut Ui, width: f32, at: usize, check: &Check, stage: &str, is_selected: bool, out: &mut Commands) {
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
    cell(ui, 80.0, &|ui| drop(ui.add(line(text::note(stage)))));
    cell(ui, 205.0, &|ui| drop(ui.add(line(text::mono(check.rule.id).color(tokens.dim)))));
    cell(ui, f32::INFINITY, &|ui| {
        ui.add(line(text::strong(check.rule.title)));
        if let (Some(actual), true) = (&check.actual, ui.available_width() > 50.0) {
            ui.add(line(text::dim(actual.as_str())));
        }
    });
    let name = format!("{}: {}, {}", check.verdict.word(), check.rule.title, check.rule.id);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_selected, &name));
    if response.clicked() {
        out.push(Command::SelectCheck(at));
    }
}

fn detail(ui: &mut Ui, check: &Check) {
    let rule = check.rule;
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, check.verdict);
        ui.label(text::title(rule.title));
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(format!("{} · {}", rule.id, rule.level.word())).color(ui.tokens().dim));
        match rule.spec.url() {
            Some(url) => ui.hyperlink_to(text::small(rule.spec.to_string()), url),
            None => ui.label(text::note(rule.spec.to_string())),
        };
    });
    for (title, words) in [("Expected", check.expected.as_deref()), ("Saw", check.actual.as_deref())] {
        if let Some(words) = words {
            section(ui, title);
            ui.add(Label::new(text::mono(words)).wrap());
        }
    }
    section(ui, "Why it matters");
    ui.label(rule.why);
    if let Some(rejects) = rule.rejects {
        section(ui, "When it fails, the run ends");
        ui.label(rejects);
    }
    section(ui, "What to do");
    ui.label(rule.fix);
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(12.0);
    crate::gui::widgets::group_head(ui, title);
}
