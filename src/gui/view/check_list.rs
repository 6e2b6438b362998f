//! A list of verdicts under their stages, and one of them in full.

use egui::{
    Align, Id, Label, Layout, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::{Commands, expect, explained};
use crate::base::check::{Check, Level, Rule};
use crate::base::spec::Spec;
use crate::expect::Subject;
use crate::gui::checks::Line;
use crate::gui::language::{said, sentence, t};
use crate::gui::mask::Mask;
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::explained as widget;
use crate::gui::widgets::{Tone, badge, card_frame, spec_link, verdict_badge};

const ROW: f32 = 37.0;

/// The checks under their stages, or why there are none; the one that was clicked.
pub fn list(ui: &mut Ui, mask: Mask<'_>, lines: &[Line<'_>], selected: Option<usize>, nothing: &str) -> Option<usize> {
    let frame = card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        if lines.is_empty() {
            let padded = egui::Frame::new().inner_margin(size::CARD_PADDING);
            padded.show(ui, |ui| ui.label(text::dim(nothing)));
            return None;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().id_salt("checks").auto_shrink(false);
        let seen = ui.scope_id().with("seen");
        if let Some(offset) = offset_of_news(ui, seen, selected, lines) {
            area = area.vertical_scroll_offset(offset);
        }
        let clicked = area.show_rows(ui, ROW, lines.len(), |ui, range| rows(ui, mask, &lines[range], selected)).inner;
        if let Some(at) = clicked {
            // It is in sight already.
            ui.data_mut(|data| data.insert_temp(seen, Some(at)));
        }
        clicked
    });
    frame.inner
}

/// Those in sight; the one that was clicked.
fn rows(ui: &mut Ui, mask: Mask<'_>, lines: &[Line<'_>], selected: Option<usize>) -> Option<usize> {
    let width = ui.available_width();
    let mut clicked = None;
    for line in lines {
        match line {
            Line::Stage(words) => stage(ui, width, words),
            Line::Check(at, check) => {
                let response = ui.push_id(at, |ui| row(ui, mask, width, check, selected == Some(*at))).inner;
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

/// A pill that is a button: pressed, it is on. `name` says what it does.
pub fn chip(ui: &mut Ui, tone: Tone, words: &str, is_on: bool, name: &str) -> Response {
    let shown = badge(ui, tone, words);
    let response = ui.interact(shown.rect, shown.id.with("filter"), Sense::click());
    let tokens = ui.tokens();
    if is_on || response.has_focus() || response.hovered() {
        let stroke = Stroke::new(1.0, tone.ink(tokens));
        ui.painter().rect_stroke(shown.rect, 10, stroke, StrokeKind::Inside);
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, name));
    response
}

fn row(ui: &mut Ui, mask: Mask<'_>, width: f32, check: &Check, is_selected: bool) -> Response {
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
            ui.add(line(text::dim(mask.words(&sentence(actual)))));
        }
    });
    let name = format!("{}: {}, {}", said(check.verdict.word()), said(check.rule.title), check.rule.id);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_selected, &name));
    widget::explained(ui, response, rect, || Some(explained::rule(check.rule)))
}

/// One in full, at the level and by the section of whoever judges.
pub fn detail(ui: &mut Ui, model: &Model, check: &Check, (level, spec): (Level, Spec), out: &mut Commands) {
    let rule = check.rule;
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, check.verdict);
        ui.label(text::title(said(rule.title)));
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(format!("{} · {}", rule.id, said(level.word()))).color(ui.tokens().dim));
        spec_link(ui, spec);
        expect::button(ui, model, rule.id, |ui| expect::menu(ui, model, &[Subject::Rule(rule)], None, out));
    });
    for (title, words) in [(t!("Expected"), check.expected.as_deref()), (t!("Saw"), check.actual.as_deref())] {
        if let Some(words) = words {
            section(ui, title);
            ui.add(Label::new(text::mono(model.mask().words(&sentence(words)))).wrap());
        }
    }
    about_rule(ui, rule);
}

/// Why a rule matters, and what to do.
pub fn about_rule(ui: &mut Ui, rule: &Rule) {
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
